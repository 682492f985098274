/* SPDX-License-Identifier: MIT */

/* Claims about faults: which descriptions are good, whom they strike, and how often. */

#include "fixture.h"

#include "slip-faults.h"

static SlipFaults *
faults_with (const char *text)
{
  SlipFaults *faults = slip_faults_new ();
  g_autoptr (JsonObject) object = fixture_object (text);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (slip_faults_add (faults, object, &error), ==, 1);
  g_assert_no_error (error);
  return faults;
}

static gboolean
strikes (SlipFaults *faults, SlipFaultKind kind, const char *service, const char *operation)
{
  return slip_faults_match_call (faults, kind, service, operation, "111111111111", "eu-west-1",
                                 "arn:aws:sts::111111111111:assumed-role/breakglass/ann")
         != NULL;
}

static void
test_refuses (void)
{
  static const char *const bad[][2] = {
      {"{}", "kind is missing"},
      {"{\"kind\": \"flood\"}", "kind flood is unknown"},
      {"{\"kind\": \"drop\", \"operations\": \"x\"}", "operations"},
      {"{\"kind\": \"drop\", \"operation\": 3}", "operation is not a string"},
      {"{\"kind\": \"drop\", \"times\": \"3\"}", "times is not a whole number"},
      {"{\"kind\": \"drop\", \"times\": -1}", "times is negative"},
      {"{\"kind\": \"drop\", \"times\": 1.5}", "times is not a whole number"},
      {"{\"kind\": \"drop\", \"after\": -1}", "after is negative"},
      {"{\"kind\": \"drop\", \"probability\": -0.1}", "probability"},
      {"{\"kind\": \"slow\", \"seconds\": -1}", "seconds is negative"},
      {"{\"kind\": \"slow\", \"seconds\": 3601}", "seconds is more than an hour"},
      {"{\"kind\": \"clock-skew\", \"seconds\": -1e300}", "seconds is more than ten years"},
      {"{\"kind\": \"error-before\", \"status\": -500}", "status"},
      {"{\"kind\": \"drop\", \"probability\": 2}", "probability"},
      {"{\"kind\": \"error-before\", \"status\": 200}", "status"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (SlipFaults) faults = slip_faults_new ();
      g_autoptr (JsonObject) object = fixture_object (bad[i][0]);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (slip_faults_add (faults, object, &error), ==, 0);
      g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_FAULT);
      g_assert_nonnull (strstr (error->message, bad[i][1]));
    }
}

static void
test_once_by_default (void)
{
  g_autoptr (SlipFaults) faults = faults_with ("{\"kind\": \"throttle\"}");

  g_assert_true (strikes (faults, SLIP_FAULT_THROTTLE, "rds", "DescribeDBClusters"));
  g_assert_false (strikes (faults, SLIP_FAULT_THROTTLE, "rds", "DescribeDBClusters"));
}

static void
test_nth_call (void)
{
  g_autoptr (SlipFaults) faults = faults_with (
      "{\"kind\": \"drop\", \"operation\": \"Create*\", \"after\": 2, \"times\": 2}");
  const gboolean expected[] = {FALSE, FALSE, TRUE, TRUE, FALSE};

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_false (strikes (faults, SLIP_FAULT_DROP, "rds", "DescribeDBClusters"));
      g_assert_cmpint (strikes (faults, SLIP_FAULT_DROP, "rds", "CreateDBClusterSnapshot"), ==,
                       expected[i]);
    }
}

static void
test_matches_whom (void)
{
  g_autoptr (SlipFaults) faults = faults_with (
      "{\"kind\": \"error-before\", \"service\": \"kms\", \"principal\": \"*/breakglass/*\", "
      "\"times\": 0}");

  g_assert_false (strikes (faults, SLIP_FAULT_ERROR_BEFORE, "rds", "X"));
  g_assert_false (strikes (faults, SLIP_FAULT_ERROR_AFTER, "kms", "X"));
  g_assert_true (strikes (faults, SLIP_FAULT_ERROR_BEFORE, "kms", "X"));
  g_assert_null (slip_faults_match_call (faults, SLIP_FAULT_ERROR_BEFORE, "kms", "X",
                                         "111111111111", "eu-west-1",
                                         "arn:aws:iam::111111111111:user/ann"));
}

static void
test_probability (void)
{
  g_autoptr (SlipFaults) faults = faults_with ("{\"kind\": \"throttle\", \"probability\": 0.5}");
  guint hits = 0;

  for (guint i = 0; i < 1000; i++)
    hits += strikes (faults, SLIP_FAULT_THROTTLE, "rds", "X");
  g_assert_cmpuint (hits, >, 350);
  g_assert_cmpuint (hits, <, 650);
}

static void
test_transitions (void)
{
  g_autoptr (SlipFaults) faults = faults_with (
      "{\"kind\": \"stuck\", \"transition\": \"rds.snapshot-*\", \"resource\": \"copy-*\"}");
  SlipTransition transition = {.kind = (char *)"rds.snapshot-available",
                               .account = (char *)"111111111111",
                               .region = (char *)"eu-west-1",
                               .id = (char *)"copy-1"};

  g_assert_nonnull (slip_faults_match_transition (faults, SLIP_FAULT_STUCK, &transition));
  g_assert_nonnull (slip_faults_match_transition (faults, SLIP_FAULT_STUCK, &transition));
  g_assert_null (slip_faults_match_transition (faults, SLIP_FAULT_FAIL, &transition));
  transition.id = (char *)"other";
  g_assert_null (slip_faults_match_transition (faults, SLIP_FAULT_STUCK, &transition));
  g_assert_cmpuint (slip_faults_remove (faults, 1), ==, 1);
  transition.id = (char *)"copy-1";
  g_assert_null (slip_faults_match_transition (faults, SLIP_FAULT_STUCK, &transition));
}

static void
test_skew_adds_up (void)
{
  g_autoptr (SlipFaults) faults = faults_with ("{\"kind\": \"clock-skew\", \"seconds\": 600}");
  g_autoptr (JsonObject) object = fixture_object ("{\"kind\": \"clock-skew\", \"seconds\": -60.5}");

  g_assert_cmpint (slip_faults_add (faults, object, NULL), ==, 2);
  g_assert_cmpfloat (slip_faults_get_skew (faults), ==, 539.5);
  slip_faults_remove (faults, 0);
  g_assert_cmpfloat (slip_faults_get_skew (faults), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faults/refuses_malformed", test_refuses);
  g_test_add_func ("/faults/strikes_once_by_default", test_once_by_default);
  g_test_add_func ("/faults/strikes_the_nth_call", test_nth_call);
  g_test_add_func ("/faults/strikes_whom_it_names", test_matches_whom);
  g_test_add_func ("/faults/strikes_with_probability", test_probability);
  g_test_add_func ("/faults/holds_transitions", test_transitions);
  g_test_add_func ("/faults/skews_add_up", test_skew_adds_up);
  return g_test_run ();
}
