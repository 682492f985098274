/* SPDX-License-Identifier: MIT */
/* The wizards of DynamoDB's procedures: begun on a recovery point or a table, with what that gives and
 * nothing more, and a plan that says what is missing. */

#include "config.h"

#include "slip-ui-harness.h"

#include <string.h>

#include "slip-estate-page.h"
#include "slip-json.h"
#include "slip-parameter-form.h"
#include "slip-plan-view.h"
#include "slip-resource-details.h"
#include "slip-resource-text.h"
#include "slip-wizard-page.h"

#define SPEED 600

static SlipUi *ui;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static gboolean
is_listed (gpointer data)
{
  return slip_estate_list_get_state (data) == SLIP_ESTATE_COMPLETE;
}

/* The first row of @kind at or below @rows whose @field is @value. */
static SlipResource *
find_row (GListModel *rows, SlipResourceKind kind, const char *field, const char *value)
{
  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      g_autofree char *found = slip_resource_dup_member (row, field);
      SlipResource *below;

      if (slip_resource_get_kind (row) == kind && g_strcmp0 (found, value) == 0)
        return row; /* The list keeps it. */
      below = find_row (slip_resource_get_children (row), kind, field, value);
      if (below != NULL)
        return below;
    }
  return NULL;
}

/* Opens the list, chooses the row and clicks on what the pane beside it offers. */
static SlipWizardPage *
begin (SlipEstateKind list_kind,
       SlipResourceKind kind,
       const char *field,
       const char *value,
       const char *offer)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, "production"), list_kind);
  g_autofree char *page_id
      = g_strdup_printf ("%s/production", slip_estate_kind_get_name (list_kind));
  SlipResource *row;
  SlipPage *page;

  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_listed, list, 30, page_id);
  slip_ui_settle ();
  row = find_row (G_LIST_MODEL (list), kind, field, value);
  g_assert_nonnull (row);
  g_assert_true (slip_estate_page_select (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)),
                                          slip_resource_get_id (row)));
  slip_ui_settle ();
  slip_ui_click (GTK_WIDGET (ui->window), offer);
  slip_ui_settle ();
  page = slip_window_get_page (ui->window);
  g_assert_true (SLIP_IS_WIZARD_PAGE (page));
  return SLIP_WIZARD_PAGE (page);
}

static char *
value_of (SlipWizardPage *page, const char *name)
{
  SlipParameterField *field = slip_parameter_form_find (slip_wizard_page_get_form (page), name);
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) value = NULL;

  g_assert_nonnull (field);
  value = slip_parameter_field_dup_value (field, &message);
  return value != NULL ? slip_json_to_text (value, FALSE) : NULL;
}

static void
assert_value (SlipWizardPage *page, const char *name, const char *wanted)
{
  g_autofree char *value = value_of (page, name);

  g_assert_cmpstr (value, ==, wanted);
}

static void
shoot_sizes (const char *name)
{
  g_autofree char *small = g_strconcat (name, "-small", NULL);

  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), name);
  slip_ui_resize (ui, 1024, 768);
  slip_ui_shoot (GTK_WIDGET (ui->window), small);
  slip_ui_resize (ui, 1280, 800);
}

/* The form from where @share of it is above the window. */
static void
shoot_below (SlipWizardPage *page, double share, const char *name)
{
  GtkWidget *form = GTK_WIDGET (slip_wizard_page_get_form (page));
  GtkWidget *scroller = gtk_widget_get_ancestor (form, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * share);
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), name);
}

static gboolean
has_plan (gpointer data)
{
  return !g_str_equal (slip_wizard_page_get_step (data), "planning");
}

static gboolean has_checkout;

/* The checkout that a rehearsal's person makes with the script that is there for it. The workspace names it
 * only when it is there as the server begins. */
