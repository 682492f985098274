/* SPDX-License-Identifier: MIT */

/* How fast the window is. Run by hand through `meson test -C build --benchmark -v`, or with
 * tests/ui/run-headless; prints one JSON object a measurement, and exits with 1 when a limit was
 * missed.
 *
 *   bench-ui start              from exec to the first frame with rows of the last listing
 *   bench-ui scroll ROWS        frame times while scrolling, with one busy worker
 *   bench-ui filter ROWS        from a keystroke to the frame that shows what matches
 *   bench-ui stall ROWS         the longest time the main loop stood while rows land and a run goes on
 *   bench-ui migration N        the same while the club's migration runs, and its pages show N mappings
 */

#include "config.h"

#include <adwaita.h>
#include <stdlib.h>

#include "slip-bench-migration.h"
#include "slip-bench-stall.h"
#include "slip-bench-window.h"
#include "slip-bench.h"
#include "slip-ui-harness.h"

#include "slip-application.h"
#include "slip-pool.h"
#include "slip-slot.h"

#define FRAMES 600
#define ROWS_PER_CLUSTER 1000
#define START_ROWS 10000
#define STARTS 5
#define START_LIMIT 500
#define FRAME_LIMIT 25
#define FILTER_LIMIT 50
#define PIXELS_PER_FRAME 40

/* Scrolling */

typedef struct
{
  SlipBenchSeries *frames;
  SlipBenchTime begun;
  gboolean in_frame;
  GtkAdjustment *adjustment;
  int left;
} Scroll;

static void
before_paint_cb (GdkFrameClock *clock, Scroll *scroll)
{
  scroll->begun = slip_bench_now ();
  scroll->in_frame = TRUE;
}

static void
after_paint_cb (GdkFrameClock *clock, Scroll *scroll)
{
  SlipBenchTime now = slip_bench_now ();

  if (!scroll->in_frame)
    return;
  scroll->in_frame = FALSE;
  slip_bench_series_add (scroll->frames, &scroll->begun, &now);
}

static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Scroll *scroll = data;
  double value = gtk_adjustment_get_value (scroll->adjustment);

  gtk_adjustment_set_value (scroll->adjustment, value + PIXELS_PER_FRAME);
  return --scroll->left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_scrolled (gpointer data)
{
  return ((Scroll *)data)->left <= 0;
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

static void
scroll_through (SlipEstatePage *page, Scroll *scroll)
{
  GtkWidget *view = GTK_WIDGET (slip_estate_page_get_view (page));
  GtkWidget *scroller = gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (view);
  double before;

  scroll->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  before = gtk_adjustment_get_value (scroll->adjustment);
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), scroll);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), scroll);
  gtk_widget_add_tick_callback (view, scroll_cb, scroll, NULL);
  slip_ui_wait (is_scrolled, scroll, 300, "the scrolling");
  g_signal_handlers_disconnect_by_data (clock, scroll);
  if (gtk_adjustment_get_value (scroll->adjustment) - before < FRAMES * PIXELS_PER_FRAME / 2.0)
    g_error ("the list did not scroll");
}

static int
bench_scroll (guint rows, guint clusters)
{
  g_autofree char *folder = slip_bench_new_state (rows, clusters);
  SlipEstatePage *page = slip_bench_open (rows);
  g_autoptr (SlipJob) job = slip_job_new ("busy");
  g_autoptr (SlipBenchSeries) frames = slip_bench_series_new ();
  Scroll scroll = {.frames = frames, .left = FRAMES};

  slip_bench_expand (page);
  slip_pool_run (slip_pool_get_default (), job, burn, NULL, NULL);
  scroll_through (page, &scroll);
  slip_job_cancel (job);
  slip_bench_remove_state (folder);
  g_print ("{\"bench\":\"scroll\",\"rows\":%u,\"clusters\":%u,\"frames\":%u", rows, clusters,
           frames->wall->len);
  slip_bench_series_print (frames, "frame");
  return slip_bench_judge (slip_bench_series_get (frames, 0.99), FRAME_LIMIT);
}

