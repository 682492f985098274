# SPDX-License-Identifier: MIT
"""The boat club's new system as far as its API is tested: reads its database, on loopback, and can be told to fail."""

import http.server
import json
import re
import threading
import urllib.parse

ROUTES = {
    r"/api/v1/people/(\d+)": "SELECT to_json(p) FROM people p WHERE id = %s",
    r"/api/v1/people/(\d+)/addresses": "SELECT json_agg(a) FROM addresses a WHERE person_id = %s",
    r"/api/v1/people/(\d+)/notes": "SELECT json_agg(n) FROM notes n WHERE person_id = %s",
    r"/api/v1/contracts/(\d+)": "SELECT to_json(c) FROM contracts c WHERE id = %s",
    r"/api/v1/contracts/(\d+)/holders": "SELECT json_agg(h) FROM contract_holders h WHERE contract_id = %s",
}


class Api(http.server.ThreadingHTTPServer):
    """Use with `with`; .url is where it is."""

    daemon_threads = True

    def __init__(self, postgres, database, token=None, user=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.postgres, self.database, self.token, self.user = postgres, database, token, user
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock, self.asked, self.failing, self.at_once, self.most = threading.Lock(), [], 0, 0, 0
        self.override = {}

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, **headers):
        with self.server.lock:  # before the answer: whoever has it may ask again at once
            self.server.at_once -= self.command == "GET"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def may(self):
        if self.server.token:
            return self.headers.get("Authorization") == f"Bearer {self.server.token}"
        if self.server.user:
            return "club=in" in self.headers.get("Cookie", "") and self.headers.get("X-XSRF-TOKEN") == "xsrf-1"
        return True

    def do_GET(self):
        with self.server.lock:
            self.server.asked.append(self.path)
            self.server.at_once += 1
            self.server.most = max(self.server.most, self.server.at_once)
            failing, self.server.failing = self.server.failing > 0, max(self.server.failing - 1, 0)
        self.respond(failing)

    def respond(self, failing):
        if self.path in ("", "/"):
            self.answer(200, {}, Set_Cookie="club=out; path=/; HttpOnly", X_XSRF_TOKEN="xsrf-1")
        elif failing:
            self.answer(503, {"error": "later"})
        elif not self.may():
            self.answer(401, {"error": "who are you"})
        elif self.path in self.server.override:
            self.answer(*self.server.override[self.path])
        else:
            self.rows()

    def rows(self):
        for pattern, query in ROUTES.items():
            found = re.fullmatch(pattern, self.path)
            if found:
                text = self.server.postgres.psql(self.server.database, query % found.group(1)).stdout
                self.answer(200 if text.strip() else 404, text if text.strip() else b"{}")
                return
        self.answer(404, {})

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = self.path == "/auth/login" and (form.get("email", [""])[0], form.get("password", [""])[0]) == self.server.user
        if good:
            self.answer(200, {}, Set_Cookie="club=in; path=/; HttpOnly")
        else:
            self.answer(422, {"error": "no"})

    def log_message(self, *_):
        pass
