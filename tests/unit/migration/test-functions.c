/* SPDX-License-Identifier: MIT */
/* The helper functions of schema slipway, case by case: what the specification of the original's
 * transformations says of each, and every edge that it names. Random inputs against Python's own functions
 * are in tests/migration/test-functions.py. */

#include "fixture.h"
#include "slip-functions.h"

#include <glib.h>

#define NIL "\xe2\x88\x85"

typedef struct
{
  const char *sql;
  const char *expected;
} Case;

static char *conninfo = NULL;

/* A connection to a database with the functions; one database for all tests that only read. */
static SlipPg *
open_installed (void)
{
  g_autoptr (GError) error = NULL;
  SlipPg *pg;

  if (conninfo == NULL)
    conninfo = migration_server_new_database ();
  pg = migration_open (conninfo);
  slip_functions_install (pg, &error);
  g_assert_no_error (error);
  return pg;
}

static void
check_cases (const Case *cases, gsize n)
{
  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = open_installed ();

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *sql = g_strdup_printf ("SELECT (%s)::text", cases[i].sql);
      g_autofree char *found = migration_value (pg, sql);

      if (g_strcmp0 (found != NULL ? found : NIL, cases[i].expected) != 0)
        g_error ("%s is %s, not %s", cases[i].sql, found != NULL ? found : NIL, cases[i].expected);
    }
}

#define CHECK(cases) check_cases (cases, G_N_ELEMENTS (cases))

static void
test_blanks (void)
{
  static const Case cases[] = {
      {"slipway.is_set (NULL)", "false"},
      {"slipway.is_set ('')", "false"},
      {"slipway.is_set (' ')", "true"},
      {"slipway.landed ('nan')", ""},
      {"slipway.landed ('None ')", ""},
      {"slipway.landed ('None  ')", "None  "},
      {"slipway.landed ('Nonesuch')", "Nonesuch"},
      {"slipway.landed (NULL)", NIL},
      {"slipway.stored ('')", NIL},
      {"slipway.stored (' ')", " "},
      {"slipway.stored ('NaT')", NIL},
      {"slipway.stored ('<NA> ')", NIL},
      {"slipway.stored ('none')", "none"},
      {"slipway.first_set ('', NULL, 'b', 'c')", "b"},
      {"slipway.first_set ('', NULL)", NIL},
      {"slipway.is_at_least_one_set ('', NULL)", "false"},
      {"slipway.is_at_least_one_set ('', NULL, ' ')", "true"},
      {"slipway.cleared ('0')", ""},
      {"slipway.cleared (NULL)", ""},
      {"slipway.cleared ('00')", "00"},
  };

  CHECK (cases);
}

static void
test_words (void)
{
  static const Case cases[] = {
      {"slipway.capitalise_first_letter ('o''neil')", "O'Neil"},
      {"slipway.capitalise_first_letter ('mc-donald')", "Mc-Donald"},
      {"slipway.capitalise_first_letter ('1st ab2cd')", "1St Ab2Cd"},
      {"slipway.capitalise_first_letter ('VAN DER BERG')", "Van Der Berg"},
      {"slipway.capitalise_first_letter ('')", ""},
      {"slipway.capitalise_first_letter (NULL)", NIL},
      {"slipway.capitalise_first_letter ('\xc3\x89"
       "COLE d''\xc3\x89t\xc3\x89')",
       "\xc3\x89"
       "cole D'\xc3\x89t\xc3\xa9"},
      {"slipway.capitalise_first_letter ('\xc3\x9f')", "Ss"},
      {"slipway.first_word ('Ada Gwen')", "Ada"},
      {"slipway.first_word (' Ada')", ""},
      {"slipway.first_word ('')", ""},
      {"slipway.last_words ('ADA  GWEN may')", " Gwen May"},
      {"slipway.last_words ('Ada')", ""},
      {"slipway.last_words (' Ada')", "Ada"},
      {"slipway.capitalise ('stra\xc3\x9f"
       "e')",
       "STRASSE"},
      {"slipway.first_two_chars ('B3/18')", "B3"},
      {"slipway.first_two_chars ('B')", "B"},
      {"slipway.credit_type_from_invoice_ref ('Z1CR')", "CREDIT REMISSION"},
      {"slipway.credit_type_from_invoice_ref ('1Z')", "CREDIT REMISSION"},
      {"slipway.credit_type_from_invoice_ref ('CRWO')", "CREDIT MEMO"},
      {"slipway.credit_type_from_invoice_ref ('1CR')", "CREDIT MEMO"},
      {"slipway.credit_type_from_invoice_ref ('WO1')", "CREDIT WRITE OFF"},
      {"slipway.credit_type_from_invoice_ref ('1WO')", "CREDIT WRITE OFF"},
      {"slipway.credit_type_from_invoice_ref ('AD1')", NIL},
      {"slipway.credit_type_from_invoice_ref ('')", NIL},
      {"slipway.conditional_lookup ('2020-01-01', 'Term Date', 'Term Date')", "2020-01-01"},
      {"slipway.conditional_lookup ('2020-01-01', 'Term Date 1', 'Term Date')", NIL},
      {"slipway.conditional_lookup ('2020-01-01', 'Term Date', NULL)", NIL},
  };

  CHECK (cases);
}

