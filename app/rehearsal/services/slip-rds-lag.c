/* SPDX-License-Identifier: MIT */
/* AuroraGlobalDBReplicationLag, which CloudWatch has in the region of each connected secondary of a
 * global cluster: milliseconds, once a minute. With rows it is measured on the streaming standby; a
 * secondary without rows has nothing that could come late, and says 0.
 *
 * The metric and its unit are in the Aurora User Guide; AWS's own workshops read it in the secondary's
 * region by the dimension SourceRegion, and others by DBClusterIdentifier, the secondary's. So there are
 * these two here. Unverified against a live account: that each stands alone, whether one metric has both,
 * and how values of several secondaries of one SourceRegion come together. */

#include "slip-rds-database.h"
#include "slip-rds-global.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"
#include "slip-world-metrics.h"

#define DUE "rds.lag-due"
#define MEASURED "rds.lag-measured"

/* The one transition stands for all global clusters. */
#define ALL "all"

/* Measuring costs logins, so that a rehearsal that hurries does not measure oftener than this. */
#define LEAST_REAL_SECONDS 1.0

static SlipMetric
metric_of (const char *account, const char *region, const char *dimensions)
{
  return (SlipMetric){account,    region,        "AWS/RDS", "AuroraGlobalDBReplicationLag",
                      dimensions, "Milliseconds"};
}

/* Which global cluster a secondary is connected to now. */
static const SlipWorldRecord *
connected_to (SlipWorld *world, const SlipWorldRecord *cluster)
{
  const char *name = slip_json_string (cluster->data, "global");
  const SlipWorldRecord *global
      = name != NULL ? slip_world_get (world, cluster->account, "", SLIP_RDS_GLOBAL, name) : NULL;
  JsonObject *member = global != NULL ? slip_rds_global_find_member (
                           slip_rds_shape (global), slip_rds_get (cluster, "DBClusterArn"))
                                      : NULL;

  if (member == NULL || slip_json_bool (member, "IsWriter", FALSE)
      || g_strcmp0 (slip_json_string (member, "SynchronizationStatus"), "connected") != 0)
    return NULL;
  return global;
}

/* ---- measuring */

static JsonObject *
new_payload (const SlipWorldRecord *primary, const SlipWorldRecord *secondary)
{
  JsonObject *payload = json_object_new ();
  JsonObject *from = slip_json_object (primary->data, "database");
  JsonObject *to = slip_json_object (secondary->data, "database");
  JsonObject *action;

  if (from == NULL || to == NULL || !slip_rds_database_is_open ())
    return payload;
  action = slip_rds_database_action (payload, "lag");
  json_object_set_string_member (action, "key", slip_json_string (to, "key"));
  json_object_set_string_member (action, "primary", slip_json_string (from, "key"));
  return payload;
}

void
slip_rds_lag_measure (SlipWorld *world, const SlipWorldRecord *global)
{
  const SlipWorldRecord *primary = slip_rds_global_primary (world, global);
  JsonArray *members = slip_json_array (slip_rds_shape (global), "GlobalClusterMembers");

  for (guint i = 0; primary != NULL && i < json_array_get_length (members); i++)
    {
      const SlipWorldRecord *cluster = slip_rds_global_cluster_of_arn (
          world, slip_json_string (json_array_get_object_element (members, i), "DBClusterArn"));

      if (cluster == NULL || connected_to (world, cluster) == NULL
          || slip_world_is_scheduled (world, MEASURED, cluster->account, cluster->region,
                                      SLIP_RDS_CLUSTER, cluster->id))
        continue;
      slip_world_start_work (world, 0, MEASURED, cluster->account, cluster->region,
                             SLIP_RDS_CLUSTER, cluster->id, new_payload (primary, cluster));
    }
}

/* A standby that cannot be asked has no value in this minute, as a cluster at AWS that reports none. */
static void
on_measured (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const SlipWorldRecord *cluster
      = slip_world_get (world, work->account, work->region, work->type, work->id);
  const SlipWorldRecord *global = cluster != NULL ? connected_to (world, cluster) : NULL;
  const SlipWorldRecord *primary = global != NULL ? slip_rds_global_primary (world, global) : NULL;
  g_autofree char *own = NULL;
  g_autofree char *source = NULL;
  SlipMetric metric;
  double lag;

  if (error != NULL)
    g_debug ("replication lag of %s: %s", work->id, error->message);
  if (error != NULL || result == NULL || primary == NULL)
    return;
  lag = slip_json_double (result, "milliseconds", 0);
  own = slip_world_metric_dimensions ("DBClusterIdentifier", cluster->id, NULL);
  source = slip_world_metric_dimensions ("SourceRegion", primary->region, NULL);
  metric = metric_of (cluster->account, cluster->region, own);
  slip_world_metric_set (world, &metric, lag);
  metric = metric_of (cluster->account, cluster->region, source);
  slip_world_metric_count (world, &metric, lag);
}

void
slip_rds_lag_forget (SlipWorld *world, const char *arn)
{
  const SlipWorldRecord *cluster = slip_rds_global_cluster_of_arn (world, arn);
  g_autofree char *own
      = cluster != NULL ? slip_world_metric_dimensions ("DBClusterIdentifier", cluster->id, NULL)
                        : NULL;
  SlipMetric metric;

  if (cluster == NULL)
    return;
  metric = metric_of (cluster->account, cluster->region, own);
  slip_world_metric_forget (world, &metric);
}

/* ---- every minute */

static void
look_again (SlipWorld *world)
{
  double seconds = MAX (SLIP_RDS_LAG_EVERY, LEAST_REAL_SECONDS * slip_world_get_speed (world));

  slip_world_schedule (world, seconds, DUE, "", "", SLIP_RDS_GLOBAL, ALL, NULL);
}

static void
on_due (SlipWorld *world, const SlipTransition *transition)
{
  g_autoptr (GPtrArray) globals = slip_world_list (world, NULL, NULL, SLIP_RDS_GLOBAL);

  for (guint i = 0; i < globals->len; i++)
    slip_rds_lag_measure (world, globals->pdata[i]);
  if (globals->len > 0)
    look_again (world);
}

void
slip_rds_lag_begin (SlipWorld *world)
{
  if (!slip_world_is_scheduled (world, DUE, "", "", SLIP_RDS_GLOBAL, ALL))
    slip_world_schedule (world, 0, DUE, "", "", SLIP_RDS_GLOBAL, ALL, NULL);
}

gboolean
slip_rds_lag_start (SlipWorld *world, GError **error)
{
  slip_world_begin (world);
  if (slip_world_count (world, NULL, NULL, SLIP_RDS_GLOBAL) > 0)
    slip_rds_lag_begin (world);
  return slip_world_commit (world, error);
}

void
slip_rds_lag_attach (SlipWorld *world)
{
  slip_world_handle (world, DUE, on_due);
  slip_world_handle_work (world, MEASURED, slip_rds_database_lag_work, on_measured);
}
