/* SPDX-License-Identifier: MIT */
/* Writes a JSON value as text. json-glib's own generator writes some numbers in a way that no parser
 * accepts (`1e+21.0`) and others with digits that nobody gave (`1.1000000000000001`). */

#include "slip-json.h"

#include <math.h>
#include <string.h>

static void append_value (GString *out, JsonNode *node, gboolean pretty, guint depth);

void
slip_json_append_line (GString *out, guint depth)
{
  g_string_append_c (out, '\n');
  for (guint spaces = 2 * depth; spaces > 0;)
    {
      static const char blank[] = "                ";
      guint n = MIN (spaces, sizeof blank - 1);

      g_string_append_len (out, blank, n);
      spaces -= n;
    }
}

static void
append_line (GString *out, gboolean pretty, guint depth)
{
  if (pretty)
    slip_json_append_line (out, depth);
}

void
slip_json_append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  while (*text != '\0')
    {
      static const char plain[] = "\b\t\n\f\r\"\\";
      static const char escaped[] = "btnfr\"\\";
      const char *stop = text;
      while ((guchar)*stop >= 0x20 && *stop != '"' && *stop != '\\')
        stop++;
      g_string_append_len (out, text, stop - text);
      if (*stop == '\0')
        break;
      const char *found = strchr (plain, *stop);
      if (found != NULL)
        g_string_append_printf (out, "\\%c", escaped[found - plain]);
      else
        g_string_append_printf (out, "\\u%04x", (guchar)*stop);
      text = stop + 1;
    }
  g_string_append_c (out, '"');
}

/* The shortest text that reads back as the same number, and as no whole number. */
static void
append_double (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (out, "null");
      return;
    }
  for (int precision = 15; precision <= 17; precision++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
append_integer (GString *out, gint64 value)
{
  char digits[24];
  char *at = digits + sizeof digits;
  guint64 rest = value < 0 ? -(guint64)value : (guint64)value;

  do
    *--at = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0)
    *--at = '-';
  g_string_append_len (out, at, digits + sizeof digits - at);
}

static void
append_scalar (GString *out, JsonNode *node)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      slip_json_append_string (
          out, json_node_get_string (node) != NULL ? json_node_get_string (node) : "");
      break;
    case G_TYPE_INT64:
      append_integer (out, json_node_get_int (node));
      break;
    case G_TYPE_BOOLEAN:
      g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      break;
    default:
      append_double (out, json_node_get_double (node));
      break;
    }
}

static void
append_object (GString *out, JsonObject *object, gboolean pretty, guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  guint n = 0;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (n++ > 0)
        g_string_append_c (out, ',');
      append_line (out, pretty, depth + 1);
      slip_json_append_string (out, name);
      g_string_append (out, pretty ? ": " : ":");
      append_value (out, node, pretty, depth + 1);
    }
  if (n > 0)
    append_line (out, pretty, depth);
  g_string_append_c (out, '}');
}

static void
append_array (GString *out, JsonArray *array, gboolean pretty, guint depth)
{
  guint n = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_line (out, pretty, depth + 1);
      append_value (out, json_array_get_element (array, i), pretty, depth + 1);
    }
  if (n > 0)
    append_line (out, pretty, depth);
  g_string_append_c (out, ']');
}

static void
append_value (GString *out, JsonNode *node, gboolean pretty, guint depth)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (out, json_node_get_object (node), pretty, depth);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_array (out, json_node_get_array (node), pretty, depth);
  else if (JSON_NODE_HOLDS_NULL (node))
    g_string_append (out, "null");
  else
    append_scalar (out, node);
}

char *
slip_json_to_text (JsonNode *node, gboolean pretty)
{
  g_return_val_if_fail (node != NULL, NULL);

  GString *out = g_string_new (NULL);
  append_value (out, node, pretty, 0);
  return g_string_free (out, FALSE);
}

void
slip_json_append_text (GString *out, JsonNode *node, guint depth)
{
  g_return_if_fail (out != NULL && node != NULL);

  append_value (out, node, TRUE, depth);
}
