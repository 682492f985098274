/* SPDX-License-Identifier: MIT */

/* AWS Identity and Access Management: what its files share, and the list of its operations. Roles and
 * users are made by the scenario (slip-principals.c); their policies really decide, see
 * slip-permissions.c. */

#include "slip-iam-private.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-policy.h"

#define PAGE_SIZE 100
#define MAX_PAGE_SIZE 1000

gpointer
slip_iam_no_entity (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  message = g_strdup_vprintf (format, values);
  va_end (values);
  return slip_service_error (error, 404, "NoSuchEntity", "%s", message);
}

JsonNode *
slip_iam_page (JsonObject *input, const char *member, JsonArray *items, GError **error)
{
  static const SlipPaging paging = {
      .token = "Marker",
      .limit = "MaxItems",
      .truncated = "IsTruncated",
      .standard = PAGE_SIZE,
      .most = MAX_PAGE_SIZE,
      .code = "ValidationError",
      .message = "Invalid Marker.",
  };

  return slip_page_array (input, member, items, &paging, error);
}

void
slip_iam_copy (JsonObject *to, JsonObject *from, const char *const *members)
{
  for (guint i = 0; members[i] != NULL; i++)
    if (json_object_has_member (from, members[i]))
      json_object_set_member (to, members[i],
                              json_node_copy (json_object_get_member (from, members[i])));
}

void
slip_iam_set_document (JsonObject *object, const char *member, const char *document)
{
  g_autofree char *encoded = g_uri_escape_string (document, NULL, FALSE);

  json_object_set_string_member (object, member, encoded);
}

gboolean
slip_iam_check_document (const char *text, gboolean with_principal, GError **error)
{
  g_autofree char *problem = slip_policy_check_document (text, with_principal);

  if (problem == NULL)
    return TRUE;
  slip_service_error (error, 400, "MalformedPolicyDocument", "%s", problem);
  return FALSE;
}

gboolean
slip_iam_check_path (const char *path, GError **error)
{
  if (path == NULL || g_regex_match_simple ("^/([!-.0-~]+/)*$", path, 0, 0))
    return TRUE;
  slip_service_error (error, 400, "ValidationError",
                      "The specified value for path is invalid. It must begin and end with / and "
                      "contain only alphanumeric characters and/or / characters.");
  return FALSE;
}

gboolean
slip_iam_check_name (const char *name, const char *member, GError **error)
{
  if (g_regex_match_simple ("^[\\w+=,.@-]{1,128}$", name, 0, 0))
    return TRUE;
  slip_service_error (error, 400, "ValidationError",
                      "The specified value for %s is invalid. It must contain only alphanumeric "
                      "characters and/or the following: +=,.@_-",
                      member);
  return FALSE;
}

const SlipWorldRecord *
slip_iam_need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *role = slip_json_string (input, "RoleName");
  const char *user = slip_json_string (input, "UserName");
  const char *self = strstr (ctx->principal_arn, ":user/");
  const SlipWorldRecord *record;

  if (role == NULL && user == NULL && self == NULL)
    return slip_service_error (error, 400, "ValidationError",
                               "Must specify userName when calling with non-User credentials");
  if (role == NULL && user == NULL)
    user = self + strlen (":user/");
  record = slip_world_get (ctx->world, ctx->account, "",
                           role != NULL ? SLIP_TYPE_IAM_ROLE : SLIP_TYPE_IAM_USER,
                           role != NULL ? role : user);
  if (record == NULL && role != NULL)
    return slip_iam_no_entity (error, "The role with name %s cannot be found.", role);
  if (record == NULL)
    return slip_iam_no_entity (error, "The user with name %s cannot be found.", user);
  return record;
}

JsonObject *
slip_iam_edit (SlipServiceContext *ctx, const SlipWorldRecord *record)
{
  return slip_world_edit (ctx->world, record->account, "", record->type, record->id);
}

