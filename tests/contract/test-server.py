# SPDX-License-Identifier: MIT
"""What every service of the rehearsal owes: refusals, durability, faults, files, the address.

usage: test-server.py SERVER SCENARIO
"""

import datetime
import http.client
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

from rehearsal import Cli, Server, Tap, equal, holds, presign, sign, wait_until

BINARY, SCENARIO = sys.argv[1:3]
STS_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def sts(server, key, body=STS_BODY, when=None, change=None):
    """One STS call signed by our own hand; returns status, error code and message."""
    host = f"{server.host}:{server.port}"
    headers = sign("POST", host, "/", body, FORM, key, "eu-west-1", "sts", when)
    if change:
        change(headers)
    return answer(*server.http("POST", "/", body, headers))


def kms(server, key, operation="ListKeys", value=None, when=None):
    host = f"{server.host}:{server.port}"
    body = json.dumps(value or {}).encode()
    headers = {"content-type": "application/x-amz-json-1.1",
               "x-amz-target": f"TrentService.{operation}"}
    if key:
        headers = sign("POST", host, "/", body, headers, key, "eu-west-1", "kms", when)
    return answer(*server.http("POST", "/", body, headers))


def answer(status, headers, body):
    lower = {k.lower(): v for k, v in headers.items()}
    text = body.decode()
    holds("x-amzn-requestid" in lower or "x-amz-request-id" in lower,
          f"an answer without a request id: {lower}")
    if text.startswith("{"):
        value = json.loads(text)
        return status, value.get("__type", "").split("#")[-1], value.get("message", "")
    code = text.split("<Code>")[1].split("</Code>")[0] if "<Code>" in text else ""
    message = text.split("<Message>")[1].split("</Message>")[0] if "<Message>" in text else ""
    return status, code, message


def signatures(server, tap):
    key = server.keys("production")
    access, secret, token = key
    hour = datetime.timedelta(hours=1)
    now = datetime.datetime.now(datetime.timezone.utc)

    tap.claim("a good signature is admitted", lambda: equal(sts(server, key)[0], 200))
    tap.claim("an unsigned request is refused", lambda: equal(
        answer(*server.http("POST", "/", STS_BODY, FORM))[:2], (403, "MissingAuthenticationToken")))
    tap.claim("an unsigned JSON request is refused in its protocol", lambda: equal(
        kms(server, None)[:2], (400, "MissingAuthenticationTokenException")))
    tap.claim("an unknown key is refused", lambda: equal(
        sts(server, ("AKIANOBODY0000000000", secret, None))[:2], (403, "InvalidClientTokenId")))
    tap.claim("an unknown key is refused in JSON", lambda: equal(
        kms(server, ("AKIANOBODY0000000000", secret, None))[:2],
        (400, "UnrecognizedClientException")))
    tap.claim("a wrong secret is refused", lambda: equal(
        sts(server, (access, "x" * 40, token))[:2], (403, "SignatureDoesNotMatch")))
    tap.claim("a wrong secret is refused in JSON", lambda: equal(
        kms(server, (access, "x" * 40, token))[:2], (400, "InvalidSignatureException")))
    tap.claim("a session key without its token is refused", lambda: equal(
        sts(server, (access, secret, None))[0], 403))
    tap.claim("a session key with another token is refused", lambda: equal(
        sts(server, (access, secret, "x" * 100))[0], 403))
    tap.claim("a body that was changed is refused", lambda: equal(
        answer(*server.http("POST", "/", b"Action=GetSessionToken&Version=2011-06-15", sign(
            "POST", f"{server.host}:{server.port}", "/", STS_BODY, FORM, key, "eu-west-1",
            "sts")))[:2], (403, "SignatureDoesNotMatch")))

    def stale():
        status, code, message = sts(server, key, when=now - hour)
        equal((status, code), (403, "SignatureDoesNotMatch"))
        holds("Signature expired" in message, message)

    def early():
        status, code, message = kms(server, key, when=now + hour)
        equal((status, code), (400, "InvalidSignatureException"))
        holds("not yet current" in message, message)

    tap.claim("a stale signature is refused and says so", stale)
    tap.claim("a signature of the future is refused and says so", early)
    tap.claim("a malformed authorization is refused", lambda: equal(
        sts(server, key, change=lambda h: h.update(authorization="AWS4-HMAC-SHA256 nonsense"))[1],
        "IncompleteSignature"))


