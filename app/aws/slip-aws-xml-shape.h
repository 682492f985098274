/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-aws-shape.h"
#include "slip-aws-xml.h"

G_BEGIN_DECLS

/**
 * SlipAwsXmlMembers:
 * @shape: the structure that is read
 *
 * Where the reading of a structure is. Begin with the shape set and the rest zero.
 */
typedef struct
{
  const SlipAwsShape *shape;
  /*< private >*/
  guint after; /* the member that mostly comes next: services answer in the model's order */
  guint64 seen[SLIP_AWS_SHAPE_MAX_MEMBERS / 64];
} SlipAwsXmlMembers;

/**
 * slip_aws_xml_next_member:
 * @reader: a reader inside the element that holds a structure
 * @members: where its reading is
 *
 * Moves to the next element that is a member. What the model does not know is skipped, and so is what
 * stands there again without being a list's or map's part.
 *
 * Returns: (transfer none) (nullable): the member, or %NULL at the element's end and on an error
 */
const SlipAwsMember *slip_aws_xml_next_member (SlipAwsXmlReader *reader,
                                               SlipAwsXmlMembers *members);

/**
 * slip_aws_xml_read_member:
 * @reader: a reader right after START of the member's element
 * @member: the member
 * @into: where it goes
 *
 * Reads to the end of the element.
 *
 * Returns: %FALSE with the reader's error when the text is malformed
 */
gboolean
slip_aws_xml_read_member (SlipAwsXmlReader *reader, const SlipAwsMember *member, JsonObject *into);

/**
 * slip_aws_xml_read_value:
 * @reader: a reader right after START of an element
 * @member: what the element holds
 *
 * Reads to the end of the element.
 *
 * Returns: (transfer full) (nullable): the value above the wire; %NULL when the element says nothing,
 *   or with the reader's error
 */
JsonNode *slip_aws_xml_read_value (SlipAwsXmlReader *reader, const SlipAwsMember *member);

/**
 * slip_aws_xml_next_child:
 * @reader: a reader inside an element
 *
 * Returns: whether it moved to the next element inside; %FALSE at the end, and on an error
 */
gboolean slip_aws_xml_next_child (SlipAwsXmlReader *reader);

/* A list's elements may stand directly in the structure, without an element around them. */
gboolean slip_aws_xml_is_flattened (const SlipAwsMember *member);

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
