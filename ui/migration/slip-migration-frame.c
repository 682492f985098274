/* SPDX-License-Identifier: MIT */

/* The bar, the run's choice, the state line and the rows that all pages of a migration share. */

#include "config.h"

#include "slip-migration-frame.h"

#include <glib/gi18n.h>

#include "slip-drop-texts.h"
#include "slip-format.h"
#include "slip-landed-lines.h"
#include "slip-plain.h"
#include "slip-stage-tree.h"
#include "slip-state-bar.h"
#include "slip-tip.h"

struct _SlipMigrationFrame
{
  AdwBin parent_instance;

  SlipPage *page;          /* borrowed: it owns the frame */
  SlipMigrationDesk *desk; /* owned */
  GtkBox *bar;
  GtkDropDown *runs; /* NULL on pages that are not about a run */
  GtkStack *stack;
  GtkWidget *content; /* what the page is for; visible from its second frame */
  AdwStatusPage *empty;
  SlipRowsView *rows;   /* NULL until some are shown */
  SlipRowsView *checks; /* the same */
  SlipStatus *status;
  GtkLabel *as_of;
  guint frames; /* until the content is shown */
  gboolean settling;
  gboolean stale;  /* there is other data since the page was seen */
  gboolean behind; /* there is progress since */
};

G_DEFINE_FINAL_TYPE (SlipMigrationFrame, slip_migration_frame, ADW_TYPE_BIN)

static guint signal_update;
static guint signal_progress;

/* ---- runs */

static char *
dup_run (const SlipMigrationRunStatus *run)
{
  g_autofree char *state = slip_run_dup_state (run, NULL);

  /* Translators: a run's number, the date that it takes for today, its state */
  return g_strdup_printf (_ ("Run %d · %s · %s"), (int)run->run, run->run_date, state);
}

static void
show_runs (SlipMigrationFrame *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  guint selected = GTK_INVALID_LIST_POSITION;
  guint n = data != NULL ? data->runs->len : 0;

  if (self->runs == NULL)
    return;
  for (guint i = 0; i < n; i++)
    {
      const SlipMigrationRunStatus *run = g_ptr_array_index (data->runs, i);
      g_autofree char *text = dup_run (run);

      gtk_string_list_append (texts, text);
      if (run->run == data->run)
        selected = i;
    }
  self->settling = TRUE;
  slip_drop_texts_put (self->runs, texts, selected);
  self->settling = FALSE;
  slip_tip_set (GTK_WIDGET (self->runs), selected != GTK_INVALID_LIST_POSITION
                                             ? gtk_string_list_get_string (texts, selected)
                                             : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->runs), n > 0);
}

static void
run_chosen_cb (SlipMigrationFrame *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  guint selected = gtk_drop_down_get_selected (self->runs);

  if (self->settling || data == NULL || selected >= data->runs->len)
    return;
  slip_migration_desk_show_run (
      self->desk, ((SlipMigrationRunStatus *)g_ptr_array_index (data->runs, selected))->run);
}

/* ---- other data */

/* How old what is shown may be stands there always: commands change it too. */
static void
show_time (SlipMigrationFrame *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autofree char *text = slip_state_bar_dup_time (data != NULL ? data->read : 0);

  slip_migration_frame_set_time (self, text, _ ("F5 reads anew"));
}

/* A page that nobody sees is brought up to date when it is shown: five at once would hold up the window. */
static void
changed_cb (SlipMigrationFrame *self)
{
  self->stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->stale)
    return;
  show_runs (self);
  show_time (self);
  if (self->rows != NULL)
    slip_rows_view_retry (self->rows);
  if (self->checks != NULL)
    slip_rows_view_retry (self->checks);
  g_signal_emit (self, signal_update, 0);
}

static void
progress_cb (SlipMigrationFrame *self)
{
  self->behind = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (!self->behind)
    g_signal_emit (self, signal_progress, 0);
}

/* The first frame has the bar, the second one what stands below: both in one would hold up the window. */
static gboolean
show_content_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SlipMigrationFrame *self = SLIP_MIGRATION_FRAME (widget);

  if (self->frames++ == 0)
    return G_SOURCE_CONTINUE;
  gtk_widget_set_visible (self->content, TRUE);
  return G_SOURCE_REMOVE;
}

