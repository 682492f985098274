# SPDX-License-Identifier: MIT
"""A run that is broken off, and goes on: kill -9 at statements of every stage, the server gone in the middle of a COPY, a
full disk. Afterwards both databases hold, row by row, what those of an undisturbed run hold; undo leaves what was there
before.

Each stage is broken off at one statement, another whenever the code changes; SLIPWAY_TEST_LONG=1 takes twenty.
Names of cases behind the program run these."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import killing  # noqa: E402
import proxy  # noqa: E402
import server  # noqa: E402

EXAMPLE = os.path.join(HERE, "..", "..", "data", "example")
POINTS = 20 if os.environ.get("SLIPWAY_TEST_LONG") else 1
# What tells of time, chance or the way that a run went, and not of what it made.
LOOSE = "token,target_id,target_place,target_where,started,ended,loaded,landed_xid,seconds,note,installed,id,load"


class World:
    """A pair of databases from templates, and the program."""

    number = 0

    def __init__(self, slipwayctl, postgres, through, source):
        World.number += 1
        self.slipwayctl, self.postgres, self.source = slipwayctl, postgres, source
        self.names = f"migration{World.number}", f"target{World.number}"
        direct = postgres.database(self.names[0]), postgres.database(self.names[1])
        self.through = [through.conninfo(each) for each in direct]
        self.databases = "--migration-db", direct[0], "--target-db", direct[1]
        with open(os.path.join(EXAMPLE, "target.sql"), encoding="utf-8") as file:
            postgres.psql(self.names[1], file.read())

    def words(self, *words, through=False):
        databases = ("--migration-db", self.through[0], "--target-db", self.through[1]) if through else self.databases
        return [self.slipwayctl, "migrate", *words, *databases]

    def run_words(self, *words, through=False):
        return self.words("run", EXAMPLE, "--source", self.source, "--run-date", "2022-06-15", "--json", "--quiet",
                          "--connections", "1", "--chunk-rows", "40", *words, through=through)

    def run(self, *words, through=False):
        return subprocess.run(self.run_words(*words, through=through), capture_output=True, text=True, check=False)

    def undo(self, *words):
        return subprocess.run(self.words("undo", "1", *words), capture_output=True, text=True, check=False)

    def state(self):
        return list(self.postgres.rows(self.names[0], "SELECT state FROM slipway.run ORDER BY id DESC LIMIT 1")[0].values())[0]

    def snapshot(self):
        """Of the target, as a cluster's snapshot would have it."""
        subprocess.run(["createdb", "-h", self.postgres.folder, "-U", "migrator", "-T", self.names[1], self.names[1] + "_was"], check=True)

    def restore(self):
        host = ["-h", self.postgres.folder, "-U", "migrator"]
        subprocess.run(["dropdb", *host, self.names[1]], check=True)
        subprocess.run(["createdb", *host, "-T", self.names[1] + "_was", self.names[1]], check=True)

    def stages(self, what="state"):
        done = subprocess.run(self.words("status", "--json"), capture_output=True, text=True, check=True)
        return {stage["stage"]: stage.get(what) for stage in json.loads(done.stdout)["runs"][0]["stages"]}

    def loaded(self):
        """Of each table the rows that the manifest has."""
        return {row["part"]: int(row["n"]) for row in
                self.postgres.rows(self.names[1], "SELECT part, inserted + updated AS n FROM slipway_migration.load")}

    def digest(self, which):
        """Each table's rows as one digest; ids of our own books are chance, those of rows are not."""
        tables = self.postgres.rows(self.names[which], """
            SELECT format ('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1""")
        if not tables:
            return {}
        parts = []
        for table in tables:
            own = table["schema"].startswith("slipway")
            row = f"to_jsonb (t) - '{{{LOOSE}}}'::text[]" if own else "to_jsonb (t)"
            parts.append(f"SELECT '{table['name']}' AS name, md5 (coalesce (string_agg (row, E'\\n' ORDER BY row), '')) AS sum, "
                         f"count (*) AS rows FROM (SELECT ({row})::text COLLATE \"C\" AS row FROM {table['name']} t) AS r")
        return {row["name"]: (row["sum"], row["rows"]) for row in
                self.postgres.rows(self.names[which], "\nUNION ALL ".join(parts))}

    def digests(self):
        return {f"{name} of the {('migration database', 'target')[which]}": value
                for which in (0, 1) for name, value in self.digest(which).items()}

    def sequences(self):
        return self.postgres.rows(self.names[1], "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' "
                                                 "ORDER BY 1")


