/* SPDX-License-Identifier: MIT */
/* Judges plans of Terraform by what they would do to which resource, never by their text. What would
 * be deleted or replaced must be named beforehand; everything else is told. */

#include "slip-terraform-judge.h"

#include "slip-json.h"
#include "slip-run.h"
#include "slip-terraform-rest.h"
#include "slip-terraform-values.h"

#include <string.h>

static const char *const actions[]
    = {"create", "update", "delete", "replace", "read", "import", "forget", "none", NULL};

static const char *
text_at (JsonArray *list, guint index)
{
  JsonNode *node = json_array_get_element (list, index);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return "";
  return json_node_get_string (node);
}

static const char *const members[]
    = {"name", "addresses", "actions", "attributes", "values", "refuse", "required", NULL};

/* ---- rules in documents */

static void
report_list (
    JsonObject *rule, const char *name, guint index, SlipTerraformReport report, gpointer data)
{
  JsonArray *list = slip_json_array (rule, name);
  g_autofree char *place = g_strdup_printf ("[%u].%s", index, name);

  if (list == NULL || json_array_get_length (list) == 0)
    {
      report (place, "must be a list with at least one element", data);
      return;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (text == NULL)
        report (place, "must be a list of strings", data);
      else if (g_str_equal (name, "actions") && strstr (text, "{{") == NULL
               && !g_strv_contains (actions, text))
        {
          g_autofree char *known = g_strjoinv (", ", (char **)actions);
          g_autofree char *message = g_strdup_printf ("“%s” is not one of: %s", text, known);

          report (place, message, data);
        }
    }
}

static gboolean
is_pattern (JsonNode *node)
{
  JsonArray *list = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (list, i)))
      return FALSE;
  return list != NULL ? json_array_get_length (list) > 0 : JSON_NODE_HOLDS_VALUE (node);
}

static void
report_values (JsonObject *rule, guint index, SlipTerraformReport report, gpointer data)
{
  JsonObject *values = slip_json_object (rule, "values");
  g_autoptr (GList) names = values != NULL ? json_object_get_members (values) : NULL;
  g_autofree char *place = g_strdup_printf ("[%u].values", index);

  if (names == NULL)
    report (place, "must be a map of names of members to what they may become", data);
  for (GList *l = names; l != NULL; l = l->next)
    if (!is_pattern (json_object_get_member (values, l->data)))
      report (place, "what a member may become is a text, or a list of texts", data);
}

static void
check_rule (JsonObject *rule, guint index, SlipTerraformReport report, gpointer data)
{
  g_autoptr (GList) names = json_object_get_members (rule);
  g_autofree char *place = g_strdup_printf ("[%u]", index);
  gboolean refuse = slip_json_bool (rule, "refuse", FALSE);

  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (members, l->data))
      {
        g_autofree char *message
            = g_strdup_printf ("a rule has no %s; it has name, addresses, actions, attributes, "
                               "values, refuse and required",
                               (const char *)l->data);

        report (place, message, data);
      }
  if (slip_json_string (rule, "name") == NULL)
    report (place, "a rule needs a name: it is what people read", data);
  report_list (rule, "addresses", index, report, data);
  if (!refuse || json_object_has_member (rule, "actions"))
    report_list (rule, "actions", index, report, data);
  if (json_object_has_member (rule, "attributes"))
    report_list (rule, "attributes", index, report, data);
  if (json_object_has_member (rule, "values"))
    report_values (rule, index, report, data);
  if (refuse && slip_json_bool (rule, "required", FALSE))
    report (place, "a rule cannot both refuse and require", data);
}

void
slip_terraform_check_rules (JsonArray *rules, SlipTerraformReport report, gpointer data)
{
  for (guint i = 0; i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = slip_json_node_object (json_array_get_element (rules, i));
      g_autofree char *place = g_strdup_printf ("[%u]", i);

      if (rule == NULL)
        report (place, "must be a map with name, addresses and actions", data);
      else
        check_rule (rule, i, report, data);
    }
}

/* ---- what a plan would do */

static gboolean
has_action (JsonArray *list, const char *action)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (text_at (list, i), action) == 0)
      return TRUE;
  return FALSE;
}

