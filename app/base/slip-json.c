/* SPDX-License-Identifier: MIT */
/* Reads JSON strictly and looks things up in it. json-glib holds the values; its own parser is not
 * used for text from outside, because it takes comments and repeated members and nests without a
 * limit, so that a hostile answer could hide a member or overflow the stack. */

#include "slip-json.h"
#include "slip-base-error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  GString *scratch;   /* owned; the string being read */
  GPtrArray *repeats; /* element-type SlipJsonRepeat, or NULL: a repeated member is an error */
  GString *pointer;   /* where the reader is; only with repeats */
  guint depth;
  GError **error;
} Reader;

static JsonNode *read_value (Reader *reader);

static guint
find_line (Reader *reader, guint *column)
{
  guint line = 1;

  *column = 1;
  for (const char *p = reader->start; p < reader->at; p++)
    {
      *column = *p == '\n' ? 1 : *column + 1;
      line += *p == '\n';
    }
  return line;
}

static gpointer
fail (Reader *reader, const char *message)
{
  guint column;
  guint line = find_line (reader, &column);

  if (reader->error != NULL && *reader->error == NULL)
    g_set_error (reader->error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PARSE, "%u:%u: %s", line, column,
                 message);
  return NULL;
}

static void
skip_space (Reader *reader)
{
  while (reader->at < reader->end && strchr (" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
    reader->at++;
}

static gboolean
take (Reader *reader, char c)
{
  if (reader->at >= reader->end || *reader->at != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

static gboolean
read_hex4 (Reader *reader, guint *value)
{
  *value = 0;
  if (reader->end - reader->at < 4)
    return FALSE;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*reader->at);

      if (digit < 0)
        return FALSE;
      *value = *value * 16 + (guint)digit;
      reader->at++;
    }
  return TRUE;
}

static gboolean
read_unicode_escape (Reader *reader)
{
  guint high;
  guint low;

  if (!read_hex4 (reader, &high))
    return fail (reader, "a \\u escape needs four hexadecimal digits") != NULL;
  if (high >= 0xd800 && high < 0xdc00)
    {
      if (!take (reader, '\\') || !take (reader, 'u') || !read_hex4 (reader, &low) || low < 0xdc00
          || low > 0xdfff)
        return fail (reader, "half of a surrogate pair is missing") != NULL;
      high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (high >= 0xdc00 && high <= 0xdfff)
    return fail (reader, "half of a surrogate pair is missing") != NULL;
  if (high == 0)
    return fail (reader, "a string must not hold a NUL character") != NULL;
  g_string_append_unichar (reader->scratch, high);
  return TRUE;
}

static gboolean
read_escape (Reader *reader)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *found;
  char c;

  if (reader->at >= reader->end)
    return fail (reader, "the string does not end") != NULL;
  c = *reader->at++;
  if (c == 'u')
    return read_unicode_escape (reader);
  found = c != '\0' ? strchr (from, c) : NULL;
  if (found == NULL)
    return fail (reader, "unknown escape in a string") != NULL;
  g_string_append_c (reader->scratch, to[found - from]);
  return TRUE;
}

/* Reads a string behind its opening quote into the scratch buffer. */
static gboolean
read_string (Reader *reader)
{
  g_string_truncate (reader->scratch, 0);
  for (;;)
    {
      const char *run = reader->at;

      while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\'
             && (guchar)*reader->at >= 0x20)
        reader->at++;
      g_string_append_len (reader->scratch, run, reader->at - run);
      if (reader->at >= reader->end)
        return fail (reader, "the string does not end") != NULL;
      if (*reader->at == '"')
        {
          reader->at++;
          return TRUE;
        }
      if (*reader->at != '\\')
        return fail (reader, "a string must not hold a control character; escape it") != NULL;
      reader->at++;
      if (!read_escape (reader))
        return FALSE;
    }
}

static gboolean
skip_digits (Reader *reader)
{
  const char *first = reader->at;

  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    reader->at++;
  return reader->at > first;
}

static JsonNode *
read_number (Reader *reader)
{
  const char *first = reader->at;
  g_autofree char *text = NULL;
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  gboolean integral = TRUE;
  gint64 integer;
  gboolean ok;

  take (reader, '-');
  ok = take (reader, '0') || skip_digits (reader);
  if (ok && take (reader, '.'))
    {
      integral = FALSE;
      ok = skip_digits (reader);
    }
  if (ok && (take (reader, 'e') || take (reader, 'E')))
    {
      integral = FALSE;
      if (!take (reader, '+'))
        take (reader, '-');
      ok = skip_digits (reader);
    }
  if (!ok || (reader->at < reader->end && g_ascii_isalnum (*reader->at)))
    {
      json_node_unref (node);
      return fail (reader, "malformed number");
    }

  text = g_strndup (first, (gsize)(reader->at - first));
  errno = 0;
  integer = integral ? g_ascii_strtoll (text, NULL, 10) : 0;
  if (integral && errno == 0 && !g_str_equal (text, "-0"))
    json_node_set_int (node, integer);
  else
    json_node_set_double (node, g_ascii_strtod (text, NULL));
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE && !isfinite (json_node_get_double (node)))
    {
      json_node_unref (node);
      return fail (reader, "the number is too large");
    }
  return node;
}

