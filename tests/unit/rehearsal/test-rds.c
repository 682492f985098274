/* SPDX-License-Identifier: MIT */

/* Rules of the RDS service that a client sees only after hours: progress, settling, promotion, what a
 * restart keeps. A clock that the test turns plays the hours; PostgreSQL is left out. */

#include "fixture.h"
#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-rds-seed.h"
#include "slip-rds.h"
#include "slip-services-list.h"

#include <string.h>

#define ACCOUNT "111111111111"
#define REGION "eu-west-1"

static const char *const scenario
    = "{\"schema\":\"org.slipway.scenario/1\",\"name\":\"unit\",\"accounts\":[{\"id\":\"" ACCOUNT
      "\",\"regions\":[\"eu-west-1\",\"eu-west-2\"],\"roles\":[{\"name\":\"operator\"}],"
      "\"global\":{\"rds\":{\"global_clusters\":[{\"id\":\"world\",\"engine_version\":\"14.15\","
      "\"members\":[{\"region\":\"eu-west-1\",\"cluster\":\"api\",\"writer\":true},"
      "{\"region\":\"eu-west-2\",\"cluster\":\"api\"}]}]}},"
      "\"resources\":{\"eu-west-1\":{\"rds\":{\"clusters\":[{\"id\":\"api\",\"size_gib\":100,"
      "\"engine_version\":\"14.15\",\"instances\":[{\"id\":\"api-0\",\"writer\":true}]}],"
      "\"generate_snapshots\":[{\"cluster\":\"api\",\"count\":250,\"prefix\":\"many\","
      "\"type\":\"awsbackup\"}]}},"
      "\"eu-west-2\":{\"rds\":{\"clusters\":[{\"id\":\"api\",\"engine_version\":\"14.15\"}]}}}}],"
      "\"environments\":[]}";

static void
seed (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (scenario, -1, &error);
  g_autoptr (SlipScenario) parsed = NULL;

  g_assert_no_error (error);
  parsed = slip_scenario_new_from_json (node, &error);
  g_assert_no_error (error);
  slip_rds_service.attach (fixture->world);
  slip_scenario_seed (parsed, fixture->world, &error);
  g_assert_no_error (error);
  slip_world_run (fixture->world);
}

static JsonNode *
call (Fixture *fixture, const char *operation, const char *input, GError **error)
{
  SlipServiceFunc func = slip_service_find_operation (&slip_rds_service, operation);
  g_autoptr (JsonObject) object = fixture_object (input);
  SlipServiceContext ctx = {.world = fixture->world,
                            .account = ACCOUNT,
                            .region = REGION,
                            .principal_arn = "arn:aws:sts::" ACCOUNT ":assumed-role/operator/ann"};
  g_autoptr (GError) local_error = NULL;
  JsonNode *node;

  g_assert_nonnull (func);
  slip_world_begin (fixture->world);
  node = func (&ctx, object, &local_error);
  if (local_error != NULL)
    {
      slip_world_rollback (fixture->world);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  slip_world_commit (fixture->world, error);
  return node;
}

static void
do_call (Fixture *fixture, const char *operation, const char *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = call (fixture, operation, input, &error);

  g_assert_no_error (error);
}

static void
assert_refused (Fixture *fixture, const char *operation, const char *input, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = call (fixture, operation, input, &error);

  g_assert_null (node);
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, code);
}

/* A member of a resource, as the API shows it now. */
static char *
look (Fixture *fixture, const char *operation, const char *input, const char *selector)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = call (fixture, operation, input, &error);
  g_autoptr (JsonNode) found = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  found = slip_json_select (node, selector, &error);
  g_assert_no_error (error);
  text = found != NULL ? slip_json_to_text (found, FALSE) : g_strdup ("null");
  return g_strdup (text);
}

static void
assert_shows (Fixture *fixture,
              const char *operation,
              const char *input,
              const char *selector,
              const char *expected)
{
  g_autofree char *text = look (fixture, operation, input, selector);

  g_assert_cmpstr (text, ==, expected);
}

/* Lets AWS's seconds pass: the fixture's world is ten times as fast as its clock. */
static void
pass (Fixture *fixture, double seconds)
{
  slip_clock_advance (fixture->clock, (gint64)(seconds / 10 * G_USEC_PER_SEC));
  /* Work without a database ends at once, but on a thread. */
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      slip_world_tick (fixture->world);
      g_usleep (1000);
    }
}

#define SNAPSHOT "{\"DBClusterSnapshotIdentifier\":\"one\"}"
#define CLUSTER "{\"DBClusterIdentifier\":\"api\"}"
#define STATUS "$.DBClusters[0].Status"

