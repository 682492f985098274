# SPDX-License-Identifier: MIT
"""A PostgreSQL of a test's own: a socket in a folder that only the test knows, no network, started once and
ended by its process. PostgreSQL refuses to run as root, so root lends it to an unprivileged user."""

import atexit
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import libpq


#: Where slipwayctl keeps its audit log, in all tests that import this.
STATE = tempfile.mkdtemp(prefix="slip-state-")
os.environ["SLIPWAY_STATE_DIR"] = STATE
atexit.register(shutil.rmtree, STATE, ignore_errors=True)


def programs():
    """The folder of PostgreSQL's server programs, the newest; None when they are not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"),
                   key=lambda path: float(path.split("/")[4]))
    where = found[-1] if found else shutil.which("postgres")
    return os.path.dirname(where) if where else None


def why_not():
    """Why there can be no server here, or None."""
    if programs() is None:
        return "PostgreSQL's server programs are not installed"
    return None if shutil.which("psql") else "psql is not installed"


def stranger():
    """Arguments of subprocess for somebody who is not root."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    who = known.get("postgres") or known["nobody"]
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


class Server:
    """Use with `with`; databases are made by database()."""

    def __init__(self, settings=()):
        self.settings = ("fsync=off", "listen_addresses=", "shared_buffers=256MB", "timezone=UTC", *settings)
        self.folder = tempfile.mkdtemp(prefix="slip-pg-")
        self.child = None

    def __enter__(self):
        who = stranger()
        if who:
            os.chown(self.folder, who["user"], who["group"])
        data = os.path.join(self.folder, "data")
        subprocess.run([os.path.join(programs(), "initdb"), "-D", data, "-U", "migrator", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **who)
        self.start()
        return self

    def start(self):
        command = [os.path.join(programs(), "postgres"), "-D", os.path.join(self.folder, "data"), "-k", self.folder]
        for setting in self.settings:
            command += ["-c", setting]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.child = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **stranger())
        until = time.monotonic() + 60
        while self.psql("postgres", "SELECT 1", check=False).returncode != 0:
            if self.child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(self.log())
            time.sleep(0.05)

    def crash(self):
        """What stood in the server's memory only is lost, as in a power cut, and it starts again."""
        self.child.send_signal(signal.SIGQUIT)
        self.child.wait(timeout=60)
        self.start()

    def __exit__(self, *_):
        if self.child is not None:
            self.child.terminate()
            self.child.wait(timeout=60)
        shutil.rmtree(self.folder)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def conninfo(self, database):
        return f"host={self.folder} user=migrator dbname={database}"

    def database(self, name, template="template0"):
        """An empty database, or a copy of @template, to which nobody is connected; in place of one of that name."""
        with libpq.Session(self.conninfo("postgres")) as session:
            # Of files that nobody writes a copy takes half as much of the processor as one page by page.
            how = " STRATEGY file_copy" if session.version() >= 150000 else ""
            session.ask(f'DROP DATABASE IF EXISTS "{name}"')
            session.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
        return self.conninfo(name)

    def work(self):
        """Processor seconds of the sessions that have ended; on a machine that others use it is what can be compared."""
        self.psql("postgres", "SELECT 1")
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")

    def psql(self, database, sql, check=True):
        """Runs @sql, all or nothing, and tells what psql would; what the server said when it fails."""
        done = libpq.run(self.conninfo(database), sql)
        if check and done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace")[-4000:])
        return done

    def rows(self, database, query):
        """The rows of @query: dictionaries of texts as COPY writes them, None for NULL."""
        text = self.psql(database, f"COPY (SELECT * FROM (\n{query}\n) AS all_rows LIMIT 0) TO STDOUT (HEADER);\n"
                                   f"COPY (\n{query}\n) TO STDOUT;").stdout.decode()
        lines = text.split("\n")
        names = lines[0].split("\t")
        return [dict(zip(names, map(unescape, line.split("\t")))) for line in lines[1:-1]]


ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unescape(field):
    if field == "\\N":
        return None
    if "\\" not in field:
        return field
    made, parts = [], iter(field)
    for part in parts:
        if part == "\\":
            part = next(parts)
            part = ESCAPES.get(part, part)
        made.append(part)
    return "".join(made)
