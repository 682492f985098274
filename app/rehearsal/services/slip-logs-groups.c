/* SPDX-License-Identifier: MIT */

/* Log groups and streams: made, listed, deleted; how long events are kept; tags, which are an object
 * here. */

#include "slip-logs-private.h"

#include "slip-json.h"

#define PAGE_SIZE 50

JsonNode *
slip_logs_create_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "logGroupName");
  static const char *const members[] = {"kmsKeyId", "logGroupClass", "tags"};
  JsonObject *data;

  if (!g_regex_match_simple ("^[.\\-_/#A-Za-z0-9]{1,512}$", name, 0, 0))
    return slip_service_error (
        error, 400, "InvalidParameterException",
        "1 validation error detected: Value '%s' at 'logGroupName' failed to "
        "satisfy constraint: Member must satisfy regular expression pattern: "
        "[\\.\\-_/#A-Za-z0-9]+",
        name);
  data = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (input, members[i]))
      json_object_set_member (data, members[i],
                              json_node_copy (json_object_get_member (input, members[i])));
  if (!slip_logs_make_group (ctx->world, ctx->account, ctx->region, name, data))
    return slip_service_error (error, 400, "ResourceAlreadyExistsException",
                               "The specified log group already exists");
  return NULL;
}

JsonNode *
slip_logs_delete_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  g_autoptr (GPtrArray) streams = group != NULL ? slip_logs_list_streams (ctx->world, group) : NULL;
  g_autofree char *name = group != NULL ? g_strdup (group->id) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (group == NULL)
    return NULL;
  for (guint i = 0; i < streams->len; i++)
    g_ptr_array_add (names,
                     g_strdup (slip_json_string (((const SlipWorldRecord *)streams->pdata[i])->data,
                                                 "logStreamName")));
  for (guint i = 0; i < names->len; i++)
    slip_logs_remove_stream (ctx->world, ctx->account, ctx->region, name, names->pdata[i]);
  slip_world_remove (ctx->world, ctx->account, ctx->region, LOGS_GROUP, name);
  return NULL;
}

static JsonObject *
show_group (const SlipWorldRecord *group)
{
  static const char *const members[] = {"logGroupName",    "logGroupArn", "creationTime",
                                        "retentionInDays", "kmsKeyId",    "logGroupClass"};
  JsonObject *object = json_object_new ();
  g_autofree char *arn = g_strconcat (slip_json_string (group->data, "logGroupArn"), ":*", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (group->data, members[i]))
      json_object_set_member (object, members[i],
                              json_node_copy (json_object_get_member (group->data, members[i])));
  json_object_set_string_member (object, "arn", arn);
  json_object_set_int_member (object, "metricFilterCount", 0);
  json_object_set_int_member (object, "storedBytes", 0);
  return object;
}

JsonNode *
slip_logs_describe_groups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *prefix = slip_json_string (input, "logGroupNamePrefix");
  const char *pattern = slip_json_string (input, "logGroupNamePattern");
  g_autoptr (GPtrArray) groups
      = slip_world_list (ctx->world, ctx->account, ctx->region, LOGS_GROUP);
  JsonArray *list;

  if (prefix != NULL && pattern != NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "LogGroup name prefix and LogGroup name pattern are mutually "
                               "exclusive parameters.");
  list = json_array_new ();
  for (guint i = 0; i < groups->len; i++)
    {
      const SlipWorldRecord *group = groups->pdata[i];

      if ((prefix == NULL || g_str_has_prefix (group->id, prefix))
          && (pattern == NULL || strstr (group->id, pattern) != NULL))
        json_array_add_object_element (list, show_group (group));
    }
  return slip_logs_page (input, "logGroups", list, PAGE_SIZE, error);
}

JsonNode *
slip_logs_create_stream (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *stream = slip_json_string (input, "logStreamName");
  g_autofree char *key = group != NULL ? slip_logs_stream_key (group->id, stream) : NULL;

  if (group == NULL)
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, LOGS_STREAM, key) != NULL)
    return slip_service_error (error, 400, "ResourceAlreadyExistsException",
                               "The specified log stream already exists");
  slip_logs_make_stream (ctx->world, ctx->account, ctx->region, group->id, stream);
  return NULL;
}

JsonNode *
slip_logs_delete_stream (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *stream = slip_json_string (input, "logStreamName");

  if (group == NULL || slip_logs_need_stream (ctx, group, stream, error) == NULL)
    return NULL;
  slip_logs_remove_stream (ctx->world, ctx->account, ctx->region, group->id, stream);
  return NULL;
}

