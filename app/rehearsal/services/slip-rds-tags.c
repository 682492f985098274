/* SPDX-License-Identifier: MIT */
/* Tags of any resource by its ARN, events, and pending maintenance actions. */

#include "slip-rds-operations.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

static const SlipWorldRecord *
find_by_arn (SlipServiceContext *ctx, const char *value, GError **error)
{
  g_autoptr (SlipArn) arn = value != NULL ? slip_arn_parse (value) : NULL;
  const SlipRdsKind *kind = NULL;
  g_auto (GStrv) parts = NULL;

  if (arn != NULL && strcmp (arn->service, "rds") == 0)
    {
      parts = g_strsplit (arn->resource, ":", 2);
      kind = slip_rds_kind_of_arn_part (parts[0]);
    }
  if (kind == NULL)
    return slip_rds_fail (error, "InvalidParameterValue", "Invalid resource name: %s", value);
  return slip_rds_find (ctx, value, kind->type, error);
}

JsonNode *
slip_rds_list_tags_for_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record
      = find_by_arn (ctx, slip_json_string (input, "ResourceName"), error);
  JsonObject *output;
  JsonArray *tags;

  if (record == NULL)
    return NULL;
  tags = slip_rds_tags (record);
  output = json_object_new ();
  json_object_set_array_member (output, "TagList",
                                tags != NULL ? json_array_ref (tags) : json_array_new ());
  return slip_json_new_object (output);
}

JsonNode *
slip_rds_add_tags_to_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record
      = find_by_arn (ctx, slip_json_string (input, "ResourceName"), error);
  g_autoptr (JsonArray) merged = NULL;
  SlipRdsEdit *edit;

  if (record == NULL || !slip_rds_check_tags (slip_json_array (input, "Tags"), error))
    return NULL;
  merged = slip_tags_merge (slip_rds_tags (record), slip_json_array (input, "Tags"), "Key");
  if (json_array_get_length (merged) > 50)
    return slip_rds_fail (error, "InvalidParameterValue",
                          "Cannot add more than 50 tags to a resource.");
  edit = slip_rds_edit_record (ctx->world, record);
  slip_rds_set_tags (edit, g_steal_pointer (&merged));
  slip_rds_edit_save (edit);
  return NULL;
}

JsonNode *
slip_rds_remove_tags_from_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record
      = find_by_arn (ctx, slip_json_string (input, "ResourceName"), error);
  SlipRdsEdit *edit;

  if (record == NULL)
    return NULL;
  edit = slip_rds_edit_record (ctx->world, record);
  slip_rds_set_tags (
      edit, slip_tags_remove (slip_rds_tags (record), slip_json_array (input, "TagKeys"), "Key"));
  slip_rds_edit_save (edit);
  return NULL;
}

/* --- Events --- */

typedef struct
{
  const char *type;
  const char *id;
  JsonArray *categories;
  gint64 until_us;
  JsonArray *items;
} EventWalk;

static gboolean
in_category (JsonArray *wanted, const char *categories)
{
  g_auto (GStrv) names = g_strsplit (categories, ",", -1);

  if (wanted == NULL || json_array_get_length (wanted) == 0)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (wanted); i++)
    if (g_strv_contains ((const char *const *)names, json_array_get_string_element (wanted, i)))
      return TRUE;
  return FALSE;
}

static gboolean
take_event (const SlipWorldEvent *event, gpointer data)
{
  EventWalk *walk = data;
  g_auto (GStrv) categories = NULL;
  g_autofree char *date = NULL;
  JsonObject *object;

  if (event->time_us > walk->until_us
      || (walk->type != NULL && strcmp (event->source_type, walk->type) != 0)
      || (walk->id != NULL && g_ascii_strcasecmp (event->source_id, walk->id) != 0)
      || !in_category (walk->categories, event->category))
    return TRUE;
  categories = g_strsplit (event->category, ",", -1);
  date = slip_time_format (event->time_us / 1000 * 1000);
  object = json_object_new ();
  json_object_set_string_member (object, "SourceIdentifier", event->source_id);
  json_object_set_string_member (object, "SourceType", event->source_type);
  json_object_set_string_member (object, "Message", event->message);
  json_object_set_array_member (object, "EventCategories",
                                slip_rds_strings ((const char *const *)categories));
  json_object_set_string_member (object, "Date", date);
  json_object_set_string_member (object, "SourceArn", event->source_arn);
  json_array_add_object_element (walk->items, object);
  return TRUE;
}

