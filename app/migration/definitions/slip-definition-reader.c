/* SPDX-License-Identifier: MIT */
/* Typed reading of the JSON of definitions and sidecar. It never stops at a fault: it notes it, with the
 * JSON pointer, and gives what stands for “not set”, so that one look finds everything. */

#include "slip-definition-reader.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-mapping.h"

#include <string.h>

/* The largest file of SQL that a sidecar names. */
#define MAX_SQL_BYTES ((gsize)4 << 20)

void
slip_reader_init (SlipReader *reader, GPtrArray *findings, const char *file)
{
  reader->findings = findings;
  reader->file = file;
  reader->path = g_string_new (NULL);
  reader->unknown = SLIP_SEVERITY_WARNING;
  reader->folder = NULL;
  reader->digest = NULL;
}

void
slip_reader_clear (SlipReader *reader)
{
  g_string_free (g_steal_pointer (&reader->path), TRUE);
}

gsize
slip_reader_enter (SlipReader *reader, const char *member)
{
  gsize place = reader->path->len;

  slip_json_append_pointer (reader->path, member);
  return place;
}

gsize
slip_reader_enter_index (SlipReader *reader, guint index)
{
  gsize place = reader->path->len;

  g_string_append_printf (reader->path, "/%u", index);
  return place;
}

void
slip_reader_leave (SlipReader *reader, gsize place)
{
  g_string_truncate (reader->path, place);
}

void
slip_reader_tell (SlipReader *reader,
                  SlipSeverity severity,
                  const char *member,
                  const char *advice,
                  const char *format,
                  ...)
{
  gsize place = reader->path->len;
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (member != NULL)
    slip_reader_enter (reader, member);
  slip_findings_add (reader->findings, severity, reader->file,
                     reader->path->len > 0 ? reader->path->str : NULL, advice, "%s", message);
  slip_reader_leave (reader, place);
}

JsonNode *
slip_reader_parse (SlipReader *reader, GBytes *text)
{
  g_autoptr (GPtrArray) repeats
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_json_repeat_free);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *bytes = g_bytes_get_data (text, &length);
  JsonNode *node
      = slip_json_parse_repeats (bytes != NULL ? bytes : "", (gssize)length, repeats, &error);

  for (guint i = 0; i < repeats->len; i++)
    {
      const SlipJsonRepeat *repeat = g_ptr_array_index (repeats, i);

      slip_findings_add (
          reader->findings, SLIP_SEVERITY_ERROR, reader->file, repeat->pointer,
          "Keep one of them: programs take the last one and drop the others silently",
          "the member is given again in line %u", repeat->line);
    }
  if (node == NULL)
    slip_findings_add (reader->findings, SLIP_SEVERITY_ERROR, reader->file, NULL,
                       "Mend it at this line and column", "this is not JSON: %s", error->message);
  return node;
}

static const char *
describe (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "an object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "a list";
  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return "a text";
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "true or false" : "a number";
}

static void
tell_type (SlipReader *reader, const char *member, JsonNode *node, const char *wanted)
{
  SLIP_READER_FAULT (reader, member, NULL, "here is %s, and %s is expected", describe (node),
                     wanted);
}

/* The member, unless it is not set. */
static JsonNode *
find (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  return g_strcmp0 (slip_json_node_string (node), "") == 0 ? NULL : node;
}

char *
slip_reader_dup_string (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);

  if (node != NULL && slip_json_node_string (node) == NULL)
    tell_type (reader, name, node, "a text");
  return g_strdup (slip_json_node_string (node));
}

char **
slip_reader_dup_strings (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);
  g_autoptr (GStrvBuilder) builder = NULL;
  JsonArray *array;
  gsize place;

  if (node == NULL)
    return NULL;
  if (slip_json_node_string (node) == NULL && !JSON_NODE_HOLDS_ARRAY (node))
    {
      tell_type (reader, name, node, "a text or a list of texts");
      return NULL;
    }
  builder = g_strv_builder_new ();
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_strv_builder_add (builder, json_node_get_string (node));
      return g_strv_builder_end (builder);
    }
  array = json_node_get_array (node);
  place = slip_reader_enter (reader, name);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      const char *text = slip_json_node_string (element);
      gsize inner = slip_reader_enter_index (reader, i);

      if (text == NULL)
        tell_type (reader, NULL, element, "a text");
      else if (*text != '\0')
        g_strv_builder_add (builder, text);
      else if (json_array_get_length (array) > 1)
        SLIP_READER_FAULT (reader, NULL, "Drop it from the list", "an empty text in a list");
      slip_reader_leave (reader, inner);
    }
  slip_reader_leave (reader, place);
  return g_strv_builder_end (builder);
}

JsonNode *
slip_reader_dup_scalar (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);

  if (node != NULL && !JSON_NODE_HOLDS_VALUE (node))
    {
      tell_type (reader, name, node, "a single value");
      return NULL;
    }
  return node != NULL ? json_node_copy (node) : NULL;
}

gboolean
slip_reader_get_bool (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  tell_type (reader, name, node, "true or false");
  return FALSE;
}

gint64
slip_reader_get_int (SlipReader *reader, JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = find (object, name);

  if (node == NULL)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  tell_type (reader, name, node, "a whole number");
  return fallback;
}

double
slip_reader_get_number (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                            : G_TYPE_NONE;

  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    return slip_json_double (object, name, 0);
  if (node == NULL)
    SLIP_READER_FAULT (reader, name, NULL, "a number is missing");
  else
    tell_type (reader, name, node, "a number");
  return 0;
}

