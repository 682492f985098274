/* SPDX-License-Identifier: MIT */

/* Intrinsic functions of the Amazon States Language, with the names and limits of its specification:
 * texts, arrays, JSON, encodings, hashes, sums and random values. Arguments are paths, texts in single
 * quotes, numbers, booleans, null and further calls. */

#include "slip-states-private.h"

#include "slip-json.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 10
#define MAX_ARGUMENTS 32
#define MAX_RANGE 1000

typedef struct
{
  const SlipStatesScope *scope;
  SlipStatesFault *fault;
  const char *at;
  const char *whole;
  guint depth;
  gboolean raw; /* the next text keeps its backslashes: Format reads them itself */
} Call;

static JsonNode *read_value (Call *call);

gboolean
slip_states_is_call (const char *text)
{
  return g_regex_match_simple ("^States\\.[A-Za-z0-9]+\\(.*\\)$", text, G_REGEX_DOTALL, 0);
}

static gpointer
wrong (Call *call, const char *why)
{
  return slip_states_fail (call->fault, "States.IntrinsicFailure", "%s: '%s'", why, call->whole);
}

/* ---- arguments' kinds */

static const char *
text_of (GPtrArray *values, guint index)
{
  return index < values->len ? slip_json_node_string (values->pdata[index]) : NULL;
}

static JsonArray *
array_of (GPtrArray *values, guint index)
{
  JsonNode *node = index < values->len ? values->pdata[index] : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
number_of (GPtrArray *values, guint index, gint64 *number)
{
  JsonNode *node = index < values->len ? values->pdata[index] : NULL;
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : 0;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *number = (gint64)llround (json_node_get_double (node));
  return TRUE;
}

static JsonNode *
new_int (gint64 value)
{
  return json_node_init_int (json_node_alloc (), value);
}

/* ---- the functions */

static JsonNode *
do_format (Call *call, GPtrArray *values)
{
  const char *template = text_of (values, 0);
  g_autoptr (GString) out = g_string_new (NULL);
  guint next = 1;

  if (template == NULL)
    return wrong (call, "the first argument is no text");
  for (const char *at = template; *at != '\0'; at++)
    {
      if (at[0] == '\\' && at[1] != '\0')
        g_string_append_c (out, *++at);
      else if (at[0] == '{' && at[1] == '}')
        {
          JsonNode *value = next < values->len ? values->pdata[next] : NULL;
          g_autofree char *text = NULL;

          if (value == NULL)
            return wrong (call, "there are more {} than arguments");
          text = slip_json_node_string (value) != NULL ? g_strdup (slip_json_node_string (value))
                                                       : slip_json_to_text (value, FALSE);
          g_string_append (out, text);
          next++;
          at++;
        }
      else
        g_string_append_c (out, *at);
    }
  return next == values->len ? slip_json_new_string (out->str)
                             : wrong (call, "there are more arguments than {}");
}

static JsonNode *
do_string_to_json (Call *call, GPtrArray *values)
{
  const char *text = text_of (values, 0);
  JsonNode *parsed = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;

  return parsed != NULL ? parsed : wrong (call, "the argument is no JSON text");
}

static JsonNode *
do_json_to_string (Call *call, GPtrArray *values)
{
  g_autofree char *text = slip_json_to_text (values->pdata[0], FALSE);

  return slip_json_new_string (text);
}

static JsonNode *
do_array (Call *call, GPtrArray *values)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < values->len; i++)
    json_array_add_element (array, slip_json_copy (values->pdata[i]));
  return slip_json_new_array (array);
}

static JsonNode *
do_partition (Call *call, GPtrArray *values)
{
  JsonArray *array = array_of (values, 0), *parts = NULL, *part = NULL;
  gint64 size = 0;

  if (array == NULL || !number_of (values, 1, &size) || size < 1)
    return wrong (call, "the arguments are no array and a size of at least 1");
  parts = json_array_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i % (guint)size == 0)
        {
          part = json_array_new ();
          json_array_add_array_element (parts, part);
        }
      json_array_add_element (part, slip_json_copy (json_array_get_element (array, i)));
    }
  return slip_json_new_array (parts);
}

static gboolean
contains (JsonArray *array, JsonNode *value)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (slip_json_equal (json_array_get_element (array, i), value))
      return TRUE;
  return FALSE;
}

static JsonNode *
do_contains (Call *call, GPtrArray *values)
{
  JsonArray *array = array_of (values, 0);

  return array != NULL
             ? json_node_init_boolean (json_node_alloc (), contains (array, values->pdata[1]))
             : wrong (call, "the first argument is no array");
}

static JsonNode *
do_range (Call *call, GPtrArray *values)
{
  gint64 from = 0, to = 0, step = 0;
  JsonArray *range;

  if (!number_of (values, 0, &from) || !number_of (values, 1, &to) || !number_of (values, 2, &step)
      || step == 0 || fabs ((double)(to - from) / (double)step) >= MAX_RANGE)
    return wrong (call, "the arguments are no range of at most 1000 numbers");
  range = json_array_new ();
  for (gint64 i = from; step > 0 ? i <= to : i >= to; i += step)
    json_array_add_int_element (range, i);
  return slip_json_new_array (range);
}

