/* SPDX-License-Identifier: MIT */

/* Between the stages, which tell of their progress on worker threads, and the tree of a run. The job's own coalesced
 * signal says when to look; nothing here knows a widget. */

#include "config.h"

#include "slip-stage-feed.h"

#include <glib/gi18n.h>

#include "slip-migration-progress.h"

struct _SlipStageFeed
{
  GMutex mutex;
  SlipJob *job;     /* owned */
  GPtrArray *lines; /* owned; element-type SlipStageLine */
};

static void
line_free (gpointer data)
{
  SlipStageLine *line = data;

  g_free (line->stage);
  g_free (line->entity);
  g_free (line->step);
  g_free (line->unit);
  g_free (line);
}

SlipStageFeed *
slip_stage_feed_new (SlipJob *job)
{
  SlipStageFeed *self = g_atomic_rc_box_new0 (SlipStageFeed);

  g_mutex_init (&self->mutex);
  self->job = g_object_ref (job);
  self->lines = g_ptr_array_new_with_free_func (line_free);
  return self;
}

SlipStageFeed *
slip_stage_feed_ref (SlipStageFeed *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
feed_clear (gpointer data)
{
  SlipStageFeed *self = data;

  g_mutex_clear (&self->mutex);
  g_clear_object (&self->job);
  g_ptr_array_unref (self->lines);
}

void
slip_stage_feed_unref (SlipStageFeed *self)
{
  g_atomic_rc_box_release_full (self, feed_clear);
}

static gboolean
is_line (const SlipStageLine *line, const char *stage, const char *entity, const char *step)
{
  return g_strcmp0 (line->stage, stage) == 0 && g_strcmp0 (line->entity, entity) == 0
         && g_strcmp0 (line->step, step) == 0;
}

/* Under the lock. What is told last is looked at first: it is nearly always the same place again. */
static SlipStageLine *
ensure_line (SlipStageFeed *self, const char *stage, const char *entity, const char *step)
{
  SlipStageLine *line;

  for (guint i = self->lines->len; i > 0; i--)
    if (is_line (g_ptr_array_index (self->lines, i - 1), stage, entity, step))
      return g_ptr_array_index (self->lines, i - 1);
  line = g_new0 (SlipStageLine, 1);
  line->stage = g_strdup (stage);
  line->entity = g_strdup (entity);
  line->step = g_strdup (step);
  line->begun = g_get_monotonic_time ();
  g_ptr_array_add (self->lines, line);
  return line;
}

static const char *
get_unit_title (const char *unit)
{
  if (g_strcmp0 (unit, "rows") == 0)
    return _ ("rows");
  return g_strcmp0 (unit, "bytes") == 0 ? _ ("bytes") : NULL;
}

static void
tell_job (SlipJob *job, const SlipStageLine *line)
{
  g_autofree char *where
      = g_strjoin (" → ", line->stage, line->entity != NULL ? line->entity : line->step,
                   line->entity != NULL ? line->step : NULL, NULL);
  const char *unit = get_unit_title (line->unit);

  slip_job_set_detail (job, where);
  slip_job_set_rate (job, unit != NULL ? slip_stage_line_get_rate (line) : -1, unit);
  slip_job_set_remaining (job, slip_stage_line_get_remaining (line));
}

/* Under the lock. A wait that is over leaves nothing: what was told before it stands there again. */
static void
end_wait (SlipStageFeed *self, const char *stage, const char *entity, const char *step)
{
  for (guint i = self->lines->len; i-- > 0;)
    if (is_line (g_ptr_array_index (self->lines, i), stage, entity, step))
      g_ptr_array_remove_index (self->lines, i);
  if (self->lines->len > 0)
    tell_job (self->job, g_ptr_array_index (self->lines, self->lines->len - 1));
  else
    slip_job_set_detail (self->job, NULL);
}

void
slip_stage_feed_tell (const char *stage,
                      const char *entity,
                      const char *step,
                      guint64 done,
                      guint64 total,
                      const char *unit,
                      gpointer user_data)
{
  SlipStageFeed *self = user_data;
  SlipStageLine *line;

  g_mutex_lock (&self->mutex);
  if (done == 0 && g_strcmp0 (unit, SLIP_MIGRATION_WAITING) == 0)
    {
      end_wait (self, stage, entity, step);
      g_mutex_unlock (&self->mutex);
      return;
    }
  line = ensure_line (self, stage, entity, step);
  if (line->told == 0)
    line->first = done;
  if (g_strcmp0 (line->unit, unit) != 0)
    {
      g_free (line->unit);
      line->unit = g_strdup (unit);
    }
  line->done = done;
  line->total = total;
  line->told = g_get_monotonic_time ();
  tell_job (self->job, line);
  g_mutex_unlock (&self->mutex);
}

GPtrArray *
slip_stage_feed_dup_lines (SlipStageFeed *self)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);

  g_return_val_if_fail (self != NULL, lines);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const SlipStageLine *line = g_ptr_array_index (self->lines, i);
      SlipStageLine *copy = g_new0 (SlipStageLine, 1);

      *copy = *line;
      copy->stage = g_strdup (line->stage);
      copy->entity = g_strdup (line->entity);
      copy->step = g_strdup (line->step);
      copy->unit = g_strdup (line->unit);
      g_ptr_array_add (lines, copy);
    }
  g_mutex_unlock (&self->mutex);
  return lines;
}

/* What is told of all at once was there before: it was not made in that moment. */
#define LEAST_SECONDS 0.2

double
slip_stage_line_get_rate (const SlipStageLine *line)
{
  double seconds = (double)(line->told - line->begun) / G_USEC_PER_SEC;

  if (seconds < LEAST_SECONDS || line->done <= line->first || get_unit_title (line->unit) == NULL)
    return 0;
  return (double)(line->done - line->first) / seconds;
}

double
slip_stage_line_get_remaining (const SlipStageLine *line)
{
  double rate = slip_stage_line_get_rate (line);

  return rate > 0 && line->total >= line->done ? (double)(line->total - line->done) / rate : -1;
}
