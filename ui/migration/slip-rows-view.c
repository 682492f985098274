/* SPDX-License-Identifier: MIT */

/* Rows behind a number of a migration, or its API checks. A row's JSON is told as “column: value”, blank columns left out, since a source
 * file has dozens of them. */

#include "config.h"

#include "slip-rows-view.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-slow-list.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-migration-export.h"
#include "slip-paged-list.h"
#include "slip-tip.h"

enum
{
  COLUMN_TABLE,
  COLUMN_ID,
  COLUMN_FILE,
  COLUMN_RECORD,
  COLUMN_LINE,
  COLUMN_EXACT,
  COLUMN_ROW,
};

/* Of the checks' query. */
enum
{
  CHECK_STATE,
  CHECK_PURPOSE,
  CHECK_ASKED,
  CHECK_LOCATOR,
  CHECK_EXPECTED,
  CHECK_ACTUAL,
  CHECK_STATUS,
  CHECK_MESSAGE,
};

struct _SlipRowsView
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *count;
  GtkWidget *export;
  GtkColumnView *view;
  SlipPagedList *list; /* owned */
  gboolean checks;     /* whether the rows are checks of an API */
};

G_DEFINE_FINAL_TYPE (SlipRowsView, slip_rows_view, ADW_TYPE_BIN)

static guint signal_back;
static guint signal_trace;

static char *
dup_file (gpointer item)
{
  const char *file = slip_paged_row_get (item, COLUMN_FILE);
  const char *table = slip_paged_row_get (item, COLUMN_TABLE);

  return g_strdup (file != NULL ? file : table != NULL ? table : "");
}

static char *
dup_record (gpointer item)
{
  const char *record = slip_paged_row_get (item, COLUMN_RECORD);
  const char *id = slip_paged_row_get (item, COLUMN_ID);

  if (!slip_paged_row_is_loaded (item))
    return g_strdup ("…");
  return g_strdup (record != NULL ? record : id);
}

static char *
dup_line (gpointer item)
{
  return slip_paged_row_dup_line (item, COLUMN_LINE, COLUMN_EXACT);
}

static char *
dup_row (gpointer item)
{
  const char *json = slip_paged_row_get (item, COLUMN_ROW);
  g_autoptr (JsonNode) node = json != NULL ? slip_json_parse (json, -1, NULL) : NULL;
  JsonObject *object = slip_json_node_object (node);
  g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;
  GString *text = g_string_new (NULL);

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (object, l->data);
      const char *string
          = json_node_get_value_type (value) == G_TYPE_STRING ? json_node_get_string (value) : NULL;

      if (string == NULL || string[0] == '\0' || g_str_equal (l->data, "casrec_row_id"))
        continue;
      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? " · " : "", (char *)l->data,
                              string);
    }
  return g_string_free (text, FALSE);
}

static const SlipColumn columns[] = {
    {.title = N_ ("File"), .width_chars = 16, .text = dup_file},
    {.title = N_ ("Record"), .width_chars = 8, .numeric = TRUE, .text = dup_record},
    {.title = N_ ("Line"), .width_chars = 8, .numeric = TRUE, .text = dup_line},
    {.title = N_ ("Row"), .width_chars = 30, .expand = TRUE, .text = dup_row},
};

/* ---- checks of an API */

static char *
dup_check_state (gpointer item)
{
  const char *state = slip_paged_row_get (item, CHECK_STATE);

  if (state == NULL)
    return g_strdup ("…");
  if (g_str_equal (state, "passed"))
    return g_strdup (_ ("as expected"));
  if (g_str_equal (state, "failed"))
    return g_strdup (_ ("another answer"));
  return g_strdup (g_str_equal (state, "error") ? _ ("no answer") : _ ("skipped"));
}

