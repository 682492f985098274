/* SPDX-License-Identifier: MIT */

/* The form of a runbook. It knows nothing of any procedure: groups, rows, pickers and defaults all
 * follow from the parameters. */

#include "config.h"

#include "slip-parameter-form.h"

#include <glib/gi18n.h>

#include "slip-caller-workspace.h"
#include "slip-choices.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-plain.h"
#include "slip-planner.h"

#define SCROLL_MARGIN 24

struct _SlipParameterForm
{
  AdwBin parent_instance;

  GtkBox *box;
  AdwComboRow *environment_row;
  SlipWorkbench *workbench;     /* owned */
  SlipRunbook *runbook;         /* owned */
  SlipEnvironment *environment; /* owned */
  GPtrArray *fields;            /* owned; element-type SlipParameterField */
  gint64 started;               /* what derived names take as now, fixed for the life of the form */
  GtkWidget *problem_first;     /* weak; the rows that the next frame scrolls to, or NULL */
  GtkWidget *problem_last;      /* weak */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (SlipParameterForm, slip_parameter_form, ADW_TYPE_BIN)

static guint signal_changed;

static JsonObject *
dup_facts (SlipWorkspace *workspace, SlipEnvironment *environment)
{
  JsonObject *facts = json_object_new ();
  JsonArray *regions = json_array_new ();
  const char *const *names = slip_environment_get_regions (environment);

  for (guint i = 0; names[i] != NULL; i++)
    json_array_add_string_element (regions, names[i]);
  json_object_set_array_member (facts, "regions", regions);
  json_object_set_string_member (facts, "name", slip_environment_get_name (environment));
  json_object_set_string_member (facts, "title", slip_environment_get_title (environment));
  json_object_set_string_member (facts, "account", slip_environment_get_account (environment));
  if (slip_environment_get_alias (environment) != NULL)
    json_object_set_string_member (facts, "alias", slip_environment_get_alias (environment));
  json_object_set_boolean_member (facts, "protected", slip_environment_is_protected (environment));
  json_object_set_object_member (facts, "settings",
                                 slip_caller_workspace_dup_settings (workspace, environment));
  return facts;
}

/* What the person said so far; only valid values, since derived names build on them. */
static JsonObject *
dup_touched (SlipParameterForm *self)
{
  JsonObject *parameters = json_object_new ();

  for (guint i = 0; i < self->fields->len; i++)
    {
      SlipParameterField *field = g_ptr_array_index (self->fields, i);
      g_autofree char *message = NULL;
      JsonNode *value;

      if (!slip_parameter_field_is_touched (field))
        continue;
      value = slip_parameter_field_dup_value (field, &message);
      if (value != NULL)
        json_object_set_member (
            parameters,
            slip_runbook_parameter_get_name (slip_parameter_field_get_parameter (field)), value);
    }
  return parameters;
}

/* What was said, and what the others are that nothing was said of: what the rows show. */
static JsonObject *
dup_values (SlipParameterForm *self)
{
  g_autoptr (JsonObject) facts
      = dup_facts (slip_workbench_get_workspace (self->workbench), self->environment);
  g_autoptr (JsonObject) touched = dup_touched (self);

  return slip_planner_default_parameters (self->runbook, facts, touched, self->started);
}

static void
update_defaults (SlipParameterForm *self)
{
  g_autoptr (JsonObject) defaults = NULL;

  if (self->environment == NULL)
    return;
  defaults = dup_values (self);
  self->updating = TRUE;
  for (guint i = 0; i < self->fields->len; i++)
    {
      SlipParameterField *field = g_ptr_array_index (self->fields, i);
      const char *name
          = slip_runbook_parameter_get_name (slip_parameter_field_get_parameter (field));

      slip_parameter_field_set_default (field, json_object_get_member (defaults, name));
    }
  self->updating = FALSE;
}

static void
check_field (SlipParameterField *field)
{
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) value = slip_parameter_field_dup_value (field, &message);

  slip_parameter_field_show_message (field, message);
}

