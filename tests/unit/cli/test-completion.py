#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The completion for bash offers exactly what slipwayctl takes, and the manual page tells of it.

usage: test-completion.py SLIPWAYCTL COMPLETION MANUAL

Asks the completion itself, in a bash, and holds it and the page against slipwayctl's own help and lists. Prints TAP.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CTL, COMPLETION, MANUAL = sys.argv[1:4]

count = 0


def report(fine, name, detail=""):
    global count
    count += 1
    print(f"{'ok' if fine else 'not ok'} {count} - {name}")
    if not fine:
        print("\n".join("# " + line for line in str(detail).splitlines()))


def ctl(*words):
    ended = subprocess.run([CTL, *words], capture_output=True, text=True, check=False, timeout=60)
    return ended.stdout + ended.stderr


def offered(*words):
    """What Tab offers for the last of the words."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; '
              '_slipwayctl; printf "%s\\n" "${COMPREPLY[@]}"')
    ended = subprocess.run(["bash", "-c", script, "bash", COMPLETION, CTL, *words], capture_output=True,
                           text=True, check=True, timeout=60)
    return set(ended.stdout.split())


def options(*words):
    if words == ("migrate", "versions"):
        return set().union(*(options(*words, sub) for sub in ("list", "sync", "diff")))
    return set(re.findall(r"(--[a-z][a-z0-9-]*)", ctl(*words, "--help").partition("ptions:\n")[2]))


def same(name, got, wanted):
    report(got == wanted and wanted, name, f"offered {sorted(got)}\nexists  {sorted(wanted)}")


def migrations():
    """The commands of migrate, as its help lists them."""
    return re.findall(r"^  ([a-z][a-z0-9-]*) ", ctl("migrate", "--help"), re.M)


def check_options():
    for command, subs in {
            ("aws",): ["sts"], ("estate",): ["list"], ("plan",): ["x"], ("run",): ["start", "resume"],
            ("runbook",): ["show", "export", "choices"], ("ledger", "list"): [], ("ledger", "export"): [],
            ("ledger", "verify"): [], **{("migrate", name): [] for name in migrations()}}.items():
        sets = [offered(*command, sub, "--") for sub in subs] or [offered(*command, "--")]
        same(f"options of {' '.join(command)}", set().union(*sets), options(*command))


def check_formats():
    refused = ctl("ledger", "export", "--format", "none", "-o", "-")
    same("formats of ledger export", offered("ledger", "export", "--format", ""),
         set(re.findall(r"jsonl|json|yaml|csv|html|pdf", refused.partition("format")[2])))
    taken = {name for name in ("yaml", "json", "jsonl", "csv", "html")
             if "--format is" not in ctl("runbook", "export", "--ssm", "tidy-up-snapshots", "--format", name)}
    same("formats of runbook export", offered("runbook", "export", "--format", ""), taken)


def check_words():
    commands = set(re.findall(r"^  ([a-z]+) ", ctl("--help").partition("Commands:")[2].partition("Options")[0], re.M))
    same("commands", offered(""), commands)
    same("services of aws", offered("aws", ""), set(ctl("aws", "--list").split()))
    same("commands of run", offered("run", ""), set(re.findall(r"^run ([a-z]+)", ctl("run", "--help"), re.M)))
    same("commands of migrate", offered("migrate", ""), set(migrations()))
    same("commands of ledger", offered("ledger", ""),
         set(re.findall(r"^  ([a-z]+) ", ctl("ledger", "--help"), re.M)))


def check_values():
    """What a workspace and a ledger hold, asked where the line says."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = pathlib.Path(folder, "workspace.json")
        workspace.write_text(json.dumps({"schema": "org.slipway.workspace/1", "name": "two", "environments": [
            {"name": name, "account": account * 12, "regions": ["eu-west-1"], "profile": name}
            for name, account in (("live", "1"), ("dev", "2"))]}))
        line = ("--workspace", str(workspace), "--state", folder)
        for words in (("plan", "x", "--environment"), ("estate", "list", "-e"), ("ledger", "list", "--environment")):
            same(f"environments after {' '.join(words)}", offered(*line, *words, ""), {"live", "dev"})
        same("runs of ledger export", offered(*line, "ledger", "export", "--run", ""), {"last"})
    operations = {row.split()[1] for row in ctl("aws", "sts", "--list").splitlines()}
    same("operations of aws sts", offered("aws", "sts", ""), operations)
    same("commands of migrate versions", {word for word in offered("migrate", "versions", "") if "/" not in word} & {"list", "sync", "diff"},
         set(re.findall(r"^  ([a-z]+) ", ctl("migrate", "versions", "--help"), re.M)))
    same("options of ledger key", offered("ledger", "key", "--"), {"--help"})


def manual():
    """The page's text by command: (`run`,) has what stands under all headings that begin with it."""
    text = pathlib.Path(MANUAL).read_text(encoding="utf-8").replace("\\-", "-")
    told = {}
    for part in re.split(r"^\.SS ", re.sub(r"\\f[A-Z]", "", text).partition("\n.SH COMMANDS\n")[2]
                         .partition("\n.SH ")[0], flags=re.M)[1:]:
        words = part.partition("\n")[0].strip('"').split()
        place = tuple(words[:2]) if words[0] in ("ledger", "migrate") else (words[0],)
        told[place] = told.get(place, "") + part
    return told


def check_manual():
    told = manual()
    same("commands of the manual page", {place[0] for place in told},
         set(re.findall(r"^  ([a-z]+) ", ctl("--help").partition("Commands:")[2].partition("Options")[0], re.M)))
    for place, text in told.items():
        options_told = set(re.findall(r"(?<![a-z-])(--[a-z][a-z0-9-]*)", "\n".join(
            line for line in text.splitlines() if line.startswith((".BR -", ".B --", ".BI --")))))
        known = options(*place) - {"--help"}
        report(options_told == known, f"options of {' '.join(place)} in the manual page",
               f"told {sorted(options_told)}\nexists {sorted(known)}")
    same("commands of run in the manual page", set(re.findall(r"^run ([a-z]+)", told[("run",)].replace('"', ""), re.M)),
         set(re.findall(r"^run ([a-z]+)", ctl("run", "--help"), re.M)))
    same("commands of ledger in the manual page", {place[1] for place in told if place[0] == "ledger"},
         set(re.findall(r"^  ([a-z]+) ", ctl("ledger", "--help"), re.M)))
    same("commands of migrate in the manual page", {place[1] for place in told if place[0] == "migrate"},
         set(migrations()))
    verbs = set(re.findall(r"\b(list|check|show|export|choices)\b", told[("runbook",)].partition("\n")[0]))
    same("commands of runbook in the manual page", verbs, offered("runbook", ""))
    if shutil.which("groff"):
        ended = subprocess.run(["groff", "-man", "-ww", "-Tutf8", MANUAL], capture_output=True, text=True, check=False,
                               timeout=60)
        report(ended.returncode == 0 and ended.stderr == "", "groff finds no fault with the manual page", ended.stderr)


def main():
    os.environ.update(LC_ALL="C.UTF-8", SLIPWAY_RUNBOOKS="/nonexistent", SLIPWAY_STATE_DIR="/nonexistent")
    if not pathlib.Path("/bin/bash").exists():
        return print("1..0 # SKIP there is no bash")
    check_options()
    check_formats()
    check_words()
    check_values()
    check_manual()
    return print(f"1..{count}")


main()
