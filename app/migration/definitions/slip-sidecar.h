/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definitions.h"

G_BEGIN_DECLS

/* What `migration.json` says, beside the definitions: everything that is code in the original. SQL in it is
 * kept as it is written; its placeholders are {source}, {transform}, {integration}, {staging}, {target},
 * {run_date} and {values.NAME}. "" is always NULL: not set. Lists are never NULL unless it is said.
 * data/migration/README.md tells what each field means for rows. */

/**
 * SlipPair:
 * @left: a column of the rows so far, or of the table that is followed from
 * @right: a column of the relation that is joined, or of the table that follows
 *
 * One equality of an `on`.
 */
typedef struct
{
  char *left;
  char *right;
} SlipPair;

/**
 * SlipNamedSql:
 * @name: a column, or the name of a local value
 * @sql: an expression
 */
typedef struct
{
  char *name;
  char *sql;
} SlipNamedSql;

/**
 * SlipRelationKind:
 * @SLIP_RELATION_SOURCE: a landed table, `source.NAME`
 * @SLIP_RELATION_TRANSFORM: what earlier steps made, `transform.NAME`
 * @SLIP_RELATION_TARGET: a table of the target as it was copied, `target.NAME`
 * @SLIP_RELATION_SQL: `{"sql": "SELECT …"}`
 */
typedef enum
{
  SLIP_RELATION_SOURCE,
  SLIP_RELATION_TRANSFORM,
  SLIP_RELATION_TARGET,
  SLIP_RELATION_SQL,
} SlipRelationKind;

/**
 * SlipRelation:
 * @kind: where its rows are
 * @table: (nullable): the table, %NULL for SQL
 * @sql: (nullable): a query, %NULL for a table
 */
typedef struct
{
  SlipRelationKind kind;
  char *table;
  char *sql;
} SlipRelation;

/**
 * SlipPick:
 * @per: (array zero-terminated=1): columns of the relation; one row for each of their values
 * @order: (array zero-terminated=1): SQL over the relation's own columns; the first row is taken
 */
typedef struct
{
  char **per;
  char **order;
} SlipPick;

/**
 * SlipJoin:
 * @alias: the name for it in expressions (`as`)
 * @relation: what is joined
 * @on: (nullable) (element-type SlipPair): compared as text; %NULL with @on_sql
 * @on_sql: (nullable): a condition; %NULL with @on
 * @where: (nullable): SQL over the relation's own columns
 * @left: whether rows without a match stay
 * @pick: (nullable): one row of several
 */
typedef struct
{
  char *alias;
  SlipRelation relation;
  GPtrArray *on;
  char *on_sql;
  char *where;
  gboolean left;
  SlipPick *pick;
} SlipJoin;

/**
 * SlipFrom:
 * @relation: where rows come from, in place of the mapping's source table
 * @alias: the name for it in expressions (`as`)
 * @where: (nullable): SQL over its own columns
 * @table: (nullable): what goes into casrec_table_name
 */
typedef struct
{
  SlipRelation relation;
  char *alias;
  char *where;
  char *table;
} SlipFrom;

/**
 * SlipUpdate:
 * @table: a destination of an earlier step
 * @on: (element-type SlipPair): left is a column of @table, right one of the rows so far
 * @where: (nullable): SQL; `t` is the row of @table
 * @set: (array zero-terminated=1): target columns that are set
 */
typedef struct
{
  char *table;
  GPtrArray *on;
  char *where;
  char **set;
} SlipUpdate;

/**
 * SlipJsonColumn:
 * @column: a target column
 * @template: JSON in which `{"$sql": EXPRESSION}` and `{"$late": {"table", "id"}}` stand for values
 */
typedef struct
{
  char *column;
  JsonNode *template;
} SlipJsonColumn;

/**
 * SlipWhenOp:
 * @SLIP_WHEN_IN: the input is one of @values
 * @SLIP_WHEN_NOT_IN: it is none of @values
 * @SLIP_WHEN_LESS: it is before @value
 * @SLIP_WHEN_LESS_EQUAL: it is not after @value
 * @SLIP_WHEN_GREATER: it is after @value
 * @SLIP_WHEN_GREATER_EQUAL: it is not before @value
 * @SLIP_WHEN_UNSET: it is NULL or ""
 * @SLIP_WHEN_SET: it is neither
 * @SLIP_WHEN_SQL: @sql holds
 */
