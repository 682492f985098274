/* SPDX-License-Identifier: MIT */
/* Claims of the sidecar: every concept is read as it is written, names are resolved, entities stand behind what
 * they need; what is wrong is told with its place, all at once. */

#include "corpus.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-migration.h"
#include "slip-test-folder.h"
#include "small.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static SlipMigration *
load (void)
{
  g_autofree char *folder = small_dup_folder ();
  g_autoptr (GError) error = NULL;
  SlipMigration *migration = slip_migration_load (folder, NULL, &error);

  g_assert_no_error (error);
  return migration;
}

static void
test_reads_head (void)
{
  g_autoptr (SlipMigration) migration = load ();
  const SlipSource *source = slip_migration_get_source (migration);
  const SlipSourceTable *people = g_ptr_array_index (source->tables, 0);
  const SlipSourceTable *marks = g_ptr_array_index (source->tables, 1);
  const SlipSchemas *schemas = slip_migration_get_schemas (migration);

  g_assert_cmpstr (slip_migration_get_name (migration), ==, "small");
  g_assert_cmpstr (slip_migration_get_title (migration), ==, "People and friends");
  g_assert_true (slip_migration_is_strict (migration));
  g_assert_cmpstr (source->encoding, ==, "WINDOWS-1252");
  g_assert_cmpstr (source->delimiter, ==, "|");
  g_assert_true (source->collect);
  g_assert_cmpint (source->max_field_bytes, ==, 1000);
  g_assert_cmpstr (people->files[0], ==, "people*.csv");
  g_assert_cmpstr (people->encoding, ==, "UTF-8");
  g_assert_null (marks->files[0]);
  g_assert_cmpstr (marks->delimiter, ==, ";");
  g_assert_cmpstr (schemas->source, ==, "casrec_csv");
  g_assert_cmpstr (schemas->target, ==, "public");
}

static void
test_entities_stand_behind_what_they_need (void)
{
  g_autoptr (SlipMigration) migration = load ();
  GPtrArray *steps = slip_migration_get_steps (migration);
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      g_string_append_printf (order, "%s.%s(%s,%s) ", step->entity, step->name, step->mapping->name,
                              step->definition->destination);
    }
  g_assert_cmpstr (order->str, ==,
                   "people.people(people,people) people.people_again(people,people) "
                   "friends.friends(friends,friends) ");
  g_assert_cmpstr (slip_migration_find_entity (migration, "people")->path, ==, "/entities/1");
}

static void
test_reads_step (void)
{
  g_autoptr (SlipMigration) migration = load ();
  const SlipStep *step = slip_migration_find_step (migration, "people");
  const SlipJoin *join = g_ptr_array_index (step->joins, 0);
  const SlipJoin *query = g_ptr_array_index (step->joins, 1);
  const SlipPair *pair = g_ptr_array_index (join->on, 0);
  const SlipNamedSql *column = g_ptr_array_index (step->columns, 1);
  const SlipJsonColumn *json = g_ptr_array_index (step->json, 0);
  g_autofree char *template = slip_json_canonical (json->template, NULL);

  g_assert_cmpstr (join->alias, ==, "k");
  g_assert_cmpint (join->relation.kind, ==, SLIP_RELATION_SOURCE);
  g_assert_cmpstr (join->relation.table, ==, "marks");
  g_assert_cmpstr (pair->left, ==, "c_case_no");
  g_assert_cmpstr (pair->right, ==, "Case");
  g_assert_cmpstr (join->where, ==, "\"Old\" = ''");
  g_assert_true (join->left);
  g_assert_cmpstr (join->pick->per[0], ==, "Case");
  g_assert_cmpstr (join->pick->order[0], ==, "casrec_row_id DESC");
  g_assert_cmpint (query->relation.kind, ==, SLIP_RELATION_SQL);
  g_assert_cmpstr (query->relation.sql, ==, "SELECT 1 AS one");
  g_assert_cmpstr (query->on_sql, ==, "n.one = 1");
  g_assert_null (query->on);
  g_assert_cmpstr (column->name, ==, "c_mark");
  g_assert_cmpstr (template, ==,
                   "{\"all\":[1,{\"$sql\":\"m.surname\"}],"
                   "\"of\":{\"$late\":{\"id\":\"m.id\",\"table\":\"people\"}}}");
  g_assert_true (g_ptr_array_index (step->decisions, 0)
                 == slip_migration_find_decision (migration, "set_people_status"));
  g_assert_false (step->ids_final);
}

