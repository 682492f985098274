/* SPDX-License-Identifier: MIT */
/* What two tables have in common: finds them, pairs their columns by name, and makes the SQL that gives a row's
 * key, position and hash on each side, from values that are the same text when they are the same value. */

#include "slip-table-compare-private.h"

#include <string.h>

typedef struct
{
  char *name;
  char *type; /* as format_type() tells it */
  char *base; /* pg_type.typname, of a domain that of its base */
  gboolean needed;
  gboolean indexed; /* first in a whole B-tree index */
} Column;

static void
column_free (Column *column)
{
  g_free (column->name);
  g_free (column->type);
  g_free (column->base);
  g_free (column);
}

/* ---- the catalogue */

static const char *const table_sql
    = "SELECT c.oid, format('%I.%I', n.nspname, c.relname), greatest(c.reltuples, 0)::bigint"
      " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
      " WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

static const char *const columns_sql
    = "SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname),"
      " a.attnotnull, EXISTS (SELECT FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid"
      " JOIN pg_am AS m ON m.oid = x.relam WHERE i.indrelid = a.attrelid AND i.indisvalid"
      " AND i.indpred IS NULL AND i.indkey[0] = a.attnum AND m.amname = 'btree'),"
      " (SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index AS i"
      " WHERE i.indrelid = a.attrelid AND i.indisprimary)"
      " FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid"
      " LEFT JOIN pg_type AS b ON t.typtype = 'd' AND b.oid = t.typbasetype"
      " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

static gboolean
is_true (const SlipPgRows *rows, guint row, guint column)
{
  return g_strcmp0 (slip_pg_rows_get (rows, row, column), "t") == 0;
}

/* The columns of the primary key go into @key, in its order, when that is given. */
static gboolean
read_columns (SlipCompareSide *side, const char *oid, GPtrArray *key, GError **error)
{
  const char *const params[] = {oid, NULL};
  g_autoptr (SlipPgRows) rows = slip_pg_query (side->pg, columns_sql, params, NULL, error);

  if (rows == NULL)
    return FALSE;
  side->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)column_free);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      Column *column = g_new0 (Column, 1);

      column->name = g_strdup (slip_pg_rows_get (rows, i, 0));
      column->type = g_strdup (slip_pg_rows_get (rows, i, 1));
      column->base = g_strdup (slip_pg_rows_get (rows, i, 2));
      column->needed = is_true (rows, i, 3);
      column->indexed = is_true (rows, i, 4);
      g_ptr_array_add (side->columns, column);
    }
  for (guint place = 0; key != NULL && place < slip_pg_rows_get_n_rows (rows); place++)
    for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
      if (slip_pg_rows_get (rows, i, 5) != NULL && slip_pg_rows_get_int (rows, i, 5) == place)
        g_ptr_array_add (key, g_strdup (slip_pg_rows_get (rows, i, 0)));
  return TRUE;
}

static gboolean
find_table (SlipCompareSide *side, const char *name, GPtrArray *key, GError **error)
{
  const char *const params[] = {name, NULL};
  g_autoptr (SlipPgRows) rows = slip_pg_query (side->pg, table_sql, params, NULL, error);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "%s: there is no table or view %s. Name it as SQL does, with its schema: "
                   "schema.table, and \"Table\" where it has capitals",
                   slip_pg_get_where (side->pg), name);
      return FALSE;
    }
  side->table = g_strdup (slip_pg_rows_get (rows, 0, 1));
  side->estimate = (guint64)slip_pg_rows_get_int (rows, 0, 2);
  return read_columns (side, slip_pg_rows_get (rows, 0, 0), key, error);
}

static Column *
find (const SlipCompareSide *side, const char *name)
{
  for (guint i = 0; i < side->columns->len; i++)
    {
      Column *column = g_ptr_array_index (side->columns, i);

      if (g_str_equal (column->name, name))
        return column;
    }
  return NULL;
}

/* ---- canonical values */

static gboolean
is_one_of (const char *name, const char *const *names)
{
  return g_strv_contains (names, name);
}

static const char *const integers[] = {"int2", "int4", "int8", NULL};
static const char *const exact[] = {"int2", "int4", "int8", "numeric", "money", NULL};
static const char *const floats[] = {"float4", "float8", NULL};
static const char *const numbers[]
    = {"int2", "int4", "int8", "numeric", "money", "float4", "float8", NULL};
static const char *const times[] = {"timestamp", "timestamptz", "date", NULL};
static const char *const documents[] = {"json", "jsonb", NULL};
static const char *const texts[] = {"text", "varchar", "bpchar", "name", "citext", NULL};

static gboolean
both_are (const Column *here, const Column *there, const char *const *names)
{
  return is_one_of (here->base, names) && is_one_of (there->base, names);
}