typedef enum
{
  SLIP_WHEN_IN,
  SLIP_WHEN_NOT_IN,
  SLIP_WHEN_LESS,
  SLIP_WHEN_LESS_EQUAL,
  SLIP_WHEN_GREATER,
  SLIP_WHEN_GREATER_EQUAL,
  SLIP_WHEN_UNSET,
  SLIP_WHEN_SET,
  SLIP_WHEN_SQL,
} SlipWhenOp;

/**
 * SlipWhen:
 * @input: an input of the decision as it is named there, or a local value
 * @op: how it is compared
 * @values: (nullable) (array zero-terminated=1): texts, for %SLIP_WHEN_IN and %SLIP_WHEN_NOT_IN
 * @value: (nullable): a number or a text, for the four comparisons
 * @sql: (nullable): for %SLIP_WHEN_SQL; over `m` and the local values
 */
typedef struct
{
  char *input;
  SlipWhenOp op;
  char **values;
  JsonNode *value;
  char *sql;
} SlipWhen;

/**
 * SlipSet:
 * @column: an output
 * @value: (nullable): a constant; %NULL with @sql, and for NULL
 * @sql: (nullable): an expression over `m` and the local values
 */
typedef struct
{
  char *column;
  JsonNode *value;
  char *sql;
} SlipSet;

/**
 * SlipDecisionRule:
 * @when: (element-type SlipWhen): all must hold
 * @unset: (array zero-terminated=1): inputs, all of which are NULL or ""
 * @any_set: (array zero-terminated=1): inputs, any of which is neither; empty means no such condition
 * @set: (element-type SlipSet): what the outputs become
 */
typedef struct
{
  GPtrArray *when;
  char **unset;
  char **any_set;
  GPtrArray *set;
} SlipDecisionRule;

/**
 * SlipDecision:
 * @name: as a table definition calls it
 * @inputs: (array zero-terminated=1): source columns
 * @outputs: (array zero-terminated=1): target columns, or `c_…`
 * @first: whether the first rule that holds decides (`policy`); otherwise the last
 * @let: (element-type SlipNamedSql): local values, each over `m` and those before it
 * @defaults: (element-type SlipSet): what the outputs are before any rule
 * @rules: (element-type SlipDecisionRule): in the file's order
 */
typedef struct
{
  char *name;
  char **inputs;
  char **outputs;
  gboolean first;
  GPtrArray *let;
  GPtrArray *defaults;
  GPtrArray *rules;
} SlipDecision;

/**
 * SlipStep:
 * @name: unique in the migration; the mapping's unless it says another
 * @entity: the entity's name
 * @mapping_name: as the sidecar says it
 * @mapping: (nullable): the mapping; %NULL when there is none, which is a finding
 * @definition: (nullable): its table definition; %NULL when there is none, which is a finding
 * @from: (nullable): where rows come from; %NULL for the definition's source table
 * @joins: (element-type SlipJoin): in order
 * @columns: (element-type SlipNamedSql): target columns and `c_…` by expression, after the joins
 * @json: (element-type SlipJsonColumn): target columns by template
 * @decisions: (element-type SlipDecision): after the lookups and before the joins
 * @decision_names: (array zero-terminated=1): as the sidecar says them, known or not
 * @where: (nullable): SQL after joins and columns; rows that do not meet it are dropped
 * @order: (array zero-terminated=1): SQL; empty for the order of the source
 * @dates: (array zero-terminated=1): TABLE.COLUMN, landed, that expressions read as days
 * @ids_final: whether ids number the rows that remain (`ids`), and not those before the joins
 * @update: (nullable): rows change a table instead of being added to one
 * @path: where it is in the sidecar, a JSON pointer
 *
 * What is done with one table definition. Expressions know `m`, the row so far, `s`, the raw row of the
 * source table, the alias of `from` and that of each join.
 */
typedef struct
{
  char *name;
  char *entity;
  char *mapping_name;
  const SlipMapping *mapping;
  const SlipTableDefinition *definition;
  SlipFrom *from;
  GPtrArray *joins;
  GPtrArray *columns;
  GPtrArray *json;
  GPtrArray *decisions;
  char **decision_names;
  char *where;
  char **order;
  char **dates;
  gboolean ids_final;
  SlipUpdate *update;
  char *path;
} SlipStep;

