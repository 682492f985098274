/* SPDX-License-Identifier: MIT */
/* Secret outputs of a run: a password that one step reads and another uses. They live in the engine's
 * memory only. Before anything is stored they are taken out of it, in whatever member they stand; a
 * process that takes over reads them again. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-redact.h"
#include "slip-template.h"

#include <string.h>

/* Shorter ones would blot out half of every text, and are no secrets. */
#define SHORTEST 4
#define SHORTEST_LINE 8

/* Levels of JSON within JSON. */
#define DEEPEST 8

/* ---- taking out */

static void list_needles (GPtrArray *needles, JsonNode *secret, gboolean all, guint depth);

static void
add_needle (GPtrArray *needles, const char *text)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *escaped = NULL;

  if (strlen (text) < SHORTEST)
    return;
  g_ptr_array_add (needles, g_strdup (text));
  /* As it stands within JSON. */
  node = slip_json_new_string (text);
  escaped = slip_json_to_text (node, FALSE);
  escaped[strlen (escaped) - 1] = '\0';
  if (!g_str_equal (escaped + 1, text))
    g_ptr_array_add (needles, g_strdup (escaped + 1));
}

/* Programs print it line by line. */
static void
add_lines (GPtrArray *needles, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[0] != NULL && lines[1] != NULL && lines[i] != NULL; i++)
    if (strlen (g_strstrip (lines[i])) >= SHORTEST_LINE)
      add_needle (needles, lines[i]);
}

/* A secret that is text may be JSON all the same, and what uses it prints the password in it. */
static void
list_text (GPtrArray *needles, const char *text, guint depth)
{
  g_autoptr (JsonNode) parsed = NULL;
  const char *begin = text + strspn (text, " \t\r\n");

  add_needle (needles, text);
  if (depth < DEEPEST && (*begin == '{' || *begin == '['))
    parsed = slip_json_parse (text, -1, NULL);
  if (parsed != NULL)
    list_needles (needles, parsed, FALSE, depth + 1);
  else
    add_lines (needles, text);
}

/* Of a map, such as a secret that is JSON, what its members' names call secret: a user's name in it would
 * blot out every mention of the user. */
static void
list_members (GPtrArray *needles, JsonObject *map, gboolean all, guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      gboolean secret = all || slip_redact_name_is_secret (name);

      if (secret || !JSON_NODE_HOLDS_VALUE (member))
        list_needles (needles, member, secret, depth + 1);
    }
}

/* @all: whether what it holds is secret whatever it is called. */
static void
list_needles (GPtrArray *needles, JsonNode *secret, gboolean all, guint depth)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (secret) ? json_node_get_array (secret) : NULL;

  if (depth > DEEPEST)
    return;
  if (JSON_NODE_HOLDS_OBJECT (secret))
    list_members (needles, json_node_get_object (secret), all, depth);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (all || !JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      list_needles (needles, json_array_get_element (array, i), all, depth + 1);
  if (!JSON_NODE_HOLDS_VALUE (secret))
    return;
  if (json_node_get_value_type (secret) == G_TYPE_STRING)
    list_text (needles, json_node_get_string (secret), depth);
  else if (json_node_get_value_type (secret) == G_TYPE_INT64)
    {
      g_autofree char *number = slip_json_to_text (secret, FALSE);

      add_needle (needles, number);
    }
}

static int
longer_first (gconstpointer a, gconstpointer b)
{
  gsize first = strlen (*(const char *const *)a);
  gsize second = strlen (*(const char *const *)b);

  return first < second ? 1 : first > second ? -1 : 0;
}

