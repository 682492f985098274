/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-shape.h"

G_BEGIN_DECLS

/**
 * slip_aws_time_write:
 * @time_us: microseconds since 1970-01-01T00:00:00Z
 * @format: how; %SLIP_AWS_TIME_DEFAULT means ISO 8601
 *
 * Returns: (transfer full): the time as it travels; a fraction is written only when there is one, and
 *   never in RFC 822
 */
char *slip_aws_time_write (gint64 time_us, SlipAwsTimeFormat format);

/**
 * slip_aws_time_read:
 * @text: a time in any of the formats that services answer with: ISO 8601, RFC 822, seconds since 1970
 * @time_us: (out): microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: whether @text is such a time between the years 1 and 9999
 */
gboolean slip_aws_time_read (const char *text, gint64 *time_us);

/**
 * slip_aws_time_from_seconds:
 * @seconds: since 1970-01-01T00:00:00Z
 * @time_us: (out): the same in microseconds
 *
 * Returns: whether the time lies between the years 1 and 9999
 */
gboolean slip_aws_time_from_seconds (double seconds, gint64 *time_us);

G_END_DECLS
