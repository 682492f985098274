/* SPDX-License-Identifier: MIT */

/* The waterfall of a run. Counting and gaps are app/migration's; here they are drawn, listed, and their rows opened. */

#include "config.h"

#include "slip-waterfall-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-drop-texts.h"
#include "slip-fall-chart.h"
#include "slip-fall-rows.h"
#include "slip-format.h"
#include "slip-migration-evidence.h"
#include "slip-migration-export.h"
#include "slip-migration-frame.h"
#include "slip-slow-list.h"
#include "slip-stage-words.h"

struct _SlipWaterfallPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  SlipFallChart *chart;
  GtkDropDown *tables;
  GtkColumnView *view;
  GtkWidget *csv;
  GtkWidget *png;
  GtkWidget *evidence;
  GListStore *rows;         /* owned; element-type SlipFallRow */
  SlipMigrationData *shown; /* owned; what the rows belong to */
  char *table;              /* which is shown; "" for all */
  guint chosen;             /* the tag of the chosen bar, or G_MAXUINT */
  gboolean settling;
};

G_DEFINE_FINAL_TYPE (SlipWaterfallPage, slip_waterfall_page, SLIP_TYPE_PAGE)

/* ---- the list */

/* A bar is a level, or what is of one kind before a level. */
static guint
get_tag (SlipWaterfallLevel level, int kind)
{
  return (guint)level * 100 + (guint)(kind + 1);
}

static void
fill_list (SlipWaterfallPage *self, const SlipWaterfallTable *table)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    {
      if (table->counts[level] < 0)
        continue;
      for (guint i = 0; i < table->gaps->len; i++)
        {
          const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

          if (gap->level == level
              && (self->chosen == G_MAXUINT
                  || self->chosen == get_tag (level, (int)slip_fall_kind_find (gap->kind))))
            g_ptr_array_add (rows, slip_fall_row_new (table, level, gap));
        }
      if (self->chosen == G_MAXUINT || self->chosen == get_tag (level, -1))
        g_ptr_array_add (rows, slip_fall_row_new (table, level, NULL));
    }
  slip_fall_rows_put (self->rows, rows);
}

/* ---- the chart */

static void
add_slot (GPtrArray *slots,
          const char *label,
          gint64 from,
          gint64 to,
          gint64 rows,
          SlipTone tone,
          guint tag)
{
  SlipFallSlot *slot = g_new0 (SlipFallSlot, 1);

  slot->label = g_strdup (label);
  slot->from = from;
  slot->to = to;
  slot->rows = rows;
  slot->tone = tone;
  slot->tag = tag;
  g_ptr_array_add (slots, slot);
}

static void
add_gaps (GPtrArray *slots, const SlipWaterfallTable *table, SlipWaterfallLevel level, gint64 *at)
{
  for (guint kind = 0; kind < SLIP_FALL_N_KINDS; kind++)
    {
      gint64 sum = 0;

      for (guint i = 0; i < table->gaps->len; i++)
        {
          const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

          if (gap->level == level && slip_fall_kind_find (gap->kind) == kind)
            sum += gap->rows;
        }
      if (sum == 0)
        continue;
      add_slot (slots, slip_fall_kind_get_title (kind), *at, *at + sum, sum,
                slip_fall_kind_get_tone (kind), get_tag (level, (int)kind));
      *at += sum;
    }
}

static const char *
get_title (const SlipWaterfallTable *table)
{
  return table->name[0] != '\0' ? table->name : _ ("All tables");
}

static char *
dup_summary (const SlipWaterfallTable *table)
{
  GString *text = g_string_new (get_title (table));

  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    if (table->counts[level] >= 0)
      {
        g_autofree char *count = slip_format_count (table->counts[level]);

        g_string_append_printf (text, ", %s %s", slip_fall_level_get_title (level), count);
      }
  if (table->known > 0)
    {
      g_autofree char *known = slip_format_count (table->known);

      /* Translators: behind the number of rows that are validated */
      g_string_append_printf (text, _ (" (%s differ for a known reason)"), known);
    }
  return g_string_free (text, FALSE);
}

static void
fill_chart (SlipFallChart *chart, const SlipWaterfallTable *table)
{
  GPtrArray *slots = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_fall_slot_free);
  g_autofree char *summary = dup_summary (table);
  gint64 at = 0;

  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    {
      if (table->counts[level] < 0)
        continue;
      if (slots->len > 0)
        add_gaps (slots, table, level, &at);
      at = table->counts[level];
      add_slot (slots, slip_fall_level_get_title (level), 0, at, at, SLIP_TONE_BUSY,
                get_tag (level, -1));
    }
  slip_fall_chart_set_slots (chart, slots, summary);
}

