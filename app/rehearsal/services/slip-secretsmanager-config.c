/* SPDX-License-Identifier: MIT */

/* What surrounds a secret's value: its resource policy, its rotation, its tags. Rotation keeps its
 * configuration and dates; no function is run, so the value stays. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"

#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)

JsonNode *
slip_secret_get_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  JsonObject *output;

  if (secret == NULL)
    return NULL;
  output = slip_secret_new_output (secret);
  if (slip_json_string (secret->data, "policy") != NULL)
    json_object_set_string_member (output, "ResourcePolicy",
                                   slip_json_string (secret->data, "policy"));
  return slip_json_new_object (output);
}

static gboolean
is_policy (const char *text)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;

  return object != NULL && slip_json_array (object, "Statement") != NULL;
}

JsonNode *
slip_secret_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  const char *policy = slip_json_string (input, "ResourcePolicy");
  JsonObject *output, *data;

  if (secret == NULL)
    return NULL;
  if (!is_policy (policy))
    return slip_service_error (error, 400, "MalformedPolicyDocumentException",
                               "This resource policy contains invalid Json");
  output = slip_secret_new_output (secret);
  data = slip_secret_edit (ctx, secret);
  json_object_set_string_member (data, "policy", policy);
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

JsonNode *
slip_secret_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  JsonObject *output, *data;

  if (secret == NULL)
    return NULL;
  output = slip_secret_new_output (secret);
  data = slip_secret_edit (ctx, secret);
  json_object_remove_member (data, "policy");
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

JsonNode *
slip_secret_validate_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *secret_id = slip_json_string (input, "SecretId");
  gboolean good = is_policy (slip_json_string (input, "ResourcePolicy"));
  JsonObject *output;
  JsonArray *problems;

  if (secret_id != NULL && slip_secret_need (ctx, secret_id, FALSE, error) == NULL)
    return NULL;
  output = json_object_new ();
  problems = json_array_new ();
  if (!good)
    {
      JsonObject *problem = json_object_new ();

      json_object_set_string_member (problem, "CheckName", "POLICY_SYNTAX");
      json_object_set_string_member (problem, "ErrorMessage",
                                     "This resource policy contains invalid Json");
      json_array_add_object_element (problems, problem);
    }
  json_object_set_boolean_member (output, "PolicyValidationPassed", good);
  json_object_set_array_member (output, "ValidationErrors", problems);
  return slip_json_new_object (output);
}

static void
set_next_rotation (SlipServiceContext *ctx, JsonObject *data)
{
  JsonObject *rules = slip_json_object (data, "RotationRules");
  gint64 days = rules != NULL ? slip_json_int (rules, "AutomaticallyAfterDays", 0) : 0;
  g_autofree char *next = NULL;

  if (days <= 0)
    return;
  next = slip_time_format (slip_world_now (ctx->world) + days * DAY_US);
  json_object_set_string_member (data, "NextRotationDate", next);
}

JsonNode *
slip_secret_rotate (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  const char *function = slip_json_string (input, "RotationLambdaARN");
  JsonObject *rules = slip_json_object (input, "RotationRules");
  JsonObject *output, *data;
  const char *current;

  if (secret == NULL)
    return NULL;
  if (function == NULL && slip_json_string (secret->data, "RotationLambdaARN") == NULL)
    return slip_service_error (error, 400, "InvalidRequestException",
                               "No Lambda rotation function ARN is associated with this secret.");
  output = slip_secret_new_output (secret);
  current = slip_secret_find_stage (secret, SM_CURRENT);
  if (current != NULL)
    json_object_set_string_member (output, "VersionId", current);
  data = slip_secret_edit (ctx, secret);
  json_object_set_boolean_member (data, "RotationEnabled", TRUE);
  if (function != NULL)
    json_object_set_string_member (data, "RotationLambdaARN", function);
  if (rules != NULL)
    json_object_set_object_member (data, "RotationRules", json_object_ref (rules));
  set_next_rotation (ctx, data);
  if (slip_json_bool (input, "RotateImmediately", TRUE))
    {
      g_autofree char *now = slip_world_dup_now (ctx->world);

      json_object_set_string_member (data, "LastRotatedDate", now);
    }
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

JsonNode *
slip_secret_cancel_rotate (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  JsonObject *output, *data;

  if (secret == NULL)
    return NULL;
  output = slip_secret_new_output (secret);
  data = slip_secret_edit (ctx, secret);
  json_object_set_boolean_member (data, "RotationEnabled", FALSE);
  json_object_remove_member (data, "NextRotationDate");
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

static JsonNode *
set_tags (SlipServiceContext *ctx, const SlipWorldRecord *secret, JsonArray *tags)
{
  JsonObject *data = slip_secret_edit (ctx, secret);

  json_object_set_array_member (data, "Tags", tags);
  slip_secret_put (ctx, secret, data);
  return NULL;
}

JsonNode *
slip_secret_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);

  if (secret == NULL)
    return NULL;
  return set_tags (ctx, secret,
                   slip_tags_merge (slip_json_array (secret->data, "Tags"),
                                    slip_json_array (input, "Tags"), "Key"));
}

JsonNode *
slip_secret_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);

  if (secret == NULL)
    return NULL;
  return set_tags (ctx, secret,
                   slip_tags_remove (slip_json_array (secret->data, "Tags"),
                                     slip_json_array (input, "TagKeys"), "Key"));
}
