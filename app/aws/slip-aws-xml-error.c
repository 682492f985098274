/* SPDX-License-Identifier: MIT */

/* Errors in XML. Services wrap them differently (ErrorResponse/Error, Response/Errors/Error, or a bare
 * Error from S3), so this looks for the element Error wherever it stands. */

#include "slip-aws-protocol-private.h"

#include <string.h>

/* Moves to the first element Error; takes request ids on the way. */
static gboolean
find_error (SlipAwsXmlReader *reader, SlipAwsFailure *failure)
{
  while (TRUE)
    switch (slip_aws_xml_reader_next (reader))
      {
      case SLIP_AWS_XML_START:
        if (slip_aws_xml_reader_is (reader, "Error"))
          return TRUE;
        if (failure != NULL && failure->request_id == NULL
            && (slip_aws_xml_reader_is (reader, "RequestId")
                || slip_aws_xml_reader_is (reader, "RequestID")))
          failure->request_id = slip_aws_xml_reader_dup_text (reader);
        break;
      case SLIP_AWS_XML_TEXT:
      case SLIP_AWS_XML_END:
        break;
      default:
        return FALSE;
      }
}

static void
take_text (SlipAwsXmlReader *reader, char **where)
{
  char *text = slip_aws_xml_reader_dup_text (reader);

  if (*where == NULL)
    *where = text;
  else
    g_free (text);
}

static void
read_error (SlipAwsXmlReader *reader, SlipAwsFailure *failure)
{
  while (TRUE)
    switch (slip_aws_xml_reader_next (reader))
      {
      case SLIP_AWS_XML_START:
        if (slip_aws_xml_reader_is (reader, "Code"))
          take_text (reader, &failure->code);
        else if (slip_aws_xml_reader_is (reader, "Message")
                 || slip_aws_xml_reader_is (reader, "message"))
          take_text (reader, &failure->message);
        else if (slip_aws_xml_reader_is (reader, "RequestId"))
          take_text (reader, &failure->request_id);
        else
          slip_aws_xml_reader_skip (reader);
        break;
      case SLIP_AWS_XML_TEXT:
        break;
      default:
        return;
      }
}

void
slip_aws_xml_parse_error (const SlipAwsModel *model,
                          const SlipAwsResponse *response,
                          SlipAwsFailure *failure)
{
  SlipAwsXmlReader reader;
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  const char *text = slip_aws_body_text (response->body, &length);

  slip_aws_xml_reader_init (&reader, text, length, &error);
  if (find_error (&reader, failure))
    read_error (&reader, failure);
  /* The request id may follow the error. What cannot be read is left out: the status says enough. */
  while (error == NULL && find_error (&reader, failure))
    ;
  slip_aws_xml_reader_clear (&reader);
}

gboolean
slip_aws_xml_parse_error_details (const SlipAwsModel *model,
                                  const SlipAwsShape *shape,
                                  const SlipAwsResponse *response,
                                  JsonObject *details)
{
  SlipAwsXmlReader reader;
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  const char *text = slip_aws_body_text (response->body, &length);

  slip_aws_xml_reader_init (&reader, text, length, &error);
  gboolean ok = find_error (&reader, NULL) && slip_aws_xml_read_structure (&reader, shape, details);
  slip_aws_xml_reader_clear (&reader);
  return ok;
}
