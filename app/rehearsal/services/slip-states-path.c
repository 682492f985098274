/* SPDX-License-Identifier: MIT */

/* Paths of the Amazon States Language: what a state takes from its input and from the context object, the
 * payload templates of Parameters and ResultSelector, and where ResultPath puts a result. */

#include "slip-states-private.h"

#include "slip-json.h"

#include <string.h>

void
slip_states_fault_clear (SlipStatesFault *fault)
{
  g_clear_pointer (&fault->error, g_free);
  g_clear_pointer (&fault->cause, g_free);
}

gpointer
slip_states_fail (SlipStatesFault *fault, const char *name, const char *format, ...)
{
  va_list args;

  slip_states_fault_clear (fault);
  fault->error = g_strdup (name);
  va_start (args, format);
  fault->cause = g_strdup_vprintf (format, args);
  va_end (args);
  return NULL;
}

gboolean
slip_states_is_path (const char *text)
{
  const char *bare = text != NULL && g_str_has_prefix (text, "$$") ? text + 1 : text;

  return bare != NULL && *bare == '$' && (bare[1] == '\0' || bare[1] == '.' || bare[1] == '[');
}

static JsonNode *
look (const SlipStatesScope *scope, const char *path, GError **error)
{
  gboolean of_context = g_str_has_prefix (path, "$$");

  return slip_json_select (of_context ? scope->context : scope->input, of_context ? path + 1 : path,
                           error);
}

JsonNode *
slip_states_find (const SlipStatesScope *scope, const char *path)
{
  JsonNode *found = look (scope, path, NULL);

  return found;
}

JsonNode *
slip_states_select (const SlipStatesScope *scope,
                    const char *path,
                    const char *name,
                    SlipStatesFault *fault)
{
  g_autoptr (GError) error = NULL;
  JsonNode *found = look (scope, path, &error);
  g_autofree char *input = NULL;

  if (found != NULL)
    return found;
  if (error != NULL)
    return slip_states_fail (fault, "States.Runtime", "Invalid path '%s': %s", path,
                             error->message);
  input = slip_json_to_text (scope->input, FALSE);
  return slip_states_fail (fault, name, "The JSONPath '%s' could not be found in the input '%s'",
                           path, input);
}

/* ---- payload templates */

static JsonNode *
evaluate (const SlipStatesScope *scope, const char *name, JsonNode *value, SlipStatesFault *fault)
{
  const char *text = slip_json_node_string (value);

  if (text != NULL && slip_states_is_call (text))
    return slip_states_call (scope, text, fault);
  if (text != NULL && slip_states_is_path (text))
    return slip_states_select (scope, text, "States.ParameterPathFailure", fault);
  return slip_states_fail (fault, "States.Runtime",
                           "The value for the field '%s' must be a valid JSONPath or a valid "
                           "intrinsic function call",
                           name);
}

static JsonNode *
fill_object (const SlipStatesScope *scope, JsonObject *template, SlipStatesFault *fault)
{
  g_autoptr (JsonObject) filled = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, template);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      gboolean dynamic = g_str_has_suffix (name, ".$");
      g_autofree char *bare
          = dynamic ? g_strndup (name, strlen (name) - strlen (".$")) : g_strdup (name);
      JsonNode *made
          = dynamic ? evaluate (scope, name, value, fault) : slip_states_fill (scope, value, fault);

      if (made == NULL)
        return NULL;
      json_object_set_member (filled, bare, made);
    }
  return slip_json_new_object (g_steal_pointer (&filled));
}

JsonNode *
slip_states_fill (const SlipStatesScope *scope, JsonNode *template, SlipStatesFault *fault)
{
  g_autoptr (JsonArray) filled = NULL;

  if (JSON_NODE_HOLDS_OBJECT (template))
    return fill_object (scope, json_node_get_object (template), fault);
  if (!JSON_NODE_HOLDS_ARRAY (template))
    return slip_json_copy (template);
  filled = json_array_new ();
  for (guint i = 0; i < json_array_get_length (json_node_get_array (template)); i++)
    {
      JsonNode *made = slip_states_fill (
          scope, json_array_get_element (json_node_get_array (template), i), fault);

      if (made == NULL)
        return NULL;
      json_array_add_element (filled, made);
    }
  return slip_json_new_array (g_steal_pointer (&filled));
}

