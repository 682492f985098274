/* SPDX-License-Identifier: MIT */
/* Claims of the check: the small migration has no fault, each fault that is planted in a copy of it is found where
 * it is, and the real definitions have exactly the oddities that are known of them. */

#include "corpus.h"
#include "fixture.h"
#include "slip-migration-check-all.h"
#include "slip-migration-error.h"
#include "slip-test-folder.h"
#include "small.h"

#include <string.h>

#define TARGET                                                                                     \
  "CREATE TABLE people (id int PRIMARY KEY, title varchar(10), surname text NOT NULL, lines json," \
  " seen date, boss_id int REFERENCES people, status varchar, clientsource varchar, fee int,"      \
  " uid varchar, type text);"                                                                      \
  "CREATE TABLE friends (a_id int, b_id int); CREATE TABLE assignees (id int);"                    \
  "CREATE SEQUENCE people_id_seq; CREATE SEQUENCE uid_seq;"
#define LANDED                                                                                     \
  "CREATE SCHEMA casrec_csv;"                                                                      \
  "CREATE TABLE casrec_csv.people (casrec_row_id bigint, \"Title\" text, \"Surname\" text, "       \
  "\"Line 1\" text,"                                                                               \
  " \"Line 2\" text, \"Seen\" text, \"Phone\" text, \"Stat\" text, \"No\" text, \"Create\" text, " \
  "\"Amount\" text,"                                                                               \
  " \"Modify\" text, at text, \"Case\" text, \"Rqd\" text, \"Case No.\" text);"                    \
  "CREATE TABLE casrec_csv.marks (casrec_row_id bigint, \"Case\" text, \"Old\" text, \"Boss\" "    \
  "text, \"Mark\" text);"

static SlipCatalogue *
read_headers (const char *folder)
{
  const SlipSource source_format = {.delimiter = (char *)","};
  g_autofree char *path = g_build_filename (folder, "headers.txt", NULL);
  g_autoptr (GError) error = NULL;
  SlipCatalogue *source = slip_catalogue_read_headers (path, &source_format, &error);

  g_assert_no_error (error);
  return source;
}

static GPtrArray *
check (const char *folder, const char *sidecar, const SlipCheckAgainst *against)
{
  GPtrArray *findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = slip_migration_read (folder, sidecar, findings);
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_migration_check (migration, against, NULL, findings, &error));
  g_assert_no_error (error);
  slip_findings_sort (findings);
  return findings;
}

static void
assert_found (GPtrArray *findings, const char *wanted)
{
  g_autofree char *text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);

  if (strstr (text, wanted) == NULL)
    g_error ("“%s” was expected, and this is told:\n%s", wanted, text);
}

static void
test_small_has_no_fault (void)
{
  g_autofree char *folder = small_dup_folder ();
  g_autoptr (SlipCatalogue) source = read_headers (folder);
  const SlipCheckAgainst against = {.source = source};
  g_autoptr (GPtrArray) findings = check (folder, NULL, &against);
  g_autofree char *text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);

  g_assert_cmpstr (text, ==, "");
}

#define PEOPLE "mapping_definitions/people_mapping.json"
#define DEFINITIONS "mapping_definitions/tables/table_definitions.json"
#define TITLE "mapping_definitions/lookups/title_lookup.json"

