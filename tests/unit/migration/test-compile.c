/* SPDX-License-Identifier: MIT */
/* Compiled steps on PostgreSQL: exact rows in, rows out and measures out for each concept, by definitions that
 * this test writes itself; and every table definition of the real corpus, compiled and explained against landed
 * tables made of nothing but the real headers. */

#include "corpus.h"
#include "fixture.h"
#include "slip-compile.h"
#include "slip-functions.h"
#include "slip-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

#define RUN_DATE "2022-06-15"

typedef struct
{
  const char *target;
  const char *type;
  const char *source; /* JSON, or NULL */
  const char *alias;  /* JSON, or NULL: the source */
  const char *transformation;
  const char *lookup;
  const char *fallback; /* JSON, or NULL */
  const char *calculated;
} Column;

static const Column people[] = {
    {"id", "int", NULL},
    {"caserecnumber", "str", "\"Case\""},
    {"firstname", "str", "\"Forename\"", NULL, "first_word"},
    {"middlenames", "str", "\"Forename\"", "\"Forename 1\"", "last_words"},
    {"sex", "str", "\"Sex\"", NULL, NULL, "sex_lookup", "\"UNKNOWN\""},
    {"born", "date", "\"Born\""},
    {"fee", "int", "\"Fee\"", NULL, "multiply_by_100"},
    {"paid", "Decimal", "\"Fee\"", "\"Fee 1\"", "money_poundPence"},
    {"lines", "dict", "[\"Line 1\", \"Line 2\"]", NULL, "squash_columns"},
    {"active", "bool", NULL, NULL, NULL, NULL, "true"},
    {"note", "str", NULL, NULL, NULL, NULL, "2657.0"},
    {"made", "date", NULL, NULL, NULL, NULL, NULL, "current_date"},
    {"status", "str", NULL},
    {"score", "int", NULL},
};

static const Column notes[] = {
    {"id", "int", NULL},
    {"person_id", "int", NULL},
    {"text", "str", "\"Text\"", NULL, NULL, NULL, "\"-\""},
    {"event", "dict", NULL},
};

static const Column links[] = {
    {"person_id", "int", NULL},
    {"kind", "str", NULL, NULL, NULL, NULL, "\"OWN\""},
};

static const Column scores[] = {
    {"score", "int", "\"Score\""},
};

static const Column firsts[] = {
    {"yes", "str", NULL, NULL, NULL, NULL, "\"true\""},
    {"first", "str", NULL},
};

/* Names of columns that the compiled SQL might use itself: each is only a column here. */
static const Column names[] = {
    {"id", "int", NULL},
    {"new_id", "str", "\"dropped\""},
    {"lost", "str", "\"dropped_before\""},
    {"marks", "str", "\"Rank as a number\""},
    {"join_marks", "str", "\"slip_row\""},
    {"mark", "str", "\"place\""},
    {"fee", "int", "\"marks\"", NULL, "multiply_by_100"},
    {"bad fee", "str", "\"debt_row_id\""},
    {"altered fee", "str", NULL, NULL, NULL, NULL, "\"-\""},
    {"dropped", "str", NULL},
    {"slip_matched", "str", NULL, NULL, NULL, NULL, "\"no\""},
    {"told", "str", NULL, NULL, NULL, NULL, "\"1\""},
};

