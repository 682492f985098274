/* SPDX-License-Identifier: MIT */
/* Secret outputs of a run: a password that one step reads and another uses. They live in the engine's
 * memory only. Before anything is stored they are taken out of it, in whatever member they stand; a
 * process that takes over reads them again. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-redact.h"
#include "slip-template.h"

/* Shorter ones would blot out half of every text, and are no secrets. */
#define SHORTEST 4

/* ---- taking out */

static char *
replace (const char *text, const char *secret)
{
  g_auto (GStrv) parts = g_strsplit (text, secret, -1);

  return g_strjoinv (SLIP_REDACTED, parts);
}

char *
slip_run_engine_scrub_text (SlipRunEngine *engine, const char *text)
{
  char *scrubbed = g_strdup (text);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->secrets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const char *secret
          = JSON_NODE_HOLDS_VALUE ((JsonNode *)value) ? json_node_get_string (value) : NULL;
      char *next;

      if (secret == NULL || strlen (secret) < SHORTEST || strstr (scrubbed, secret) == NULL)
        continue;
      next = replace (scrubbed, secret);
      g_free (scrubbed);
      scrubbed = next;
    }
  return scrubbed;
}

static JsonNode *
scrub (SlipRunEngine *engine, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        json_object_set_member (object, name, scrub (engine, member));
      return slip_json_new_object (object);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        json_array_add_element (
            array, scrub (engine, json_array_get_element (json_node_get_array (node), i)));
      return slip_json_new_array (array);
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *text = slip_run_engine_scrub_text (engine, json_node_get_string (node));

      return slip_json_new_string (text);
    }
  return json_node_ref (node);
}

JsonNode *
slip_run_engine_scrub (SlipRunEngine *engine, JsonNode *node)
{
  g_autoptr (JsonNode) owned = node;

  if (node == NULL || g_hash_table_size (engine->secrets) == 0)
    return g_steal_pointer (&owned);
  return scrub (engine, node);
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

static gboolean
recover (SlipRunEngine *engine, JsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) references = slip_template_list (node, NULL);

  /* A malformed reference is told when it is resolved. */
  for (guint i = 0; references != NULL && i < references->len; i++)
    {
      const char *reference = g_ptr_array_index (references, i);
      const char *dot = strrchr (reference, '.');
      g_autofree char *id = dot != NULL ? g_strndup (reference, (gsize)(dot - reference)) : NULL;
      SlipFoldStep *step = slip_run_fold_find (engine->fold, id);

      if (step == NULL || !step->has_secrets || g_hash_table_contains (engine->secrets, reference)
          || (step->outputs != NULL && json_object_has_member (step->outputs, dot + 1)))
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
