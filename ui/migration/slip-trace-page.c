/* SPDX-License-Identifier: MIT */

/* Trace a record. The way is app/migration's, read on a worker; here it is asked for, shown and exported. */

#include "config.h"

#include "slip-trace-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-drop-texts.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-migration-export.h"
#include "slip-migration-frame.h"
#include "slip-slow-list.h"
#include "slip-stage-tree.h"
#include "slip-table-picture.h"
#include "slip-task.h"
#include "slip-tip.h"
#include "slip-trace-rows.h"

struct _SlipTracePage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  GtkDropDown *table;
  GtkEntry *line;
  GtkStack *stack;
  GtkColumnView *places_view;
  GtkColumnView *cells_view;
  GtkLabel *where;
  GListStore *places;            /* owned; element-type SlipTracePlace */
  GListStore *cells;             /* owned; element-type SlipTraceCell */
  GtkSingleSelection *selection; /* owned */
  SlipTrace *trace;              /* owned, nullable */
  SlipMigrationData *shown;      /* owned, nullable */
  char *wanted;                  /* TABLE:ROW-ID to trace once the migration is read */
  char *message;
  gint64 traced; /* when the way, or why there is none, was read */
  gboolean busy;
  GtkWidget *exports[3];
};

G_DEFINE_FINAL_TYPE (SlipTracePage, slip_trace_page, SLIP_TYPE_PAGE)

/* ---- the row of a place */

static void
place_chosen_cb (SlipTracePage *self)
{
  SlipTracePlace *place = gtk_single_selection_get_selected_item (self->selection);
  /* A place of the trace before lingers for some turns. */
  const SlipTraceStep *step
      = place != NULL && self->trace != NULL ? slip_trace_place_get_step (place) : NULL;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *row;
  g_autoptr (GList) names = NULL;

  gtk_label_set_label (self->where, step != NULL ? step->what : "");
  if (step != NULL && step->values != NULL && self->shown != NULL)
    node = slip_json_parse (step->values, -1, NULL);
  row = slip_json_node_object (node);
  names = row != NULL ? json_object_get_members (row) : NULL;
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_str_has_prefix (l->data, "casrec_details"))
      g_ptr_array_add (cells, slip_trace_cell_new (self->shown->migration, step, l->data,
                                                   json_object_get_member (row, l->data)));
  g_list_store_splice (self->cells, 0, g_list_model_get_n_items (G_LIST_MODEL (self->cells)),
                       cells->pdata, cells->len);
}

/* ---- tracing */

typedef struct
{
  SlipMigrationData *data;
  char *table; /* or, with @key, a mapping */
  char *key;   /* nullable; of a row of the target */
  gint64 row;
  gint64 line;
  SlipTrace *trace;
} Follow;

static void
follow_free (gpointer memory)
{
  Follow *follow = memory;

  slip_migration_data_unref (follow->data);
  g_clear_pointer (&follow->trace, slip_trace_free);
  g_free (follow->table);
  g_free (follow->key);
  g_free (follow);
}

/* From the target back to the record, where the run made the row. */
static gboolean
find_record (Follow *follow, SlipPg *pg, GError **error)
{
  g_autofree char *mapping = g_steal_pointer (&follow->table);

  follow->table = slip_trace_find_key (follow->data->migration, follow->data->run, pg, mapping,
                                       follow->key, &follow->row, error);
  return follow->table != NULL;
}

static gboolean
do_follow (SlipJob *job, gpointer memory, GError **error)
{
  Follow *follow = memory;
  const SlipMigrationProject *project = follow->data->project;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (SlipPg) pg
      = slip_pg_open (project->migration_db, "migration database", cancellable, error);
  g_autoptr (SlipPg) target
      = pg != NULL ? slip_pg_open (project->target_db, "target database", cancellable, error)
                   : NULL;

  if (target == NULL)
    return FALSE;
  if (follow->key != NULL && !find_record (follow, pg, error))
    return FALSE;
  if (follow->row == 0
      && !slip_trace_find_line (follow->data->migration, pg, follow->table, NULL, follow->line,
                                &follow->row, error))
    return FALSE;
  follow->trace = slip_trace_read (follow->data->migration, follow->data->run, pg, target,
                                   follow->table, follow->row, error);
  return follow->trace != NULL;
}

static char *
dup_title (const SlipTrace *trace)
{
  return g_strdup_printf (_ ("%s, record %d, line %d: %u places"), trace->file, (int)trace->record,
                          (int)trace->line, trace->steps->len);
}

