/* SPDX-License-Identifier: MIT */
/* Claims of the definition files: what is good is read as it stands, in order; what is not is told whole,
 * with file and place, and costs nothing else. The small migration in fixtures/small is our own. */

#include "corpus.h"
#include "slip-definitions.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-test-folder.h"
#include "small.h"

#include <string.h>

static SlipDefinitions *
read_fixture (void)
{
  g_autofree char *folder = small_dup_folder ();
  g_autoptr (GError) error = NULL;
  SlipDefinitions *definitions = slip_definitions_load (folder, &error);

  g_assert_no_error (error);
  return definitions;
}

static char *
join (char **strings)
{
  return strings != NULL ? g_strjoinv ("|", strings) : g_strdup ("unset");
}

static void
test_reads_columns (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipMapping *mapping = slip_definitions_find_mapping (definitions, "people");
  g_autoptr (GString) order = g_string_new (NULL);
  const SlipMappingColumn *column;
  g_autofree char *sources = NULL;
  g_autofree char *aliases = NULL;

  g_assert_nonnull (mapping);
  g_assert_cmpstr (mapping->file, ==, "mapping_definitions/people_mapping.json");
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      column = g_ptr_array_index (mapping->columns, i);
      g_string_append_printf (order, "%s ", column->target);
    }
  g_assert_cmpstr (order->str, ==, "id title surname lines seen boss_id status clientsource fee ");
  g_assert_cmpstr (slip_mapping_get_source_table (mapping), ==, "people");

  column = slip_mapping_find_column (mapping, "id");
  g_assert_true (column->primary_key && column->complete);
  g_assert_null (column->source_columns);
  g_assert_null (column->aliases);
  g_assert_null (column->lookup);
  column = slip_mapping_find_column (mapping, "lines");
  sources = join (column->source_columns);
  aliases = join (column->aliases);
  g_assert_cmpstr (sources, ==, "Line 1|Line 2");
  g_assert_cmpstr (aliases, ==, "Line 1|Line 2");
  g_assert_cmpint (column->type, ==, SLIP_TYPE_DICT);
  column = slip_mapping_find_column (mapping, "boss_id");
  g_assert_cmpstr (column->parent_table, ==, "people");
  g_assert_cmpstr (column->parent_column, ==, "id");
  g_assert_false (column->complete);
  column = slip_mapping_find_column (mapping, "fee");
  g_assert_cmpfloat (json_node_get_double (column->default_value), ==, 2657.0);
}

static void
test_finds_aliases (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipMapping *mapping = slip_definitions_find_mapping (definitions, "people");
  const char *source;

  g_assert_cmpstr (slip_mapping_find_alias (mapping, "Seen 1", &source)->target, ==, "seen");
  g_assert_cmpstr (source, ==, "Seen");
  g_assert_null (slip_mapping_find_alias (mapping, "Seen", &source));
  g_assert_null (source);
}

static void
test_reads_lookups (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipLookup *lookup = slip_definitions_find_lookup (definitions, "title_lookup");
  const SlipLookupEntry *first;

  g_assert_nonnull (lookup);
  g_assert_true (slip_definitions_find_lookup (definitions, "title") == lookup);
  g_assert_cmpuint (lookup->entries->len, ==, 4);
  first = g_ptr_array_index (lookup->entries, 0);
  g_assert_cmpstr (first->code, ==, "9");
  g_assert_cmpint (lookup->type, ==, SLIP_TYPE_STR);
  g_assert_cmpstr (json_node_get_string (slip_lookup_find (lookup, " O")), ==, "Other");
  g_assert_cmpstr (json_node_get_string (slip_lookup_find (lookup, "")), ==, "");
  g_assert_null (slip_lookup_find (lookup, "O"));
  g_assert_cmpint (slip_definitions_find_lookup (definitions, "yes")->type, ==, SLIP_TYPE_BOOL);
}

static void
test_reads_conditions_in_order_of_evaluation (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipTableDefinition *definition
      = slip_definitions_find_table_definition (definitions, "people");
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < definition->conditions->len; i++)
    {
      const SlipCondition *c = g_ptr_array_index (definition->conditions, i);
      g_autofree char *values = join (c->values);

      g_string_append_printf (
          text, "%s %s %s %g %d %s %s %s %s\n", slip_condition_op_get_name (c->op), c->column,
          values, c->value, (int)c->number, c->date != NULL ? c->date : "-",
          c->time_column != NULL ? c->time_column : "-",
          c->result_column != NULL ? c->result_column : "-", c->per != NULL ? c->per : "-");
    }
  g_assert_cmpstr (text->str, ==,
                   "convert_to_timestamp Modify unset 0 0 - at - -\n"
                   "greater_than Amount unset 0.5 0 - - - -\n"
                   "less_than Amount unset 9 0 - - - -\n"
                   "recent_or_open_invoices Create unset 0 2019 - - - -\n"
                   "date_since Seen unset 0 0 2021-04-02 - - -\n"
                   "first_x_chars No unset 0 2 - - Kind -\n"
                   "exclude_values Kind AD|7 0 0 - - - -\n"
                   "include_values Stat 1|True 0 0 - - - -\n"
                   "not null Phone unset 0 0 - - - -\n"
                   "latest timestamp unset 0 0 - - - Case\n"
                   "= Rqd 99 0 0 - - - -\n");
}

