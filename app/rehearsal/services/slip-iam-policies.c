/* SPDX-License-Identifier: MIT */

/* Managed policies: the account's own with their versions, and AWS's, which nobody here can change. */

#include "slip-iam-private.h"

#include "slip-json.h"
#include "slip-managed-policies.h"

#define MAX_VERSIONS 5
#define AWS_POLICY_DATE "2015-02-06T18:39:46Z"

static gboolean
is_attached (const SlipWorldRecord *principal, const char *arn)
{
  JsonArray *attached = slip_json_array (principal->data, "attached");

  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    if (g_str_equal (json_array_get_string_element (attached, i), arn))
      return TRUE;
  return FALSE;
}

/* The account's roles or users that carry a policy. */
static GPtrArray *
list_holders (SlipServiceContext *ctx, const char *type, const char *arn)
{
  GPtrArray *holders = slip_world_list (ctx->world, ctx->account, "", type);

  for (guint i = holders->len; i > 0; i--)
    if (!is_attached (holders->pdata[i - 1], arn))
      g_ptr_array_remove_index (holders, i - 1);
  return holders;
}

static guint
count_holders (SlipServiceContext *ctx, const char *arn)
{
  g_autoptr (GPtrArray) roles = list_holders (ctx, SLIP_TYPE_IAM_ROLE, arn);
  g_autoptr (GPtrArray) users = list_holders (ctx, SLIP_TYPE_IAM_USER, arn);

  return roles->len + users->len;
}

static const SlipWorldRecord *
find (SlipServiceContext *ctx, const char *arn_text)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (arn_text);
  g_autofree char *name = arn != NULL ? g_path_get_basename (arn->resource) : NULL;
  const SlipWorldRecord *policy
      = name != NULL ? slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_POLICY, name)
                     : NULL;

  if (policy == NULL || !g_str_equal (slip_json_string (policy->data, "Arn"), arn_text))
    return NULL;
  return policy;
}

gboolean
slip_iam_has_policy (SlipServiceContext *ctx, const char *arn)
{
  return slip_managed_policies_find (arn) != NULL || find (ctx, arn) != NULL;
}

static const SlipWorldRecord *
need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "PolicyArn");
  const SlipWorldRecord *policy = find (ctx, arn);

  if (policy != NULL)
    return policy;
  if (slip_managed_policies_find (arn) != NULL)
    return slip_service_error (error, 403, "AccessDenied",
                               "User: %s is not authorized to perform: iam:%s on resource: policy "
                               "%s",
                               ctx->principal_arn, ctx->operation->name, arn);
  return slip_iam_no_entity (error, "Policy %s was not found.", arn);
}

static JsonObject *
show (SlipServiceContext *ctx, const SlipWorldRecord *policy, gboolean whole)
{
  static const char *const members[] = {"PolicyName",       "PolicyId",   "Arn",        "Path",
                                        "DefaultVersionId", "CreateDate", "UpdateDate", NULL};
  static const char *const more[] = {"Description", "Tags", NULL};
  JsonObject *object = json_object_new ();

  slip_iam_copy (object, policy->data, members);
  json_object_set_int_member (object, "AttachmentCount",
                              count_holders (ctx, slip_json_string (policy->data, "Arn")));
  json_object_set_int_member (object, "PermissionsBoundaryUsageCount", 0);
  json_object_set_boolean_member (object, "IsAttachable", TRUE);
  if (whole)
    slip_iam_copy (object, policy->data, more);
  return object;
}

static JsonObject *
show_managed (SlipServiceContext *ctx, const SlipManagedPolicy *policy, gboolean whole)
{
  JsonObject *object = json_object_new ();
  g_autofree char *arn = slip_managed_policies_dup_arn (policy);

  json_object_set_string_member (object, "PolicyName", policy->name);
  json_object_set_string_member (object, "PolicyId", policy->id);
  json_object_set_string_member (object, "Arn", arn);
  json_object_set_string_member (object, "Path", policy->path);
  json_object_set_string_member (object, "DefaultVersionId", "v1");
  json_object_set_string_member (object, "CreateDate", AWS_POLICY_DATE);
  json_object_set_string_member (object, "UpdateDate", AWS_POLICY_DATE);
  json_object_set_int_member (object, "AttachmentCount", count_holders (ctx, arn));
  json_object_set_int_member (object, "PermissionsBoundaryUsageCount", 0);
  json_object_set_boolean_member (object, "IsAttachable", TRUE);
  if (whole)
    json_object_set_string_member (object, "Description", policy->description);
  return object;
}

