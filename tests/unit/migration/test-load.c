/* SPDX-License-Identifier: MIT */
/* Landing: what is in the files is in the tables, what is bad is told and keeps a table out, and what is in and
 * what is not is the same in the table and in slipway.file. */

#include "fixture.h"

#include "slip-load-header.h"
#include "slip-load-plan.h"
#include "slip-load.h"
#include "slip-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder;
  char *conninfo;
  SlipPg *pg;
  SlipLoadOptions options;
  GPtrArray *results;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  if (migration_server_skip ())
    return;
  f->folder = g_dir_make_tmp ("slip-load-XXXXXX", NULL);
  f->conninfo = migration_server_new_database ();
  f->pg = migration_open (f->conninfo);
  f->options = (SlipLoadOptions){
      .conninfo = f->conninfo, .folder = f->folder, .max_rejected = -1, .max_rejected_percent = -1};
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_clear_pointer (&f->results, g_ptr_array_unref);
  slip_pg_close (f->pg);
  g_free (f->conninfo);
  g_assert_true (slip_test_remove_folder (f->folder));
  g_free (f->folder);
}

static void
put (Fixture *f, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
drop (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Loads; returns the result of the first table. */
static SlipLoadResult *
load (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&f->results, g_ptr_array_unref);
  f->results = slip_load_run (&f->options, NULL, &error);
  g_assert_no_error (error);
  return g_ptr_array_index (f->results, 0);
}

static void
load_well (Fixture *f)
{
  load (f);
  for (guint i = 0; i < f->results->len; i++)
    g_assert_no_error (((SlipLoadResult *)g_ptr_array_index (f->results, i))->error);
}

static void
assert_rows (Fixture *f, const char *sql, const char *expected)
{
  g_autofree char *found = migration_rows (f->pg, sql);

  g_assert_cmpstr (found, ==, expected);
}

static const char *const parts_sql
    = "SELECT table_name, part, name, header, rows, rejected, first_row_id, last_row_id FROM "
      "slipway.file ORDER BY 1, 2";

static void
test_rows_are_landed_as_they_stand (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  put (
      f, "Pat.csv",
      "Case,Adrs 1,by,by\n1, x ,\"a\nb\",\n2,\"tab\there\",back\\slash,NULL\n3,\\N,\xC3\xA9,\\.\n");
  load_well (f);
  assert_rows (f, "SELECT *, \"Adrs 1\" IS NULL FROM casrec_csv.pat ORDER BY casrec_row_id",
               "1|1| x |a\nb||f\n2|2|tab\there|back\\slash|NULL|f\n3|3|\\N|\xC3\xA9|\\.|f");
  assert_rows (
      f,
      "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE "
      "table_name = 'pat' ORDER BY ordinal_position",
      "casrec_row_id|bigint|YES\nCase|text|YES\nAdrs 1|text|YES\nby|text|YES\nby.1|text|YES");
  assert_rows (f, parts_sql, "pat|1|Pat.csv|{Case,\"Adrs 1\",by,by.1}|3|0|1|3");
  assert_rows (f, "SELECT inner_lines FROM slipway.file", "1");
  assert_rows (f, "SELECT * FROM slipway.landed_lines ('casrec_csv', 'pat', ARRAY[3, 1, 2])",
               "1|2|t\n2|4|t\n3|5|t");
}

static void
test_parts_are_one_table_in_the_order_of_their_numbers (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  put (f, "feeexport10.csv", "b,a\n5,e\n");
  put (f, "feeexport2.csv", "a,b,c\nd,4,x\n");
  for (guint i = 3; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("feeexport%u.csv", i);

      put (f, name, "a,b\n");
    }
  put (f, "feeexport1.csv", "a,b\na,1\nb,2\nc,\n");
  load_well (f);
  assert_rows (f, "SELECT casrec_row_id, a, b, c FROM casrec_csv.feeexport ORDER BY 1",
               "1|a|1|∅\n2|b|2|∅\n3|c||∅\n4|d|4|x\n5|e|5|∅");
  assert_rows (
      f, "SELECT part, name, header, first_row_id, last_row_id FROM slipway.file WHERE rows > 0",
      "1|feeexport1.csv|{a,b}|1|3\n2|feeexport2.csv|{a,b,c}|4|4\n"
      "10|feeexport10.csv|{b,a}|5|5");
  assert_rows (f, "SELECT DISTINCT inner_lines FROM slipway.file", "0");
  assert_rows (f, "SELECT * FROM slipway.landed_lines ('casrec_csv', 'feeexport', ARRAY[5, 2, 4])",
               "2|3|t\n4|2|t\n5|2|t");
}

static void
test_row_ids_do_not_depend_on_the_number_of_streams (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  static const char *const sql = "SELECT md5(string_agg(t::text, ',' ORDER BY casrec_row_id)), "
                                 "count(*) FROM casrec_csv.t%u t";
  g_autofree char *first[8] = {0};

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("t%c1.csv", 'a' + i);
      g_autofree char *second = g_strdup_printf ("t%c2.csv", 'a' + i);
      g_autoptr (GString) text = g_string_new ("x,y\n");

      for (guint j = 0; j < 500 * (8 - i); j++)
        g_string_append_printf (text, "%u,\"%u\n\"\n", j, j * i);
      put (f, name, text->str);
      put (f, second, text->str);
    }
  for (guint streams = 1; streams <= 5; streams += 2)
    {
      f->options.streams = streams;
      load_well (f);
      g_assert_cmpuint (f->results->len, ==, 8);
      for (guint i = 0; i < 8; i++)
        {
          g_autofree char *table = g_strdup_printf ("t%c", 'a' + i);
          g_autoptr (GString) query = g_string_new (sql);

          g_string_replace (query, "t%u", table, 0);
          g_autofree char *found = migration_rows (f->pg, query->str);
          if (first[i] == NULL)
            first[i] = g_steal_pointer (&found);
          else
            g_assert_cmpstr (found, ==, first[i]);
        }
    }
  for (guint i = 0; i < 8; i++)
    g_clear_pointer (&first[i], g_free);
}

