/* SPDX-License-Identifier: MIT */
/* A run as JSON, for `slipwayctl run show --json` and for scripts. */

#include "slip-run-private.h"

#include "slip-clock.h"

static void
set_time (JsonObject *object, const char *name, gint64 time)
{
  g_autofree char *text = time != 0 ? slip_time_format (time) : NULL;

  slip_run_entry_set_text (object, name, text);
}

static void
set_node (JsonObject *object, const char *name, JsonNode *node)
{
  if (node != NULL)
    json_object_set_member (object, name, json_node_ref (node));
}

static JsonObject *
step_to_json (SlipFoldStep *step)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", step->id);
  slip_run_entry_set_text (object, "title", slip_plan_step_get_title (step->plan_step));
  slip_run_entry_set_text (object, "action", slip_plan_step_get_action (step->plan_step));
  slip_run_entry_set_text (object, "environment", slip_plan_step_get_environment (step->plan_step));
  slip_run_entry_set_text (object, "region", slip_plan_step_get_region (step->plan_step));
  slip_run_entry_set_text (object, "service", slip_plan_step_get_service (step->plan_step));
  slip_run_entry_set_text (object, "operation", slip_plan_step_get_operation (step->plan_step));
  json_object_set_string_member (
      object, "effect", slip_aws_effect_name (slip_plan_step_get_effect (step->plan_step)));
  json_object_set_string_member (object, "state", slip_run_step_state_get_name (step->state));
  slip_run_entry_set_text (object, "detail", step->detail);
  if (step->progress >= 0)
    json_object_set_double_member (object, "progress", step->progress);
  set_time (object, "started", step->started);
  set_time (object, "finished", step->finished);
  set_time (object, "deadline", step->deadline);
  json_object_set_int_member (object, "sends", step->sends);
  slip_run_entry_set_text (object, "request_id", step->request_id);
  slip_run_entry_set_text (object, "request_sha256", step->request_sha256);
  set_node (object, "request", step->request);
  set_node (object, "response", step->response);
  if (step->outputs != NULL)
    json_object_set_object_member (object, "outputs", json_object_ref (step->outputs));
  slip_run_entry_set_text (object, "actor", step->actor);
  if (step->cosigned != 0)
    slip_run_entry_set_text (object, "cosigned_by", step->cosigned_by);
  return object;
}

static JsonArray *
steps_to_json (SlipRun *self)
{
  JsonArray *steps = json_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (self), i);

      json_array_add_object_element (steps, step_to_json (slip_run_step_get_fold (step)));
    }
  return steps;
}

JsonNode *
slip_run_to_json (SlipRun *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *need_name = NULL;
  g_autofree char *words = NULL;

  g_return_val_if_fail (SLIP_IS_RUN (self), node);

  need_name = slip_run_dup_need_name (self);
  words = slip_run_dup_cosign_words (self);

  json_object_set_string_member (object, "id", slip_run_get_id (self));
  slip_run_entry_set_text (object, "title", slip_run_get_title (self));
  slip_run_entry_set_text (object, "runbook", slip_plan_get_runbook (slip_run_get_plan (self)));
  slip_run_entry_set_text (object, "environment", slip_run_get_environment (self));
  slip_run_entry_set_text (object, "account", slip_run_get_account (self));
  json_object_set_string_member (object, "plan_sha256", slip_run_get_plan_hash (self));
  json_object_set_string_member (object, "state",
                                 slip_run_state_get_name (slip_run_get_state (self)));
  slip_run_entry_set_text (object, "message", slip_run_get_message (self));
  slip_run_entry_set_text (object, "need_step", slip_run_get_need_step (self));
  slip_run_entry_set_text (object, "need_text", slip_run_get_need_text (self));
  slip_run_entry_set_text (object, "need_guard", slip_run_get_need_guard (self));
  slip_run_entry_set_text (object, "need_name", need_name);
  slip_run_entry_set_text (object, "need_says", slip_run_get_need_says (self));
  slip_run_entry_set_text (object, "need_asked_sha256", slip_run_get_need_asked (self));
  slip_run_entry_set_text (object, "need_cosign", words);
  json_object_set_double_member (object, "progress", slip_run_get_progress (self));
  set_time (object, "planned", slip_run_get_planned (self));
  set_time (object, "started", slip_run_get_started (self));
  set_time (object, "finished", slip_run_get_finished (self));
  if (slip_run_get_leftovers (self) != NULL)
    json_object_set_array_member (object, "leftovers",
                                  json_array_ref (slip_run_get_leftovers (self)));
  json_object_set_array_member (object, "steps", steps_to_json (self));
  json_node_take_object (node, object);
  return node;
}
