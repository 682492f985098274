/* SPDX-License-Identifier: MIT */
/* `slipway:migrate`, the document half: one stage of a migration, its check, its report, or its way back. The plan holds
 * the digests of definitions and sidecar, so that what is approved is what runs. */

#include "slip-actions.h"

#include "slip-json.h"
#include "slip-migration-run.h"
#include "slip-runbook-error.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Operation", SLIP_ACTION_TEXT, TRUE},
    {"Stage", SLIP_ACTION_TEXT, FALSE},
    {"Definitions", SLIP_ACTION_TEXT, FALSE},
    {"Sidecar", SLIP_ACTION_TEXT, FALSE},
    {"Source", SLIP_ACTION_TEXT, FALSE},
    {"MigrationDatabase", SLIP_ACTION_MAP, TRUE},
    {"TargetDatabase", SLIP_ACTION_MAP, FALSE},
    {"RunDate", SLIP_ACTION_TEXT, FALSE},
    {"Run", SLIP_ACTION_ANY, FALSE},
    {"Values", SLIP_ACTION_LIST, FALSE},
    {"Connections", SLIP_ACTION_INTEGER, FALSE},
    {"NoReload", SLIP_ACTION_BOOLEAN, FALSE},
    {"ApiUrl", SLIP_ACTION_TEXT, FALSE},
    {"Integration", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Run", SLIP_PARAMETER_INTEGER},        {"Rows", SLIP_PARAMETER_INTEGER},
    {"State", SLIP_PARAMETER_STRING},       {"Counts", SLIP_PARAMETER_STRING_MAP},
    {"Report", SLIP_PARAMETER_STRING_MAP},  {"Tables", SLIP_PARAMETER_STRING_MAP},
    {"Integration", SLIP_PARAMETER_STRING}, {"Source", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

#define WORK                                                                                       \
  "Definitions", "Sidecar", "Source", "TargetDatabase", "RunDate", "Run", "Values", "Connections"

/* What each operation takes besides the migration database, and what it cannot do without. */
static const struct
{
  const char *name;
  const char *takes[13];
  const char *needs[5];
  SlipAwsEffect effect;
} operations[] = {
    {"stage",
     {"Stage", WORK, "NoReload", "ApiUrl", "Integration", NULL},
     {"Stage", "Definitions", "TargetDatabase", "RunDate", NULL},
     SLIP_AWS_EFFECT_CHANGE},
    {"check",
     {"Definitions", "Sidecar", "Source", "TargetDatabase", "RunDate", "Values", NULL},
     {"Definitions", "TargetDatabase", NULL},
     SLIP_AWS_EFFECT_READ},
    {"report",
     {"Run", "Definitions", "Sidecar", "Values", NULL},
     {"Run", NULL},
     SLIP_AWS_EFFECT_READ},
    {"undo",
     {"Stage", "Run", "TargetDatabase", NULL},
     {"Run", "TargetDatabase", NULL},
     SLIP_AWS_EFFECT_FINAL},
};

static const char *const logins[] = {
    "Secret", "IamAuth", "Host", "Port", "Database", "User", "SslMode", "CaFile", NULL,
};

static gboolean
is_plain (const char *text)
{
  return text != NULL && strstr (text, "{{") == NULL;
}

static gssize
find_operation (const char *name)
{
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (operations); i++)
    if (g_str_equal (operations[i].name, name))
      return (gssize)i;
  return -1;
}

/* ---- checking */

static void
check_members (SlipActionCheck *check, gsize operation)
{
  g_autoptr (GList) names = json_object_get_members (check->inputs);

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *suffix = g_strconcat (".inputs.", (const char *)l->data, NULL);

      if (!g_str_equal (l->data, "Operation") && !g_str_equal (l->data, "MigrationDatabase")
          && !g_strv_contains (operations[operation].takes, l->data))
        slip_action_report (check, suffix, "operation %s takes no %s", operations[operation].name,
                            (const char *)l->data);
    }
  for (guint i = 0; operations[operation].needs[i] != NULL; i++)
    if (!json_object_has_member (check->inputs, operations[operation].needs[i]))
      slip_action_report (check, ".inputs", "operation %s needs %s", operations[operation].name,
                          operations[operation].needs[i]);
}

static void
check_login (SlipActionCheck *check, const char *input)
{
  JsonObject *login = slip_json_object (check->inputs, input);
  g_autoptr (GList) names = login != NULL ? json_object_get_members (login) : NULL;
  g_autofree char *suffix = g_strconcat (".inputs.", input, NULL);

  if (login == NULL)
    return;
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (logins, l->data))
      slip_action_report (check, suffix,
                          "there is no member %s. A login has Secret, IamAuth, Host, Port, "
                          "Database, User, SslMode, CaFile",
                          (const char *)l->data);
  if (json_object_has_member (login, "Secret") && slip_json_bool (login, "IamAuth", FALSE))
    slip_action_report (check, suffix, "says who logs in by one of Secret and IamAuth");
  if (json_object_has_member (login, "Secret"))
    return;
  for (guint i = 0; i < 2; i++)
    if (!json_object_has_member (login, i == 0 ? "Host" : "User"))
      slip_action_report (check, suffix, "no Secret that could name it: say %s",
                          i == 0 ? "Host" : "User");
}

static void
check_path (SlipActionCheck *check, const char *input)
{
  const char *path = slip_json_string (check->inputs, input);
  g_autofree char *suffix = g_strconcat (".inputs.", input, NULL);

  if (is_plain (path) && *path != '\0' && *path != '/' && !g_str_has_prefix (path, "~/"))
    slip_action_report (check, suffix, "“%s” is no absolute path, and none that begins with ~/",
                        path);
}

