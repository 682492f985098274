# SPDX-License-Identifier: MIT
"""kill -9 at the boundaries of procedures whose own tests do not kill them. Words after the three programs choose
by name, out of all that killing.py takes: with SLIPWAY_TEST_LONG=1 one procedure is killed at every one."""

import os
import sys

import drive
import killing
import procedures

#: Killed beside what else is claimed of them.
ELSEWHERE = ("pre-migration-snapshot", "roll-back-global-cluster", "roll-back-global-cluster, rename-swap",
             "roll-back-global-cluster, waived", "restore-preproduction", "restore-aurora-from-backup",
             "restore-aurora-from-backup, in service", "restore-dynamodb-from-backup",
             "delete-old-dynamodb-tables")


def all_of_them():
    """By name: the procedures, each mode as a procedure of its own."""
    found = {name: one for name, one in procedures.TABLE.items() if hasattr(one.kind, "counts")}
    found["roll-back-global-cluster, rename-swap"] = procedures.Procedure(procedures.rollback.RenameSwap)
    found["restore-aurora-from-backup, in service"] = procedures.Procedure(procedures.aurora.InService,
                                                                           tools=("terraform",))
    found["roll-back-global-cluster, waived"] = procedures.Procedure(procedures.rollback.Waived)
    return found


def run(tap, slipwayctl, world):
    words = sys.argv[4:]
    worlds = procedures.Worlds(world)
    for name, procedure in all_of_them().items():
        if not all(word in name for word in words) or (not words and name in ELSEWHERE):
            continue
        why = procedure.why_not()
        if why:
            tap.skip(f"{name}: killed", why)
            continue
        its = worlds.of(procedure)
        try:
            killing.run(tap, lambda one=procedure.kind, where=its: one(slipwayctl, where),
                        os.path.join(its.folder, f"killed-{name}"), f"{name}: ")
        except Exception as error:  # a test that breaks is a test that failed
            tap.result(False, f"{name}, undisturbed", repr(error))


if __name__ == "__main__":
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    drive.main(run)
