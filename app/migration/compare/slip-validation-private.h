/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-jobs.h"
#include "slip-stage-sql.h"
#include "slip-validation-run.h"

G_BEGIN_DECLS

/* Schemas that a validation makes in the migration database, and drops when it is done. */
#define SLIP_VALIDATION_EXPECTED "slipway_expected" /* landed tables, lookups, functions */
#define SLIP_VALIDATION_ACTUAL "slipway_actual"     /* tables of the target */
#define SLIP_VALIDATION_FOUND "slipway_found"       /* what sessions found, until all is known */
#define SLIP_VALIDATION_SCHEMAS                                                                    \
  SLIP_VALIDATION_EXPECTED ", " SLIP_VALIDATION_ACTUAL ", " SLIP_VALIDATION_FOUND

/* A table of the target. */
typedef struct
{
  char *name;
  GHashTable *types;  /* column → type; "" for one that the migration database need not know */
  GPtrArray *columns; /* element-type utf8: in order, owned by @types */
  GPtrArray *key;     /* element-type utf8: the primary key */
  GHashTable *needed; /* set of columns that come over */
  GHashTable *made;   /* set of columns that the integration has; NULL until somebody asks */
} SlipValidationTable;

typedef struct
{
  SlipMigration *migration;
  const SlipValidationOptions *options;
  SlipPg *pg;
  SlipPg *target;
  const SlipSchemas *schemas;
  char *client_source;       /* owned; what {client_source} stands for, or NULL */
  GHashTable *target_tables; /* name → SlipValidationTable */
  GHashTable *source_tables; /* set of landed tables that are named */
  GHashTable *source_words;  /* set of names in SQL over them */
  GPtrArray *queries;        /* element-type SlipValidationQuery */
  const GPtrArray *brought;  /* while tables are brought: element-type utf8, their names */
  guint n_sources;           /* so many of these are landed, the others of the target */
  const char *snapshot;      /* of the target, while more sessions read it */
  gboolean empty;            /* whether tables are made without rows, for names to be looked for */
} SlipValidator;

/* How one mapping is compared. Both queries give rows of cells text[], case number and order columns first; the one of
 * expected rows the landed row (row_id), the other the key in the target (target_id). */
typedef struct
{
  const char *mapping;
  char *entity;
  char *source_table;
  const char *table; /* of the target, whose rows are read back; NULL for none */
  GPtrArray *names;  /* element-type utf8: what each cell is */
  guint n_key;
  guint n_compared; /* columns of the mapping that are among the cells */
  guint n_total;
  gboolean independent;
  GString *note;
  char *expected;
  char *actual;
  char *guards;           /* functions of single cells, one statement; NULL where there are none */
  char *expected_guarded; /* the same rows by these: a cell that cannot be read does not end them */
  char *actual_guarded;
  char *back;            /* rows that are not as the integration made them; NULL for none */
  GPtrArray *back_names; /* element-type utf8: the columns of these */
  char *
      unreached; /* how many of the run's rows no compared row is, and how many rows are nobody's; NULL where that
                          * cannot be told */
  char *outside;       /* of the first, those that are not as the integration made them */
  GPtrArray *restored; /* element-type SlipValidationTable: what the query of what is joins */
  gboolean beside;     /* rows that are not its own are among those outside */
} SlipValidationQuery;

/* A mapping while it is read back. */
typedef struct
{
  SlipValidator *self;
  SlipValidationQuery *query;
  const SlipMapping *mapping;
  SlipValidationTable *table; /* of the target */
  const SlipTargetTable *target;
  gboolean own_rows; /* rows that this mapping made, not all of the table */
  gboolean first;    /* the first that reads the table back: rows of nobody are told here */
} SlipValidationBack;

/* One query while it is made. */
typedef struct
{
  SlipValidator *self;
  SlipValidationQuery *query;
  const SlipValidation *validation;
  GHashTable *targets; /* alias → table of the target */
  GString *expected;   /* cells */
  GString *actual;
  struct SlipValidationGuard *guard_expected; /* the same cells, guarded */
  struct SlipValidationGuard *guard_actual;
  const char *table; /* in the target, of the first cell that is compared */
  gboolean
      clears; /* "0" and " " of the source are blank, as the original's `not null` leaves them */
} SlipValidationBuild;

/* What a raw text of the definitions becomes: placeholders are filled in, casts that could fail are safe ones, and today is
 * the run's date. @col, or NULL, stands for {col}. */
char *slip_validation_expand (SlipValidator *self, const char *sql, const char *col);
char *slip_validation_make_safe (const char *sql, const char *run_date);
void slip_validation_add_words (GHashTable *words, const char *sql);

/* @sql with nothing between its parentheses. */
char *slip_validation_dup_outside (const char *sql);

/* Relations of @schema in a FROM clause: alias → table. */
GHashTable *slip_validation_find_aliases (const char *sql, const char *schema);

/* Whether anything is compared of @mapping; makes its queries. */
gboolean slip_validation_is_wanted (SlipValidator *self, const char *mapping);
gboolean slip_validation_compile (SlipValidator *self, SlipValidationQuery *query, GError **error);
void slip_validator_clear (SlipValidator *self);

