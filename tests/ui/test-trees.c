/* SPDX-License-Identifier: MIT */

/* The trees of what is not a database: vaults, tables, tasks with their logs, pipelines, alarms and
 * Terraform states. That each has its rows, that a copy leads to its original, that a log is followed
 * within bounds. Pictures of each page go to SLIPWAY_SHOTS. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-estate-page.h"
#include "slip-json.h"
#include "slip-log-page.h"
#include "slip-log-reader.h"
#include "slip-navigator.h"
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
  return slip_estate_list_get_state (data) == SLIP_ESTATE_COMPLETE
         || slip_estate_list_get_state (data) == SLIP_ESTATE_PARTIAL;
}

static SlipEstateList *
show (const char *environment, SlipEstateKind kind)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, environment), kind);
  g_autofree char *page_id
      = g_strdup_printf ("%s/%s", slip_estate_kind_get_name (kind), environment);

  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_listed, list, 30, page_id);
  g_assert_cmpint (slip_estate_list_get_state (list), ==, SLIP_ESTATE_COMPLETE);
  slip_ui_settle ();
  return list;
}

static void
shoot_all (const char *name)
{
  g_autofree char *small = g_strconcat (name, "-small", NULL);
  g_autofree char *dark = g_strconcat (name, "-dark", NULL);
  AdwStyleManager *style = adw_style_manager_get_default ();

  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), name);
  slip_ui_resize (ui, 1024, 768);
  slip_ui_shoot (GTK_WIDGET (ui->window), small);
  slip_ui_resize (ui, 1280, 800);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), dark);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
  slip_ui_settle ();
}

static SlipResource *
find_kind (GListModel *rows, SlipResourceKind kind)
{
  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      SlipResource *below;

      if (slip_resource_get_kind (row) == kind)
        return row; /* The list keeps it. */
      below = find_kind (slip_resource_get_children (row), kind);
      if (below != NULL)
        return below;
    }
  return NULL;
}

static SlipResource *
select_kind (SlipEstateList *list, SlipResourceKind kind)
{
  SlipResource *row = find_kind (G_LIST_MODEL (list), kind);

  g_assert_nonnull (row);
  g_assert_true (slip_estate_page_select (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)),
                                          slip_resource_get_id (row)));
  slip_ui_settle ();
  return row;
}

static gboolean
shows (gpointer text)
{
  GtkWidget *details = slip_page_get_details (slip_window_get_page (ui->window));

  return details != NULL && slip_ui_find_text (details, text);
}

static guint
count_texts (GtkWidget *widget, const char *text)
{
  guint n = GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
            && g_str_equal (gtk_label_get_label (GTK_LABEL (widget)), text);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_texts (child, text);
  return n;
}

static gboolean
is_at_backup (gpointer data)
{
  return g_str_equal (slip_window_get_page_id (ui->window), "vaults/backup")
         && slip_page_get_details (slip_window_get_page (ui->window)) != NULL;
}

/* A point that has a copy, as the copy jobs tell. */
static const char *
find_copied (SlipEstateList *list, GListModel *rows)
{
  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      const char *below;

      if (slip_estate_list_get_copies (list, slip_resource_get_id (row)) != NULL)
        return slip_resource_get_id (row);
      below = find_copied (list, slip_resource_get_children (row));
      if (below != NULL)
        return below;
    }
  return NULL;
}

static void
test_vaults (void)
{
  SlipEstateList *list;
  const char *id;
  GtkWidget *details;

  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  slip_ui_resize (ui, 1280, 800);
  list = show ("production", SLIP_ESTATE_VAULTS);
  g_assert_cmpuint (slip_estate_list_get_n_total (list), >, 2);
  id = find_copied (list, G_LIST_MODEL (list));
  g_assert_nonnull (id);
  g_assert_true (
      slip_estate_page_select (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)), id));
  slip_ui_settle ();
  details = slip_page_get_details (slip_window_get_page (ui->window));
  g_assert_true (slip_ui_find_text (details, "A restore brings back the data of"));
  g_assert_true (slip_ui_find_text (details, "since then is not in it"));
  shoot_all ("vaults");
  slip_ui_click (details, "Copy in ");
  slip_ui_wait (is_at_backup, NULL, 30, "the copy in the other account");
  slip_ui_wait (shows, (gpointer) "Original in ", 30, "the way back to the original");
  slip_ui_shoot (GTK_WIDGET (ui->window), "vaults-copy");
  slip_ui_click (slip_page_get_details (slip_window_get_page (ui->window)), "Original in ");
  slip_ui_settle ();
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, "vaults/production");
}