/**
 * SlipEntity:
 * @name: its name
 * @needs: (array zero-terminated=1): entities that come before
 * @steps: (element-type SlipStep): in order
 * @path: where it is in the sidecar, a JSON pointer
 */
typedef struct
{
  char *name;
  char **needs;
  GPtrArray *steps;
  char *path;
} SlipEntity;

/**
 * SlipSourceTable:
 * @name: the landing table, lower case
 * @files: (array zero-terminated=1): globs of its parts; empty for files that have its name
 * @encoding: (nullable): where it is not the source's
 * @delimiter: (nullable): where it is not the source's
 */
typedef struct
{
  char *name;
  char **files;
  char *encoding;
  char *delimiter;
} SlipSourceTable;

/**
 * SlipSource:
 * @encoding: of all files, `UTF-8` unless it says another
 * @delimiter: one character, `,` unless it says another
 * @headers: (nullable): path of a file with the headers that are expected
 * @collect: whether bad records are put aside (`badRecords`), and not the end of the load
 * @max_field_bytes: the longest field, bytes; 0 for the loader's own limit
 * @tables: (element-type SlipSourceTable): what is landed; empty for all there is
 */
typedef struct
{
  char *encoding;
  char *delimiter;
  char *headers;
  gboolean collect;
  gint64 max_field_bytes;
  GPtrArray *tables;
} SlipSource;

/**
 * SlipFollow:
 * @table: a landed table
 * @on: (element-type SlipPair): left is a column of the filter's table, right one of @table
 */
typedef struct
{
  char *table;
  GPtrArray *on;
} SlipFollow;

/**
 * SlipFilter:
 * @name: its name
 * @table: a landed table
 * @reason: what is told of each row that it drops
 * @enabled: whether it is used
 * @drop: SQL; `s` is the row
 * @follows: (element-type SlipFollow): tables whose rows go with it
 */
typedef struct
{
  char *name;
  char *table;
  char *reason;
  gboolean enabled;
  char *drop;
  GPtrArray *follows;
} SlipFilter;

/**
 * SlipTableColumn:
 * @table: a table
 * @column: its column
 */
typedef struct
{
  char *table;
  char *column;
} SlipTableColumn;

/**
 * SlipUid:
 * @columns: (element-type SlipTableColumn): what is numbered, one after the other
 * @sequence: the target's sequence
 * @base: what is added to the sequence's number
 * @luhn: whether a check digit follows
 */
typedef struct
{
  GPtrArray *columns;
  char *sequence;
  gint64 base;
  gboolean luhn;
} SlipUid;

/**
 * SlipNeed:
 * @table: a table of the target
 * @where: (nullable): SQL over its row
 * @why: what needs such a row
 * @rows: (nullable): a query of columns that rows standing in for them have
 *
 * Rows that must be in the target before a run: no file of the source brings them.
 */
typedef struct
{
  char *table;
  char *where;
  char *why;
  char *rows;
} SlipNeed;

/**
 * SlipBusinessRule:
 * @name: its name
 * @stage: the stage at whose end it runs
 * @sql: statements
 * @file: (nullable): where they are, relative to the sidecar
 * @mapping: (nullable): the table definition that it stands for
 * @fills: (element-type SlipTableColumn): columns that it gives values: rows that are left without one are counted
 */
typedef struct
{
  char *name;
  char *stage;
  char *sql;
  char *file;
  char *mapping;
  GPtrArray *fills;
} SlipBusinessRule;

/**
 * SlipHook:
 * @name: its name
 * @after: the stage behind which it runs
 * @setup: (nullable): statements that prepare
 * @audit: (nullable): a query of what will change
 * @update: (nullable): statements that change it
 * @validate: (nullable): a query that yields what is wrong; no rows is well
 */
typedef struct
{
  char *name;
  char *after;
  char *setup;
  char *audit;
  char *update;
  char *validate;
} SlipHook;

/**
 * SlipGate:
 * @stage: behind which it stands
 * @kind: what is counted, such as `rejected`
 * @limit: the most that passes, rows or percent
 * @percent: whether @limit is percent of the rows that came in
 */
typedef struct
{
  char *stage;
  char *kind;
  double limit;
  gboolean percent;
} SlipGate;

/**
 * SlipCaseTable:
 * @table: a landed table
 * @of: the table that it follows
 * @on: (element-type SlipPair): left is a column of @of, right one of @table
 */