static void
test_loading_again_replaces_and_keeps_views (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  put (f, "pat.csv", "a,b\n1,2\n3,4\n");
  load_well (f);
  migration_run (f->pg, "CREATE VIEW seen AS SELECT a FROM casrec_csv.pat");
  put (f, "pat.csv", "b,a\n9,8\n");
  load_well (f);
  assert_rows (f, "SELECT * FROM casrec_csv.pat", "1|8|9");
  assert_rows (f, "SELECT * FROM seen", "8");
  assert_rows (f, parts_sql, "pat|1|pat.csv|{b,a}|1|0|1|1");
}

static void
test_bad_records_keep_a_table_out_and_all_are_told (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  SlipLoadResult *result;

  put (f, "pat.csv", "a,b\n1,2\n");
  put (f, "well.csv", "a\n1\n");
  load_well (f);
  put (f, "pat.csv", "a,b\n1,2\n3\n4,5\n6,\xFF\n7,8,9\n");
  put (f, "well.csv", "a\n2\n");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (result->error->message, "pat: 3 bad records"));
  g_assert_nonnull (
      strstr (result->error->message,
              "pat.csv record 2 (line 3), byte 8: 1 field, and the header has 2: “3”"));
  g_assert_nonnull (
      strstr (result->error->message,
              "pat.csv record 4 (line 5), byte 16, column 2 (b): byte 0xFF is not UTF-8: “\\xFF”"));
  g_assert_cmpuint (result->landing.bad->len, ==, 3);
  g_assert_cmpuint (slip_load_count_failed (f->results), ==, 1);

  /* What was landed is as it was, the other table is new, and what is wrong is kept. */
  assert_rows (f, "SELECT * FROM casrec_csv.pat", "1|1|2");
  assert_rows (f, "SELECT * FROM casrec_csv.well", "1|2");
  assert_rows (
      f,
      "SELECT stage, table_name, file, record, line, byte, column_number, column_name, value, "
      "reason FROM slipway.rejected ORDER BY line",
      "load|pat|pat.csv|2|3|8|0|∅|3|1 field, and the header has 2\n"
      "load|pat|pat.csv|4|5|16|2|b|\\xFF|byte 0xFF is not UTF-8\n"
      "load|pat|pat.csv|5|6|18|0|∅|7,8,9|3 fields, and the header has 2");

  put (f, "pat.csv", "a,b\n1,1\n");
  load_well (f);
  assert_rows (f, "SELECT count(*) FROM slipway.rejected", "0");
}

