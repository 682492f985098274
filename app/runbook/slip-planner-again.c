/* SPDX-License-Identifier: MIT */
/* Whether a plan is what its runbook makes of its parameters. A plan file says what its last editor
 * wanted, so the plan is made again, by the planner itself, from the document, from the parameters in it
 * and from the answers that planning had; nobody is asked anything. What comes out must be the same:
 * the way that was taken, each step in it, those of loops too, and the guards. Whether the answers were
 * true, the run sees when it reads them again. */

#include "slip-caller-workspace.h"
#include "slip-json.h"
#include "slip-plan-file.h"
#include "slip-plan-private.h"
#include "slip-planner-private.h"

#define MAX_DIFFERENCES 3

/* ---- who answers: the plan, of its environments; and the workspace, of what they must be */

typedef struct
{
  JsonObject *environments; /* borrowed from the plan */
  SlipCaller *here;         /* (nullable) */
} Teller;

static JsonObject *
list_accounts (Teller *teller)
{
  g_autoptr (GList) names = json_object_get_members (teller->environments);
  JsonObject *accounts = json_object_new ();

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *told = slip_json_object (teller->environments, l->data);
      const char *account = told != NULL ? slip_json_string (told, "account") : NULL;

      if (account != NULL && !json_object_has_member (accounts, account))
        json_object_set_string_member (accounts, account, l->data);
    }
  return accounts;
}

static JsonObject *
describe (gpointer data, const char *name)
{
  Teller *teller = data;
  JsonObject *told = slip_json_object (teller->environments, name);
  g_autoptr (JsonNode) copy = NULL;
  g_autoptr (JsonObject) here = NULL;
  JsonObject *facts;

  if (told == NULL)
    return NULL;
  copy = slip_json_copy (json_object_get_member (teller->environments, name));
  facts = json_object_ref (json_node_get_object (copy));
  if (teller->here != NULL)
    here = slip_caller_dup_environment (teller->here, name);
  if (here != NULL && slip_json_bool (here, "pairing", FALSE))
    json_object_set_boolean_member (facts, "pairing", TRUE);
  json_object_set_string_member (facts, "name", name);
  json_object_set_object_member (facts, "accounts", list_accounts (teller));
  return facts;
}

static char **
list (gpointer data)
{
  Teller *teller = data;
  g_autoptr (GList) names = json_object_get_members (teller->environments);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (GList *l = names; l != NULL; l = l->next)
    g_strv_builder_add (builder, l->data);
  return g_strv_builder_end (builder);
}

static JsonNode *
call (gpointer data,
      const char *environment,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GCancellable *cancellable,
      GError **error)
{
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "nothing is asked of AWS to hold a plan against its runbook, and %s would be",
               operation);
  return NULL;
}

static gint64
session_expiration (gpointer data,
                    const char *environment,
                    GCancellable *cancellable,
                    GError **error)
{
  return 0;
}

/* ---- telling what differs */

static gboolean untrue (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
untrue (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "the plan is not what its runbook makes of its parameters: %s. Plan again", message);
  return FALSE;
}

static const char *
id_at (JsonArray *steps, guint index)
{
  JsonObject *step = index < json_array_get_length (steps)
                         ? slip_json_node_object (json_array_get_element (steps, index))
                         : NULL;

  return step != NULL ? slip_json_string (step, "id") : NULL;
}

static gboolean
same_way (JsonArray *made, JsonArray *told, GError **error)
{
  guint n = MAX (json_array_get_length (made), json_array_get_length (told));

  for (guint i = 0; i < n; i++)
    {
      const char *wanted = id_at (made, i);
      const char *id = id_at (told, i);

      if (g_strcmp0 (wanted, id) != 0)
        return untrue (error, "step %u is %s in the runbook, and %s in the plan", i + 1,
                       wanted != NULL ? wanted : "none", id != NULL ? id : "none");
    }
  return TRUE;
}

