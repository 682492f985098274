/* SPDX-License-Identifier: MIT */

/* The waterfall of a run. Counting and gaps are app/migration's; here they are drawn, listed, and their rows opened. */

#include "config.h"

#include "slip-waterfall-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-fall-chart.h"
#include "slip-format.h"
#include "slip-migration-evidence.h"
#include "slip-migration-export.h"
#include "slip-migration-frame.h"

/* ---- gaps as rows of a list */

#define SLIP_TYPE_FALL_ROW (slip_fall_row_get_type ())
G_DECLARE_FINAL_TYPE (SlipFallRow, slip_fall_row, SLIP, FALL_ROW, GObject)

struct _SlipFallRow
{
  GObject parent_instance;

  const SlipWaterfallGap *gap; /* of the data that the page keeps; NULL for a level */
  const char *table;
  SlipWaterfallLevel level;
  gint64 rows;
};

G_DEFINE_FINAL_TYPE (SlipFallRow, slip_fall_row, G_TYPE_OBJECT)

static void
slip_fall_row_class_init (SlipFallRowClass *klass)
{
}

static void
slip_fall_row_init (SlipFallRow *self)
{
}

struct _SlipWaterfallPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  SlipFallChart *chart;
  GtkDropDown *tables;
  GtkColumnView *view;
  GListStore *rows;         /* owned; element-type SlipFallRow */
  SlipMigrationData *shown; /* owned; what the rows belong to */
  char *table;              /* which is shown; "" for all */
  guint chosen;             /* the tag of the chosen bar, or G_MAXUINT */
  gboolean settling;
};

G_DEFINE_FINAL_TYPE (SlipWaterfallPage, slip_waterfall_page, SLIP_TYPE_PAGE)

/* ---- texts */

static const char *
get_level_title (SlipWaterfallLevel level)
{
  static const char *const titles[SLIP_WATERFALL_N_LEVELS]
      = {N_ ("Landed"),     N_ ("Kept"),   N_ ("Transformed"),
         N_ ("Integrated"), N_ ("Loaded"), N_ ("As expected")};

  return _ (titles[level]);
}

/* What bars of the chart put together: losses and gains of a level, by kind. */
static const struct
{
  const char *kind;
  const char *title;
} kinds[] = {
    {"filtered", N_ ("Filtered")},    {"dropped", N_ ("Left out")},
    {"multiplied", N_ ("Several")},   {"missing", N_ ("Missing")},
    {"extra", N_ ("Extra")},          {"differing", N_ ("Differing")},
    {"duplicated", N_ ("Duplicate")}, {"not compared", N_ ("Unchecked")},
    {"between", N_ ("Unexplained")},
};

static guint
find_kind (const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].kind, kind))
      return i;
  return G_N_ELEMENTS (kinds) - 1;
}

static SlipTone
get_tone (const char *kind)
{
  static const char *const bad[] = {"missing", "extra", "differing", NULL};

  if (g_strv_contains (bad, kind))
    return SLIP_TONE_BAD;
  return g_str_equal (kind, "between") || g_str_equal (kind, "not compared") ? SLIP_TONE_WARNING
                                                                             : SLIP_TONE_NEUTRAL;
}

static char *
dup_what (const SlipWaterfallGap *gap)
{
  const char *what = gap->what != NULL ? gap->what : "";

  if (g_str_equal (gap->kind, "filtered"))
    return g_strdup_printf (_ ("filter %s left out rows of %s"), gap->step, what);
  if (g_str_equal (gap->kind, "dropped"))
    return g_strdup_printf (_ ("%s left them out"), what[0] != '\0' ? what : gap->step);
  if (g_str_equal (gap->kind, "multiplied"))
    return g_strdup (_ ("source rows became more than one row"));
  if (g_str_equal (gap->kind, "missing"))
    return g_strdup (_ ("expected, and not in the target"));
  if (g_str_equal (gap->kind, "extra"))
    return g_strdup (_ ("in the target, and not expected"));
  if (g_str_equal (gap->kind, "differing"))
    return g_strdup (_ ("in the target, and not as expected"));
  if (g_str_equal (gap->kind, "not compared"))
    return g_strdup (_ ("no validation looks at them"));
  if (g_str_equal (gap->kind, "between") && gap->level == SLIP_WATERFALL_KEPT)
    return g_strdup_printf (_ ("left out by two filters, counted twice above (%s)"), what);
  return g_strdup_printf (_ ("no stage tells why (%s)"), what);
}

/* ---- the list */

static char *
dup_level (gpointer item)
{
  SlipFallRow *row = item;

  return g_strdup (row->gap == NULL ? get_level_title (row->level)
                                    : _ (kinds[find_kind (row->gap->kind)].title));
}