static JsonObject *
new_version (const char *id, const char *document, const char *now)
{
  JsonObject *version = json_object_new ();

  json_object_set_string_member (version, "VersionId", id);
  json_object_set_string_member (version, "Document", document);
  json_object_set_string_member (version, "CreateDate", now);
  return version;
}

void
slip_iam_make_policy (SlipWorld *world,
                      const char *account,
                      const char *name,
                      const char *path,
                      const char *description,
                      const char *document,
                      JsonArray *tags)
{
  JsonObject *data = json_object_new ();
  JsonArray *versions = json_array_new ();
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:iam::%s:policy%s%s", account, path != NULL ? path : "/", name);
  g_autofree char *id = slip_random_id ("ANPA", 17, SLIP_ALPHABET_UPPER);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "PolicyName", name);
  json_object_set_string_member (data, "PolicyId", id);
  json_object_set_string_member (data, "Arn", arn);
  json_object_set_string_member (data, "Path", path != NULL ? path : "/");
  json_object_set_string_member (data, "DefaultVersionId", "v1");
  json_object_set_string_member (data, "CreateDate", now);
  json_object_set_string_member (data, "UpdateDate", now);
  json_object_set_int_member (data, "last_version", 1);
  if (description != NULL)
    json_object_set_string_member (data, "Description", description);
  if (tags != NULL)
    json_object_set_array_member (data, "Tags", json_array_ref (tags));
  json_array_add_object_element (versions, new_version ("v1", document, now));
  json_object_set_array_member (data, "versions", versions);
  slip_world_put (world, account, "", SLIP_TYPE_IAM_POLICY, name, data);
}

static JsonNode *
wrap (JsonObject *policy)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "Policy", policy);
  return slip_json_new_object (output);
}

JsonNode *
slip_iam_create_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "PolicyName");
  const char *path = slip_json_string (input, "Path");
  const char *document = slip_json_string (input, "PolicyDocument");

  if (!slip_iam_check_name (name, "policyName", error) || !slip_iam_check_path (path, error)
      || !slip_iam_check_document (document, FALSE, error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_POLICY, name) != NULL)
    return slip_service_error (
        error, 409, "EntityAlreadyExists",
        "A policy called %s already exists. Duplicate names are not allowed.", name);
  slip_iam_make_policy (ctx->world, ctx->account, name, path,
                        slip_json_string (input, "Description"), document,
                        slip_json_array (input, "Tags"));
  return wrap (
      show (ctx, slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_POLICY, name), TRUE));
}

JsonNode *
slip_iam_get_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipManagedPolicy *managed
      = slip_managed_policies_find (slip_json_string (input, "PolicyArn"));
  const SlipWorldRecord *policy;

  if (managed != NULL)
    return wrap (show_managed (ctx, managed, TRUE));
  policy = need (ctx, input, error);
  return policy != NULL ? wrap (show (ctx, policy, TRUE)) : NULL;
}

static void
add_listed (JsonArray *list, JsonObject *input, JsonObject *policy)
{
  const char *prefix = slip_json_string (input, "PathPrefix");

  if ((prefix != NULL && !g_str_has_prefix (slip_json_string (policy, "Path"), prefix))
      || (slip_json_bool (input, "OnlyAttached", FALSE)
          && slip_json_int (policy, "AttachmentCount", 0) == 0))
    json_object_unref (policy);
  else
    json_array_add_object_element (list, policy);
}

JsonNode *
slip_iam_list_policies (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *scope = slip_json_string (input, "Scope");
  g_autoptr (GPtrArray) own = slip_world_list (ctx->world, ctx->account, "", SLIP_TYPE_IAM_POLICY);
  JsonArray *list = json_array_new ();

  if (g_strcmp0 (scope, "AWS") != 0)
    for (guint i = 0; i < own->len; i++)
      add_listed (list, input, show (ctx, own->pdata[i], FALSE));
  if (g_strcmp0 (scope, "Local") != 0)
    for (guint i = 0; slip_managed_policies_get (i) != NULL; i++)
      add_listed (list, input, show_managed (ctx, slip_managed_policies_get (i), FALSE));
  return slip_iam_page (input, "Policies", list, error);
}