static void
test_json (void)
{
  static const Case cases[] = {
      {"slipway.squash_columns ('1 Low St', '', NULL)", "[\"1 Low St\", \"\", null]"},
      {"slipway.squash_columns ('\xc3\xa9', '\xf0\x9f\x98\x80')",
       "[\"\\u00e9\", \"\\ud83d\\ude00\"]"},
      {"slipway.squash_columns (E'a\"b\\\\c\\n\\t\\x01/')", "[\"a\\\"b\\\\c\\n\\t\\u0001/\"]"},
      {"slipway.squash_columns (E'\\x7f\xc3\xa9\"')", "[\"\\u007f\\u00e9\\\"\"]"},
      {"slipway.squash_columns (VARIADIC '{}')", "[]"},
      {"slipway.json_value (NULL::text)", "null"},
      {"slipway.json_value (12.50)", "12.50"},
      {"slipway.json_value (false)", "false"},
      {"slipway.json_value (DATE '2020-06-12')", "\"2020-06-12\""},
      {"slipway.json_value ('\xc3\xa9'::text)", "\"\\u00e9\""},
      {"slipway.as_json ('{}')", "{}"},
      {"slipway.as_json ('{')", NIL},
      {"slipway.as_json ('None')", NIL},
  };

  CHECK (cases);
}

static void
test_numbers (void)
{
  static const Case cases[] = {
      {"slipway.multiply_by_100 ('0.57')", "57"},
      {"slipway.multiply_by_100 ('12.345')", "1234"},
      {"slipway.multiply_by_100 ('-3.999')", "-399"},
      {"slipway.multiply_by_100 ('')", NIL},
      {"slipway.multiply_by_100 ('1,234.50')", NIL},
      {"slipway.absolute_value ('-248.00')", "248.00"},
      {"slipway.absolute_value ('')", NIL},
      {"slipway.money_poundpence ('')", "0"},
      {"slipway.money_poundpence (' ')", "0"},
      {"slipway.money_poundpence ('12.345')", "12.345"},
      {"slipway.money_poundpence ('twelve')", NIL},
      {"slipway.as_decimal (' 1_000.5e1 ')", "10005"},
      {"slipway.as_decimal ('1__0')", "10"},
      {"slipway.as_int ('1_0')", "10"},
      {"slipway.as_int ('1__0')", NIL},
      {"slipway.as_decimal ('nan')", NIL},
      {"slipway.as_decimal ('inf')", NIL},
      {"(slipway.as_comparable (' +Infinity') > 1.7e308)", "true"},
      {"(slipway.as_comparable ('-INF') < -1.7e308)", "true"},
      {"slipway.as_comparable ('12.5')", "12.5"},
      {"slipway.as_comparable ('info')", NIL},
      {"slipway.as_decimal ('.')", NIL},
      {"slipway.through_float (12.30)", "12.3"},
      {"slipway.through_float (248)", "248.0"},
      {"slipway.through_float (0.1)", "0.1"},
      {"slipway.float_text (248.00)", "248.0"},
      {"slipway.float_text (1e15)", "1000000000000000.0"},
      {"slipway.float_text (-0.5)", "-0.5"},
      {"slipway.as_int ('14.0')", "14"},
      {"slipway.as_int (' 14 ')", "14"},
      {"slipway.as_int ('1e3')", "1000"},
      {"slipway.as_int ('12.5')", NIL},
      {"slipway.as_int ('2147483648')", NIL},
      {"slipway.as_int ('')", NIL},
      {"slipway.as_bigint ('9007199254740993')", "9007199254740993"},
      {"slipway.as_bool ('true')", "true"},
      {"slipway.as_bool ('True')", "true"},
      {"slipway.as_bool ('False')", "false"},
      {"slipway.as_bool ('0')", "false"},
      {"slipway.as_bool (' FALSE ')", "false"},
      {"slipway.as_bool (' ')", NIL},
      {"slipway.as_bool (NULL)", NIL},
      {"slipway.as_bool ('Y')", "true"},
      {"slipway.as_bool ('of')", "false"},
      {"slipway.as_bool ('o')", NIL},
      {"slipway.as_bool ('1.0')", NIL},
      {"slipway.as_bool ('')", NIL},
      {"slipway.convert_to_bool ('1')", "true"},
      {"slipway.convert_to_bool ('1.0')", "true"},
      {"slipway.convert_to_bool ('true')", "false"},
      {"slipway.convert_to_bool ('')", "false"},
      {"slipway.convert_to_bool (NULL)", "false"},
      {"slipway.get_max_col (true, '9', '10')", "10.0"},
      {"slipway.get_max_col (false, '9', '10', 'a')", "a"},
      {"slipway.get_max_col (false, '9', '10')", "9"},
  };

  CHECK (cases);
}