/* It is of when it was read, and not of when the run's numbers were. */
static void
show_time (SlipTracePage *self)
{
  g_autofree char *time = slip_format_moment (self->traced, g_get_real_time ());
  g_autofree char *text = g_strdup_printf (_ ("as of %s"), time);

  if (self->trace != NULL || self->message != NULL)
    slip_migration_frame_set_time (self->frame, text, _ ("Trace reads anew"));
}

static void
show_status (SlipTracePage *self)
{
  const char *unread = slip_migration_desk_get_message (self->desk);
  g_autofree char *text = NULL;

  if (self->busy)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY, _ ("Tracing…"));
  else if (self->message != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, self->message);
  else if (self->trace == NULL && unread != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, unread);
  else if (self->trace == NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_NEUTRAL, _ ("No record chosen"));
  else
    {
      text = dup_title (self->trace);
      slip_migration_frame_set_status (self->frame, SLIP_TONE_GOOD, text);
    }
  show_time (self);
}

static void
show_trace (SlipTracePage *self)
{
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; self->trace != NULL && i < self->trace->steps->len; i++)
    g_ptr_array_add (places, slip_trace_place_new (self->trace, i));
  g_list_store_splice (self->places, 0, 0, places->pdata, places->len);
  gtk_stack_set_visible_child_name (self->stack, self->trace != NULL ? "way" : "none");
  for (guint i = 0; i < G_N_ELEMENTS (self->exports); i++)
    if (self->exports[i] != NULL)
      gtk_widget_set_sensitive (self->exports[i], self->trace != NULL);
  show_status (self);
}

/* The bar says what is traced, also when that was asked for elsewhere. */
static void
show_asked (SlipTracePage *self)
{
  GListModel *tables = gtk_drop_down_get_model (self->table);
  g_autofree char *line = NULL;

  if (self->trace == NULL)
    return;
  line = g_strdup_printf ("%" G_GINT64_FORMAT, self->trace->line);
  gtk_editable_set_text (GTK_EDITABLE (self->line), line);
  for (guint i = 0; tables != NULL && i < g_list_model_get_n_items (tables); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (tables), i), self->trace->table))
      gtk_drop_down_set_selected (self->table, i);
}

static void
drop_trace (SlipTracePage *self)
{
  g_list_store_remove_all (self->places);
  g_list_store_remove_all (self->cells);
  g_clear_pointer (&self->trace, slip_trace_free);
  g_clear_pointer (&self->message, g_free);
}

static void
followed_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipTracePage *self = owner;
  Follow *follow = memory;

  self->busy = FALSE;
  self->traced = g_get_real_time ();
  drop_trace (self);
  if (error != NULL)
    self->message = g_strdup (error->message);
  self->trace = g_steal_pointer (&follow->trace);
  show_asked (self);
  show_trace (self);
}

static void
follow (SlipTracePage *self, const char *table, const char *key, gint64 row, gint64 line)
{
  Follow *work;
  g_autoptr (SlipJob) job = NULL;

  if (self->busy || self->shown == NULL)
    return;
  self->busy = TRUE;
  drop_trace (self);
  show_trace (self);
  work = g_new0 (Follow, 1);
  work->data = slip_migration_data_ref (self->shown);
  work->table = g_strdup (table);
  work->key = g_strdup (key);
  work->row = row;
  work->line = line;
  job = slip_task_run (self, slip_pool_get_io (), _ ("Tracing a record"), do_follow, followed_cb,
                       work, follow_free);
}

static void
follow_item (SlipTracePage *self, const char *item)
{
  gboolean in_target = strchr (item, '#') != NULL;
  g_auto (GStrv) parts = g_strsplit (item, in_target ? "#" : ":", 2);
  gint64 row = !in_target && parts[0] != NULL && parts[1] != NULL
                   ? g_ascii_strtoll (parts[1], NULL, 10)
                   : 0;

  if (in_target || row > 0)
    follow (self, parts[0], in_target ? parts[1] : NULL, row, 0);
}

static void
trace_cb (SlipTracePage *self)
{
  GtkStringObject *table = gtk_drop_down_get_selected_item (self->table);
  gint64 line = g_ascii_strtoll (gtk_editable_get_text (GTK_EDITABLE (self->line)), NULL, 10);

  if (table == NULL)
    return;
  if (line < 2)
    {
      slip_migration_frame_set_status (self->frame, SLIP_TONE_WARNING,
                                       _ ("Give a line of the file: a number from 2, as line 1 is "
                                          "the header"));
      gtk_widget_grab_focus (GTK_WIDGET (self->line));
      return;
    }
  follow (self, gtk_string_object_get_string (table), NULL, 0, line);
}