static void
test_bad_records_are_put_aside_where_a_gate_lets_them (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  f->options.collect = TRUE;
  put (f, "pat.csv", "a,b\n1,2\n3\n4,5\n");
  load_well (f);
  /* The bad record keeps its number. */
  assert_rows (f, "SELECT * FROM casrec_csv.pat ORDER BY 1", "1|1|2\n3|4|5");
  assert_rows (f, parts_sql, "pat|1|pat.csv|{a,b}|2|1|1|3");
  assert_rows (f, "SELECT file, line, value FROM slipway.rejected", "pat.csv|3|3");

  f->options.max_rejected = 0;
  g_assert_error (load (f)->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  f->options.max_rejected = 1;
  load_well (f);
  f->options.max_rejected = -1;
  f->options.max_rejected_percent = 30;
  g_assert_error (load (f)->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  assert_rows (f, "SELECT * FROM casrec_csv.pat ORDER BY 1", "1|1|2\n3|4|5");
  f->options.max_rejected_percent = 34;
  load_well (f);
}

static void
test_nothing_but_bad_records_ends_soon (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autoptr (GString) text = g_string_new ("a;b\n");
  SlipLoadResult *result;

  for (guint i = 0; i < 20000; i++)
    g_string_append (text, "1,2\n");
  put (f, "pat.csv", text->str);
  f->options.collect = TRUE;
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (result->error->message, "more than 10000 bad records"));
  g_assert_nonnull (strstr (result->error->message, "delimiter"));
  assert_rows (f, "SELECT to_regclass('casrec_csv.pat')", "∅");
}

static void
test_changed_headers_are_refused_until_they_are_accepted (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  SlipLoadResult *result;

  put (f, "pat.csv", "a,b\n1,2\n");
  load_well (f);
  put (f, "pat.csv", "a,c\n1,3\n");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
  g_assert_nonnull (strstr (result->error->message,
                            "pat: the header is not the one that is landed: pat.csv, "
                            "line 1: column 2 is “c” where “b” is landed. Look"));
  assert_rows (f, "SELECT * FROM casrec_csv.pat", "1|1|2");
  f->options.accept_headers = TRUE;
  /* What somebody made of it is nobody's to take away, and stands in the way. */
  migration_run (f->pg, "CREATE VIEW public.seen AS SELECT a FROM casrec_csv.pat");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DATABASE);
  g_assert_nonnull (strstr (result->error->message,
                            "pat: the file has other columns, and what reads the landed table"));
  g_assert_nonnull (strstr (result->error->message, "Drop what is named here by hand"));
  g_assert_nonnull (strstr (result->error->message, "view seen depends on table casrec_csv.pat"));
  g_assert_null (strstr (result->error->message, "CASCADE"));
  assert_rows (f, "SELECT * FROM casrec_csv.pat", "1|1|2");
  migration_run (f->pg, "DROP VIEW public.seen");
  load_well (f);
  f->options.accept_headers = FALSE;
  put (f, "pat.csv", "\n\na,a,d\n1,3,5\n");
  result = load (f);
  g_assert_nonnull (strstr (result->error->message,
                            ": pat.csv, line 3: column 2 is “a” once more, as column 1 "
                            "is where “c” is landed; column 3 is “d”. Look"));
  put (f, "pat.csv", "a,c\n1,3\n");
  f->options.accept_headers = TRUE;
  load_well (f);
  assert_rows (f, "SELECT a, c FROM casrec_csv.pat", "1|3");
  g_assert_cmpuint (load (f)->landing.notes->len, ==, 0);
}

