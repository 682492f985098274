# SPDX-License-Identifier: MIT
"""Runs slipway-rehearsal for contract tests and calls it with the AWS CLI and by hand.

Only the standard library is used. A test prints TAP through `Tap`.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse


class Skip(Exception):
    pass


def aws_path():
    path = shutil.which("aws")
    if path is None:
        print("1..0 # SKIP the AWS CLI is not installed")
        sys.exit(77)
    return path


class Server:
    """A server with a state folder of its own, from start to end."""

    def __init__(self, binary, scenario=None, speed=3600, state=None, port=0, extra=()):
        self.binary = binary
        self.scenario = scenario
        self.speed = speed
        self.state = state or tempfile.mkdtemp(prefix="slipway-contract-")
        self.own_state = state is None
        self.extra = list(extra)
        self.process = None
        self.start(port)

    def start(self, port=0):
        command = [self.binary, "--state", self.state, "--port", str(port),
                   "--speed", str(self.speed), "--die-with-parent"] + self.extra
        if self.scenario:
            command += ["--scenario", self.scenario]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("endpoint="):
            raise RuntimeError(f"no endpoint line, but {line!r}")
        self.endpoint = line.strip().split("=", 1)[1]
        url = urllib.parse.urlparse(self.endpoint)
        self.host, self.port = url.hostname, url.port

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()
        return self.process.returncode

    def close(self):
        self.stop()
        if self.own_state:
            shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def http(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def control(self, method, path, value=None):
        body = None if value is None else json.dumps(value)
        status, _, text = self.http(method, "/_slipway/" + path, body)
        answer = json.loads(text)
        if status != 200:
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer

    def effects(self, operation):
        return self.control("GET", "state")["calls"].get(operation, {}).get("effects", 0)

    def environ(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        kept.update(AWS_CONFIG_FILE=os.path.join(self.state, "aws/config"),
                    AWS_SHARED_CREDENTIALS_FILE=os.path.join(self.state, "aws/credentials"),
                    AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_MAX_ATTEMPTS="1")
        return kept

    def keys(self, profile):
        """The access key, secret and token of a profile."""
        import configparser
        parser = configparser.RawConfigParser()
        parser.read(os.path.join(self.state, "aws/credentials"))
        section = parser[profile]
        return (section["aws_access_key_id"], section["aws_secret_access_key"],
                section.get("aws_session_token"))


class Fork:
    """The AWS CLI in a process that forks for each call; see cli-fork.py. None where the Python that
    runs this has no CLI to load."""

    helper = None
    tried = False

    @classmethod
    def get(cls):
        if not cls.tried:
            cls.tried = True
            helper = cls()
            if helper.process.stdout.readline() == "ready\n":
                cls.helper = helper
        return cls.helper

    def __init__(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli-fork.py")
        self.process = subprocess.Popen([sys.executable, script], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.lock = threading.Lock()

    def run(self, args, env):
        with tempfile.TemporaryDirectory() as folder, self.lock:
            out, err = os.path.join(folder, "out"), os.path.join(folder, "err")
            self.process.stdin.write(json.dumps({"args": args, "env": env, "out": out,
                                                 "err": err}) + "\n")
            self.process.stdin.flush()
            status = int(self.process.stdout.readline())
            with open(out, encoding="utf-8") as file:
                out_text = file.read()
            with open(err, encoding="utf-8") as file:
                err_text = file.read()
        return subprocess.CompletedProcess(["aws", *args], status, out_text, err_text)


class Cli:
    """The AWS CLI, pointed at a server."""

    def __init__(self, server, profile="production"):
        self.path = aws_path()
        self.server = server
        self.profile = profile

    def run(self, service, operation, *args, profile=None, env=None):
        """Runs one call; profile "" takes keys and endpoint from `env` alone."""
        command = ["--output", "json", service, operation, *args]
        if profile != "":
            command[0:0] = ["--profile", profile or self.profile]
        environ = self.server.environ()
        environ.update(env or {})
        fork = Fork.get()
        if fork is not None:
            return fork.run(command, environ)
        return subprocess.run([self.path, *command], capture_output=True, text=True, env=environ,
                              timeout=120, check=False)

    def __call__(self, service, operation, *args, **kwargs):
        done = self.run(service, operation, *args, **kwargs)
        if done.returncode != 0:
            raise RuntimeError(f"{service} {operation}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def error(self, service, operation, *args, **kwargs):
        """The code of the error that the call must end with, and its message."""
        done = self.run(service, operation, *args, **kwargs)
        if done.returncode == 0:
            raise RuntimeError(f"{service} {operation} did not fail: {done.stdout[:200]}")
        text = done.stderr.strip()
        if "An error occurred (" not in text:
            return "", text
        return text.split("An error occurred (", 1)[1].split(")", 1)[0], text


def sign(method, host, path, body, headers, key, region, service, when=None, payload=None):
    """Signature Version 4, written down again from AWS's description, for requests of our own.
    `payload` stands for the body where it is signed otherwise."""
    access, secret, token = key
    when = when or datetime.datetime.now(datetime.timezone.utc)
    stamp = when.strftime("%Y%m%dT%H%M%SZ")
    day = stamp[:8]
    headers = {k.lower(): v for k, v in headers.items()}
    headers.update({"host": host, "x-amz-date": stamp})
    if token:
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    canonical = "\n".join([method, path, "",
                           "".join(f"{n}:{headers[n]}\n" for n in sorted(headers)), names,
                           payload or hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={access}/{scope}, "
                                f"SignedHeaders={names}, Signature={signature}")
    return headers


def presign(method, host, query, key, region, service, expires=60, when=None):
    """A presigned URL's path and query, by the same rules."""
    access, secret, token = key
    when = when or datetime.datetime.now(datetime.timezone.utc)
    stamp = when.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    query = dict(query)
    query.update({"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{access}/{scope}",
                  "X-Amz-Date": stamp, "X-Amz-Expires": str(expires),
                  "X-Amz-SignedHeaders": "host"})
    if token:
        query["X-Amz-Security-Token"] = token
    text = "&".join(f"{urllib.parse.quote(n, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                    for n, v in sorted(query.items()))
    canonical = "\n".join([method, "/", text, f"host:{host}\n", "host",
                           hashlib.sha256(b"").hexdigest()])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ("AWS4" + secret).encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"/?{text}&X-Amz-Signature={signature}"


class Tap:
    """Numbered claims; a claim that raises is a failure with its reason."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def claim(self, name, func, *args):
        self.count += 1
        try:
            func(*args)
            print(f"ok {self.count} - {name}", flush=True)
        except Skip as skip:
            print(f"ok {self.count} - {name} # SKIP {skip}", flush=True)
        except Exception as problem:  # a claim may fail in any way
            self.failed += 1
            print(f"not ok {self.count} - {name}", flush=True)
            for line in f"{type(problem).__name__}: {problem}".splitlines():
                print(f"# {line}", flush=True)

    def done(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def equal(have, want, what="value"):
    if have != want:
        raise AssertionError(f"{what}: have {have!r}, want {want!r}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def wait_until(func, seconds=30, what="condition", pause=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if func():
            return
        time.sleep(pause)
    raise AssertionError(f"{what} did not come true in {seconds} s")
