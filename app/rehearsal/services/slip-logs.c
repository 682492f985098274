/* SPDX-License-Identifier: MIT */

/* Amazon CloudWatch Logs: groups, streams and events. What containers write comes here too; see
 * slip-logs-world.h. Logs Insights is not offered. */

#include "slip-logs-private.h"

#include "slip-json.h"
#include "slip-scenario.h"

static gboolean
seed_group (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "retention_days", "tags", NULL};
  const SlipSeed *seed = data;
  const char *name;
  gint64 days = 0;
  JsonObject *tags, *group;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_int (item, path, "retention_days", 1, 3653, &days, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error))
    return FALSE;
  group = json_object_new ();
  if (days > 0)
    json_object_set_int_member (group, "retentionInDays", days);
  if (tags != NULL)
    json_object_set_object_member (group, "tags", json_object_ref (tags));
  return slip_logs_make_group (seed->world, seed->account, seed->region, name, group)
         || slip_scenario_error (error, path, "log group %s is there already", name);
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "groups", seed_group, error);
}

static const SlipServiceOperation operations[] = {
    {"CreateLogGroup", slip_logs_create_group},
    {"CreateLogStream", slip_logs_create_stream},
    {"DeleteLogGroup", slip_logs_delete_group},
    {"DeleteLogStream", slip_logs_delete_stream},
    {"DeleteRetentionPolicy", slip_logs_delete_retention},
    {"DescribeLogGroups", slip_logs_describe_groups},
    {"DescribeLogStreams", slip_logs_describe_streams},
    {"FilterLogEvents", slip_logs_filter_events},
    {"GetLogEvents", slip_logs_get_events},
    {"ListTagsForResource", slip_logs_list_tags},
    {"PutLogEvents", slip_logs_put_events},
    {"PutRetentionPolicy", slip_logs_put_retention},
    {"TagResource", slip_logs_tag},
    {"UntagResource", slip_logs_untag},
    {NULL, NULL},
};

const SlipService slip_logs_service = {.name = "logs", .operations = operations, .seed = seed};