SlipValidationQuery *slip_validation_query_new (const char *mapping);
void slip_validation_query_free (SlipValidationQuery *query);
/* Whether the generated query has a cell of @column. */
gboolean slip_validation_computes (const SlipMapping *mapping,
                                   const SlipValidation *validation,
                                   const SlipMappingColumn *column);
gboolean slip_validation_can_generate (const SlipMapping *mapping,
                                       const SlipValidation *validation);
gboolean slip_validation_generate (SlipValidator *self,
                                   SlipValidationQuery *query,
                                   const SlipMapping *mapping,
                                   const SlipValidation *validation,
                                   GError **error);
gboolean slip_validation_own (SlipValidator *self,
                              SlipValidationQuery *query,
                              const SlipMapping *mapping,
                              const SlipOwnQueries *own,
                              GError **error);
gboolean slip_validation_read_back (SlipValidator *self,
                                    SlipValidationQuery *query,
                                    const SlipMapping *mapping,
                                    GError **error);

/* The table that @mapping fills or changes, and whether steps add rows for it; otherwise rows of others are changed. */
const char *slip_validation_back_find_destination (SlipValidator *self, const char *mapping);
gboolean slip_validation_back_adds_rows (SlipValidator *self, const char *mapping);
char *slip_validation_back_dup_text (const char *alias, const char *column, const char *type);
gboolean slip_validation_back_is_kept (SlipValidationBack *back, const char *column);
gboolean slip_validation_back_has_column (SlipValidationBack *back, const char *column);
gboolean slip_validation_back_has_key (SlipValidationBack *back);
char *slip_validation_back_dup_key (SlipValidationBack *back, const char *alias);

/* The same row of @table on both sides, i and t, by values, which are compared faster than texts. */
char *slip_validation_back_dup_same (const SlipValidationTable *table);

/* What @query does not compute of @mapping, read back beside it. */
void slip_validation_read_back_rest (SlipValidator *self,
                                     SlipValidationQuery *query,
                                     const SlipMapping *mapping);

/* Reads back what the queries of @query do not reach, when both sides are made. */
gboolean
slip_validation_add_outside (SlipValidator *self, const SlipValidationQuery *query, GError **error);

/* As a list of literals. */
char *slip_validation_dup_names (const GPtrArray *names);

const char *slip_validation_find_override (const SlipValidationSide *side, const char *column);

/* What @column should be, %NULL for one that nothing fills; and how a value of each side is written. @raw is one that SQL of
 * the definitions makes. */
char *slip_validation_dup_expected (SlipValidationBuild *build, const SlipMappingColumn *column);
char *slip_validation_dup_expected_text (SlipValidationBuild *build,
                                         SlipType type,
                                         const char *target_type,
                                         gboolean raw,
                                         const char *value);
/* @computed is one that SQL of the definitions makes of the target's columns. */
char *slip_validation_dup_actual_text (
    SlipType type, const char *target_type, gboolean raw, gboolean computed, const char *value);

/* The cells of one side once more, each in a function of its own that tells what it cannot read. */
typedef struct SlipValidationGuard SlipValidationGuard;

SlipValidationGuard *slip_validation_guard_new (const char *schema, const char *relations);
void slip_validation_guard_free (SlipValidationGuard *guard);
void slip_validation_guard_add (SlipValidationGuard *guard, const char *cell, const char *plain);
const char *slip_validation_guard_get_cells (SlipValidationGuard *guard);
const char *slip_validation_guard_get_functions (SlipValidationGuard *guard);

/* Makes slip_expected or slip_actual; by @guarded, if not NULL, where a cell of @sql ends it. */
gboolean slip_validation_make_rows (SlipValidator *self,
                                    const SlipValidationQuery *query,
                                    gboolean actual,
                                    const char *sql,
                                    const char *guarded,
                                    GError **error);

gboolean slip_validator_begin (SlipValidator *self, GError **error);
gboolean slip_validator_prepare_found (SlipValidator *self, GError **error);
gboolean slip_validator_note_recheck (SlipValidator *self, const char *mapping, GError **error);
gboolean slip_validator_publish (SlipValidator *self, GError **error);
gboolean slip_validator_show (SlipValidator *self, GError **error);
gboolean slip_validator_each (SlipValidator *self, guint n_jobs, SlipJobFunc func, GError **error);

/* What a query reads: landed tables and their columns, and of @targets (alias → table) the columns. */
void slip_validation_name_sources (SlipValidator *self, const char *sql);
void slip_validation_need_columns (SlipValidator *self, GHashTable *targets, const char *sql);
gboolean slip_validation_check_client_source (SlipValidator *self,
                                              const SlipValidationQuery *query,
                                              const char *file,
                                              GError **error);

SlipValidationTable *slip_validator_find_target (SlipValidator *self, const char *table);
gboolean slip_validator_read_target (SlipValidator *self, GError **error);
gboolean slip_validator_bring (SlipValidator *self, GError **error);

G_END_DECLS
