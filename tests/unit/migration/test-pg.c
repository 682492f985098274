/* SPDX-License-Identifier: MIT */
/* A connection of the migration: its errors say all that the server said, cancelling works while the server is
 * busy or takes rows, and COPY carries rows in, out and between servers without keeping them. */

#include "fixture.h"
#include "slip-sql-file.h"

#include <string.h>

static void
test_errors_carry_what_the_server_said (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  const SlipServerWords *words;

  migration_run (pg, "CREATE TABLE pat (id int PRIMARY KEY, name text NOT NULL)");
  migration_run (pg, "INSERT INTO pat VALUES (1, 'x')");
  slip_pg_name_statement (pg, "second insert");
  g_assert_false (slip_pg_run (pg, "INSERT INTO pat VALUES (1, 'y')", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DATABASE);
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "23505");
  g_assert_cmpstr (slip_migration_error_get_statement (error), ==, "second insert");
  words = slip_migration_error_get_words (error);
  g_assert_cmpstr (words->table, ==, "public.pat");
  g_assert_cmpstr (words->constraint, ==, "pat_pkey");
  g_assert_cmpstr (words->detail, ==, "Key (id)=(1) already exists.");
  g_assert_nonnull (strstr (error->message, "second insert"));
  g_assert_nonnull (strstr (error->message, "Key (id)=(1)"));
  g_assert_null (strstr (error->message, "the secret"));

  /* The name was that statement's only, and the connection goes on. */
  g_clear_error (&error);
  g_assert_false (slip_pg_run (pg, "SELECT nonsense", &error));
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "42703");
  g_assert_cmpstr (slip_migration_error_get_statement (error), ==, "SELECT nonsense");
  g_autofree char *count = migration_value (pg, "SELECT count(*) FROM pat");
  g_assert_cmpstr (count, ==, "1");
}

/* The server is the judge: it refuses to parse two statements as one. */
static void
test_statements_are_parted_as_the_server_parts_them (void)
{
  static const struct
  {
    const char *sql;
    guint n;
  } cases[] = {
      {"SELECT 1", 1},
      {"SELECT 1;;", 1},
      {"SELECT 1; SELECT 2", 2},
      {"SELECT ';', 'a'';', E'\\';', e';', N';', U&'\\0041;', B'1', \";\".x", 1},
      {"SELECT '\\'; SELECT 2 --'", 2},
      {"SELECT name'\\'; SELECT 2 --'", 2},
      {"SELECT E'a'\n'\\';'", 1},
      {"SELECT E'a' -- '\n '\\';'", 1},
      {"SELECT 'a'\n'\\'; SELECT 2 --'", 2},
      {"SELECT U&'a\\005C'; SELECT 2 --'", 2},
      {"SELECT $$;$$, $a$;$$;$a$, $é$;$é$, $_1$;$_1$", 1},
      {"SELECT 1 AS a$x$; SELECT 2 --$x$", 2},
      {"SELECT 1 AS é$x$; SELECT 2 --$x$", 2},
      {"SELECT $1, 2; SELECT $1", 2},
      {"SELECT 1 -- ;\n; -- ;\rSELECT 2", 2},
      {"SELECT 1 /* ; /* ; */ ; */", 1},
      {"SELECT 1 */* ; */ 2", 1},
      {"SELECT 1 /**/; SELECT 2 /* */", 2},
      {"CREATE FUNCTION two () RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT "
       "2; "
       "END; SELECT 1",
       2},
      {"CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)", 1},
      {"SELECT 1 AS begin; SELECT 1 AS atomic; BEGIN; END", 4},
  };
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) statements = slip_sql_split (cases[i].sql);
      g_autoptr (GError) error = NULL;
      gboolean one = slip_pg_parse (pg, cases[i].sql, &error)
                     || g_strcmp0 (slip_migration_error_get_words (error)->primary,
                                   "cannot insert multiple commands into a prepared statement")
                            != 0;

      g_test_message ("%s", cases[i].sql);
      g_assert_cmpuint (statements->len, ==, cases[i].n);
      g_assert_true (one == (cases[i].n == 1));
      if (error != NULL)
        g_assert_cmpstr (slip_migration_error_get_sqlstate (error), !=, one ? "42601" : "00000");
    }
}

