/* SPDX-License-Identifier: MIT */

/* One mapping's differences. The list is fetched in pages; the columns of the chosen row come with it, so that going from
 * row to row asks nothing. */

#include "config.h"

#include "slip-difference-view.h"

#include <glib/gi18n.h>

#include "slip-cell-pair.h"
#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-compared.h"
#include "slip-difference-rows.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-landed-lines.h"
#include "slip-migration-export.h"
#include "slip-paged-list.h"
#include "slip-plain.h"
#include "slip-slow-list.h"
#include "slip-stage-sql.h"
#include "slip-tip.h"

static const char *const kinds[] = {NULL, "missing", "extra", "differing", "duplicated"};

struct _SlipDifferenceView
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *count;
  GtkDropDown *kind;
  GtkColumnView *rows;
  GtkColumnView *cells;
  GtkLabel *where;
  GtkWidget *trace;
  GtkWidget *export;
  GtkStack *stack; /* the rows, or why there are none */
  AdwStatusPage *none;
  SlipPagedList *list;           /* owned */
  GtkSingleSelection *selection; /* owned */
  GListStore *pairs;             /* owned; element-type SlipCellPair */
  SlipPagedRow *chosen;          /* owned, nullable */
  SlipMigrationData *data;       /* owned */
  char *mapping;
};

G_DEFINE_FINAL_TYPE (SlipDifferenceView, slip_difference_view, ADW_TYPE_BIN)

static guint signal_back;
static guint signal_trace;

static char *
dup_sql (SlipMigrationData *data, const char *mapping, const char *kind)
{
  const SlipSchemas *schemas = slip_migration_get_schemas (data->migration);
  g_autofree char *of = kind != NULL ? slip_stage_sql (" AND d.kind = %L", kind) : g_strdup ("");

  return slip_stage_sql (
      "SELECT d.mapping, d.number, d.kind, d.key, array_to_string (d.columns, ', ') AS columns,\n"
      "  d.source_table, d.casrec_row_id, f.name AS file, d.casrec_row_id - f.first_row_id + 1 AS "
      "record,\n"
      "  NULL::bigint AS line, NULL::boolean AS exact, d.target_id, d.known, d.expected, d.actual\n"
      "  FROM slipway.difference AS d\n"
      "  LEFT JOIN slipway.file AS f ON f.table_schema = %L AND f.table_name = d.source_table\n"
      "    AND d.casrec_row_id BETWEEN f.first_row_id AND f.last_row_id\n"
      " WHERE d.run = %D AND d.mapping = %L%s ORDER BY d.number",
      schemas->source, data->run, mapping, of);
}

static char *
dup_frame (SlipMigrationData *data)
{
  return data->has_lines ? slip_landed_lines_dup_frame (
             data->migration, "source_table",
             "q.mapping, q.number, q.kind, q.key, q.columns, q.source_table, q.casrec_row_id, "
             "q.file,\n  q.record, l.line, l.exact, q.target_id, q.known, q.expected, q.actual",
             "q.number")
                         : NULL;
}

/* ---- the columns of the chosen row */

/* Those that differ first, each group in the order in which the validation has them. */
static void
fill_pairs (SlipDifferenceView *self, JsonObject *expected, JsonObject *actual)
{
  JsonObject *either = expected != NULL ? expected : actual;
  g_autoptr (GList) names = either != NULL ? json_object_get_members (either) : NULL;
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  for (GList *l = names; l != NULL; l = l->next)
    g_ptr_array_add (pairs, slip_cell_pair_new (self->data->migration, self->mapping, l->data,
                                                expected, actual));
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < pairs->len; i++)
      if (slip_cell_pair_differs (pairs->pdata[i]) == (pass == 0))
        g_ptr_array_add (sorted, pairs->pdata[i]);
  g_list_store_splice (self->pairs, 0, g_list_model_get_n_items (G_LIST_MODEL (self->pairs)),
                       sorted->pdata, sorted->len);
}

/* By the record, or by the row's key in the target: what this run inserted leads to one. */
static char *
dup_traced (SlipDifferenceView *self)
{
  const char *table = self->chosen != NULL
                          ? slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_SOURCE_TABLE)
                          : NULL;
  const char *key
      = self->chosen != NULL ? slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_TARGET_ID) : NULL;

  if (table != NULL)
    return g_strdup_printf ("%s:%s", table,
                            slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_ROW_ID));
  return key != NULL ? g_strdup_printf ("%s#%s", self->mapping, key) : NULL;
}

