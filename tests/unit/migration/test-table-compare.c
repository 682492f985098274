/* SPDX-License-Identifier: MIT */
/* Two tables on two servers: each kind of difference is found, to the cell, and nothing else is; whichever way
 * the rows are cut into chunks. */

#include "fixture.h"

#include "slip-table-compare.h"

#include <string.h>

#define ROWS "12000"

/* Two columns of key, so that one table can be compared by ranges of id and by hashes of (code, id). */
static const char *const sample = "CREATE TABLE t (id bigint PRIMARY KEY, code text NOT NULL, "
                                  "amount numeric(12,2), seen timestamptz, "
                                  "note text, ok boolean, size float8);"
                                  "INSERT INTO t SELECT i * 7, 'c' || i % 97, i / 100.0, "
                                  "timestamptz '2020-01-01 00:00:00+00' + i * "
                                  "interval '1 minute', CASE WHEN i % 3 = 0 THEN NULL WHEN i % 5 = "
                                  "0 THEN '' ELSE 'n' || i END, "
                                  "i % 2 = 0, i / 3.0 FROM generate_series(1, " ROWS ") AS i;"
                                  "ANALYZE t";

static const char *const by_id[] = {"id", NULL};
static const char *const by_hash[] = {"code", "id", NULL};

typedef struct
{
  char *left;
  char *right;
  SlipTableCompareOptions options;
} Pair;

static void
pair_make (Pair *pair, const char *left, const char *right)
{
  const char *const sql[] = {left, right};
  char *conninfo[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SlipPg) pg = NULL;

      conninfo[i] = migration_server_new_database ();
      pg = migration_open (conninfo[i]);
      migration_run (pg, sql[i]);
    }
  *pair = (Pair){.left = conninfo[0], .right = conninfo[1]};
  pair->options = (SlipTableCompareOptions){
      .left = conninfo[0], .right = conninfo[1], .left_table = "t", .limit = 50};
}

static void
pair_change (Pair *pair, const char *sql)
{
  g_autoptr (SlipPg) pg = migration_open (pair->right);

  migration_run (pg, sql);
}

static void
pair_clear (Pair *pair)
{
  g_free (pair->left);
  g_free (pair->right);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static SlipTableComparison *
compare (Pair *pair)
{
  g_autoptr (GError) error = NULL;
  SlipTableComparison *comparison = slip_table_compare (&pair->options, NULL, &error);

  g_assert_no_error (error);
  return comparison;
}

/* Every difference in one line: its kind, its key and the columns whose cells differ. */
static char *
tell (const SlipTableComparison *comparison)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < comparison->differences->len; i++)
    {
      const SlipDifference *difference = g_ptr_array_index (comparison->differences, i);
      g_autofree char *key = slip_table_comparison_dup_key (comparison, difference);

      g_string_append_printf (text, "%s%s %s", i > 0 ? "; " : "",
                              slip_difference_kind_to_string (difference->kind), key);
      for (guint j = 0; difference->differs != NULL && j < comparison->columns->len; j++)
        if (difference->differs[j])
          g_string_append_printf (
              text, " %s",
              ((SlipComparedColumn *)g_ptr_array_index (comparison->columns, j))->name);
    }
  return g_string_free (text, FALSE);
}

static guint64
count (const SlipTableComparison *comparison)
{
  guint64 n = 0;

  for (guint i = 0; i < SLIP_N_DIFFERENCE_KINDS; i++)
    n += comparison->counts[i];
  return n;
}

/* ---- one row in twelve thousand */

