/* SPDX-License-Identifier: MIT */

/* Log groups, streams and events as resources of the world. An event's id begins with its stream's and
 * goes on with its time, so that the order of ids is the order of time. */

#include "slip-logs-private.h"

#include "slip-json.h"
#include "slip-paging.h"

#define DAY_MS (24 * 3600 * 1000LL)

gint64
slip_logs_now (SlipWorld *world)
{
  return slip_world_now (world) / 1000;
}

char *
slip_logs_stream_key (const char *group, const char *stream)
{
  return g_strdup_printf ("%s\t%s", group, stream);
}

static char *
group_name (const char *name_or_arn)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (name_or_arn);
  const char *name;

  if (arn == NULL || !g_str_has_prefix (arn->resource, "log-group:"))
    return g_strdup (name_or_arn);
  name = arn->resource + strlen ("log-group:");
  if (g_str_has_suffix (name, ":*"))
    return g_strndup (name, strlen (name) - 2);
  return g_strdup (name);
}

const SlipWorldRecord *
slip_logs_need_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *given = slip_json_string (input, "logGroupName");
  g_autofree char *name = NULL;
  const SlipWorldRecord *group;

  if (given == NULL)
    given = slip_json_string (input, "logGroupIdentifier");
  if (given == NULL)
    given = slip_json_string (input, "resourceArn");
  if (given == NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Either logGroupName or logGroupIdentifier must be given");
  name = group_name (given);
  group = slip_world_get (ctx->world, ctx->account, ctx->region, LOGS_GROUP, name);
  if (group == NULL)
    return slip_service_error (error, 400, "ResourceNotFoundException",
                               "The specified log group does not exist.");
  return group;
}

const SlipWorldRecord *
slip_logs_need_stream (SlipServiceContext *ctx,
                       const SlipWorldRecord *group,
                       const char *stream,
                       GError **error)
{
  g_autofree char *key = slip_logs_stream_key (group->id, stream);
  const SlipWorldRecord *record
      = slip_world_get (ctx->world, ctx->account, ctx->region, LOGS_STREAM, key);

  if (record == NULL)
    return slip_service_error (error, 400, "ResourceNotFoundException",
                               "The specified log stream does not exist.");
  return record;
}

gboolean
slip_logs_make_group (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:logs:%s:%s:log-group:%s", region, account, name);

  if (slip_world_get (world, account, region, LOGS_GROUP, name) != NULL)
    {
      json_object_unref (data);
      return FALSE;
    }
  json_object_set_string_member (data, "logGroupName", name);
  json_object_set_string_member (data, "logGroupArn", arn);
  json_object_set_int_member (data, "creationTime", slip_logs_now (world));
  if (!json_object_has_member (data, "logGroupClass"))
    json_object_set_string_member (data, "logGroupClass", "STANDARD");
  slip_world_put (world, account, region, LOGS_GROUP, name, data);
  return TRUE;
}

void
slip_logs_make_stream (SlipWorld *world,
                       const char *account,
                       const char *region,
                       const char *group,
                       const char *stream)
{
  g_autofree char *key = slip_logs_stream_key (group, stream);
  g_autofree char *arn = g_strdup_printf ("arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", region,
                                          account, group, stream);
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "logStreamName", stream);
  json_object_set_string_member (data, "arn", arn);
  json_object_set_int_member (data, "creationTime", slip_logs_now (world));
  slip_world_put (world, account, region, LOGS_STREAM, key, data);
}

gboolean
slip_logs_world_has_group (SlipWorld *world,
                           const char *account,
                           const char *region,
                           const char *group)
{
  return slip_world_get (world, account, region, LOGS_GROUP, group) != NULL;
}

static void
note_event (SlipWorld *world,
            const char *account,
            const char *region,
            const char *key,
            gint64 time_ms,
            gint64 number)
{
  JsonObject *data = slip_world_edit (world, account, region, LOGS_STREAM, key);
  gint64 first = slip_json_int (data, "firstEventTimestamp", time_ms);
  gint64 last = slip_json_int (data, "lastEventTimestamp", time_ms);

  json_object_set_int_member (data, "firstEventTimestamp", MIN (first, time_ms));
  json_object_set_int_member (data, "lastEventTimestamp", MAX (last, time_ms));
  json_object_set_int_member (data, "lastIngestionTime", slip_logs_now (world));
  json_object_set_int_member (data, "events", number);
  slip_world_put (world, account, region, LOGS_STREAM, key, data);
}