/* Filtering */

typedef struct
{
  SlipEstatePage *page;
  const char *typed;
  SlipBenchTime begun;
  SlipBenchTime shown; /* zero until then */
  SlipBenchTime whole;
  guint expected;
} Filter;

#define ROW_HEIGHT 24

static SlipResource *
ref_resource (GListModel *rows, guint position)
{
  g_autoptr (SlipSlot) slot = g_list_model_get_item (rows, position);

  return slot != NULL ? g_object_ref (slip_slot_get_item (slot)) : NULL;
}

/* Whether what can be seen is a part of the answer: the snapshots' names hold what was typed. */
static gboolean
shows_answer (Filter *filter)
{
  GListModel *rows = slip_bench_get_rows (filter->page);
  GtkWidget *view = GTK_WIDGET (slip_estate_page_get_view (filter->page));
  guint in_sight = (guint)gtk_widget_get_height (view) / ROW_HEIGHT + 1;
  guint n = MIN (g_list_model_get_n_items (rows), in_sight);
  guint snapshots = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) resource = ref_resource (rows, i);

      if (resource == NULL)
        return FALSE;
      if (slip_resource_get_kind (resource) != slip_bench_get_leaf ())
        continue;
      snapshots++;
      if (strstr (slip_resource_get_name (resource), filter->typed) == NULL)
        return FALSE;
    }
  return filter->expected == 0 ? n == 0 : snapshots >= MIN (filter->expected, in_sight / 2);
}

static void
filtered_cb (GdkFrameClock *clock, Filter *filter)
{
  if (!slip_estate_page_is_filtered (filter->page, filter->typed) || !shows_answer (filter))
    return;
  if (filter->shown.wall == 0)
    filter->shown = slip_bench_now ();
  if (filter->whole.wall == 0 && !slip_estate_page_is_growing (filter->page))
    filter->whole = slip_bench_now ();
}

/* A key that changes no row draws nothing, and is to be timed as well. */
static void
search_changed_cb (GtkWidget *entry)
{
  gdk_frame_clock_request_phase (gtk_widget_get_frame_clock (entry), GDK_FRAME_CLOCK_PHASE_PAINT);
}

static gboolean
is_filtered (gpointer data)
{
  return ((Filter *)data)->whole.wall != 0;
}

static guint
count_matches (GPtrArray *names, const char *text)
{
  guint n = 0;

  for (guint i = 0; i < names->len; i++)
    n += strstr (g_ptr_array_index (names, i), text) != NULL;
  return n;
}

static GPtrArray *
copy_names (SlipEstatePage *page)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GListModel *rows = slip_bench_get_rows (page);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) resource = ref_resource (rows, i);

      if (slip_resource_get_kind (resource) == slip_bench_get_leaf ())
        g_ptr_array_add (names, g_strdup (slip_resource_get_name (resource)));
    }
  return names;
}

static void
type_key (Filter *filter, GtkEditable *entry, SlipBenchSeries *shown, SlipBenchSeries *whole)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (filter->page));
  const char *text = gtk_editable_get_text (entry);
  int position = (int)g_utf8_strlen (text, -1);
  gulong handler;

  filter->shown.wall = 0;
  filter->whole.wall = 0;
  handler = g_signal_connect (clock, "after-paint", G_CALLBACK (filtered_cb), filter);
  filter->begun = slip_bench_now ();
  if (strlen (filter->typed) > (gsize)position)
    gtk_editable_insert_text (entry, filter->typed + position, 1, &position);
  else
    gtk_editable_delete_text (entry, position - 1, position);
  slip_ui_wait (is_filtered, filter, 30, filter->typed);
  g_signal_handler_disconnect (clock, handler);
  slip_bench_series_add (shown, &filter->begun, &filter->shown);
  slip_bench_series_add (whole, &filter->begun, &filter->whole);
  if (g_getenv ("BENCH_VERBOSE") != NULL)
    g_printerr ("\"%s\": %u rows, %.1f ms of work until shown, %.1f until whole\n", filter->typed,
                filter->expected, (double)(filter->shown.worked - filter->begun.worked) / 1000,
                (double)(filter->whole.worked - filter->begun.worked) / 1000);
  slip_ui_settle ();
}

