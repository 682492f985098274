/* SPDX-License-Identifier: MIT */
/* A scenario's snapshots: single ones, one a day, and thousands for measurements. Rows of a snapshot
 * that was never taken here are made when somebody restores it, fewer the older it is. */

#include "slip-rds-cluster.h"
#include "slip-rds-seed.h"
#include "slip-rds-snapshot.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

/* Cases that come in on a day, for rows of older snapshots. */
#define CASES_PER_DAY 7

JsonArray *
slip_rds_seed_settings (gint64 cases)
{
  g_autofree char *setting = g_strdup_printf ("slipway.cases=%" G_GINT64_FORMAT, cases);
  const char *const settings[] = {setting, NULL};

  return slip_rds_strings (settings);
}

typedef struct
{
  const char *id;
  const char *type;
  const char *status;
  gint64 hours_ago;
  gint64 size;  /* 0 for the cluster's */
  gint64 cases; /* -1 to derive it from the age */
} SnapshotSeed;

static void
plan_rows (SlipRdsEdit *edit, const SlipWorldRecord *cluster, const SnapshotSeed *wish)
{
  static const SlipRdsMember of_database[] = {{"seed"}, {"user"}, {"name"}, {"password"}, {NULL}};
  JsonObject *database = slip_json_object (cluster->data, "database");
  gint64 cases;
  JsonObject *rows;

  if (database == NULL || !json_object_has_member (database, "seed"))
    return;
  cases
      = wish->cases >= 0
            ? wish->cases
            : MAX (0, slip_json_int (database, "cases", 0) - wish->hours_ago * CASES_PER_DAY / 24);
  rows = json_object_new ();
  slip_rds_copy_members (database, rows, of_database);
  json_object_set_array_member (rows, "settings", slip_rds_seed_settings (cases));
  json_object_set_object_member (edit->data, "rows", rows);
}

static SlipRdsEdit *
new_snapshot (const SlipSeed *seed, const SlipWorldRecord *cluster, const SnapshotSeed *wish)
{
  SlipRdsEdit *edit
      = slip_rds_edit_new (seed->world, seed->account, seed->region, SLIP_RDS_SNAPSHOT, wish->id);
  gboolean failed = strcmp (wish->status, "failed") == 0;
  g_autofree char *vpc = slip_rds_cluster_dup_vpc (seed->world, cluster);
  JsonObject *source = json_object_new ();

  slip_rds_snapshot_describe_cluster (cluster, edit->shape, source);
  json_object_set_object_member (edit->data, "source", source);
  slip_rds_seed_time (seed, edit->shape, "SnapshotCreateTime", (double)wish->hours_ago);
  json_object_set_int_member (edit->shape, "AllocatedStorage",
                              wish->size > 0 ? wish->size : slip_rds_cluster_size (cluster));
  json_object_set_string_member (edit->shape, "Status", wish->status);
  json_object_set_int_member (edit->shape, "Port", 0);
  json_object_set_string_member (edit->shape, "VpcId", vpc);
  json_object_set_string_member (edit->shape, "LicenseModel", "postgresql-license");
  json_object_set_string_member (edit->shape, "SnapshotType", wish->type);
  json_object_set_int_member (edit->shape, "PercentProgress", failed ? 0 : 100);
  json_object_set_array_member (edit->shape, "TagList", json_array_new ());
  if (!failed)
    plan_rows (edit, cluster, wish);
  return edit;
}

const SlipWorldRecord *
slip_rds_seed_backup (const SlipSeed *seed,
                      const SlipWorldRecord *cluster,
                      const char *id,
                      const char *key,
                      gint64 hours_ago,
                      gint64 cases)
{
  SnapshotSeed wish = {id, "awsbackup", "available", hours_ago, 0, cases};
  SlipRdsEdit *edit = new_snapshot (seed, cluster, &wish);

  if (key != NULL)
    json_object_set_string_member (edit->shape, "KmsKeyId", key);
  slip_rds_edit_save (edit);
  return slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_SNAPSHOT, id);
}

static const SlipWorldRecord *
find_cluster (const SlipSeed *seed, JsonObject *item, const char *path, GError **error)
{
  const char *id;
  const SlipWorldRecord *cluster;

  if (!slip_scenario_get_string (item, path, "cluster", TRUE, &id, error))
    return NULL;
  cluster = slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_CLUSTER, id);
  if (cluster == NULL)
    slip_scenario_error (error, path, "there is no cluster %s", id);
  return cluster;
}

static gboolean
check_snapshot (const SlipSeed *seed, const SnapshotSeed *wish, const char *path, GError **error)
{
  const char *const types[] = {"manual", "automated", "awsbackup", NULL};
  const char *const statuses[] = {"available", "failed", NULL};

  if (!g_strv_contains (types, wish->type))
    return slip_scenario_error (error, path, "type %s is not manual, automated or awsbackup",
                                wish->type);
  if (!g_strv_contains (statuses, wish->status))
    return slip_scenario_error (error, path, "status %s is neither available nor failed",
                                wish->status);
  if (!g_regex_match_simple ("^((rds|awsbackup):)?[a-z][a-z0-9-]*$", wish->id, 0, 0))
    return slip_scenario_error (error, path, "id %s is no snapshot's name", wish->id);
  if (slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_SNAPSHOT, wish->id)
      != NULL)
    return slip_scenario_error (error, path, "id %s is there already", wish->id);
  return TRUE;
}

