/* SPDX-License-Identifier: MIT */
/* What a change manager asks of a log: who did what, when, and how it ended. A fold over entries for
 * the page that is exported; the run's own state is the runner's business, not this one's. */

#include "slip-ledger-summary.h"
#include "slip-json.h"

#include <string.h>

static void
step_free (gpointer data)
{
  SlipSummaryStep *step = data;

  g_free (step->id);
  g_free (step->title);
  g_free (step->region);
  g_free (step->operation);
  g_free (step->outcome);
  g_free (step->request_id);
  g_free (step->started);
  g_free (step->finished);
  g_free (step->detail);
  g_free (step);
}

static void
guard_free (gpointer data)
{
  SlipSummaryGuard *guard = data;

  g_free (guard->title);
  g_free (guard->state);
  g_free (guard->message);
  g_free (guard);
}

static void
run_free (gpointer data)
{
  SlipSummaryRun *run = data;

  g_free (run->id);
  g_free (run->title);
  g_free (run->environment);
  g_free (run->account);
  g_free (run->plan_hash);
  g_free (run->planned_by);
  g_ptr_array_unref (run->approved);
  g_ptr_array_unref (run->actors);
  g_free (run->started);
  g_free (run->finished);
  g_free (run->outcome);
  g_free (run->message);
  g_hash_table_unref (run->by_id);
  g_ptr_array_unref (run->guards);
  g_ptr_array_unref (run->steps);
  g_free (run);
}

SlipSummary *
slip_summary_new (void)
{
  SlipSummary *summary = g_new0 (SlipSummary, 1);

  summary->runs = g_ptr_array_new_with_free_func (run_free);
  summary->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return summary;
}

void
slip_summary_free (SlipSummary *summary)
{
  g_hash_table_unref (summary->by_id);
  g_ptr_array_unref (summary->runs);
  g_free (summary);
}

static void
set_text (char **target, const char *text)
{
  if (text == NULL)
    return;
  g_free (*target);
  *target = g_strdup (text);
}

static void
keep_first (char **target, const char *text)
{
  if (*target == NULL)
    *target = g_strdup (text);
}

char *
slip_summary_actor (JsonObject *entry)
{
  JsonObject *actor = slip_json_object (entry, "actor");
  const char *user = actor != NULL ? slip_json_string (actor, "user") : NULL;
  const char *host = actor != NULL ? slip_json_string (actor, "host") : NULL;
  const char *principal = actor != NULL ? slip_json_string (actor, "principal") : NULL;

  if (user == NULL)
    return g_strdup (principal);
  return g_strconcat (user, host != NULL ? "@" : "", host != NULL ? host : "",
                      principal != NULL ? " as " : "", principal != NULL ? principal : "", NULL);
}

static SlipSummaryRun *
get_run (SlipSummary *summary, const char *id)
{
  SlipSummaryRun *run = g_hash_table_lookup (summary->by_id, id);

  if (run != NULL)
    return run;
  run = g_new0 (SlipSummaryRun, 1);
  run->id = g_strdup (id);
  run->approved = g_ptr_array_new_with_free_func (g_free);
  run->actors = g_ptr_array_new_with_free_func (g_free);
  run->guards = g_ptr_array_new_with_free_func (guard_free);
  run->steps = g_ptr_array_new_with_free_func (step_free);
  run->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (summary->runs, run);
  g_hash_table_insert (summary->by_id, run->id, run);
  return run;
}

static SlipSummaryStep *
get_step (SlipSummaryRun *run, const char *id)
{
  SlipSummaryStep *step = g_hash_table_lookup (run->by_id, id);

  if (step != NULL)
    return step;
  step = g_new0 (SlipSummaryStep, 1);
  step->id = g_strdup (id);
  g_ptr_array_add (run->steps, step);
  g_hash_table_insert (run->by_id, step->id, step);
  return step;
}

static void
add_guards (SlipSummaryRun *run, JsonArray *guards)
{
  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *planned = slip_json_node_object (json_array_get_element (guards, i));
      SlipSummaryGuard *guard;

      if (planned == NULL)
        continue;
      guard = g_new0 (SlipSummaryGuard, 1);
      guard->title = g_strdup (slip_json_string (planned, "title"));
      guard->state = g_strdup (slip_json_string (planned, "state"));
      guard->message = g_strdup (slip_json_string (planned, "message"));
      g_ptr_array_add (run->guards, guard);
    }
}

