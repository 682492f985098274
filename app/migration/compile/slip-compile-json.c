/* SPDX-License-Identifier: MIT */
/* A JSON template as an SQL expression that writes what Python's json.dumps() would: ", " and ": " between,
 * everything beyond ASCII escaped. {"$sql": …} stands for an expression's value, {"$late": …} for an id that
 * integration replaces when it is final. */

#include "slip-compile-private.h"

#include <string.h>

static void
append_escaped (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      static const char from[] = "\"\\\n\r\t\f\b";
      static const char to[] = "\"\\nrtfb";
      const char *known = c < 0x80 ? strchr (from, (int)c) : NULL;

      if (known != NULL)
        g_string_append_printf (json, "\\%c", to[known - from]);
      else if (c >= 0x20 && c < 0x7f)
        g_string_append_c (json, (char)c);
      else if (c < 0x10000)
        g_string_append_printf (json, "\\u%04x", c);
      else
        g_string_append_printf (json, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  g_string_append_c (json, '"');
}

/* Constant text is gathered in @text until an expression comes. */
typedef struct
{
  SlipCompiler *compiler;
  GString *sql;
  GString *text;
} Writer;

static void
flush (Writer *writer)
{
  g_autofree char *literal = NULL;

  if (writer->text->len == 0)
    return;
  literal = slip_compile_literal (writer->text->str);
  g_string_append_printf (writer->sql, "%s%s", writer->sql->len > 0 ? " || " : "", literal);
  g_string_truncate (writer->text, 0);
}

static void
write_expression (Writer *writer, const char *sql)
{
  g_autofree char *expanded = slip_compile_expand (writer->compiler, sql);

  flush (writer);
  g_string_append_printf (writer->sql, "%sslipway.json_value (%s)",
                          writer->sql->len > 0 ? " || " : "", expanded);
}

static void write_node (Writer *writer, JsonNode *node);

static gboolean
write_special (Writer *writer, JsonObject *object)
{
  if (json_object_get_size (object) != 1)
    return FALSE;
  if (json_object_has_member (object, "$sql"))
    {
      write_expression (writer, json_object_get_string_member (object, "$sql"));
      return TRUE;
    }
  if (json_object_has_member (object, "$late"))
    {
      JsonObject *late = json_object_get_object_member (object, "$late");

      write_expression (writer, json_object_get_string_member (late, "id"));
      return TRUE;
    }
  return FALSE;
}

static void
write_object (Writer *writer, JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  g_string_append_c (writer->text, '{');
  for (GList *l = names; l != NULL; l = l->next)
    {
      append_escaped (writer->text, l->data);
      g_string_append (writer->text, ": ");
      write_node (writer, json_object_get_member (object, l->data));
      if (l->next != NULL)
        g_string_append (writer->text, ", ");
    }
  g_string_append_c (writer->text, '}');
}

static void
write_array (Writer *writer, JsonArray *array)
{
  g_string_append_c (writer->text, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append (writer->text, ", ");
      write_node (writer, json_array_get_element (array, i));
    }
  g_string_append_c (writer->text, ']');
}

static void
write_scalar (Writer *writer, JsonNode *node)
{
  g_autofree char *text = NULL;

  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      append_escaped (writer->text, json_node_get_string (node));
      return;
    }
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    text = g_strdup (json_node_get_boolean (node) ? "true" : "false");
  else
    text = slip_value_dup_text (node);
  g_string_append (writer->text, text);
}

static void
write_node (Writer *writer, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      if (!write_special (writer, json_node_get_object (node)))
        write_object (writer, json_node_get_object (node));
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    write_array (writer, json_node_get_array (node));
  else if (JSON_NODE_HOLDS_NULL (node))
    g_string_append (writer->text, "null");
  else
    write_scalar (writer, node);
}

char *
slip_compile_json (SlipCompiler *self, JsonNode *node)
{
  Writer writer = {self, g_string_new (NULL), g_string_new (NULL)};

  write_node (&writer, node);
  flush (&writer);
  g_string_free (writer.text, TRUE);
  return g_string_free (writer.sql, FALSE);
}
