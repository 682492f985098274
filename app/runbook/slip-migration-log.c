/* SPDX-License-Identifier: MIT */
/* The audit log of a migration that is run outside of a runbook, by `slipwayctl migrate` or in the window: what was meant
 * before it is begun, and what came of it, in the same form as a runbook's steps. An intent without an outcome is of a process that died; how far it came is for the
 * databases to say (slipwayctl migrate status). */

#include "slip-migration-log.h"

#include "slip-crash.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-redact.h"
#include "slip-run-clash.h"
#include "slip-run-entry.h"

#include <libpq-fe.h>

#define INTENT_KIND "migration.intent"
#define OUTCOME_KIND "migration.outcome"

/* Where a database is, by what a person said of it; a password is left out, and a service's file unread. */
static char *
dup_where (const char *conninfo, gboolean with_user)
{
  static const char *const told[] = {"service", "host", "hostaddr", "port", "dbname", "user"};
  gsize n = with_user ? G_N_ELEMENTS (told) : G_N_ELEMENTS (told) - 1;
  PQconninfoOption *options = PQconninfoParse (conninfo, NULL);
  GString *where = g_string_new (NULL);

  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
    for (gsize i = 0; i < n; i++)
      if (option->val != NULL && g_str_equal (option->keyword, told[i]))
        g_string_append_printf (where, "%s%s=%s", where->len > 0 ? " " : "", option->keyword,
                                option->val);
  PQconninfoFree (options);
  return g_string_free (where, FALSE);
}

static JsonObject *
entry_new (SlipMigrationLog *log, const char *kind)
{
  JsonObject *entry = slip_run_entry_new_of_call (kind, NULL);

  json_object_set_string_member (entry, "operation", log->operation);
  json_object_set_string_member (
      entry, "effect", g_str_equal (log->operation, "migration:report") ? "read" : "change");
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
      g_autofree char *where = conninfo != NULL ? dup_where (conninfo, TRUE) : NULL;

      if (where != NULL)
        json_object_set_string_member (object, databases[i], where);
    }
  return slip_redact_json (node);
}

/* What was done is told without values of rows: the databases have them. */
static void
leave_values_out (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (GList) members = json_object_get_values (json_node_get_object (node));

      for (GList *member = members; member != NULL; member = member->next)
        leave_values_out (member->data);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      leave_values_out (json_array_get_element (json_node_get_array (node), i));
  else if (slip_json_node_string (node) != NULL)
    {
      g_autofree char *untold = slip_migration_dup_untold (json_node_get_string (node));

      json_node_set_string (node, untold);
    }
}

gboolean
slip_migration_log_begin (SlipMigrationLog *log,
                          SlipLedger *ledger,
                          const char *operation,
                          JsonObject *request,
                          GError **error)
{
  JsonNode *stored = redact (request);
  g_autofree char *digest = slip_json_sha256 (stored);
  g_autoptr (JsonObject) entry = NULL;

  log->operation = g_strconcat ("migration:", operation, NULL);
  log->ledger = g_object_ref (ledger);
  entry = entry_new (log, INTENT_KIND);
  json_object_set_string_member (entry, "request_sha256", digest);
  json_object_set_member (entry, "request", stored);
  if (!slip_ledger_append (log->ledger, entry, &log->seq, error))
    return FALSE;
  slip_crash_point ("after migration.intent");
  return TRUE;
}

gboolean
slip_migration_log_is_same_database (const char *one, const char *other)
{
  g_autofree char *where = NULL;
  g_autofree char *other_where = NULL;

  g_return_val_if_fail (one != NULL && other != NULL, FALSE);

  where = dup_where (one, FALSE);
  other_where = dup_where (other, FALSE);
  return where[0] != '\0' && g_str_equal (where, other_where);
}

gboolean
slip_migration_log_check (SlipLedger *ledger, const char *environment, GError **error)
{
  g_autoptr (GPtrArray) clashes = NULL;
  g_autofree char *first = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), FALSE);

  if (environment == NULL)
    return TRUE;
  clashes = slip_run_list_database_clashes (ledger, environment, error);
  if (clashes == NULL || clashes->len == 0)
    return clashes != NULL;
  first = slip_run_clash_describe (g_ptr_array_index (clashes, 0));
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "the migration works in databases of %s, and %s", environment, first);
  return FALSE;
}

gboolean
slip_migration_log_end (SlipMigrationLog *log,
                        const GError *failure,
                        JsonObject *result,
                        GError **error)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (JsonNode) node = slip_json_new_object (result);
  JsonObject *data;

  if (log->ledger == NULL)
    return TRUE;
  leave_values_out (node);
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
slip_migration_log_clear (SlipMigrationLog *log)
{
  g_clear_object (&log->ledger);
  g_clear_pointer (&log->operation, g_free);
}