static JsonNode *
read_word (Reader *reader)
{
  static const char *const words[] = {"true", "false", "null"};

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);
      JsonNode *node;

      if ((gsize)(reader->end - reader->at) < length || memcmp (reader->at, words[i], length) != 0)
        continue;
      reader->at += length;
      if (i == 2)
        return json_node_new (JSON_NODE_NULL);
      node = json_node_new (JSON_NODE_VALUE);
      json_node_set_boolean (node, i == 0);
      return node;
    }
  return fail (reader, "expected a value");
}

void
slip_json_append_pointer (GString *pointer, const char *name)
{
  g_string_append_c (pointer, '/');
  for (const char *p = name; *p != '\0'; p++)
    if (*p == '~' || *p == '/')
      g_string_append (pointer, *p == '~' ? "~0" : "~1");
    else
      g_string_append_c (pointer, *p);
}

void
slip_json_repeat_free (SlipJsonRepeat *repeat)
{
  g_free (repeat->pointer);
  g_free (repeat);
}

static gboolean
note_repeat (Reader *reader, const char *name)
{
  g_autofree char *message = NULL;
  SlipJsonRepeat *repeat;
  gsize length;
  guint column;

  if (reader->repeats == NULL)
    {
      message = g_strdup_printf ("member “%s” is given twice", name);
      return fail (reader, message) != NULL;
    }
  repeat = g_new0 (SlipJsonRepeat, 1);
  length = reader->pointer->len;
  slip_json_append_pointer (reader->pointer, name);
  repeat->pointer = g_strdup (reader->pointer->str);
  g_string_truncate (reader->pointer, length);
  repeat->line = find_line (reader, &column);
  g_ptr_array_add (reader->repeats, repeat);
  return TRUE;
}

/* Reads what is at @name, or at @index where there is no name. */
static JsonNode *
read_inner (Reader *reader, const char *name, guint index)
{
  g_autofree char *number = NULL;
  JsonNode *value;
  gsize length;

  if (reader->repeats == NULL)
    return read_value (reader);
  length = reader->pointer->len;
  if (name == NULL)
    name = number = g_strdup_printf ("%u", index);
  slip_json_append_pointer (reader->pointer, name);
  value = read_value (reader);
  g_string_truncate (reader->pointer, length);
  return value;
}

static gboolean
read_member (Reader *reader, JsonObject *object)
{
  g_autofree char *name = NULL;
  JsonNode *value;

  skip_space (reader);
  if (!take (reader, '"'))
    return fail (reader, "expected a member name in double quotes") != NULL;
  if (!read_string (reader))
    return FALSE;
  name = g_strdup (reader->scratch->str);
  if (json_object_has_member (object, name) && !note_repeat (reader, name))
    return FALSE;
  skip_space (reader);
  if (!take (reader, ':'))
    return fail (reader, "expected ‘:’ behind the member name") != NULL;
  value = read_inner (reader, name, 0);
  if (value == NULL)
    return FALSE;
  json_object_set_member (object, name, value);
  return TRUE;
}

static JsonNode *
read_object (Reader *reader)
{
  g_autoptr (JsonObject) object = json_object_new ();

  skip_space (reader);
  if (!take (reader, '}'))
    for (;;)
      {
        if (!read_member (reader, object))
          return NULL;
        skip_space (reader);
        if (take (reader, '}'))
          break;
        if (!take (reader, ','))
          return fail (reader, "expected ‘,’ or ‘}’");
      }
  return slip_json_new_object (g_steal_pointer (&object));
}