/* A date is typed key by key and taken back, which has keys that drop few rows, most rows and none. */
static int
bench_filter (guint rows, guint clusters)
{
  static const char text[] = "2026-11-17";
  g_autofree char *folder = slip_bench_new_state (rows, clusters);
  SlipEstatePage *page = slip_bench_open (rows);
  g_autoptr (SlipBenchSeries) shown = slip_bench_series_new ();
  g_autoptr (SlipBenchSeries) whole = slip_bench_series_new ();
  g_autoptr (GPtrArray) names = NULL;
  GtkWidget *entry = slip_ui_find (GTK_WIDGET (page), GTK_TYPE_SEARCH_ENTRY);
  guint keys = 2 * strlen (text);

  g_signal_connect_after (entry, "search-changed", G_CALLBACK (search_changed_cb), NULL);
  slip_bench_expand (page);
  names = copy_names (page);
  if (names->len != rows)
    g_error ("%u of %u rows are there", names->len, rows);
  for (guint key = 1; key <= keys; key++)
    {
      g_autofree char *typed = g_strndup (text, key <= strlen (text) ? key : keys - key);
      Filter filter = {.page = page, .typed = typed, .expected = count_matches (names, typed)};

      type_key (&filter, GTK_EDITABLE (entry), shown, whole);
    }
  slip_bench_remove_state (folder);
  g_print ("{\"bench\":\"filter\",\"rows\":%u,\"clusters\":%u,\"keystrokes\":%u", rows, clusters,
           shown->wall->len);
  slip_bench_series_print (shown, "shown");
  slip_bench_series_print (whole, "whole");
  return slip_bench_judge (slip_bench_series_get (shown, 1), FILTER_LIMIT);
}

/* Starting */

typedef struct
{
  GtkWindow *window;
  double first;
  double rows;
  gint64 begun;
} Start;

static double
since_exec (Start *start)
{
  return (double)(g_get_monotonic_time () - start->begun) / 1000;
}

static void
first_paint_cb (GdkFrameClock *clock, Start *start)
{
  SlipPage *page = slip_window_get_page (SLIP_WINDOW (start->window));

  if (start->first == 0)
    start->first = since_exec (start);
  if (start->rows == 0 && SLIP_IS_ESTATE_PAGE (page)
      && g_list_model_get_n_items (slip_bench_get_rows (SLIP_ESTATE_PAGE (page))) > 0)
    start->rows = since_exec (start);
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
  SlipBenchTime zero = {begun, 0};
  Start start = {.begun = begun};
  double counted;

  g_application_register (G_APPLICATION (application), NULL, NULL);
  g_application_activate (G_APPLICATION (application));
  start.window = gtk_application_get_windows (application)->data;
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (start.window)), "after-paint",
                    G_CALLBACK (first_paint_cb), &start);
  slip_ui_wait (has_rows, &start, 20, "rows");
  counted = slip_bench_since (&zero);
  g_print ("{\"bench\":\"start\",\"cached\":%u,\"first_frame_ms\":%.0f,\"first_rows_ms\":%.0f,"
           "\"counted_ms\":%.0f",
           START_ROWS, start.first, start.rows, counted);
  return slip_bench_judge (counted, START_LIMIT);
}

static gboolean
has_page (gpointer window)
{
  return slip_window_get_page (window) != NULL;
}

