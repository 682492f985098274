/* SPDX-License-Identifier: MIT */

/* The details pane of resource lists. What it shows was listed already, but for whom a snapshot is
 * shared with: that takes a call of its own, made when a person opens that tab. */

#include "config.h"

#include "slip-resource-details.h"

#include <glib/gi18n.h>

#include "slip-field-list.h"
#include "slip-format.h"
#include "slip-head-layout.h"
#include "slip-json-view.h"
#include "slip-json.h"
#include "slip-resource-links.h"
#include "slip-resource-look.h"
#include "slip-resource-text.h"
#include "slip-status.h"
#include "slip-task.h"

struct _SlipResourceDetails
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkWidget *parts;
  GtkLabel *kind;
  GtkLabel *name;
  SlipStatus *status;
  GtkLabel *facts;
  GtkLabel *loss;
  GtkBox *links;
  GtkBox *actions;
  GtkStack *tabs;
  SlipFieldList *fields;
  SlipFieldList *tags;
  GtkStackPage *sharing_page;
  SlipFieldList *sharing;
  SlipJsonView *json;

  SlipWorkbench *workbench; /* owned */
  SlipKeyKinds *keys;       /* owned */
  SlipResource *resource;   /* owned */
  gulong resource_handler;
  GPtrArray *link_lists; /* owned, element-type SlipEstateList; where links come from */
  gboolean is_sharing_asked;
};

G_DEFINE_FINAL_TYPE (SlipResourceDetails, slip_resource_details, ADW_TYPE_BIN)

static guint signal_open;

static void
append_fact (GString *facts, const char *fact)
{
  if (fact != NULL && fact[0] != '\0')
    g_string_append_printf (facts, "%s%s", facts->len > 0 ? " · " : "", fact);
}

static void
append_lock (GString *facts, SlipResource *root)
{
  g_autofree char *lock = slip_resource_dup_lock (root);
  g_autofree char *fact = lock != NULL ? g_strdup_printf (_ ("lock held by %s"), lock) : NULL;

  append_fact (facts, fact);
}

static void
show_facts (SlipResourceDetails *self)
{
  SlipResource *resource = self->resource;
  const char *key = slip_resource_get_key (resource);
  g_autofree char *size = slip_format_size (slip_resource_get_size (resource));
  g_autofree char *age = slip_format_age (slip_resource_get_created (resource), g_get_real_time ());
  g_autofree char *created = slip_format_time (slip_resource_get_created (resource));
  g_autofree char *loss = slip_resource_dup_loss (resource, g_get_real_time ());
  g_autoptr (GString) facts = g_string_new (NULL);

  append_fact (facts, slip_resource_get_detail (resource));
  append_fact (facts, slip_resource_get_region (resource));
  /* Aurora's storage grows by itself, and the API then always says 1. */
  if (slip_resource_get_kind (resource) != SLIP_RESOURCE_CLUSTER
      || slip_resource_get_size (resource) > (gint64)1 << 30)
    append_fact (facts, size);
  if (key != NULL)
    append_fact (facts,
                 slip_key_kinds_describe (self->keys, key, slip_resource_get_region (resource)));
  if (created[0] != '\0')
    {
      g_autofree char *line = g_strdup_printf (_ ("created %s, %s ago"), created, age);

      append_fact (facts, line);
    }
  if (slip_resource_get_kind (resource) == SLIP_RESOURCE_TERRAFORM_ROOT)
    append_lock (facts, resource);
  gtk_label_set_label (self->facts, facts->str);
  gtk_label_set_label (self->loss, loss != NULL ? loss : "");
  gtk_widget_set_visible (GTK_WIDGET (self->loss), loss != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->facts), facts->len > 0);
}

static void
show_tags (SlipResourceDetails *self, JsonObject *object)
{
  JsonArray *tags = slip_json_array (object, "TagList");

  slip_field_list_clear (self->tags);
  if (tags == NULL || json_array_get_length (tags) == 0)
    slip_field_list_add_note (self->tags, _ ("No tags"));
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    {
      JsonObject *tag = slip_json_node_object (json_array_get_element (tags, i));

      if (tag != NULL && slip_json_string (tag, "Key") != NULL)
        {
          const char *value = slip_json_string (tag, "Value");

          slip_field_list_add (self->tags, slip_json_string (tag, "Key"),
                               value != NULL && value[0] != '\0' ? value : "–");
        }
    }
}

static void
action_clicked_cb (SlipResourceDetails *self, GtkWidget *button)
{
  g_signal_emit (self, signal_open, 0, g_object_get_data (G_OBJECT (button), "page-id"));
}

static gboolean
is_destructive (SlipRunbook *runbook)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);

  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);

      if (slip_runbook_parameter_is_destructive (parameter))
        return TRUE;
    }
  return FALSE;
}

static void show_links (SlipResourceDetails *self);

static void
links_changed_cb (SlipResourceDetails *self)
{
  if (self->resource != NULL)
    show_links (self);
}

static void
forget_link_lists (SlipResourceDetails *self)
{
  for (guint i = 0; self->link_lists != NULL && i < self->link_lists->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->link_lists, i), links_changed_cb,
                                          self);
  g_clear_pointer (&self->link_lists, g_ptr_array_unref);
}

