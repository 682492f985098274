/* SPDX-License-Identifier: MIT */
/* The memory of durations. It has no store of its own: what a step took stands in the ledger, which
 * cannot be edited, so a forecast cannot be either. */

#include "slip-durations.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-fold.h"

#define MAX_RUNS 200

/* Sizes that are compared differ by no more than this factor. */
#define SIZE_FACTOR 2.0

typedef struct
{
  double size; /* GiB; 0 when the step has none */
  double minutes;
  double ours; /* of those, minutes that no rehearsal hastens */
  guint run;
} Sample;

struct _SlipDurations
{
  GHashTable *samples; /* place and kind → GArray of Sample */
};

/* ---- kinds and places */

/* The change that a wait waits for is what determines its length, not the call it polls with. */
static SlipPlanStep *
find_cause (SlipPlan *plan, SlipPlanStep *wait)
{
  for (guint i = MIN (slip_plan_step_get_index (wait), slip_plan_get_n_steps (plan)); i > 0; i--)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i - 1);

      if (slip_plan_step_get_effect (step) != SLIP_AWS_EFFECT_READ
          && slip_plan_step_get_operation (step) != NULL
          && g_strcmp0 (slip_plan_step_get_environment (step),
                        slip_plan_step_get_environment (wait))
                 == 0)
        return step;
    }
  return NULL;
}

/* NULL for a step whose length is a person's, or nothing. */
static char *
make_kind (SlipPlan *plan, SlipPlanStep *step)
{
  SlipPlanStep *cause = NULL;

  if (slip_plan_step_get_operation (step) == NULL || slip_plan_step_get_confirm (step) != NULL)
    return NULL;
  if (slip_plan_step_get_wait (step) != NULL
      && slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ)
    cause = find_cause (plan, step);
  if (cause != NULL)
    return g_strdup_printf ("wait after %s:%s until %s:%s", slip_plan_step_get_service (cause),
                            slip_plan_step_get_operation (cause), slip_plan_step_get_service (step),
                            slip_plan_step_get_operation (step));
  return g_strdup_printf ("%s %s:%s", slip_plan_step_get_action (step),
                          slip_plan_step_get_service (step), slip_plan_step_get_operation (step));
}

/* AWS itself is one place; another world is another one, and so is the same at another pace. */
static char *
make_key (SlipPlan *plan, SlipPlanStep *step, double speed)
{
  g_autofree char *kind = make_kind (plan, step);
  const char *name = slip_plan_step_get_environment (step);
  JsonObject *facts
      = name != NULL ? slip_json_object (slip_plan_get_environments (plan), name) : NULL;
  const char *endpoint;
  char pace[G_ASCII_DTOSTR_BUF_SIZE];

  if (kind == NULL)
    return NULL;
  if (speed <= 1 && (facts == NULL || !slip_json_bool (facts, "overridden", FALSE)))
    return g_strdup_printf ("aws %s", kind);
  endpoint = facts != NULL ? slip_json_string (facts, "endpoint") : NULL;
  return g_strdup_printf ("%s@%s %s", endpoint != NULL ? endpoint : "",
                          g_ascii_dtostr (pace, sizeof pace, speed), kind);
}

/* ---- reading */

static gboolean
was_broken (GArray *breaks, gint64 from, gint64 to)
{
  for (guint i = 0; i < breaks->len; i++)
    if (g_array_index (breaks, gint64, i) >= from && g_array_index (breaks, gint64, i) <= to)
      return TRUE;
  return FALSE;
}

/* When the run stopped for whatever reason, or another process took it up; and its speed. */
static GArray *
list_breaks (SlipRunFold *fold, double *speed)
{
  GArray *breaks = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);
      const char *kind = slip_json_string (entry, "kind");
      gint64 time = slip_run_entry_get_time (entry);

      if (g_strcmp0 (kind, SLIP_RUN_STARTED_KIND) == 0)
        *speed = slip_json_double (slip_json_object (entry, "data"), "speed", 1);
      if (g_strcmp0 (kind, SLIP_RUN_RESUMED_KIND) == 0
          || g_strcmp0 (kind, SLIP_RUN_PAUSED_KIND) == 0)
        g_array_append_val (breaks, time);
    }
  return breaks;
}

