/* SPDX-License-Identifier: MIT */

/* From ledger entries to lanes. Everything drawn is an entry with its time; nothing is interpolated. */

#include "config.h"

#include "slip-run-lanes.h"

#include <glib/gi18n.h>

#include "slip-clock.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-run-text.h"

typedef enum
{
  LANE_CALLS,
  LANE_AWS,
  LANE_PEOPLE,
  LANE_SESSION,
} Lane;

typedef struct
{
  gint64 start;
  char *label;
  SlipTone tone;
} Open;

typedef struct
{
  SlipLanes *lanes;
  SlipRun *run;
  GHashTable *calls;  /* owned; step → Open */
  GHashTable *states; /* owned; step → Open */
  GPtrArray *names;   /* owned; element-type utf8; names of lanes, the sessions last */
  gint64 last;
} Fold;

static void
open_free (gpointer data)
{
  Open *open = data;

  g_free (open->label);
  g_free (open);
}

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
get_step_title (Fold *fold, const char *step)
{
  SlipRunStep *found = step != NULL ? slip_run_find_step (fold->run, step) : NULL;

  if (found != NULL && slip_run_step_get_title (found) != NULL)
    return slip_run_step_get_title (found);
  return step != NULL ? step : "";
}

static void
close_open (Fold *fold, GHashTable *table, Lane lane, const char *step, gint64 end)
{
  Open *open = step != NULL ? g_hash_table_lookup (table, step) : NULL;
  g_autofree char *from = NULL;
  g_autofree char *length = NULL;
  g_autofree char *tooltip = NULL;

  if (open == NULL)
    return;
  from = slip_format_time (open->start);
  length = slip_format_duration ((double)(end - open->start) / G_USEC_PER_SEC);
  tooltip
      = g_strdup_printf ("%s\n%s\n%s, %s", get_step_title (fold, step), open->label, from, length);
  slip_lanes_add (fold->lanes, lane, open->start, end, open->tone, open->label, tooltip);
  g_hash_table_remove (table, step);
}

static void
begin_open (GHashTable *table, const char *step, gint64 start, const char *label, SlipTone tone)
{
  Open *open;

  if (step == NULL)
    return;
  open = g_new0 (Open, 1);
  open->start = start;
  open->label = g_strdup (label != NULL ? label : step);
  open->tone = tone;
  g_hash_table_insert (table, g_strdup (step), open);
}

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
add_moment (Fold *fold, JsonObject *entry, const char *kind, gint64 time)
{
  JsonObject *actor = slip_json_object (entry, "actor");
  const char *user = actor != NULL ? slip_json_string (actor, "user") : NULL;
  g_autofree char *when = slip_format_time (time);
  g_autofree char *tooltip
      = g_strdup_printf ("%s\n%s\n%s", slip_run_kind_title (kind), user != NULL ? user : "", when);

  slip_lanes_add (fold->lanes, LANE_PEOPLE, time, time, SLIP_TONE_WARNING,
                  slip_run_kind_title (kind), tooltip);
}

/* A lane for each environment that the run signs in to. */
static guint
get_session_lane (Fold *fold, const char *environment)
{
  g_autofree char *name
      = g_strdup_printf (_ ("Session %s"), environment != NULL ? environment : "");

  for (guint i = LANE_SESSION; i < fold->names->len; i++)
    if (g_str_equal (g_ptr_array_index (fold->names, i), name))
      return i;
  g_ptr_array_add (fold->names, g_steal_pointer (&name));
  return fold->names->len - 1;
}

static void
add_session (Fold *fold, JsonObject *entry, gint64 time)
{
  JsonObject *data = slip_json_object (entry, "data");
  const char *ends = data != NULL ? slip_json_string (data, "session_ends") : NULL;
  const char *environment = slip_json_string (entry, "environment");
  g_autofree char *when = NULL;
  g_autofree char *tooltip = NULL;
  gint64 end = 0;

  if (ends == NULL || !slip_time_parse (ends, &end))
    return;
  when = slip_format_time (end);
  tooltip = g_strdup_printf (_ ("Session in %s\nuntil %s"), environment != NULL ? environment : "",
                             when);
  slip_lanes_add (fold->lanes, get_session_lane (fold, environment), time, end, SLIP_TONE_GOOD,
                  NULL, tooltip);
}

static gboolean
is_human (const char *kind)
{
  static const char *const kinds[]
      = {"run.approved",   "run.pause",     "run.resume",    "run.cancel",    "step.decided",
         "step.confirmed", "step.attested", "step.approved", "step.rejected", NULL};

  return g_strv_contains (kinds, kind);
}

