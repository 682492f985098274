/* SPDX-License-Identifier: MIT */
/* Two tables on two servers against each other: connects to both, holds one snapshot of each, and goes from
 * columns over chunks to rows. The phases stand in files of their own. */

#include "slip-table-compare-private.h"

typedef struct
{
  SlipCompare *compare;
  SlipPg *pg;
  const char *name;
  const char *sql;
  SlipPgRows *rows;
  GError *error;
} Question;

static const char *const kinds[] = {"missing", "extra", "differing", "more-left", "more-right"};

const char *
slip_difference_kind_to_string (SlipDifferenceKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);

  return kinds[kind];
}

void
slip_compare_tell (SlipCompare *self, const char *phase, guint64 done, guint64 total)
{
  const SlipTableCompareOptions *options = self->options;

  if (options->progress != NULL)
    options->progress ("compare", options->left_table, phase, done, total, "chunks", options->data);
}

/* ---- both at once */

static gpointer
ask (gpointer data)
{
  Question *question = data;

  slip_pg_name_statement (question->pg, question->name);
  question->rows = slip_pg_query (question->pg, question->sql, NULL, NULL, &question->error);
  if (question->rows == NULL)
    g_cancellable_cancel (question->compare->cancellable);
  return NULL;
}

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
}

gboolean
slip_compare_query_both (SlipCompare *self,
                         const char *name,
                         const char *const sql[2],
                         SlipPgRows *rows[2],
                         GError **error)
{
  Question questions[2];
  GThread *thread;
  guint first;

  for (guint i = 0; i < 2; i++)
    questions[i] = (Question){.compare = self, .pg = self->side[i].pg, .name = name, .sql = sql[i]};
  thread = g_thread_new ("compare", ask, &questions[1]);
  ask (&questions[0]);
  g_thread_join (thread);
  rows[0] = questions[0].rows;
  rows[1] = questions[1].rows;
  if (rows[0] != NULL && rows[1] != NULL)
    return TRUE;
  /* Of a failure and the cancelling that it brought, the failure is told. */
  first = questions[0].error == NULL
          || (is_cancelled (questions[0].error) && questions[1].error != NULL);
  g_propagate_error (error, g_steal_pointer (&questions[first].error));
  g_clear_error (&questions[!first].error);
  g_clear_pointer (&rows[0], slip_pg_rows_free);
  g_clear_pointer (&rows[1], slip_pg_rows_free);
  return FALSE;
}

/* ---- servers */

/* Sorting is never cheaper than hashing into few groups, but the planner cannot know how few. */
static const char *const settings
    = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
      "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1;"
      "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

static gboolean
open_sides (SlipCompare *self, GError **error)
{
  const char *const conninfo[] = {self->options->left, self->options->right};
  static const char *const names[] = {"left database", "right database"};

  for (guint i = 0; i < 2; i++)
    {
      SlipCompareSide *side = &self->side[i];

      side->pg = slip_pg_open (conninfo[i], names[i], self->cancellable, error);
      if (side->pg == NULL || !slip_pg_run (side->pg, settings, error))
        return FALSE;
      self->result->side[i].where = g_strdup (slip_pg_get_where (side->pg));
      if (slip_pg_get_version (side->pg) >= 130000)
        continue;
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                   "%s: the comparison needs PostgreSQL 13 or newer", slip_pg_get_where (side->pg));
      return FALSE;
    }
  return TRUE;
}

/* Hashes of texts, and of a value of each type that is hashed as it is. */
#define TEXT_PROBE "hashtextextended(repeat('Slipway', n) COLLATE \"C\", 0)"
#define RECORD_PROBE                                                                               \
  "hash_record_extended(ROW(n::smallint, n, n * 4294967297, -n::bigint, n / 7.0, n % 2 = 0,"       \
  " repeat('Slipway', n) COLLATE \"C\", n::real / 3, n::float8 / 3, date '2000-01-01' + n,"        \
  " time '00:00' + n * interval '1 hour', timestamp '2000-01-01' + n * interval '1 hour',"         \
  " timestamptz '2000-01-01 00:00+00' - n * interval '1 hour', decode(md5(n::text), 'hex'),"       \
  " md5(n::text)::uuid, nullif(n, 3)), 0)"

static char *
snapshot_sql (SlipCompare *self)
{
  return g_strdup_printf (
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
      " current_setting('server_encoding'),"
      " (SELECT string_agg(concat_ws(' ', " TEXT_PROBE "%s), ',' ORDER BY n)"
      " FROM generate_series(0, 20) AS n), pg_current_snapshot()",
      self->records ? ", " RECORD_PROBE : "");
}

/* The first query of a transaction takes its snapshot: both do at the same time. And it shows whether both hash
 * alike: PostgreSQL does not promise that over versions and processors. */