static gboolean
any_overridden (JsonObject *environments)
{
  JsonObjectIter iter;
  JsonNode *value;

  if (environments == NULL)
    return FALSE;
  json_object_iter_init (&iter, environments);
  while (json_object_iter_next (&iter, NULL, &value))
    {
      JsonObject *environment = slip_json_node_object (value);

      if (environment != NULL && slip_json_bool (environment, "overridden", FALSE))
        return TRUE;
    }
  return FALSE;
}

/* The plan lists the steps in the order in which people approved them. */
static void
add_plan (SlipSummaryRun *run, JsonObject *plan)
{
  JsonArray *steps;

  if (plan == NULL)
    return;
  add_guards (run, slip_json_array (plan, "guards"));
  run->overridden = any_overridden (slip_json_object (plan, "environments"));
  steps = slip_json_array (plan, "steps");
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *planned = slip_json_node_object (json_array_get_element (steps, i));
      const char *id = planned != NULL ? slip_json_string (planned, "id") : NULL;

      if (id != NULL)
        set_text (&get_step (run, id)->title, slip_json_string (planned, "title"));
    }
}

static void
add_step (SlipSummaryRun *run, const char *id, const char *kind, JsonObject *entry)
{
  SlipSummaryStep *step = get_step (run, id);
  JsonObject *data = slip_json_object (entry, "data");
  JsonObject *failure = data != NULL ? slip_json_object (data, "error") : NULL;
  const char *time = slip_json_string (entry, "time");

  keep_first (&step->started, time);
  set_text (&step->region, slip_json_string (entry, "region"));
  set_text (&step->operation, slip_json_string (entry, "operation"));
  set_text (&step->request_id, slip_json_string (entry, "request_id"));
  if (g_strcmp0 (kind, "step.outcome") != 0)
    return;
  set_text (&step->outcome, slip_json_string (entry, "outcome"));
  set_text (&step->finished, time);
  g_clear_pointer (&step->detail, g_free);
  set_text (&step->detail, data != NULL ? slip_json_string (data, "detail") : NULL);
  set_text (&step->detail, failure != NULL ? slip_json_string (failure, "message") : NULL);
}

static void
add_actor (SlipSummaryRun *run, const char *actor)
{
  for (guint i = 0; i < run->actors->len; i++)
    if (g_str_equal (g_ptr_array_index (run->actors, i), actor))
      return;
  g_ptr_array_add (run->actors, g_strdup (actor));
}

static void
add_event (SlipSummaryRun *run, const char *kind, const char *actor, JsonObject *entry)
{
  JsonObject *data = slip_json_object (entry, "data");
  const char *time = slip_json_string (entry, "time");

  if (data != NULL)
    set_text (&run->plan_hash, slip_json_string (data, "plan_sha256"));
  if (g_str_equal (kind, "run.planned"))
    {
      set_text (&run->title, data != NULL ? slip_json_string (data, "title") : NULL);
      add_plan (run, data != NULL ? slip_json_object (data, "plan") : NULL);
      set_text (&run->planned_by, actor);
      set_text (&run->environment, slip_json_string (entry, "environment"));
      set_text (&run->account, slip_json_string (entry, "account"));
    }
  else if (g_str_equal (kind, "run.approved"))
    g_ptr_array_add (run->approved, g_strdup_printf ("%s, %s", actor != NULL ? actor : "unknown",
                                                     time != NULL ? time : "unknown time"));
  else if (g_str_equal (kind, "run.started"))
    keep_first (&run->started, time);
  else if (g_str_equal (kind, "run.finished"))
    {
      set_text (&run->finished, time);
      set_text (&run->outcome, slip_json_string (entry, "outcome"));
      g_clear_pointer (&run->message, g_free);
      set_text (&run->message, data != NULL ? slip_json_string (data, "message") : NULL);
    }
}

void
slip_summary_add (SlipSummary *summary, JsonObject *entry)
{
  const char *id = slip_json_string (entry, "run");
  const char *kind = slip_json_string (entry, "kind");
  const char *step = slip_json_string (entry, "step");
  g_autofree char *actor = slip_summary_actor (entry);
  SlipSummaryRun *run;

  if (id == NULL || kind == NULL)
    return;
  run = get_run (summary, id);
  if (actor != NULL)
    add_actor (run, actor);
  keep_first (&run->environment, slip_json_string (entry, "environment"));
  keep_first (&run->account, slip_json_string (entry, "account"));
  if (step != NULL && g_str_has_prefix (kind, "step."))
    add_step (run, step, kind, entry);
  else
    add_event (run, kind, actor, entry);
}
