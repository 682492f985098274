/* SPDX-License-Identifier: MIT */

/* Where the pickers of the wizard get their choices. */

#include "config.h"

#include "slip-choices.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-caller-workspace.h"
#include "slip-clock.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-planner.h"
#include "slip-resource-columns.h"
#include "slip-task.h"
#include "slip-template.h"

#define MAX_CHOICES 500
#define MAX_DEPTH 4

typedef struct
{
  SlipRunbook *runbook;
  SlipRunbookParameter *parameter;
  SlipCaller *caller;
  char *environment;
  JsonObject *parameters;
  SlipEstateList *list; /* where they are listed too, or NULL */
  JsonArray *choices;   /* those known without a call */
  JsonArray *found;     /* what the call listed, or NULL */
  GTask *task;
} Listing;

static void
listing_free (gpointer data)
{
  Listing *listing = data;

  g_object_unref (listing->runbook);
  g_object_unref (listing->parameter);
  slip_caller_unref (listing->caller);
  g_free (listing->environment);
  json_object_unref (listing->parameters);
  g_clear_object (&listing->list);
  json_array_unref (listing->choices);
  g_clear_pointer (&listing->found, json_array_unref);
  g_object_unref (listing->task);
  g_free (listing);
}

static gboolean
is_widget (SlipRunbookParameter *parameter, const char *widget)
{
  return g_strcmp0 (slip_runbook_parameter_get_widget (parameter), widget) == 0;
}

/* Choosers of what an environment holds: their name is that of the kind of resource. */
static const struct Chooser
{
  SlipEstateKind kind;
  SlipResourceKind resource;
} choosers[] = {
    {SLIP_ESTATE_DATABASES, SLIP_RESOURCE_CLUSTER},
    {SLIP_ESTATE_SNAPSHOTS, SLIP_RESOURCE_SNAPSHOT},
    {SLIP_ESTATE_VAULTS, SLIP_RESOURCE_RECOVERY_POINT},
    {SLIP_ESTATE_TABLES, SLIP_RESOURCE_TABLE},
    {SLIP_ESTATE_TASKS, SLIP_RESOURCE_ECS_SERVICE},
    {SLIP_ESTATE_TASKS, SLIP_RESOURCE_ECS_TASK},
    {SLIP_ESTATE_PIPELINES, SLIP_RESOURCE_PIPELINE},
};

static const struct Chooser *
find_chooser (SlipRunbookParameter *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (choosers); i++)
    if (is_widget (parameter, slip_resource_kind_get_name (choosers[i].resource)))
      return &choosers[i];
  return NULL;
}

gboolean
slip_choices_has (SlipRunbookParameter *parameter)
{
  return slip_runbook_parameter_get_suggestions (parameter) != NULL
         || slip_runbook_parameter_get_choices (parameter) != NULL
         || find_chooser (parameter) != NULL || is_widget (parameter, "account");
}

gboolean
slip_choices_is_point (SlipRunbookParameter *parameter)
{
  const struct Chooser *chooser = find_chooser (parameter);

  return chooser != NULL
         && (chooser->resource == SLIP_RESOURCE_SNAPSHOT
             || chooser->resource == SLIP_RESOURCE_RECOVERY_POINT);
}

SlipEstateList *
slip_choices_get_list (SlipWorkbench *workbench,
                       SlipEnvironment *environment,
                       SlipRunbookParameter *parameter)
{
  const struct Chooser *chooser = find_chooser (parameter);

  return chooser != NULL ? slip_workbench_get_estate (workbench, environment, chooser->kind) : NULL;
}

static void
add_choice (JsonArray *choices, const char *value, const char *title)
{
  JsonObject *choice;

  if (value == NULL || json_array_get_length (choices) >= MAX_CHOICES)
    return;
  choice = json_object_new ();
  json_object_set_string_member (choice, "value", value);
  json_object_set_string_member (choice, "title", title != NULL ? title : value);
  json_array_add_object_element (choices, choice);
}

static JsonNode *
look_up (const char *reference, gpointer data)
{
  JsonNode *node = json_object_get_member (data, reference);

  return node != NULL ? slip_json_copy (node) : NULL;
}

static void
add_suggestions (JsonArray *choices, SlipRunbookParameter *parameter, JsonObject *parameters)
{
  JsonArray *suggestions = slip_runbook_parameter_get_suggestions (parameter);

  for (guint i = 0; suggestions != NULL && i < json_array_get_length (suggestions); i++)
    {
      JsonNode *node = json_array_get_element (suggestions, i);
      JsonObject *object = slip_json_node_object (node);
      JsonNode *value = object != NULL ? json_object_get_member (object, "value") : node;
      g_autoptr (JsonNode) resolved
          = value != NULL ? slip_template_resolve (value, look_up, parameters, NULL, NULL) : NULL;

      if (resolved != NULL && JSON_NODE_HOLDS_VALUE (resolved)
          && json_node_get_value_type (resolved) == G_TYPE_STRING)
        add_choice (choices, json_node_get_string (resolved),
                    object != NULL ? slip_json_string (object, "title") : NULL);
    }
}

