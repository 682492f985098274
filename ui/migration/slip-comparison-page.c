/* SPDX-License-Identifier: MIT */

/* The comparison of a run. Bars and table show the same list in the same order and share what is chosen; the table is
 * what a screen reader reads and what can be copied. */

#include "config.h"

#include "slip-comparison-page.h"

#include <glib/gi18n.h>

#include "slip-bars.h"
#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-compared.h"
#include "slip-difference-view.h"
#include "slip-format.h"
#include "slip-migration-ask.h"
#include "slip-migration-evidence.h"
#include "slip-migration-export.h"
#include "slip-migration-frame.h"
#include "slip-slow-list.h"
#include "slip-stage-tree.h"
#include "slip-tip.h"

struct _SlipComparisonPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  GtkStack *stack;
  SlipBars *bars;
  GtkColumnView *view;
  GListStore *rows;                /* owned; element-type SlipCompared */
  GtkSingleSelection *selection;   /* owned */
  SlipDifferenceView *differences; /* NULL until some are shown */
  SlipMigrationData *shown;        /* owned; what the rows belong to */
  GtkWidget *api;
  GtkWidget *csv;
  GtkWidget *png;
  GtkWidget *evidence;
  GtkWidget *validate;
  GCancellable *cancellable; /* owned; closes what is asked */
  char *open;                /* the mapping whose rows are shown */
  char *wanted;              /* a mapping that is shown once it is known */
  gboolean settling;
};

G_DEFINE_FINAL_TYPE (SlipComparisonPage, slip_comparison_page, SLIP_TYPE_PAGE)

/* ---- what is shown */

static void
fill_bars (SlipBars *view, const SlipMigrationData *data)
{
  GPtrArray *results = data != NULL ? data->validations : NULL;
  GPtrArray *bars = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_bar_free);
  g_autofree char *summary = NULL;
  guint n = results != NULL ? results->len : 0;
  guint wrong = 0;
  gboolean gone = slip_migration_data_is_gone (data);

  for (guint i = 0; i < n; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);
      SlipBar *bar = g_new0 (SlipBar, 1);
      g_autofree char *expected = slip_format_count (result->expected);
      g_autofree char *actual = slip_format_count (result->actual);
      g_autofree char *state = slip_compared_dup_state (result);

      bar->label = g_strdup (result->mapping);
      bar->expected = result->expected;
      bar->actual = result->actual;
      bar->wrong = slip_compared_count_wrong (result);
      bar->tone = slip_compared_tone (result, gone);
      /* Translators: expected rows, actual rows, what is wrong */
      bar->note = g_strdup_printf (_ ("%s expected, %s actual · %s %s"), expected, actual,
                                   gone             ? _ ("gone; it was")
                                   : bar->wrong > 0 ? "≠"
                                                    : "✓",
                                   state);
      wrong += bar->wrong > result->known;
      g_ptr_array_add (bars, bar);
    }
  summary = g_strdup_printf (_ ("Expected and actual: %u mappings, %u not as expected"), n, wrong);
  slip_bars_set_bars (view, bars, summary);
}

GtkWidget *
slip_comparison_page_new_chart (SlipMigrationData *data)
{
  GtkWidget *chart = slip_bars_new ();

  fill_bars (SLIP_BARS (chart), data);
  return chart;
}

/* Rows that are there stay, and tell when they say something else: the toolkit makes some hundred widgets anew for each
 * list that is emptied. What they said must stay until here. */
static void
fill_rows (SlipComparisonPage *self)
{
  GPtrArray *results = self->shown != NULL ? self->shown->validations : NULL;
  g_autoptr (GPtrArray) more = g_ptr_array_new_with_free_func (g_object_unref);
  guint there = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  guint n = results != NULL ? results->len : 0;
  gboolean gone = slip_migration_data_is_gone (self->shown);

  for (guint i = 0; i < n; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);
      g_autoptr (SlipCompared) row
          = i < there ? g_list_model_get_item (G_LIST_MODEL (self->rows), i) : NULL;

      if (row != NULL)
        slip_compared_put (row, result, gone);
      else
        g_ptr_array_add (more, slip_compared_new (result, gone));
    }
  g_list_store_splice (self->rows, MIN (n, there), there - MIN (n, there), more->pdata, more->len);
}

