/* SPDX-License-Identifier: MIT */
/* The audit log of `slipwayctl migrate run`, `stage` and `undo`: what was meant before it is begun, and what came of it, in
 * the same form as a runbook's steps. An intent without an outcome is of a process that died; how far it came is for the
 * databases to say (slipwayctl migrate status). */

#include "config.h"

#include "slip-cli-migrate-log.h"

#include "slip-crash.h"
#include "slip-json.h"
#include "slip-redact.h"
#include "slip-run-entry.h"

#include <libpq-fe.h>

#define INTENT_KIND "migration.intent"
#define OUTCOME_KIND "migration.outcome"

/* Where a database is, by what a person said of it; a password is left out, and a service's file unread. */
static char *
dup_where (const char *conninfo)
{
  static const char *const told[] = {"service", "host", "hostaddr", "port", "dbname", "user"};
  PQconninfoOption *options = PQconninfoParse (conninfo, NULL);
  GString *where = g_string_new (NULL);

  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
    for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
      if (option->val != NULL && g_str_equal (option->keyword, told[i]))
        g_string_append_printf (where, "%s%s=%s", where->len > 0 ? " " : "", option->keyword,
                                option->val);
  PQconninfoFree (options);
  return g_string_free (where, FALSE);
}

static JsonObject *
entry_new (SlipCliMigrateLog *log, const char *kind)
{
  JsonObject *entry = slip_run_entry_new_of_call (kind, NULL);

  json_object_set_string_member (entry, "operation", log->operation);
  json_object_set_string_member (entry, "effect", "change");
  return entry;
}

static JsonNode *
redact (JsonObject *object)
{
  static const char *const databases[] = {"migrationDatabase", "targetDatabase"};
  g_autoptr (JsonNode) node = slip_json_new_object (object);

  for (gsize i = 0; i < G_N_ELEMENTS (databases); i++)
    {
      const char *conninfo = slip_json_string (object, databases[i]);
      g_autofree char *where = conninfo != NULL ? dup_where (conninfo) : NULL;

      if (where != NULL)
        json_object_set_string_member (object, databases[i], where);
    }
  return slip_redact_json (node);
}

gboolean
slip_cli_migrate_log_begin (SlipCliMigrateLog *log,
                            SlipCli *cli,
                            const char *operation,
                            JsonObject *request,
                            GError **error)
{
  g_autofree char *path = slip_cli_ledger_path (cli, error);
  JsonNode *stored = redact (request);
  g_autofree char *digest = slip_json_sha256 (stored);
  g_autoptr (JsonObject) entry = NULL;

  log->operation = g_strconcat ("migration:", operation, NULL);
  entry = entry_new (log, INTENT_KIND);
  json_object_set_string_member (entry, "request_sha256", digest);
  json_object_set_member (entry, "request", stored);
  log->ledger = path != NULL ? slip_ledger_open (path, error) : NULL;
  if (log->ledger == NULL || !slip_ledger_append (log->ledger, entry, &log->seq, error))
    return FALSE;
  slip_crash_point ("after migration.intent");
  return TRUE;
}

gboolean
slip_cli_migrate_log_end (SlipCliMigrateLog *log,
                          const GError *failure,
                          JsonObject *result,
                          GError **error)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (JsonNode) node = slip_json_new_object (result);
  JsonObject *data;

  if (log->ledger == NULL)
    return TRUE;
  entry = entry_new (log, OUTCOME_KIND);
  data = slip_run_entry_data (entry);
  json_object_set_int_member (data, "intent", log->seq);
  json_object_set_member (data, "response", slip_redact_json (node));
  json_object_set_string_member (entry, "outcome", failure == NULL ? "done" : "failed");
  if (failure != NULL)
    slip_run_entry_set_error (entry, failure);
  return slip_ledger_append (log->ledger, entry, NULL, error);
}

void
slip_cli_migrate_log_clear (SlipCliMigrateLog *log)
{
  g_clear_object (&log->ledger);
  g_clear_pointer (&log->operation, g_free);
}
