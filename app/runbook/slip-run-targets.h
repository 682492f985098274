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
 * slip_run_targets_thing:
 * @operation: as for slip_run_targets_subject(); also one that reads
 * @request: its request
 * @kind: (out) (transfer full) (nullable): what kind of thing that is: `dbcluster`
 * @renamed: (out) (transfer full) (nullable): the name that it gets, when it is renamed
 *
 * Returns: (transfer full) (nullable): the name, as slip_run_targets_subject()
 */
char *
slip_run_targets_thing (const char *operation, JsonObject *request, char **kind, char **renamed);

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
 * slip_run_targets_done:
 * @fold: a run
 *
 * Returns: (transfer full) (element-type JsonObject): the steps that were done, in the same way
 */
JsonArray *slip_run_targets_done (SlipRunFold *fold);

/**
 * slip_run_target_place:
 * @step: a step of a plan
 * @declared: an element of its `needs` or `changes`
 *
 * Returns: (transfer full): `service`, `account` and `region` of what is declared: the step's where it does not tell
 */
JsonObject *slip_run_target_place (JsonObject *step, JsonObject *declared);

/**
 * slip_run_target_new:
 * @place: `account`, `region` and `service`, as a step of a plan has them
 * @name: a name
 *
 * Returns: (transfer full): `account region service name`, with `-` for what @place does not tell
 */
char *slip_run_target_new (JsonObject *place, const char *name);

/**
 * slip_run_target_plain_name:
 * @value: a name or an ARN
 *
 * The same thing may be named by its ARN and by its name; RDS takes both, in any case.
 *
 * Returns: (transfer full): the name in small letters, of an ARN its last part
 */
char *slip_run_target_plain_name (const char *value);

/**
 * slip_run_target_is_known:
 * @value: (nullable): a value of a request
 *
 * Returns: whether it is a name, and no reference that is resolved only while running
 */
gboolean slip_run_target_is_known (const char *value);

/**
 * slip_run_target_is_mentioned:
 * @member: a member of a request
 * @value: (nullable): its value
 *
 * Returns: whether it names something that is known and not merely copied from
 */
gboolean slip_run_target_is_mentioned (const char *member, const char *value);

G_END_DECLS
