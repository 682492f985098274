/* SPDX-License-Identifier: MIT */

/* The policy simulator in the small: actions times resources, judged by the same matching that decides
 * about real calls. A condition on a key that the request does not give is not met and is named, as in
 * AWS's simulator. */

#include "slip-iam-private.h"

#include "slip-json.h"
#include "slip-permissions.h"

static const char *
decision_name (SlipPolicyVerdict verdict)
{
  switch (verdict)
    {
    case SLIP_POLICY_ALLOWS:
      return "allowed";
    case SLIP_POLICY_DENIES:
      return "explicitDeny";
    case SLIP_POLICY_SILENT:
      return "implicitDeny";
    default:
      g_assert_not_reached ();
    }
}

static JsonArray *
show_matched (const SlipPermission *permission)
{
  JsonArray *list = json_array_new ();
  JsonObject *statement;

  if (permission->source_id == NULL)
    return list;
  statement = json_object_new ();
  json_object_set_string_member (statement, "SourcePolicyId", permission->source_id);
  json_object_set_string_member (statement, "SourcePolicyType", permission->source_type);
  json_array_add_object_element (list, statement);
  return list;
}

/* The documents a request brings along count beside the identity's own. */
static void
add_documents (JsonArray *documents, const SlipPolicyRequest *request, SlipPermission *permission)
{
  for (guint i = 0; documents != NULL && i < json_array_get_length (documents); i++)
    {
      g_autoptr (JsonNode) policy
          = slip_json_parse (json_array_get_string_element (documents, i), -1, NULL);
      SlipPolicyVerdict verdict = slip_policy_judge_identity (policy, request);

      if (verdict == SLIP_POLICY_SILENT || permission->verdict == SLIP_POLICY_DENIES
          || permission->verdict == verdict)
        continue;
      slip_permission_clear (permission);
      permission->verdict = verdict;
      permission->source_id = g_strdup_printf ("PolicyInputList.%u", i + 1);
      permission->source_type = "IAM Policy";
    }
}

static JsonObject *
evaluate (SlipServiceContext *ctx,
          const SlipWorldRecord *identity,
          JsonArray *documents,
          JsonObject *context,
          const char *action,
          const char *resource)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  SlipPolicyRequest request = {
      .account = ctx->account,
      .action = action,
      .resource = resource,
      .context = context,
      .missing = missing,
  };
  g_auto (SlipPermission) permission = {SLIP_POLICY_SILENT, NULL, NULL};
  JsonObject *result = json_object_new ();
  JsonArray *keys = json_array_new ();

  if (identity != NULL)
    slip_permissions_judge (ctx->world, identity, &request, &permission);
  add_documents (documents, &request, &permission);
  json_object_set_string_member (result, "EvalActionName", action);
  json_object_set_string_member (result, "EvalResourceName", resource);
  json_object_set_string_member (result, "EvalDecision", decision_name (permission.verdict));
  json_object_set_array_member (result, "MatchedStatements", show_matched (&permission));
  for (guint i = 0; i < missing->len; i++)
    json_array_add_string_element (keys, missing->pdata[i]);
  json_object_set_array_member (result, "MissingContextValues", keys);
  return result;
}

static JsonObject *
read_context (JsonObject *input, const SlipWorldRecord *identity)
{
  JsonObject *context = json_object_new ();
  JsonArray *entries = slip_json_array (input, "ContextEntries");

  if (identity != NULL)
    {
      json_object_set_string_member (context, "aws:PrincipalArn",
                                     slip_json_string (identity->data, "Arn"));
      json_object_set_string_member (context, "aws:PrincipalAccount", identity->account);
    }
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = json_array_get_object_element (entries, i);
      JsonArray *values = slip_json_array (entry, "ContextKeyValues");

      if (values != NULL && slip_json_string (entry, "ContextKeyName") != NULL)
        json_object_set_array_member (context, slip_json_string (entry, "ContextKeyName"),
                                      json_array_ref (values));
    }
  return context;
}

static gboolean
check_input (JsonObject *input, GError **error)
{
  JsonArray *actions = slip_json_array (input, "ActionNames");
  JsonArray *documents = slip_json_array (input, "PolicyInputList");

  for (guint i = 0; i < json_array_get_length (actions); i++)
    if (!g_regex_match_simple ("^[A-Za-z0-9-]+:[A-Za-z0-9]+$",
                               json_array_get_string_element (actions, i), 0, 0))
      {
        slip_service_error (error, 400, "InvalidInput", "Invalid Action: %s",
                            json_array_get_string_element (actions, i));
        return FALSE;
      }
  for (guint i = 0; documents != NULL && i < json_array_get_length (documents); i++)
    if (!slip_iam_check_document (json_array_get_string_element (documents, i), FALSE, error))
      return FALSE;
  return TRUE;
}

static JsonNode *
simulate (SlipServiceContext *ctx,
          const SlipWorldRecord *identity,
          JsonObject *input,
          GError **error)
{
  JsonArray *actions = slip_json_array (input, "ActionNames");
  JsonArray *resources = slip_json_array (input, "ResourceArns");
  JsonArray *documents = slip_json_array (input, "PolicyInputList");
  g_autoptr (JsonObject) context = read_context (input, identity);
  guint count = resources != NULL ? json_array_get_length (resources) : 0;
  JsonArray *results;

  if (!check_input (input, error))
    return NULL;
  results = json_array_new ();
  for (guint i = 0; i < json_array_get_length (actions); i++)
    for (guint r = 0; r < MAX (count, 1); r++)
      json_array_add_object_element (
          results,
          evaluate (ctx, identity, documents, context, json_array_get_string_element (actions, i),
                    count > 0 ? json_array_get_string_element (resources, r) : "*"));
  return slip_iam_page (input, "EvaluationResults", results, error);
}

/* Takes users and roles, not their sessions: AWS says so in just these words. */
JsonNode *
slip_iam_simulate_principal (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *source = slip_json_string (input, "PolicySourceArn");
  g_autoptr (SlipArn) arn = slip_arn_parse (source);
  const SlipWorldRecord *identity;

  if (arn == NULL || !g_str_equal (arn->service, "iam")
      || !(g_str_has_prefix (arn->resource, "role/") || g_str_has_prefix (arn->resource, "user/")))
    return slip_service_error (error, 400, "InvalidInput",
                               "Invalid Entity Arn: %s does not clearly define entity type and "
                               "name.",
                               source);
  identity = slip_permissions_find_identity (ctx->world, source);
  if (identity == NULL || !g_str_equal (identity->account, ctx->account)
      || !g_str_equal (slip_json_string (identity->data, "Arn"), source))
    return slip_iam_no_entity (error, "Entity %s was not found.", source);
  return simulate (ctx, identity, input, error);
}

JsonNode *
slip_iam_simulate_custom (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return simulate (ctx, NULL, input, error);
}