static SlipTone
get_check_tone (gpointer item)
{
  const char *state = slip_paged_row_get (item, CHECK_STATE);

  if (g_strcmp0 (state, "passed") == 0)
    return SLIP_TONE_GOOD;
  return state == NULL || g_str_equal (state, "skipped") ? SLIP_TONE_NEUTRAL : SLIP_TONE_BAD;
}

static char *
dup_check (gpointer item, guint column)
{
  const char *text = slip_paged_row_get (item, column);

  return g_strdup (text != NULL ? text : "");
}

static char *
dup_check_purpose (gpointer item)
{
  return dup_check (item, CHECK_PURPOSE);
}

static char *
dup_check_asked (gpointer item)
{
  return dup_check (item, CHECK_ASKED);
}

static char *
dup_check_locator (gpointer item)
{
  return dup_check (item, CHECK_LOCATOR);
}

static char *
dup_check_expected (gpointer item)
{
  return dup_check (item, CHECK_EXPECTED);
}

/* Where there is no answer, why. */
static char *
dup_check_actual (gpointer item)
{
  const char *actual = slip_paged_row_get (item, CHECK_ACTUAL);

  return actual != NULL ? g_strdup (actual) : dup_check (item, CHECK_MESSAGE);
}

static char *
dup_check_status (gpointer item)
{
  const char *status = slip_paged_row_get (item, CHECK_STATUS);

  return g_strdup (status != NULL && !g_str_equal (status, "0") ? status : "");
}

static const SlipColumn check_columns[] = {
    {.title = N_ ("State"), .width_chars = 14, .text = dup_check_state, .tone = get_check_tone},
    {.title = N_ ("Check"), .width_chars = 18, .text = dup_check_purpose},
    {.title = N_ ("Asked"), .width_chars = 20, .text = dup_check_asked},
    {.title = N_ ("Looked at"), .width_chars = 10, .text = dup_check_locator},
    {.title = N_ ("Expected"), .width_chars = 14, .text = dup_check_expected, .wraps = TRUE},
    {.title = N_ ("Actual"),
     .width_chars = 14,
     .expand = TRUE,
     .text = dup_check_actual,
     .wraps = TRUE},
    {.title = N_ ("HTTP"), .width_chars = 5, .numeric = TRUE, .text = dup_check_status},
};

char *
slip_rows_view_dup_checks_sql (gint64 run)
{
  return g_strdup_printf (
      "SELECT state, purpose, coalesce (asked, endpoint) AS asked, locator, expected, actual,\n"
      "  status, message, reference, file, line, tries, milliseconds\n"
      "  FROM slipway.api_check WHERE run = %" G_GINT64_FORMAT "\n"
      " ORDER BY array_position (ARRAY['error', 'failed', 'skipped', 'passed'], state), file, line",
      run);
}

/* ---- what is shown */

static void
show_count (SlipRowsView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  g_autofree char *count = slip_format_count (n);
  g_autofree char *text = slip_paged_list_dup_unfinished (self->list);

  if (text == NULL)
    text = self->checks ? g_strdup_printf (ngettext ("%s check", "%s checks", n), count)
                        : g_strdup_printf (ngettext ("%s row", "%s rows", n), count);
  gtk_label_set_label (self->count, text);
  gtk_widget_set_sensitive (self->export, n > 0);
}

static void
activate_cb (SlipRowsView *self, guint position)
{
  g_autoptr (SlipPagedRow) row = g_list_model_get_item (G_LIST_MODEL (self->list), position);
  const char *table = row != NULL ? slip_paged_row_get (row, COLUMN_TABLE) : NULL;
  g_autofree char *what = NULL;

  if (table == NULL || self->checks)
    return;
  what = g_strdup_printf ("%s:%s", table, slip_paged_row_get (row, COLUMN_ID));
  g_signal_emit (self, signal_trace, 0, what);
}

static void
back_cb (SlipRowsView *self)
{
  g_signal_emit (self, signal_back, 0);
}

