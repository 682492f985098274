# SPDX-License-Identifier: MIT
"""What hooks do to tables of any kind, and what comes of it when the run is taken back. Part of test-run.py, whose world it uses."""

import json
import os
import re
import shutil
import tempfile

import libpq

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "example")
HOOKED = """
CREATE TABLE visitors (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TABLE visits (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, visitor_id integer NOT NULL REFERENCES visitors);
INSERT INTO visitors (name) SELECT 'guest ' || n FROM generate_series (1, 10) n; INSERT INTO visits (visitor_id) SELECT id FROM visitors;
CREATE SCHEMA office; CREATE TABLE office.diary (day date PRIMARY KEY, what text); INSERT INTO office.diary VALUES ('2022-01-01', 'closed');
CREATE TABLE tides (level integer, place text); INSERT INTO tides VALUES (1, 'quay'), (1, 'quay'), (2, 'quay'), (3, 'quay');
CREATE TABLE moorings (id integer PRIMARY KEY, berth text) PARTITION BY RANGE (id);
CREATE TABLE moorings_low PARTITION OF moorings FOR VALUES FROM (0) TO (100);
CREATE TABLE moorings_late (id integer PRIMARY KEY, berth text);
CREATE TABLE moorings_high PARTITION OF moorings FOR VALUES FROM (100) TO (200);
INSERT INTO moorings SELECT n, 'B' || n FROM generate_series (90, 110) n;
CREATE TABLE soundings (id serial PRIMARY KEY, depth integer, place text, twice integer GENERATED ALWAYS AS (depth * 2) STORED);
INSERT INTO soundings (depth, place) VALUES (3, 'Quay'), (4, 'Quay'); CREATE TABLE marks (id integer GENERATED ALWAYS AS IDENTITY, colour text);
CREATE SEQUENCE tickets; SELECT setval ('tickets', 77); CREATE VIEW deep AS SELECT id, depth FROM soundings; CREATE VIEW deeper AS SELECT id FROM deep;
CREATE VIEW granted AS SELECT 1 AS n; GRANT SELECT ON granted TO public; CREATE MATERIALIZED VIEW charted AS SELECT depth FROM soundings; CREATE TYPE colour AS ENUM ('red', 'green'); CREATE DOMAIN fathom AS integer;
CREATE TYPE fix AS (east integer, north integer);
CREATE TABLE anchors (id integer PRIMARY KEY, at fix[]); INSERT INTO anchors VALUES (1, ARRAY[(1, 2)::fix]); SELECT lo_create (4711); SELECT lo_create (4712);
ALTER TABLE people_tasks DROP CONSTRAINT people_tasks_pkey, DROP CONSTRAINT people_tasks_person_id_fkey,
                         DROP CONSTRAINT people_tasks_task_id_fkey;
"""
# Rows of it are in the migration database.
ABROAD = """CREATE EXTENSION postgres_fdw; CREATE SERVER abroad FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{folder}', dbname '{name}');
CREATE USER MAPPING FOR migrator SERVER abroad OPTIONS (user 'migrator'); CREATE FOREIGN TABLE abroad (n integer) SERVER abroad"""
# What a hook does to the session's settings decides nothing: not whether it is written down, and not in which form.
HOOK = """ALTER TABLE tides ADD COLUMN measured date DEFAULT '2022-01-01'; RESET ALL; SELECT set_config ('slipway.token', '', true); SET datestyle = 'SQL, MDY'; TRUNCATE visitors CASCADE; INSERT INTO visitors (name) VALUES ('nobody; COMMIT');
UPDATE office.diary SET what = 'open'; INSERT INTO office.diary VALUES ('2022-01-02', 'open'); UPDATE office.diary SET day = day + 1 WHERE day > '2022-01-01';
UPDATE tides SET level = 7 WHERE level < 3; DELETE FROM tides WHERE level = 3; INSERT INTO tides VALUES (7, 'quay');
SELECT set_config ('session_replication_role', 'replica', true); UPDATE moorings SET id = id + 50 WHERE id < 100; DELETE FROM moorings WHERE id = 105;
SELECT set_config ('session_replication_role', 'origin', true);
CREATE TABLE office.visited AS SELECT 1 AS n; SET search_path = office"""
STAYS = "hook wide: table office.visited is made, table public.tides is altered: an undo leaves these so"
# All that takes values away without a row that a trigger is told of, and what looks like it.
LOSING = """ALTER TABLE office.diary ALTER what TYPE text USING what || 'x'; ALTER TABLE moorings ALTER berth TYPE text USING ''; DROP TABLE tides;
ALTER TABLE visits DROP COLUMN visitor_id; UPDATE counters SET value = 99; ALTER TABLE counters ADD COLUMN at int;
ALTER TABLE visitors ADD COLUMN at float DEFAULT random (); ALTER TABLE phones ALTER phonenumber SET NOT NULL"""
UNTOLD = "a column that it alters while it writes the table anew, where nothing tells whether its values are the same"
LOST = ("hook wide: an undo could not bring these back, so that nothing of the hook was kept: "
        f"office.diary.what, {UNTOLD}; public.moorings_high.berth, {UNTOLD}; public.moorings_low.berth, {UNTOLD}; "
        "public.visits.visitor_id, a column that it drops; table public.counters, whose rows it changes before it adds or drops a column; and 1 more. Do that by hand")
