/* SPDX-License-Identifier: MIT */

/* From ledger entries to lanes, entry by entry as they come. */

#include "config.h"

#include "slip-run-lanes.h"

#include <glib/gi18n.h>

#include "slip-clock.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-run-text.h"

/* An approval this long before the beginning is told in the table, not at the cost of the picture. */
#define LEAD_US (10 * 60 * (gint64)G_USEC_PER_SEC)

typedef enum
{
  LANE_CALLS,
  LANE_AWS,
  LANE_PEOPLE,
} Lane;

struct _SlipRunLanes
{
  SlipRun *run;           /* owned */
  SlipTimeline *timeline; /* owned */
  GHashTable *calls;      /* step → index of its open span + 1 */
  GHashTable *states;     /* the same */
  GHashTable *sessions;   /* environment → the same */
  GHashTable *histories;  /* step → Known: what was read of its execution's history */
  guint waiting;          /* index of the open wait for a person + 1 */
  guint read;             /* entries */
  gint64 last;
  gint64 approved;
};

/* The last event of a history that was read; one that is resumed begins with the first again. */
typedef struct
{
  gint64 time;
  gint64 id;
} Known;

static gint64
get_time (JsonObject *entry)
{
  const char *text = slip_json_string (entry, "time");
  gint64 time = 0;

  if (text == NULL || !slip_time_parse (text, &time))
    return 0;
  return time;
}

static const char *
get_step_title (SlipRunLanes *self, const char *step)
{
  SlipRunStep *found = step != NULL ? slip_run_find_step (self->run, step) : NULL;
  const char *title = found != NULL ? slip_run_step_get_title (found) : NULL;

  return title != NULL ? title : step;
}

/* ---- open spans, by step or environment */

static const SlipSpan *
find_open (SlipRunLanes *self, GHashTable *table, const char *name)
{
  guint index = GPOINTER_TO_UINT (name != NULL ? g_hash_table_lookup (table, name) : NULL);
  guint n;
  const SlipSpan *spans = slip_timeline_get_spans (self->timeline, &n);

  return index > 0 ? &spans[index - 1] : NULL;
}

static void
end_open (SlipRunLanes *self, GHashTable *table, const char *name, gint64 end, gboolean failed)
{
  const SlipSpan *open = find_open (self, table, name);

  if (open == NULL)
    return;
  slip_timeline_end (self->timeline, GPOINTER_TO_UINT (g_hash_table_lookup (table, name)) - 1, end,
                     failed ? SLIP_TONE_BAD : open->tone);
  g_hash_table_remove (table, name);
}

static void
begin_open (SlipRunLanes *self, GHashTable *table, const char *name, const SlipSpan *span)
{
  guint index = slip_timeline_add (self->timeline, span);

  g_hash_table_insert (table, g_strdup (name), GUINT_TO_POINTER (index + 1));
}

/* ---- steps */

static SlipTone
get_effect_tone (const char *effect)
{
  if (g_strcmp0 (effect, "final") == 0)
    return SLIP_TONE_BAD;
  if (g_strcmp0 (effect, "change") == 0)
    return SLIP_TONE_BUSY;
  return SLIP_TONE_NEUTRAL;
}

static void
begin_call (SlipRunLanes *self, JsonObject *entry, const char *step, gint64 time)
{
  const char *operation = slip_json_string (entry, "operation");
  const SlipSpan span = {
      .lane = LANE_CALLS,
      .start = time,
      .tone = get_effect_tone (slip_json_string (entry, "effect")),
      .label = (char *)(operation != NULL ? operation : step),
      .detail = (char *)get_step_title (self, step),
      .tag = step,
  };

  end_open (self, self->calls, step, time, FALSE);
  begin_open (self, self->calls, step, &span);
}

static void
see_state (SlipRunLanes *self, JsonObject *data, const char *step, gint64 time)
{
  const char *detail = data != NULL ? slip_json_string (data, "detail") : NULL;
  const SlipSpan *open = find_open (self, self->states, step);
  const SlipSpan span = {
      .lane = LANE_AWS,
      .start = time,
      .tone = slip_tone_of_aws_status (detail),
      .label = (char *)(detail != NULL ? detail : step),
      .detail = (char *)get_step_title (self, step),
      .tag = step,
  };

  if (open != NULL && g_strcmp0 (open->label, span.label) == 0)
    return;
  end_open (self, self->states, step, time, FALSE);
  begin_open (self, self->states, step, &span);
}

