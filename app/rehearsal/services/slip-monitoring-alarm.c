/* SPDX-License-Identifier: MIT */

/* CloudWatch alarms: made, listed in pages, found by their metric, deleted all or none. */

#include "slip-monitoring.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-world-metrics.h"

#include <string.h>

#define PAGE_SIZE 50
#define MAX_PAGE 100

char *
slip_monitoring_alarm_arn (const char *account, const char *region, const char *name)
{
  return g_strdup_printf ("arn:aws:cloudwatch:%s:%s:alarm:%s", region, account, name);
}

static gpointer
refuse (GError **error, const char *code, const char *message)
{
  return slip_service_error (error, 400, code, "%s", message);
}

static void
set_default (JsonObject *data, const char *name)
{
  if (!json_object_has_member (data, name))
    json_object_set_array_member (data, name, json_array_new ());
}

/* A replaced alarm keeps its state. */
static void
start_state (SlipWorld *world, JsonObject *data, const SlipWorldRecord *old)
{
  static const char *const kept[]
      = {"StateValue", "StateReason", "StateUpdatedTimestamp", "StateTransitionedTimestamp"};
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "AlarmConfigurationUpdatedTimestamp", now);
  json_object_set_string_member (data, "StateValue", "INSUFFICIENT_DATA");
  json_object_set_string_member (data, "StateReason", "Unchecked: Initial alarm creation");
  json_object_set_string_member (data, "StateUpdatedTimestamp", now);
  json_object_set_string_member (data, "StateTransitionedTimestamp", now);
  for (guint i = 0; old != NULL && i < G_N_ELEMENTS (kept); i++)
    json_object_set_string_member (data, kept[i], slip_json_string (old->data, kept[i]));
}

void
slip_monitoring_make_alarm (SlipWorld *world,
                            const char *account,
                            const char *region,
                            JsonObject *input)
{
  const char *name = slip_json_string (input, "AlarmName");
  const SlipWorldRecord *old = slip_world_get (world, account, region, CW_ALARM, name);
  g_autofree char *arn = slip_monitoring_alarm_arn (account, region, name);
  JsonObject *data = json_object_new ();
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, input);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    if (!g_str_equal (member, "Tags"))
      json_object_set_member (data, member, slip_json_copy (node));
  json_object_set_string_member (data, "AlarmArn", arn);
  if (!json_object_has_member (data, "ActionsEnabled"))
    json_object_set_boolean_member (data, "ActionsEnabled", TRUE);
  set_default (data, "OKActions");
  set_default (data, "AlarmActions");
  set_default (data, "InsufficientDataActions");
  set_default (data, "Dimensions");
  start_state (world, data, old);
  json_object_set_array_member (
      data, "tags",
      old != NULL ? json_array_ref (slip_json_array (old->data, "tags"))
                  : slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
  slip_world_put (world, account, region, CW_ALARM, name, data);
  slip_monitoring_look_later (world, account, region, name);
}

static gboolean
check_alarm (JsonObject *input, GError **error)
{
  gboolean metric = json_object_has_member (input, "MetricName");
  gint64 period = slip_json_int (input, "Period", 0);

  if (metric == json_object_has_member (input, "Metrics"))
    refuse (error, "ValidationError", "Exactly one of MetricName and Metrics must be specified");
  else if (metric && slip_json_string (input, "Namespace") == NULL)
    refuse (error, "ValidationError", "Namespace must be specified");
  else if (metric
           && json_object_has_member (input, "Statistic")
                  == json_object_has_member (input, "ExtendedStatistic"))
    refuse (error, "ValidationError",
            "Exactly one of Statistic and ExtendedStatistic must be specified");
  else if (metric && period != 10 && period != 30 && (period < 60 || period % 60 != 0))
    refuse (error, "ValidationError", "Period must be 10, 30 or a multiple of 60");
  else if (slip_json_int (input, "EvaluationPeriods", 0) < 1)
    refuse (error, "ValidationError", "EvaluationPeriods must be greater than or equal to 1");
  else if (slip_json_int (input, "DatapointsToAlarm", 1)
           > slip_json_int (input, "EvaluationPeriods", 1))
    refuse (error, "ValidationError",
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods");
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_monitoring_put_alarm (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  if (check_alarm (input, error))
    slip_monitoring_make_alarm (ctx->world, ctx->account, ctx->region, input);
  return NULL;
}

static JsonObject *
show (const SlipWorldRecord *alarm)
{
  JsonObject *shown = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, alarm->data);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_ascii_isupper (*name))
      json_object_set_member (shown, name, slip_json_copy (node));
  return shown;
}

