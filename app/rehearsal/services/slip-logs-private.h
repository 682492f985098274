/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-logs-world.h"
#include "slip-services-list.h"

G_BEGIN_DECLS

#define LOGS_GROUP "logs.group"
#define LOGS_STREAM "logs.stream"
#define LOGS_EVENT "logs.event"

/* slip-logs-store.c */

/* Milliseconds since the epoch, as this service counts. */
gint64 slip_logs_now (SlipWorld *world);

/* The key of a stream, and of its events: those of one stream are together and in order of time. */
char *slip_logs_stream_key (const char *group, const char *stream);

/* Finds the group by logGroupName or logGroupIdentifier (a name or an ARN), or sets AWS's error. */
const SlipWorldRecord *
slip_logs_need_group (SlipServiceContext *ctx, JsonObject *input, GError **error);

const SlipWorldRecord *slip_logs_need_stream (SlipServiceContext *ctx,
                                              const SlipWorldRecord *group,
                                              const char *stream,
                                              GError **error);

gboolean slip_logs_make_group (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data);

void slip_logs_make_stream (SlipWorld *world,
                            const char *account,
                            const char *region,
                            const char *group,
                            const char *stream);

/* The events of a stream, oldest first, without those that the group's retention has dropped.
 * Returns: (element-type SlipWorldRecord) */
GPtrArray *
slip_logs_list_events (SlipWorld *world, const SlipWorldRecord *group, const char *stream);

/* All streams of a group, in the order of their names. */
GPtrArray *slip_logs_list_streams (SlipWorld *world, const SlipWorldRecord *group);

void slip_logs_remove_stream (SlipWorld *world,
                              const char *account,
                              const char *region,
                              const char *group,
                              const char *stream);

/* A page of an array by nextToken, counted from the front. Takes @items over. */
JsonNode *slip_logs_page (
    JsonObject *input, const char *member, JsonArray *items, guint standard, GError **error);

typedef JsonNode *SlipLogsFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-logs-groups.c */
SlipLogsFunc slip_logs_create_group, slip_logs_delete_group, slip_logs_describe_groups,
    slip_logs_create_stream, slip_logs_delete_stream, slip_logs_describe_streams,
    slip_logs_put_retention, slip_logs_delete_retention, slip_logs_tag, slip_logs_untag,
    slip_logs_list_tags;

/* slip-logs-events.c */
SlipLogsFunc slip_logs_put_events, slip_logs_get_events, slip_logs_filter_events;

G_END_DECLS