/* Nothing of what somebody else wrote ends the transaction that it is in. */
static void
test_transactions_are_not_ended_by_what_is_in_them (void)
{
  static const char *const texts[] = {"CREATE TABLE made (); COMMIT; CREATE TABLE made_too ()",
                                      "/**/ -- x\n rollback",
                                      "START TRANSACTION",
                                      "ABORT",
                                      "SAVEPOINT s",
                                      "PREPARE TRANSACTION 'x'",
                                      "CREATE TABLE made (); DO $$ BEGIN COMMIT; END $$",
                                      "DO $$ BEGIN EXECUTE 'COMMIT'; END $$",
                                      "RESET ALL; end"};
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autofree char *n = NULL;
  guint64 rows = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      migration_run (pg, "BEGIN");
      g_assert_false (slip_sql_carry_out (pg, "a file", texts[i], NULL, &error));
      g_assert_nonnull (strstr (error->message, "a file"));
      slip_pg_rollback (pg);
    }
  migration_run (pg, "BEGIN");
  g_assert_true (slip_sql_bar_commit (pg, NULL));
  migration_run (pg, "CREATE TABLE made ()");
  g_assert_false (slip_pg_run (pg, "DROP SCHEMA slipway_never_committed CASCADE; COMMIT", NULL));
  slip_pg_rollback (pg);
  migration_run (pg, "BEGIN");
  g_assert_true (slip_sql_bar_commit (pg, NULL));
  migration_run (pg, "CREATE TABLE made ()");
  g_assert_false (slip_pg_run (pg, "COMMIT", NULL));
  n = migration_value (
      pg, "SELECT count (*) FROM pg_class WHERE relname ~ '^made' OR relname = 'twice'");
  g_assert_cmpstr (n, ==, "0");
  migration_run (pg, "BEGIN");
  g_assert_true (slip_sql_carry_out (
      pg, "a file", "CREATE TABLE made AS SELECT 1; -- two\nINSERT INTO made VALUES (1), (2);",
      &rows, NULL));
  g_assert_cmpuint (rows, ==, 2);
  migration_run (pg, "COMMIT");
}

