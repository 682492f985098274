/* SPDX-License-Identifier: MIT */

/* Claims about resource policies: who is allowed what. */

#include "slip-json.h"
#include "slip-policy.h"

static const char policy_text[]
    = "{\"Statement\": ["
      "{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::111111111111:root\"},"
      " \"Action\": \"kms:*\"},"
      "{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": [\"222222222222\"]},"
      " \"Action\": [\"kms:Decrypt\", \"kms:ReEncrypt*\"]},"
      "{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::333333333333:role/reader\"},"
      " \"Action\": \"kms:DescribeKey\"},"
      "{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"kms:ScheduleKeyDeletion\"},"
      "{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:Encrypt\","
      " \"Condition\": {\"StringEquals\": {\"kms:CallerAccount\": \"555555555555\"}}}]}";

static const struct
{
  const char *account;
  const char *principal;
  const char *action;
  gboolean allowed;
} cases[] = {
    {"111111111111", "arn:aws:iam::111111111111:user/ann", "kms:CreateGrant", TRUE},
    {"111111111111", NULL, "kms:ScheduleKeyDeletion", FALSE},
    {"222222222222", NULL, "kms:Decrypt", TRUE},
    {"222222222222", NULL, "kms:ReEncryptFrom", TRUE},
    {"222222222222", NULL, "kms:DescribeKey", FALSE},
    {"333333333333", "arn:aws:sts::333333333333:assumed-role/reader/x", "kms:DescribeKey", TRUE},
    {"333333333333", "arn:aws:sts::333333333333:assumed-role/reader2/x", "kms:DescribeKey", FALSE},
    {"333333333333", "arn:aws:sts::444444444444:assumed-role/reader/x", "kms:DescribeKey", FALSE},
    {"333333333333", NULL, "kms:DescribeKey", FALSE},
    {"444444444444", NULL, "kms:Encrypt", FALSE},
    {"555555555555", NULL, "kms:Encrypt", TRUE},
};

static void
test_cases (void)
{
  g_autoptr (JsonNode) policy = slip_json_parse (policy_text, -1, NULL);

  g_assert_nonnull (policy);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].account, cases[i].action);
      g_assert_cmpint (
          slip_policy_allows (policy, cases[i].account, cases[i].principal, cases[i].action), ==,
          cases[i].allowed);
    }
}

static void
test_malformed (void)
{
  static const char *const texts[] = {"[]", "{}", "{\"Statement\": {}}", "{\"Statement\": [3]}",
                                      "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": 3, "
                                      "\"Action\": {\"a\": []}}]}"};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) policy = slip_json_parse (texts[i], -1, NULL);

      g_assert_false (slip_policy_allows (policy, "111111111111", NULL, "kms:Decrypt"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/allows_and_denies", test_cases);
  g_test_add_func ("/policy/malformed_allows_nothing", test_malformed);
  return g_test_run ();
}
