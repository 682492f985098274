/* SPDX-License-Identifier: MIT */
/* The state machine that runs a migration's stages on AWS, written in the Amazon States Language. It holds no connection
 * and no secret: what differs between two executions (run date, task definition, network) is their input, and what
 * opens the databases is in the task definition. Nothing here calls AWS. */

#include "slip-state-machine.h"

#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-migration-run.h"

#include <string.h>

#define RESOURCE "arn:aws:states:::ecs:runTask.sync"

/* What of ECS may be over in a moment: nothing was started then. */
#define RETRY                                                                                      \
  "[{\"ErrorEquals\": [\"AmazonECS.Unknown\", \"ECS.AmazonECSException\", "                        \
  "\"ECS.ServerException\", \"ECS.ServiceUnavailableException\", \"ECS.ThrottlingException\", "    \
  "\"ECS.TooManyRequestsException\"], \"IntervalSeconds\": 10, \"BackoffRate\": 2, "               \
  "\"MaxAttempts\": 6, \"MaxDelaySeconds\": 300, \"JitterStrategy\": \"FULL\"}]"

/* What all stages share. A stage that failed told so by its container's exit status; whatever else ends a task has
 * none, or that of a signal. */
static const char shared[]
    = "{"
      "\"wrong input\": {\"Type\": \"Fail\", \"Error\": \"Slipway.WrongInput\", \"Cause\": "
      "\"the input needs runDate (YYYY-MM-DD), from and until (each a stage that this machine has, "
      "or an empty "
      "text), cluster, taskDefinition and network.AwsvpcConfiguration; and integration, the mark "
      "that was agreed to, as the log of that stage tells it: it may be an empty text when from is "
      "not load_to_target\"},"
      "\"stopped where it was to\": {\"Type\": \"Succeed\"},"
      "\"whose failure\": {\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.failed.Error\", "
      "\"StringEquals\": \"States.TaskFailed\", \"Next\": \"what the task says\"}], "
      "\"Default\": \"AWS failed\"},"
      "\"what the task says\": {\"Type\": \"Pass\", \"Parameters\": {\"stage.$\": \"$.stage\", "
      "\"task.$\": \"States.StringToJson($.failed.Cause)\"}, \"Next\": \"how the task ended\"},"
      "\"how the task ended\": {\"Type\": \"Choice\", \"Choices\": ["
      "{\"Not\": {\"Variable\": \"$.task.Containers[0].ExitCode\", \"IsPresent\": true}, "
      "\"Next\": \"task not started\"},"
      "{\"Variable\": \"$.task.Containers[0].ExitCode\", \"NumericEquals\": 3, "
      "\"Next\": \"gate exceeded\"},"
      "{\"Variable\": \"$.task.Containers[0].ExitCode\", \"NumericGreaterThan\": 128, "
      "\"Next\": \"task killed\"}], \"Default\": \"stage failed\"},"
      "\"task not started\": {\"Type\": \"Fail\", \"Error\": \"Slipway.TaskNotStarted\", "
      "\"CausePath\": \"States.Format('stage {}: its task {} did not start: {}', $.stage, "
      "$.task.TaskArn, $.task.StoppedReason)\"},"
      "\"task killed\": {\"Type\": \"Fail\", \"Error\": \"Slipway.TaskKilled\", \"CausePath\": "
      "\"States.Format('stage {}: its task {} was killed, exit status {}: {}', $.stage, "
      "$.task.TaskArn, $.task.Containers[0].ExitCode, $.task.StoppedReason)\"},"
      "\"gate exceeded\": {\"Type\": \"Fail\", \"Error\": \"Slipway.GateExceeded\", "
      "\"CausePath\": \"States.Format('stage {}: a gate is exceeded; the log of its task {} says "
      "which', $.stage, $.task.TaskArn)\"},"
      "\"stage failed\": {\"Type\": \"Fail\", \"Error\": \"Slipway.StageFailed\", \"CausePath\": "
      "\"States.Format('stage {} failed with exit status {}; the log of its task {} says why', "
      "$.stage, $.task.Containers[0].ExitCode, $.task.TaskArn)\"},"
      "\"AWS failed\": {\"Type\": \"Fail\", \"Error\": \"Slipway.AwsFailed\", \"CausePath\": "
      "\"States.Format('stage {}: {} {}', $.stage, $.failed.Error, $.failed.Cause)\"}"
      "}";

