/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipMachineMatch:
 * @SLIP_MACHINE_OTHER: it cannot be shown to be this one
 * @SLIP_MACHINE_RESTARTED: this one, before it was started last: nothing of then runs any more
 * @SLIP_MACHINE_SAME: this one, and what ran then can be seen if it still runs
 */
typedef enum
{
  SLIP_MACHINE_OTHER,
  SLIP_MACHINE_RESTARTED,
  SLIP_MACHINE_SAME,
} SlipMachineMatch;

/**
 * slip_machine_dup_id:
 *
 * Where this process runs: `MACHINE:START`. MACHINE is a digest of /etc/machine-id that is of no use elsewhere, as
 * machine-id(5) wants it, and empty in a container, whose file may be that of its image; START one of the kernel's
 * boot id and of the namespace in which processes are counted. Names of users and hosts are no such proof: two
 * machines may share them. Thread-safe.
 *
 * Returns: (transfer full): the id; `:` when nothing can be told
 */
char *slip_machine_dup_id (void);

/**
 * slip_machine_get_start:
 *
 * When the kernel was started, by its own word. Thread-safe.
 *
 * Returns: microseconds since 1970-01-01T00:00:00Z, to the second; 0 when it cannot be told
 */
gint64 slip_machine_get_start (void);

/**
 * slip_machine_compare:
 * @told: (nullable): what slip_machine_dup_id() returned, then
 * @here: what it returns now
 *
 * Returns: whether both are one machine
 */
SlipMachineMatch slip_machine_compare (const char *told, const char *here);

G_END_DECLS
