/* SPDX-License-Identifier: MIT */
/* Claims of the kinds of lists besides databases: what stands where, in which order, what a copy job
 * links, what a Terraform state tells and what it keeps to itself, and what the cache brings back. */

#include "slip-estate-cache.h"
#include "slip-estate-tree.h"
#include "slip-estate-walk.h"
#include "slip-json.h"
#include "slip-test-folder.h"

#include <string.h>

typedef struct
{
  SlipEnvironment *environment;
  SlipEstateTree *tree;
  char *folder;
  GPtrArray *roots; /* element-type SlipTerraformRoot */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const regions[] = {"eu-west-1", NULL};
  SlipEnvironmentSpec spec = {.name = "production", .account = "111111111111", .regions = regions};
  SlipTerraformRoot *root = g_new0 (SlipTerraformRoot, 1);
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("slip-kinds-XXXXXX", &error);
  g_assert_no_error (error);
  root->name = g_strdup ("network");
  root->path = g_strdup (fixture->folder);
  fixture->roots = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_terraform_root_free);
  g_ptr_array_add (fixture->roots, root);
  spec.terraform = fixture->roots;
  fixture->environment = slip_environment_new (&spec);
  fixture->tree = slip_estate_tree_new (fixture->environment);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  slip_estate_tree_free (fixture->tree);
  g_assert_finalize_object (fixture->environment);
  g_ptr_array_unref (fixture->roots);
}

static void
merge (Fixture *fixture, const SlipEstateListing *listing, const char *items)
{
  g_autoptr (GPtrArray) records = slip_estate_records_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (items, -1, &error);
  JsonArray *array;

  g_assert_no_error (error);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    slip_estate_walk_read (listing, json_array_get_object_element (array, i), "eu-west-1", records);
  g_assert_cmpuint (records->len, >, 0);
  slip_estate_tree_merge (fixture->tree, records, 0, 1);
}

static char *
outline (GListModel *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      g_autofree char *below = outline (slip_resource_get_children (row));

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", slip_resource_get_name (row));
      if (*below != '\0')
        g_string_append_printf (text, " (%s)", below);
    }
  return g_string_free (text, FALSE);
}

static void
assert_outline (Fixture *fixture, const char *expected)
{
  g_autofree char *actual = outline (G_LIST_MODEL (slip_estate_tree_get_roots (fixture->tree)));

  g_assert_cmpstr (actual, ==, expected);
}

#define VAULT_ARN "arn:aws:backup:eu-west-1:111111111111:backup-vault:v"
#define VAULT "[{\"BackupVaultName\":\"v\",\"BackupVaultArn\":\"" VAULT_ARN "\"}]"
#define POINT(id, time)                                                                            \
  "{\"RecoveryPointArn\":\"" id "\",\"BackupVaultArn\":\"" VAULT_ARN                               \
  "\",\"ResourceArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster:api\",\"CreationDate\":\"" time \
  "\",\"Status\":\"COMPLETED\",\"BackupSizeInBytes\":1048576}"

static void
test_points (Fixture *fixture, gconstpointer data)
{
  merge (fixture, slip_estate_listing_find (&slip_estate_vaults[0], "recovery points"),
         "[" POINT ("p1", "2026-11-19T03:00:00Z") "," POINT ("p2", "2026-11-20T03:00:00Z") "]");
  assert_outline (fixture, "");
  merge (fixture, &slip_estate_vaults[0], VAULT);
  assert_outline (fixture, "v (api 2026-11-20 03:00, api 2026-11-19 03:00)");
  g_assert_cmpint (slip_resource_get_size (slip_estate_tree_find (fixture->tree, "p1")), ==,
                   1048576);
}

static void
test_copies (Fixture *fixture, gconstpointer data)
{
  GPtrArray *copies;

  merge (fixture, &slip_estate_vaults[1],
         "[{\"CopyJobId\":\"j\",\"SourceRecoveryPointArn\":\"p1\",\"SourceBackupVaultArn\":\"v1\","
         "\"DestinationRecoveryPointArn\":\"p2\",\"DestinationBackupVaultArn\":\"v2\"}]");
  g_assert_cmpuint (slip_estate_tree_count (fixture->tree), ==, 0);
  copies = slip_estate_tree_get_copies (fixture->tree, "p1");
  g_assert_cmpuint (copies->len, ==, 1);
  g_assert_cmpstr (((SlipEstateCopy *)copies->pdata[0])->id, ==, "p2");
  g_assert_cmpstr (((SlipEstateCopy *)copies->pdata[0])->vault, ==, "v2");
  g_assert_false (((SlipEstateCopy *)copies->pdata[0])->is_original);
  copies = slip_estate_tree_get_copies (fixture->tree, "p2");
  g_assert_cmpstr (((SlipEstateCopy *)copies->pdata[0])->id, ==, "p1");
  g_assert_cmpstr (((SlipEstateCopy *)copies->pdata[0])->vault, ==, "v1");
  g_assert_true (((SlipEstateCopy *)copies->pdata[0])->is_original);
  g_assert_null (slip_estate_tree_get_copies (fixture->tree, "p3"));
}