static void
show_time (SlipComparisonPage *self)
{
  gint64 now = g_get_real_time ();
  gint64 first;
  gint64 last;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  g_autofree char *read = NULL;
  g_autofree char *text = NULL;
  g_autofree char *tip = NULL;

  if (self->shown == NULL)
    return;
  slip_compared_find_times (self->shown, &first, &last);
  if (first == 0)
    return;
  from = slip_format_moment (first, now);
  to = slip_format_moment (last, now);
  read = slip_format_moment (self->shown->read, now);
  text = last - first < G_USEC_PER_SEC ? g_strdup_printf (_ ("validated %s"), to)
                                       /* Translators: two times */
                                       : g_strdup_printf (_ ("validated %s to %s"), from, to);
  tip = g_strdup_printf (_ ("The target was compared then. “Validate Again” compares it as it is "
                            "now; F5 looks for what others compared since %s"),
                         read);
  slip_migration_frame_set_time (self->frame, text, tip);
}

/* A stage is run of the latest run alone. */
static void
show_validate (SlipComparisonPage *self)
{
  gboolean busy = slip_migration_desk_is_busy (self->desk);
  gint64 latest = self->shown != NULL && self->shown->runs->len > 0
                      ? ((SlipMigrationRunStatus *)self->shown->runs->pdata[0])->run
                      : 0;
  gboolean can = latest != 0 && latest == self->shown->run;

  gtk_widget_set_sensitive (self->validate, can && !busy);
  slip_tip_set (self->validate,
                busy   ? _ ("Work goes on; it is in the activity panel too")
                : !can ? _ ("Only the latest run is validated here; of others: slipwayctl migrate "
                            "validate --run")
                       : _ ("Compares the target as it is now"));
}

static void
show_status (SlipComparisonPage *self)
{
  const char *message = slip_migration_desk_get_message (self->desk);
  gboolean compared = self->shown != NULL && self->shown->validations != NULL
                      && self->shown->validations->len > 0;
  g_autofree char *text = NULL;
  SlipTone tone;

  show_validate (self);
  if (slip_migration_desk_is_busy (self->desk))
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY,
                                     _ ("Work goes on; it is in the activity panel too"));
  else if (message != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, message);
  else if (self->shown == NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY, _ ("Reading…"));
  else if (!compared)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_NEUTRAL, _ ("Not validated"));
  else
    {
      text = slip_compared_dup_total (self->shown, &tone);
      slip_migration_frame_set_status (self->frame, tone, text);
    }
}

static void
differences_back_cb (SlipComparisonPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "all");
}

static void
trace_cb (SlipComparisonPage *self, const char *what)
{
  g_autofree char *page_id = g_strdup_printf (
      "migration-trace/%s/%s", slip_migration_desk_get_project (self->desk)->name, what);

  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
ensure_differences (SlipComparisonPage *self)
{
  if (self->differences != NULL)
    return;
  self->differences = SLIP_DIFFERENCE_VIEW (slip_difference_view_new ());
  g_signal_connect_object (self->differences, "back", G_CALLBACK (differences_back_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->differences, "trace", G_CALLBACK (trace_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->differences), "differences");
}

static gboolean
show_mapping (SlipComparisonPage *self, const char *mapping)
{
  GPtrArray *results = self->shown != NULL ? self->shown->validations : NULL;

  for (guint i = 0; results != NULL && i < results->len; i++)
    if (g_str_equal (((SlipValidationResult *)g_ptr_array_index (results, i))->mapping, mapping))
      {
        slip_slow_list_reach (G_LIST_MODEL (self->selection), i);
        gtk_single_selection_set_selected (self->selection, i);
        ensure_differences (self);
        slip_difference_view_show (self->differences, self->shown, mapping);
        gtk_stack_set_visible_child_name (self->stack, "differences");
        if (g_strcmp0 (self->open, mapping) != 0)
          {
            g_free (self->open);
            self->open = g_strdup (mapping);
          }
        return TRUE;
      }
  return FALSE;
}

static void
show_api (SlipComparisonPage *self)
{
  const SlipRunReport *report = self->shown != NULL ? self->shown->report : NULL;
  gint64 asked = report != NULL ? slip_run_report_sum (report, "api", NULL, NULL, "in") : 0;
  gint64 wrong = asked > 0 ? slip_run_report_sum (report, "api", NULL, NULL, "failed") : 0;
  g_autofree char *label
      = wrong > 0 ? g_strdup_printf (_ ("_API: %d of %d failed"), (int)wrong, (int)asked)
                  : g_strdup_printf (_ ("_API: %d as expected"), (int)asked);

  gtk_widget_set_visible (self->api, asked > 0);
  gtk_button_set_label (GTK_BUTTON (self->api), label);
}

static const SlipValidationResult *
find_result (const SlipMigrationData *data, const char *mapping)
{
  GPtrArray *results = data != NULL ? data->validations : NULL;

  for (guint i = 0; results != NULL && i < results->len; i++)
    if (g_strcmp0 (((SlipValidationResult *)g_ptr_array_index (results, i))->mapping, mapping) == 0)
      return g_ptr_array_index (results, i);
  return NULL;
}

/* Rows of a mapping that was compared anew since are not those of its bar. */
static void
show_again (SlipComparisonPage *self, const SlipMigrationData *before)
{
  const SlipValidationResult *was = find_result (before, self->open);
  const SlipValidationResult *is = find_result (self->shown, self->open);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "differences") == 0 && was != NULL
      && is != NULL && !slip_compared_is_same (was, is))
    show_mapping (self, self->open);
  else if (self->differences != NULL)
    slip_difference_view_retry (self->differences);
}

