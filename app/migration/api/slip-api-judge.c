/* SPDX-License-Identifier: MIT */
/* When an answer is the one that is expected: as the original's API tests have it, which write values as Python does, split
 * by |, sort, and do not tell capitals. */

#include "slip-api-private.h"

#include <string.h>

gboolean
slip_api_locator_is_good (const char *locator, char **why)
{
  g_autoptr (JsonPath) path = json_path_new ();
  g_autoptr (GError) error = NULL;

  if (json_path_compile (path, locator, &error))
    return TRUE;
  *why = g_strdup (error->message);
  return FALSE;
}

/* ---- values as texts */

/* Whether it is a number that has no room in the parser's. */
static gboolean
is_wide (const char *text)
{
  gsize mark = strlen (SLIP_API_WIDE);

  return g_str_has_prefix (text, SLIP_API_WIDE) && text[mark] != '\0'
         && text[mark + strspn (text + mark, "0123456789+-.eE")] == '\0';
}

static char *
dup_plain (JsonNode *node)
{
  char *text = slip_value_dup_text (node);

  if (is_wide (text))
    memmove (text, text + strlen (SLIP_API_WIDE), strlen (text) - strlen (SLIP_API_WIDE) + 1);
  return text;
}

/* Python's str.isprintable(). */
static gboolean
is_printable (gunichar letter)
{
  switch (g_unichar_type (letter))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    case G_UNICODE_SPACE_SEPARATOR:
      return letter == ' ';
    default:
      return TRUE;
    }
}

/* Python's repr() of a text. */
static void
append_text (GString *out, const char *text)
{
  char quote = strchr (text, '\'') != NULL && strchr (text, '"') == NULL ? '"' : '\'';

  g_string_append_c (out, quote);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar letter = g_utf8_get_char (p);

      if (letter == (gunichar)quote || letter == '\\')
        g_string_append_printf (out, "\\%c", (char)letter);
      else if (letter == '\n' || letter == '\r' || letter == '\t')
        g_string_append (out, letter == '\n' ? "\\n" : letter == '\r' ? "\\r" : "\\t");
      else if (is_printable (letter))
        g_string_append_unichar (out, letter);
      else
        g_string_append_printf (out,
                                letter < 0x100     ? "\\x%02x"
                                : letter < 0x10000 ? "\\u%04x"
                                                   : "\\U%08x",
                                letter);
    }
  g_string_append_c (out, quote);
}

/* Python's repr() of what a JSON text holds. */
static void
append_repr (GString *out, JsonNode *node)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  gboolean first = TRUE;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_string_append (out, i > 0 ? ", " : "[");
          append_repr (out, json_array_get_element (array, i));
        }
      g_string_append (out, json_array_get_length (array) > 0 ? "]" : "[]");
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_string_append_c (out, '{');
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      for (; json_object_iter_next_ordered (&iter, &name, &member); first = FALSE)
        {
          g_string_append (out, first ? "" : ", ");
          append_text (out, name);
          g_string_append (out, ": ");
          append_repr (out, member);
        }
      g_string_append_c (out, '}');
    }
  else
    {
      g_autofree char *text = dup_plain (node);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
          && !is_wide (json_node_get_string (node)))
        append_text (out, text);
      else
        g_string_append (out, text);
    }
}

static char *
dup_value (JsonNode *node)
{
  GString *text;

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (node))
    return dup_plain (node);
  text = g_string_new (NULL);
  append_repr (text, node);
  return g_string_free (text, FALSE);
}

static guint
size_of (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node));
  return JSON_NODE_HOLDS_NULL (node) ? 0 : 1;
}

/* A path that leads to one list means what is in it. */
static guint
count_of (JsonArray *found)
{
  guint n = json_array_get_length (found);

  return n == 1 ? size_of (json_array_get_element (found, 0)) : n;
}

void
slip_api_collect (GPtrArray *values, const char *locator, JsonNode *json, gboolean count)
{
  g_autoptr (JsonNode) found = json != NULL ? json_path_query (locator, json, NULL) : NULL;
  JsonArray *array = found != NULL ? json_node_get_array (found) : NULL;

  if (count)
    {
      g_ptr_array_add (values, g_strdup_printf ("%u", array != NULL ? count_of (array) : 0));
      return;
    }
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_ptr_array_add (values, dup_value (json_array_get_element (array, i)));
}

/* ---- what is the same */

static int
by_text (gconstpointer left, gconstpointer right)
{
  return strcmp (*(const char *const *)left, *(const char *const *)right);
}

static void
take_parts (GPtrArray *parts, const char *text)
{
  g_auto (GStrv) split = g_strsplit (text, "|", -1);

  for (guint i = 0; split[i] != NULL; i++)
    {
      /* Blanks are sorted to the front, where the original cuts them off. */
      if (*split[i] != '\0')
        g_ptr_array_add (parts, g_utf8_strdown (split[i], -1));
    }
}

static GPtrArray *
parts_of (const char *text)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  take_parts (parts, text);
  g_ptr_array_sort (parts, by_text);
  return parts;
}

static gboolean
is_equal (GPtrArray *left, GPtrArray *right)
{
  if (left->len != right->len)
    return FALSE;
  for (guint i = 0; i < left->len; i++)
    if (!g_str_equal (g_ptr_array_index (left, i), g_ptr_array_index (right, i)))
      return FALSE;
  return TRUE;
}

static gboolean
is_in (GPtrArray *parts, const char *part)
{
  for (guint i = 0; i < parts->len; i++)
    if (g_str_equal (g_ptr_array_index (parts, i), part))
      return TRUE;
  return FALSE;
}

static gboolean
holds_all (GPtrArray *actual, GPtrArray *expected)
{
  for (guint i = 0; i < expected->len; i++)
    if (!is_in (actual, g_ptr_array_index (expected, i)))
      return FALSE;
  return TRUE;
}

static char *
join (GPtrArray *parts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "|" : "", (char *)g_ptr_array_index (parts, i));
  return g_string_free (text, FALSE);
}

void
slip_api_judge (SlipApiCheck *check, GPtrArray *values)
{
  g_autofree char *joined = join (values);
  g_autoptr (GPtrArray) actual = parts_of (joined);
  g_autoptr (GPtrArray) expected = parts_of (check->expected);
  gboolean same = is_equal (actual, expected);

  if (!same && g_str_has_prefix (check->purpose, "includes_"))
    same = expected->len > 0 && holds_all (actual, expected);
  check->actual = join (actual);
  check->state = same ? "passed" : "failed";
}
