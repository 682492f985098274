/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate trace and waterfall: the way of one record, and what became of all of them. Both only look; the work
 * is in app/migration/report. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-measures.h"
#include "slip-migration-run.h"
#include "slip-trace.h"
#include "slip-waterfall.h"

#include <glib/gi18n.h>

typedef struct
{
  char *migration_db;
  char *target_db;
  char *sidecar;
  char *table;
  char *file;
  gint64 line;
  gint64 row;
  gint64 run;
  gboolean json;
  gboolean csv;
  gboolean waterfall;
  gboolean measures;
  gint64 rows;
  gint limit;

  SlipMigration *migration;             /* owned */
  GPtrArray *runs;                      /* owned; SlipMigrationRunStatus */
  const SlipMigrationRunStatus *status; /* of these, the run's */
  SlipTrace *trace;                     /* owned */
  char *text;                           /* owned; the waterfall */
  GError *error;
} Look;

static void
look_clear (Look *self)
{
  g_free (self->migration_db);
  g_free (self->target_db);
  g_free (self->sidecar);
  g_free (self->table);
  g_free (self->file);
  g_free (self->text);
  g_clear_object (&self->migration);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->trace, slip_trace_free);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

/* The run that is asked for, or the latest. */
static gboolean
find_run (Look *look, GCancellable *cancellable, GError **error)
{
  look->runs = slip_migration_run_status (look->migration_db, look->target_db, cancellable, error);
  look->status
      = look->runs != NULL ? slip_migration_run_status_find (look->runs, look->run, error) : NULL;
  if (look->status != NULL)
    look->run = look->status->run;
  return look->status != NULL;
}

char *
slip_cli_migrate_dup_target_note (gint64 run, const char *target)
{
  if (g_str_equal (target, "gone"))
    return g_strdup_printf (_ ("Run %" G_GINT64_FORMAT " is gone: the target was brought back to a "
                               "time before it, and has nothing of it\n"),
                            run);
  if (g_str_equal (target, "taken back"))
    return g_strdup_printf (
        _ ("Run %" G_GINT64_FORMAT " was taken back: the target has nothing of it\n"), run);
  if (g_str_equal (target, "not asked"))
    return g_strdup (_ ("What is loaded and validated is as the run noted it. Whether it is in the "
                        "target still, --target-db tells\n"));
  return NULL;
}

/* Behind a table for people; beside what a program reads, and only what that must not be taken for. */
static void
print_note (Look *look)
{
  const char *target = slip_migration_run_status_get_target (look->status);
  g_autofree char *note = slip_cli_migrate_dup_target_note (look->run, target);
  gboolean plain = !look->json && !look->csv && !look->measures && look->rows == 0;

  if (note != NULL && plain)
    g_print ("%s", note);
  else if (note != NULL && !g_str_equal (target, "not asked"))
    g_printerr ("%s", note);
}

static gboolean
fall (Look *look, SlipPg *pg, GError **error)
{
  g_autoptr (SlipRunReport) report = slip_run_report_read (pg, look->run, error);
  g_autoptr (SlipWaterfall) waterfall = NULL;

  if (report == NULL)
    return FALSE;
  slip_run_report_take_status (report, look->status);
  waterfall = slip_waterfall_read (pg, look->migration, report, error);
  if (waterfall == NULL)
    return FALSE;
  if (look->rows != 0)
    {
      g_autoptr (JsonNode) rows = slip_measures_read_rows (pg, look->migration, report, look->rows,
                                                           (guint)look->limit, error);

      if (rows != NULL)
        look->text
            = look->json ? slip_json_to_text (rows, TRUE) : slip_measures_rows_to_text (rows);
      return rows != NULL;
    }
  if (look->json)
    {
      g_autoptr (JsonNode) node = slip_measures_to_json (report, waterfall);

      json_object_set_string_member (json_node_get_object (node), "target",
                                     slip_migration_run_status_get_target (look->status));
      look->text = slip_json_to_text (node, TRUE);
      return TRUE;
    }
  if (look->measures)
    {
      look->text = slip_measures_to_text (report);
      return TRUE;
    }
  look->text = look->csv ? slip_waterfall_to_csv (waterfall) : slip_waterfall_to_text (waterfall);
  return TRUE;
}

static gboolean
look_up (Look *look, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipPg) pg
      = slip_pg_open (look->migration_db, "migration database", cancellable, error);
  g_autoptr (SlipPg) target = NULL;

  if (pg == NULL || !find_run (look, cancellable, error))
    return FALSE;
  if (look->waterfall)
    return fall (look, pg, error);
  if (look->target_db != NULL
      && (target = slip_pg_open (look->target_db, "target database", cancellable, error)) == NULL)
    return FALSE;
  if (look->row == 0
      && !slip_trace_find_line (look->migration, pg, look->table, look->file, look->line,
                                &look->row, error))
    return FALSE;
  look->trace
      = slip_trace_read (look->migration, look->run, pg, target, look->table, look->row, error);
  return look->trace != NULL;
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Look *look = data;

  look_up (look, cancellable, &look->error);
}

