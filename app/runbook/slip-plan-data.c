/* SPDX-License-Identifier: MIT */
/* How old what a plan restores is, where it restores anything. Nothing is asked for it: the guards that judged
 * the source, and the reads of planning, saw when it was made, and that is in the plan as evidence. */

#include "slip-plan.h"

#include "slip-clock.h"
#include "slip-copied.h"
#include "slip-json.h"
#include "slip-runbook.h"

static const struct
{
  const char *operation;
  const char *source; /* the request's member that names what is restored */
  const char *moment; /* the request's member that is the moment itself, or NULL */
} restores[] = {
    {"RestoreDBClusterFromSnapshot", "SnapshotIdentifier", NULL},
    {"RestoreDBInstanceFromDBSnapshot", "DBSnapshotIdentifier", NULL},
    {"RestoreDBClusterToPointInTime", NULL, "RestoreToTime"},
    {"RestoreDBInstanceToPointInTime", NULL, "RestoreTime"},
    {"RestoreTableFromBackup", "BackupArn", NULL},
    {"RestoreTableToPointInTime", NULL, "RestoreDateTime"},
    {"StartRestoreJob", "RecoveryPointArn", NULL},
};

static const char *const names[] = {"DBClusterSnapshotIdentifier",
                                    "DBClusterSnapshotArn",
                                    "DBSnapshotIdentifier",
                                    "DBSnapshotArn",
                                    "RecoveryPointArn",
                                    "BackupArn"};
static const char *const looked[] = {"snapshot-restorable", "recovery-point-usable", NULL};
static const char *const moments[]
    = {"SnapshotCreateTime", "BackupCreationDateTime", "CreationDate"};

/* A name or the end of an ARN: one call names a snapshot, the next one answers with its ARN. */
static gboolean
is_same (const char *known, const char *wanted)
{
  const char *tail = strrchr (wanted, ':');

  return known != NULL
         && (g_str_equal (known, wanted)
             || (g_str_has_prefix (wanted, "arn:") && tail != NULL
                 && g_str_equal (known, tail + 1)));
}

typedef struct
{
  gint64 time; /* 0 when nobody saw it */
  gboolean copied;
} Saved;

/* With %NULL for @source, whatever it is of. */
static Saved
read_object (JsonObject *object, const char *source)
{
  gint64 time = 0;
  gboolean same = source == NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names) && !same; i++)
    same = is_same (slip_json_string (object, names[i]), source);
  for (gsize i = 0; same && time == 0 && i < G_N_ELEMENTS (moments); i++)
    {
      const char *text = slip_json_string (object, moments[i]);

      if (text == NULL || !slip_time_parse (text, &time))
        time = 0;
    }
  return (Saved){time, time != 0 && slip_copied (object)};
}

static Saved
search (JsonNode *node, const char *source)
{
  Saved saved = {0, FALSE};

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; saved.time == 0 && i < json_array_get_length (array); i++)
        saved = search (json_array_get_element (array, i), source);
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_values (object);

      saved = read_object (object, source);
      for (GList *l = members; saved.time == 0 && l != NULL; l = l->next)
        saved = search (l->data, source);
    }
  return saved;
}

static Saved
search_guard (SlipGuardResult *guard, const char *source)
{
  JsonArray *evidence = slip_guard_result_get_evidence (guard);
  Saved saved = {0, FALSE};

  for (guint i = 0; saved.time == 0 && i < json_array_get_length (evidence); i++)
    {
      JsonObject *call = json_array_get_object_element (evidence, i);
      JsonNode *output = json_object_get_member (call, "output");

      if (output != NULL)
        saved = search (output, source);
    }
  return saved;
}

static Saved
search_evidence (SlipPlan *plan, const char *source)
{
  GListModel *guards = slip_plan_get_guards (plan);
  Saved saved = {0, FALSE};

  for (guint i = 0; saved.time == 0 && i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);

      saved = search_guard (guard, source);
    }
  return saved;
}