static void
map_cb (SlipMigrationFrame *self)
{
  if (self->frames == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), show_content_cb, NULL, NULL);
  slip_migration_desk_freshen (self->desk);
  if (self->stale)
    changed_cb (self);
  if (self->behind)
    progress_cb (self);
}

/* ---- rows */

static void
trace_cb (SlipMigrationFrame *self, const char *what)
{
  g_autofree char *page_id = g_strdup_printf (
      "migration-trace/%s/%s", slip_migration_desk_get_project (self->desk)->name, what);

  slip_page_open (self->page, page_id);
}

static gboolean
is_below (SlipMigrationFrame *self)
{
  const char *shown = gtk_stack_get_visible_child_name (self->stack);

  return g_strcmp0 (shown, "rows") == 0 || g_strcmp0 (shown, "checks") == 0;
}

gboolean
slip_migration_frame_escape (SlipMigrationFrame *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_FRAME (self), FALSE);
  if (!is_below (self))
    return FALSE;
  gtk_stack_set_visible_child_name (self->stack, "content");
  return TRUE;
}

static void
back_cb (SlipMigrationFrame *self)
{
  slip_migration_frame_escape (self);
}

/* Most pages are never asked for them, and all would pay for it when they are shown for the first time. */
static SlipRowsView *
add_below (SlipMigrationFrame *self, GtkWidget *view, const char *name)
{
  g_signal_connect_object (view, "back", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "trace", G_CALLBACK (trace_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->stack, view, name);
  return SLIP_ROWS_VIEW (view);
}

void
slip_migration_frame_show_rows (SlipMigrationFrame *self, const char *title, const char *sql)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autofree char *lines = NULL;

  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self));

  if (self->rows == NULL)
    self->rows = add_below (self, slip_rows_view_new (), "rows");
  if (data != NULL && data->has_lines)
    lines = slip_landed_lines_dup_rows (data->migration);
  slip_rows_view_show (self->rows, title,
                       slip_migration_desk_get_project (self->desk)->migration_db, sql, lines);
  gtk_stack_set_visible_child_name (self->stack, "rows");
}

gboolean
slip_migration_frame_show_checks (SlipMigrationFrame *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autofree char *sql = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION_FRAME (self), FALSE);

  if (data == NULL || data->report == NULL
      || slip_run_report_sum (data->report, "api", NULL, NULL, "in") == 0)
    return FALSE;
  if (self->checks == NULL)
    self->checks = add_below (self, slip_rows_view_new_for_checks (), "checks");
  sql = slip_rows_view_dup_checks_sql (data->run);
  slip_rows_view_show (self->checks, _ ("The new system's API: expected and actual"),
                       data->project->migration_db, sql, NULL);
  gtk_stack_set_visible_child_name (self->stack, "checks");
  return TRUE;
}

void
slip_migration_frame_show_measure (SlipMigrationFrame *self, const SlipMeasure *measure)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autofree char *sql = NULL;
  g_autofree char *what = NULL;
  g_autofree char *title = NULL;

  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self));

  if (measure == NULL || data == NULL || data->migration == NULL)
    return;
  if (g_strcmp0 (measure->stage, "api") == 0)
    {
      slip_migration_frame_show_checks (self);
      return;
    }
  sql = slip_report_dup_rows_sql (data->migration, data->run, measure);
  if (sql == NULL)
    return;
  what = slip_measure_dup_title (measure);
  title = g_strdup_printf ("%s: %s", measure->step != NULL ? measure->step : measure->entity, what);
  slip_migration_frame_show_rows (self, title, sql);
}

SlipRowsView *
slip_migration_frame_get_rows (SlipMigrationFrame *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_FRAME (self), NULL);
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "rows") == 0 ? self->rows
                                                                                 : NULL;
}

/* ---- the rest */

void
slip_migration_frame_add (SlipMigrationFrame *self, GtkWidget *widget)
{
  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self));
  gtk_box_append (self->bar, widget);
}

