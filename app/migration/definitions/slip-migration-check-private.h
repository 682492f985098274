/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-check.h"

G_BEGIN_DECLS

/* Parts of the check; each looks at one kind of files. */

typedef struct
{
  SlipMigration *migration;
  SlipDefinitions *definitions;
  const SlipCatalogue *source; /* or NULL */
  const SlipCatalogue *target; /* or NULL */
  GPtrArray *findings;
  const char *sidecar; /* as findings name it */
  GPtrArray
      *needed; /* or NULL; element-type SlipNeeded: each row that must be there first and is not */
  GPtrArray *expressions; /* element-type SlipCheckedSql: those that look well */
} SlipCheck;

/* An expression of the sidecar, or a query that stands in its place. */
typedef struct
{
  char *path;
  char *sql;
  gboolean order;      /* an item of ORDER BY */
  gboolean statements; /* a file of statements */
} SlipCheckedSql;

void slip_migration_check_expression (SlipCheck *check,
                                      const char *path,
                                      const char *sql,
                                      gboolean order);
/* Statements of a rule or a hook, as far as a block can have them. */
void slip_migration_check_statements (SlipCheck *check, const char *path, const char *sql);
gboolean slip_migration_check_expressions (SlipCheck *check,
                                           SlipPg *pg,
                                           GCancellable *cancellable,
                                           GError **error);
/* Has PostgreSQL look for all names of what is compiled, without carrying it out. */
gboolean
slip_migration_check_prepare_steps (SlipCheck *check, SlipPg *migration_db, GError **error);
gboolean slip_migration_check_prepare_validation (SlipCheck *check,
                                                  SlipPg *migration_db,
                                                  SlipPg *target_db,
                                                  GError **error);
gboolean slip_migration_check_prepare_target (SlipCheck *check, SlipPg *target_db, GError **error);

/* A part of a statement that is somebody's: @text as it stands in the statement, @sql as it is written at @path. @mask is what is
 * right in its place wherever it stands, NULL for nothing. */
typedef struct
{
  char *path;
  char *sql;
  char *text;
  const char *mask;
  gboolean told;
} SlipSqlPart;

SlipSqlPart *slip_sql_part_new (char *path, const char *sql, char *text, const char *mask);
void slip_sql_part_free (SlipSqlPart *part);

/* A statement that is prepared. @file is the sidecar where it is NULL; @path is where a fault is told that is in none of the parts,
 * unless that is nobody's (@parts_only). Whether tables must be there (@relations), and nothing but names count (@names). */
typedef struct
{
  const char *file;
  const char *path;
  const char *sql;
  gboolean relations;
  gboolean names;
  gboolean parts_only;
} SlipCheckedStatement;

gboolean slip_migration_check_prepare (SlipCheck *check,
                                       SlipPg *pg,
                                       const SlipCheckedStatement *statement,
                                       GPtrArray *parts,
                                       GError **error);
gboolean slip_migration_check_note_unread (SlipCheck *check,
                                           const char *what,
                                           GError *problem,
                                           GError **error);
gboolean slip_migration_check_run (SlipPg *pg, const char *what, const char *sql, GError **error);
void slip_migration_checked_sql_free (SlipCheckedSql *sql);

void slip_migration_check_mappings (SlipCheck *check);
void slip_migration_check_names (SlipCheck *check);
void slip_migration_check_tables (SlipCheck *check);

/* Whether a table definition fills @table. */
gboolean slip_migration_check_is_filled (SlipCheck *check, const char *table);

void slip_migration_check_constants (SlipCheck *check);
void slip_migration_check_source_columns (SlipCheck *check);
void slip_migration_check_target_columns (SlipCheck *check);
void slip_migration_check_steps (SlipCheck *check);
void slip_migration_check_case (SlipCheck *check);
void slip_migration_check_placeholders (SlipCheck *check);
void slip_migration_check_hooks (SlipCheck *check);
gboolean slip_migration_check_data (SlipCheck *check,
                                    SlipPg *migration_db,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean slip_migration_check_needs (SlipCheck *check,
                                     SlipPg *target_db,
                                     GCancellable *cancellable,
                                     GError **error);

gboolean slip_migration_check_domains (SlipCheck *check,
                                       SlipPg *target_db,
                                       GCancellable *cancellable,
                                       GError **error);

/* @target_db is NULL where there is none. */
gboolean slip_migration_check_parents (SlipCheck *check,
                                       SlipPg *target_db,
                                       GCancellable *cancellable,
                                       GError **error);

/* What a value of the definitions is in the target, as text: 2657.0 in a file is 2657 in a column of whole numbers. */
char *slip_migration_check_dup_value (const SlipMappingColumn *column, JsonNode *node);

/* The sidecar's name as findings have it. */
char *slip_migration_check_dup_sidecar (SlipMigration *migration);

#define SLIP_CHECK_TABLES_FILE "tables.json"
#define SLIP_CHECK_DEFINITIONS_FILE "mapping_definitions/tables/table_definitions.json"

/* Appends a finding at the JSON pointer that @parts make. */
void slip_migration_check_tell (SlipCheck *check,
                                SlipSeverity severity,
                                const char *file,
                                const char *const *parts,
                                const char *advice,
                                const char *format,
                                ...) G_GNUC_PRINTF (6, 7);

/* The same for a member of a column of a mapping; @member NULL for the column. */
#define SLIP_CHECK_TELL_COLUMN(check, severity, mapping, column, section, member, advice, ...)     \
  slip_migration_check_tell ((check), (severity), (mapping)->file,                                 \
                             (const char *const[]){(column)->target, (section), (member), NULL},   \
                             (advice), __VA_ARGS__)

/* Calls @func for each #SlipNamedSql of @list, with the JSON pointer of its name below @path. */
typedef void (*SlipCheckSqlFunc) (SlipCheck *check, const char *path, const char *sql);

void slip_migration_check_each (SlipCheck *check,
                                const char *path,
                                GPtrArray *list,
                                SlipCheckSqlFunc func);

/* Whether a step's rows have a column of this name, as far as definitions and sidecar tell. */
gboolean slip_migration_check_row_has_column (const SlipStep *step, const char *column);

G_END_DECLS
