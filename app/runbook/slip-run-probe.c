/* SPDX-License-Identifier: MIT */
/* Asking AWS what happened: a step's resume rule, evaluated. A change whose answer never came is
 * looked up before anything else is done, and a change that would collide or be pointless is found
 * before it is sent. Only the exact modelled error code means that something is not there. */

#include "slip-run-engine.h"

#include "slip-json.h"

/* What was just made may not be visible yet: looked up so often, so far apart, before it counts as
 * not made. */
#define SETTLE_LOOKS 3
#define SETTLE_SECONDS 5

/* ---- comparing */

static gboolean
array_has (JsonArray *array, JsonNode *value)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (slip_json_equal (json_array_get_element (array, i), value))
      return TRUE;
  return FALSE;
}

/* Lists are compared as sets: AWS promises no order. */
static gboolean
same_set (JsonArray *a, JsonArray *b)
{
  if (json_array_get_length (a) != json_array_get_length (b))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (a); i++)
    if (!array_has (b, json_array_get_element (a, i)))
      return FALSE;
  return TRUE;
}

static gboolean
fits (JsonNode *actual, JsonNode *wanted)
{
  if (actual == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_ARRAY (actual) && JSON_NODE_HOLDS_ARRAY (wanted))
    return same_set (json_node_get_array (actual), json_node_get_array (wanted));
  if (JSON_NODE_HOLDS_ARRAY (actual))
    return array_has (json_node_get_array (actual), wanted);
  return slip_json_equal (actual, wanted);
}

/* Whether all @conditions (selector → value) hold of @node; @why gets the first that does not. */
static gboolean
all_fit (JsonNode *node, JsonObject *conditions, char **why, GError **error)
{
  g_autoptr (GList) selectors = json_object_get_members (conditions);

  for (GList *l = selectors; l != NULL; l = l->next)
    {
      JsonNode *wanted = json_object_get_member (conditions, l->data);
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) actual = slip_json_select (node, l->data, &local);
      g_autofree char *actual_text = NULL;
      g_autofree char *wanted_text = NULL;

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (fits (actual, wanted))
        continue;
      actual_text = actual != NULL ? slip_json_to_text (actual, FALSE) : g_strdup ("absent");
      wanted_text = slip_json_to_text (wanted, FALSE);
      g_free (*why);
      *why = g_strdup_printf ("%s is %s, not %s", (const char *)l->data, actual_text, wanted_text);
      return FALSE;
    }
  return TRUE;
}

/* Whether one of @conditions (selector → values) holds. */
static gboolean
any_fits (JsonNode *node, JsonObject *conditions)
{
  g_autoptr (GList) selectors = json_object_get_members (conditions);

  for (GList *l = selectors; l != NULL; l = l->next)
    {
      g_autoptr (JsonNode) actual = slip_json_select (node, l->data, NULL);
      JsonNode *wanted = json_object_get_member (conditions, l->data);

      if (actual == NULL)
        continue;
      if (JSON_NODE_HOLDS_ARRAY (wanted) ? array_has (json_node_get_array (wanted), actual)
                                         : fits (actual, wanted))
        return TRUE;
    }
  return FALSE;
}

/* ---- looking */

static gboolean
means_absent (const GError *failure, JsonArray *codes)
{
  const char *code = slip_aws_error_get_code (failure);

  for (guint i = 0; code != NULL && codes != NULL && i < json_array_get_length (codes); i++)
    if (g_strcmp0 (code, json_array_get_string_element (codes, i)) == 0)
      return TRUE;
  return FALSE;
}

/* %NULL without @error: it is not there. @gone gets the code that says so, where there is nothing left then for
 * the step to do. */
static JsonNode *
look (SlipRunContext *context, JsonObject *resume, char **gone, GError **error)
{
  const char *service = slip_json_string (resume, "service");
  const char *select = slip_json_string (resume, "select");
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) response = slip_run_engine_read (
      context, service != NULL ? service : slip_plan_step_get_service (context->plan),
      slip_json_string (resume, "operation"), json_object_get_member (resume, "input"),
      SLIP_AWS_PRIORITY_RUN, &local);

  if (response != NULL)
    return select != NULL ? slip_json_select (response, select, error)
                          : g_steal_pointer (&response);
  /* Under the name that it shall get, it is not there yet; whether it is gone the change tells. */
  if (means_absent (local, slip_json_array (resume, "absent")))
    return NULL;
  if (means_absent (local, slip_json_array (resume, "gone")))
    *gone = g_strdup (slip_aws_error_get_code (local));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* ---- verdicts, by rule */