/* What AWS, or what runs there, and this machine take in turns, at two paces that nobody can tell apart. */
static gboolean
is_mixed (SlipPlanStep *step)
{
  static const char *const actions[] = {"aws:executeStateMachine",
                                        "slipway:executeStateMachine",
                                        "slipway:runTask",
                                        "slipway:metric",
                                        "slipway:countItems",
                                        "slipway:capture",
                                        "slipway:http",
                                        "slipway:terraform",
                                        NULL};

  return g_strv_contains (actions, slip_plan_step_get_action (step));
}

/* From the end of the first look to the begin of the last, which is taken to be as long. One that finds all well
 * at the first look has waited for nothing. Microseconds. */
static gint64
waited_for_aws (SlipFoldStep *step)
{
  gint64 looked = 0;

  for (guint i = 0; looked == 0 && i < step->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (step->entries, i);
      gint64 time = slip_run_entry_get_time (entry);

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_OBSERVED_KIND) == 0
          && step->waiting_since != 0 && time >= step->waiting_since)
        looked = time;
    }
  if (looked == 0)
    return 0;
  return MAX (step->finished - looked - (looked - step->waiting_since), 0);
}

/* A rehearsal hastens what AWS takes, and neither our calls nor the work in databases. */
static void
measure (SlipFoldStep *step, double speed, Sample *sample)
{
  gint64 waited = waited_for_aws (step);

  sample->ours = (double)(step->finished - step->started - waited) / G_USEC_PER_SEC / 60;
  sample->minutes = sample->ours + (double)waited / G_USEC_PER_SEC / 60 * speed;
}

static void
add_sample (SlipDurations *self, char *key, const Sample *sample)
{
  GArray *samples = g_hash_table_lookup (self->samples, key);

  if (samples == NULL)
    {
      samples = g_array_new (FALSE, FALSE, sizeof (Sample));
      g_hash_table_insert (self->samples, g_strdup (key), samples);
    }
  g_array_append_val (samples, *sample);
}

static void
learn (SlipDurations *self, SlipRunFold *fold, guint run)
{
  double speed = 1;
  g_autoptr (GArray) breaks = list_breaks (fold, &speed);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      g_autofree char *key = NULL;
      Sample sample = {.run = run};

      if (step->state != SLIP_RUN_STEP_DONE || step->started == 0 || step->finished < step->started
          || step->sends > 1 || was_broken (breaks, step->started, step->finished)
          || (speed > 1 && is_mixed (step->plan_step)))
        continue;
      key = make_key (fold->plan, step->plan_step, speed);
      if (key == NULL)
        continue;
      sample.size = slip_plan_step_get_gib (step->plan_step);
      measure (step, speed, &sample);
      add_sample (self, key, &sample);
    }
}

static gboolean
collect_id (const SlipLedgerEntry *entry, gpointer data)
{
  const char *id = slip_json_string (entry->object, "run");

  if (id != NULL && !g_ptr_array_find_with_equal_func (data, id, g_str_equal, NULL))
    g_ptr_array_add (data, g_strdup (id));
  return TRUE;
}

SlipDurations *
slip_durations_load (SlipLedger *ledger, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (SlipDurations) self = g_new0 (SlipDurations, 1);
  SlipLedgerFilter filter
      = {.kind = SLIP_RUN_FINISHED_KIND, .newest_first = TRUE, .limit = MAX_RUNS};

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  self->samples
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
  if (!slip_ledger_foreach (ledger, &filter, collect_id, ids, error))
    return NULL;
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (g_ptr_array_index (ids, i));
      g_autoptr (GError) local = NULL;

      if (slip_run_fold_sync (fold, ledger, &local) && fold->plan != NULL)
        learn (self, fold, i + 1);
      else
        g_debug ("run %s teaches nothing: %s", fold->id,
                 local != NULL ? local->message : "it has no plan");
    }
  return g_steal_pointer (&self);
}

void
slip_durations_free (SlipDurations *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->samples, g_hash_table_unref);
  g_free (self);
}

/* ---- estimating */

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *)a;
  double right = *(const double *)b;

  return (left > right) - (left < right);
}

static gboolean
is_alike (double size, double other)
{
  if (size <= 0 || other <= 0)
    return size <= 0 && other <= 0;
  return size <= other * SIZE_FACTOR && other <= size * SIZE_FACTOR;
}