/* Those that differ come first: what was chosen may stand elsewhere now. */
static void
follow_chosen (SlipComparisonPage *self)
{
  int chosen = slip_bars_get_chosen (self->bars);

  self->settling = TRUE;
  if (chosen >= 0)
    slip_slow_list_reach (G_LIST_MODEL (self->selection), (guint)chosen);
  gtk_single_selection_set_selected (self->selection,
                                     chosen >= 0 ? (guint)chosen : GTK_INVALID_LIST_POSITION);
  self->settling = FALSE;
}

static void
update (SlipComparisonPage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  /* The rows point into it until they are brought up to date. */
  g_autoptr (SlipMigrationData) before = g_steal_pointer (&self->shown);
  gboolean compared;

  if (data != NULL)
    self->shown = slip_migration_data_ref (data);
  if (data != NULL && data->run != (before != NULL ? before->run : 0))
    gtk_stack_set_visible_child_name (self->stack, "all");
  compared = data == NULL || (data->validations != NULL && data->validations->len > 0);
  slip_migration_frame_set_empty (self->frame, compared ? NULL : _ ("Nothing compared yet"),
                                  _ ("The stage “Validate” of a run computes what should be in the "
                                     "target, and compares it with what is."));
  fill_rows (self);
  fill_bars (self->bars, self->shown);
  follow_chosen (self);
  show_time (self);
  show_status (self);
  show_api (self);
  show_again (self, before);
  gtk_widget_set_sensitive (self->csv, data != NULL && compared);
  gtk_widget_set_sensitive (self->png, data != NULL && compared);
  gtk_widget_set_sensitive (self->evidence, self->shown != NULL && self->shown->run != 0);
  if (self->wanted != NULL && show_mapping (self, self->wanted))
    g_clear_pointer (&self->wanted, g_free);
}

/* ---- what is done */

static void
row_chosen_cb (SlipComparisonPage *self)
{
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (!self->settling)
    slip_bars_choose (self->bars, selected == GTK_INVALID_LIST_POSITION ? -1 : (int)selected);
}

static void
bar_chosen_cb (SlipComparisonPage *self, int index)
{
  self->settling = TRUE;
  slip_slow_list_reach (G_LIST_MODEL (self->selection), (guint)index);
  gtk_single_selection_set_selected (self->selection, (guint)index);
  self->settling = FALSE;
}

static void
open_row (SlipComparisonPage *self, guint position)
{
  g_autoptr (SlipCompared) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

  if (row != NULL)
    show_mapping (self, slip_compared_get_result (row)->mapping);
}

static void
bar_activated_cb (SlipComparisonPage *self, int index)
{
  open_row (self, (guint)index);
}

static void
validate_cb (SlipComparisonPage *self)
{
  slip_migration_ask_stage (SLIP_PAGE (self), self->desk, "validation", self->cancellable);
}

static char *
dup_export_sql (gint64 run)
{
  return g_strdup_printf (
      "SELECT mapping, entity, expected, actual, missing, extra, differing, duplicated, known,\n"
      "  columns_compared, columns_total, independent, note\n"
      "  FROM slipway.validation WHERE run = %" G_GINT64_FORMAT "\n"
      " ORDER BY missing + extra + differing + duplicated > known DESC, mapping",
      run);
}

static void
csv_cb (SlipComparisonPage *self)
{
  g_autofree char *sql
      = self->shown != NULL && self->shown->run != 0 ? dup_export_sql (self->shown->run) : NULL;

  if (sql != NULL)
    slip_migration_export_query (GTK_WIDGET (self), _ ("Export the comparison"), "comparison.csv",
                                 self->shown->project->migration_db, sql);
}

static void
evidence_cb (SlipComparisonPage *self)
{
  slip_migration_evidence_ask (GTK_WIDGET (self), self->desk);
}

static void
png_cb (SlipComparisonPage *self)
{
  g_autofree char *heading = slip_migration_dup_heading (self->shown);

  if (heading != NULL)
    slip_migration_export_chart (GTK_WIDGET (self), _ ("Save the picture"), "comparison.png",
                                 slip_comparison_page_new_chart (self->shown), heading);
}