/* Runs, runbooks and the audit log stay in sight: only the environment shown is open. */
static void
test_navigator (void)
{
  GtkWidget *navigator;

  if (skip ())
    return;
  navigator = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_NAVIGATOR);
  slip_window_go (ui->window, "vaults/backup");
  slip_ui_settle ();
  g_assert_cmpuint (count_texts (navigator, "Backup vaults"), ==, 1);
  slip_window_go (ui->window, "vaults/production");
  slip_ui_settle ();
  g_assert_cmpuint (count_texts (navigator, "Backup vaults"), ==, 1);
  g_assert_cmpuint (count_texts (navigator, "Audit log"), ==, 1);
}

/* A runbook that says so is begun with the table that was chosen. */
static void
test_offers (void)
{
  static const char text[]
      = "{\"schemaVersion\":\"0.3\",\"description\":\"d\",\"parameters\":{\"Table\":{\"type\":"
        "\"String\"},\"Arn\":{\"type\":\"String\",\"slipway\":{\"widget\":\"table\"}}},"
        "\"slipway\":{\"title\":\"T\",\"offer\":[{\"kind\":\"table\",\"parameter\":\"Table\","
        "\"field\":\"TableArn\"}]},\"mainSteps\":[{\"name\":\"one\",\"action\":\"aws:sleep\","
        "\"inputs\":{\"Duration\":\"PT1S\"}}]}";
  g_autofree char *path = ui != NULL ? g_build_filename (ui->folder, "offer.json", NULL) : NULL;
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autofree char *page_id = NULL;
  g_autofree char *other = NULL;
  SlipEstateList *list;
  SlipResource *table;

  if (skip ())
    return;
  g_assert_true (g_file_set_contents (path, text, -1, &error));
  runbook = slip_runbook_load (path, &faults, &error);
  g_assert_no_error (error);
  g_assert_nonnull (runbook);
  list = show ("production", SLIP_ESTATE_TABLES);
  table = find_kind (G_LIST_MODEL (list), SLIP_RESOURCE_TABLE);
  page_id = slip_resource_dup_wizard_page (table, runbook);
  g_assert_nonnull (strstr (page_id, "&Table=arn%3Aaws%3Adynamodb"));
  g_assert_nonnull (strstr (page_id, "&Arn=production-"));
  other = slip_resource_dup_wizard_page (find_kind (G_LIST_MODEL (list), SLIP_RESOURCE_INDEX),
                                         runbook);
  g_assert_null (other);
}

static GtkWidget *
get_field_row (SlipWizardPage *page, const char *name, gboolean last)
{
  GPtrArray *rows = slip_parameter_field_get_rows (
      slip_parameter_form_find (slip_wizard_page_get_form (page), name));

  return g_ptr_array_index (rows, last ? rows->len - 1 : 0);
}

/* Wholly within what the page shows of its form. */
static void
assert_in_sight (GtkWidget *row)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (row, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (row, scroller, &bounds));
  g_assert_cmpfloat (bounds.size.height, >, 0);
  g_assert_cmpfloat (bounds.origin.y, >=, 0);
  g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, gtk_widget_get_height (scroller));
}