static void
field_changed_cb (SlipParameterForm *self, SlipParameterField *field)
{
  check_field (field);
  if (!self->updating)
    update_defaults (self);
  g_signal_emit (self, signal_changed, 0);
}

static void
choices_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipParameterField) field = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) choices = slip_choices_finish (result, &error);

  if (choices == NULL)
    slip_parameter_field_set_choices (field, NULL, error->message);
  else
    slip_parameter_field_set_choices (
        field, choices, json_array_get_length (choices) == 0 ? _ ("Nothing to choose from") : NULL);
}

static void
pick_cb (SlipParameterForm *self, SlipParameterField *field)
{
  g_autoptr (JsonObject) values = NULL;

  if (self->environment == NULL)
    {
      slip_parameter_field_set_choices (field, NULL, _ ("Choose an environment first"));
      return;
    }
  values = dup_values (self);
  slip_parameter_field_set_choices (field, NULL, _ ("Reading…"));
  slip_choices_list_async (self->workbench, self->runbook,
                           slip_parameter_field_get_parameter (field), self->environment, values,
                           choices_cb, g_object_ref (field));
}

static void
environment_selected_cb (SlipParameterForm *self)
{
  guint selected = adw_combo_row_get_selected (self->environment_row);
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (self->workbench));
  g_autoptr (SlipEnvironment) environment = NULL;

  if (selected > 0)
    environment = g_list_model_get_item (environments, selected - 1);
  if (environment == self->environment)
    return;
  g_set_object (&self->environment, environment);
  update_defaults (self);
  g_signal_emit (self, signal_changed, 0);
}

static GtkWidget *
new_environment_group (SlipParameterForm *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (self->workbench));

  gtk_string_list_append (names, _ ("Choose…"));
  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);
      g_autofree char *account = slip_format_account (slip_environment_get_account (environment));
      g_autofree char *name
          = g_strdup_printf ("%s (%s)", slip_environment_get_title (environment), account);

      gtk_string_list_append (names, name);
    }
  self->environment_row = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->environment_row), _ ("Environment"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->environment_row),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Environment"), -1);
  adw_combo_row_set_model (self->environment_row, G_LIST_MODEL (names));
  /* At the end of the row libadwaita cuts it to 20 characters, in the middle of the account. */
  adw_combo_row_set_use_subtitle (self->environment_row, TRUE);
  g_signal_connect_object (self->environment_row, "notify::selected",
                           G_CALLBACK (environment_selected_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Account and environment"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->environment_row));
  return group;
}

static void
add_unique (GPtrArray *values, const char *value)
{
  for (guint i = 0; i < values->len; i++)
    if (g_str_equal (g_ptr_array_index (values, i), value))
      return;
  g_ptr_array_add (values, g_strdup (value));
}

/* Regions and environments are known whole; everything else may also be typed. */
static char **
dup_closed_values (SlipParameterForm *self, SlipRunbookParameter *parameter)
{
  const char *widget = slip_runbook_parameter_get_widget (parameter);
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (self->workbench));
  gboolean wants_region = g_strcmp0 (widget, "region") == 0;
  GPtrArray *values;

  if (!wants_region && g_strcmp0 (widget, "environment") != 0)
    return NULL;
  if (slip_runbook_parameter_get_allowed_values (parameter) != NULL)
    return NULL;
  values = g_ptr_array_new ();
  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);
      const char *const *regions = slip_environment_get_regions (environment);

      if (!wants_region)
        add_unique (values, slip_environment_get_name (environment));
      for (guint j = 0; wants_region && regions[j] != NULL; j++)
        add_unique (values, regions[j]);
    }
  g_ptr_array_add (values, NULL);
  return (char **)g_ptr_array_free (values, FALSE);
}

static AdwPreferencesGroup *
ensure_group (SlipParameterForm *self, GHashTable *groups, const char *title)
{
  AdwPreferencesGroup *group = g_hash_table_lookup (groups, title);

  if (group == NULL)
    {
      group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      slip_plain_set_group (group, title, NULL);
      gtk_box_append (self->box, GTK_WIDGET (group));
      g_hash_table_insert (groups, g_strdup (title), group);
    }
  return group;
}

