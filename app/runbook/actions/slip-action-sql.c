/* SPDX-License-Identifier: MIT */
/* `slipway:sql`, the document half: one statement, a login or a count of rows in a PostgreSQL. Values go
 * in as parameters and never into the statement's text, so the text must stand in the document. */

#include "slip-actions.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Operation", SLIP_ACTION_TEXT, TRUE},
    {"Secret", SLIP_ACTION_TEXT, FALSE},
    {"Host", SLIP_ACTION_TEXT, FALSE},
    {"Port", SLIP_ACTION_ANY, FALSE},
    {"Database", SLIP_ACTION_TEXT, FALSE},
    {"User", SLIP_ACTION_TEXT, FALSE},
    {"Password", SLIP_ACTION_TEXT, FALSE},
    {"IamAuth", SLIP_ACTION_BOOLEAN, FALSE},
    {"SslMode", SLIP_ACTION_TEXT, FALSE},
    {"CaFile", SLIP_ACTION_TEXT, FALSE},
    {"StatementSeconds", SLIP_ACTION_INTEGER, FALSE},
    {"Statement", SLIP_ACTION_TEXT, FALSE},
    {"Parameters", SLIP_ACTION_LIST, FALSE},
    {"Rows", SLIP_ACTION_INTEGER, FALSE},
    {"Expect", SLIP_ACTION_MAP, FALSE},
    {"ExpectRows", SLIP_ACTION_INTEGER, FALSE},
    {"Tables", SLIP_ACTION_LIST, FALSE},
    {"Ignore", SLIP_ACTION_LIST, FALSE},
    {"Against", SLIP_ACTION_ANY, FALSE},
    {"AgainstSha256", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Row", SLIP_PARAMETER_STRING_MAP},
    {"Rows", SLIP_PARAMETER_MAP_LIST},
    {"RowCount", SLIP_PARAMETER_INTEGER},
    {"Manifest", SLIP_PARAMETER_STRING_MAP},
    {"Differences", SLIP_PARAMETER_STRING_LIST},
    {"Sha256", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

/* What each operation takes besides the connection. */
static const struct
{
  const char *name;
  const char *takes[7];
} operations[] = {
    {"query", {"Statement", "Parameters", "Rows", "Expect", "ExpectRows", NULL}},
    {"manifest", {"Tables", "Ignore", "Against", "AgainstSha256", NULL}},
    {"login", {NULL}},
};

static const char *const connection[]
    = {"Operation", "Secret",  "Host",    "Port",   "Database",         "User",
       "Password",  "IamAuth", "SslMode", "CaFile", "StatementSeconds", NULL};

static gboolean
is_reference (const char *text)
{
  return text != NULL && g_str_has_prefix (text, "{{");
}

static gboolean
is_plain (const char *text)
{
  return text != NULL && strstr (text, "{{") == NULL;
}

static const char *const *
taken_by (const char *operation)
{
  for (guint i = 0; operation != NULL && i < G_N_ELEMENTS (operations); i++)
    if (g_str_equal (operations[i].name, operation))
      return operations[i].takes;
  return NULL;
}

static void
check_members (SlipActionCheck *check, const char *operation, const char *const *takes)
{
  g_autoptr (GList) names = json_object_get_members (check->inputs);

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *suffix = g_strconcat (".inputs.", (const char *)l->data, NULL);

      if (!g_strv_contains (connection, l->data) && !g_strv_contains (takes, l->data))
        slip_action_report (check, suffix, "operation %s takes no %s", operation,
                            (const char *)l->data);
    }
}

static void
check_connection (SlipActionCheck *check)
{
  static const char *const modes[]
      = {"disable", "prefer", "require", "verify-ca", "verify-full", NULL};
  const char *mode = slip_json_string (check->inputs, "SslMode");
  const char *password = slip_json_string (check->inputs, "Password");
  gboolean secret = json_object_has_member (check->inputs, "Secret");
  gboolean token = slip_json_bool (check->inputs, "IamAuth", FALSE);

  if (secret + (password != NULL) + token != 1)
    slip_action_report (check, ".inputs",
                        "says who logs in by exactly one of Secret, Password and IamAuth");
  if (password != NULL && !is_reference (password))
    slip_action_report (check, ".inputs.Password",
                        "is not a reference to a secret output, such as {{ ReadKey.Password }}");
  if (!secret && !json_object_has_member (check->inputs, "Host"))
    slip_action_report (check, ".inputs", "no Secret that could name the host: say Host");
  if (!secret && !json_object_has_member (check->inputs, "User"))
    slip_action_report (check, ".inputs", "no Secret that could name the user: say User");
  if (is_plain (mode) && !g_strv_contains (modes, mode))
    slip_action_report (check, ".inputs.SslMode",
                        "“%s” is not one of: disable, prefer, require, verify-ca, verify-full",
                        mode);
  if (token && mode != NULL && is_plain (mode) && !g_str_has_prefix (mode, "verify-"))
    slip_action_report (check, ".inputs.SslMode",
                        "a token of IAM is as good as a password: verify-ca or verify-full");
}

static void
check_query (SlipActionCheck *check)
{
  const char *statement = slip_json_string (check->inputs, "Statement");
  gint64 rows = slip_json_int (check->inputs, "Rows", 1);

  if (statement == NULL || *statement == '\0')
    slip_action_report (check, ".inputs", "operation query needs Statement");
  else if (!is_plain (statement))
    slip_action_report (check, ".inputs.Statement",
                        "holds a reference. Values go into Parameters and stand in the statement "
                        "as $1, $2, …");
  if (rows < 1 || rows > 10000)
    slip_action_report (check, ".inputs.Rows", "is not between 1 and 10000");
}

static void
check_step (SlipActionCheck *check)
{
  const char *operation = slip_json_string (check->inputs, "Operation");
  JsonObject *slipway = slip_json_object (check->step, "slipway");
  const char *effect = slipway != NULL ? slip_json_string (slipway, "effect") : NULL;
  const char *const *takes = taken_by (operation);

  check_connection (check);
  if (takes == NULL)
    {
      slip_action_report (check, ".inputs.Operation",
                          "must be told in the document, as one of: query, manifest, login");
      return;
    }
  check_members (check, operation, takes);
  if (g_str_equal (operation, "query"))
    check_query (check);
  else if (effect != NULL && !g_str_equal (effect, "read"))
    slip_action_report (check, ".slipway.effect", "operation %s only reads", operation);
}

/* ---- planning */

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  static const char *const secret[] = {"Password", NULL};
  const char *operation = slip_json_string (plan->inputs, "Operation");
  SlipAwsEffect effect = SLIP_AWS_EFFECT_READ;
  JsonObject *request;

  if (taken_by (operation) == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN, "sql has no operation %s",
                   operation != NULL ? operation : "");
      return FALSE;
    }
  request = json_object_new ();
  slip_action_plan_members (plan, inputs, secret, request);
  if (plan->slipway != NULL && g_str_equal (operation, "query"))
    slip_aws_effect_from_name (slip_json_string (plan->slipway, "effect"), &effect);
  slip_action_plan_local (plan, "sql", operation, effect,
                          effect == SLIP_AWS_EFFECT_READ ? "R0" : "R4", request);
  return TRUE;
}

const SlipAction slip_action_sql = {
    .name = "slipway:sql",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
