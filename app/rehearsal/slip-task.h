/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_task_main:
 * @argc: how many words
 * @argv: the name of a task, then what the container's command added
 *
 * `slipway-rehearsal task NAME`: does what a container of the ordered restore tasks does (facts of
 * `copy-shared-snapshot.sh` and `restore-database-cluster-from-snapshot.sh`), through the AWS API, told
 * by the same environment variables. Run by the rehearsal's ECS.
 *
 * Returns: the exit status: 0 done, 1 failed, 2 the environment or the name is wrong
 */
int slip_task_main (int argc, char **argv);

G_END_DECLS