static void
test_reads_from_and_update (void)
{
  g_autoptr (SlipMigration) migration = load ();
  const SlipStep *friends = slip_migration_find_step (migration, "friends");
  const SlipUpdate *update = slip_migration_find_step (migration, "people_again")->update;

  g_assert_cmpint (friends->from->relation.kind, ==, SLIP_RELATION_TRANSFORM);
  g_assert_cmpstr (friends->from->alias, ==, "p");
  g_assert_cmpstr (friends->from->where, ==, "surname <> ''");
  g_assert_cmpstr (friends->from->table, ==, "people");
  g_assert_cmpstr (friends->where, ==, "p.id <> q.id");
  g_assert_cmpstr (friends->order[1], ==, "q.id");
  g_assert_true (friends->ids_final);
  g_assert_false (((SlipJoin *)g_ptr_array_index (friends->joins, 0))->left);
  g_assert_cmpstr (update->table, ==, "people");
  g_assert_cmpstr (update->where, ==, "t.fee > 0");
  g_assert_cmpstr (update->set[0], ==, "title");
}

static void
test_reads_decision (void)
{
  g_autoptr (SlipMigration) migration = load ();
  const SlipDecision *decision = slip_migration_find_decision (migration, "set_people_status");
  const SlipDecisionRule *rule = g_ptr_array_index (decision->rules, 1);
  const SlipSet *fallback = g_ptr_array_index (decision->defaults, 0);
  static const SlipWhenOp ops[]
      = {SLIP_WHEN_NOT_IN, SLIP_WHEN_GREATER_EQUAL, SLIP_WHEN_LESS, SLIP_WHEN_SET, SLIP_WHEN_SQL};

  g_assert_true (decision->first);
  g_assert_cmpstr (((SlipNamedSql *)g_ptr_array_index (decision->let, 0))->sql, ==, "{run_date}");
  g_assert_null (fallback->value);
  g_assert_null (fallback->sql);
  g_assert_cmpuint (rule->when->len, ==, G_N_ELEMENTS (ops));
  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    g_assert_cmpint (((SlipWhen *)g_ptr_array_index (rule->when, i))->op, ==, ops[i]);
  g_assert_cmpstr (((SlipWhen *)g_ptr_array_index (rule->when, 0))->values[1], ==, "B");
  g_assert_cmpstr (rule->any_set[0], ==, "Stat");
  g_assert_cmpstr (((SlipSet *)g_ptr_array_index (rule->set, 0))->sql, ==, "upper(m.title)");
  rule = g_ptr_array_index (decision->rules, 2);
  g_assert_cmpstr (rule->unset[0], ==, "Stat");
  g_assert_null (rule->any_set[0]);
}

static void
test_reads_the_rest (void)
{
  g_autoptr (SlipMigration) migration = load ();
  const SlipFilter *filter = g_ptr_array_index (slip_migration_get_filters (migration), 0);
  const SlipUid *uid = g_ptr_array_index (slip_migration_get_uids (migration), 0);
  const SlipBusinessRule *rule = g_ptr_array_index (slip_migration_get_rules (migration), 1);
  const SlipHook *hook = g_ptr_array_index (slip_migration_get_hooks (migration), 0);
  const SlipGate *rows = g_ptr_array_index (slip_migration_get_gates (migration), 0);
  const SlipGate *percent = g_ptr_array_index (slip_migration_get_gates (migration), 1);
  const SlipCase *extract = slip_migration_get_case (migration);

  g_assert_false (filter->enabled);
  g_assert_cmpstr (((SlipFollow *)g_ptr_array_index (filter->follows, 0))->table, ==, "marks");
  g_assert_cmpint (uid->base, ==, 70000000000);
  g_assert_true (uid->luhn);
  g_assert_true (g_str_has_prefix (rule->sql, "UPDATE {integration}.people"));
  g_assert_cmpstr (rule->mapping, ==, "people");
  g_assert_cmpstr (hook->audit, ==, rule->sql);
  g_assert_null (hook->update);
  g_assert_false (rows->percent);
  g_assert_true (percent->percent);
  g_assert_cmpfloat (percent->limit, ==, 2.5);
  g_assert_cmpstr (slip_case_get_class (extract, "people", "Surname"), ==, "family-name");
  g_assert_null (slip_case_get_class (extract, "people", "title"));
  g_assert_cmpstr (((SlipCaseTable *)g_ptr_array_index (extract->tables, 0))->of, ==, "people");
}

