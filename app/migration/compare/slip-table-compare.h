/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-progress.h"
#include "slip-pg.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipDifferenceKind:
 * @SLIP_DIFFERENCE_MISSING: the left has a row with this key, the right has none
 * @SLIP_DIFFERENCE_EXTRA: the right has a row with this key, the left has none
 * @SLIP_DIFFERENCE_DIFFERING: both have it, and at least one cell is not the same
 * @SLIP_DIFFERENCE_MORE_LEFT: both have the key, the left in more rows; for each row too many
 * @SLIP_DIFFERENCE_MORE_RIGHT: the same of the right
 */
typedef enum
{
  SLIP_DIFFERENCE_MISSING,
  SLIP_DIFFERENCE_EXTRA,
  SLIP_DIFFERENCE_DIFFERING,
  SLIP_DIFFERENCE_MORE_LEFT,
  SLIP_DIFFERENCE_MORE_RIGHT,
} SlipDifferenceKind;
#define SLIP_N_DIFFERENCE_KINDS 5

/**
 * slip_difference_kind_to_string:
 *
 * Returns: "missing", "extra", "differing", "more-left" or "more-right"
 */
const char *slip_difference_kind_to_string (SlipDifferenceKind kind);

/**
 * SlipDifference:
 * @kind: what it is
 * @left: (nullable) (element-type utf8): the left row's values in the order of #SlipTableComparison.columns,
 *   %NULL for null; %NULL when there is no such row
 * @right: (nullable) (element-type utf8): the right row's
 * @differs: (array) (nullable): for each column whether its values are not the same; %NULL unless both rows are there
 *
 * One row. Values are canonical texts; those of more than 4,096 bytes are cut after they were compared.
 */
typedef struct
{
  SlipDifferenceKind kind;
  GPtrArray *left;
  GPtrArray *right;
  guint8 *differs;
} SlipDifference;

/**
 * SlipComparedColumn:
 * @name: its name, which is the same on both sides
 * @left_type: as format_type() tells it
 * @right_type: the other side's
 * @key: whether it is of the key
 * @differing: in how many of the rows listed its values are not the same
 */
typedef struct
{
  char *name;
  char *left_type;
  char *right_type;
  gboolean key;
  guint64 differing;
} SlipComparedColumn;

/**
 * SlipTableCompareOptions:
 * @left: conninfo of the server that has what should be
 * @right: conninfo of the server that has what is
 * @left_table: a table or view as SQL writes it, with its schema or without
 * @right_table: (nullable): that of the right, where it is called otherwise
 * @key: (nullable) (array zero-terminated=1): the columns that name a row; %NULL is the left's primary key
 * @columns: (nullable) (array zero-terminated=1): only these columns, beside the key
 * @except: (nullable) (array zero-terminated=1): not these columns
 * @where: (nullable): an SQL condition over a row, on both sides
 * @limit: how many rows of each kind are listed; all are counted
 * @chunks: how many chunks the first pass makes; 0 is by the tables' sizes
 * @progress: (nullable): told as the phases go on
 * @data: for @progress
 */
typedef struct
{
  const char *left;
  const char *right;
  const char *left_table;
  const char *right_table;
  const char *const *key;
  const char *const *columns;
  const char *const *except;
  const char *where;
  guint limit;
  guint chunks;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipTableCompareOptions;

/**
 * SlipComparedSide:
 * @where: the database, as slip_pg_get_where() tells it
 * @table: the table, quoted and with its schema
 * @moment: when its snapshot was taken, by the server's clock, UTC
 * @rows: how many rows were compared
 */
typedef struct
{
  char *where;
  char *table;
  char *moment;
  guint64 rows;
} SlipComparedSide;

/**
 * SlipTableComparison:
 * @side: left and right
 * @columns: (element-type SlipComparedColumn): what was compared, the key first
 * @only_left: (element-type utf8): columns that the right does not have
 * @only_right: (element-type utf8): columns that the left does not have
 * @notes: (element-type utf8): by which rule types were compared, and what else a reader must know
 * @by_range: whether chunks are ranges of the key; otherwise of the key's hash
 * @digest: "fast", PostgreSQL's own 64-bit hash, or "md5", where two servers do not hash alike
 * @chunks: chunks of the first pass
 * @chunks_differing: those of them that are not the same
 * @counts: rows by #SlipDifferenceKind
 * @differences: (element-type SlipDifference): up to the limit of each kind
 * @seconds: how long it took
 */
typedef struct
{
  SlipComparedSide side[2];
  GPtrArray *columns;
  GPtrArray *only_left;
  GPtrArray *only_right;
  GPtrArray *notes;
  gboolean by_range;
  const char *digest;
  guint chunks;
  guint chunks_differing;
  guint64 counts[SLIP_N_DIFFERENCE_KINDS];
  GPtrArray *differences;
  double seconds;
} SlipTableComparison;

/**
 * slip_table_compare:
 * @options: what to compare
 * @cancellable: (nullable): cancels on both servers
 * @error: return location
 *
 * Compares two tables on two servers, in constant memory. Each server hashes its rows by chunks, both at the
 * same time; chunks that differ are divided until they are small; of these the rows' hashes are merged, and only
 * rows that differ are fetched. Each side is read in one transaction (repeatable read, read only): one moment of
 * it. The two moments are not one: what is written between them shows as a difference.
 *
 * Columns are paired by name. Values are the same when their canonical texts are: times with zone at UTC,
 * numeric without trailing zeros, floats at their shortest exact text, −0 as 0; where types differ a note says the rule.
 * Null is not the empty text. Blocks: worker threads only.
 *
 * Returns: (transfer full): what came of it; %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND for a table or column that is
 *   not there, %SLIP_MIGRATION_ERROR_STATE when there is no key, or the errors of slip_pg_query()
 */
SlipTableComparison *slip_table_compare (const SlipTableCompareOptions *options,
                                         GCancellable *cancellable,
                                         GError **error);

/**
 * slip_table_comparison_is_same:
 *
 * Returns: whether no row differs and neither side has a column that the other lacks
 */
gboolean slip_table_comparison_is_same (const SlipTableComparison *self);

/**
 * slip_table_comparison_dup_key:
 *
 * Returns: (transfer full): a row's key, for people: `id = 7, code = x`
 */
char *slip_table_comparison_dup_key (const SlipTableComparison *self,
                                     const SlipDifference *difference);

/**
 * slip_table_comparison_to_json:
 *
 * Returns: (transfer full): all of it
 */
JsonNode *slip_table_comparison_to_json (const SlipTableComparison *self);

void slip_table_comparison_free (SlipTableComparison *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipTableComparison, slip_table_comparison_free)

G_END_DECLS