static JsonNode *
do_get_item (Call *call, GPtrArray *values)
{
  JsonArray *array = array_of (values, 0);
  gint64 index = 0;

  if (array == NULL || !number_of (values, 1, &index) || index < 0
      || index >= json_array_get_length (array))
    return wrong (call, "the array has no such element");
  return slip_json_copy (json_array_get_element (array, (guint)index));
}

static JsonNode *
do_length (Call *call, GPtrArray *values)
{
  JsonArray *array = array_of (values, 0);

  return array != NULL ? new_int (json_array_get_length (array))
                       : wrong (call, "the argument is no array");
}

static JsonNode *
do_unique (Call *call, GPtrArray *values)
{
  JsonArray *array = array_of (values, 0);
  JsonArray *kept;

  if (array == NULL)
    return wrong (call, "the argument is no array");
  kept = json_array_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!contains (kept, json_array_get_element (array, i)))
      json_array_add_element (kept, slip_json_copy (json_array_get_element (array, i)));
  return slip_json_new_array (kept);
}

static JsonNode *
do_base64_encode (Call *call, GPtrArray *values)
{
  const char *text = text_of (values, 0);
  g_autofree char *encoded
      = text != NULL ? g_base64_encode ((const guchar *)text, strlen (text)) : NULL;

  return encoded != NULL ? slip_json_new_string (encoded) : wrong (call, "the argument is no text");
}

static JsonNode *
do_base64_decode (Call *call, GPtrArray *values)
{
  const char *text = text_of (values, 0);
  gsize length = 0;
  g_autofree guchar *bytes = text != NULL ? g_base64_decode (text, &length) : NULL;
  g_autofree char *decoded = bytes != NULL ? g_strndup ((const char *)bytes, length) : NULL;

  if (decoded == NULL || !g_utf8_validate (decoded, -1, NULL))
    return wrong (call, "the argument is no text in Base64");
  return slip_json_new_string (decoded);
}

static JsonNode *
do_hash (Call *call, GPtrArray *values)
{
  static const struct
  {
    const char *name;
    GChecksumType type;
  } known[] = {{"MD5", G_CHECKSUM_MD5},
               {"SHA-1", G_CHECKSUM_SHA1},
               {"SHA-256", G_CHECKSUM_SHA256},
               {"SHA-384", G_CHECKSUM_SHA384},
               {"SHA-512", G_CHECKSUM_SHA512}};
  g_autofree char *text = text_of (values, 0) != NULL ? g_strdup (text_of (values, 0))
                                                      : slip_json_to_text (values->pdata[0], FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (text_of (values, 1), known[i].name) == 0)
      {
        g_autofree char *digest = g_compute_checksum_for_string (known[i].type, text, -1);

        return slip_json_new_string (digest);
      }
  return wrong (call, "there is no such algorithm");
}

static JsonNode *
do_merge (Call *call, GPtrArray *values)
{
  JsonObject *over = slip_json_node_object (values->pdata[1]);
  JsonNode *merged;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (slip_json_node_object (values->pdata[0]) == NULL || over == NULL
      || !JSON_NODE_HOLDS_VALUE ((JsonNode *)values->pdata[2])
      || json_node_get_boolean (values->pdata[2]))
    return wrong (call, "the arguments are no two objects and false");
  merged = slip_json_copy (values->pdata[0]);
  json_object_iter_init_ordered (&iter, over);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (json_node_get_object (merged), name, slip_json_copy (value));
  return merged;
}

static JsonNode *
do_add (Call *call, GPtrArray *values)
{
  gint64 a = 0, b = 0;

  if (!number_of (values, 0, &a) || !number_of (values, 1, &b))
    return wrong (call, "the arguments are no numbers");
  return new_int (a + b);
}

static JsonNode *
do_random (Call *call, GPtrArray *values)
{
  gint64 from = 0, to = 0;

  if (!number_of (values, 0, &from) || !number_of (values, 1, &to) || from >= to
      || to - from > G_MAXINT32)
    return wrong (call, "the arguments are no range");
  return new_int (from + g_random_int_range (0, (gint32)(to - from)));
}

static JsonNode *
do_split (Call *call, GPtrArray *values)
{
  const char *text = text_of (values, 0), *by = text_of (values, 1);
  JsonArray *parts;
  g_auto (GStrv) split = NULL;

  if (text == NULL || by == NULL || *by == '\0')
    return wrong (call, "the arguments are no two texts");
  split = g_strsplit_set (text, by, -1);
  parts = json_array_new ();
  for (guint i = 0; split[i] != NULL; i++)
    if (*split[i] != '\0')
      json_array_add_string_element (parts, split[i]);
  return slip_json_new_array (parts);
}

static JsonNode *
do_uuid (Call *call, GPtrArray *values)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return slip_json_new_string (uuid);
}

