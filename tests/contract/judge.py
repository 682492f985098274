# SPDX-License-Identifier: MIT
"""The AWS CLI as judge of the rehearsal's answers.

A judged call must succeed, and what the server sent must be exactly what the CLI understood: the CLI
drops members that its model does not know and fails on values of a wrong type, so every member and
value of the raw answer is looked for in the CLI's output. A service is judged when every operation
that the server offers was called.
"""

import ast
import json
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections import Counter

from rehearsal import Cli, holds

HEADERS = re.compile(r"Response headers: (\{.*\})\n")
BODY = re.compile(r"Response body:\n(b'.*?'|b\".*?\")\n", re.S)


def kebab(name):
    """DescribeDBClusters → describe-db-clusters, as the CLI spells operations."""
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text).lower()


def normal(value):
    """Values as one text, however the two sides write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    stamp = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", text)
    if stamp:
        fraction = (stamp.group(2) or "").rstrip("0").rstrip(".")
        return stamp.group(1) + fraction + "Z"
    if re.fullmatch(r"-?\d+\.\d+", text):
        return repr(float(text))
    return text.strip()


def leaves(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield normal(value)


def xml_leaves(element):
    children = list(element)
    if not children and element.text and element.text.strip():
        # IAM's policy documents travel URL-encoded; the CLI prints them decoded.
        if element.text.startswith("%7B"):
            yield from leaves(json.loads(urllib.parse.unquote(element.text)))
        else:
            yield normal(element.text)
    for child in children:
        if not child.tag.endswith("ResponseMetadata"):
            yield from xml_leaves(child)


def compare_json(raw, parsed, path="$"):
    """Every member of the raw answer must be in what the CLI printed."""
    if isinstance(raw, dict):
        holds(isinstance(parsed, dict), f"{path} is no object for the CLI")
        for name, value in raw.items():
            if value is None:
                continue
            holds(name in parsed, f"{path}.{name} is unknown to the CLI's model")
            compare_json(value, parsed[name], f"{path}.{name}")
    elif isinstance(raw, list):
        holds(isinstance(parsed, list) and len(raw) == len(parsed), f"{path} differs in length")
        for index, value in enumerate(raw):
            compare_json(value, parsed[index], f"{path}[{index}]")
    else:
        holds(normal(raw) == normal(parsed), f"{path}: sent {raw!r}, understood {parsed!r}")


def compare_xml(raw, parsed, headers):
    """Members that travel in headers are in what the CLI printed too."""
    sent = Counter(xml_leaves(ElementTree.fromstring(raw)))
    understood = Counter(leaves(parsed))
    lost = sent - understood
    holds(not lost, f"sent but not understood: {dict(lost)}")
    made_up = understood - sent - Counter(normal(value) for value in headers.values())
    # An empty element is an empty text to the CLI.
    made_up.pop("", None)
    holds(not made_up, f"understood but not sent: {dict(made_up)}")


class Judge:
    def __init__(self, server, service, tap, model=None):
        self.server = server
        self.model = model or service
        self.service = service
        self.tap = tap
        self.cli = Cli(server)
        self.judged = set()

    def call(self, operation, *args, profile=None):
        """Calls an operation, judges the answer and returns it; names a failure and goes on."""
        result = {}

        def run():
            # Without this the CLI itself adds pages up and hides what marks their ends.
            paging = [] if "--page-size" in args else ["--no-paginate"]
            done = self.cli.run(self.service, kebab(operation), *args, *paging, "--debug",
                                profile=profile)
            holds(done.returncode == 0,
                  "\n".join(line for line in done.stderr.splitlines() if "rror" in line)[-400:])
            bodies = BODY.findall(done.stderr)
            holds(bodies, "the CLI shows no response body")
            parsed = json.loads(done.stdout) if done.stdout.strip() else {}
            result.update(parsed)
            raw = ast.literal_eval(bodies[-1])
            if raw.lstrip().startswith(b"<"):
                if len(bodies) == 1:
                    headers = HEADERS.findall(done.stderr)
                    compare_xml(raw, parsed, ast.literal_eval(headers[-1]) if headers else {})
            elif raw.strip() and len(bodies) == 1:
                compare_json(json.loads(raw), parsed)

        self.judged.add(operation)
        self.tap.claim(f"{self.service} {operation}", run)
        return result

    def refuses(self, code, operation, *args, profile=None):
        """A call that must end with an error code."""

        def run():
            have, text = self.cli.error(self.service, kebab(operation), *args, profile=profile)
            holds(have == code, f"have {have}, want {code}: {text[-300:]}")

        words = " ".join(args)[:60]
        self.tap.claim(f"{self.service} {operation} {words}: {code}", run)

    def is_true(self, claim, condition):
        self.tap.claim(f"{self.service}: {claim}", lambda: holds(condition, "it is not so"))

    def done(self):
        offered = set(self.server.control("GET", "operations")[self.model])
        self.tap.claim(f"{self.service}: every offered operation was judged",
                       lambda: holds(offered <= self.judged,
                                     f"not judged: {sorted(offered - self.judged)}"))