static void
test_reads_tables (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipTableDefinition *definition
      = slip_definitions_find_table_definition (definitions, "people");
  const SlipTargetTable *table = slip_definitions_find_target_table (definitions, "people");
  const SlipTableTransform *transform = g_ptr_array_index (definition->transforms, 0);
  const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, 0);
  const SlipTargetSequence *sequence = g_ptr_array_index (table->sequences, 1);
  const SlipExistingCondition *condition = g_ptr_array_index (table->existing->conditions, 0);
  g_autofree char *required = join (definition->required);
  g_autofree char *more = join (definition->additional_columns);
  g_autofree char *sets = join (transform->target_columns);
  g_autofree char *keep = join (table->existing->keep_columns);

  g_assert_cmpstr (definition->source_table, ==, "people");
  g_assert_cmpstr (definition->destination, ==, "people");
  g_assert_cmpstr (required, ==, "clients|cases");
  g_assert_cmpstr (more, ==, "Case No.");
  g_assert_cmpstr (transform->name, ==, "set_people_status");
  g_assert_cmpstr (sets, ==, "status");
  g_assert_cmpstr (table->primary_key, ==, "id");
  g_assert_cmpstr (key->parent_table, ==, "people");
  g_assert_true (sequence->uid);
  g_assert_cmpstr (condition->value, ==, "person");
  g_assert_cmpstr (keep, ==, "uid");
  g_assert_null (slip_definitions_find_target_table (definitions, "friends")->primary_key);
  g_assert_true (slip_definitions_find_target_table (definitions, "friends")->join);
  g_assert_true (slip_definitions_find_table_definition (definitions, "friends")->join);
  g_assert_null (slip_definitions_find_table_definition (definitions, "friends")->source_table);
  g_assert_cmpstr (
      slip_definitions_find_table_definition (definitions, "friends")->additional_columns[0], ==,
      NULL);
}

static void
test_reads_validations (void)
{
  g_autoptr (SlipDefinitions) definitions = read_fixture ();
  const SlipValidation *validation = slip_definitions_find_validation (definitions, "people");
  const SlipValidationOrder *order = g_ptr_array_index (validation->order, 0);
  const SlipValidationColumn *column = g_ptr_array_index (validation->expected.transform, 0);
  const SlipCopyTable *copy = slip_definitions_find_copy_table (definitions, "assignees");
  const SlipCopyColumn *copied = g_ptr_array_index (copy->columns, 0);

  g_assert_cmpstr (validation->case_mapping, ==, "people");
  g_assert_cmpstr (validation->case_column, ==, "surname");
  g_assert_cmpstr (validation->exclude[0], ==, "boss_id");
  g_assert_cmpstr (order->mapping, ==, "people");
  g_assert_cmpstr (order->mapping_column, ==, "seen");
  g_assert_cmpstr (validation->expected.from_table, ==, "people");
  g_assert_cmpstr (column->sql, ==, "upper({col})");
  g_assert_cmpstr (validation->expected.joins[0], ==, "LEFT JOIN {casrec_schema}.marks ON true");
  g_assert_cmpstr (validation->actual.where_clauses[0], ==,
                   "people.clientsource = '{client_source}'");
  g_assert_cmpstr (validation->manual_identifiers[0], ==, "17");
  g_assert_true (copied->primary_key);
  g_assert_cmpint (copied->type, ==, SLIP_TYPE_INT);
}

static void
test_names_of_carried_columns (void)
{
  static const char *const cases[][2] = {{"Case", "c_case"},
                                         {"Bond No.", "c_bond_no"},
                                         {"CoP Case", "c_cop_case"},
                                         {"Further Date6.1", "c_further_date61"}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = slip_table_definition_dup_c_name (cases[i][0]);

      g_assert_cmpstr (name, ==, cases[i][1]);
    }
}