/* What is written to is chosen by a person: what the wizard was opened on is one press of a key away, and not more. */
static void
assert_offered (const char *page_id, const char *name, const char *value)
{
  g_autofree char *label = g_strdup_printf ("Use %s, on which this was opened", value);
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) before = NULL;
  g_autoptr (JsonNode) after = NULL;
  SlipWizardPage *page;
  SlipParameterField *field;
  GtkAdjustment *adjustment;
  GtkWidget *button;

  slip_window_go (ui->window, page_id);
  slip_ui_settle ();
  page = SLIP_WIZARD_PAGE (slip_window_get_page (ui->window));
  field = slip_parameter_form_find (slip_wizard_page_get_form (page), name);
  before = slip_parameter_field_dup_value (field, &message);
  g_assert_null (before);
  /* Nothing is planned without it, and the reason is in sight, also for somebody who was at the form's end. */
  slip_ui_resize (ui, 1280, 560);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (
      gtk_widget_get_ancestor (get_field_row (page, name, FALSE), GTK_TYPE_SCROLLED_WINDOW)));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  slip_ui_settle ();
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_settle ();
  assert_in_sight (get_field_row (page, name, FALSE));
  assert_in_sight (get_field_row (page, name, TRUE));
  g_assert_true (slip_ui_find_text (get_field_row (page, name, TRUE), "This is needed"));
  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (ui->window)),
                                         get_field_row (page, name, FALSE)));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-offers-what-it-was-opened-on");
  button = slip_ui_find_button (GTK_WIDGET (page), label);
  g_assert_nonnull (button);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       label);
  for (guint i = 0; i < 4 && gtk_window_get_focus (GTK_WINDOW (ui->window)) != button; i++)
    gtk_widget_child_focus (GTK_WIDGET (ui->window), GTK_DIR_TAB_FORWARD);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (ui->window)) == button);
  gtk_widget_activate (button);
  slip_ui_click (GTK_WIDGET (page), label);
  slip_ui_settle ();
  after = slip_parameter_field_dup_value (field, &message);
  g_assert_nonnull (after);
  g_assert_cmpstr (json_node_get_string (after), ==, value);
  g_assert_null (slip_ui_find_button (GTK_WIDGET (page), label));
  g_assert_false (slip_ui_find_text (get_field_row (page, name, TRUE), "This is needed"));
  slip_ui_resize (ui, 1280, 800);
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.cancel", NULL);
}

/* Of two clusters the offer names one; the other is the workspace's, and stays so. */
static void
test_offers_one (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autofree char *page_id = NULL;
  SlipResource *cluster;

  if (skip ())
    return;
  runbook = slip_runbook_find ("migrate", &error);
  g_assert_no_error (error);
  cluster = find_kind (G_LIST_MODEL (show ("production", SLIP_ESTATE_DATABASES)),
                       SLIP_RESOURCE_CLUSTER);
  g_assert_nonnull (cluster);
  page_id = slip_resource_dup_wizard_page (cluster, runbook);
  g_assert_null (strstr (page_id, "MigrationCluster"));
  assert_offered (page_id, "TargetCluster", slip_resource_get_name (cluster));
}

static void
open_rollback_on (SlipResource *snapshot)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("roll-back-global-cluster", &error);
  g_autofree char *page_id = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (snapshot);
  page_id = slip_resource_dup_wizard_page (snapshot, runbook);
  slip_window_go (ui->window, page_id);
  slip_ui_settle ();
}

/* The first of them in the list. */
static SlipResource *
find_snapshot_of (SlipEstateList *list, const char *cluster)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (SlipResource) group = g_list_model_get_item (G_LIST_MODEL (list), i);

      if (g_strcmp0 (slip_resource_get_name (group), cluster) == 0)
        return find_kind (slip_resource_get_children (group), SLIP_RESOURCE_SNAPSHOT);
    }
  return NULL;
}

static gboolean
offers_global (gpointer page)
{
  return slip_ui_find_button (page, "Use production-api-global, which the snapshot’s cluster "
                                    "api-production belongs to")
         != NULL;
}

static gboolean
tells_of_no_global (gpointer page)
{
  return slip_ui_find_text (page, "The snapshot is of cluster membrane-production, which belongs "
                                  "to no global cluster now. Choose the one that goes back.");
}