# What stands beside tables, and goes for good.
BESIDE = """SELECT nextval ('tickets'); DROP SEQUENCE tickets; DROP MATERIALIZED VIEW charted; DROP VIEW deeper; SELECT lo_unlink (4711);
ALTER TYPE colour RENAME VALUE 'red' TO 'crimson'"""
LOST_BESIDE = ("large object 4711, which it drops; materialized view public.charted, which it drops; sequence public.tickets, which it drops; "
               "value 'red' of type public.colour, which it renames; view public.deeper, which it drops. Do that by hand")
# A table that is written anew and a column whose entry in the catalogue is another one, by statements that leave all values.
HARMLESS = """ALTER TABLE visits ADD COLUMN mark uuid DEFAULT gen_random_uuid (), ALTER COLUMN visitor_id DROP NOT NULL;
TRUNCATE office.diary; INSERT INTO office.diary VALUES ('2022-01-05', 'open'); ALTER TABLE office.diary ALTER what SET NOT NULL;
UPDATE tides SET level = 8; ALTER TABLE tides SET UNLOGGED; GRANT SELECT (place) ON tides TO public;
ALTER TABLE soundings DROP COLUMN twice; UPDATE soundings SET depth = 9; SELECT nextval ('tickets')"""
MENDED = """ALTER TABLE visits DROP COLUMN mark, ALTER visitor_id SET NOT NULL; ALTER TABLE office.diary ALTER what DROP NOT NULL;
ALTER TABLE tides SET LOGGED; REVOKE SELECT (place) ON tides FROM public; ALTER TABLE soundings ADD COLUMN twice integer GENERATED ALWAYS AS (depth * 2) STORED"""
# Statements, what is lost by them and what stays of them.
TOLD = (("ALTER TABLE soundings ALTER place TYPE text USING lower (place)", f"public.soundings.place, {UNTOLD}", None),
        ("ALTER TABLE soundings ADD COLUMN mark uuid DEFAULT gen_random_uuid (), ALTER place SET NOT NULL, ALTER place TYPE text USING lower (place);"
         "GRANT SELECT (place) ON soundings TO public; ALTER TABLE soundings DROP COLUMN twice; ALTER TABLE tides ADD COLUMN n integer DEFAULT 1",
         f"public.soundings.place, {UNTOLD}", None),
        ("SET LOCAL track_counts = off; ALTER TABLE soundings ALTER place TYPE text USING lower (place)", f"public.soundings.place, {UNTOLD}", None),
        ("ALTER TABLE marks ALTER colour TYPE varchar (3) USING left (colour, 3)", "public.marks.colour, a column whose type it changes while it writes the table anew", None),
        ("CREATE OR REPLACE VIEW deep AS SELECT id, depth + 1 AS depth FROM soundings", "view public.deep, whose query it replaces", None),
        ("CREATE OR REPLACE VIEW deep  AS  SELECT id,  depth FROM soundings; DROP VIEW deeper; CREATE VIEW deeper AS  SELECT id FROM deep", None, "view public.deeper is made"),
        ("DROP VIEW deeper; CREATE VIEW deeper AS SELECT id + 1 AS id FROM deep", "view public.deeper, which it drops", "view public.deeper is made"),
        ("DROP VIEW granted; CREATE VIEW granted AS SELECT 1 AS n", "view public.granted, which it drops", "view public.granted is made"),
        ("DROP TYPE colour; DROP DOMAIN fathom; DROP TYPE fix CASCADE",
         "public.anchors.at, a column that it drops; type public.colour, which it drops; type public.fathom, which it drops; type public.fix, which it drops", None),
        ("DO $b$ BEGIN ALTER TYPE fix DROP ATTRIBUTE north; END $b$", "type public.fix, whose attributes it changes", None),
        ("UPDATE anchors SET at[1] = (3, 4); ALTER TYPE fix ADD ATTRIBUTE height integer CASCADE", "type public.fix, whose attributes it changes", None),
        ("UPDATE marks SET colour = 'x'; INSERT INTO marks (colour) VALUES ('y'); ALTER TABLE marks RENAME TO signs", "table public.marks, whose rows it changes and which it calls otherwise", None),
        ("ALTER TABLE marks SET SCHEMA office; INSERT INTO office.marks (colour) VALUES ('y')", "table public.marks, whose rows it changes and which it calls otherwise", None),
        ("ALTER TABLE marks RENAME TO signs", None, "table public.marks is altered"),
        ("DROP TABLE soundings CASCADE", "materialized view public.charted, which it drops; table public.soundings, which it drops; "
         "view public.deep, which it drops; view public.deeper, which it drops", None),
        ("ALTER TABLE marks ALTER id DROP IDENTITY", "sequence public.marks_id_seq, which it drops", "table public.marks is altered"),
        ("DO $b$ BEGIN DROP SEQUENCE tickets; RAISE 'no'; EXCEPTION WHEN raise_exception THEN NULL; END $b$;"
         "SELECT setval ('tickets', 99); TRUNCATE soundings RESTART IDENTITY; CREATE SEQUENCE s; DROP SEQUENCE s; CREATE VIEW v AS SELECT 1 AS n; DROP VIEW v;"
         "CREATE TYPE t AS ENUM ('a'); ALTER TYPE t RENAME VALUE 'a' TO 'b'; DROP TYPE t; SELECT lo_unlink (lo_create (9));"
         "CREATE TYPE pair AS (a integer); ALTER TYPE pair ADD ATTRIBUTE b integer; ALTER TYPE pair DROP ATTRIBUTE a; DROP TYPE pair;"
         "CREATE TEMP TABLE own (id serial); CREATE TEMP VIEW owned AS SELECT 1 AS n; DROP TABLE own", None, None),
        ("ALTER TABLE marks SET UNLOGGED; CREATE TABLE moorings_top PARTITION OF moorings FOR VALUES FROM (200) TO (300); ALTER VIEW granted RENAME n TO m;"
         "ALTER VIEW deep SET (security_barrier); ALTER DOMAIN fathom SET DEFAULT 1; INSERT INTO soundings (depth) VALUES (9); REFRESH MATERIALIZED VIEW charted;"
         "CREATE TABLE whole (n integer) PARTITION BY RANGE (n); CREATE TABLE part PARTITION OF whole DEFAULT",
         None, "materialized view public.charted is altered, table public.marks is altered, table public.moorings_top is made, table public.whole is made, "
         "type public.fathom is altered, view public.deep is altered, view public.granted is altered"),
        ("REVOKE SELECT ON granted FROM public; GRANT SELECT (n) ON granted TO public", None, "view public.granted is altered"),
        ("CREATE TABLE made (id serial); CREATE VIEW seen AS SELECT 1 AS n; CREATE SEQUENCE numbers; ALTER TYPE colour ADD VALUE 'blue'; ALTER SEQUENCE tickets INCREMENT 2",
         None, "sequence public.numbers is made, sequence public.tickets is altered, table public.made is made, type public.colour is altered, view public.seen is made"))