static void
set_up_checkout (const char *parent)
{
  const char *root = g_getenv ("SLIPWAY_SOURCE");
  g_autofree char *terraform = g_find_program_in_path ("terraform");
  g_autofree char *git = g_find_program_in_path ("git");
  g_autofree char *script = g_build_filename (root, "data/rehearsal/terraform/lpas/set-up", NULL);
  g_autofree char *folder = g_build_filename (parent, "world/checkouts/lpas", NULL);
  const char *argv[] = {"sh", script, folder, NULL};
  int status = -1;

  if (terraform == NULL || git == NULL)
    return;
  g_assert_true (
      g_spawn_sync (NULL, (char **)argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  has_checkout = TRUE;
}

static gboolean
tells_age (gpointer data)
{
  return slip_ui_find_text (data, "Data as of 20") && slip_ui_find_text (data, " old. What was");
}

static gboolean
tells_what_length_needs (gpointer data)
{
  return slip_ui_find_text (data, "once all fields are filled in");
}

static gboolean
tells_length (gpointer data)
{
  return slip_ui_find_text (data, "The whole procedure takes about ");
}

static gboolean
offers_tag (gpointer data)
{
  return slip_ui_offers (data, "main-v0.1182.3");
}

/* It is read from a record whose name nobody typed: the form has derived it. */
static void
fill_in_tag (SlipParameterForm *form)
{
  SlipParameterField *field = slip_parameter_form_find (form, "ContainerVersion");
  GtkWidget *row = g_ptr_array_index (slip_parameter_field_get_rows (field), 0);

  g_signal_emit_by_name (field, "pick");
  slip_ui_wait (offers_tag, row, 60, "the tag that is recorded");
  slip_parameter_form_set_value (form, "ContainerVersion", "main-v0.1182.3");
}

static void
test_restore (void)
{
  SlipWizardPage *page;
  GtkWidget *form;
  g_autofree char *point = NULL;
  g_autofree char *name = NULL;

  ui = slip_ui_start_prepared (SPEED, set_up_checkout);
  if (skip ())
    return;
  page = begin (SLIP_ESTATE_VAULTS, SLIP_RESOURCE_RECOVERY_POINT, "ResourceName", "production-Lpas",
                "Restore DynamoDB from AWS Backup");
  assert_value (page, "Vault", "\"eu-west-1-111111111111-backup-vault\"");
  assert_value (page, "Table", "\"production-Lpas\"");
  assert_value (page, "BaseName", "\"Lpas\"");
  point = value_of (page, "RecoveryPoint");
  g_assert_true (g_str_has_prefix (point, "\"arn:aws:backup:"));
  /* The name carries today's date, and environment and branch follow it. */
  name = value_of (page, "NewTable");
  g_assert_true (g_regex_match_simple ("^\"production-Lpas-20[0-9]{6}\"$", name, 0, 0));
  form = GTK_WIDGET (slip_wizard_page_get_form (page));
  slip_ui_wait (tells_age, form, 60, "the age of the data beside the field");
  slip_ui_wait (tells_what_length_needs, form, 60, "what the length still needs");
  shoot_sizes ("restore-dynamodb-parameters");
  shoot_below (page, 0.33, "restore-dynamodb-parameters-below");
  shoot_below (page, 1, "restore-dynamodb-parameters-end");
  if (!has_checkout)
    {
      g_test_skip ("terraform or git is not installed");
      return;
    }
  fill_in_tag (slip_wizard_page_get_form (page));
  slip_ui_wait (tells_length, form, 120, "the length of the procedure beside the field");
  shoot_below (page, 0, "restore-dynamodb-point");
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_wait (has_plan, page, 120, "a plan");
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, "plan");
  /* Without the page and the freeze it is stopped, and told the way. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "maintenance-mode-on"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "change-freeze-on"));
  g_assert_cmpint (slip_plan_get_point_of_no_return (slip_wizard_page_get_plan (page)), >, 30);
  shoot_sizes ("restore-dynamodb-plan");
}

static gboolean
has_rows (gpointer data)
{
  return is_listed (data) && g_list_model_get_n_items (data) > 0;
}

/* The state's resources, without what is secret in them; nobody holds the lock. */
static void
test_terraform (void)
{
  SlipEstateList *list;
  g_autoptr (SlipResource) root = NULL;

  if (skip ())
    return;
  if (!has_checkout)
    {
      g_test_skip ("terraform or git is not installed");
      return;
    }
  list = slip_workbench_get_estate (ui->workbench,
                                    slip_workbench_find_environment (ui->workbench, "production"),
                                    SLIP_ESTATE_TERRAFORM);
  slip_window_go (ui->window, "terraform/production");
  slip_ui_wait (has_rows, list, 30, "Terraform's states");
  slip_ui_settle ();
  root = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_true (slip_estate_page_select (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)),
                                          slip_resource_get_id (root)));
  slip_ui_settle ();
  shoot_sizes ("terraform");
}

static void
test_delete (void)
{
  SlipWizardPage *page;
  g_autofree char *value = NULL;

  if (skip ())
    return;
  page = begin (SLIP_ESTATE_TABLES, SLIP_RESOURCE_TABLE, "TableName", "production-Lpas-20260902",
                "Delete old DynamoDB tables");
  /* What is destroyed is never chosen beforehand. */
  value = value_of (page, "Tables");
  if (value != NULL)
    g_assert_cmpstr (value, ==, "[]");
  shoot_sizes ("delete-dynamodb-parameters");
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/tables/a_recovery_point_gives_what_it_is_of", test_restore);
  g_test_add_func ("/ui/tables/what_is_deleted_is_not_preselected", test_delete);
  g_test_add_func ("/ui/tables/terraform_states_are_listed", test_terraform);
  g_test_add_func ("/ui/tables/stops", test_stop);
  return g_test_run ();
}