static const struct
{
  const char *change;
  const char *by_id;
  const char *by_hash;
} planted[] = {
    {"DELETE FROM t WHERE id = 700", "missing id = 700", "missing code = c3, id = 700"},
    {"INSERT INTO t VALUES (701, 'x')", "extra id = 701", "extra code = x, id = 701"},
    {"INSERT INTO t VALUES (-9000000000, 'x')", "extra id = -9000000000",
     "extra code = x, id = -9000000000"},
    {"UPDATE t SET amount = amount + 0.01 WHERE id = 35000", "differing id = 35000 amount",
     "differing code = c53, id = 35000 amount"},
    {"UPDATE t SET note = '' WHERE id = 21", "differing id = 21 note",
     "differing code = c3, id = 21 note"},
    {"UPDATE t SET note = NULL, ok = NOT ok WHERE id = 35", "differing id = 35 note ok",
     "differing code = c5, id = 35 note ok"},
    {"UPDATE t SET seen = seen + interval '1 microsecond' WHERE id = 84000",
     "differing id = 84000 seen", "differing code = c69, id = 84000 seen"},
    {"UPDATE t SET size = size + 1e-12 WHERE id = 7", "differing id = 7 size",
     "differing code = c1, id = 7 size"},
    /* A key that moved is one row missing and one too many. */
    {"UPDATE t SET id = 8 WHERE id = 7", "missing id = 7; extra id = 8", NULL},
    /* Two rows that changed their cells have the same sum of values, but not of hashes. */
    {"UPDATE t SET note = CASE id WHEN 7 THEN 'n2' ELSE 'n1' END WHERE id IN (7, 14)",
     "differing id = 7 note; differing id = 14 note", NULL},
    {"UPDATE t SET note = note || '' WHERE id < 100", "", ""},
};

static void
check_planted (Pair *pair, const char *change, const char *expected)
{
  g_autoptr (SlipTableComparison) comparison = compare (pair);
  g_autofree char *found = tell (comparison);

  g_assert_cmpint (comparison->by_range, ==, pair->options.key == by_id);
  g_test_message ("%s: %s, %u of %u chunks", change, found, comparison->chunks_differing,
                  comparison->chunks);
  if (expected != NULL)
    {
      g_assert_cmpstr (found, ==, expected);
      g_assert_cmpint (slip_table_comparison_is_same (comparison), ==, *expected == '\0');
    }
  g_assert_cmpuint (count (comparison), ==, comparison->differences->len);
  g_assert_cmpuint (comparison->side[0].rows, ==, 12000);
}

static void
test_each_planted_difference_is_found_and_nothing_else (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const guint chunks[] = {0, 1, 7};

  pair_make (&pair, sample, sample);
  for (gsize i = 0; i < G_N_ELEMENTS (planted); i++)
    {
      pair_change (&pair, "CREATE TABLE kept AS SELECT * FROM t");
      pair_change (&pair, planted[i].change);
      for (gsize j = 0; j < G_N_ELEMENTS (chunks); j++)
        {
          pair.options.chunks = chunks[j];
          pair.options.key = by_id;
          check_planted (&pair, planted[i].change, planted[i].by_id);
          pair.options.key = by_hash;
          check_planted (&pair, planted[i].change, planted[i].by_hash);
        }
      pair_change (&pair, "TRUNCATE t; INSERT INTO t SELECT * FROM kept; DROP TABLE kept");
    }
}

static void
test_values_stand_beside_each_other (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};

  pair_make (&pair, sample, sample);
  pair_change (&pair, "UPDATE t SET note = NULL, amount = 5 WHERE id = 14;"
                      "UPDATE t SET note = repeat('ü', 9000) WHERE id = 28");
  g_autoptr (SlipTableComparison) comparison = compare (&pair);
  const SlipDifference *first = g_ptr_array_index (comparison->differences, 0);
  const SlipDifference *second = g_ptr_array_index (comparison->differences, 1);

  g_assert_cmpuint (comparison->differences->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (first->left, 0), ==, "14");
  g_assert_cmpstr (g_ptr_array_index (first->left, 2), ==, "0.02");
  g_assert_cmpstr (g_ptr_array_index (first->right, 2), ==, "5");
  g_assert_cmpstr (g_ptr_array_index (first->left, 4), ==, "n2");
  g_assert_null (g_ptr_array_index (first->right, 4));
  g_assert_true (g_utf8_validate (g_ptr_array_index (second->right, 4), -1, NULL));
  g_assert_true (g_str_has_suffix (g_ptr_array_index (second->right, 4), "… (18000 bytes)"));
  g_assert_cmpuint (((SlipComparedColumn *)g_ptr_array_index (comparison->columns, 4))->differing,
                    ==, 2);
}

/* ---- more than one row */