static gboolean
is_restore (const char *operation)
{
  for (gsize i = 0; operation != NULL && i < G_N_ELEMENTS (restores); i++)
    if (g_str_equal (operation, restores[i].operation))
      return TRUE;
  return FALSE;
}

/* A task restores what a guard of its step looks at. A migration looks at the snapshot that is its way back, and
 * a copy at what it copies: they take nothing away that was written since. */
static gboolean
is_restoring_task (const char *action, JsonArray *guards)
{
  if (g_strcmp0 (action, "slipway:runTask") != 0 || guards == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));
      const char *name = guard != NULL ? slip_json_string (guard, "guard") : NULL;

      if (name != NULL && g_strv_contains (looked, name))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_restore (JsonNode *node)
{
  JsonObject *object = slip_json_node_object (node);
  g_autoptr (GList) members = NULL;
  JsonObject *inputs;
  JsonObject *more;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (has_restore (json_array_get_element (array, i)))
          return TRUE;
    }
  if (object == NULL)
    return FALSE;
  inputs = slip_json_object (object, "inputs");
  more = slip_json_object (object, "slipway");
  if ((inputs != NULL && is_restore (slip_json_string (inputs, "Api")))
      || is_restoring_task (slip_json_string (object, "action"),
                            more != NULL ? slip_json_array (more, "guards") : NULL))
    return TRUE;
  members = json_object_get_values (object);
  for (GList *l = members; l != NULL; l = l->next)
    if (has_restore (l->data))
      return TRUE;
  return FALSE;
}

static gboolean
plan_restores (SlipPlan *plan)
{
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);

      if (is_restore (slip_plan_step_get_operation (step))
          || is_restoring_task (slip_plan_step_get_action (step), slip_plan_step_get_guards (step)))
        return TRUE;
    }
  return FALSE;
}

/* Where something else restores, an ECS task for instance, these guards looked at what it restores; of
 * several, the oldest counts. */
static Saved
search_sources (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);
  Saved oldest = {0, FALSE};

  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);
      Saved saved = g_strv_contains (looked, slip_guard_result_get_guard (guard))
                        ? search_guard (guard, NULL)
                        : (Saved){0, FALSE};

      if (saved.time != 0 && (oldest.time == 0 || saved.time < oldest.time))
        oldest = saved;
    }
  return oldest;
}

static Saved
get_restored (SlipPlan *plan, SlipPlanStep *step)
{
  const char *operation = slip_plan_step_get_operation (step);
  JsonObject *request = slip_json_node_object (slip_plan_step_get_request (step));

  for (gsize i = 0; request != NULL && i < G_N_ELEMENTS (restores); i++)
    {
      const char *source
          = restores[i].source != NULL ? slip_json_string (request, restores[i].source) : NULL;
      const char *moment
          = restores[i].moment != NULL ? slip_json_string (request, restores[i].moment) : NULL;
      gint64 time = 0;

      if (g_strcmp0 (operation, restores[i].operation) != 0)
        continue;
      if (moment != NULL && slip_time_parse (moment, &time))
        return (Saved){time, FALSE};
      if (source != NULL)
        return search_evidence (plan, source);
      break;
    }
  return (Saved){0, FALSE};
}

static Saved
get_saved (SlipPlan *self)
{
  Saved saved = {0, FALSE};

  for (guint i = 0; saved.time == 0 && i < slip_plan_get_n_steps (self); i++)
    saved = get_restored (self, slip_plan_get_step (self, i));
  return saved.time != 0 || !plan_restores (self) ? saved : search_sources (self);
}

gint64
slip_plan_get_data_time (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);

  return get_saved (self).time;
}

gboolean
slip_plan_is_data_copied (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), FALSE);

  return get_saved (self).copied;
}

gboolean
slip_runbook_brings_back (SlipRunbook *self)
{
  JsonArray *steps;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), FALSE);

  steps = slip_runbook_get_steps (self);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    if (has_restore (json_array_get_element (steps, i)))
      return TRUE;
  return FALSE;
}