/* SQL of a value of @here that has the same text as the same value of @there. */
static char *
canonical (const Column *here, const Column *there)
{
  g_autofree char *name = slip_pg_quote_name (here->name);
  gboolean same = g_str_equal (here->base, there->base);

  if (is_one_of (here->base, integers) && is_one_of (there->base, exact))
    return g_steal_pointer (&name);
  if (both_are (here, there, exact))
    return g_strdup_printf ("trim_scale(%s::numeric)", name);
  /* Zero added makes -0 zero. */
  if (same && is_one_of (here->base, floats))
    return g_strdup_printf ("%s + '0'::%s", name, here->base);
  if (both_are (here, there, numbers))
    return g_strdup_printf ("%s::%sfloat8 + '0'::float8", name,
                            g_str_equal (here->base, "money") ? "numeric::" : "");
  if (!same && both_are (here, there, times))
    return g_str_equal (here->base, "timestamptz")
               ? g_strdup_printf ("(%s AT TIME ZONE 'UTC')", name)
               : g_strdup_printf ("%s::timestamp", name);
  if (!same && both_are (here, there, documents))
    return g_strdup_printf ("%s::jsonb", name);
  /* The text of char(n) has its padding, its cast to text has not. */
  if (g_str_equal (here->base, "bpchar"))
    return g_strdup_printf ("%s::text", name);
  return g_steal_pointer (&name);
}

/* SQL of a value that has the same hash as that of @there when both have the same canonical text, and another when
 * not. Types whose equal values may have different texts, or whose hash is the server's own (an enum's is), are hashed by their
 * texts. */
static char *
hashable (const Column *here, const Column *there, const char *canonical)
{
  static const char *const as_it_is[] = {"bool", "date",  "time",   "timestamp", "timestamptz",
                                         "uuid", "bytea", "float4", "float8",    NULL};
  g_autofree char *name = slip_pg_quote_name (here->name);
  gboolean same = g_str_equal (here->base, there->base);

  /* All integers hash alike, and a numeric of any scale as the others of its value. */
  if (both_are (here, there, integers)
      || (same && (is_one_of (here->base, as_it_is) || g_str_equal (here->base, "numeric"))))
    return g_strdup (is_one_of (here->base, floats) ? canonical : name);
  if (both_are (here, there, exact))
    return g_strdup_printf ("%s::numeric", name);
  if (both_are (here, there, numbers) || both_are (here, there, times))
    return g_strdup_printf ("(%s)", canonical);
  return g_strdup_printf ("(%s)::text COLLATE \"C\"", canonical);
}

static void
note_types (SlipCompare *self, const Column *left, const Column *right)
{
  const char *rule = NULL;

  if (g_str_equal (left->base, right->base))
    rule = g_str_equal (left->base, "json")
               ? "as it is written, with its white space and the order of its members"
               : NULL;
  else if (both_are (left, right, exact) || both_are (left, right, texts))
    rule = NULL;
  else if (both_are (left, right, numbers))
    rule = "as double precision, about 15 digits";
  else if (both_are (left, right, times))
    rule = "as timestamps; a time with zone as it is at UTC, a date as its midnight";
  else if (both_are (left, right, documents))
    rule = "as jsonb: white space, the order of members and repeated members do not count";
  else
    rule = "by their texts";
  if (rule != NULL)
    g_ptr_array_add (self->result->notes, g_strdup_printf ("%s (%s, %s) is compared %s", left->name,
                                                           left->type, right->type, rule));
}

/* ---- which columns */

