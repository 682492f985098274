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

static const struct
{
  const char *policy;
  const char *action;
  const char *resource;
  SlipPolicyVerdict verdict;
} identity_cases[] = {
    {"{'Effect':'Allow','Action':'rds:Describe*','Resource':'*'}", "rds:DescribeDBClusters", "*",
     SLIP_POLICY_ALLOWS},
    {"{'Effect':'Allow','Action':'RDS:describe*','Resource':'*'}", "rds:DescribeDBClusters", "*",
     SLIP_POLICY_ALLOWS},
    {"{'Effect':'Allow','Action':'rds:*','Resource':'arn:aws:rds:*:*:cluster:api-*'}",
     "rds:DeleteDBCluster", "arn:aws:rds:eu-west-1:1:cluster:api-x", SLIP_POLICY_ALLOWS},
    {"{'Effect':'Allow','Action':'rds:*','Resource':'arn:aws:rds:*:*:cluster:api-*'}",
     "rds:DeleteDBCluster", "arn:aws:rds:eu-west-1:1:cluster:membrane", SLIP_POLICY_SILENT},
    {"{'Effect':'Allow','Action':'rds:*','Resource':'arn:aws:rds:*:*:cluster:api-*'}",
     "rds:DescribeEvents", "*", SLIP_POLICY_SILENT},
    {"{'Effect':'Allow','NotAction':'iam:*','Resource':'*'}", "rds:DeleteDBCluster", "*",
     SLIP_POLICY_ALLOWS},
    {"{'Effect':'Allow','NotAction':'iam:*','Resource':'*'}", "iam:CreateRole", "*",
     SLIP_POLICY_SILENT},
    {"{'Effect':'Deny','Action':'rds:Delete*','NotResource':'arn:aws:rds:*:*:cluster:test'}",
     "rds:DeleteDBCluster", "arn:aws:rds:eu-west-1:1:cluster:api", SLIP_POLICY_DENIES},
    {"{'Effect':'Deny','Action':'rds:Delete*','NotResource':'arn:aws:rds:*:*:cluster:test'}",
     "rds:DeleteDBCluster", "arn:aws:rds:eu-west-1:1:cluster:test", SLIP_POLICY_SILENT},
    {"{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'kms:*','Resource':"
     "'*'}",
     "kms:Decrypt", "*", SLIP_POLICY_DENIES},
    {"{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringEquals':"
     "{'aws:RequestedRegion':'eu-west-1'}}}",
     "rds:DeleteDBCluster", "*", SLIP_POLICY_ALLOWS},
    {"{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'StringNotEquals':"
     "{'aws:RequestedRegion':'eu-west-1'}}}",
     "rds:DeleteDBCluster", "*", SLIP_POLICY_SILENT},
    {"{'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Bool':"
     "{'aws:MultiFactorAuthPresent':false}}}",
     "rds:DeleteDBCluster", "*", SLIP_POLICY_DENIES},
};

static JsonNode *
parse_statements (const char *statements)
{
  g_autofree char *text = g_strdup_printf ("{'Statement':[%s]}", statements);

  g_strdelimit (text, "'", '"');
  return slip_json_parse (text, -1, NULL);
}

static void
test_identity (void)
{
  g_autoptr (JsonObject) context = json_object_new ();

  json_object_set_string_member (context, "aws:RequestedRegion", "eu-west-1");
  json_object_set_string_member (context, "aws:MultiFactorAuthPresent", "false");
  for (guint i = 0; i < G_N_ELEMENTS (identity_cases); i++)
    {
      g_autoptr (JsonNode) policy = parse_statements (identity_cases[i].policy);
      SlipPolicyRequest request = {.account = "111111111111",
                                   .action = identity_cases[i].action,
                                   .resource = identity_cases[i].resource,
                                   .context = context};

      g_assert_nonnull (policy);
      g_test_message ("%u %s", i, identity_cases[i].policy);
      g_assert_cmpint (slip_policy_judge_identity (policy, &request), ==,
                       identity_cases[i].verdict);
    }
}

static void
test_missing (void)
{
  g_autoptr (JsonNode) policy = parse_statements (
      "{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':"
      "'true'}}}");
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  SlipPolicyRequest request = {.account = "1", .action = "kms:Decrypt", .resource = "*"};

  g_assert_cmpint (slip_policy_judge_identity (policy, &request), ==, SLIP_POLICY_ALLOWS);
  request.missing = missing;
  g_assert_cmpint (slip_policy_judge_identity (policy, &request), ==, SLIP_POLICY_SILENT);
  g_assert_cmpuint (missing->len, ==, 1);
  g_assert_cmpstr (missing->pdata[0], ==, "aws:SecureTransport");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/allows_and_denies", test_cases);
  g_test_add_func ("/policy/malformed_allows_nothing", test_malformed);
  g_test_add_func ("/policy/identity/matches_actions_resources_and_conditions", test_identity);
  g_test_add_func (
      "/policy/identity/a_condition_on_what_is_not_known_counts_as_met_but_when_simulated",
      test_missing);
  return g_test_run ();
}