static void
test_placeholders (void)
{
  g_autoptr (SlipMigration) migration = load ();
  static const char *const good[] = {"limit=it's", NULL};
  static const char *const bad[] = {"limit=1", "unknown=2", NULL};
  g_autofree char *sql = slip_migration_expand (
      migration, "{source}.x {run_date} {values.phase} {values.limit} '{}' {none} {values.no}",
      "2022-06-15");
  g_autofree char *changed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (sql, ==,
                   "\"casrec_csv\".x DATE '2022-06-15' 'MIGRATION_P2' 7 '{}' {none} {values.no}");
  g_assert_false (slip_migration_override (migration, bad, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
  g_assert_cmpint (json_node_get_int (slip_migration_get_value (migration, "limit")), ==, 7);
  g_assert_true (slip_migration_override (migration, good, NULL));
  changed = slip_migration_expand (migration, "{values.limit}", "2022-06-15");
  g_assert_cmpstr (changed, ==, "'it''s'");
}

/* One thing is put for another in the sidecar: this is found first. */
static const struct
{
  const char *name;
  const char *from;
  const char *to;
  const char *found; /* PATH: what the message begins with */
} faults[] = {
    {"broken", "\"name\": \"small\",", "\"name\" \"small\",", ": this is not JSON: 2:"},
    {"unknown_member", "\"mode\"", "\"mood\"", "/mood: nothing reads this member"},
    {"repeated_member", "\"title\": \"People and friends\"", "\"name\": \"x\"",
     "/name: the member is given again in line 3"},
    {"no_name", "\"name\": \"small\",", "", "/name: a text is missing"},
    {"schema_is_public", "\"name\": \"small\",",
     "\"name\": \"small\", \"schemas\": {\"integration\": \"public\"},",
     "/schemas/integration: schema “public” is not the migration's"},
    {"schema_is_reserved", "\"name\": \"small\",",
     "\"name\": \"small\", \"schemas\": {\"transform\": \"slipway\"},",
     "/schemas/transform: schema “slipway” is not the migration's"},
    {"schema_is_the_sources", "\"name\": \"small\",",
     "\"name\": \"small\", \"schemas\": {\"source\": \"a\", \"staging\": \"a\"},",
     "/schemas/staging: schema “a” is that of source already"},
    {"schema_is_a_stages", "\"name\": \"small\",",
     "\"name\": \"small\", \"schemas\": {\"source\": \"a\", \"integration\": \"a_kept\"},",
     "/schemas/integration: schema “a_kept” is that of a stage already"},
    {"schemas_are_one", "\"name\": \"small\",",
     "\"name\": \"small\", \"schemas\": {\"staging\": \"transform\"},",
     "/schemas/staging: schema “transform” is that of transform already"},
    {"mode", "\"strict\"", "\"lenient\"", "/mode: “lenient” is not known here"},
    {"value_is_a_list", "\"limit\": 7", "\"limit\": [7]",
     "/values/limit: a value must be a single one"},
    {"encoding", "WINDOWS-1252", "WINDOWS-XP",
     "/source/encoding: there is no encoding “WINDOWS-XP”"},
    {"delimiter", "\"|\"", "\"||\"", "/source/delimiter: “||” cannot part fields"},
    {"bad_records", "\"collect\"", "\"ignore\"", "/source/badRecords: “ignore” is not known"},
    {"field_bytes", "\"maxFieldBytes\": 1000", "\"maxFieldBytes\": -1",
     "/source/maxFieldBytes: a number of bytes"},
    {"filter_without_reason", "\"reason\": \"gone for long\",", "",
     "/filters/0/reason: a text is missing"},
    {"nothing_equated", "{\"Case No.\": \"Case\"}}]", "{}}]",
     "/filters/0/follows/0/on: nothing is equated"},
    {"no_function_file", "\"functions.sql\"", "\"nowhere.sql\"",
     "/functions: the file cannot be read"},
    {"unknown_mapping", "\"mapping\": \"friends\"", "\"mapping\": \"foes\"",
     "/entities/0/steps/0: there is no mapping “foes”"},
    {"step_name_twice", "\"name\": \"people_again\"", "\"name\": \"people\"",
     "/entities/1/steps/1: two steps have the name “people”"},
    {"unknown_need", "\"needs\": [\"people\"]", "\"needs\": [\"persons\"]",
     "/entities/0: there is no entity “persons” to need"},
    {"needs_in_a_circle", "\"name\": \"people\",\n      \"steps\"",
     "\"name\": \"people\", \"needs\": [\"friends\"],\n      \"steps\"",
     "/entities/0: “friends” and what it needs need each other"},
    {"entity_twice", "\"name\": \"friends\"", "\"name\": \"people\"",
     "/entities/1: two entities have the name “people”"},
    {"relation", "source.marks", "landed.marks",
     "/entities/1/steps/0/joins/0/relation: “landed.marks” names no relation"},
    {"kind_missing", ",\n              \"kind\": \"left\",", ",",
     "/entities/1/steps/0/joins/0/kind: the kind of the join is missing"},
    {"kind", "\"kind\": \"inner\"", "\"kind\": \"outer\"",
     "/entities/0/steps/0/joins/0/kind: “outer” is not known here"},
    {"alias_taken", "\"as\": \"k\"", "\"as\": \"m\"",
     "/entities/1/steps/0/joins/0/as: “m” has a meaning of its own"},
    {"alias_in_capitals", "\"as\": \"k\"", "\"as\": \"K\"",
     "/entities/1/steps/0/joins/0/as: “K” cannot be written in SQL without quotes"},
    {"pick_without_order", "\"order\": [\"casrec_row_id DESC\"]", "\"order\": []",
     "/entities/1/steps/0/joins/0/pick/order: the pick has no order"},
    {"column_is_a_number", "\"b_id\": \"q.id\"", "\"b_id\": 7",
     "/entities/0/steps/0/columns/b_id: a text is expected here"},
    {"template_word", "{\"$sql\": \"m.surname\"}", "{\"$sgl\": \"m.surname\"}",
     "/entities/1/steps/0/json/lines/all/1/$sgl: “$sgl” is no value of a template"},
    {"late_without_id", ", \"id\": \"m.id\"", "",
     "/entities/1/steps/0/json/lines/of/$late/id: a text is missing"},
    {"unknown_decision", "[\"set_people_status\"]", "[\"set_state\"]",
     "/entities/1/steps/0: there is no decision “set_state”"},
    {"ids", "\"ids\": \"final\"", "\"ids\": \"last\"",
     "/entities/0/steps/0/ids: “last” is not known"},
    {"update_sets_nothing", "\"set\": [\"title\"]", "\"set\": []",
     "/entities/1/steps/1/update/set: the update changes nothing"},
    {"input", "{\"Stat\": \"Open\"}", "{\"State\": \"Open\"}",
     "/decisions/set_people_status/rules/0/when: “State” is no input"},
    {"output", "{\"status\": \"OPEN\"}", "{\"state\": \"OPEN\"}",
     "/decisions/set_people_status/rules/0/set: “state” is no output"},
    {"comparison", "\">=\": 3", "\"=>\": 3",
     "/decisions/set_people_status/rules/1/when/Stat/=>: “=>” with such a value"},
    {"rule_decides_nothing", "{\"unset\": [\"Stat\"], \"set\": {\"status\": \"NONE\"}}",
     "{\"unset\": [\"Stat\"]}",
     "/decisions/set_people_status/rules/2/set: the rule decides nothing"},
    {"uid_of_nothing", "[{\"table\": \"people\", \"column\": \"uid\"}]", "[]",
     "/uids/0/tables: nothing is numbered"},
    {"check_digit", "\"luhn\"", "\"lune\"", "/uids/0/check: “lune” is not known"},
    {"rule_stage", "\"stage\": \"integration\", \"sql\"", "\"stage\": \"integrate\", \"sql\"",
     "/rules/0/stage: there is no stage “integrate”"},
    {"rule_without_statements", ", \"sql\": \"SELECT 1\"", "",
     "/rules/0: the rule has no statements"},
    {"hook_that_does_nothing", ", \"audit\": \"rule.sql\", \"validate\": \"rule.sql\"", "",
     "/hooks/0: the hook does nothing"},
    {"file_elsewhere", "\"audit\": \"rule.sql\"", "\"audit\": \"/etc/passwd\"",
     "/hooks/0/audit: /etc/passwd is outside the folder of the sidecar"},
    {"file_above", "\"audit\": \"rule.sql\"", "\"audit\": \"x/../../rule.sql\"",
     "/hooks/0/audit: x/../../rule.sql is outside the folder of the sidecar"},
    {"gate", "\"rejected\": 0", "\"lost\": 0",
     "/gates/load/lost: nothing counts “lost” in stage load"},
    {"gate_of_another_stage", "\"rejected\": 0", "\"missing\": 0",
     "/gates/load/missing: nothing counts “missing” in stage load"},
    {"gate_where_nothing_is_counted", "\"load\": {\"rejected\": 0}",
     "\"load_to_target\": {\"extra\": 0}",
     "/gates/load_to_target: stage load_to_target counts nothing"},
    {"limit", "\"2.5%\"", "\"2.5\"", "/gates/transform/unknown: this is no limit"},
    {"class", "\"family-name\"", "\"surname\"",
     "/case/classes/people/Surname: there is no class “surname”"},
};

static void
test_tells_fault (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *folder = small_copy ();
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = NULL;
  const SlipFinding *found;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  small_replace (folder, "migration.json", faults[i].from, faults[i].to);
  migration = slip_migration_read (folder, NULL, findings);
  g_assert_nonnull (migration);
  slip_findings_sort (findings);
  g_assert_cmpuint (findings->len, >, 0);
  found = g_ptr_array_index (findings, 0);
  text = g_strdup_printf ("%s: %s", found->path != NULL ? found->path : "", found->message);
  if (!g_str_has_prefix (text, faults[i].found))
    g_error ("“%s” was expected, and this is told: %s", faults[i].found, text);
  g_assert_cmpint (found->severity, ==, SLIP_SEVERITY_ERROR);
  g_assert_cmpstr (found->file, ==, "migration.json");
  g_assert_null (slip_migration_load (folder, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
  g_assert_nonnull (strstr (error->message, " has "));
  g_assert_nonnull (strstr (error->message, found->message));
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_load_refuses_without_sidecar (void)
{
  g_autofree char *folder = small_copy ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) bare = NULL;
  g_autoptr (SlipMigration) refused = NULL;

  small_replace (folder, "migration.json", NULL, NULL);
  bare = slip_migration_read (folder, NULL, findings);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpint (((SlipFinding *)g_ptr_array_index (findings, 0))->severity, ==,
                   SLIP_SEVERITY_NOTE);
  g_assert_cmpuint (slip_migration_get_steps (bare)->len, ==, 0);
  g_assert_cmpstr (slip_migration_get_schemas (bare)->source, ==, "casrec_csv");
  refused = slip_migration_load (folder, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_pipes_are_refused_and_not_waited_for (void)
{
  static const char *const names[] = {"migration.json", "rule.sql"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = small_copy ();
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (GPtrArray) findings = slip_findings_new ();
      g_autoptr (SlipMigration) migration = NULL;
      const SlipFinding *found;

      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
      migration = slip_migration_read (folder, NULL, findings);
      slip_findings_sort (findings);
      g_assert_cmpuint (findings->len, >, 0);
      found = g_ptr_array_index (findings, 0);
      g_assert_cmpint (found->severity, ==, SLIP_SEVERITY_ERROR);
      g_assert_nonnull (strstr (found->message, "no regular file"));
      g_assert_true (slip_test_remove_folder (folder));
    }
}

/* A run is bound to all that the sidecar says, in whichever file. */
static void
test_digest_holds_named_files (void)
{
  g_autofree char *folder = small_copy ();
  g_autoptr (SlipMigration) before = slip_migration_load (folder, NULL, NULL);
  g_autoptr (SlipMigration) after = NULL;

  small_replace (folder, "rule.sql", "title", "surname");
  after = slip_migration_load (folder, NULL, NULL);
  g_assert_cmpstr (slip_migration_get_sidecar_sha256 (before), !=,
                   slip_migration_get_sidecar_sha256 (after));
  g_assert_true (slip_test_remove_folder (folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sidecar/head_and_source", test_reads_head);
  g_test_add_func ("/sidecar/entities_stand_behind_what_they_need",
                   test_entities_stand_behind_what_they_need);
  g_test_add_func ("/sidecar/step_with_joins_and_templates", test_reads_step);
  g_test_add_func ("/sidecar/step_from_elsewhere_and_update", test_reads_from_and_update);
  g_test_add_func ("/sidecar/decision", test_reads_decision);
  g_test_add_func ("/sidecar/pipes_are_refused_and_not_waited_for",
                   test_pipes_are_refused_and_not_waited_for);
  g_test_add_func ("/sidecar/filters_uids_rules_hooks_gates_case", test_reads_the_rest);
  g_test_add_func ("/sidecar/placeholders_are_put_in_quoted", test_placeholders);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sidecar/tells_fault/%s", faults[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_tells_fault);
    }
  g_test_add_func ("/sidecar/load_refuses_without_one", test_load_refuses_without_sidecar);
  g_test_add_func ("/sidecar/digest_holds_files_that_it_names", test_digest_holds_named_files);
  return g_test_run ();
}