JsonObject *
slip_reader_get_object (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);

  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    tell_type (reader, name, node, "an object");
  return slip_json_node_object (node);
}

JsonArray *
slip_reader_get_array (SlipReader *reader, JsonObject *object, const char *name)
{
  JsonNode *node = find (object, name);

  if (node != NULL && !JSON_NODE_HOLDS_ARRAY (node))
    {
      tell_type (reader, name, node, "a list");
      return NULL;
    }
  return node != NULL ? json_node_get_array (node) : NULL;
}

/* A migration is its folder: what it runs is in there, and nothing that blocks whoever reads it. */
static char *
dup_inside (SlipReader *reader, const char *member, const char *file)
{
  g_autofree char *folder = g_canonicalize_filename (reader->folder, NULL);
  g_autofree char *path = g_canonicalize_filename (file, folder);
  gsize length = strlen (folder);

  if (!g_str_has_prefix (path, folder) || (path[length] != '/' && !g_str_equal (folder, "/")))
    SLIP_READER_FAULT (reader, member, "Copy it into the migration's folder",
                       "%s is outside the folder of the sidecar", file);
  else if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    SLIP_READER_FAULT (reader, member, NULL, "%s is no regular file", file);
  else
    return g_steal_pointer (&path);
  return NULL;
}

char *
slip_reader_dup_file (SlipReader *reader, const char *member, const char *file)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  gconstpointer data;

  if (file == NULL || reader->folder == NULL)
    return NULL;
  path = dup_inside (reader, member, file);
  if (path == NULL)
    return NULL;
  bytes = slip_file_read (path, MAX_SQL_BYTES, &error);
  if (bytes == NULL)
    {
      SLIP_READER_FAULT (reader, member, NULL, "the file cannot be read: %s", error->message);
      return NULL;
    }
  data = g_bytes_get_data (bytes, &length);
  if (length == 0 || !g_utf8_validate_len (data, length, NULL))
    {
      SLIP_READER_FAULT (reader, member, NULL, "%s is %s", file,
                         length == 0 ? "empty" : "not UTF-8 text");
      return NULL;
    }
  g_checksum_update (reader->digest, (const guchar *)file, -1);
  g_checksum_update (reader->digest, data, (gssize)length);
  return g_strndup (data, length);
}

char *
slip_reader_need_string (SlipReader *reader, JsonObject *object, const char *name)
{
  if (find (object, name) == NULL)
    SLIP_READER_FAULT (reader, name, NULL, "a text is missing");
  return slip_reader_dup_string (reader, object, name);
}

JsonObject *
slip_reader_need_object (SlipReader *reader, JsonObject *object, const char *name)
{
  if (find (object, name) == NULL)
    SLIP_READER_FAULT (reader, name, NULL, "an object is missing");
  return slip_reader_get_object (reader, object, name);
}

JsonObject *
slip_reader_as_object (SlipReader *reader, JsonNode *node)
{
  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    tell_type (reader, NULL, node, "an object");
  return slip_json_node_object (node);
}

static void
add_value (SlipReader *reader, GStrvBuilder *builder, JsonNode *node)
{
  g_autofree char *text = NULL;

  if (!JSON_NODE_HOLDS_VALUE (node))
    {
      tell_type (reader, NULL, node, "a single value");
      return;
    }
  text = slip_value_dup_text (node);
  g_strv_builder_add (builder, text);
}

char **
slip_reader_dup_values (SlipReader *reader, JsonNode *node)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        gsize place = slip_reader_enter_index (reader, i);

        add_value (reader, builder, json_array_get_element (json_node_get_array (node), i));
        slip_reader_leave (reader, place);
      }
  else if (node != NULL)
    add_value (reader, builder, node);
  return g_strv_builder_end (builder);
}

void
slip_reader_split (SlipReader *reader,
                   const char *member,
                   const char *text,
                   char separator,
                   char **left,
                   char **right)
{
  const char *at = text != NULL ? strchr (text, separator) : NULL;

  if (text == NULL)
    return;
  if (at == NULL || at == text || at[1] == '\0' || strchr (at + 1, separator) != NULL)
    {
      SLIP_READER_FAULT (reader, member, NULL, "“%s” is not of the form TABLE%cCOLUMN", text,
                         separator);
      return;
    }
  *left = g_strndup (text, (gsize)(at - text));
  *right = g_strdup (at + 1);
}

void
slip_reader_each (SlipReader *reader, JsonObject *object, SlipReaderItemFunc func, gpointer data)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      gsize place = slip_reader_enter (reader, name);

      func (reader, name, node, data);
      slip_reader_leave (reader, place);
    }
}

void
slip_reader_each_element (SlipReader *reader,
                          JsonArray *array,
                          SlipReaderItemFunc func,
                          gpointer data)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      gsize place = slip_reader_enter_index (reader, i);

      func (reader, NULL, json_array_get_element (array, i), data);
      slip_reader_leave (reader, place);
    }
}

void
slip_reader_check_members (SlipReader *reader, JsonObject *object, const char *const *known)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_strv_contains (known, name))
      {
        g_autofree char *list = g_strjoinv (", ", (char **)known);
        g_autofree char *advice = g_strdup_printf ("Known here: %s", list);

        slip_reader_tell (reader, reader->unknown, name, advice, "nothing reads this member");
      }
}
