/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-aws-shape.h"
#include "slip-aws-xml.h"

G_BEGIN_DECLS

/**
 * slip_aws_xml_read_structure:
 * @reader: a reader right after START of the element that holds the structure
 * @shape: a structure
 * @into: where the members go
 *
 * Reads to the end of the element. What the model does not know is skipped.
 *
 * Returns: %FALSE with the reader's error when the text is malformed
 */
gboolean
slip_aws_xml_read_structure (SlipAwsXmlReader *reader, const SlipAwsShape *shape, JsonObject *into);

/**
 * slip_aws_xml_write:
 * @out: where to write
 * @member: what to write
 * @name: the element's name
 * @node: its value above the wire
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_CHECK when @node does not fit the model
 */
gboolean slip_aws_xml_write (
    GString *out, const SlipAwsMember *member, const char *name, JsonNode *node, GError **error);

/**
 * slip_aws_xml_write_members:
 * @out: where to write
 * @shape: a structure
 * @object: its members above the wire
 * @error: return location
 *
 * Writes the members of the body without an element around them.
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_CHECK when @object does not fit the model
 */
gboolean slip_aws_xml_write_members (GString *out,
                                     const SlipAwsShape *shape,
                                     JsonObject *object,
                                     GError **error);

G_END_DECLS