/* ---- an execution's history */

static char *
dup_state_key (const char *step, const char *state)
{
  return g_strdup_printf ("%s\n%s", step, state);
}

static void
end_states (SlipRunLanes *self, const char *step, gint64 time, gboolean failed)
{
  g_autofree char *prefix = dup_state_key (step, "");
  g_autoptr (GList) names = g_hash_table_get_keys (self->states);

  for (GList *l = names; l != NULL; l = l->next)
    if (g_str_has_prefix (l->data, prefix))
      {
        g_autofree char *name = g_strdup (l->data);

        end_open (self, self->states, name, time, failed);
      }
}

static void
see_event (SlipRunLanes *self, JsonObject *event, const char *step, gint64 time)
{
  const char *type = slip_json_string (event, "type");
  const char *state = slip_json_string (event, "state");
  g_autofree char *key = dup_state_key (step, state != NULL ? state : "");
  const SlipSpan span = {
      .lane = LANE_AWS,
      .start = time,
      .tone = SLIP_TONE_BUSY,
      .label = (char *)state,
      .detail = (char *)get_step_title (self, step),
      .tag = step,
  };

  if (g_strcmp0 (type, "TaskStateEntered") == 0 && state != NULL)
    begin_open (self, self->states, key, &span);
  else if (g_strcmp0 (type, "TaskStateExited") == 0 && state != NULL)
    end_open (self, self->states, key, time, FALSE);
  else if (type != NULL && g_str_has_prefix (type, "Execution")
           && !g_str_equal (type, "ExecutionStarted"))
    end_states (self, step, time, !g_str_equal (type, "ExecutionSucceeded"));
}

/* When a state began and ended tells the history, and not when somebody read it: nobody may have looked for hours. */
static void
see_events (SlipRunLanes *self, JsonArray *events, const char *step, gint64 read)
{
  Known *known = g_hash_table_lookup (self->histories, step);

  if (known == NULL)
    {
      known = g_new0 (Known, 1);
      g_hash_table_insert (self->histories, g_strdup (step), known);
      /* What was told before is no state of its history. */
      end_open (self, self->states, step, read, FALSE);
    }
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = slip_json_node_object (json_array_get_element (events, i));
      const char *text = event != NULL ? slip_json_string (event, "timestamp") : NULL;
      gint64 id = event != NULL ? slip_json_int (event, "id", 0) : 0;
      gint64 time = 0;

      if (text == NULL || !slip_time_parse (text, &time) || time < known->time
          || (time == known->time && id <= known->id))
        continue;
      *known = (Known){time, id};
      see_event (self, event, step, MIN (time, read));
    }
}

static void
observe (SlipRunLanes *self, JsonObject *data, const char *step, gint64 time)
{
  JsonArray *events = data != NULL ? slip_json_array (data, "events") : NULL;

  if (events != NULL)
    see_events (self, events, step, time);
  else if (!g_hash_table_contains (self->histories, step))
    see_state (self, data, step, time);
}

static void
read_step (SlipRunLanes *self, JsonObject *entry, const char *kind, gint64 time)
{
  const char *step = slip_json_string (entry, "step");
  JsonObject *data = slip_json_object (entry, "data");
  gboolean failed = g_strcmp0 (slip_json_string (entry, "outcome"), "failed") == 0;

  if (step == NULL)
    return;
  if (g_str_equal (kind, "step.intent"))
    begin_call (self, entry, step, time);
  else if (g_str_equal (kind, "step.waiting"))
    end_open (self, self->calls, step, time, FALSE);
  else if (g_str_equal (kind, "step.observed"))
    observe (self, data, step, time);
  else if (g_str_equal (kind, "step.outcome"))
    {
      end_open (self, self->calls, step, time, failed);
      end_open (self, self->states, step, time, failed);
      end_states (self, step, time, failed);
    }
}

/* ---- people and sessions */

