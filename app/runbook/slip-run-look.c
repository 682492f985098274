/* SPDX-License-Identifier: MIT */
/* How that which a run made is looked up. Which call that is, the plan says; of what another service makes in a
 * service's name, the request. */

#include "slip-run-look.h"

#include "slip-json.h"
#include "slip-run-targets.h"
#include "slip-template.h"

#include "actions/slip-capture-table.h"

/* What a member of a restore's metadata names, whatever its case. */
static const struct
{
  const char *member;
  const char *service;
  const char *operation;
  const char *input;
  const char *absent;
} restored[] = {
    {"dbclusteridentifier", "rds", "DescribeDBClusters", "DBClusterIdentifier",
     "DBClusterNotFoundFault"},
    {"targettablename", "dynamodb", "DescribeTable", "TableName", "ResourceNotFoundException"},
};

void
slip_run_look_free (SlipRunLook *self)
{
  g_free (self->service);
  g_free (self->operation);
  g_clear_pointer (&self->input, json_node_unref);
  g_clear_pointer (&self->absent, json_array_unref);
  g_free (self);
}

static SlipRunLook *
look_new (SlipFoldStep *step, const char *service, const char *operation, JsonNode *input)
{
  SlipRunLook *self = g_new0 (SlipRunLook, 1);

  self->step = step;
  self->service = g_strdup (service);
  self->operation = g_strdup (operation);
  self->input = input;
  self->absent = json_array_new ();
  return self;
}

static SlipRunLook *
new_of_restore (SlipFoldStep *step, JsonObject *request)
{
  JsonObject *metadata = slip_json_object (request, "Metadata");
  g_autoptr (GList) members = metadata != NULL ? json_object_get_members (metadata) : NULL;

  for (GList *l = members; l != NULL; l = l->next)
    for (gsize i = 0; i < G_N_ELEMENTS (restored); i++)
      {
        const char *name = slip_json_string (metadata, l->data);
        JsonObject *input;
        SlipRunLook *self;

        if (g_ascii_strcasecmp (l->data, restored[i].member) != 0
            || !slip_run_target_is_known (name))
          continue;
        input = json_object_new ();
        json_object_set_string_member (input, restored[i].input, name);
        self = look_new (step, restored[i].service, restored[i].operation,
                         slip_json_new_object (input));
        json_array_add_string_element (self->absent, restored[i].absent);
        return self;
      }
  return NULL;
}

/* The first read of a capture is of the thing itself. */
static SlipRunLook *
new_of_capture (SlipFoldStep *step, JsonObject *request)
{
  JsonObject *table = slip_capture_table_find (slip_json_string (request, "kind"));
  JsonArray *reads = table != NULL ? slip_json_array (table, "reads") : NULL;
  const char *target = slip_json_string (request, "target");
  JsonObject *read = reads != NULL ? json_array_get_object_element (reads, 0) : NULL;
  g_autoptr (JsonObject) values = json_object_new ();
  g_autoptr (JsonNode) input = NULL;

  if (read == NULL || !slip_run_target_is_known (target))
    return NULL;
  json_object_set_string_member (values, "target", target);
  input = slip_capture_expand (json_object_get_member (read, "input"), values);
  return slip_json_node_object (input) != NULL
             ? look_new (step, slip_json_string (read, "service"),
                         slip_json_string (read, "operation"), g_steal_pointer (&input))
             : NULL;
}

SlipRunLook *
slip_run_look_new_elsewhere (SlipFoldStep *step, JsonObject *request)
{
  const char *service = slip_plan_step_get_service (step->plan_step);

  g_return_val_if_fail (request != NULL, NULL);

  if (g_strcmp0 (service, "capture") == 0)
    return new_of_capture (step, request);
  return g_strcmp0 (service, "backup") == 0
                 && g_strcmp0 (slip_plan_step_get_operation (step->plan_step), "StartRestoreJob")
                        == 0
             ? new_of_restore (step, request)
             : NULL;
}

static JsonNode *
lookup (const char *reference, gpointer fold)
{
  return slip_run_fold_lookup (fold, reference);
}

/* With what the run knows; NULL when that is not all. */
static JsonNode *
resolve (SlipRunFold *fold, JsonNode *node)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) resolved
      = node != NULL ? slip_template_resolve (node, lookup, fold, unknown, NULL) : NULL;

  return unknown->len == 0 && slip_json_node_object (resolved) != NULL ? g_steal_pointer (&resolved)
                                                                       : NULL;
}

SlipRunLook *
slip_run_look_new (SlipRunFold *fold, SlipFoldStep *step)
{
  JsonObject *resume = slip_plan_step_get_resume (step->plan_step);
  SlipRunLook *self;
  JsonArray *absent;
  JsonNode *input;

  g_return_val_if_fail (fold != NULL && step != NULL, NULL);

  if (slip_plan_step_get_resume_rule (step->plan_step) == SLIP_RESUME_R2)
    {
      JsonNode *planned = slip_plan_step_get_request (step->plan_step);
      g_autoptr (JsonNode) request
          = step->request != NULL ? json_node_ref (step->request) : resolve (fold, planned);
      JsonObject *object = slip_json_node_object (request);

      return object != NULL ? slip_run_look_new_elsewhere (step, object) : NULL;
    }
  if (slip_plan_step_get_resume_rule (step->plan_step) != SLIP_RESUME_R1 || resume == NULL
      || slip_json_string (resume, "service") == NULL
      || slip_json_string (resume, "operation") == NULL
      || slip_json_array (resume, "absent") == NULL)
    return NULL;
  input = resolve (fold, json_object_get_member (resume, "input"));
  if (input == NULL)
    return NULL;
  self = look_new (step, slip_json_string (resume, "service"),
                   slip_json_string (resume, "operation"), input);
  absent = slip_json_array (resume, "absent");
  for (guint i = 0; i < json_array_get_length (absent); i++)
    json_array_add_string_element (self->absent, json_array_get_string_element (absent, i));
  return self;
}

gboolean
slip_run_look_is_absent (SlipRunLook *self, const char *code)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; code != NULL && i < json_array_get_length (self->absent); i++)
    if (g_strcmp0 (code, json_array_get_string_element (self->absent, i)) == 0)
      return TRUE;
  return FALSE;
}

gboolean
slip_run_look_is_same (SlipRunLook *self, SlipRunFold *fold, SlipPlanStep *wait)
{
  JsonNode *request = slip_plan_step_get_request (wait);
  SlipPlanStep *made = self->step->plan_step;
  g_autoptr (JsonNode) waited = NULL;

  g_return_val_if_fail (fold != NULL, FALSE);

  if (request == NULL || g_strcmp0 (self->service, slip_plan_step_get_service (wait)) != 0
      || g_strcmp0 (self->operation, slip_plan_step_get_operation (wait)) != 0
      || g_strcmp0 (slip_plan_step_get_environment (made), slip_plan_step_get_environment (wait))
             != 0
      || g_strcmp0 (slip_plan_step_get_region (made), slip_plan_step_get_region (wait)) != 0)
    return FALSE;
  waited = slip_template_resolve (request, lookup, fold, NULL, NULL);
  return waited != NULL && slip_json_equal (self->input, waited);
}
