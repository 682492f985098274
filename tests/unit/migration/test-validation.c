/* SPDX-License-Identifier: MIT */
/* Claims of a validation's text: casts that could fail become safe ones wherever they stand, everything else of the
 * definitions' SQL is left as it is, and names are found as PostgreSQL reads them. */

#include "slip-validation-private.h"

static void
assert_safe (const char *sql, const char *safe)
{
  g_autofree char *made = slip_validation_make_safe (sql, "2022-06-15");

  g_assert_cmpstr (made, ==, safe);
}

static void
test_casts_behind_an_operand_are_safe (void)
{
  assert_safe (
      "NULLIF(pat.\"Award Date\", '')::timestamp >= '2021-04-02'::timestamp",
      "slipway.valid_timestamp(NULLIF(pat.\"Award Date\", '')) >= '2021-04-02'::timestamp");
  assert_safe ("(NULLIF(f.\"Create\", 'NaT')::timestamp(0) > x)",
               "(slipway.valid_timestamp(NULLIF(f.\"Create\", 'NaT')) > x)");
  assert_safe ("sop.\"GL Date\"::date", "slipway.valid_date(sop.\"GL Date\")");
  assert_safe ("a.b::integer + c::int", "slipway.valid_integer(a.b) + slipway.valid_integer(c)");
  assert_safe ("MIN(NULLIF(\"Start (1) Date\", '')::date)",
               "MIN(slipway.valid_date(NULLIF(\"Start (1) Date\", '')))");
}

static void
test_cast_calls_are_safe (void)
{
  assert_safe ("CAST(f.\"Amount\" AS DOUBLE PRECISION) > 0",
               "slipway.valid_number(f.\"Amount\") > 0");
  assert_safe ("CAST(COALESCE(NULLIF(TRIM(a.\"x as date\"), ''), b) AS timestamp)",
               "slipway.valid_timestamp(COALESCE(NULLIF(TRIM(a.\"x as date\"), ''), b))");
  assert_safe ("cast (CAST(x AS date) AS numeric(12, 2))",
               "slipway.valid_number(slipway.valid_date(x))");
}

static void
test_what_cannot_fail_is_left (void)
{
  const char *const left[] = {
      "'2019-03-31 23:59:59'::timestamp(0)",
      "NULL::integer",
      "NULL::date",
      "x::text",
      "CAST(x AS text)",
      "CASE WHEN a THEN 'it''s ::date' ELSE \"::date\" END",
      "broadcast(x)",
      "12::bigint",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (left); i++)
    assert_safe (left[i], left[i]);
}

static void
test_today_is_the_run_date (void)
{
  assert_safe ("THEN NOW()::date ELSE", "THEN slipway.valid_date((TIMESTAMP '2022-06-15')) ELSE");
  assert_safe ("x > current_date", "x > (TIMESTAMP '2022-06-15')");
  assert_safe ("'now()'", "'now()'");
}

static void
test_unbalanced_text_ends (void)
{
  assert_safe ("((a::date", "((slipway.valid_date(a)");
  assert_safe ("CAST(a AS date", "CAST(a AS date");
  assert_safe ("'open ::date", "'open ::date");
  assert_safe ("::date", "::date");
  assert_safe (")::date", ")::date");
}

static void
test_comments_are_left_out (void)
{
  assert_safe ("-- it's\nx::date -- \"", "\nslipway.valid_date(x) ");
  assert_safe ("a - -1 '--'", "a - -1 '--'");
}

static void
test_names_are_found_as_they_are_read (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  slip_validation_add_words (words, "Persons.Type = 'Other' AND pat.\"Award \"\"D\" <> x_1");
  g_assert_true (g_hash_table_contains (words, "persons"));
  g_assert_true (g_hash_table_contains (words, "type"));
  g_assert_true (g_hash_table_contains (words, "x_1"));
  g_assert_false (g_hash_table_contains (words, "Other"));
}

static void
assert_alias (GHashTable *aliases, const char *alias, const char *table)
{
  g_assert_cmpstr (g_hash_table_lookup (aliases, alias), ==, table);
}

static void
test_relations_are_found_by_alias (void)
{
  g_autoptr (GHashTable) aliases = slip_validation_find_aliases (
      "FROM s.supervision_notes as notes\n LEFT JOIN s.Persons ON s.persons.id = notes.id "
      "left join s.person_task pt ON true JOIN s.\"order\" USING (id) LEFT JOIN (SELECT x FROM "
      "s.inner_one WHERE y) q ON true LEFT JOIN s.some_function(1) AS f ON true",
      "s");

  assert_alias (aliases, "notes", "supervision_notes");
  assert_alias (aliases, "persons", "persons");
  assert_alias (aliases, "pt", "person_task");
  assert_alias (aliases, "order", "order");
  assert_alias (aliases, "inner_one", "inner_one");
  g_assert_cmpuint (g_hash_table_size (aliases), ==, 5);
}

static void
test_relations_inside_of_others_are_left_out (void)
{
  g_autofree char *outside
      = slip_validation_dup_outside ("FROM s.a LEFT JOIN (SELECT ')' FROM s.b WHERE (b.x = \")\")) "
                                     "AS q ON (q.y = a.y) JOIN s.\"(c\" "
                                     "ON true");
  g_autoptr (GHashTable) aliases = slip_validation_find_aliases (outside, "s");

  g_assert_cmpstr (outside, ==, "FROM s.a LEFT JOIN () AS q ON () JOIN s.\"(c\" ON true");
  assert_alias (aliases, "a", "a");
  assert_alias (aliases, "(c", "(c");
  g_assert_cmpuint (g_hash_table_size (aliases), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migration/validation/casts_behind_an_operand_are_safe",
                   test_casts_behind_an_operand_are_safe);
  g_test_add_func ("/migration/validation/cast_calls_are_safe", test_cast_calls_are_safe);
  g_test_add_func ("/migration/validation/what_cannot_fail_is_left", test_what_cannot_fail_is_left);
  g_test_add_func ("/migration/validation/today_is_the_run_date", test_today_is_the_run_date);
  g_test_add_func ("/migration/validation/unbalanced_text_ends", test_unbalanced_text_ends);
  g_test_add_func ("/migration/validation/comments_are_left_out", test_comments_are_left_out);
  g_test_add_func ("/migration/validation/names_are_found_as_they_are_read",
                   test_names_are_found_as_they_are_read);
  g_test_add_func ("/migration/validation/relations_are_found_by_alias",
                   test_relations_are_found_by_alias);
  g_test_add_func ("/migration/validation/relations_inside_of_others_are_left_out",
                   test_relations_inside_of_others_are_left_out);
  return g_test_run ();
}