JsonNode *
slip_iam_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);

  if (policy == NULL)
    return NULL;
  if (count_holders (ctx, slip_json_string (policy->data, "Arn")) > 0)
    return slip_service_error (error, 409, "DeleteConflict",
                               "Cannot delete a policy attached to entities.");
  if (json_array_get_length (slip_json_array (policy->data, "versions")) > 1)
    return slip_service_error (error, 409, "DeleteConflict",
                               "This policy has more than one version. Before you delete a policy, "
                               "you must delete the policy's versions. The default version is "
                               "deleted with the policy.");
  slip_world_remove (ctx->world, ctx->account, "", SLIP_TYPE_IAM_POLICY, policy->id);
  return NULL;
}

static JsonObject *
show_version (JsonObject *version, const char *standard, gboolean with_document)
{
  static const char *const members[] = {"VersionId", "CreateDate", NULL};
  JsonObject *object = json_object_new ();

  slip_iam_copy (object, version, members);
  json_object_set_boolean_member (object, "IsDefaultVersion",
                                  g_strcmp0 (slip_json_string (version, "VersionId"), standard)
                                      == 0);
  if (with_document)
    slip_iam_set_document (object, "Document", slip_json_string (version, "Document"));
  return object;
}

static JsonNode *
wrap_version (JsonObject *version)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "PolicyVersion", version);
  return slip_json_new_object (output);
}

JsonNode *
slip_iam_create_version (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);
  const char *document = slip_json_string (input, "PolicyDocument");
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autofree char *id = NULL;
  JsonObject *data, *version;
  gint64 number;

  if (policy == NULL || !slip_iam_check_document (document, FALSE, error))
    return NULL;
  if (json_array_get_length (slip_json_array (policy->data, "versions")) >= MAX_VERSIONS)
    return slip_service_error (
        error, 409, "LimitExceeded",
        "A managed policy can have up to %d versions. Before you create a new "
        "version, you must delete an existing version.",
        MAX_VERSIONS);
  number = slip_json_int (policy->data, "last_version", 1) + 1;
  id = g_strdup_printf ("v%" G_GINT64_FORMAT, number);
  data = slip_iam_edit (ctx, policy);
  version = new_version (id, document, now);
  json_array_add_object_element (slip_json_array (data, "versions"), version);
  json_object_set_int_member (data, "last_version", number);
  json_object_set_string_member (data, "UpdateDate", now);
  if (slip_json_bool (input, "SetAsDefault", FALSE))
    json_object_set_string_member (data, "DefaultVersionId", id);
  version = show_version (version, slip_json_string (data, "DefaultVersionId"), FALSE);
  slip_iam_put (ctx, policy, data);
  return wrap_version (version);
}

static JsonObject *
find_version (const SlipWorldRecord *policy, const char *id, guint *index)
{
  JsonArray *versions = slip_json_array (policy->data, "versions");

  for (guint i = 0; i < json_array_get_length (versions); i++)
    if (g_str_equal (slip_json_string (json_array_get_object_element (versions, i), "VersionId"),
                     id))
      {
        *index = i;
        return json_array_get_object_element (versions, i);
      }
  return NULL;
}

static JsonObject *
need_version (const SlipWorldRecord *policy, JsonObject *input, guint *index, GError **error)
{
  const char *id = slip_json_string (input, "VersionId");
  JsonObject *version = find_version (policy, id, index);

  if (version == NULL)
    slip_iam_no_entity (error, "Policy %s version %s does not exist or is not attachable.",
                        slip_json_string (policy->data, "Arn"), id);
  return version;
}

static JsonNode *
get_managed_version (const SlipManagedPolicy *policy, JsonObject *input, GError **error)
{
  g_autofree char *text = slip_json_to_text (slip_managed_policies_get_document (policy), TRUE);
  g_autoptr (JsonObject) version = new_version ("v1", text, AWS_POLICY_DATE);

  if (!g_str_equal (slip_json_string (input, "VersionId"), "v1"))
    return slip_iam_no_entity (error, "Policy %s version %s does not exist or is not attachable.",
                               slip_json_string (input, "PolicyArn"),
                               slip_json_string (input, "VersionId"));
  return wrap_version (show_version (version, "v1", TRUE));
}

JsonNode *
slip_iam_get_version (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipManagedPolicy *managed
      = slip_managed_policies_find (slip_json_string (input, "PolicyArn"));
  const SlipWorldRecord *policy;
  JsonObject *version;
  guint index;

  if (managed != NULL)
    return get_managed_version (managed, input, error);
  policy = need (ctx, input, error);
  version = policy != NULL ? need_version (policy, input, &index, error) : NULL;
  if (version == NULL)
    return NULL;
  return wrap_version (
      show_version (version, slip_json_string (policy->data, "DefaultVersionId"), TRUE));
}