/* Which global cluster goes back follows from the snapshot, and is one press of a key away as that is. */
static void
test_offers_global (void)
{
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) before = NULL;
  g_autoptr (JsonNode) after = NULL;
  SlipParameterField *field;
  GtkWidget *page;

  if (skip ())
    return;
  open_rollback_on (
      find_snapshot_of (show ("production", SLIP_ESTATE_SNAPSHOTS), "api-production"));
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  slip_ui_wait (offers_global, page, 30, "the global cluster of the snapshot is offered");
  field = slip_parameter_form_find (slip_wizard_page_get_form (SLIP_WIZARD_PAGE (page)),
                                    "GlobalCluster");
  before = slip_parameter_field_dup_value (field, &message);
  g_assert_null (before);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-offers-the-global-cluster-of-the-snapshot");
  /* It takes the place of what was begun there by hand, whose going is told while it comes. */
  gtk_editable_set_text (
      GTK_EDITABLE (g_ptr_array_index (slip_parameter_field_get_rows (field), 0)), "production-ap");
  slip_ui_click (page, "Use production-api-global, which the snapshot’s cluster api-production "
                       "belongs to");
  slip_ui_settle ();
  g_clear_pointer (&message, g_free);
  after = slip_parameter_field_dup_value (field, &message);
  g_assert_cmpstr (json_node_get_string (after), ==, "production-api-global");
  gtk_widget_activate_action (page, "wizard.cancel", NULL);
  open_rollback_on (
      find_snapshot_of (show ("production", SLIP_ESTATE_SNAPSHOTS), "membrane-production"));
  slip_ui_wait (tells_of_no_global, slip_window_get_page (ui->window), 30, "the reason is told");
  gtk_widget_activate_action (GTK_WIDGET (slip_window_get_page (ui->window)), "wizard.cancel",
                              NULL);
}

/* An offer on points of DynamoDB is none on those of Aurora. */
static void
test_offers_where (void)
{
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autoptr (GError) error = NULL;
  SlipEstateList *list;
  guint offered = 0;
  guint left_out = 0;

  if (skip ())
    return;
  runbook = slip_runbook_find ("restore-dynamodb-from-backup", &error);
  g_assert_no_error (error);
  list = show ("production", SLIP_ESTATE_VAULTS);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (SlipResource) vault = g_list_model_get_item (G_LIST_MODEL (list), i);
      GListModel *points = slip_resource_get_children (vault);
      g_autoptr (SlipResource) point = g_list_model_get_item (points, 0);
      g_autofree char *type = slip_resource_dup_member (point, "ResourceType");
      g_autofree char *page_id = slip_resource_dup_wizard_page (point, runbook);

      if (g_str_equal (type, "DynamoDB"))
        {
          g_assert_nonnull (strstr (page_id, "&RecoveryPoint=arn%3Aaws%3Abackup"));
          g_assert_nonnull (strstr (page_id, "&Vault=eu-west-1-111111111111-backup-vault"));
          g_assert_nonnull (strstr (page_id, "&Table=production-Lpas"));
          offered++;
        }
      else
        {
          g_assert_null (page_id);
          left_out++;
        }
    }
  g_assert_cmpuint (offered, >, 0);
  g_assert_cmpuint (left_out, >, 0);
}

/* How many of the first points of all vaults of the environment the runbook is offered on. */
static guint
count_offers (const char *environment, const char *name, const char *type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find (name, &error);
  SlipEstateList *list = show (environment, SLIP_ESTATE_VAULTS);
  guint offered = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (SlipResource) vault = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autoptr (SlipResource) point
          = g_list_model_get_item (slip_resource_get_children (vault), 0);
      g_autofree char *page_id
          = point != NULL ? slip_resource_dup_wizard_page (point, runbook) : NULL;
      g_autofree char *of = point != NULL ? slip_resource_dup_member (point, "ResourceType") : NULL;

      if (page_id == NULL)
        continue;
      g_assert_cmpstr (of, ==, type);
      g_assert_nonnull (strstr (page_id, "&RecoveryPoint=arn%3Aaws"));
      g_assert_nonnull (strstr (page_id, "&Vault="));
      offered++;
    }
  return offered;
}

/* What restores a cluster is not offered on a table's point, and what copies back only on copies. */
static void
test_offers_of_points (void)
{
  if (skip ())
    return;
  g_assert_cmpuint (count_offers ("production", "restore-aurora-from-backup", "Aurora"), >, 0);
  g_assert_cmpuint (count_offers ("production", "copy-recovery-point-back", "Aurora"), ==, 0);
  g_assert_cmpuint (count_offers ("backup", "copy-recovery-point-back", "Aurora"), >, 0);
}