static void
test_expected_headers_are_held_to (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autofree char *path = g_build_filename (f->folder, "headers.txt", NULL);
  SlipLoadResult *result;

  put (f, "headers.txt",
       "==> pat.csv <==\nCase,\"Adrs, 1\",by,by\n\n==> feeexport1.csv <==\r\na,b\r\n");
  put (f, "pat.csv", "by,Case,\"Adrs, 1\",by\n1,2,3,4\n");
  put (f, "feeexport1.csv", "a\n1\n");
  f->options.headers = path;
  result = load (f);
  g_assert_cmpuint (f->results->len, ==, 2);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
  g_assert_nonnull (strstr (result->error->message,
                            "feeexport: the header is not the one that is expected: "
                            "feeexport1.csv, line 1: “b”, column 2, is gone. Look"));
  result = g_ptr_array_index (f->results, 1);
  g_assert_no_error (result->error);
  /* What was accepted is not asked for again where it stays. */
  f->options.accept_headers = TRUE;
  load_well (f);
  f->options.accept_headers = FALSE;
  f->options.no_reload = TRUE;
  load_well (f);
  put (f, "feeexport1.csv", "a,b\n1,2\n");
  put (f, "feeexport2.csv", "a,c\n1,2\n");
  result = load (f);
  g_assert_nonnull (strstr (result->error->message,
                            "feeexport: the header is not the one that is expected: "
                            "feeexport2.csv, line 1: column 2 is “c” where “b” is expected. Look"));
}

static void
test_unchanged_files_are_not_loaded_again (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  SlipLoadResult *result;
  static const char *const when = "SELECT table_name, xmin FROM slipway.file ORDER BY 1";
  g_autofree char *before = NULL;

  f->options.collect = TRUE;
  put (f, "pat.csv", "a\n1\n2\n3,\n");
  put (f, "zed.csv", "a\n1\n");
  load_well (f);
  before = migration_rows (f->pg, when);
  f->options.no_reload = TRUE;
  result = load (f);
  g_assert_no_error (result->error);
  g_assert_true (result->landing.kept);
  g_assert_cmpuint (result->landing.rows, ==, 2);
  g_assert_cmpuint (result->landing.rejected, ==, 1);
  assert_rows (f, when, before);

  /* Another byte of the same size, a row that somebody deleted, another format: each is loaded. */
  put (f, "pat.csv", "a\n1\n2\n4,\n");
  g_assert_false (load (f)->landing.kept);
  g_assert_true (((SlipLoadResult *)g_ptr_array_index (f->results, 1))->landing.kept);
  migration_run (f->pg, "DELETE FROM casrec_csv.pat WHERE a = '2'");
  result = load (f);
  g_assert_false (result->landing.kept);
  g_assert_cmpuint (result->landing.notes->len, ==, 1);
  g_assert_true (load (f)->landing.kept);
  f->options.format.encoding = "WINDOWS-1252";
  g_assert_false (load (f)->landing.kept);
}

