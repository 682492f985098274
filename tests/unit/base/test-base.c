/* SPDX-License-Identifier: MIT */
/* Claims of app/base: strict JSON, canonical form, selectors, redaction, clocks, jobs, files. */

#include "slip-base-error.h"
#include "slip-clock.h"
#include "slip-file.h"
#include "slip-handoff.h"
#include "slip-json.h"
#include "slip-print.h"
#include "slip-pool.h"
#include "slip-redact.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static JsonNode *
parse_ok (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static void
test_json_refuses (void)
{
  static const struct
  {
    const char *text;
    const char *place;
  } cases[] = {
      {"", "1:1:"},
      {"{\"a\":1,\n \"a\":2}", "2:5:"},
      {"[1,]", "1:4:"},
      {"{\"a\":1,}", "1:8:"},
      {"[1] x", "1:5:"},
      {"/* c */ 1", "1:1:"},
      {"01", "1:2:"},
      {"1.", "1:3:"},
      {"+1", "1:1:"},
      {"1e999", "1:6:"},
      {"nul", "1:1:"},
      {"\"a\nb\"", "1:3:"},
      {"\"\\ud800x\"", "1:8:"},
      {"\"\\u0000\"", "1:8:"},
      {"\"\\x\"", "1:4:"},
      {"\"abc", "1:5:"},
      {"'a'", "1:1:"},
      {"{a:1}", "1:2:"},
      {"NaN", "1:1:"},
      {"\"\xff\"", "1:2:"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = slip_json_parse (cases[i].text, -1, &error);

      g_assert_null (node);
      g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PARSE);
      if (!g_str_has_prefix (error->message, cases[i].place))
        g_error ("%s: %s, expected %s", cases[i].text, error->message, cases[i].place);
    }
  g_assert_null (slip_json_parse ("1\0 2", 4, NULL));
}

static void
test_json_depth (void)
{
  g_autofree char *deep = g_strnfill (1000000, '[');
  g_autofree char *open = g_strnfill (SLIP_JSON_MAX_DEPTH, '[');
  g_autofree char *close = g_strnfill (SLIP_JSON_MAX_DEPTH, ']');
  g_autofree char *allowed = g_strconcat (open, close, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_null (slip_json_parse (deep, -1, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PARSE);
  node = parse_ok (allowed);
}

static void
test_json_keeps_values (void)
{
  g_autoptr (JsonNode) node
      = parse_ok (" {\"i\":9223372036854775807,\"d\":-0.5e1,\"s\":\"\\u00e9\\ud83d\\ude00\\n\","
                  "\"t\":true,\"n\":null,\"big\":18446744073709551616} ");
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpint (slip_json_int (object, "i", 0), ==, G_MAXINT64);
  g_assert_cmpfloat (slip_json_double (object, "d", 0), ==, -5);
  g_assert_cmpstr (slip_json_string (object, "s"), ==, "é😀\n");
  g_assert_true (slip_json_bool (object, "t", FALSE));
  g_assert_null (slip_json_string (object, "n"));
  g_assert_cmpint (slip_json_int (object, "s", 7), ==, 7);
  g_assert_cmpfloat (slip_json_double (object, "big", 0), ==, 18446744073709551616.0);
}

/* The pointer is RFC 6901's; the last value counts, as in Python. */
static void
test_json_tells_repeats (void)
{
  static const char text[]
      = "{\"a\": 1,\n \"b/c\": [0, {\"x~\": 1,\n \"x~\": 2}],\n \"a\": {\"a\": 3}}";
  g_autoptr (GPtrArray) repeats
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_json_repeat_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse_repeats (text, -1, repeats, &error);
  g_autofree char *is = NULL;
  const SlipJsonRepeat *repeat;

  g_assert_no_error (error);
  is = slip_json_canonical (node, NULL);
  g_assert_cmpstr (is, ==, "{\"a\":{\"a\":3},\"b/c\":[0,{\"x~\":2}]}");
  g_assert_cmpuint (repeats->len, ==, 2);
  repeat = g_ptr_array_index (repeats, 0);
  g_assert_cmpstr (repeat->pointer, ==, "/b~1c/1/x~0");
  g_assert_cmpuint (repeat->line, ==, 3);
  repeat = g_ptr_array_index (repeats, 1);
  g_assert_cmpstr (repeat->pointer, ==, "/a");
  g_assert_cmpuint (repeat->line, ==, 4);
  g_assert_null (slip_json_parse (text, -1, NULL));
}

static void
assert_canonical (const char *text, const char *expected)
{
  g_autoptr (JsonNode) node = parse_ok (text);
  g_autoptr (GError) error = NULL;
  g_autofree char *canonical = slip_json_canonical (node, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (canonical, ==, expected);
}

/* The examples of RFC 8785, sections 3.2.2 to 3.2.4 and appendix B. */
static void
test_canonical_rfc8785 (void)
{
  g_autoptr (JsonNode) infinite = json_node_new (JSON_NODE_VALUE);
  g_autoptr (GError) error = NULL;

  assert_canonical ("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,"
                    "0.000000000000000000000000001],"
                    "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                    "\"literals\":[null,true,false]}",
                    "{\"literals\":[null,true,false],"
                    "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                    "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  assert_canonical (
      "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
      "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
      "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
      "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
      "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
      "\"😀\":\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
  assert_canonical ("[-0,0.0,5e-324,-1.7976931348623157e308,9007199254740992,295147905179352830000,"
                    "9.999999999999997e22,1e23,999999999999999700000,1e21,9.999999999999997e-7,"
                    "0.000001,333333333.3333332,-0.0000033333333333333333]",
                    "[0,0,5e-324,-1.7976931348623157e+308,9007199254740992,295147905179352830000,"
                    "9.999999999999997e+22,1e+23,999999999999999700000,1e+21,9.999999999999997e-7,"
                    "0.000001,333333333.3333332,-0.0000033333333333333333]");
  json_node_set_double (infinite, INFINITY);
  g_assert_null (slip_json_canonical (infinite, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_NUMBER);
}

/* What is compared value by value comes out as the canonical texts would. */
static void
test_equal_is_equal_in_canonical_form (void)
{
  static const char *const texts[] = {
      "null",
      "true",
      "false",
      "0",
      "-0",
      "0.0",
      "1",
      "1.0",
      "1e0",
      "1.5",
      "9007199254740992",
      "9007199254740993",
      "9007199254740994",
      "9.007199254740992e15",
      "295147905179352830000",
      "\"\"",
      "\"1\"",
      "\"true\"",
      "\"\\u0001\"",
      "\"\\u0002\"",
      "\"a\\nb\\\\\\\"\"",
      "\"a\\u000ab\\u005c\\u0022\"",
      "[]",
      "[null]",
      "[1,2]",
      "[2,1]",
      "[1,2.0]",
      "[1,2,3]",
      "{}",
      "{\"a\":null}",
      "{\"b\":null}",
      "{\"a\":1}",
      "{\"a\":1,\"b\":[{\"c\":\"d\"}]}",
      "{\"b\":[{\"c\":\"d\"}],\"a\":1.0}",
      "{\"b\":[{\"c\":\"e\"}],\"a\":1}",
  };
  guint equal = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        g_autoptr (JsonNode) a = parse_ok (texts[i]);
        g_autoptr (JsonNode) b = parse_ok (texts[j]);
        g_autofree char *left = slip_json_canonical (a, NULL);
        g_autofree char *right = slip_json_canonical (b, NULL);

        if (slip_json_equal (a, b) != g_str_equal (left, right))
          g_error ("%s and %s", texts[i], texts[j]);
        equal += i != j && g_str_equal (left, right);
      }
  g_assert_cmpuint (equal, >, 10);
}

static void
test_equal_is_nothing_that_is_not_finite (void)
{
  g_autoptr (JsonNode) infinite = json_node_init_double (json_node_alloc (), INFINITY);
  g_autoptr (JsonNode) null = json_node_new (JSON_NODE_NULL);

  g_assert_false (slip_json_equal (infinite, infinite));
  g_assert_false (slip_json_equal (null, NULL));
  g_assert_true (slip_json_equal (NULL, NULL));
}

static void
assert_select (JsonNode *root, const char *selector, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) found = slip_json_select (root, selector, &error);
  g_autofree char *text = found != NULL ? slip_json_to_text (found, FALSE) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_cut (void)
{
  g_autofree char *whole = slip_print_cut ("two\nlines", 9);
  g_autofree char *part = slip_print_cut ("two\nlines", 8);
  g_autofree char *umlaut = slip_print_cut ("a\xC3\xA4"
                                            "b",
                                            2);
  g_autofree char *flat = slip_print_one_line ("two\nlines", 5);

  g_assert_cmpstr (whole, ==, "two\nlines");
  g_assert_cmpstr (part, ==, "two\nline… (1 bytes more)");
  g_assert_cmpstr (umlaut, ==, "a… (3 bytes more)");
  g_assert_cmpstr (flat, ==, "two l… (4 bytes more)");
}

static void
test_differences (void)
{
  static const struct
  {
    const char *was;
    const char *is;
    const char *told;
  } cases[] = {
      {"{\"a\":1,\"b\":[{\"c\":\"x\"},2]}", "{\"b\":[{\"c\":\"x\"},2],\"a\":1}", NULL},
      {"1", "\"1\"", "it was 1 and is \"1\""},
      {"{\"a\":{\"b\":14,\"c\":0}}", "{\"a\":{\"b\":3,\"c\":0}}", "a.b was 14 and is 3"},
      {"{\"a\":[1,2]}", "{\"a\":[1],\"d\":null}",
       "a[1] was 2 and is not there; d was not there and is null"},
      {"[1,2,3,4]", "[0,0,0,0]", "[0] was 1 and is 0; [1] was 2 and is 0; and 2 more"},
      {"{\"a\":{}}", "{\"a\":[]}", "a was {} and is []"},
  };
  g_autoptr (GPtrArray) around = g_ptr_array_new ();
  g_autoptr (JsonNode) was = parse_ok ("{\"p\":{\"id\":\"x\",\"f\":{\"n\":1}},\"q\":2}");
  g_autoptr (JsonNode) is = parse_ok ("{\"p\":{\"id\":\"x\",\"f\":{\"n\":9}},\"q\":3}");
  g_autofree char *both = slip_json_describe_differences (was, is, 2, around);
  g_autofree char *gone = slip_json_describe_differences (was, NULL, 2, NULL);
  g_autofree char *whole = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) before = parse_ok (cases[i].was);
      g_autoptr (JsonNode) after = parse_ok (cases[i].is);
      g_autofree char *told = slip_json_describe_differences (before, after, 2, NULL);

      g_assert_cmpstr (told, ==, cases[i].told);
    }
  g_assert_cmpstr (both, ==, "p.f.n was 1 and is 9; q was 2 and is 3");
  g_assert_cmpuint (around->len, ==, 3);
  g_assert_cmpstr (slip_json_string (json_node_get_object (around->pdata[1]), "id"), ==, "x");
  g_assert_nonnull (strstr (gone, "and is not there"));
  /* Whoever accepts a difference sees all of it. */
  for (guint i = 0; i < 9; i++)
    json_object_set_string_member (
        json_node_get_object (is), (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h", "i"}[i],
        "a value that is longer than what fits into a line of a list of such differences");
  whole = slip_json_describe_differences (was, is, 0, NULL);
  g_assert_nonnull (strstr (whole, "; i was not there and is \"a value that is longer than what "
                                   "fits into a line of a list of such differences\""));
  g_assert_null (strstr (whole, "more"));
}

static void
test_select (void)
{
  static const char *const malformed[] = {"DBClusters", "$..x",  "$.",   "$[",      "$.a[?(@.b)]",
                                          "$.a[1",      "$['a'", "$ .a", "$['a',]", "$['a','b"};
  g_autoptr (JsonNode) root = parse_ok ("{\"A\":[{\"B\":1},{\"B\":2},{}],\"C.D\":{\"E\":\"x\"}}");

  assert_select (root, "$.A[0].B", "1");
  assert_select (root, "$.A[-2].B", "2");
  assert_select (root, "$.A[7].B", NULL);
  assert_select (root, "$.A[*].B", "[1,2]");
  assert_select (root, "$['C.D'].E", "\"x\"");
  assert_select (root, "$['C.D'].*", "[\"x\"]");
  assert_select (root, "$.X[*].B", "[]");
  assert_select (root, "$.A[?(@.B == 2)]", "[{\"B\":2}]");
  assert_select (root, "$.A[?(@.B!=2)].B", "[1]");
  assert_select (root, "$.A[?(@.B == '2')].B", "[]");
  assert_select (root, "$.A[?(@.C.D == true)].B", "[]");
  assert_select (root, "$['C.D','X']", "{\"C.D\":{\"E\":\"x\"}}");
  assert_select (root, "$.A[0]['B', \"Y\"]", "{\"B\":1}");
  assert_select (root, "$.A[*]['B', 'C']", "[{\"B\":1},{\"B\":2},{}]");
  assert_select (root, "$.A[*]['B', 'C'].B", "[1,2]");
  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (slip_json_select (root, malformed[i], &error));
      g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_SELECTOR);
    }
}

static void
test_redact_text (void)
{
  static const char *const leaks[] = {
      "key AKIAIOSFODNN7EXAMPLE used",
      "https://h/?X-Amz-Signature=HIDDENVALUE&x=1",
      "https://h/?X-Amz-Security-Token=HIDDENVALUE",
      "Authorization: AWS4-HMAC-SHA256 Credential=HIDDENVALUE, Signature=HIDDENVALUE",
      "postgresql://user:HIDDENVALUE@host/db",
      "password=HIDDENVALUE host=x",
      "{\"MasterUserPassword\": \"HIDDENVALUE with space\"}",
      "{\\\"password\\\":\\\"HIDDENVALUE\\\"}",
      "aws_session_token = HIDDENVALUE",
      "password={{ A.B }}HIDDENVALUE",
      "password=\"{{ A.B }} HIDDENVALUE\"",
      "{\"Password\":\"a\\\"b HIDDENVALUE\"}",
      "{\"text\":\"{\\\"password\\\":\\\"a\\\\\\\"b HIDDENVALUE\\\"}\"}",
      "-----BEGIN PRIVATE KEY-----\nHIDDENVALUE\n-----END PRIVATE KEY-----\n",
      "-----begin private key-----\nHIDDENVALUE",
      "x: aKiAIOSFODNN7EXAMPLE",
      "x-aMZ-sSo_bEARER_tOKEN: HIDDENVALUE",
      "AUTHORIZATION: HIDDENVALUE",
      "u: X-AMZ-CREDENTIAL%3dHIDDENVALUE",
      "SIGNATURE=HIDDENVALUE",
      "REDIS://:HIDDENVALUE@host",
      "PASSWD=HIDDENVALUE",
      "pAsSpHrAsE: HIDDENVALUE",
      "SECRETACCESSKEY=HIDDENVALUE",
      "SESSION_TOKEN=HIDDENVALUE",
      "Client_Secret=HIDDENVALUE",
      "PRIVATE_KEY=HIDDENVALUE",
      "client_secret=HIDDENVALUE \xe2\x82\xac",
      /* As PCRE compares without case: a long s, and the sign for Kelvin. */
      "pa\xc5\xbf\xc5\xbfword=HIDDENVALUE",
      "private\xe2\x84\xaa"
      "ey=x private_\xe2\x84\xaa"
      "ey=HIDDENVALUE",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (leaks); i++)
    {
      g_autofree char *clean = slip_redact_text (leaks[i]);
      g_autofree char *again = slip_redact_text (clean);

      g_assert_cmpstr (again, ==, clean);
      if (strstr (clean, "HIDDENVALUE") != NULL || strstr (clean, "IOSFODNN7") != NULL)
        g_error ("%s became %s", leaks[i], clean);
      g_assert_nonnull (strstr (clean, SLIP_REDACTED));
    }
}

static void
test_redact_keeps_the_rest (void)
{
  static const char *const harmless[] = {
      "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:api-snpshot-for-copy",
      "2026-11-21T06:30:00Z step 6: CopyDBClusterSnapshot done",
      "http://127.0.0.1:4566/x",
      "psql host=x password={{ GetSecret.Password }} dbname=api",
      "{\"password\": \"{{ GetSecret.Password }}\"}",
  };
  g_autoptr (JsonNode) node
      = parse_ok ("{\"SecretString\":\"s\",\"a\":{\"SecretAccessKey\":{\"x\":1}},"
                  "\"ManageMasterUserPassword\":true,\"Name\":\"api\",\"n\":3}");
  g_autoptr (JsonNode) redacted = slip_redact_json (node);
  g_autofree char *text = slip_json_to_text (redacted, FALSE);

  g_assert_cmpstr (text, ==,
                   "{\"SecretString\":\"[redacted]\",\"a\":{\"SecretAccessKey\":\"[redacted]\"},"
                   "\"ManageMasterUserPassword\":true,\"Name\":\"api\",\"n\":3}");
  for (gsize i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      g_autofree char *clean = slip_redact_text (harmless[i]);

      g_assert_cmpstr (clean, ==, harmless[i]);
    }
}

/* Where a secret comes from is no secret; what only begins like that is one. */
static void
test_redact_references (void)
{
  g_autoptr (JsonNode) node
      = parse_ok ("{\"MasterUserPassword\":\"{{ Read.Secret }}\","
                  "\"Password\":\"{{ Read.Secret }}x\",\"x\":{\"AuthToken\":"
                  "\"{{variable:Each[2].Token}}\",\"Passwd\":\"{{ a b }}\"}}");
  g_autoptr (JsonNode) redacted = slip_redact_json (node);
  g_autoptr (JsonNode) again = slip_redact_json (redacted);
  g_autofree char *text = slip_json_to_text (redacted, FALSE);

  g_assert_cmpstr (
      text, ==,
      "{\"MasterUserPassword\":\"{{ Read.Secret }}\",\"Password\":\"[redacted]\","
      "\"x\":{\"AuthToken\":\"{{variable:Each[2].Token}}\",\"Passwd\":\"[redacted]\"}}");
  g_assert_true (slip_json_equal (again, redacted));
}

static void
test_clock_manual (void)
{
  g_autoptr (SlipClock) clock = slip_clock_new_manual (1000);

  g_assert_true (slip_clock_sleep (clock, 500, NULL, NULL));
  g_assert_cmpint (slip_clock_now (clock), ==, 1500);
  slip_clock_advance (clock, -1000);
  g_assert_cmpint (slip_clock_now (clock), ==, 500);
  g_assert_cmpint (slip_clock_monotonic (clock), ==, 500);
}

static void
test_clock_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      slip_clock_sleep (slip_clock_get_system (), 60 * G_USEC_PER_SEC, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_duration_text (void)
{
  static const struct
  {
    double seconds;
    const char *text;
  } durations[] = {
      {0, "0 s"},           {0.2, "<1 s"},       {41, "41 s"},    {90, "2 min"},
      {7800, "2 h 10 min"}, {273600, "3 d 4 h"}, {259500, "3 d"}, {6681600, "77 d 8 h"},
      {3569, "59 min"},     {3570, "1 h"},       {3599.6, "1 h"}, {3660, "1 h 1 min"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *text = slip_duration_format (durations[i].seconds);

      g_assert_cmpstr (text, ==, durations[i].text);
    }
}

static void
test_time_text (void)
{
  gint64 time;
  g_autofree char *whole = slip_time_format (0);
  g_autofree char *part = slip_time_format (G_GINT64_CONSTANT (1763706600123000));
  g_autofree char *before = slip_time_format (-1000);

  g_assert_cmpstr (whole, ==, "1970-01-01T00:00:00Z");
  g_assert_cmpstr (part, ==, "2025-11-21T06:30:00.123Z");
  g_assert_cmpstr (before, ==, "1969-12-31T23:59:59.999Z");
  g_assert_true (slip_time_parse ("2025-11-21T07:30:00.123+01:00", &time));
  g_assert_cmpint (time, ==, G_GINT64_CONSTANT (1763706600123000));
  g_assert_false (slip_time_parse ("2025-11-21 06:30", &time));
  g_assert_false (slip_time_parse (NULL, &time));
}

static gboolean
count_to (SlipJob *job, gpointer data, GError **error)
{
  for (int i = 0; i < 1000; i++)
    slip_job_set_progress (job, i / 1000.0);
  (*(int *)data)++;
  return TRUE;
}

static gboolean
fail_job (SlipJob *job, gpointer data, GError **error)
{
  g_set_error_literal (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO, "the disk is gone");
  return FALSE;
}

static gboolean
wait_for_cancel (SlipJob *job, gpointer data, GError **error)
{
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  return slip_clock_sleep (slip_clock_get_system (), 60 * G_USEC_PER_SEC, cancellable, error);
}

static void
count_cb (SlipJob *job, gpointer data)
{
  (*(guint *)data)++;
}

static void
iterate_until (guint *counter, guint wanted)
{
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (*counter < wanted && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  g_assert_cmpuint (*counter, >=, wanted);
}

static void
test_job_runs (void)
{
  g_autoptr (SlipPool) pool = slip_pool_new ("test", 2);
  g_autoptr (SlipJob) job = slip_job_new ("Counting");
  g_autoptr (SlipJob) failing = slip_job_new ("Failing");
  g_autoptr (GError) error = NULL;
  guint finished = 0;
  guint changed = 0;
  int counted = 0;

  g_signal_connect (job, "finished", G_CALLBACK (count_cb), &finished);
  g_signal_connect (job, "changed", G_CALLBACK (count_cb), &changed);
  g_signal_connect (failing, "finished", G_CALLBACK (count_cb), &finished);
  slip_pool_run (pool, job, count_to, &counted, NULL);
  slip_pool_run (pool, failing, fail_job, NULL, NULL);
  g_assert_cmpint (slip_job_wait (job), ==, SLIP_JOB_DONE);
  g_assert_cmpint (slip_job_wait (failing), ==, SLIP_JOB_FAILED);
  iterate_until (&finished, 2);
  g_assert_cmpint (counted, ==, 1);
  g_assert_cmpuint (changed, <, 50);
  error = slip_job_dup_error (failing);
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO);
}

static void
test_job_cancel (void)
{
  g_autoptr (SlipPool) pool = slip_pool_new ("test", 1);
  g_autoptr (SlipJob) running = slip_job_new ("Waiting");
  g_autoptr (SlipJob) queued = slip_job_new ("Queued");
  int counted = 0;

  slip_pool_run (pool, running, wait_for_cancel, NULL, NULL);
  slip_pool_run (pool, queued, count_to, &counted, NULL);
  slip_job_cancel (queued);
  slip_job_cancel (running);
  g_assert_cmpint (slip_job_wait (running), ==, SLIP_JOB_CANCELLED);
  g_assert_cmpint (slip_job_wait (queued), ==, SLIP_JOB_CANCELLED);
  g_assert_cmpint (counted, ==, 0);
}

static gpointer
push_numbers (gpointer data)
{
  for (guint i = 1; i <= 1000; i++)
    {
      guint *number = g_new (guint, 1);

      *number = i;
      slip_handoff_queue_push (data, number);
    }
  return NULL;
}

static void
test_handoff_queue (void)
{
  g_autoptr (SlipHandoffQueue) queue = slip_handoff_queue_new (g_free);
  g_autoptr (GThread) thread = g_thread_new ("push", push_numbers, queue);

  for (guint i = 1; i <= 1000; i++)
    {
      g_autofree guint *number = slip_handoff_queue_pop (queue);

      g_assert_cmpuint (*number, ==, i);
    }
  g_assert_null (slip_handoff_queue_try_pop (queue));
  g_assert_null (slip_handoff_queue_timed_pop (queue, 1000));
  g_thread_join (g_steal_pointer (&thread));
}

static void
test_file_atomic (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slip-base-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "state.json", NULL);
  g_autofree char *missing = g_build_filename (folder, "no", "such", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_true (slip_file_write_atomic (path, "one", -1, 0600, NULL));
  g_assert_true (slip_file_write_atomic (path, "two", -1, 0600, NULL));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  bytes = slip_file_read (path, 100, NULL);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "two", 3);
  g_assert_null (slip_file_read (path, 2, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_false (slip_file_write_atomic (missing, "x", 1, 0600, &error));
  g_assert_nonnull (strstr (error->message, missing));
  g_clear_error (&error);
  g_assert_null (slip_file_read (missing, 10, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_print_escape (void)
{
  static const struct
  {
    const char *text;
    const char *safe;
  } cases[] = {
      {"a\tb\nc ä 🙂", "a\tb\nc ä 🙂"},
      {"\033]0;x\a\r\177", "\\u001b]0;x\\u0007\\u000d\\u007f"},
      {"\xc2\x9b"
       "31m",
       "\\u009b31m"},
      {"\xe2\x80\xae"
       "gnp",
       "\\u202egnp"},
      {"a\x9b"
       "b",
       "a\\x9bb"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *safe = slip_print_escape (cases[i].text);

      g_assert_cmpstr (safe, ==, cases[i].safe);
    }
}

static char *
make_temporary (const char *path)
{
  char *temporary = slip_file_temporary (path);
  int fd = g_mkstemp (temporary);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return temporary;
}

/* What a killed process was writing goes with the next write there, and nothing else does. */
static void
test_file_sweep (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slipway-sweep-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "plan.json", NULL);
  g_autofree char *mine = make_temporary (path);
  g_autofree char *users = g_build_filename (folder, "plan.json.slipway-notes", NULL);
  g_autofree char *elsewhere = g_build_filename (folder, "plan.json.slipway-1-999-abcdef", NULL);
  g_autoptr (GDir) files = NULL;
  guint left = 0;
  int status;
  pid_t child;

  g_assert_true (g_file_set_contents (users, "x", 1, NULL));
  g_assert_true (g_file_set_contents (elsewhere, "x", 1, NULL));
  child = fork ();
  if (child == 0)
    {
      g_free (make_temporary (path));
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_true (slip_file_write_atomic (path, "whole", -1, 0600, NULL));
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (users, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (elsewhere, G_FILE_TEST_EXISTS));
  files = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (files) != NULL)
    left++;
  g_assert_cmpuint (left, ==, 4);
  g_remove (mine);
  g_remove (users);
  g_remove (elsewhere);
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/print/no_control_reaches_the_terminal", test_print_escape);
  g_test_add_func ("/json/refuses_what_rfc8259_refuses_with_its_place", test_json_refuses);
  g_test_add_func ("/json/tells_repeated_members_with_their_place", test_json_tells_repeats);
  g_test_add_func ("/json/nests_only_so_deep", test_json_depth);
  g_test_add_func ("/json/keeps_values", test_json_keeps_values);
  g_test_add_func ("/json/canonical_form_is_that_of_rfc8785", test_canonical_rfc8785);
  g_test_add_func ("/json/equal_is_what_is_equal_in_canonical_form",
                   test_equal_is_equal_in_canonical_form);
  g_test_add_func ("/json/equal_is_nothing_that_is_not_finite",
                   test_equal_is_nothing_that_is_not_finite);
  g_test_add_func ("/print/a_long_text_is_cut_between_characters", test_cut);
  g_test_add_func ("/json/differences_are_told_by_place_and_short", test_differences);
  g_test_add_func ("/json/selectors_find_or_are_refused", test_select);
  g_test_add_func ("/redact/text_loses_its_secrets", test_redact_text);
  g_test_add_func ("/redact/the_rest_stays_as_it_was", test_redact_keeps_the_rest);
  g_test_add_func ("/redact/references_to_secrets_stay", test_redact_references);
  g_test_add_func ("/clock/a_manual_clock_moves_by_hand", test_clock_manual);
  g_test_add_func ("/clock/a_sleep_can_be_cancelled", test_clock_cancel);
  g_test_add_func ("/clock/times_have_one_text", test_time_text);
  g_test_add_func ("/clock/durations_are_told_in_their_largest_units", test_duration_text);
  g_test_add_func ("/job/reports_once_and_coalesced", test_job_runs);
  g_test_add_func ("/job/cancels_running_and_queued", test_job_cancel);
  g_test_add_func ("/handoff/keeps_order_between_threads", test_handoff_queue);
  g_test_add_func ("/file/is_written_whole_or_not_at_all", test_file_atomic);
  g_test_add_func ("/file/what_a_killed_process_was_writing_is_swept", test_file_sweep);
  return g_test_run ();
}