static void
add_accounts (JsonArray *choices, SlipWorkbench *workbench, SlipEnvironment *own)
{
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (workbench));

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);
      g_autofree char *account = slip_format_account (slip_environment_get_account (environment));
      g_autofree char *title
          = g_strdup_printf ("%s  ·  %s", slip_environment_get_title (environment), account);

      if (environment != own)
        add_choice (choices, slip_environment_get_account (environment), title);
    }
}

/* What tells one from another: state, age of the data, and of what is restored its size. */
static char *
dup_title (SlipResource *resource, const char *value)
{
  g_autofree char *age = slip_resource_dup_age (resource);
  g_autofree char *size = slip_format_size (slip_resource_get_size (resource));
  SlipResourceKind kind = slip_resource_get_kind (resource);
  gboolean has_size
      = (kind == SLIP_RESOURCE_RECOVERY_POINT || kind == SLIP_RESOURCE_TABLE) && size[0] != '\0';

  return g_strdup_printf (
      "%s  ·  %s  ·  %s%s%s", value != NULL ? value : slip_resource_get_name (resource),
      slip_resource_get_status (resource), age, has_size ? "  ·  " : "", has_size ? size : "");
}

static const char *
get_value (SlipResource *resource)
{
  SlipResourceKind kind = slip_resource_get_kind (resource);
  gboolean by_id = kind == SLIP_RESOURCE_RECOVERY_POINT || kind == SLIP_RESOURCE_ECS_TASK;

  return by_id ? slip_resource_get_id (resource) : slip_resource_get_name (resource);
}

/* Of somebody else a snapshot is listed by its ARN, and asked for by its name too. */
static gboolean
is_called (SlipResource *resource, const char *value)
{
  const char *own = get_value (resource);
  const char *colon = own != NULL && g_str_has_prefix (own, "arn:") ? strrchr (own, ':') : NULL;

  return g_strcmp0 (own, value) == 0
         || (slip_resource_get_kind (resource) == SLIP_RESOURCE_SNAPSHOT && colon != NULL
             && g_str_equal (colon + 1, value));
}

static SlipResource *
find_resource (GListModel *items, SlipResourceKind kind, const char *value, guint depth)
{
  guint n = items != NULL ? g_list_model_get_n_items (items) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) resource = g_list_model_get_item (items, i);
      SlipResource *below;

      if (slip_resource_get_kind (resource) == kind && is_called (resource, value))
        return resource; /* The list keeps it. */
      below = depth < MAX_DEPTH
                  ? find_resource (slip_resource_get_children (resource), kind, value, depth + 1)
                  : NULL;
      if (below != NULL)
        return below;
    }
  return NULL;
}

SlipResource *
slip_choices_find (SlipEstateList *list, SlipRunbookParameter *parameter, const char *value)
{
  const struct Chooser *chooser = find_chooser (parameter);

  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (list), NULL);
  return chooser != NULL && value != NULL
             ? find_resource (G_LIST_MODEL (list), chooser->resource, value, 0)
             : NULL;
}

static void
add_resources (JsonArray *choices, GListModel *items, SlipResourceKind kind, guint depth)
{
  guint n = g_list_model_get_n_items (items);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) resource = g_list_model_get_item (items, i);
      GListModel *children = slip_resource_get_children (resource);

      if (slip_resource_get_kind (resource) == kind)
        {
          g_autofree char *title = dup_title (resource, NULL);

          add_choice (choices, get_value (resource), title);
        }
      if (children != NULL && depth < MAX_DEPTH)
        add_resources (choices, children, kind, depth + 1);
    }
}

/* In the form it is a field above that is empty, by the name that it has there. */
static gboolean
refuse_missing (Listing *listing, GError **error)
{
  SlipRunbookParameter *missing
      = slip_planner_find_missing (listing->runbook, listing->parameter, listing->caller,
                                   listing->environment, listing->parameters);

  if (missing == NULL)
    return FALSE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
               _ ("“%s” is chosen by “%s”, which is empty. Fill that in first."),
               slip_runbook_parameter_get_title (listing->parameter),
               slip_runbook_parameter_get_title (missing));
  return TRUE;
}

static gboolean
list_choices (SlipJob *job, gpointer data, GError **error)
{
  Listing *listing = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  if (refuse_missing (listing, error))
    return FALSE;
  listing->found
      = slip_planner_list_choices (listing->runbook, listing->parameter, listing->caller,
                                   listing->environment, listing->parameters, cancellable, error);
  return listing->found != NULL;
}