static void
test_tables (Fixture *fixture, gconstpointer data)
{
  SlipResource *plain;

  merge (fixture, &slip_estate_tables[0],
         "[{\"TableArn\":\"t\",\"TableName\":\"cases\",\"GlobalSecondaryIndexes\":[{\"IndexArn\":"
         "\"t/index/i\",\"IndexName\":\"by-date\"}],\"Replicas\":[{\"RegionName\":\"eu-west-2\"}]},"
         "{\"TableArn\":\"u\",\"TableName\":\"sessions\"}]");
  assert_outline (fixture, "cases (eu-west-2, by-date), sessions");
  plain = slip_estate_tree_find (fixture->tree, "u");
  g_assert_null (slip_resource_get_children (plain));
}

#define CLUSTER "arn:aws:ecs:eu-west-1:111111111111:cluster/c"
#define TASK(id, group, more)                                                                      \
  "{\"taskArn\":\"arn:aws:ecs:eu-west-1:111111111111:task/c/" id "\",\"clusterArn\":\"" CLUSTER    \
  "\",\"taskDefinitionArn\":\"arn:aws:ecs:eu-west-1:111111111111:task-definition/api:3\","         \
  "\"group\":\"" group "\"" more "}"

static void
test_tasks (Fixture *fixture, gconstpointer data)
{
  const SlipEstateListing *clusters = &slip_estate_tasks[0];
  SlipResource *failed;

  merge (fixture, slip_estate_listing_find (clusters, "tasks"),
         "[" TASK ("1111111111", "service:web", "") "," TASK (
             "2222222222", "family:api",
             ",\"lastStatus\":\"STOPPED\",\"stopCode\":\"EssentialContainerExited\","
             "\"containers\":[{\"exitCode\":0},{\"exitCode\":3}]") "]");
  merge (fixture, clusters, "[{\"clusterArn\":\"" CLUSTER "\",\"clusterName\":\"c\"}]");
  merge (fixture, slip_estate_listing_find (clusters, "services"),
         "[{\"serviceArn\":\"arn:aws:ecs:eu-west-1:111111111111:service/c/web\",\"serviceName\":"
         "\"web\",\"clusterArn\":\"" CLUSTER "\"}]");
  assert_outline (fixture, "c (web (api:3 11111111), api:3 22222222)");
  failed = slip_estate_tree_find (fixture->tree,
                                  "arn:aws:ecs:eu-west-1:111111111111:task/c/2222222222");
  g_assert_cmpstr (slip_resource_get_detail (failed), ==, "exit 3 · EssentialContainerExited");
}

static void
test_alarms (Fixture *fixture, gconstpointer data)
{
  merge (fixture, &slip_estate_alarms[0],
         "[{\"AlarmArn\":\"a\",\"AlarmName\":\"a\",\"StateValue\":\"OK\"},"
         "{\"AlarmArn\":\"b\",\"AlarmName\":\"b\",\"StateValue\":\"INSUFFICIENT_DATA\"},"
         "{\"AlarmArn\":\"c\",\"AlarmName\":\"c\",\"StateValue\":\"ALARM\"}]");
  assert_outline (fixture, "c, b, a");
  merge (fixture, &slip_estate_alarms[0],
         "[{\"AlarmArn\":\"a\",\"AlarmName\":\"a\",\"StateValue\":\"ALARM\"},"
         "{\"AlarmArn\":\"c\",\"AlarmName\":\"c\",\"StateValue\":\"OK\"}]");
  assert_outline (fixture, "a, b, c");
}

/* ---- Terraform */

#define STATE                                                                                      \
  "{\"version\":4,\"terraform_version\":\"1.5.7\",\"serial\":12,\"lineage\":\"l\",\"resources\":[" \
  "{\"mode\":\"managed\",\"type\":\"aws_dynamodb_table\",\"name\":\"lpas\",\"module\":\"module."   \
  "a\","                                                                                           \
  "\"instances\":[{\"index_key\":\"x\",\"status\":\"tainted\",\"attributes\":{\"id\":\"Lpas\","    \
  "\"password\":\"hunter2\"}}]},{\"mode\":\"data\",\"type\":\"aws_region\",\"name\":\"here\","     \
  "\"instances\":[{\"attributes\":{\"id\":\"eu-west-1\"}}]}]}"