static const char table_definitions[]
    = "{\"people\": {\"destination_table_name\": \"people\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\","
      "  \"source_conditions\": {\"exclude_values\": {\"col\": \"Stat\", \"values\": [\"X\"]},"
      "    \"greater_than\": {\"col\": \"Rank\", \"value\": 0}},"
      "  \"source_table_additional_columns\": [\"Stat\", \"Rank\"], \"source_table_name\": "
      "\"people\","
      "  \"table_transforms\": {\"set_status\": {\"source_cols\": [\"Stat\"], \"target_cols\": "
      "[\"status\"]}},"
      "  \"table_type\": \"data\"},"
      " \"notes\": {\"destination_table_name\": \"notes\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\","
      "  \"source_conditions\": {\"Text\": \"not null\"}, \"source_table_additional_columns\": "
      "[\"Case\", \"Flag\"],"
      "  \"source_table_name\": \"notes\", \"table_transforms\": {}, \"table_type\": \"data\"},"
      " \"links\": {\"destination_table_name\": \"links\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\","
      "  \"source_conditions\": {}, \"source_table_additional_columns\": [\"\"], "
      "\"source_table_name\": \"\","
      "  \"table_transforms\": {}, \"table_type\": \"join\"},"
      " \"names\": {\"destination_table_name\": \"names\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\","
      "  \"source_conditions\": {\"greater_than\": {\"col\": \"Rank\", \"value\": 0},"
      "    \"less_than\": {\"col\": \"Rank\", \"value\": 9},"
      "    \"latest\": {\"col\": \"dropped_before\", \"per\": \"dropped\"}},"
      "  \"source_table_additional_columns\": [\"Rank\", \"place\"], \"source_table_name\": "
      "\"names\","
      "  \"table_transforms\": {}, \"table_type\": \"data\"},"
      " \"scores\": {\"destination_table_name\": \"people\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\","
      "  \"source_conditions\": {\"convert_to_timestamp\": {\"date\": \"Day\", \"time\": \"at\"},"
      "    \"date_since\": {\"col\": \"c_timestamp\", \"date\": \"01/01/1900\"},"
      "    \"c_timestamp\": \"not null\","
      "    \"latest\": {\"col\": \"c_timestamp\", \"per\": \"Case\"}},"
      "  \"source_table_additional_columns\": [\"Day\", \"at\", \"Case\"], \"source_table_name\": "
      "\"scores\","
      "  \"table_transforms\": {}, \"table_type\": \"data\"},"
      " \"firsts\": {\"destination_table_name\": \"firsts\", \"entity_name\": \"e\", "
      "\"required_entities\": \"\", \"source_conditions\": {}, "
      "\"source_table_additional_columns\": [\"\"], \"source_table_name\": \"\","
      "  \"table_transforms\": {}, \"table_type\": \"join\"}}";

static const char sidecar[]
    = "{\"name\": \"t\", \"mode\": \"compat\", \"entities\": [{\"name\": \"e\", \"steps\": ["
      " {\"mapping\": \"people\", \"decisions\": [\"set_status\"], \"joins\": [{\"as\": \"o\","
      "   \"relation\": \"source.orders\", \"on\": {\"caserecnumber\": \"Case\"}, \"where\": "
      "\"\\\"Old\\\" = '' -- f\","
      "   \"kind\": \"left\", \"pick\": {\"per\": [\"Case\"], \"order\": [\"\\\"Old\\\" "
      "DESC\"]}}],"
      "   \"columns\": {\"c_order\": \"o.\\\"No\\\" -- g\", \"note\": \"m.note || '/' || "
      "s.\\\"Stat\\\"\"}},"
      " {\"mapping\": \"notes\", \"joins\": [{\"as\": \"p\", \"relation\": \"transform.people\","
      "   \"on\": {\"c_case\": \"caserecnumber\"}, \"kind\": \"inner\"}], \"columns\": "
      "{\"person_id\": \"p.id\"},"
      "   \"json\": {\"event\": {\"n\": 1, \"who\": {\"$sql\": \"p.firstname -- d\"}, \"é\": "
      "[true, "
      "null],"
      "   \"id\": {\"$late\": {\"table\": \"people\", \"id\": \"p.id\"}}}}},"
      " {\"mapping\": \"links\", \"from\": {\"relation\": \"transform.people\", \"as\": \"p\","
      "   \"where\": \"sex = 'FEMALE' -- a\"}, \"columns\": {\"person_id\": \"p.id -- b\"}, "
      "\"order\": "
      "[\"p.id DESC -- c\"]},"
      " {\"mapping\": \"names\", \"dates\": [\"people.Born\"], \"joins\": [{\"as\": \"p\", "
      "\"relation\": \"transform.people\","
      "   \"on\": {\"mark\": \"caserecnumber\"}, \"kind\": \"inner\"},"
      "   {\"as\": \"q\", \"relation\": \"source.orders\", \"on\": {\"mark\": \"Case\"}, "
      "\"kind\": \"left\","
      "   \"pick\": {\"per\": [\"Case\"], \"order\": [\"r.\\\"casrec_row_id\\\"::int\"]}}], "
      "\"columns\": "
      "{\"dropped\": \"p.firstname\"}},"
      " {\"mapping\": \"scores\", \"update\": {\"table\": \"people\", \"on\": {\"caserecnumber\": "
      "\"c_case\"},"
      "   \"set\": [\"score\"]}},"
      " {\"mapping\": \"firsts\", \"from\": {\"relation\": \"source.orders\", \"as\": \"n\"}, "
      "\"joins\": ["
      "  {\"as\": \"p\", \"relation\": \"transform.people\", \"on\": {\"yes\": \"active\"}, "
      "\"kind\": \"left\","
      "   \"pick\": {\"per\": [\"active\"], \"order\": [\"active\"]}}],"
      "  \"columns\": {\"first\": \"p.caserecnumber || ' of ' || n.\\\"No\\\"\"}}]}],"
      " \"decisions\": {\"set_status\": {\"inputs\": [\"Stat\"], \"outputs\": [\"status\"], "
      "\"policy\": \"last\","
      "   \"let\": {\"today\": \"{run_date} -- e\"}, \"rules\": ["
      "   {\"anySet\": [\"Stat\"], \"set\": {\"status\": \"SET\"}},"
      "   {\"when\": {\"Stat\": [\"Open\", \"Ajar\"]}, \"set\": {\"status\": {\"sql\": \"'OPEN ' "
      "|| today\"}}}]}}}";