/* What Python's str() makes of the same JSON. */
static void
test_values_read_as_in_python (void)
{
  static const char *const cases[][2]
      = {{"99", "99"},       {"2657.0", "2657.0"}, {"0.0", "0.0"},       {"true", "True"},
         {"false", "False"}, {"\"x\"", "x"},       {"1e16", "1e+16"},    {"0.1", "0.1"},
         {"1e-5", "1e-05"},  {"12.345", "12.345"}, {"-3.999", "-3.999"}, {"null", "None"}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = slip_json_parse (cases[i][0], -1, NULL);
      g_autofree char *text = slip_value_dup_text (node);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

static void
test_reads_real_definitions (void)
{
  g_autofree char *folder = slip_test_corpus ();
  g_autoptr (SlipDefinitions) definitions = NULL;
  g_autoptr (GError) error = NULL;
  guint columns = 0;
  guint entries = 0;

  if (folder == NULL)
    return;
  definitions = slip_definitions_load (folder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < slip_definitions_get_mappings (definitions)->len; i++)
    columns += ((SlipMapping *)slip_definitions_get_mappings (definitions)->pdata[i])->columns->len;
  for (guint i = 0; i < slip_definitions_get_lookups (definitions)->len; i++)
    entries += ((SlipLookup *)slip_definitions_get_lookups (definitions)->pdata[i])->entries->len;
  g_assert_cmpuint (slip_definitions_get_mappings (definitions)->len, ==, 46);
  g_assert_cmpuint (columns, ==, 425);
  g_assert_cmpuint (slip_definitions_get_table_definitions (definitions)->len, ==, 44);
  g_assert_cmpuint (slip_definitions_get_lookups (definitions)->len, ==, 43);
  g_assert_cmpuint (entries, ==, 1470);
  g_assert_cmpuint (slip_definitions_get_target_tables (definitions)->len, ==, 27);
  g_assert_cmpuint (slip_definitions_get_validations (definitions)->len, ==, 41);
  g_assert_cmpuint (slip_definitions_get_copy_tables (definitions)->len, ==, 4);
}

#define PEOPLE "mapping_definitions/people_mapping.json"
#define TITLE "mapping_definitions/lookups/title_lookup.json"
#define DEFINITIONS "mapping_definitions/tables/table_definitions.json"

/* One thing is put for another in one file: this is found, there, and nothing else is. */
static const struct
{
  const char *name;
  const char *file;
  const char *from; /* NULL: the file is removed */
  const char *to;
  const char *found; /* SEVERITY: PATH: what the message has */
} faults[] = {
    {"broken_json", PEOPLE, "\"id\": {", "\"id\": ", "error: : this is not JSON: 3:25: "},
    {"nul_byte", PEOPLE, "", "\\0", "error: : this is not JSON: 2:3: NUL byte in the text"},
    {"a_list_for_an_object", "tables.json", "{", "[{", "error: : this is not JSON"},
    {"repeated_column", PEOPLE, "\"title\": {", "\"id\": {",
     "error: /id: the member is given again"},
    {"repeated_code", TITLE, "\"2\": {", "\"9\": {", "error: /9: the member is given again"},
    {"unknown_type", PEOPLE, "\"data_type\": \"date\"", "\"data_type\": \"Date\"",
     "error: /seen/sirius_details/data_type: there is no type “Date”"},
    {"type_missing", PEOPLE, "\"data_type\": \"date\"", "\"data_type\": \"\"",
     "error: /seen/sirius_details/data_type: a text is missing"},
    {"parent_malformed", PEOPLE, "people:id", "people",
     "error: /boss_id/sirius_details/fk_parents: “people” is not of the form"},
    {"wrong_type", PEOPLE, "\"is_complete\": false", "\"is_complete\": \"no\"",
     "error: /boss_id/mapping_status/is_complete: here is a text, and true or false is expected"},
    {"unknown_member", PEOPLE, "\"is_complete\": false", "\"is_complete\": false, \"colour\": 1",
     "warning: /boss_id/mapping_status/colour: nothing reads this member"},
    {"section_missing", PEOPLE, "\"prepare\": {\"sync\": \"sync_lookup\"}", "\"note\": 1",
     "error: /boss_id/prepare: an object is missing"},
    {"aliases_do_not_match", PEOPLE, "\"alias\": [\"Line 1\", \"Line 2\"]",
     "\"alias\": [\"Line 1\"]",
     "error: /lines/transform_casrec/alias: there are 1 aliases for 2 source columns"},
    {"empty_text_in_list", PEOPLE, "\"casrec_column_name\": [\"Line 1\", \"Line 2\"]",
     "\"casrec_column_name\": [\"Line 1\", \"Line 2\", \"\"]",
     "error: /lines/transform_casrec/casrec_column_name/2: an empty text in a list"},
    {"default_is_a_list", PEOPLE, "2657.0", "[2657.0]",
     "error: /fee/transform_casrec/default_value: here is a list, and a single value"},
    {"mixed_lookup", TITLE, "\"Mrs\"", "2",
     "error: /2: “9” and “2” have values of different types"},
    {"code_without_value", TITLE, "{\"sirius_mapping\": \"Mrs\"}", "{}",
     "error: /2/sirius_mapping: the code “2” has no value"},
    {"unknown_condition", DEFINITIONS, "\"less_than\"", "\"lesser_than\"",
     "error: /people/source_conditions/lesser_than: there is no condition"},
    {"operator_without_object", DEFINITIONS, "{\"col\": \"Amount\", \"value\": 9}", "9",
     "error: /people/source_conditions/less_than: here is a number, and an object"},
    {"bad_date", DEFINITIONS, "02/04/2021", "31/02/2021",
     "error: /people/source_conditions/date_since/date: “31/02/2021” is no date"},
    {"no_number", DEFINITIONS, "\"value\": 9", "\"value\": \"9\"",
     "error: /people/source_conditions/less_than/value: here is a text, and a number"},
    {"no_values", DEFINITIONS, "[\"AD\", 7]", "[]",
     "error: /people/source_conditions/exclude_values/values: there are no values"},
    {"table_type", DEFINITIONS, "\"join\"", "\"joint\"",
     "error: /friends/table_type: there is no type “joint”"},
    {"sequence_type", "tables.json", "\"type\": \"uid\"", "\"type\": \"uuid\"",
     "error: /people/sequences/1/type: there is no type “uuid”"},
    {"existing_condition", "tables.json", "\"equal\"", "\"like\"",
     "error: /people/existing_data/conditions/0/condition_type: there is no condition “like”"},
    {"key_without_parent", "tables.json", "\"parent_table\": \"people\", ", " ",
     "error: /people/fks/0/parent_table: a text is missing"},
    {"direction", "validation_mapping.json", "\"ASC\"", "\"up\"",
     "error: /people/orderby/seen/direction: there is no direction “up”"},
    {"case_number_source", "validation_mapping.json", "\"people.surname\"", "\"surname\"",
     "error: /people/casenumber_source: “surname” is not of the form"},
    {"no_tables", "tables.json", NULL, NULL, "error: : the file is not there"},
    {"no_validations", "validation_mapping.json", NULL, NULL, "warning: : the file is not there"},
    {"nothing_to_copy", "tables_to_copy_from_sirius.json", NULL, NULL,
     "note: : the file is not there"},
};

static void
plant (const char *folder, gsize index)
{
  g_autofree char *path = g_build_filename (folder, faults[index].file, NULL);

  if (g_strcmp0 (faults[index].to, "\\0") == 0)
    g_assert_true (g_file_set_contents (path, "{\n  \0}", 6, NULL));
  else
    small_replace (folder, faults[index].file, faults[index].from, faults[index].to);
}

static void
test_tells_fault (gconstpointer data)
{
  gsize index = GPOINTER_TO_SIZE (data);
  g_autofree char *folder = small_copy ();
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) definitions = NULL;
  const SlipFinding *found;
  g_autofree char *text = NULL;
  g_autofree char *all = NULL;

  plant (folder, index);
  definitions = slip_definitions_read (folder, findings);
  g_assert_nonnull (definitions);
  all = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);
  g_assert_cmpuint (findings->len, >, 0);
  slip_findings_sort (findings);
  found = g_ptr_array_index (findings, 0);
  text = g_strdup_printf ("%s: %s: %s", slip_severity_get_name (found->severity),
                          found->path != NULL ? found->path : "", found->message);
  if (!g_str_has_prefix (text, faults[index].found))
    g_error ("“%s” was expected, and this is told:\n%s", faults[index].found, all);
  g_assert_cmpstr (found->file, ==, faults[index].file);
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_fixture_has_no_fault (void)
{
  g_autofree char *folder = small_dup_folder ();
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) definitions = slip_definitions_read (folder, findings);
  g_autofree char *text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);

  g_assert_nonnull (definitions);
  g_assert_cmpstr (text, ==, "");
}