/* Of steps in the same order. */
static gboolean
same_steps (JsonArray *made, JsonArray *told, GError **error)
{
  for (guint i = 0; i < json_array_get_length (made); i++)
    {
      g_autofree char *difference = slip_json_describe_differences (
          json_array_get_element (made, i), json_array_get_element (told, i), MAX_DIFFERENCES,
          NULL);

      if (difference != NULL)
        return untrue (error, "of step %s, first as the runbook has it, then as the plan does, %s",
                       id_at (made, i), difference);
    }
  return TRUE;
}

/* Why two people are needed may be told otherwise; that they are may not be left out. */
static gboolean
same_pairing (JsonObject *made, JsonObject *told, GError **error)
{
  const char *why = slip_json_string (made, "pairing");

  if (why != NULL && slip_json_string (told, "pairing") == NULL)
    return untrue (error, "%s, and the plan leaves that out", why);
  json_object_remove_member (made, "pairing");
  json_object_remove_member (told, "pairing");
  return TRUE;
}

static gboolean
same_plan (JsonNode *made, JsonNode *told, GError **error)
{
  JsonObject *a = json_node_get_object (made);
  JsonObject *b = json_node_get_object (told);
  JsonArray *steps = slip_json_array (a, "steps");
  g_autofree char *difference = NULL;

  if (!same_way (steps, slip_json_array (b, "steps"), error)
      || !same_steps (steps, slip_json_array (b, "steps"), error) || !same_pairing (a, b, error))
    return FALSE;
  difference = slip_json_describe_differences (made, told, MAX_DIFFERENCES, NULL);
  return difference == NULL || untrue (error, "by the runbook, %s in the plan", difference);
}

/* ---- what guards found */

static gboolean
is_of_guard (JsonObject *result, JsonObject *guard)
{
  static const char *const same[] = {"guard", "environment", "region", "step"};
  const char *title = slip_json_string (guard, "title");
  const SlipGuard *found = slip_guard_find (slip_json_string (guard, "guard"));

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    if (g_strcmp0 (slip_json_string (result, same[i]), slip_json_string (guard, same[i])) != 0)
      return FALSE;
  if (title == NULL && found != NULL)
    title = found->title;
  return g_strcmp0 (slip_json_string (result, "title"), title) == 0;
}

/* Each guard that planning asks has its result, in the order in which they are asked. */
static gboolean
has_all_asked (SlipPlanning *planning, JsonArray *told, GError **error)
{
  guint n = json_array_get_length (planning->guards);

  for (guint i = 0; i < n; i++)
    {
      JsonObject *guard = json_array_get_object_element (planning->guards, i);
      const char *step = slip_json_string (guard, "step");
      JsonObject *result = i < json_array_get_length (told)
                               ? slip_json_node_object (json_array_get_element (told, i))
                               : NULL;

      if (result == NULL || !is_of_guard (result, guard))
        return untrue (error, "guard %s%s%s is asked when a plan is made, and %s is in its place",
                       slip_json_string (guard, "guard"), step != NULL ? " of step " : "",
                       step != NULL ? step : "",
                       result != NULL ? slip_json_string (result, "guard") : "nothing");
    }
  return TRUE;
}

/* What comes behind those: what cannot be told before it runs, and what reads found, of which the run
 * makes its own picture. Nothing there may stand for a guard that is asked. */
static gboolean
has_no_other (SlipPlanning *planning, JsonArray *told, GError **error)
{
  for (guint i = json_array_get_length (planning->guards); i < json_array_get_length (told); i++)
    {
      JsonObject *result = slip_json_node_object (json_array_get_element (told, i));
      const char *id = result != NULL ? slip_json_string (result, "guard") : NULL;
      gboolean held = id != NULL && slip_guard_find (id) == NULL;

      for (guint j = 0; id != NULL && !held && j < json_array_get_length (planning->results); j++)
        {
          JsonObject *own = json_array_get_object_element (planning->results, j);

          held = is_of_guard (result, own)
                 && g_strcmp0 (slip_json_string (result, "state"), slip_json_string (own, "state"))
                        == 0;
        }
      if (!held)
        return untrue (error, "it has a result of guard %s that planning does not come to",
                       id != NULL ? id : "(none)");
    }
  return TRUE;
}

