/* SPDX-License-Identifier: MIT */
/* Which rows differ, and in which cells. Both sides give position, key and hash of the rows in the ranges, in one
 * order, through cursors; they are merged here. Only rows that are to be listed are fetched with their values. */

#include "slip-table-compare-private.h"

#include <string.h>

#define FETCH_ROWS 2000
#define CELLS_ROWS 100
#define LONGEST_VALUE 4096

/* A row that differs: what fetches its values. */
typedef struct
{
  SlipDifferenceKind kind;
  gint64 position;
  char *key;
  gint64 hash[2];
} Entry;

/* One side of the merge, at a row. */
typedef struct
{
  SlipPgRows *rows; /* owned */
  guint at;
  gboolean ended;
} Stream;

typedef struct
{
  SlipCompare *compare;
  Stream stream[2];
  GPtrArray *entries; /* owned; in the order of the merge */
  guint listed[SLIP_N_DIFFERENCE_KINDS];
  GArray *alone[2];     /* owned; hashes of rows of the present key that the other side has not */
  guint64 n_alone[2];   /* all of them; the arrays end at the limit */
  guint64 n_present[2]; /* rows of the present key */
} Merge;

static void
entry_free (Entry *entry)
{
  g_free (entry->key);
  g_free (entry);
}

static void
merge_clear (Merge *self)
{
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&self->stream[i].rows, slip_pg_rows_free);
      g_clear_pointer (&self->alone[i], g_array_unref);
    }
  g_clear_pointer (&self->entries, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Merge, merge_clear)

/* ---- cursors */

static char *
list_of (GArray *ranges, gboolean highs)
{
  GString *list = g_string_new ("'{");

  for (guint i = 0; i < ranges->len; i++)
    {
      const SlipCompareRange *range = &g_array_index (ranges, SlipCompareRange, i);

      g_string_append_printf (list, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "",
                              highs ? range->high : range->low);
    }
  g_string_append (list, "}'::bigint[]");
  return g_string_free (list, FALSE);
}

static char *
cursor_sql (const SlipCompare *self, const SlipCompareSide *side)
{
  g_autofree char *lows = list_of (self->ranges, FALSE);
  g_autofree char *highs = list_of (self->ranges, TRUE);
  g_autofree char *rows = NULL;
  /* A bytea is ordered by its bytes, as here; a text in UTF-8 is with the collation C. */
  const char *order = self->md5 ? "convert_to(key, 'UTF8')" : "key COLLATE \"C\"";

  if (self->result->by_range)
    rows = g_strdup_printf (
        "unnest(%s, %s) AS slip_stretch (low, high),\n"
        "LATERAL (SELECT %s AS position, %s AS key, %s AS hash\nFROM %s\n"
        "WHERE %s BETWEEN slip_stretch.low AND slip_stretch.high AND %s OFFSET 0) AS each_row",
        lows, highs, side->position, side->key_text, side->hash, side->table, side->bare_position,
        self->where);
  else
    rows = g_strdup_printf ("(SELECT %s AS position, %s AS key, %s AS hash\nFROM %s\n"
                            "WHERE (%s) & %" G_GINT64_FORMAT " = ANY (%s) AND %s) AS each_row",
                            side->position, side->key_text, side->hash, side->table, side->position,
                            self->mask, lows, self->where);
  return g_strdup_printf ("DECLARE slip_compare NO SCROLL CURSOR FOR\nSELECT position, key, hash\n"
                          "FROM %s\nORDER BY position, %s, hash",
                          rows, order);
}

static void
stream_take (Stream *stream, SlipPgRows *rows)
{
  g_clear_pointer (&stream->rows, slip_pg_rows_free);
  stream->rows = rows;
  stream->at = 0;
  stream->ended = slip_pg_rows_get_n_rows (rows) == 0;
}

static const char *
fetch_sql (void)
{
  return "FETCH " G_STRINGIFY (FETCH_ROWS) " FROM slip_compare";
}