/* One thing is put for another in one file, and this is among the findings. */
static const struct
{
  const char *name;
  const char *file;
  const char *from;
  const char *to;
  const char *found;
} faults[] = {
    {"unknown_transformation", PEOPLE, "capitalise_first_letter", "capitalize",
     "error: " PEOPLE
     ": /surname/transform_casrec/requires_transformation: there is no transformation "
     "“capitalize”"},
    {"transformations_that_there_are", PEOPLE, "capitalise_first_letter", "capitalize",
     "There are squash_columns, convert_to_bool, get_max_col, capitalise,"},
    {"transformation_of_too_many", PEOPLE, "squash_columns", "first_word",
     "first_word does not take 2 source columns"},
    {"transformation_of_another_type", PEOPLE, "\"data_type\": \"dict\"", "\"data_type\": \"int\"",
     "squash_columns does not give what fits a column of type int"},
    {"missing_source_column", PEOPLE, "\"casrec_column_name\": \"Seen\"",
     "\"casrec_column_name\": \"Seen \"",
     "error: " PEOPLE
     ": /seen/transform_casrec/casrec_column_name: the source table “people” has no column "
     "“Seen ”"},
    {"missing_source_table", PEOPLE, "\"casrec_table\": \"people\"",
     "\"casrec_table\": \"persons\"", "the source has no table “persons”"},
    {"two_source_tables", PEOPLE, "\"casrec_table\": \"people\"", "\"casrec_table\": \"marks\"",
     "the column is read from “marks”, others of the mapping from “people”"},
    {"duplicate_alias", PEOPLE, "\"alias\": \"Seen 1\"", "\"alias\": \"Title\"",
     "error: " PEOPLE ": /seen/transform_casrec/alias: the alias “Title” is that of title already"},
    {"alias_of_one_column_twice", PEOPLE,
     "\"casrec_column_name\": \"Surname\",\n            \"alias\": \"Surname\"",
     "\"casrec_column_name\": \"Title\",\n            \"alias\": \"Title\"",
     "warning: " PEOPLE
     ": /surname/transform_casrec/alias: the alias “Title” is that of title already"},
    {"column_that_says_where_rows_come_from", PEOPLE, "\"title\": {", "\"casrec_details\": {",
     "error: " PEOPLE
     ": /casrec_details: “casrec_details” is where a row says where it comes from"},
    {"column_that_says_how_rows_are_migrated", PEOPLE, "\"title\": {", "\"migration_method\": {",
     "error: " PEOPLE ": /migration_method: “migration_method” is where a row says how it"},
    {"column_that_keeps_a_key", PEOPLE, "\"title\": {", "\"transformation_schema_id\": {",
     "“transformation_schema_id” is where a row keeps a key that it had before"},
    {"column_like_ours", PEOPLE, "\"title\": {", "\"slipway_marks\": {",
     "“slipway_marks” begins like the columns that Slipway adds"},
    {"system_column", PEOPLE, "\"casrec_column_name\": \"Seen\"",
     "\"casrec_column_name\": \"ctid\"",
     "error: " PEOPLE ": /seen/transform_casrec/casrec_column_name: “ctid” is the name of a system "
     "column of PostgreSQL"},
    {"additional_system_column", DEFINITIONS, "[\"Case No.\"]", "[\"Case No.\", \"xmin\"]",
     "error: " DEFINITIONS ": /people/source_table_additional_columns: “xmin” is the name of a "
     "system column of PostgreSQL"},
    {"target_column_that_is_carried", PEOPLE, "\"title\": {", "\"c_case_no\": {",
     "error: " PEOPLE ": /c_case_no: “c_case_no” is also what rows carry a source column on as"},
    {"source_column_that_is_carried", PEOPLE, "\"casrec_column_name\": \"Seen\"",
     "\"casrec_column_name\": \"c_stat\"",
     "error: " PEOPLE ": /seen/transform_casrec/casrec_column_name: “c_stat” is also what rows "
     "carry another column on as"},
    {"two_columns_carried_as_one", DEFINITIONS, "[\"Case No.\"]", "[\"Case No.\", \"case no\"]",
     "error: " DEFINITIONS ": /people/source_table_additional_columns: the source column “case no” "
     "is carried on as “c_case_no”, and so is the source column “Case No.”"},
    {"column_carried_as_what_a_condition_makes", DEFINITIONS, "[\"Case No.\"]",
     "[\"Case No.\", \"Timestamp\"]",
     "error: " DEFINITIONS ": /people/source_conditions/convert_to_timestamp: what the condition "
     "makes “timestamp” is carried on as “c_timestamp”, and so is the source column “Timestamp”"},
    {"text_of_a_moment", DEFINITIONS, "{\"col\": \"No\",", "{\"col\": \"c_timestamp\",",
     "error: " DEFINITIONS ": /people/source_conditions/first_x_chars: “c_timestamp” is a moment"},
    {"column_of_the_decision_carried_as_one", DEFINITIONS, "[\"Case No.\"]",
     "[\"Case No.\", \"STAT\"]",
     "error: " DEFINITIONS ": /people/table_transforms/set_people_status/source_cols: the source "
     "column “Stat” is carried on as “c_stat”, and so is the source column “STAT”"},
    {"condition_that_looks_at_another", PEOPLE, "\"alias\": \"Seen 1\"", "\"alias\": \"Stat\"",
     "error: " DEFINITIONS
     ": /people/source_conditions/include_values: “Stat” is the source column "
     "“Seen”, and “Stat” is carried on as “c_stat”"},
    {"default_does_not_fit", PEOPLE, "2657.0", "2657.5",
     "“2657.5” does not fit a column of type int"},
    {"lookup_does_not_fit", PEOPLE,
     "\"data_type\": \"str\", \"table_name\": \"people\", \"entity\": \"\"\n        },\n"
     "        \"transform_casrec\": {\n            \"casrec_table\": \"PEOPLE\",\n"
     "            \"casrec_column_name\": \"Title\"",
     "\"data_type\": \"int\", \"table_name\": \"people\", \"entity\": \"\"\n        },\n"
     "        \"transform_casrec\": {\n            \"casrec_table\": \"PEOPLE\",\n"
     "            \"casrec_column_name\": \"Title\"",
     TITLE " makes “Mr” of “9”, which does not fit a column of type int"},
    {"missing_lookup", PEOPLE, "\"title_lookup\"", "\"titles_lookup\"",
     "there is no lookup “titles_lookup”"},
    {"unknown_calculation", PEOPLE, "\"calculated\": \"\"", "\"calculated\": \"now\"",
     "there is no calculation “now”"},
    {"sync", PEOPLE, "sync_lookup", "sync_all", "there is nothing to sync like “sync_all”"},
    {"contradicting_constants", PEOPLE, "MIGRATION_P2", "MIGRATION_P3",
     "warning: " PEOPLE
     ": /clientsource/transform_casrec/default_value: the constant “MIGRATION_P3” "
     "contradicts “MIGRATION_P2”, which the sidecar says"},
    {"unreachable_parent", PEOPLE, "people:id", "bosses:id",
     "warning: " PEOPLE ": /boss_id/sirius_details/fk_parents: the parent “bosses” is unreachable"},
    {"parents_of_two_minds", PEOPLE, "people:id", "friends:id",
     "warning: " PEOPLE ": /boss_id/sirius_details/fk_parents: the parent of people.boss_id is "
     "“friends:id” here, and “people:id” in tables.json"},
    {"no_mapping", DEFINITIONS, "\"friends\": {", "\"foes\": {", "there is no mapping “foes”"},
    {"source_tables_differ", DEFINITIONS, "\"source_table_name\": \"people\"",
     "\"source_table_name\": \"marks\"",
     "rows are read from “marks”, and the mapping reads from “people”"},
    {"no_target_table", DEFINITIONS, "\"destination_table_name\": \"friends\"",
     "\"destination_table_name\": \"foes\"", "“foes” is no target table"},
    {"missing_additional_column", DEFINITIONS, "\"Case No.\"", "\"Case No\"",
     "/people/source_table_additional_columns: the source table “people” has no column “Case No”"},
    {"missing_condition_column", DEFINITIONS, "\"Rqd\": 99", "\"Required\": 99",
     "/people/source_conditions/Required: the source table “people” has no column “Required”"},
    {"missing_transform_column", DEFINITIONS, "\"source_cols\": [\"Stat\"]",
     "\"source_cols\": [\"Stat\", \"State\"]", "has no column “State”"},
    {"transform_of_no_column", DEFINITIONS, "\"target_cols\": [\"status\"]",
     "\"target_cols\": [\"state\"]", "“state” is no column of the mapping"},
    {"decision_missing", DEFINITIONS, "set_people_status", "set_people_state",
     "there is no decision “set_people_state”"},
    {"parent_loaded_late", "tables.json",
     "\"fks\": [{\"column\": \"boss_id\", \"parent_table\": \"people\"",
     "\"fks\": [{\"column\": \"boss_id\", \"parent_table\": \"friends\"",
     "the parent “friends” of boss_id is loaded after it"},
    {"no_primary_key", "tables.json", "\"pk\": \"id\"", "\"pk\": \"\"",
     "the table has no primary key"},
    {"misspelt_table", "tables.json", "\"sirius_tables\": [\"friends\"]",
     "\"sirius_tables\": [\"freinds\"]",
     "note: tables.json: /friends/sirius_tables: the table is called"},
    {"excluded_column", "validation_mapping.json", "[\"boss_id\"]", "[\"boss\"]",
     "warning: validation_mapping.json: /people/exclude: “boss” is no column of the mapping"},
    {"order_column", "validation_mapping.json", "people.seen", "people.saw",
     "there is no column “people.saw”"},
    {"case_column", "validation_mapping.json", "people.surname", "people.name",
     "there is no column “people.name”"},
    {"join_of_no_table", "migration.json", "source.marks", "source.marx",
     "error: migration.json: /entities/1/steps/0/joins/0: the source has no table “marx”"},
    {"join_on_no_column", "migration.json", "\"on\": {\"c_case_no\": \"Case\"}",
     "\"on\": {\"c_case_no\": \"case\"}", "the source's table “marks” has no column “case”"},
    {"join_of_no_row_column", "migration.json", "\"on\": {\"c_case_no\": \"Case\"}",
     "\"on\": {\"c_case\": \"Case\"}",
     "error: migration.json: /entities/1/steps/0/joins/0: the rows have no column “c_case”"},
    {"date_of_no_column", "migration.json", "\"decisions\": [\"set_people_status\"]",
     "\"decisions\": [\"set_people_status\"], \"dates\": [\"marks.Old\", \"marks.Seen\"]",
     "error: migration.json: /entities/1/steps/0/dates/1: the source's table “marks” has no column "
     "“Seen”"},
    {"date_of_no_table", "migration.json", "\"decisions\": [\"set_people_status\"]",
     "\"decisions\": [\"set_people_status\"], \"dates\": [\"marx.Old\"]",
     "error: migration.json: /entities/1/steps/0/dates/0: the source has no table “marx”"},
    {"relation_made_later", "migration.json", "\"needs\": [\"people\"],", "",
     "“people” is made by the step “people”, which need not have run before"},
    {"relation_never_made", "migration.json", "{\"relation\": \"transform.people\"",
     "{\"relation\": \"transform.persons\"",
     "error: migration.json: /entities/0/steps/0/from: no step makes “persons”"},
    {"step_column", "migration.json", "\"a_id\": \"p.id\"", "\"c\": \"p.id\"",
     "“c” is no column of the mapping"},
    {"template_column", "migration.json", "\"json\": {\"lines\"", "\"json\": {\"seen\"",
     "“seen” is no such column of the mapping"},
    {"transform_not_run", "migration.json", "\"decisions\": [\"set_people_status\"]",
     "\"decisions\": []", "the table transform “set_people_status” is not run"},
    {"definition_not_run", "migration.json", "\"mapping\": \"friends\"", "\"mapping\": \"people\"",
     "warning: " DEFINITIONS ": /friends: no step runs this table definition"},
    {"update_of_no_table", "migration.json", "\"update\": {\"table\": \"people\"",
     "\"update\": {\"table\": \"persons\"",
     "/entities/1/steps/1/update/table: no step makes “persons”"},
    {"update_sets_no_column", "migration.json", "\"set\": [\"title\"]", "\"set\": [\"titel\"]",
     "the rows have no column “titel”"},
    {"decision_reads_more", "migration.json", "\"inputs\": [\"Stat\"]",
     "\"inputs\": [\"Stat\", \"Rqd\"]", "the table definition “people” does not read “Rqd”"},
    {"rule_for_nothing", "migration.json", "\"mapping\": \"people\"}", "\"mapping\": \"foes\"}",
     "stands for “foes”, which has no table definition"},
    {"queries_for_nothing", "migration.json", "\"mapping\": \"friends\", \"source\"",
     "\"mapping\": \"foes\", \"source\"",
     "error: migration.json: /validation/queries: there is no mapping “foes”"},
    {"queries_of_one", "queries.sql", "\nEXCEPT\n", "\nUNION\n",
     "error: migration.json: /validation/queries/0/file: queries.sql has 1 queries instead of two"},
    {"queries_without_a_key", "migration.json", "\"key\": [\"a_id\"], ", "",
     "error: migration.json: /validation/queries/0/key: nothing is said that a row is known by"},
    {"unknown_value", "rule.sql", "{values.phase}", "{values.fase}",
     "error: migration.json: /rules: {values.fase} is no placeholder"},
    {"unknown_placeholder", "rule.sql", "{integration}", "{integrated}",
     "warning: migration.json: /rules: {integrated} is no placeholder"},
    {"expression_with_an_open_quote", "migration.json", "\"surname <> ''\"", "\"surname <> '\"",
     "error: migration.json: /entities/0/steps/0/from/where: “surname <> '” is no SQL: a quote"},
    {"expression_with_an_open_parenthesis", "migration.json", "\"t.fee > 0\"", "\"(t.fee > 0\"",
     "/update/where: “(t.fee > 0” is no SQL: a parenthesis is not closed"},
    {"expression_that_ends", "migration.json", "\"p.id <> q.id\"", "\"p.id <> q.id; SELECT 1\"",
     "/where: “p.id <> q.id; SELECT 1” is no SQL: a semicolon ends it"},
    {"expression_with_an_open_comment", "migration.json", "\"q.boss_id = p.id\"",
     "\"q.boss_id = p.id /* why\"",
     "/joins/0/on: “q.boss_id = p.id /* why” is no SQL: a quote or a"},
    {"hook_that_ends", "rule.sql", "UPDATE {int", "/* one */ Commit and chain; UPDATE {int",
     "error: migration.json: /hooks/0/audit: COMMIT in a hook, which is one transaction"},
    {"hook_that_begins", "rule.sql", "phase};", "phase}; START\n  TRANSACTION;",
     "error: migration.json: /hooks/0/validate: START TRANSACTION in a hook"},
    {"hook_that_stands_alone", "rule.sql", "UPDATE {int", "VACUUM people; UPDATE {int",
     "error: migration.json: /hooks/0/audit: VACUUM cannot be in a transaction"},
    {"hook_that_discards", "rule.sql", "UPDATE {int", "DISCARD TEMP; UPDATE {int",
     "error: migration.json: /hooks/0/audit: DISCARD in a hook"},
    {"hook_past_triggers", "rule.sql", "UPDATE {int",
     "ALTER TABLE people DISABLE TRIGGER ALL; UPDATE {int",
     "error: migration.json: /hooks/0/audit: with triggers off the hook could not be taken back"},
    {"hook_that_drops", "rule.sql", "UPDATE {int",
     "CREATE TABLE work (n int); DROP TABLE work; ALTER TABLE a ALTER TYPE SET NOT NULL, DROP "
     "CONSTRAINT b; "
     "ALTER TABLE people ALTER COLUMN surname SET DATA TYPE text USING ''; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: ALTER COLUMN … TYPE in a hook: of what is there "
     "from before the hook it could not be taken back, and the hook is refused"},
    {"hook_that_drops_a_sequence", "rule.sql", "UPDATE {int",
     "CREATE SEQUENCE own; DROP SEQUENCE own; CREATE MATERIALIZED VIEW ours AS SELECT 1 AS n; DROP "
     "MATERIALIZED VIEW IF EXISTS ours; DROP SEQUENCE own, numbers; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DROP SEQUENCE in a hook: of what is there"},
    {"hook_that_drops_a_view", "rule.sql", "UPDATE {int", "DROP VIEW seen CASCADE; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DROP VIEW in a hook: of what is there"},
    {"hook_that_drops_a_foreign_table", "rule.sql", "UPDATE {int",
     "CREATE FOREIGN TABLE own (n int) SERVER far; DROP FOREIGN TABLE own; DROP FOREIGN TABLE IF "
     "EXISTS afar; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DROP FOREIGN TABLE in a hook: of what is there"},
    {"hook_that_drops_what_it_copied", "rule.sql", "UPDATE {int",
     "CREATE TABLE backup AS SELECT * FROM soundings; DROP TABLE soundings; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DROP TABLE in a hook: of what is there"},
    {"hook_that_attaches", "rule.sql", "UPDATE {int",
     "CREATE TABLE own (n int); ALTER TABLE whole ATTACH PARTITION office.own DEFAULT; ALTER TABLE "
     "IF EXISTS whole ATTACH PARTITION office.part FOR VALUES IN (1); UPDATE {int",
     "warning: migration.json: /hooks/0/audit: ATTACH PARTITION in a hook: of what is there"},
    {"hook_that_detaches", "rule.sql", "UPDATE {int",
     "ALTER TABLE whole DETACH PARTITION part; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DETACH PARTITION in a hook: of what is there"},
    {"hook_that_drops_an_attribute", "rule.sql", "UPDATE {int",
     "CREATE TYPE own AS (a int); ALTER TYPE own ADD ATTRIBUTE b int; ALTER TYPE address DROP "
     "ATTRIBUTE postcode; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: ALTER TYPE … ATTRIBUTE in a hook: of what is there"},
    {"hook_that_drops_an_identity", "rule.sql", "UPDATE {int",
     "ALTER TABLE people ALTER id DROP IDENTITY; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: DROP IDENTITY in a hook: of what is there"},
    {"hook_that_renames_a_value", "rule.sql", "UPDATE {int",
     "ALTER TYPE colour RENAME TO colours; ALTER TYPE colours RENAME VALUE 'red' TO 'crimson'; "
     "UPDATE {int",
     "warning: migration.json: /hooks/0/audit: ALTER TYPE … RENAME VALUE in a hook: of what is "
     "there"},
    {"hook_that_unlinks", "rule.sql", "UPDATE {int",
     "SELECT pg_catalog.lo_unlink (scan) FROM people; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: lo_unlink in a hook: of what is there"},
    {"hook_that_empties", "rule.sql", "UPDATE {int", "TRUNCATE people; UPDATE {int",
     "warning: migration.json: /hooks/0/audit: TRUNCATE takes out the rows of everybody"},
    {"filter_follows_nothing", "migration.json", "{\"Case No.\": \"Case\"}}]\n",
     "{\"Case No\": \"Case\"}}]\n", "the source table “people” has no column “Case No”"},
    {"case_column_missing", "migration.json", "\"Surname\": \"family-name\"",
     "\"surname\": \"family-name\"",
     "error: migration.json: /case: the source table “people” has no column "
     "“surname”"},
    {"case_column_without_class", "migration.json", "\"Phone\": \"phone\",\n", "\n",
     "warning: migration.json: /case/classes/people: columns of the source have no class: “Phone”"},
    {"case_link_of_another_class", "migration.json", "{\"Case\": \"key\"", "{\"Case\": \"number\"",
     "error: migration.json: /case/classes/marks/Case: the column links rows at 0 and is of class "
     "number"},
    {"case_link_of_two_classes", "migration.json", "{\"Case\": \"key\"", "{\"Case\": \"keep\"",
     "/case/tables/0/on/Case No.: “Case No.” is of class key and “Case” of class keep"},
    {"case_follows_nothing_above", "migration.json", "\"tables\": [{\"table\": \"marks\",",
     "\"tables\": [{\"table\": \"marks\", \"of\": \"marks\",",
     "/case/tables/0/of: no table “marks” stands before “marks”"},
    {"landed_table_missing", "migration.json", "\"marks\": {\"delimiter\": \";\"}", "\"notes\": {}",
     "error: migration.json: /source: the source has no table “notes”"},
};

