/* SPDX-License-Identifier: MIT */
/* Who a principal is. AWS says which role and which session; the session's name is chosen by whoever
 * assumes the role, so that alone it tells nobody from anybody. What the role's trust policy demands of the
 * name does, and so do users and IAM Identity Center. */

#include "slip-person.h"

#include "slip-json.h"
#include "slip-run.h"

#include <string.h>

#define SSO_PREFIX "AWSReservedSSO_"
#define BOUND "${aws:username}"

static const char *
name_in (const char *arn)
{
  const char *slash = strrchr (arn, '/');

  return slash != NULL ? slash + 1 : arn;
}

gboolean
slip_person_same (const char *one, const char *other)
{
  return one != NULL && other != NULL && g_ascii_strcasecmp (name_in (one), name_in (other)) == 0;
}

/* ---- trust policies */

/* A member that is one string or a list of them: whether @func holds for all, or with @any for one. */
static gboolean
holds_for (JsonNode *node, gboolean any, gboolean (*func) (const char *text))
{
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL)
    return func (json_node_get_string (node));
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *one = json_array_get_element (array, i);
      gboolean good = JSON_NODE_HOLDS_VALUE (one) && json_node_get_string (one) != NULL
                      && func (json_node_get_string (one));

      if (good == any)
        return any;
    }
  return !any && array != NULL && json_array_get_length (array) > 0;
}

static gboolean
is_bound_name (const char *text)
{
  return g_str_equal (text, BOUND);
}

/* `sts:TagSession` and `sts:SetSourceIdentity` alone let nobody in. */
static gboolean
lets_in (const char *action)
{
  return g_pattern_match_simple ("sts:assumerole*", action) || strpbrk (action, "*?") != NULL;
}

static gboolean
is_letting_in (const char *action)
{
  g_autofree char *lower = g_ascii_strdown (action, -1);

  return lets_in (lower);
}

static gboolean
binds_name (JsonObject *statement)
{
  static const char *const operators[] = {"StringEquals", "StringLike"};
  JsonObject *condition = slip_json_object (statement, "Condition");

  for (gsize i = 0; condition != NULL && i < G_N_ELEMENTS (operators); i++)
    {
      JsonObject *wanted = slip_json_object (condition, operators[i]);
      g_autoptr (GList) keys = wanted != NULL ? json_object_get_members (wanted) : NULL;

      for (GList *l = keys; l != NULL; l = l->next)
        if (g_ascii_strcasecmp (l->data, "sts:RoleSessionName") == 0
            && holds_for (json_object_get_member (wanted, l->data), FALSE, is_bound_name))
          return TRUE;
    }
  return FALSE;
}

/* Services are no people. */
static gboolean
is_for_services (JsonObject *statement)
{
  JsonObject *principal = slip_json_object (statement, "Principal");

  return principal != NULL && json_object_get_size (principal) == 1
         && json_object_has_member (principal, "Service");
}

static gboolean
is_harmless (JsonObject *statement)
{
  JsonNode *action = json_object_get_member (statement, "Action");

  if (g_strcmp0 (slip_json_string (statement, "Effect"), "Deny") == 0
      || is_for_services (statement))
    return TRUE;
  if (action != NULL && !holds_for (action, TRUE, is_letting_in))
    return TRUE;
  return binds_name (statement);
}

gboolean
slip_person_trust_names (JsonNode *policy)
{
  JsonObject *root = policy != NULL ? slip_json_node_object (policy) : NULL;
  JsonObject *only = root != NULL ? slip_json_object (root, "Statement") : NULL;
  JsonArray *statements = root != NULL ? slip_json_array (root, "Statement") : NULL;

  if (only != NULL)
    return is_harmless (only);
  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));

      if (statement == NULL || !is_harmless (statement))
        return FALSE;
    }
  return statements != NULL;
}

/* ---- asking */

/* IAM answers with policies that are percent-encoded. */
static JsonNode *
read_trust (SlipRunCaller *caller,
            const char *environment,
            const char *role,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) document = NULL;
  g_autofree char *text = NULL;
  SlipAwsCall call = {.service = "iam", .operation = "GetRole", .priority = SLIP_AWS_PRIORITY_RUN};

  json_object_set_string_member (input, "RoleName", role);
  call.input = node = slip_json_new_object (json_object_ref (input));
  answer = slip_run_caller_call (caller, environment, &call, NULL, cancellable, error);
  if (answer == NULL)
    return NULL;
  document = slip_json_select (answer, "$.Role.AssumeRolePolicyDocument", error);
  if (document == NULL)
    return NULL;
  text = JSON_NODE_HOLDS_VALUE (document) && json_node_get_string (document) != NULL
             ? g_uri_unescape_string (json_node_get_string (document), NULL)
             : NULL;
  return slip_json_parse (text != NULL ? text : "", -1, error);
}

gboolean
slip_person_check_named (SlipRunCaller *caller,
                         const char *environment,
                         const char *arn,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (SlipAwsIdentity) identity = slip_aws_identity_new_for_arn (NULL, arn, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) trust = NULL;

  if (strstr (arn, ":user/") != NULL
      || (identity->role != NULL && g_str_has_prefix (identity->role, SSO_PREFIX)))
    return TRUE;
  if (identity->role != NULL)
    trust = read_trust (caller, environment, identity->role, cancellable, &local);
  if (trust != NULL && slip_person_trust_names (trust))
    return TRUE;
  g_set_error (
      error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED,
      "that %s is a person of their own is not provable: %s. Sign in with IAM Identity Center, or "
      "let the role's trust policy demand that sts:RoleSessionName is " BOUND,
      arn,
      local != NULL            ? local->message
      : identity->role != NULL ? "whoever assumes the role chooses the session's name"
                               : "it is neither a user nor a session of a role");
  return FALSE;
}