static GtkWidget *
new_link (SlipResourceDetails *self, const SlipResourceLink *link)
{
  GtkWidget *text = gtk_label_new (link->label);
  GtkWidget *button;

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  if (link->page_id == NULL)
    return text;
  button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (button), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  link->label, -1);
  g_object_set_data_full (G_OBJECT (button), "page-id", g_strdup (link->page_id), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (action_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  return button;
}

static void
show_links (SlipResourceDetails *self)
{
  g_autoptr (GPtrArray) links = NULL;
  GtkWidget *child;

  forget_link_lists (self);
  self->link_lists = g_ptr_array_new_with_free_func (g_object_unref);
  links = slip_resource_list_links (self->workbench, self->resource, self->link_lists);
  for (guint i = 0; i < self->link_lists->len; i++)
    g_signal_connect_object (g_ptr_array_index (self->link_lists, i), "notify::state",
                             G_CALLBACK (links_changed_cb), self, G_CONNECT_SWAPPED);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->links))) != NULL)
    gtk_box_remove (self->links, child);
  for (guint i = 0; i < links->len; i++)
    gtk_box_append (self->links, new_link (self, g_ptr_array_index (links, i)));
  gtk_widget_set_visible (GTK_WIDGET (self->links), links->len > 0);
}

static void
show_actions (SlipResourceDetails *self)
{
  GListModel *runbooks = slip_workbench_get_runbooks (self->workbench);
  guint n = runbooks != NULL ? g_list_model_get_n_items (runbooks) : 0;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->actions))) != NULL)
    gtk_box_remove (self->actions, child);
  /* Those that destroy nothing come first. */
  for (guint i = 0; i < 2 * n; i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i % n);
      g_autofree char *page_id = is_destructive (runbook) == (i >= n)
                                     ? slip_resource_dup_wizard_page (self->resource, runbook)
                                     : NULL;
      g_autofree char *label = NULL;
      GtkWidget *button;
      GtkWidget *text;

      if (page_id == NULL)
        continue;
      label = g_strdup_printf (_ ("%s…"), slip_runbook_get_title (runbook));
      text = gtk_label_new (label);
      gtk_label_set_wrap (GTK_LABEL (text), TRUE);
      gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
      button = gtk_button_new ();
      gtk_button_set_child (GTK_BUTTON (button), text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                      -1);
      g_object_set_data_full (G_OBJECT (button), "page-id", g_steal_pointer (&page_id), g_free);
      g_signal_connect_object (button, "clicked", G_CALLBACK (action_clicked_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (self->actions, button);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->actions),
                          gtk_widget_get_first_child (GTK_WIDGET (self->actions)) != NULL);
}

typedef struct
{
  SlipResource *resource;
  SlipEnvironment *environment;
  char *region;
  char *name;
  JsonNode *output;
} Sharing;

static void
sharing_free (gpointer data)
{
  Sharing *sharing = data;

  g_object_unref (sharing->resource);
  g_object_unref (sharing->environment);
  g_free (sharing->region);
  g_free (sharing->name);
  g_clear_pointer (&sharing->output, json_node_unref);
  g_free (sharing);
}

static gboolean
read_sharing (SlipJob *job, gpointer data, GError **error)
{
  Sharing *sharing = data;
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (sharing->environment, error);
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) input_node = slip_json_new_object (input);
  SlipAwsCall call = {
      .service = "rds",
      .operation = "DescribeDBClusterSnapshotAttributes",
      .region = sharing->region,
      .input = input_node,
      .priority = SLIP_AWS_PRIORITY_BROWSE,
  };

  if (client == NULL)
    return FALSE;
  json_object_set_string_member (input, "DBClusterSnapshotIdentifier", sharing->name);
  sharing->output = slip_aws_client_call (client, &call, NULL, cancellable, error);
  return sharing->output != NULL;
}

static void
show_shared_accounts (SlipResourceDetails *self, JsonArray *values)
{
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      const char *account = json_array_get_string_element (values, i);
      SlipWorkspace *workspace = slip_workbench_get_workspace (self->workbench);
      SlipEnvironment *environment = slip_workspace_find_account (workspace, account);
      g_autofree char *text = slip_format_account (account);

      if (g_strcmp0 (account, "all") == 0)
        slip_field_list_add (self->sharing, _ ("Public"), _ ("any AWS account can restore it"));
      else
        slip_field_list_add (self->sharing,
                             environment != NULL ? slip_environment_get_title (environment)
                                                 : _ ("Account outside this workspace"),
                             text);
    }
}

static void
sharing_read_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipResourceDetails *self = owner;
  Sharing *sharing = data;
  g_autoptr (JsonNode) values = NULL;

  if (sharing->resource != self->resource)
    return;
  slip_field_list_clear (self->sharing);
  if (error != NULL)
    {
      slip_field_list_add_note (self->sharing, error->message);
      return;
    }
  values = slip_json_select (sharing->output,
                             "$.DBClusterSnapshotAttributesResult"
                             ".DBClusterSnapshotAttributes[0].AttributeValues",
                             NULL);
  if (values != NULL && JSON_NODE_HOLDS_ARRAY (values)
      && json_array_get_length (json_node_get_array (values)) > 0)
    show_shared_accounts (self, json_node_get_array (values));
  else
    slip_field_list_add_note (self->sharing, _ ("Not shared with any account"));
}

