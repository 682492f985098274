/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-aws-shape.h"

G_BEGIN_DECLS

/**
 * slip_aws_scalar_to_text:
 * @member: the use of a shape that is no structure, list, map or document
 * @node: its value above the wire
 * @format: the time format of the place where the text goes, used when the model names none
 * @error: return location
 *
 * Returns: (transfer full): the text on the wire, or %NULL with %SLIP_AWS_ERROR_CHECK when @node is of
 *   another type
 */
char *slip_aws_scalar_to_text (const SlipAwsMember *member,
                               JsonNode *node,
                               SlipAwsTimeFormat format,
                               GError **error);

/**
 * slip_aws_scalar_from_text:
 * @member: the use of a shape that is no structure, list, map or document
 * @text: UTF-8 text from the wire
 * @error: return location
 *
 * Returns: (transfer full): the value above the wire, or %NULL with %SLIP_AWS_ERROR_PROTOCOL
 */
JsonNode *slip_aws_scalar_from_text (const SlipAwsMember *member, const char *text, GError **error);

/**
 * slip_aws_scalar_to_time:
 * @node: a value above the wire
 * @time_us: (out): microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: whether @node is a time
 */
gboolean slip_aws_scalar_to_time (JsonNode *node, gint64 *time_us);

/**
 * slip_aws_scalar_new_time:
 * @time_us: microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: (transfer full): the time above the wire, where times have milliseconds at most
 */
JsonNode *slip_aws_scalar_new_time (gint64 time_us);

/**
 * slip_aws_scalar_is_special:
 *
 * Returns: whether @text is one of NaN, Infinity and -Infinity, which JSON numbers cannot say
 */
gboolean slip_aws_scalar_is_special (const char *text);

G_END_DECLS