static gboolean
set_source (
    const SlipSeed *seed, SlipRdsEdit *edit, JsonObject *item, const char *path, GError **error)
{
  const char *source;
  const SlipWorldRecord *record;

  if (!slip_scenario_get_string (item, path, "source", FALSE, &source, error))
    return FALSE;
  if (source == NULL)
    return TRUE;
  record = slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_SNAPSHOT, source);
  if (record == NULL && !g_str_has_prefix (source, "arn:"))
    return slip_scenario_error (error, path, "there is no snapshot %s", source);
  json_object_set_string_member (edit->shape, "SourceDBClusterSnapshotArn",
                                 record != NULL ? slip_rds_get (record, "DBClusterSnapshotArn")
                                                : source);
  return TRUE;
}

static gboolean
seed_snapshot (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"id",         "cluster", "type",        "status", "hours_ago", "size_gib",
         "kms_key_id", "source",  "shared_with", "tags",   "cases",     NULL};
  const SlipSeed *seed = data;
  SnapshotSeed wish = {NULL, NULL, NULL, 24, 0, -1};
  const SlipWorldRecord *cluster;
  g_autoptr (SlipRdsEdit) edit = NULL;
  JsonArray *accounts;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "id", TRUE, &wish.id, error)
      || !slip_scenario_get_string (item, path, "type", FALSE, &wish.type, error)
      || !slip_scenario_get_string (item, path, "status", FALSE, &wish.status, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, 24 * 365 * 20, &wish.hours_ago, error)
      || !slip_scenario_get_int (item, path, "size_gib", 1, 131072, &wish.size, error)
      || !slip_scenario_get_int (item, path, "cases", 0, 10000000, &wish.cases, error)
      || !slip_scenario_get_strings (item, path, "shared_with", FALSE, &accounts, error)
      || (cluster = find_cluster (seed, item, path, error)) == NULL)
    return FALSE;
  wish.type = wish.type != NULL ? wish.type : "manual";
  wish.status = wish.status != NULL ? wish.status : "available";
  if (!check_snapshot (seed, &wish, path, error))
    return FALSE;
  edit = new_snapshot (seed, cluster, &wish);
  if (!slip_rds_seed_key (seed, item, path, edit->shape, error)
      || !set_source (seed, edit, item, path, error))
    return FALSE;
  json_object_set_array_member (edit->shape, "TagList",
                                slip_tags_from_object (slip_json_object (item, "tags")));
  slip_rds_edit_save (g_steal_pointer (&edit));
  for (guint i = 0; accounts != NULL && i < json_array_get_length (accounts); i++)
    slip_rds_snapshot_share_with (
        seed->world,
        slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_SNAPSHOT, wish.id),
        json_array_get_string_element (accounts, i));
  return TRUE;
}

/* Automated snapshots of the last days, named as AWS names them. */
static gboolean
seed_daily (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"cluster", "count", "hour", NULL};
  const SlipSeed *seed = data;
  const SlipWorldRecord *cluster;
  gint64 count = 7;
  gint64 hour = 2;
  g_autoptr (GDateTime) now = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_int (item, path, "count", 0, 35, &count, error)
      || !slip_scenario_get_int (item, path, "hour", 0, 23, &hour, error)
      || (cluster = find_cluster (seed, item, path, error)) == NULL)
    return FALSE;
  now = g_date_time_new_from_unix_utc (slip_world_now (seed->world) / G_USEC_PER_SEC);
  for (gint64 i = 0; i < count; i++)
    {
      gint64 hours = (g_date_time_get_hour (now) + 24 - hour) % 24 + 24 * i;
      g_autoptr (GDateTime) then = g_date_time_add_hours (now, -(gint)hours);
      g_autofree char *date = g_date_time_format (then, "%Y-%m-%d-%H-%M");
      g_autofree char *id = g_strdup_printf ("rds:%s-%s", cluster->id, date);
      SnapshotSeed wish = {id, "automated", "available", hours, 0, -1};

      if (!check_snapshot (seed, &wish, path, error))
        return FALSE;
      slip_rds_edit_save (new_snapshot (seed, cluster, &wish));
    }
  return TRUE;
}

/* Many small ones, to measure lists with. They have no rows. */
static gboolean
seed_many (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"cluster", "count", "prefix", "type", NULL};
  const SlipSeed *seed = data;
  const SlipWorldRecord *cluster;
  const char *prefix;
  const char *type;
  gint64 count = 0;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_int (item, path, "count", 0, 200000, &count, error)
      || !slip_scenario_get_string (item, path, "prefix", TRUE, &prefix, error)
      || !slip_scenario_get_string (item, path, "type", FALSE, &type, error)
      || (cluster = find_cluster (seed, item, path, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < count; i++)
    {
      g_autofree char *id = g_strdup_printf ("%s-%06d", prefix, (int)i);
      SnapshotSeed wish = {id, type != NULL ? type : "manual", "available", i, 0, 0};
      SlipRdsEdit *edit;

      if (!check_snapshot (seed, &wish, path, error))
        return FALSE;
      edit = new_snapshot (seed, cluster, &wish);
      json_object_remove_member (edit->data, "rows");
      slip_rds_edit_save (edit);
    }
  return TRUE;
}

gboolean
slip_rds_seed_snapshots (const SlipSeed *seed, GError **error)
{
  gpointer data = (gpointer)seed;

  return slip_scenario_foreach_item (seed->section, seed->path, "snapshots", seed_snapshot, data,
                                     error)
         && slip_scenario_foreach_item (seed->section, seed->path, "daily_snapshots", seed_daily,
                                        data, error)
         && slip_scenario_foreach_item (seed->section, seed->path, "generate_snapshots", seed_many,
                                        data, error);
}