/* How much of the table is read by its index is known here better than to the planner. */
static gboolean
set_plans (SlipCompare *self, GError **error)
{
  guint64 rows = 0;
  const char *seqscan;

  for (guint i = 0; i < self->ranges->len; i++)
    rows += g_array_index (self->ranges, SlipCompareRange, i).rows;
  seqscan = self->result->by_range
                    && rows * 4 < MAX (self->result->side[0].rows, self->result->side[1].rows)
                ? "SET LOCAL enable_sort = on; SET LOCAL enable_seqscan = off"
                : "SET LOCAL enable_sort = on; SET LOCAL enable_seqscan = on";
  return slip_pg_run (self->side[0].pg, seqscan, error)
         && slip_pg_run (self->side[1].pg, seqscan, error);
}

static gboolean
begin (Merge *self, GError **error)
{
  SlipCompare *compare = self->compare;
  const char *const fetch[] = {fetch_sql (), fetch_sql ()};
  g_auto (GStrv) declare = g_new0 (char *, 3);
  SlipPgRows *rows[2];

  if (!set_plans (compare, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    declare[i] = cursor_sql (compare, &compare->side[i]);
  if (!slip_compare_query_both (compare, "rows of what differs", (const char *const *)declare, rows,
                                error))
    return FALSE;
  slip_pg_rows_free (rows[0]);
  slip_pg_rows_free (rows[1]);
  if (!slip_compare_query_both (compare, "rows of what differs", fetch, rows, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    stream_take (&self->stream[i], rows[i]);
  return TRUE;
}

static gboolean
advance (Merge *self, guint side, GError **error)
{
  Stream *stream = &self->stream[side];
  SlipPg *pg = self->compare->side[side].pg;
  SlipPgRows *rows;

  self->n_present[side]++;
  if (++stream->at < slip_pg_rows_get_n_rows (stream->rows))
    return TRUE;
  slip_pg_name_statement (pg, "rows of what differs");
  rows = slip_pg_query (pg, fetch_sql (), NULL, NULL, error);
  if (rows == NULL)
    return FALSE;
  stream_take (stream, rows);
  return TRUE;
}

/* ---- merging */

static int
compare_numbers (gint64 one, gint64 other)
{
  return (one > other) - (one < other);
}

static gint64
number_at (const Stream *stream, guint column)
{
  return slip_pg_rows_get_int (stream->rows, stream->at, column);
}

static const char *
key_at (const Stream *stream)
{
  return slip_pg_rows_get (stream->rows, stream->at, 1);
}

/* What comes first: a stream that has ended comes last. */
static int
compare_keys (const Stream *one, gint64 position, const char *key)
{
  int order;

  if (one->ended)
    return 1;
  order = compare_numbers (number_at (one, 0), position);
  return order != 0 ? order : strcmp (key_at (one), key);
}

static void
list (Merge *self,
      SlipDifferenceKind kind,
      gint64 position,
      const char *key,
      gint64 left,
      gint64 right)
{
  Entry *entry;

  if (self->listed[kind] >= self->compare->options->limit)
    return;
  self->listed[kind]++;
  entry = g_new0 (Entry, 1);
  *entry = (Entry){kind, position, g_strdup (key), {left, right}};
  g_ptr_array_add (self->entries, entry);
}

static void
leave_alone (Merge *self, guint side, gint64 hash)
{
  self->n_alone[side]++;
  if (self->alone[side]->len < self->compare->options->limit)
    g_array_append_val (self->alone[side], hash);
}

static gint64
alone_at (Merge *self, guint side, guint64 i)
{
  return i < self->alone[side]->len ? g_array_index (self->alone[side], gint64, i) : 0;
}

/* Of one key: rows that only one side has are pairs that differ as long as both sides have such. */
static void
settle_key (Merge *self, gint64 position, const char *key)
{
  guint64 *counts = self->compare->result->counts;
  guint64 pairs = MIN (self->n_alone[0], self->n_alone[1]);
  guint more = self->n_alone[0] > self->n_alone[1] ? 0 : 1;
  gboolean both = self->n_present[0] > 0 && self->n_present[1] > 0;
  SlipDifferenceKind kind
      = both ? (more == 0 ? SLIP_DIFFERENCE_MORE_LEFT : SLIP_DIFFERENCE_MORE_RIGHT)
             : (more == 0 ? SLIP_DIFFERENCE_MISSING : SLIP_DIFFERENCE_EXTRA);
  guint64 most = MAX (self->alone[0]->len, self->alone[1]->len);

  counts[SLIP_DIFFERENCE_DIFFERING] += pairs;
  counts[kind] += self->n_alone[more] - pairs;
  for (guint64 i = 0; i < most; i++)
    list (self, i < pairs ? SLIP_DIFFERENCE_DIFFERING : kind, position, key, alone_at (self, 0, i),
          alone_at (self, 1, i));
}

/* The rows of one key, which are in the order of their hashes on both sides. */
static gboolean
merge_key (Merge *self, GError **error)
{
  Stream *left = &self->stream[0];
  Stream *right = &self->stream[1];
  const Stream *first = left;
  gint64 position;
  g_autofree char *key = NULL;

  if (left->ended
      || (!right->ended && compare_keys (left, number_at (right, 0), key_at (right)) > 0))
    first = right;
  position = number_at (first, 0);
  key = g_strdup (key_at (first));
  for (guint i = 0; i < 2; i++)
    {
      g_array_set_size (self->alone[i], 0);
      self->n_alone[i] = self->n_present[i] = 0;
    }
  for (;;)
    {
      gboolean here[]
          = {compare_keys (left, position, key) == 0, compare_keys (right, position, key) == 0};
      int order = here[0] && here[1] ? compare_numbers (number_at (left, 2), number_at (right, 2))
                  : here[0]          ? -1
                                     : 1;

      if (!here[0] && !here[1])
        break;
      if (order != 0)
        leave_alone (self, order > 0, number_at (order < 0 ? left : right, 2));
      if ((order <= 0 && !advance (self, 0, error)) || (order >= 0 && !advance (self, 1, error)))
        return FALSE;
    }
  settle_key (self, position, key);
  return TRUE;
}

/* ---- cells */

static gboolean
is_on (const Entry *entry, guint side)
{
  return entry->kind == SLIP_DIFFERENCE_DIFFERING
         || (entry->kind == SLIP_DIFFERENCE_MISSING || entry->kind == SLIP_DIFFERENCE_MORE_LEFT)
                == (side == 0);
}

static char *
dup_name (const char *key, gint64 hash)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", hash, key);
}

static char *
cells_sql (const SlipCompare *self,
           const SlipCompareSide *side,
           guint number,
           GPtrArray *entries,
           guint from)
{
  GString *sql = g_string_new ("SELECT * FROM (SELECT ");
  gboolean any = FALSE;

  g_string_append_printf (sql, "%s AS slip_key, %s AS slip_hash", side->key_text, side->hash);
  for (guint i = 0; i < side->expressions->len; i++)
    g_string_append_printf (sql, ", (%s)::text",
                            (const char *)g_ptr_array_index (side->expressions, i));
  g_string_append_printf (sql, "\nFROM %s\nWHERE %s = ANY ('{", side->table,
                          side->bare_position != NULL ? side->bare_position : side->position);
  for (guint i = from; i < MIN (from + CELLS_ROWS, entries->len); i++)
    {
      const Entry *entry = g_ptr_array_index (entries, i);

      if (!is_on (entry, number))
        continue;
      g_string_append_printf (sql, "%s%" G_GINT64_FORMAT, any ? "," : "", entry->position);
      any = TRUE;
    }
  g_string_append_printf (sql, "}'::bigint[]) AND %s) AS each_row WHERE slip_hash = ANY ('{",
                          self->where);
  any = FALSE;
  for (guint i = from; i < MIN (from + CELLS_ROWS, entries->len); i++)
    {
      const Entry *entry = g_ptr_array_index (entries, i);

      if (!is_on (entry, number))
        continue;
      g_string_append_printf (sql, "%s%" G_GINT64_FORMAT, any ? "," : "", entry->hash[number]);
      any = TRUE;
    }
  g_string_append (sql, "}'::bigint[])");
  return g_string_free (sql, FALSE);
}

static char *
shorten (const char *value)
{
  const char *end;

  if (value == NULL || strlen (value) <= LONGEST_VALUE)
    return g_strdup (value);
  end = g_utf8_find_prev_char (value, value + LONGEST_VALUE + 1);
  return g_strdup_printf ("%.*s… (%" G_GSIZE_FORMAT " bytes)", (int)(end - value), value,
                          strlen (value));
}

static GPtrArray *
take_values (const SlipPgRows *rows, guint row, guint n)
{
  GPtrArray *values = g_ptr_array_new_full (n, g_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (values, shorten (slip_pg_rows_get (rows, row, i + 2)));
  return values;
}

static void
mark_cells (SlipTableComparison *result,
            SlipDifference *difference,
            SlipPgRows *const rows[2],
            const guint at[2])
{
  difference->differs = g_new0 (guint8, result->columns->len);
  for (guint i = 0; i < result->columns->len; i++)
    {
      SlipComparedColumn *column = g_ptr_array_index (result->columns, i);

      difference->differs[i] = g_strcmp0 (slip_pg_rows_get (rows[0], at[0], i + 2),
                                          slip_pg_rows_get (rows[1], at[1], i + 2))
                               != 0;
      column->differing += difference->differs[i];
    }
}

static void
add_difference (Merge *self,
                const Entry *entry,
                SlipPgRows *const rows[2],
                GHashTable *const found[2])
{
  SlipTableComparison *result = self->compare->result;
  SlipDifference *difference = g_new0 (SlipDifference, 1);
  guint at[2] = {0, 0};

  difference->kind = entry->kind;
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = dup_name (entry->key, entry->hash[i]);
      gpointer row = NULL;

      if (!is_on (entry, i) || !g_hash_table_lookup_extended (found[i], name, NULL, &row))
        continue;
      at[i] = GPOINTER_TO_UINT (row);
      *(i == 0 ? &difference->left : &difference->right)
          = take_values (rows[i], at[i], result->columns->len);
    }
  if (difference->left != NULL && difference->right != NULL)
    mark_cells (result, difference, rows, at);
  g_ptr_array_add (result->differences, difference);
}

static gboolean
fetch_cells (Merge *self, guint from, GError **error)
{
  SlipCompare *compare = self->compare;
  g_auto (GStrv) sql = g_new0 (char *, 3);
  GHashTable *found[2];
  SlipPgRows *rows[2];

  for (guint i = 0; i < 2; i++)
    sql[i] = cells_sql (compare, &compare->side[i], i, self->entries, from);
  if (!slip_compare_query_both (compare, "values of rows that differ", (const char *const *)sql,
                                rows, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      found[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint row = 0; row < slip_pg_rows_get_n_rows (rows[i]); row++)
        g_hash_table_insert (
            found[i],
            dup_name (slip_pg_rows_get (rows[i], row, 0), slip_pg_rows_get_int (rows[i], row, 1)),
            GUINT_TO_POINTER (row));
    }
  for (guint i = from; i < MIN (from + CELLS_ROWS, self->entries->len); i++)
    add_difference (self, g_ptr_array_index (self->entries, i), rows, found);
  for (guint i = 0; i < 2; i++)
    {
      g_hash_table_unref (found[i]);
      slip_pg_rows_free (rows[i]);
    }
  return TRUE;
}

gboolean
slip_compare_rows (SlipCompare *self, GError **error)
{
  g_auto (Merge) merge = {.compare = self};

  if (self->ranges->len == 0)
    return TRUE;
  slip_compare_tell (self, "rows", 0, self->ranges->len);
  merge.entries = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  for (guint i = 0; i < 2; i++)
    merge.alone[i] = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (!begin (&merge, error))
    return FALSE;
  while (!merge.stream[0].ended || !merge.stream[1].ended)
    if (!merge_key (&merge, error))
      return FALSE;
  for (guint from = 0; from < merge.entries->len; from += CELLS_ROWS)
    if (!fetch_cells (&merge, from, error))
      return FALSE;
  slip_compare_tell (self, "rows", self->ranges->len, self->ranges->len);
  return TRUE;
}
