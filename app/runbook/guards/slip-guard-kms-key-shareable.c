/* SPDX-License-Identifier: MIT */
/* Whether snapshots encrypted with a key can be used from other accounts: a customer key, enabled, in
 * this region, whose policy lets the accounts decrypt and make grants. Snapshots under the AWS managed
 * key cannot be shared at all (Aurora user guide, sharing encrypted snapshots). */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-kms-policy.h"

static const char *const inputs[] = {"key", "accounts", NULL};

/* What another account needs to copy or restore a shared snapshot. */
static const char *const needed[] = {"kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant", NULL};

static char *
check_key (JsonObject *metadata, const char *key, const char *region)
{
  const char *state = slip_json_string (metadata, "KeyState");
  const char *manager = slip_json_string (metadata, "KeyManager");
  const char *arn = slip_json_string (metadata, "Arn");
  const char *spec = slip_json_string (metadata, "KeySpec");
  g_auto (GStrv) parts = g_strsplit (arn != NULL ? arn : "", ":", 6);

  if (g_strcmp0 (manager, "CUSTOMER") != 0)
    return g_strdup_printf (
        "key %s is managed by AWS; a snapshot encrypted with it cannot be shared. "
        "Choose a customer key",
        key);
  if (g_strcmp0 (state, "Enabled") != 0)
    return g_strdup_printf ("key %s is %s, not Enabled. Enable it, or choose another customer key",
                            key, state);
  if (spec != NULL && !g_str_equal (spec, "SYMMETRIC_DEFAULT"))
    return g_strdup_printf ("key %s is %s; RDS takes symmetric keys only. Choose another", key,
                            spec);
  if (region != NULL && g_strv_length (parts) > 3 && !g_str_equal (parts[3], region))
    return g_strdup_printf ("key %s is in %s, not in %s. Choose a key of %s", key, parts[3], region,
                            region);
  return NULL;
}

static SlipGuardState
check_policy (SlipGuardContext *context, JsonObject *metadata, const char *key, char **message)
{
  g_auto (GStrv) accounts = slip_guard_input_list (context, "accounts");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) policy = NULL;
  const char *text;

  json_object_set_string_member (input, "KeyId", slip_json_string (metadata, "KeyId"));
  json_object_set_string_member (input, "PolicyName", "default");
  output = slip_guard_call (context, "kms", "GetKeyPolicy", input, &error);
  text = output != NULL ? slip_json_string (slip_json_node_object (output), "Policy") : NULL;
  policy = text != NULL ? slip_json_parse (text, -1, &error) : NULL;
  if (policy == NULL && error == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the answer holds no policy");
  if (policy == NULL)
    return slip_guard_unprovable (message, "what the key's policy permits", error);
  for (guint i = 0; accounts[i] != NULL; i++)
    {
      g_autofree char *missing = slip_kms_policy_find_missing (policy, accounts[i], needed);

      if (missing != NULL)
        {
          *message = g_strdup_printf ("the policy of key %s does not permit account %s: %s. Add a "
                                      "statement for arn:aws:iam::%s:root",
                                      key, accounts[i], missing, accounts[i]);
          return SLIP_GUARD_BLOCK;
        }
    }
  *message
      = g_strdup_printf ("key %s is a customer key, enabled, and its policy permits the receiving "
                         "accounts to use it",
                         key);
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *key = slip_guard_input (context, "key");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) metadata
      = slip_guard_describe_key (context, key != NULL ? key : "", &error);

  if (metadata == NULL)
    {
      *message = g_strdup_printf ("key %s cannot be used: %s", key != NULL ? key : "",
                                  error != NULL ? error->message : "the answer is empty");
      return SLIP_GUARD_BLOCK;
    }
  *message = check_key (metadata, key, context->region);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  return check_policy (context, metadata, key, message);
}

const SlipGuard slip_guard_kms_key_shareable = {
    .id = "kms-key-shareable",
    .title = "Key can be shared",
    .inputs = inputs,
    .evaluate = evaluate,
};
