/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-run-private.h"

G_BEGIN_DECLS

/* Ids in JSON that are settled by the integration: which members of a column's documents are one, by the template's own
 * paths, for the rows of each mapping that fills the column. */

/* A place in a document: the members (of an array the index) that lead to it, and the table whose id stands there. */
typedef struct
{
  GPtrArray *path; /* element-type utf8 */
  const char *table;
} SlipLatePlace;

typedef struct
{
  const char *step;
  char *mapping; /* as rows say it, NAME_mapping */
  JsonNode *template;
  GPtrArray *places; /* element-type SlipLatePlace */
} SlipLate;

/* The templates with late ids of @table's @column, one for each mapping; NULL with a DEFINITION error when two steps of one
 * mapping have them in different places, so that a row does not say which. */
GPtrArray *slip_stage_late_find (SlipMigration *migration,
                                 const char *table,
                                 const char *column,
                                 GError **error);

/* The column of `t` with its ids as they are in the end, by the tables of new keys. */
char *slip_stage_late_sql (SlipMigrationRun *run, GPtrArray *lates, const char *column);

/* Counts ids that no row of their table has; they are null in the end. */
gboolean slip_stage_late_measure (
    SlipMigrationRun *run, GPtrArray *lates, const char *table, const char *column, GError **error);

/* The table of a table's old and new keys, as SQL says it. */
char *slip_stage_keys_dup_table (SlipMigrationRun *run, const char *table);

G_END_DECLS