/* What runs on definitions must not run on what is left of them. */
static void
test_load_refuses_with_all_faults (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = small_copy ();
  g_autoptr (SlipDefinitions) definitions = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (g_str_equal (faults[i].name, "mixed_lookup") || g_str_equal (faults[i].name, "table_type")
        || g_str_equal (faults[i].name, "direction"))
      plant (folder, i);
  definitions = slip_definitions_load (folder, &error);
  g_assert_null (definitions);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
  g_assert_nonnull (strstr (error->message, "3 faults"));
  g_assert_nonnull (strstr (error->message, TITLE ": /2: “9” and “2” have values"));
  g_assert_nonnull (strstr (error->message, "no type “joint”"));
  g_assert_nonnull (strstr (error->message, "no direction “up”"));
  g_assert_true (slip_test_remove_folder (folder));
}

/* A run is bound to this digest: another place must not change it, another byte must. */
static void
test_digest_is_of_names_and_bytes (void)
{
  g_autofree char *fixture = small_dup_folder ();
  g_autofree char *folder = small_copy ();
  g_autofree char *title = g_build_filename (folder, TITLE, NULL);
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) original = slip_definitions_read (fixture, findings);
  g_autoptr (SlipDefinitions) copied = NULL;
  g_autoptr (SlipDefinitions) changed = NULL;

  copied = slip_definitions_read (folder, findings);
  g_assert_cmpstr (slip_definitions_get_sha256 (copied), ==,
                   slip_definitions_get_sha256 (original));
  g_assert_true (g_file_set_contents (title, "{}", -1, NULL));
  changed = slip_definitions_read (folder, findings);
  g_assert_cmpstr (slip_definitions_get_sha256 (changed), !=,
                   slip_definitions_get_sha256 (original));
  g_assert_true (slip_test_remove_folder (folder));
}