static void
check_stage (SlipActionCheck *check)
{
  const char *stage = slip_json_string (check->inputs, "Stage");
  const char *const *stages = slip_migration_run_get_stages ();
  g_autofree char *all = g_strjoinv (", ", (char **)stages);

  if (stage != NULL && (!is_plain (stage) || !g_strv_contains (stages, stage)))
    slip_action_report (check, ".inputs.Stage", "must be told in the document, as one of: %s", all);
  if (json_object_has_member (check->inputs, "ApiUrl") && g_strcmp0 (stage, "api") != 0)
    slip_action_report (check, ".inputs.ApiUrl", "only stage api asks an API");
  if (json_object_has_member (check->inputs, "Integration")
      && g_strcmp0 (stage, "load_to_target") != 0)
    slip_action_report (check, ".inputs.Integration",
                        "only stage load_to_target loads what was agreed to");
}

static void
check_step (SlipActionCheck *check)
{
  gssize operation = find_operation (slip_json_string (check->inputs, "Operation"));
  JsonObject *slipway = slip_json_object (check->step, "slipway");
  const char *effect = slipway != NULL ? slip_json_string (slipway, "effect") : NULL;

  if (operation < 0)
    {
      slip_action_report (check, ".inputs.Operation",
                          "must be told in the document, as one of: stage, check, report, undo");
      return;
    }
  check_members (check, (gsize)operation);
  check_stage (check);
  check_login (check, "MigrationDatabase");
  check_login (check, "TargetDatabase");
  check_path (check, "Definitions");
  check_path (check, "Sidecar");
  check_path (check, "Source");
  if (operations[operation].effect == SLIP_AWS_EFFECT_READ && effect != NULL
      && !g_str_equal (effect, "read"))
    slip_action_report (check, ".slipway.effect", "operation %s only reads",
                        operations[operation].name);
}

/* ---- planning */

char *
slip_action_dup_path (JsonObject *object, const char *name)
{
  const char *path = slip_json_string (object, name);

  if (path == NULL || *path == '\0')
    return NULL;
  return g_str_has_prefix (path, "~/") ? g_build_filename (g_get_home_dir (), path + 2, NULL)
                                       : g_strdup (path);
}

SlipMigration *
slip_action_load_migration (JsonObject *given, GError **error)
{
  g_autofree char *folder = slip_action_dup_path (given, "Definitions");
  g_autofree char *sidecar = slip_action_dup_path (given, "Sidecar");

  if (folder != NULL)
    return slip_migration_load (folder, sidecar, error);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "no folder of definitions is named: say Definitions");
  return NULL;
}

/* What the files held when the plan was made, of a plan that is looked at again: by then they may have been
 * edited, or be another machine's. */
static gboolean
recall_digests (JsonObject *made, JsonObject *request, GError **error)
{
  static const char *const members[] = {"definitionsSha256", "sidecarSha256"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *digest = slip_json_string (made, members[i]);

      if (digest == NULL)
        {
          g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                       "the plan does not say what %s held when it was made",
                       slip_json_string (request, "definitions"));
          return FALSE;
        }
      json_object_set_string_member (request, members[i], digest);
    }
  return TRUE;
}

static gboolean
add_digests (SlipActionPlan *plan, JsonObject *request, GError **error)
{
  g_autoptr (SlipMigration) migration = NULL;

  if (plan->made != NULL)
    return recall_digests (plan->made, request, error);
  migration = slip_action_load_migration (plan->inputs, error);
  if (migration == NULL)
    return FALSE;
  json_object_set_string_member (
      request, "definitionsSha256",
      slip_definitions_get_sha256 (slip_migration_get_definitions (migration)));
  json_object_set_string_member (request, "sidecarSha256",
                                 slip_migration_get_sidecar_sha256 (migration));
  return TRUE;
}

/* What a stage writes in a database of ours is nobody's yet; what it writes in the target is. */
static SlipAwsEffect
effect_of (gsize operation, const char *stage)
{
  static const char *const in_target[] = {"load_to_target", "hooks", NULL};

  return g_str_equal (operations[operation].name, "stage") && stage != NULL
                 && g_strv_contains (in_target, stage)
             ? SLIP_AWS_EFFECT_FINAL
             : operations[operation].effect;
}

static void
add_undo (SlipActionPlan *plan, gsize operation, const char *stage)
{
  g_autofree char *undo = NULL;

  if (!g_str_equal (operations[operation].name, "stage")
      || (plan->slipway != NULL && json_object_has_member (plan->slipway, "undo")))
    return;
  undo = g_strdup_printf ("take back this stage and those behind it by the run's id, which the "
                          "log tells: slipwayctl migrate undo RUN --stage %s",
                          stage);
  json_object_set_string_member (plan->step, "undo", undo);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  const char *name = slip_json_string (plan->inputs, "Operation");
  const char *stage = slip_json_string (plan->inputs, "Stage");
  const char *folder = slip_json_string (plan->inputs, "Definitions");
  gssize operation = find_operation (name);
  g_autoptr (JsonObject) request = NULL;
  SlipAwsEffect effect;

  if (operation < 0)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "migrate has no operation %s", name != NULL ? name : "");
      return FALSE;
    }
  request = json_object_new ();
  slip_action_plan_members (plan, inputs, NULL, request);
  if (is_plain (folder) && !add_digests (plan, request, error))
    return FALSE;
  effect = effect_of ((gsize)operation, stage);
  slip_action_plan_local (plan, "migration", g_str_equal (name, "stage") ? stage : name, effect,
                          effect == SLIP_AWS_EFFECT_READ ? "R0" : "R3", g_steal_pointer (&request));
  add_undo (plan, (gsize)operation, stage);
  return TRUE;
}

const SlipAction slip_action_migrate = {
    .name = "slipway:migrate",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