static void
json_cb (SlipTracePage *self)
{
  g_autoptr (JsonNode) node = self->trace != NULL ? slip_trace_to_json (self->trace) : NULL;
  g_autofree char *text = node != NULL ? slip_json_to_text (node, TRUE) : NULL;

  if (text != NULL)
    slip_migration_export_text (GTK_WIDGET (self), _ ("Export the way of the record"), "trace.json",
                                text);
}

static void
csv_cb (SlipTracePage *self)
{
  g_autofree char *csv = self->trace != NULL && self->shown != NULL
                             ? slip_trace_to_csv (self->trace, self->shown->migration)
                             : NULL;

  if (csv != NULL)
    slip_migration_export_text (GTK_WIDGET (self), _ ("Export the way of the record"), "trace.csv",
                                csv);
}

static void
png_cb (SlipTracePage *self)
{
  SlipTracePlace *place = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *title = self->trace != NULL ? dup_title (self->trace) : NULL;
  GtkWidget *picture;

  if (title == NULL)
    return;
  picture = slip_table_picture_new (title);
  slip_table_picture_add_model (SLIP_TABLE_PICTURE (picture), NULL, G_LIST_MODEL (self->places),
                                slip_trace_place_columns, SLIP_TRACE_N_PLACE_COLUMNS);
  if (place != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->cells)) > 0)
    {
      const SlipTraceStep *step = slip_trace_place_get_step (place);
      g_autofree char *where = g_strdup_printf ("%s: %s", step->table, step->what);

      slip_table_picture_add_model (SLIP_TABLE_PICTURE (picture), where, G_LIST_MODEL (self->cells),
                                    slip_trace_cell_columns, SLIP_TRACE_N_CELL_COLUMNS);
    }
  slip_migration_export_drawing (GTK_WIDGET (self), _ ("Save the picture"), "trace.png", picture);
}

/* ---- the migration */

static void
show_tables (SlipTracePage *self)
{
  guint selected = gtk_drop_down_get_selected (self->table);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  GPtrArray *measures
      = self->shown != NULL && self->shown->report != NULL ? self->shown->report->measures : NULL;

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);

      if (g_str_equal (measure->stage, "load") && g_str_equal (measure->kind, "out")
          && measure->step == NULL)
        gtk_string_list_append (names, measure->entity);
    }
  slip_drop_texts_put (self->table, names, selected != GTK_INVALID_LIST_POSITION ? selected : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->table),
                          g_list_model_get_n_items (G_LIST_MODEL (names)) > 0);
}

static void
update (SlipTracePage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autofree char *wanted = NULL;

  if (data != NULL && self->shown != NULL && data->run == self->shown->run)
    {
      show_status (self); /* what is traced stays */
      return;
    }
  drop_trace (self);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  if (data != NULL)
    self->shown = slip_migration_data_ref (data);
  show_tables (self);
  show_trace (self);
  wanted = self->shown != NULL ? g_steal_pointer (&self->wanted) : NULL;
  if (wanted != NULL)
    follow_item (self, wanted);
}

/* ---- the page */

static void
slip_trace_page_reveal (SlipPage *page, const char *item)
{
  SlipTracePage *self = SLIP_TRACE_PAGE (page);

  if (self->shown != NULL)
    {
      follow_item (self, item);
      return;
    }
  g_free (self->wanted);
  self->wanted = g_strdup (item);
}

static void
slip_trace_page_start_filter (SlipPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (SLIP_TRACE_PAGE (page)->line));
}

static void
slip_trace_page_dispose (GObject *object)
{
  SlipTracePage *self = SLIP_TRACE_PAGE (object);

  if (self->places_view != NULL)
    {
      gtk_column_view_set_model (self->places_view, NULL);
      gtk_column_view_set_model (self->cells_view, NULL);
    }
  self->places_view = NULL;
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->places);
  g_clear_object (&self->cells);
  g_clear_pointer (&self->trace, slip_trace_free);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  g_clear_object (&self->desk);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_trace_page_parent_class)->dispose (object);
}

static void
slip_trace_page_finalize (GObject *object)
{
  g_free (SLIP_TRACE_PAGE (object)->wanted);
  g_free (SLIP_TRACE_PAGE (object)->message);
  G_OBJECT_CLASS (slip_trace_page_parent_class)->finalize (object);
}

static void
slip_trace_page_class_init (SlipTracePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_trace_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_trace_page_finalize;
  SLIP_PAGE_CLASS (klass)->reveal = slip_trace_page_reveal;
  SLIP_PAGE_CLASS (klass)->start_filter = slip_trace_page_start_filter;
}