static const char input_rule[]
    = "{\"Type\": \"Choice\", \"Default\": \"wrong input\", \"Choices\": [{\"And\": ["
      "{\"Variable\": \"$.runDate\", \"IsPresent\": true},"
      "{\"Variable\": \"$.runDate\", \"StringMatches\": \"*-*-*\"},"
      "{\"Variable\": \"$.from\", \"IsPresent\": true},"
      "{\"Variable\": \"$.from\", \"IsString\": true},"
      "{\"Variable\": \"$.until\", \"IsPresent\": true},"
      "{\"Variable\": \"$.until\", \"IsString\": true},"
      "{\"Variable\": \"$.cluster\", \"IsPresent\": true},"
      "{\"Variable\": \"$.taskDefinition\", \"IsPresent\": true},"
      "{\"Variable\": \"$.network.AwsvpcConfiguration\", \"IsPresent\": true}]}]}";

/* Between two executions somebody else may have integrated something else: whoever goes on behind the integration says with
 * which one. */
static const char agreed_rule[]
    = "[{\"Variable\": \"$.integration\", \"IsPresent\": true},"
      "{\"Variable\": \"$.integration\", \"IsString\": true},"
      "{\"Not\": {\"And\": [{\"Variable\": \"$.from\", \"StringEquals\": \"load_to_target\"},"
      "{\"Variable\": \"$.integration\", \"StringEquals\": \"\"}]}}]";

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  return node;
}

/* ---- the container's command */

/* A text of an intrinsic function's argument. */
static void
append_quoted (GString *call, const char *text)
{
  g_string_append (call, ", '");
  for (const char *at = text; *at != '\0'; at++)
    {
      if (strchr ("'{}\\", *at) != NULL)
        g_string_append_c (call, '\\');
      g_string_append_c (call, *at);
    }
  g_string_append_c (call, '\'');
}

static gboolean
is_left_out (const SlipStateMachineOptions *options, const char *stage)
{
  return options->skip != NULL && g_strv_contains (options->skip, stage);
}

/* Whether the machine loads what it has integrated itself. */
static gboolean
loads_its_own (const SlipStateMachineOptions *options)
{
  return !is_left_out (options, "integration") && !is_left_out (options, "load_to_target");
}

static char *
dup_command (SlipMigration *migration, const SlipStateMachineOptions *options, const char *stage)
{
  GString *call = g_string_new ("States.Array('migrate', 'stage'");

  append_quoted (call, stage);
  append_quoted (call, options->folder);
  /* Whoever started the machine tells of the run; a task has no home for a log that anybody reads. */
  g_string_append (call,
                   ", '--run-date', $.runDate, '--keep-done', '--no-log', '--progress-lines'");
  /* The machine is what was looked at and agreed to: a task does nothing by other definitions. */
  append_quoted (call, "--definitions-sha256");
  append_quoted (call, slip_definitions_get_sha256 (slip_migration_get_definitions (migration)));
  append_quoted (call, "--sidecar-sha256");
  append_quoted (call, slip_migration_get_sidecar_sha256 (migration));
  if (g_str_equal (stage, "load_to_target") && loads_its_own (options))
    {
      append_quoted (call, "--integration");
      g_string_append (call, ", $.integration");
    }
  if (options->source != NULL)
    {
      append_quoted (call, "--source");
      append_quoted (call, options->source);
    }
  if (options->connections > 0)
    {
      g_autofree char *number = g_strdup_printf ("%u", options->connections);

      append_quoted (call, "--connections");
      append_quoted (call, number);
    }
  for (guint i = 0; options->values != NULL && options->values[i] != NULL; i++)
    {
      append_quoted (call, "--value");
      append_quoted (call, options->values[i]);
    }
  /* What no task does is left out, and not forgotten. */
  for (guint i = 0; options->skip != NULL && options->skip[i] != NULL; i++)
    {
      append_quoted (call, "--skip");
      append_quoted (call, options->skip[i]);
    }
  g_string_append_c (call, ')');
  return g_string_free (call, FALSE);
}

/* ---- one stage */

static void
add_variable (JsonArray *environment, const char *name, const char *path)
{
  JsonObject *variable = json_object_new ();

  json_object_set_string_member (variable, "Name", name);
  json_object_set_string_member (variable, "Value.$", path);
  json_array_add_object_element (environment, variable);
}