void
slip_iam_put (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *data)
{
  g_autofree char *id = g_strdup (record->id);
  g_autofree char *type = g_strdup (record->type);

  slip_world_put (ctx->world, ctx->account, "", type, id, data);
}

static const SlipTagging tagging
    = {.stored = "Tags", .given = "Tags", .keys = "TagKeys", .key = "Key"};

JsonNode *
slip_iam_tag (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *input)
{
  return slip_tags_set (ctx, record, input, &tagging);
}

JsonNode *
slip_iam_untag (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *input)
{
  return slip_tags_unset (ctx, record, input, &tagging);
}

JsonNode *
slip_iam_list_tags (const SlipWorldRecord *record, JsonObject *input, GError **error)
{
  JsonArray *tags = slip_json_array (record->data, "Tags");

  return slip_iam_page (input, "Tags", tags != NULL ? json_array_ref (tags) : json_array_new (),
                        error);
}

static const SlipServiceOperation operations[] = {
    {"AttachRolePolicy", slip_iam_attach},
    {"AttachUserPolicy", slip_iam_attach},
    {"CreatePolicy", slip_iam_create_policy},
    {"CreatePolicyVersion", slip_iam_create_version},
    {"CreateRole", slip_iam_create_role},
    {"DeletePolicy", slip_iam_delete_policy},
    {"DeletePolicyVersion", slip_iam_delete_version},
    {"DeleteRole", slip_iam_delete_role},
    {"DeleteRolePolicy", slip_iam_delete_inline},
    {"DeleteUserPolicy", slip_iam_delete_inline},
    {"DetachRolePolicy", slip_iam_detach},
    {"DetachUserPolicy", slip_iam_detach},
    {"GetPolicy", slip_iam_get_policy},
    {"GetPolicyVersion", slip_iam_get_version},
    {"GetRole", slip_iam_get_role},
    {"GetRolePolicy", slip_iam_get_inline},
    {"GetUser", slip_iam_get_user},
    {"GetUserPolicy", slip_iam_get_inline},
    {"ListAccountAliases", slip_iam_list_aliases},
    {"ListAttachedRolePolicies", slip_iam_list_attached},
    {"ListAttachedUserPolicies", slip_iam_list_attached},
    {"ListEntitiesForPolicy", slip_iam_list_entities},
    {"ListGroupsForUser", slip_iam_list_groups_for_user},
    {"ListInstanceProfilesForRole", slip_iam_list_profiles},
    {"ListMFADevices", slip_iam_list_mfa_devices},
    {"ListPolicies", slip_iam_list_policies},
    {"ListPolicyTags", slip_iam_list_policy_tags},
    {"ListPolicyVersions", slip_iam_list_versions},
    {"ListRolePolicies", slip_iam_list_inline},
    {"ListRoleTags", slip_iam_list_role_tags},
    {"ListRoles", slip_iam_list_roles},
    {"ListUserPolicies", slip_iam_list_inline},
    {"ListUserTags", slip_iam_list_user_tags},
    {"ListUsers", slip_iam_list_users},
    {"PutRolePolicy", slip_iam_put_inline},
    {"PutUserPolicy", slip_iam_put_inline},
    {"SetDefaultPolicyVersion", slip_iam_set_default_version},
    {"SimulateCustomPolicy", slip_iam_simulate_custom},
    {"SimulatePrincipalPolicy", slip_iam_simulate_principal},
    {"TagPolicy", slip_iam_tag_policy},
    {"TagRole", slip_iam_tag_role},
    {"UntagPolicy", slip_iam_untag_policy},
    {"UntagRole", slip_iam_untag_role},
    {"UpdateAssumeRolePolicy", slip_iam_update_trust},
    {"UpdateRole", slip_iam_update_role},
    {NULL, NULL},
};

const SlipService slip_iam_service = {
    .name = "iam",
    .operations = operations,
    .seed = slip_iam_seed,
};
