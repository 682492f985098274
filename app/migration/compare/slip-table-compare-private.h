/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-table-compare.h"

G_BEGIN_DECLS

/* A stretch of positions, both ends included. */
typedef struct
{
  gint64 low;
  gint64 high;
  guint64 rows; /* of the side that has more */
} SlipCompareRange;

/* One server, and how it is asked. A position is the key itself where chunks are ranges of it, otherwise the
 * key's hash. All SQL is over the columns of the table. */
typedef struct
{
  SlipPg *pg;             /* owned */
  char *table;            /* owned; quoted, with its schema */
  guint64 estimate;       /* rows, as the server believes */
  char *position;         /* owned; SQL, bigint */
  char *bare_position;    /* owned; SQL, the same as an index knows it, or NULL */
  char *key_text;         /* owned; SQL, text */
  char *hash;             /* owned; SQL, bigint */
  GPtrArray *expressions; /* owned; SQL of each compared column's canonical value */
  GPtrArray *hashed;  /* owned; the same as values that hash alike when their texts are the same */
  guint n_key;        /* how many of them, the first, are the key */
  GPtrArray *columns; /* owned; what the table has, of slip-table-compare-columns.c */
} SlipCompareSide;

typedef struct
{
  const SlipTableCompareOptions *options;
  SlipTableComparison *result; /* owned */
  SlipCompareSide side[2];
  GCancellable *cancellable; /* owned; ends both sides */
  char *where;               /* owned; SQL, "TRUE" without a condition */
  gboolean md5;
  gboolean records; /* both servers hash rows without making texts of them */
  gint64 mask;      /* chunk of a hash */
  GArray *
      ranges; /* owned; SlipCompareRange, what is to be read row by row; chunks' numbers without by_range */
} SlipCompare;

/* Asks both servers at the same time. When one fails the other is cancelled, and the first failure is told. */
gboolean slip_compare_query_both (SlipCompare *self,
                                  const char *name,
                                  const char *const sql[2],
                                  SlipPgRows *rows[2],
                                  GError **error);

/* What the tables have, how their columns are paired and made into SQL. */
gboolean slip_compare_read_columns (SlipCompare *self, GError **error);

/* Positions become hashes: for keys that lie too far apart. */
void slip_compare_use_hashes (SlipCompare *self);

/* Hashes by chunks and divides what differs, until all of it is in ranges. */
gboolean slip_compare_chunks (SlipCompare *self, GError **error);

/* Merges the rows of the ranges, counts and lists what differs. */
gboolean slip_compare_rows (SlipCompare *self, GError **error);

void slip_compare_tell (SlipCompare *self, const char *phase, guint64 done, guint64 total);

G_END_DECLS