/* The token lets the container send heartbeats, and tells it when nobody waits for it any more. */
static JsonObject *
new_overrides (SlipMigration *migration, const SlipStateMachineOptions *options, const char *stage)
{
  JsonObject *overrides = json_object_new ();
  JsonObject *container = json_object_new ();
  JsonArray *containers = json_array_new ();
  JsonArray *environment = json_array_new ();
  g_autofree char *command = dup_command (migration, options, stage);

  json_object_set_string_member (container, "Name", options->container);
  json_object_set_string_member (container, "Command.$", command);
  add_variable (environment, "SLIPWAY_TASK_TOKEN", "$$.Task.Token");
  add_variable (environment, "SLIPWAY_EXECUTION", "$$.Execution.Id");
  json_object_set_array_member (container, "Environment", environment);
  json_array_add_object_element (containers, container);
  json_object_set_array_member (overrides, "ContainerOverrides", containers);
  return overrides;
}

static JsonObject *
new_parameters (SlipMigration *migration, const SlipStateMachineOptions *options, const char *stage)
{
  JsonObject *parameters = json_object_new ();

  json_object_set_string_member (parameters, "Cluster.$", "$.cluster");
  json_object_set_string_member (parameters, "TaskDefinition.$", "$.taskDefinition");
  json_object_set_string_member (parameters, "LaunchType", "FARGATE");
  json_object_set_string_member (parameters, "NetworkConfiguration.$", "$.network");
  json_object_set_object_member (parameters, "Overrides",
                                 new_overrides (migration, options, stage));
  return parameters;
}

static JsonObject *
new_task (SlipMigration *migration,
          const SlipStateMachineOptions *options,
          const char *stage,
          const char *next)
{
  JsonObject *task = json_object_new ();
  JsonObject *catcher = json_object_new ();
  JsonArray *catchers = json_array_new ();
  g_autofree char *path = g_strdup_printf ("$.stages.%s", stage);
  g_autofree char *broke_off = g_strdup_printf ("%s broke off", stage);

  json_object_set_string_member (task, "Type", "Task");
  json_object_set_string_member (task, "Resource", RESOURCE);
  json_object_set_object_member (task, "Parameters", new_parameters (migration, options, stage));
  json_object_set_int_member (task, "TimeoutSeconds", options->timeout);
  json_object_set_int_member (task, "HeartbeatSeconds", options->heartbeat);
  json_object_set_member (task, "Retry", parse (RETRY));
  json_object_set_member (catcher, "ErrorEquals", parse ("[\"States.ALL\"]"));
  json_object_set_string_member (catcher, "ResultPath", "$.failed");
  json_object_set_string_member (catcher, "Next", broke_off);
  json_array_add_object_element (catchers, catcher);
  json_object_set_array_member (task, "Catch", catchers);
  json_object_set_member (task, "ResultSelector",
                          parse ("{\"task.$\": \"$.TaskArn\", \"stopped.$\": \"$.StoppedAt\"}"));
  json_object_set_string_member (task, "ResultPath", path);
  if (next != NULL)
    json_object_set_string_member (task, "Next", next);
  else
    json_object_set_boolean_member (task, "End", TRUE);
  return task;
}

static JsonObject *
new_broke_off (const char *stage)
{
  JsonObject *pass = json_object_new ();
  JsonObject *parameters = json_object_new ();

  json_object_set_string_member (pass, "Type", "Pass");
  json_object_set_string_member (parameters, "stage", stage);
  json_object_set_string_member (parameters, "failed.$", "$.failed");
  json_object_set_object_member (pass, "Parameters", parameters);
  json_object_set_string_member (pass, "Next", "whose failure");
  return pass;
}

static void
add_rule (JsonArray *rules, const char *variable, const char *text, const char *next)
{
  JsonObject *rule = json_object_new ();

  json_object_set_string_member (rule, "Variable", variable);
  json_object_set_string_member (rule, "StringEquals", text);
  json_object_set_string_member (rule, "Next", next);
  json_array_add_object_element (rules, rule);
}

/* An execution that goes on does not look again at what is done: what was agreed to is what stands there. */
static JsonObject *
new_from (GPtrArray *stages)
{
  JsonObject *choice = json_object_new ();
  JsonArray *rules = json_array_new ();

  json_object_set_string_member (choice, "Type", "Choice");
  add_rule (rules, "$.from", "", stages->pdata[0]);
  for (guint i = 0; i < stages->len; i++)
    add_rule (rules, "$.from", stages->pdata[i], stages->pdata[i]);
  json_object_set_array_member (choice, "Choices", rules);
  json_object_set_string_member (choice, "Default", "wrong input");
  return choice;
}