/* Terraform says [delete, create] and [create, delete] for a replacement. */
const char *
slip_terraform_name_action (JsonObject *change)
{
  JsonArray *list = slip_json_array (change, "actions");
  gboolean creates = has_action (list, "create");
  gboolean deletes = has_action (list, "delete");

  if (creates && deletes)
    return "replace";
  if (json_object_has_member (change, "importing") && !creates && !deletes)
    return has_action (list, "update") ? "update" : "import";
  if (list == NULL || json_array_get_length (list) == 0 || has_action (list, "no-op"))
    return NULL;
  return creates ? "create" : deletes ? "delete" : text_at (list, 0);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* The names of attributes whose values differ or will be known only later. */
static JsonArray *
changed_attributes (JsonObject *change)
{
  JsonObject *before = slip_json_object (change, "before");
  JsonObject *after = slip_json_object (change, "after");
  JsonObject *unknown = slip_json_object (change, "after_unknown");
  JsonArray *names = json_array_new ();
  g_autoptr (GHashTable) all = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *objects[] = {before, after, unknown};
  GList *sorted;

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autoptr (GList) own = objects[i] != NULL ? json_object_get_members (objects[i]) : NULL;

      for (GList *l = own; l != NULL; l = l->next)
        g_hash_table_add (all, l->data);
    }
  sorted = g_list_sort (g_hash_table_get_keys (all), compare_names);
  for (GList *l = sorted; l != NULL && before != NULL && after != NULL; l = l->next)
    {
      JsonNode *old = json_object_get_member (before, l->data);
      JsonNode *new = json_object_get_member (after, l->data);
      gboolean later = unknown != NULL && slip_json_bool (unknown, l->data, FALSE);

      if (later || (old == NULL) != (new == NULL) || (old != NULL && !slip_json_equal (old, new)))
        json_array_add_string_element (names, l->data);
    }
  g_list_free (sorted);
  return names;
}

JsonArray *
slip_terraform_summarise (JsonObject *plan, JsonObject *confirmed)
{
  JsonArray *all = slip_json_array (plan, "resource_changes");
  JsonArray *changes = json_array_new ();

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonObject *resource = slip_json_node_object (json_array_get_element (all, i));
      JsonObject *change = resource != NULL ? slip_json_object (resource, "change") : NULL;
      const char *action = change != NULL ? slip_terraform_name_action (change) : NULL;
      const char *reason = resource != NULL ? slip_json_string (resource, "action_reason") : NULL;
      JsonObject *summary;

      if (action == NULL)
        continue;
      summary = json_object_new ();
      json_object_set_string_member (summary, "address", slip_json_string (resource, "address"));
      json_object_set_string_member (summary, "type", slip_json_string (resource, "type"));
      json_object_set_string_member (summary, "action", action);
      json_object_set_array_member (summary, "attributes", changed_attributes (change));
      if (reason != NULL)
        json_object_set_string_member (summary, "reason", reason);
      if (confirmed != NULL)
        json_object_set_boolean_member (summary, SLIP_TERRAFORM_CONFIRMED,
                                        slip_terraform_is_rest (confirmed, resource));
      json_array_add_object_element (changes, summary);
    }
  return changes;
}

/* ---- judging */

static gboolean
names_address (JsonObject *rule, const char *address)
{
  JsonArray *addresses = slip_json_array (rule, "addresses");

  for (guint i = 0; addresses != NULL && i < json_array_get_length (addresses); i++)
    if (slip_terraform_matches (text_at (addresses, i), address))
      return TRUE;
  return FALSE;
}

static gboolean
names_attributes (JsonObject *rule, JsonObject *change)
{
  JsonArray *allowed = slip_json_array (rule, "attributes");
  JsonArray *changed = slip_json_array (change, "attributes");

  for (guint i = 0; allowed != NULL && i < json_array_get_length (changed); i++)
    if (!has_action (allowed, text_at (changed, i)))
      return FALSE;
  return TRUE;
}

static gboolean
fits (JsonObject *rule, JsonObject *change)
{
  JsonArray *list = slip_json_array (rule, "actions");

  return names_address (rule, slip_json_string (change, "address"))
         && (list == NULL || has_action (list, slip_json_string (change, "action")))
         && names_attributes (rule, change);
}

/* The resource of @plan that @change sums up. */
static JsonObject *
find_resource (JsonObject *plan, JsonObject *change)
{
  JsonArray *all = plan != NULL ? slip_json_array (plan, "resource_changes") : NULL;

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonObject *resource = json_array_get_object_element (all, i);

      if (g_strcmp0 (slip_json_string (resource, "address"), slip_json_string (change, "address"))
              == 0
          && g_strcmp0 (slip_terraform_name_action (slip_json_object (resource, "change")),
                        slip_json_string (change, "action"))
                 == 0)
        return resource;
    }
  return NULL;
}