/* What logs keep of an error: all of it but values of rows. */
static void
test_errors_are_logged_without_values (void)
{
  static const struct
  {
    const char *sql;
    const char *kept; /* a pattern */
  } cases[] = {
      {"SELECT 'Zebedee'::int", "*invalid input syntax for type integer: “…” (SQLSTATE 22P02*"},
      {"SELECT '77777777777'::int", "*value “…” is out of range for type integer (SQLSTATE 22003*"},
      {"CREATE TEMP TABLE t (name text PRIMARY KEY); INSERT INTO t VALUES ('Zebedee'), ('Zebedee')",
       "*\"t_pkey\". “…” (SQLSTATE 23505, constraint t_pkey*"},
      {"DO $$ BEGIN RAISE EXCEPTION 'Zebedee is wrong'; END $$", "*: “…” (SQLSTATE P0001; “…”)"},
      {"DO $$ BEGIN RAISE EXCEPTION 'Zebedee.' USING ERRCODE = '23514', HINT = 'look at Zebedee.', "
       "CONSTRAINT = 'cZebedee'; "
       "END $$",
       "*: “…”. “…” (SQLSTATE 23514, constraint “…”; “…”)"},
      {"DO $$ BEGIN ASSERT false, 'Zebedee'; END $$", "*: “…” (SQLSTATE P0004; “…”)"},
      {"SELECT now () AT TIME ZONE 'Zebedee \"Z\"'",
       "*: time zone “…” not recognized (SQLSTATE 22023)"},
      {"SELECT convert_from ('\\x5a65ff', 'UTF8')",
       "*: invalid byte sequence for encoding \"UTF8\": “…” (SQLSTATE 22021)"},
      {"SELECT make_date (1983, 4, 99)", "*: date field value out of range: “…” (SQLSTATE 22008)"},
      {"SELECT to_tsquery ('Zebedee Zebedee')", "*: syntax error in tsquery: “…” (SQLSTATE 42601)"},
      {"DO $$ BEGIN EXECUTE 'SELECT Zebedee'; END $$",
       "*: column “…” does not exist (SQLSTATE 42703; “…”)"},
      {"SELECT to_regclass (n)::text || n::regclass::text FROM (VALUES (lower ('Zebedee'))) AS t "
       "(n)",
       "*: relation “…” does not exist (SQLSTATE 42P01)"},
      {"SELECT nowhere", "*column \"nowhere\" does not exist (SQLSTATE 42703*"},
  };
  g_autofree char *told = slip_migration_dup_told ("O'“Neil”\nZebedee");
  g_autofree char *message = g_strdup_printf ("people: 1 row (a.csv record 2: %s; b “x", told);
  g_autofree char *untold = slip_migration_dup_untold (message);

  g_assert_cmpstr (told, ==, "“O'\"Neil\" Zebedee”");
  g_assert_cmpstr (untold, ==, "people: 1 row (a.csv record 2: “…”; b “…”");
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *kept = NULL;

      slip_pg_name_statement (pg, "a statement");
      g_assert_false (slip_pg_run (pg, cases[i].sql, &error));
      kept = slip_migration_error_dup_untold (error);
      if (!g_pattern_match_simple (cases[i].kept, kept))
        g_error ("%s: %s", cases[i].sql, kept);
      g_assert_null (strstr (kept, "Zebedee"));
      g_assert_null (strstr (kept, "zebedee"));
    }
}

static void
test_queries_give_names_values_and_nulls (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  const char *const params[] = {"a'b\\", NULL};
  g_autoptr (SlipPgRows) rows = slip_pg_query_with_nulls (
      pg, "SELECT $1::text AS \"Order No\", $2::text AS n, 42 AS i", 2, params, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (slip_pg_rows_get_n_rows (rows), ==, 1);
  g_assert_cmpuint (slip_pg_rows_get_n_columns (rows), ==, 3);
  g_assert_cmpint (slip_pg_rows_find_column (rows, "Order No"), ==, 0);
  g_assert_cmpint (slip_pg_rows_find_column (rows, "order no"), ==, -1);
  g_assert_cmpstr (slip_pg_rows_get (rows, 0, 0), ==, "a'b\\");
  g_assert_null (slip_pg_rows_get (rows, 0, 1));
  g_assert_cmpint (slip_pg_rows_get_int (rows, 0, 2), ==, 42);
  g_assert_cmpint (slip_pg_rows_get_int (rows, 0, 1), ==, 0);
}

static void
test_quoting_survives_what_is_in_names_and_values (void)
{
  if (migration_server_skip ())
    return;
  static const char *const texts[]
      = {"plain", "it's", "a\\b", "\"q\"", "\\'; DROP TABLE x; --", "line\nline", "", "Ω — 𝔘"};
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int conforming = 0; conforming < 2; conforming++)
      {
        g_autofree char *literal = slip_pg_quote_literal (texts[i]);
        g_autofree char *name = slip_pg_quote_name (*texts[i] != '\0' ? texts[i] : "x");
        g_autofree char *sql = g_strdup_printf ("SELECT %s AS %s", literal, name);
        g_autoptr (SlipPgRows) rows = NULL;

        migration_run (pg, conforming ? "SET standard_conforming_strings = on"
                                      : "SET standard_conforming_strings = off");
        rows = slip_pg_query (pg, sql, NULL, NULL, NULL);
        g_assert_nonnull (rows);
        g_assert_cmpstr (slip_pg_rows_get (rows, 0, 0), ==, texts[i]);
        g_assert_cmpstr (slip_pg_rows_get_column (rows, 0), ==, *texts[i] != '\0' ? texts[i] : "x");
      }
  g_autofree char *null = slip_pg_quote_literal (NULL);
  g_assert_cmpstr (null, ==, "NULL");
}

