/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-integration.h"
#include "slip-run-local.h"

G_BEGIN_DECLS

/**
 * SlipExecutionEvents:
 *
 * What happens in an execution of a state machine: its history, each event once, and the logs of the ECS tasks that
 * its states run.
 */
typedef struct _SlipExecutionEvents SlipExecutionEvents;

/**
 * slip_execution_events_new:
 * @context: the step under way
 * @arn: the execution's
 * @logs: whether the logs of its tasks are followed
 *
 * Begins at the execution's beginning, also when an earlier process followed it.
 *
 * Returns: (transfer full): its events
 */
SlipExecutionEvents *
slip_execution_events_new (SlipRunContext *context, const char *arn, gboolean logs);

/**
 * slip_execution_events_set_total:
 * @total: how many states that run tasks the machine has, from which progress is told; 0 when nobody knows
 */
void slip_execution_events_set_total (SlipExecutionEvents *self, guint total);

/**
 * slip_execution_events_follow:
 * @self: the events
 * @error: return location
 *
 * Reads what is new and writes it into the ledger. A history or log that cannot be read just now is no error.
 *
 * Returns: %FALSE when the ledger or a file cannot be written, or the run is to stop
 */
gboolean slip_execution_events_follow (SlipExecutionEvents *self, GError **error);

/**
 * slip_execution_events_get_migration_run:
 *
 * Returns: the run of the migration that the tasks' logs name; 0 when none did
 */
gint64 slip_execution_events_get_migration_run (SlipExecutionEvents *self);

/**
 * slip_execution_events_get_integration:
 *
 * Returns: (transfer none) (nullable): what was integrated last, as the tasks' logs tell it; %NULL while none does
 */
const SlipMigrationIntegration *slip_execution_events_get_integration (SlipExecutionEvents *self);

/**
 * slip_execution_events_look_again:
 * @error: return location
 *
 * Reads the logs of tasks that have ended once more: CloudWatch may have their last lines late.
 *
 * Returns: as slip_execution_events_follow()
 */
gboolean slip_execution_events_look_again (SlipExecutionEvents *self, GError **error);

/**
 * slip_execution_events_dup_detail:
 *
 * Returns: (transfer full) (nullable): the state that it is in and the last line of its task's log; %NULL before the
 *   first state
 */
char *slip_execution_events_dup_detail (SlipExecutionEvents *self);

/**
 * slip_execution_events_dup_reason:
 * @cause: why the execution failed, as Step Functions says it
 *
 * Returns: (transfer full) (nullable): what the task that @cause names said of why, and where all of its log is; %NULL when
 *   it names none whose log was followed
 */
char *slip_execution_events_dup_reason (SlipExecutionEvents *self, const char *cause);

/**
 * slip_execution_events_new_states:
 *
 * Returns: (transfer full) (element-type JsonObject): the states that ran tasks, in order: `name`, `entered`, `left`
 *   (when it is over), `taskArn` and `logFile` (as far as there are)
 */
JsonArray *slip_execution_events_new_states (SlipExecutionEvents *self);

void slip_execution_events_free (SlipExecutionEvents *self);

G_END_DECLS
