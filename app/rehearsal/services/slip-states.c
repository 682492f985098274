/* SPDX-License-Identifier: MIT */

/* Step Functions: standard state machines, without versions and aliases, and the list of operations.
 * Executions really walk through their states, and their tasks are run by the rehearsal's ECS. */

#include "slip-states-private.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-permissions.h"

#include <string.h>

static const char *const kept[] = {"definition",
                                   "roleArn",
                                   "loggingConfiguration",
                                   "tracingConfiguration",
                                   "encryptionConfiguration",
                                   NULL};

const SlipWorldRecord *
slip_states_need_machine (SlipServiceContext *ctx, const char *text, GError **error)
{
  g_autoptr (SlipArn) arn = text != NULL ? slip_arn_parse (text) : NULL;
  const SlipWorldRecord *machine = NULL;

  if (arn == NULL || !g_str_equal (arn->service, "states")
      || !g_str_has_prefix (arn->resource, "stateMachine:"))
    return slip_service_error (error, 400, "InvalidArn", "Invalid Arn: 'Invalid ARN: %s'",
                               text != NULL ? text : "");
  if (g_str_equal (arn->account, ctx->account) && g_str_equal (arn->region, ctx->region))
    machine = slip_world_get (ctx->world, ctx->account, ctx->region, STATES_MACHINE,
                              arn->resource + strlen ("stateMachine:"));
  if (machine == NULL)
    return slip_service_error (error, 400, "StateMachineDoesNotExist",
                               "State Machine Does Not Exist: '%s'", text);
  return machine;
}

/* ---- what may be made */

static gboolean
names_states (JsonNode *node)
{
  g_autofree char *text = node != NULL ? slip_json_to_text (node, FALSE) : NULL;

  return text != NULL && strstr (text, "\"states.amazonaws.com\"") != NULL;
}

static gboolean
trusts_states (const SlipWorldRecord *role)
{
  const char *text = slip_json_string (role->data, "AssumeRolePolicyDocument");
  g_autoptr (JsonNode) policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *root = policy != NULL ? slip_json_node_object (policy) : NULL;
  JsonArray *statements = root != NULL ? slip_json_array (root, "Statement") : NULL;

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));
      JsonObject *principal = statement != NULL ? slip_json_object (statement, "Principal") : NULL;

      if (principal != NULL && g_strcmp0 (slip_json_string (statement, "Effect"), "Allow") == 0
          && names_states (json_object_get_member (principal, "Service")))
        return TRUE;
    }
  return FALSE;
}

gboolean
slip_states_check_role (SlipWorld *world, const char *account, const char *text, GError **error)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (text);
  const SlipWorldRecord *role = NULL;

  if (arn == NULL || !g_str_equal (arn->service, "iam")
      || !g_str_has_prefix (arn->resource, "role/"))
    {
      slip_service_error (error, 400, "InvalidArn", "Invalid Role Arn: 'Invalid ARN: %s'", text);
      return FALSE;
    }
  if (g_str_equal (arn->account, account))
    role = slip_permissions_find_identity (world, text);
  if (role != NULL && trusts_states (role))
    return TRUE;
  slip_service_error (error, 400, "AccessDeniedException",
                      "Neither the global service principal states.amazonaws.com, nor the regional "
                      "one is authorized to assume the provided role.");
  return FALSE;
}

static gboolean
check_definition (const char *definition, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_states_check (definition);
  g_autoptr (GString) text = g_string_new (NULL);

  if (findings->len == 0)
    return TRUE;
  for (guint i = 0; i < findings->len; i++)
    {
      const SlipStatesFinding *finding = findings->pdata[i];

      g_string_append_printf (text, "%s%s: %s at %s", i > 0 ? ", " : "", finding->code,
                              finding->message, finding->location);
    }
  slip_service_error (error, 400, "InvalidDefinition", "Invalid State Machine Definition: '%s'",
                      text->str);
  return FALSE;
}

/* ---- making and changing */

static void
take (JsonObject *data, JsonObject *input)
{
  for (guint i = 0; kept[i] != NULL; i++)
    if (json_object_has_member (input, kept[i]))
      json_object_set_member (data, kept[i],
                              slip_json_copy (json_object_get_member (input, kept[i])));
}

static JsonObject *
new_machine (SlipWorld *world, const char *account, const char *region, JsonObject *input)
{
  const char *name = slip_json_string (input, "name");
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:states:%s:%s:stateMachine:%s", region, account, name);
  g_autofree char *now = slip_world_dup_now (world);
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "stateMachineArn", arn);
  json_object_set_string_member (data, "name", name);
  json_object_set_string_member (data, "status", "ACTIVE");
  json_object_set_string_member (data, "type", "STANDARD");
  json_object_set_string_member (data, "creationDate", now);
  json_object_set_string_member (data, "updateDate", now);
  json_object_set_array_member (data, "tags",
                                slip_tags_merge (NULL, slip_json_array (input, "tags"), "key"));
  take (data, input);
  return data;
}

