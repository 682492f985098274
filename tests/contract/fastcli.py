# SPDX-License-Identifier: MIT
"""The AWS CLI inside this process, when its own modules can be imported: the same program, without
a second of start-up for each call. Every answer is judged against botocore's model on its way."""

import contextlib
import datetime
import io
import os
import re
import xml.etree.ElementTree as ElementTree

from rehearsal import Cli, Skip

try:
    import awscli.clidriver
except ImportError:
    awscli = None


def local(element):
    return element.tag.split("}")[-1]


class Judge:
    """Compares an answer of the query protocol with the shape that botocore expects, member by
    member: no unknown element, no value of another type, no list that is named wrongly."""

    def __init__(self):
        self.problems = []
        self.called = set()

    def answer(self, model, response):
        self.called.add(model.name)
        if response["status_code"] >= 300 or model.output_shape is None:
            return
        root = ElementTree.fromstring(response["body"])
        wrapper = model.output_shape.serialization.get("resultWrapper")
        inner = [child for child in root if local(child) == wrapper] if wrapper else [root]
        if wrapper and not inner:
            self.problems.append(f"{model.name}: no {wrapper}")
        for element in inner:
            self.value(model.output_shape, element, model.name)

    def value(self, shape, element, path):
        kind = {"structure": self.structure, "list": self.list}.get(shape.type_name)
        if kind:
            kind(shape, element, path)
        elif len(element):
            self.problems.append(f"{path}: has elements, but is {shape.type_name}")
        else:
            self.scalar(shape, element.text or "", path)

    def structure(self, shape, element, path):
        by_name = {m.serialization.get("name", n): m for n, m in shape.members.items()}
        seen = set()
        for child in element:
            name = local(child)
            if name in seen:
                self.problems.append(f"{path}.{name}: given twice")
            seen.add(name)
            if name in by_name:
                self.value(by_name[name], child, f"{path}.{name}")
            else:
                self.problems.append(f"{path}.{name}: is not in the model")

    def list(self, shape, element, path):
        name = shape.member.serialization.get("name", "member")
        for child in element:
            if local(child) != name:
                self.problems.append(f"{path}: element {local(child)}, not {name}")
            else:
                self.value(shape.member, child, f"{path}[]")

    def scalar(self, shape, text, path):
        patterns = {"boolean": r"true|false", "integer": r"-?\d+", "long": r"-?\d+",
                    "double": r"-?[\d.]+([eE]-?\d+)?",
                    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"}
        pattern = patterns.get(shape.type_name)
        if pattern and not re.fullmatch(pattern, text):
            self.problems.append(f"{path}: {text!r} is no {shape.type_name}")
        if shape.type_name == "timestamp" and not self.problems:
            datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Result:
    def __init__(self, returncode, stdout, stderr):
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr


class FastCli(Cli):
    def __init__(self, server, profile="production"):
        if awscli is None:
            raise Skip("the AWS CLI's modules cannot be imported by this interpreter")
        self.server = server
        self.profile = profile
        self.judge = Judge()
        self.drivers = {}

    def driver(self, profile, region):
        # A session remembers the region of its last command line, so each region has its own.
        if (profile, region) not in self.drivers:
            for name in [n for n in os.environ if n.startswith("AWS_") and n != "AWS_DATA_PATH"]:
                del os.environ[name]
            os.environ.update({k: v for k, v in self.server.environ().items()
                               if k.startswith("AWS_")})
            driver = awscli.clidriver.create_clidriver()
            driver.session.register("before-parse", self.before_parse)
            self.drivers[profile, region] = driver
        return self.drivers[profile, region]

    def before_parse(self, operation_model, response_dict, **_):
        if operation_model.service_model.metadata["protocol"] == "query":
            self.judge.answer(operation_model, response_dict)

    def run(self, service, operation, *args, profile=None, env=None):
        profile = profile or self.profile
        region = args[args.index("--region") + 1] if "--region" in args else None
        out, err = io.StringIO(), io.StringIO()
        command = ["--profile", profile, "--output", "json", service, operation, *args]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = self.driver(profile, region).main(command)
            except SystemExit as end:
                code = end.code
        return Result(code, out.getvalue(), err.getvalue())

    def rds(self, operation, *args, **kwargs):
        return self("rds", operation, *args, **kwargs)

    def refused(self, code, operation, *args, **kwargs):
        """The call must end with exactly this code; returns the message."""
        have, text = self.error("rds", operation, *args, **kwargs)
        if have != code:
            raise AssertionError(f"{operation}: have {have or text}, want {code}")
        return text