static gboolean
holds (JsonArray *array, const char *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (g_strcmp0 (json_array_get_string_element (array, i), text) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_action (JsonObject *alarm, const char *prefix)
{
  static const char *const lists[] = {"OKActions", "AlarmActions", "InsufficientDataActions"};

  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    {
      JsonArray *list = slip_json_array (alarm, lists[l]);

      for (guint i = 0; i < json_array_get_length (list); i++)
        if (g_str_has_prefix (json_array_get_string_element (list, i), prefix))
          return TRUE;
    }
  return FALSE;
}

static gboolean
is_wanted (const SlipWorldRecord *alarm, JsonObject *input)
{
  JsonArray *names = slip_json_array (input, "AlarmNames");
  JsonArray *types = slip_json_array (input, "AlarmTypes");
  const char *prefix = slip_json_string (input, "AlarmNamePrefix");
  const char *state = slip_json_string (input, "StateValue");
  const char *action = slip_json_string (input, "ActionPrefix");

  return (names == NULL || json_array_get_length (names) == 0 || holds (names, alarm->id))
         && (prefix == NULL || g_str_has_prefix (alarm->id, prefix))
         && (state == NULL || g_strcmp0 (slip_json_string (alarm->data, "StateValue"), state) == 0)
         && (action == NULL || has_action (alarm->data, action))
         && (types == NULL || json_array_get_length (types) == 0 || holds (types, "MetricAlarm"));
}

static JsonObject *
show_found (const SlipWorldRecord *alarm, JsonObject *input)
{
  return show (alarm);
}

JsonNode *
slip_monitoring_describe_alarms (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipListing listing
      = {.type = CW_ALARM, .member = "MetricAlarms", .match = is_wanted, .show = show_found};
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxRecords",
      .standard = PAGE_SIZE,
      .most = MAX_PAGE,
      .code = "InvalidNextToken",
      .message = "The NextToken is invalid",
  };
  gint64 limit = slip_json_int (input, "MaxRecords", PAGE_SIZE);
  JsonArray *names = slip_json_array (input, "AlarmNames");
  JsonNode *output;

  if (limit < 1 || limit > MAX_PAGE)
    return refuse (error, "ValidationError", "MaxRecords must be between 1 and 100");
  if (names != NULL && json_array_get_length (names) > 0
      && json_object_has_member (input, "AlarmNamePrefix"))
    return refuse (error, "ValidationError",
                   "AlarmNamePrefix cannot be specified together with AlarmNames");
  output = slip_page_records (ctx, input, &listing, &paging, error);
  if (output != NULL)
    json_object_set_array_member (json_node_get_object (output), "CompositeAlarms",
                                  json_array_new ());
  return output;
}

static gboolean
same_member (JsonObject *alarm, JsonObject *input, const char *name, gboolean required)
{
  const char *wanted = slip_json_string (input, name);

  return (wanted == NULL && !required) || g_strcmp0 (slip_json_string (alarm, name), wanted) == 0;
}

JsonNode *
slip_monitoring_describe_for_metric (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) alarms = slip_world_list (ctx->world, ctx->account, ctx->region, CW_ALARM);
  g_autofree char *wanted
      = slip_world_metric_dimensions_from_array (slip_json_array (input, "Dimensions"));
  JsonArray *list = json_array_new ();
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < alarms->len; i++)
    {
      const SlipWorldRecord *alarm = alarms->pdata[i];
      g_autofree char *own
          = slip_world_metric_dimensions_from_array (slip_json_array (alarm->data, "Dimensions"));

      if (g_str_equal (own, wanted) && same_member (alarm->data, input, "MetricName", TRUE)
          && same_member (alarm->data, input, "Namespace", TRUE)
          && same_member (alarm->data, input, "Statistic", FALSE)
          && same_member (alarm->data, input, "Unit", FALSE)
          && (!json_object_has_member (input, "Period")
              || slip_json_int (input, "Period", 0) == slip_json_int (alarm->data, "Period", 0)))
        json_array_add_object_element (list, show (alarm));
    }
  json_object_set_array_member (output, "MetricAlarms", list);
  return slip_json_new_object (output);
}