static char *
dup_place (gpointer item)
{
  SlipFallRow *row = item;

  if (row->gap == NULL)
    return g_strdup (row->table[0] != '\0' ? row->table : _ ("all tables"));
  return row->gap->step != NULL && g_strcmp0 (row->gap->step, row->gap->table) != 0
             ? g_strdup_printf ("%s ← %s", row->gap->table, row->gap->step)
             : g_strdup (row->gap->table);
}

static char *
dup_reason (gpointer item)
{
  SlipFallRow *row = item;

  return row->gap != NULL ? dup_what (row->gap) : g_strdup ("");
}

static char *
dup_rows (gpointer item)
{
  SlipFallRow *row = item;
  g_autofree char *count = slip_format_count (row->rows < 0 ? -row->rows : row->rows);

  if (row->gap == NULL)
    return g_steal_pointer (&count);
  return g_strdup_printf (row->rows < 0 ? "−%s" : "+%s", count);
}

static char *
dup_opens (gpointer item)
{
  SlipFallRow *row = item;

  if (row->gap == NULL)
    return g_strdup ("");
  if (row->gap->measure != NULL)
    return g_strdup (_ ("rows"));
  return g_strdup (get_tone (row->gap->kind) == SLIP_TONE_BAD ? _ ("comparison") : "");
}

static const SlipColumn columns[] = {
    {.title = N_ ("What"), .width_chars = 11, .text = dup_level},
    {.title = N_ ("Table ← step"), .width_chars = 22, .text = dup_place},
    {.title = N_ ("Why"), .width_chars = 24, .expand = TRUE, .text = dup_reason},
    {.title = N_ ("Rows"), .width_chars = 9, .numeric = TRUE, .text = dup_rows},
    {.title = N_ ("Enter opens"), .width_chars = 10, .text = dup_opens},
};

/* A bar is a level, or what is of one kind before a level. */
static guint
get_tag (SlipWaterfallLevel level, int kind)
{
  return (guint)level * 100 + (guint)(kind + 1);
}

static void
add_row (GPtrArray *rows,
         const SlipWaterfallTable *table,
         SlipWaterfallLevel level,
         const SlipWaterfallGap *gap)
{
  SlipFallRow *row = g_object_new (SLIP_TYPE_FALL_ROW, NULL);

  row->gap = gap;
  row->table = table->name;
  row->level = level;
  row->rows = gap != NULL ? gap->rows : table->counts[level];
  g_ptr_array_add (rows, row);
}

static gboolean
is_same (const SlipFallRow *a, const SlipFallRow *b)
{
  if (a->level != b->level || a->rows != b->rows || !g_str_equal (a->table, b->table)
      || (a->gap == NULL) != (b->gap == NULL))
    return FALSE;
  return a->gap == NULL
         || (g_str_equal (a->gap->kind, b->gap->kind) && g_strcmp0 (a->gap->step, b->gap->step) == 0
             && g_strcmp0 (a->gap->what, b->gap->what) == 0
             && (a->gap->measure == NULL) == (b->gap->measure == NULL));
}

/* The toolkit makes some hundred widgets anew for other rows: those that say the same stay. */
static void
put_rows (SlipWaterfallPage *self, GPtrArray *rows)
{
  GListModel *model = G_LIST_MODEL (self->rows);
  guint there = g_list_model_get_n_items (model);
  gboolean same = there == rows->len;

  for (guint i = 0; i < there && same; i++)
    {
      g_autoptr (SlipFallRow) row = g_list_model_get_item (model, i);

      same = is_same (row, g_ptr_array_index (rows, i));
    }
  for (guint i = 0; i < there && same; i++)
    {
      g_autoptr (SlipFallRow) row = g_list_model_get_item (model, i);
      const SlipFallRow *other = g_ptr_array_index (rows, i);

      row->gap = other->gap;
      row->table = other->table;
    }
  if (!same)
    g_list_store_splice (self->rows, 0, there, rows->pdata, rows->len);
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
                  || self->chosen == get_tag (level, (int)find_kind (gap->kind))))
            add_row (rows, table, level, gap);
        }
      if (self->chosen == G_MAXUINT || self->chosen == get_tag (level, -1))
        add_row (rows, table, level, NULL);
    }
  put_rows (self, rows);
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
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      gint64 sum = 0;

      for (guint i = 0; i < table->gaps->len; i++)
        {
          const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

          if (gap->level == level && find_kind (gap->kind) == kind)
            sum += gap->rows;
        }
      if (sum == 0)
        continue;
      add_slot (slots, _ (kinds[kind].title), *at, *at + sum, sum, get_tone (kinds[kind].kind),
                get_tag (level, (int)kind));
      *at += sum;
    }
}

