/* SPDX-License-Identifier: MIT */
/* Where two tables differ, by hashes of chunks. The first pass reads each table once, in its own order, and sums
 * the rows' hashes by chunk. A chunk that differs and is large is divided again by the index; positions that
 * are hashes need that never, for their chunks are all of one size. */

#include "slip-table-compare-private.h"

#include <stdlib.h>

#define CHUNK_ROWS 512 /* in the mean, of the first pass */
#define MIN_CHUNKS 256
#define MAX_CHUNKS 65536
#define SMALL 4096 /* rows that are merged instead of divided */
#define PARTS 256  /* of a chunk that is divided */
#define LARGE_SPAN (G_MAXINT64 / 2)

typedef struct
{
  gint64 number;
  guint64 rows;
  const char *sum;
} Chunk;

static int
by_number (const void *a, const void *b)
{
  const Chunk *one = a;
  const Chunk *other = b;

  return (one->number > other->number) - (one->number < other->number);
}

/* In the order of their numbers. The sums stay those of @rows. */
static GArray *
take_chunks (const SlipPgRows *rows)
{
  GArray *chunks = g_array_new (FALSE, FALSE, sizeof (Chunk));

  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      Chunk chunk = {.number = slip_pg_rows_get_int (rows, i, 0),
                     .rows = (guint64)slip_pg_rows_get_int (rows, i, 1),
                     .sum = slip_pg_rows_get (rows, i, 2)};

      g_array_append_val (chunks, chunk);
    }
  g_array_sort (chunks, by_number);
  return chunks;
}