static gboolean
judge_create (
    JsonObject *resume, JsonNode *found, SlipRunVerdict *verdict, char **why, GError **error)
{
  JsonObject *fingerprint = slip_json_object (resume, "fingerprint");
  g_autoptr (GError) local = NULL;

  *verdict = SLIP_RUN_SEND;
  if (found == NULL)
    return TRUE;
  *verdict = SLIP_RUN_FOREIGN;
  if (fingerprint == NULL)
    *why = g_strdup ("something of that name is there");
  else if (all_fit (found, fingerprint, why, &local))
    *verdict = SLIP_RUN_ADOPT;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
judge_converge (
    JsonObject *resume, JsonNode *found, SlipRunVerdict *verdict, char **why, GError **error)
{
  JsonObject *desired = slip_json_object (resume, "desired");
  JsonObject *becoming = slip_json_object (resume, "becoming");
  g_autoptr (GError) local = NULL;

  *verdict = SLIP_RUN_SEND;
  if (found != NULL && desired != NULL && all_fit (found, desired, why, &local))
    *verdict = SLIP_RUN_ADOPT;
  else if (local == NULL && found != NULL && becoming != NULL && any_fits (found, becoming))
    {
      *verdict = SLIP_RUN_ADOPT;
      g_free (*why);
      *why = g_strdup ("it is becoming so");
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
judge_delete (
    JsonObject *resume, JsonNode *found, SlipRunVerdict *verdict, char **why, GError **error)
{
  JsonObject *deleting = slip_json_object (resume, "deleting");
  gboolean going = found != NULL && deleting != NULL && any_fits (found, deleting);

  *verdict = found == NULL || going ? SLIP_RUN_ADOPT : SLIP_RUN_SEND;
  *why = g_strdup (found == NULL ? "it is gone" : going ? "it is being deleted" : "it is there");
  return TRUE;
}

/* Evidence proves that something happened; its absence proves nothing. */
static gboolean
judge_evidence (
    JsonObject *resume, JsonNode *found, SlipRunVerdict *verdict, char **why, GError **error)
{
  if (!judge_create (resume, found, verdict, why, error))
    return FALSE;
  if (*verdict == SLIP_RUN_ADOPT)
    return TRUE;
  *verdict = SLIP_RUN_ASK;
  if (*why == NULL)
    *why = g_strdup ("AWS shows no trace of it, which proves nothing");
  return TRUE;
}

typedef gboolean (*JudgeFunc) (JsonObject *, JsonNode *, SlipRunVerdict *, char **, GError **);

static JudgeFunc
judge_for (SlipResumeRule rule)
{
  switch (rule)
    {
    case SLIP_RESUME_R1:
      return judge_create;
    case SLIP_RESUME_R3:
      return judge_converge;
    case SLIP_RESUME_R6:
      return judge_delete;
    case SLIP_RESUME_R0:
    case SLIP_RESUME_R2:
    case SLIP_RESUME_R4:
    case SLIP_RESUME_R5:
      break;
    }
  return judge_evidence;
}

char *
slip_run_dup_gone (const char *code)
{
  return g_strdup_printf ("it is gone (%s), which leaves nothing to do", code);
}

/* One look, and what the step's rule makes of it. */
static gboolean
look_and_judge (SlipRunContext *context,
                JsonObject *resume,
                SlipRunVerdict *verdict,
                JsonNode **found,
                char **why,
                GError **error)
{
  JudgeFunc judge = judge_for (slip_plan_step_get_resume_rule (context->plan));
  g_autofree char *gone = NULL;
  g_autoptr (GError) local = NULL;

  g_clear_pointer (found, json_node_unref);
  g_clear_pointer (why, g_free);
  *found = look (context, resume, &gone, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (gone == NULL)
    return judge (resume, *found, verdict, why, error);
  *verdict = SLIP_RUN_ADOPT;
  context->gone = TRUE;
  *why = slip_run_dup_gone (gone);
  return TRUE;
}

gboolean
slip_run_probe (
    SlipRunContext *context, SlipRunVerdict *verdict, JsonNode **found, char **why, GError **error)
{
  JsonObject *spec = slip_plan_step_get_resume (context->plan);
  g_autoptr (JsonObject) resume = NULL;
  guint looks = context->step->open ? SETTLE_LOOKS : 1;

  if (spec == NULL || slip_json_string (spec, "operation") == NULL)
    {
      *verdict = context->step->open ? SLIP_RUN_ASK : SLIP_RUN_SEND;
      *why = g_strdup ("the runbook gives no way to look it up");
      return TRUE;
    }
  resume = slip_run_engine_resolve_object (context->engine, spec, error);
  if (resume == NULL)
    return FALSE;
  for (guint i = 0; i < looks; i++)
    {
      if (i > 0 && !slip_run_engine_sleep (context->engine, SETTLE_SECONDS, error))
        return FALSE;
      if (!look_and_judge (context, resume, verdict, found, why, error))
        return FALSE;
      if (*verdict == SLIP_RUN_ADOPT || *verdict == SLIP_RUN_FOREIGN)
        return TRUE;
    }
  return TRUE;
}