static int
finish (Look *look, const char *folder)
{
  g_autoptr (GError) error = NULL;

  look->migration = slip_migration_load (folder, look->sidecar, &error);
  if (look->migration == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  slip_cli_migrate_work (work, NULL, look);
  if (look->error != NULL)
    return slip_cli_fail (g_steal_pointer (&look->error));
  if (look->trace != NULL)
    {
      g_autoptr (JsonNode) node = slip_trace_to_json (look->trace);

      if (look->csv)
        look->text = slip_trace_to_csv (look->trace, look->migration);
      else
        look->text = look->json ? slip_json_to_text (node, TRUE) : slip_trace_to_text (look->trace);
    }
  g_print (look->json ? "%s\n" : "%s", look->text);
  if (look->waterfall)
    print_note (look);
  return SLIP_CLI_OK;
}

int
slip_cli_migrate_trace (SlipCli *cli, int argc, char **argv)
{
  g_auto (Look) look = {0};
  const GOptionEntry entries[] = {
      {"table", 0, 0, G_OPTION_ARG_STRING, &look.table, N_ ("The landed table"), N_ ("NAME")},
      {"line", 0, 0, G_OPTION_ARG_INT64, &look.line,
       N_ ("A line of its file; line 1 is the header"), N_ ("N")},
      {"file", 0, 0, G_OPTION_ARG_STRING, &look.file,
       N_ ("Which of its files, where it has several parts"), N_ ("NAME")},
      {"row", 0, 0, G_OPTION_ARG_INT64, &look.row, N_ ("A casrec_row_id, in place of a line"),
       N_ ("N")},
      {"run", 0, 0, G_OPTION_ARG_INT64, &look.run, N_ ("Which run (default: the one worked on last)"),
       N_ ("RUN")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &look.migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &look.target_db,
       N_ ("The target, to look at the rows that are there"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &look.sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &look.json, N_ ("Print JSON"), NULL},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &look.csv,
       N_ ("Print CSV: a line for each column at each place"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (entries, "migrate trace DIR",
                       _ ("Follows one record from its file through filters, steps and keys to the "
                          "target, each with the\nrule that did it."),
                       &argc, &argv, &status))
    return status;
  if (argc != 2 || look.table == NULL || look.migration_db == NULL)
    return slip_cli_usage_error (
        _ ("migrate trace needs one DIR, --table NAME and --migration-db CONNINFO"));
  if ((look.line > 0) == (look.row > 0))
    return slip_cli_usage_error (_ ("migrate trace needs either --line N or --row N, from 1"));
  if (look.csv && look.json)
    return slip_cli_usage_error (_ ("migrate trace prints either --json or --csv"));
  return finish (&look, argv[1]);
}

int
slip_cli_migrate_waterfall (SlipCli *cli, int argc, char **argv)
{
  g_auto (Look) look = {.waterfall = TRUE, .limit = 20};
  const GOptionEntry entries[] = {
      {"run", 0, 0, G_OPTION_ARG_INT64, &look.run, N_ ("Which run (default: the one worked on last)"),
       N_ ("RUN")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &look.migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &look.target_db,
       N_ ("The target, which knows whether the run is in it still"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &look.sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"measures", 0, 0, G_OPTION_ARG_NONE, &look.measures,
       N_ ("Print what became of the rows by stage, step and column, numbered"), NULL},
      {"rows", 0, 0, G_OPTION_ARG_INT64, &look.rows,
       N_ ("Print the rows behind the measure of this number"), N_ ("NUMBER")},
      {"limit", 0, 0, G_OPTION_ARG_INT, &look.limit, N_ ("So many rows at most (default 20)"),
       N_ ("N")},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &look.csv, N_ ("Print CSV, with every gap"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &look.json, N_ ("Print JSON: tables, gaps and measures"),
       NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "migrate waterfall DIR",
          _ ("Tells how many rows each table of the target has at each stage of a "
             "run: landed, kept by\nfilters, transformed, integrated, loaded, as "
             "expected. With --measures what became of them by rule: in, out, dropped, "
             "defaulted, unknown,\nbad, altered, unmatched, rejected; with --rows the "
             "records behind one of these numbers. With\n--target-db a run that is gone from the "
             "target is called so, and nothing of it counts as loaded; so\nit is without, where it "
             "was "
             "taken back.\n\nExit status: 0 it is told, of a run that is gone as well, 1 it "
             "failed, "
             "2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (look.rows < 0 || look.limit < 1)
    return slip_cli_usage_error (_ ("--rows and --limit take a number from 1"));
  if (look.csv && (look.json || look.measures || look.rows > 0))
    return slip_cli_usage_error (_ ("--csv is of the waterfall alone"));
  if (!slip_cli_migrate_find_conninfo (&look.migration_db, "SLIPWAY_MIGRATION_DB", &status)
      || !slip_cli_migrate_find_conninfo (&look.target_db, "SLIPWAY_TARGET_DB", &status))
    return status;
  if (argc != 2 || look.migration_db == NULL)
    return slip_cli_usage_error (_ ("migrate waterfall needs one DIR and --migration-db CONNINFO"));
  return finish (&look, argv[1]);
}