static void
test_connecting_fails_with_the_reason_and_without_the_password (void)
{
  static const struct
  {
    const char *conninfo;
    const char *says;
  } cases[] = {
      {"host=127.0.0.1 port=1 user=u password=hunter2 dbname=d", "127.0.0.1"},
      {"host=127.0.0.1 hunter2 dbname=d", "cannot be read"},
      {"postgresql://u:hunter2@127.0.0.1:1/d?bogus=hunter2", "cannot be read"},
      {"postgresql://u:hunter2@127.0.0.1:1/d", "u@127.0.0.1:1/d"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (slip_pg_open (cases[i].conninfo, "target database", NULL, &error));
      g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
      g_assert_nonnull (strstr (error->message, "target database"));
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_session_is_the_same_for_every_role (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);

  migration_run (pg, "ALTER ROLE migrator SET DateStyle = 'SQL, MDY'; ALTER ROLE migrator SET "
                     "TimeZone = 'Asia/Tokyo'; ALTER ROLE migrator SET client_encoding = 'LATIN1'");
  g_autoptr (SlipPg) again = migration_open (conninfo);
  g_autofree char *found = migration_rows (
      again, "SELECT date '01/02/2020', current_setting('TimeZone'), "
             "current_setting('client_encoding'), current_setting('application_name')");
  migration_run (pg, "ALTER ROLE migrator RESET ALL");
  g_assert_cmpstr (found, ==, "2020-02-01|UTC|UTF8|slipway: test database");
}

static gpointer
cancel_when_busy (gpointer data)
{
  gpointer *both = data;
  g_autoptr (SlipPg) watcher = migration_open (both[0]);

  for (;;)
    {
      g_autofree char *busy = migration_value (
          watcher, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                   "AND pid <> pg_backend_pid() AND query LIKE '%busy%'");

      if (g_str_equal (busy, "1"))
        break;
      g_thread_yield ();
    }
  g_cancellable_cancel (both[1]);
  return NULL;
}

static void
test_cancel_ends_a_statement_and_the_transaction_rolls_back (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPg) pg = slip_pg_open (conninfo, "test database", cancellable, &error);
  gpointer both[] = {conninfo, cancellable};
  GThread *thread;

  g_assert_no_error (error);
  migration_run (pg, "CREATE TABLE kept (n int)");
  migration_run (pg, "BEGIN; INSERT INTO kept VALUES (1)");
  thread = g_thread_new ("cancel", cancel_when_busy, both);
  g_assert_false (slip_pg_run (pg, "SELECT pg_sleep(600) -- busy", &error));
  g_thread_join (thread);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (slip_pg_run (pg, "SELECT 1", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
  slip_pg_rollback (pg);
  g_cancellable_reset (cancellable);
  g_autofree char *count = migration_value (pg, "SELECT count(*) FROM kept");
  g_assert_cmpstr (count, ==, "0");
}

static void
test_copy_in_takes_rows_and_counts_them (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);
  guint64 taken = 0;

  migration_run (pg, "CREATE TABLE t (n int, s text)");
  for (int i = 0; i < 100000; i++)
    g_string_append_printf (rows, "%d\tsome text that fills a row\n", i);
  g_assert_true (slip_pg_copy_in_begin (pg, "COPY t FROM STDIN", &error));
  g_assert_true (slip_pg_copy_in_data (pg, rows->str, rows->len, &error));
  g_assert_true (slip_pg_copy_in_end (pg, &taken, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (taken, ==, 100000);

  g_assert_true (slip_pg_copy_in_begin (pg, "COPY t FROM STDIN", &error));
  g_assert_true (slip_pg_copy_in_data (pg, "1\tx\n", 4, &error));
  slip_pg_copy_in_abort (pg, "not wanted");
  g_autofree char *count = migration_value (pg, "SELECT count(*) FROM t");
  g_assert_cmpstr (count, ==, "100000");
}

static void
test_copy_in_stops_when_the_server_refuses_a_row (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = g_malloc (1 << 20);
  gboolean ok;
  guint sent = 0;

  memset (rows, '7', 1 << 20);
  for (gsize i = 9; i < 1 << 20; i += 8)
    rows[i] = '\n';
  rows[100] = 'x';
  migration_run (pg, "CREATE TABLE t (n bigint)");
  slip_pg_name_statement (pg, "land t");
  g_assert_true (slip_pg_copy_in_begin (pg, "COPY t FROM STDIN", &error));
  do
    ok = slip_pg_copy_in_data (pg, rows, 1 << 20, &error);
  while (ok && ++sent < 4096);
  g_assert_false (ok);
  g_assert_cmpuint (sent, <, 4096);
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "22P02");
  g_assert_nonnull (strstr (error->message, "land t"));
  g_assert_nonnull (strstr (slip_migration_error_get_words (error)->context, "COPY t, line "));
  g_autofree char *count = migration_value (pg, "SELECT count(*) FROM t");
  g_assert_cmpstr (count, ==, "0");
}

static gboolean
keep_row (const char *data, gsize length, gpointer user_data, GError **error)
{
  GString *text = user_data;

  g_string_append_len (text, data, (gssize)length);
  if (text->len < 200)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "full");
  return FALSE;
}

static void
test_copy_out_gives_rows_and_stops_when_they_are_refused (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 rows = 0;

  g_assert_true (slip_pg_copy_out (pg,
                                   "COPY (SELECT n, NULL FROM generate_series(1, 3) n) TO STDOUT",
                                   keep_row, text, &rows, &error));
  g_assert_cmpstr (text->str, ==, "1\t\\N\n2\t\\N\n3\t\\N\n");
  g_assert_cmpuint (rows, ==, 3);
  g_assert_false (slip_pg_copy_out (pg, "COPY (SELECT n FROM generate_series(1, 1e7) n) TO STDOUT",
                                    keep_row, text, &rows, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO);
  g_autofree char *one = migration_value (pg, "SELECT 1");
  g_assert_cmpstr (one, ==, "1");
}

static void
count_rows (guint64 rows, guint64 bytes, gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (rows, >, *last);
  *last = rows;
}

static void
test_rows_go_between_two_databases_in_binary (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *here = migration_server_new_database ();
  g_autofree char *there = migration_server_new_database ();
  g_autoptr (SlipPg) from = migration_open (here);
  g_autoptr (SlipPg) to = migration_open (there);
  g_autoptr (GError) error = NULL;
  guint64 rows = 0;
  guint64 last = 0;
  static const char *const table
      = "CREATE TABLE t (id int PRIMARY KEY, s text, d date, x numeric, n bigint)";
  static const char *const digest
      = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM t";

  migration_run (from, table);
  migration_run (to, table);
  migration_run (from, "INSERT INTO t SELECT n, 'é\n' || n, date '2000-01-01' + n % 999, n / 7.0, "
                       "CASE WHEN n % 3 = 0 THEN n END FROM generate_series(1, 30000) n");
  g_assert_true (slip_pg_copy_between (from, "COPY (SELECT * FROM t) TO STDOUT (FORMAT binary)", to,
                                       "COPY t FROM STDIN (FORMAT binary)", count_rows, &last,
                                       &rows, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (rows, ==, 30000);
  g_autofree char *sent = migration_rows (from, digest);
  g_autofree char *taken = migration_rows (to, digest);
  g_assert_cmpstr (sent, ==, taken);

  /* The receiver's refusal is the one that is told, and neither connection is lost. */
  g_assert_false (slip_pg_copy_between (from, "COPY (SELECT * FROM t) TO STDOUT (FORMAT binary)",
                                        to, "COPY t FROM STDIN (FORMAT binary)", NULL, NULL, &rows,
                                        &error));
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "23505");
  g_clear_error (&error);
  g_assert_false (slip_pg_copy_between (
      from, "COPY (SELECT 1 / (n - 9) FROM generate_series(1, 20) n) TO STDOUT (FORMAT binary)", to,
      "COPY t (id) FROM STDIN (FORMAT binary)", NULL, NULL, &rows, &error));
  g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "22012");
  g_autofree char *after = migration_rows (to, digest);
  g_assert_cmpstr (after, ==, taken);
}

static void
test_server_that_goes_away_is_told_as_that (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = g_malloc (1 << 20);
  gboolean ok = TRUE;

  memset (rows, '\n', 1 << 20);
  migration_run (pg, "CREATE TABLE t (s text)");
  migration_run (pg, "BEGIN");
  g_assert_true (slip_pg_copy_in_begin (pg, "COPY t FROM STDIN", &error));
  g_assert_true (slip_pg_copy_in_data (pg, rows, 1 << 20, &error));
  migration_server_halt ();
  for (guint i = 0; ok && i < 64; i++)
    ok = slip_pg_copy_in_data (pg, rows, 1 << 20, &error);
  g_assert_false (ok);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  slip_pg_rollback (pg);
  g_clear_error (&error);
  g_assert_false (slip_pg_run (pg, "SELECT 1", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  migration_server_resume ();
  g_autoptr (SlipPg) again = migration_open (conninfo);
  g_autofree char *count = migration_value (again, "SELECT count(*) FROM t");
  g_assert_cmpstr (count, ==, "0");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pg/errors/carry_what_the_server_said", test_errors_carry_what_the_server_said);
  g_test_add_func ("/pg/statements_are_parted_as_the_server_parts_them",
                   test_statements_are_parted_as_the_server_parts_them);
  g_test_add_func ("/pg/transactions_are_not_ended_by_what_is_in_them",
                   test_transactions_are_not_ended_by_what_is_in_them);
  g_test_add_func ("/pg/errors/are_logged_without_values", test_errors_are_logged_without_values);
  g_test_add_func ("/pg/query/gives_names_values_and_nulls",
                   test_queries_give_names_values_and_nulls);
  g_test_add_func ("/pg/quote/survives_what_is_in_names_and_values",
                   test_quoting_survives_what_is_in_names_and_values);
  g_test_add_func ("/pg/open/fails_with_the_reason_and_without_the_password",
                   test_connecting_fails_with_the_reason_and_without_the_password);
  g_test_add_func ("/pg/open/session_is_the_same_for_every_role",
                   test_session_is_the_same_for_every_role);
  g_test_add_func ("/pg/cancel/ends_a_statement_and_the_transaction_rolls_back",
                   test_cancel_ends_a_statement_and_the_transaction_rolls_back);
  g_test_add_func ("/pg/copy_in/takes_rows_and_counts_them",
                   test_copy_in_takes_rows_and_counts_them);
  g_test_add_func ("/pg/copy_in/stops_when_the_server_refuses_a_row",
                   test_copy_in_stops_when_the_server_refuses_a_row);
  g_test_add_func ("/pg/copy_out/gives_rows_and_stops_when_they_are_refused",
                   test_copy_out_gives_rows_and_stops_when_they_are_refused);
  g_test_add_func ("/pg/copy_between/carries_rows_in_binary",
                   test_rows_go_between_two_databases_in_binary);
  g_test_add_func ("/pg/lost/server_that_goes_away_is_told_as_that",
                   test_server_that_goes_away_is_told_as_that);
  migration_server_start ();
  status = g_test_run ();
  migration_server_stop ();
  return status;
}