static gboolean
take_snapshots (SlipCompare *self, GError **error)
{
  g_autofree char *sql = NULL;
  const char *both[2];
  SlipPgRows *rows[2];

  /* Rows as a whole are hashed since PostgreSQL 14. */
  self->records = slip_pg_get_version (self->side[0].pg) >= 140000
                  && slip_pg_get_version (self->side[1].pg) >= 140000;
  sql = snapshot_sql (self);
  both[0] = both[1] = sql;
  if (!slip_compare_query_both (self, "snapshot", both, rows, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      self->result->side[i].moment = g_strdup (slip_pg_rows_get (rows[i], 0, 0));
      self->md5 |= g_strcmp0 (slip_pg_rows_get (rows[i], 0, 1), "UTF8") != 0;
    }
  self->md5 |= g_strcmp0 (slip_pg_rows_get (rows[0], 0, 2), slip_pg_rows_get (rows[1], 0, 2)) != 0;
  self->result->digest = self->md5 ? "md5" : "fast";
  slip_pg_rows_free (rows[0]);
  slip_pg_rows_free (rows[1]);
  return TRUE;
}

/* ---- the whole */

static void
compared_column_free (SlipComparedColumn *column)
{
  g_free (column->name);
  g_free (column->left_type);
  g_free (column->right_type);
  g_free (column);
}

static void
difference_free (SlipDifference *difference)
{
  g_clear_pointer (&difference->left, g_ptr_array_unref);
  g_clear_pointer (&difference->right, g_ptr_array_unref);
  g_free (difference->differs);
  g_free (difference);
}

static SlipTableComparison *
result_new (void)
{
  SlipTableComparison *result = g_new0 (SlipTableComparison, 1);

  result->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)compared_column_free);
  result->only_left = g_ptr_array_new_with_free_func (g_free);
  result->only_right = g_ptr_array_new_with_free_func (g_free);
  result->notes = g_ptr_array_new_with_free_func (g_free);
  result->differences = g_ptr_array_new_with_free_func ((GDestroyNotify)difference_free);
  return result;
}

static void
compare_clear (SlipCompare *self)
{
  for (guint i = 0; i < 2; i++)
    {
      SlipCompareSide *side = &self->side[i];

      g_clear_pointer (&side->pg, slip_pg_close);
      g_free (side->table);
      g_free (side->position);
      g_free (side->bare_position);
      g_free (side->key_text);
      g_free (side->hash);
      g_clear_pointer (&side->expressions, g_ptr_array_unref);
      g_clear_pointer (&side->hashed, g_ptr_array_unref);
      g_clear_pointer (&side->columns, g_ptr_array_unref);
    }
  g_clear_pointer (&self->result, slip_table_comparison_free);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->ranges, g_array_unref);
  g_free (self->where);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipCompare, compare_clear)

static void
on_cancelled (GCancellable *cancellable, GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

SlipTableComparison *
slip_table_compare (const SlipTableCompareOptions *options,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (options != NULL && options->left_table != NULL, NULL);
  g_return_val_if_fail (options->left != NULL && options->right != NULL, NULL);

  g_auto (SlipCompare) self = {.options = options};
  gint64 begun = g_get_monotonic_time ();
  gulong handler;
  gboolean good;

  self.result = result_new ();
  self.cancellable = g_cancellable_new ();
  self.ranges = g_array_new (FALSE, FALSE, sizeof (SlipCompareRange));
  /* The end of line keeps a comment in the condition from swallowing what follows. */
  self.where
      = options->where != NULL ? g_strdup_printf ("(%s\n)", options->where) : g_strdup ("TRUE");
  handler = cancellable != NULL
                ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                         g_object_ref (self.cancellable), g_object_unref)
                : 0;
  good = open_sides (&self, error) && take_snapshots (&self, error)
         && slip_compare_read_columns (&self, error) && slip_compare_chunks (&self, error)
         && slip_compare_rows (&self, error);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  if (!good)
    return NULL;
  self.result->seconds = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  return g_steal_pointer (&self.result);
}

gboolean
slip_table_comparison_is_same (const SlipTableComparison *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < SLIP_N_DIFFERENCE_KINDS; i++)
    if (self->counts[i] > 0)
      return FALSE;
  return self->only_left->len == 0 && self->only_right->len == 0;
}

void
slip_table_comparison_free (SlipTableComparison *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < 2; i++)
    {
      g_free (self->side[i].where);
      g_free (self->side[i].table);
      g_free (self->side[i].moment);
    }
  g_ptr_array_unref (self->columns);
  g_ptr_array_unref (self->only_left);
  g_ptr_array_unref (self->only_right);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->differences);
  g_free (self);
}