static void
test_progress_follows_the_clock (Fixture *fixture, gconstpointer data)
{
  seed (fixture);
  do_call (fixture, "CreateDBClusterSnapshot",
           "{\"DBClusterIdentifier\":\"api\",\"DBClusterSnapshotIdentifier\":\"one\"}");
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT,
                "$.DBClusterSnapshots[0].PercentProgress", "0");
  pass (fixture, 110); /* of 220 for 100 GiB */
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT,
                "$.DBClusterSnapshots[0].PercentProgress", "50");
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT, "$.DBClusterSnapshots[0].Status",
                "\"creating\"");
  pass (fixture, 111);
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT, "$.DBClusterSnapshots[0].Status",
                "\"available\"");
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT,
                "$.DBClusterSnapshots[0].PercentProgress", "100");
}

static void
test_modification_settles_first (Fixture *fixture, gconstpointer data)
{
  seed (fixture);
  do_call (fixture, "ModifyDBCluster",
           "{\"DBClusterIdentifier\":\"api\",\"DeletionProtection\":true}");
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, STATUS, "\"available\"");
  pass (fixture, 14);
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, STATUS, "\"available\"");
  pass (fixture, 2);
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, STATUS, "\"modifying\"");
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, "$.DBClusters[0].DeletionProtection",
                "false");
  pass (fixture, 60);
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, STATUS, "\"available\"");
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, "$.DBClusters[0].DeletionProtection",
                "true");
}

static void
test_deferred_change_waits_for_its_window (Fixture *fixture, gconstpointer data)
{
  seed (fixture);
  do_call (fixture, "ModifyDBCluster",
           "{\"DBClusterIdentifier\":\"api\",\"NewDBClusterIdentifier\":\"api-old\"}");
  pass (fixture, 1000);
  assert_shows (fixture, "DescribeDBClusters", CLUSTER,
                "$.DBClusters[0].PendingModifiedValues.DBClusterIdentifier", "\"api-old\"");
  assert_shows (fixture, "DescribeDBClusters", CLUSTER, STATUS, "\"available\"");
  do_call (fixture, "ModifyDBCluster",
           "{\"DBClusterIdentifier\":\"api\",\"ApplyImmediately\":true}");
  pass (fixture, 20);
  pass (fixture, 100);
  assert_refused (fixture, "DescribeDBClusters", CLUSTER, "DBClusterNotFoundFault");
  assert_shows (fixture, "DescribeGlobalClusters", "{}",
                "$.GlobalClusters[0].GlobalClusterMembers[0].DBClusterArn",
                "\"arn:aws:rds:eu-west-1:" ACCOUNT ":cluster:api-old\"");
}

static void
test_copying_goes_on_after_a_restart (Fixture *fixture, gconstpointer data)
{
  seed (fixture);
  do_call (fixture, "CopyDBClusterSnapshot",
           "{\"SourceDBClusterSnapshotIdentifier\":\"many-000000\","
           "\"TargetDBClusterSnapshotIdentifier\":\"one\"}");
  pass (fixture, 110);
  fixture_reopen (fixture, 10);
  slip_rds_service.attach (fixture->world);
  slip_world_run (fixture->world);
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT,
                "$.DBClusterSnapshots[0].PercentProgress", "50");
  pass (fixture, 111);
  assert_shows (fixture, "DescribeDBClusterSnapshots", SNAPSHOT, "$.DBClusterSnapshots[0].Status",
                "\"available\"");
}

static void
test_every_page_is_there_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *marker = NULL;
  guint pages = 0;

  seed (fixture);
  do
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *input
          = marker != NULL ? g_strdup_printf ("{\"MaxRecords\":20,\"Marker\":\"%s\"}", marker)
                           : g_strdup ("{\"MaxRecords\":20}");
      g_autoptr (JsonNode) node = call (fixture, "DescribeDBClusterSnapshots", input, &error);
      JsonObject *page = slip_json_node_object (node);
      JsonArray *items = slip_json_array (page, "DBClusterSnapshots");

      g_assert_no_error (error);
      for (guint i = 0; i < json_array_get_length (items); i++)
        g_assert_true (g_hash_table_add (
            seen, g_strdup (slip_json_string (json_array_get_object_element (items, i),
                                              "DBClusterSnapshotIdentifier"))));
      g_free (marker);
      marker = g_strdup (slip_json_string (page, "Marker"));
      pages++;
    }
  while (marker != NULL);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 250);
  g_assert_cmpuint (pages, ==, 13);
}

