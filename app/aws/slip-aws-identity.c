/* SPDX-License-Identifier: MIT */

/* Who AWS says we are, and whether that is who we must be. Asked before a run's first change and after
 * each renewal of credentials, because a profile's name proves nothing. */

#include "slip-aws-identity.h"

#include "slip-json.h"

#include <string.h>

#define SSO_PREFIX "AWSReservedSSO_"

void
slip_aws_identity_free (SlipAwsIdentity *identity)
{
  if (identity == NULL)
    return;
  g_free (identity->account);
  g_free (identity->arn);
  g_free (identity->user_id);
  g_free (identity->role);
  g_free (identity);
}

/* `arn:aws:sts::1:assumed-role/name/session` names the role without its path,
 * `arn:aws:iam::1:role/some/path/name` with it. */
static char *
role_of (const char *arn)
{
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);
  g_auto (GStrv) words = NULL;
  guint length;

  if (g_strv_length (parts) != 6)
    return NULL;
  words = g_strsplit (parts[5], "/", -1);
  length = g_strv_length (words);
  if (length >= 2 && g_str_equal (words[0], "assumed-role"))
    return g_strdup (words[1]);
  if (length >= 2 && g_str_equal (words[0], "role"))
    return g_strdup (words[length - 1]);
  return NULL;
}

SlipAwsIdentity *
slip_aws_identity_new_for_arn (const char *account, const char *arn, const char *user_id)
{
  SlipAwsIdentity *identity = g_new0 (SlipAwsIdentity, 1);

  identity->account = g_strdup (account);
  identity->arn = g_strdup (arn);
  identity->user_id = g_strdup (user_id);
  identity->role = role_of (arn);
  return identity;
}

SlipAwsIdentity *
slip_aws_identity_get (SlipAwsClient *client, GCancellable *cancellable, GError **error)
{
  SlipAwsCall call
      = {.service = "sts", .operation = "GetCallerIdentity", .priority = SLIP_AWS_PRIORITY_RUN};
  g_autoptr (JsonNode) output = slip_aws_client_call (client, &call, NULL, cancellable, error);
  JsonObject *object;
  const char *account;
  const char *arn;

  if (output == NULL)
    return NULL;
  object = slip_json_node_object (output);
  account = object != NULL ? slip_json_string (object, "Account") : NULL;
  arn = object != NULL ? slip_json_string (object, "Arn") : NULL;
  if (account == NULL || arn == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "sts GetCallerIdentity answered without account or ARN");
      return NULL;
    }
  slip_aws_client_set_account (client, account);
  return slip_aws_identity_new_for_arn (account, arn, slip_json_string (object, "UserId"));
}

/* `AWSReservedSSO_breakglass_0123456789abcdef` is what IAM Identity Center makes of “breakglass”. */
static gboolean
role_matches (const char *actual, const char *wanted)
{
  gsize length = strlen (wanted);

  if (g_strcmp0 (actual, wanted) == 0)
    return TRUE;
  if (actual == NULL || !g_str_has_prefix (actual, SSO_PREFIX))
    return FALSE;
  actual += strlen (SSO_PREFIX);
  return strncmp (actual, wanted, length) == 0 && actual[length] == '_'
         && strlen (actual + length + 1) == 16;
}

gboolean
slip_aws_identity_matches (const SlipAwsIdentity *identity,
                           const char *account,
                           const char *role,
                           GError **error)
{
  if (g_strcmp0 (identity->account, account) != 0)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
                   "the credentials belong to account %s (%s), not to %s. Sign in there, or name "
                   "its profile in the workspace file",
                   identity->account, identity->arn, account);
      return FALSE;
    }
  if (role != NULL && !role_matches (identity->role, role))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
                   "the credentials are those of %s, not of role %s in account %s. Sign in with "
                   "it, or name its profile in the workspace file",
                   identity->arn, role, account);
      return FALSE;
    }
  return TRUE;
}