static void
test_rows_of_one_key_are_paired_by_what_is_the_same (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const char *const key[] = {"k", NULL};

  pair_make (&pair,
             "CREATE TABLE t (k int, v text); INSERT INTO t VALUES (1,'a'),(1,'b'),(2,'a'),(3,'a'),"
             "(3,'a'),(4,'x'),(4,'y'),(NULL,'n')",
             "CREATE TABLE t (k int, v text); INSERT INTO t VALUES (1,'b'),(1,'a'),(2,'a'),(2,'a'),"
             "(3,'a'),(4,'y'),(4,'z'),(NULL,'n')");
  pair.options.key = key;
  g_autoptr (SlipTableComparison) comparison = compare (&pair);

  g_assert_false (comparison->by_range);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_MORE_RIGHT], ==, 1);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_MORE_LEFT], ==, 1);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_DIFFERING], ==, 1);
  g_assert_cmpuint (count (comparison), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const SlipDifference *difference = g_ptr_array_index (comparison->differences, i);
      g_autofree char *said = slip_table_comparison_dup_key (comparison, difference);

      g_assert_cmpstr (said, ==,
                       difference->kind == SLIP_DIFFERENCE_MORE_RIGHT  ? "k = 2"
                       : difference->kind == SLIP_DIFFERENCE_MORE_LEFT ? "k = 3"
                                                                       : "k = 4");
      if (difference->kind == SLIP_DIFFERENCE_DIFFERING)
        {
          g_assert_cmpstr (g_ptr_array_index (difference->left, 1), ==, "x");
          g_assert_cmpstr (g_ptr_array_index (difference->right, 1), ==, "z");
        }
    }
}

static void
test_all_rows_are_counted_and_few_listed (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};

  pair_make (&pair, sample, sample);
  pair_change (&pair, "UPDATE t SET ok = NOT ok; DELETE FROM t WHERE id % 70 = 0");
  for (guint way = 0; way < 2; way++)
    {
      g_autoptr (SlipTableComparison) comparison = NULL;

      pair.options.key = way == 0 ? by_id : by_hash;
      pair.options.limit = 3;
      comparison = compare (&pair);
      g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_MISSING], ==, 1200);
      g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_DIFFERING], ==, 10800);
      g_assert_cmpuint (count (comparison), ==, 12000);
      g_assert_cmpuint (comparison->differences->len, ==, 6);
    }
}

static void
test_only_rows_of_the_condition_count (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};

  pair_make (&pair, sample, sample);
  pair_change (&pair, "UPDATE t SET ok = NULL WHERE id IN (700, 7000)");
  for (guint way = 0; way < 2; way++)
    {
      g_autoptr (SlipTableComparison) comparison = NULL;

      pair.options.key = way == 0 ? by_id : by_hash;
      pair.options.where = "id < 1000 OR note = 'n1' -- and not more";
      comparison = compare (&pair);
      g_assert_cmpuint (comparison->side[0].rows, ==, 142);
      g_assert_cmpuint (count (comparison), ==, 1);
    }
}

static void
test_empty_tables_and_one_empty_side (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};

  pair_make (&pair, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY)");
  g_autoptr (SlipTableComparison) empty = compare (&pair);
  g_assert_true (slip_table_comparison_is_same (empty));
  pair_change (&pair, "INSERT INTO t VALUES (-5), (5)");
  g_autoptr (SlipTableComparison) comparison = compare (&pair);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_EXTRA], ==, 2);
  g_assert_cmpuint (count (comparison), ==, 2);
}

static void
test_keys_at_the_ends_of_bigint (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const char *const sql
      = "CREATE TABLE t (id bigint PRIMARY KEY, v int); INSERT INTO t VALUES "
        "(-9223372036854775808, 1), (0, 2), (9223372036854775807, 3)";

  pair_make (&pair, sql, sql);
  g_autoptr (SlipTableComparison) same = compare (&pair);
  g_assert_true (slip_table_comparison_is_same (same));
  pair_change (&pair, "UPDATE t SET v = 0 WHERE id <> 0");
  g_autoptr (SlipTableComparison) comparison = compare (&pair);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_DIFFERING], ==, 2);
  g_assert_cmpuint (count (comparison), ==, 2);
}

/* ---- columns and types */

