/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/**
 * slip_logs_world_has_group:
 *
 * Returns: whether there is a log group of this name
 */
gboolean slip_logs_world_has_group (SlipWorld *world,
                                    const char *account,
                                    const char *region,
                                    const char *group);

/**
 * slip_logs_world_write:
 * @world: the world, in a transaction
 * @account: whose
 * @region: where
 * @group: a log group
 * @stream: a log stream; made when absent
 * @time_ms: when it happened, milliseconds since the epoch
 * @message: the line
 *
 * Writes one event, as the awslogs driver of a container does.
 *
 * Returns: %FALSE when there is no such group
 */
gboolean slip_logs_world_write (SlipWorld *world,
                                const char *account,
                                const char *region,
                                const char *group,
                                const char *stream,
                                gint64 time_ms,
                                const char *message);

G_END_DECLS
