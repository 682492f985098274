# SPDX-License-Identifier: MIT
"""What a migration fetches from S3, on the rehearsal server, with the AWS CLI as judge of versions: definitions by
`slipwayctl migrate versions`, source files by `slipwayctl migrate load-s3`.

    test-s3.py SLIPWAYCTL SLIPWAY-REHEARSAL SCENARIO"""

import base64
import hashlib
import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/migration"), str(ROOT / "tests/rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402

SMALL = ROOT / "tests/unit/migration/fixtures/small"
BUCKET = "casrec-migration-mappings-development"
ENVIRONMENT = "development"
KILLS = 12


class World:
    def __init__(self, slipwayctl, server, folder):
        self.server, self.folder = server, pathlib.Path(folder)
        self.desk = drive.Desk(slipwayctl, server, str(self.folder / "state"))
        (self.folder / "state").mkdir()
        self.change("CreateBucket", Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.change("PutBucketVersioning", Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def change(self, operation, **members):
        path = self.folder / "input.json"
        path.write_text(json.dumps(members), encoding="utf-8")
        done = self.desk.call("aws", "--environment", ENVIRONMENT, "--allow-change", "s3", operation, "--input", f"@{path}")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def put(self, key, data, **members):
        return self.change("PutObject", Bucket=BUCKET, Key=key, Body=base64.b64encode(data).decode(), **members).get("VersionId")

    def versions(self, *words):
        done = self.desk.call("migrate", "versions", *map(str, words))
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            return done.returncode, done.stderr

    def sync(self, folder, *words):
        return self.versions("sync", folder, "--bucket", BUCKET, "-e", ENVIRONMENT, "--json", *words)


def archive(folder, prefix="", only=("mapping_definitions",), more=()):
    """The definitions of @folder as a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for top in only:
            path = pathlib.Path(folder, top)
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    made.write(file, prefix + str(file.relative_to(folder)))
        for name, text in more:
            made.writestr(name, text)
    return out.getvalue()


def changed(world, name, file, old, new):
    """A copy of the small migration in which one text is another."""
    folder = world.folder / name
    shutil.copytree(SMALL, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise RuntimeError(f"{file} has no {old}")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def tree(folder):
    """Every file with its digest, but which version it is."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and path.name != "version.json"}


def definitions_are_synced(tap, world):
    one, two = SMALL, changed(world, "two", "mapping_definitions/people_mapping.json", "capitalise_first_letter", "first_word")
    keys = {folder: [world.put(f"{folder}/mappings.zip", archive(side, prefix)) for side, prefix in ((one, ""), (two, "mappings/"))]
            for folder in ("staged", "merged")}
    target = world.folder / "synced"
    target.mkdir()
    for name in ("tables.json", "validation_mapping.json", "tables_to_copy_from_sirius.json"):
        shutil.copy(SMALL / name, target)

    status, first = world.sync(target, "--version", keys["merged"][0])
    tap.result(status == 0 and first["changed"] and first["version"] == keys["merged"][0] and first["checked"] == "MD5"
               and tree(target / "mapping_definitions") == tree(one / "mapping_definitions"), "versions/one_is_synced_by_its_id", first)
    status, second = world.sync(target)
    changes = [(change["name"], change["item"], change["property"], change["before"], change["after"]) for change in second["changes"]]
    tap.result(status == 0 and tree(target / "mapping_definitions") == tree(two / "mapping_definitions")
               and changes == [("people", "surname", "transformation", "capitalise_first_letter", "first_word")],
               "versions/the_latest_is_synced_and_what_it_changes_is_told", second)
    tap.result(tree(pathlib.Path(second["previous"], "mapping_definitions")) == tree(one / "mapping_definitions"),
               "versions/the_one_before_is_kept", second)
    before = {path: os.stat(path).st_mtime_ns for path in target.rglob("*")}
    status, again = world.sync(target)
    tap.result(status == 0 and not again["changed"] and before == {path: os.stat(path).st_mtime_ns for path in target.rglob("*")},
               "versions/the_same_again_changes_nothing", again)
    status, difference = world.versions("diff", target, "--json")
    tap.result(status == 1 and len(difference["changes"]) == 1, "versions/diff_holds_it_against_the_one_before", difference)
    status, difference = world.versions("diff", two, target, "--json")
    tap.result(status == 0 and not difference["changes"], "versions/diff_finds_the_same_equal", difference)
    status, listed = world.versions("list", target, "--bucket", BUCKET, "--from", "merged", "-e", ENVIRONMENT, "--json")
    told = [(version["version"], version["latest"], version["here"]) for version in listed["versions"]]
    tap.result(told == [(keys["merged"][1], True, True), (keys["merged"][0], False, False)], "versions/are_listed_newest_first", listed)
    staged = world.folder / "staged"
    status, _ = world.sync(staged, "--from", "staged", "--version", keys["staged"][0])
    tap.result(status == 0 and tree(staged / "mapping_definitions") == tree(one / "mapping_definitions"),
               "versions/a_folder_that_is_new_is_made", _)
    return keys


def the_aws_cli_sees_the_same(tap, world, keys):
    if shutil.which("aws") is None:
        tap.skip("versions/are_those_that_the_aws_cli_lists", "the AWS CLI is not installed")
        return
    done = subprocess.run(["aws", "--endpoint-url", world.server.endpoint, "--region", "eu-west-1", "s3api", "list-object-versions",
                           "--bucket", BUCKET, "--prefix", "merged/mappings.zip", "--output", "json"],
                          capture_output=True, text=True, check=False, env={**os.environ, **credentials(world)})
    found = [version["VersionId"] for version in json.loads(done.stdout)["Versions"]] if done.returncode == 0 else done.stderr
    tap.result(found == keys["merged"][::-1], "versions/are_those_that_the_aws_cli_lists", found)


def credentials(world):
    """As the environment of the rehearsal's workspace signs in."""
    return {"AWS_CONFIG_FILE": os.path.join(world.server.state, "aws/config"),
            "AWS_SHARED_CREDENTIALS_FILE": os.path.join(world.server.state, "aws/credentials"), "AWS_PROFILE": ENVIRONMENT, "AWS_PAGER": ""}


def bad_archives_change_nothing(tap, world):
    target = world.folder / "guarded"
    shutil.copytree(SMALL, target)
    faulty = changed(world, "faulty", "mapping_definitions/people_mapping.json", '"data_type": "int"', '"data_type": "integer"')
    unknown = changed(world, "unknown", "mapping_definitions/people_mapping.json", '"requires_transformation": ""',
                      '"requires_transformation": "upper"')
    bad = {
        "definitions_that_do_not_fit": (archive(unknown), "there is no transformation “upper”"),
        "faulty_definitions": (archive(faulty), "integer"),
        "no_definitions": (archive(SMALL, only=("tables.json",)), "no folder mapping_definitions"),
        "two_folders_of_them": (archive(SMALL, more=[("other/mapping_definitions/x_mapping.json", "{}")]), "two folders"),
        "names_that_lead_out": (archive(SMALL, more=[("mapping_definitions/../../../out.json", "{}")]), "no name that definitions have"),
        "names_that_lead_out_of_what_is_left_out": (archive(SMALL, more=[("mapping_definitions/.x/../../../out.json", "{}")]), "no name that definitions have"),
        "names_that_begin_at_the_root": (archive(SMALL, more=[("mapping_definitions//out.json", "{}")]), "no name that definitions have"),
        "only_what_macos_leaves": (archive(SMALL, only=(), more=[("__MACOSX/mapping_definitions/._a_mapping.json", "{}")]), "no folder mapping_definitions"),
        "a_file_where_a_folder_has_to_be": (archive(SMALL, more=[("mapping_definitions/summary", "{}")]), "no name that definitions have"),
        "a_folder_where_a_file_has_to_be": (archive(SMALL, more=[("mapping_definitions/summary/version.json/x", "{}")]), "no name that definitions have"),
        "a_file_that_is_a_folder_too": (archive(SMALL, more=[("mapping_definitions/x", "{}"), ("mapping_definitions/x/y", "{}")]), "x/y is in is a file there too"),
        "names_that_are_too_long": (archive(SMALL, more=[(f"mapping_definitions/{'x' * 260}.json", "{}")]), "is too long for a file"),
        "no_archive": (b"PK\x03\x04 no archive", "mappings.zip"),
        "one_cut_short": (archive(SMALL)[:-400], "mappings.zip"),
    }
    before = tree(target)
    for name, (data, why) in bad.items():
        world.put(f"bad/{name}/mappings.zip", data)
        status, error = world.sync(target, "--key", f"bad/{name}/mappings.zip")
        place = f"s3://{BUCKET}/bad/{name}/mappings.zip (version "
        tap.result(status == 1 and why in str(error) and place in str(error) and "/tmp/" not in str(error) and tree(target) == before and not (world.folder / "out.json").exists(),
                   f"versions/refuses_{name}", f"{status} {error}")
    status, error = world.sync(target, "--version", "no-such-version")
    tap.result(status == 1 and tree(target) == before, "versions/refuses_an_id_that_is_not_there", error)
    everything = archive(SMALL, "x/", ("mapping_definitions", "tables.json", "validation_mapping.json"), [("x/README.txt", "no definition")])
    world.put("whole/mappings.zip", everything)
    status, result = world.sync(world.folder / "whole", "--key", "whole/mappings.zip")
    tap.result(status == 0 and result["ignored"] == 1 and tree(world.folder / "whole").keys() >= {"tables.json", "validation_mapping.json"},
               "versions/what_stands_beside_the_mappings_comes_along", result)
    litter = ("__MACOSX/mapping_definitions/._people_mapping.json", "__MACOSX/._mapping_definitions", "mapping_definitions/.DS_Store", ".DS_Store",
              "mapping_definitions/._people_mapping.json", "mapping_definitions/__MACOSX/people_mapping.json", "mapping_definitions/.x/y.json",
              "mapping_definitions/..old", "old/mapping_definitions/.DS_Store")
    world.put("mac/mappings.zip", archive(SMALL, "", ("mapping_definitions", "tables.json"), [(name, "\0no JSON") for name in litter]))
    status, result = world.sync(world.folder / "mac", "--key", "mac/mappings.zip")
    tap.result(status == 0 and result["ignored"] == len(litter)
               and tree(world.folder / "mac" / "mapping_definitions") == tree(SMALL / "mapping_definitions"),
               "versions/what_macos_leaves_in_an_archive_is_left_out_and_counted", result)


def killed_syncs_leave_one_version_or_the_other(tap, world, keys):
    chance = random.Random(4711)
    target = world.folder / "killed"
    shutil.copytree(SMALL, target)
    sides = [tree(SMALL / "mapping_definitions"), tree(world.folder / "two" / "mapping_definitions")]
    seen, broken = set(), []
    begun = time.monotonic()
    world.sync(target, "--version", keys["merged"][1])
    whole = time.monotonic() - begun
    for attempt in range(KILLS):
        version = keys["merged"][attempt % 2]
        child = subprocess.Popen([world.desk.binary, "--workspace", world.desk.workspace, "--state", world.desk.state, "migrate", "versions",
                                  "sync", str(target), "--bucket", BUCKET, "-e", ENVIRONMENT, "--version", version],
                                 env=world.desk.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(timeout=chance.uniform(0.1, 1) * whole)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        found = tree(target / "mapping_definitions")
        seen.add(child.returncode)
        if found not in sides:
            broken.append(found)
    status, result = world.sync(target, "--version", keys["merged"][1])
    left = [path.name for path in target.iterdir() if path.name in (".slipway-next", ".slipway-gone")]
    tap.result(not broken and -signal.SIGKILL in seen and status == 0 and tree(target / "mapping_definitions") == sides[1] and not left,
               "versions/killed_syncs_leave_one_version_or_the_other", f"{seen} {broken} {result} {left}")


def put_source(world, key, data):
    """What is large goes by the AWS CLI, which uploads it in parts."""
    if len(data) < 1_000_000:
        world.put(key, data)
        return
    path = world.folder / "upload"
    path.write_bytes(data)
    subprocess.run(["aws", "--endpoint-url", world.server.endpoint, "--region", "eu-west-1", "s3", "cp", "--quiet", str(path), f"s3://{BUCKET}/{key}"],
                   check=True, env={**os.environ, **credentials(world)})


def source_files_are_fetched(tap, world):
    chance = random.Random(815)
    files = {"pat.csv": b"Case,Name\n1,one\n", "order.csv": b"", "feeexport1.csv": chance.randbytes(9_500_001 if shutil.which("aws") else 900_000)}
    for name, data in files.items():
        put_source(world, f"anon/{name}", data)
    world.put("anon/README.txt", b"no source file")
    world.put("another/pat.csv", b"not asked for\n")
    target = world.folder / "landed"

    def fetch(source, *words):
        done = world.desk.call("migrate", "load-s3", str(source), "--to", str(target), "--json", "-e", ENVIRONMENT, *words)
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr

    def landed():
        return {path.name: path.read_bytes() for path in target.iterdir() if path.name != "slipway-source.json"}

    bucket = f"s3://{BUCKET}/anon/"
    child = subprocess.Popen([world.desk.binary, "--workspace", world.desk.workspace, "--state", world.desk.state, "migrate", "load-s3", bucket,
                              "--to", str(target), "-e", ENVIRONMENT], env=world.desk.environment, stdout=subprocess.DEVNULL)
    try:
        drive.wait_for(lambda: child.poll() is not None or any(path.stat().st_size > 0 for path in target.glob("feeexport1*part*")))
    finally:
        child.kill()
        child.wait()
    left = [path.stat().st_size for path in target.glob("*part*")]
    status, result = fetch(bucket)
    tap.result(status == 0 and landed() == files and (not left or left[0] > 0), "load-s3/a_killed_one_is_taken_up_and_whole", f"{status} {left} {result if status else ''}")
    entry = result["files"]["feeexport1.csv"]
    tap.result(entry["sha256"] == hashlib.sha256(files["feeexport1.csv"]).hexdigest() and entry["checked"] == "MD5" and entry["version"],
               "load-s3/digests_are_those_of_the_files", entry)
    status, result = fetch(bucket)
    tap.result(status == 0 and (result["fetched"], result["kept"]) == (0, 3), "load-s3/what_is_there_is_not_fetched_again", result)
    (target / "pat.csv").write_bytes(b"Case,Name\n1,two\n")
    status, result = fetch(bucket)
    tap.result(status == 0 and (result["fetched"], result["kept"]) == (1, 2) and landed() == files, "load-s3/a_file_that_was_changed_is_fetched_again", result)
    files["pat.csv"] = b"Case,Name\n1,one\n2,two\n"
    world.put("anon/pat.csv", files["pat.csv"])
    world.change("DeleteObject", Bucket=BUCKET, Key="anon/order.csv")
    status, result = fetch(bucket)
    tap.result(status == 0 and result["fetched"] == 1 and result["gone"] == ["order.csv"] and landed() == files,
               "load-s3/what_the_bucket_changed_is_fetched_and_what_it_lost_is_told", result)
    status, error = fetch(f"s3://{BUCKET}/")
    tap.result(status == 1 and "two files called pat.csv" in error, "load-s3/names_that_meet_are_refused", error)
    status, error = fetch(f"s3://{BUCKET}/nothing/")
    tap.result(status == 1 and "has no .csv and no .xlsx file" in error, "load-s3/a_prefix_without_files_is_told", error)
    folder, target = target, world.folder / "copied"
    status, result = fetch(folder)
    again, second = fetch(folder)
    tap.result(status == again == 0 and landed() == files and (second["fetched"], second["kept"]) == (0, 3), "load-s3/a_folder_is_copied_the_same_way", second)
    for key in ("deep/p5/a.csv", "deep/p5/below/b.xlsx", "deep/p5/._a.csv", "deep/p50/c.csv", "deep/p5-old/d.csv", "deep/p5.csv", "deep/p6"):
        world.put(key, b"Case\n1\n")
    seen = []
    for number, source in enumerate(("deep/p5", "deep/p5/", "deep/p5/a.csv", "deep/p5.csv", "deep/p50")):
        target = world.folder / f"deep{number}"
        status, result = fetch(f"s3://{BUCKET}/{source}")
        seen.append(sorted(landed()) if status == 0 else result)
    tap.result(seen == [["a.csv", "b.xlsx"], ["a.csv", "b.xlsx"], ["a.csv"], ["p5.csv"], ["c.csv"]], "load-s3/a_prefix_is_a_folder_or_a_file_and_nothing_beside_it", seen)
    told = {source: fetch(f"s3://{BUCKET}/{source}") for source in ("deep/p5-", "deep/p5.csv/", "deep/p", "deep/p6", "deep/p7")}
    beside = {source: re.findall(f"s3://{BUCKET}/(\\S*?)(?:,|$)", error.split("Similar", 1)[1].strip()) if "Similar" in error else []
              for source, (_, error) in told.items()}
    tap.result(all(status == 1 and f"s3://{BUCKET}/{source} has no .csv and no .xlsx file" in error for source, (status, error) in told.items())
               and beside == {"deep/p5-": ["deep/p5-old/"], "deep/p5.csv/": ["deep/p5.csv"], "deep/p6": [], "deep/p7": [],
                              "deep/p": ["deep/p5-old/", "deep/p5.csv", "deep/p5/", "deep/p50/"]},
               "load-s3/where_a_prefix_has_nothing_similar_names_are_told", f"{told} {beside}")


def main(slipwayctl, rehearsal, scenario):
    tap = drive.Tap()
    with tempfile.TemporaryDirectory(prefix="slip-s3-") as folder:
        plain = drive.plain_scenario(scenario, folder)
        with drive.Server(rehearsal, os.path.join(folder, "server"), plain, 3600) as server:
            world = World(slipwayctl, server, folder)
            keys = definitions_are_synced(tap, world)
            the_aws_cli_sees_the_same(tap, world, keys)
            bad_archives_change_nothing(tap, world)
            killed_syncs_leave_one_version_or_the_other(tap, world, keys)
            source_files_are_fetched(tap, world)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:4])))