static void
test_columns_are_paired_by_name (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const char *const only[] = {"b", NULL};

  pair_make (
      &pair,
      "CREATE TABLE t (id int PRIMARY KEY, a text, \"B c\" int, b int, gone int);"
      "INSERT INTO t VALUES (1, 'x', 2, 3, 4)",
      "CREATE TABLE t (b int, \"B c\" int, dropped int, a text, id int PRIMARY KEY, added int);"
      "ALTER TABLE t DROP COLUMN dropped; INSERT INTO t VALUES (3, 2, 'x', 1, 9)");
  g_autoptr (SlipTableComparison) comparison = compare (&pair);
  g_assert_cmpuint (count (comparison), ==, 0);
  g_assert_false (slip_table_comparison_is_same (comparison));
  g_assert_cmpuint (comparison->only_left->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (comparison->only_left, 0), ==, "gone");
  g_assert_cmpuint (comparison->only_right->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (comparison->only_right, 0), ==, "added");

  pair_change (&pair, "UPDATE t SET a = 'y'");
  pair.options.columns = only;
  g_autoptr (SlipTableComparison) one = compare (&pair);
  g_assert_true (slip_table_comparison_is_same (one));
  pair.options.columns = NULL;
  pair.options.except = (const char *const[]){"a", "gone", "added", NULL};
  g_autoptr (SlipTableComparison) others = compare (&pair);
  g_assert_true (slip_table_comparison_is_same (others));
}

static const char *const types
    = "CREATE TYPE colour AS ENUM ('red', 'blue'); CREATE DOMAIN code AS varchar(5);"
      "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";

/* What is the same value in another type, and what only looks alike. */
static const struct
{
  const char *left;
  const char *right;
  gboolean same;
  gboolean noted;
} values[] = {
    {"numeric '1.50'", "numeric '1.5'", TRUE, FALSE},
    {"numeric '1.50'", "numeric '1.51'", FALSE, FALSE},
    {"int '12'", "bigint '12'", TRUE, FALSE},
    {"int '12'", "numeric '12.00'", TRUE, FALSE},
    {"smallint '12'", "numeric '12.01'", FALSE, FALSE},
    {"float8 '-0'", "float8 '0'", TRUE, FALSE},
    {"float8 'NaN'", "float8 'NaN'", TRUE, FALSE},
    {"float8 '0.1'", "float8 '0.30000000000000004' - float8 '0.2'", FALSE, FALSE},
    {"float4 '0.5'", "float8 '0.5'", TRUE, TRUE},
    {"numeric '0.50'", "float8 '0.5'", TRUE, TRUE},
    {"timestamptz '2020-06-01 12:00+02'", "timestamptz '2020-06-01 10:00+00'", TRUE, FALSE},
    {"timestamptz '2020-06-01 12:00+02'", "timestamp '2020-06-01 10:00'", TRUE, TRUE},
    {"timestamptz '2020-06-01 12:00+02'", "timestamp '2020-06-01 12:00'", FALSE, TRUE},
    {"date '2020-06-01'", "timestamp '2020-06-01 00:00'", TRUE, TRUE},
    {"json '{\"b\": 1, \"a\":2}'", "jsonb '{\"a\": 2, \"b\": 1}'", TRUE, TRUE},
    {"json '{\"a\":1}'", "json '{\"a\": 1}'", FALSE, TRUE},
    {"jsonb '{\"a\":1}'", "jsonb '{ \"a\" : 1}'", TRUE, FALSE},
    {"char(5) 'ab'", "varchar(9) 'ab'", TRUE, FALSE},
    {"text ''", "NULL::text", FALSE, FALSE},
    {"NULL::text", "NULL::int", TRUE, TRUE},
    {"text '(a,b)'", "text '(a b)'", FALSE, FALSE},
    {"text '12'", "int '12'", TRUE, TRUE},
    {"bytea '\\x00ff'", "bytea '\\x00fe'", FALSE, FALSE},
    {"ARRAY['a',NULL]", "ARRAY['a','NULL']", FALSE, FALSE},
    /* What PostgreSQL holds to be equal, and hashes alike, and is another text. */
    {"interval '1 day'", "interval '24 hours'", FALSE, FALSE},
    {"jsonb '1.0'", "jsonb '1.00'", FALSE, FALSE},
    {"'Ab' COLLATE loose", "'aB' COLLATE loose", FALSE, FALSE},
    /* Its hash is the number that one database gave it. */
    {"'red'::colour", "'red'::colour", TRUE, FALSE},
    {"'red'::colour", "'blue'::colour", FALSE, FALSE},
    {"'ab'::code", "text 'ab'", TRUE, FALSE},
    {"'ab'::code", "'ac'::code", FALSE, FALSE},
    {"time '10:00'", "time '10:00:00.000001'", FALSE, FALSE},
    {"timestamp 'infinity'", "timestamp '-infinity'", FALSE, FALSE},
    {"true", "false", FALSE, FALSE},
    {"bigint '-1'", "smallint '-1'", TRUE, FALSE},
    {"bigint '4294967296'", "int '0'", FALSE, FALSE},
};

