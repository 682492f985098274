/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The unit of a wait: @step says for whom, @done is the seconds since it began and 0 when it has ended, @total how long it is
 * waited at most. */
#define SLIP_MIGRATION_WAITING "seconds of waiting"

/**
 * SlipMigrationProgressFunc:
 * @stage: such as "load"
 * @entity: (nullable): the entity, or the landed table
 * @step: (nullable): the step, or the file
 * @done: how much of the stage is done
 * @total: how much there is; 0 when it is not known
 * @unit: what is counted: "bytes", "rows", "steps", "tables", or %SLIP_MIGRATION_WAITING
 * @user_data: as given
 *
 * How far a stage is. Called on worker threads, by one at a time; it must not block.
 */
typedef void (*SlipMigrationProgressFunc) (const char *stage,
                                           const char *entity,
                                           const char *step,
                                           guint64 done,
                                           guint64 total,
                                           const char *unit,
                                           gpointer user_data);

G_END_DECLS