#define LOCK                                                                                       \
  "{\"ID\":\"1\",\"Operation\":\"OperationTypeApply\",\"Who\":\"ann@desk\",\"Created\":"           \
  "\"2026-11-21T02:00:00Z\"}"

static void
take_cb (GPtrArray *records, gpointer data)
{
  Fixture *fixture = data;

  slip_estate_tree_merge (fixture->tree, records, 0, 1);
  g_ptr_array_unref (records);
}

static gboolean
read_terraform (Fixture *fixture, GError **error)
{
  SlipEstateWalk walk
      = {.environment = fixture->environment, .place = "network", .emit = take_cb, .data = fixture};

  return slip_estate_walk (&walk, &slip_estate_terraform[0], error);
}

static void
write_file (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_terraform (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SlipResource *root;

  write_file (fixture, "terraform.tfstate", STATE);
  g_assert_true (read_terraform (fixture, &error));
  g_assert_no_error (error);
  assert_outline (fixture,
                  "network (data.aws_region.here, module.a.aws_dynamodb_table.lpas[\"x\"])");
  root = slip_estate_tree_find (fixture->tree, "terraform:production:network");
  g_assert_cmpstr (slip_resource_get_status (root), ==, "not locked");
  g_assert_cmpstr (slip_resource_get_detail (root), ==, "serial 12 · Terraform 1.5.7");
  g_assert_null (strstr (slip_resource_get_text (root), "hunter2"));

  write_file (fixture, ".terraform.tfstate.lock.info", LOCK);
  g_assert_true (read_terraform (fixture, &error));
  g_assert_cmpstr (slip_resource_get_status (root), ==, "locked");
  g_assert_nonnull (strstr (slip_resource_get_text (root), "ann@desk"));
}

static void
test_no_terraform (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (read_terraform (fixture, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, fixture->folder));
  g_clear_error (&error);
  write_file (fixture, "terraform.tfstate", "[]");
  g_assert_false (read_terraform (fixture, &error));
  g_assert_nonnull (error);
}

/* ---- the cache */

static void
cached_cb (GPtrArray *records, gint64 saved, gpointer data)
{
  g_assert_cmpint (saved, >, 0);
  take_cb (records, data);
}

static void
test_cache (Fixture *fixture, gconstpointer data)
{
  const SlipEstateListing *vaults = &slip_estate_vaults[0];
  const SlipEstateListing *points = slip_estate_listing_find (vaults, "recovery points");
  g_autoptr (GString) kept = g_string_new (NULL);
  g_autoptr (GPtrArray) records = slip_estate_records_new ();
  g_autoptr (JsonNode) vault = slip_json_parse (VAULT, -1, NULL);
  g_autoptr (JsonNode) point = slip_json_parse (POINT ("p", "2026-11-20T03:00:00Z"), -1, NULL);

  slip_estate_walk_read (vaults, json_array_get_object_element (json_node_get_array (vault), 0),
                         "eu-west-1", records);
  slip_estate_walk_read (points, json_node_get_object (point), "eu-west-1", records);
  for (guint i = 0; i < records->len; i++)
    slip_estate_cache_add (kept, vaults, g_ptr_array_index (records, i));
  slip_estate_cache_write (fixture->folder, fixture->environment, SLIP_ESTATE_VAULTS,
                           "eu-west-1 vaults", kept);
  slip_estate_cache_read (fixture->folder, fixture->environment, SLIP_ESTATE_VAULTS,
                          "eu-west-1 vaults", vaults, "eu-west-1", cached_cb, fixture);
  assert_outline (fixture, "v (api 2026-11-20 03:00)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/estate/kinds/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("recovery_points_stand_below_their_vault_newest_first", test_points);
  ADD ("a_copy_job_links_both_ways_and_is_no_row", test_copies);
  ADD ("indexes_and_replicas_stand_below_their_table", test_tables);
  ADD ("tasks_stand_below_service_or_cluster_and_tell_how_they_ended", test_tasks);
  ADD ("what_rings_comes_first", test_alarms);
  ADD ("a_state_tells_addresses_and_lock_but_no_secret", test_terraform);
  ADD ("a_state_that_is_not_there_is_named", test_no_terraform);
  ADD ("the_cache_brings_back_what_stands_below", test_cache);
  return g_test_run ();
}
