# SPDX-License-Identifier: MIT
"""TLS of `slipwayctl aws`: a private authority is trusted when `ca_bundle` or AWS_CA_BUNDLE names it, and
only then. The server is Python's, the certificates are OpenSSL's.

usage: test-tls.py SLIPWAYCTL
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rehearsal import Tap, equal, holds

CTL = sys.argv[1]
ANSWER = (b"<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
          b"<Arn>arn:aws:iam::111111111111:user/tls</Arn><UserId>AIDATLS</UserId><Account>111111111111</Account>"
          b"</GetCallerIdentityResult></GetCallerIdentityResponse>")


class Handler(BaseHTTPRequestHandler):
    """Answers as STS does, and counts."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.requests += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """On loopback, with TLS; a client that hangs up is no news."""
    daemon_threads = True
    requests = 0

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
            "keyUsage=critical,keyCertSign", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def make_certificate(folder, name, authority, host):
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    with open(os.path.join(folder, "ext"), "w", encoding="utf-8") as file:
        file.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")


class World:
    """Two authorities, a server with a certificate of the first, one whose certificate is for another host."""

    def __init__(self, folder):
        self.folder = folder
        for name in "ours", "theirs":
            make_authority(folder, name)
        make_certificate(folder, "local", "ours", "localhost")
        make_certificate(folder, "other", "ours", "other.example")
        self.server = Server(self.path("local.pem"), self.path("local.key"))
        self.wrong = Server(self.path("other.pem"), self.path("other.key"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, server, bundle=None, variable=None):
        """Asks who it is; returns status, output, errors and how many requests came."""
        with open(self.path("config"), "w", encoding="utf-8") as file:
            file.write("[default]\nregion = eu-west-1\n" + (f"ca_bundle = {bundle}\n" if bundle else ""))
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environ |= {"AWS_CONFIG_FILE": self.path("config"), "AWS_SHARED_CREDENTIALS_FILE": self.path("none"),
                    "AWS_ACCESS_KEY_ID": "AKIDTLS", "AWS_SECRET_ACCESS_KEY": "none", "AWS_MAX_ATTEMPTS": "1"}
        if variable:
            environ["AWS_CA_BUNDLE"] = variable
        before = server.requests
        done = subprocess.run(
            [CTL, "aws", "sts", "GetCallerIdentity", "--endpoint-url", f"https://localhost:{server.server_port}"],
            capture_output=True, text=True, env=environ, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr, server.requests - before

    def trusted(self, answer):
        status, out, errors, requests = answer
        equal(status, 0, errors)
        equal(json.loads(out)["Account"], "111111111111")
        equal(requests, 1)

    def refused(self, server, answer):
        """With the address and the reason, and before anything signed was sent."""
        status, out, errors, requests = answer
        equal((status, out, requests), (1, "", 0), errors)
        holds(f"https://localhost:{server.server_port}" in errors and "certificate" in errors.lower(), errors)


def profile(world):
    world.trusted(world.call(world.server, bundle=world.path("ours.pem")))


def variable(world):
    world.trusted(world.call(world.server, bundle=world.path("theirs.pem"), variable=world.path("ours.pem")))


def without(world):
    world.refused(world.server, world.call(world.server))


def another(world):
    world.refused(world.server, world.call(world.server, bundle=world.path("theirs.pem")))


def other_host(world):
    world.refused(world.wrong, world.call(world.wrong, bundle=world.path("ours.pem")))


def missing(world):
    status, _, errors, requests = world.call(world.server, bundle=world.path("gone.pem"))
    equal((status, requests), (1, 0), errors)
    holds(world.path("gone.pem") in errors, errors)


def main():
    if shutil.which("openssl") is None:
        return print("1..0 # SKIP openssl is not installed")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        try:
            tap.claim("ca_bundle of the profile makes its authority trusted", profile, world)
            tap.claim("AWS_CA_BUNDLE goes before the profile's", variable, world)
            tap.claim("a private authority is refused without ca_bundle", without, world)
            tap.claim("a bundle of another authority is of no use", another, world)
            tap.claim("a certificate of another host is refused", other_host, world)
            tap.claim("a bundle that is not there is named", missing, world)
        finally:
            world.server.stop()
            world.wrong.stop()
    return sys.exit(tap.done())


main()
