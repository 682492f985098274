/* SPDX-License-Identifier: MIT */
/* Whether a backup vault's own policy lets a restore begin from it. Vaults that keep copies in another
 * account usually deny it, so that who breaks into that account can do nothing with them; the way is to
 * copy the recovery point back first. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

static const char *const inputs[] = {"vault", NULL};

#define ACTION "backup:StartRestoreJob"

/* A member that is a string or a list of them: whether one matches. */
static gboolean
any_matches (JsonNode *node, gboolean (*match) (const char *, const char *), const char *against)
{
  JsonArray *list
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (node == NULL)
    return FALSE;
  if (list == NULL)
    return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           && match (json_node_get_string (node), against);
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (any_matches (json_array_get_element (list, i), match, against))
      return TRUE;
  return FALSE;
}

static gboolean
is_action (const char *pattern, const char *action)
{
  g_autofree char *a = g_ascii_strdown (pattern, -1);
  g_autofree char *b = g_ascii_strdown (action, -1);

  return g_pattern_match_simple (a, b);
}

/* Whether a principal of a policy is everybody, the account, or something in it. */
static gboolean
is_account (const char *principal, const char *account)
{
  g_autofree char *in = g_strconcat (":", account, ":", NULL);

  return g_str_equal (principal, "*") || g_str_equal (principal, account)
         || strstr (principal, in) != NULL;
}

static gboolean
is_about_us (JsonObject *statement, const char *account)
{
  JsonNode *principal = json_object_get_member (statement, "Principal");
  JsonObject *kinds = principal != NULL ? slip_json_node_object (principal) : NULL;

  if (kinds != NULL)
    principal = json_object_get_member (kinds, "AWS");
  /* Everybody but some: whether we are one of those only IAM can tell. */
  return json_object_has_member (statement, "NotPrincipal")
         || any_matches (principal, is_account, account);
}

static gboolean
is_about_restores (JsonObject *statement)
{
  JsonNode *not_actions = json_object_get_member (statement, "NotAction");

  if (not_actions != NULL)
    return !any_matches (not_actions, is_action, ACTION);
  return any_matches (json_object_get_member (statement, "Action"), is_action, ACTION);
}

static SlipGuardState
judge_statement (const char *vault, JsonObject *statement, char **message)
{
  const char *sid = slip_json_string (statement, "Sid");

  if (json_object_has_member (statement, "Condition")
      || json_object_has_member (statement, "NotPrincipal"))
    {
      *message = g_strdup_printf ("vault %s denies restores under a condition%s%s: whether it is "
                                  "met here only AWS can tell",
                                  vault, sid != NULL ? ", statement " : "", sid != NULL ? sid : "");
      return SLIP_GUARD_UNPROVABLE;
    }
  *message = g_strdup_printf ("vault %s denies restores here%s%s%s. Copy the recovery point back "
                              "into the vault that it came "
                              "from (runbook copy-recovery-point-back), and restore from there",
                              vault, sid != NULL ? " (statement " : "", sid != NULL ? sid : "",
                              sid != NULL ? ")" : "");
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
judge (SlipGuardContext *context, const char *vault, JsonNode *policy, char **message)
{
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  const char *account = slip_json_string (own, "account");
  JsonArray *statements = policy != NULL && slip_json_node_object (policy) != NULL
                              ? slip_json_array (slip_json_node_object (policy), "Statement")
                              : NULL;
  SlipGuardState state = SLIP_GUARD_PASS;

  if (statements == NULL)
    {
      *message = g_strdup_printf ("the policy of vault %s cannot be understood", vault);
      return SLIP_GUARD_UNPROVABLE;
    }
  for (guint i = 0; i < json_array_get_length (statements) && state != SLIP_GUARD_BLOCK; i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));

      if (statement == NULL || g_strcmp0 (slip_json_string (statement, "Effect"), "Deny") != 0
          || !is_about_us (statement, account) || !is_about_restores (statement))
        continue;
      g_clear_pointer (message, g_free);
      state = judge_statement (vault, statement, message);
    }
  if (state == SLIP_GUARD_PASS)
    *message = g_strdup_printf ("the policy of vault %s denies no restore", vault);
  return state;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *vault = slip_guard_input (context, "vault");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) policy = NULL;
  const char *text;

  json_object_set_string_member (input, "BackupVaultName", vault != NULL ? vault : "");
  output = slip_guard_call (context, "backup", "GetBackupVaultAccessPolicy", input, &error);
  if (slip_aws_error_has_code (error, "ResourceNotFoundException"))
    {
      *message = g_strdup_printf ("vault %s has no policy of its own", vault);
      return SLIP_GUARD_PASS;
    }
  if (output == NULL)
    return slip_guard_unprovable (message, "whether the vault lets a restore begin", error);
  text = slip_json_string (slip_json_node_object (output), "Policy");
  if (text == NULL)
    {
      *message = g_strdup_printf ("vault %s has no policy of its own", vault);
      return SLIP_GUARD_PASS;
    }
  policy = slip_json_parse (text, -1, NULL);
  return judge (context, vault, policy, message);
}

const SlipGuard slip_guard_vault_allows_restore = {
    .id = "vault-allows-restore",
    .title = "Vault lets a restore begin",
    .inputs = inputs,
    .evaluate = evaluate,
};