JsonNode *
slip_monitoring_delete_alarms (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *names = slip_json_array (input, "AlarmNames");

  for (guint i = 0; i < json_array_get_length (names); i++)
    if (slip_world_get (ctx->world, ctx->account, ctx->region, CW_ALARM,
                        json_array_get_string_element (names, i))
        == NULL)
      return slip_service_error (error, 404, "ResourceNotFound", "Unknown alarm: %s",
                                 json_array_get_string_element (names, i));
  for (guint i = 0; i < json_array_get_length (names); i++)
    slip_world_remove (ctx->world, ctx->account, ctx->region, CW_ALARM,
                       json_array_get_string_element (names, i));
  return NULL;
}

JsonNode *
slip_monitoring_set_state (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const states[] = {"OK", "ALARM", "INSUFFICIENT_DATA", NULL};
  const char *name = slip_json_string (input, "AlarmName");
  const char *state = slip_json_string (input, "StateValue");

  if (!g_strv_contains (states, state))
    return refuse (error, "ValidationError",
                   "StateValue must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]");
  if (slip_world_get (ctx->world, ctx->account, ctx->region, CW_ALARM, name) == NULL)
    return slip_service_error (error, 404, "ResourceNotFound", "Unknown alarm: %s", name);
  slip_monitoring_change_state (ctx->world, ctx->account, ctx->region, name, state,
                                slip_json_string (input, "StateReason"));
  return NULL;
}

/* Names without an alarm are passed over, as AWS does. */
static JsonNode *
set_actions (SlipServiceContext *ctx, JsonObject *input, gboolean enabled)
{
  JsonArray *names = slip_json_array (input, "AlarmNames");

  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      JsonObject *data = slip_world_edit (ctx->world, ctx->account, ctx->region, CW_ALARM, name);

      if (data == NULL)
        continue;
      json_object_set_boolean_member (data, "ActionsEnabled", enabled);
      slip_world_put (ctx->world, ctx->account, ctx->region, CW_ALARM, name, data);
    }
  return NULL;
}

JsonNode *
slip_monitoring_enable_actions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_actions (ctx, input, TRUE);
}

JsonNode *
slip_monitoring_disable_actions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_actions (ctx, input, FALSE);
}

static const SlipWorldRecord *
need_arn (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "ResourceARN");
  g_autoptr (SlipArn) parts = slip_arn_parse (arn);
  const SlipWorldRecord *alarm = NULL;

  if (parts != NULL && g_str_has_prefix (parts->resource, "alarm:")
      && g_str_equal (parts->account, ctx->account) && g_str_equal (parts->region, ctx->region))
    alarm = slip_world_get (ctx->world, ctx->account, ctx->region, CW_ALARM,
                            parts->resource + strlen ("alarm:"));
  if (alarm == NULL)
    return slip_service_error (error, 404, "ResourceNotFoundException", "Unknown: %s", arn);
  return alarm;
}

static const SlipTagging tagging
    = {.stored = "tags", .given = "Tags", .keys = "TagKeys", .key = "Key"};

JsonNode *
slip_monitoring_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_show (need_arn (ctx, input, error), &tagging);
}

JsonNode *
slip_monitoring_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_set (ctx, need_arn (ctx, input, error), input, &tagging);
}

JsonNode *
slip_monitoring_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_unset (ctx, need_arn (ctx, input, error), input, &tagging);
}