typedef struct
{
  char *table;
  char *of;
  GPtrArray *on;
} SlipCaseTable;

/**
 * SlipColumnClass:
 * @table: a landed table
 * @column: its column
 * @name: what becomes of it in an anonymised extract, such as `family-name`
 */
typedef struct
{
  char *table;
  char *column;
  char *name;
} SlipColumnClass;

/**
 * SlipCase:
 * @key_table: the table that a case is found in
 * @key_column: by this column
 * @tables: (element-type SlipCaseTable): what belongs to it
 * @classes: (element-type SlipColumnClass): by table and column, in the file's order
 */
typedef struct
{
  char *key_table;
  char *key_column;
  GPtrArray *tables;
  GPtrArray *classes;
} SlipCase;

/**
 * slip_case_get_class:
 * @extract: how a case is taken out
 * @table: a landed table
 * @column: its column
 *
 * Returns: (transfer none) (nullable): the class; %NULL when it has none, so that it must not leave
 */
const char *slip_case_get_class (const SlipCase *extract, const char *table, const char *column);

/**
 * SlipKnownDifference:
 * @mapping: of this mapping
 * @kind: `differing`, `missing`, `extra` or `duplicated`
 * @columns: (array zero-terminated=1): a differing row is known when it differs in these only; empty for any
 * @where: (nullable): SQL over `d`, a row of `slipway.difference`
 * @reason: why it is as it should be, or whose fault it is
 */
typedef struct
{
  char *mapping;
  char *kind;
  char **columns;
  char *where;
  char *reason;
} SlipKnownDifference;

/**
 * SlipOwnQueries:
 * @mapping: the mapping that they validate
 * @source: the landed table whose `casrec_row_id` expected rows carry as `row_id`
 * @key: (array zero-terminated=1): outputs that a row is known by, the case number first
 * @columns: (array zero-terminated=1): further outputs, empty for a table that only joins
 * @expected: a query over landed rows, of @key, @columns and `row_id`
 * @actual: a query over the target, of @key, @columns and `target_id`
 *
 * A validation that validation_mapping.json has no words for: what the original has handwritten SQL for.
 */
typedef struct
{
  char *mapping;
  char *source;
  char **key;
  char **columns;
  char *expected;
  char *actual;
} SlipOwnQueries;

/**
 * SlipValidationRules:
 * @client_source: (nullable): which of `values` stands for `{client_source}`
 * @client_sources: (element-type SlipNamedSql): another text for it, by mapping, where definitions contradict
 * @functions: (element-type SlipNamedSql): files of functions that the definitions' SQL calls
 * @queries: (element-type SlipOwnQueries): mappings that queries of the sidecar's own validate
 * @read_back: (element-type SlipNamedSql): mappings whose validation is no independent one, and why
 * @known: (element-type SlipKnownDifference): differences that have a reason
 *
 * What validation needs beside `validation_mapping.json`.
 */
typedef struct
{
  char *client_source;
  GPtrArray *client_sources;
  GPtrArray *functions;
  GPtrArray *queries;
  GPtrArray *read_back;
  GPtrArray *known;
} SlipValidationRules;

/**
 * SlipApiChecks:
 * @files: (element-type SlipNamedSql): CSV files of endpoints and expected answers, with what they hold
 * @ids: a query of the target: for a reference ($1) the rows whose columns the endpoints name, `{id}`
 * @skip: (nullable): a query of the migration database: with a row for a reference ($1) its checks are left out
 * @count: whether matches are counted and not compared
 * @retry: whether an answer that is none is asked for again; otherwise 404 is an answer without a match
 *
 * Checks of the new system by what it answers.
 */
typedef struct
{
  GPtrArray *files;
  char *ids;
  char *skip;
  gboolean count;
  gboolean retry;
} SlipApiChecks;

/**
 * SlipApi:
 * @login: (nullable): where a user logs in, a path
 * @checks: (element-type SlipApiChecks): in order; empty for none
 */
typedef struct
{
  char *login;
  GPtrArray *checks;
} SlipApi;

/**
 * SlipSchemas:
 * @source: landed tables
 * @transform: what steps make
 * @integration: with ids of the target
 * @staging: with the constraints of the target
 * @target: of the target database
 */
typedef struct
{
  char *source;
  char *transform;
  char *integration;
  char *staging;
  char *target;
} SlipSchemas;

G_END_DECLS