static void
add_parameter (SlipParameterForm *self, GHashTable *groups, SlipRunbookParameter *parameter)
{
  g_auto (GStrv) values = dup_closed_values (self, parameter);
  SlipParameterField *field = slip_parameter_field_new (parameter, (const char *const *)values,
                                                        slip_choices_has (parameter));
  const char *title = slip_runbook_parameter_get_group (parameter);
  GPtrArray *rows = slip_parameter_field_get_rows (field);
  AdwPreferencesGroup *group;

  if (slip_runbook_parameter_is_advanced (parameter))
    title = _ ("Rarely changed");
  else if (title == NULL)
    title = _ ("Parameters");
  group = ensure_group (self, groups, title);
  for (guint i = 0; i < rows->len; i++)
    adw_preferences_group_add (group, g_ptr_array_index (rows, i));
  g_signal_connect_object (field, "changed", G_CALLBACK (field_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (field, "pick", G_CALLBACK (pick_cb), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->fields, field);
}

static void
slip_parameter_form_dispose (GObject *object)
{
  SlipParameterForm *self = SLIP_PARAMETER_FORM (object);

  g_clear_weak_pointer (&self->problem_first);
  g_clear_weak_pointer (&self->problem_last);
  if (self->fields != NULL)
    g_ptr_array_set_size (self->fields, 0);
  g_clear_object (&self->environment);
  g_clear_object (&self->runbook);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_parameter_form_parent_class)->dispose (object);
}

static void
slip_parameter_form_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_PARAMETER_FORM (object)->fields);
  G_OBJECT_CLASS (slip_parameter_form_parent_class)->finalize (object);
}

static void
slip_parameter_form_class_init (SlipParameterFormClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_parameter_form_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_parameter_form_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_PARAMETER_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_parameter_form_init (SlipParameterForm *self)
{
  self->fields = g_ptr_array_new_with_free_func (g_object_unref);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  self->started = g_get_real_time ();
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

GtkWidget *
slip_parameter_form_new (SlipWorkbench *workbench, SlipRunbook *runbook)
{
  SlipParameterForm *self = g_object_new (SLIP_TYPE_PARAMETER_FORM, NULL);
  GListModel *parameters = slip_runbook_get_parameters (runbook);
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->workbench = g_object_ref (workbench);
  self->runbook = g_object_ref (runbook);
  gtk_box_append (self->box, new_environment_group (self));
  /* Twice, so that what is rarely changed comes last. */
  for (guint turn = 0; turn < 2; turn++)
    for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
      {
        g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);

        if (slip_runbook_parameter_is_advanced (parameter) == (turn == 1))
          add_parameter (self, groups, parameter);
      }
  return GTK_WIDGET (self);
}

void
slip_parameter_form_set_environment (SlipParameterForm *self, SlipEnvironment *environment)
{
  GListModel *environments;

  g_return_if_fail (SLIP_IS_PARAMETER_FORM (self));

  environments = slip_workspace_get_environments (slip_workbench_get_workspace (self->workbench));
  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) candidate = g_list_model_get_item (environments, i);

      if (candidate == environment)
        adw_combo_row_set_selected (self->environment_row, i + 1);
    }
}

SlipEnvironment *
slip_parameter_form_get_environment (SlipParameterForm *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FORM (self), NULL);
  return self->environment;
}

SlipParameterField *
slip_parameter_form_find (SlipParameterForm *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FORM (self), NULL);

  for (guint i = 0; i < self->fields->len; i++)
    {
      SlipParameterField *field = g_ptr_array_index (self->fields, i);
      SlipRunbookParameter *parameter = slip_parameter_field_get_parameter (field);

      if (g_strcmp0 (slip_runbook_parameter_get_name (parameter), name) == 0)
        return field;
    }
  return NULL;
}

void
slip_parameter_form_set_value (SlipParameterForm *self, const char *name, const char *text)
{
  SlipParameterField *field = slip_parameter_form_find (self, name);
  g_autofree char *offer = g_strdup_printf (_ ("Use %s, on which this was opened"), text);

  if (field == NULL)
    return;
  if (slip_runbook_parameter_is_destructive (slip_parameter_field_get_parameter (field)))
    slip_parameter_field_set_offer (field, text, offer);
  else
    slip_parameter_field_set_text (field, text);
}

