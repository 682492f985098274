/* SPDX-License-Identifier: MIT */

/* How fast the window is. Run by hand through `meson test -C build --benchmark -v ui`; prints one JSON
 * object a measurement, each beside the figure it is held to.
 *
 *   bench-ui start          from exec to the first frame, and to the first frame with rows of a cached list
 *   bench-ui scroll ROWS    frame times while scrolling, with one busy worker
 *   bench-ui filter ROWS    one keystroke in the filter
 */

#include "config.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "slip-ui-harness.h"

#include "slip-application.h"
#include "slip-estate-page.h"
#include "slip-estate-record.h"
#include "slip-pool.h"
#include "slip-settings.h"
#include "slip-ui.h"

#define FRAMES 400
#define ROWS_PER_GROUP 1000

static gint64
now_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static int
compare_double (gconstpointer a, gconstpointer b)
{
  double one = *(const double *)a;
  double two = *(const double *)b;

  return one < two ? -1 : one > two;
}

static double
percentile (GArray *values, double p)
{
  guint index = (guint)MIN (ceil (values->len * p), values->len) - 1;

  return g_array_index (values, double, index);
}

typedef struct
{
  GArray *frames; /* element-type double, milliseconds */
  gint64 begun;
  gint64 worst_gap;
  gint64 last;
} Meter;

static void
before_paint_cb (GdkFrameClock *clock, Meter *meter)
{
  meter->begun = now_us ();
}

static void
after_paint_cb (GdkFrameClock *clock, Meter *meter)
{
  double milliseconds;

  if (meter->begun == 0)
    return;
  milliseconds = (now_us () - meter->begun) / 1000.0;
  g_array_append_val (meter->frames, milliseconds);
}

static void
meter_attach (Meter *meter, GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);

  meter->frames = g_array_new (FALSE, FALSE, sizeof (double));
  meter->begun = 0;
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), meter);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), meter);
}

static void
meter_detach (Meter *meter, GtkWidget *window)
{
  g_signal_handlers_disconnect_by_data (gtk_widget_get_frame_clock (window), meter);
}

/* A workspace whose endpoint nobody listens on: the rows come from here, not from AWS. */
static SlipWorkbench *
open_workbench (void)
{
  static const char text[]
      = "{\"schema\":\"org.slipway.workspace/1\",\"name\":\"bench\",\"environments\":[{"
        "\"name\":\"bench\",\"title\":\"Bench\",\"account\":\"111111111111\","
        "\"regions\":[\"eu-west-1\"],\"profile\":\"bench\",\"role\":\"bench\","
        "\"endpoint_url\":\"http://127.0.0.1:9\"}]}";
  g_autofree char *folder = g_dir_make_tmp ("slipway-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "workspace.json", NULL);
  g_autoptr (GError) error = NULL;
  SlipWorkbench *workbench;

  if (!g_file_set_contents (path, text, -1, &error))
    g_error ("%s", error->message);
  workbench = slip_workbench_new (path, folder);
  while (slip_workbench_get_state (workbench) == SLIP_WORKBENCH_LOADING)
    g_main_context_iteration (NULL, TRUE);
  if (slip_workbench_get_error (workbench) != NULL)
    g_error ("%s", slip_workbench_get_error (workbench)->message);
  return workbench;
}

static SlipResource *
new_row (SlipEnvironment *environment, SlipResourceKind kind, guint group, guint index)
{
  static const char *const states[] = {"available", "available", "creating", "failed"};
  g_autofree char *name
      = kind == SLIP_RESOURCE_SNAPSHOT
            ? g_strdup_printf ("rds:cluster-%03u-2026-11-%02u-%05u", group, index % 28 + 1, index)
            : g_strdup_printf ("cluster-%03u", group);
  g_autofree char *id
      = g_strdup_printf ("arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:%s", name);
  SlipEstateRecord record = {
      .kind = kind,
      .id = id,
      .name = name,
      .region = (char *)"eu-west-1",
      .status = kind == SLIP_RESOURCE_SNAPSHOT ? (char *)states[index % 4] : NULL,
      .detail = kind == SLIP_RESOURCE_SNAPSHOT ? (char *)"automated" : NULL,
      .text = (char *)"{\"StorageEncrypted\":true,\"PercentProgress\":42}",
      .size_gib = kind == SLIP_RESOURCE_SNAPSHOT ? 412 : -1,
      .created = (gint64)1795242600 * G_USEC_PER_SEC - (gint64)index * 3600 * G_USEC_PER_SEC,
  };

  return slip_resource_new (environment, &record);
}

static GListModel *
new_rows (SlipEnvironment *environment, guint rows)
{
  GListStore *roots = g_list_store_new (SLIP_TYPE_RESOURCE);
  guint n_groups = MAX (rows / ROWS_PER_GROUP, 1);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint group = 0; group < n_groups; group++)
    {
      SlipResource *root = new_row (environment, SLIP_RESOURCE_SNAPSHOT_GROUP, group, 0);
      g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

      for (guint index = 0; index < rows / n_groups; index++)
        g_ptr_array_add (items, new_row (environment, SLIP_RESOURCE_SNAPSHOT, group, index));
      g_list_store_splice (slip_resource_get_store (root), 0, 0, items->pdata, items->len);
      g_ptr_array_add (groups, root);
    }
  g_list_store_splice (roots, 0, 0, groups->pdata, groups->len);
  return G_LIST_MODEL (roots);
}

