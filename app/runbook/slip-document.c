/* SPDX-License-Identifier: MIT */
/* Reads runbook documents: YAML through libyaml's events, or strict JSON, into one JSON value plus a
 * table of places, so that every fault can be told with line and column. It knows nothing of
 * runbooks. Hostile input (deep nesting, alias bombs, huge texts) ends in a fault. */

#include "slip-document.h"

#include "slip-json.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <yaml.h>

typedef struct
{
  guint line;
  guint column;
} Place;

struct _SlipDocument
{
  JsonNode *root;
  GHashTable *places; /* path → Place */
};

typedef struct
{
  yaml_parser_t parser;
  SlipDocument *document;
  GPtrArray *faults;   /* borrowed */
  GHashTable *anchors; /* name → JsonNode */
  guint values;
  guint depth;
  gboolean json; /* only the places are of interest: scalars are typed by the JSON reader */
} Reader;

static JsonNode *read_node (Reader *reader, yaml_event_t *event, const char *path);

char *
slip_path_member (const char *path, const char *name)
{
  gboolean plain = *name != '\0';

  for (const char *at = name; *at != '\0'; at++)
    plain = plain && (g_ascii_isalnum (*at) || *at == '_' || *at == '-' || *at == ':');
  return plain ? g_strdup_printf ("%s.%s", path, name) : g_strdup_printf ("%s['%s']", path, name);
}

char *
slip_path_element (const char *path, guint index)
{
  return g_strdup_printf ("%s[%u]", path, index);
}

static void add_fault (Reader *reader, yaml_mark_t mark, const char *path, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
add_fault (Reader *reader, yaml_mark_t mark, const char *path, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (reader->faults,
                   slip_fault_new ((guint)mark.line + 1, (guint)mark.column + 1, path, message));
}

static void
note_place (Reader *reader, const char *path, yaml_mark_t mark)
{
  Place *place;

  if (g_hash_table_contains (reader->document->places, path))
    return;
  place = g_new (Place, 1);
  place->line = (guint)mark.line + 1;
  place->column = (guint)mark.column + 1;
  g_hash_table_insert (reader->document->places, g_strdup (path), place);
}

static gboolean
next_event (Reader *reader, yaml_event_t *event)
{
  if (yaml_parser_parse (&reader->parser, event))
    return TRUE;
  add_fault (reader,
             reader->parser.problem_mark.line == 0 && reader->parser.context_mark.line > 0
                 ? reader->parser.context_mark
                 : reader->parser.problem_mark,
             "$", "%s%s%s",
             reader->parser.problem != NULL ? reader->parser.problem : "the text cannot be read",
             reader->parser.context != NULL ? " " : "",
             reader->parser.context != NULL ? reader->parser.context : "");
  return FALSE;
}

/* A number as JSON writes it: YAML's octal, hexadecimal and sexagesimal forms are strings here. */
static gboolean
is_json_number (const char *text, gboolean *whole)
{
  const char *at = text + (*text == '-');

  *whole = TRUE;
  if (*at == '0' && g_ascii_isdigit (at[1]))
    return FALSE;
  if (!g_ascii_isdigit (*at))
    return FALSE;
  while (g_ascii_isdigit (*at))
    at++;
  if (*at == '.')
    {
      *whole = FALSE;
      if (!g_ascii_isdigit (*++at))
        return FALSE;
      while (g_ascii_isdigit (*at))
        at++;
    }
  if (*at == 'e' || *at == 'E')
    {
      *whole = FALSE;
      at++;
      at += *at == '+' || *at == '-';
      if (!g_ascii_isdigit (*at))
        return FALSE;
      while (g_ascii_isdigit (*at))
        at++;
    }
  return *at == '\0';
}

static JsonNode *
plain_scalar (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_NULL);
  gboolean whole;

  if (*text == '\0' || g_str_equal (text, "~") || g_str_equal (text, "null"))
    return node;
  json_node_init (node, JSON_NODE_VALUE);
  if (g_str_equal (text, "true") || g_str_equal (text, "false"))
    json_node_set_boolean (node, *text == 't');
  else if (is_json_number (text, &whole))
    {
      gint64 integer = 0;
      double number = g_ascii_strtod (text, NULL);

      errno = 0;
      if (whole)
        integer = g_ascii_strtoll (text, NULL, 10);
      if (whole && errno == 0)
        json_node_set_int (node, integer);
      else if (isfinite (number) && !whole)
        json_node_set_double (node, number);
      else
        json_node_set_string (node, text);
    }
  else
    json_node_set_string (node, text);
  return node;
}