static void
test_dates (void)
{
  static const Case cases[] = {
      {"slipway.day_first ('2020-06-12')", "2020-06-12 00:00:00"},
      {"slipway.day_first ('2020-06-12 10:11:12')", "2020-06-12 10:11:12"},
      {"slipway.day_first ('03/04/2020')", "2020-04-03 00:00:00"},
      {"slipway.day_first ('04/13/2020')", "2020-04-13 00:00:00"},
      {"slipway.day_first_strict ('04/13/2020')", NIL},
      {"slipway.day_first ('3/4/20')", "2020-04-03 00:00:00"},
      {"slipway.day_first ('3/4/71')", "2071-04-03 00:00:00"},
      {"slipway.day_first ('3/4/72')", "1972-04-03 00:00:00"},
      {"slipway.day_first_strict ('3/4/72')", NIL},
      {"slipway.day_first ('3 Sept 2020')", "2020-09-03 00:00:00"},
      {"slipway.day_first ('3-DEC-20')", "2020-12-03 00:00:00"},
      {"slipway.day_first ('20200413')", "2020-04-13 00:00:00"},
      {"slipway.day_first ('2020')", "2020-01-01 00:00:00"},
      {"slipway.day_first ('29/02/2020')", "2020-02-29 00:00:00"},
      {"slipway.day_first ('29/02/2021')", NIL},
      {"slipway.day_first ('2021-02-29')", NIL},
      {"slipway.day_first ('1900-02-29')", NIL},
      {"slipway.day_first ('0000-01-01')", NIL},
      {"slipway.day_first ('2020-01-01 24:00:00')", NIL},
      {"slipway.day_first ('')", NIL},
      {"slipway.day_first ('2020-10-05 ')", "2020-05-10 00:00:00"},
      {"slipway.day_first ('5 Oct 2020 10:20 pm')", "2020-10-05 22:20:00"},
      {"slipway.day_coerced ('9999-12-31')", NIL},
      {"slipway.held ('2262-04-11 23:47:16')", "2262-04-11 23:47:16"},
      {"slipway.held ('2262-04-11 23:47:17')", NIL},
      {"slipway.held (NULL)", NIL},
      {"slipway.working_days (slipway.workday_before ('2022-03-21'), 40)", "2022-05-16"},
      {"slipway.working_days (slipway.workday_before ('1999-11-28'), 40)", "2000-01-21"},
      {"slipway.working_days (slipway.workday_before ('2012-06-09'), 40)", "2012-08-03"},
      {"slipway.day_first (' ')", NIL},
      {"slipway.day_first ('soon')", NIL},
      {"slipway.add_one_year ('2020-02-29')", "2021-02-28 00:00:00"},
      {"slipway.add_one_year ('2019-03-01')", "2020-03-01 00:00:00"},
      {"slipway.start_of_tax_year ('2012-03-31')", "2011-04-01 00:00:00"},
      {"slipway.end_of_tax_year ('2012-03-31')", "2012-03-31 00:00:00"},
      {"slipway.start_of_tax_year ('2012-04-01')", "2012-04-01 00:00:00"},
      {"slipway.end_of_tax_year ('2012-04-01')", "2013-03-31 00:00:00"},
      {"slipway.start_of_tax_year ('2020-05-31 12:00')", "2020-04-01 00:00:00"},
      {"slipway.fee_reduction_end_date ('2021-03-31')", "2021-03-31 00:00:00"},
      {"slipway.fee_reduction_end_date ('2021-04-01')", "2021-03-31 00:00:00"},
      {"slipway.fee_reduction_end_date ('2021-04-02')", "2022-03-31 00:00:00"},
      {"slipway.fee_reduction_end_date ('2021-01-31')", "2021-03-31 00:00:00"},
      {"slipway.fee_reduction_end_date (NULL)", NIL},
      {"slipway.fee_reduction_start_date ('2021-03-31')", "2020-04-01 00:00:00"},
      {"slipway.fee_reduction_start_date ('2021-05-31')", NIL},
      {"slipway.calculate_duedate ('2022-11-07')", "2022-11-28 00:00:00"},
      {"slipway.calculate_duedate ('2022-11-05')", "2022-11-28 00:00:00"},
      {"slipway.calculate_duedate ('2022-11-06')", "2022-11-28 00:00:00"},
      {"slipway.calculate_startdate ('2022-11-05')", "2021-11-06 00:00:00"},
      {"slipway.calculate_startdate ('2020-02-29')", "2019-03-01 00:00:00"},
      {"slipway.working_days (TIMESTAMP '2022-11-25 10:00', 1)", "2022-11-28 10:00:00"},
      {"slipway.working_days (DATE '2022-11-26', 0)", "2022-11-28"},
      {"slipway.working_days (DATE '2022-11-26', -15)", "2022-11-07"},
      {"slipway.working_days (DATE '2022-11-25', 1)", "2022-11-28"},
      {"slipway.working_days (DATE '2022-11-28', -71)", "2022-08-19"},
  };

  CHECK (cases);
}

