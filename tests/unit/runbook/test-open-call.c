/* SPDX-License-Identifier: MIT */
/* A change without a plan of which nobody knows whether it happened: it is open until its outcome is
 * known, and of what CloudTrail shows only an event that was accepted closes it. */

#include "run-fixture.h"
#include "scripted.h"

#include "slip-open-call.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define LOOKUP "cloudtrail:LookupEvents"
#define TAG "call/0f0e"

static gint64
append (Fixture *fixture, const char *kind, const char *outcome, gint64 intent)
{
  g_autoptr (JsonObject) entry = slip_run_entry_new_of_call (kind, NULL);
  g_autoptr (GError) error = NULL;
  JsonObject *data = slip_run_entry_data (entry);
  gint64 seq = 0;

  json_object_set_string_member (entry, "environment", "production");
  json_object_set_string_member (entry, "region", "eu-west-1");
  json_object_set_string_member (entry, "operation", "rds:CreateDBClusterSnapshot");
  slip_run_entry_set_text (entry, "outcome", outcome);
  if (intent != 0)
    json_object_set_int_member (data, "intent", intent);
  else
    json_object_set_string_member (data, "tag", TAG);
  g_assert_true (slip_ledger_append (fixture->ledger, entry, &seq, &error));
  g_assert_no_error (error);
  return seq;
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *calls = slip_open_call_list (fixture->ledger, &error);

  g_assert_no_error (error);
  return calls;
}

static void
an_unknown_outcome_leaves_it_open (Fixture *fixture, gconstpointer data)
{
  gint64 lost = append (fixture, SLIP_CALL_INTENT_KIND, NULL, 0);
  g_autoptr (GPtrArray) open = NULL;
  g_autoptr (GPtrArray) closed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *way = g_strdup_printf ("slipwayctl ledger settle %" G_GINT64_FORMAT, lost);

  append (fixture, SLIP_CALL_OUTCOME_KIND, SLIP_CALL_OUTCOME_UNKNOWN, lost);
  open = list (fixture);
  g_assert_cmpuint (open->len, ==, 1);
  text = slip_open_call_describe (g_ptr_array_index (open, 0));
  g_assert_nonnull (strstr (text, "no answer came"));
  g_assert_nonnull (strstr (text, way));
  g_assert_true (slip_open_call_settle (g_ptr_array_index (open, 0), fixture->ledger, FALSE,
                                        "stated", NULL, &error));
  g_assert_no_error (error);
  closed = list (fixture);
  g_assert_cmpuint (closed->len, ==, 0);
}

static void
a_refusal_closes_it (Fixture *fixture, gconstpointer data)
{
  gint64 refused = append (fixture, SLIP_CALL_INTENT_KIND, NULL, 0);
  g_autoptr (GPtrArray) calls = NULL;

  append (fixture, SLIP_CALL_OUTCOME_KIND, "failed", refused);
  calls = list (fixture);
  g_assert_cmpuint (calls->len, ==, 0);
}

/* ---- what CloudTrail shows */

#define EVENT(id, agent, error)                                                                    \
  "{\"EventId\":\"" id "\",\"CloudTrailEvent\":\"{\\\"eventID\\\":\\\"" id                         \
  "\\\",\\\"eventTime\\\":\\\"2026-11-21T06:30:00Z\\\",\\\"userAgent\\\":\\\"slipway " agent       \
  "\\\"" error "}\"}"
#define REFUSED(code) ",\\\"errorCode\\\":\\\"" code "\\\""

static SlipOpenCallFate
look (Fixture *fixture, Scripted *script, char **why)
{
  g_autoptr (GPtrArray) calls = list (fixture);
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (GError) error = NULL;
  SlipOpenCallFate fate;

  g_assert_cmpuint (calls->len, ==, 1);
  g_assert_true (
      slip_open_call_look (g_ptr_array_index (calls, 0), caller, &fate, why, NULL, &error));
  g_assert_no_error (error);
  return fate;
}

static void
assert_fate (Fixture *fixture, const char *answer, SlipOpenCallFate wanted, const char *told)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *why = NULL;

  scripted_answer (script, "production", LOOKUP, answer);
  g_assert_cmpint (look (fixture, script, &why), ==, wanted);
  g_assert_nonnull (strstr (why, told));
}

static void
only_an_accepted_event_is_proof (Fixture *fixture, gconstpointer data)
{
  append (fixture, SLIP_CALL_INTENT_KIND, NULL, 0);
  assert_fate (fixture, "{\"Events\":[" EVENT ("e1", TAG, "") "]}", SLIP_OPEN_CALL_DID, "event e1");
  assert_fate (fixture, "{\"Events\":[" EVENT ("e2", TAG, REFUSED ("ThrottlingException")) "]}",
               SLIP_OPEN_CALL_UNKNOWN, "ThrottlingException");
  assert_fate (fixture, "{\"Events\":[" EVENT ("e3", TAG, REFUSED ("AccessDenied")) "]}",
               SLIP_OPEN_CALL_UNKNOWN, "refused 1 times");
  /* Sendings share the tag: one that was refused does not hide the one that was accepted. */
  assert_fate (fixture,
               "{\"Events\":[" EVENT ("e4", TAG, REFUSED ("ThrottlingException")) "," EVENT (
                   "e5", TAG, "") "]}",
               SLIP_OPEN_CALL_DID, "event e5");
  assert_fate (fixture, "{\"Events\":[" EVENT ("e6", "call/of-another", "") "]}",
               SLIP_OPEN_CALL_UNKNOWN, "proves nothing");
}

static void
looking_comes_to_an_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *why = NULL;

  append (fixture, SLIP_CALL_INTENT_KIND, NULL, 0);
  scripted_answer (script, "production", LOOKUP, "{\"Events\":[],\"NextToken\":\"more\"}");
  g_assert_cmpint (look (fixture, script, &why), ==, SLIP_OPEN_CALL_UNKNOWN);
  g_assert_nonnull (strstr (why, "among the newest events"));
  g_assert_cmpuint (scripted_count (script, LOOKUP), <=, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/open-call/an_unknown_outcome_leaves_it_open", an_unknown_outcome_leaves_it_open);
  ADD ("/open-call/a_refusal_closes_it", a_refusal_closes_it);
  ADD ("/open-call/only_an_accepted_event_is_proof", only_an_accepted_event_is_proof);
  ADD ("/open-call/looking_comes_to_an_end", looking_comes_to_an_end);
  return g_test_run ();
}