static void
show_trace (SlipDifferenceView *self)
{
  g_autofree char *what = dup_traced (self);

  gtk_widget_set_sensitive (self->trace, what != NULL);
}

static void
show_chosen (SlipDifferenceView *self)
{
  const char *expected_text = NULL;
  const char *actual_text = NULL;
  g_autoptr (JsonNode) expected = NULL;
  g_autoptr (JsonNode) actual = NULL;
  g_autofree char *source = NULL;
  g_autofree char *text = NULL;
  const char *target;
  const char *known;

  show_trace (self);
  if (self->chosen == NULL || !slip_paged_row_is_loaded (self->chosen))
    {
      g_list_store_remove_all (self->pairs);
      gtk_label_set_label (self->where, _ ("Choose a row to see it beside what was expected"));
      return;
    }
  expected_text = slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_EXPECTED);
  actual_text = slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_ACTUAL);
  expected = expected_text != NULL ? slip_json_parse (expected_text, -1, NULL) : NULL;
  actual = actual_text != NULL ? slip_json_parse (actual_text, -1, NULL) : NULL;
  fill_pairs (self, slip_json_node_object (expected), slip_json_node_object (actual));
  source = slip_difference_row_dup_source (self->chosen);
  target = slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_TARGET_ID);
  known = slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_KNOWN);
  text = g_strdup_printf (
      _ ("%s: %s%s · source: %s · target key: %s%s%s"),
      slip_difference_get_kind_title (slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_KIND)),
      slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_KEY) != NULL
          ? slip_paged_row_get (self->chosen, SLIP_DIFFERENCE_KEY)
          : "",
      expected_text == NULL ? _ (" · no such row is expected")
      : actual_text == NULL ? _ (" · no such row is in the target")
                            : "",
      source != NULL          ? source
      : expected_text == NULL ? _ ("not noted, Trace the Record asks for it")
                              : _ ("none"),
      target != NULL ? target : _ ("none"), known != NULL ? " · known: " : "",
      known != NULL ? known : "");
  gtk_label_set_label (self->where, text);
  slip_tip_set (GTK_WIDGET (self->where), text);
}

static void
selected_cb (SlipDifferenceView *self)
{
  SlipPagedRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (self->chosen != NULL)
    g_signal_handlers_disconnect_by_data (self->chosen, self);
  g_set_object (&self->chosen, row);
  if (row != NULL)
    g_signal_connect_object (row, "notify::loaded", G_CALLBACK (show_chosen), self,
                             G_CONNECT_SWAPPED);
  show_chosen (self);
}

/* ---- where nothing differs */

static const SlipValidationResult *
find_result (SlipDifferenceView *self)
{
  GPtrArray *results = self->data->validations;

  for (guint i = 0; results != NULL && i < results->len; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);

      if (g_str_equal (result->mapping, self->mapping))
        return result;
    }
  return NULL;
}

/* What was held against what, so that nobody takes what was not looked at for equal. */
static char *
dup_compared (SlipDifferenceView *self, const SlipValidationResult *result)
{
  g_autofree char *expected = slip_format_count (result->expected);
  g_autofree char *actual = slip_format_count (result->actual);
  g_autofree char *time = slip_format_time (result->ended);
  const char *note = slip_migration_data_get_note (self->data);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Compared %s: %s expected, %s in the target.\n"), time, expected,
                          actual);
  g_string_append_printf (text, _ ("%u of the %u columns were compared."), result->columns_compared,
                          result->columns_total);
  if (!result->independent)
    g_string_append (text, _ (" Not independent: what the integration made was read back."));
  if (result->note != NULL)
    g_string_append_printf (text, "\n%s", result->note);
  if (note != NULL)
    g_string_append_printf (text, "\n%s", note);
  return g_string_free (text, FALSE);
}

