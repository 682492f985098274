/* SPDX-License-Identifier: MIT */
/* Claims of the difference between two versions of definitions: what means something else is told by record, item and
 * property, and what only looks different is not told. */

#include "corpus.h"
#include "slip-definitions-diff.h"
#include "slip-test-folder.h"
#include "small.h"

#include <string.h>

#define PEOPLE "mapping_definitions/people_mapping.json"
#define TITLES "mapping_definitions/lookups/title_lookup.json"
#define TABLES "mapping_definitions/tables/table_definitions.json"

static SlipDefinitions *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  SlipDefinitions *definitions = slip_definitions_load (folder, &error);

  g_assert_no_error (error);
  return definitions;
}

/* What differs between the small migration and @folder, one line each; removes @folder. */
static char *
dup_diff (const char *folder)
{
  g_autofree char *small = small_dup_folder ();
  g_autoptr (SlipDefinitions) before = load (small);
  g_autoptr (SlipDefinitions) after = load (folder);
  g_autoptr (GPtrArray) changes = slip_definitions_diff (before, after);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      g_autofree char *line = slip_definitions_change_to_text (g_ptr_array_index (changes, i));

      g_string_append_printf (
          text, "%s%s\n", line,
          ((const SlipDefinitionsChange *)g_ptr_array_index (changes, i))->rows ? "" : " ~");
    }
  slip_test_remove_folder (folder);
  return g_string_free (text, FALSE);
}