static void
export_cb (SlipRowsView *self)
{
  g_autofree char *sql = self->list != NULL ? slip_paged_list_dup_sql (self->list) : NULL;

  if (sql != NULL)
    slip_migration_export_query (GTK_WIDGET (self), _ ("Export the rows"),
                                 self->checks ? "api-checks.csv" : "rows.csv",
                                 slip_paged_list_get_conninfo (self->list), sql);
}

static void
slip_rows_view_dispose (GObject *object)
{
  SlipRowsView *self = SLIP_ROWS_VIEW (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->list);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_rows_view_parent_class)->dispose (object);
}

static void
slip_rows_view_class_init (SlipRowsViewClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_rows_view_dispose;
  signal_back = g_signal_new ("back", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_trace = g_signal_new ("trace", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                               1, G_TYPE_STRING);
}

static GtkWidget *
new_bar (SlipRowsView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");
  GtkWidget *export = gtk_button_new_with_mnemonic (_ ("_Export CSV…"));
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *count = gtk_label_new (NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Back to the numbers"), -1);
  slip_tip_set (back, _ ("Back to the numbers"));
  gtk_widget_add_css_class (back, "flat");
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (count, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (GTK_LABEL (title));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (count), PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (GTK_LABEL (count));
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_box_append (GTK_BOX (bar), back);
  gtk_box_append (GTK_BOX (bar), title);
  gtk_box_append (GTK_BOX (bar), count);
  gtk_box_append (GTK_BOX (bar), export);
  g_signal_connect_object (back, "clicked", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (export, "clicked", G_CALLBACK (export_cb), self, G_CONNECT_SWAPPED);
  self->title = GTK_LABEL (title);
  self->count = GTK_LABEL (count);
  self->export = export;
  return bar;
}

static void
slip_rows_view_init (SlipRowsView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->view = slip_columns_new_view (NULL, NULL);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), new_bar (self));
  gtk_box_append (GTK_BOX (box), slip_columns_new_scroller (self->view));
  adw_bin_set_child (ADW_BIN (self), box);
}

static GtkWidget *
new_view (const char *label, const SlipColumn *its_columns, guint n_columns)
{
  SlipRowsView *self = g_object_new (SLIP_TYPE_ROWS_VIEW, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  slip_columns_add (self->view, its_columns, n_columns);
  return GTK_WIDGET (self);
}

GtkWidget *
slip_rows_view_new (void)
{
  return new_view (_ ("Rows; Enter traces one"), columns, G_N_ELEMENTS (columns));
}

GtkWidget *
slip_rows_view_new_for_checks (void)
{
  GtkWidget *view = new_view (_ ("Checks of the new system's API: expected and actual"),
                              check_columns, G_N_ELEMENTS (check_columns));

  SLIP_ROWS_VIEW (view)->checks = TRUE;
  return view;
}

void
slip_rows_view_show (
    SlipRowsView *self, const char *title, const char *conninfo, const char *sql, const char *frame)
{
  g_autoptr (GtkSingleSelection) selection = NULL;

  g_return_if_fail (SLIP_IS_ROWS_VIEW (self));
  g_return_if_fail (title != NULL && conninfo != NULL && sql != NULL);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_object (&self->list);
  self->list = slip_paged_list_new (conninfo, sql, frame);
  g_signal_connect_object (self->list, "changed", G_CALLBACK (show_count), self, G_CONNECT_SWAPPED);
  selection
      = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (g_object_ref (self->list))));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  gtk_label_set_label (self->title, title);
  show_count (self);
}

void
slip_rows_view_retry (SlipRowsView *self)
{
  g_return_if_fail (SLIP_IS_ROWS_VIEW (self));
  if (self->list != NULL)
    slip_paged_list_retry (self->list);
}

guint
slip_rows_view_get_n_rows (SlipRowsView *self)
{
  g_return_val_if_fail (SLIP_IS_ROWS_VIEW (self), 0);
  return self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
}