static void
free_needle (gpointer text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

/* What is taken out of texts, longest first: a secret may hold another. */
static GPtrArray *
needles_of (SlipRunEngine *engine)
{
  GPtrArray *needles = g_ptr_array_new_with_free_func (free_needle);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->secrets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    list_needles (needles, value, FALSE, 0);
  g_ptr_array_sort (needles, longer_first);
  return needles;
}

static char *
scrub_with (GPtrArray *needles, const char *text)
{
  char *scrubbed = g_strdup (text);

  for (guint i = 0; i < needles->len; i++)
    if (strstr (scrubbed, g_ptr_array_index (needles, i)) != NULL)
      {
        g_auto (GStrv) parts = g_strsplit (scrubbed, g_ptr_array_index (needles, i), -1);

        g_free (scrubbed);
        scrubbed = g_strjoinv (SLIP_REDACTED, parts);
      }
  return scrubbed;
}

char *
slip_run_engine_scrub_text (SlipRunEngine *engine, const char *text)
{
  g_autoptr (GPtrArray) needles = needles_of (engine);

  return scrub_with (needles, text);
}

static JsonNode *
scrub (GPtrArray *needles, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        json_object_set_member (object, name, scrub (needles, member));
      return slip_json_new_object (object);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        json_array_add_element (
            array, scrub (needles, json_array_get_element (json_node_get_array (node), i)));
      return slip_json_new_array (array);
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *text = scrub_with (needles, json_node_get_string (node));

      return slip_json_new_string (text);
    }
  return json_node_ref (node);
}

JsonNode *
slip_run_engine_scrub (SlipRunEngine *engine, JsonNode *node)
{
  g_autoptr (JsonNode) owned = node;
  g_autoptr (GPtrArray) needles = NULL;

  if (node == NULL || g_hash_table_size (engine->secrets) == 0)
    return g_steal_pointer (&owned);
  needles = needles_of (engine);
  return scrub (needles, node);
}

/* ---- reading again */

static gboolean
read_again (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  SlipRunContext context = {.engine = engine, .step = step, .plan = step->plan_step};
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (
      slip_plan_step_get_service (step->plan_step), slip_plan_step_get_operation (step->plan_step),
      NULL, error);
  JsonNode *request = slip_plan_step_get_request (step->plan_step);
  g_autoptr (JsonNode) input = NULL;
  JsonNode *response = NULL;
  gboolean ok;

  if (op == NULL)
    return FALSE;
  if (op->effect != SLIP_AWS_EFFECT_READ)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_EXPRESSION,
                   "step %s yielded a secret to a process that is gone, and cannot be done again",
                   step->id);
      return FALSE;
    }
  if (request != NULL && (input = slip_run_engine_resolve (engine, request, error)) == NULL)
    return FALSE;
  response = slip_run_engine_read (&context, slip_plan_step_get_service (step->plan_step), op->name,
                                   input, SLIP_AWS_PRIORITY_RUN, error);
  ok = response != NULL && slip_run_context_take_response (&context, op, response, error);
  g_clear_pointer (&context.outputs, json_object_unref);
  g_clear_pointer (&context.response, json_node_unref);
  g_clear_pointer (&context.answer, json_node_unref);
  g_free (context.request_id);
  return ok;
}

/* `Step.Output.Member`: the step, and where its output's name begins and ends. */
static SlipFoldStep *
find_source (SlipRunEngine *engine, const char *reference, char **output)
{
  for (const char *at = reference + strlen (reference); at-- > reference;)
    {
      g_autofree char *id = NULL;
      SlipFoldStep *step;

      if (*at != '.')
        continue;
      id = g_strndup (reference, (gsize)(at - reference));
      step = slip_run_fold_find (engine->fold, id);
      if (step == NULL)
        continue;
      *output = g_strndup (at + 1, strcspn (at + 1, ".["));
      return step;
    }
  return NULL;
}

static gboolean
recover (SlipRunEngine *engine, JsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) references = slip_template_list (node, NULL);

  /* A malformed reference is told when it is resolved. */
  for (guint i = 0; references != NULL && i < references->len; i++)
    {
      g_autofree char *output = NULL;
      SlipFoldStep *step = find_source (engine, g_ptr_array_index (references, i), &output);
      g_autofree char *name = step != NULL ? g_strdup_printf ("%s.%s", step->id, output) : NULL;

      if (step == NULL || !step->has_secrets || g_hash_table_contains (engine->secrets, name)
          || (step->outputs != NULL && json_object_has_member (step->outputs, output)))
        continue;
      if (!read_again (engine, step, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_run_engine_recover_secrets (SlipRunEngine *engine, SlipPlanStep *plan, GError **error)
{
  JsonNode *request = slip_plan_step_get_request (plan);
  g_autoptr (JsonNode) inputs
      = slip_json_new_object (json_object_ref (slip_plan_step_get_inputs (plan)));

  return (request == NULL || recover (engine, request, error)) && recover (engine, inputs, error);
}
