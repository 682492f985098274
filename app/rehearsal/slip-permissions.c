/* SPDX-License-Identifier: MIT */

/* What roles and users may do: their inline and attached policies together, asked by the server before
 * every call and by the policy simulator. Organisation policies and permission boundaries are not
 * modelled. */

#include "slip-permissions.h"

#include "slip-call-resources.h"
#include "slip-json.h"
#include "slip-managed-policies.h"
#include "slip-principals.h"

void
slip_permission_clear (SlipPermission *permission)
{
  g_clear_pointer (&permission->source_id, g_free);
}

const SlipWorldRecord *
slip_permissions_find_identity (SlipWorld *world, const char *principal_arn)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (principal_arn);
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn->resource, "/", -1) : NULL;
  guint count = parts != NULL ? g_strv_length (parts) : 0;

  if (count < 2)
    return NULL;
  if (g_str_equal (parts[0], "assumed-role"))
    return slip_world_get (world, arn->account, "", SLIP_TYPE_IAM_ROLE, parts[1]);
  if (g_str_equal (parts[0], "role"))
    return slip_world_get (world, arn->account, "", SLIP_TYPE_IAM_ROLE, parts[count - 1]);
  if (g_str_equal (parts[0], "user"))
    return slip_world_get (world, arn->account, "", SLIP_TYPE_IAM_USER, parts[count - 1]);
  return NULL;
}

/* Takes a policy's word in; returns whether it ends the matter. */
static gboolean
take (SlipPermission *permission,
      JsonNode *policy,
      const SlipPolicyRequest *request,
      const char *source_id,
      const char *source_type)
{
  SlipPolicyVerdict verdict = slip_policy_judge_identity (policy, request);

  if (verdict == SLIP_POLICY_SILENT || verdict == permission->verdict)
    return FALSE;
  permission->verdict = verdict;
  g_free (permission->source_id);
  permission->source_id = g_strdup (source_id);
  permission->source_type = source_type;
  return verdict == SLIP_POLICY_DENIES;
}

static gboolean
ask_inline (const SlipWorldRecord *identity,
            const SlipPolicyRequest *request,
            SlipPermission *permission)
{
  gboolean is_role = g_str_equal (identity->type, SLIP_TYPE_IAM_ROLE);
  JsonObject *policies = slip_json_object (identity->data, "policies");
  g_autoptr (GList) names = policies != NULL ? json_object_get_members (policies) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autoptr (JsonNode) policy
          = slip_json_parse (slip_json_string (policies, name->data), -1, NULL);
      g_autofree char *source = g_strdup_printf ("%s_%s_%s", is_role ? "role" : "user",
                                                 identity->id, (const char *)name->data);

      if (take (permission, policy, request, source, is_role ? "role" : "user"))
        return TRUE;
    }
  return FALSE;
}

static JsonNode *
load_customer_policy (SlipWorld *world, const char *arn_text)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (arn_text);
  g_autofree char *name = arn != NULL ? g_path_get_basename (arn->resource) : NULL;
  const SlipWorldRecord *policy
      = arn != NULL ? slip_world_get (world, arn->account, "", SLIP_TYPE_IAM_POLICY, name) : NULL;
  JsonArray *versions = policy != NULL ? slip_json_array (policy->data, "versions") : NULL;

  for (guint i = 0; versions != NULL && i < json_array_get_length (versions); i++)
    {
      JsonObject *version = json_array_get_object_element (versions, i);

      if (g_strcmp0 (slip_json_string (version, "VersionId"),
                     slip_json_string (policy->data, "DefaultVersionId"))
          == 0)
        return slip_json_parse (slip_json_string (version, "Document"), -1, NULL);
    }
  return NULL;
}

static void
ask_attached (SlipWorld *world,
              const SlipWorldRecord *identity,
              const SlipPolicyRequest *request,
              SlipPermission *permission)
{
  JsonArray *attached = slip_json_array (identity->data, "attached");

  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    {
      const char *arn = json_array_get_string_element (attached, i);
      const SlipManagedPolicy *managed = slip_managed_policies_find (arn);
      g_autoptr (JsonNode) policy
          = managed != NULL ? json_node_ref (slip_managed_policies_get_document (managed))
                            : load_customer_policy (world, arn);
      g_autofree char *name = g_path_get_basename (arn);

      if (policy != NULL && take (permission, policy, request, name, "IAM Policy"))
        return;
    }
}

