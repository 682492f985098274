/* SPDX-License-Identifier: MIT */
/* DescribeDBClusterSnapshots. Own snapshots come first, then those shared with the caller, then public
 * ones; a marker says in which of the three a page ended, so that no page walks the whole list. */

#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"

#include "slip-json.h"

#include <string.h>

static const SlipRdsFilter filters[] = {
    {"db-cluster-id", "DBClusterIdentifier"},
    {"db-cluster-id", "DbClusterResourceId"},
    {"db-cluster-snapshot-id", "DBClusterSnapshotIdentifier"},
    {"snapshot-type", "SnapshotType"},
    {"engine", "Engine"},
    {NULL, NULL},
};

typedef enum
{
  PHASE_OWN,
  PHASE_SHARED,
  PHASE_PUBLIC,
  N_PHASES,
} Phase;

typedef struct
{
  SlipServiceContext *ctx;
  JsonObject *input;
  const char *cluster;
  const char *resource;
  const char *type; /* of own snapshots; NULL for all */
  gboolean phases[N_PHASES];
  Phase phase;
  guint size;
  JsonArray *items;
  char *last;
  gboolean more;
} Walk;

/* As the API shows a snapshot of somebody else: named by its ARN, without tags. */
static JsonObject *
foreign_view (SlipWorld *world, const SlipWorldRecord *record, gboolean public)
{
  g_autoptr (JsonObject) shape = slip_rds_snapshot_view (world, record);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (shape));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *object = json_node_get_object (copy);

  json_object_set_string_member (object, "DBClusterSnapshotIdentifier",
                                 slip_rds_get (record, "DBClusterSnapshotArn"));
  json_object_set_string_member (object, "SnapshotType", public ? "public" : "shared");
  json_object_set_array_member (object, "TagList", json_array_new ());
  return json_object_ref (object);
}

static gboolean
matches (Walk *walk, const SlipWorldRecord *record)
{
  if (walk->phase == PHASE_OWN && walk->type != NULL
      && !slip_rds_is (record, "SnapshotType", walk->type))
    return FALSE;
  if (walk->cluster != NULL && !slip_rds_is (record, "DBClusterIdentifier", walk->cluster))
    return FALSE;
  if (walk->resource != NULL && !slip_rds_is (record, "DbClusterResourceId", walk->resource))
    return FALSE;
  return slip_rds_filters_match (walk->input, filters, slip_rds_shape (record));
}

static gboolean
take (const SlipWorldRecord *record, gpointer data)
{
  Walk *walk = data;
  const SlipWorldRecord *snapshot = record;

  if (walk->phase != PHASE_OWN)
    {
      g_auto (GStrv) parts = g_strsplit (record->id, "/", 2);
      if (g_strv_length (parts) != 2 || strcmp (parts[0], walk->ctx->account) == 0)
        return TRUE;
      snapshot = slip_world_get (walk->ctx->world, parts[0], record->region, SLIP_RDS_SNAPSHOT,
                                 parts[1]);
      if (snapshot == NULL)
        return TRUE;
    }
  if (!matches (walk, snapshot))
    return TRUE;
  if (json_array_get_length (walk->items) == walk->size)
    {
      walk->more = TRUE;
      return FALSE;
    }
  json_array_add_object_element (
      walk->items, walk->phase == PHASE_OWN
                       ? slip_rds_snapshot_view (walk->ctx->world, snapshot)
                       : foreign_view (walk->ctx->world, snapshot, walk->phase == PHASE_PUBLIC));
  g_free (walk->last);
  walk->last = g_strdup_printf ("%d/%s", (int)walk->phase, record->id);
  return TRUE;
}

static gboolean
choose_phases (Walk *walk, GError **error)
{
  const char *type = slip_json_string (walk->input, "SnapshotType");
  const char *const own[] = {"manual", "automated", "awsbackup", NULL};

  if (type != NULL && *type != '\0' && !g_strv_contains (own, type) && strcmp (type, "shared") != 0
      && strcmp (type, "public") != 0)
    {
      slip_rds_fail (error, "InvalidParameterValue", "Invalid snapshot type: %s", type);
      return FALSE;
    }
  if (type != NULL && *type == '\0')
    type = NULL;
  walk->phases[PHASE_OWN] = type == NULL || g_strv_contains (own, type);
  walk->phases[PHASE_SHARED]
      = g_strcmp0 (type, "shared") == 0 || slip_json_bool (walk->input, "IncludeShared", FALSE);
  walk->phases[PHASE_PUBLIC]
      = g_strcmp0 (type, "public") == 0 || slip_json_bool (walk->input, "IncludePublic", FALSE);
  walk->type = walk->phases[PHASE_OWN] ? type : NULL;
  return TRUE;
}