static gboolean
has (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static void
add_column (SlipCompare *self, const char *name, gboolean key)
{
  Column *pair[] = {find (&self->side[0], name), find (&self->side[1], name)};
  SlipComparedColumn *column = g_new0 (SlipComparedColumn, 1);

  column->name = g_strdup (name);
  column->left_type = g_strdup (pair[0]->type);
  column->right_type = g_strdup (pair[1]->type);
  column->key = key;
  g_ptr_array_add (self->result->columns, column);
  for (guint i = 0; i < 2; i++)
    {
      char *value = canonical (pair[i], pair[!i]);

      g_ptr_array_add (self->side[i].expressions, value);
      g_ptr_array_add (self->side[i].hashed, hashable (pair[i], pair[!i], value));
    }
  note_types (self, pair[0], pair[1]);
}

static gboolean
check_there (SlipCompare *self, const char *name, GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (find (&self->side[i], name) == NULL)
      {
        g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                     "%s: %s has no column %s", slip_pg_get_where (self->side[i].pg),
                     self->side[i].table, name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_named (SlipCompare *self, const char *const *names, GError **error)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!check_there (self, names[i], error))
      return FALSE;
  return TRUE;
}

static void
add_others (SlipCompare *self, GPtrArray *key)
{
  const SlipTableCompareOptions *options = self->options;
  GPtrArray *only[] = {self->result->only_left, self->result->only_right};

  for (guint side = 0; side < 2; side++)
    for (guint i = 0; i < self->side[side].columns->len; i++)
      {
        const Column *column = g_ptr_array_index (self->side[side].columns, i);
        gboolean both = find (&self->side[!side], column->name) != NULL;

        if (has (key, column->name)
            || (options->columns != NULL && !is_one_of (column->name, options->columns))
            || (options->except != NULL && is_one_of (column->name, options->except)))
          continue;
        if (!both)
          g_ptr_array_add (only[side], g_strdup (column->name));
        else if (side == 0)
          add_column (self, column->name, FALSE);
      }
}

/* ---- SQL */

static char *
row_of (GPtrArray *expressions, guint n)
{
  GString *row = g_string_new ("ROW(");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (row, "%s%s", i > 0 ? ", " : "",
                            (const char *)g_ptr_array_index (expressions, i));
  g_string_append_c (row, ')');
  return g_string_free (row, FALSE);
}

/* Of the first @n columns. A record's hash is a sum over its columns; hashed once more it is none, and two rows of a
 * chunk that exchange a value do not make up for each other. */
static char *
hash_of (SlipCompare *self, const SlipCompareSide *side, guint n)
{
  g_autofree char *row = row_of (side->expressions, n);
  g_autofree char *record = row_of (side->hashed, n);

  if (self->md5)
    return g_strdup_printf ("('x' || left(md5(convert_to(%s::text, 'UTF8')), 16))::bit(64)::bigint",
                            row);
  if (self->records)
    return g_strdup_printf ("hashint8extended(hash_record_extended(%s, 0), 0)", record);
  return g_strdup_printf ("hashtextextended(%s::text COLLATE \"C\", 0)", row);
}

static void
make_sql (SlipCompare *self, guint n_key)
{
  for (guint i = 0; i < 2; i++)
    {
      SlipCompareSide *side = &self->side[i];
      g_autofree char *key = row_of (side->expressions, n_key);

      side->n_key = n_key;
      side->key_text = g_strdup_printf ("%s::text", key);
      side->hash = hash_of (self, side, side->expressions->len);
      if (self->result->by_range)
        {
          side->bare_position = g_strdup (g_ptr_array_index (side->expressions, 0));
          side->position = g_strdup_printf ("%s::bigint", side->bare_position);
        }
      else
        side->position = hash_of (self, side, n_key);
    }
}

void
slip_compare_use_hashes (SlipCompare *self)
{
  self->result->by_range = FALSE;
  for (guint i = 0; i < 2; i++)
    {
      SlipCompareSide *side = &self->side[i];

      g_clear_pointer (&side->bare_position, g_free);
      g_free (side->position);
      side->position = hash_of (self, side, side->n_key);
    }
}

/* Ranges need positions that an index finds: one integer that is never null. */
static gboolean
can_range (SlipCompare *self, GPtrArray *key)
{
  for (guint i = 0; i < 2; i++)
    {
      const Column *column = find (&self->side[i], g_ptr_array_index (key, 0));

      if (key->len != 1 || !column->needed || !column->indexed
          || !is_one_of (column->base, integers))
        return FALSE;
    }
  return TRUE;
}

static gboolean
settle_key (SlipCompare *self, GPtrArray *key, GError **error)
{
  const char *const *words = self->options->key;

  if (words != NULL && words[0] != NULL)
    g_ptr_array_set_size (key, 0);
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (!has (key, words[i]))
      g_ptr_array_add (key, g_strdup (words[i]));
  if (key->len == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                   "%s: %s has no primary key. Say which columns name a row",
                   slip_pg_get_where (self->side[0].pg), self->side[0].table);
      return FALSE;
    }
  for (guint i = 0; i < key->len; i++)
    if (!check_there (self, g_ptr_array_index (key, i), error))
      return FALSE;
  return TRUE;
}

gboolean
slip_compare_read_columns (SlipCompare *self, GError **error)
{
  const SlipTableCompareOptions *options = self->options;
  const char *right = options->right_table != NULL ? options->right_table : options->left_table;
  g_autoptr (GPtrArray) key = g_ptr_array_new_with_free_func (g_free);

  if (!find_table (&self->side[0], options->left_table, key, error)
      || !find_table (&self->side[1], right, NULL, error) || !settle_key (self, key, error)
      || !check_named (self, options->columns, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      self->side[i].expressions = g_ptr_array_new_with_free_func (g_free);
      self->side[i].hashed = g_ptr_array_new_with_free_func (g_free);
      self->result->side[i].table = g_strdup (self->side[i].table);
    }
  for (guint i = 0; i < key->len; i++)
    add_column (self, g_ptr_array_index (key, i), TRUE);
  add_others (self, key);
  self->result->by_range = can_range (self, key);
  make_sql (self, key->len);
  return TRUE;
}
