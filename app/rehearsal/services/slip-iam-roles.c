/* SPDX-License-Identifier: MIT */

/* Roles: made, shown, changed and deleted, with the trust policy that decides who may assume them. */

#include "slip-iam-private.h"

#include "slip-json.h"

#define MIN_SESSION 3600
#define MAX_SESSION 43200

static JsonObject *
show (const SlipWorldRecord *role, gboolean with_tags)
{
  static const char *const members[] = {"Path",       "RoleName",           "RoleId",      "Arn",
                                        "CreateDate", "MaxSessionDuration", "Description", NULL};
  static const char *const tags[] = {"Tags", NULL};
  JsonObject *object = json_object_new ();

  slip_iam_copy (object, role->data, members);
  slip_iam_set_document (object, "AssumeRolePolicyDocument",
                         slip_json_string (role->data, "AssumeRolePolicyDocument"));
  if (with_tags)
    slip_iam_copy (object, role->data, tags);
  return object;
}

static gboolean
check_session (JsonObject *input, GError **error)
{
  gint64 seconds = slip_json_int (input, "MaxSessionDuration", MIN_SESSION);

  if (seconds >= MIN_SESSION && seconds <= MAX_SESSION)
    return TRUE;
  slip_service_error (error, 400, "ValidationError",
                      "1 validation error detected: Value '%" G_GINT64_FORMAT
                      "' at 'maxSessionDuration' failed to satisfy constraint: Member must have "
                      "value between 3600 and 43200",
                      seconds);
  return FALSE;
}

static JsonNode *
wrap (const SlipWorldRecord *role)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "Role", show (role, TRUE));
  return slip_json_new_object (output);
}

JsonNode *
slip_iam_create_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "RoleName");
  const char *trust = slip_json_string (input, "AssumeRolePolicyDocument");
  g_autoptr (JsonArray) nothing = json_array_new ();
  SlipNewPrincipal role = {
      .name = name,
      .path = slip_json_string (input, "Path"),
      .attached = nothing,
      .max_seconds = slip_json_int (input, "MaxSessionDuration", MIN_SESSION),
  };
  static const char *const members[] = {"Description", "Tags", NULL};
  JsonObject *data;

  if (!slip_iam_check_name (name, "roleName", error) || !slip_iam_check_path (role.path, error)
      || !slip_iam_check_document (trust, TRUE, error) || !check_session (input, error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE, name) != NULL)
    return slip_service_error (error, 409, "EntityAlreadyExists",
                               "Role with name %s already exists.", name);
  slip_principals_add_role (ctx->world, ctx->account, &role);
  data = slip_world_edit (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE, name);
  json_object_set_string_member (data, "AssumeRolePolicyDocument", trust);
  slip_iam_copy (data, input, members);
  slip_world_put (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE, name, data);
  return wrap (slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE, name));
}

JsonNode *
slip_iam_get_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);

  return role != NULL ? wrap (role) : NULL;
}

JsonNode *
slip_iam_list_roles (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) roles = slip_world_list (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE);
  const char *prefix = slip_json_string (input, "PathPrefix");
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < roles->len; i++)
    {
      const SlipWorldRecord *role = roles->pdata[i];

      if (prefix == NULL || g_str_has_prefix (slip_json_string (role->data, "Path"), prefix))
        json_array_add_object_element (list, show (role, FALSE));
    }
  return slip_iam_page (input, "Roles", list, error);
}

JsonNode *
slip_iam_delete_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);

  if (role == NULL)
    return NULL;
  if (json_array_get_length (slip_json_array (role->data, "attached")) > 0)
    return slip_service_error (error, 409, "DeleteConflict",
                               "Cannot delete entity, must detach all policies first.");
  if (json_object_get_size (slip_json_object (role->data, "policies")) > 0)
    return slip_service_error (error, 409, "DeleteConflict",
                               "Cannot delete entity, must delete policies first.");
  slip_world_remove (ctx->world, ctx->account, "", SLIP_TYPE_IAM_ROLE, role->id);
  return NULL;
}

JsonNode *
slip_iam_update_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);
  static const char *const members[] = {"Description", "MaxSessionDuration", NULL};
  JsonObject *data;

  if (role == NULL || !check_session (input, error))
    return NULL;
  data = slip_iam_edit (ctx, role);
  slip_iam_copy (data, input, members);
  slip_iam_put (ctx, role, data);
  return NULL;
}

JsonNode *
slip_iam_update_trust (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);
  const char *document = slip_json_string (input, "PolicyDocument");
  JsonObject *data;

  if (role == NULL || !slip_iam_check_document (document, TRUE, error))
    return NULL;
  data = slip_iam_edit (ctx, role);
  json_object_set_string_member (data, "AssumeRolePolicyDocument", document);
  slip_iam_put (ctx, role, data);
  return NULL;
}

JsonNode *
slip_iam_tag_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);

  return role != NULL ? slip_iam_tag (ctx, role, input) : NULL;
}

JsonNode *
slip_iam_untag_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);

  return role != NULL ? slip_iam_untag (ctx, role, input) : NULL;
}

JsonNode *
slip_iam_list_role_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *role = slip_iam_need (ctx, input, error);

  return role != NULL ? slip_iam_list_tags (role, input, error) : NULL;
}

/* There are no machines here, so no role has a profile for one. */
JsonNode *
slip_iam_list_profiles (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  if (slip_iam_need (ctx, input, error) == NULL)
    return NULL;
  return slip_iam_page (input, "InstanceProfiles", json_array_new (), error);
}
