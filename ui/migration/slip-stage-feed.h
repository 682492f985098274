/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

#include "slip-job.h"

G_BEGIN_DECLS

/**
 * SlipStageLine:
 * @stage: such as `load`
 * @entity: (nullable): the entity, or a table
 * @step: (nullable): the step, or a file
 * @unit: what is counted: `bytes`, `rows`, `steps`, `tables`, or %SLIP_MIGRATION_WAITING
 * @done: how much is done
 * @total: how much there is; 0 when it is not known
 * @begun: when it was first told of, monotonic microseconds
 * @told: when it was last told of
 * @first: what was done then
 *
 * What the stages told of one place last.
 */
typedef struct
{
  char *stage;
  char *entity;
  char *step;
  char *unit;
  guint64 done;
  guint64 total;
  gint64 begun;
  gint64 told;
  guint64 first;
} SlipStageLine;

/**
 * SlipStageFeed:
 *
 * How far the stages of a run are, as they tell it on worker threads, for a tree that is drawn on the main
 * thread. Reference counted and thread-safe.
 */
typedef struct _SlipStageFeed SlipStageFeed;

/**
 * slip_stage_feed_new:
 * @job: the job that the stages run in; its detail, rate and remaining time follow what is told
 *
 * Returns: (transfer full): an empty feed
 */
SlipStageFeed *slip_stage_feed_new (SlipJob *job);
SlipStageFeed *slip_stage_feed_ref (SlipStageFeed *self);
void slip_stage_feed_unref (SlipStageFeed *self);

/**
 * slip_stage_feed_tell:
 * @user_data: (type SlipStageFeed): the feed
 *
 * A #SlipMigrationProgressFunc. Any thread.
 */
void slip_stage_feed_tell (const char *stage,
                           const char *entity,
                           const char *step,
                           guint64 done,
                           guint64 total,
                           const char *unit,
                           gpointer user_data);

/**
 * slip_stage_feed_dup_lines:
 *
 * Returns: (transfer full) (element-type SlipStageLine): copies, in the order in which they were begun
 */
GPtrArray *slip_stage_feed_dup_lines (SlipStageFeed *self);

/**
 * slip_stage_line_get_rate:
 *
 * Returns: how much is done in a second; 0 when it is not known, or means nothing to a person
 */
double slip_stage_line_get_rate (const SlipStageLine *line);

/**
 * slip_stage_line_get_remaining:
 *
 * Returns: seconds to its end; negative when not known
 */
double slip_stage_line_get_remaining (const SlipStageLine *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipStageFeed, slip_stage_feed_unref)

G_END_DECLS