gboolean
slip_states_make_machine (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *name,
                          const char *definition,
                          const char *role,
                          GError **error)
{
  g_autoptr (JsonObject) input = NULL;

  if (!check_definition (definition, error)
      || !slip_states_check_role (world, account, role, error))
    return FALSE;
  input = json_object_new ();
  json_object_set_string_member (input, "name", name);
  json_object_set_string_member (input, "definition", definition);
  json_object_set_string_member (input, "roleArn", role);
  slip_world_put (world, account, region, STATES_MACHINE, name,
                  new_machine (world, account, region, input));
  return TRUE;
}

static gboolean
refuse_versions (JsonObject *input, GError **error)
{
  if (!slip_json_bool (input, "publish", FALSE))
    return TRUE;
  slip_service_error (error, 400, "ValidationException",
                      "The rehearsal has no versions of state machines: publish must be false");
  return FALSE;
}

static gboolean
is_same (const SlipWorldRecord *machine, JsonObject *input)
{
  return g_strcmp0 (slip_json_string (machine->data, "definition"),
                    slip_json_string (input, "definition"))
             == 0
         && g_strcmp0 (slip_json_string (machine->data, "roleArn"),
                       slip_json_string (input, "roleArn"))
                == 0;
}

static JsonNode *
show_made (const SlipWorldRecord *machine)
{
  JsonObject *output = json_object_new ();

  json_object_set_string_member (output, "stateMachineArn",
                                 slip_json_string (machine->data, "stateMachineArn"));
  json_object_set_string_member (output, "creationDate",
                                 slip_json_string (machine->data, "creationDate"));
  return slip_json_new_object (output);
}

static JsonNode *
create_machine (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "name");
  const char *type = slip_json_string (input, "type");
  const SlipWorldRecord *known;

  if (!g_regex_match_simple ("^[A-Za-z0-9_-]{1,80}$", name, 0, 0))
    return slip_service_error (error, 400, "InvalidName", "Invalid Name: '%s'", name);
  if (type != NULL && !g_str_equal (type, "STANDARD"))
    return slip_service_error (error, 400, "ValidationException",
                               "The rehearsal has standard state machines only");
  if (!refuse_versions (input, error)
      || !check_definition (slip_json_string (input, "definition"), error)
      || !slip_states_check_role (ctx->world, ctx->account, slip_json_string (input, "roleArn"),
                                  error))
    return NULL;
  known = slip_world_get (ctx->world, ctx->account, ctx->region, STATES_MACHINE, name);
  if (known != NULL)
    return is_same (known, input)
               ? show_made (known)
               : slip_service_error (error, 400, "StateMachineAlreadyExists",
                                     "State Machine Already Exists: '%s'",
                                     slip_json_string (known->data, "stateMachineArn"));
  slip_world_put (ctx->world, ctx->account, ctx->region, STATES_MACHINE, name,
                  new_machine (ctx->world, ctx->account, ctx->region, input));
  return show_made (slip_world_get (ctx->world, ctx->account, ctx->region, STATES_MACHINE, name));
}

static JsonNode *
update_machine (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *machine
      = slip_states_need_machine (ctx, slip_json_string (input, "stateMachineArn"), error);
  const char *definition = slip_json_string (input, "definition");
  const char *role = slip_json_string (input, "roleArn");
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autofree char *revision = g_uuid_string_random ();
  g_autofree char *name = NULL;
  JsonObject *data, *output;

  if (machine == NULL || !refuse_versions (input, error))
    return NULL;
  if (definition == NULL && role == NULL && !json_object_has_member (input, "loggingConfiguration")
      && !json_object_has_member (input, "tracingConfiguration"))
    return slip_service_error (error, 400, "MissingRequiredParameter",
                               "Either the definition, the role ARN, the LoggingConfiguration, or "
                               "the TracingConfiguration must be specified");
  if ((definition != NULL && !check_definition (definition, error))
      || (role != NULL && !slip_states_check_role (ctx->world, ctx->account, role, error)))
    return NULL;
  name = g_strdup (machine->id);
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, STATES_MACHINE, name);
  take (data, input);
  json_object_set_string_member (data, "revisionId", revision);
  json_object_set_string_member (data, "updateDate", now);
  slip_world_put (ctx->world, ctx->account, ctx->region, STATES_MACHINE, name, data);
  output = json_object_new ();
  json_object_set_string_member (output, "updateDate", now);
  json_object_set_string_member (output, "revisionId", revision);
  return slip_json_new_object (output);
}