static JsonNode *
read_array (Reader *reader)
{
  g_autoptr (JsonArray) array = json_array_new ();

  skip_space (reader);
  if (!take (reader, ']'))
    for (;;)
      {
        JsonNode *value = read_inner (reader, NULL, json_array_get_length (array));

        if (value == NULL)
          return NULL;
        json_array_add_element (array, value);
        skip_space (reader);
        if (take (reader, ']'))
          break;
        if (!take (reader, ','))
          return fail (reader, "expected ‘,’ or ‘]’");
      }
  return slip_json_new_array (g_steal_pointer (&array));
}

static JsonNode *
read_container (Reader *reader, gboolean is_object)
{
  JsonNode *node;

  if (reader->depth == SLIP_JSON_MAX_DEPTH)
    return fail (reader, "arrays and objects nest too deep");
  reader->depth++;
  node = is_object ? read_object (reader) : read_array (reader);
  reader->depth--;
  return node;
}

static JsonNode *
read_value (Reader *reader)
{
  skip_space (reader);
  if (reader->at >= reader->end)
    return fail (reader, "the text ends where a value should be");
  if (take (reader, '{'))
    return read_container (reader, TRUE);
  if (take (reader, '['))
    return read_container (reader, FALSE);
  if (take (reader, '"'))
    return read_string (reader) ? slip_json_new_string (reader->scratch->str) : NULL;
  if (*reader->at == '-' || g_ascii_isdigit (*reader->at))
    return read_number (reader);
  return read_word (reader);
}

static JsonNode *
parse (const char *text, gssize length, GPtrArray *repeats, GError **error)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) pointer = g_string_new (NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;
  Reader reader
      = {.scratch = scratch, .repeats = repeats, .pointer = pointer, .error = &local_error};
  const char *invalid;

  reader.start = text;
  reader.at = text;
  reader.end = text + (length < 0 ? (gssize)strlen (text) : length);
  if (!g_utf8_validate_len (text, (gsize)(reader.end - text), &invalid))
    {
      reader.at = invalid;
      fail (&reader, *invalid == '\0' ? "NUL byte in the text" : "the text is not valid UTF-8");
    }
  else if ((node = read_value (&reader)) != NULL)
    {
      skip_space (&reader);
      if (reader.at < reader.end)
        fail (&reader, "text behind the value");
    }

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&node);
}

JsonNode *
slip_json_parse (const char *text, gssize length, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);

  return parse (text, length, NULL, error);
}

JsonNode *
slip_json_parse_repeats (const char *text, gssize length, GPtrArray *repeats, GError **error)
{
  g_return_val_if_fail (text != NULL && repeats != NULL, NULL);

  return parse (text, length, repeats, error);
}

static JsonNode *
member (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_node_type (node) == type ? node : NULL;
}

static JsonNode *
value_member (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);

  return node != NULL && json_node_get_value_type (node) == type ? node : NULL;
}

const char *
slip_json_string (JsonObject *object, const char *name)
{
  JsonNode *node = value_member (object, name, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

gint64
slip_json_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = value_member (object, name, G_TYPE_INT64);

  return node != NULL ? json_node_get_int (node) : fallback;
}

double
slip_json_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = value_member (object, name, G_TYPE_DOUBLE);

  if (node != NULL)
    return json_node_get_double (node);
  node = value_member (object, name, G_TYPE_INT64);
  return node != NULL ? (double)json_node_get_int (node) : fallback;
}

gboolean
slip_json_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = value_member (object, name, G_TYPE_BOOLEAN);

  return node != NULL ? json_node_get_boolean (node) : fallback;
}

JsonObject *
slip_json_object (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_OBJECT);

  return node != NULL ? json_node_get_object (node) : NULL;
}

JsonArray *
slip_json_array (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_ARRAY);

  return node != NULL ? json_node_get_array (node) : NULL;
}

const char *
slip_json_node_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

JsonObject *
slip_json_node_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonNode *
slip_json_new_string (const char *value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, value);
  return node;
}

JsonNode *
slip_json_new_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

JsonNode *
slip_json_new_array (JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array);
  return node;
}
