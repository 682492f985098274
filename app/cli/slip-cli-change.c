/* SPDX-License-Identifier: MIT */

/* Changes without a plan, `slipwayctl aws --allow-change --environment NAME`: an environment that asks for
 * two people has none, a protected one asks for its name, and the audit log has what was meant and what
 * came of it, as of a run's steps. */

#include "config.h"

#include "slip-cli-change.h"

#include "slip-aws-error.h"
#include "slip-crash.h"
#include "slip-json.h"
#include "slip-run-entry.h"

#include <glib/gi18n.h>

static int
refuse (const char *text)
{
  g_printerr ("slipwayctl: %s\n", text);
  return SLIP_CLI_FAILED;
}

int
slip_cli_change_allow (SlipEnvironment *environment, const char *confirm)
{
  const char *name = slip_environment_get_name (environment);
  g_autofree char *why = NULL;

  if (slip_environment_needs_pairing (environment))
    why = g_strdup_printf (
        _ ("%s asks for two people, and only a plan can be read and cosigned by the "
           "second. Write a runbook, or let one that exists do it"),
        name);
  else if (slip_environment_is_protected (environment) && g_strcmp0 (confirm, name) != 0)
    why = g_strdup_printf (_ ("%s is protected. When you mean it, add: --confirm %s"), name, name);
  return why != NULL ? refuse (why) : SLIP_CLI_OK;
}

/* A call without a region goes to the environment's first. */
static const char *
region_of (const SlipCliChange *change)
{
  return change->call->region != NULL ? change->call->region
                                      : slip_environment_get_regions (change->environment)[0];
}

static JsonObject *
entry_new (const SlipCliChange *change, const char *kind)
{
  JsonObject *entry = slip_run_entry_new_of_call (kind, change->principal);
  g_autofree char *operation
      = g_strconcat (change->call->service, ":", change->call->operation, NULL);

  json_object_set_string_member (entry, "environment",
                                 slip_environment_get_name (change->environment));
  slip_run_entry_set_text (entry, "account", slip_environment_get_account (change->environment));
  slip_run_entry_set_text (entry, "region", region_of (change));
  json_object_set_string_member (entry, "operation", operation);
  json_object_set_string_member (entry, "effect", slip_aws_effect_name (change->effect));
  return entry;
}

gboolean
slip_cli_change_begin (SlipCliChange *change, SlipCli *cli, SlipAwsClient *client, GError **error)
{
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (
      change->call->service, change->call->operation, &model, error);
  g_autofree char *path = NULL;
  g_autoptr (JsonObject) entry = NULL;
  g_autofree char *digest = NULL;
  JsonNode *request;

  /* A member under a wrong name has no mark of the model, and what stands there would be logged. */
  if (op == NULL || !slip_aws_model_check_error (model, op, change->call->input, error))
    return FALSE;
  path = slip_cli_ledger_path (cli, error);
  entry = entry_new (change, SLIP_CALL_INTENT_KIND);
  request = slip_aws_model_redact (op, change->call->input, FALSE);
  digest = slip_json_sha256 (request);
  json_object_set_string_member (entry, "request_sha256", digest);
  json_object_set_member (entry, "request", request);
  change->tag = slip_open_call_new_tag ();
  json_object_set_string_member (slip_run_entry_data (entry), "tag", change->tag);
  slip_aws_client_set_user_agent_suffix (client, change->tag);
  change->ledger = path != NULL ? slip_ledger_open (path, error) : NULL;
  if (change->ledger == NULL)
    return FALSE;
  slip_cli_tell_open_calls (change->ledger);
  change->lock = slip_open_call_lock (change->ledger, change->tag, error);
  if (change->lock == NULL || !slip_ledger_append (change->ledger, entry, &change->seq, error))
    return FALSE;
  slip_crash_point ("after call.intent");
  return TRUE;
}

gboolean
slip_cli_change_end (SlipCliChange *change, const GError *failure, GError **error)
{
  g_autoptr (JsonObject) entry = entry_new (change, SLIP_CALL_OUTCOME_KIND);
  gboolean unknown = g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);

  json_object_set_int_member (slip_run_entry_data (entry), "intent", change->seq);
  json_object_set_string_member (entry, "outcome",
                                 failure == NULL ? "done"
                                 : unknown       ? SLIP_CALL_OUTCOME_UNKNOWN
                                                 : "failed");
  if (failure != NULL)
    slip_run_entry_set_error (entry, failure);
  if (!slip_ledger_append (change->ledger, entry, NULL, error))
    return FALSE;
  if (unknown)
    g_printerr (_ ("note: do not repeat it before you have looked whether it happened. Then close "
                   "it: slipwayctl ledger settle %" G_GINT64_FORMAT "\n"),
                change->seq);
  return TRUE;
}

void
slip_cli_change_clear (SlipCliChange *change)
{
  g_clear_pointer (&change->lock, slip_run_lock_free);
  g_clear_object (&change->ledger);
  g_clear_pointer (&change->tag, g_free);
  g_clear_object (&change->environment);
  g_clear_pointer (&change->principal, g_free);
}