static gboolean
read_window (
    SlipServiceContext *ctx, JsonObject *input, gint64 *since, gint64 *until, GError **error)
{
  gint64 now = slip_world_now (ctx->world);
  gint64 minutes = slip_json_int (input, "Duration", 60);
  const char *start = slip_json_string (input, "StartTime");
  const char *end = slip_json_string (input, "EndTime");

  *until = G_MAXINT64;
  if (end != NULL)
    slip_time_parse (end, until);
  *since = MIN (now, *until) - minutes * 60 * G_USEC_PER_SEC;
  if (start != NULL)
    slip_time_parse (start, since);
  if (minutes < 1 || minutes > 14 * 24 * 60)
    {
      slip_rds_fail (error, "InvalidParameterValue",
                     "Duration must be between 1 and 20160 minutes");
      return FALSE;
    }
  if (*since > *until)
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "The end time must be greater than the start time");
      return FALSE;
    }
  return TRUE;
}

JsonNode *
slip_rds_describe_events (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter none[] = {{NULL, NULL}};
  EventWalk walk
      = {slip_json_string (input, "SourceType"), slip_json_string (input, "SourceIdentifier"),
         slip_json_array (input, "EventCategories"), 0, NULL};
  gint64 since;

  if (walk.id != NULL && walk.type == NULL)
    return slip_rds_fail (error, "InvalidParameterCombination",
                          "Cannot specify source identifier without source type");
  if (!slip_rds_check_filters (input, none, error)
      || !read_window (ctx, input, &since, &walk.until_us, error))
    return NULL;
  walk.items = json_array_new ();
  slip_world_foreach_event (ctx->world, ctx->account, ctx->region, "rds", since, 0, take_event,
                            &walk);
  return slip_rds_list_fixed (input, "Events", walk.items, error);
}

/* --- Maintenance --- */

/* The scenario may give a cluster or an instance an action that waits. */
static gboolean
take_maintenance (const SlipWorldRecord *record, gpointer data)
{
  gpointer *args = data;
  JsonArray *items = args[0];
  const char *wanted = args[1];
  JsonArray *actions = slip_json_array (record->data, "maintenance");
  const SlipRdsKind *kind = slip_rds_kind (record->type);
  const char *arn = slip_rds_get (record, kind->arn_member);
  JsonObject *object;

  if (actions == NULL || (wanted != NULL && strcmp (wanted, arn) != 0))
    return TRUE;
  object = json_object_new ();
  json_object_set_string_member (object, "ResourceIdentifier", arn);
  json_object_set_array_member (object, "PendingMaintenanceActionDetails",
                                json_array_ref (actions));
  json_array_add_object_element (items, object);
  return TRUE;
}

JsonNode *
slip_rds_describe_pending_maintenance_actions (SlipServiceContext *ctx,
                                               JsonObject *input,
                                               GError **error)
{
  static const SlipRdsFilter filters[]
      = {{"db-cluster-id", ""}, {"db-instance-id", ""}, {NULL, NULL}};
  const char *wanted = slip_json_string (input, "ResourceIdentifier");
  JsonArray *items;
  gpointer args[2];

  if (!slip_rds_check_filters (input, filters, error)
      || (wanted != NULL && find_by_arn (ctx, wanted, error) == NULL))
    return NULL;
  items = json_array_new ();
  args[0] = items;
  args[1] = (gpointer)wanted;
  slip_world_foreach (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, NULL,
                      take_maintenance, args);
  slip_world_foreach (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, NULL,
                      take_maintenance, args);
  return slip_rds_list_fixed (input, "PendingMaintenanceActions", items, error);
}
