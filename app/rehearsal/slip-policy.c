/* SPDX-License-Identifier: MIT */

/* Resource policies in the small: statements of Effect, Principal and Action with wildcards, and the
 * condition kms:CallerAccount. Other conditions count as met, because what they look at (the service
 * a call comes through) is not modelled here. */

#include "slip-policy.h"

#include "slip-json.h"
#include "slip-service.h"

typedef gboolean (*TextFunc) (const char *text, gconstpointer data);

/* IAM allows a string wherever it allows an array of strings. */
static gboolean
any_text (JsonNode *node, TextFunc func, gconstpointer data)
{
  JsonArray *array;

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_string (node) != NULL && func (json_node_get_string (node), data);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (item) && json_node_get_string (item) != NULL
          && func (json_node_get_string (item), data))
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  const char *account;
  const char *principal_arn;
} Caller;

/* A role in a policy stands for all its sessions. */
static gboolean
is_session_of (const char *principal_arn, const char *role_arn)
{
  g_autoptr (SlipArn) role = slip_arn_parse (role_arn);
  g_autofree char *prefix = NULL;

  if (role == NULL || !g_str_has_prefix (role->resource, "role/"))
    return FALSE;
  prefix = g_strdup_printf ("arn:%s:sts::%s:assumed-role/%s/", role->partition, role->account,
                            role->resource + strlen ("role/"));
  return g_str_has_prefix (principal_arn, prefix);
}

static gboolean
principal_matches (const char *text, gconstpointer data)
{
  const Caller *caller = data;
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", caller->account);

  if (g_str_equal (text, "*") || g_str_equal (text, caller->account) || g_str_equal (text, root))
    return TRUE;
  return caller->principal_arn != NULL
         && (g_str_equal (text, caller->principal_arn)
             || is_session_of (caller->principal_arn, text));
}

static gboolean
action_matches (const char *text, gconstpointer action)
{
  g_autofree char *pattern = g_ascii_strdown (text, -1);
  g_autofree char *lower = g_ascii_strdown (action, -1);

  return g_pattern_match_simple (pattern, lower);
}

static gboolean
text_matches (const char *text, gconstpointer value)
{
  return g_pattern_match_simple (text, value);
}

static gboolean
conditions_hold (JsonObject *statement, const Caller *caller)
{
  static const char *const operators[] = {"StringEquals", "StringLike"};
  JsonObject *condition = slip_json_object (statement, "Condition");

  for (guint i = 0; condition != NULL && i < G_N_ELEMENTS (operators); i++)
    {
      JsonObject *keys = slip_json_object (condition, operators[i]);
      JsonNode *account = keys != NULL ? json_object_get_member (keys, "kms:CallerAccount") : NULL;

      if (account != NULL && !any_text (account, text_matches, caller->account))
        return FALSE;
    }
  return TRUE;
}

static gboolean
statement_applies (JsonObject *statement, const Caller *caller, const char *action)
{
  JsonNode *principal = json_object_get_member (statement, "Principal");
  JsonObject *kinds = principal != NULL ? slip_json_node_object (principal) : NULL;

  if (kinds != NULL)
    principal = json_object_get_member (kinds, "AWS");
  return any_text (principal, principal_matches, caller)
         && any_text (json_object_get_member (statement, "Action"), action_matches, action)
         && conditions_hold (statement, caller);
}

gboolean
slip_policy_allows (JsonNode *policy,
                    const char *account,
                    const char *principal_arn,
                    const char *action)
{
  Caller caller = {account, principal_arn};
  JsonObject *root = slip_json_node_object (policy);
  JsonArray *statements = root != NULL ? slip_json_array (root, "Statement") : NULL;
  gboolean allowed = FALSE;

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));

      if (statement == NULL || !statement_applies (statement, &caller, action))
        continue;
      if (g_strcmp0 (slip_json_string (statement, "Effect"), "Deny") == 0)
        return FALSE;
      allowed = TRUE;
    }
  return allowed;
}