static JsonNode *
read_scalar (Reader *reader, yaml_event_t *event, const char *path)
{
  const char *text = (const char *)event->data.scalar.value;
  const char *tag = (const char *)event->data.scalar.tag;

  if (strlen (text) != event->data.scalar.length)
    {
      add_fault (reader, event->start_mark, path, "the text holds a NUL character");
      return NULL;
    }
  if (tag != NULL && !g_str_equal (tag, YAML_STR_TAG) && !g_str_equal (tag, "!"))
    {
      add_fault (reader, event->start_mark, path, "the tag %s is not supported", tag);
      return NULL;
    }
  if (tag == NULL && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    return plain_scalar (text);
  return slip_json_new_string (text);
}

static gboolean
count_values (Reader *reader, yaml_event_t *event, const char *path, guint more)
{
  reader->values += more;
  if (reader->values <= SLIP_DOCUMENT_MAX_VALUES)
    return TRUE;
  add_fault (reader, event->start_mark, path,
             "the document holds more than %d values with its aliases written out",
             SLIP_DOCUMENT_MAX_VALUES);
  return FALSE;
}

static void count_one (JsonArray *array, guint index, JsonNode *node, gpointer data);

static guint
count_node (JsonNode *node)
{
  guint count = 1;

  if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), count_one, &count);
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        count += count_node (member);
    }
  return count;
}

static void
count_one (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  *(guint *)data += count_node (node);
}

static JsonNode *
read_alias (Reader *reader, yaml_event_t *event, const char *path)
{
  const char *name = (const char *)event->data.alias.anchor;
  JsonNode *node = g_hash_table_lookup (reader->anchors, name);

  if (node == NULL)
    {
      add_fault (reader, event->start_mark, path,
                 "the alias *%s stands within its own anchor, or there is no such anchor", name);
      return NULL;
    }
  if (!count_values (reader, event, path, count_node (node)))
    return NULL;
  return slip_json_copy (node);
}

static JsonNode *
read_sequence (Reader *reader, const char *path)
{
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0;; i++)
    {
      g_autofree char *element_path = slip_path_element (path, i);
      yaml_event_t event;
      JsonNode *element;

      if (!next_event (reader, &event))
        return NULL;
      if (event.type == YAML_SEQUENCE_END_EVENT)
        {
          yaml_event_delete (&event);
          return slip_json_new_array (g_steal_pointer (&array));
        }
      note_place (reader, element_path, event.start_mark);
      element = read_node (reader, &event, element_path);
      yaml_event_delete (&event);
      if (element == NULL)
        return NULL;
      json_array_add_element (array, element);
    }
}

/* Reads a key; what is wrong with it is told, and reading goes on where that is possible. */
static char *
read_key (Reader *reader, yaml_event_t *event, const char *path)
{
  const char *text;

  if (event->type != YAML_SCALAR_EVENT)
    {
      add_fault (reader, event->start_mark, path,
                 "a key must be plain text. Put a value that begins with {{ in quotes");
      return NULL;
    }
  text = (const char *)event->data.scalar.value;
  if (strlen (text) != event->data.scalar.length)
    {
      add_fault (reader, event->start_mark, path, "a key holds a NUL character");
      return NULL;
    }
  if (g_str_equal (text, "<<") && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    {
      add_fault (reader, event->start_mark, path, "merge keys (<<) are not supported");
      return NULL;
    }
  return g_strdup (text);
}

static JsonNode *
read_mapping (Reader *reader, const char *path)
{
  g_autoptr (JsonObject) object = json_object_new ();

  for (;;)
    {
      g_autofree char *key = NULL;
      g_autofree char *member_path = NULL;
      yaml_event_t event;
      yaml_mark_t mark;
      JsonNode *member;

      if (!next_event (reader, &event))
        return NULL;
      mark = event.start_mark;
      if (event.type == YAML_MAPPING_END_EVENT)
        {
          yaml_event_delete (&event);
          return slip_json_new_object (g_steal_pointer (&object));
        }
      key = read_key (reader, &event, path);
      yaml_event_delete (&event);
      if (key == NULL)
        return NULL;
      member_path = slip_path_member (path, key);
      if (json_object_has_member (object, key) && !reader->json)
        add_fault (reader, mark, member_path, "the key %s is given twice", key);
      note_place (reader, member_path, mark);
      if (!next_event (reader, &event))
        return NULL;
      member = read_node (reader, &event, member_path);
      yaml_event_delete (&event);
      if (member == NULL)
        return NULL;
      json_object_set_member (object, key, member);
    }
}

static JsonNode *
read_nested (Reader *reader, yaml_event_t *event, const char *path)
{
  gboolean sequence = event->type == YAML_SEQUENCE_START_EVENT;
  const char *tag
      = (const char *)(sequence ? event->data.sequence_start.tag : event->data.mapping_start.tag);
  JsonNode *node;

  if (tag != NULL && !g_str_equal (tag, "!"))
    {
      add_fault (reader, event->start_mark, path, "the tag %s is not supported", tag);
      return NULL;
    }
  if (reader->depth >= SLIP_DOCUMENT_MAX_DEPTH)
    {
      add_fault (reader, event->start_mark, path, "the document nests deeper than %d levels",
                 SLIP_DOCUMENT_MAX_DEPTH);
      return NULL;
    }
  reader->depth++;
  node = sequence ? read_sequence (reader, path) : read_mapping (reader, path);
  reader->depth--;
  return node;
}

static JsonNode *
read_node (Reader *reader, yaml_event_t *event, const char *path)
{
  const char *anchor = NULL;
  JsonNode *node = NULL;

  if (!count_values (reader, event, path, 1))
    return NULL;
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      anchor = (const char *)event->data.scalar.anchor;
      node = read_scalar (reader, event, path);
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = (const char *)event->data.sequence_start.anchor;
      node = read_nested (reader, event, path);
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = (const char *)event->data.mapping_start.anchor;
      node = read_nested (reader, event, path);
      break;
    case YAML_ALIAS_EVENT:
      return read_alias (reader, event, path);
    default:
      add_fault (reader, event->start_mark, path, "the document is empty");
      return NULL;
    }
  if (node != NULL && anchor != NULL)
    g_hash_table_replace (reader->anchors, g_strdup (anchor), slip_json_copy (node));
  return node;
}