static void
test_clocks (void)
{
  static const Case cases[] = {
      {"slipway.convert_to_timestamp ('2020-06-12', '')", "2020-06-11 23:00:00"},
      {"slipway.convert_to_timestamp ('2020-01-12 00:00:00', '12:19:19.7')", "2020-01-12 12:19:19"},
      {"slipway.convert_to_timestamp ('', '12:00:00')", NIL},
      {"slipway.convert_to_timestamp ('NaT', '12:00:00')", NIL},
      {"slipway.convert_to_timestamp ('12/06/2020', '')", NIL},
      {"slipway.convert_to_timestamp ('2020-06-12', 'NaT')", "2020-06-11 23:00:00"},
      {"slipway.convert_to_timestamp ('2020-06-12', '25:00:00')", NIL},
      {"slipway.convert_to_timestamp ('2262-04-11', '23:30:00')", "2262-04-11 22:30:00"},
      {"slipway.convert_to_timestamp ('2262-04-12', '00:30:00')", NIL},
      {"slipway.date_and_time ('2020-06-12', '01:02:03')", "2020-06-12 01:02:03"},
      {"slipway.london_to_utc ('2020-03-29 00:59:59')", "2020-03-29 00:59:59"},
      {"slipway.london_to_utc ('2020-03-29 01:00:00')", NIL},
      {"slipway.london_to_utc ('2020-03-29 02:00:00')", "2020-03-29 01:00:00"},
      {"slipway.london_to_utc ('2020-10-25 00:59:59')", "2020-10-24 23:59:59"},
      {"slipway.london_to_utc ('2020-10-25 01:00:00')", NIL},
      {"slipway.london_to_utc ('2020-10-25 02:00:00')", "2020-10-25 02:00:00"},
      {"slipway.london_to_utc_strict ('2020-10-25 01:30:00')", "2020-10-25 01:30:00"},
      {"slipway.london_to_utc_strict ('2020-03-29 01:30:00')", "2020-03-29 01:30:00"},
      {"slipway.london_to_utc ('1969-01-01 00:00:00')", "1968-12-31 23:00:00"},
  };

  CHECK (cases);
}

