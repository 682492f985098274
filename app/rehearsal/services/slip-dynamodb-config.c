/* SPDX-License-Identifier: MIT */

/* What a restored table does not have again by itself: continuous backups, time to live, tags and the
 * resource policy. */

#include "slip-dynamodb.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-world-items.h"

#define PITR_DAYS 35
#define MAX_TAGS 50
#define TAG_PAGE 10

/* The last five minutes cannot be restored yet. */
#define PITR_DELAY_SECONDS 300

static JsonNode *
show_pitr (SlipServiceContext *ctx, const SlipWorldRecord *table)
{
  JsonObject *output = json_object_new ();
  JsonObject *description = json_object_new ();
  JsonObject *pitr = json_object_new ();
  gint64 now = slip_world_now (ctx->world);
  gint64 delay
      = (gint64)(PITR_DELAY_SECONDS / slip_world_get_speed (ctx->world) * G_TIME_SPAN_SECOND);
  gint64 since = slip_json_int (table->data, "pitr", 0);

  json_object_set_string_member (description, "ContinuousBackupsStatus", "ENABLED");
  json_object_set_string_member (pitr, "PointInTimeRecoveryStatus",
                                 slip_dynamodb_has_pitr (table) ? "ENABLED" : "DISABLED");
  if (slip_dynamodb_has_pitr (table))
    {
      gint64 earliest = MAX (since, now - PITR_DAYS * G_TIME_SPAN_DAY);
      g_autofree char *first = slip_time_format (earliest);
      g_autofree char *last = slip_time_format (MAX (earliest, now - delay));

      json_object_set_string_member (pitr, "EarliestRestorableDateTime", first);
      json_object_set_string_member (pitr, "LatestRestorableDateTime", last);
    }
  json_object_set_object_member (description, "PointInTimeRecoveryDescription", pitr);
  json_object_set_object_member (output, "ContinuousBackupsDescription", description);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need_for_backups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "TableName");
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *table = slip_dynamodb_need (ctx, name, &problem);

  if (table == NULL)
    return slip_service_error (error, 400, "TableNotFoundException", "Table not found: %s", name);
  return table;
}

JsonNode *
slip_dynamodb_describe_pitr (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_for_backups (ctx, input, error);

  return table != NULL ? show_pitr (ctx, table) : NULL;
}

JsonNode *
slip_dynamodb_update_pitr (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_for_backups (ctx, input, error);
  JsonObject *given = slip_json_object (input, "PointInTimeRecoverySpecification");
  gboolean enable = slip_json_bool (given, "PointInTimeRecoveryEnabled", FALSE);
  g_autofree char *name = NULL;
  JsonObject *data;

  if (table == NULL)
    return NULL;
  if (!g_str_equal (slip_json_string (table->data, "TableStatus"), "ACTIVE"))
    return slip_service_error (error, 400, "ContinuousBackupsUnavailableException",
                               "Backups are being enabled for the table: %s. Please retry later",
                               table->id);
  name = g_strdup (table->id);
  data = slip_dynamodb_edit (ctx->world, table);
  if (enable && !json_object_has_member (data, "pitr"))
    json_object_set_int_member (data, "pitr", slip_world_now (ctx->world));
  else if (!enable && json_object_has_member (data, "pitr"))
    {
      slip_world_items_forget (ctx->world, slip_dynamodb_collection (table));
      json_object_remove_member (data, "pitr");
    }
  slip_dynamodb_put (ctx->world, table, data);
  return show_pitr (ctx, slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name));
}

JsonNode *
slip_dynamodb_describe_ttl (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need (ctx, slip_json_string (input, "TableName"), error);
  JsonObject *output, *ttl;

  if (table == NULL)
    return NULL;
  ttl = slip_json_object (table->data, "ttl");
  output = json_object_new ();
  if (ttl != NULL)
    json_object_set_object_member (output, "TimeToLiveDescription", json_object_ref (ttl));
  else
    json_object_set_object_member (output, "TimeToLiveDescription",
                                   slip_dynamodb_new_value ("TimeToLiveStatus", "DISABLED"));
  return slip_json_new_object (output);
}

