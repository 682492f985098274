/* SPDX-License-Identifier: MIT */
/* What lists of OpenSearch ingestion pipelines and of CloudWatch alarms ask. */

#include "slip-estate-record.h"
#include "slip-json.h"

static SlipEstateRecord *
read_pipeline (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_PIPELINE, item, region,
                                                     slip_json_string (item, "PipelineArn"),
                                                     slip_json_string (item, "PipelineName"));

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail
      = g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " units",
                         slip_json_int (item, "MinUnits", 0), slip_json_int (item, "MaxUnits", 0));
  record->created = slip_estate_item_time (item, "CreatedAt");
  return record;
}

const SlipEstateListing slip_estate_pipelines[1] = {
    {.label = "pipelines",
     .service = "osis",
     .operation = "ListPipelines",
     .input = "{\"MaxResults\":100}",
     .items = "Pipelines",
     .read = read_pipeline},
};

static SlipEstateRecord *
read_alarm (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_ALARM, item, region,
                                                     slip_json_string (item, "AlarmArn"),
                                                     slip_json_string (item, "AlarmName"));
  const char *space = slip_json_string (item, "Namespace");
  const char *metric = slip_json_string (item, "MetricName");

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "StateValue"));
  if (space != NULL && metric != NULL)
    record->detail = g_strdup_printf ("%s %s", space, metric);
  else
    record->detail
        = g_strdup (slip_json_string (item, "AlarmRule") != NULL ? "composite" : "metrics");
  record->created = slip_estate_item_time (item, "StateUpdatedTimestamp");
  return record;
}

const SlipEstateListing slip_estate_alarms[2] = {
    {.label = "alarms",
     .service = "monitoring",
     .operation = "DescribeAlarms",
     .input = "{\"AlarmTypes\":[\"MetricAlarm\"],\"MaxRecords\":100}",
     .items = "MetricAlarms",
     .read = read_alarm},
    {.label = "composite alarms",
     .service = "monitoring",
     .operation = "DescribeAlarms",
     .input = "{\"AlarmTypes\":[\"CompositeAlarm\"],\"MaxRecords\":100}",
     .items = "CompositeAlarms",
     .read = read_alarm},
};
