/* SPDX-License-Identifier: MIT */

/* The promise that a migration does not hold up the window: a run of the example goes on in real PostgreSQLs while its pages
 * are gone through, and afterwards they show as many mappings and measures as a large migration has. */

#include "config.h"

#include "slip-bench-migration.h"

#include "slip-bench-probe.h"
#include "slip-bench.h"
#include "slip-migration-desk.h"
#include "slip-pg.h"
#include "slip-ui-harness.h"

#define STALL_LIMIT 20
#define SUSPICIOUS_MS 12
#define SPEED 600

static const char *const pages[]
    = {"migration/club", "migration-comparison/club", "migration-waterfall/club",
       "migration-definitions/club", "migration-trace/club/member:1"};

static SlipUi *ui;

static SlipMigrationDesk *
get_desk (void)
{
  return slip_migration_desk_get (ui->workbench, "club");
}

static gboolean
is_read (gpointer data)
{
  return slip_migration_desk_get_data (get_desk ()) != NULL
         && !slip_migration_desk_is_loading (get_desk ());
}

static gboolean
is_idle (gpointer data)
{
  return !slip_migration_desk_is_busy (get_desk ()) && is_read (NULL);
}

static void
set_up (void)
{
  g_autofree char *script
      = g_build_filename (g_getenv ("SLIPWAY_SOURCE"), "data/rehearsal/club/set-up", NULL);
  g_autofree char *folder = g_build_filename (ui->folder, "world/migration", NULL);
  g_autofree char *services = g_build_filename (ui->folder, "world/pg_service.conf", NULL);
  const char *argv[] = {script, folder, NULL};
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_setenv ("PGSERVICEFILE", services, TRUE);
  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                     &status, &error)
      || status != 0)
    g_error ("%s: %s", script, error != NULL ? error->message : "it failed");
}

/* As many results as a large migration has, beside those that the run left. */
static void
plant (guint entities)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPg) pg = slip_pg_open ("service=club-migration", "bench", NULL, &error);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO slipway.validation (run, mapping, entity, expected, actual, missing, extra, "
      "differing, duplicated, columns_compared, columns_total, independent, started, ended)\n"
      "SELECT 1, 'mapping_' || n, 'entity_' || n, 1000 + n, 1000 + n, 0, 0, n %% 3, 0, 18, 21, "
      "true, now (), now () FROM generate_series (1, %u) AS n;\n"
      "INSERT INTO slipway.measure (run, stage, entity, step, column_name, kind, rows)\n"
      "SELECT 1, 'transform', 'entity_' || n, 'step_' || n, 'column', 'defaulted', n FROM "
      "generate_series (1, %u) AS n",
      entities, entities);

  if (pg == NULL || !slip_pg_run (pg, sql, &error))
    g_error ("%s", error->message);
}

/* Through all pages, until @condition holds, and once at least. */
static void
go_through (SlipUiCondition condition)
{
  guint page = 0;

  do
    {
      slip_window_go (ui->window, pages[page % G_N_ELEMENTS (pages)]);
      slip_ui_settle ();
      page++;
    }
  while (page < G_N_ELEMENTS (pages) || !condition (NULL));
}

static int
report (SlipBenchProbe *probe, const char *what)
{
  g_autoptr (SlipBenchSeries) stood = slip_bench_series_new ();
  g_autofree char *where = NULL;
  g_autofree char *escaped = NULL;
  double longest;

  slip_bench_probe_stop (probe, &longest, stood, &where);
  escaped = g_strescape (where, NULL);
  g_print ("{\"bench\":\"migration\",\"while\":\"%s\",\"longest_ms\":%.1f,\"where\":\"%s\"", what,
           longest, escaped);
  slip_bench_series_print (stood, "stood");
  return slip_bench_judge (longest, STALL_LIMIT);
}

int
slip_bench_migration (guint entities)
{
  SlipBenchProbe *probe;
  int status;
  int later;

  ui = slip_ui_start_scenario (SPEED, "club");
  if (ui == NULL)
    return 77;
  set_up ();
  slip_window_go (ui->window, pages[0]);
  slip_ui_wait (is_read, NULL, 60, "the migration to be read");
  slip_ui_settle ();
  probe = slip_bench_probe_new (SUSPICIOUS_MS, GTK_WIDGET (ui->window));
  slip_migration_desk_start (get_desk (), NULL);
  go_through (is_idle);
  status = report (probe, "it runs");
  if (slip_migration_desk_get_message (get_desk ()) != NULL)
    g_error ("%s", slip_migration_desk_get_message (get_desk ()));
  plant (entities);
  probe = slip_bench_probe_new (SUSPICIOUS_MS, GTK_WIDGET (ui->window));
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 60, "the long lists");
  go_through (is_idle);
  later = report (probe, "lists are long");
  slip_ui_stop (ui);
  return status != 0 ? status : later;
}
