/* SPDX-License-Identifier: MIT */
/* What reads members of the generator's settings, with the place of each in every fault. It goes on after
 * a fault, so that all are told at once. */

#include "slip-generate-private.h"

#include "slip-json.h"

#include <stdarg.h>
#include <string.h>

gsize
slip_gen_enter (SlipGenParser *parser, const char *name)
{
  gsize length = parser->path->len;

  g_string_append_c (parser->path, '/');
  for (const char *at = name; *at != '\0'; at++)
    if (*at == '~' || *at == '/')
      g_string_append (parser->path, *at == '~' ? "~0" : "~1");
    else
      g_string_append_c (parser->path, *at);
  return length;
}

gsize
slip_gen_enter_index (SlipGenParser *parser, guint index)
{
  gsize length = parser->path->len;

  g_string_append_printf (parser->path, "/%u", index);
  return length;
}

void
slip_gen_leave (SlipGenParser *parser, gsize length)
{
  g_string_truncate (parser->path, length);
}

static char *
dup_where (SlipGenParser *parser)
{
  if (parser->table == NULL)
    return g_strdup ("");
  if (parser->column == NULL)
    return g_strdup_printf (" (%s)", parser->table);
  return g_strdup_printf (" (%s.%s)", parser->table, parser->column);
}

static void
add_fault (SlipGenParser *parser, const char *format, va_list args)
{
  g_autofree char *message = g_strdup_vprintf (format, args);
  g_autofree char *where = dup_where (parser);

  g_ptr_array_add (parser->faults, g_strdup_printf ("%s: %s%s: %s", parser->settings->path,
                                                    parser->path->len > 0 ? parser->path->str : "/",
                                                    where, message));
}

void
slip_gen_fault (SlipGenParser *parser, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  add_fault (parser, format, args);
  va_end (args);
}

void
slip_gen_fault_at (SlipGenParser *parser, const char *name, const char *format, ...)
{
  gsize length = slip_gen_enter (parser, name);
  va_list args;

  va_start (args, format);
  add_fault (parser, format, args);
  va_end (args);
  slip_gen_leave (parser, length);
}

/* Whether @names, words divided by spaces, has @name. */
static gboolean
has_word (const char *names, const char *name)
{
  gsize length = strlen (name);

  for (const char *at = names; at != NULL && *at != '\0';)
    {
      const char *end = strchrnul (at, ' ');

      if ((gsize)(end - at) == length && strncmp (at, name, length) == 0)
        return TRUE;
      at = *end == ' ' ? end + 1 : end;
    }
  return FALSE;
}

gboolean
slip_gen_known (SlipGenParser *parser, JsonObject *object, const char *names)
{
  g_autoptr (GList) members = json_object_get_members (object);
  gboolean known = TRUE;

  for (GList *at = members; at != NULL; at = at->next)
    if (!has_word (names, at->data))
      {
        slip_gen_fault_at (parser, at->data, "no such member. Known here: %s", names);
        known = FALSE;
      }
  return known;
}

const char *
slip_gen_string (SlipGenParser *parser, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text = slip_json_node_string (node);

  if (node != NULL && text == NULL)
    slip_gen_fault_at (parser, name, "must be a text");
  return text;
}

gint64
slip_gen_int (SlipGenParser *parser,
              JsonObject *object,
              const char *name,
              gint64 least,
              gint64 most,
              gint64 fallback)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 value;

  if (node == NULL)
    return fallback;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    {
      slip_gen_fault_at (parser, name, "must be a whole number");
      return fallback;
    }
  value = json_node_get_int (node);
  if (value >= least && value <= most)
    return value;
  slip_gen_fault_at (parser, name,
                     "%" G_GINT64_FORMAT " is not from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     value, least, most);
  return fallback;
}

gboolean
slip_gen_bool (SlipGenParser *parser, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  slip_gen_fault_at (parser, name, "must be true or false");
  return FALSE;
}

JsonObject *
slip_gen_object (SlipGenParser *parser, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonObject *value = slip_json_node_object (node);

  if (node != NULL && value == NULL)
    slip_gen_fault_at (parser, name, "must be an object");
  return value;
}

JsonArray *
slip_gen_array (SlipGenParser *parser, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  slip_gen_fault_at (parser, name, "must be an array");
  return NULL;
}

/* Digits, at most fifteen, so that no later sum overflows. */
static gboolean
read_digits (const char **at, guint64 *value, guint *n)
{
  *n = 0;
  for (; g_ascii_isdigit (**at); (*at)++, (*n)++)
    {
      if (*n == 15)
        return FALSE;
      *value = *value * 10 + (guint64)(**at - '0');
    }
  return TRUE;
}