static int
compare_last (gconstpointer a, gconstpointer b)
{
  const SlipWorldRecord *x = *(gpointer const *)a;
  const SlipWorldRecord *y = *(gpointer const *)b;
  gint64 first = slip_json_int (x->data, "lastEventTimestamp", 0);
  gint64 second = slip_json_int (y->data, "lastEventTimestamp", 0);

  return first < second ? -1 : first > second;
}

static JsonObject *
show_stream (const SlipWorldRecord *stream)
{
  static const char *const members[]
      = {"logStreamName",      "creationTime",      "firstEventTimestamp",
         "lastEventTimestamp", "lastIngestionTime", "arn"};
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (stream->data, members[i]))
      json_object_set_member (object, members[i],
                              json_node_copy (json_object_get_member (stream->data, members[i])));
  json_object_set_int_member (object, "storedBytes", 0);
  return object;
}

JsonNode *
slip_logs_describe_streams (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *prefix = slip_json_string (input, "logStreamNamePrefix");
  gboolean by_time = g_strcmp0 (slip_json_string (input, "orderBy"), "LastEventTime") == 0;
  gboolean down = slip_json_bool (input, "descending", FALSE);
  g_autoptr (GPtrArray) streams = NULL;
  JsonArray *list;

  if (group == NULL)
    return NULL;
  if (by_time && prefix != NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Cannot order by LastEventTime with a logStreamNamePrefix.");
  streams = slip_logs_list_streams (ctx->world, group);
  if (by_time)
    g_ptr_array_sort (streams, compare_last);
  list = json_array_new ();
  for (guint i = 0; i < streams->len; i++)
    {
      const SlipWorldRecord *stream = streams->pdata[down ? streams->len - 1 - i : i];

      if (prefix == NULL
          || g_str_has_prefix (slip_json_string (stream->data, "logStreamName"), prefix))
        json_array_add_object_element (list, show_stream (stream));
    }
  return slip_logs_page (input, "logStreams", list, PAGE_SIZE, error);
}

static JsonObject *
edit (SlipServiceContext *ctx, const SlipWorldRecord *group)
{
  return slip_world_edit (ctx->world, ctx->account, ctx->region, LOGS_GROUP, group->id);
}

static JsonNode *
put (SlipServiceContext *ctx, const SlipWorldRecord *group, JsonObject *data)
{
  g_autofree char *name = g_strdup (group->id);

  slip_world_put (ctx->world, ctx->account, ctx->region, LOGS_GROUP, name, data);
  return NULL;
}

JsonNode *
slip_logs_put_retention (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const gint64 allowed[] = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                   365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  gint64 days = slip_json_int (input, "retentionInDays", 0);
  gboolean good = FALSE;
  JsonObject *data;

  if (group == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    good = good || allowed[i] == days;
  if (!good)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "1 validation error detected: Value '%" G_GINT64_FORMAT
                               "' at 'retentionInDays' failed to satisfy constraint",
                               days);
  data = edit (ctx, group);
  json_object_set_int_member (data, "retentionInDays", days);
  return put (ctx, group, data);
}

JsonNode *
slip_logs_delete_retention (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  JsonObject *data;

  if (group == NULL)
    return NULL;
  data = edit (ctx, group);
  json_object_remove_member (data, "retentionInDays");
  return put (ctx, group, data);
}

static JsonObject *
take_tags (JsonObject *data)
{
  JsonObject *tags = slip_json_object (data, "tags");

  if (tags == NULL)
    {
      tags = json_object_new ();
      json_object_set_object_member (data, "tags", tags);
    }
  return tags;
}

JsonNode *
slip_logs_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  JsonObject *added = slip_json_object (input, "tags");
  g_autoptr (GList) names = json_object_get_members (added);
  JsonObject *data;

  if (group == NULL)
    return NULL;
  data = edit (ctx, group);
  for (GList *name = names; name != NULL; name = name->next)
    json_object_set_string_member (take_tags (data), name->data,
                                   slip_json_string (added, name->data));
  return put (ctx, group, data);
}

JsonNode *
slip_logs_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  JsonArray *keys = slip_json_array (input, "tagKeys");
  JsonObject *data;

  if (group == NULL)
    return NULL;
  data = edit (ctx, group);
  for (guint i = 0; i < json_array_get_length (keys); i++)
    json_object_remove_member (take_tags (data), json_array_get_string_element (keys, i));
  return put (ctx, group, data);
}

JsonNode *
slip_logs_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  JsonObject *tags = group != NULL ? slip_json_object (group->data, "tags") : NULL;
  JsonObject *output;

  if (group == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "tags",
                                 tags != NULL ? json_object_ref (tags) : json_object_new ());
  return slip_json_new_object (output);
}
