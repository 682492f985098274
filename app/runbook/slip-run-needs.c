/* SPDX-License-Identifier: MIT */
/* What a run that is not through needs, and what a plan takes away: of what AWS is asked to change, told by
 * the requests; of tasks, commands, Terraform and statements by what their steps declare (`needs`). Who is in
 * whose way by that is slip-run-clash.c's business. */

#include "slip-run-needs.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-entry.h"
#include "slip-run-targets.h"

#include "actions/slip-capture-table.h"

static void
add_name (GHashTable *targets, JsonObject *place, const char *name)
{
  g_hash_table_add (targets, slip_run_target_new (place, name));
}

/* The operation of a call to AWS that changes something, or NULL. */
static const char *
changing_operation (JsonObject *step)
{
  const char *service = slip_json_string (step, "service");

  if (slip_json_object (step, "request") == NULL
      || g_strcmp0 (slip_json_string (step, "effect"), "read") == 0
      || (service != NULL && slip_action_is_local (service)))
    return NULL;
  return slip_json_string (step, "operation");
}

/* An ARN tells its own place, as that of a snapshot in another region. */
static void
add_needed (GHashTable *targets, JsonObject *step, const char *value)
{
  g_autofree char *name = slip_run_target_plain_name (value);
  g_auto (GStrv) parts = g_str_has_prefix (value, "arn:") ? g_strsplit (value, ":", 6) : NULL;

  add_name (targets, step, name);
  if (parts != NULL && g_strv_length (parts) == 6)
    g_hash_table_add (targets,
                      g_strdup_printf ("%s %s %s %s", *parts[4] != '\0' ? parts[4] : "-",
                                       *parts[3] != '\0' ? parts[3] : "-", parts[2], name));
}

static void
add_if_known (GHashTable *targets, JsonObject *place, const char *value)
{
  if (slip_run_target_is_known (value))
    add_needed (targets, place, value);
}

/* What a step says that it works from: of tasks, commands and Terraform nothing else tells. */
static void
add_declared (GHashTable *targets, JsonObject *step)
{
  JsonArray *needs = slip_json_array (step, "needs");

  for (guint i = 0; needs != NULL && i < json_array_get_length (needs); i++)
    {
      JsonObject *need = json_array_get_object_element (needs, i);
      JsonArray *names = slip_json_array (need, "name");
      g_autoptr (JsonObject) place = slip_run_target_place (step, need);

      for (guint n = 0; names != NULL && n < json_array_get_length (names); n++)
        add_if_known (targets, place, json_array_get_string_element (names, n));
      add_if_known (targets, place, slip_json_string (need, "name"));
    }
}

/* What the settings are put back to of a resource, by the capture's table. */
static void
add_captured (GHashTable *targets, JsonObject *step, JsonObject *request)
{
  JsonObject *table = slip_capture_table_find (slip_json_string (request, "kind"));
  JsonArray *reads = table != NULL ? slip_json_array (table, "reads") : NULL;
  g_autoptr (JsonObject) place = NULL;

  if (reads == NULL || g_strcmp0 (slip_json_string (step, "effect"), "read") == 0)
    return;
  place = json_object_new ();
  slip_run_entry_set_text (place, "account", slip_json_string (step, "account"));
  slip_run_entry_set_text (place, "region", slip_json_string (step, "region"));
  slip_run_entry_set_text (place, "service",
                           slip_json_string (json_array_get_object_element (reads, 0), "service"));
  add_if_known (targets, place, slip_json_string (request, "target"));
}

/* All that a step which is still to come says that it needs, and that a change names: what it changes, and
 * what it works from. */
static void
add_sources (GHashTable *targets, JsonObject *step)
{
  JsonArray *body = slip_json_array (step, "body");
  JsonObject *request = slip_json_object (step, "request");
  g_autoptr (GList) members = NULL;

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    add_sources (targets, json_array_get_object_element (body, i));
  add_declared (targets, step);
  if (request != NULL && g_strcmp0 (slip_json_string (step, "service"), "capture") == 0)
    add_captured (targets, step, request);
  if (changing_operation (step) == NULL)
    return;
  members = json_object_get_members (request);
  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);

      if (slip_run_target_is_known (value)
          && (g_str_has_suffix (l->data, "Identifier") || g_str_has_suffix (l->data, "Name")
              || g_str_has_suffix (l->data, "Arn") || g_str_has_suffix (l->data, "Id")))
        add_needed (targets, step, value);
    }
}

/* What a change that was done made, also on the way, as the last snapshot of what it deleted; and what it
 * deleted need not be there any more. */
static void
add_made (GHashTable *targets, JsonObject *step)
{
  static const char *const verbs[] = {"Create", "Restore", "Copy"};
  static const char *const extra[] = {"New", "Final"};
  const char *operation = changing_operation (step);
  JsonObject *request = slip_json_object (step, "request");
  g_autofree char *subject
      = operation != NULL ? slip_run_targets_subject (operation, request) : NULL;
  g_autofree char *target = subject != NULL ? slip_run_target_new (step, subject) : NULL;
  g_autoptr (GList) members = operation != NULL ? json_object_get_members (request) : NULL;

  if (target != NULL && slip_run_fold_takes_away (operation))
    g_hash_table_remove (targets, target);
  for (guint i = 0; target != NULL && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_has_prefix (operation, verbs[i]))
      g_hash_table_add (targets, g_strdup (target));
  for (GList *l = members; l != NULL; l = l->next)
    for (guint i = 0; i < G_N_ELEMENTS (extra); i++)
      if (g_str_has_prefix (l->data, extra[i])
          && slip_run_target_is_mentioned (l->data, slip_json_string (request, l->data)))
        add_needed (targets, step, slip_json_string (request, l->data));
}

GHashTable *
slip_run_needs_list (SlipRunFold *fold)
{
  GHashTable *targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonArray) done = NULL;
  g_autoptr (JsonArray) left = NULL;

  g_return_val_if_fail (fold != NULL, targets);

  done = slip_run_targets_done (fold);
  left = slip_run_targets_left (fold);
  for (guint i = 0; i < json_array_get_length (done); i++)
    add_made (targets, json_array_get_object_element (done, i));
  for (guint i = 0; i < json_array_get_length (left); i++)
    add_sources (targets, json_array_get_object_element (left, i));
  return targets;
}

static void
add_taken (GHashTable *targets, JsonObject *step)
{
  JsonArray *body = slip_json_array (step, "body");
  JsonObject *request = slip_json_object (step, "request");
  const char *operation = changing_operation (step);
  g_autofree char *subject = NULL;
  g_autoptr (GList) members = NULL;

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    add_taken (targets, json_array_get_object_element (body, i));
  if (operation == NULL)
    return;
  subject
      = slip_run_fold_takes_away (operation) ? slip_run_targets_subject (operation, request) : NULL;
  if (subject != NULL)
    add_name (targets, step, subject);
  members = json_object_get_members (request);
  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *old = (const char *)l->data + strlen ("New");

      if (g_str_has_prefix (l->data, "New")
          && slip_run_target_is_mentioned (l->data, slip_json_string (request, l->data))
          && slip_run_target_is_known (slip_json_string (request, old)))
        add_needed (targets, step, slip_json_string (request, old));
    }
}

GHashTable *
slip_run_needs_list_taken (JsonArray *steps)
{
  GHashTable *targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    add_taken (targets, json_array_get_object_element (steps, i));
  return targets;
}