static const char landed[]
    = "CREATE SCHEMA casrec_csv;"
      "CREATE TABLE casrec_csv.people (casrec_row_id bigint, \"Case\" text, \"Forename\" text, "
      "\"Sex\" text,"
      "  \"Born\" text, \"Fee\" text, \"Line 1\" text, \"Line 2\" text, \"Stat\" text, \"Rank\" "
      "text);"
      "INSERT INTO casrec_csv.people VALUES"
      "  (1, 'C1', 'ADA gwen may', 'F', '01/02/1990', '0.57', 'é', '', 'Open', '5.00'),"
      "  (2, 'C2', 'bob', 'M', '31/02/1990', '', 'x', 'nan', 'Shut', '1'),"
      "  (3, 'C3', '', 'Z', '', '12.345', '', '', '', '2'),"
      "  (4, 'C4', 'Eve', '', '', '1', '', '', 'X', '1'),"
      "  (5, 'C5', 'Dan', '', '1990-02-01 00:00:00', '2', '', '', 'Ajar', 'none'),"
      "  (6, 'C6', 'flo', '', '', '2', '', '', 'Ajar', '0.5');"
      "CREATE TABLE casrec_csv.orders (casrec_row_id bigint, \"Case\" text, \"No\" text, \"Old\" "
      "text);"
      "INSERT INTO casrec_csv.orders VALUES (2, 'C1', 'N2', ''), (1, 'C1', 'N1', ''), (3, 'C1', "
      "'N3', 'y');"
      "CREATE TABLE casrec_csv.notes (casrec_row_id bigint, \"Case\" text, \"Text\" text, \"Flag\" "
      "text);"
      "INSERT INTO casrec_csv.notes VALUES (1, 'C1', 'one', '0'), (2, 'C9', 'two', '1'), (3, 'C3', "
      "'three', ' '),"
      "  (4, 'C1', '0', '1');"
      "CREATE TABLE casrec_csv.names (casrec_row_id bigint, dropped text, dropped_before text,"
      "  place text, marks text, debt_row_id text, slip_row text, \"Rank\" text,"
      "  \"Rank as a number\" text);"
      "INSERT INTO casrec_csv.names VALUES"
      "  (1, 'a', '2020-04-09', 'C1', '0.575', 'x', 'r', '5', 'n'),"
      "  (2, 'a', '2020-04-01', 'C1', '', '', '', '5', ''),"
      "  (3, 'b', '2020-03-01', 'C6', 'none', 'y', '', '8', ''),"
      "  (4, 'c', '2019-01-01', 'C1', '2', '', '', '1', ''),"
      "  (5, 'd', '2018-01-01', 'C1', '1', '', '', '9', ''),"
      "  (6, 'e', '2017-01-01', 'C9', '1', '', '', '1', '');"
      "CREATE TABLE casrec_csv.scores (casrec_row_id bigint, \"Case\" text, \"Score\" text, "
      "\"Day\" text, \"at\" text);"
      "INSERT INTO casrec_csv.scores VALUES (1, 'C1', '7', '2020-01-02', '10:00:00'),"
      "  (2, 'C1', '8', '2020-01-02', '09:00:00'), (3, 'C9', '9', '', ''),"
      "  (4, '0', '1', '2020-01-03', ''), (5, ' ', '1', '2020-01-04', ''),"
      "  (6, 'C1', '6', '2020-02-30', '10:00:00');";

