/* SPDX-License-Identifier: MIT */

/* XML along the shapes of a model, both ways, for the query, ec2 and rest-xml protocols. Reading goes
 * straight from the text into JSON objects: there is never a tree of the document. */

#include "slip-aws-xml-shape.h"

#include <string.h>

#include "slip-aws-error.h"
#include "slip-aws-scalar.h"
#include "slip-json.h"

static const char *
wire_or (const SlipAwsMember *member, const char *fallback)
{
  return member->wire != NULL ? member->wire : fallback;
}

gboolean
slip_aws_xml_next_child (SlipAwsXmlReader *reader)
{
  while (TRUE)
    switch (slip_aws_xml_reader_next (reader))
      {
      case SLIP_AWS_XML_START:
        return TRUE;
      case SLIP_AWS_XML_TEXT:
        break;
      default:
        return FALSE;
      }
}

static gboolean
failed (const SlipAwsXmlReader *reader)
{
  return *reader->error != NULL;
}

static JsonNode *
read_scalar (SlipAwsXmlReader *reader, const SlipAwsMember *member)
{
  const char *text = slip_aws_xml_reader_take_text (reader);
  g_autoptr (GError) local = NULL;

  if (text == NULL)
    return NULL;
  /* An empty element of another type than string says nothing. */
  if (*text == '\0' && member->shape->type != SLIP_AWS_TYPE_STRING
      && member->shape->type != SLIP_AWS_TYPE_BLOB)
    return NULL;
  JsonNode *node = slip_aws_scalar_from_text (member, text, &local);
  if (node == NULL)
    slip_aws_xml_reader_fail (reader, local->message);
  return node;
}

static JsonNode *
read_list (SlipAwsXmlReader *reader, const SlipAwsShape *shape)
{
  g_autoptr (JsonArray) array = json_array_new ();

  while (slip_aws_xml_next_child (reader))
    {
      JsonNode *node = slip_aws_xml_read_value (reader, shape->element);
      if (node != NULL)
        json_array_add_element (array, node);
      if (failed (reader))
        return NULL;
    }
  return failed (reader) ? NULL : slip_json_new_array (g_steal_pointer (&array));
}

/* Reads one entry of a map: an element that holds a key and a value. */
static gboolean
read_entry (SlipAwsXmlReader *reader, const SlipAwsShape *shape, JsonObject *into)
{
  g_autofree char *key = NULL;
  g_autoptr (JsonNode) value = NULL;

  while (slip_aws_xml_next_child (reader))
    {
      if (key == NULL && slip_aws_xml_reader_is (reader, wire_or (shape->key, "key")))
        key = slip_aws_xml_reader_dup_text (reader);
      else if (value == NULL && slip_aws_xml_reader_is (reader, wire_or (shape->value, "value")))
        value = slip_aws_xml_read_value (reader, shape->value);
      else
        slip_aws_xml_reader_skip (reader);
      if (failed (reader))
        return FALSE;
    }
  if (failed (reader))
    return FALSE;
  if (key == NULL)
    {
      slip_aws_xml_reader_fail (reader, "a map's entry has no key");
      return FALSE;
    }
  if (value != NULL)
    json_object_set_member (into, key, g_steal_pointer (&value));
  return TRUE;
}

static JsonNode *
read_map (SlipAwsXmlReader *reader, const SlipAwsShape *shape)
{
  g_autoptr (JsonObject) object = json_object_new ();

  while (slip_aws_xml_next_child (reader))
    if (!read_entry (reader, shape, object))
      return NULL;
  return failed (reader) ? NULL : slip_json_new_object (g_steal_pointer (&object));
}

JsonNode *
slip_aws_xml_read_value (SlipAwsXmlReader *reader, const SlipAwsMember *member)
{
  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_STRUCTURE:
      {
        g_autoptr (JsonObject) object = json_object_new ();
        if (!slip_aws_xml_read_structure (reader, member->shape, object))
          return NULL;
        return slip_json_new_object (g_steal_pointer (&object));
      }
    case SLIP_AWS_TYPE_LIST:
      return read_list (reader, member->shape);
    case SLIP_AWS_TYPE_MAP:
      return read_map (reader, member->shape);
    default:
      return read_scalar (reader, member);
    }
}

static void
read_attributes (SlipAwsXmlReader *reader, const SlipAwsShape *shape, JsonObject *into)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      g_autofree char *text
          = member->xml_attribute ? slip_aws_xml_reader_dup_attribute (reader, member->wire) : NULL;
      g_autoptr (GError) local = NULL;
      JsonNode *node = text != NULL ? slip_aws_scalar_from_text (member, text, &local) : NULL;
      if (node != NULL)
        json_object_set_member (into, member->name, node);
    }
}