static const struct
{
  const char *name;
  guint least;
  guint most;
  JsonNode *(*func) (Call *call, GPtrArray *values);
} functions[] = {
    {"Array", 0, MAX_ARGUMENTS, do_array},
    {"ArrayContains", 2, 2, do_contains},
    {"ArrayGetItem", 2, 2, do_get_item},
    {"ArrayLength", 1, 1, do_length},
    {"ArrayPartition", 2, 2, do_partition},
    {"ArrayRange", 3, 3, do_range},
    {"ArrayUnique", 1, 1, do_unique},
    {"Base64Decode", 1, 1, do_base64_decode},
    {"Base64Encode", 1, 1, do_base64_encode},
    {"Format", 1, MAX_ARGUMENTS, do_format},
    {"Hash", 2, 2, do_hash},
    {"JsonMerge", 3, 3, do_merge},
    {"JsonToString", 1, 1, do_json_to_string},
    {"MathAdd", 2, 2, do_add},
    {"MathRandom", 2, 3, do_random},
    {"StringSplit", 2, 2, do_split},
    {"StringToJson", 1, 1, do_string_to_json},
    {"UUID", 0, 0, do_uuid},
};

/* ---- reading a call */

static void
skip_space (Call *call)
{
  call->at += strspn (call->at, " \t\r\n");
}

/* In single quotes; a backslash takes the character behind it. */
static JsonNode *
read_text (Call *call)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (call->at++; *call->at != '\'' && *call->at != '\0'; call->at++)
    {
      if (*call->at == '\\' && call->at[1] != '\0')
        {
          if (call->raw)
            g_string_append_c (text, '\\');
          call->at++;
        }
      g_string_append_c (text, *call->at);
    }
  if (*call->at == '\0')
    return wrong (call, "a text has no end");
  call->at++;
  return slip_json_new_string (text->str);
}

/* Up to the comma or bracket that ends an argument. */
static char *
take_word (Call *call)
{
  const char *from = call->at;
  char quote = '\0';
  guint depth = 0;

  for (; *call->at != '\0'; call->at++)
    {
      if (quote != '\0')
        quote = *call->at == quote ? '\0' : quote;
      else if (depth > 0 && (*call->at == '\'' || *call->at == '"'))
        quote = *call->at;
      else if (*call->at == '[')
        depth++;
      else if (*call->at == ']' && depth > 0)
        depth--;
      else if (depth == 0 && (*call->at == ',' || *call->at == ')'))
        break;
    }
  return g_strchomp (g_strndup (from, (gsize)(call->at - from)));
}

static JsonNode *
read_word (Call *call)
{
  g_autofree char *word = take_word (call);
  JsonNode *literal;

  if (slip_states_is_path (word))
    return slip_states_select (call->scope, word, "States.ParameterPathFailure", call->fault);
  literal = slip_json_parse (word, -1, NULL);
  if (literal != NULL && !JSON_NODE_HOLDS_OBJECT (literal) && !JSON_NODE_HOLDS_ARRAY (literal)
      && slip_json_node_string (literal) == NULL)
    return literal;
  g_clear_pointer (&literal, json_node_unref);
  return wrong (call, "an argument is neither a path nor a value");
}

static gboolean
read_arguments (Call *call, GPtrArray *values, gboolean format)
{
  skip_space (call);
  if (*call->at == ')')
    {
      call->at++;
      return TRUE;
    }
  while (values->len < MAX_ARGUMENTS)
    {
      JsonNode *value;

      call->raw = format && values->len == 0;
      value = read_value (call);
      if (value == NULL)
        return FALSE;
      g_ptr_array_add (values, value);
      skip_space (call);
      if (*call->at == ')')
        {
          call->at++;
          return TRUE;
        }
      if (*call->at != ',')
        break;
      call->at++;
    }
  wrong (call, "the arguments do not end");
  return FALSE;
}

static JsonNode *
read_call (Call *call)
{
  gsize length = strcspn (call->at, "(");
  g_autofree char *name = g_strndup (call->at, length);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);

  if (call->at[length] != '(' || ++call->depth > MAX_DEPTH)
    return wrong (call, "the call is no function with arguments, or nested too deeply");
  call->at += length + 1;
  if (!read_arguments (call, values, g_str_equal (name, "States.Format")))
    return NULL;
  call->depth--;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (g_str_equal (name + strlen ("States."), functions[i].name))
      return values->len >= functions[i].least && values->len <= functions[i].most
                 ? functions[i].func (call, values)
                 : wrong (call, "the function takes another number of arguments");
  return wrong (call, "there is no such function");
}

static JsonNode *
read_value (Call *call)
{
  skip_space (call);
  if (*call->at == '\'')
    return read_text (call);
  if (g_str_has_prefix (call->at, "States."))
    return read_call (call);
  return read_word (call);
}

JsonNode *
slip_states_call (const SlipStatesScope *scope, const char *expression, SlipStatesFault *fault)
{
  Call call = {.scope = scope, .fault = fault, .at = expression, .whole = expression};
  JsonNode *value = read_call (&call);

  if (value != NULL && *call.at != '\0')
    {
      json_node_unref (value);
      return wrong (&call, "there is text behind the call");
    }
  return value;
}