static void
append_text (GString *json, const char *name, const char *value, gboolean quote)
{
  const char *mark = quote || value == NULL ? "\"" : "";

  g_string_append_printf (json, ", \"%s\": %s%s%s", name, mark, value != NULL ? value : "", mark);
}

static void
write_mapping (const char *folder, const char *table, const Column *columns, gsize n)
{
  g_autofree char *file = g_strdup_printf ("%s_mapping.json", table);
  g_autofree char *path = g_build_filename (folder, "mapping_definitions", file, NULL);
  g_autoptr (GString) json = g_string_new ("{");

  for (gsize i = 0; i < n; i++)
    {
      const Column *column = &columns[i];

      g_string_append_printf (
          json,
          "%s\"%s\": {\"mapping_status\": {\"is_complete\": true}, \"sirius_details\": {\"is_pk\": "
          "%s,"
          " \"fk_parents\": \"\", \"data_type\": \"%s\", \"table_name\": \"%s\", \"entity\": \"\"},"
          " \"transform_casrec\": {\"casrec_table\": \"%s\"",
          i > 0 ? "," : "", column->target, g_str_equal (column->target, "id") ? "true" : "\"\"",
          column->type, table, column->source != NULL ? table : "");
      append_text (json, "casrec_column_name", column->source, FALSE);
      append_text (json, "alias", column->alias != NULL ? column->alias : column->source, FALSE);
      append_text (json, "requires_transformation", column->transformation, TRUE);
      append_text (json, "lookup_table", column->lookup, TRUE);
      append_text (json, "default_value", column->fallback, FALSE);
      append_text (json, "calculated", column->calculated, TRUE);
      append_text (json, "additional_columns", NULL, TRUE);
      g_string_append (json, "}, \"prepare\": {\"sync\": \"\"}}");
    }
  g_string_append_c (json, '}');
  g_assert_true (g_file_set_contents (path, json->str, -1, NULL));
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
write_definitions (const char *mode)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("slipway-compile-XXXXXX", &error);
  g_autoptr (GString) text = g_string_new (sidecar);

  g_assert_no_error (error);
  g_string_replace (text, "\"compat\"", mode, 1);
  write_file (folder, "mapping_definitions/lookups/sex_lookup.json",
              "{\"F\": {\"sirius_mapping\": \"FEMALE\"}, \"M\": {\"sirius_mapping\": \"MALE\"}}");
  write_file (folder, "mapping_definitions/tables/table_definitions.json", table_definitions);
  write_file (folder, "tables.json", "{}");
  write_file (folder, "migration.json", text->str);
  write_mapping (folder, "people", people, G_N_ELEMENTS (people));
  write_mapping (folder, "notes", notes, G_N_ELEMENTS (notes));
  write_mapping (folder, "links", links, G_N_ELEMENTS (links));
  write_mapping (folder, "scores", scores, G_N_ELEMENTS (scores));
  write_mapping (folder, "firsts", firsts, G_N_ELEMENTS (firsts));
  write_mapping (folder, "names", names, G_N_ELEMENTS (names));
  return folder;
}

static void
run_steps (SlipPg *pg, SlipMigration *migration)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  SlipCompileOptions options = {RUN_DATE, 0, NULL, NULL};

  for (guint i = 0; i < steps->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) statements
          = slip_compile_step (migration, g_ptr_array_index (steps, i), &options, &error);

      g_assert_no_error (error);
      for (guint j = 0; j < statements->len; j++)
        migration_run (pg, ((SlipStatement *)g_ptr_array_index (statements, j))->sql);
    }
}