static void
test_finds_fault (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *folder = small_copy ();
  g_autoptr (SlipCatalogue) source = read_headers (folder);
  const SlipCheckAgainst against = {.source = source};
  g_autoptr (GPtrArray) findings = NULL;

  small_replace (folder, faults[i].file, faults[i].from, faults[i].to);
  findings = check (folder, NULL, &against);
  assert_found (findings, faults[i].found);
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_hook_may_drop_its_own (void)
{
  g_autofree char *folder = small_copy ();
  const SlipCheckAgainst nothing = {0};
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *text = NULL;

  small_replace (folder, "migration.json", "\"audit\": \"rule.sql\"", "\"update\": \"rule.sql\"");
  small_replace (folder, "rule.sql", "UPDATE {int",
                 "CREATE SEQUENCE own; DROP SEQUENCE own; CREATE MATERIALIZED VIEW seen AS SELECT "
                 "1; DROP MATERIALIZED VIEW IF EXISTS seen; CREATE TYPE hue AS ENUM ('a'); DROP "
                 "TYPE hue; ALTER TABLE own ALTER a DROP DEFAULT; UPDATE {int");
  findings = check (folder, NULL, &nothing);
  text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);
  g_assert_null (strstr (text, "in a hook"));
  g_assert_true (slip_test_remove_folder (folder));
}