/* Whether the execution was to go no further than here. */
static JsonObject *
new_until (const char *stage, const char *next)
{
  JsonObject *choice = json_object_new ();
  JsonArray *rules = json_array_new ();

  json_object_set_string_member (choice, "Type", "Choice");
  add_rule (rules, "$.until", stage, "stopped where it was to");
  json_object_set_array_member (choice, "Choices", rules);
  json_object_set_string_member (choice, "Default", next);
  return choice;
}

/* ---- the whole */

static gboolean
wrong (GError **error, const char *format, const char *what)
{
  g_autofree char *text = g_strdup_printf ("%s%s", format, what);

  g_set_error_literal (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND, text);
  return FALSE;
}

static gboolean
check (SlipMigration *migration, const SlipStateMachineOptions *options, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();

  for (guint i = 0; options->skip != NULL && options->skip[i] != NULL; i++)
    if (!g_strv_contains (stages, options->skip[i]))
      return wrong (error, "there is no stage ", options->skip[i]);
  if (options->heartbeat < 1 || options->heartbeat >= options->timeout)
    return wrong (error, "the heartbeat must be shorter than a stage's time-out", "");
  return options->values == NULL || slip_migration_override (migration, options->values, error);
}

/* The stages that are run, in order. */
static GPtrArray *
list_stages (const SlipStateMachineOptions *options)
{
  const char *const *stages = slip_migration_run_get_stages ();
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; stages[i] != NULL; i++)
    if (!is_left_out (options, stages[i]))
      g_ptr_array_add (list, (char *)stages[i]);
  return list;
}

static JsonNode *
new_input_rule (const SlipStateMachineOptions *options)
{
  JsonNode *rule = parse (input_rule);
  JsonObject *choice
      = json_array_get_object_element (slip_json_array (json_node_get_object (rule), "Choices"), 0);
  g_autoptr (JsonNode) agreed = parse (agreed_rule);
  JsonArray *more = json_node_get_array (agreed);

  json_object_set_string_member (choice, "Next", "where to begin");
  for (guint i = 0; loads_its_own (options) && i < json_array_get_length (more); i++)
    json_array_add_element (slip_json_array (choice, "And"),
                            slip_json_copy (json_array_get_element (more, i)));
  return rule;
}

static JsonObject *
new_states (SlipMigration *migration, const SlipStateMachineOptions *options, GPtrArray *stages)
{
  JsonObject *states = json_object_new ();
  g_autoptr (JsonNode) rest = parse (shared);
  JsonObjectIter iter;
  const char *name;
  JsonNode *state;

  json_object_set_member (states, "check the input", new_input_rule (options));
  json_object_set_object_member (states, "where to begin", new_from (stages));
  for (guint i = 0; i < stages->len; i++)
    {
      const char *stage = stages->pdata[i];
      gboolean last = i + 1 == stages->len;
      g_autofree char *behind = last ? NULL : g_strdup_printf ("behind %s", stage);
      g_autofree char *broke_off = g_strdup_printf ("%s broke off", stage);

      json_object_set_object_member (states, stage, new_task (migration, options, stage, behind));
      if (!last)
        json_object_set_object_member (states, behind, new_until (stage, stages->pdata[i + 1]));
      json_object_set_object_member (states, broke_off, new_broke_off (stage));
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (rest));
  while (json_object_iter_next_ordered (&iter, &name, &state))
    if (stages->len > 1 || !g_str_equal (name, "stopped where it was to"))
      json_object_set_member (states, name, slip_json_copy (state));
  return states;
}

JsonNode *
slip_state_machine_new (SlipMigration *migration,
                        const SlipStateMachineOptions *options,
                        GError **error)
{
  g_autoptr (GPtrArray) stages = NULL;
  JsonObject *machine;
  g_autofree char *comment = NULL;

  g_return_val_if_fail (options->folder != NULL && options->container != NULL, NULL);
  if (!check (migration, options, error))
    return NULL;
  stages = list_stages (options);
  if (stages->len == 0)
    {
      wrong (error, "every stage is left out", "");
      return NULL;
    }
  comment = g_strdup_printf (
      "migration %s, definitions sha256:%s, sidecar sha256:%s", slip_migration_get_name (migration),
      slip_definitions_get_sha256 (slip_migration_get_definitions (migration)),
      slip_migration_get_sidecar_sha256 (migration));
  machine = json_object_new ();
  json_object_set_string_member (machine, "Comment", comment);
  json_object_set_string_member (machine, "StartAt", "check the input");
  json_object_set_int_member (machine, "TimeoutSeconds", (gint64)options->timeout * stages->len);
  json_object_set_object_member (machine, "States", new_states (migration, options, stages));
  return slip_json_new_object (machine);
}