static gboolean
is_human (const char *kind)
{
  static const char *const kinds[]
      = {"run.approved",  "run.cosigned",  "run.pause",      "run.resume",
         "run.cancel",    "step.decided",  "step.confirmed", "step.attested",
         "step.cosigned", "step.approved", "step.rejected",  NULL};

  return g_strv_contains (kinds, kind);
}

static void
add_act (SlipRunLanes *self, JsonObject *entry, const char *kind, gint64 time)
{
  JsonObject *actor = slip_json_object (entry, "actor");
  JsonObject *data = slip_json_object (entry, "data");
  const char *who = actor != NULL ? slip_json_string (actor, "user") : NULL;
  const char *cosigner = data != NULL ? slip_json_string (data, "cosigned_by") : NULL;
  const SlipSpan span = {
      .lane = LANE_PEOPLE,
      .start = time,
      .end = time,
      .tone = g_str_equal (kind, "run.cancel") || g_str_equal (kind, "step.rejected")
                  ? SLIP_TONE_BAD
                  : SLIP_TONE_WARNING,
      .label = (char *)slip_run_kind_title (kind),
      .detail = (char *)(cosigner != NULL ? cosigner : who),
      .tag = slip_json_string (entry, "step"),
  };

  slip_timeline_add (self->timeline, &span);
  if (g_str_equal (kind, "run.approved"))
    self->approved = time;
}

static void
end_waiting (SlipRunLanes *self, gint64 time)
{
  if (self->waiting > 0)
    slip_timeline_end (self->timeline, self->waiting - 1, time, SLIP_TONE_NEUTRAL);
  self->waiting = 0;
}

/* The run stands still for a person: that is neither AWS's time nor ours. */
static void
begin_waiting (SlipRunLanes *self, JsonObject *entry, gint64 time)
{
  JsonObject *data = slip_json_object (entry, "data");
  const SlipSpan span = {
      .lane = LANE_PEOPLE,
      .start = time,
      .tone = SLIP_TONE_NEUTRAL,
      .label = (char *)_ ("Waits for a person"),
      .detail = (char *)(data != NULL ? slip_json_string (data, "message") : NULL),
      .tag = slip_json_string (entry, "step"),
  };

  end_waiting (self, time);
  self->waiting = slip_timeline_add (self->timeline, &span) + 1;
}

/* A lane for each environment that the run signs in to; a renewal ends what was before it. */
static void
add_session (SlipRunLanes *self, JsonObject *entry, gint64 time)
{
  JsonObject *data = slip_json_object (entry, "data");
  JsonObject *actor = slip_json_object (entry, "actor");
  const char *ends = data != NULL ? slip_json_string (data, "session_ends") : NULL;
  const char *environment = slip_json_string (entry, "environment");
  const SlipSpan *before = find_open (self, self->sessions, environment);
  g_autofree char *lane
      = g_strdup_printf (_ ("Session %s"), environment != NULL ? environment : "");
  gint64 end = 0;
  gboolean renewed = before != NULL && before->end > time;
  SlipSpan span = {.start = time, .tone = SLIP_TONE_GOOD};

  if (ends == NULL || environment == NULL || !slip_time_parse (ends, &end))
    return;
  if (before != NULL && before->end == end)
    return;
  if (renewed)
    end_open (self, self->sessions, environment, time, FALSE);
  span.lane = slip_timeline_ensure_lane (self->timeline, lane);
  span.end = end;
  span.label = (char *)(before != NULL ? _ ("Renewed session") : _ ("Session"));
  span.detail = (char *)(actor != NULL ? slip_json_string (actor, "principal") : NULL);
  begin_open (self, self->sessions, environment, &span);
}

static void
read_entry (SlipRunLanes *self, JsonObject *entry)
{
  const char *kind = slip_json_string (entry, "kind");
  gint64 time = get_time (entry);

  if (kind == NULL || time == 0)
    return;
  self->last = MAX (self->last, time);
  if (is_human (kind))
    add_act (self, entry, kind, time);
  else if (g_str_equal (kind, "run.identity"))
    add_session (self, entry, time);
  else if (g_str_equal (kind, "run.paused"))
    begin_waiting (self, entry, time);
  else if (g_str_has_prefix (kind, "step."))
    read_step (self, entry, kind, time);
  if (!g_str_equal (kind, "run.paused") && !is_human (kind))
    end_waiting (self, time);
}

