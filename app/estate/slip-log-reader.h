/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"

G_BEGIN_DECLS

/**
 * SlipLogLine:
 * @time: microseconds since the epoch
 * @source: (nullable): the stream, when there is more than one
 * @text: one event, maybe of several lines
 */
typedef struct
{
  gint64 time;
  char *source;
  char *text;
} SlipLogLine;

void slip_log_line_free (SlipLogLine *line);

/**
 * SlipLogReader:
 *
 * Reads what an ECS task or service, or a log group, writes to CloudWatch Logs, as it comes. One thread
 * at a time.
 */
typedef struct _SlipLogReader SlipLogReader;

/**
 * slip_log_reader_new:
 * @environment: whose
 * @arn: an ECS task, an ECS service, or a log group
 *
 * Returns: (transfer full): a reader
 */
SlipLogReader *slip_log_reader_new (SlipEnvironment *environment, const char *arn);
void slip_log_reader_free (SlipLogReader *self);

/**
 * slip_log_reader_read:
 * @self: a reader
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Looks once: what came since the look before, at first since the task began, or since a quarter of an
 * hour. Uses FilterLogEvents, which finds late events too. A log that has no line yet is no error. It
 * blocks; not on the main thread.
 *
 * Returns: (transfer full) (nullable) (element-type SlipLogLine): the lines, in order of their time within
 *   a look; %NULL with errors of the aws folder, or %SLIP_ESTATE_ERROR_ENVIRONMENT when nothing there
 *   writes a log
 */
GPtrArray *slip_log_reader_read (SlipLogReader *self, GCancellable *cancellable, GError **error);

/**
 * slip_log_reader_has_more:
 *
 * Returns: whether the look ended before all that is there was read; the next one goes on
 */
gboolean slip_log_reader_has_more (SlipLogReader *self);

/**
 * slip_log_reader_get_state:
 *
 * Returns: (nullable): the state of the task at the last look, such as "RUNNING"
 */
const char *slip_log_reader_get_state (SlipLogReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipLogReader, slip_log_reader_free)

G_END_DECLS
