/* SPDX-License-Identifier: MIT */

/* Which runbooks can be begun on a resource, and with which parameters. A runbook says so by its offers,
 * or by a parameter whose chooser lists such resources. */

#include "config.h"

#include "slip-resource-details.h"

#include "slip-json.h"
#include "slip-resource-text.h"

static char *
dup_cluster_name (SlipResource *resource)
{
  switch (slip_resource_get_kind (resource))
    {
    case SLIP_RESOURCE_CLUSTER:
    case SLIP_RESOURCE_SNAPSHOT_GROUP:
      return g_strdup (slip_resource_get_name (resource));
    case SLIP_RESOURCE_INSTANCE:
    case SLIP_RESOURCE_SNAPSHOT:
      return slip_resource_dup_member (resource, "DBClusterIdentifier");
    default:
      return NULL;
    }
}

static void
append_parameter (GString *query, SlipRunbookParameter *parameter, const char *value)
{
  g_string_append_printf (query, "&%s=", slip_runbook_parameter_get_name (parameter));
  g_string_append_uri_escaped (query, value, NULL, TRUE);
}

/* What a parameter with a chooser gets from a resource of the chooser's kind. */
static char *
dup_chosen (SlipResource *resource, const char *widget)
{
  SlipResourceKind kind = slip_resource_get_kind (resource);

  if (g_strcmp0 (widget, "cluster") == 0)
    return dup_cluster_name (resource);
  if (g_strcmp0 (widget, slip_resource_kind_get_name (kind)) != 0)
    return NULL;
  if (kind == SLIP_RESOURCE_RECOVERY_POINT || kind == SLIP_RESOURCE_ECS_TASK)
    return g_strdup (slip_resource_get_id (resource));
  return g_strdup (slip_resource_get_name (resource));
}

/* `*` stands for any value. */
static gboolean
has_value (SlipResource *resource, const char *field, const char *wanted)
{
  g_autofree char *value = slip_resource_dup_member (resource, field);

  return g_strcmp0 (wanted, "*") == 0 ? value != NULL && *value != '\0'
                                      : g_strcmp0 (value, wanted) == 0;
}

/* Whether the resource is of those that the offer is for: `where` narrows the kind by fields. */
static gboolean
is_offered_on (SlipResource *resource, JsonObject *offer)
{
  JsonObject *where = slip_json_object (offer, "where");
  g_autoptr (GList) fields = where != NULL ? json_object_get_members (where) : NULL;

  if (g_strcmp0 (slip_json_string (offer, "kind"),
                 slip_resource_kind_get_name (slip_resource_get_kind (resource)))
      != 0)
    return FALSE;
  for (GList *l = fields; l != NULL; l = l->next)
    if (!has_value (resource, l->data, slip_json_string (where, l->data)))
      return FALSE;
  return TRUE;
}

/* A runbook that says for which resources of a kind it is, is not for the others. */
static gboolean
is_left_out (SlipResource *resource, SlipRunbook *runbook)
{
  JsonObject *settings = slip_runbook_get_settings (runbook);
  JsonArray *offers = settings != NULL ? slip_json_array (settings, "offer") : NULL;
  const char *kind = slip_resource_kind_get_name (slip_resource_get_kind (resource));
  gboolean about_kind = FALSE;

  for (guint i = 0; offers != NULL && i < json_array_get_length (offers); i++)
    {
      JsonObject *offer = slip_json_node_object (json_array_get_element (offers, i));

      if (offer == NULL || g_strcmp0 (slip_json_string (offer, "kind"), kind) != 0)
        continue;
      if (is_offered_on (resource, offer))
        return FALSE;
      about_kind = TRUE;
    }
  return about_kind;
}

/* What an offer of the runbook says of a parameter: the field of the resource that it takes. */
static char *
dup_offered (SlipResource *resource, SlipRunbook *runbook, const char *parameter)
{
  JsonObject *settings = slip_runbook_get_settings (runbook);
  JsonArray *offers = settings != NULL ? slip_json_array (settings, "offer") : NULL;

  for (guint i = 0; offers != NULL && i < json_array_get_length (offers); i++)
    {
      JsonObject *offer = slip_json_node_object (json_array_get_element (offers, i));
      const char *field = offer != NULL ? slip_json_string (offer, "field") : NULL;

      if (offer == NULL || !is_offered_on (resource, offer)
          || g_strcmp0 (slip_json_string (offer, "parameter"), parameter) != 0)
        continue;
      return field != NULL ? slip_resource_dup_member (resource, field)
                           : g_strdup (slip_resource_get_name (resource));
    }
  return NULL;
}

/* Of two parameters with one chooser the offer says which the resource is: the cluster that is migrated into is not the one
 * that the migration works in. */
static gboolean
is_of_another (SlipResource *resource, SlipRunbook *runbook, const char *widget)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);
  gboolean offered = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (parameters) && !offered; i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      g_autofree char *value = NULL;

      if (g_strcmp0 (slip_runbook_parameter_get_widget (parameter), widget) == 0)
        value = dup_offered (resource, runbook, slip_runbook_parameter_get_name (parameter));
      offered = value != NULL;
    }
  return offered;
}

/* What a step destroys is offered where only one parameter can be meant: by the runbook's own word, or because no other
 * parameter takes such a resource. */
static gboolean
is_unsure (SlipRunbook *runbook, SlipRunbookParameter *parameter, const char *offered)
{
  const char *widget = slip_runbook_parameter_get_widget (parameter);
  GListModel *parameters = slip_runbook_get_parameters (runbook);

  if (!slip_runbook_parameter_is_destructive (parameter) || offered != NULL)
    return FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) other = g_list_model_get_item (parameters, i);

      if (other != parameter && g_strcmp0 (slip_runbook_parameter_get_widget (other), widget) == 0)
        return TRUE;
    }
  return FALSE;
}

char *
slip_resource_dup_wizard_page (SlipResource *resource, SlipRunbook *runbook)
{
  const char *region = slip_resource_get_region (resource);
  GListModel *parameters = slip_runbook_get_parameters (runbook);
  g_autoptr (GString) page = g_string_new ("wizard/");
  gboolean is_about = FALSE;

  if (is_left_out (resource, runbook))
    return NULL;
  g_string_append_uri_escaped (page, slip_runbook_get_name (runbook), NULL, TRUE);
  g_string_append (page, "?environment=");
  g_string_append_uri_escaped (
      page, slip_environment_get_name (slip_resource_get_environment (resource)), NULL, TRUE);
  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      const char *widget = slip_runbook_parameter_get_widget (parameter);
      g_autofree char *value
          = dup_offered (resource, runbook, slip_runbook_parameter_get_name (parameter));
      gboolean unsure = is_unsure (runbook, parameter, value);

      if (value == NULL && !is_of_another (resource, runbook, widget))
        value = dup_chosen (resource, widget);
      is_about = is_about || value != NULL;
      if (unsure)
        continue;
      if (value != NULL)
        append_parameter (page, parameter, value);
      else if (g_strcmp0 (widget, "region") == 0 && region != NULL)
        append_parameter (page, parameter, region);
    }
  return is_about ? g_string_free (g_steal_pointer (&page), FALSE) : NULL;
}
