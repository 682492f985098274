/* SPDX-License-Identifier: MIT */

/* From a snapshot to the global cluster that goes back to it. Both are listed already, or are listed for this; nothing is
 * called that the pickers of the form would not call. */

#include "config.h"

#include "slip-global-offer.h"

#include <glib/gi18n.h>

#include "slip-choices.h"
#include "slip-json.h"
#include "slip-resource-text.h"

#define SLIP_TYPE_GLOBAL_OFFER (slip_global_offer_get_type ())
G_DECLARE_FINAL_TYPE (SlipGlobalOffer, slip_global_offer, SLIP, GLOBAL_OFFER, GObject)

enum
{
  SNAPSHOTS,
  DATABASES,
  N_LISTS
};

struct _SlipGlobalOffer
{
  GObject parent_instance;

  SlipWorkbench *workbench;     /* owned */
  SlipParameterForm *form;      /* borrowed; it holds this */
  SlipParameterField *snapshot; /* owned */
  SlipParameterField *field;    /* owned; what takes the global cluster */
  SlipEstateList *lists[N_LISTS];
  gulong handlers[N_LISTS];
};

G_DEFINE_FINAL_TYPE (SlipGlobalOffer, slip_global_offer, G_TYPE_OBJECT)

static gboolean
has_member (SlipResource *global, const char *cluster_arn)
{
  g_autoptr (JsonObject) fields = slip_resource_dup_fields (global);
  JsonArray *members = fields != NULL ? slip_json_array (fields, "GlobalClusterMembers") : NULL;

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *member = slip_json_node_object (json_array_get_element (members, i));

      if (member != NULL && g_strcmp0 (slip_json_string (member, "DBClusterArn"), cluster_arn) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A cluster is a member of one global cluster at most. */
static char *
dup_global (SlipGlobalOffer *self, const char *cluster_arn)
{
  GListModel *items = G_LIST_MODEL (self->lists[DATABASES]);

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (SlipResource) item = g_list_model_get_item (items, i);

      if (slip_resource_get_kind (item) == SLIP_RESOURCE_GLOBAL_CLUSTER
          && has_member (item, cluster_arn))
        return g_strdup (slip_resource_get_name (item));
    }
  return NULL;
}

/* That of the cluster by which the snapshot was taken: they are of one region and account. */
static char *
dup_cluster_arn (SlipResource *snapshot, const char *cluster)
{
  g_auto (GStrv) parts = g_strsplit (slip_resource_get_id (snapshot), ":", 6);

  if (g_strv_length (parts) < 6 || cluster == NULL)
    return NULL;
  return g_strdup_printf ("%s:%s:%s:%s:%s:cluster:%s", parts[0], parts[1], parts[2], parts[3],
                          parts[4], cluster);
}

/* What stands in the field, or what is offered for it. */
static SlipResource *
find_snapshot (SlipGlobalOffer *self)
{
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) value = slip_parameter_field_dup_value (self->snapshot, &message);
  const char *name = value != NULL && JSON_NODE_HOLDS_VALUE (value)
                         ? json_node_get_string (value)
                         : slip_parameter_field_get_offer (self->snapshot);

  if (name == NULL || self->lists[SNAPSHOTS] == NULL || self->lists[DATABASES] == NULL)
    return NULL;
  return slip_choices_find (self->lists[SNAPSHOTS],
                            slip_parameter_field_get_parameter (self->snapshot), name);
}

static void
show (SlipGlobalOffer *self)
{
  SlipResource *snapshot = find_snapshot (self);
  g_autofree char *cluster
      = snapshot != NULL ? slip_resource_dup_member (snapshot, "DBClusterIdentifier") : NULL;
  g_autofree char *arn = cluster != NULL ? dup_cluster_arn (snapshot, cluster) : NULL;
  g_autofree char *global = arn != NULL ? dup_global (self, arn) : NULL;
  g_autofree char *offer
      = global != NULL ? g_strdup_printf (_ ("Use %s, which the snapshot’s cluster %s belongs to"),
                                          global, cluster)
                       : NULL;
  g_autofree char *none = NULL;

  if (arn != NULL && global == NULL
      && slip_estate_list_get_state (self->lists[DATABASES]) == SLIP_ESTATE_COMPLETE)
    none = g_strdup_printf (_ ("The snapshot is of cluster %s, which belongs to no global cluster "
                               "now. Choose the one that goes back."),
                            cluster);
  slip_parameter_field_set_offer (self->field, global, offer);
  slip_parameter_field_set_outlook (self->field, none);
}

