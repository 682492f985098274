/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-compile.h"
#include "slip-reserved.h"

G_BEGIN_DECLS

/* Rows of the stages have columns of the source or the target, and beside them casrec_row_id, which the format
 * gives to nobody else, and what is only ours. All of that begins with SLIP_RESERVED_PREFIX:
 *
 *   slipway_id           the row's number, from 1
 *   slipway_marks        what happened to its values; slipway_join_marks: what joins did not find
 *   slipway_lost         the join, or “where”, that the row does not pass
 *   slipway_dropped      the condition that it does not meet; slipway_dropped_before: one before “latest”
 *   slipway_place        its place among those of which the latest is kept
 *   slipway_number_N     what condition N compares, as a number
 *   slipway_debt         the row of an open debt
 *   slipway_bad_N        column N's text that is at fault; slipway_altered_N: that is cut
 *   slipway_matched      whether a join found a row; slipway_several: and another that it could have taken
 *   slipway_row          the number of a relation's row
 */

/* What a text holds, where that is known without looking at it. */
typedef enum
{
  SLIP_FORM_TEXT,
  SLIP_FORM_TIMESTAMP,
  SLIP_FORM_JSON,
} SlipForm;

/* One column of the step's rows, on its way through the stages. Until the last stage each is text. */
typedef struct
{
  char *name;
  guint number;                    /* from 0, in the order in which they were added */
  const SlipMappingColumn *column; /* NULL for c_… */
  char *mapped;                    /* over k, the kept row; NULL when nothing fills it */
  char *bad;      /* over k: the text that is at fault where mapped is NULL; or NULL */
  char *altered;  /* over k: the text whose value is cut, or NULL */
  char *constant; /* SQL literal, when every row has the same */
  char *joined;   /* over m, s and the joins; the column's last word */
  SlipForm form;
  gboolean present; /* whether a stage so far has filled it */
} SlipCompiledColumn;

typedef struct
{
  SlipMigration *migration;
  const SlipStep *step;
  const SlipCompileOptions *options;
  const SlipSchemas *schemas;
  const char *destination;
  const char *table; /* the source table, or NULL */
  char *relation;    /* the source table, quoted with its schema, or NULL */
  gboolean strict;
  int run_year;
  GPtrArray *columns;  /* element-type SlipCompiledColumn */
  GHashTable *sources; /* c_… → source column */
  GPtrArray *raw;      /* element-type utf8: source columns that are read, in order */
  GString *sql;
  gboolean dropped;    /* whether conditions can drop rows */
  gboolean multiplied; /* whether a condition can make more rows of one */
  gboolean latest;
  char *latest_by; /* the column of the kept row by which it is the latest, quoted; or NULL */
} SlipCompiler;

/* Text building. */
char *slip_compile_quote (const char *name);
char *slip_compile_literal (const char *text);
char *slip_compile_value (const SlipMappingColumn *column, JsonNode *value);
char *slip_compile_seed (SlipCompiler *self);
char *slip_compile_expand (SlipCompiler *self, const char *sql);
char *slip_compile_table (const char *schema, const char *table);
char *slip_compile_relation (SlipCompiler *self, const SlipRelation *relation);
char *slip_compile_day (SlipCompiler *self, const char *expression);
void slip_compile_list (GString *sql, gboolean *first, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

SlipCompiledColumn *slip_compile_find (SlipCompiler *self, const char *name);
SlipCompiledColumn *
slip_compile_add (SlipCompiler *self, const char *name, const SlipMappingColumn *column);

/* The stages, in order; each appends its part of the statement. */
void slip_compile_source (SlipCompiler *self);
/* In place of the four stages before it, for a step without a source table. */
void slip_compile_constants (SlipCompiler *self);
void slip_compile_mapped (SlipCompiler *self);
void slip_compile_filled (SlipCompiler *self);
void slip_compile_decided (SlipCompiler *self);
gboolean slip_compile_can_multiply (SlipCompiler *self);
void slip_compile_joined (SlipCompiler *self);
void slip_compile_typed (SlipCompiler *self);
void slip_compile_written (SlipCompiler *self);
void slip_compile_unread (SlipCompiler *self);
char *slip_compile_dup_table (SlipCompiler *self);
char *slip_compile_dup_statistics (SlipCompiler *self);

/* A column's expression from its mapping; fills mapped, bad and form. */
void slip_compile_transform (SlipCompiler *self, SlipCompiledColumn *compiled);
char *slip_compile_lookup (const SlipLookup *lookup);

/* SQL that writes JSON as Python's json.dumps() does. */
char *slip_compile_json (SlipCompiler *self, JsonNode *node);

G_END_DECLS