static int
bench_start (char **argv)
{
  g_autofree char *folder = slip_bench_new_state (START_ROWS, START_ROWS / ROWS_PER_CLUSTER);
  int worst = EXIT_SUCCESS;

  for (guint i = 0; i < STARTS; i++)
    {
      g_autofree char *begun = NULL;
      g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
      g_autoptr (GSubprocess) child = NULL;

      for (char **argument = argv; *argument != NULL; argument++)
        if (!g_str_equal (*argument, "start"))
          g_ptr_array_add (arguments, *argument);
      g_ptr_array_add (arguments, (gpointer) "start-child");
      begun = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_monotonic_time ());
      g_ptr_array_add (arguments, begun);
      g_ptr_array_add (arguments, NULL);
      child = g_subprocess_newv ((const char *const *)arguments->pdata, G_SUBPROCESS_FLAGS_NONE,
                                 NULL);
      if (child == NULL || !g_subprocess_wait_check (child, NULL, NULL))
        worst = EXIT_FAILURE;
    }
  slip_bench_remove_state (folder);
  return worst;
}

/* Going to the page of recovery points: how long until the first of them are drawn. */
static int
bench_open_points (guint rows, guint vaults)
{
  g_autofree char *folder = slip_bench_new_state (rows, vaults);
  Start start = {.window = GTK_WINDOW (slip_bench_open_window ())};
  SlipBenchTime begun;
  double counted;

  slip_ui_wait (has_page, start.window, 60, "the first page");
  slip_ui_settle ();
  start.begun = g_get_monotonic_time ();
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (start.window)), "after-paint",
                    G_CALLBACK (first_paint_cb), &start);
  begun = slip_bench_now ();
  slip_window_go (SLIP_WINDOW (start.window), "vaults/bench");
  slip_ui_wait (has_rows, &start, 20, "rows");
  counted = slip_bench_since (&begun);
  slip_bench_remove_state (folder);
  g_print ("{\"bench\":\"open-points\",\"rows\":%u,\"vaults\":%u,\"first_rows_ms\":%.0f,"
           "\"counted_ms\":%.0f",
           rows, vaults, start.rows, counted);
  return slip_bench_judge (counted, START_LIMIT);
}

static int
run_mode (const char *mode, guint rows, guint clusters)
{
  if (clusters == 0)
    clusters = MAX (rows / ROWS_PER_CLUSTER, 1);
  if (g_str_has_suffix (mode, "-points"))
    slip_bench_use_points ();
  if (g_str_equal (mode, "open-points") && rows > 0)
    return bench_open_points (rows, clusters);
  if ((g_str_equal (mode, "scroll") || g_str_equal (mode, "scroll-points")) && rows > 0)
    return bench_scroll (rows, clusters);
  if ((g_str_equal (mode, "filter") || g_str_equal (mode, "filter-points")) && rows > 0)
    return bench_filter (rows, clusters);
  if (g_str_equal (mode, "migration") && rows > 0)
    return slip_bench_migration (rows);
  if (g_str_equal (mode, "stall") && rows > 0)
    return slip_bench_stall (rows);
  g_printerr ("usage: bench-ui [--factor N] [--shared] start | scroll ROWS [CLUSTERS] |\n"
              "                filter ROWS [CLUSTERS] | stall ROWS | migration ENTITIES |\n"
              "                {open|scroll|filter}-points ROWS [VAULTS]\n");
  return 2;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) given = g_strdupv (argv);
  g_autoptr (GOptionContext) context = slip_bench_options ("MODE …");
  g_autoptr (GError) error = NULL;
  const char *mode;

  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  mode = argc > 1 ? argv[1] : "";
  if (g_str_equal (mode, "start"))
    return bench_start (given);
  if (!gtk_init_check ())
    return 77;
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  if (g_str_equal (mode, "start-child") && argc > 2)
    return bench_start_child (g_ascii_strtoll (argv[2], NULL, 10));
  return run_mode (mode, argc > 2 ? (guint)atoi (argv[2]) : 0,
                   argc > 3 ? (guint)atoi (argv[3]) : 0);
}