/* Running executions go on to their ends. */
static JsonNode *
delete_machine (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GError) local = NULL;
  const SlipWorldRecord *machine
      = slip_states_need_machine (ctx, slip_json_string (input, "stateMachineArn"), &local);

  if (machine != NULL)
    slip_world_remove (ctx->world, ctx->account, ctx->region, STATES_MACHINE, machine->id);
  else if (g_strcmp0 (slip_aws_error_get_code (local), "InvalidArn") == 0)
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* ---- looking */

static JsonNode *
describe_machine (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const hidden[] = {"tags", "updateDate", NULL};
  const SlipWorldRecord *machine
      = slip_states_need_machine (ctx, slip_json_string (input, "stateMachineArn"), error);
  JsonObject *output;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (machine == NULL)
    return NULL;
  output = json_object_new ();
  json_object_iter_init_ordered (&iter, machine->data);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!g_strv_contains (hidden, name))
      json_object_set_member (output, name, slip_json_copy (value));
  return slip_json_new_object (output);
}

static JsonObject *
show_summary (const SlipWorldRecord *machine, JsonObject *input)
{
  static const char *const members[] = {"stateMachineArn", "name", "type", "creationDate"};
  JsonObject *shown = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_string_member (shown, members[i], slip_json_string (machine->data, members[i]));
  return shown;
}

static JsonNode *
list_machines (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipListing listing
      = {.type = STATES_MACHINE, .member = "stateMachines", .show = show_summary};
  static const SlipPaging paging = {
      .token = "nextToken",
      .limit = "maxResults",
      .standard = 100,
      .most = 1000,
      .code = "InvalidToken",
      .message = "Invalid Token: 'Invalid token'",
  };

  return slip_page_records (ctx, input, &listing, &paging, error);
}

static JsonNode *
validate_definition (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_states_check (slip_json_string (input, "definition"));
  JsonObject *output = json_object_new ();
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const SlipStatesFinding *finding = findings->pdata[i];
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "severity", "ERROR");
      json_object_set_string_member (one, "code", finding->code);
      json_object_set_string_member (one, "message", finding->message);
      json_object_set_string_member (one, "location", finding->location);
      json_array_add_object_element (list, one);
    }
  json_object_set_string_member (output, "result", findings->len == 0 ? "OK" : "FAIL");
  json_object_set_array_member (output, "diagnostics", list);
  json_object_set_boolean_member (output, "truncated", FALSE);
  return slip_json_new_object (output);
}

/* ---- tags */

static const SlipTagging tagging
    = {.stored = "tags", .given = "tags", .keys = "tagKeys", .key = "key"};

static const SlipWorldRecord *
need_tagged (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_states_need_machine (ctx, slip_json_string (input, "resourceArn"), error);
}

static JsonNode *
list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_show (need_tagged (ctx, input, error), &tagging);
}

static JsonNode *
tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_set (ctx, need_tagged (ctx, input, error), input, &tagging);
}

static JsonNode *
untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_unset (ctx, need_tagged (ctx, input, error), input, &tagging);
}

static void
attach (SlipWorld *world)
{
  slip_states_walk_attach (world);
  slip_states_task_attach (world);
}

static const SlipServiceOperation operations[] = {
    {"CreateStateMachine", create_machine},
    {"DeleteStateMachine", delete_machine},
    {"DescribeExecution", slip_states_describe_execution},
    {"DescribeStateMachine", describe_machine},
    {"DescribeStateMachineForExecution", slip_states_describe_machine_for_execution},
    {"GetExecutionHistory", slip_states_get_history},
    {"ListExecutions", slip_states_list_executions},
    {"ListStateMachines", list_machines},
    {"ListTagsForResource", list_tags},
    {"SendTaskFailure", slip_states_send_failure},
    {"SendTaskHeartbeat", slip_states_send_heartbeat},
    {"SendTaskSuccess", slip_states_send_success},
    {"StartExecution", slip_states_start_execution},
    {"StopExecution", slip_states_stop_execution},
    {"TagResource", tag},
    {"UntagResource", untag},
    {"UpdateStateMachine", update_machine},
    {"ValidateStateMachineDefinition", validate_definition},
    {NULL, NULL},
};

const SlipService slip_states_service = {
    .name = "states",
    .operations = operations,
    .attach = attach,
    .seed = slip_states_seed,
    .start = slip_states_start,
};
