# SPDX-License-Identifier: MIT
"""A socket between a program and PostgreSQL that knows where messages begin, so that a test can end the program, the
connection or a statement exactly there. Frontend messages of all connections are counted together."""

import os
import shutil
import socket
import struct
import tempfile
import threading

FORWARD, DROP, SWALLOW, HANG_UP = "forward", "drop", "swallow", "hang up"


def error_response(sqlstate, text, severity="ERROR"):
    """What a server sends that failed, and waits for the next statement, or (FATAL) hangs up."""
    fields = b"".join(kind + value.encode() + b"\0" for kind, value in
                      ((b"S", severity), (b"V", severity), (b"C", sqlstate), (b"M", text))) + b"\0"
    return b"E" + struct.pack("!I", len(fields) + 4) + fields + (b"Z\0\0\0\5E" if severity == "ERROR" else b"")


class Proxy:
    """Use with `with`. @decide (number, kind, body) is asked before each message is forwarded and says FORWARD, DROP (both
    ends are closed), or (SWALLOW, bytes): the server never sees it, and the program reads these bytes; HANG_UP in its place
    closes both ends then. A decision may be a pair (FORWARD, function), which is called behind it. @greeting is what whoever
    connects reads in place of all that, once."""

    def __init__(self, server):
        self.upstream = os.path.join(server, ".s.PGSQL.5432")
        self.folder = tempfile.mkdtemp(prefix="slip-proxy-")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, ".s.PGSQL.5432"))
        self.listener.listen(16)
        self.lock = threading.Lock()
        self.number = 0
        self.greeting = None
        self.decide = lambda number, kind, body: FORWARD
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        shutil.rmtree(self.folder)

    def conninfo(self, conninfo):
        """@conninfo, through the socket."""
        return " ".join(f"host={self.folder}" if word.startswith("host=") else word for word in conninfo.split())

    def begin(self, decide):
        with self.lock:
            self.number, self.decide = 0, decide

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.upstream)
            threading.Thread(target=self.pump, args=(server, client), daemon=True).start()
            threading.Thread(target=self.listen, args=(client, server), daemon=True).start()

    @staticmethod
    def close(*sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other end was faster

    def pump(self, server, client):
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass  # one of them is gone, and then both are
        self.close(client, server)

    def listen(self, client, server):
        reader = client.makefile("rb")
        try:
            first = reader.read(4)
            started = first + reader.read(struct.unpack("!I", first)[0] - 4)
            greeting, self.greeting = self.greeting, None
            if greeting is not None:
                client.sendall(greeting)
                self.close(client, server)
                return
            server.sendall(started)
            while kind := reader.read(1):
                size = reader.read(4)
                body = reader.read(struct.unpack("!I", size)[0] - 4)
                if not self.pass_on(kind + size + body, kind, body, client, server):
                    break
        except (OSError, struct.error):
            pass  # as above
        self.close(client, server)

    def pass_on(self, message, kind, body, client, server):
        with self.lock:
            self.number += 1
            decision = self.decide(self.number, kind, body)
            if decision == DROP:
                return False
            if isinstance(decision, tuple) and decision[0] in (SWALLOW, HANG_UP):
                client.sendall(decision[1])
                return decision[0] == SWALLOW
            server.sendall(message)
            if isinstance(decision, tuple):
                decision[1]()
        return True