static void
write_file (const char *folder, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_tells_properties_of_columns (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  small_replace (folder, PEOPLE, "capitalise_first_letter", "first_word");
  small_replace (folder, PEOPLE, "\"data_type\": \"str\"", "\"data_type\": \"date\"");
  small_replace (folder, PEOPLE, "2657.0", "2658");
  small_replace (folder, PEOPLE, "\"title_lookup\"", "\"\"");
  text = dup_diff (folder);
  g_assert_cmpstr (
      text, ==,
      "mapping people: title: type “str” → “date”\n"
      "mapping people: title: lookup “title_lookup” → unset\n"
      "mapping people: surname: transformation “capitalise_first_letter” → “first_word”\n"
      "mapping people: fee: default “2657.0” → “2658”\n");
}

static void
test_tells_what_only_people_read (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  small_replace (folder, PEOPLE, "{\"is_complete\": true}", "{\"is_complete\": false}");
  text = dup_diff (folder);
  g_assert_cmpstr (text, ==, "mapping people: id: complete “yes” → “no” ~\n");
}

static void
test_tells_columns_that_come_and_go (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  small_replace (folder, PEOPLE, "\"title\": {", "\"honorific\": {");
  text = dup_diff (folder);
  g_assert_cmpstr (text, ==,
                   "mapping people: honorific added\n"
                   "mapping people: title removed\n");
}

static void
test_tells_entries_of_lookups (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  write_file (folder, "mapping_definitions/lookups/yes_lookup.json",
              "{\"N\": {\"sirius_mapping\": false}, \"Y\": {\"sirius_mapping\": true}}");
  write_file (folder, "mapping_definitions/lookups/new_lookup.json",
              "{\"1\": {\"sirius_mapping\": \"one\"}, \"\": {\"sirius_mapping\": \"\"}}");
  small_replace (folder, TITLES, "\"Mrs\"", "\"Ms\"");
  small_replace (folder, TITLES, "\" O\"", "\"O\"");
  text = dup_diff (folder);
  g_assert_cmpstr (text, ==,
                   "lookup new_lookup: added (2 codes)\n"
                   "lookup title_lookup: “2”: value “Mrs” → “Ms”\n"
                   "lookup title_lookup: “O” added (Other)\n"
                   "lookup title_lookup: “ O” removed (Other)\n"
                   "lookup yes_lookup: “N” added (False)\n"
                   "lookup yes_lookup: “Y” added (True)\n"
                   "lookup yes_lookup: “1” removed (True)\n"
                   "lookup yes_lookup: “0” removed (False)\n");
}

static void
test_says_the_least_that_moved (void)
{
  g_autofree char *one = g_dir_make_tmp ("slipway-diff-XXXXXX", NULL);
  g_autofree char *folder = small_copy ();
  g_autofree char *base = small_copy ();
  g_autoptr (SlipDefinitions) before = NULL;
  g_autoptr (SlipDefinitions) after = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autofree char *text = NULL;
  const SlipDefinitionsChange *change;

  write_file (base, TITLES,
              "{\"A\": {\"sirius_mapping\": \"a\"}, \"B\": {\"sirius_mapping\": \"b\"},"
              " \"C\": {\"sirius_mapping\": \"c\"}, \"D\": {\"sirius_mapping\": \"d\"}}");
  write_file (folder, TITLES,
              "{\"B\": {\"sirius_mapping\": \"b\"}, \"C\": {\"sirius_mapping\": \"c\"},"
              " \"D\": {\"sirius_mapping\": \"x\"}, \"A\": {\"sirius_mapping\": \"a\"}}");
  before = load (base);
  after = load (folder);
  changes = slip_definitions_diff (before, after);
  g_assert_cmpuint (changes->len, ==, 2);
  change = g_ptr_array_index (changes, 0);
  text = slip_definitions_change_to_text (change);
  g_assert_cmpstr (text, ==, "lookup title_lookup: “D”: value “d” → “x”");
  change = g_ptr_array_index (changes, 1);
  g_assert_cmpint (change->kind, ==, SLIP_DEFINITIONS_CHANGE_MOVED);
  g_assert_cmpstr (change->item, ==, "“A”");
  g_assert_null (change->before);
  g_assert_cmpstr (change->after, ==, "“D”");
  g_assert_false (change->rows);
  slip_test_remove_folder (one);
  slip_test_remove_folder (folder);
  slip_test_remove_folder (base);
}

static void
test_tells_conditions_tables_and_validations (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  small_replace (folder, TABLES, "[\"AD\", 7]", "[\"AD\", 8]");
  small_replace (folder, TABLES, "\"Phone\": \"not null\",", "");
  small_replace (folder, TABLES, "[\"Case No.\"]", "[\"Case No.\", \"Stat\"]");
  small_replace (folder, TABLES, "\"clients, cases\"", "\"clients\"");
  small_replace (folder, "tables.json", "\"keep_original_data\": [\"uid\"]",
                 "\"keep_original_data\": [\"uid\", \"created\"]");
  small_replace (folder, "validation_mapping.json", "upper({col})", "lower({col})");
  small_replace (folder, "validation_mapping.json", "[\"boss_id\"]", "[]");
  small_replace (folder, "tables_to_copy_from_sirius.json", "\"int\"", "\"bigint\"");
  text = dup_diff (folder);
  g_assert_cmpstr (
      text, ==,
      "table definition people: required entities “[\"clients\",\"cases\"]” → “clients” ~\n"
      "table definition people: additional column “Stat” added\n"
      "table definition people: condition exclude_values Kind: values “[\"AD\",\"7\"]” → "
      "“[\"AD\",\"8\"]”\n"
      "table definition people: condition not null Phone removed\n"
      "target table people: existing data keeps “created” added\n"
      "validation people: expected surname: expression “upper({col})” → “lower({col})” ~\n"
      "validation people: excluded column “boss_id” removed ~\n"
      "copied table assignees: id: type “int” → “bigint”\n");
}

static void
test_looks_are_no_difference (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *text = NULL;

  small_replace (folder, PEOPLE, "\"casrec_table\": \"PEOPLE\"", "\"casrec_table\":   \"people\"");
  small_replace (folder, PEOPLE, "\"is_pk\": true, \"fk_parents\": \"\"",
                 "\"fk_parents\": \"\", \"is_pk\": true");
  text = dup_diff (folder);
  g_assert_cmpstr (text, ==, "");
}

static void
test_real_definitions_equal_themselves (void)
{
  g_autofree char *folder = slip_test_corpus ();
  g_autoptr (SlipDefinitions) one = NULL;
  g_autoptr (SlipDefinitions) other = NULL;
  g_autoptr (GPtrArray) changes = NULL;

  if (folder == NULL)
    return;
  one = load (folder);
  other = load (folder);
  changes = slip_definitions_diff (one, other);
  g_assert_cmpuint (changes->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migration/definitions_diff/tells_properties_of_columns",
                   test_tells_properties_of_columns);
  g_test_add_func ("/migration/definitions_diff/tells_what_only_people_read",
                   test_tells_what_only_people_read);
  g_test_add_func ("/migration/definitions_diff/tells_columns_that_come_and_go",
                   test_tells_columns_that_come_and_go);
  g_test_add_func ("/migration/definitions_diff/tells_entries_of_lookups",
                   test_tells_entries_of_lookups);
  g_test_add_func ("/migration/definitions_diff/says_the_least_that_moved",
                   test_says_the_least_that_moved);
  g_test_add_func ("/migration/definitions_diff/tells_conditions_tables_and_validations",
                   test_tells_conditions_tables_and_validations);
  g_test_add_func ("/migration/definitions_diff/looks_are_no_difference",
                   test_looks_are_no_difference);
  g_test_add_func ("/migration/definitions_diff/real_definitions_equal_themselves",
                   test_real_definitions_equal_themselves);
  return g_test_run ();
}
