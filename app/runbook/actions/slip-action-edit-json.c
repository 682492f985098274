/* SPDX-License-Identifier: MIT */
/* `slipway:editJson`, the document half: single values of a file that people keep. The file is read when
 * the plan is made, so that the plan shows the lines that will differ and is bound to the file's
 * digest. */

#include "slip-actions.h"

#include "slip-edit.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-redact.h"
#include "slip-runbook-error.h"

#include <string.h>

#define MAX_BYTES (8 * 1024 * 1024)

static const SlipActionInput inputs[] = {
    {"File", SLIP_ACTION_TEXT, TRUE},  {"Format", SLIP_ACTION_TEXT, FALSE},
    {"Set", SLIP_ACTION_MAP, FALSE},   {"Path", SLIP_ACTION_TEXT, FALSE},
    {"Value", SLIP_ACTION_ANY, FALSE}, {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"File", SLIP_PARAMETER_STRING},   {"Backup", SLIP_PARAMETER_STRING},
    {"Sha256", SLIP_PARAMETER_STRING}, {"Changed", SLIP_PARAMETER_STRING_LIST},
    {NULL, SLIP_PARAMETER_STRING},
};

static gboolean
is_plain (const char *text)
{
  return text != NULL && strstr (text, "{{") == NULL;
}

static void
check_paths (SlipActionCheck *check, SlipEditFormat format)
{
  JsonObject *set = slip_json_object (check->inputs, "Set");
  const char *path = slip_json_string (check->inputs, "Path");
  g_autoptr (JsonObject) wishes = slip_edit_wishes (check->inputs);
  g_autoptr (GList) paths = set != NULL ? json_object_get_members (set) : NULL;
  g_autoptr (GError) wrong = NULL;

  if (wishes == NULL)
    slip_action_report (check, ".inputs", "give either Set, or Path and Value");
  if (is_plain (path) && !slip_edit_check_path (format, path, &wrong))
    slip_action_report (check, ".inputs.Path", "%s", wrong->message);
  if (set != NULL && paths == NULL)
    slip_action_report (check, ".inputs.Set", "sets nothing");
  for (GList *l = paths; l != NULL; l = l->next)
    {
      g_autoptr (GError) error = NULL;

      if (strstr (l->data, "{{") != NULL)
        slip_action_report (check, ".inputs.Set",
                            "“%s”: a path by a reference is told in Path and Value, not in Set",
                            (const char *)l->data);
      else if (!slip_edit_check_path (format, l->data, &error))
        slip_action_report (check, ".inputs.Set", "%s", error->message);
    }
}

static void
check_step (SlipActionCheck *check)
{
  const char *file = slip_json_string (check->inputs, "File");
  const char *name = slip_json_string (check->inputs, "Format");
  SlipEditFormat format;

  if (is_plain (file) && *file != '/' && !g_str_has_prefix (file, "~/"))
    slip_action_report (check, ".inputs.File",
                        "“%s” is no absolute path, and none that begins with ~/", file);
  if (!slip_edit_format_from (name, file, &format))
    {
      slip_action_report (check, name != NULL ? ".inputs.Format" : ".inputs.File",
                          "is neither json nor hcl: say Format");
      return;
    }
  check_paths (check, format);
}

/* ---- planning */

static char *
read_file (const char *file, char **digest, GError **error)
{
  g_autofree char *path = g_str_has_prefix (file, "~/")
                              ? g_build_filename (g_get_home_dir (), file + 2, NULL)
                              : g_strdup (file);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_BYTES, error);
  const char *data;
  gsize length;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  if (length == 0 || memchr (data, '\0', length) != NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN, "%s is empty or no text",
                   file);
      return NULL;
    }
  *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return g_strndup (data, length);
}

/* What the file held when the plan was made, of a plan that is looked at again: by then it may have been
 * edited, or be another machine's. */
static gboolean
recall_preview (JsonObject *made, JsonObject *request, GError **error)
{
  static const char *const members[] = {"sha256", "changes", "diff"};

  if (slip_json_string (made, "sha256") == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "the plan does not say what %s held when it was made",
                   slip_json_string (request, "file"));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (made, members[i]))
      json_object_set_member (request, members[i],
                              slip_json_copy (json_object_get_member (made, members[i])));
  return TRUE;
}

static JsonObject *
redact_change (JsonObject *change)
{
  JsonNode *node = slip_json_new_object (json_object_ref (change));
  g_autoptr (JsonNode) redacted = slip_redact_json (node);
  JsonObject *object = json_object_ref (json_node_get_object (redacted));

  json_node_unref (node);
  return object;
}

/* Everything but the values that only the run will know. */
static gboolean
add_preview (SlipActionPlan *plan,
             SlipEditFormat format,
             JsonObject *set,
             JsonObject *request,
             GError **error)
{
  const char *file = slip_json_string (plan->inputs, "File");
  g_autofree char *digest = NULL;
  g_autofree char *before = read_file (file, &digest, error);
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *after = NULL;
  JsonArray *shown;

  if (before == NULL)
    return FALSE;
  after = slip_edit_apply (format, before, set, &changes, error);
  if (after == NULL)
    {
      g_prefix_error (error, "%s: ", file);
      return FALSE;
    }
  shown = json_array_new ();
  for (guint i = 0; i < json_array_get_length (changes); i++)
    json_array_add_object_element (shown,
                                   redact_change (json_array_get_object_element (changes, i)));
  json_object_set_string_member (request, "sha256", digest);
  json_object_set_array_member (request, "changes", shown);
  json_object_set_array_member (request, "diff", slip_edit_diff (before, after));
  return TRUE;
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  const char *file = slip_json_string (plan->inputs, "File");
  const char *name = slip_json_string (plan->inputs, "Format");
  g_autoptr (JsonObject) set = slip_edit_wishes (plan->inputs);
  SlipEditFormat format;
  g_autoptr (JsonObject) request = NULL;

  if (file == NULL || set == NULL || !slip_edit_format_from (name, file, &format))
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "%s is neither json nor hcl: say Format", file != NULL ? file : "the file");
      return FALSE;
    }
  request = json_object_new ();
  json_object_set_string_member (request, "file", file);
  json_object_set_string_member (request, "format", format == SLIP_EDIT_HCL ? "hcl" : "json");
  json_object_set_object_member (request, "set", json_object_ref (set));
  if (is_plain (file)
      && !(plan->made != NULL ? recall_preview (plan->made, request, error)
                              : add_preview (plan, format, set, request, error)))
    return FALSE;
  slip_action_plan_local (plan, "file", "edit", SLIP_AWS_EFFECT_CHANGE, "R3",
                          g_steal_pointer (&request));
  if (plan->slipway == NULL || !json_object_has_member (plan->slipway, "undo"))
    json_object_set_string_member (plan->step, "undo",
                                   "copy the backup of the file (in the run's folder) back");
  return TRUE;
}

const SlipAction slip_action_edit_json = {
    .name = "slipway:editJson",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