static gboolean
check_ttl (const SlipWorldRecord *table, JsonObject *given, GError **error)
{
  JsonObject *ttl = slip_json_object (table->data, "ttl");
  const char *status = ttl != NULL ? slip_json_string (ttl, "TimeToLiveStatus") : NULL;
  gboolean enable = slip_json_bool (given, "Enabled", FALSE);

  if (status != NULL && !g_str_equal (status, "ENABLED"))
    slip_dynamodb_invalid (error, "Time to live has been modified multiple times within a fixed "
                                  "interval");
  else if (enable && status != NULL)
    slip_dynamodb_invalid (error, "TimeToLive is already enabled");
  else if (!enable && status == NULL)
    slip_dynamodb_invalid (error, "TimeToLive is already disabled");
  else if (!enable
           && g_strcmp0 (slip_json_string (ttl, "AttributeName"),
                         slip_json_string (given, "AttributeName"))
                  != 0)
    slip_dynamodb_invalid (error,
                           "TimeToLive is active on a different AttributeName: current "
                           "AttributeName is %s",
                           slip_json_string (ttl, "AttributeName"));
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_dynamodb_update_ttl (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need_idle (ctx, slip_json_string (input, "TableName"), error);
  JsonObject *given = slip_json_object (input, "TimeToLiveSpecification");
  g_autofree char *name = NULL;
  JsonObject *data, *ttl, *output;

  if (table == NULL || !check_ttl (table, given, error))
    return NULL;
  name = g_strdup (table->id);
  ttl = json_object_new ();
  json_object_set_string_member (
      ttl, "TimeToLiveStatus", slip_json_bool (given, "Enabled", FALSE) ? "ENABLING" : "DISABLING");
  json_object_set_string_member (ttl, "AttributeName", slip_json_string (given, "AttributeName"));
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_object_member (data, "ttl", ttl);
  slip_dynamodb_put (ctx->world, table, data);
  slip_dynamodb_schedule (ctx->world, DDB_TTL_SECONDS, "dynamodb.ttl-updated", ctx->account,
                          ctx->region, name);
  output = json_object_new ();
  json_object_set_object_member (output, "TimeToLiveSpecification", json_object_ref (given));
  return slip_json_new_object (output);
}

/* Tags and policies take a table's ARN only. */
static const SlipWorldRecord *
need_arn (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "ResourceArn");
  const SlipWorldRecord *table;

  if (!g_str_has_prefix (arn, "arn:"))
    return slip_dynamodb_invalid (
        error, "Invalid TableArn: Invalid ResourceArn provided as input %s", arn);
  table = slip_dynamodb_find_arn (ctx->world, arn);
  if (table == NULL || !g_str_equal (table->account, ctx->account)
      || !g_str_equal (table->region, ctx->region))
    return slip_service_error (error, 400, "ResourceNotFoundException",
                               "Requested resource not found: ResourceArn: %s not found", arn);
  return table;
}

JsonNode *
slip_dynamodb_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipPaging paging = {
      .token = "NextToken",
      .standard = TAG_PAGE,
      .code = "ValidationException",
      .message = "Invalid NextToken",
  };
  const SlipWorldRecord *table = need_arn (ctx, input, error);

  if (table == NULL)
    return NULL;
  return slip_page_array (input, "Tags", json_array_ref (slip_json_array (table->data, "tags")),
                          &paging, error);
}