static void
expand_all (SlipEstatePage *page)
{
  GListModel *rows = G_LIST_MODEL (gtk_column_view_get_model (slip_estate_page_get_view (page)));

  for (guint i = 0;; i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);

      if (row == NULL)
        break;
      if (gtk_tree_list_row_is_expandable (row))
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

static GtkWidget *
show_page (SlipEstatePage *page)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 1040, 640);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  return window;
}

static gboolean
burn (SlipJob *job, gpointer data, GError **error)
{
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autofree char *block = g_malloc0 (1024 * 1024);

  while (!g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *sum
          = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *)block, 1024 * 1024);

      slip_job_set_detail (job, sum);
    }
  return TRUE;
}

typedef struct
{
  GtkAdjustment *adjustment;
  int frames;
} Scroll;

static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Scroll *scroll = data;
  double value = gtk_adjustment_get_value (scroll->adjustment);

  gtk_adjustment_set_value (scroll->adjustment, value + 40);
  return --scroll->frames > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_scrolled (gpointer data)
{
  return ((Scroll *)data)->frames <= 0;
}

static SlipEstatePage *
new_page (SlipWorkbench *workbench, guint rows)
{
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, "bench");
  SlipEstatePage *page
      = SLIP_ESTATE_PAGE (slip_estate_page_new (workbench, environment, SLIP_ESTATE_SNAPSHOTS));
  g_autoptr (GListModel) model = new_rows (environment, rows);

  slip_estate_page_set_model (page, model);
  return page;
}

static int
bench_scroll (guint rows)
{
  SlipWorkbench *workbench = open_workbench ();
  SlipEstatePage *page = new_page (workbench, rows);
  GtkWidget *window = show_page (page);
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (slip_estate_page_get_view (page)),
                                                 GTK_TYPE_SCROLLED_WINDOW);
  g_autoptr (SlipJob) job = slip_job_new ("busy");
  Scroll scroll = {NULL, FRAMES};
  Meter meter = {0};

  expand_all (page);
  slip_ui_settle ();
  slip_pool_run (slip_pool_get_default (), job, burn, NULL, NULL);
  scroll.adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  meter_attach (&meter, window);
  gtk_widget_add_tick_callback (window, scroll_cb, &scroll, NULL);
  slip_ui_wait (is_scrolled, &scroll, 120, "the scrolling");
  meter_detach (&meter, window);
  slip_job_cancel (job);
  g_array_sort (meter.frames, compare_double);
  g_print ("{\"bench\":\"scroll\",\"rows\":%u,\"frames\":%u,\"p50_ms\":%.1f,\"p95_ms\":%.1f,"
           "\"p99_ms\":%.1f,\"held_to_ms\":25}\n",
           rows, meter.frames->len, percentile (meter.frames, 0.50),
           percentile (meter.frames, 0.95), percentile (meter.frames, 0.99));
  return percentile (meter.frames, 0.99) <= 25 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
