/* SPDX-License-Identifier: MIT */
/* Writes a runbook for Systems Manager: the same document without what only Slipway understands. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-runbook-private.h"
#include "slip-template.h"

#include <string.h>
#include <yaml.h>

static JsonArray *strip_steps (JsonArray *steps);

static JsonObject *
strip_step (JsonObject *step)
{
  JsonNode *original = json_node_init_object (json_node_alloc (), step);
  g_autoptr (JsonNode) copy = slip_json_copy (original);
  JsonObject *result = json_node_dup_object (copy);
  JsonObject *inputs;

  json_node_unref (original);
  json_object_remove_member (result, "slipway");
  if (!json_object_has_member (result, "inputs"))
    json_object_set_object_member (result, "inputs", json_object_new ());
  inputs = json_object_get_object_member (result, "inputs");
  if (g_strcmp0 (slip_json_string (result, "action"), "aws:loop") == 0)
    json_object_set_array_member (inputs, "Steps", strip_steps (slip_json_array (inputs, "Steps")));
  return result;
}

static JsonArray *
strip_steps (JsonArray *steps)
{
  JsonArray *result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (steps); i++)
    json_array_add_object_element (result, strip_step (json_array_get_object_element (steps, i)));
  return result;
}

static JsonNode *
strip (SlipRunbook *self)
{
  JsonNode *original = json_node_init_object (json_node_alloc (), slip_runbook_get_root (self));
  JsonNode *copy = slip_json_copy (original);
  JsonObject *root = json_node_get_object (copy);
  JsonObject *parameters = slip_json_object (root, "parameters");
  JsonObjectIter iter;
  JsonNode *parameter;

  json_node_unref (original);
  json_object_remove_member (root, "slipway");
  if (parameters != NULL)
    {
      json_object_iter_init (&iter, parameters);
      while (json_object_iter_next (&iter, NULL, &parameter))
        json_object_remove_member (json_node_get_object (parameter), "slipway");
    }
  json_object_set_array_member (root, "mainSteps",
                                strip_steps (slip_json_array (root, "mainSteps")));
  return copy;
}

/* The first reference into a map, which Systems Manager does not have, or NULL. */
static char *
find_inner_reference (JsonNode *document)
{
  g_autoptr (GPtrArray) names = slip_template_list (document, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const char *dot = strchr (name, '.');

      if (strchr (name, ':') == NULL && dot != NULL && strpbrk (dot + 1, ".[") != NULL)
        return g_strdup (name);
    }
  return NULL;
}

char *
slip_runbook_export_ssm (SlipRunbook *self, SlipRunbookFormat format, GError **error)
{
  g_auto (GStrv) workstation = NULL;
  g_autoptr (JsonNode) document = NULL;
  g_autofree char *inner = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  workstation = slip_runbook_dup_workstation_steps (self);
  if (*workstation != NULL)
    {
      g_autofree char *names = g_strjoinv (", ", workstation);

      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPORT,
                   "Systems Manager cannot run %s: these steps use actions that only a workstation "
                   "has: %s",
                   slip_runbook_get_name (self), names);
      return NULL;
    }
  document = strip (self);
  inner = find_inner_reference (document);
  if (inner != NULL)
    {
      g_set_error (
          error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPORT,
          "Systems Manager cannot run %s: it has no references into maps, such as {{ %s }}. "
          "Declare an output for that value",
          slip_runbook_get_name (self), inner);
      return NULL;
    }
  if (format == SLIP_RUNBOOK_JSON)
    return slip_json_to_text (document, TRUE);
  return slip_yaml_write (document);
}

static int
write_bytes (void *data, unsigned char *buffer, size_t size)
{
  g_string_append_len (data, (const char *)buffer, (gssize)size);
  return 1;
}

/* A string that YAML readers could take for something else is quoted. */
static yaml_scalar_style_t
style_of (const char *text)
{
  static const char *const words[]
      = {"true", "false", "yes", "no", "on", "off", "null", "~", "y", "n", NULL};
  g_autofree char *lower = g_ascii_strdown (text, -1);
  gboolean plain = *text != '\0' && g_ascii_isalpha (*text) && !g_strv_contains (words, lower);

  if (strchr (text, '\n') != NULL)
    return YAML_LITERAL_SCALAR_STYLE;
  for (const char *at = text; *at != '\0'; at++)
    if (strchr ("{}[]#&*!|>'\"%@`,?", *at) != NULL || (*at == ':' && at[1] == ' '))
      plain = FALSE;
  return plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

static void
emit_scalar (yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
  yaml_event_t event;

  yaml_scalar_event_initialize (&event, NULL, NULL, (yaml_char_t *)text, (int)strlen (text), 1, 1,
                                style);
  yaml_emitter_emit (emitter, &event);
}

static void
emit_node (yaml_emitter_t *emitter, JsonNode *node)
{
  yaml_event_t event;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      yaml_mapping_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
      yaml_emitter_emit (emitter, &event);
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          emit_scalar (emitter, name, style_of (name));
          emit_node (emitter, member);
        }
      yaml_mapping_end_event_initialize (&event);
      yaml_emitter_emit (emitter, &event);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      yaml_sequence_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
      yaml_emitter_emit (emitter, &event);
      for (guint i = 0; i < json_array_get_length (array); i++)
        emit_node (emitter, json_array_get_element (array, i));
      yaml_sequence_end_event_initialize (&event);
      yaml_emitter_emit (emitter, &event);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    emit_scalar (emitter, json_node_get_string (node), style_of (json_node_get_string (node)));
  else
    {
      g_autofree char *text = slip_json_to_text (node, FALSE);

      emit_scalar (emitter, text, YAML_PLAIN_SCALAR_STYLE);
    }
}

char *
slip_yaml_write (JsonNode *node)
{
  GString *text = g_string_new (NULL);
  yaml_emitter_t emitter;
  yaml_event_t event;

  yaml_emitter_initialize (&emitter);
  yaml_emitter_set_output (&emitter, write_bytes, text);
  yaml_emitter_set_unicode (&emitter, 1);
  yaml_emitter_set_width (&emitter, 100);
  yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING);
  yaml_emitter_emit (&emitter, &event);
  yaml_document_start_event_initialize (&event, NULL, NULL, NULL, 1);
  yaml_emitter_emit (&emitter, &event);
  emit_node (&emitter, node);
  yaml_document_end_event_initialize (&event, 1);
  yaml_emitter_emit (&emitter, &event);
  yaml_stream_end_event_initialize (&event);
  yaml_emitter_emit (&emitter, &event);
  yaml_emitter_delete (&emitter);
  return g_string_free (text, FALSE);
}
