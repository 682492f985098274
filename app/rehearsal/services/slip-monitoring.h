/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* An alarm's data is MetricAlarm as DescribeAlarms shows it, and `tags`. */
#define CW_ALARM "monitoring.alarm"

#define CW_EVALUATE_SECONDS 60

/* slip-monitoring-alarm.c */
JsonNode *slip_monitoring_put_alarm (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_describe_alarms (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_describe_for_metric (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_delete_alarms (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_set_state (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_enable_actions (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_disable_actions (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_tag (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_untag (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Makes or replaces an alarm from what PutMetricAlarm takes; also for other services' alarms. */
void slip_monitoring_make_alarm (SlipWorld *world,
                                 const char *account,
                                 const char *region,
                                 JsonObject *input);
char *slip_monitoring_alarm_arn (const char *account, const char *region, const char *name);

/* slip-monitoring-state.c: alarms look at their metric a minute after something changed. */
void slip_monitoring_attach (SlipWorld *world);
void slip_monitoring_look_later (SlipWorld *world,
                                 const char *account,
                                 const char *region,
                                 const char *name);
void slip_monitoring_change_state (SlipWorld *world,
                                   const char *account,
                                   const char *region,
                                   const char *name,
                                   const char *state,
                                   const char *reason);

/* slip-monitoring-metric.c */
JsonNode *slip_monitoring_put_data (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_monitoring_get_statistics (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_get_data (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_monitoring_list_metrics (SlipServiceContext *ctx, JsonObject *input, GError **error);

G_END_DECLS