# What is there before, statements, tables of others that they wrote to and what is lost by them.
AS_GUEST = ("CREATE ROLE guest; GRANT USAGE ON SCHEMA slipway_migration TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA slipway_migration TO guest;"
            "CREATE VIEW fenced WITH (security_barrier) AS SELECT 1 AS n; CREATE VIEW shown AS SELECT 1 AS n; GRANT SELECT (n) ON shown TO public; CREATE VIEW lent AS SELECT 1 AS n; ALTER VIEW lent OWNER TO guest; GRANT TRUNCATE ON sand TO guest;"
            "SET ROLE guest")
OF_OTHERS = (("TRUNCATE sand", "public.sand", None),
             ("RESET ROLE; DROP TABLE sand; SET ROLE guest", None, "table public.sand, which it drops"),
             ("RESET ROLE; DROP FOREIGN TABLE afar; SET ROLE guest", None, "foreign table public.afar, which it drops"),
             ("RESET ROLE; ALTER FOREIGN TABLE afar ADD COLUMN m integer; SET ROLE guest", None, "foreign table public.afar, which it truncates or alters"),
             ("RESET ROLE; DROP VIEW shown; CREATE VIEW shown AS SELECT 1 AS n", None, "view public.shown, which it drops"),
             ("RESET ROLE; DROP VIEW fenced, lent; CREATE VIEW fenced AS SELECT 1 AS n; CREATE VIEW lent AS SELECT 1 AS n", None,
              "view public.fenced, which it drops; view public.lent, which it drops"),
             ("RESET ROLE; DROP VIEW fenced, lent; CREATE VIEW fenced WITH (security_barrier) AS SELECT 1 AS n; CREATE VIEW lent AS SELECT 1 AS n;"
              "ALTER VIEW lent OWNER TO guest; CREATE FOREIGN TABLE here (n integer) SERVER nowhere; DROP FOREIGN TABLE here; LOCK TABLE sand", None, None))