/* An empty list could as well be one that was not read. */
static void
show_none (SlipDifferenceView *self)
{
  const SlipValidationResult *result = find_result (self);
  guint kind = gtk_drop_down_get_selected (self->kind);
  g_autofree char *state = result != NULL ? slip_compared_dup_state (result) : NULL;
  g_autofree char *compared = result != NULL ? dup_compared (self, result) : NULL;
  g_autofree char *text = NULL;
  gboolean nothing = result != NULL && slip_compared_count_wrong (result) == 0;

  adw_status_page_set_icon_name (self->none,
                                 nothing ? "slip-ok-symbolic" : "slip-compare-symbolic");
  if (nothing)
    adw_status_page_set_title (self->none, result->expected == 0 && result->actual == 0
                                               ? _ ("No Rows to Compare")
                                               : _ ("Nothing Differs"));
  else
    adw_status_page_set_title (self->none, kind > 0 ? _ ("None of This Kind") : _ ("No Rows Kept"));
  text = nothing || result == NULL ? g_strdup (compared)
                                   : g_strdup_printf (_ ("In all: %s.\n%s"), state, compared);
  slip_plain_set_description (self->none, text);
}

/* ---- what is done */

static void
show_count (SlipDifferenceView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  gboolean none = n == 0 && slip_paged_list_is_counted (self->list)
                  && slip_paged_list_get_message (self->list) == NULL;
  g_autofree char *count = slip_format_count (n);
  g_autofree char *text = slip_paged_list_dup_unfinished (self->list);

  if (text == NULL)
    text = g_strdup_printf (ngettext ("%s row", "%s rows", n), count);
  gtk_label_set_label (self->count, text);
  slip_tip_set (GTK_WIDGET (self->count), text);
  if (none)
    show_none (self);
  gtk_stack_set_visible_child_name (self->stack, none ? "none" : "rows");
  gtk_widget_set_sensitive (self->export, n > 0);
}

static void
fetch (SlipDifferenceView *self)
{
  guint kind = gtk_drop_down_get_selected (self->kind);
  g_autofree char *sql = NULL;
  g_autofree char *frame = NULL;

  if (self->data == NULL)
    return;
  sql = dup_sql (self->data, self->mapping, kind < G_N_ELEMENTS (kinds) ? kinds[kind] : NULL);
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_object (&self->list);
  frame = dup_frame (self->data);
  self->list = slip_paged_list_new (self->data->project->migration_db, sql, frame);
  g_signal_connect_object (self->list, "changed", G_CALLBACK (show_count), self, G_CONNECT_SWAPPED);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->list));
  show_count (self);
  selected_cb (self);
}

static void
back_cb (SlipDifferenceView *self)
{
  g_signal_emit (self, signal_back, 0);
}

static void
trace_cb (SlipDifferenceView *self)
{
  g_autofree char *what = dup_traced (self);

  if (what != NULL)
    g_signal_emit (self, signal_trace, 0, what);
}

static void
export_cb (SlipDifferenceView *self)
{
  g_autofree char *name = g_strdup_printf ("differences-%s.csv", self->mapping);
  g_autofree char *sql = self->list != NULL ? slip_paged_list_dup_sql (self->list) : NULL;

  if (sql != NULL)
    slip_migration_export_query (GTK_WIDGET (self), _ ("Export the differences"), name,
                                 slip_paged_list_get_conninfo (self->list), sql);
}

/* ---- the widget */

static void
slip_difference_view_dispose (GObject *object)
{
  SlipDifferenceView *self = SLIP_DIFFERENCE_VIEW (object);

  if (self->rows != NULL)
    {
      gtk_column_view_set_model (self->rows, NULL);
      gtk_column_view_set_model (self->cells, NULL);
    }
  self->rows = NULL;
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->chosen);
  g_clear_object (&self->selection);
  g_clear_object (&self->list);
  g_clear_object (&self->pairs);
  g_clear_pointer (&self->data, slip_migration_data_unref);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_difference_view_parent_class)->dispose (object);
}

static void
slip_difference_view_finalize (GObject *object)
{
  g_free (SLIP_DIFFERENCE_VIEW (object)->mapping);
  G_OBJECT_CLASS (slip_difference_view_parent_class)->finalize (object);
}

