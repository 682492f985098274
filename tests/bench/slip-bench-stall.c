/* SPDX-License-Identifier: MIT */

/* The promise that the main loop is never blocked for long by us, while there is most to do: rows land
 * page by page from the workers in a list that is looked at, and a run goes on and tells of it. */

#include "config.h"

#include "slip-bench-stall.h"

#include <glib/gstdio.h>

#include "slip-bench-probe.h"
#include "slip-bench-window.h"
#include "slip-bench.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-run-row.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-ui-harness.h"

#define STALL_LIMIT 20
#define SUSPICIOUS_MS 12
#define SPEED 600

static JsonObject *
get_object (JsonObject *object, const char *first, const char *second, const char *third)
{
  const char *const path[] = {first, second, third};

  for (guint i = 0; i < G_N_ELEMENTS (path); i++)
    object = json_object_get_object_member (object, path[i]);
  return object;
}

/* The sirius estate without PostgreSQL behind it, and with more snapshots. */
static void
write_scenario (const char *path, guint rows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = slip_file_read (SLIP_BENCH_SCENARIO, 16 * 1024 * 1024, &error);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) more = NULL;
  g_autofree char *items = g_strdup_printf (
      "[{\"cluster\":\"api-production\",\"prefix\":\"bench\",\"count\":%u}]", rows);
  g_autofree char *text = NULL;
  JsonObject *account;
  JsonObject *section;
  JsonArray *clusters;
  gsize length;
  const char *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (bytes, &length);
  node = slip_json_parse (data, (gssize)length, &error);
  g_assert_no_error (error);
  account = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "accounts"), 0);
  section = get_object (account, "resources", "eu-west-1", "rds");
  clusters = json_object_get_array_member (section, "clusters");
  for (guint i = 0; i < json_array_get_length (clusters); i++)
    json_object_remove_member (json_array_get_object_element (clusters, i), "database");
  more = slip_json_parse (items, -1, &error);
  g_assert_no_error (error);
  json_object_set_member (section, "generate_snapshots", g_steal_pointer (&more));
  json_object_set_int_member (json_object_get_object_member (account, "quotas"),
                              "rds.manual-cluster-snapshots", rows + 1000);
  text = slip_json_to_text (node, FALSE);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
expand_cb (GListModel *rows, guint position, guint removed, guint added, gpointer data)
{
  for (guint i = position; i < position + MIN (added, 8); i++)
    {
      g_autoptr (SlipSlot) slot = g_list_model_get_item (rows, i);
      GtkTreeListRow *row = slot != NULL ? slip_slot_get_row (slot) : NULL;

      if (row != NULL && gtk_tree_list_row_get_depth (row) == 0
          && gtk_tree_list_row_is_expandable (row))
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

typedef struct
{
  SlipRunList *runs;
  SlipEstateList *list;
  const char *run_id;
  SlipRunState state; /* of the run */
} Work;

static void
look_up_run (Work *work)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (work->runs));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (work->runs), i);
      const SlipRunSummary *summary = slip_run_row_get_summary (row);

      if (g_str_equal (summary->id, work->run_id))
        work->state = summary->state;
    }
}

static gboolean
is_over (gpointer data)
{
  Work *work = data;

  look_up_run (work);
  return slip_estate_list_get_state (work->list) == SLIP_ESTATE_COMPLETE
         && (work->state == SLIP_RUN_DONE || work->state == SLIP_RUN_FAILED
             || work->state == SLIP_RUN_NEEDS_DECISION
             || work->state == SLIP_RUN_NEEDS_CONFIRMATION);
}

int
slip_bench_stall (guint rows)
{
  g_autofree char *scenario = NULL;
  g_autofree char *run_id = NULL;
  g_autofree char *where = NULL;
  g_autofree char *escaped = NULL;
  int file = g_file_open_tmp ("slipway-bench-XXXXXX", &scenario, NULL);
  g_autoptr (SlipBenchSeries) stood = slip_bench_series_new ();
  SlipBenchProbe *probe;
  Work work = {NULL};
  SlipEstatePage *page;
  double longest;
  SlipUi *ui;

  g_close (file, NULL);
  write_scenario (scenario, rows);
  if (slip_settings_get () != NULL)
    g_settings_set_string (slip_settings_get (), "last-page", "runbooks");
  ui = slip_ui_start_scenario (SPEED, scenario);
  if (ui == NULL)
    return 77;
  run_id = slip_ui_approve_run (ui, NULL);
  slip_window_go (ui->window, "snapshots/production");
  page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));
  work.runs = slip_workbench_get_runs (ui->workbench);
  work.run_id = run_id;
  work.list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, "production"),
      SLIP_ESTATE_SNAPSHOTS);
  g_signal_connect_after (slip_bench_get_rows (page), "items-changed", G_CALLBACK (expand_cb),
                          NULL);
  probe = slip_bench_probe_new (SUSPICIOUS_MS, GTK_WIDGET (ui->window));
  slip_workbench_start_run (ui->workbench, run_id, "Pre-migration snapshot");
  slip_ui_wait (is_over, &work, 180, "the rows and the run");
  slip_bench_probe_stop (probe, &longest, stood, &where);
  if (slip_estate_list_get_n_total (work.list) < rows)
    g_error ("only %u rows landed", slip_estate_list_get_n_total (work.list));
  escaped = g_strescape (where, NULL);
  g_print ("{\"bench\":\"stall\",\"rows\":%u,\"run\":\"%s\",\"longest_ms\":%.1f,\"where\":\"%s\"",
           rows, slip_run_state_get_name (work.state), longest, escaped);
  slip_bench_series_print (stood, "stood");
  slip_ui_stop (ui);
  g_unlink (scenario);
  return slip_bench_judge (longest, STALL_LIMIT);
}
