/* SPDX-License-Identifier: MIT */
/* Claims of the estate's tree: rows stay the same objects, in order, whatever order pages land in. */

#include "slip-estate-tree.h"
#include "slip-json.h"

#include <string.h>

typedef struct
{
  SlipEnvironment *environment;
  SlipEstateTree *tree;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const regions[] = {"eu-west-1", NULL};
  SlipEnvironmentSpec spec = {.name = "production", .account = "111111111111", .regions = regions};

  fixture->environment = slip_environment_new (&spec);
  fixture->tree = slip_estate_tree_new (fixture->environment);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  slip_estate_tree_free (fixture->tree);
  g_assert_finalize_object (fixture->environment);
}

static SlipEstateRecord *
record (const SlipEstateListing *listing, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);
  SlipEstateRecord *made;

  g_assert_no_error (error);
  made = listing->read (json_node_get_object (node), "eu-west-1");
  g_assert_nonnull (made);
  return made;
}

static void
merge (Fixture *fixture, SlipEstateKind kind, guint part, guint generation, const char *first, ...)
{
  g_autoptr (GPtrArray) records
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_estate_record_free);
  const SlipEstateListing *listings;
  guint n;
  va_list args;

  listings = slip_estate_listings (kind, &n);
  va_start (args, first);
  for (const char *text = first; text != NULL; text = va_arg (args, const char *))
    g_ptr_array_add (records, record (&listings[part], text));
  va_end (args);
  slip_estate_tree_merge (fixture->tree, records, part, generation);
}

static char *
outline (GListModel *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      g_autofree char *below = outline (slip_resource_get_children (row));

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", slip_resource_get_name (row));
      if (*below != '\0')
        g_string_append_printf (text, "(%s)", below);
    }
  return g_string_free (text, FALSE);
}

static void
assert_outline (Fixture *fixture, const char *expected)
{
  g_autofree char *actual = outline (G_LIST_MODEL (slip_estate_tree_get_roots (fixture->tree)));

  g_assert_cmpstr (actual, ==, expected);
}

#define SNAPSHOT(name, cluster, time)                                                              \
  "{\"DBClusterSnapshotArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:" name          \
  "\",\"DBClusterSnapshotIdentifier\":\"" name "\",\"DBClusterIdentifier\":\"" cluster             \
  "\",\"Status\":\"available\",\"SnapshotCreateTime\":\"" time "\"}"
#define CLUSTER(name)                                                                              \
  "{\"DBClusterArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster:" name                           \
  "\",\"DBClusterIdentifier\":\"" name "\",\"Status\":\"available\"}"
#define INSTANCE(name, cluster)                                                                    \
  "{\"DBInstanceArn\":\"arn:aws:rds:eu-west-1:111111111111:db:" name                               \
  "\",\"DBInstanceIdentifier\":\"" name "\",\"DBClusterIdentifier\":\"" cluster "\"}"
#define GLOBAL(name, members)                                                                      \
  "{\"GlobalClusterArn\":\"arn:aws:rds::111111111111:global-cluster:" name                         \
  "\",\"GlobalClusterIdentifier\":\"" name "\",\"GlobalClusterMembers\":[" members "]}"
#define MEMBER(name) "{\"DBClusterArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster:" name "\"}"

static void
test_snapshots (Fixture *fixture, gconstpointer data)
{
  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 0, 1, SNAPSHOT ("s1", "web", "2026-01-01T00:00:00Z"),
         SNAPSHOT ("s3", "api", "2026-01-03T00:00:00Z"), NULL);
  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 1, 1, SNAPSHOT ("s2", "api", "2026-01-02T00:00:00Z"),
         SNAPSHOT ("s4", "api", "2026-01-04T00:00:00Z"), NULL);
  assert_outline (fixture, "api(s4 s3 s2) web(s1)");
  g_assert_cmpuint (slip_estate_tree_count (fixture->tree), ==, 4);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer count)
{
  (*(guint *)count)++;
}

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer count)
{
  (*(guint *)count)++;
}