static const SlipWaterfallTable *
find_table (SlipMigrationData *data, const char *name)
{
  SlipWaterfall *waterfall = data != NULL ? data->waterfall : NULL;

  for (guint i = 0; waterfall != NULL && i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      if (g_strcmp0 (table->name, name) == 0)
        return table;
    }
  return waterfall != NULL ? g_ptr_array_index (waterfall->tables, 0) : NULL;
}

GtkWidget *
slip_waterfall_page_new_chart (SlipMigrationData *data, const char *name)
{
  const SlipWaterfallTable *table = find_table (data, name);
  GtkWidget *chart = slip_fall_chart_new ();

  if (table != NULL)
    fill_chart (SLIP_FALL_CHART (chart), table);
  return chart;
}

/* ---- what is shown */

static void
show_tables (SlipWaterfallPage *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  SlipWaterfall *waterfall = self->shown != NULL ? self->shown->waterfall : NULL;
  guint selected = 0;

  for (guint i = 0; waterfall != NULL && i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      gtk_string_list_append (names, get_title (table));
      if (g_strcmp0 (table->name, self->table) == 0)
        selected = i;
    }
  self->settling = TRUE;
  slip_drop_texts_put (self->tables, names, selected);
  self->settling = FALSE;
}

static void
show_table (SlipWaterfallPage *self)
{
  const SlipWaterfallTable *table = find_table (self->shown, self->table);

  if (table == NULL)
    {
      g_list_store_remove_all (self->rows);
      return;
    }
  fill_chart (self->chart, table);
  fill_list (self, table);
}

/* The worst that its gaps tell; nothing is well before it is validated. */
static SlipTone
get_tone (const SlipWaterfallTable *table)
{
  SlipTone tone = table->counts[SLIP_WATERFALL_VALIDATED] >= 0 ? SLIP_TONE_GOOD : SLIP_TONE_NEUTRAL;

  for (guint i = 0; i < table->gaps->len; i++)
    {
      const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);
      SlipTone own = slip_fall_kind_get_tone (slip_fall_kind_find (gap->kind));

      if (own == SLIP_TONE_BAD)
        return own;
      if (own == SLIP_TONE_WARNING)
        tone = own;
    }
  return tone;
}

/* A table is known from what the transform made of it. */
static gboolean
is_counted (SlipMigrationData *data)
{
  return data->waterfall != NULL && data->waterfall->tables->len > 1;
}

static void
show_status (SlipWaterfallPage *self)
{
  const char *message = slip_migration_desk_get_message (self->desk);
  const SlipWaterfallTable *table = find_table (self->shown, self->table);
  g_autofree char *text = table == NULL              ? NULL
                          : is_counted (self->shown) ? dup_summary (table)
                                                     : g_strdup (_ ("Nothing is counted"));

  if (message != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, message);
  else if (text == NULL)
    slip_migration_frame_set_status (self->frame,
                                     self->shown == NULL ? SLIP_TONE_BUSY : SLIP_TONE_NEUTRAL,
                                     self->shown == NULL ? _ ("Reading…") : _ ("Never run"));
  else if (slip_migration_data_get_note (self->shown) != NULL)
    {
      g_autofree char *noted
          = g_strdup_printf ("%s · %s", text, slip_migration_data_get_note (self->shown));

      slip_migration_frame_set_status (self->frame, SLIP_TONE_WARNING, noted);
    }
  else
    slip_migration_frame_set_status (self->frame, get_tone (table), text);
}

static void
show_empty (SlipWaterfallPage *self)
{
  g_autofree char *none = NULL;

  if (self->shown == NULL || is_counted (self->shown))
    {
      slip_migration_frame_set_empty (self->frame, NULL, NULL);
      return;
    }
  if (self->shown->waterfall == NULL)
    {
      slip_migration_frame_set_empty (self->frame, _ ("No run yet"),
                                      _ ("What becomes of rows is counted while a run goes on."));
      return;
    }
  none = g_strdup_printf (_ ("Rows are followed from stage “%s” on, as long as it is not taken "
                             "back. How the stages of run %d stand is on the migration's page."),
                          slip_stage_get_title ("transform"), (int)self->shown->run);
  slip_migration_frame_set_empty (self->frame, _ ("Nothing is counted of this run"), none);
}

