/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SLIP_AWS_XML_MAX_DEPTH:
 *
 * How deep elements may nest.
 */
#define SLIP_AWS_XML_MAX_DEPTH 128

/**
 * SlipAwsXmlToken:
 * @SLIP_AWS_XML_ERROR: the text is malformed; the reader stays here
 * @SLIP_AWS_XML_START: an element begins; @name is its local name
 * @SLIP_AWS_XML_END: an element ends, also for `<a/>`
 * @SLIP_AWS_XML_TEXT: a stretch of text inside an element; one text may come in several stretches
 * @SLIP_AWS_XML_EOF: the document ended well
 */
typedef enum
{
  SLIP_AWS_XML_ERROR,
  SLIP_AWS_XML_START,
  SLIP_AWS_XML_END,
  SLIP_AWS_XML_TEXT,
  SLIP_AWS_XML_EOF,
} SlipAwsXmlToken;

/**
 * SlipAwsXmlReader:
 * @name: after START the element's local name, not terminated
 * @name_length: its bytes
 * @text: after TEXT the text, decoded, not terminated
 * @text_length: its bytes
 *
 * Reads XML from outside, token by token: the part of XML 1.0 that services use. Document types and
 * any entity but the five and numeric ones are refused, so nothing ever expands. Lives on the stack.
 */
typedef struct
{
  const char *name;
  gsize name_length;
  const char *text;
  gsize text_length;
  /*< private >*/
  const char *start;
  const char *at;
  const char *end;
  const char *attributes;
  const char *attributes_end;
  GString *scratch;
  GString *value;
  GError **error;
  guint depth;
  gboolean has_root;
  gboolean pending_end;
  struct
  {
    const char *name;
    gsize length;
  } open[SLIP_AWS_XML_MAX_DEPTH];
} SlipAwsXmlReader;

/**
 * slip_aws_xml_reader_init:
 * @reader: an uninitialised reader
 * @text: the document; stays in place until slip_aws_xml_reader_clear()
 * @length: its bytes
 * @error: where the first error goes: %SLIP_AWS_ERROR_PROTOCOL with `line:column`
 */
void
slip_aws_xml_reader_init (SlipAwsXmlReader *reader, const char *text, gsize length, GError **error);
void slip_aws_xml_reader_clear (SlipAwsXmlReader *reader);

SlipAwsXmlToken slip_aws_xml_reader_next (SlipAwsXmlReader *reader);

/**
 * slip_aws_xml_reader_has_attributes:
 *
 * Returns: right after START, whether the element has any attribute
 */
gboolean slip_aws_xml_reader_has_attributes (const SlipAwsXmlReader *reader);

/**
 * slip_aws_xml_reader_dup_attribute:
 * @reader: a reader right after START
 * @name: the attribute's name; without its prefix it also matches under another prefix
 *
 * Returns: (transfer full) (nullable): its value
 */
char *slip_aws_xml_reader_dup_attribute (SlipAwsXmlReader *reader, const char *name);

/**
 * slip_aws_xml_reader_skip:
 * @reader: a reader right after START
 *
 * Reads to the end of the element.
 *
 * Returns: %FALSE when the text is malformed
 */
gboolean slip_aws_xml_reader_skip (SlipAwsXmlReader *reader);

/**
 * slip_aws_xml_reader_take_text:
 * @reader: a reader right after START
 *
 * Like slip_aws_xml_reader_dup_text(), without a copy.
 *
 * Returns: (transfer none) (nullable): the element's own text, until the next call, or %NULL when the
 *   text is malformed
 */
const char *slip_aws_xml_reader_take_text (SlipAwsXmlReader *reader);

/**
 * slip_aws_xml_reader_dup_text:
 * @reader: a reader right after START
 *
 * Reads to the end of the element; elements inside are left out.
 *
 * Returns: (transfer full) (nullable): the element's own text, or %NULL when the text is malformed
 */
char *slip_aws_xml_reader_dup_text (SlipAwsXmlReader *reader);

/**
 * slip_aws_xml_reader_is:
 *
 * Returns: right after START, whether the element's local name is @name
 */
gboolean slip_aws_xml_reader_is (const SlipAwsXmlReader *reader, const char *name);

/**
 * slip_aws_xml_reader_fail:
 * @reader: a reader
 * @message: what is wrong here
 *
 * Sets the reader's error, with the place, unless it has one already.
 */
void slip_aws_xml_reader_fail (SlipAwsXmlReader *reader, const char *message);

/**
 * slip_aws_xml_append_text:
 * @out: where to write
 * @text: UTF-8
 *
 * Writes @text so that a reader gets exactly it back, in an element as in an attribute. Control
 * characters, which XML cannot carry, become U+FFFD.
 */
void slip_aws_xml_append_text (GString *out, const char *text);

/**
 * slip_aws_xml_append_element:
 * @out: where to write
 * @name: the element's name
 * @text: UTF-8
 *
 * Writes an element that holds nothing but @text.
 */
void slip_aws_xml_append_element (GString *out, const char *name, const char *text);

/**
 * slip_aws_xml_append_error:
 * @out: where to write
 * @type: (nullable): whose fault it is: `Sender` or `Receiver`
 * @code: AWS's code
 * @message: for people
 *
 * Writes the `Error` element that answers of the query, ec2 and rest-xml protocols have in common.
 */
void
slip_aws_xml_append_error (GString *out, const char *type, const char *code, const char *message);

G_END_DECLS