static void
test_refresh_by_difference (Fixture *fixture, gconstpointer data)
{
  const char *id = "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:s1";
  SlipResource *group;
  SlipResource *before;
  guint notified = 0;
  guint changed = 0;

  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 0, 1, SNAPSHOT ("s1", "api", "2026-01-01T00:00:00Z"),
         SNAPSHOT ("s2", "api", "2026-01-02T00:00:00Z"), NULL);
  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 1, 1, SNAPSHOT ("auto", "web", "2026-01-02T00:00:00Z"),
         NULL);
  before = slip_estate_tree_find (fixture->tree, id);
  group = slip_estate_tree_find (fixture->tree, "snapshots:eu-west-1:api");
  g_signal_connect (before, "notify", G_CALLBACK (notify_cb), &notified);
  g_signal_connect (slip_resource_get_children (group), "items-changed", G_CALLBACK (changed_cb),
                    &changed);

  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 0, 2, SNAPSHOT ("s1", "api", "2026-01-01T00:00:00Z"),
         SNAPSHOT ("s2", "api", "2026-01-02T00:00:00Z"), NULL);
  slip_estate_tree_sweep (fixture->tree, 0, 2);
  g_assert_cmpuint (notified, ==, 0);
  g_assert_cmpuint (changed, ==, 0);

  merge (fixture, SLIP_ESTATE_SNAPSHOTS, 0, 3, SNAPSHOT ("s1", "api", "2026-01-01T00:00:00Z"),
         SNAPSHOT ("s3", "api", "2026-01-03T00:00:00Z"), NULL);
  slip_estate_tree_sweep (fixture->tree, 0, 3);
  assert_outline (fixture, "api(s3 s1) web(auto)");
  g_assert_true (slip_estate_tree_find (fixture->tree, id) == before);
  g_assert_true (slip_estate_tree_find (fixture->tree, "snapshots:eu-west-1:api") == group);

  slip_estate_tree_sweep (fixture->tree, 0, 4);
  assert_outline (fixture, "web(auto)");
  g_assert_cmpuint (slip_estate_tree_count (fixture->tree), ==, 1);
}

static void
test_databases_any_order (Fixture *fixture, gconstpointer data)
{
  merge (fixture, SLIP_ESTATE_DATABASES, 2, 1, INSTANCE ("api-0", "api"), INSTANCE ("api-1", "api"),
         INSTANCE ("lone-0", "lone"), NULL);
  assert_outline (fixture, "");
  merge (fixture, SLIP_ESTATE_DATABASES, 1, 1, CLUSTER ("web"), CLUSTER ("api"), NULL);
  assert_outline (fixture, "api(api-0 api-1) web");
  merge (fixture, SLIP_ESTATE_DATABASES, 0, 1, GLOBAL ("all", MEMBER ("api")), NULL);
  assert_outline (fixture, "all(api(api-0 api-1)) web");
  slip_estate_tree_settle (fixture->tree);
  assert_outline (fixture, "all(api(api-0 api-1)) web lone-0");
}

static void
test_member_leaves (Fixture *fixture, gconstpointer data)
{
  merge (fixture, SLIP_ESTATE_DATABASES, 0, 1, GLOBAL ("all", MEMBER ("api") "," MEMBER ("dr")),
         NULL);
  merge (fixture, SLIP_ESTATE_DATABASES, 1, 1, CLUSTER ("api"), CLUSTER ("dr"), NULL);
  assert_outline (fixture, "all(api dr)");
  merge (fixture, SLIP_ESTATE_DATABASES, 0, 2, GLOBAL ("all", MEMBER ("api")), NULL);
  assert_outline (fixture, "all(api) dr");
  merge (fixture, SLIP_ESTATE_DATABASES, 1, 2, CLUSTER ("api"), CLUSTER ("dr"), NULL);
  assert_outline (fixture, "all(api) dr");
  slip_estate_tree_sweep (fixture->tree, 0, 3);
  assert_outline (fixture, "api dr");
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) records
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_estate_record_free);
  const SlipEstateListing *listings;
  SlipResource *group;
  GListModel *children;
  guint n;

  listings = slip_estate_listings (SLIP_ESTATE_SNAPSHOTS, &n);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{\"DBClusterSnapshotArn\":\"arn:s%u\",\"DBClusterSnapshotIdentifier\":\"s%u\","
          "\"DBClusterIdentifier\":\"api\",\"SnapshotCreateTime\":\"2026-01-01T00:%02u:%02uZ\"}",
          i, i, (i * 7919) % 60, (i * 104729) % 60);

      g_ptr_array_add (records, record (&listings[0], text));
      if (i % 100 == 99)
        {
          slip_estate_tree_merge (fixture->tree, records, 0, 1);
          g_ptr_array_set_size (records, 0);
        }
    }
  group = slip_estate_tree_find (fixture->tree, "snapshots:eu-west-1:api");
  children = slip_resource_get_children (group);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 3000);
  for (guint i = 1; i < 3000; i++)
    {
      g_autoptr (SlipResource) left = g_list_model_get_item (children, i - 1);
      g_autoptr (SlipResource) right = g_list_model_get_item (children, i);

      g_assert_cmpint (slip_resource_compare (left, right, NULL), <, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/estate/tree/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("groups_snapshots_by_cluster_newest_first", test_snapshots);
  ADD ("a_refresh_changes_only_what_differs", test_refresh_by_difference);
  ADD ("databases_nest_whatever_comes_first", test_databases_any_order);
  ADD ("a_member_that_leaves_goes_to_the_first_level", test_member_leaves);
  ADD ("three_thousand_rows_stay_sorted", test_many);
  return g_test_run ();
}