static void
test_verify_finds_a_changed_cell (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autoptr (GError) error = NULL;

  put (f, "pat1.csv", "a,b\n1,x\\y\n2,\"l\n\r\n\t\b\"\n");
  put (f, "pat2.csv", "b,c,a\n3,,\n");
  load_well (f);
  g_assert_true (slip_landing_verify (f->pg, "casrec_csv", "pat", &error));
  g_assert_no_error (error);
  migration_run (f->pg, "UPDATE casrec_csv.pat SET b = 'x' WHERE casrec_row_id = 3");
  g_assert_false (slip_landing_verify (f->pg, "casrec_csv", "pat", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "pat2.csv"));
  g_clear_error (&error);
  load_well (f);
  migration_run (f->pg, "INSERT INTO casrec_csv.pat VALUES (99)");
  g_assert_false (slip_landing_verify (f->pg, "casrec_csv", "pat", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
}

static void
test_table_of_somebody_else_is_not_replaced (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  SlipLoadResult *result;

  migration_run (f->pg, "CREATE SCHEMA casrec_csv; CREATE TABLE casrec_csv.pat (precious text)");
  put (f, "pat.csv", "a\n1\n");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  g_assert_nonnull (strstr (result->error->message, "casrec_csv\".\"pat\" exists"));
  assert_rows (f, "SELECT count(*) FROM casrec_csv.pat", "0");
}

static void
test_second_load_of_a_table_waits_for_the_first (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autofree char *locks = NULL;

  put (f, "pat.csv", "a\n1\n");
  load_well (f);
  migration_run (f->pg, "BEGIN");
  migration_run (f->pg, "SELECT pg_advisory_xact_lock (hashtextextended ('slipway load "
                        "\"casrec_csv\".\"pat\"', 0))");
  locks = migration_value (f->pg, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                                  " AND pid = pg_backend_pid ()");
  g_assert_cmpstr (locks, ==, "1");
  f->options.lock_seconds = 1;
  g_assert_error (load (f)->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  migration_run (f->pg, "ROLLBACK");
  load_well (f);
}

static void
test_missing_and_doubled_files_are_told_before_anything_is_touched (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autoptr (GError) error = NULL;
  const char *const only[] = {"pat", "order", "remarks", NULL};

  g_assert_null (slip_load_run (&f->options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_clear_error (&error);
  put (f, "pat.csv", "a\n1\n");
  f->options.only = only;
  g_assert_null (slip_load_run (&f->options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "has no file for: order, remarks. It holds pat.csv"));
  g_clear_error (&error);
  f->options.only = NULL;
  put (f, "PAT.CSV", "a\n1\n");
  g_assert_null (slip_load_run (&f->options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_clear_error (&error);
  drop (f, "PAT.CSV");
  f->options.folder = "/nonexistent";
  g_assert_null (slip_load_run (&f->options, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  assert_rows (f, "SELECT to_regclass('slipway.file')", "∅");
}

static void
test_empty_file_fails_and_header_alone_is_an_empty_table (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  SlipLoadResult *result;

  put (f, "empty.csv", "");
  put (f, "head.csv", "a,b\n");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (result->error->message, "empty.csv is empty"));
  assert_rows (f, "SELECT count(*), count(a) FROM casrec_csv.head", "0|0");
  assert_rows (f, parts_sql, "head|1|head.csv|{a,b}|0|0|1|0");
}

static void
stop_the_server (const char *stage,
                 const char *entity,
                 const char *step,
                 guint64 done,
                 guint64 total,
                 const char *unit,
                 gpointer user_data)
{
  gboolean *stopped = user_data;

  if (!*stopped)
    migration_server_halt ();
  *stopped = TRUE;
}

static char *
many_rows (guint n)
{
  GString *text = g_string_new ("a,b\n");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%u,some text that fills the row up to a certain length %u\n", i,
                            i);
  return g_string_free (text, FALSE);
}

static void
test_server_gone_in_the_middle_leaves_nothing_half (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autofree char *text = many_rows (60000);
  gboolean stopped = FALSE;
  SlipLoadResult *result;

  put (f, "pat.csv", "a,b\n1,2\n");
  load_well (f);
  put (f, "pat.csv", text);
  put (f, "other.csv", "a\n1\n");
  f->options.streams = 1;
  f->options.progress = stop_the_server;
  f->options.data = &stopped;
  load (f);
  result = g_ptr_array_index (f->results, 1);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  g_assert_nonnull (strstr (result->error->message, "load of pat.csv"));
  g_assert_cmpuint (slip_load_count_failed (f->results), ==, 2);
  migration_server_resume ();
  slip_pg_close (f->pg);
  f->pg = migration_open (f->conninfo);
  assert_rows (f, "SELECT * FROM casrec_csv.pat", "1|1|2");
  assert_rows (f, parts_sql, "pat|1|pat.csv|{a,b}|1|0|1|1");
  f->options.progress = NULL;
  load_well (f);
  assert_rows (f, "SELECT count(*), max(casrec_row_id) FROM casrec_csv.pat", "60000|60000");
}

static void
cancel_it (const char *stage,
           const char *entity,
           const char *step,
           guint64 done,
           guint64 total,
           const char *unit,
           gpointer user_data)
{
  g_assert_cmpstr (stage, ==, "load");
  g_assert_cmpstr (unit, ==, "bytes");
  g_assert_cmpuint (done, <=, total);
  g_cancellable_cancel (user_data);
}

static void
test_cancel_leaves_nothing_half (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autofree char *text = many_rows (60000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) results = NULL;
  SlipLoadResult *result;

  put (f, "pat.csv", text);
  f->options.progress = cancel_it;
  f->options.data = cancellable;
  results = slip_load_run (&f->options, cancellable, NULL);
  result = g_ptr_array_index (results, 0);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
  assert_rows (f, "SELECT to_regclass('casrec_csv.pat')", "∅");
  assert_rows (f, "SELECT count(*) FROM slipway.file", "0");
}

static void
test_names_of_tables_follow_the_files (void)
{
  static const struct
  {
    const char *file;
    const char *table;
    gboolean part;
  } cases[] = {{"pat.csv", "pat", FALSE},
               {"PAT.CSV", "pat", FALSE},
               {"feeexport1.csv", "feeexport", TRUE},
               {"risk_assessment12.csv", "risk_assessment", TRUE},
               {"a1b2.csv", "ab", TRUE},
               {"a1b.csv", "a1b", FALSE},
               {"pat.part.csv", "pat", FALSE},
               {"a-b 3.csv", "ab", TRUE},
               {"12.csv", "", TRUE}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean part;
      g_autofree char *table = slip_load_table_name (cases[i].file, &part);

      g_assert_cmpstr (table, ==, cases[i].table);
      g_assert_cmpint (part, ==, cases[i].part);
    }
}

/* What slip_load_plan() says of a folder of these files; "" when nothing is missing. */
static char *
plan_of (const char *const *files, const char *fetched, GPtrArray *said)
{
  g_autofree char *folder = g_dir_make_tmp ("slip-plan-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) plan = NULL;
  g_autoptr (GString) text = NULL;
  Fixture f = {.folder = folder};

  for (guint i = 0; files[i] != NULL; i++)
    put (&f, files[i], "a\n1\n");
  if (fetched != NULL)
    put (&f, "slipway-source.json", fetched);
  plan = slip_load_plan (folder, said, NULL, &error);
  g_assert_true ((plan == NULL) == (error != NULL));
  text = g_string_new (error != NULL ? error->message : "");
  g_string_replace (text, folder, "DIR", 0);
  g_assert_true (slip_test_remove_folder (folder));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_a_file_that_is_missing_is_told (void)
{
#define FETCHED                                                                                    \
  ". What slipway-source.json there lists must be there: fetch it again, or take it out"
#define NUMBERED                                                                                   \
  ". Numbered parts are asked for from 1 on; if these are all, name each in the sidecar"
  static char *both[] = {(char *)"e1.csv", (char *)"e2.csv", NULL};
  static char *last[] = {(char *)"e2.csv", NULL};
  static char *all[] = {(char *)"e*.csv", NULL};
  static char *none[] = {NULL};
  static const struct
  {
    const char *files[5];
    char **said;
    const char *fetched;
    const char *expected;
  } cases[] = {
      {{"e1.csv", "e2.csv"}, both, NULL, ""},
      {{"e1.csv"}, both, NULL, "DIR has no file for: e (e2.csv)"},
      {{"e2.csv"}, both, NULL, "DIR has no file for: e (e1.csv)"},
      {{"e1.xlsx", "x.csv"},
       both,
       NULL,
       "DIR has no file for: e (e1.csv, e2.csv). It holds e1.xlsx, x.csv"},
      {{"a.txt"},
       both,
       NULL,
       "DIR has no file for: e (e1.csv, e2.csv). It holds no .csv and no .xlsx file"},
      {{"x.csv"}, none, NULL, "DIR has no file for: e. It holds x.csv"},
      {{"e2.csv"}, last, NULL, ""},
      {{"e2.csv"}, all, NULL, "DIR has no file for: e (e1)" NUMBERED},
      {{"e2.csv"}, NULL, NULL, "DIR has no file for: e (e1)" NUMBERED},
      {{"e1.csv", "E4.csv", "e2.xlsx", "f.csv"},
       NULL,
       NULL,
       "DIR has no file for: e (E3)" NUMBERED},
      {{"e0.csv", "e01.csv", "E002.csv", "e03.xlsx"}, NULL, NULL, ""},
      {{"e2021.csv", "e-2022-06-15.csv", "e20220615.csv"}, NULL, NULL, ""},
      {{"e1.csv"},
       NULL,
       "{\"e1.csv\": {}, \"e2.csv\": {}, \"e.txt\": {}}",
       "DIR has no file for: e (e2.csv)" FETCHED},
      {{"e1.csv"}, NULL, "{\"p.csv\": {}}", "DIR has no file for: p. It holds e1.csv"},
      {{"e1.csv"}, all, "{\"p.csv\": {}, \"e1.csv\": {}}", ""},
      {{"e1.csv"},
       NULL,
       "[]",
       "DIR/slipway-source.json is no JSON object. Fetch the files again, or remove it"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SlipSourceTable e = {.name = (char *)"e", .files = cases[i].said};
      g_autoptr (GPtrArray) said = g_ptr_array_new ();
      g_autofree char *found = NULL;

      if (cases[i].said != NULL)
        g_ptr_array_add (said, &e);
      found = plan_of (cases[i].files, cases[i].fetched, said);
      g_assert_cmpstr (found, ==, cases[i].expected);
    }
}

static void
test_a_file_that_is_not_what_was_fetched_is_not_landed (Fixture *f, gconstpointer data)
{
  if (f->pg == NULL)
    return;
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "a\n1\n", -1);
  g_autofree char *fetched
      = g_strdup_printf ("{\"pat.csv\": {\"bytes\": 4, \"sha256\": \"%s\"}}", sum);
  SlipLoadResult *result;

  put (f, "slipway-source.json", fetched);
  put (f, "pat.csv", "a\n2\n");
  result = load (f);
  g_assert_error (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (result->error->message, "pat.csv is not what was fetched"));
  g_assert_nonnull (strstr (result->error->message, sum));
  assert_rows (f, "SELECT to_regclass('casrec_csv.pat')", "∅");
  put (f, "pat.csv", "a\n1\n");
  load_well (f);
  assert_rows (f, "SELECT a FROM casrec_csv.pat", "1");
}

static void
test_headers_are_named_as_the_original_names_them (void)
{
  static const struct
  {
    const char *raw[8];
    const char *names;
    guint notes;
  } cases[] = {{{"a", "b", NULL}, "a,b", 0},
               {{"x", "x", "x", NULL}, "x,x.1,x.2", 2},
               {{"x", "x.1", "x", NULL}, "x,x.1,x.1.1", 1},
               {{"", "b", NULL}, "csv_record,b", 1},
               {{"a", "", "", NULL}, "a,Unnamed: 1,Unnamed: 2", 2},
               {{" a ", "A", "a.b", NULL}, " a ,A,a.b", 0}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) names = slip_load_header_names ("x.csv", cases[i].raw, notes, &error);
      g_autofree char *joined = NULL;

      g_assert_no_error (error);
      joined = g_strjoinv (",", names);
      g_assert_cmpstr (joined, ==, cases[i].names);
      g_assert_cmpuint (notes->len, ==, cases[i].notes);
    }
}

static void
test_headers_that_no_table_can_have_are_refused (void)
{
  g_autofree char *longer = g_strnfill (64, 'x');
  const char *const own[] = {"a", "casrec_row_id", NULL};
  const char *const reserved[] = {"ctid", "tableoid", "slipway_row"};
  const char *const wide[] = {longer, NULL};
  const char *const joined[]
      = {"Case;Surname;Forename;Date of birth;Correspondence reference;Term type", NULL};
  g_autofree const char **many = g_new0 (const char *, 1601);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1600; i++)
    many[i] = "x";
  g_assert_null (slip_load_header_names ("x.csv", own, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "x.csv: the header of column 2, casrec_row_id"));
  g_clear_error (&error);
  for (gsize i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      const char *const header[] = {"a", reserved[i], NULL};

      g_assert_null (slip_load_header_names ("x.csv", header, NULL, &error));
      g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, "x.csv: the header of column 2, "));
      g_clear_error (&error);
    }
  g_assert_null (slip_load_header_names ("x.csv", wide, NULL, &error));
  g_assert_nonnull (strstr (error->message, "63 bytes"));
  g_assert_null (strstr (error->message, "delimiter"));
  g_clear_error (&error);
  g_assert_null (slip_load_header_names ("x.csv", joined, NULL, &error));
  g_assert_nonnull (strstr (error->message, "say which “delimiter” it has"));
  g_clear_error (&error);
  g_assert_null (slip_load_header_names ("x.csv", many, NULL, &error));
  g_assert_nonnull (strstr (error->message, "1600 columns"));
}

#define ADD(path, test) g_test_add ("/load/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/names/of_tables_follow_the_files", test_names_of_tables_follow_the_files);
  g_test_add_func ("/load/files/one_that_is_missing_is_told", test_a_file_that_is_missing_is_told);
  g_test_add_func ("/load/headers/are_named_as_the_original_names_them",
                   test_headers_are_named_as_the_original_names_them);
  g_test_add_func ("/load/headers/that_no_table_can_have_are_refused",
                   test_headers_that_no_table_can_have_are_refused);
  ADD ("rows/are_landed_as_they_stand", test_rows_are_landed_as_they_stand);
  ADD ("parts/are_one_table_in_the_order_of_their_numbers",
       test_parts_are_one_table_in_the_order_of_their_numbers);
  ADD ("streams/change_no_row_id", test_row_ids_do_not_depend_on_the_number_of_streams);
  ADD ("again/replaces_and_keeps_views", test_loading_again_replaces_and_keeps_views);
  ADD ("bad/keep_a_table_out_and_all_are_told", test_bad_records_keep_a_table_out_and_all_are_told);
  ADD ("bad/are_put_aside_where_a_gate_lets_them",
       test_bad_records_are_put_aside_where_a_gate_lets_them);
  ADD ("bad/nothing_else_ends_soon", test_nothing_but_bad_records_ends_soon);
  ADD ("headers/changed_ones_are_refused_until_accepted",
       test_changed_headers_are_refused_until_they_are_accepted);
  ADD ("headers/expected_ones_are_held_to", test_expected_headers_are_held_to);
  ADD ("no_reload/unchanged_files_are_not_loaded_again", test_unchanged_files_are_not_loaded_again);
  ADD ("verify/finds_a_changed_cell", test_verify_finds_a_changed_cell);
  ADD ("table/of_somebody_else_is_not_replaced", test_table_of_somebody_else_is_not_replaced);
  ADD ("table/is_loaded_by_one_session_at_a_time", test_second_load_of_a_table_waits_for_the_first);
  ADD ("files/missing_and_doubled_ones_are_told_before_anything_is_touched",
       test_missing_and_doubled_files_are_told_before_anything_is_touched);
  ADD ("files/one_that_is_not_what_was_fetched_is_not_landed",
       test_a_file_that_is_not_what_was_fetched_is_not_landed);
  ADD ("files/empty_one_fails_and_header_alone_is_an_empty_table",
       test_empty_file_fails_and_header_alone_is_an_empty_table);
  ADD ("lost/server_gone_in_the_middle_leaves_nothing_half",
       test_server_gone_in_the_middle_leaves_nothing_half);
  ADD ("cancel/leaves_nothing_half", test_cancel_leaves_nothing_half);
  migration_server_start ();
  status = g_test_run ();
  migration_server_stop ();
  return status;
}