/* A marker is `PHASE/ID`. */
static gboolean
find_place (Walk *walk, const char *place, const char **after, GError **error)
{
  *after = NULL;
  walk->phase = PHASE_OWN;
  if (*place == '\0')
    return TRUE;
  if (place[0] < '0' || place[0] >= '0' + N_PHASES || place[1] != '/')
    {
      slip_rds_fail (error, "InvalidParameterValue", "Invalid marker: %s",
                     slip_json_string (walk->input, "Marker"));
      return FALSE;
    }
  walk->phase = (Phase)(place[0] - '0');
  *after = place + 2;
  return TRUE;
}

static void
walk_phases (Walk *walk, const char *after)
{
  SlipServiceContext *ctx = walk->ctx;

  for (; walk->phase < N_PHASES && !walk->more; walk->phase++, after = NULL)
    if (walk->phases[walk->phase])
      slip_world_foreach (ctx->world, walk->phase == PHASE_PUBLIC ? "" : ctx->account, ctx->region,
                          walk->phase == PHASE_OWN ? SLIP_RDS_SNAPSHOT : SLIP_RDS_SHARE, after,
                          take, walk);
}

static JsonNode *
finish (JsonArray *items, const char *last)
{
  JsonObject *output = json_object_new ();

  if (last != NULL)
    {
      g_autofree char *marker = slip_marker_encode (last);
      json_object_set_string_member (output, "Marker", marker);
    }
  json_object_set_array_member (output, "DBClusterSnapshots", items);
  return slip_json_new_object (output);
}

static JsonNode *
describe_one (Walk *walk, const char *value, GError **error)
{
  SlipServiceContext *ctx = walk->ctx;
  const SlipWorldRecord *snapshot = slip_rds_snapshot_find_source (ctx, value, error);
  JsonArray *items;
  gboolean foreign;

  if (snapshot == NULL)
    return NULL;
  foreign = strcmp (snapshot->account, ctx->account) != 0;
  if (strcmp (snapshot->region, ctx->region) != 0
      || (foreign && !walk->phases[PHASE_SHARED] && !walk->phases[PHASE_PUBLIC]))
    return slip_rds_fail (error, "DBClusterSnapshotNotFoundFault",
                          "DBClusterSnapshot %s not found.", value);
  items = json_array_new ();
  walk->phase = foreign ? PHASE_SHARED : PHASE_OWN;
  if (matches (walk, snapshot))
    json_array_add_object_element (items, foreign ? foreign_view (ctx->world, snapshot, FALSE)
                                                  : slip_rds_snapshot_view (ctx->world, snapshot));
  return finish (items, NULL);
}

JsonNode *
slip_rds_describe_db_cluster_snapshots (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *value = slip_json_string (input, "DBClusterSnapshotIdentifier");
  const char *cluster = slip_json_string (input, "DBClusterIdentifier");
  g_auto (SlipRdsName) name = {0};
  g_autofree char *place = NULL;
  const char *after;
  Walk walk = {.ctx = ctx, .input = input};
  JsonNode *node;

  if (!slip_rds_page_size (input, &walk.size, error)
      || !slip_rds_check_filters (input, filters, error) || !choose_phases (&walk, error)
      || (place = slip_rds_marker (input, error)) == NULL
      || !find_place (&walk, place, &after, error))
    return NULL;
  if (cluster != NULL && *cluster != '\0'
      && !slip_rds_parse_name (ctx, cluster, SLIP_RDS_CLUSTER, &name, error))
    return NULL;
  walk.cluster = name.id;
  walk.resource = slip_json_string (input, "DbClusterResourceId");
  if (value != NULL && *value != '\0')
    return describe_one (&walk, value, error);

  walk.items = json_array_new ();
  walk_phases (&walk, after);
  node = finish (walk.items, walk.more ? walk.last : NULL);
  g_free (walk.last);
  return node;
}
