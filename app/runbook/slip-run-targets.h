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
 * slip_run_targets_list:
 * @steps: (element-type JsonObject): steps of a plan as JSON
 *
 * Returns: (transfer full): a set of `account region service name` of all that the steps create, change
 *   or delete, as far as the plan knows names
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
 * slip_run_targets_left:
 * @fold: a run
 *
 * What is done is done; what a run may still change is in the steps that are not.
 *
 * Returns: (transfer full) (element-type JsonObject): steps of its plan as JSON
 */
JsonArray *slip_run_targets_left (SlipRunFold *fold);

/**
 * SlipRunClash:
 * @id: an unfinished run
 * @title: its procedure
 * @state: where it stands
 * @step: (nullable): the title of the step that it does next
 * @actor: (nullable): who planned it
 * @started: when it began, microseconds since 1970
 * @names: (nullable): what both may change: "a, b"
 * @unprovable: whether it could not be told what both change; @names is %NULL then
 * @why: (nullable): with @unprovable, why
 *
 * Another run that began and neither ended nor was cancelled, and that has something to change yet which
 * is asked about.
 */
typedef struct
{
  char *id;
  char *title;
  SlipRunState state;
  char *step;
  char *actor;
  gint64 started;
  char *names;
  gboolean unprovable;
  char *why;
} SlipRunClash;

void slip_run_clash_free (SlipRunClash *clash);

/**
 * slip_run_clash_describe:
 *
 * Returns: (transfer full): one sentence that names the run, where it stands, and the ways out
 */
char *slip_run_clash_describe (const SlipRunClash *clash);

/**
 * slip_run_list_clashes:
 * @ledger: the ledger
 * @except: (nullable): a run that does not count: the one that asks
 * @steps: (element-type JsonObject): what it wants to do, steps of a plan as JSON
 * @error: return location
 *
 * Blocks for the disk. Any thread.
 *
 * Returns: (transfer full) (element-type SlipRunClash): the runs that @steps must not come between,
 *   newest first; %NULL with %SLIP_RUN_ERROR or %SLIP_LEDGER_ERROR when they cannot be read
 */
GPtrArray *
slip_run_list_clashes (SlipLedger *ledger, const char *except, JsonArray *steps, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunClash, slip_run_clash_free)

G_END_DECLS