static GtkWidget *
new_table (GtkColumnView **view,
           GtkSelectionModel *model,
           const SlipColumn *columns,
           guint n_columns,
           const char *name)
{
  *view = slip_columns_new_view (model, name);
  slip_columns_add (*view, columns, n_columns);
  return slip_columns_new_scroller (*view);
}

static void
slip_trace_page_init (SlipTracePage *self)
{
  self->places = g_list_store_new (SLIP_TYPE_TRACE_PLACE);
  self->cells = g_list_store_new (SLIP_TYPE_TRACE_CELL);
  self->selection = gtk_single_selection_new (
      slip_slow_list_new_lingering (G_LIST_MODEL (g_object_ref (self->places))));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (place_chosen_cb),
                           self, G_CONNECT_SWAPPED);
  self->table = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  slip_drop_texts_let_shrink (self->table, -1, PANGO_ELLIPSIZE_END);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Landed table"), -1);
  self->line = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->line, _ ("Line"));
  gtk_entry_set_input_purpose (self->line, GTK_INPUT_PURPOSE_DIGITS);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->line), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->line), 7);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->line), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Line of the file"), -1);
  g_signal_connect_object (self->line, "activate", G_CALLBACK (trace_cb), self, G_CONNECT_SWAPPED);
}

static const struct
{
  const char *label;
  GCallback clicked;
} exports[] = {
    {N_ ("_CSV…"), G_CALLBACK (csv_cb)},
    {N_ ("_PNG…"), G_CALLBACK (png_cb)},
    {N_ ("_JSON…"), G_CALLBACK (json_cb)},
};

static GtkWidget *
new_row (SlipTracePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkNoSelection *none = gtk_no_selection_new (
      slip_slow_list_new_lingering (G_LIST_MODEL (g_object_ref (self->cells))));

  self->where = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->where, 0);
  gtk_label_set_ellipsize (self->where, PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (self->where);
  gtk_widget_add_css_class (GTK_WIDGET (self->where), "heading");
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->where));
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box),
                  new_table (&self->cells_view, GTK_SELECTION_MODEL (none), slip_trace_cell_columns,
                             SLIP_TRACE_N_CELL_COLUMNS, _ ("The row there")));
  return box;
}

static GtkWidget *
new_content (SlipTracePage *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *none = adw_status_page_new ();

  gtk_paned_set_start_child (GTK_PANED (paned),
                             new_table (&self->places_view,
                                        GTK_SELECTION_MODEL (g_object_ref (self->selection)),
                                        slip_trace_place_columns, SLIP_TRACE_N_PLACE_COLUMNS,
                                        _ ("Places that the record passed")));
  slip_column_room_add (self->places_view, 170);
  gtk_paned_set_end_child (GTK_PANED (paned), new_row (self));
  gtk_paned_set_position (GTK_PANED (paned), 280);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "slip-trace-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("Trace a record"));
  adw_status_page_set_description (ADW_STATUS_PAGE (none),
                                   _ ("Choose a landed table and give a line of its file, or come "
                                      "here from a row that is listed "
                                      "elsewhere."));
  gtk_widget_add_css_class (none, "compact");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, none, "none");
  gtk_stack_add_named (self->stack, paned, "way");
  return GTK_WIDGET (self->stack);
}

SlipPage *
slip_trace_page_new (SlipWorkbench *workbench, const char *name)
{
  SlipMigrationDesk *desk = slip_migration_desk_get (workbench, name);
  SlipTracePage *self;

  if (desk == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_TRACE_PAGE, NULL);
  self->desk = g_object_ref (desk);
  self->frame
      = slip_migration_frame_new (SLIP_PAGE (self), desk, _ ("Trace"), TRUE, new_content (self));
  slip_migration_frame_add (self->frame, GTK_WIDGET (self->table));
  slip_migration_frame_add (self->frame, GTK_WIDGET (self->line));
  slip_migration_frame_add_button (self->frame, _ ("_Trace"), G_CALLBACK (trace_cb), self);
  for (guint i = 0; i < G_N_ELEMENTS (self->exports); i++)
    {
      self->exports[i] = slip_migration_frame_add_button (self->frame, _ (exports[i].label),
                                                          exports[i].clicked, self);
      /* The bar has more than those of other pages, and is to leave the navigator its width. */
      gtk_widget_add_css_class (self->exports[i], "tight");
    }
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}

gboolean
slip_trace_page_is_busy (SlipTracePage *self)
{
  g_return_val_if_fail (SLIP_IS_TRACE_PAGE (self), FALSE);
  return self->busy || self->wanted != NULL;
}
