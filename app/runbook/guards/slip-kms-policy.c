/* SPDX-License-Identifier: MIT */
/* Reads key policies, as far as sharing snapshots needs. Not a policy engine: when in doubt an action
 * counts as not granted. */

#include "slip-kms-policy.h"

#include "slip-json.h"

#include <string.h>

/* Calls @matches for the string, or each string of the list, that @node is. */
static gboolean
any_string (JsonNode *node,
            gboolean (*matches) (const char *text, gconstpointer data),
            gconstpointer data)
{
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return matches (json_node_get_string (node), data);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *element = json_array_get_element (json_node_get_array (node), i);

      if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING
          && matches (json_node_get_string (element), data))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_principal (const char *text, gconstpointer account)
{
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", (const char *)account);

  return g_str_equal (text, "*") || g_str_equal (text, account) || g_str_equal (text, root);
}

/* IAM compares actions without regard to case; `*` and `?` are wildcards. */
static gboolean
is_action (const char *text, gconstpointer action)
{
  g_autofree char *pattern = g_ascii_strdown (text, -1);
  g_autofree char *lower = g_ascii_strdown (action, -1);

  return g_pattern_match_simple (pattern, lower);
}

static gboolean
names_account (JsonObject *statement, const char *account)
{
  JsonNode *principal = json_object_get_member (statement, "Principal");

  if (principal != NULL && JSON_NODE_HOLDS_OBJECT (principal))
    principal = json_object_get_member (json_node_get_object (principal), "AWS");
  return any_string (principal, is_principal, account);
}

/* The usual condition on grants: made for an AWS service on the caller's behalf. */
static gboolean
conditions_hold (JsonObject *statement)
{
  JsonObject *condition = slip_json_object (statement, "Condition");
  JsonObject *test;

  if (!json_object_has_member (statement, "Condition"))
    return TRUE;
  test = condition != NULL ? slip_json_object (condition, "Bool") : NULL;
  return test != NULL && json_object_get_size (condition) == 1 && json_object_get_size (test) == 1
         && json_object_has_member (test, "kms:GrantIsForAWSResource");
}

static gboolean
statement_applies (JsonObject *statement,
                   const char *effect,
                   const char *account,
                   const char *action)
{
  return g_strcmp0 (slip_json_string (statement, "Effect"), effect) == 0
         && names_account (statement, account)
         && any_string (json_object_get_member (statement, "Action"), is_action, action);
}

static gboolean
is_granted (JsonArray *statements, const char *account, const char *action)
{
  gboolean granted = FALSE;

  for (guint i = 0; i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));

      if (statement == NULL)
        continue;
      if (statement_applies (statement, "Deny", account, action))
        return FALSE;
      granted = granted
                || (statement_applies (statement, "Allow", account, action)
                    && conditions_hold (statement));
    }
  return granted;
}

char *
slip_kms_policy_find_missing (JsonNode *policy, const char *account, const char *const *actions)
{
  JsonObject *object = slip_json_node_object (policy);
  g_autoptr (JsonArray) statements = NULL;
  g_autoptr (GString) missing = g_string_new (NULL);
  JsonNode *node = object != NULL ? json_object_get_member (object, "Statement") : NULL;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    statements = json_array_ref (json_node_get_array (node));
  else
    {
      statements = json_array_new ();
      if (node != NULL)
        json_array_add_element (statements, slip_json_copy (node));
    }
  for (guint i = 0; actions[i] != NULL; i++)
    if (!is_granted (statements, account, actions[i]))
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", actions[i]);
  return missing->len > 0 ? g_strdup (missing->str) : NULL;
}