def presigned(server, tap):
    key = server.keys("production")
    host = f"{server.host}:{server.port}"
    query = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}

    def get(url):
        return answer(*server.http("GET", url))

    def ran_out():
        when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=2)
        status, code, _ = get(presign("GET", host, query, key, "eu-west-1", "sts", 60, when))
        holds(status in (400, 403), f"status {status}")
        holds(code in ("RequestExpired", "SignatureDoesNotMatch"), code)

    tap.claim("a presigned URL is admitted", lambda: equal(
        get(presign("GET", host, query, key, "eu-west-1", "sts"))[0], 200))
    tap.claim("a presigned URL that was changed is refused", lambda: equal(
        get(presign("GET", host, query, key, "eu-west-1", "sts") + "&DurationSeconds=900")[:2],
        (403, "SignatureDoesNotMatch")))
    tap.claim("a presigned URL that ran out is refused", ran_out)


def understanding(server, tap):
    key = server.keys("production")
    tap.claim("an unknown action is refused", lambda: equal(
        sts(server, key, b"Action=MakeTea&Version=2011-06-15")[:2], (400, "InvalidAction")))
    tap.claim("an unknown target is refused", lambda: equal(
        kms(server, key, "MakeTea")[:2], (400, "UnknownOperationException")))
    tap.claim("a missing parameter is refused in query", lambda: equal(
        sts(server, key, b"Action=AssumeRole&Version=2011-06-15&RoleSessionName=x")[:2],
        (400, "ValidationError")))
    tap.claim("a missing parameter is refused in JSON", lambda: equal(
        kms(server, key, "DescribeKey")[:2], (400, "ValidationException")))
    tap.claim("a wrong type is refused in JSON", lambda: equal(
        kms(server, key, "DescribeKey", {"KeyId": {"a": 1}})[0], 400))
    tap.claim("a service that is not offered says so", lambda: equal(
        Cli(server).error("dms", "describe-connections")[0], "NotImplemented"))

    def broken_json():
        host = f"{server.host}:{server.port}"
        headers = {"content-type": "application/x-amz-json-1.1",
                   "x-amz-target": "TrentService.ListKeys"}
        for body in (b"{", b"[]", b"\xff\xfe", b'{"a":' * 5000, b"\0"):
            signed = sign("POST", host, "/", body, headers, key, "eu-west-1", "kms")
            status, code, _ = answer(*server.http("POST", "/", body, signed))
            equal((status, code), (400, "SerializationException"), repr(body[:10]))

    tap.claim("broken JSON is refused and breaks nothing", broken_json)

    def garbage():
        for data in (b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02",
                     b"POST /%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                     b"GET " + b"/a" * 70000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
            with socket.create_connection((server.host, server.port), timeout=10) as peer:
                peer.settimeout(2)
                try:
                    peer.sendall(data)
                    peer.recv(100)
                except OSError:
                    pass
        equal(sts(server, key)[0], 200)

    tap.claim("garbage on the socket breaks nothing", garbage)

    def too_large():
        with socket.create_connection((server.host, server.port), timeout=10) as peer:
            peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n")
            peer.settimeout(10)
            holds(b" 413 " in peer.recv(200), "a huge body was not refused with 413")

    tap.claim("a body that is too large is refused before it is read", too_large)

    def too_large_chunked():
        with socket.create_connection((server.host, server.port), timeout=10) as peer:
            peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
            sent = 0
            try:
                for sent in range(64):
                    peer.sendall(chunk)
            except OSError:
                pass
            holds(sent < 63, "64 MiB in chunks were taken")
        equal(sts(server, key)[0], 200)

    tap.claim("a body of unknown length is cut off", too_large_chunked)

    def keep_alive():
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        host = f"{server.host}:{server.port}"
        ports = set()
        for _ in range(3):
            connection.request("POST", "/", STS_BODY,
                               sign("POST", host, "/", STS_BODY, FORM, key, "eu-west-1", "sts"))
            response = connection.getresponse()
            response.read()
            equal(response.status, 200)
            ports.add(connection.sock.getsockname()[1])
        connection.close()
        equal(len(ports), 1, "connections used")

    tap.claim("one connection serves several requests", keep_alive)


def faults(server, tap):
    key = server.keys("production")
    cli = Cli(server)

    def with_fault(fault, func):
        server.control("POST", "faults", fault)
        try:
            func()
        finally:
            server.control("DELETE", "faults")

    def throttled():
        equal(sts(server, key)[:2], (400, "Throttling"))
        equal(sts(server, key)[0], 200)

    def counted():
        codes = [sts(server, key)[0] for _ in range(4)]
        equal(codes, [200, 503, 503, 200])

    tap.claim("throttle strikes once", lambda: with_fault(
        {"kind": "throttle", "service": "sts"}, throttled))
    tap.claim("the n-th calls are struck", lambda: with_fault(
        {"kind": "error-before", "status": 503, "after": 1, "times": 2}, counted))
    tap.claim("the CLI sees a JSON throttle", lambda: with_fault(
        {"kind": "throttle", "service": "kms"},
        lambda: equal(cli.error("kms", "list-keys")[0], "ThrottlingException")))

    def create(name):
        return cli.run("secretsmanager", "create-secret", "--name", name, "--secret-string", "x")

    def exists(name):
        return cli.run("secretsmanager", "describe-secret", "--secret-id", name).returncode == 0

    def struck(kind, name, happened):
        before = server.effects("secretsmanager:CreateSecret")
        with_fault({"kind": kind, "operation": "CreateSecret"},
                   lambda: holds(create(name).returncode != 0, "the call did not fail"))
        equal(exists(name), happened, "it happened")
        equal(server.effects("secretsmanager:CreateSecret") - before, 1 if happened else 0,
              "effects")

    for kind, happened in (("error-before", False), ("error-after", True), ("drop", False),
                           ("drop-after", True), ("truncate", True)):
        tap.claim(f"{kind}: the effect is {'there' if happened else 'not there'}", struck, kind,
                  f"by-{kind}", happened)

    tap.claim("expired-token strikes", lambda: with_fault(
        {"kind": "expired-token"}, lambda: equal(sts(server, key)[:2], (403, "ExpiredToken"))))

    def skewed():
        status, code, message = sts(server, key)
        equal((status, code), (403, "SignatureDoesNotMatch"))
        holds("Signature expired" in message, message)
        _, headers, _ = server.http("GET", "/_slipway/state")
        from email.utils import parsedate_to_datetime
        date = parsedate_to_datetime(headers["Date"])
        ahead = (date - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        holds(1190 < ahead < 1210, f"Date is {ahead} s ahead")

    tap.claim("clock-skew moves the Date header and the check", lambda: with_fault(
        {"kind": "clock-skew", "seconds": 1200}, skewed))

    def slow():
        times = {}

        def call():
            start = time.monotonic()
            equal(kms(server, key)[0], 200)
            times["slow"] = time.monotonic() - start

        thread = threading.Thread(target=call)
        thread.start()
        time.sleep(0.2)
        start = time.monotonic()
        equal(sts(server, key)[0], 200)
        times["other"] = time.monotonic() - start
        thread.join()
        holds(times["slow"] > 1.4, f"it was not slow: {times}")
        holds(times["other"] < 1, f"others waited: {times}")

    tap.claim("slow answers late while others are served", lambda: with_fault(
        {"kind": "slow", "service": "kms", "seconds": 1.5}, slow))

    def stuck():
        arn = cli("kms", "create-key")["KeyMetadata"]["KeyId"]
        server.control("POST", "faults", {"kind": "stuck", "transition": "kms.*", "resource": arn})
        cli("kms", "schedule-key-deletion", "--key-id", arn, "--pending-window-in-days", "7")
        time.sleep(7 * 86400 / server.speed + 0.5)
        equal(cli("kms", "describe-key", "--key-id", arn)["KeyMetadata"]["KeyState"],
              "PendingDeletion")
        server.control("DELETE", "faults")
        wait_until(lambda: cli.run("kms", "describe-key", "--key-id", arn).returncode != 0,
                   what="the key's deletion")

    tap.claim("a stuck transition happens when it is released", stuck)

    def malformed():
        for value in ({}, {"kind": "flood"}, [3], {"kind": "drop", "times": "x"}):
            status, _, body = server.http("POST", "/_slipway/faults", json.dumps(value))
            equal(status, 400, f"{value}: {body}")
        equal(server.http("POST", "/_slipway/faults", "{")[0], 400)
        equal(server.http("DELETE", "/_slipway/faults/77")[0], 404)
        equal(server.http("GET", "/_slipway/nothing")[0], 404)

    tap.claim("malformed faults are refused", malformed)


def control(server, tap):
    tap.claim("a web page cannot use the control endpoint", lambda: equal(
        server.http("GET", "/_slipway/state", headers={"Origin": "http://evil.example"})[0], 403))
    tap.claim("a foreign Host cannot use the control endpoint", lambda: equal(
        server.http("GET", "/_slipway/state", headers={"Host": "evil.example"})[0], 403))

    def secrets():
        _, _, calls = server.http("GET", "/_slipway/calls")
        _, _, state = server.http("GET", "/_slipway/state")
        _, secret, token = server.keys("production")
        for text in (calls.decode(), state.decode()):
            holds(secret not in text and token not in text, "a key is shown")
            holds("rehearsal/secret/key" not in text, "a user's key is shown")
        equal(server.http("GET", "/_slipway/resources?type=access-key")[0], 400)
        equal(server.http("GET", "/_slipway/resources?type=kms.material")[0], 400)

    tap.claim("the control endpoint shows no keys", secrets)

    def logged():
        cli = Cli(server)
        cli("secretsmanager", "create-secret", "--name", "logged", "--secret-string", "deep-secret")
        entry = server.control("GET", "calls?operation=CreateSecret")["calls"][-1]
        equal(entry["service"], "secretsmanager")
        equal(entry["changed"], True)
        equal(entry["effect"], "change")
        equal(entry["principal"], "arn:aws:sts::111111111111:assumed-role/breakglass/ann")
        equal(entry["parameters"]["Name"], "logged")
        holds("deep-secret" not in json.dumps(entry), "the secret is in the log")

    tap.claim("every call is logged without its secrets", logged)


def sessions(server, tap):
    def expire():
        before = server.keys("production")
        equal(server.control("POST", "sessions/expire", {"match": "production"})["expired"], 1)
        equal(sts(server, before)[:2], (403, "ExpiredToken"))
        equal(kms(server, before)[:2], (400, "ExpiredTokenException"))
        equal(sts(server, server.keys("preproduction"))[0], 200)
        server.control("POST", "sessions/renew")
        after = server.keys("production")
        holds(after != before, "the keys are the same")
        equal(sts(server, after)[0], 200)

    tap.claim("sessions expire on demand and are renewed", expire)


def files(server, tap):
    def modes():
        for name in ("aws/config", "aws/credentials"):
            mode = stat.S_IMODE(os.stat(os.path.join(server.state, name)).st_mode)
            equal(mode, 0o600, name)

    def workspace():
        with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
            value = json.load(file)
        equal(value["schema"], "org.slipway.workspace/1")
        equal([e["name"] for e in value["environments"]], ["production", "preproduction"])
        first = value["environments"][0]
        equal(first["account"], "111111111111")
        equal(first["regions"], ["eu-west-1", "eu-west-2"])
        equal(first["role"], "breakglass")
        equal(first["protected"], True)
        equal(first["endpoint_url"], server.endpoint)
        equal(first["aws_config"], "aws/config")
        equal(first["settings"], {"database": "api"})
        equal("terraform" in first, False, "a root whose folder is not there")
        equal(first["rehearsal"]["speed"], server.speed)

    tap.claim("the files of keys are private", modes)
    tap.claim("the workspace names the environments", workspace)


def address(tap):
    def refused(listen):
        with tempfile.TemporaryDirectory() as state:
            done = subprocess.run([BINARY, "--state", state, "--scenario", SCENARIO, "--listen",
                                   listen], capture_output=True, text=True, timeout=30)
        equal(done.returncode, 2, "exit status")
        holds("not a loopback address" in done.stderr, done.stderr)
        equal(done.stdout, "")

    for listen in ("0.0.0.0", "::", "192.0.2.1", "example.com", ""):
        tap.claim(f"refuses to listen on '{listen}'", refused, listen)

    def usage():
        for arguments in ([], ["--state", "/tmp/x", "--port", "70000"],
                          ["--state", "/tmp/x", "--speed", "0"], ["--nonsense"],
                          ["--state", "/tmp/x", "more"]):
            done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)
            equal(done.returncode, 2, f"exit status of {arguments}")
            holds(done.stderr.startswith("slipway-rehearsal: "), done.stderr)

    tap.claim("wrong usage is refused", usage)

    def bad_scenario():
        with tempfile.TemporaryDirectory() as state:
            path = os.path.join(state, "bad.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write('{"schema": "org.slipway.scenario/1", "name": "x", "accounts": [{}]}')
            done = subprocess.run([BINARY, "--state", state + "/s", "--scenario", path],
                                  capture_output=True, text=True, timeout=30)
            equal(done.returncode, 1, "exit status")
            holds("$.accounts[0]: member id is missing" in done.stderr, done.stderr)
            with open(path, "w", encoding="utf-8") as file:
                file.write('{"schema": ')
            done = subprocess.run([BINARY, "--state", state + "/s", "--scenario", path],
                                  capture_output=True, text=True, timeout=30)
            equal(done.returncode, 1, "exit status")
            holds("1:" in done.stderr, done.stderr)

    tap.claim("a malformed scenario is refused with its place", bad_scenario)


def lifetime(tap):
    with Server(BINARY, SCENARIO) as server:
        def second():
            done = subprocess.run([BINARY, "--state", server.state], capture_output=True, text=True,
                                  timeout=30)
            equal(done.returncode, 1, "exit status")
            holds("still runs" in done.stderr, done.stderr)

        tap.claim("a second server on the same state is refused", second)

        def killed():
            acknowledged = []
            server.control("POST", "faults", {"kind": "slow", "seconds": 0.05, "times": 0,
                                              "probability": 0.5})
            stop = threading.Event()

            def create(number):
                key = server.keys("production")
                host = f"{server.host}:{server.port}"
                count = 0
                while not stop.is_set():
                    name = f"s-{number}-{count}"
                    body = json.dumps({"Name": name, "SecretString": "x"}).encode()
                    headers = sign("POST", host, "/", body, {
                        "content-type": "application/x-amz-json-1.1",
                        "x-amz-target": "secretsmanager.CreateSecret"}, key, "eu-west-1",
                        "secretsmanager")
                    try:
                        status, _, _ = server.http("POST", "/", body, headers)
                    except (OSError, http.client.HTTPException):
                        return
                    if status == 200:
                        acknowledged.append(name)
                    count += 1

            threads = [threading.Thread(target=create, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            wait_until(lambda: len(acknowledged) > 50, what="fifty secrets")
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            server.start(server.port)
            cli = Cli(server)
            names = {s["Name"] for s in cli("secretsmanager", "list-secrets")["SecretList"]}
            lost = set(acknowledged) - names
            equal(lost, set(), "lost secrets")

        tap.claim("kill -9 loses nothing that was acknowledged", killed)

        def keys_last():
            before = server.keys("production")
            server.stop()
            os.mkdir(os.path.join(server.state, "root"))
            server.start(server.port)
            equal(server.keys("production"), before)
            equal(sts(server, before)[0], 200)

        def roots():
            with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
                first = json.load(file)["environments"][0]
            equal(first["terraform"], [{"name": "root", "path": os.path.join(server.state, "root"),
                                        "workspace": "live"}])

        tap.claim("a restart keeps keys and port", keys_last)
        tap.claim("a Terraform root is named once its folder is there", roots)

        def other_scenario():
            server.stop()
            done = subprocess.run([BINARY, "--state", server.state, "--scenario", "sirius"],
                                  capture_output=True, text=True, timeout=30)
            equal(done.returncode, 1, "exit status")
            holds("holds scenario contract, not sirius" in done.stderr, done.stderr)
            server.start()

        tap.claim("a state folder keeps its scenario", other_scenario)

        def later():
            server.stop()
            server.speed = 200000
            server.start()
            cli = Cli(server)
            arn = cli("kms", "create-key")["KeyMetadata"]["KeyId"]
            cli("kms", "schedule-key-deletion", "--key-id", arn, "--pending-window-in-days", "7")
            server.kill()
            server.start()
            wait_until(lambda: cli.run("kms", "describe-key", "--key-id", arn).returncode != 0,
                       what="the key's deletion")

        tap.claim("transitions go on after a kill", later)
        tap.claim("SIGTERM ends it well", lambda: equal(server.stop(), 0))


def main():
    tap = Tap()
    with Server(BINARY, SCENARIO, speed=200000) as server:
        signatures(server, tap)
        presigned(server, tap)
        understanding(server, tap)
        faults(server, tap)
        control(server, tap)
        sessions(server, tap)
        files(server, tap)
    address(tap)
    lifetime(tap)
    return tap.done()


sys.exit(main())
