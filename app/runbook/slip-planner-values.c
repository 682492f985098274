/* SPDX-License-Identifier: MIT */
/* What references come to while a plan is made: parameters, variables, what was read, the workstation's
 * own values. Names of steps in a loop are renamed to those of the turn first. */

#include "slip-json.h"
#include "slip-planner-private.h"
#include "slip-template.h"

#include <string.h>

typedef struct
{
  SlipPlanning *planning;
  const SlipPlanScope *scope;
  gboolean use;
  GError *error;
} Lookup;

static char *
format_time (gint64 time_us, const char *format)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);

  return g_date_time_format (time, format);
}

static JsonNode *
string_or_null (const char *text)
{
  return text != NULL ? slip_json_new_string (text) : NULL;
}

static JsonNode *
find_setting (JsonObject *facts, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  JsonObject *object = slip_json_object (facts, "settings");
  JsonNode *node = NULL;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      node = object != NULL ? json_object_get_member (object, parts[i]) : NULL;
      object = node != NULL ? slip_json_node_object (node) : NULL;
    }
  return node != NULL ? slip_json_copy (node) : NULL;
}

/* The environment that has an account. */
static JsonNode *
find_environment (JsonObject *facts, const char *account)
{
  JsonObject *accounts = slip_json_object (facts, "accounts");

  return accounts != NULL ? string_or_null (slip_json_string (accounts, account)) : NULL;
}

JsonNode *
slip_planning_workstation_value (JsonObject *facts, gint64 started, const char *name)
{
  JsonArray *regions = slip_json_array (facts, "regions");
  g_autofree char *time = NULL;

  if (g_str_equal (name, "environment"))
    return string_or_null (slip_json_string (facts, "name"));
  if (g_str_equal (name, "account"))
    return string_or_null (slip_json_string (facts, "account"));
  if (g_str_equal (name, "region"))
    return regions != NULL && json_array_get_length (regions) > 0
               ? slip_json_copy (json_array_get_element (regions, 0))
               : NULL;
  if (g_str_equal (name, "minute"))
    time = format_time (started, "%Y%m%d%H%M");
  else if (g_str_equal (name, "date"))
    time = format_time (started, "%Y-%m-%d");
  else if (g_str_equal (name, "day"))
    time = format_time (started, "%Y%m%d");
  else if (g_str_equal (name, "second"))
    time = format_time (started, "%Y%m%d%H%M%S");
  else if (g_str_has_prefix (name, "setting."))
    return find_setting (facts, name + strlen ("setting."));
  else if (g_str_has_prefix (name, "environment-of."))
    return find_environment (facts, name + strlen ("environment-of."));
  return string_or_null (time);
}

/* What only this workstation knows is written down with the plan, so that another one can tell what it
 * was made with. */
static JsonNode *
find_own (SlipPlanning *planning, const char *reference)
{
  const char *name = reference + strlen ("slipway:");
  JsonObject *globals
      = planning->made != NULL ? slip_json_object (planning->made, "globals") : NULL;
  JsonNode *node;

  if (!g_str_has_prefix (name, "setting.") && !g_str_has_prefix (name, "environment-of."))
    return slip_planning_workstation_value (planning->facts, planning->started, name);
  if (globals != NULL && json_object_has_member (globals, reference))
    node = slip_json_copy (json_object_get_member (globals, reference));
  else
    node = slip_planning_workstation_value (planning->facts, planning->started, name);
  if (node != NULL)
    json_object_set_member (planning->globals, reference, slip_json_copy (node));
  return node;
}

static JsonNode *
find_global (SlipPlanning *planning, const char *reference)
{
  JsonNode *node = NULL;
  g_autofree char *text = NULL;

  if (g_str_equal (reference, "global:DATE"))
    text = format_time (planning->started, "%Y-%m-%d");
  else if (g_str_equal (reference, "global:DATE_TIME"))
    text = format_time (planning->started, "%Y-%m-%d_%H.%M.%S");
  else if (g_str_equal (reference, "global:REGION"))
    text = g_strdup (planning->region);
  else if (g_str_equal (reference, "global:ACCOUNT_ID"))
    text = g_strdup (slip_json_string (planning->facts, "account"));
  if (text == NULL)
    return NULL;
  node = slip_json_new_string (text);
  json_object_set_member (planning->globals, reference, slip_json_copy (node));
  return node;
}

static JsonNode *
find_loop_value (const SlipPlanScope *scope, const char *reference)
{
  JsonNode *node;

  if (scope->number == 0)
    return NULL;
  if (g_str_has_suffix (reference, ".CurrentIteratorValue"))
    return scope->value != NULL ? json_node_ref (scope->value) : NULL;
  if (!g_str_has_suffix (reference, ".CurrentIteration"))
    return NULL;
  node = json_node_alloc ();
  return json_node_init_int (node, scope->number);
}

