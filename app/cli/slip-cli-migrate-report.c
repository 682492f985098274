/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate report: all that is told of a run, in one folder to hand in, with its digests in the audit log. */

#include "config.h"

#include "slip-migration-log.h"
#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-run-evidence.h"

#include <glib/gi18n.h>

typedef struct
{
  char *migration_db;
  char *target_db;
  char *sidecar;
  char *folder;
  gint64 run;
  gboolean no_log;
  gboolean json;

  SlipMigration *migration; /* owned */
  JsonObject *told;         /* owned; what was written */
  GError *error;
} Report;

static void
report_clear (Report *self)
{
  g_free (self->migration_db);
  g_free (self->target_db);
  g_free (self->sidecar);
  g_free (self->folder);
  g_clear_object (&self->migration);
  g_clear_pointer (&self->told, json_object_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

static void
work (GCancellable *cancellable, gpointer data)
{
  Report *self = data;

  self->told = slip_run_evidence_write (self->migration, self->migration_db, self->target_db,
                                        self->run, NULL, self->folder, cancellable, &self->error);
}

static JsonObject *
new_request (Report *self, const char *definitions)
{
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "definitions", definitions);
  json_object_set_string_member (request, "migrationDatabase", self->migration_db);
  if (self->target_db != NULL)
    json_object_set_string_member (request, "targetDatabase", self->target_db);
  json_object_set_string_member (request, "folder", self->folder);
  json_object_set_int_member (request, "run", self->run);
  return request;
}

static void
print_told (Report *self)
{
  JsonObject *files = slip_json_object (self->told, "files");
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (self->told));
  g_autofree char *text = slip_json_to_text (node, TRUE);
  gint64 run = slip_json_int (self->told, "run", 0);
  g_autofree char *note
      = slip_cli_migrate_dup_target_note (run, slip_json_string (self->told, "target"));

  if (self->json)
    g_print ("%s\n", text);
  else
    g_print (ngettext ("%s: run %d, %u file. “sha256sum -c SHA256SUMS” in it checks it\n",
                       "%s: run %d, %u files. “sha256sum -c SHA256SUMS” in it checks them\n",
                       json_object_get_size (files)),
             self->folder, (int)run, json_object_get_size (files));
  if (note != NULL && !self->json)
    g_print ("%s", note);
}

static int
finish (Report *self, SlipCli *cli, const char *definitions)
{
  g_auto (SlipMigrationLog) log = {0};
  GError *error = NULL;

  self->migration = slip_migration_load (definitions, self->sidecar, &error);
  if (self->migration == NULL
      || (!self->no_log
          && !slip_cli_migrate_log_begin (&log, cli, "report", new_request (self, definitions),
                                          &error)))
    return slip_cli_fail (error);
  slip_cli_migrate_work (work, NULL, self);
  if (!slip_migration_log_end (
          &log, self->error, self->told != NULL ? json_object_ref (self->told) : json_object_new (),
          &error))
    slip_cli_fail (error);
  else if (self->error == NULL)
    {
      print_told (self);
      return SLIP_CLI_OK;
    }
  return self->error != NULL ? slip_cli_fail (g_steal_pointer (&self->error)) : SLIP_CLI_FAILED;
}

int
slip_cli_migrate_report (SlipCli *cli, int argc, char **argv)
{
  g_auto (Report) self = {0};
  const GOptionEntry entries[] = {
      {"all", 0, 0, G_OPTION_ARG_FILENAME, &self.folder,
       N_ ("Where to: a folder that is not there yet"), N_ ("FOLDER")},
      {"run", 0, 0, G_OPTION_ARG_INT64, &self.run, N_ ("Which run (default: the one worked on last)"),
       N_ ("RUN")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &self.migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &self.target_db,
       N_ ("The target, which knows whether the run is in it still"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &self.sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"no-log", 0, 0, G_OPTION_ARG_NONE, &self.no_log, N_ ("Leave the audit log alone"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "migrate report DIR",
          _ ("Writes what a run did into one folder, for whoever signs it off: counts of stages, "
             "files and\nmeasures, the validation, the waterfall, and digests of all of it. Values "
             "of rows are not in it.\nOf a run that the target, named by --target-db, has nothing "
             "of "
             "any more, it says so: gone.\n\nExit status: 0 it is written, of a run that is gone "
             "as "
             "well, 1 it failed, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (!slip_cli_migrate_find_conninfo (&self.migration_db, "SLIPWAY_MIGRATION_DB", &status)
      || !slip_cli_migrate_find_conninfo (&self.target_db, "SLIPWAY_TARGET_DB", &status))
    return status;
  if (argc != 2 || self.folder == NULL || self.migration_db == NULL)
    return slip_cli_usage_error (
        _ ("migrate report needs one DIR, --migration-db CONNINFO and --all FOLDER"));
  return finish (&self, cli, argv[1]);
}
