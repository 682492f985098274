/* SPDX-License-Identifier: MIT */

/* What a role or a user carries: inline policies and attachments. The operations for roles and users
 * are the same but for the name's member. */

#include "slip-iam-private.h"

#include "slip-json.h"

static const char *
kind (const SlipWorldRecord *record)
{
  return g_str_equal (record->type, SLIP_TYPE_IAM_ROLE) ? "role" : "user";
}

JsonNode *
slip_iam_put_inline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  const char *name = slip_json_string (input, "PolicyName");
  const char *document = slip_json_string (input, "PolicyDocument");
  JsonObject *data;

  if (record == NULL || !slip_iam_check_name (name, "policyName", error)
      || !slip_iam_check_document (document, FALSE, error))
    return NULL;
  data = slip_iam_edit (ctx, record);
  json_object_set_string_member (slip_json_object (data, "policies"), name, document);
  slip_iam_put (ctx, record, data);
  return NULL;
}

static const char *
need_inline (const SlipWorldRecord *record, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "PolicyName");
  const char *document = slip_json_string (slip_json_object (record->data, "policies"), name);

  if (document == NULL)
    slip_iam_no_entity (error, "The %s policy with name %s cannot be found.", kind (record), name);
  return document;
}

JsonNode *
slip_iam_get_inline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  const char *document = record != NULL ? need_inline (record, input, error) : NULL;
  gboolean is_role;
  JsonObject *output;

  if (document == NULL)
    return NULL;
  is_role = g_str_equal (kind (record), "role");
  output = json_object_new ();
  json_object_set_string_member (output, is_role ? "RoleName" : "UserName", record->id);
  json_object_set_string_member (output, "PolicyName", slip_json_string (input, "PolicyName"));
  slip_iam_set_document (output, "PolicyDocument", document);
  return slip_json_new_object (output);
}

JsonNode *
slip_iam_list_inline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  g_autoptr (GList) names = NULL;
  JsonArray *list;

  if (record == NULL)
    return NULL;
  list = json_array_new ();
  names = g_list_sort (json_object_get_members (slip_json_object (record->data, "policies")),
                       (GCompareFunc)strcmp);
  for (GList *name = names; name != NULL; name = name->next)
    json_array_add_string_element (list, name->data);
  return slip_iam_page (input, "PolicyNames", list, error);
}

JsonNode *
slip_iam_delete_inline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  JsonObject *data;

  if (record == NULL || need_inline (record, input, error) == NULL)
    return NULL;
  data = slip_iam_edit (ctx, record);
  json_object_remove_member (slip_json_object (data, "policies"),
                             slip_json_string (input, "PolicyName"));
  slip_iam_put (ctx, record, data);
  return NULL;
}

static int
find_attached (JsonArray *attached, const char *arn)
{
  for (guint i = 0; i < json_array_get_length (attached); i++)
    if (g_str_equal (json_array_get_string_element (attached, i), arn))
      return (int)i;
  return -1;
}

JsonNode *
slip_iam_attach (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  const char *arn = slip_json_string (input, "PolicyArn");
  JsonObject *data;

  if (record == NULL)
    return NULL;
  if (!slip_iam_has_policy (ctx, arn))
    return slip_iam_no_entity (error, "Policy %s does not exist or is not attachable.", arn);
  if (find_attached (slip_json_array (record->data, "attached"), arn) >= 0)
    return NULL;
  data = slip_iam_edit (ctx, record);
  json_array_add_string_element (slip_json_array (data, "attached"), arn);
  slip_iam_put (ctx, record, data);
  return NULL;
}

JsonNode *
slip_iam_detach (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  const char *arn = slip_json_string (input, "PolicyArn");
  JsonObject *data;
  int index;

  if (record == NULL)
    return NULL;
  index = find_attached (slip_json_array (record->data, "attached"), arn);
  if (index < 0)
    return slip_iam_no_entity (error, "Policy %s was not found.", arn);
  data = slip_iam_edit (ctx, record);
  json_array_remove_element (slip_json_array (data, "attached"), (guint)index);
  slip_iam_put (ctx, record, data);
  return NULL;
}

JsonNode *
slip_iam_list_attached (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = slip_iam_need (ctx, input, error);
  JsonArray *attached, *list;

  if (record == NULL)
    return NULL;
  attached = slip_json_array (record->data, "attached");
  list = json_array_new ();
  for (guint i = 0; i < json_array_get_length (attached); i++)
    {
      const char *arn = json_array_get_string_element (attached, i);
      g_autofree char *name = g_path_get_basename (arn);
      JsonObject *policy = json_object_new ();

      json_object_set_string_member (policy, "PolicyName", name);
      json_object_set_string_member (policy, "PolicyArn", arn);
      json_array_add_object_element (list, policy);
    }
  return slip_iam_page (input, "AttachedPolicies", list, error);
}