void
slip_permissions_judge (SlipWorld *world,
                        const SlipWorldRecord *identity,
                        const SlipPolicyRequest *request,
                        SlipPermission *permission)
{
  *permission = (SlipPermission){SLIP_POLICY_SILENT, NULL, NULL};
  if (!ask_inline (identity, request, permission))
    ask_attached (world, identity, request, permission);
}

/* AWS names the role in aws:PrincipalArn, not its session. */
static JsonObject *
build_context (SlipServiceContext *ctx, const SlipWorldRecord *identity)
{
  JsonObject *context = json_object_new ();

  json_object_set_string_member (context, "aws:PrincipalArn",
                                 slip_json_string (identity->data, "Arn"));
  json_object_set_string_member (context, "aws:PrincipalAccount", ctx->account);
  json_object_set_string_member (context, "aws:RequestedRegion", ctx->region);
  json_object_set_string_member (context, "aws:userid", ctx->user_id);
  json_object_set_string_member (context, "aws:MultiFactorAuthPresent",
                                 slip_json_bool (ctx->session->data, "mfa", FALSE) ? "true"
                                                                                   : "false");
  return context;
}

static gboolean
refuse (SlipServiceContext *ctx,
        const char *action,
        const char *resource,
        gboolean explicitly,
        GError **error)
{
  g_autofree char *why
      = explicitly
            ? g_strdup ("with an explicit deny in an identity-based policy")
            : g_strdup_printf ("because no identity-based policy allows the %s action", action);
  SlipAwsProtocol protocol = slip_aws_model_get_protocol (ctx->model);
  gboolean json = protocol == SLIP_AWS_PROTOCOL_JSON || protocol == SLIP_AWS_PROTOCOL_REST_JSON;
  const char *code = json                                ? "AccessDeniedException"
                     : protocol == SLIP_AWS_PROTOCOL_EC2 ? "UnauthorizedOperation"
                                                         : "AccessDenied";

  slip_service_error (
      error, protocol == SLIP_AWS_PROTOCOL_JSON ? 400 : 403, code,
      "%sUser: %s is not authorized to perform: %s on resource: %s %s",
      protocol == SLIP_AWS_PROTOCOL_EC2 ? "You are not authorized to perform this operation. " : "",
      ctx->principal_arn, action, resource, why);
  return FALSE;
}

static gboolean
needs_no_permission (const char *action)
{
  static const char *const free_actions[]
      = {"sts:GetCallerIdentity", "sts:GetSessionToken", "sts:GetAccessKeyInfo"};

  for (guint i = 0; i < G_N_ELEMENTS (free_actions); i++)
    if (g_str_equal (free_actions[i], action))
      return TRUE;
  return FALSE;
}

static gboolean
check_one (SlipServiceContext *ctx,
           const SlipWorldRecord *identity,
           const SlipPolicyRequest *request,
           GError **error)
{
  g_auto (SlipPermission) permission = {SLIP_POLICY_SILENT, NULL, NULL};

  slip_permissions_judge (ctx->world, identity, request, &permission);
  return permission.verdict == SLIP_POLICY_ALLOWS
         || refuse (ctx, request->action, request->resource,
                    permission.verdict == SLIP_POLICY_DENIES, error);
}

gboolean
slip_permissions_check (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *identity = slip_permissions_find_identity (ctx->world, ctx->principal_arn);
  g_autofree char *action = slip_call_resources_dup_action (ctx);
  g_autoptr (GPtrArray) resources = NULL;
  g_autoptr (JsonObject) context = NULL;

  if (needs_no_permission (action))
    return TRUE;
  resources = slip_call_resources_list (ctx, input);
  if (resources->len == 0)
    g_ptr_array_add (resources, g_strdup ("*"));
  if (identity == NULL)
    return refuse (ctx, action, resources->pdata[0], FALSE, error);
  context = build_context (ctx, identity);
  for (guint i = 0; i < resources->len; i++)
    {
      SlipPolicyRequest request = {
          .account = ctx->account,
          .principal_arn = ctx->principal_arn,
          .action = action,
          .resource = resources->pdata[i],
          .context = context,
      };

      if (!check_one (ctx, identity, &request, error))
        return FALSE;
    }
  return TRUE;
}
