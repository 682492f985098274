/* SPDX-License-Identifier: MIT */

/* What a waterfall says of its levels and gaps, in words, and as rows of a list. Counting is app/migration's. */

#include "config.h"

#include "slip-fall-rows.h"

#include <glib/gi18n.h>

#include "slip-format.h"

struct _SlipFallRow
{
  GObject parent_instance;

  const SlipWaterfallTable *table; /* borrowed */
  const SlipWaterfallGap *gap;     /* borrowed; NULL for a level */
  SlipWaterfallLevel level;
  gint64 rows;
  gint64 known; /* of a level: what differs for a reason */
};

G_DEFINE_FINAL_TYPE (SlipFallRow, slip_fall_row, G_TYPE_OBJECT)

static GParamSpec *rows_property;

static void
slip_fall_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int64 (value, SLIP_FALL_ROW (object)->rows);
}

static void
slip_fall_row_class_init (SlipFallRowClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = slip_fall_row_get_property;
  rows_property
      = g_param_spec_int64 ("rows", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, rows_property);
}

static void
slip_fall_row_init (SlipFallRow *self)
{
}

SlipFallRow *
slip_fall_row_new (const SlipWaterfallTable *table,
                   SlipWaterfallLevel level,
                   const SlipWaterfallGap *gap)
{
  SlipFallRow *self;

  g_return_val_if_fail (table != NULL, NULL);

  self = g_object_new (SLIP_TYPE_FALL_ROW, NULL);
  self->table = table;
  self->level = level;
  self->gap = gap;
  self->rows = gap != NULL ? gap->rows : table->counts[level];
  self->known = gap == NULL && level == SLIP_WATERFALL_VALIDATED ? table->known : 0;
  return self;
}

const SlipWaterfallGap *
slip_fall_row_get_gap (SlipFallRow *self)
{
  g_return_val_if_fail (SLIP_IS_FALL_ROW (self), NULL);
  return self->gap;
}

/* ---- words */

const char *
slip_fall_level_get_title (SlipWaterfallLevel level)
{
  static const char *const titles[SLIP_WATERFALL_N_LEVELS]
      = {N_ ("Landed"),     N_ ("Kept"),   N_ ("Transformed"),
         N_ ("Integrated"), N_ ("Loaded"), N_ ("Validated")};

  g_return_val_if_fail ((guint)level < SLIP_WATERFALL_N_LEVELS, NULL);
  return _ (titles[level]);
}

/* What bars of the chart put together: gains and losses of a level, by kind. */
static const struct
{
  const char *kind;
  const char *title;
  SlipTone tone;
} kinds[SLIP_FALL_N_KINDS] = {
    {"filtered", N_ ("Filtered"), SLIP_TONE_NEUTRAL},
    {"twice", N_ ("Told twice"), SLIP_TONE_NEUTRAL},
    {"unread", N_ ("Aside"), SLIP_TONE_NEUTRAL},
    {"again", N_ ("Used again"), SLIP_TONE_NEUTRAL},
    {"derived", N_ ("Derived"), SLIP_TONE_NEUTRAL},
    {"multiplied", N_ ("Several"), SLIP_TONE_NEUTRAL},
    {"dropped", N_ ("Left out"), SLIP_TONE_NEUTRAL},
    {"not loaded", N_ ("To load"), SLIP_TONE_NEUTRAL},
    {"missing", N_ ("Missing"), SLIP_TONE_BAD},
    {"extra", N_ ("Extra"), SLIP_TONE_BAD},
    {"differing", N_ ("Differing"), SLIP_TONE_BAD},
    {"duplicated", N_ ("Duplicate"), SLIP_TONE_BAD},
    {"not compared", N_ ("Unchecked"), SLIP_TONE_WARNING},
    {"between", N_ ("Unexplained"), SLIP_TONE_WARNING},
};

