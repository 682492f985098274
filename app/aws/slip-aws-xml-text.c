/* SPDX-License-Identifier: MIT */

/* A list in XML straight into JSON's text, for those who only print it: ten thousand snapshots are three
 * hundred thousand values, and to make and read each takes most of the time of a listing. What the
 * elements mean is known by slip-aws-xml-shape.c alone. */

#include "slip-aws-xml-text.h"

#include "slip-aws-xml-shape.h"
#include "slip-json.h"

/* A shape may contain itself. */
#define MAX_DEPTH 16

static gboolean
append_value (SlipAwsXmlReader *reader, const SlipAwsMember *member, GString *out, guint depth);

static gboolean
is_possible (const SlipAwsShape *shape, guint depth)
{
  if (depth > MAX_DEPTH)
    return FALSE;
  if (shape->type == SLIP_AWS_TYPE_LIST)
    return is_possible (shape->element->shape, depth + 1);
  for (guint i = 0; shape->type == SLIP_AWS_TYPE_STRUCTURE && i < shape->n_members; i++)
    if (slip_aws_xml_is_flattened (shape->members[i]) || shape->members[i]->xml_attribute
        || !is_possible (shape->members[i]->shape, depth + 1))
      return FALSE;
  return TRUE;
}

gboolean
slip_aws_xml_text_is_possible (const SlipAwsShape *list)
{
  return list->type == SLIP_AWS_TYPE_LIST && is_possible (list, 0);
}

static gboolean
failed (const SlipAwsXmlReader *reader)
{
  return *reader->error != NULL;
}

/* Returns whether there is a value. */
static gboolean
append_other (SlipAwsXmlReader *reader, const SlipAwsMember *member, GString *out, guint depth)
{
  g_autoptr (JsonNode) node = slip_aws_xml_read_value (reader, member);

  if (node != NULL)
    slip_json_append_text (out, node, depth);
  return node != NULL;
}

static gboolean
append_string (SlipAwsXmlReader *reader, GString *out)
{
  const char *text = slip_aws_xml_reader_take_text (reader);

  if (text != NULL)
    slip_json_append_string (out, text);
  return text != NULL;
}

static void
append_structure (SlipAwsXmlReader *reader, const SlipAwsShape *shape, GString *out, guint depth)
{
  SlipAwsXmlMembers members = {.shape = shape};
  const SlipAwsMember *member;
  gboolean any = FALSE;

  g_string_append_c (out, '{');
  while ((member = slip_aws_xml_next_member (reader, &members)) != NULL)
    {
      gsize before = out->len;

      if (any)
        g_string_append_c (out, ',');
      slip_json_append_line (out, depth + 1);
      slip_json_append_string (out, member->name);
      g_string_append (out, ": ");
      if (append_value (reader, member, out, depth + 1))
        any = TRUE;
      else
        g_string_truncate (out, before);
      if (failed (reader))
        return;
    }
  if (any)
    slip_json_append_line (out, depth);
  g_string_append_c (out, '}');
}

static gboolean
append_elements (SlipAwsXmlReader *reader, const SlipAwsShape *list, GString *out, guint depth)
{
  gboolean any = FALSE;

  while (slip_aws_xml_next_child (reader))
    {
      gsize before = out->len;

      if (any)
        g_string_append_c (out, ',');
      slip_json_append_line (out, depth);
      if (append_value (reader, list->element, out, depth))
        any = TRUE;
      else
        g_string_truncate (out, before);
      if (failed (reader))
        return FALSE;
    }
  return any;
}

/* Returns whether there is a value; on an error what was appended is of no use. */
static gboolean
append_value (SlipAwsXmlReader *reader, const SlipAwsMember *member, GString *out, guint depth)
{
  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_STRUCTURE:
      append_structure (reader, member->shape, out, depth);
      return TRUE;
    case SLIP_AWS_TYPE_LIST:
      g_string_append_c (out, '[');
      if (append_elements (reader, member->shape, out, depth + 1))
        slip_json_append_line (out, depth);
      g_string_append_c (out, ']');
      return TRUE;
    case SLIP_AWS_TYPE_STRING:
      return append_string (reader, out);
    default:
      return append_other (reader, member, out, depth);
    }
}

gboolean
slip_aws_xml_read_list_text (SlipAwsXmlReader *reader,
                             const SlipAwsShape *list,
                             GString *out,
                             guint depth)
{
  append_elements (reader, list, out, depth);
  return !failed (reader);
}
