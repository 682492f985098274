/* SPDX-License-Identifier: MIT */
/* The canonical form of a JSON value (RFC 8785), its digest, and comparing and copying by content.
 * What is signed, hashed or compared in Slipway is this form, never a text as it came. */

#include "slip-json.h"
#include "slip-base-error.h"

#include <math.h>
#include <string.h>

static gboolean append_value (GString *out, JsonNode *node, GError **error);

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0';)
    {
      static const char plain[] = "\b\t\n\f\r\"\\";
      static const char escaped[] = "btnfr\"\\";
      const char *run = p;
      const char *found;

      while ((guchar)*p >= 0x20 && *p != '"' && *p != '\\')
        p++;
      g_string_append_len (out, run, p - run);
      if (*p == '\0')
        break;
      found = strchr (plain, *p);
      if (found != NULL)
        {
          g_string_append_c (out, '\\');
          g_string_append_c (out, escaped[found - plain]);
        }
      else
        g_string_append_printf (out, "\\u%04x", (guchar)*p);
      p++;
    }
  g_string_append_c (out, '"');
}

/* Shortest decimal digits that read back as @value, and the place of the decimal point: the value is
 * 0.DIGITS × 10^point. */
static void
shortest_digits (double value, char digits[32], int *point)
{
  char text[32];
  char *exponent;
  gsize n = 0;

  for (int precision = 0; precision <= 16; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%de", precision);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  exponent = strchr (text, 'e');
  *point = (int)g_ascii_strtoll (exponent + 1, NULL, 10) + 1;
  for (const char *p = text; p < exponent; p++)
    if (g_ascii_isdigit (*p))
      digits[n++] = *p;
  while (n > 1 && digits[n - 1] == '0')
    n--;
  digits[n] = '\0';
}

/* ECMAScript's Number::toString, which RFC 8785 §3.2.2.3 prescribes. */
static void
append_double (GString *out, double value)
{
  char digits[32];
  int point;
  int n;

  if (value == 0)
    {
      g_string_append_c (out, '0');
      return;
    }
  if (value < 0)
    g_string_append_c (out, '-');
  shortest_digits (fabs (value), digits, &point);
  n = (int)strlen (digits);

  if (n <= point && point <= 21)
    g_string_append_printf (out, "%s%.*s", digits, point - n, "000000000000000000000");
  else if (0 < point && point <= 21)
    g_string_append_printf (out, "%.*s.%s", point, digits, digits + point);
  else if (-6 < point && point <= 0)
    g_string_append_printf (out, "0.%.*s%s", -point, "000000", digits);
  else
    g_string_append_printf (out, "%c%s%se%+d", digits[0], n > 1 ? "." : "", digits + 1, point - 1);
}

static gboolean
append_number (GString *out, double value, GError **error)
{
  if (!isfinite (value))
    {
      g_set_error_literal (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_NUMBER,
                           "a number that is not finite has no canonical form");
      return FALSE;
    }
  append_double (out, value);
  return TRUE;
}

static gboolean
append_scalar (GString *out, JsonNode *node, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    append_string (out, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64 && ABS (json_node_get_int (node)) <= (G_GINT64_CONSTANT (1) << 53))
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else
    return append_number (out, json_node_get_double (node), error);
  return TRUE;
}

static gint64
next_utf16 (const char **text, gunichar *low)
{
  gunichar c;

  if (*low != 0)
    {
      gunichar unit = *low;

      *low = 0;
      return unit;
    }
  if (**text == '\0')
    return -1;
  c = g_utf8_get_char (*text);
  *text = g_utf8_next_char (*text);
  if (c < 0x10000)
    return c;
  *low = 0xdc00 + ((c - 0x10000) & 0x3ff);
  return 0xd800 + ((c - 0x10000) >> 10);
}

/* Members are sorted by UTF-16 code units (RFC 8785 §3.2.3), which differs from the order of bytes
 * beyond the basic plane. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  const char *left = *(const char *const *)a;
  const char *right = *(const char *const *)b;
  gunichar left_low = 0;
  gunichar right_low = 0;

  /* Nearly all names are ASCII, and differ in it. */
  while (*left == *right && (guchar)*left < 0x80 && *left != '\0')
    {
      left++;
      right++;
    }
  for (;;)
    {
      gint64 l = next_utf16 (&left, &left_low);
      gint64 r = next_utf16 (&right, &right_low);

      if (l != r)
        return l < r ? -1 : 1;
      if (l < 0)
        return 0;
    }
}