static void
slip_difference_view_class_init (SlipDifferenceViewClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_difference_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_difference_view_finalize;
  signal_back = g_signal_new ("back", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_trace = g_signal_new ("trace", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                               1, G_TYPE_STRING);
}

static GtkWidget *
new_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_bar (SlipDifferenceView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");
  GtkStringList *titles = gtk_string_list_new (NULL);

  self->export = gtk_button_new_with_mnemonic (_ ("_Export CSV…"));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    gtk_string_list_append (titles, slip_difference_get_kind_title (kinds[i]));
  self->kind = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (titles), NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->kind), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Kind of difference"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Back to all mappings"), -1);
  slip_tip_set (back, _ ("Back to all mappings"));
  gtk_widget_add_css_class (back, "flat");
  self->title = GTK_LABEL (new_label ("heading"));
  self->count = GTK_LABEL (new_label ("dim-label"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_box_append (GTK_BOX (bar), back);
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->kind));
  gtk_box_append (GTK_BOX (bar), self->export);
  g_signal_connect_object (back, "clicked", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->export, "clicked", G_CALLBACK (export_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->kind, "notify::selected", G_CALLBACK (fetch), self,
                           G_CONNECT_SWAPPED);
  return bar;
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

static GtkWidget *
new_chosen (SlipDifferenceView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkNoSelection *none = gtk_no_selection_new (
      slip_slow_list_new_lingering (G_LIST_MODEL (g_object_ref (self->pairs))));

  self->where = GTK_LABEL (new_label ("heading"));
  self->trace = gtk_button_new_with_mnemonic (_ ("_Trace the Record"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->where), TRUE);
  gtk_label_set_selectable (self->where, TRUE);
  /* A known reason may be a sentence. */
  gtk_label_set_wrap (self->where, TRUE);
  gtk_label_set_lines (self->where, 3);
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->where));
  gtk_box_append (GTK_BOX (bar), self->trace);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box),
                  new_table (&self->cells, GTK_SELECTION_MODEL (none), slip_cell_pair_columns,
                             SLIP_CELL_PAIR_N_COLUMNS, _ ("Expected beside actual")));
  g_signal_connect_object (self->trace, "clicked", G_CALLBACK (trace_cb), self, G_CONNECT_SWAPPED);
  return box;
}

static void
slip_difference_view_init (SlipDifferenceView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);

  self->pairs = g_list_store_new (SLIP_TYPE_CELL_PAIR);
  self->selection = gtk_single_selection_new (NULL);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), new_bar (self));
  gtk_paned_set_start_child (
      GTK_PANED (paned),
      new_table (&self->rows, GTK_SELECTION_MODEL (g_object_ref (self->selection)),
                 slip_difference_columns, SLIP_DIFFERENCE_N_COLUMNS, _ ("Differences")));
  slip_column_room_add (self->rows, 120);
  gtk_paned_set_end_child (GTK_PANED (paned), new_chosen (self));
  gtk_paned_set_position (GTK_PANED (paned), 240);
  self->none = ADW_STATUS_PAGE (adw_status_page_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->none), "compact");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, paned, "rows");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->none), "none");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
  show_chosen (self);
}

GtkWidget *
slip_difference_view_new (void)
{
  return g_object_new (SLIP_TYPE_DIFFERENCE_VIEW, NULL);
}

void
slip_difference_view_show (SlipDifferenceView *self, SlipMigrationData *data, const char *mapping)
{
  g_return_if_fail (SLIP_IS_DIFFERENCE_VIEW (self));
  g_return_if_fail (data != NULL && mapping != NULL);

  g_clear_pointer (&self->data, slip_migration_data_unref);
  self->data = slip_migration_data_ref (data);
  g_free (self->mapping);
  self->mapping = g_strdup (mapping);
  gtk_label_set_label (self->title, mapping);
  fetch (self);
}

void
slip_difference_view_retry (SlipDifferenceView *self)
{
  g_return_if_fail (SLIP_IS_DIFFERENCE_VIEW (self));
  if (self->list != NULL)
    slip_paged_list_retry (self->list);
}

guint
slip_difference_view_get_n_rows (SlipDifferenceView *self)
{
  g_return_val_if_fail (SLIP_IS_DIFFERENCE_VIEW (self), 0);
  return self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
}

void
slip_difference_view_select (SlipDifferenceView *self, guint position)
{
  g_return_if_fail (SLIP_IS_DIFFERENCE_VIEW (self));
  gtk_single_selection_set_selected (self->selection, position);
}
