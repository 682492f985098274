# SPDX-License-Identifier: MIT
"""SQL without a psql of its own for each question: a test asks hundreds, and to start a program takes more than most answers.
What is told, and how, is as psql -q -At tells it; what only psql knows (its commands, its variables) is not for this."""

import contextlib
import ctypes
import functools
import os
import socket
import subprocess

#: Of ExecStatusType.
EMPTY, COMMAND, TUPLES, COPY_OUT = 0, 1, 2, 3
TELL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)


@functools.cache
def library():
    found = ctypes.CDLL("libpq.so.5")
    for name, gives, *takes in (
            ("PQconnectdb", ctypes.c_void_p, ctypes.c_char_p), ("PQstatus", ctypes.c_int, ctypes.c_void_p),
            ("PQerrorMessage", ctypes.c_char_p, ctypes.c_void_p), ("PQfinish", None, ctypes.c_void_p),
            ("PQsocket", ctypes.c_int, ctypes.c_void_p), ("PQserverVersion", ctypes.c_int, ctypes.c_void_p),
            ("PQsetNoticeProcessor", ctypes.c_void_p, ctypes.c_void_p, TELL, ctypes.c_void_p),
            ("PQsendQuery", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p),
            ("PQgetResult", ctypes.c_void_p, ctypes.c_void_p), ("PQclear", None, ctypes.c_void_p),
            ("PQresultStatus", ctypes.c_int, ctypes.c_void_p), ("PQresultErrorMessage", ctypes.c_char_p, ctypes.c_void_p),
            ("PQgetCopyData", ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_int),
            ("PQfreemem", None, ctypes.c_void_p), ("PQntuples", ctypes.c_int, ctypes.c_void_p),
            ("PQnfields", ctypes.c_int, ctypes.c_void_p),
            ("PQgetvalue", ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)):
        function = getattr(found, name)
        function.restype, function.argtypes = gives, takes
    return found


class Failed(Exception):
    """What the server refused, in its words."""


class Session:
    """A connection, for as long as `with` lasts. Behind it the server has ended the session: whoever counts or copies next
    does not meet it."""

    def __init__(self, conninfo):
        self.pq, self.told = library(), []
        self.connection = self.pq.PQconnectdb(f"{conninfo} fallback_application_name=psql".encode())
        # Kept for as long as it may be called.
        self.tell = TELL(lambda _, text: self.told.append(text))
        self.pq.PQsetNoticeProcessor(self.connection, self.tell, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        number = self.pq.PQsocket(self.connection)
        line = socket.socket(fileno=os.dup(number)) if number >= 0 else None
        self.pq.PQfinish(self.connection)
        if line is not None:
            with line, contextlib.suppress(OSError):
                line.settimeout(10)
                line.recv(1)

    def version(self):
        return self.pq.PQserverVersion(self.connection)

    def ask(self, sql):
        """All results of @sql, which may be several statements, as psql writes them."""
        if self.pq.PQstatus(self.connection) != 0 or not self.pq.PQsendQuery(self.connection, sql.encode()):
            raise Failed(self.pq.PQerrorMessage(self.connection))
        text, wrong = [], None
        while result := self.pq.PQgetResult(self.connection):
            status = self.pq.PQresultStatus(result)
            if status == TUPLES:
                columns = range(self.pq.PQnfields(result))
                text += (b"|".join(self.pq.PQgetvalue(result, row, column) for column in columns) + b"\n"
                         for row in range(self.pq.PQntuples(result)))
            elif status == COPY_OUT:
                text += self.copied()
            elif status not in (EMPTY, COMMAND):
                wrong = self.pq.PQresultErrorMessage(result) or b"what psql reads a file for is not for this"
            self.pq.PQclear(result)
            if wrong is not None:
                raise Failed(wrong)
        return b"".join(text)

    def copied(self):
        line = ctypes.c_void_p()
        while (length := self.pq.PQgetCopyData(self.connection, ctypes.byref(line), 0)) > 0:
            yield ctypes.string_at(line, length)
            self.pq.PQfreemem(line)


def run(conninfo, sql):
    """Runs @sql, all or nothing, as psql -1 with ON_ERROR_STOP does it, and with its exit status."""
    with Session(conninfo) as session:
        text, status, wrong = b"", 3, b""
        if session.pq.PQstatus(session.connection) != 0:
            status, wrong = 2, session.pq.PQerrorMessage(session.connection)
        else:
            try:
                session.ask("BEGIN")
                text = session.ask(sql)
                session.ask("COMMIT")
                status = 0
            except Failed as failed:
                wrong = failed.args[0]
    return subprocess.CompletedProcess(["libpq", conninfo], status, text, b"".join(session.told) + wrong)
