/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-integration.h"
#include "slip-run-local.h"

G_BEGIN_DECLS

/**
 * SlipTaskLog:
 *
 * The logs of a task's containers as they come: each event once, into a file of the run, and the last
 * lines into the ledger.
 */
typedef struct _SlipTaskLog SlipTaskLog;

/**
 * slip_task_log_new:
 * @context: the step under way
 * @containers: `containerDefinitions` of the task definition
 * @task_arn: the task
 *
 * Begins at the task's beginning, also when an earlier process followed it: the file is made anew.
 *
 * Returns: (transfer full): the logs; those of containers without awslogs are not followed
 */
SlipTaskLog *
slip_task_log_new (SlipRunContext *context, JsonArray *containers, const char *task_arn);

/**
 * slip_task_log_set_prefix:
 * @self: logs of which nothing was read yet
 * @prefix: what the file's name begins with, `log-` without this: for steps that follow several tasks
 */
void slip_task_log_set_prefix (SlipTaskLog *self, const char *prefix);

/**
 * slip_task_log_follow:
 * @self: the logs
 * @error: return location
 *
 * Fetches what is new. A log that is not there yet, or cannot be read just now, is no error.
 *
 * Returns: %FALSE when the ledger or the file cannot be written, or the run is to stop
 */
gboolean slip_task_log_follow (SlipTaskLog *self, GError **error);

/**
 * slip_task_log_get_migration_run:
 *
 * Returns: the run that `slipwayctl migrate` told of in it; 0 when it is no such log
 */
gint64 slip_task_log_get_migration_run (SlipTaskLog *self);

/**
 * slip_task_log_get_integration:
 *
 * Returns: (transfer none) (nullable): what `slipwayctl migrate` said was integrated; %NULL while it has not
 */
const SlipMigrationIntegration *slip_task_log_get_integration (SlipTaskLog *self);

/**
 * slip_task_log_get_file:
 *
 * Returns: (transfer none) (nullable): the file, %NULL before the first line
 */
const char *slip_task_log_get_file (SlipTaskLog *self);

/**
 * slip_task_log_dup_last:
 *
 * Returns: (transfer full) (nullable): the last line
 */
char *slip_task_log_dup_last (SlipTaskLog *self);

/**
 * slip_task_log_dup_reason:
 *
 * Returns: (transfer full) (nullable): what a program that failed said of why: slipwayctl's error with its lines, of another
 *   program the last line
 */
char *slip_task_log_dup_reason (SlipTaskLog *self);

void slip_task_log_free (SlipTaskLog *self);

G_END_DECLS