/* What a file that cannot be read hides nothing else, and is there: whoever runs it is told what the check tells. */
static void
test_load_tells_all_that_the_check_tells (void)
{
  g_autofree char *folder = small_copy ();
  const SlipCheckAgainst nothing = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *text = NULL;

  small_replace (folder, TITLE, "{", "");
  small_replace (folder, PEOPLE, "2657.0", "2657.5");
  small_replace (folder, DEFINITIONS, "\"friends\": {", "\"foes\": {");
  findings = check (folder, NULL, &nothing);
  text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);
  g_assert_cmpuint (slip_findings_count (findings, SLIP_SEVERITY_ERROR), >, 2);
  g_assert_null (slip_migration_load (folder, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
  g_assert_nonnull (strstr (error->message, g_strchomp (text)));
  g_assert_nonnull (strstr (text, "“2657.5” does not fit"));
  g_assert_nonnull (strstr (text, "error: " TITLE ":"));
  g_assert_null (strstr (text, "there is no lookup"));
  g_assert_true (slip_test_remove_folder (folder));
}

/* Words are not statements: in texts, names, comments and bodies of functions they mean something else. */
static void
test_hooks_are_read_as_sql (void)
{
  g_autofree char *folder = small_copy ();
  g_autoptr (SlipCatalogue) source = read_headers (folder);
  const SlipCheckAgainst against = {.source = source};
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *text = NULL;

  small_replace (
      folder, "rule.sql", "UPDATE {int",
      "-- it's here; COMMIT;\n/* /* ; COMMIT; */ ; ROLLBACK; */\n"
      "SELECT 'a''; COMMIT;', E'\\'; COMMIT;', \"; END\", $x$; ABORT; $$; $x$, 1 AS begin_;\n"
      "DO $$ BEGIN NULL; END $$;\n"
      "CREATE FUNCTION two () RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\n"
      "UPDATE {int");
  findings = check (folder, NULL, &against);
  text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);
  g_assert_cmpstr (text, ==, "");
  g_assert_true (slip_test_remove_folder (folder));
}