JsonNode *
slip_iam_list_versions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipManagedPolicy *managed
      = slip_managed_policies_find (slip_json_string (input, "PolicyArn"));
  const SlipWorldRecord *policy = managed == NULL ? need (ctx, input, error) : NULL;
  JsonArray *list, *versions;

  if (managed == NULL && policy == NULL)
    return NULL;
  list = json_array_new ();
  if (managed != NULL)
    {
      g_autoptr (JsonObject) version = new_version ("v1", "", AWS_POLICY_DATE);

      json_array_add_object_element (list, show_version (version, "v1", FALSE));
      return slip_iam_page (input, "Versions", list, error);
    }
  versions = slip_json_array (policy->data, "versions");
  for (guint i = json_array_get_length (versions); i > 0; i--)
    json_array_add_object_element (
        list, show_version (json_array_get_object_element (versions, i - 1),
                            slip_json_string (policy->data, "DefaultVersionId"), FALSE));
  return slip_iam_page (input, "Versions", list, error);
}

JsonNode *
slip_iam_delete_version (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);
  JsonObject *data;
  guint index;

  if (policy == NULL || need_version (policy, input, &index, error) == NULL)
    return NULL;
  if (g_str_equal (slip_json_string (input, "VersionId"),
                   slip_json_string (policy->data, "DefaultVersionId")))
    return slip_service_error (error, 409, "DeleteConflict",
                               "Cannot delete the default version of a policy.");
  data = slip_iam_edit (ctx, policy);
  json_array_remove_element (slip_json_array (data, "versions"), index);
  slip_iam_put (ctx, policy, data);
  return NULL;
}

JsonNode *
slip_iam_set_default_version (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);
  g_autofree char *now = slip_world_dup_now (ctx->world);
  JsonObject *data;
  guint index;

  if (policy == NULL || need_version (policy, input, &index, error) == NULL)
    return NULL;
  data = slip_iam_edit (ctx, policy);
  json_object_set_string_member (data, "DefaultVersionId", slip_json_string (input, "VersionId"));
  json_object_set_string_member (data, "UpdateDate", now);
  slip_iam_put (ctx, policy, data);
  return NULL;
}

JsonNode *
slip_iam_tag_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);

  return policy != NULL ? slip_iam_tag (ctx, policy, input) : NULL;
}

JsonNode *
slip_iam_untag_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);

  return policy != NULL ? slip_iam_untag (ctx, policy, input) : NULL;
}

JsonNode *
slip_iam_list_policy_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *policy = need (ctx, input, error);

  return policy != NULL ? slip_iam_list_tags (policy, input, error) : NULL;
}

static JsonArray *
show_holders (GPtrArray *holders, const char *name, const char *id)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < holders->len; i++)
    {
      const SlipWorldRecord *holder = holders->pdata[i];
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, name, holder->id);
      json_object_set_string_member (object, id, slip_json_string (holder->data, id));
      json_array_add_object_element (list, object);
    }
  return list;
}

JsonNode *
slip_iam_list_entities (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "PolicyArn");
  const char *filter = slip_json_string (input, "EntityFilter");
  g_autoptr (GPtrArray) roles = list_holders (ctx, SLIP_TYPE_IAM_ROLE, arn);
  g_autoptr (GPtrArray) users = list_holders (ctx, SLIP_TYPE_IAM_USER, arn);
  JsonObject *output;

  if (!slip_iam_has_policy (ctx, arn))
    return slip_iam_no_entity (error, "Policy %s was not found.", arn);
  if (filter != NULL && !g_str_equal (filter, "Role"))
    g_ptr_array_set_size (roles, 0);
  if (filter != NULL && !g_str_equal (filter, "User"))
    g_ptr_array_set_size (users, 0);
  output = json_object_new ();
  json_object_set_array_member (output, "PolicyGroups", json_array_new ());
  json_object_set_array_member (output, "PolicyRoles", show_holders (roles, "RoleName", "RoleId"));
  json_object_set_array_member (output, "PolicyUsers", show_holders (users, "UserName", "UserId"));
  json_object_set_boolean_member (output, "IsTruncated", FALSE);
  return slip_json_new_object (output);
}