static void
test_identities (void)
{
  static const Case cases[] = {
      {"slipway.with_luhn (70000000001)", "700000000013"},
      {"slipway.with_luhn (70000000003)", "700000000039"},
      {"slipway.with_luhn (70000000004)", "700000000047"},
      {"slipway.luhn_digit (0)", "0"},
      {"slipway.unique_number ('a', 1) = slipway.unique_number ('a', 1)", "true"},
      {"slipway.unique_number ('a', 1) = slipway.unique_number ('a', 2)", "false"},
      {"(SELECT bool_and (slipway.unique_number ('s', n) BETWEEN 100000000000 AND 999999999999)"
       " FROM generate_series (1, 10000) AS n)",
       "true"},
      {"(SELECT bool_and (slipway.uuid_of ('s', 'c', n)::text ~ "
       "'^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
       "[89ab][0-9a-f]{3}-[0-9a-f]{12}$') AND count (DISTINCT slipway.uuid_of ('s', 'c', n)) = 1000"
       " FROM generate_series (1, 1000) AS n)",
       "true"},
  };

  CHECK (cases);
}

/* A function that the planner may not run in parallel, or again and again, would slow every step. */
static void
test_properties (void)
{
  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = open_installed ();
  g_autofree char *unsafe = migration_rows (
      pg, "SELECT proname FROM pg_proc WHERE pronamespace = 'slipway'::regnamespace"
          " AND proparallel <> 's' ORDER BY 1");
  g_autofree char *changing = migration_rows (
      pg, "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'slipway'::regnamespace"
          " AND provolatile = 'v' ORDER BY 1");
  g_autofree char *stable = migration_rows (
      pg,
      "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'slipway'::regnamespace"
      " AND provolatile = 's' AND prosrc !~ "
      "'slipway\\.(run_year|mode|is_strict|calculated|day_first |valid_timestamp|file |rejected |"
      "landed_lines )'"
      " ORDER BY 1");

  /* as_json catches an error, and the others write: PostgreSQL refuses both in a parallel worker. */
  g_assert_cmpstr (unsafe, ==, "add_outside\nadd_read_back\nas_json\ncompare_rows");
  g_assert_cmpstr (changing, ==, "add_outside\nadd_read_back\ncompare_rows");
  /* The rest may be folded into a constant, but for what depends on the run's year and mode or on what was landed, and what
   * calls to_json(). */
  g_assert_cmpstr (stable, ==, "json_escape\njson_value");
}

static void
test_again (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *empty = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (empty);
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_functions_install (pg, &error));
  migration_run (pg,
                 "INSERT INTO slipway.measure (stage, kind, rows) VALUES ('transform', 'in', 7)");
  g_assert_true (slip_functions_install (pg, &error));
  migration_run (pg, "UPDATE slipway.version SET sha256 = 'older'");
  g_assert_true (slip_functions_install (pg, &error));
  g_assert_no_error (error);

  g_autofree char *version = migration_value (pg, "SELECT sha256 FROM slipway.version");
  g_autofree char *rows = migration_value (pg, "SELECT rows FROM slipway.measure");
  g_assert_cmpstr (version, ==, slip_functions_get_sha256 ());
  g_assert_cmpstr (rows, ==, "7");
}