/* What is wrong in one file must not hide what is wrong in another. */
static void
test_finds_all_at_once (void)
{
  g_autofree char *folder = small_copy ();
  g_autoptr (SlipCatalogue) source = read_headers (folder);
  const SlipCheckAgainst against = {.source = source};
  g_autoptr (GPtrArray) findings = NULL;

  small_replace (folder, PEOPLE, "capitalise_first_letter", "capitalize");
  small_replace (folder, PEOPLE, "\"title_lookup\"", "\"titles_lookup\"");
  small_replace (folder, TITLE, "\"Mrs\"", "2");
  small_replace (folder, "validation_mapping.json", "people.seen", "people.saw");
  small_replace (folder, "migration.json", "source.marks", "source.marx");
  findings = check (folder, NULL, &against);
  g_assert_cmpuint (slip_findings_count (findings, SLIP_SEVERITY_ERROR), ==, 5);
  g_assert_true (slip_test_remove_folder (folder));
}

/* A file that no table can be made of hides neither what is wrong with the definitions nor itself. */
static void
test_goes_on_without_the_source (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *people = g_build_filename (folder, "people1.csv", NULL);
  g_autofree char *marks = g_build_filename (folder, "marks.csv", NULL);
  const SlipMigrationCheckAll what = {.folder = folder, .source = folder};
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (GError) error = NULL;

  small_replace (folder, PEOPLE, "capitalise_first_letter", "capitalize");
  g_assert_true (g_file_set_contents (people, "Title|ctid\n", -1, NULL));
  g_assert_true (g_file_set_contents (marks, "Case;Mark\n", -1, NULL));
  g_assert_false (slip_migration_check_all (&what, findings, NULL, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "people1.csv: the header of column 2, ctid"));
  assert_found (findings, "there is no transformation “capitalize”");
  g_assert_true (slip_test_remove_folder (folder));
}

/* What is promised holds where nothing can be asked, for definitions as they are and as they would be alike: what both
 * have is no news. */
static void
test_change_is_held_against_what_there_is (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *changed = small_copy ();
  g_autofree char *gone = g_build_filename (folder, "gone", NULL);
  g_autofree char *headers = g_build_filename (folder, "promised.txt", NULL);
  const SlipMigrationCheckAll what = {.folder = folder,
                                      .source = gone,
                                      .headers = headers,
                                      .migration_db = "host=/nowhere dbname=none",
                                      .target_db = "host=/nowhere dbname=none"};
  g_autoptr (GPtrArray) before = slip_findings_new ();
  g_autoptr (GPtrArray) after = slip_findings_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (
      headers, "==> people1.csv <==\nCase No.|Title\n\n==> marks.csv <==\nCase;Mark\n", -1, NULL));
  small_replace (folder, PEOPLE, "capitalise_first_letter", "capitalize");
  small_replace (changed, PEOPLE, "capitalise_first_letter", "capitalize");
  small_replace (changed, PEOPLE, "\"casrec_column_name\": \"Title\"",
                 "\"casrec_column_name\": \"Titel\"");
  g_assert_false (slip_migration_check_change (&what, changed, before, after, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  assert_found (before, "there is no transformation “capitalize”");
  assert_found (after, "there is no transformation “capitalize”");
  assert_found (after, "has no column “Titel”");
  g_assert_cmpuint (slip_findings_count (after, SLIP_SEVERITY_ERROR), >,
                    slip_findings_count (before, SLIP_SEVERITY_ERROR));
  g_assert_true (slip_test_remove_folder (folder));
  g_assert_true (slip_test_remove_folder (changed));
}

/* One file of headers for all, and each table's own delimiter in it. */
static void
test_headers_are_parted_as_their_tables_are (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *path = g_build_filename (folder, "headers.txt", NULL);
  g_autoptr (SlipMigration) migration = slip_migration_load (folder, NULL, NULL);
  g_autoptr (SlipCatalogue) source = NULL;

  g_assert_true (g_file_set_contents (
      path, "==> people2.csv <==\nCase No.|A;B\n\n==> marks.csv <==\nCase;A|B\n", -1, NULL));
  source = slip_catalogue_read_headers (path, slip_migration_get_source (migration), NULL);
  g_assert_nonnull (slip_catalogue_find_column (source, "people", "A;B"));
  g_assert_nonnull (slip_catalogue_find_column (source, "marks", "A|B"));
  g_assert_true (slip_test_remove_folder (folder));
}

typedef struct
{
  char *migration_conninfo;
  char *target_conninfo;
  SlipPg *migration;
  SlipPg *target;
} Databases;

static void
databases_clear (Databases *databases)
{
  g_clear_pointer (&databases->migration, slip_pg_close);
  g_clear_pointer (&databases->target, slip_pg_close);
  g_free (databases->migration_conninfo);
  g_free (databases->target_conninfo);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Databases, databases_clear)

static void
databases_open (Databases *databases)
{
  databases->migration_conninfo = migration_server_new_database ();
  databases->target_conninfo = migration_server_new_database ();
  databases->migration = migration_open (databases->migration_conninfo);
  databases->target = migration_open (databases->target_conninfo);
  migration_run (databases->migration, LANDED);
  migration_run (databases->target, TARGET);
}

static GPtrArray *
check_databases (const char *folder, Databases *databases)
{
  g_autoptr (SlipCatalogue) source
      = slip_catalogue_read_schema (databases->migration, "casrec_csv", NULL, NULL);
  g_autoptr (SlipCatalogue) target
      = slip_catalogue_read_schema (databases->target, "public", NULL, NULL);
  const SlipCheckAgainst against = {source, target, databases->migration, databases->target};

  g_assert_nonnull (source);
  g_assert_nonnull (target);
  return check (folder, NULL, &against);
}

static void
test_databases_that_fit (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *folder = small_dup_folder ();
  g_auto (Databases) databases = {0};
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *text = NULL;

  databases_open (&databases);
  migration_run (databases.target,
                 "CREATE TYPE title AS ENUM ('Mr', 'Mrs', 'Other'); CREATE DOMAIN word AS text NOT "
                 "NULL CHECK (VALUE <> ''); CREATE DOMAIN words AS word;"
                 "ALTER TABLE people ALTER title TYPE title USING NULL, ALTER surname TYPE words");
  findings = check_databases (folder, &databases);
  text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);
  g_assert_cmpstr (text, ==, "");
}

static void
test_unknown_codes_of_the_data (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *folder = small_dup_folder ();
  g_auto (Databases) databases = {0};
  g_autoptr (GPtrArray) findings = NULL;

  databases_open (&databases);
  migration_run (databases.migration, "INSERT INTO casrec_csv.people (\"Title\") VALUES ('9'), "
                                      "(''), ('O'), (' O'), ('77'), ('77')");
  findings = check_databases (folder, &databases);
  assert_found (findings, "warning: " PEOPLE
                          ": /title/transform_casrec/lookup_table: 2 codes of “Title” in 3 "
                          "rows of people are not in " TITLE ": “77” (2 rows), “O” (1 row)");
  g_assert_cmpuint (findings->len, ==, 1);
}

#define HARM "DROP TABLE public.victim; CREATE TABLE public.harm (i int)"

