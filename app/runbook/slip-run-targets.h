/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/**
 * slip_run_targets_subject:
 * @operation: an operation's name: `CopyDBClusterSnapshot`
 * @request: its request
 *
 * Which thing a change creates, changes or deletes, told by the member whose name the operation's name
 * holds: of `CopyDBClusterSnapshot` that is `TargetDBClusterSnapshotIdentifier`. What it only reads from
 * is not meant.
 *
 * Returns: (transfer full) (nullable): the name, of an ARN its last part; %NULL when @request names none
 */
char *slip_run_targets_subject (const char *operation, JsonObject *request);

/**
 * SLIP_RUN_TARGET_UNKNOWN:
 *
 * The name of what has none yet: of what a step creates, changes or deletes that is named only while the
 * run runs.
 */
#define SLIP_RUN_TARGET_UNKNOWN "?"

/**
 * slip_run_targets_list:
 * @steps: (element-type JsonObject): steps of a plan as JSON
 *
 * Returns: (transfer full): a set of `account region service name` of all that the steps create, change
 *   or delete; with %SLIP_RUN_TARGET_UNKNOWN for what they name only while running
 */
GHashTable *slip_run_targets_list (JsonArray *steps);

/**
 * slip_run_targets_mentioned:
 * @steps: (element-type JsonObject): steps of a plan as JSON
 *
 * Returns: (transfer full): the same with everything else that the changes name but do not copy from;
 *   what is locked while a run is executed
 */
GHashTable *slip_run_targets_mentioned (JsonArray *steps);

/**
 * slip_run_targets_is_unknown:
 * @target: one of slip_run_targets_list()
 *
 * Returns: whether it has no name yet
 */
gboolean slip_run_targets_is_unknown (const char *target);

/**
 * slip_run_targets_left:
 * @fold: a run
 *
 * What is done is done; what a run may still change is in the steps that are not. Their requests have
 * all values that the run knows by now, and a loop whose list is known is there turn by turn.
 *
 * Returns: (transfer full) (element-type JsonObject): steps as those of its plan are in JSON
 */
JsonArray *slip_run_targets_left (SlipRunFold *fold);

/**
 * slip_run_targets_needed:
 * @fold: a run that is not through
 *
 * What must be there for it to be gone on with: what it made, and what the changes that are left name,
 * also as what they only read from, as the snapshot of a restore. An ARN counts in its own place, too.
 *
 * Returns: (transfer full): a set of `account region service name`; names that are not known yet are not
 *   in it
 */
GHashTable *slip_run_targets_needed (SlipRunFold *fold);

/**
 * slip_run_targets_taken:
 * @steps: (element-type JsonObject): steps of a plan as JSON
 *
 * Returns: (transfer full): a set of `account region service name` of what is not there any more when the
 *   steps are done: what they delete, and the old name of what they rename; without names that are not
 *   known yet
 */
GHashTable *slip_run_targets_taken (JsonArray *steps);

G_END_DECLS