def different(wanted, found):
    return [f"{name}: {wanted.get(name)} rows undisturbed, {found.get(name)} here"
            for name in sorted(wanted.keys() | found.keys()) if wanted.get(name) != found.get(name)]


class Tests:
    def __init__(self, slipwayctl, postgres, through, source):
        self.new = lambda: World(slipwayctl, postgres, through, source)
        self.through, self.postgres = through, postgres
        self.whole = self.new()
        self.points = {}  # stage → the numbers of its messages
        self.texts = {}
        stage = ["begin"]

        def watch(number, kind, body):
            text = body.decode(errors="replace")
            begun = re.search(r"INSERT INTO slipway\.stage.*?VALUES \(\d+, '(\w+)', 'running'", text, re.S)
            if begun:
                stage[0] = begun.group(1)
            if kind != b"X":
                self.points.setdefault(stage[0], []).append(number)
                self.texts[number] = kind, text
            return proxy.FORWARD

        through.begin(watch)
        done = self.whole.run(through=True)
        assert done.returncode == 0, done.stderr
        self.wanted = self.whole.digests()
        self.sequences = self.whole.sequences()

    def find(self, pattern, kind=b"Q"):
        """The number of the first message that matches, counted over all."""
        return next(number for number, (what, text) in self.texts.items() if what == kind and re.search(pattern, text))

    def same(self, world):
        found = different(self.wanted, world.digests())
        if self.sequences != world.sequences():
            found.append("sequences differ")
        return found

    def kill(self, number, before):
        """A run that is killed when its message @number is sent, or has been; how it ended."""
        world = self.new()
        child = []

        def decide(count, _kind, _body):
            if count != number:
                return proxy.FORWARD if count < number else proxy.DROP
            if before:
                os.kill(child[0].pid, signal.SIGKILL)
                return proxy.DROP
            return proxy.FORWARD, lambda: os.kill(child[0].pid, signal.SIGKILL)

        self.through.begin(decide)
        with subprocess.Popen(world.run_words(through=True), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            child.append(process)
            process.wait(timeout=120)
        return world, process.returncode

    def killed(self, stage):
        numbers = self.points[stage]
        chance = random.Random(f"{killing.SEED} {stage}")
        for number in sorted(chance.sample(numbers, min(POINTS, len(numbers)))):
            before = chance.random() < 0.5
            what = (f"SLIPWAY_TEST_SEED={killing.SEED}, killed {'before' if before else 'behind'} message {number}: "
                    f"{self.texts[number][1][:60]!r}")
            world, status = self.kill(number, before)
            yield status == -signal.SIGKILL, f"{what}: it had ended by itself with {status}"
            done = world.run()
            yield done.returncode == 0, f"{what}: {done.stderr}"
            yield not self.same(world), f"{what}: {self.same(world)}"

    def broken(self, number, decision):
        world = self.new()
        self.through.begin(lambda count, kind, body: decision if count == number else proxy.FORWARD)
        return world, world.run(through=True)

    def goes_on(self, world, loaded=None):
        done = world.run()
        yield done.returncode == 0, done.stderr
        yield not self.same(world), self.same(world)

    def server_gone_in_the_middle_of_a_copy(self):
        landed = r"load of \w+\.csv: the connection is gone(.|\n)*for that reason nothing was landed of \w+, \w+(.|\n)*as a whole or not at all"
        for pattern, stage, told in (
                (r"^COPY \"?logbook", "load", landed), (r"^COPY \"?integration", "integration", "copy of the target's staff: "),
                (r"^COPY slip_in", "load_to_target", r"load (\w+): send rows: the connection is gone(.|\n)* Rows of \1 were going in(.|\n)*Of \1 the server had acknowledged 0 of \d+ "
                 r"rows, and of chunk 1 of \d+ none. If it crashed")):
            copy = self.find(pattern)
            number = next(n for n in self.texts if n > copy and self.texts[n][0] == b"d")
            world, done = self.broken(number, proxy.DROP)
            yield done.returncode == 1 and re.search(told, done.stderr) and ".. What" not in done.stderr, f"{stage}: {done.returncode} {done.stderr}"
            yield world.stages().get(stage) in ("failed", "broken off", "running"), world.stages()
            yield from self.goes_on(world)

    def what_is_in_is_told_as_far_as_it_is_known(self):
        """By a server that may have crashed, and by one that closed the connection in order; in status it is the manifest that tells."""
        marks = self.chunk_ends()
        for number, told in ((marks[-1], r"Of \w+ the server had acknowledged \d+ of \d+ rows; chunk \d+ of \d+ is in as a whole or not at all"),
                             (self.find(r"DROP TABLE IF EXISTS slip_in"), r"Rows of \w+ were going in(.|\n)*acknowledged 0 of \d+ rows, and")):
            world, done = self.broken(number, proxy.DROP)
            note = world.stages("note")["load_to_target"]
            yield re.search(told, done.stderr) and "as soon as the server is back" in note and "acknowledged" not in note, f"{note}: {done.stderr}"
        ended = lambda: self.postgres.rows("postgres", "SELECT count (pg_terminate_backend (pid)) AS n FROM pg_stat_activity "
                                                       "WHERE application_name LIKE 'slipway: target%'")
        world, done = self.broken(next(n for n in self.texts if n > marks[2] and self.texts[n][1].startswith("TRUNCATE slip_in")),
                                  (proxy.FORWARD, ended))
        told = re.search(r"due to administrator command(.|\n)*Of (\w+) (\d+) of \d+ rows are in, and of chunk \d+ of \d+ none", done.stderr)
        yield told and 0 < world.loaded()[told[2]] == int(told[3]) and "rows are in" not in world.stages("note")["load_to_target"], done.stderr
        yield from self.goes_on(world)

    def server_loses_power(self):
        """Steps and chunks do not wait for the disk: the last of them are gone, and are done again."""
        for pattern, count in ((r"^INSERT INTO slipway\.step ", "SELECT count(*) AS n FROM slipway.step"),
                               (r"^UPDATE slipway_migration\.load ", None)):
            numbers = [number for number, (kind, text) in self.texts.items() if kind == b"Q" and re.search(pattern, text)]
            half = len(numbers) // 2
            for _ in range(4):  # the server may have come to write by itself a moment before
                up = threading.Event()
                world, done = self.broken(numbers[half], (proxy.FORWARD, lambda up=up: self.postgres.crash() or up.set()))
                up.wait(timeout=120)
                yield done.returncode == 1, f"{pattern}: {done.returncode} {done.stderr}"
                if count is None:
                    told = re.search(r"Of \w+ the server had acknowledged \d+ of \d+ rows(.|\n)*If it crashed, it may have lost", done.stderr)
                    yield told and "acknowledged" not in str(world.stages("note")["load_to_target"]), f"{world.stages('note')}: {done.stderr}"
                there = int(world.postgres.rows(world.names[0], count)[0]["n"]) if count else 0
                if there < half:
                    break
            yield there < half, f"{pattern}: {there} of {half} are there, so that nothing is proven"
            yield from self.goes_on(world)

    def a_full_disk(self):
        full = proxy.error_response("53100", 'could not extend file "base/5/1234": No space left on device')
        for pattern, stage in ((r"^WITH", "transform"), (r"CREATE TABLE \"?integration", "integration"),
                               (r"WITH written AS \(INSERT", "load_to_target")):
            world, done = self.broken(self.find(pattern), (proxy.SWALLOW, full))
            yield done.returncode == 1 and "No space left" in done.stderr and "53100" in done.stderr, done.stderr
            yield world.stages().get(stage) == "failed", world.stages()
            yield from self.goes_on(world)
        # Of a connection the server says less, or only that it died.
        self.through.greeting = proxy.error_response("XX000", "could not write init file", "FATAL")
        done = world.run(through=True)
        yield done.returncode == 1 and "could not write init file. Is the server's disk full? Check its free disk space" in done.stderr, done.stderr
        gone = proxy.error_response("XX000", 'could not write to file "pg_wal/xlogtemp.7": No space left on device', "FATAL")
        for decision, words in (((proxy.HANG_UP, gone), "Is the server's disk full?"), (proxy.DROP, "see whether its disk is full")):
            _, done = self.broken(self.find(r"^WITH"), decision)
            yield done.returncode == 1 and "the connection is gone" in done.stderr and words in done.stderr, done.stderr

    def chunk_ends(self):
        """The numbers of messages that end a chunk with more behind it."""
        return [n for n, (kind, text) in self.texts.items() if kind == b"Q" and text.startswith("UPDATE slipway_migration.load")
                and "complete = false" in text]

    def a_table_that_is_in_in_part_goes_on_there(self):
        world = self.new()
        marks = self.chunk_ends()
        yield len(marks) > 3, "no table goes in chunks, so that nothing is proven"
        world, _ = self.kill(marks[2] + 1, True)
        world.snapshot()
        before = world.postgres.rows(world.names[1], "SELECT part, inserted, inserted + updated AS there, staged FROM slipway_migration.load "
                                                     "WHERE NOT complete AND inserted + updated > 0")
        yield len(before) == 1 and int(before[0]["inserted"]) < int(before[0]["staged"]), before
        part, key = before[0]["part"], world.postgres.rows(world.names[0], f"SELECT max(id) AS id FROM staging.{before[0]['part']}")[0]["id"]
        world.postgres.psql(world.names[1], f"INSERT INTO people (id, uid, type) VALUES ({key}, 390000000000, 'guest')")
        done = world.run()
        yield (done.returncode == 1 and f"{part}.id {key} is taken" in done.stderr and "Nothing was loaded" not in done.stderr
               and f" as a whole and {before[0]['there']} rows of {part}." in done.stderr), f"a key that was taken half-way: {done.stderr}"
        world.postgres.psql(world.names[1], f"DELETE FROM {part} WHERE id = {key}")
        seen = []
        self.through.begin(lambda count, kind, body: seen.append(body.decode(errors="replace")) or proxy.FORWARD)
        done = world.run(through=True)
        yield done.returncode == 0, done.stderr
        again = [text for text in seen if "ctid >= '(0,0)'" in text and f'"{before[0]["part"]}"' in text and text.startswith("COPY")]
        yield not again, "the table began anew"
        yield not self.same(world), self.same(world)
        world.restore()
        done = world.run()
        yield done.returncode == 0, f"behind a snapshot of the half-way load: {done.stderr}"
        yield not self.same(world), f"behind a snapshot of the half-way load: {self.same(world)}"

    def a_table_whose_blocks_do_not_follow_its_keys_goes_on_there(self):
        """A small row stands in what was left of an earlier block: keys that are to come begin before the last one that is in."""
        parts = {row["id"]: row["part"] for row in self.whole.postgres.rows(self.whole.names[1], "SELECT id, part FROM slipway_migration.load")}

        def is_mixed(number):
            block, load = re.search(r"next_block = (\d+), .* WHERE id = (\d+)", self.texts[number][1]).groups()
            key = "(to_jsonb (t) ->> 'id')::bigint"
            return self.whole.postgres.rows(self.whole.names[0], f"SELECT min ({key}) FILTER (WHERE ctid >= '({block},0)') < max ({key}) FILTER "
                                            f"(WHERE ctid < '({block},0)') AS mixed FROM staging.{parts[load]} t "
                                            "WHERE migration_method = 'INSERT'")[0]["mixed"] == "t"
        mixed = next((number for number in self.chunk_ends() if is_mixed(number)), None)
        yield mixed, "all blocks follow the keys, so that nothing is proven"
        if mixed:
            world, status = self.kill(mixed + 1, True)
            yield status == -signal.SIGKILL, f"the run had ended by itself with {status}"
            yield from self.goes_on(world)

    def killed_on_several_connections(self):
        """While tables get their keys, go in, and are compared, beside each other: what the server still does for the dead run is waited for."""
        for text, stage, nth in ((b"AS migration_method", "integration", 4), (b"UPDATE slipway_migration.load", "load_to_target", 5),
                                 (b"slipway.compare_rows", "validation", 4)):
            world, child, seen = self.new(), [], []

            def decide(_count, _kind, body, text=text, child=child, seen=seen, nth=nth):
                if text in body:
                    seen.append(body)
                return (proxy.FORWARD, lambda: os.kill(child[0].pid, signal.SIGKILL)) if text in body and len(seen) == nth else proxy.FORWARD

            self.through.begin(decide)
            with subprocess.Popen(world.run_words("--connections", "3", through=True), stderr=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL) as process:
                child.append(process)
                yield process.wait(timeout=120) == -signal.SIGKILL, f"{stage}: the run had ended by itself"
            done = world.run("--connections", "3")
            yield done.returncode == 0, f"{stage}: {done.stderr}"
            yield not self.same(world), f"{stage}: {self.same(world)}"

    def killed_while_a_validation_says_what_it_found(self):
        """All of what it found stands there, or all of what was found before: behind each commit, while several sessions have some."""
        planted = {"contracts": "berthcode = 'Z99'", "people": "surname = 'X'", "notes": "text = 'X'", "phones": "phonenumber = '0'",
                   "invoices": "reference = reference || 'X'", "tasks": "name = 'X'", "surveys": "status = 'X'"}
        world = self.new()
        yield world.run().returncode == 0, "the run"
        found = "SELECT mapping, differing + missing + extra AS wrong, (SELECT count (*) FROM slipway.difference d WHERE (d.run, d.mapping) = " \
                "(v.run, v.mapping)) AS told FROM slipway.validation v ORDER BY 1"
        before = world.postgres.rows(world.names[0], found)
        world.postgres.psql(world.names[1], ";".join(f"UPDATE {table} SET {change} WHERE id = (SELECT max (id) FROM {table})"
                                                     for table, change in planted.items()))
        words = world.words("stage", "validation", EXAMPLE, "--connections", "3", "--quiet", through=True)
        seen = []
        for nth in (1, 2, 3):
            child, ends = [], []

            def decide(_count, _kind, body, child=child, ends=ends, nth=nth):
                commits = body.startswith(b"COMMIT") or b"; COMMIT; ANALYZE" in body
                if b"compare_rows" in body or ends and commits:
                    ends.append(commits)
                last = commits and sum(ends) == nth
                return (proxy.FORWARD, lambda: os.kill(child[0].pid, signal.SIGKILL)) if last else proxy.FORWARD

            self.through.begin(decide)
            with subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
                child.append(process)
                yield process.wait(timeout=120) == -signal.SIGKILL, f"commit {nth}: the stage had ended by itself"
            seen.append(world.postgres.rows(world.names[0], found))
            yield all(row["wrong"] == row["told"] for row in seen[-1]), f"commit {nth}: {seen[-1]}"
        done = subprocess.run(world.words("stage", "validation", EXAMPLE, "--quiet"), capture_output=True, text=True, check=False)
        after = world.postgres.rows(world.names[0], found)
        yield done.returncode == 3 and sum(row != old for row, old in zip(after, before)) >= len(planted), (done.stderr, after)
        yield all(one in (before, after) for one in seen) and seen[0] == before, f"half of what was found stands there: {seen}"
        left = world.postgres.rows(world.names[0], "SELECT nspname FROM pg_namespace WHERE nspname IN ('slipway_expected', 'slipway_actual', 'slipway_found')")
        yield not left, f"left behind: {left}"

    def killed_in_undo(self):
        """Behind the target's commit: a run finds the target empty, whatever the migration database says, and an undo its end."""
        world = self.new()
        pristine = {name: rows for name, rows in world.digest(1).items() if not name.startswith("slipway")}
        child = []

        def decide(_count, _kind, body):
            if b"UPDATE slipway_migration.run SET state = 'undone'" not in body:
                return proxy.FORWARD
            return proxy.FORWARD, lambda: os.kill(child[-1].pid, signal.SIGKILL)

        yield world.run().returncode == 0, "the run"
        for then in (world.run, world.undo):
            self.through.begin(decide)
            with subprocess.Popen(world.words("undo", "1", through=True), stderr=subprocess.DEVNULL) as process:
                child.append(process)
                yield process.wait(timeout=120) == -signal.SIGKILL, "undo had ended by itself"
            yield world.stages()["load_to_target"] == "gone", "the migration database knows of the undo, so that nothing is proven"
            done = then()
            yield done.returncode == 0, f"{then.__name__}: {done.stderr}"
            there = {name: rows for name, rows in world.digest(1).items() if not name.startswith("slipway")}
            if then == world.undo:
                yield there == pristine, f"undo: {different(pristine, there)}"
            else:  # public numbers that were given out are not given out again
                here, there = self.whole.digest(1), world.digest(1)
                yield {name: here[name][1] for name in here} == {name: there[name][1] for name in there}, f"run: {different(here, there)}"

    def a_second_run_changes_nothing(self):
        done = self.whole.run()
        yield done.returncode == 0, done.stderr
        yield not self.same(self.whole), self.same(self.whole)

    def undo_leaves_what_was_there_before(self):
        pristine = self.new().digest(1)
        target = lambda: {name: rows for name, rows in self.whole.digest(1).items() if not name.startswith("slipway")}
        yield target() != pristine, "nothing was loaded, so that nothing is proven"
        done = self.whole.undo("--stage", "load")
        yield done.returncode == 0, done.stderr
        yield self.whole.state() == "taken back", self.whole.state()
        yield target() == pristine, different(pristine, target())
        left = {name: rows for name, rows in self.whole.digest(0).items()
                if not name.startswith("slipway.") or name in ("slipway.file", "slipway.step", "slipway.excluded")}
        yield all(rows[1] == "0" for rows in left.values()), left
        left = {name: rows for name, rows in self.whole.digest(1).items() if name.startswith("slipway") and not name.endswith((".run", ".target"))}
        yield all(rows[1] == "0" for rows in left.values()), left


def main(slipwayctl, names):
    tap = drive.Tap()
    if server.why_not():
        tap.skip("kill", server.why_not())
        return tap.end()
    # What does not wait for the disk stays in memory long enough for a crash to lose it.
    with server.Server(("wal_writer_delay=10s", "wal_writer_flush_after=1GB")) as postgres, proxy.Proxy(postgres.folder) as through, \
            tempfile.TemporaryDirectory(prefix="slip-kill-") as folder:
        source = os.path.join(folder, "source")
        subprocess.run([slipwayctl, "migrate", "generate", "--clients", "120", "--seed", "1", "--settings",
                        os.path.join(EXAMPLE, "generate.json"), "--output", source], check=True, stdout=subprocess.DEVNULL)
        tests = Tests(slipwayctl, postgres, through, source)
        cases = [(f"killed_in_{stage}", lambda stage=stage: tests.killed(stage)) for stage in tests.points]
        cases += [(name, getattr(tests, name)) for name in
                  ("server_gone_in_the_middle_of_a_copy", "what_is_in_is_told_as_far_as_it_is_known", "server_loses_power", "a_full_disk", "a_table_that_is_in_in_part_goes_on_there",
                   "a_table_whose_blocks_do_not_follow_its_keys_goes_on_there", "killed_on_several_connections",
                   "killed_while_a_validation_says_what_it_found", "killed_in_undo",
                   "a_second_run_changes_nothing", "undo_leaves_what_was_there_before")]
        for name, case in cases:
            if names and name not in names:
                continue
            results = list(case())
            wrong = [why for good, why in results if not good]
            tap.result(not wrong and results, name, "\n".join(map(str, wrong)))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