gboolean
slip_durations_estimate (SlipDurations *self,
                         SlipPlan *plan,
                         SlipPlanStep *step,
                         double speed,
                         SlipDurationEstimate *estimate)
{
  g_autofree char *key = NULL;
  g_autoptr (GArray) minutes = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) ours = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GHashTable) runs = g_hash_table_new (NULL, NULL);
  GArray *samples;

  g_return_val_if_fail (self != NULL && SLIP_IS_PLAN (plan) && estimate != NULL, FALSE);

  key = make_key (plan, step, speed);
  samples = key != NULL ? g_hash_table_lookup (self->samples, key) : NULL;
  for (guint i = 0; samples != NULL && i < samples->len; i++)
    {
      const Sample *sample = &g_array_index (samples, Sample, i);

      if (!is_alike (slip_plan_step_get_gib (step), sample->size))
        continue;
      g_array_append_val (minutes, sample->minutes);
      g_array_append_val (ours, sample->ours);
      g_hash_table_add (runs, GUINT_TO_POINTER (sample->run));
    }
  if (minutes->len == 0)
    return FALSE;
  g_array_sort (minutes, compare);
  g_array_sort (ours, compare);
  estimate->runs = g_hash_table_size (runs);
  /* Of an even number, the longer of the two in the middle: a forecast had better not be short. */
  estimate->median = g_array_index (minutes, double, minutes->len / 2);
  estimate->ours = g_array_index (ours, double, ours->len / 2);
  estimate->p90 = g_array_index (minutes, double, (minutes->len * 9 + 9) / 10 - 1);
  return TRUE;
}

/* ---- into a plan */

static double
get_speed (SlipWorkspace *workspace, SlipPlanStep *step)
{
  const char *name = slip_plan_step_get_environment (step);
  SlipEnvironment *environment = NULL;

  if (workspace != NULL && name != NULL)
    environment = slip_workspace_find (workspace, name);

  return environment != NULL ? slip_environment_get_speed (environment) : 1;
}

static void
set_forecast (JsonObject *step, const SlipDurationEstimate *estimate)
{
  JsonObject *forecast = json_object_new ();

  json_object_set_double_member (step, "minutes", estimate->median);
  json_object_set_int_member (forecast, "runs", estimate->runs);
  json_object_set_double_member (forecast, "p90", estimate->p90);
  json_object_set_double_member (forecast, "ours", estimate->ours);
  json_object_set_object_member (step, "forecast", forecast);
}

static SlipPlan *
make_plan (SlipDurations *durations, SlipPlan *plan, SlipWorkspace *workspace, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (plan));
  JsonObject *object = json_node_get_object (node);
  JsonArray *steps = slip_json_array (object, "steps");
  JsonObject *forecast = json_object_new ();
  double minutes = 0;
  double p90 = 0;
  guint remembered = 0;

  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);
      SlipDurationEstimate estimate = {.median = slip_plan_step_get_minutes (step)};

      estimate.p90 = estimate.median;
      if (slip_durations_estimate (durations, plan, step, get_speed (workspace, step), &estimate))
        {
          set_forecast (json_array_get_object_element (steps, i), &estimate);
          remembered++;
        }
      minutes += estimate.median;
      p90 += estimate.p90;
    }
  json_object_set_double_member (forecast, "minutes", minutes);
  json_object_set_double_member (forecast, "p90", p90);
  json_object_set_int_member (forecast, "remembered", remembered);
  json_object_set_object_member (object, "forecast", forecast);
  return slip_plan_new_from_json (node, error);
}

SlipPlan *
slip_plan_remember (SlipPlan *plan, SlipLedger *ledger, SlipWorkspace *workspace)
{
  g_autoptr (SlipDurations) durations = NULL;
  g_autoptr (GError) error = NULL;
  SlipPlan *better = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (plan), NULL);

  if (ledger != NULL)
    durations = slip_durations_load (ledger, &error);
  if (durations != NULL)
    better = make_plan (durations, plan, workspace, &error);
  if (error != NULL)
    g_message ("the forecast is the document's: %s", error->message);
  return better != NULL ? better : g_object_ref (plan);
}