typedef struct
{
  guint n;           /* chunks that are on one side at least */
  guint64 rows[2];   /* of each side */
  GArray *differing; /* Chunk; rows are those of the side that has more */
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->differing, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static gboolean
is_same (const Chunk *left, const Chunk *right)
{
  return left != NULL && right != NULL && left->rows == right->rows
         && g_strcmp0 (left->sum, right->sum) == 0;
}

static void
pair_chunks (SlipPgRows *const rows[2], Outcome *outcome)
{
  g_autoptr (GArray) left = take_chunks (rows[0]);
  g_autoptr (GArray) right = take_chunks (rows[1]);
  guint at[2] = {0, 0};

  outcome->differing = g_array_new (FALSE, FALSE, sizeof (Chunk));
  while (at[0] < left->len || at[1] < right->len)
    {
      const Chunk *one = at[0] < left->len ? &g_array_index (left, Chunk, at[0]) : NULL;
      const Chunk *other = at[1] < right->len ? &g_array_index (right, Chunk, at[1]) : NULL;
      int order = one == NULL ? 1 : other == NULL ? -1 : by_number (one, other);

      one = order <= 0 ? one : NULL;
      other = order >= 0 ? other : NULL;
      outcome->n++;
      outcome->rows[0] += one != NULL ? one->rows : 0;
      outcome->rows[1] += other != NULL ? other->rows : 0;
      if (!is_same (one, other))
        {
          Chunk chunk
              = {.number = one != NULL ? one->number : other->number,
                 .rows = MAX (one != NULL ? one->rows : 0, other != NULL ? other->rows : 0)};

          g_array_append_val (outcome->differing, chunk);
        }
      at[0] += one != NULL;
      at[1] += other != NULL;
    }
}

/* @stretch is a condition of BETWEEN over positions, for a chunk that is divided. */
static gboolean
hash_chunks (SlipCompare *self,
             const char *name,
             const char *number,
             const char *stretch,
             Outcome *outcome,
             GError **error)
{
  g_auto (GStrv) sql = g_new0 (char *, 3);
  SlipPgRows *rows[2];

  for (guint i = 0; i < 2; i++)
    {
      const SlipCompareSide *side = &self->side[i];
      g_autofree char *within
          = stretch != NULL ? g_strdup_printf ("%s BETWEEN %s AND ", side->bare_position, stretch)
                            : g_strdup ("");

      sql[i]
          = g_strdup_printf ("SELECT (%s%s AS chunk, count(*), sum(%s)\nFROM %s\nWHERE %s%s\n"
                             "GROUP BY 1",
                             side->position, number, side->hash, side->table, within, self->where);
    }
  if (!slip_compare_query_both (self, name, (const char *const *)sql, rows, error))
    return FALSE;
  pair_chunks (rows, outcome);
  slip_pg_rows_free (rows[0]);
  slip_pg_rows_free (rows[1]);
  return TRUE;
}

static void
take_first_pass (SlipCompare *self, const Outcome *outcome)
{
  for (guint i = 0; i < 2; i++)
    self->result->side[i].rows = outcome->rows[i];
  self->result->chunks = outcome->n;
  self->result->chunks_differing = outcome->differing->len;
  slip_compare_tell (self, "hash", outcome->n, outcome->n);
}

static gint64
count_chunks (SlipCompare *self)
{
  guint64 rows = MAX (self->side[0].estimate, self->side[1].estimate);
  gint64 n = MIN_CHUNKS;

  if (self->options->chunks > 0)
    return self->options->chunks;
  while (n < MAX_CHUNKS && (guint64)n * CHUNK_ROWS < rows)
    n *= 2;
  return n;
}

/* ---- chunks of hashes */

static gboolean
by_hash (SlipCompare *self, GError **error)
{
  g_auto (Outcome) outcome = {0};
  g_autofree char *number = NULL;
  gint64 n = 1;

  while (n < count_chunks (self))
    n *= 2;
  self->mask = n - 1;
  number = g_strdup_printf (") & %" G_GINT64_FORMAT, self->mask);
  if (!hash_chunks (self, "hashes by chunk", number, NULL, &outcome, error))
    return FALSE;
  take_first_pass (self, &outcome);
  for (guint i = 0; i < outcome.differing->len; i++)
    {
      const Chunk *chunk = &g_array_index (outcome.differing, Chunk, i);
      SlipCompareRange range = {chunk->number, chunk->number, chunk->rows};

      g_array_append_val (self->ranges, range);
    }
  return TRUE;
}

/* ---- chunks of keys */

static gboolean
find_ends (SlipCompare *self, SlipCompareRange *ends, gboolean *empty, GError **error)
{
  g_auto (GStrv) sql = g_new0 (char *, 3);
  SlipPgRows *rows[2];

  *empty = TRUE;
  for (guint i = 0; i < 2; i++)
    sql[i] = g_strdup_printf ("SELECT min(%s), max(%s)\nFROM %s\nWHERE %s",
                              self->side[i].bare_position, self->side[i].bare_position,
                              self->side[i].table, self->where);
  if (!slip_compare_query_both (self, "ends of the key", (const char *const *)sql, rows, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      if (slip_pg_rows_get (rows[i], 0, 0) != NULL)
        {
          gint64 low = slip_pg_rows_get_int (rows[i], 0, 0);
          gint64 high = slip_pg_rows_get_int (rows[i], 0, 1);

          ends->low = *empty ? low : MIN (ends->low, low);
          ends->high = *empty ? high : MAX (ends->high, high);
          *empty = FALSE;
        }
      slip_pg_rows_free (rows[i]);
    }
  return TRUE;
}

/* Cuts @range into up to @n parts and adds those that differ to @found. */
static gboolean
divide (SlipCompare *self,
        const char *name,
        const SlipCompareRange *range,
        gint64 n,
        gboolean whole,
        Outcome *outcome,
        GArray *found,
        GError **error)
{
  gint64 width = (range->high - range->low) / n + 1;
  g_autofree char *number
      = g_strdup_printf (" - (%" G_GINT64_FORMAT ")) / %" G_GINT64_FORMAT, range->low, width);
  g_autofree char *stretch = g_strdup_printf ("(%" G_GINT64_FORMAT ") AND (%" G_GINT64_FORMAT ")",
                                              range->low, range->high);

  if (!hash_chunks (self, name, number, whole ? NULL : stretch, outcome, error))
    return FALSE;
  for (guint i = 0; i < outcome->differing->len; i++)
    {
      const Chunk *chunk = &g_array_index (outcome->differing, Chunk, i);
      gint64 low = range->low + chunk->number * width;
      SlipCompareRange part = {low, low + MIN (width - 1, range->high - low), chunk->rows};

      g_array_append_val (found, part);
    }
  return TRUE;
}

static int
by_low (gconstpointer a, gconstpointer b)
{
  const SlipCompareRange *one = a;
  const SlipCompareRange *other = b;

  return (one->low > other->low) - (one->low < other->low);
}

/* Neighbours become one, so that a table that differs as a whole is read as a whole. */
static void
merge_ranges (GArray *ranges)
{
  guint last = 0;

  g_array_sort (ranges, by_low);
  for (guint i = 1; i < ranges->len; i++)
    {
      SlipCompareRange *before = &g_array_index (ranges, SlipCompareRange, last);
      const SlipCompareRange *range = &g_array_index (ranges, SlipCompareRange, i);

      if (before->high != G_MAXINT64 && range->low == before->high + 1)
        {
          before->high = range->high;
          before->rows += range->rows;
        }
      else
        g_array_index (ranges, SlipCompareRange, ++last) = *range;
    }
  if (ranges->len > 0)
    g_array_set_size (ranges, last + 1);
}

/* Divides until what is left is small, or nearly all of it differs. */
static gboolean
divide_further (SlipCompare *self, GArray *open, GError **error)
{
  guint64 done = 0;

  while (open->len > 0)
    {
      SlipCompareRange range = g_array_index (open, SlipCompareRange, open->len - 1);
      g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (SlipCompareRange));
      g_auto (Outcome) outcome = {0};

      g_array_set_size (open, open->len - 1);
      if (range.rows <= SMALL || range.low == range.high)
        {
          g_array_append_val (self->ranges, range);
          continue;
        }
      if (!divide (self, "hashes of parts", &range, PARTS, FALSE, &outcome, parts, error))
        return FALSE;
      g_array_append_vals (outcome.differing->len * 2 > outcome.n ? self->ranges : open,
                           parts->data, parts->len);
      done++;
      slip_compare_tell (self, "divide", done, done + open->len);
    }
  return TRUE;
}

static gboolean
by_range (SlipCompare *self, const SlipCompareRange *ends, GError **error)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (SlipCompareRange));
  g_auto (Outcome) outcome = {0};

  if (!divide (self, "hashes by chunk", ends, count_chunks (self), TRUE, &outcome, open, error))
    return FALSE;
  take_first_pass (self, &outcome);
  if (outcome.n > 1 && outcome.differing->len * 2 > outcome.n)
    g_array_append_vals (self->ranges, open->data, open->len);
  else if (!divide_further (self, open, error))
    return FALSE;
  merge_ranges (self->ranges);
  return TRUE;
}

gboolean
slip_compare_chunks (SlipCompare *self, GError **error)
{
  SlipCompareRange ends = {0};
  gboolean empty;

  slip_compare_tell (self, "hash", 0, 0);
  for (guint i = 0; i < 2; i++)
    if (!slip_pg_run (self->side[i].pg, "SET LOCAL enable_sort = off", error))
      return FALSE;
  if (!self->result->by_range)
    return by_hash (self, error);
  if (!find_ends (self, &ends, &empty, error))
    return FALSE;
  if (empty)
    return TRUE;
  if (ends.low < -LARGE_SPAN || ends.high > LARGE_SPAN)
    {
      slip_compare_use_hashes (self);
      return by_hash (self, error);
    }
  return by_range (self, &ends, error);
}