guint
slip_fall_kind_find (const char *kind)
{
  for (guint i = 0; i < SLIP_FALL_N_KINDS; i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      return i;
  return SLIP_FALL_N_KINDS - 1;
}

const char *
slip_fall_kind_get_title (guint kind)
{
  g_return_val_if_fail (kind < SLIP_FALL_N_KINDS, NULL);
  return _ (kinds[kind].title);
}

SlipTone
slip_fall_kind_get_tone (guint kind)
{
  g_return_val_if_fail (kind < SLIP_FALL_N_KINDS, SLIP_TONE_NEUTRAL);
  return kinds[kind].tone;
}

/* Of those that are about one thing: its name goes where %s is. */
static const struct
{
  const char *kind;
  const char *text;
} reasons[] = {
    {"multiplied", N_ ("source rows became more than one row")},
    {"not loaded", N_ ("not loaded yet: the load goes on, broke off or failed")},
    {"missing", N_ ("expected, and went since they were loaded")},
    {"extra", N_ ("in the target, and not expected")},
    {"differing", N_ ("in the target, and not as expected")},
    {"not compared", N_ ("no validation looks at them, or they came since")},
};

static char *
dup_gap_reason (const SlipFallRow *row)
{
  const SlipWaterfallGap *gap = row->gap;
  const char *what = gap->what != NULL ? gap->what : "";

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (gap->kind, reasons[i].kind))
      return g_strdup (_ (reasons[i].text));
  if (g_str_equal (gap->kind, "filtered"))
    return g_strdup_printf (_ ("%s: left out by filter %s"), what, gap->step);
  if (g_str_equal (gap->kind, "unread"))
    return g_strdup_printf (_ ("%s: no step begins with it; steps may look rows up"), what);
  if (g_str_equal (gap->kind, "again") && gap->step == NULL)
    return g_strdup_printf (_ ("%s: rows feed further tables, and count in each"), what);
  if (g_str_equal (gap->kind, "again"))
    return g_strdup_printf (_ ("%s: rows feed this step too"), what);
  if (g_str_equal (gap->kind, "derived"))
    return what[0] != '\0' ? g_strdup_printf (_ ("begun with %s, which other steps made"), what)
                           : g_strdup (_ ("begun with rows that other steps made"));
  if (g_str_equal (gap->kind, "dropped"))
    return g_strdup_printf (_ ("%s left them out"), what[0] != '\0' ? what : gap->step);
  if (g_str_equal (gap->kind, "twice"))
    return g_strdup_printf (_ ("left out by two filters, counted twice above (%s)"), what);
  return g_strdup_printf (_ ("no stage tells why (%s)"), what);
}

static char *
dup_level_reason (const SlipFallRow *row)
{
  g_autofree char *known = NULL;

  if (row->level == SLIP_WATERFALL_LANDED)
    return g_strdup (row->table->name[0] != '\0'
                         ? _ ("each source row once, however many steps begin with it")
                         : _ ("each source row once, however many tables it feeds"));
  if (row->known == 0)
    return g_strdup ("");
  known = slip_format_count (row->known);
  return g_strdup_printf (_ ("%s of them differ for a known reason"), known);
}

char *
slip_fall_row_dup_reason (SlipFallRow *self)
{
  g_return_val_if_fail (SLIP_IS_FALL_ROW (self), NULL);
  return self->gap != NULL ? dup_gap_reason (self) : dup_level_reason (self);
}

SlipFallOpens
slip_fall_row_get_opens (SlipFallRow *self)
{
  g_return_val_if_fail (SLIP_IS_FALL_ROW (self), SLIP_FALL_OPENS_NOTHING);

  if (self->gap == NULL)
    return self->known > 0 ? SLIP_FALL_OPENS_COMPARISON : SLIP_FALL_OPENS_NOTHING;
  if (self->gap->measure != NULL)
    return SLIP_FALL_OPENS_MEASURE;
  if (g_str_equal (self->gap->kind, "unread") || g_str_equal (self->gap->kind, "again"))
    return SLIP_FALL_OPENS_LANDED;
  return kinds[slip_fall_kind_find (self->gap->kind)].tone == SLIP_TONE_BAD
             ? SLIP_FALL_OPENS_COMPARISON
             : SLIP_FALL_OPENS_NOTHING;
}