static void
test_values_are_compared_by_canonical_text (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};

  pair_make (&pair, types, types);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      const char *const value[] = {values[i].left, values[i].right};
      const char *const conninfo[] = {pair.left, pair.right};
      g_autoptr (SlipTableComparison) comparison = NULL;

      for (guint side = 0; side < 2; side++)
        {
          g_autoptr (SlipPg) pg = migration_open (conninfo[side]);
          g_autofree char *sql = g_strdup_printf (
              "DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT 1 AS id, %s AS v;"
              "ALTER TABLE t ADD PRIMARY KEY (id)",
              value[side]);

          migration_run (pg, sql);
        }
      comparison = compare (&pair);
      g_test_message ("%s and %s", value[0], value[1]);
      g_assert_cmpint (slip_table_comparison_is_same (comparison), ==, values[i].same);
      g_assert_cmpint (comparison->notes->len > 0, ==, values[i].noted);
    }
}

static void
test_servers_of_other_encodings_are_compared_by_md5 (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const char *const sql = "CREATE TABLE t (name text PRIMARY KEY, v text); INSERT INTO t "
                                 "VALUES ('Zoë', 'é'), ('zoe', "
                                 "'e'), ('É', 'x'), ('a', 'ß')";

  pair_make (&pair, sql, sql);
  g_autoptr (SlipTableComparison) fast = compare (&pair);
  g_assert_cmpstr (fast->digest, ==, "fast");
  {
    g_autoptr (SlipPg) pg = migration_open (pair.left);
    migration_run (pg, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  }
  g_autofree char *latin = g_strdup_printf ("%s dbname=latin", pair.right);
  g_autoptr (SlipPg) pg = migration_open (latin);
  migration_run (pg, sql);
  pair.options.right = latin;
  g_autoptr (SlipTableComparison) same = compare (&pair);
  g_assert_cmpstr (same->digest, ==, "md5");
  g_assert_true (slip_table_comparison_is_same (same));
  migration_run (pg, "UPDATE t SET v = 'ê' WHERE name = 'Zoë'; DELETE FROM t WHERE name = 'É'");
  g_autoptr (SlipTableComparison) comparison = compare (&pair);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_DIFFERING], ==, 1);
  g_assert_cmpuint (comparison->counts[SLIP_DIFFERENCE_MISSING], ==, 1);
  g_assert_cmpuint (count (comparison), ==, 2);
}

/* ---- what cannot be compared */

static void
test_what_is_not_there_is_named (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  static const char *const key[] = {"nope", NULL};
  g_autoptr (GError) error = NULL;

  pair_make (&pair, "CREATE TABLE t (v int)", "CREATE TABLE t (v int)");
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "public.t has no primary key"));
  g_clear_error (&error);
  pair.options.key = key;
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "public.t has no column nope"));
  g_clear_error (&error);
  pair.options.right_table = "elsewhere.u";
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "right database"));
  g_assert_nonnull (strstr (error->message, "elsewhere.u"));
}