# Statements that no check reads: texts that a block carries out.
BEHIND = """DO $b$ BEGIN ALTER TABLE visits DISABLE TRIGGER ALL; DELETE FROM visits; ALTER TABLE visits ENABLE TRIGGER ALL;
ALTER TABLE visits ENABLE ALWAYS TRIGGER slipway_capture; ALTER TABLE visits ENABLE ALWAYS TRIGGER slipway_capture_truncate; END $b$"""


def with_hook(folder, update):
    """The example with a hook more."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    with open(os.path.join(EXAMPLE, "migration.json"), encoding="utf-8") as file:
        sidecar = json.load(file)
    sidecar["hooks"].append({"name": "wide", "after": "load_to_target", "update": "hooks/wide.sql"})
    for name, text in (("migration.json", json.dumps(sidecar)), ("hooks/wide.sql", update)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def a_run_refuses_what_the_check_calls_an_error(world, folder, run):
    """What is wrong by itself before a run begins, what is wrong with the files' headers behind their load."""
    done = run("UPDATE counters SET value = 99; COMMIT")
    yield done.returncode == 1 and "the check finds 1 error, and nothing runs on that:\nerror: migration.json: /hooks/1/update: COMMIT in a hook" in done.stderr, done.stderr
    ours = run('UPDATE counters SET value = 99; DROP TABLE "slipway_migration".change').stderr
    yield "error: migration.json: /hooks/1/update: schema slipway_migration in a hook" in ours, ours
    yield world.one(0, "SELECT count(*) AS n FROM slipway.run") == "0", "a run began"
    path = os.path.join(folder, "migration.json")
    with open(path, encoding="utf-8") as file:
        sidecar = json.load(file)
    for part, at, text in (("rules", "/rules/0", [{"name": "ends", "stage": "integration", "sql": "SELECT 1 AS a$x$; COMMIT; --$x$"}]),
                           ("functions", "/functions/ends.sql", ["ends.sql"])):
        with open(os.path.join(folder, "ends.sql"), "w", encoding="utf-8") as file:
            file.write("BEGIN; CREATE FUNCTION public.f () RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMIT;")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**sidecar, "hooks": [], part: text}, file)
        done = world.call(world.words("run", folder, "--source", world.source, "--run-date", "2022-06-15"))
        yield done.returncode == 1 and f"error: migration.json: {at}: " in done.stderr and "in what is part of a transaction of the run's" in done.stderr, done.stderr
    yield world.one(0, "SELECT count(*) AS n FROM slipway.run") == "0", "a run began"
    drop = {"name": "broken", "table": "member", "reason": "none", "drop": "s.\"Status\" = = 'X' -- why"}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**sidecar, "hooks": [], "filters": [drop]}, file)
    done = world.call(world.words("run", folder, "--source", world.source, "--run-date", "2022-06-15"))
    yield done.returncode == 1 and "error: migration.json: /filters: “s.\"Status\" = = 'X' -- why” is no SQL: syntax error at or near" in done.stderr, done.stderr
    drop["drop"] = "s.\"Status\" = 'never' -- why"
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**sidecar, "hooks": [], "filters": [drop]}, file)
    path = os.path.join(folder, "mapping_definitions", "tables", "table_definitions.json")
    with open(path, encoding="utf-8") as file:
        definitions = json.load(file)
    definitions["members"]["source_conditions"]["Nope"] = "1"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(definitions, file)
    done = world.call(world.words("run", folder, "--source", world.source, "--run-date", "2022-06-15"))
    yield done.returncode == 1 and "/members/source_conditions/Nope: the source table “member” has no column “Nope”" in done.stderr, done.stderr
    noted = [(stage["stage"], stage["state"]) for stage in world.status()[0]["stages"]]
    yield noted == [("load", "done"), ("filter", "failed")], noted
    yield world.one(1, "SELECT count(*) AS n FROM pg_namespace WHERE nspname = 'slipway_migration'") == "0", "something was written to the target"