/* ---- the page */

static void
slip_comparison_page_refresh (SlipPage *page)
{
  slip_migration_desk_load (SLIP_COMPARISON_PAGE (page)->desk);
}

static gboolean
slip_comparison_page_escape (SlipPage *page)
{
  SlipComparisonPage *self = SLIP_COMPARISON_PAGE (page);

  if (slip_migration_frame_escape (self->frame))
    return TRUE;
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "differences") != 0)
    return FALSE;
  differences_back_cb (self);
  return TRUE;
}

static void
slip_comparison_page_reveal (SlipPage *page, const char *item)
{
  SlipComparisonPage *self = SLIP_COMPARISON_PAGE (page);

  if (show_mapping (self, item))
    return;
  g_free (self->wanted);
  self->wanted = g_strdup (item);
}

static void
slip_comparison_page_dispose (GObject *object)
{
  SlipComparisonPage *self = SLIP_COMPARISON_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  g_clear_object (&self->desk);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_comparison_page_parent_class)->dispose (object);
}

static void
slip_comparison_page_finalize (GObject *object)
{
  SlipComparisonPage *self = SLIP_COMPARISON_PAGE (object);

  g_free (self->wanted);
  g_free (self->open);
  G_OBJECT_CLASS (slip_comparison_page_parent_class)->finalize (object);
}

static void
slip_comparison_page_class_init (SlipComparisonPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_comparison_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_comparison_page_finalize;
  SLIP_PAGE_CLASS (klass)->refresh = slip_comparison_page_refresh;
  SLIP_PAGE_CLASS (klass)->escape = slip_comparison_page_escape;
  SLIP_PAGE_CLASS (klass)->reveal = slip_comparison_page_reveal;
}

static void
slip_comparison_page_init (SlipComparisonPage *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_list_store_new (SLIP_TYPE_COMPARED);
  self->selection
      = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (g_object_ref (self->rows))));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (row_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  self->bars = SLIP_BARS (slip_bars_new ());
  g_signal_connect_object (self->bars, "chosen", G_CALLBACK (bar_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "activated", G_CALLBACK (bar_activated_cb), self,
                           G_CONNECT_SWAPPED);
  self->view = slip_columns_new_view (GTK_SELECTION_MODEL (g_object_ref (self->selection)),
                                      _ ("Expected and actual by mapping"));
  slip_columns_add (self->view, slip_compared_columns, SLIP_COMPARED_N_COLUMNS);
  slip_column_room_add (self->view, 180);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (open_row), self, G_CONNECT_SWAPPED);
}

static GtkWidget *
new_content (SlipComparisonPage *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *above = gtk_scrolled_window_new ();
  GtkWidget *below = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (above), GTK_WIDGET (self->bars));
  /* The bars bring a line into sight by themselves; all of them would be their beginning. */
  gtk_viewport_set_scroll_to_focus (
      GTK_VIEWPORT (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (above))), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (below), GTK_WIDGET (self->view));
  gtk_paned_set_start_child (GTK_PANED (paned), above);
  gtk_paned_set_end_child (GTK_PANED (paned), below);
  gtk_paned_set_position (GTK_PANED (paned), 300);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, paned, "all");
  return GTK_WIDGET (self->stack);
}

SlipPage *
slip_comparison_page_new (SlipWorkbench *workbench, const char *name)
{
  SlipMigrationDesk *desk = slip_migration_desk_get (workbench, name);
  SlipComparisonPage *self;

  if (desk == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_COMPARISON_PAGE, NULL);
  self->desk = g_object_ref (desk);
  self->frame = slip_migration_frame_new (SLIP_PAGE (self), desk, _ ("Comparison"), TRUE,
                                          new_content (self));
  self->api = slip_migration_frame_add_button (
      self->frame, "", G_CALLBACK (slip_migration_frame_show_checks), self->frame);
  self->csv = slip_migration_frame_add_button (self->frame, _ ("_CSV…"), G_CALLBACK (csv_cb), self);
  self->png = slip_migration_frame_add_button (self->frame, _ ("_PNG…"), G_CALLBACK (png_cb), self);
  self->evidence = slip_migration_frame_add_button (self->frame, _ ("_Evidence…"),
                                                    G_CALLBACK (evidence_cb), self);
  slip_tip_set (self->evidence, _ ("All that is told of the run, in one folder"));
  self->validate = slip_migration_frame_add_button (self->frame, _ ("_Validate Again…"),
                                                    G_CALLBACK (validate_cb), self);
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->frame, "progress", G_CALLBACK (show_status), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}
