/* SPDX-License-Identifier: MIT */
/* States that no work of a cluster's own leads to, and that most work refuses: its key is lost, its
 * parameters do not fit. AWS documents what they mean and how a cluster comes back, or that it does not
 * (Aurora user guide, "Viewing cluster status"; re:Post, "resolve an inaccessible encryption state"). Which
 * calls it still serves then is documented nowhere in one place; what is inferred says so. */

#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-world.h"

#include "slip-json.h"

static const char *const broken[] = {
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    NULL,
};

gboolean
slip_rds_cluster_is_broken (const SlipWorldRecord *cluster)
{
  return g_strv_contains (broken, slip_rds_get (cluster, "Status"));
}

typedef struct
{
  const char *id;
  const SlipWorldRecord *found;
} Search;

static gboolean
is_searched (const SlipWorldRecord *record, gpointer data)
{
  Search *search = data;

  if (!g_str_equal (record->id, search->id))
    return TRUE;
  search->found = record;
  return FALSE;
}

static const SlipWorldRecord *
find (SlipWorld *world, JsonObject *wish)
{
  Search search = {.id = slip_json_string (wish, "cluster")};

  if (search.id != NULL && slip_json_string (wish, "region") != NULL)
    slip_world_foreach (world, slip_json_string (wish, "account"),
                        slip_json_string (wish, "region"), SLIP_RDS_CLUSTER, NULL, is_searched,
                        &search);
  return search.found;
}

gboolean
slip_rds_cluster_break (SlipWorld *world, JsonObject *wish, GError **error)
{
  const char *state = slip_json_string (wish, "state");
  const SlipWorldRecord *cluster = find (world, wish);
  JsonObject *database;
  JsonObject *payload;

  if (state == NULL || !g_strv_contains (broken, state))
    {
      g_autofree char *list = g_strjoinv (", ", (char **)broken);

      slip_service_error (error, 400, "BadRequest", "state is none of %s", list);
      return FALSE;
    }
  if (cluster == NULL
      || (!slip_rds_is (cluster, "Status", "available") && !slip_rds_cluster_is_broken (cluster)))
    {
      slip_service_error (error, 400, "BadRequest",
                          "cluster and region name no cluster that is available, or broken");
      return FALSE;
    }
  cluster
      = slip_rds_cluster_set_status (world, cluster->account, cluster->region, cluster->id, state);
  slip_rds_cluster_set_instance_status (world, cluster, state);
  slip_rds_event (world, cluster, "failure", "DB cluster is in state %s", state);
  payload = json_object_new ();
  database = slip_json_object (cluster->data, "database");
  if (database != NULL && slip_rds_database_is_open ())
    json_object_set_string_member (slip_rds_database_action (payload, "stop"), "key",
                                   slip_json_string (database, "key"));
  slip_world_start_work (world, 0, "rds.cluster-broken", cluster->account, cluster->region,
                         SLIP_RDS_CLUSTER, cluster->id, payload);
  return TRUE;
}

/* Only its database had to be stopped. */
static void
on_broken (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const SlipWorldRecord *cluster
      = slip_world_get (world, work->account, work->region, work->type, work->id);

  if (error != NULL && cluster != NULL)
    slip_rds_event (world, cluster, "failure", "The database still runs: %s", error->message);
}

void
slip_rds_cluster_break_attach (SlipWorld *world)
{
  slip_world_handle_work (world, "rds.cluster-broken", slip_rds_database_work, on_broken);
}