/* Files that would have the check do something, and what it tells of them. */
static const struct
{
  const char *name;
  const char *file;
  const char *from;
  const char *to;
  const char *found;
} attacks[] = {
    {"a_rule_that_ends_a_block", "migration.json", "\"SELECT 1\"",
     "\"SELECT 1; /**/ END IF; " HARM "; IF false THEN SELECT 1;\"",
     "error: migration.json: /rules/0: END in what is part of a transaction of the run's"},
    {"a_rule_that_is_no_query", "migration.json", "\"SELECT 1\"", "\"" HARM "\"", ""},
    {"a_rule_without_any", "migration.json", "\"sql\": \"SELECT 1\"", "\"file\": \"none.sql\"",
     "error: migration.json: /rules/0"},
    {"a_filter_with_a_quote_behind_a_name", "migration.json",
     "\"enabled\": false,\n      \"drop\": \"s.\\\"Seen\\\" < ({run_date} - 7)::text\"",
     "\"drop\": \"name'\\\\'=''); END IF; " HARM "; IF false THEN PERFORM (1=1 --'\"",
     "error: migration.json: /filters: “name'\\'=''); END IF;"},
    {"a_condition_with_dollars_in_a_name", "migration.json", "\"p.id <> q.id\"",
     "\"(SELECT 1 AS a$x$) IS NULL); END IF; " HARM "; IF false THEN PERFORM (1=1 --$x$\"",
     "is no SQL: a parenthesis is closed that was not opened"},
    {"a_hook_with_dollars_in_a_name", "rule.sql", "UPDATE",
     "SELECT 1 AS a$x$; COMMIT; " HARM "; --$x$\nUPDATE",
     "error: migration.json: /hooks/0/audit: COMMIT in a hook"},
    {"a_hook_with_a_quote_behind_a_name", "rule.sql", "UPDATE",
     "SELECT name'\\'; ROLLBACK; " HARM "; --'\nUPDATE",
     "error: migration.json: /hooks/0/audit: ROLLBACK in a hook"},
    {"functions_that_end_a_transaction", "functions.sql", "-- none",
     "BEGIN; CREATE FUNCTION public.f () RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMIT; " HARM,
     "error: migration.json: /functions/functions.sql: BEGIN in what is part of a transaction"},
    {"functions_that_are_none", "functions.sql", "-- none",
     "CREATE FUNCTION public.f () RETURNS int LANGUAGE sql AS 'SELECT 1'; " HARM,
     "warning: migration.json: names in the steps' SQL could not be looked for: functions.sql: of "
     "such files a check carries out what makes, alters and drops functions of languages SQL and "
     "PL/pgSQL, types, views, and schemas, tables and sequences that nothing else is computed for, "
     "and this begins with “DROP TABLE PUBLIC VICTIM”"},
    {"functions_that_make_a_table_of_rows", "functions.sql", "-- none",
     "CREATE SCHEMA mine; CREATE TABLE mine.t AS SELECT nextval ('x')",
     "this begins with “CREATE TABLE MINE T AS SELECT NEXTVAL” and has “AS”"},
    {"functions_with_a_table_that_locks_another", "functions.sql", "-- none",
     "CREATE TABLE t (i int GENERATED ALWAYS AS IDENTITY, victim int REFERENCES victim)",
     "this begins with “CREATE TABLE T I INT GENERATED ALWAYS AS” and has “REFERENCES”"},
    {"functions_that_make_an_index", "functions.sql", "-- none",
     "CREATE TABLE t (i int, EXCLUDE ((harm (1)) WITH =))", "this begins with “CREATE TABLE T"},
    {"functions_with_a_table_of_parts", "functions.sql", "-- none",
     "CREATE TABLE mine.of (partition int) PARTITION BY RANGE ((public.do_harm ()))",
     "this begins with “CREATE TABLE MINE OF PARTITION INT PARTI” and has “PARTITION”"},
    {"functions_with_a_table_of_rows_in_a_quoted_name", "functions.sql", "-- none",
     "CREATE TABLE \"of\" OF victim", "this begins with “CREATE TABLE OF VICTIM” and has “OF”"},
    {"functions_with_a_schema_that_makes_more", "functions.sql", "-- none",
     "CREATE SCHEMA mine CREATE TABLE harm (i int)", "this begins with “CREATE SCHEMA MINE"},
    {"functions_before_the_server's_own", "functions.sql", "-- none",
     "SET search_path = public, pg_catalog",
     "this begins with “SET SEARCH_PATH PUBLIC PG_CATALOG”"},
    {"functions_and_temporary_types", "functions.sql", "-- none",
     "CREATE DOMAIN U&\"pg\\005ftemp\".text AS int", "this begins with “CREATE DOMAIN TEXT"},
    {"functions_and_a_role", "functions.sql", "-- none", "SET ROLE other; SET search_path = public",
     "this begins with “SET ROLE OTHER”"},
    {"functions_that_are_a_block", "functions.sql", "-- none",
     "DO $$ BEGIN COMMIT; DROP TABLE public.victim; CREATE TABLE public.harm (i int); END $$",
     "this begins with “DO”"},
    {"functions_of_a_library", "functions.sql", "-- none",
     "CREATE FUNCTION public.f () RETURNS int /* language sql */ LANGUAGE/**/c AS 'pgcrypto', 'x'",
     "this begins with “CREATE FUNCTION PUBLIC F RETURNS INT LAN"},
    {"a_need_that_writes", "migration.json", "\"rules\": [\n    {\"name\": \"inline\"",
     "\"needs\": [{\"table\": \"people\", \"where\": \"public.do_harm ()\", \"why\": \"none\"}], "
     "\"rules\": [\n    {\"name\": \"inline\"",
     NULL},
};

/* What is in a database that a check could change: tables, functions and schemas. */
#define THERE                                                                                      \
  "SELECT md5 (string_agg (x, ' ' ORDER BY x)) FROM (SELECT oid::text || nspname AS x FROM "       \
  "pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' UNION ALL SELECT oid::text || relname FROM "  \
  "pg_class WHERE relnamespace::regnamespace::text !~ '^pg_' UNION ALL SELECT oid::text || "       \
  "proname FROM pg_proc) AS q"

