/* SPDX-License-Identifier: MIT */

/* What watches a table: Contributor Insights, whose state is kept and which counts nothing; and streams
 * to Kinesis, of which there are none here. */

#include "slip-dynamodb.h"

#include "slip-json.h"

#define STATUS "ContributorInsightsStatus"

static JsonNode *
show (const SlipWorldRecord *table, gboolean with_time)
{
  JsonObject *output = json_object_new ();
  JsonObject *insights = slip_json_object (table->data, "insights");
  const char *time
      = insights != NULL && with_time ? slip_json_string (insights, "LastUpdateDateTime") : NULL;

  json_object_set_string_member (output, "TableName", table->id);
  json_object_set_string_member (
      output, STATUS, insights != NULL ? slip_json_string (insights, STATUS) : "DISABLED");
  if (time != NULL)
    json_object_set_string_member (output, "LastUpdateDateTime", time);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  if (json_object_has_member (input, "IndexName"))
    return slip_dynamodb_invalid (error,
                                  "The rehearsal keeps Contributor Insights of tables only, not of "
                                  "their indexes");
  return slip_dynamodb_need (ctx, slip_json_string (input, "TableName"), error);
}

JsonNode *
slip_dynamodb_describe_insights (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need (ctx, input, error);

  return table != NULL ? show (table, TRUE) : NULL;
}

JsonNode *
slip_dynamodb_update_insights (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table = need (ctx, input, error);
  gboolean enable
      = g_strcmp0 (slip_json_string (input, "ContributorInsightsAction"), "ENABLE") == 0;
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autofree char *name = NULL;
  JsonObject *data, *insights;

  if (table == NULL)
    return NULL;
  name = g_strdup (table->id);
  insights = json_object_new ();
  json_object_set_string_member (insights, STATUS, enable ? "ENABLING" : "DISABLING");
  json_object_set_string_member (insights, "LastUpdateDateTime", now);
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_object_member (data, "insights", insights);
  slip_dynamodb_put (ctx->world, table, data);
  slip_dynamodb_schedule (ctx->world, DDB_INSIGHTS_SECONDS, "dynamodb.insights-updated",
                          ctx->account, ctx->region, name);
  return show (slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name), FALSE);
}

void
slip_dynamodb_settle_insights (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *table
      = slip_world_get (world, transition->account, transition->region, DDB_TABLE, transition->id);
  JsonObject *insights = table != NULL ? slip_json_object (table->data, "insights") : NULL;
  JsonObject *data;
  gboolean enabling;

  if (insights == NULL)
    return;
  enabling = g_strcmp0 (slip_json_string (insights, STATUS), "ENABLING") == 0;
  data = slip_dynamodb_edit (world, table);
  json_object_set_string_member (slip_json_object (data, "insights"), STATUS,
                                 transition->fail != NULL ? "FAILED"
                                 : enabling               ? "ENABLED"
                                                          : "DISABLED");
  slip_dynamodb_put (world, table, data);
}

JsonNode *
slip_dynamodb_describe_kinesis (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need (ctx, slip_json_string (input, "TableName"), error);
  JsonObject *output;

  if (table == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_string_member (output, "TableName", table->id);
  json_object_set_array_member (output, "KinesisDataStreamDestinations", json_array_new ());
  return slip_json_new_object (output);
}