static void
ask_sharing (SlipResourceDetails *self)
{
  Sharing *sharing;
  g_autoptr (SlipJob) job = NULL;

  self->is_sharing_asked = TRUE;
  slip_field_list_clear (self->sharing);
  slip_field_list_add_note (self->sharing, _ ("Reading…"));
  sharing = g_new0 (Sharing, 1);
  sharing->resource = g_object_ref (self->resource);
  sharing->environment = g_object_ref (slip_resource_get_environment (self->resource));
  sharing->region = g_strdup (slip_resource_get_region (self->resource));
  sharing->name = g_strdup (slip_resource_get_name (self->resource));
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading whom a snapshot is shared with"),
                       read_sharing, sharing_read_cb, sharing, sharing_free);
}

static void
tab_changed_cb (SlipResourceDetails *self)
{
  if (self->resource != NULL && !self->is_sharing_asked
      && g_strcmp0 (gtk_stack_get_visible_child_name (self->tabs), "sharing") == 0)
    ask_sharing (self);
}

static void
show_resource (SlipResourceDetails *self)
{
  SlipResource *resource = self->resource;
  g_autoptr (JsonObject) object = slip_resource_dup_fields (resource);
  g_autoptr (JsonNode) node = NULL;
  gboolean can_share = slip_resource_get_kind (resource) == SLIP_RESOURCE_SNAPSHOT
                       && g_strcmp0 (slip_resource_get_detail (resource), "manual") == 0;

  gtk_label_set_label (self->kind,
                       slip_resource_kind_get_title (slip_resource_get_kind (resource)));
  gtk_label_set_label (self->name, slip_resource_get_name (resource));
  slip_status_set (self->status, slip_resource_get_tone (resource),
                   slip_resource_get_status (resource));
  gtk_widget_set_visible (GTK_WIDGET (self->status), slip_resource_get_status (resource) != NULL);
  show_facts (self);
  show_tags (self, object);
  slip_field_list_clear (self->fields);
  slip_field_list_add_json (self->fields, object);
  gtk_stack_page_set_visible (self->sharing_page, can_share);
  if (!can_share && g_strcmp0 (gtk_stack_get_visible_child_name (self->tabs), "sharing") == 0)
    gtk_stack_set_visible_child_name (self->tabs, "fields");
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  slip_json_view_set_node (self->json, node);
}

static void
resource_changed_cb (SlipResourceDetails *self)
{
  show_resource (self);
}

static void
slip_resource_details_dispose (GObject *object)
{
  SlipResourceDetails *self = SLIP_RESOURCE_DETAILS (object);

  if (self->resource != NULL)
    g_clear_signal_handler (&self->resource_handler, self->resource);
  forget_link_lists (self);
  g_clear_object (&self->resource);
  g_clear_object (&self->keys);
  g_clear_object (&self->workbench);
  /* The template lets its direct children go, of which the bin would not know. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_RESOURCE_DETAILS);
  G_OBJECT_CLASS (slip_resource_details_parent_class)->dispose (object);
}

static void
slip_resource_details_class_init (SlipResourceDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_resource_details_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/slipway/Slipway/ui/estate/slip-resource-details.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, parts);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, kind);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, name);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, status);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, facts);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, loss);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, links);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, actions);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, tabs);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, fields);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, tags);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, sharing_page);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, sharing);
  gtk_widget_class_bind_template_child (widget_class, SlipResourceDetails, json);
  gtk_widget_class_bind_template_callback (widget_class, tab_changed_cb);
  signal_open = g_signal_new ("open", SLIP_TYPE_RESOURCE_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
slip_resource_details_init (SlipResourceDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->parts, slip_head_layout_new ());
}

GtkWidget *
slip_resource_details_new (SlipWorkbench *workbench, SlipKeyKinds *keys)
{
  SlipResourceDetails *self = g_object_new (SLIP_TYPE_RESOURCE_DETAILS, NULL);

  self->workbench = g_object_ref (workbench);
  self->keys = g_object_ref (keys);
  return GTK_WIDGET (self);
}

void
slip_resource_details_set_resource (SlipResourceDetails *self, SlipResource *resource)
{
  g_return_if_fail (SLIP_IS_RESOURCE_DETAILS (self));

  if (self->resource == resource)
    return;
  if (self->resource != NULL)
    g_clear_signal_handler (&self->resource_handler, self->resource);
  g_set_object (&self->resource, resource);
  gtk_stack_set_visible_child_name (self->stack, resource != NULL ? "resource" : "none");
  if (resource == NULL)
    return;

  self->resource_handler
      = g_signal_connect_swapped (resource, "notify", G_CALLBACK (resource_changed_cb), self);
  self->is_sharing_asked = FALSE;
  show_resource (self);
  show_links (self);
  show_actions (self);
  tab_changed_cb (self);
}