/* A database in which the steps have run. */
static SlipPg *
run_all (const char *mode)
{
  g_autofree char *conninfo = migration_server_new_database ();
  g_autofree char *folder = write_definitions (mode);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipMigration) migration = slip_migration_load (folder, NULL, &error);
  SlipPg *pg = migration_open (conninfo);

  g_assert_no_error (error);
  slip_functions_install (pg, &error);
  g_assert_no_error (error);
  migration_run (pg, landed);
  run_steps (pg, migration);
  slip_test_remove_folder (folder);
  return pg;
}

static void
expect (SlipPg *pg, const char *sql, const char *expected)
{
  g_autofree char *found = migration_rows (pg, sql);

  g_strchomp (found);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_rows (void)
{
  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = run_all ("\"compat\"");

  expect (
      pg,
      "SELECT id, caserecnumber, firstname, middlenames, sex, born::date, fee, paid, lines, "
      "active, note, made::date,"
      " status, c_stat, c_rank, c_order, casrec_row_id, casrec_mapping_file_name, casrec_table_name"
      " FROM transform.people ORDER BY id",
      "1|C1|Ada|Gwen May|FEMALE|1990-02-01|57|0.57|[\"\\u00e9\", "
      "\"\"]|t|2657.0/Open|2022-06-15|OPEN 2022-06-15|Open|5.0"
      "|N1|1|people_mapping|people\n"
      "2|C2|Bob|∅|MALE|∅|∅|0.0|[\"x\", "
      "\"\"]|t|2657.0/Shut|2022-06-15|SET|Shut|1.0|∅|2|people_mapping|people\n"
      "3|C3|∅|∅|UNKNOWN|∅|1234|12.345|[\"\", "
      "\"\"]|t|2657.0/|2022-06-15|∅|∅|2.0|∅|3|people_mapping|people\n"
      "4|C6|Flo|∅|UNKNOWN|∅|200|2.0|[\"\", \"\"]|t|2657.0/Ajar|2022-06-15|OPEN "
      "2022-06-15|Ajar|0.5|∅|6|people_mapping"
      "|people");
  /* What "not null" clears, ids that leave a gap where a join finds nothing, JSON as Python writes it. */
  expect (pg, "SELECT id, person_id, text, c_flag, event FROM transform.notes ORDER BY id",
          "1|1|one|∅|{\"n\": 1, \"who\": \"Ada\", \"\\u00e9\": [true, null], \"id\": 1}\n"
          "3|3|three|∅|{\"n\": 1, \"who\": null, \"\\u00e9\": [true, null], \"id\": 3}");
  expect (pg, "SELECT person_id, kind, casrec_row_id, casrec_table_name FROM transform.links",
          "1|OWN|1|∅");
  expect (pg,
          "SELECT caserecnumber, score, jsonb_array_length (casrec_details) FROM transform.people "
          "WHERE score > 0",
          "C1|7|2");
  /* Of all who are active the one that was made first, though its row was updated since and lies behind the others. */
  expect (pg, "SELECT first FROM transform.firsts ORDER BY first", "C1 of N1\nC1 of N2\nC1 of N3");
  /* Numbered by what they are the latest of; row 6 is lost by the join, and has had its number. */
  expect (pg,
          "SELECT id, new_id, lost, marks, join_marks, mark, fee, \"bad fee\", \"altered fee\", "
          "dropped, "
          "slip_matched, told, c_place FROM transform.names ORDER BY id",
          "2|c|2019-01-01|∅|∅|C1|200|∅|-|Ada|no|1|C1\n"
          "3|b|2020-03-01|∅|∅|C6|∅|y|-|Flo|no|1|C6\n"
          "4|a|2020-04-09|n|r|C1|57|x|-|Ada|no|1|C1");
}

static void
test_measures (void)
{
  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = run_all ("\"compat\"");

  expect (pg,
          "SELECT step, column_name, kind, value, rows, row_ids FROM slipway.measure"
          " WHERE kind NOT IN ('defaulted', 'unmatched') ORDER BY 1, 3, 2, 4",
          "firsts|p|ambiguous|true|3|{1,2,3}\n"
          "firsts|∅|in|∅|3|∅\n"
          "firsts|∅|out|∅|3|∅\n"
          "links|∅|in|∅|1|∅\n"
          "links|∅|out|∅|1|∅\n"
          "names|fee|altered value|0.575|1|{1}\n"
          "names|q|ambiguous|C1|2|{1,4}\n"
          "names|fee|bad value|none|1|{3}\n"
          "names|people.Born|bad value|31/02/1990|1|{2}\n"
          "names|Rank < 9|dropped|∅|1|{5}\n"
          "names|latest dropped_before per dropped|dropped|∅|1|{2}\n"
          "names|p|dropped|∅|1|{6}\n"
          "names|∅|in|∅|6|∅\n"
          "names|∅|out|∅|3|∅\n"
          "notes|Text not null|dropped|∅|1|{4}\n"
          "notes|p|dropped|∅|1|{2}\n"
          "notes|∅|in|∅|4|∅\n"
          "notes|∅|out|∅|2|∅\n"
          "people|fee|altered value|12.345|1|{3}\n"
          "people|o|ambiguous|C1|1|{1}\n"
          "people|born|bad value|31/02/1990|1|{2}\n"
          "people|fee|bad value|∅|1|{2}\n"
          "people|Rank > 0|dropped|∅|1|{5}\n"
          "people|Stat not in (X)|dropped|∅|1|{4}\n"
          "people|∅|in|∅|6|∅\n"
          "people|Rank|not a number|none|1|{5}\n"
          "people|∅|out|∅|4|∅\n"
          "people|sex|unknown code|Z|1|{3}\n"
          "scores|c_timestamp since 1900-01-01|dropped|∅|1|{6}\n"
          "scores|latest c_timestamp per Case|dropped|∅|2|{2,4}\n"
          "scores|∅|in|∅|6|∅\n"
          "scores|Day|not a date|2020-02-30|1|{6}\n"
          "scores|∅|out|∅|1|∅");
  expect (pg,
          "SELECT step, column_name, kind, value, rows, row_ids FROM slipway.measure"
          " WHERE kind IN ('defaulted', 'unmatched') ORDER BY 1, 3, 2, 4",
          "names|p|unmatched|C9|1|{6}\n"
          "names|q|unmatched|C6|1|{3}\n"
          "names|q|unmatched|C9|1|{6}\n"
          "notes|p|unmatched|C9|1|{2}\n"
          "people|sex|defaulted|∅|1|{6}\n"
          "people|o|unmatched|C2|1|{2}\n"
          "people|o|unmatched|C3|1|{3}\n"
          "people|o|unmatched|C6|1|{6}\n"
          "scores|people|unmatched|∅|2|{3,5}");
}

static void
test_strict (void)
{
  if (migration_server_skip ())
    return;
  g_autoptr (SlipPg) pg = run_all ("\"strict\"");

  /* An unknown code is no default, a number keeps what was written, and a text for nothing is a text. */
  expect (pg, "SELECT caserecnumber, sex, paid, lines, c_rank FROM transform.people ORDER BY id",
          "C1|FEMALE|0.57|[\"\\u00e9\", \"\"]|5.00\n"
          "C2|MALE|0|[\"x\", \"nan\"]|1\n"
          "C3|∅|12.345|[\"\", \"\"]|2\n"
          "C6|UNKNOWN|2|[\"\", \"\"]|0.5");
  expect (pg, "SELECT id, mark FROM transform.names ORDER BY id", "1|C1\n2|C6\n3|C1");
  expect (pg, "SELECT quote_literal (c_flag) FROM transform.notes ORDER BY id", "'0'\n' '");
}

/* The same inputs give the same text, and the same rows again. */
static void
test_repeats (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *folder = write_definitions ("\"compat\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipMigration) migration = slip_migration_load (folder, NULL, &error);
  SlipCompileOptions options = {RUN_DATE, 7, NULL, NULL};

  g_assert_no_error (error);
  for (guint i = 0; i < slip_migration_get_steps (migration)->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (slip_migration_get_steps (migration), i);
      g_autoptr (GPtrArray) one = slip_compile_step (migration, step, &options, NULL);
      g_autoptr (GPtrArray) two = slip_compile_step (migration, step, &options, NULL);
      g_autofree char *first = slip_compile_dup_script (one);
      g_autofree char *second = slip_compile_dup_script (two);

      g_assert_cmpstr (first, ==, second);
      g_assert_nonnull (strstr (first, "SELECT 7::bigint, 'transform', 'e'"));
    }
  slip_test_remove_folder (folder);
}

/* Tables of texts, as the headers say. */
static void
land_headers (SlipPg *pg, const char *corpus)
{
  g_autofree char *path = g_build_filename (corpus, "source_headers.txt", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  migration_run (pg, "CREATE SCHEMA casrec_csv");
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      g_autofree char *name = NULL;
      g_autofree char *table = NULL;
      g_auto (GStrv) columns = NULL;
      g_autoptr (GString) sql = g_string_new (NULL);

      if (!g_str_has_prefix (lines[i], "==> "))
        continue;
      name = g_ascii_strdown (lines[i] + 4, (gssize)strcspn (lines[i] + 4, "."));
      while (name[0] != '\0' && g_ascii_isdigit (name[strlen (name) - 1]))
        name[strlen (name) - 1] = '\0';
      table = slip_pg_quote_name (name);
      columns = g_strsplit (g_strchomp (lines[i + 1]), ",", -1);
      g_string_printf (sql, "CREATE TABLE IF NOT EXISTS casrec_csv.%s (casrec_row_id bigint",
                       table);
      for (guint j = 0; columns[j] != NULL; j++)
        {
          g_autofree char *column = slip_pg_quote_name (columns[j]);

          g_string_append_printf (sql, ", %s text", column);
        }
      g_string_append_c (sql, ')');
      migration_run (pg, sql->str);
    }
}

static void
test_corpus (void)
{
  g_autofree char *corpus = slip_test_corpus ();
  g_autoptr (GHashTable) definitions = g_hash_table_new (g_str_hash, g_str_equal);
  SlipCompileOptions options = {RUN_DATE, 0, NULL, NULL};

  if (corpus == NULL || migration_server_skip ())
    return;
  g_autofree char *file
      = g_test_build_filename (G_TEST_DIST, "migration", "casrec", "migration.json", NULL);
  g_autofree char *conninfo = migration_server_new_database ();
  g_autoptr (SlipPg) pg = migration_open (conninfo);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipMigration) migration = slip_migration_load (corpus, file, &error);

  g_assert_no_error (error);
  slip_functions_install (pg, &error);
  g_assert_no_error (error);
  land_headers (pg, corpus);
  /* What the header file does not list, with the columns that definitions and sidecar name. */
  migration_run (
      pg, "CREATE TABLE casrec_csv.sop_aged_debt (casrec_row_id bigint, \"Trx Number\" text,"
          "  \"Outstanding Amount\" text);"
          "CREATE TABLE casrec_csv.sop_feecheck (casrec_row_id bigint, \"Invoice Number\" text,"
          "  \"GL Date\" text);"
          "CREATE TABLE casrec_csv.sop_feecheckcredits (LIKE casrec_csv.sop_feecheck);"
          "CREATE TABLE casrec_csv.casrec_letters (casrec_row_id bigint, caseno text, letter text,"
          "  sent text)");
  for (guint i = 0; i < slip_migration_get_steps (migration)->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (slip_migration_get_steps (migration), i);
      g_autoptr (GPtrArray) statements = slip_compile_step (migration, step, &options, &error);
      g_autofree char *explain = NULL;

      g_assert_no_error (error);
      migration_run (pg, ((SlipStatement *)g_ptr_array_index (statements, 0))->sql);
      explain = g_strdup_printf ("EXPLAIN %s",
                                 ((SlipStatement *)g_ptr_array_index (statements, 1))->sql);
      migration_run (pg, explain);
      g_hash_table_add (definitions, step->mapping_name);
    }
  /* client_status is the 44th: a business rule after ids are final, and no step. */
  g_assert_cmpuint (g_hash_table_size (definitions), ==, 43);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  migration_server_start ();
  g_test_add_func ("/migration/compile/each_concept_gives_exact_rows", test_rows);
  g_test_add_func ("/migration/compile/what_became_of_each_row_is_measured_with_its_id",
                   test_measures);
  g_test_add_func ("/migration/compile/strict_corrects_what_compat_keeps", test_strict);
  g_test_add_func ("/migration/compile/same_inputs_give_the_same_text", test_repeats);
  g_test_add_func ("/migration/compile/every_definition_of_the_corpus_is_sql_that_postgresql_plans",
                   test_corpus);
  status = g_test_run ();
  migration_server_stop ();
  return status;
}
