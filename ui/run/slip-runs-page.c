/* SPDX-License-Identifier: MIT */

/* The list of runs. Read from the ledger on a worker whenever the ledger has grown, at most a few
 * times a second. */

#include "config.h"

#include "slip-runs-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-format.h"
#include "slip-run-row.h"
#include "slip-run-text.h"

/* The state, and what a title takes beyond its column's least width. */
#define STATE_AND_TITLE 320

struct _SlipRunsPage
{
  SlipPage parent_instance;

  GtkSearchEntry *search;
  GtkStack *stack;
  GtkColumnView *view;
  SlipStatus *status;

  SlipWorkbench *workbench; /* owned */
  SlipRunList *runs;        /* owned */
  GtkFilter *filter;        /* owned */
  char *text;
};

G_DEFINE_FINAL_TYPE (SlipRunsPage, slip_runs_page, SLIP_TYPE_PAGE)

static const SlipRunSummary *
get (gpointer item)
{
  return slip_run_row_get_summary (item);
}

static char *
text_state (gpointer item)
{
  return g_strdup (slip_run_state_title (get (item)->state));
}

static SlipTone
tone_state (gpointer item)
{
  return slip_run_state_tone (get (item)->state);
}

static char *
text_title (gpointer item)
{
  return g_strdup (get (item)->title);
}

static char *
text_environment (gpointer item)
{
  return g_strdup (get (item)->environment);
}

static char *
text_steps (gpointer item)
{
  return g_strdup_printf (_ ("%u of %u"), get (item)->steps_done, get (item)->steps);
}

static char *
text_planned (gpointer item)
{
  return slip_format_time (get (item)->planned);
}

static char *
text_message (gpointer item)
{
  const SlipRunSummary *summary = get (item);

  return g_strdup (summary->message != NULL ? summary->message : summary->actor);
}

static int
compare_state (gpointer a, gpointer b)
{
  return (int)get (a)->state - (int)get (b)->state;
}

static int
compare_title (gpointer a, gpointer b)
{
  return g_strcmp0 (get (a)->title, get (b)->title);
}

static int
compare_environment (gpointer a, gpointer b)
{
  return g_strcmp0 (get (a)->environment, get (b)->environment);
}

static int
compare_planned (gpointer a, gpointer b)
{
  return get (a)->planned < get (b)->planned ? -1 : get (a)->planned > get (b)->planned;
}

static const SlipColumn columns[] = {
    {N_ ("State"), FALSE, 12, FALSE, text_state, tone_state, compare_state},
    {N_ ("Runbook"), TRUE, 22, FALSE, text_title, NULL, compare_title},
    {N_ ("Environment"), FALSE, 11, FALSE, text_environment, NULL, compare_environment},
    {N_ ("Steps"), FALSE, 8, TRUE, text_steps, NULL, NULL},
    {N_ ("Planned"), FALSE, 22, FALSE, text_planned, NULL, compare_planned},
    {N_ ("By, or why it waits"), TRUE, 14, FALSE, text_message, NULL, NULL},
};

static gboolean
has_text (const char *haystack, const char *needle)
{
  return haystack != NULL && strcasestr (haystack, needle) != NULL;
}

static gboolean
match_cb (gpointer item, gpointer data)
{
  SlipRunsPage *self = data;
  const SlipRunSummary *summary = get (item);

  if (self->text == NULL || self->text[0] == '\0')
    return TRUE;
  return has_text (summary->title, self->text) || has_text (summary->environment, self->text)
         || has_text (summary->id, self->text)
         || has_text (slip_run_state_title (summary->state), self->text)
         || has_text (summary->actor, self->text);
}

static void
loaded_cb (SlipRunsPage *self)
{
  guint waiting = 0;
  guint n = slip_run_list_count (self->runs, &waiting, NULL);
  const char *message = slip_run_list_get_message (self->runs);
  g_autofree char *text = NULL;

  if (message != NULL)
    {
      slip_status_set (self->status, SLIP_TONE_BAD, message);
      return;
    }
  if (waiting > 0)
    text = g_strdup_printf (ngettext ("%u run needs you", "%u runs need you", waiting), waiting);
  else
    text = g_strdup_printf (ngettext ("%u run", "%u runs", n), n);
  slip_status_set (self->status, waiting > 0 ? SLIP_TONE_WARNING : SLIP_TONE_NEUTRAL, text);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "empty");
}

static void
search_changed_cb (SlipRunsPage *self)
{
  g_free (self->text);
  self->text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
activate_cb (SlipRunsPage *self, guint position)
{
  g_autoptr (SlipRunRow) row
      = g_list_model_get_item (G_LIST_MODEL (gtk_column_view_get_model (self->view)), position);
  g_autofree char *page_id = NULL;

  if (row == NULL)
    return;
  page_id = g_strdup_printf ("run/%s", get (row)->id);
  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
slip_runs_page_refresh (SlipPage *page)
{
  slip_run_list_load_soon (SLIP_RUNS_PAGE (page)->runs);
}

static void
slip_runs_page_start_filter (SlipPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (SLIP_RUNS_PAGE (page)->search));
}

static void
slip_runs_page_dispose (GObject *object)
{
  SlipRunsPage *self = SLIP_RUNS_PAGE (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_object (&self->filter);
  g_clear_object (&self->runs);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_RUNS_PAGE);
  G_OBJECT_CLASS (slip_runs_page_parent_class)->dispose (object);
}

static void
slip_runs_page_finalize (GObject *object)
{
  g_free (SLIP_RUNS_PAGE (object)->text);
  G_OBJECT_CLASS (slip_runs_page_parent_class)->finalize (object);
}

static void
slip_runs_page_class_init (SlipRunsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_runs_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_runs_page_finalize;
  SLIP_PAGE_CLASS (klass)->refresh = slip_runs_page_refresh;
  SLIP_PAGE_CLASS (klass)->start_filter = slip_runs_page_start_filter;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/run/slip-runs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipRunsPage, search);
  gtk_widget_class_bind_template_child (widget_class, SlipRunsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipRunsPage, view);
  gtk_widget_class_bind_template_child (widget_class, SlipRunsPage, status);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
slip_runs_page_init (SlipRunsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = GTK_FILTER (gtk_custom_filter_new (match_cb, self, NULL));
  slip_columns_add (self->view, columns, G_N_ELEMENTS (columns));
  slip_column_room_add (self->view, STATE_AND_TITLE);
  slip_status_set_lines (self->status, 20, 3);
}

SlipPage *
slip_runs_page_new (SlipWorkbench *workbench)
{
  SlipRunsPage *self = g_object_new (SLIP_TYPE_RUNS_PAGE, NULL);
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);
  g_autoptr (GtkSingleSelection) selection = NULL;
  GtkFilterListModel *filtered;

  self->workbench = g_object_ref (workbench);
  self->runs = g_object_ref (slip_workbench_get_runs (workbench));
  filtered = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->runs)),
                                        g_object_ref (self->filter));
  selection = gtk_single_selection_new (
      G_LIST_MODEL (gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (sorter))));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (self->runs, "loaded", G_CALLBACK (loaded_cb), self, G_CONNECT_SWAPPED);
  loaded_cb (self);
  return SLIP_PAGE (self);
}