/* A record's line: quoted fields span lines, a header may, a workbook has rows; and behind what is not landed it is a guess. */
static void
test_lines (void)
{
  static const char landed[]
      = "CREATE SCHEMA lines; CREATE TABLE lines.pat (casrec_row_id bigint, \"Note\" text);"
        "INSERT INTO lines.pat VALUES (1, 'one'), (2, E'two\nlines\n'), (3, 'three'), (4, 'four'),"
        "  (11, E'in\na cell'), (12, 'x'), (21, 'a'), (23, 'c');"
        "INSERT INTO slipway.file (table_schema, table_name, part, name, bytes, sha256, format, "
        "header, rows, "
        "  rejected, blank_lines, first_row_id, last_row_id, landed_sha256) VALUES"
        "  ('lines', 'pat', 1, 'pat1.csv', 1, '', 'csv', ARRAY[E'No\nte'], 4, 0, 0, 1, 4, ''),"
        "  ('lines', 'pat', 2, 'pat2.xlsx', 1, '', 'xlsx', ARRAY['Note'], 2, 0, 0, 11, 12, ''),"
        "  ('lines', 'pat', 3, 'pat3.csv', 1, '', 'csv', ARRAY['Note'], 2, 1, 0, 21, 23, ''),"
        "  ('lines', 'pat', 4, 'pat4.csv', 1, '', 'csv', ARRAY['Note'], 2, 0, 3, 31, 32, '');"
        "INSERT INTO slipway.rejected (stage, table_schema, table_name, file, record, line, reason)"
        "  VALUES ('load', 'lines', 'pat', 'pat3.csv', 2, 3, 'ragged')";
  static const struct
  {
    gint64 row;
    const char *where;
  } cases[] = {
      {1, "pat1.csv record 1 (line 3)"},    {2, "pat1.csv record 2 (line 4)"},
      {3, "pat1.csv record 3 (line 7)"},    {4, "pat1.csv record 4 (line 8)"},
      {12, "pat2.xlsx record 2 (line 3)"},  {21, "pat3.csv record 1 (line 2)"},
      {23, "pat3.csv record 3 (line ≥ 4)"}, {31, "pat4.csv record 1 (line ≥ 2)"},
      {99, "made of no file's row"},
  };

  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = open_installed ();

  migration_run (pg, landed);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sql = g_strdup_printf (
          "SELECT slipway.where_landed (jsonb_build_array (jsonb_build_object ('casrec_row_id', "
          "%" G_GINT64_FORMAT ", 'casrec_table_name', 'PAT')))",
          cases[i].row);
      g_autofree char *found = migration_value (pg, sql);

      g_assert_cmpstr (found, ==, cases[i].where);
    }
  /* Those of many at once, in whichever order they are asked for, and of each one only. */
  g_autofree char *many = migration_value (
      pg, "SELECT string_agg (concat_ws (' ', row_id, line, exact), ', ' ORDER BY row_id) FROM "
          "slipway.landed_lines ('lines', 'pat', ARRAY[31, 4, 23, 2, 3, 2, 12, 99])");
  g_assert_cmpstr (many, ==, "2 4 t, 3 7 t, 4 8 t, 12 3 t, 23 4 f, 31 2 f");
  g_autofree char *told = migration_value (
      pg, "SELECT slipway.told (E'a “b”\nc') || slipway.told (repeat ('x', 41)) || coalesce "
          "(slipway.told (NULL), '–')");
  g_autofree char *wanted
      = g_strdup_printf ("“a \"b\" c”“%s…”–", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
  g_assert_cmpstr (told, ==, wanted);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  migration_server_start ();
  g_test_add_func ("/migration/functions/blanks_and_texts_for_nothing_are_unset", test_blanks);
  g_test_add_func ("/migration/functions/words_are_cut_and_titled_as_python_does", test_words);
  g_test_add_func ("/migration/functions/json_is_escaped_as_python_does", test_json);
  g_test_add_func ("/migration/functions/numbers_are_read_cut_and_cast_exactly", test_numbers);
  g_test_add_func ("/migration/functions/dates_are_day_first_and_iso_is_accepted", test_dates);
  g_test_add_func ("/migration/functions/london_time_becomes_utc_and_doubtful_hours_do_not",
                   test_clocks);
  g_test_add_func ("/migration/functions/numbers_of_identity_are_repeatable", test_identities);
  g_test_add_func ("/migration/functions/records_are_told_with_their_line", test_lines);
  g_test_add_func ("/migration/functions/all_are_immutable_and_parallel_safe", test_properties);
  g_test_add_func ("/migration/functions/installing_again_keeps_what_is_there", test_again);
  status = g_test_run ();
  migration_server_stop ();
  g_free (conninfo);
  return status;
}