static JsonNode *
find_output (SlipPlanning *planning, const char *reference, gboolean use)
{
  JsonNode *node = g_hash_table_lookup (planning->known, reference);

  /* Whoever asks for what is not there builds on that, too. */
  if (use || node == NULL)
    g_hash_table_add (planning->used, g_strdup (reference));
  return node != NULL ? json_node_ref (node) : NULL;
}

static JsonNode *
find_value (Lookup *lookup, const char *reference)
{
  SlipPlanning *planning = lookup->planning;
  g_autofree char *own = NULL;
  JsonNode *node;

  if (g_str_has_prefix (reference, "slipway:"))
    return find_own (planning, reference);
  if (g_str_has_prefix (reference, "global:"))
    return find_global (planning, reference);
  if (g_str_has_prefix (reference, "automation:"))
    return NULL;
  if (g_str_has_prefix (reference, "variable:"))
    {
      node = json_object_get_member (planning->variables, reference + strlen ("variable:"));
      return node != NULL ? json_node_ref (node) : NULL;
    }
  if (lookup->scope->loop != NULL)
    own = g_strdup_printf ("%s.Current", lookup->scope->loop);
  if (own != NULL && g_str_has_prefix (reference, own))
    return find_loop_value (lookup->scope, reference);
  if (strchr (reference, '.') != NULL)
    return find_output (planning, reference, lookup->use);
  node = json_object_get_member (planning->parameters, reference);
  return node != NULL ? json_node_ref (node) : NULL;
}

void
slip_planning_know (SlipPlanning *planning, const char *id, const char *output, JsonNode *value)
{
  char *reference = g_strconcat (id, ".", output, NULL);

  if (slip_template_has_references (value))
    g_hash_table_add (planning->unfit, g_strdup (reference));
  else
    g_hash_table_remove (planning->unfit, reference);
  g_hash_table_replace (planning->known, reference, slip_json_copy (value));
}

/* What a step yielded is large and asked for often: it was looked through when it became known. */
static gboolean
is_fit (SlipPlanning *planning, const char *reference, JsonNode *node)
{
  if (g_hash_table_lookup (planning->known, reference) == node)
    return !g_hash_table_contains (planning->unfit, reference);
  return !slip_template_has_references (node);
}

/* What AWS answered must not turn into a reference of ours. */
static JsonNode *
look_up (const char *reference, gpointer data)
{
  Lookup *lookup = data;
  JsonNode *node = find_value (lookup, reference);

  if (node == NULL || is_fit (lookup->planning, reference, node))
    return node;
  json_node_unref (node);
  if (lookup->error == NULL)
    g_set_error (&lookup->error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                 "the value of %s holds {{, which would be read as a reference", reference);
  return NULL;
}

gboolean
slip_planning_is_of_turn (const SlipPlanScope *scope, const char *name)
{
  for (guint i = 0; scope->body != NULL && i < json_array_get_length (scope->body); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (scope->body, i), "name"), name)
        == 0)
      return TRUE;
  return FALSE;
}

static char *
rename_reference (const char *reference, gpointer data)
{
  const SlipPlanScope *scope = data;
  const char *dot = strchr (reference, '.');
  g_autofree char *step = dot != NULL ? g_strndup (reference, (gsize)(dot - reference)) : NULL;

  if (step == NULL || strchr (reference, ':') != NULL)
    return NULL;
  if (slip_planning_is_of_turn (scope, step))
    return g_strconcat (scope->prefix, reference, NULL);
  if (scope->number == 0 && g_str_equal (step, scope->loop) && g_str_has_prefix (dot, ".Current"))
    return g_strdup_printf ("%s[*]%s", scope->loop, dot);
  return NULL;
}

JsonNode *
slip_planning_resolve (SlipPlanning *planning,
                       const SlipPlanScope *scope,
                       JsonNode *node,
                       gboolean use,
                       GPtrArray *unknown,
                       GError **error)
{
  Lookup lookup = {.planning = planning, .scope = scope, .use = use};
  g_autoptr (GPtrArray) ignored = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) renamed = NULL;
  g_autoptr (JsonNode) resolved = NULL;

  if (scope->loop != NULL)
    renamed = slip_template_rename (node, rename_reference, (gpointer)scope);
  resolved = slip_template_resolve (renamed != NULL ? renamed : node, look_up, &lookup,
                                    unknown != NULL ? unknown : ignored, error);
  if (lookup.error == NULL)
    return g_steal_pointer (&resolved);
  g_clear_error (error);
  g_propagate_error (error, lookup.error);
  return NULL;
}

char *
slip_planning_resolve_text (SlipPlanning *planning, const SlipPlanScope *scope, const char *text)
{
  g_autoptr (JsonNode) node = slip_json_new_string (text);
  g_autoptr (JsonNode) resolved = slip_planning_resolve (planning, scope, node, FALSE, NULL, NULL);

  if (resolved == NULL || !JSON_NODE_HOLDS_VALUE (resolved)
      || json_node_get_value_type (resolved) != G_TYPE_STRING)
    return resolved != NULL ? slip_json_to_text (resolved, FALSE) : g_strdup (text);
  return g_strdup (json_node_get_string (resolved));
}