static JsonObject *
collect (SlipParameterForm *self, gboolean tell)
{
  g_autoptr (JsonObject) parameters = json_object_new ();
  gboolean fits = self->environment != NULL;

  for (guint i = 0; i < self->fields->len; i++)
    {
      SlipParameterField *field = g_ptr_array_index (self->fields, i);
      g_autofree char *message = NULL;
      JsonNode *value = slip_parameter_field_dup_value (field, &message);

      if (tell)
        slip_parameter_field_show_message (field, message);
      fits = fits && message == NULL;
      if (value != NULL)
        json_object_set_member (
            parameters,
            slip_runbook_parameter_get_name (slip_parameter_field_get_parameter (field)), value);
    }
  return fits ? g_steal_pointer (&parameters) : NULL;
}

JsonObject *
slip_parameter_form_dup_parameters (SlipParameterForm *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FORM (self), NULL);

  if (self->environment == NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->environment_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->environment_row), "error");
  return collect (self, TRUE);
}

JsonObject *
slip_parameter_form_dup_complete (SlipParameterForm *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FORM (self), NULL);
  return collect (self, FALSE);
}

/* The problem's rows whole; the toolkit by itself shows no more than the text. */
static void
scroll_to_problem (SlipParameterForm *self)
{
  GtkWidget *form = GTK_WIDGET (self);
  GtkWidget *scroller = gtk_widget_get_ancestor (form, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *viewport
      = scroller != NULL ? gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scroller)) : NULL;
  GtkWidget *child
      = GTK_IS_VIEWPORT (viewport) ? gtk_viewport_get_child (GTK_VIEWPORT (viewport)) : NULL;
  graphene_rect_t first;
  graphene_rect_t last;

  if (child == NULL || self->problem_first == NULL || self->problem_last == NULL
      || !gtk_widget_compute_bounds (self->problem_first, child, &first)
      || !gtk_widget_compute_bounds (self->problem_last, child, &last))
    return;
  gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                             first.origin.y - SCROLL_MARGIN,
                             last.origin.y + last.size.height + SCROLL_MARGIN);
}

static void
painted_cb (SlipParameterForm *self, GdkFrameClock *clock)
{
  g_signal_handlers_disconnect_by_func (clock, painted_cb, self);
  scroll_to_problem (self);
  g_clear_weak_pointer (&self->problem_first);
  g_clear_weak_pointer (&self->problem_last);
}

/* The reason was told just now, and takes room that its row has only in the next frame. */
static void
scroll_when_laid_out (SlipParameterForm *self, GtkWidget *first, GtkWidget *last)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  g_set_weak_pointer (&self->problem_first, first);
  g_set_weak_pointer (&self->problem_last, last);
  if (clock == NULL)
    return;
  g_signal_handlers_disconnect_by_func (clock, painted_cb, self);
  g_signal_connect_object (clock, "after-paint", G_CALLBACK (painted_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
slip_parameter_form_focus_problem (SlipParameterForm *self)
{
  GtkWidget *row = NULL;
  GtkWidget *last = NULL;

  g_return_val_if_fail (SLIP_IS_PARAMETER_FORM (self), FALSE);

  if (self->environment == NULL)
    row = last = GTK_WIDGET (self->environment_row);
  for (guint i = 0; row == NULL && i < self->fields->len; i++)
    {
      SlipParameterField *field = g_ptr_array_index (self->fields, i);

      GPtrArray *rows = slip_parameter_field_get_rows (field);

      if (slip_parameter_field_get_message (field) == NULL)
        continue;
      row = g_ptr_array_index (rows, 0);
      last = g_ptr_array_index (rows, rows->len - 1);
    }
  if (row == NULL)
    return FALSE;
  gtk_widget_grab_focus (row);
  scroll_when_laid_out (self, row, last);
  return TRUE;
}
