/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-shape.h"
#include "slip-aws-xml.h"

G_BEGIN_DECLS

/**
 * slip_aws_xml_text_is_possible:
 * @list: a shape
 *
 * Returns: whether slip_aws_xml_read_list_text() can read it: a list of values whose parts stand
 *   side by side in the text, as all but flattened lists do
 */
gboolean slip_aws_xml_text_is_possible (const SlipAwsShape *list);

/**
 * slip_aws_xml_read_list_text:
 * @reader: a reader right after START of the list's element
 * @list: a shape of which slip_aws_xml_text_is_possible()
 * @out: where to
 * @depth: how many values the elements are in
 *
 * Reads to the end of the element and appends the list's elements, with commas between, as
 * slip_json_append_text() would write them, each on a line of its own. No value is made of what goes
 * through, so this takes a fraction of the time.
 *
 * Returns: %FALSE with the reader's error when the text is malformed
 */
gboolean slip_aws_xml_read_list_text (SlipAwsXmlReader *reader,
                                      const SlipAwsShape *list,
                                      GString *out,
                                      guint depth);

G_END_DECLS