def what_is_lost_and_what_stays_is_told(world):
    """Of what others drop meanwhile, nothing."""
    hook = "'00000000-0000-0000-0000-000000000001', 'told'"
    watch = f"BEGIN; SELECT slipway_migration.watch ({hook});"
    ask = f"COPY (SELECT slipway_migration.lost ({hook}), slipway_migration.stays ()) TO STDOUT"
    for statements, lost, stays in TOLD:
        told = world.postgres.psql(world.names[1], f"{watch} {statements}; {ask}; ROLLBACK").stdout.decode().splitlines()[-1].split("\t")
        wanted = lost or "\\N", stays or "\\N"
        yield told[0] == wanted[0] and (told[1] == wanted[1] or (lost and not stays)), (statements, told)
    world.sql(1, "CREATE TABLE sand (n integer); CREATE TABLE silt (n integer); CREATE TABLE mud (n integer);"
                 "CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE afar (n integer) SERVER nowhere")
    others = f"COPY (SELECT (SELECT string_agg (name, ',') FROM slipway_migration.unwatched () AS name), slipway_migration.lost ({hook})) TO STDOUT"
    for statements, written, lost in OF_OTHERS:
        told = world.postgres.psql(world.names[1], f"BEGIN; {AS_GUEST}; SELECT slipway_migration.watch ({hook}); {statements}; {others}; ROLLBACK").stdout.decode()
        yield told.splitlines()[-1].split("\t") == [written or "\\N", lost or "\\N"], (statements, told)
    done = world.postgres.psql(world.names[1], f"BEGIN; {AS_GUEST}; RESET ROLE; CREATE TABLE hidden (n integer); ALTER TABLE hidden OWNER TO guest, ENABLE ROW LEVEL SECURITY,"
                                               f" FORCE ROW LEVEL SECURITY; SET ROLE guest; SELECT slipway_migration.watch ({hook}); TRUNCATE hidden", check=False)
    yield done.returncode != 0 and b"rows of table public.hidden that a policy hides from guest" in done.stderr, done
    with libpq.Session(world.databases[3]) as session:
        session.ask(f"BEGIN; {AS_GUEST}; SELECT slipway_migration.watch ({hook})")
        world.sql(1, "TRUNCATE silt; DROP TABLE mud")
        told = session.ask(others)
        yield told == b"\\N\t\\N\n", f"what others did is told: {told}"
    done = world.postgres.psql(world.names[1], f"BEGIN; SET LOCAL track_counts = off; SELECT slipway_migration.watch ({hook})", check=False)
    yield done.returncode != 0 and f"IN DATABASE {world.names[1]} SET track_counts = on".encode() in done.stderr, done
    world.sql(1, "DROP TABLE sand, silt; DROP FOREIGN DATA WRAPPER nowhere CASCADE; CREATE VIEW shallow AS SELECT 1 AS n")
    with libpq.Session(world.databases[3]) as session:
        session.ask(watch)
        world.sql(1, "DROP VIEW shallow; CREATE OR REPLACE VIEW deep AS SELECT id, depth + 1 AS depth FROM soundings; ALTER SEQUENCE tickets INCREMENT 2;"
                     "SELECT lo_unlink (4712); ALTER TYPE colour RENAME VALUE 'green' TO 'lime'; CREATE SEQUENCE numbers; ALTER TYPE fix RENAME ATTRIBUTE east TO west")
        told = session.ask(ask)
    world.sql(1, "CREATE OR REPLACE VIEW deep AS SELECT id, depth FROM soundings; ALTER SEQUENCE tickets INCREMENT 1; SELECT lo_create (4712);"
                 "ALTER TYPE colour RENAME VALUE 'lime' TO 'green'; DROP SEQUENCE numbers; ALTER TYPE fix RENAME ATTRIBUTE west TO east")
    yield told == b"\\N\t\\N\n", f"what others did is told: {told}"


