/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-case.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/* Values of some columns; one tuple for each that rows were found by. A tuple with a blank finds nothing. */
typedef struct
{
  char **columns;    /* owned */
  GPtrArray *tuples; /* owned; element-type GStrv, as long as @columns */
  GHashTable *index; /* owned; their texts */
} SlipCaseTuples;

SlipCaseTuples *slip_case_tuples_new (guint n);
void slip_case_tuples_free (SlipCaseTuples *self);

/* Returns: (transfer full): one text for values; different for different ones */
char *slip_case_tuple_text (const char *const *values, guint n);
void slip_case_tuples_add (SlipCaseTuples *self, const char *const *values);
gboolean slip_case_tuples_has (const SlipCaseTuples *self, const char *const *values);

/* A row of the case: as many values as its table has columns, NULL for null. */
typedef struct
{
  char **values;
  char *anchor;
} SlipCaseRow;

/* The rows of one table. */
typedef struct
{
  char *table;
  char **columns;  /* owned */
  guint n;         /* of them */
  GPtrArray *rows; /* owned; element-type SlipCaseRow */
  GHashTable *ids; /* owned; of rows at the source, so that two ways to one row make one */
} SlipCaseRows;

SlipCaseRows *slip_case_rows_new (const char *table, char **columns);
void slip_case_rows_free (SlipCaseRows *self);
int slip_case_rows_find_column (const SlipCaseRows *self, const char *column);

/* Adds a copy, unless a row with @id is there. */
void slip_case_rows_add (SlipCaseRows *self,
                         const char *id,
                         const char *const *values,
                         const char *anchor);

/* Where a case comes from: landed tables or files. */
typedef struct _SlipCaseSource SlipCaseSource;

SlipCaseSource *slip_case_source_new (SlipMigration *migration,
                                      const SlipCaseOptions *options,
                                      GCancellable *cancellable,
                                      GError **error);
void slip_case_source_free (SlipCaseSource *self);
char **slip_case_source_dup_columns (SlipCaseSource *self, const char *table, GError **error);
char **slip_case_source_dup_tables (SlipCaseSource *self, GError **error);
gboolean slip_case_source_select (SlipCaseSource *self,
                                  SlipCaseRows *rows,
                                  const SlipCaseTuples *tuples,
                                  GError **error);

/* slip-case-files.c: the same for a table that is files. */
char **slip_case_files_dup_columns (SlipMigration *migration,
                                    const char *folder,
                                    const char *table,
                                    GError **error);
char **slip_case_files_dup_tables (SlipMigration *migration, const char *folder, GError **error);
gboolean slip_case_files_select (SlipMigration *migration,
                                 const char *folder,
                                 SlipCaseRows *rows,
                                 const SlipCaseTuples *tuples,
                                 GCancellable *cancellable,
                                 GError **error);

/* slip-case-merge.c: rows that are anonymous already into the landed tables of a database. @others are tables that no row is of
 * any case in: where they are not landed they are made without rows, since the run reads them. */
gboolean slip_case_merge (SlipMigration *migration,
                          const char *conninfo,
                          GPtrArray *all,
                          GPtrArray *others,
                          SlipCaseResult *result,
                          GCancellable *cancellable,
                          GError **error);

#define SLIP_CASE_ERROR(error, code, ...)                                                          \
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_##code, __VA_ARGS__)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCaseTuples, slip_case_tuples_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCaseRows, slip_case_rows_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCaseSource, slip_case_source_free)

G_END_DECLS