static JsonNode *
put_tags (SlipServiceContext *ctx, const SlipWorldRecord *table, JsonArray *tags, GError **error)
{
  JsonObject *data;

  if (json_array_get_length (tags) > MAX_TAGS)
    {
      json_array_unref (tags);
      return slip_dynamodb_invalid (error,
                                    "One or more parameter values were invalid: Too many tags "
                                    "have been added to the resource");
    }
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_array_member (data, "tags", tags);
  slip_dynamodb_put (ctx->world, table, data);
  return NULL;
}

JsonNode *
slip_dynamodb_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_arn (ctx, input, error);

  return table != NULL ? put_tags (ctx, table,
                                   slip_tags_merge (slip_json_array (table->data, "tags"),
                                                    slip_json_array (input, "Tags"), "Key"),
                                   error)
                       : NULL;
}

JsonNode *
slip_dynamodb_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_arn (ctx, input, error);

  return table != NULL ? put_tags (ctx, table,
                                   slip_tags_remove (slip_json_array (table->data, "tags"),
                                                     slip_json_array (input, "TagKeys"), "Key"),
                                   error)
                       : NULL;
}

static gboolean
has_revision (const SlipWorldRecord *table, JsonObject *input, GError **error)
{
  const char *expected = slip_json_string (input, "ExpectedRevisionId");
  const char *have = slip_json_string (table->data, "policy_revision");

  if (expected == NULL || g_strcmp0 (expected, have != NULL ? have : "NO_POLICY") == 0)
    return TRUE;
  slip_service_error (error, 400, "PolicyNotFoundException",
                      "Resource-based policy with revision %s not found for %s", expected,
                      slip_json_string (input, "ResourceArn"));
  return FALSE;
}

static JsonNode *
refuse_policy (JsonObject *input, GError **error)
{
  return slip_service_error (error, 400, "PolicyNotFoundException",
                             "Resource-based policy not found for the provided ResourceArn: %s",
                             slip_json_string (input, "ResourceArn"));
}

JsonNode *
slip_dynamodb_get_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_arn (ctx, input, error);
  JsonObject *output;

  if (table == NULL)
    return NULL;
  if (!json_object_has_member (table->data, "policy"))
    return refuse_policy (input, error);
  output = json_object_new ();
  json_object_set_string_member (output, "Policy", slip_json_string (table->data, "policy"));
  json_object_set_string_member (output, "RevisionId",
                                 slip_json_string (table->data, "policy_revision"));
  return slip_json_new_object (output);
}

JsonNode *
slip_dynamodb_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_arn (ctx, input, error);
  const char *policy = slip_json_string (input, "Policy");
  g_autoptr (JsonNode) document = NULL;
  g_autofree char *revision = NULL;
  JsonObject *data, *output;

  if (table == NULL || !has_revision (table, input, error))
    return NULL;
  document = slip_json_parse (policy, -1, NULL);
  if (document == NULL || slip_json_node_object (document) == NULL
      || !json_object_has_member (slip_json_node_object (document), "Statement"))
    return slip_dynamodb_invalid (error, "Invalid policy document: Syntax error in policy.");
  revision = g_strdup_printf ("%" G_GINT64_FORMAT, slip_world_now (ctx->world) / 1000);
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_string_member (data, "policy", policy);
  json_object_set_string_member (data, "policy_revision", revision);
  slip_dynamodb_put (ctx->world, table, data);
  output = json_object_new ();
  json_object_set_string_member (output, "RevisionId", revision);
  return slip_json_new_object (output);
}

JsonNode *
slip_dynamodb_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need_arn (ctx, input, error);
  JsonObject *data, *output;

  if (table == NULL || !has_revision (table, input, error))
    return NULL;
  output = json_object_new ();
  if (!json_object_has_member (table->data, "policy"))
    return slip_json_new_object (output);
  json_object_set_string_member (output, "RevisionId",
                                 slip_json_string (table->data, "policy_revision"));
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_remove_member (data, "policy");
  json_object_remove_member (data, "policy_revision");
  slip_dynamodb_put (ctx->world, table, data);
  return slip_json_new_object (output);
}