gboolean
slip_gen_share_from_text (const char *text, SlipGenShare *share)
{
  const char *at = text;
  guint64 of = 0;
  guint64 in = 0;
  guint n;
  guint places = 0;

  if (!read_digits (&at, &of, &n) || n == 0)
    return FALSE;
  if (*at == '/')
    {
      at++;
      if (!read_digits (&at, &in, &n) || *at != '\0')
        return FALSE;
    }
  else
    {
      if (*at == '.' && (at++, !read_digits (&at, &of, &places) || places == 0 || places > 6))
        return FALSE;
      if (!g_str_equal (at, "%"))
        return FALSE;
      in = 100;
      for (guint i = 0; i < places; i++)
        in *= 10;
    }
  *share = (SlipGenShare){of, in};
  return in > 0;
}

SlipGenShare
slip_gen_share (SlipGenParser *parser, JsonObject *object, const char *name)
{
  const char *text = slip_gen_string (parser, object, name);
  SlipGenShare share = {0, 1};

  if (text == NULL)
    return share;
  if (!slip_gen_share_from_text (text, &share) || share.of > share.in)
    {
      slip_gen_fault_at (parser, name,
                         "“%s” is no share. Write a fraction, as 1/200, or a percentage, as 0.5%%",
                         text);
      share = (SlipGenShare){0, 1};
    }
  return share;
}

void
slip_gen_weights_add (SlipGenWeights *weights, gpointer item, guint64 weight)
{
  if (weights->items == NULL)
    {
      weights->items = g_ptr_array_new_with_free_func (g_free);
      weights->upto = g_array_new (FALSE, FALSE, sizeof (guint64));
    }
  weights->total += weight;
  g_ptr_array_add (weights->items, item);
  g_array_append_val (weights->upto, weights->total);
}

void
slip_gen_weights_clear (SlipGenWeights *weights)
{
  g_clear_pointer (&weights->items, g_ptr_array_unref);
  g_clear_pointer (&weights->upto, g_array_unref);
}

void
slip_gen_weights (SlipGenParser *parser,
                  JsonObject *object,
                  const char *name,
                  SlipGenWeights *weights)
{
  JsonObject *values = slip_gen_object (parser, object, name);
  gsize length = slip_gen_enter (parser, name);
  JsonObjectIter iter;
  const char *value;

  if (values != NULL)
    {
      json_object_iter_init_ordered (&iter, values);
      while (json_object_iter_next_ordered (&iter, &value, NULL))
        slip_gen_weights_add (weights, g_strdup (value),
                              (guint64)slip_gen_int (parser, values, value, 0, 1000000000, 0));
      if (weights->total == 0)
        slip_gen_fault (parser, "needs at least one value with a weight of 1 or more");
    }
  slip_gen_leave (parser, length);
}

GPtrArray *
slip_gen_texts (SlipGenParser *parser, JsonObject *object, const char *name)
{
  JsonArray *array = slip_gen_array (parser, object, name);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gsize length = slip_gen_enter (parser, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = slip_json_node_string (json_array_get_element (array, i));
      gsize inner = slip_gen_enter_index (parser, i);

      if (text == NULL)
        slip_gen_fault (parser, "must be a text");
      else
        g_ptr_array_add (texts, g_strdup (text));
      slip_gen_leave (parser, inner);
    }
  if (array != NULL && json_array_get_length (array) == 0)
    slip_gen_fault (parser, "must not be empty");
  slip_gen_leave (parser, length);
  return texts->len > 0 ? g_steal_pointer (&texts) : NULL;
}

void
slip_gen_reference_free (SlipGenReference *reference)
{
  if (reference == NULL)
    return;
  g_free (reference->table);
  g_free (reference->column);
  g_free (reference);
}

/* A column's name, or {"table": …, "column": …}; what it means is known when all tables were read. */
SlipGenReference *
slip_gen_reference (SlipGenParser *parser,
                    JsonNode *node,
                    SlipGenTable *table,
                    SlipGenColumn *column,
                    gboolean date)
{
  SlipGenReference *reference;
  SlipGenPending *pending;
  const char *name = slip_json_node_string (node);
  const char *of = NULL;
  JsonObject *object = slip_json_node_object (node);

  if (object != NULL && slip_gen_known (parser, object, "table column"))
    {
      of = slip_gen_string (parser, object, "table");
      name = slip_gen_string (parser, object, "column");
    }
  if (name == NULL)
    {
      slip_gen_fault (parser, "must be a column's name or {\"table\": …, \"column\": …}");
      return NULL;
    }
  reference = g_new0 (SlipGenReference, 1);
  *reference = (SlipGenReference){.table = g_strdup (of), .column = g_strdup (name), .pick = -1};
  pending = g_new (SlipGenPending, 1);
  *pending = (SlipGenPending){.reference = reference,
                              .table = table,
                              .column = column,
                              .date = date,
                              .path = g_strdup (parser->path->str),
                              .where = dup_where (parser)};
  g_ptr_array_add (parser->references, pending);
  return reference;
}
