/* SPDX-License-Identifier: MIT */

/* Claims about scenarios: what is refused, with which place, and what a good one makes. */

#include "fixture.h"

#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-principals.h"
#include "slip-scenario.h"

#define HEAD "{\"schema\": \"org.slipway.scenario/1\", \"name\": \"t\", "
#define ACCOUNT "{\"id\": \"111111111111\", \"regions\": [\"eu-west-1\"]"

static const char *const bad[][2] = {
    {"[]", "$: is not an object"},
    {"{\"schema\": \"x\"}", "$.schema: is x"},
    {HEAD "\"accounts\": []}", "$.accounts: is missing or empty"},
    {HEAD "\"acounts\": []}", "member acounts is unknown"},
    {HEAD "\"accounts\": [3]}", "$.accounts[0]: is not an object"},
    {HEAD "\"accounts\": [{\"id\": \"12\", \"regions\": [\"eu-west-1\"]}]}",
     "$.accounts[0]: 12 is no account id"},
    {HEAD "\"accounts\": [{\"id\": \"111111111111\"}]}",
     "$.accounts[0]: member regions is missing"},
    {HEAD "\"accounts\": [{\"id\": \"111111111111\", \"regions\": [\"moon\"]}]}",
     "$.accounts[0]: moon is no region"},
    {HEAD "\"accounts\": [" ACCOUNT "}, " ACCOUNT "}]}", "$.accounts[1]: account 111111111111 is"},
    {HEAD "\"accounts\": [" ACCOUNT ", \"roles\": [{}]}]}",
     "$.accounts[0].roles[0]: member name is missing"},
    {HEAD "\"accounts\": [" ACCOUNT ", \"roles\": [{\"name\": \"r\", \"mfa\": 1}]}]}",
     "member mfa is neither true nor false"},
    {HEAD "\"accounts\": [" ACCOUNT ", \"users\": [{\"name\": \"a\", \"access_key\": \"AKIA\"}]}]}",
     "$.accounts[0].users[0]: member secret_key is missing"},
    {HEAD "\"accounts\": [" ACCOUNT ", \"resources\": {\"eu-west-1\": {\"tea\": {}}}}]}",
     "$.accounts[0].resources.eu-west-1: tea is no service"},
    {HEAD "\"accounts\": [" ACCOUNT ", \"quotas\": {\"rds.x\": \"many\"}}]}",
     "$.accounts[0].quotas: member rds.x is not an integer"},
    {HEAD "\"accounts\": [" ACCOUNT "}], \"environments\": [{\"name\": \"p\", \"account\": "
          "\"111111111111\", \"role\": \"r\"}]}",
     "$.environments[0]: account 111111111111 has no role r"},
    {HEAD "\"accounts\": [" ACCOUNT "}], \"environments\": [{\"name\": \"p\", \"account\": "
          "\"222222222222\", \"role\": \"r\"}]}",
     "$.environments[0]: account 222222222222 is not among"},
    {HEAD
     "\"accounts\": [" ACCOUNT ", \"roles\": [{\"name\": \"r\"}]}], \"environments\": [{\"name\": "
     "\"p\", \"account\": \"111111111111\", \"role\": \"r\", \"terraform\": [{\"name\": \"x\"}]}]}",
     "$.environments[0].terraform[0]: member path is missing"},
    {HEAD "\"accounts\": [" ACCOUNT
          "}], \"migrations\": [{\"name\": \"m\", \"definitions\": \"d\", "
          "\"migration_db\": \"service=m\"}]}",
     "$.migrations[0]: member target_db is missing"},
    {HEAD "\"accounts\": [" ACCOUNT "}], \"faults\": [{\"kind\": \"flood\"}]}",
     "$.faults[0]: fault: kind flood is unknown"},
};