/* The elements of a flattened list, and the entries of a flattened map, stand directly in the
 * structure, not always side by side. */
static gboolean
read_flattened (SlipAwsXmlReader *reader, const SlipAwsMember *member, JsonObject *into)
{
  const SlipAwsShape *shape = member->shape;

  if (shape->type == SLIP_AWS_TYPE_MAP)
    {
      JsonObject *object = slip_json_object (into, member->name);
      if (object == NULL)
        {
          object = json_object_new ();
          json_object_set_object_member (into, member->name, object);
        }
      return read_entry (reader, shape, object);
    }
  JsonArray *array = slip_json_array (into, member->name);
  if (array == NULL)
    {
      array = json_array_new ();
      json_object_set_array_member (into, member->name, array);
    }
  JsonNode *node = slip_aws_xml_read_value (reader, shape->element);
  if (node != NULL)
    json_array_add_element (array, node);
  return !failed (reader);
}

gboolean
slip_aws_xml_is_flattened (const SlipAwsMember *member)
{
  return member->flattened
         && (member->shape->type == SLIP_AWS_TYPE_LIST || member->shape->type == SLIP_AWS_TYPE_MAP);
}

/* The member that the current element is. Mostly it is the one after the one before. */
static const SlipAwsMember *
find_member (const SlipAwsXmlReader *reader, const SlipAwsXmlMembers *members)
{
  const SlipAwsShape *shape = members->shape;
  const SlipAwsMember *likely
      = members->after < shape->n_members ? shape->members[members->after] : NULL;

  if (likely != NULL && likely->on_wire && slip_aws_xml_reader_is (reader, likely->wire))
    return likely;
  return slip_aws_shape_find_element (shape, reader->name, reader->name_length);
}

const SlipAwsMember *
slip_aws_xml_next_member (SlipAwsXmlReader *reader, SlipAwsXmlMembers *members)
{
  while (slip_aws_xml_next_child (reader))
    {
      const SlipAwsMember *member = find_member (reader, members);

      if (member != NULL && !member->xml_attribute)
        {
          guint64 *seen = &members->seen[member->index / 64];
          guint64 bit = G_GUINT64_CONSTANT (1) << (member->index % 64);
          gboolean again = (*seen & bit) != 0;

          *seen |= bit;
          members->after = member->index + 1;
          if (!again || slip_aws_xml_is_flattened (member))
            return member;
        }
      slip_aws_xml_reader_skip (reader);
      if (failed (reader))
        return NULL;
    }
  return NULL;
}

gboolean
slip_aws_xml_read_member (SlipAwsXmlReader *reader, const SlipAwsMember *member, JsonObject *into)
{
  JsonNode *node;

  if (slip_aws_xml_is_flattened (member))
    return read_flattened (reader, member, into);
  node = slip_aws_xml_read_value (reader, member);
  if (node != NULL)
    json_object_set_member (into, member->name, node);
  return !failed (reader);
}

gboolean
slip_aws_xml_read_structure (SlipAwsXmlReader *reader, const SlipAwsShape *shape, JsonObject *into)
{
  SlipAwsXmlMembers members = {.shape = shape};
  const SlipAwsMember *member;

  if (slip_aws_xml_reader_has_attributes (reader))
    read_attributes (reader, shape, into);
  while ((member = slip_aws_xml_next_member (reader, &members)) != NULL)
    if (!slip_aws_xml_read_member (reader, member, into))
      return FALSE;
  return !failed (reader);
}

static void
open_element (GString *out, const SlipAwsMember *member, const char *name)
{
  g_string_append_c (out, '<');
  g_string_append (out, name);
  if (member == NULL || member->namespace_uri == NULL)
    return;
  g_string_append (out, " xmlns");
  if (member->namespace_prefix != NULL && *member->namespace_prefix != '\0')
    g_string_append_printf (out, ":%s", member->namespace_prefix);
  g_string_append (out, "=\"");
  slip_aws_xml_append_text (out, member->namespace_uri);
  g_string_append_c (out, '"');
}

static void
close_element (GString *out, const char *name)
{
  g_string_append (out, "</");
  g_string_append (out, name);
  g_string_append_c (out, '>');
}