bench_filter (guint rows)
{
  static const char text[] = "2026-11-17";
  SlipWorkbench *workbench = open_workbench ();
  SlipEstatePage *page = new_page (workbench, rows);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  show_page (page);
  expand_all (page);
  slip_ui_settle ();
  for (guint length = 1; length <= strlen (text); length++)
    {
      g_autofree char *typed = g_strndup (text, length);
      gint64 begun = now_us ();
      double milliseconds;

      slip_estate_page_set_filter (page, typed);
      milliseconds = (now_us () - begun) / 1000.0;
      g_array_append_val (times, milliseconds);
      g_test_message ("%s: %.1f ms", typed, milliseconds);
      if (g_getenv ("BENCH_VERBOSE") != NULL)
        g_printerr ("%s: %.1f ms\n", typed, milliseconds);
      slip_ui_settle ();
    }
  g_array_sort (times, compare_double);
  g_print ("{\"bench\":\"filter\",\"rows\":%u,\"keystrokes\":%u,\"median_ms\":%.1f,"
           "\"worst_ms\":%.1f,\"held_to_ms\":50}\n",
           rows, times->len, percentile (times, 0.50), percentile (times, 1.0));
  return percentile (times, 1.0) <= 50 ? EXIT_SUCCESS : EXIT_FAILURE;
}

typedef struct
{
  GtkWindow *window;
  gint64 first;
  gint64 rows;
} Start;

static void
first_paint_cb (GdkFrameClock *clock, Start *start)
{
  SlipPage *page = slip_window_get_page (SLIP_WINDOW (start->window));

  if (start->first == 0)
    start->first = now_us ();
  if (start->rows == 0 && SLIP_IS_ESTATE_PAGE (page)
      && g_list_model_get_n_items (G_LIST_MODEL (
             gtk_column_view_get_model (slip_estate_page_get_view (SLIP_ESTATE_PAGE (page)))))
             > 0)
    start->rows = now_us ();
  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_PAINT);
}

static gboolean
has_rows (gpointer data)
{
  return ((Start *)data)->rows != 0;
}

/* In a process of its own, so that loading the libraries counts. */
static int
bench_start_child (gint64 begun)
{
  GtkApplication *application = GTK_APPLICATION (slip_application_new ());
  Start start = {0};

  g_application_register (G_APPLICATION (application), NULL, NULL);
  g_application_activate (G_APPLICATION (application));
  start.window = gtk_application_get_windows (application)->data;
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (start.window)), "after-paint",
                    G_CALLBACK (first_paint_cb), &start);
  slip_ui_wait (has_rows, &start, 20, "rows");
  g_print ("{\"bench\":\"start\",\"first_frame_ms\":%.0f,\"first_rows_ms\":%.0f,"
           "\"held_to_ms\":500}\n",
           (start.first - begun) / 1000.0, (start.rows - begun) / 1000.0);
  return start.first - begun <= 500 * 1000 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gboolean
is_cached (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_IS_DIR)
         && slip_estate_list_get_state (
                g_object_get_data (G_OBJECT (g_application_get_default ()), "list"))
                == SLIP_ESTATE_COMPLETE;
}

static int
bench_start (const char *program)
{
  SlipUi *ui = slip_ui_start (60);
  g_autofree char *cache = NULL;
  int worst = EXIT_SUCCESS;

  if (ui == NULL)
    return 77;
  g_object_set_data (
      G_OBJECT (g_application_get_default ()), "list",
      slip_workbench_get_estate (ui->workbench,
                                 slip_workbench_find_environment (ui->workbench, "production"),
                                 SLIP_ESTATE_SNAPSHOTS));
  cache = g_build_filename (ui->folder, "cache", NULL);
  slip_ui_wait (is_cached, cache, 30, "the list in the cache");
  slip_ui_settle ();
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *begun = g_strdup_printf ("%" G_GINT64_FORMAT, now_us ());
      g_autoptr (GSubprocess) child
          = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, program, "start-child", begun, NULL);

      g_subprocess_wait (child, NULL, NULL);
      if (g_subprocess_get_exit_status (child) != 0)
        worst = EXIT_FAILURE;
    }
  slip_ui_stop (ui);
  return worst;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    {
      g_printerr ("usage: bench-ui start | scroll ROWS | filter ROWS\n");
      return 2;
    }
  if (!gtk_init_check ())
    return 77;
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  if (g_str_equal (argv[1], "start"))
    return bench_start (argv[0]);
  if (g_str_equal (argv[1], "start-child") && argc > 2)
    return bench_start_child (g_ascii_strtoll (argv[2], NULL, 10));
  slip_ui_init ();
  if (g_str_equal (argv[1], "scroll") && argc > 2)
    return bench_scroll ((guint)atoi (argv[2]));
  if (g_str_equal (argv[1], "filter") && argc > 2)
    return bench_filter ((guint)atoi (argv[2]));
  return 2;
}