static gboolean
append_object (GString *out, JsonObject *object, GError **error)
{
  g_autoptr (GList) members = json_object_get_members (object);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (GList *l = members; l != NULL; l = l->next)
    g_ptr_array_add (names, l->data);
  g_ptr_array_sort (names, compare_names);

  g_string_append_c (out, '{');
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (i > 0)
        g_string_append_c (out, ',');
      append_string (out, name);
      g_string_append_c (out, ':');
      if (!append_value (out, json_object_get_member (object, name), error))
        return FALSE;
    }
  g_string_append_c (out, '}');
  return TRUE;
}

static gboolean
append_array (GString *out, JsonArray *array, GError **error)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (!append_value (out, json_array_get_element (array, i), error))
        return FALSE;
    }
  g_string_append_c (out, ']');
  return TRUE;
}

static gboolean
append_value (GString *out, JsonNode *node, GError **error)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return append_object (out, json_node_get_object (node), error);
    case JSON_NODE_ARRAY:
      return append_array (out, json_node_get_array (node), error);
    case JSON_NODE_VALUE:
      return append_scalar (out, node, error);
    case JSON_NODE_NULL:
    default:
      g_string_append (out, "null");
      return TRUE;
    }
}

char *
slip_json_canonical (JsonNode *node, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_val_if_fail (node != NULL, NULL);

  if (!append_value (out, node, error))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
slip_json_sha256 (JsonNode *node)
{
  g_autofree char *text = slip_json_canonical (node, NULL);

  g_return_val_if_fail (text != NULL, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static gboolean
equal_objects (JsonObject *a, JsonObject *b)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (json_object_get_size (a) != json_object_get_size (b))
    return FALSE;
  json_object_iter_init (&iter, a);
  while (json_object_iter_next (&iter, &name, &member))
    if (!slip_json_equal (member, json_object_get_member (b, name)))
      return FALSE;
  return TRUE;
}

static gboolean
equal_arrays (JsonArray *a, JsonArray *b)
{
  guint n = json_array_get_length (a);

  if (n != json_array_get_length (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!slip_json_equal (json_array_get_element (a, i), json_array_get_element (b, i)))
      return FALSE;
  return TRUE;
}

/* Numbers are one when they are the same double, as their canonical forms are; one that is not finite has
 * none, and equals nothing. */
static gboolean
equal_scalars (JsonNode *a, JsonNode *b)
{
  GType type = json_node_get_value_type (a);
  GType other = json_node_get_value_type (b);

  if (type == G_TYPE_STRING || other == G_TYPE_STRING)
    return type == other && g_str_equal (json_node_get_string (a), json_node_get_string (b));
  if (type == G_TYPE_BOOLEAN || other == G_TYPE_BOOLEAN)
    return type == other && json_node_get_boolean (a) == json_node_get_boolean (b);
  return isfinite (json_node_get_double (a))
         && json_node_get_double (a) == json_node_get_double (b);
}

gboolean
slip_json_equal (JsonNode *a, JsonNode *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  if (json_node_get_node_type (a) != json_node_get_node_type (b))
    return FALSE;
  switch (json_node_get_node_type (a))
    {
    case JSON_NODE_OBJECT:
      return equal_objects (json_node_get_object (a), json_node_get_object (b));
    case JSON_NODE_ARRAY:
      return equal_arrays (json_node_get_array (a), json_node_get_array (b));
    case JSON_NODE_VALUE:
      return equal_scalars (a, b);
    case JSON_NODE_NULL:
    default:
      return TRUE;
    }
}

static JsonNode *
copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (copy, name, slip_json_copy (value));
  return slip_json_new_object (copy);
}

static JsonNode *
copy_array (JsonArray *array)
{
  guint n = json_array_get_length (array);
  JsonArray *copy = json_array_sized_new (n);

  for (guint i = 0; i < n; i++)
    json_array_add_element (copy, slip_json_copy (json_array_get_element (array, i)));
  return slip_json_new_array (copy);
}

JsonNode *
slip_json_copy (JsonNode *node)
{
  g_return_val_if_fail (node != NULL, NULL);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return copy_object (json_node_get_object (node));
  if (JSON_NODE_HOLDS_ARRAY (node))
    return copy_array (json_node_get_array (node));
  return json_node_copy (node);
}