static gboolean
set_mismatch (const SlipAwsMember *member, const char *name, GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s: the value is not a %s", name,
               slip_aws_type_name (member->shape->type));
  return FALSE;
}

static gboolean
set_unknown (const SlipAwsShape *shape, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    if (slip_aws_shape_find_member (shape, name) == NULL)
      {
        g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s has no member %s",
                     shape->name, name);
        break;
      }
  return FALSE;
}

static gboolean
write_attributes (GString *out, const SlipAwsShape *shape, JsonObject *object, GError **error)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = member->xml_attribute ? json_object_get_member (object, member->name) : NULL;
      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      g_autofree char *text = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_ISO8601, error);
      if (text == NULL)
        return FALSE;
      g_string_append_printf (out, " %s=\"", member->wire);
      slip_aws_xml_append_text (out, text);
      g_string_append_c (out, '"');
    }
  return TRUE;
}

static gboolean
write_list (
    GString *out, const SlipAwsMember *member, const char *name, JsonArray *array, GError **error)
{
  const SlipAwsMember *element = member->shape->element;
  const char *child = member->flattened ? name : wire_or (element, "member");

  if (!member->flattened)
    {
      open_element (out, member, name);
      g_string_append_c (out, '>');
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_NULL (node) && !slip_aws_xml_write (out, element, child, node, error))
        return FALSE;
    }
  if (!member->flattened)
    close_element (out, name);
  return TRUE;
}

static gboolean
write_entry (
    GString *out, const SlipAwsShape *shape, const char *key, JsonNode *value, GError **error)
{
  const char *key_name = wire_or (shape->key, "key");

  open_element (out, shape->key, key_name);
  g_string_append_c (out, '>');
  slip_aws_xml_append_text (out, key);
  close_element (out, key_name);
  return JSON_NODE_HOLDS_NULL (value)
         || slip_aws_xml_write (out, shape->value, wire_or (shape->value, "value"), value, error);
}

static gboolean
write_map (
    GString *out, const SlipAwsMember *member, const char *name, JsonObject *object, GError **error)
{
  const char *entry = member->flattened ? name : "entry";
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!member->flattened)
    {
      open_element (out, member, name);
      g_string_append_c (out, '>');
    }
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      open_element (out, member->flattened ? member : NULL, entry);
      g_string_append_c (out, '>');
      if (!write_entry (out, member->shape, key, value, error))
        return FALSE;
      close_element (out, entry);
    }
  if (!member->flattened)
    close_element (out, name);
  return TRUE;
}

static gboolean
write_scalar (
    GString *out, const SlipAwsMember *member, const char *name, JsonNode *node, GError **error)
{
  g_autofree char *text = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_ISO8601, error);

  if (text == NULL)
    return FALSE;
  open_element (out, member, name);
  g_string_append_c (out, '>');
  slip_aws_xml_append_text (out, text);
  close_element (out, name);
  return TRUE;
}

gboolean
slip_aws_xml_write (
    GString *out, const SlipAwsMember *member, const char *name, JsonNode *node, GError **error)
{
  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_STRUCTURE:
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return set_mismatch (member, name, error);
      open_element (out, member, name);
      if (!write_attributes (out, member->shape, json_node_get_object (node), error))
        return FALSE;
      g_string_append_c (out, '>');
      if (!slip_aws_xml_write_members (out, member->shape, json_node_get_object (node), error))
        return FALSE;
      close_element (out, name);
      return TRUE;
    case SLIP_AWS_TYPE_LIST:
      return JSON_NODE_HOLDS_ARRAY (node)
                 ? write_list (out, member, name, json_node_get_array (node), error)
                 : set_mismatch (member, name, error);
    case SLIP_AWS_TYPE_MAP:
      return JSON_NODE_HOLDS_OBJECT (node)
                 ? write_map (out, member, name, json_node_get_object (node), error)
                 : set_mismatch (member, name, error);
    default:
      return write_scalar (out, member, name, node, error);
    }
}

gboolean
slip_aws_xml_write_members (GString *out,
                            const SlipAwsShape *shape,
                            JsonObject *object,
                            GError **error)
{
  guint known = 0;

  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = json_object_get_member (object, member->name);
      known += node != NULL;
      if (node == NULL || JSON_NODE_HOLDS_NULL (node) || member->xml_attribute
          || member->location != SLIP_AWS_LOCATION_BODY)
        continue;
      if (!slip_aws_xml_write (out, member, member->wire, node, error))
        return FALSE;
    }
  return known == json_object_get_size (object) || set_unknown (shape, object, error);
}
