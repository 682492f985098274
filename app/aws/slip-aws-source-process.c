/* SPDX-License-Identifier: MIT */

/* `credential_process`: a command that prints a JSON document with credentials. It is split as a
 * shell splits words, and no shell sees it. aws-vault prints the same document. */

#include "slip-aws-source.h"

#include "slip-aws-child.h"
#include "slip-aws-error.h"
#include "slip-json.h"

#define TIMEOUT_S 120

SlipAwsCredentials *
slip_aws_process_parse (const char *text, gsize length, const char *source, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, (gssize)length, &local);
  JsonObject *object = slip_json_node_object (node);
  SlipAwsCredentials *credentials = NULL;

  /* What it printed may hold half a secret, so the message tells where, not what. */
  if (node == NULL || object == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                   "%s printed no JSON object with credentials%s%s", source,
                   local != NULL ? ": " : "", local != NULL ? local->message : "");
      return NULL;
    }
  if (slip_json_int (object, "Version", 0) != 1)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                   "%s printed credentials of another version than 1", source);
      return NULL;
    }
  credentials = slip_aws_credentials_from_json (object, "AccessKeyId", "SecretAccessKey",
                                                "SessionToken", "Expiration", source);
  if (credentials == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                 "%s printed no AccessKeyId, no SecretAccessKey or a malformed Expiration", source);
  return credentials;
}

SlipAwsCredentials *
slip_aws_process_fetch (const char *command_line,
                        const char *profile,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto (GStrv) argv = NULL;
  g_auto (SlipAwsChildResult) result = {0};
  g_autoptr (GError) local = NULL;
  g_autofree char *source = g_strdup_printf ("credential_process of profile %s", profile);
  SlipAwsChild child = {.what = source, .timeout_s = TIMEOUT_S};

  if (!g_shell_parse_argv (command_line, NULL, &argv, &local))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, "%s: %s", source, local->message);
      return NULL;
    }
  child.argv = (const char *const *)argv;
  if (!slip_aws_child_run (&child, &result, cancellable, error))
    {
      g_prefix_error (error, "%s: ", source);
      return NULL;
    }
  if (!result.ok)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "%s ended with %d: %s",
                   source, result.status, result.err);
      return NULL;
    }
  return slip_aws_process_parse (result.out, result.length, source, error);
}
