/* SPDX-License-Identifier: MIT */

/* Users, which the scenario makes, and the account's alias. */

#include "slip-iam-private.h"

#include "slip-json.h"

static JsonObject *
show (const SlipWorldRecord *user, gboolean with_tags)
{
  static const char *const members[] = {"Path", "UserName", "UserId", "Arn", "CreateDate", NULL};
  static const char *const tags[] = {"Tags", NULL};
  JsonObject *object = json_object_new ();

  slip_iam_copy (object, user->data, members);
  if (with_tags)
    slip_iam_copy (object, user->data, tags);
  return object;
}

JsonNode *
slip_iam_get_user (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *user = slip_iam_need (ctx, input, error);
  JsonObject *output;

  if (user == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "User", show (user, TRUE));
  return slip_json_new_object (output);
}

JsonNode *
slip_iam_list_users (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) users = slip_world_list (ctx->world, ctx->account, "", SLIP_TYPE_IAM_USER);
  const char *prefix = slip_json_string (input, "PathPrefix");
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < users->len; i++)
    {
      const SlipWorldRecord *user = users->pdata[i];

      if (prefix == NULL || g_str_has_prefix (slip_json_string (user->data, "Path"), prefix))
        json_array_add_object_element (list, show (user, FALSE));
    }
  return slip_iam_page (input, "Users", list, error);
}

JsonNode *
slip_iam_list_user_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *user = slip_iam_need (ctx, input, error);

  return user != NULL ? slip_iam_list_tags (user, input, error) : NULL;
}

/* Scenarios have no groups: policies are the users' own. */
JsonNode *
slip_iam_list_groups_for_user (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  if (slip_iam_need (ctx, input, error) == NULL)
    return NULL;
  return slip_iam_page (input, "Groups", json_array_new (), error);
}

JsonNode *
slip_iam_list_mfa_devices (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *user = slip_iam_need (ctx, input, error);
  JsonArray *list;

  if (user == NULL)
    return NULL;
  list = json_array_new ();
  if (slip_json_string (user->data, "mfa_serial") != NULL)
    {
      JsonObject *device = json_object_new ();

      json_object_set_string_member (device, "UserName", user->id);
      json_object_set_string_member (device, "SerialNumber",
                                     slip_json_string (user->data, "mfa_serial"));
      json_object_set_string_member (device, "EnableDate",
                                     slip_json_string (user->data, "CreateDate"));
      json_array_add_object_element (list, device);
    }
  return slip_iam_page (input, "MFADevices", list, error);
}

JsonNode *
slip_iam_list_aliases (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *account
      = slip_world_get (ctx->world, "", "", SLIP_TYPE_ACCOUNT, ctx->account);
  const char *alias = account != NULL ? slip_json_string (account->data, "alias") : NULL;
  JsonArray *list = json_array_new ();

  if (alias != NULL)
    json_array_add_string_element (list, alias);
  return slip_iam_page (input, "AccountAliases", list, error);
}