/* ---- columns */

static char *
dup_level (gpointer item)
{
  SlipFallRow *row = item;

  return g_strdup (row->gap == NULL
                       ? slip_fall_level_get_title (row->level)
                       : slip_fall_kind_get_title (slip_fall_kind_find (row->gap->kind)));
}

static char *
dup_place (gpointer item)
{
  SlipFallRow *row = item;
  const char *table = row->gap != NULL ? row->gap->table : row->table->name;
  const char *step = row->gap != NULL ? row->gap->step : NULL;

  if (table[0] == '\0')
    table = _ ("all tables");
  return step != NULL && g_strcmp0 (step, table) != 0 ? g_strdup_printf ("%s ← %s", table, step)
                                                      : g_strdup (table);
}

static char *
dup_reason (gpointer item)
{
  return slip_fall_row_dup_reason (item);
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
  switch (slip_fall_row_get_opens (item))
    {
    case SLIP_FALL_OPENS_MEASURE:
    case SLIP_FALL_OPENS_LANDED:
      return g_strdup (_ ("rows"));
    case SLIP_FALL_OPENS_COMPARISON:
      return g_strdup (_ ("comparison"));
    case SLIP_FALL_OPENS_NOTHING:
      break;
    }
  return g_strdup ("");
}

const SlipColumn slip_fall_columns[SLIP_FALL_N_COLUMNS] = {
    {.title = N_ ("What"), .width_chars = 11, .text = dup_level},
    {.title = N_ ("Table ← step"), .width_chars = 22, .text = dup_place},
    {.title = N_ ("Why"), .width_chars = 24, .expand = TRUE, .text = dup_reason},
    {.title = N_ ("Rows"), .width_chars = 9, .numeric = TRUE, .text = dup_rows},
    {.title = N_ ("Enter opens"), .width_chars = 10, .text = dup_opens},
};

/* ---- a list of them */

static gboolean
is_same_gap (const SlipWaterfallGap *a, const SlipWaterfallGap *b)
{
  return g_str_equal (a->kind, b->kind) && g_str_equal (a->table, b->table)
         && g_strcmp0 (a->step, b->step) == 0 && g_strcmp0 (a->what, b->what) == 0
         && (a->measure == NULL) == (b->measure == NULL);
}

static gboolean
is_same (const SlipFallRow *a, const SlipFallRow *b)
{
  return a->level == b->level && a->rows == b->rows && a->known == b->known
         && g_str_equal (a->table->name, b->table->name) && (a->gap == NULL) == (b->gap == NULL)
         && (a->gap == NULL || is_same_gap (a->gap, b->gap));
}

static void
take_over (SlipFallRow *row, const SlipFallRow *other)
{
  gboolean same = is_same (row, other);

  row->gap = other->gap;
  row->table = other->table;
  row->level = other->level;
  row->rows = other->rows;
  row->known = other->known;
  if (!same)
    g_object_notify_by_pspec (G_OBJECT (row), rows_property);
}

void
slip_fall_rows_put (GListStore *rows, GPtrArray *wanted)
{
  guint there = g_list_model_get_n_items (G_LIST_MODEL (rows));
  guint both;

  g_return_if_fail (G_IS_LIST_STORE (rows) && wanted != NULL);

  both = MIN (there, wanted->len);
  for (guint i = 0; i < both; i++)
    {
      g_autoptr (SlipFallRow) row = g_list_model_get_item (G_LIST_MODEL (rows), i);

      take_over (row, g_ptr_array_index (wanted, i));
    }
  if (there != wanted->len)
    g_list_store_splice (rows, both, there - both, wanted->pdata + both, wanted->len - both);
}