gboolean
slip_logs_world_write (SlipWorld *world,
                       const char *account,
                       const char *region,
                       const char *group,
                       const char *stream,
                       gint64 time_ms,
                       const char *message)
{
  g_autofree char *key = slip_logs_stream_key (group, stream);
  g_autofree char *id = NULL;
  JsonObject *event;
  gint64 number;

  if (!slip_logs_world_has_group (world, account, region, group))
    return FALSE;
  if (slip_world_get (world, account, region, LOGS_STREAM, key) == NULL)
    slip_logs_make_stream (world, account, region, group, stream);
  number
      = slip_json_int (slip_world_get (world, account, region, LOGS_STREAM, key)->data, "events", 0)
        + 1;
  id = g_strdup_printf ("%s\t%015" G_GINT64_FORMAT "\t%09" G_GINT64_FORMAT, key, time_ms, number);
  event = json_object_new ();
  json_object_set_string_member (event, "stream", stream);
  json_object_set_int_member (event, "timestamp", time_ms);
  json_object_set_string_member (event, "message", message);
  json_object_set_int_member (event, "ingestionTime", slip_logs_now (world));
  slip_world_put (world, account, region, LOGS_EVENT, id, event);
  note_event (world, account, region, key, time_ms, number);
  return TRUE;
}

typedef struct
{
  const char *prefix;
  gint64 oldest;
  GPtrArray *list;
} Collection;

static gboolean
collect (const SlipWorldRecord *record, gpointer data)
{
  Collection *collection = data;

  if (!g_str_has_prefix (record->id, collection->prefix))
    return FALSE;
  if (slip_json_int (record->data, "timestamp", G_MAXINT64) >= collection->oldest)
    g_ptr_array_add (collection->list, (gpointer)record);
  return TRUE;
}

static GPtrArray *
list_behind (SlipWorld *world,
             const SlipWorldRecord *group,
             const char *type,
             const char *prefix,
             gint64 oldest)
{
  Collection collection = {prefix, oldest, g_ptr_array_new ()};

  slip_world_foreach (world, group->account, group->region, type, prefix, collect, &collection);
  return collection.list;
}

GPtrArray *
slip_logs_list_events (SlipWorld *world, const SlipWorldRecord *group, const char *stream)
{
  g_autofree char *key = slip_logs_stream_key (group->id, stream);
  g_autofree char *prefix = g_strconcat (key, "\t", NULL);
  gint64 days = slip_json_int (group->data, "retentionInDays", 0);

  return list_behind (world, group, LOGS_EVENT, prefix,
                      days > 0 ? slip_logs_now (world) - days * DAY_MS : G_MININT64);
}

GPtrArray *
slip_logs_list_streams (SlipWorld *world, const SlipWorldRecord *group)
{
  g_autofree char *prefix = g_strconcat (group->id, "\t", NULL);

  return list_behind (world, group, LOGS_STREAM, prefix, G_MININT64);
}

void
slip_logs_remove_stream (SlipWorld *world,
                         const char *account,
                         const char *region,
                         const char *group,
                         const char *stream)
{
  g_autofree char *key = slip_logs_stream_key (group, stream);
  g_autofree char *prefix = g_strconcat (key, "\t", NULL);
  g_autoptr (GPtrArray) events = slip_world_list (world, account, region, LOGS_EVENT);

  for (guint i = 0; i < events->len; i++)
    {
      const SlipWorldRecord *event = events->pdata[i];

      if (g_str_has_prefix (event->id, prefix))
        slip_world_remove (world, account, region, LOGS_EVENT, event->id);
    }
  slip_world_remove (world, account, region, LOGS_STREAM, key);
}

JsonNode *
slip_logs_page (
    JsonObject *input, const char *member, JsonArray *items, guint standard, GError **error)
{
  const SlipPaging paging = {
      .token = "nextToken",
      .limit = "limit",
      .standard = standard,
      .most = 10000,
      .code = "InvalidParameterException",
      .message = "The specified nextToken is invalid.",
  };

  return slip_page_array (input, member, items, &paging, error);
}
