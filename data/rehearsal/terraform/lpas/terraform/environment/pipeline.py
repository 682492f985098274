# SPDX-License-Identifier: MIT
"""Makes the ingestion pipeline of a rehearsal anew, as Terraform's provider of AWS would. Sends nothing
unless AWS_ENDPOINT_URL is this machine. Standard library only."""

import datetime
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

NAME = os.environ["PIPELINE_NAME"]
SECONDS = 600


def endpoint():
    url = os.environ.get("AWS_ENDPOINT_URL_OSIS") or os.environ.get("AWS_ENDPOINT_URL", "")
    if urllib.parse.urlsplit(url).hostname not in ("127.0.0.1", "::1", "localhost"):
        sys.exit("AWS_ENDPOINT_URL is not a rehearsal on this machine: nothing was sent")
    return url.rstrip("/")


def sign(method, host, path, body):
    """Headers of Signature Version 4."""
    region = os.environ["AWS_REGION"]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{region}/osis/aws4_request"
    headers = {"host": host, "x-amz-date": now}
    if os.environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = os.environ["AWS_SESSION_TOKEN"]
    names = ";".join(sorted(headers))
    canonical = "\n".join([method, path, "", *(f"{name}:{headers[name]}" for name in sorted(headers)),
                           "", names, hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
                                f"SignedHeaders={names}, Signature={signature}")
    return headers


def call(method, path, body=None):
    """Status and answer."""
    url = endpoint() + path
    data = b"" if body is None else json.dumps(body).encode()
    headers = sign(method, urllib.parse.urlsplit(url).netloc, path, data)
    request = urllib.request.Request(url, data=data or None, method=method,
                                     headers={**headers, "content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or "{}")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def status():
    """The pipeline's status, or None when there is none."""
    code, answer = call("GET", f"/2022-01-01/osis/getPipeline/{NAME}")
    if code == 404:
        return None
    if code != 200:
        sys.exit(f"GetPipeline: {code} {answer}")
    return answer["Pipeline"]["Status"]


def wait(done, failed):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        now = status()
        if now == done:
            return
        if now in failed:
            sys.exit(f"pipeline {NAME} is {now}")
        time.sleep(0.5)
    sys.exit(f"pipeline {NAME} is still {status()}")


def create():
    code, answer = call("POST", "/2022-01-01/osis/createPipeline", {
        "PipelineName": NAME, "MinUnits": 1, "MaxUnits": 4,
        "PipelineConfigurationBody": os.environ["PIPELINE_CONFIGURATION"]})
    if code != 200:
        sys.exit(f"CreatePipeline: {code} {answer}")
    wait("ACTIVE", ("CREATE_FAILED",))


def delete():
    if status() not in (None, "DELETING"):
        code, answer = call("DELETE", f"/2022-01-01/osis/deletePipeline/{NAME}")
        if code != 200:
            sys.exit(f"DeletePipeline: {code} {answer}")
    wait(None, ())


delete()
create()