/* What a run that has ended left open ended with it. */
static void
end_all (SlipRunLanes *self, GHashTable *table)
{
  g_autoptr (GList) names = g_hash_table_get_keys (table);

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *name = g_strdup (l->data);

      end_open (self, table, name, self->last, FALSE);
    }
}

/* ---- what was planned */

static gboolean
is_wait (const SlipPlanStep *step)
{
  return slip_plan_step_get_wait (step) != NULL
         && slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ;
}

/* A step that has begun was planned to last from then on; one that has not follows the one before. */
static gint64
add_planned (SlipRunLanes *self, double speed)
{
  GListModel *steps = G_LIST_MODEL (self->run);
  gint64 next = self->last;

  slip_timeline_clear_planned (self->timeline);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (steps, i);
      const SlipPlanStep *planned = slip_run_step_get_plan_step (step);
      SlipRunStepState state = slip_run_step_get_state (step);
      gint64 length = (gint64)(slip_plan_step_get_minutes (planned) * 60 / speed * G_USEC_PER_SEC);
      SlipSpan span
          = {.lane = is_wait (planned) ? LANE_AWS : LANE_CALLS, .tag = slip_run_step_get_id (step)};

      if (state == SLIP_RUN_STEP_SKIPPED)
        continue;
      span.start = slip_run_step_get_started (step);
      if (span.start == 0 && (state != SLIP_RUN_STEP_PLANNED || slip_run_get_finished (self->run)))
        continue;
      if (span.start == 0)
        span.start = next;
      span.end = span.start + length;
      slip_timeline_add_planned (self->timeline, &span);
      if (state != SLIP_RUN_STEP_DONE)
        next = MAX (next, span.end);
    }
  return next;
}

static void
set_range (SlipRunLanes *self, gint64 planned_end)
{
  gint64 started = slip_run_get_started (self->run);
  gint64 start = started != 0 ? started : slip_run_get_planned (self->run);
  gint64 end = self->last;

  if (self->approved != 0 && self->approved < start && start - self->approved < LEAD_US)
    start = self->approved;
  if (slip_run_get_finished (self->run) == 0)
    end = MAX (end, planned_end);
  /* A little room at both sides, and at least a few seconds in all. */
  end += MAX ((end - start) / 40, G_USEC_PER_SEC);
  start -= (end - start) / 80;
  slip_timeline_set_range (self->timeline, start, end, self->last);
}

/* ---- public */

SlipRunLanes *
slip_run_lanes_new (SlipRun *run, SlipTimeline *timeline)
{
  SlipRunLanes *self;

  g_return_val_if_fail (SLIP_IS_RUN (run), NULL);
  g_return_val_if_fail (SLIP_IS_TIMELINE (timeline), NULL);

  self = g_new0 (SlipRunLanes, 1);
  self->run = g_object_ref (run);
  self->timeline = g_object_ref (timeline);
  self->calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->histories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  slip_timeline_ensure_lane (timeline, _ ("Our calls"));
  slip_timeline_ensure_lane (timeline, _ ("AWS states"));
  slip_timeline_ensure_lane (timeline, _ ("People"));
  return self;
}

void
slip_run_lanes_free (SlipRunLanes *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->run);
  g_object_unref (self->timeline);
  g_hash_table_unref (self->calls);
  g_hash_table_unref (self->states);
  g_hash_table_unref (self->sessions);
  g_hash_table_unref (self->histories);
  g_free (self);
}

void
slip_run_lanes_update (SlipRunLanes *self, double speed)
{
  GPtrArray *entries;

  g_return_if_fail (self != NULL);

  entries = slip_run_get_entries (self->run);
  for (; self->read < entries->len; self->read++)
    read_entry (self, g_ptr_array_index (entries, self->read));
  if (slip_run_get_finished (self->run) != 0)
    {
      end_all (self, self->calls);
      end_all (self, self->states);
      end_waiting (self, self->last);
    }
  set_range (self, add_planned (self, MAX (speed, 1)));
  slip_timeline_commit (self->timeline);
}