static char *
dup_summary (const SlipWaterfallTable *table)
{
  GString *text = g_string_new (table->name[0] != '\0' ? table->name : _ ("All tables"));

  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    if (table->counts[level] >= 0)
      {
        g_autofree char *count = slip_format_count (table->counts[level]);

        g_string_append_printf (text, ", %s %s", get_level_title (level), count);
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
      add_slot (slots, get_level_title (level), 0, at, at, SLIP_TONE_BUSY, get_tag (level, -1));
    }
  slip_fall_chart_set_slots (chart, slots, summary);
}

GtkWidget *
slip_waterfall_page_new_chart (SlipMigrationData *data)
{
  GtkWidget *chart = slip_fall_chart_new ();

  if (data->waterfall != NULL)
    fill_chart (SLIP_FALL_CHART (chart), g_ptr_array_index (data->waterfall->tables, 0));
  return chart;
}

/* ---- what is shown */

static const SlipWaterfallTable *
find_table (SlipWaterfallPage *self)
{
  SlipWaterfall *waterfall = self->shown != NULL ? self->shown->waterfall : NULL;

  for (guint i = 0; waterfall != NULL && i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      if (g_strcmp0 (table->name, self->table) == 0)
        return table;
    }
  return waterfall != NULL ? g_ptr_array_index (waterfall->tables, 0) : NULL;
}

static void
show_tables (SlipWaterfallPage *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  SlipWaterfall *waterfall = self->shown != NULL ? self->shown->waterfall : NULL;
  guint selected = 0;

  for (guint i = 0; waterfall != NULL && i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      gtk_string_list_append (names, table->name[0] != '\0' ? table->name : _ ("All tables"));
      if (g_strcmp0 (table->name, self->table) == 0)
        selected = i;
    }
  self->settling = TRUE;
  gtk_drop_down_set_model (self->tables, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->tables, selected);
  self->settling = FALSE;
}

static void
show_table (SlipWaterfallPage *self)
{
  const SlipWaterfallTable *table = find_table (self);

  if (table == NULL)
    {
      g_list_store_remove_all (self->rows);
      return;
    }
  fill_chart (self->chart, table);
  fill_list (self, table);
}

static void
show_status (SlipWaterfallPage *self)
{
  const char *message = slip_migration_desk_get_message (self->desk);
  const SlipWaterfallTable *table = find_table (self);
  g_autofree char *text = table != NULL ? dup_summary (table) : NULL;

  if (message != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, message);
  else if (text == NULL)
    slip_migration_frame_set_status (self->frame,
                                     self->shown == NULL ? SLIP_TONE_BUSY : SLIP_TONE_NEUTRAL,
                                     self->shown == NULL ? _ ("Reading…") : _ ("Never run"));
  else
    slip_migration_frame_set_status (self->frame, SLIP_TONE_NEUTRAL, text);
}

static void
update (SlipWaterfallPage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  /* The rows point into it until they are brought up to date. */
  g_autoptr (SlipMigrationData) before = g_steal_pointer (&self->shown);

  if (data != NULL)
    self->shown = slip_migration_data_ref (data);
  slip_migration_frame_set_empty (
      self->frame, self->shown != NULL && self->shown->waterfall == NULL ? _ ("No run yet") : NULL,
      _ ("What becomes of rows is counted while a run goes on."));
  show_tables (self);
  show_table (self);
  show_status (self);
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
  const SlipWaterfallTable *table = find_table (self);

  self->chosen = tag;
  if (table != NULL)
    fill_list (self, table);
}

static void
activate_cb (SlipWaterfallPage *self, guint position)
{
  g_autoptr (SlipFallRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);
  g_autofree char *page_id = NULL;

  if (row == NULL || row->gap == NULL)
    return;
  if (row->gap->measure != NULL)
    slip_migration_frame_show_measure (self->frame, row->gap->measure);
  else if (get_tone (row->gap->kind) == SLIP_TONE_BAD)
    {
      page_id
          = g_strdup_printf ("migration-comparison/%s/%s",
                             slip_migration_desk_get_project (self->desk)->name, row->gap->step);
      slip_page_open (SLIP_PAGE (self), page_id);
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
  slip_migration_export_picture (GTK_WIDGET (self->chart), _ ("Save the picture"), "waterfall.png");
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
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->rows)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  self->view = slip_columns_new_view (GTK_SELECTION_MODEL (selection), _ ("Levels and gaps"));
  slip_columns_add (self->view, columns, G_N_ELEMENTS (columns));
  slip_column_room_add (self->view, 130);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  self->tables = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
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
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (above), GTK_WIDGET (self->chart));
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
  slip_migration_frame_add_button (self->frame, _ ("_CSV…"), G_CALLBACK (csv_cb), self);
  slip_migration_frame_add_button (self->frame, _ ("_PNG…"), G_CALLBACK (png_cb), self);
  slip_migration_frame_add_button (self->frame, _ ("_Evidence…"), G_CALLBACK (evidence_cb), self);
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}