static void
test_refuses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) node = slip_json_parse (bad[i][0], -1, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (node);
      g_assert_null (slip_scenario_new_from_json (node, &error));
      g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO);
      if (strstr (error->message, bad[i][1]) == NULL)
        g_error ("have \"%s\", want \"%s\"", error->message, bad[i][1]);
    }
}

static void
test_no_such_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_scenario_load ("/nowhere/scenario.json", &error));
  g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO);
  g_assert_nonnull (strstr (error->message, "/nowhere/scenario.json"));
  g_clear_error (&error);
  g_assert_null (slip_scenario_load ("atlantis", &error));
  g_assert_nonnull (strstr (error->message, "there is no scenario atlantis"));
}

static const char good[]
    = HEAD "\"accounts\": [" ACCOUNT ", \"alias\": \"one\", \"quotas\": {\"rds.things\": 7},"
           " \"roles\": [{\"name\": \"breakglass\"}],"
           " \"resources\": {\"eu-west-1\": {"
           "  \"kms\": {\"keys\": [{\"aliases\": [\"alias/mine\"]}]},"
           "  \"secretsmanager\": {\"secrets\": [{\"name\": \"s\", \"kms_key_id\": \"alias/mine\","
           "   \"string\": \"x\"}]}}}}]}";

static void
test_seeds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = slip_json_parse (good, -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipScenario) scenario = slip_scenario_new_from_json (node, &error);
  const SlipWorldRecord *key;

  g_assert_no_error (error);
  g_assert_true (slip_scenario_seed (scenario, fixture->world, &error));
  g_assert_no_error (error);
  key = slip_kms_world_find_key (fixture->world, "111111111111", "eu-west-1", "alias/mine");
  g_assert_nonnull (key);
  g_assert_false (slip_kms_world_is_aws_managed (key));
  key = slip_kms_world_find_key (fixture->world, "111111111111", "eu-west-1", "alias/aws/rds");
  g_assert_nonnull (key);
  g_assert_true (slip_kms_world_is_aws_managed (key));
  g_assert_nonnull (
      slip_world_get (fixture->world, "111111111111", "", SLIP_TYPE_IAM_ROLE, "breakglass"));
  g_assert_nonnull (
      slip_world_get (fixture->world, "111111111111", "eu-west-1", "secretsmanager.secret", "s"));
  g_assert_cmpint (
      slip_world_get_quota (fixture->world, "111111111111", "eu-west-1", "rds.things", 1), ==, 7);
}

static void
test_seeds_all_or_nothing (Fixture *fixture, gconstpointer data)
{
  static const char text[]
      = HEAD "\"accounts\": [" ACCOUNT ", \"resources\": {\"eu-west-1\": {"
             "\"kms\": {\"keys\": [{\"aliases\": [\"alias/mine\"]}]},"
             "\"secretsmanager\": {\"secrets\": [{\"name\": \"s\", \"kms_key_id\": \"alias/no\"}]}"
             "}}}]}";
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipScenario) scenario = slip_scenario_new_from_json (node, &error);

  g_assert_no_error (error);
  g_assert_false (slip_scenario_seed (scenario, fixture->world, &error));
  g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO);
  g_assert_nonnull (strstr (
      error->message,
      "$.accounts[0].resources.eu-west-1.secretsmanager.secrets[0]: there is no key alias/no"));
  g_assert_cmpuint (slip_world_count (fixture->world, NULL, NULL, "kms.key"), ==, 0);
  g_assert_null (slip_world_get_setting (fixture->world, "scenario"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario/refuses_with_the_place", test_refuses);
  g_test_add_func ("/scenario/refuses_what_is_not_there", test_no_such_file);
  g_test_add ("/scenario/seeds_services", Fixture, NULL, fixture_set_up, test_seeds,
              fixture_tear_down);
  g_test_add ("/scenario/seeds_all_or_nothing", Fixture, NULL, fixture_set_up,
              test_seeds_all_or_nothing, fixture_tear_down);
  return g_test_run ();
}