static void
fold_step (Fold *fold, JsonObject *entry, const char *kind, gint64 time)
{
  const char *step = slip_json_string (entry, "step");
  JsonObject *data = slip_json_object (entry, "data");

  if (g_str_equal (kind, "step.intent"))
    {
      const char *operation = slip_json_string (entry, "operation");

      close_open (fold, fold->calls, LANE_CALLS, step, time);
      begin_open (fold->calls, step, time, operation,
                  get_effect_tone (slip_json_string (entry, "effect")));
    }
  else if (g_str_equal (kind, "step.waiting"))
    close_open (fold, fold->calls, LANE_CALLS, step, time);
  else if (g_str_equal (kind, "step.observed"))
    {
      const char *detail = data != NULL ? slip_json_string (data, "detail") : NULL;
      Open *open = step != NULL ? g_hash_table_lookup (fold->states, step) : NULL;

      if (open != NULL && g_strcmp0 (open->label, detail) == 0)
        return;
      close_open (fold, fold->states, LANE_AWS, step, time);
      begin_open (fold->states, step, time, detail, slip_tone_of_aws_status (detail));
    }
  else if (g_str_equal (kind, "step.outcome"))
    {
      const char *outcome = slip_json_string (entry, "outcome");
      Open *open = step != NULL ? g_hash_table_lookup (fold->calls, step) : NULL;

      if (open != NULL && g_strcmp0 (outcome, "failed") == 0)
        open->tone = SLIP_TONE_BAD;
      close_open (fold, fold->calls, LANE_CALLS, step, time);
      close_open (fold, fold->states, LANE_AWS, step, time);
    }
}

static void
fold_entry (Fold *fold, JsonObject *entry)
{
  const char *kind = slip_json_string (entry, "kind");
  gint64 time = get_time (entry);

  if (kind == NULL || time == 0)
    return;
  fold->last = MAX (fold->last, time);
  if (is_human (kind))
    add_moment (fold, entry, kind, time);
  else if (g_str_equal (kind, "run.identity"))
    add_session (fold, entry, time);
  else if (g_str_has_prefix (kind, "step."))
    fold_step (fold, entry, kind, time);
}

static void
close_all (Fold *fold, GHashTable *table, Lane lane)
{
  g_autoptr (GList) steps = g_hash_table_get_keys (table);

  for (GList *l = steps; l != NULL; l = l->next)
    {
      g_autofree char *step = g_strdup (l->data);

      close_open (fold, table, lane, step, fold->last);
    }
}

static void
set_range (Fold *fold)
{
  gint64 start = slip_run_get_started (fold->run);
  double remaining = slip_run_get_remaining (fold->run);
  gint64 end = fold->last;
  gint64 planned = 0;

  if (start == 0)
    start = slip_run_get_planned (fold->run);
  if (slip_run_get_finished (fold->run) == 0 && remaining > 0)
    planned = end = fold->last + (gint64)(remaining * G_USEC_PER_SEC);
  /* A little room at the right, and at least a few seconds in all. */
  end += MAX ((end - start) / 40, G_USEC_PER_SEC);
  slip_lanes_set_range (fold->lanes, start, end);
  slip_lanes_set_planned_end (fold->lanes, planned);
}

void
slip_run_lanes_fill (SlipLanes *lanes, SlipRun *run)
{
  GPtrArray *entries = slip_run_get_entries (run);
  g_autofree char *summary = NULL;
  Fold fold = {
      .lanes = lanes,
      .run = run,
      .calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, open_free),
      .states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, open_free),
  };

  slip_lanes_clear (lanes);
  fold.names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (fold.names, g_strdup (_ ("Our calls")));
  g_ptr_array_add (fold.names, g_strdup (_ ("AWS states")));
  g_ptr_array_add (fold.names, g_strdup (_ ("People")));
  for (guint i = 0; i < entries->len; i++)
    fold_entry (&fold, g_ptr_array_index (entries, i));
  close_all (&fold, fold.calls, LANE_CALLS);
  close_all (&fold, fold.states, LANE_AWS);
  set_range (&fold);
  summary = g_strdup_printf (_ ("Time line of the run: %u entries, %.0f %% done"), entries->len,
                             slip_run_get_progress (run) * 100);
  slip_lanes_set_summary (lanes, summary);
  g_ptr_array_add (fold.names, NULL);
  slip_lanes_set_lanes (lanes, (const char *const *)fold.names->pdata);
  g_ptr_array_unref (fold.names);
  g_hash_table_unref (fold.calls);
  g_hash_table_unref (fold.states);
}