static gboolean
expect_event (Reader *reader, yaml_event_type_t type, const char *otherwise)
{
  yaml_event_t event;
  gboolean fits;

  if (!next_event (reader, &event))
    return FALSE;
  fits = event.type == type;
  if (!fits)
    add_fault (reader, event.start_mark, "$", "%s", otherwise);
  yaml_event_delete (&event);
  return fits;
}

static gboolean
read_stream (Reader *reader)
{
  yaml_event_t event;

  if (!expect_event (reader, YAML_STREAM_START_EVENT, "the text cannot be read")
      || !expect_event (reader, YAML_DOCUMENT_START_EVENT, "the document is empty")
      || !next_event (reader, &event))
    return FALSE;
  note_place (reader, "$", event.start_mark);
  reader->document->root = read_node (reader, &event, "$");
  yaml_event_delete (&event);
  return reader->document->root != NULL
         && expect_event (reader, YAML_DOCUMENT_END_EVENT, "the document does not end")
         && expect_event (reader, YAML_STREAM_END_EVENT,
                          "a second document begins here; a runbook is one document");
}

static gboolean
read_yaml (SlipDocument *document, const char *text, gsize length, gboolean json, GPtrArray *faults)
{
  Reader reader = {.document = document, .faults = faults, .json = json};
  gboolean read;

  if (!yaml_parser_initialize (&reader.parser))
    return FALSE;
  yaml_parser_set_encoding (&reader.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&reader.parser, (const unsigned char *)text, length);
  reader.anchors
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_node_unref);
  read = read_stream (&reader);
  g_hash_table_unref (reader.anchors);
  yaml_parser_delete (&reader.parser);
  return read;
}

/* Values come from the strict reader, places from YAML, of which JSON is nearly a subset. Where it is
 * not (escaped surrogates), faults just have a coarser place. */
static gboolean
read_json (SlipDocument *document, const char *text, gsize length, GPtrArray *faults)
{
  g_autoptr (GPtrArray) ignored = slip_faults_new ();
  g_autoptr (GError) error = NULL;
  JsonNode *root = slip_json_parse (text, (gssize)length, &error);

  if (root == NULL)
    {
      guint line = 1;
      guint column = 1;
      int consumed = 0;
      const char *message = error->message;

      if (sscanf (message, "%u:%u%n", &line, &column, &consumed) == 2)
        message += consumed + strspn (message + consumed, ": ");
      g_ptr_array_add (faults, slip_fault_new (line, column, "$", message));
      return FALSE;
    }
  read_yaml (document, text, length, TRUE, ignored);
  g_clear_pointer (&document->root, json_node_unref);
  document->root = root;
  if (count_node (root) <= SLIP_DOCUMENT_MAX_VALUES)
    return TRUE;
  g_ptr_array_add (faults, slip_fault_new (1, 1, "$", "the document holds too many values"));
  return FALSE;
}

SlipDocument *
slip_document_parse (const char *text, gssize length, GPtrArray *faults)
{
  g_autoptr (SlipDocument) document = g_new0 (SlipDocument, 1);
  gsize bytes = length < 0 ? strlen (text) : (gsize)length;
  gsize space = 0;
  gboolean read;

  document->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  while (space < bytes && g_ascii_isspace (text[space]))
    space++;
  if (space < bytes && text[space] == '{')
    read = read_json (document, text, bytes, faults);
  else
    read = read_yaml (document, text, bytes, FALSE, faults);
  return read ? g_steal_pointer (&document) : NULL;
}

void
slip_document_free (SlipDocument *document)
{
  g_clear_pointer (&document->root, json_node_unref);
  g_hash_table_unref (document->places);
  g_free (document);
}

JsonNode *
slip_document_get_root (SlipDocument *document)
{
  return document->root;
}

void
slip_document_locate (SlipDocument *document, const char *path, guint *line, guint *column)
{
  g_autofree char *at = g_strdup (path);

  for (;;)
    {
      const Place *place = g_hash_table_lookup (document->places, at);
      char *end = at;

      if (place != NULL)
        {
          *line = place->line;
          *column = place->column;
          return;
        }
      for (char *c = at; *c != '\0'; c++)
        if (*c == '.' || *c == '[')
          end = c;
      if (end == at)
        break;
      *end = '\0';
    }
  *line = 1;
  *column = 1;
}