/* The title of what is known already under that value, and takes its place; NULL when there is none. */
static char *
steal_title (JsonArray *choices, const char *value)
{
  for (guint i = 0; i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = json_array_get_object_element (choices, i);
      char *title;

      if (g_strcmp0 (slip_json_string (choice, "value"), value) != 0)
        continue;
      title = g_strdup (slip_json_string (choice, "title"));
      json_array_remove_element (choices, i);
      return title;
    }
  return NULL;
}

static char *
dup_found_title (Listing *listing, JsonObject *found, const char *value)
{
  SlipResource *resource
      = listing->list != NULL ? slip_choices_find (listing->list, listing->parameter, value) : NULL;
  const char *time = slip_json_string (found, "time");
  const char *title = slip_json_string (found, "title");
  const char *state = slip_json_string (found, "state");
  g_autofree char *age = NULL;
  gint64 made;

  if (resource != NULL)
    return dup_title (resource,
                      slip_resource_get_kind (resource) == SLIP_RESOURCE_SNAPSHOT ? value : NULL);
  if (time != NULL && slip_time_parse (time, &made))
    age = slip_format_age (made, g_get_real_time ());
  if (age != NULL && slip_json_bool (found, "copied", FALSE))
    {
      g_autofree char *copied = g_strdup_printf (_ ("copied %s, its data is older"), age);

      g_free (g_steal_pointer (&age));
      age = g_steal_pointer (&copied);
    }
  return g_strconcat (title != NULL ? title : value, state != NULL ? "  ·  " : "",
                      state != NULL ? state : "", age != NULL ? "  ·  " : "",
                      age != NULL ? age : "", NULL);
}

/* What the call listed, told as the estate tells it; the estate alone would offer what does not fit. */
static JsonArray *
merge (Listing *listing)
{
  JsonArray *merged = json_array_new ();
  guint n = listing->found != NULL ? json_array_get_length (listing->found) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *found = slip_json_node_object (json_array_get_element (listing->found, i));
      const char *value = found != NULL ? slip_json_string (found, "value") : NULL;
      g_autofree char *known = value != NULL ? steal_title (listing->choices, value) : NULL;
      g_autofree char *title = value != NULL ? dup_found_title (listing, found, value) : NULL;
      g_autofree char *both = known != NULL && g_strcmp0 (known, value) != 0
                                  ? g_strdup_printf ("%s  ·  %s", title, known)
                                  : NULL;

      if (value != NULL)
        add_choice (merged, value, both != NULL ? both : title);
    }
  if (listing->found == NULL && listing->list != NULL)
    add_resources (merged, G_LIST_MODEL (listing->list),
                   find_chooser (listing->parameter)->resource, 0);
  for (guint i = 0; i < json_array_get_length (listing->choices); i++)
    json_array_add_element (merged, slip_json_copy (json_array_get_element (listing->choices, i)));
  return merged;
}

static void
listed_cb (gpointer owner, gpointer data, const GError *error)
{
  Listing *listing = data;
  g_autoptr (JsonArray) merged = merge (listing);

  if (error != NULL && json_array_get_length (merged) == 0)
    g_task_return_error (listing->task, g_error_copy (error));
  else
    g_task_return_pointer (listing->task, g_steal_pointer (&merged),
                           (GDestroyNotify)json_array_unref);
}

void
slip_choices_list_async (SlipWorkbench *workbench,
                         SlipRunbook *runbook,
                         SlipRunbookParameter *parameter,
                         SlipEnvironment *environment,
                         JsonObject *parameters,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (workbench, NULL, callback, user_data);
  g_autoptr (JsonArray) choices = json_array_new ();
  g_autoptr (SlipJob) job = NULL;
  SlipEstateList *list;
  Listing *listing;

  g_task_set_source_tag (task, slip_choices_list_async);
  add_suggestions (choices, parameter, parameters);
  if (is_widget (parameter, "account"))
    add_accounts (choices, workbench, environment);
  list = slip_choices_get_list (workbench, environment, parameter);
  if (slip_runbook_parameter_get_choices (parameter) == NULL)
    {
      if (list != NULL)
        add_resources (choices, G_LIST_MODEL (list), find_chooser (parameter)->resource, 0);
      g_task_return_pointer (task, g_steal_pointer (&choices), (GDestroyNotify)json_array_unref);
      return;
    }

  listing = g_new0 (Listing, 1);
  listing->runbook = g_object_ref (runbook);
  listing->parameter = g_object_ref (parameter);
  listing->caller = slip_caller_new_for_workspace (slip_workbench_get_workspace (workbench));
  listing->environment = g_strdup (slip_environment_get_name (environment));
  listing->parameters = json_object_ref (parameters);
  listing->list = list != NULL ? g_object_ref (list) : NULL;
  listing->choices = g_steal_pointer (&choices);
  listing->task = g_steal_pointer (&task);
  job = slip_task_run (workbench, slip_pool_get_io (), _ ("Listing choices"), list_choices,
                       listed_cb, listing, listing_free);
}

JsonArray *
slip_choices_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, slip_choices_list_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