static void
update_buttons (SlipWaterfallPage *self)
{
  gboolean counted = self->shown != NULL && is_counted (self->shown);

  gtk_widget_set_sensitive (self->csv, counted);
  gtk_widget_set_sensitive (self->png, counted);
  gtk_widget_set_sensitive (self->evidence, self->shown != NULL && self->shown->run != 0);
}

static void
update (SlipWaterfallPage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  /* The rows point into it until they are brought up to date. */
  g_autoptr (SlipMigrationData) before = g_steal_pointer (&self->shown);

  if (data != NULL)
    self->shown = slip_migration_data_ref (data);
  show_empty (self);
  show_tables (self);
  show_table (self);
  show_status (self);
  update_buttons (self);
}

/* ---- what is done */

static void
table_chosen_cb (SlipWaterfallPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->tables);
  SlipWaterfall *waterfall = self->shown != NULL ? self->shown->waterfall : NULL;

  if (self->settling || waterfall == NULL || selected >= waterfall->tables->len)
    return;
  g_free (self->table);
  self->table
      = g_strdup (((SlipWaterfallTable *)g_ptr_array_index (waterfall->tables, selected))->name);
  self->chosen = G_MAXUINT;
  slip_fall_chart_choose (self->chart, -1);
  show_table (self);
  show_status (self);
}

static void
bar_chosen_cb (SlipWaterfallPage *self, guint tag)
{
  const SlipWaterfallTable *table = find_table (self->shown, self->table);

  self->chosen = tag;
  if (table != NULL)
    fill_list (self, table);
}

static void
open_comparison (SlipWaterfallPage *self, const char *mapping)
{
  g_autofree char *page_id = g_strdup_printf (
      "migration-comparison/%s%s%s", slip_migration_desk_get_project (self->desk)->name,
      mapping != NULL ? "/" : "", mapping != NULL ? mapping : "");

  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
open_landed (SlipWaterfallPage *self, SlipFallRow *row)
{
  const char *source = slip_fall_row_get_gap (row)->what;
  g_autofree char *sql = slip_report_dup_landed_sql (self->shown->migration, source);
  g_autofree char *why = slip_fall_row_dup_reason (row);
  g_autofree char *title = g_strdup_printf ("%s: %s", source, why);

  slip_migration_frame_show_rows (self->frame, title, sql);
}

static void
activate_cb (SlipWaterfallPage *self, guint position)
{
  g_autoptr (SlipFallRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);
  const SlipWaterfallGap *gap = row != NULL ? slip_fall_row_get_gap (row) : NULL;

  if (row == NULL)
    return;
  switch (slip_fall_row_get_opens (row))
    {
    case SLIP_FALL_OPENS_MEASURE:
      slip_migration_frame_show_measure (self->frame, gap->measure);
      break;
    case SLIP_FALL_OPENS_LANDED:
      open_landed (self, row);
      break;
    case SLIP_FALL_OPENS_COMPARISON:
      open_comparison (self, gap != NULL ? gap->step : NULL);
      break;
    case SLIP_FALL_OPENS_NOTHING:
      break;
    }
}

static void
csv_cb (SlipWaterfallPage *self)
{
  g_autofree char *csv = self->shown != NULL && self->shown->waterfall != NULL
                             ? slip_waterfall_to_csv (self->shown->waterfall)
                             : NULL;

  if (csv != NULL)
    slip_migration_export_text (GTK_WIDGET (self), _ ("Export the waterfall"), "waterfall.csv",
                                csv);
}

static void
evidence_cb (SlipWaterfallPage *self)
{
  slip_migration_evidence_ask (GTK_WIDGET (self), self->desk);
}

static void
png_cb (SlipWaterfallPage *self)
{
  g_autofree char *run = slip_migration_dup_heading (self->shown);
  const SlipWaterfallTable *table = find_table (self->shown, self->table);
  g_autofree char *heading = NULL;

  if (run == NULL || table == NULL)
    return;
  heading = g_strdup_printf ("%s. %s", run, get_title (table));
  slip_migration_export_chart (GTK_WIDGET (self), _ ("Save the picture"), "waterfall.png",
                               slip_waterfall_page_new_chart (self->shown, self->table), heading);
}

/* ---- the page */

static void
slip_waterfall_page_refresh (SlipPage *page)
{
  slip_migration_desk_load (SLIP_WATERFALL_PAGE (page)->desk);
}

static gboolean
slip_waterfall_page_escape (SlipPage *page)
{
  return slip_migration_frame_escape (SLIP_WATERFALL_PAGE (page)->frame);
}

/* A table by its name. */
static void
slip_waterfall_page_reveal (SlipPage *page, const char *item)
{
  SlipWaterfallPage *self = SLIP_WATERFALL_PAGE (page);

  g_free (self->table);
  self->table = g_strdup (item);
  update (self);
}

static void
slip_waterfall_page_dispose (GObject *object)
{
  SlipWaterfallPage *self = SLIP_WATERFALL_PAGE (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->rows);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  g_clear_object (&self->desk);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_waterfall_page_parent_class)->dispose (object);
}