GtkWidget *
slip_migration_frame_add_button (SlipMigrationFrame *self,
                                 const char *label,
                                 GCallback callback,
                                 gpointer data)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_return_val_if_fail (SLIP_IS_MIGRATION_FRAME (self), NULL);
  g_signal_connect_object (button, "clicked", callback, data, G_CONNECT_SWAPPED);
  gtk_box_append (self->bar, button);
  return button;
}

static gboolean
is_unread (SlipMigrationFrame *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);

  return slip_migration_desk_get_message (self->desk) != NULL
         && !slip_migration_desk_is_busy (self->desk) && (data == NULL || data->run == 0);
}

void
slip_migration_frame_set_empty (SlipMigrationFrame *self,
                                const char *title,
                                const char *description)
{
  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self));

  if (is_unread (self))
    {
      title = _ ("The runs cannot be read now");
      description = slip_migration_desk_get_message (self->desk);
    }
  if (title == NULL)
    {
      if (!is_below (self))
        gtk_stack_set_visible_child_name (self->stack, "content");
      return;
    }
  adw_status_page_set_title (self->empty, title);
  slip_plain_set_description (self->empty, description);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

void
slip_migration_frame_set_status (SlipMigrationFrame *self, SlipTone tone, const char *text)
{
  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self));
  slip_status_set (self->status, tone, text);
  slip_tip_set (GTK_WIDGET (self->status), text);
}

void
slip_migration_frame_set_time (SlipMigrationFrame *self, const char *text, const char *tip)
{
  g_return_if_fail (SLIP_IS_MIGRATION_FRAME (self) && text != NULL);
  gtk_label_set_label (self->as_of, text);
  slip_tip_set (GTK_WIDGET (self->as_of), tip);
}

static void
slip_migration_frame_dispose (GObject *object)
{
  SlipMigrationFrame *self = SLIP_MIGRATION_FRAME (object);

  g_clear_object (&self->desk);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_migration_frame_parent_class)->dispose (object);
}

static void
slip_migration_frame_class_init (SlipMigrationFrameClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_migration_frame_dispose;
  signal_update = g_signal_new ("update", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  signal_progress = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_migration_frame_init (SlipMigrationFrame *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->bar = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  gtk_widget_add_css_class (GTK_WIDGET (self->bar), "page-bar");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  self->empty = ADW_STATUS_PAGE (adw_status_page_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->empty), "compact");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->empty), "empty");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (box), slip_state_bar_new (&self->status, &self->as_of));
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
add_runs (SlipMigrationFrame *self)
{
  self->runs = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->runs), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Run"), -1);
  /* What it came to stands last. */
  slip_drop_texts_let_shrink (self->runs, -1, PANGO_ELLIPSIZE_MIDDLE);
  gtk_box_append (self->bar, GTK_WIDGET (self->runs));
  g_signal_connect_object (self->runs, "notify::selected", G_CALLBACK (run_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  show_runs (self);
}

SlipMigrationFrame *
slip_migration_frame_new (SlipPage *page,
                          SlipMigrationDesk *desk,
                          const char *title,
                          gboolean with_runs,
                          GtkWidget *content)
{
  SlipMigrationFrame *self = g_object_new (SLIP_TYPE_MIGRATION_FRAME, NULL);
  SlipMigrationProject *project = slip_migration_desk_get_project (desk);
  GtkWidget *label = gtk_label_new (title);
  GtkWidget *holder = adw_bin_new (); /* a stack would not show what is not visible yet */
  g_autofree char *whole = g_strdup_printf ("%s – %s", project->title, title);

  self->page = page;
  self->desk = g_object_ref (desk);
  gtk_widget_add_css_class (label, "title-4");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 5);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (self->bar, label);
  self->content = content;
  gtk_widget_set_visible (content, FALSE);
  adw_bin_set_child (ADW_BIN (holder), content);
  gtk_stack_add_named (self->stack, holder, "content");
  gtk_stack_set_visible_child_name (self->stack, "content");
  if (with_runs)
    add_runs (self);
  slip_page_set_title (page, whole);
  slip_page_set_subtitle (page, project->definitions);
  slip_page_set_environment_name (page, project->environment);
  adw_bin_set_child (ADW_BIN (page), GTK_WIDGET (self));
  g_signal_connect_object (desk, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_after (self, "map", G_CALLBACK (map_cb), NULL);
  show_time (self);
  return self;
}