/* One side's refusal is told, and not that the other was stopped because of it. */
static void
test_a_refusal_of_one_side_is_told (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  g_autoptr (GError) error = NULL;

  pair_make (&pair, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '0')",
             "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'zero')");
  pair.options.where
      = "v::int = 0 AND pg_sleep(CASE current_setting('application_name') WHEN 'slipway: "
        "left database' THEN 60 ELSE 0 END) IS NOT NULL";
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DATABASE);
  g_assert_nonnull (strstr (error->message, "right database"));
  g_assert_nonnull (strstr (error->message, "zero"));
}

/* A policy hides the one row that differs. */
static void
test_rows_that_a_policy_hides_are_no_comparison (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  g_autoptr (GError) error = NULL;
  static const char *const sql
      = "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (77, 'b');"
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON t USING (id < 50);"
        "DO $$ BEGIN IF to_regrole ('blinkered') IS NULL THEN"
        " CREATE ROLE blinkered LOGIN PASSWORD 'the secret'; END IF; END $$;"
        "GRANT SELECT ON t TO blinkered";
  g_autofree char *left = NULL;

  pair_make (&pair, sql, sql);
  pair_change (&pair, "UPDATE t SET v = 'changed' WHERE id = 77");
  {
    g_autoptr (SlipTableComparison) comparison = compare (&pair);
    g_autofree char *told = tell (comparison);

    g_assert_cmpstr (told, ==, "differing id = 77 v");
  }
  left = g_strconcat (pair.left, " user=blinkered", NULL);
  pair.options.left = left;
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DATABASE);
  g_assert_nonnull (strstr (error->message, "left database blinkered@"));
  g_assert_nonnull (strstr (error->message, "table \"t\""));
  g_assert_nonnull (strstr (error->message, "Role blinkered is shown only rows"));
  g_assert_nonnull (strstr (error->message, "BYPASSRLS"));
}

static void
test_nothing_can_be_written_by_a_condition (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Pair) pair = {0};
  g_autoptr (GError) error = NULL;

  pair_make (&pair,
             "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE FUNCTION "
             "wipe() RETURNS "
             "boolean LANGUAGE sql AS 'DELETE FROM t; SELECT true'",
             "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE FUNCTION "
             "wipe() RETURNS "
             "boolean LANGUAGE sql AS 'DELETE FROM t; SELECT true'");
  pair.options.where = "wipe()";
  g_assert_null (slip_table_compare (&pair.options, NULL, &error));
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "25006");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table-compare/planted/each_is_found_and_nothing_else",
                   test_each_planted_difference_is_found_and_nothing_else);
  g_test_add_func ("/table-compare/planted/values_stand_beside_each_other",
                   test_values_stand_beside_each_other);
  g_test_add_func ("/table-compare/key/rows_of_one_are_paired_by_what_is_the_same",
                   test_rows_of_one_key_are_paired_by_what_is_the_same);
  g_test_add_func ("/table-compare/limit/all_rows_are_counted_and_few_listed",
                   test_all_rows_are_counted_and_few_listed);
  g_test_add_func ("/table-compare/where/only_its_rows_count",
                   test_only_rows_of_the_condition_count);
  g_test_add_func ("/table-compare/ends/empty_tables_and_one_empty_side",
                   test_empty_tables_and_one_empty_side);
  g_test_add_func ("/table-compare/ends/keys_at_the_ends_of_bigint",
                   test_keys_at_the_ends_of_bigint);
  g_test_add_func ("/table-compare/columns/are_paired_by_name", test_columns_are_paired_by_name);
  g_test_add_func ("/table-compare/values/are_compared_by_canonical_text",
                   test_values_are_compared_by_canonical_text);
  g_test_add_func ("/table-compare/encoding/others_are_compared_by_md5",
                   test_servers_of_other_encodings_are_compared_by_md5);
  g_test_add_func ("/table-compare/refused/what_is_not_there_is_named",
                   test_what_is_not_there_is_named);
  g_test_add_func ("/table-compare/refused/by_one_side_is_told",
                   test_a_refusal_of_one_side_is_told);
  g_test_add_func ("/table-compare/refused/rows_that_a_policy_hides",
                   test_rows_that_a_policy_hides_are_no_comparison);
  g_test_add_func ("/table-compare/refused/a_condition_writes_nothing",
                   test_nothing_can_be_written_by_a_condition);
  migration_server_start ();
  status = g_test_run ();
  migration_server_stop ();
  return status;
}