static void
test_tables (void)
{
  SlipEstateList *list;
  SlipResource *table;
  GtkWidget *page;

  if (skip ())
    return;
  list = show ("production", SLIP_ESTATE_TABLES);
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  g_assert_true (slip_ui_find_text (page, "Point in time"));
  g_assert_true (slip_ui_find_text (page, "protected"));
  shoot_all ("tables");
  table = select_kind (list, SLIP_RESOURCE_TABLE);
  g_assert_nonnull (find_kind (slip_resource_get_children (table), SLIP_RESOURCE_INDEX));
}

static void
test_watched (void)
{
  static const struct
  {
    SlipEstateKind kind;
    SlipResourceKind row;
    const char *name;
  } pages[] = {
      {SLIP_ESTATE_PIPELINES, SLIP_RESOURCE_PIPELINE, "pipelines"},
      {SLIP_ESTATE_ALARMS, SLIP_RESOURCE_ALARM, "alarms"},
  };

  if (skip ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      SlipEstateList *list = show ("production", pages[i].kind);

      g_assert_nonnull (find_kind (G_LIST_MODEL (list), pages[i].row));
      shoot_all (pages[i].name);
    }
}

/* ---- tasks and their logs */

static char *
run_task (void)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");
  g_autofree char *workspace
      = g_strdup (slip_workspace_get_path (slip_workbench_get_workspace (ui->workbench)));
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) arn = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  const char *const argv[]
      = {ctl,
         "--workspace",
         workspace,
         "aws",
         "ecs",
         "RunTask",
         "-e",
         "preproduction",
         "--allow-change",
         "--confirm",
         "preproduction",
         "--input",
         "{\"cluster\":\"preproduction\",\"taskDefinition\":\"copy-shared-snapshot-api\","
         "\"launchType\":\"FARGATE\",\"networkConfiguration\":{\"awsvpcConfiguration\":"
         "{\"subnets\":[\"subnet-1\"]}}}",
         NULL};

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status,
                &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("RunTask: %s", errors);
  node = slip_json_parse (output, -1, &error);
  g_assert_no_error (error);
  arn = slip_json_select (node, "$.tasks[0].taskArn", &error);
  g_assert_no_error (error);
  return json_node_dup_string (arn);
}

static gboolean
has_lines (gpointer page)
{
  return slip_log_page_get_n_lines (page) > 0;
}

static gboolean
tells_task (gpointer page)
{
  return slip_ui_find_text (page, "Log of copy-shared-snapshot-api");
}

static GPtrArray *
make_lines (guint n)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_log_line_free);

  for (guint i = 0; i < n; i++)
    {
      SlipLogLine *line = g_new0 (SlipLogLine, 1);

      line->time = (gint64)i * G_USEC_PER_SEC;
      line->text = g_strdup_printf ("line %u of many", i);
      g_ptr_array_add (lines, line);
    }
  return lines;
}

static void
test_log (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *today = g_date_time_format (now, "%Y-%m-%d ");
  g_autofree char *arn = NULL;
  g_autofree char *page_id = NULL;
  SlipLogPage *page;

  if (skip ())
    return;
  if (g_getenv ("SLIPWAYCTL") == NULL)
    {
      g_test_skip ("slipwayctl was not built");
      return;
    }
  arn = run_task ();
  page_id = g_strdup_printf ("log/preproduction/%s", arn);
  slip_window_go (ui->window, page_id);
  page = SLIP_LOG_PAGE (slip_window_get_page (ui->window));
  slip_ui_wait (has_lines, page, 60, "the first line of the task");
  /* Whoever comes at night reads what runs, and of which day each line is. */
  slip_ui_wait (tells_task, page, 60, "the task's name");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "times are UTC"));
  slip_ui_settle ();
  shoot_all ("log");
  g_assert_true (slip_log_page_find (page, today, FALSE));
}

static void
test_tasks (void)
{
  SlipEstateList *list;

  if (skip ())
    return;
  list = show ("preproduction", SLIP_ESTATE_TASKS);
  select_kind (list, SLIP_RESOURCE_ECS_TASK);
  g_assert_nonnull (find_kind (G_LIST_MODEL (list), SLIP_RESOURCE_ECS_SERVICE));
  g_assert_true (shows ((gpointer) "Follow the log"));
  shoot_all ("tasks");
}