/* What a guard found the run finds out itself. Here counts which were asked: a result that is waived
 * because it could not be proven must be of a guard that is there. */
static gboolean
same_guards (SlipPlanning *planning, JsonObject *wanted, JsonObject *told, GError **error)
{
  JsonArray *results = slip_json_array (told, "guards");

  if (!has_all_asked (planning, results, error) || !has_no_other (planning, results, error))
    return FALSE;
  json_object_remove_member (wanted, "guards");
  json_object_remove_member (told, "guards");
  return TRUE;
}

/* Of an environment that is the same here: by its account, for another workspace may call it otherwise. */
static gboolean
keeps_protection (Teller *teller, const char *name, GError **error)
{
  JsonObject *told = slip_json_object (teller->environments, name);
  g_autoptr (JsonObject) here
      = teller->here != NULL ? slip_caller_dup_environment (teller->here, name) : NULL;

  if (told == NULL || here == NULL || !slip_json_bool (here, "protected", FALSE)
      || slip_json_bool (told, "protected", FALSE)
      || g_strcmp0 (slip_json_string (here, "account"), slip_json_string (told, "account")) != 0)
    return TRUE;
  g_set_error (
      error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
      "environment %s is protected by the workspace that is here, and not by the plan. Plan "
      "again with that workspace, or set this one right",
      name);
  return FALSE;
}

static gboolean
keeps_all_protection (Teller *teller, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (teller->environments);

  for (GList *l = names; l != NULL; l = l->next)
    if (!keeps_protection (teller, l->data, error))
      return FALSE;
  return TRUE;
}

gboolean
slip_planner_check_plan (SlipRunbook *runbook, SlipPlan *plan, SlipCaller *here, GError **error)
{
  static const SlipCallerVTable vtable = {
      .call = call,
      .environment = describe,
      .environments = list,
      .session_expiration = session_expiration,
  };
  g_autoptr (SlipCaller) caller = NULL;
  Teller teller = {.here = here};
  SlipPlannerOptions options = {0};
  g_auto (SlipPlanning) planning = {.runbook = runbook, .options = &options};
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) made = NULL;
  g_autoptr (JsonNode) wanted = NULL;
  g_autoptr (JsonNode) told = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (runbook) && SLIP_IS_PLAN (plan), FALSE);

  teller.environments = slip_plan_get_environments (plan);
  if (!keeps_all_protection (&teller, error))
    return FALSE;
  planning.made = slip_json_node_object (slip_plan_to_json (plan));
  if (slip_plan_is_first_version (planning.made))
    return untrue (error, "a version of Slipway made it whose plans do not bind what guards found");
  caller = slip_caller_new (&vtable, &teller, NULL);
  options.caller = caller;
  options.environment = slip_plan_get_environment (plan);
  options.parameters = slip_plan_get_parameters (plan);
  options.started = slip_json_string (planning.made, "started");
  made = slip_planning_make (&planning, &local);
  if (made == NULL)
    return untrue (error, "%s", local->message);
  wanted = slip_plan_dup_determining (json_node_get_object (made));
  told = slip_plan_dup_determining (planning.made);
  return same_guards (&planning, json_node_get_object (wanted), json_node_get_object (told), error)
         && same_plan (wanted, told, error);
}

gboolean
slip_planner_check_plan_file (SlipPlan *plan,
                              SlipWorkspace *workspace,
                              const char *runbook,
                              GError **error)
{
  g_autoptr (SlipRunbook) found = NULL;
  g_autoptr (SlipCaller) here = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (plan) && SLIP_IS_WORKSPACE (workspace), FALSE);

  found = slip_plan_load_runbook (plan, runbook, error);
  if (found == NULL)
    return FALSE;
  here = slip_caller_new_for_workspace (workspace);
  return slip_planner_check_plan (found, plan, here, error);
}