static void
attack (gsize i, Databases *databases)
{
  g_autofree char *folder = small_copy ();
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  const SlipMigrationCheckAll what = {.folder = folder, .target_db = databases->target_conninfo};

  g_test_message ("%s", attacks[i].name);
  small_replace (folder, attacks[i].file, attacks[i].from, attacks[i].to);
  if (attacks[i].found != NULL)
    {
      findings = check_databases (folder, databases);
      assert_found (findings, attacks[i].found);
    }
  else
    {
      findings = slip_findings_new ();
      g_assert_false (slip_migration_check_all (&what, findings, NULL, NULL, &error));
      g_assert_cmpstr (slip_migration_error_get_sqlstate (error), ==, "25006");
    }
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_carries_nothing_of_the_files_out (void)
{
  if (migration_server_skip ())
    return;
  g_auto (Databases) databases = {0};
  g_autofree char *migration = NULL;
  g_autofree char *target = NULL;

  databases_open (&databases);
  migration_run (databases.migration,
                 "CREATE TABLE victim (i int); CREATE SCHEMA transform; CREATE SCHEMA integration; "
                 "CREATE TABLE integration.people (id int)");
  migration_run (databases.target,
                 "INSERT INTO people (id, surname) VALUES (1, 'x'); CREATE TABLE victim (i int); "
                 "CREATE FUNCTION do_harm () RETURNS boolean LANGUAGE plpgsql AS 'BEGIN DROP TABLE "
                 "victim; RETURN true; END'");
  migration = migration_value (databases.migration, THERE);
  target = migration_value (databases.target, THERE);
  for (gsize i = 0; i < G_N_ELEMENTS (attacks); i++)
    {
      g_autofree char *migration_now = NULL;
      g_autofree char *target_now = NULL;

      attack (i, &databases);
      migration_now = migration_value (databases.migration, THERE);
      target_now = migration_value (databases.target, THERE);
      g_assert_cmpstr (migration_now, ==, migration);
      g_assert_cmpstr (target_now, ==, target);
    }
}

/* What is changed in the target, and what is then found. */
static const struct
{
  const char *name;
  const char *sql;
  const char *found;
} misfits[] = {
    {"missing_column", "ALTER TABLE people DROP COLUMN title",
     "error: " PEOPLE ": /title: the target's people has no such column: its values go nowhere"},
    {"column_like_ours", "ALTER TABLE people ADD migration_method text",
     "error: " DEFINITIONS ": /people/destination_table_name: “migration_method” of the target's "
     "people is where a row says how it is migrated"},
    {"missing_table", "DROP TABLE friends", "the target has no table “friends”"},
    {"type", "ALTER TABLE people ALTER title TYPE int USING 0",
     "str cannot be put into the target's people.title, which is integer"},
    {"length", "ALTER TABLE people ALTER title TYPE varchar(3)",
     "error: " TITLE
     ": /9: “Mister” is longer than character varying(3) of the target's people.title"},
    {"domain",
     "CREATE DOMAIN tiny AS int; CREATE DOMAIN short AS tiny; ALTER TABLE people ALTER title TYPE "
     "short USING 0",
     "str cannot be put into the target's people.title, which is short, a domain over integer"},
    {"domain_that_is_too_short",
     "CREATE DOMAIN short AS varchar(3); ALTER TABLE people ALTER title TYPE short",
     ": /9: “Mister” is longer than character varying(3) of the target's people.title"},
    {"domain_that_is_needed", "CREATE DOMAIN day AS date NOT NULL; ALTER TABLE people ADD born day",
     "the target's people.born must not be NULL, and no mapping has it"},
    {"domain_of_another_domain_that_refuses_a_code",
     "CREATE DOMAIN word AS text CHECK (VALUE <> 'Mister'); CREATE DOMAIN \"A word\" AS word CHECK "
     "(length (VALUE) < 9); ALTER TABLE people ALTER title TYPE \"A word\"",
     "error: " TITLE ": /9: “Mister” breaks CHECK word_check of \"A word\", the domain of the "
     "target's people.title"},
    {"domain_that_refuses_a_default",
     "CREATE DOMAIN pence AS int CHECK (VALUE % 100 = 0); ALTER TABLE people ALTER fee TYPE pence",
     "error: " PEOPLE
     ": /fee/transform_casrec/default_value: “2657” breaks CHECK pence_check of pence, the domain"},
    {"enum",
     "CREATE TYPE title AS ENUM ('Mr', 'Mrs', 'Other'); ALTER TABLE people ALTER title TYPE title "
     "USING NULL",
     "error: " TITLE
     ": /9: “Mister” is none of title of the target's people.title: Mr, Mrs, Other"},
    {"enum_of_another_type",
     "CREATE TYPE flag AS ENUM ('1', '2'); ALTER TABLE people DROP CONSTRAINT people_boss_id_fkey, "
     "ALTER boss_id TYPE flag USING NULL",
     "int cannot be put into the target's people.boss_id, which is flag, one of 1, 2"},
    {"needed_column", "ALTER TABLE people ADD born date NOT NULL",
     "the target's people.born must not be NULL, and no mapping has it"},
    {"key_that_is_no_number",
     "ALTER TABLE people DROP COLUMN id CASCADE; ALTER TABLE people ADD id varchar(9) PRIMARY KEY",
     "error: tables.json: /people/pk: the target's people.id is character varying(9), and keys of "
     "new rows are whole numbers past the largest"},
    {"key_with_pence",
     "ALTER TABLE people DROP CONSTRAINT people_boss_id_fkey, ALTER id TYPE numeric(8,2)",
     "the target's people.id is numeric(8,2), and keys of new rows are whole numbers"},
    {"key_of_a_domain",
     "CREATE DOMAIN number AS bigint; ALTER TABLE people DROP CONSTRAINT people_boss_id_fkey, "
     "ALTER "
     "id TYPE number",
     "the target's people.id is number, a domain over bigint, and keys of new rows are whole"},
    {"sequence", "DROP SEQUENCE uid_seq", "the target has no sequence “uid_seq”"},
    {"kept_column", "ALTER TABLE people DROP COLUMN uid",
     "/people/existing_data: the target's people has no column “uid”"},
    {"parent_of_another_mind",
     "ALTER TABLE assignees ADD PRIMARY KEY (id); ALTER TABLE people DROP CONSTRAINT "
     "people_boss_id_fkey, ADD FOREIGN KEY (boss_id) REFERENCES "
     "assignees",
     "warning: tables.json: /people/fks: the parent of boss_id is “people:id” here, and "
     "“assignees:id” in the target's foreign key"},
    {"parent_column",
     "ALTER TABLE people DROP COLUMN id CASCADE; ALTER TABLE people ADD person_id int PRIMARY KEY "
     "DEFAULT 1",
     "the parent “people” has no column “id”"},
    {"copied_column", "ALTER TABLE assignees RENAME id TO number",
     "the target has no column assignees.id"},
};

static void
test_finds_misfit (gconstpointer data)
{
  if (migration_server_skip ())
    return;
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *folder = small_copy ();
  g_auto (Databases) databases = {0};
  g_autoptr (GPtrArray) findings = NULL;

  small_replace (folder, TITLE, "\"Mr\"", "\"Mister\"");
  databases_open (&databases);
  migration_run (databases.target, misfits[i].sql);
  findings = check_databases (folder, &databases);
  assert_found (findings, misfits[i].found);
  g_assert_true (slip_test_remove_folder (folder));
}

/* The target's own foreign key would refuse such a row hours later. */
static void
test_keys_that_lookups_give (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *folder = small_copy ();
  g_auto (Databases) databases = {0};
  g_autoptr (GPtrArray) findings = NULL;

  small_replace (
      folder, PEOPLE,
      "\"alias\": \"\",\n            \"requires_transformation\": \"\", \"lookup_table\": \"\",\n"
      "            \"default_value\": \"\", \"calculated\": \"\", \"additional_columns\": \"\"\n"
      "        },\n        \"prepare\": {\"sync\": \"sync_lookup\"}",
      "\"alias\": \"\",\n            \"requires_transformation\": \"\", \"lookup_table\": "
      "\"boss\",\n"
      "            \"default_value\": \"\", \"calculated\": \"\", \"additional_columns\": \"\"\n"
      "        },\n        \"prepare\": {\"sync\": \"sync_lookup\"}");
  {
    g_autofree char *path
        = g_build_filename (folder, "mapping_definitions", "lookups", "boss_lookup.json", NULL);

    g_assert_true (g_file_set_contents (
        path, "{\"A\": {\"sirius_mapping\": 4}, \"B\": {\"sirius_mapping\": 5}}", -1, NULL));
  }
  databases_open (&databases);
  migration_run (databases.target, "INSERT INTO people (id, surname) VALUES (4, 'x')");
  findings = check_databases (folder, &databases);
  assert_found (findings,
                "error: mapping_definitions/lookups/boss_lookup.json: 1 of its values are no id of "
                "the target's people: 5 (for “B”)");
  g_assert_true (slip_test_remove_folder (folder));
}

/* A column that the target lacks is dropped by the original; strict does not let that pass. */
static void
test_compat_warns_of_what_strict_refuses (void)
{
  if (migration_server_skip ())
    return;
  g_autofree char *folder = small_copy ();
  g_auto (Databases) databases = {0};
  g_autoptr (GPtrArray) findings = NULL;

  small_replace (folder, "migration.json", "\"strict\"", "\"compat\"");
  databases_open (&databases);
  migration_run (databases.target, "ALTER TABLE people DROP COLUMN title");
  findings = check_databases (folder, &databases);
  assert_found (findings, "warning: " PEOPLE ": /title: the target's people has no such column");
  g_assert_cmpuint (slip_findings_count (findings, SLIP_SEVERITY_ERROR), ==, 0);
  g_assert_true (slip_test_remove_folder (folder));
}

/* Comments on extensions are the superuser's. */
static void
drop_comments (char *sql)
{
  for (char *p = strstr (sql, "COMMENT ON EXTENSION"); p != NULL;
       p = strstr (p, "COMMENT ON EXTENSION"))
    memset (p, ' ', strcspn (p, ";") + 1);
}

static void
test_real_definitions (void)
{
  g_autofree char *corpus = slip_test_corpus ();
  g_autofree char *sidecar
      = g_test_build_filename (G_TEST_DIST, "migration", "casrec", "migration.json", NULL);
  g_autofree char *rows = NULL;
  g_autofree char *schema_path = NULL;
  g_autofree char *schema = NULL;
  g_autofree char *conninfo = NULL;
  g_autoptr (SlipPg) pg = NULL;
  g_autoptr (SlipCatalogue) source = NULL;
  g_autoptr (SlipCatalogue) target = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *text = NULL;
  SlipSource format = {.encoding = (char *)"UTF-8", .delimiter = (char *)","};

  if (corpus == NULL || migration_server_skip ())
    return;
  rows = g_build_filename (corpus, "source-1k", NULL);
  schema_path = g_build_filename (corpus, "target_schema.sql", NULL);
  g_assert_true (g_file_get_contents (schema_path, &schema, NULL, NULL));
  conninfo = migration_server_new_database ();
  pg = migration_open (conninfo);
  migration_run (pg, "DROP SCHEMA public");
  drop_comments (schema);
  migration_run (pg, schema);
  source = slip_catalogue_read_folder (rows, &format, NULL);
  target = slip_catalogue_read_schema (pg, "public", NULL, NULL);
  g_assert_cmpuint (slip_catalogue_get_n_tables (source), ==, 20);
  g_assert_cmpuint (slip_catalogue_get_n_tables (target), ==, 84);
  findings = check (corpus, sidecar, &(SlipCheckAgainst){.source = source, .target = target});
  text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);
  g_assert_cmpstr (text, ==, "");
  assert_found (findings, "the constant “CASRECMIGRATION_P2” contradicts “CASRECMIGRATION_P3”");
  assert_found (findings,
                "/supervision_level_log/sirius_tables: the table is called “supervison_level_log”");
  assert_found (findings, "rows go to “supervision_notes”");
  assert_found (findings, "/renewaldateofbond: the target's bonds has no such column");
  assert_found (findings, "/__stub__: the target's timeline_event has no such column");
  g_clear_pointer (&findings, g_ptr_array_unref);
  findings = check (corpus, sidecar,
                    &(SlipCheckAgainst){.source = source, .target = target, .target_db = pg});
  g_assert_cmpuint (slip_findings_count (findings, SLIP_SEVERITY_ERROR), ==, 6);
  assert_found (findings, "migration.json: /needs/0: the target's finance_person has no row");
  assert_found (findings,
                "/transform_casrec/default_value: 2657 is no id of the target's assignees");
  assert_found (
      findings,
      "bond_provider_lookup.json: 23 of its values are no id of the target's bond_providers");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  migration_server_start ();
  g_test_add_func ("/check/small_has_no_fault", test_small_has_no_fault);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strdup_printf ("/check/finds_fault/%s", faults[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_finds_fault);
    }
  g_test_add_func ("/check/hooks_are_read_as_sql", test_hooks_are_read_as_sql);
  g_test_add_func ("/check/finds_all_at_once", test_finds_all_at_once);
  g_test_add_func ("/check/goes_on_without_the_source", test_goes_on_without_the_source);
  g_test_add_func ("/check/change_is_held_against_what_is_promised_where_nothing_answers",
                   test_change_is_held_against_what_there_is);
  g_test_add_func ("/check/headers_are_parted_as_their_tables_are",
                   test_headers_are_parted_as_their_tables_are);
  g_test_add_func ("/check/databases_that_fit", test_databases_that_fit);
  g_test_add_func ("/check/unknown_codes_of_the_data", test_unknown_codes_of_the_data);
  for (gsize i = 0; i < G_N_ELEMENTS (misfits); i++)
    {
      g_autofree char *path = g_strdup_printf ("/check/finds_misfit/%s", misfits[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_finds_misfit);
    }
  g_test_add_func ("/check/carries_nothing_of_the_files_out",
                   test_carries_nothing_of_the_files_out);
  g_test_add_func ("/check/keys_that_lookups_give", test_keys_that_lookups_give);
  g_test_add_func ("/check/compat_warns_of_what_strict_refuses",
                   test_compat_warns_of_what_strict_refuses);
  g_test_add_func ("/check/hook_may_drop_its_own", test_hook_may_drop_its_own);
  g_test_add_func ("/check/load_tells_all_that_the_check_tells",
                   test_load_tells_all_that_the_check_tells);
  g_test_add_func ("/check/real_definitions_have_the_oddities_that_are_known",
                   test_real_definitions);
  status = g_test_run ();
  migration_server_stop ();
  return status;
}