static void
slip_waterfall_page_finalize (GObject *object)
{
  g_free (SLIP_WATERFALL_PAGE (object)->table);
  G_OBJECT_CLASS (slip_waterfall_page_parent_class)->finalize (object);
}

static void
slip_waterfall_page_class_init (SlipWaterfallPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_waterfall_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_waterfall_page_finalize;
  SLIP_PAGE_CLASS (klass)->refresh = slip_waterfall_page_refresh;
  SLIP_PAGE_CLASS (klass)->escape = slip_waterfall_page_escape;
  SLIP_PAGE_CLASS (klass)->reveal = slip_waterfall_page_reveal;
}

static void
slip_waterfall_page_init (SlipWaterfallPage *self)
{
  GtkSingleSelection *selection;

  self->table = g_strdup ("");
  self->chosen = G_MAXUINT;
  self->rows = g_list_store_new (SLIP_TYPE_FALL_ROW);
  self->chart = SLIP_FALL_CHART (slip_fall_chart_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->chart), TRUE);
  g_signal_connect_object (self->chart, "chosen", G_CALLBACK (bar_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  selection
      = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (g_object_ref (self->rows))));
  gtk_single_selection_set_autoselect (selection, FALSE);
  self->view = slip_columns_new_view (GTK_SELECTION_MODEL (selection), _ ("Levels and gaps"));
  slip_columns_add (self->view, slip_fall_columns, SLIP_FALL_N_COLUMNS);
  slip_column_room_add (self->view, 130);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  self->tables = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  slip_drop_texts_let_shrink (self->tables, -1, PANGO_ELLIPSIZE_END);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->tables), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Table of the target"), -1);
  g_signal_connect_object (self->tables, "notify::selected", G_CALLBACK (table_chosen_cb), self,
                           G_CONNECT_SWAPPED);
}

static GtkWidget *
new_content (SlipWaterfallPage *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *above = gtk_scrolled_window_new ();
  GtkWidget *below = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (above), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  /* In a narrow window the last bars are out of sight, which are those of the target: a bar that hides says so to nobody. */
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (above), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (above), GTK_WIDGET (self->chart));
  /* The chart brings a bar into sight by itself. */
  gtk_viewport_set_scroll_to_focus (
      GTK_VIEWPORT (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (above))), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (below), GTK_WIDGET (self->view));
  gtk_paned_set_start_child (GTK_PANED (paned), above);
  gtk_paned_set_end_child (GTK_PANED (paned), below);
  gtk_paned_set_position (GTK_PANED (paned), 240);
  gtk_paned_set_resize_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  return paned;
}

SlipPage *
slip_waterfall_page_new (SlipWorkbench *workbench, const char *name)
{
  SlipMigrationDesk *desk = slip_migration_desk_get (workbench, name);
  SlipWaterfallPage *self;

  if (desk == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_WATERFALL_PAGE, NULL);
  self->desk = g_object_ref (desk);
  self->frame = slip_migration_frame_new (SLIP_PAGE (self), desk, _ ("Waterfall"), TRUE,
                                          new_content (self));
  slip_migration_frame_add (self->frame, GTK_WIDGET (self->tables));
  self->csv = slip_migration_frame_add_button (self->frame, _ ("_CSV…"), G_CALLBACK (csv_cb), self);
  self->png = slip_migration_frame_add_button (self->frame, _ ("_PNG…"), G_CALLBACK (png_cb), self);
  self->evidence = slip_migration_frame_add_button (self->frame, _ ("_Evidence…"),
                                                    G_CALLBACK (evidence_cb), self);
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}
