/* SPDX-License-Identifier: MIT */
/* Captures at planning: what a restore loses is known before anything is approved, so that the requests
 * which bring it back stand in the plan. */

#include "actions/slip-capture-read.h"
#include "slip-json.h"
#include "slip-planner-private.h"

typedef struct
{
  SlipPlanning *planning;
  const char *environment;
} Reads;

gboolean
slip_planning_is_capture (JsonObject *planned)
{
  return g_strcmp0 (slip_json_string (planned, "action"), "slipway:capture") == 0
         && g_strcmp0 (slip_json_string (slip_json_object (planned, "inputs"), "Mode"), "capture")
                == 0;
}

static JsonNode *
call (gpointer data,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GError **error)
{
  Reads *reads = data;

  return slip_caller_call (reads->planning->caller, reads->environment, region, service, operation,
                           input, reads->planning->cancellable, error);
}

JsonNode *
slip_planning_capture (SlipPlanning *planning, JsonObject *planned, GError **error)
{
  JsonObject *inputs = slip_json_object (planned, "inputs");
  const char *target = slip_json_string (inputs, "Target");
  JsonObject *table = slip_capture_table_find (slip_json_string (inputs, "Kind"));
  Reads reads = {planning, slip_json_string (planned, "environment")};
  SlipCaptureReader reader
      = {.call = call, .data = &reads, .region = slip_json_string (planned, "region")};
  JsonObject *document = table != NULL ? slip_capture_read (&reader, table, target, error)
                                       : slip_capture_read_global (&reader, target, error);
  JsonObject *known;
  JsonNode *node;

  if (document == NULL)
    return NULL;
  node = slip_json_new_object (document);
  slip_planning_know (planning, slip_json_string (planned, "id"), "Document", node);
  known = json_object_new ();
  json_object_set_member (known, "Document", slip_json_copy (node));
  json_object_set_object_member (planned, "known", known);
  return node;
}