static void
set_list (SlipGlobalOffer *self, guint which, SlipEstateList *list)
{
  if (self->lists[which] == list)
    return;
  if (self->lists[which] != NULL)
    g_clear_signal_handler (&self->handlers[which], self->lists[which]);
  g_set_object (&self->lists[which], list);
  if (list != NULL)
    self->handlers[which] = g_signal_connect_swapped (list, "notify", G_CALLBACK (show), self);
}

static void
form_changed_cb (SlipGlobalOffer *self)
{
  SlipEnvironment *environment = slip_parameter_form_get_environment (self->form);

  set_list (self, SNAPSHOTS,
            environment != NULL ? slip_choices_get_list (
                self->workbench, environment, slip_parameter_field_get_parameter (self->snapshot))
                                : NULL);
  set_list (self, DATABASES,
            environment != NULL
                ? slip_workbench_get_estate (self->workbench, environment, SLIP_ESTATE_DATABASES)
                : NULL);
  show (self);
}

static void
slip_global_offer_dispose (GObject *object)
{
  SlipGlobalOffer *self = SLIP_GLOBAL_OFFER (object);

  for (guint i = 0; i < N_LISTS; i++)
    set_list (self, i, NULL);
  g_clear_object (&self->snapshot);
  g_clear_object (&self->field);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_global_offer_parent_class)->dispose (object);
}

static void
slip_global_offer_class_init (SlipGlobalOfferClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_global_offer_dispose;
}

static void
slip_global_offer_init (SlipGlobalOffer *self)
{
}

/* The field of the parameter that the runbook sets when it is begun on a resource of @kind. */
static SlipParameterField *
find_offered (SlipRunbook *runbook, SlipParameterForm *form, const char *kind)
{
  JsonObject *settings = slip_runbook_get_settings (runbook);
  JsonArray *offers = settings != NULL ? slip_json_array (settings, "offer") : NULL;

  for (guint i = 0; offers != NULL && i < json_array_get_length (offers); i++)
    {
      JsonObject *offer = slip_json_node_object (json_array_get_element (offers, i));
      const char *name = offer != NULL ? slip_json_string (offer, "parameter") : NULL;

      if (name != NULL && g_strcmp0 (slip_json_string (offer, "kind"), kind) == 0)
        return slip_parameter_form_find (form, name);
    }
  return NULL;
}

void
slip_global_offer_attach (SlipWorkbench *workbench, SlipRunbook *runbook, SlipParameterForm *form)
{
  SlipParameterField *snapshot = find_offered (runbook, form, "cluster-snapshot");
  SlipParameterField *field = find_offered (runbook, form, "global-cluster");
  SlipGlobalOffer *self;

  g_return_if_fail (SLIP_IS_WORKBENCH (workbench) && SLIP_IS_PARAMETER_FORM (form));

  /* Begun on a global cluster, that one is offered. */
  if (snapshot == NULL || field == NULL || slip_parameter_field_get_offer (field) != NULL)
    return;
  self = g_object_new (SLIP_TYPE_GLOBAL_OFFER, NULL);
  self->workbench = g_object_ref (workbench);
  self->form = form;
  self->snapshot = g_object_ref (snapshot);
  self->field = g_object_ref (field);
  g_object_set_data_full (G_OBJECT (form), "slip-global-offer", self, g_object_unref);
  g_signal_connect_object (form, "changed", G_CALLBACK (form_changed_cb), self, G_CONNECT_SWAPPED);
  form_changed_cb (self);
}