/* A rule that allows needs its values to hold, one that refuses refuses where they do not. */
static gboolean
values_fit (JsonObject *rule, JsonObject *resource, char **why)
{
  JsonObject *values = slip_json_object (rule, "values");
  g_autofree char *wrong = values != NULL ? slip_terraform_hold_values (values, resource) : NULL;
  gboolean fit = values == NULL || (wrong != NULL) == slip_json_bool (rule, "refuse", FALSE);

  if (wrong != NULL && why != NULL && *why == NULL)
    *why = g_steal_pointer (&wrong);
  return fit;
}

static JsonObject *
find_rule (JsonArray *rules, JsonObject *change, JsonObject *resource, gboolean refuse, char **why)
{
  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = json_array_get_object_element (rules, i);

      if (slip_json_bool (rule, "refuse", FALSE) == refuse && fits (rule, change)
          && values_fit (rule, resource, why))
        return rule;
    }
  return NULL;
}

static gboolean
is_harsh (const char *action)
{
  return g_str_equal (action, "delete") || g_str_equal (action, "replace")
         || g_str_equal (action, "forget");
}

/* Why @change is refused, or NULL. */
static char *
judge_change (JsonObject *change,
              JsonObject *resource,
              JsonArray *rules,
              gboolean strict,
              JsonArray *unexpected)
{
  const char *address = slip_json_string (change, "address");
  const char *action = slip_json_string (change, "action");
  g_autofree char *why = NULL;
  JsonObject *refused = find_rule (rules, change, resource, TRUE, &why);
  JsonObject *allowed = find_rule (rules, change, resource, FALSE, &why);
  g_autofree char *told = g_strdup_printf ("%s: %s", address, action);

  /* It was judged as part of that plan; a half of a replacement would be refused now. */
  if (slip_json_bool (change, SLIP_TERRAFORM_CONFIRMED, FALSE))
    {
      json_object_set_string_member (change, "rule",
                                     allowed != NULL ? slip_json_string (allowed, "name")
                                                     : "the rest of what was confirmed");
      return NULL;
    }
  if (refused != NULL)
    return g_strdup_printf ("%s of %s is refused by “%s”%s%s", action, address,
                            slip_json_string (refused, "name"), why != NULL ? ": " : "",
                            why != NULL ? why : "");
  if (allowed != NULL)
    {
      json_object_set_string_member (change, "rule", slip_json_string (allowed, "name"));
      return NULL;
    }
  if (g_str_equal (action, "read"))
    return NULL;
  json_array_add_string_element (unexpected, told);
  if (!is_harsh (action) && !strict)
    return NULL;
  return g_strdup_printf ("%s of %s is expected by no rule%s%s", action, address,
                          why != NULL ? ": " : "", why != NULL ? why : "");
}

/* Whether @plan knows a resource that the rule names, and leaves it as it is. */
static gboolean
is_there (JsonObject *rule, JsonObject *plan)
{
  JsonArray *all = plan != NULL ? slip_json_array (plan, "resource_changes") : NULL;

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonObject *resource = json_array_get_object_element (all, i);

      if (slip_terraform_name_action (slip_json_object (resource, "change")) == NULL
          && names_address (rule, slip_json_string (resource, "address")))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_met (JsonObject *rule, JsonArray *changes, JsonObject *plan)
{
  if (has_action (slip_json_array (rule, "actions"), "none") && is_there (rule, plan))
    return TRUE;
  for (guint i = 0; i < json_array_get_length (changes); i++)
    {
      JsonObject *change = json_array_get_object_element (changes, i);

      if (fits (rule, change) && values_fit (rule, find_resource (plan, change), NULL))
        return TRUE;
    }
  return FALSE;
}

gboolean
slip_terraform_judge (JsonArray *changes,
                      JsonObject *plan,
                      JsonArray *rules,
                      gboolean strict,
                      JsonArray **unexpected,
                      GError **error)
{
  g_autoptr (GString) reasons = g_string_new (NULL);

  *unexpected = json_array_new ();
  for (guint i = 0; i < json_array_get_length (changes); i++)
    {
      JsonObject *change = json_array_get_object_element (changes, i);
      g_autofree char *reason
          = judge_change (change, find_resource (plan, change), rules, strict, *unexpected);

      if (reason != NULL)
        g_string_append_printf (reasons, "%s%s", reasons->len > 0 ? "; " : "", reason);
    }
  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = json_array_get_object_element (rules, i);

      if (slip_json_bool (rule, "required", FALSE) && !is_met (rule, changes, plan))
        g_string_append_printf (reasons, "%sthe plan does not do “%s”",
                                reasons->len > 0 ? "; " : "", slip_json_string (rule, "name"));
    }
  if (reasons->len == 0)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the plan of Terraform is not what this step may do: %s", reasons->str);
  return FALSE;
}