static void
test_global_cluster_is_taken_apart_in_order (Fixture *fixture, gconstpointer data)
{
#define DETACH(region)                                                                             \
  "{\"GlobalClusterIdentifier\":\"world\",\"DbClusterIdentifier\":\"arn:aws:rds:" region           \
  ":" ACCOUNT ":cluster:api\"}"
  seed (fixture);
  assert_refused (fixture, "RemoveFromGlobalCluster", DETACH ("eu-west-1"),
                  "InvalidGlobalClusterStateFault");
  assert_refused (fixture, "DeleteDBCluster",
                  "{\"DBClusterIdentifier\":\"api\",\"SkipFinalSnapshot\":true}",
                  "InvalidGlobalClusterStateFault");
  assert_refused (fixture, "DeleteDBInstance", "{\"DBInstanceIdentifier\":\"api-0\"}",
                  "InvalidDBClusterStateFault");
  do_call (fixture, "RemoveFromGlobalCluster", DETACH ("eu-west-2"));
  assert_shows (fixture, "DescribeGlobalClusters", "{}",
                "$.GlobalClusters[0].GlobalClusterMembers[*].IsWriter", "[true,false]");
  pass (fixture, 20);
  pass (fixture, 239);
  assert_shows (fixture, "DescribeGlobalClusters", "{}",
                "$.GlobalClusters[0].GlobalClusterMembers[*].IsWriter", "[true,false]");
  pass (fixture, 5);
  assert_shows (fixture, "DescribeGlobalClusters", "{}",
                "$.GlobalClusters[0].GlobalClusterMembers[*].IsWriter", "[true]");
  assert_refused (fixture, "DeleteGlobalCluster", "{\"GlobalClusterIdentifier\":\"world\"}",
                  "InvalidGlobalClusterStateFault");
  do_call (fixture, "RemoveFromGlobalCluster", DETACH ("eu-west-1"));
  pass (fixture, 20);
  do_call (fixture, "DeleteGlobalCluster", "{\"GlobalClusterIdentifier\":\"world\"}");
  pass (fixture, 40);
  assert_refused (fixture, "DescribeGlobalClusters", "{\"GlobalClusterIdentifier\":\"world\"}",
                  "GlobalClusterNotFoundFault");
}

static void
test_same_scenario_gives_same_resource_ids (Fixture *fixture, gconstpointer data)
{
  Fixture other = {0};
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;

  seed (fixture);
  fixture_set_up (&other, NULL);
  seed (&other);
  here = look (fixture, "DescribeDBClusters", CLUSTER, "$.DBClusters[0].DbClusterResourceId");
  there = look (&other, "DescribeDBClusters", CLUSTER, "$.DBClusters[0].DbClusterResourceId");
  g_assert_cmpstr (here, ==, there);
  fixture_tear_down (&other, NULL);
}

static void
test_broken_section_is_named_with_its_place (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *section;
    const char *place;
  } broken[] = {
      {"{\"clusters\":[{\"id\":\"Api\"}]}", "$.x.clusters[0]"},
      {"{\"clusters\":[{\"id\":\"a\",\"colour\":1}]}", "$.x.clusters[0]"},
      {"{\"clusters\":[{\"id\":\"a\",\"engine_version\":\"1.0\"}]}", "$.x.clusters[0]"},
      {"{\"clusters\":[{\"id\":\"a\",\"kms_key_id\":\"alias/none\"}]}", "$.x.clusters[0]"},
      {"{\"clusters\":[{\"id\":\"a\",\"instances\":[{\"id\":1}]}]}",
       "$.x.clusters[0].instances[0]"},
      {"{\"clusters\":[{\"id\":\"a\",\"database\":{\"password\":\"p\",\"seed\":\"none\"}}]}",
       "$.x.clusters[0].database"},
      {"{\"snapshots\":[{\"id\":\"s\",\"cluster\":\"none\"}]}", "$.x.snapshots[0]"},
      {"{\"generate_snapshots\":[{\"cluster\":\"none\",\"prefix\":\"p\",\"count\":1}]}",
       "$.x.generate_snapshots[0]"},
      {"{\"subnet_groups\":[{\"id\":\"g\"}]}", "$.x.subnet_groups[0]"},
      {"{\"cluster_parameter_groups\":[{\"id\":\"g\",\"family\":\"none\"}]}",
       "$.x.cluster_parameter_groups[0]"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (JsonObject) section = fixture_object (broken[i].section);
      SlipSeed what = {fixture->world, ACCOUNT, REGION, section, "$.x"};
      g_autoptr (GError) error = NULL;

      slip_world_begin (fixture->world);
      g_assert_false (slip_rds_service.seed (&what, &error));
      slip_world_rollback (fixture->world);
      g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO);
      g_assert_true (g_str_has_prefix (error->message, broken[i].place));
    }
}

#define ADD(name, func)                                                                            \
  g_test_add ("/rehearsal/rds/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("SLIPWAY_REHEARSAL_POSTGRES", "off", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("progress_follows_the_clock", test_progress_follows_the_clock);
  ADD ("modification_settles_first", test_modification_settles_first);
  ADD ("deferred_change_waits_for_its_window", test_deferred_change_waits_for_its_window);
  ADD ("copying_goes_on_after_a_restart", test_copying_goes_on_after_a_restart);
  ADD ("every_page_is_there_once", test_every_page_is_there_once);
  ADD ("global_cluster_is_taken_apart_in_order", test_global_cluster_is_taken_apart_in_order);
  ADD ("same_scenario_gives_same_resource_ids", test_same_scenario_gives_same_resource_ids);
  ADD ("broken_section_is_named_with_its_place", test_broken_section_is_named_with_its_place);
  return g_test_run ();
}