/* ---- reference paths */

/* `['name']`, `["name"]` or `[0]`; moves behind it. */
static char *
read_bracket (const char **at)
{
  const char *from = *at + 1;
  const char *end;
  char *word;

  if (*from == '\'' || *from == '"')
    {
      end = strchr (from + 1, *from);
      if (end == NULL || end[1] != ']' || end == from + 1)
        return NULL;
      word = g_strndup (from + 1, (gsize)(end - from - 1));
      *at = end + 2;
      return word;
    }
  end = from + strspn (from, "0123456789");
  if (end == from || *end != ']' || end - from > 6)
    return NULL;
  word = g_strdup_printf ("#%.*s", (int)(end - from), from);
  *at = end + 1;
  return word;
}

char **
slip_states_reference_split (const char *path)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  const char *at = path + 1;

  if (*path != '$' || g_str_has_prefix (path, "$$"))
    return NULL;
  while (*at != '\0')
    {
      char *word = NULL;

      if (*at == '[')
        word = read_bracket (&at);
      else if (*at == '.' && strcspn (at + 1, ".[@,:?*") > 0)
        {
          gsize length = strcspn (at + 1, ".[@,:?*");

          word = g_strndup (at + 1, length);
          at += 1 + length;
        }
      if (word == NULL)
        return NULL;
      g_ptr_array_add (words, word);
    }
  g_ptr_array_add (words, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

static JsonNode *place_word (JsonNode *raw, char **words, JsonNode *value, SlipStatesFault *fault);

static JsonNode *
place_in_array (JsonNode *raw, char **words, JsonNode *value, SlipStatesFault *fault)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (raw) ? json_node_get_array (raw) : NULL;
  guint64 index = g_ascii_strtoull (words[0] + 1, NULL, 10);
  g_autoptr (JsonArray) made = json_array_new ();

  if (array == NULL || index >= json_array_get_length (array))
    return slip_states_fail (fault, "States.ResultPathMatchFailure",
                             "The ResultPath names an element %s that the input does not have",
                             words[0] + 1);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *old = json_array_get_element (array, i);
      JsonNode *element
          = i == index ? place_word (old, words + 1, value, fault) : slip_json_copy (old);

      if (element == NULL)
        return NULL;
      json_array_add_element (made, element);
    }
  return slip_json_new_array (g_steal_pointer (&made));
}

static JsonNode *
place_word (JsonNode *raw, char **words, JsonNode *value, SlipStatesFault *fault)
{
  g_autoptr (JsonNode) base = NULL;
  JsonObject *object;
  JsonNode *inner;

  if (words[0] == NULL)
    return slip_json_copy (value);
  if (words[0][0] == '#')
    return place_in_array (raw, words, value, fault);
  base = raw != NULL && JSON_NODE_HOLDS_OBJECT (raw) ? slip_json_copy (raw)
                                                     : slip_json_new_object (json_object_new ());
  if (raw != NULL && !JSON_NODE_HOLDS_OBJECT (raw) && !JSON_NODE_HOLDS_NULL (raw))
    return slip_states_fail (fault, "States.ResultPathMatchFailure",
                             "The ResultPath names a member %s of what is no object", words[0]);
  object = json_node_get_object (base);
  inner = place_word (json_object_get_member (object, words[0]), words + 1, value, fault);
  if (inner == NULL)
    return NULL;
  json_object_set_member (object, words[0], inner);
  return g_steal_pointer (&base);
}

JsonNode *
slip_states_place (JsonNode *raw, const char *path, JsonNode *value, SlipStatesFault *fault)
{
  g_auto (GStrv) words = slip_states_reference_split (path);

  if (words == NULL)
    return slip_states_fail (fault, "States.Runtime", "Invalid reference path '%s'", path);
  return place_word (raw, words, value, fault);
}