/* macOS puts one beside each file on a disk that is not its own. */
static void
test_hidden_files_are_no_definitions (void)
{
  g_autofree char *folder = small_copy ();
  g_autofree char *hidden
      = g_build_filename (folder, "mapping_definitions/._people_mapping.json", NULL);
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) before = slip_definitions_read (folder, findings);
  g_autoptr (SlipDefinitions) after = NULL;
  guint n = findings->len;

  g_assert_true (g_file_set_contents (hidden, "\0\5\26\7", 4, NULL));
  after = slip_definitions_read (folder, findings);
  g_assert_cmpuint (findings->len, ==, 2 * n);
  g_assert_cmpstr (slip_definitions_get_sha256 (after), ==, slip_definitions_get_sha256 (before));
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_finds_definitions_in_checkout (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slipway-definitions-XXXXXX", NULL);
  g_autofree char *inside = g_build_filename (folder, "migration_steps", "shared", NULL);
  g_autoptr (SlipDefinitions) definitions = NULL;

  small_copy_to (inside);
  definitions = slip_definitions_load (folder, NULL);
  g_assert_nonnull (definitions);
  g_assert_cmpstr (slip_definitions_get_folder (definitions), ==, inside);
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_folder_that_is_not_there (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipDefinitions) definitions = slip_definitions_load ("/nowhere/at-all", &error);

  g_assert_null (definitions);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
  g_assert_nonnull (strstr (error->message, "mapping_definitions: the folder cannot be read"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/definitions/mapping/columns_in_order", test_reads_columns);
  g_test_add_func ("/definitions/mapping/alias_names_its_source_column", test_finds_aliases);
  g_test_add_func ("/definitions/lookup/codes_are_exact", test_reads_lookups);
  g_test_add_func ("/definitions/conditions/in_order_of_evaluation",
                   test_reads_conditions_in_order_of_evaluation);
  g_test_add_func ("/definitions/tables/keys_sequences_and_existing_rows", test_reads_tables);
  g_test_add_func ("/definitions/validations/sides_and_order", test_reads_validations);
  g_test_add_func ("/definitions/names_of_carried_columns", test_names_of_carried_columns);
  g_test_add_func ("/definitions/values_read_as_in_python", test_values_read_as_in_python);
  g_test_add_func ("/definitions/real_ones_are_read_whole", test_reads_real_definitions);
  g_test_add_func ("/definitions/fixture_has_no_fault", test_fixture_has_no_fault);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strdup_printf ("/definitions/tells_fault/%s", faults[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_tells_fault);
    }
  g_test_add_func ("/definitions/load_refuses_with_all_faults", test_load_refuses_with_all_faults);
  g_test_add_func ("/definitions/digest_is_of_names_and_bytes", test_digest_is_of_names_and_bytes);
  g_test_add_func ("/definitions/hidden_files_are_no_definitions",
                   test_hidden_files_are_no_definitions);
  g_test_add_func ("/definitions/found_in_a_checkout", test_finds_definitions_in_checkout);
  g_test_add_func ("/definitions/folder_that_is_not_there", test_folder_that_is_not_there);
  return g_test_run ();
}