static void
test_log_bounds (void)
{
  g_autoptr (GPtrArray) lines = NULL;
  SlipLogPage *page;
  g_autofree char *text = NULL;
  GtkWidget *view;
  GtkTextBuffer *buffer;
  GtkTextIter start;
  GtkTextIter end;

  if (skip ())
    return;
  /* A group that is not there has no lines, and so only those of the test come. */
  slip_window_go (ui->window,
                  "log/production/arn:aws:logs:eu-west-1:111111111111:log-group:no-such-group");
  page = SLIP_LOG_PAGE (slip_window_get_page (ui->window));
  slip_log_page_set_paused (page, TRUE);
  slip_ui_settle ();
  lines = make_lines (SLIP_LOG_PAGE_MAX_LINES + 5);
  slip_log_page_append (page, lines);
  g_assert_cmpuint (slip_log_page_get_n_lines (page), <=, SLIP_LOG_PAGE_MAX_LINES);
  g_assert_cmpuint (slip_log_page_get_n_lines (page), >, SLIP_LOG_PAGE_MAX_LINES / 2);
  g_assert_false (slip_log_page_find (page, "line 3 of", FALSE));
  g_assert_true (slip_log_page_find (page, "LINE 15000 OF", FALSE));
  view = slip_ui_find (GTK_WIDGET (page), GTK_TYPE_TEXT_VIEW);
  g_assert_nonnull (view);
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  g_assert_true (gtk_text_buffer_get_selection_bounds (buffer, &start, &end));
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_nonnull (strstr (text, "line 15000 of many"));
}

/* Of a snapshot there are many things to do: they scroll, and push nothing out of a small window. */
static void
test_many_offers (void)
{
  GtkWidget *details;
  int least;

  if (skip ())
    return;
  show ("production", SLIP_ESTATE_SNAPSHOTS);
  g_assert_true (slip_estate_page_select (
      SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)),
      slip_resource_get_id (find_snapshot_of (
          slip_workbench_get_estate (ui->workbench,
                                     slip_workbench_find_environment (ui->workbench, "production"),
                                     SLIP_ESTATE_SNAPSHOTS),
          "api-production"))));
  slip_ui_resize (ui, 1024, 640);
  details = slip_page_get_details (slip_window_get_page (ui->window));
  gtk_widget_measure (details, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (details), &least,
                      NULL, NULL, NULL);
  g_assert_cmpint (least, <, 400);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (ui->window)), <=, 640);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshot-offers-small");
  slip_ui_resize (ui, 1280, 800);
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshot-offers");
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
  g_test_add_func ("/ui/trees/a_copy_leads_to_its_original_and_back", test_vaults);
  g_test_add_func ("/ui/trees/only_the_environment_shown_is_open", test_navigator);
  g_test_add_func ("/ui/trees/a_runbook_is_offered_on_what_it_names", test_offers);
  g_test_add_func ("/ui/trees/a_cluster_is_only_the_parameter_that_the_offer_names",
                   test_offers_one);
  g_test_add_func ("/ui/trees/the_global_cluster_of_a_snapshot_is_offered", test_offers_global);
  g_test_add_func ("/ui/trees/an_offer_is_narrowed_by_fields", test_offers_where);
  g_test_add_func ("/ui/trees/points_are_offered_what_is_for_them", test_offers_of_points);
  g_test_add_func ("/ui/trees/tables_have_their_indexes_below", test_tables);
  g_test_add_func ("/ui/trees/pipelines_and_alarms_are_listed", test_watched);
  g_test_add_func ("/ui/trees/a_task_that_runs_is_followed_live", test_log);
  g_test_add_func ("/ui/trees/tasks_stand_below_their_services", test_tasks);
  g_test_add_func ("/ui/trees/a_long_log_stays_within_bounds", test_log_bounds);
  g_test_add_func ("/ui/trees/many_offers_push_nothing_out", test_many_offers);
  g_test_add_func ("/ui/trees/stops", test_stop);
  return g_test_run ();
}