def a_hook_that_leaves_all_values_is_carried_out_and_taken_back(world, run, before):
    done = run(HARMLESS)
    yield done.returncode == 0, done.stderr
    yield world.one(1, "SELECT string_agg (depth::text, ',') AS n FROM soundings") == "9,9", "the hook did not its work"
    done = world.undo(int(world.one(0, "SELECT max(id) AS n FROM slipway.run")))
    world.sql(1, MENDED)
    yield done.returncode == 0 and world.dump() == before, (done.stderr, [line for line in world.dump() if line not in before][:5])


def what_hooks_do_is_taken_back_wherever_they_do_it(new):
    world = new()
    world.sql(1, HOOKED + ABROAD.format(folder=world.postgres.folder, name=world.names[0]))
    world.sql(0, "CREATE TABLE abroad (n integer)")
    before = world.dump()
    twin = "INSERT INTO people_tasks SELECT * FROM people_tasks ORDER BY 1, 2 LIMIT 1"
    triggers = "SELECT count(*) AS n FROM pg_trigger WHERE tgname LIKE 'slipway%'"
    with tempfile.TemporaryDirectory(prefix="slip-hooks-") as folder:
        def run(update):
            return world.call(world.words("run", with_hook(folder, update), "--source", world.source, "--run-date", "2022-06-15",
                                          "--skip", "validation"))
        yield from a_run_refuses_what_the_check_calls_an_error(world, folder, run)
        for update, told in (("UPDATE counters SET value = 99; DO $b$ BEGIN EXECUTE 'COMMIT'; END $b$; DELETE FROM visits", "a hook is one transaction"),
                             (BEHIND, "visits could not be taken back"),
                             ("UPDATE counters SET value = 99; DO $b$ BEGIN DROP SCHEMA slipway_migration CASCADE; END $b$", "hook wide: it alters what is not its own"),
                             ("DO $b$ BEGIN DROP SCHEMA slipway_migration; END $b$", "hook wide: update: schema slipway_migration is where"),
                             ("DELETE FROM visits WHERE id = 1; DO $b$ BEGIN DELETE FROM slipway_migration.change; END $b$", "leave that schema out of it"),
                             # What ends it while it is written down is told as what it is.
                             ("UPDATE visits SET visitor_id = visitor_id WHERE set_config ('transaction_read_only', 'on', true) <> ''",
                              ", hook wide: update: cannot execute INSERT in a read-only transaction (SQLSTATE 25006; "),
                             (LOSING, LOST),
                             (BESIDE, LOST_BESIDE),
                             ("ALTER TABLE moorings ATTACH PARTITION moorings_late FOR VALUES FROM (200) TO (300)", "cannot become a partition while"),
                             ("ALTER TABLE moorings DETACH PARTITION moorings_low", "or takes it out of another as its partition"),
                             ("INSERT INTO abroad VALUES (1)", "hook wide: rows of foreign table public.abroad stand elsewhere, where no undo takes them back, so that nothing"),
                             ("ALTER FOREIGN TABLE abroad DISABLE TRIGGER ALL", "foreign table public.abroad, which it truncates or alters"),
                             ("DO $b$ BEGIN DISCARD TEMP; DELETE FROM visits; END $b$", "Leave DISCARD out of it")):
            done = run(update)
            yield done.returncode == 1 and told in done.stderr, f"{update}: {done.stderr}"
            yield world.one(1, triggers) == "0" and world.one(1, "SELECT count(*) AS n FROM visits") == "10", f"{update}: something stayed"
            yield world.one(1, "SELECT value FROM counters WHERE name = 'invoice batch'") != "99", f"{update}: half of it is in"
            world.sql(0, "UPDATE slipway.run SET sidecar_sha256 = repeat ('0', 64)")
            world.sql(1, "CREATE TRIGGER slipway_capture AFTER UPDATE ON counters FOR EACH ROW EXECUTE FUNCTION slipway_migration.capture ();"
                         "UPDATE counters SET value = value")
            wanted = re.search("and run again: slipwayctl migrate undo ([0-9]+), then slipwayctl migrate run\n$", done.stderr)
            yield wanted, f"{update}: no way out: {done.stderr}"
            done = world.undo(int(wanted[1]))
            yield done.returncode == 0 and world.dump() == before, (done.stderr, [line for line in world.dump() if line not in before][:5])
        yield from what_is_lost_and_what_stays_is_told(world)
        yield from a_hook_that_leaves_all_values_is_carried_out_and_taken_back(world, run, before)
        done = run(HOOK)
        yield f"; {STAYS}" in f"; {world.status()[0]['stages'][-1].get('note')}", world.status()[0]["stages"]
        yield done.returncode == 0 and world.dump() != before, done.stderr
        yield world.one(1, "SELECT count(*) AS n FROM visitors") == "1" and world.one(1, triggers) == "0", "the hook did not its work"
        world.sql(1, twin)
        done = world.undo(int(world.one(0, "SELECT max(id) AS n FROM slipway.run")))
    yield done.returncode == 0 and f"; {STAYS}\n" in done.stdout, (done.stdout, done.stderr)
    world.sql(1, "DROP TABLE office.visited; ALTER TABLE tides DROP COLUMN measured")
    yield world.one(1, "SELECT count(*) AS n FROM people_tasks") == "1", "a row of somebody else went with its twin"
    world.sql(1, "DELETE FROM people_tasks")
    yield world.dump() == before, [line for line in world.dump() if line not in before][:5]
