/* SPDX-License-Identifier: MIT */
/* The claims of references, conditions and durations. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-template.h"

static JsonNode *
look_up (const char *reference, gpointer data)
{
  JsonNode *node = json_object_get_member (data, reference);

  return node != NULL ? slip_json_copy (node) : NULL;
}

static char *
resolve (const char *text, GPtrArray *unknown, GError **error)
{
  g_autoptr (JsonNode) values = slip_json_parse ("{\"S\":\"x\",\"L\":[\"a\",\"b\"],\"N\":7,\"M\":{"
                                                 "\"k\":1},\"Step.Out\":true,\"T\":\"{{ S }}\"}",
                                                 -1, NULL);
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  g_autoptr (JsonNode) result
      = slip_template_resolve (node, look_up, json_node_get_object (values), unknown, error);

  return result != NULL ? slip_json_canonical (result, NULL) : NULL;
}

static void
assert_resolves (const char *text, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *result = resolve (text, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, wanted);
}

static void
test_types (void)
{
  assert_resolves ("\"{{ N }}\"", "7");
  assert_resolves ("\"{{Step.Out}}\"", "true");
  assert_resolves ("\"a-{{ S }}-{{ N }}\"", "\"a-x-7\"");
  assert_resolves ("\"m={{ M }}\"", "\"m={\\\"k\\\":1}\"");
  assert_resolves ("{\"k\":\"{{ L }}\"}", "{\"k\":[\"a\",\"b\"]}");
  assert_resolves ("[\"{{ L }}\",\"c\"]", "[\"a\",\"b\",\"c\"]");
}

static void
test_no_second_pass (void)
{
  assert_resolves ("\"{{ T }}\"", "\"{{ S }}\"");
}

static void
test_unknown (void)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = resolve ("\"{{ S }}/{{ Late.Out }}\"", unknown, &error);
  g_autofree char *refused = NULL;

  g_assert_cmpstr (kept, ==, "\"x/{{ Late.Out }}\"");
  g_assert_cmpuint (unknown->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (unknown, 0), ==, "Late.Out");
  refused = resolve ("\"{{ Late.Out }}\"", NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION);
}

static void
test_malformed (void)
{
  static const char *const texts[] = {"\"{{ S\"", "\"{{ }}\"", "\"{{ a b }}\"", "\"{{ f(x) }}\""};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *result = resolve (texts[i], NULL, &error);

      g_assert_null (result);
      g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION);
    }
}

static void
assert_condition (const char *text, SlipConditionResult wanted)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  g_autoptr (GError) error = NULL;
  SlipConditionResult result = slip_condition_evaluate (json_node_get_object (node), &error);

  g_assert_no_error (error);
  if (result != wanted)
    g_error ("%s is %d, not %d", text, result, wanted);
}

static void
test_operators (void)
{
  assert_condition ("{\"Variable\":\"a\",\"StringEquals\":\"a\"}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":\"A\",\"StringEquals\":\"a\"}", SLIP_CONDITION_FALSE);
  assert_condition ("{\"Variable\":\"A\",\"EqualsIgnoreCase\":\"a\"}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":\"abc\",\"StartsWith\":\"ab\"}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":\"abc\",\"EndsWith\":\"ab\"}", SLIP_CONDITION_FALSE);
  assert_condition ("{\"Variable\":[\"abc\"],\"Contains\":\"b\"}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":\"10\",\"NumericGreater\":9}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":9,\"NumericGreaterOrEquals\":9}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":9,\"NumericLesser\":9}", SLIP_CONDITION_FALSE);
  assert_condition ("{\"Variable\":9,\"NumericLesserOrEquals\":\"9\"}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":2,\"NumericEquals\":2.0}", SLIP_CONDITION_TRUE);
  assert_condition ("{\"Variable\":\"true\",\"BooleanEquals\":true}", SLIP_CONDITION_TRUE);
}

static void
test_certainty (void)
{
  static const char *const open = "{\"Variable\":\"{{ L.O }}\",\"StringEquals\":\"a\"}";
  static const char *const yes = "{\"Variable\":\"a\",\"StringEquals\":\"a\"}";
  g_autofree char *either = g_strdup_printf ("{\"Or\":[%s,%s]}", open, yes);
  g_autofree char *both = g_strdup_printf ("{\"And\":[%s,%s]}", open, yes);
  g_autofree char *neither = g_strdup_printf ("{\"And\":[%s,{\"Not\":%s}]}", open, yes);
  g_autofree char *negated = g_strdup_printf ("{\"Not\":%s}", open);

  assert_condition (open, SLIP_CONDITION_UNKNOWN);
  assert_condition (either, SLIP_CONDITION_TRUE);
  assert_condition (both, SLIP_CONDITION_UNKNOWN);
  assert_condition (neither, SLIP_CONDITION_FALSE);
  assert_condition (negated, SLIP_CONDITION_UNKNOWN);
}

static void
test_mismatch (void)
{
  g_autoptr (JsonNode) node
      = slip_json_parse ("{\"Variable\":\"many\",\"NumericGreater\":9}", -1, NULL);
  g_autoptr (GError) error = NULL;

  slip_condition_evaluate (json_node_get_object (node), &error);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION);
}

static void
test_durations (void)
{
  gint64 seconds;

  g_assert_true (slip_action_parse_duration ("PT10M", &seconds));
  g_assert_cmpint (seconds, ==, 600);
  g_assert_true (slip_action_parse_duration ("P1DT2H3S", &seconds));
  g_assert_cmpint (seconds, ==, 86400 + 7200 + 3);
  g_assert_false (slip_action_parse_duration ("P", &seconds));
  g_assert_false (slip_action_parse_duration ("PT", &seconds));
  g_assert_false (slip_action_parse_duration ("10M", &seconds));
  g_assert_false (slip_action_parse_duration ("P1M", &seconds));
  g_assert_false (slip_action_parse_duration ("PT1S1M", &seconds));
  g_assert_false (slip_action_parse_duration ("PT99999999999999999999S", &seconds));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template/a_whole_reference_keeps_its_type", test_types);
  g_test_add_func ("/template/values_are_not_resolved_again", test_no_second_pass);
  g_test_add_func ("/template/unknown_stays_or_is_an_error", test_unknown);
  g_test_add_func ("/template/malformed_is_an_error", test_malformed);
  g_test_add_func ("/condition/every_operator", test_operators);
  g_test_add_func ("/condition/certain_wins_over_unknown", test_certainty);
  g_test_add_func ("/condition/numbers_do_not_compare_with_words", test_mismatch);
  g_test_add_func ("/action/durations", test_durations);
  return g_test_run ();
}
