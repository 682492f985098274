/* SPDX-License-Identifier: MIT */

/* The program's own window on tens of thousands of snapshots, which come the way they come at any
 * start: out of the cache of the last listing. No server is needed, and none is there. */

#include "config.h"

#include "slip-bench-window.h"

#include <glib/gstdio.h>

#include "slip-ui-harness.h"

#include "slip-application.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-test-folder.h"

#define ENDPOINT "http://127.0.0.1:9"
#define ACCOUNT "111111111111"
#define NEWEST 1795242600
#define DAYS_KEPT 365

static const char workspace_text[]
    = "{\"schema\":\"org.slipway.workspace/1\",\"name\":\"bench\",\"environments\":[{"
      "\"name\":\"bench\",\"title\":\"Bench\",\"account\":\"" ACCOUNT "\","
      "\"regions\":[\"eu-west-1\"],\"profile\":\"bench\",\"role\":\"bench\","
      "\"endpoint_url\":\"" ENDPOINT "\"}]}";

static gboolean points;

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, text, -1, &error))
    g_error ("%s", error->message);
}

/* As AWS answers of an automated cluster snapshot, all members there. */
static void
append_item (GString *out, guint cluster, guint index)
{
  static const char *const states[] = {"available", "available", "available", "creating", "failed"};
  static const char arn[] = "arn:aws:rds:eu-west-1:" ACCOUNT;
  gint64 seconds = NEWEST - (gint64)index * 8640 - cluster % 60;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  g_autofree char *day = g_date_time_format (time, "%Y-%m-%d-%H-%M");
  g_autofree char *stamp = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  g_string_append_printf (
      out,
      "{\"AvailabilityZones\":[\"eu-west-1a\",\"eu-west-1b\",\"eu-west-1c\"],"
      "\"DBClusterSnapshotIdentifier\":\"rds:cluster-%03u-%s-%05u\","
      "\"DBClusterIdentifier\":\"cluster-%03u\",\"SnapshotCreateTime\":\"%s\","
      "\"Engine\":\"aurora-postgresql\",\"EngineMode\":\"provisioned\","
      "\"AllocatedStorage\":%u,\"Status\":\"%s\",\"Port\":5432,\"VpcId\":\"vpc-0a1b2c3d\","
      "\"ClusterCreateTime\":\"2024-02-03T04:05:06Z\",\"MasterUsername\":\"postgres\","
      "\"EngineVersion\":\"15.4\",\"LicenseModel\":\"postgresql-license\","
      "\"SnapshotType\":\"automated\",\"PercentProgress\":%u,\"StorageEncrypted\":true,"
      "\"KmsKeyId\":\"arn:aws:kms:eu-west-1:" ACCOUNT ":key/0c9f8f0e-1111-4222-8333-44445555%04u\","
      "\"DBClusterSnapshotArn\":\"%s:cluster-snapshot:rds:cluster-%03u-%s-%05u\","
      "\"IAMDatabaseAuthenticationEnabled\":false,\"TagList\":[{\"Key\":\"team\","
      "\"Value\":\"storage\"},{\"Key\":\"cost-centre\",\"Value\":\"4711\"}],"
      "\"DbClusterResourceId\":\"cluster-ABCDEFGHIJKLMNOPQRSTUV%03u\"}",
      cluster, day, index, cluster, stamp, 100 + index % 900, states[index % G_N_ELEMENTS (states)],
      index % G_N_ELEMENTS (states) == 3 ? 42 : 100, cluster, arn, cluster, day, index, cluster);
}

static void
append_vault (GString *out, guint vault)
{
  g_string_append_printf (out,
                          "{\"BackupVaultName\":\"vault-%03u\",\"BackupVaultArn\":"
                          "\"arn:aws:backup:eu-west-1:" ACCOUNT ":backup-vault:vault-%03u\","
                          "\"CreationDate\":\"2024-02-03T04:05:06Z\",\"Locked\":true}",
                          vault, vault);
}

/* As AWS answers of a recovery point, all members there. */
static void
append_point (GString *out, guint vault, guint index)
{
  gint64 seconds = NEWEST - (gint64)index * 8640 - vault % 60;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  g_autofree char *stamp = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  g_string_append_printf (
      out,
      "[\"recovery points\",{\"RecoveryPointArn\":\"arn:aws:rds:eu-west-1:" ACCOUNT
      ":cluster-snapshot:awsbackup:job-%03u-%06u\",\"BackupVaultName\":\"vault-%03u\","
      "\"BackupVaultArn\":\"arn:aws:backup:eu-west-1:" ACCOUNT ":backup-vault:vault-%03u\","
      "\"SourceBackupVaultArn\":\"arn:aws:backup:eu-west-1:" ACCOUNT ":backup-vault:source\","
      "\"ResourceArn\":\"arn:aws:rds:eu-west-1:" ACCOUNT ":cluster:cluster-%03u\","
      "\"ResourceType\":\"Aurora\",\"CreatedBy\":{\"BackupPlanId\":\"p-%u\",\"BackupRuleId\":"
      "\"daily\"},\"IamRoleArn\":\"arn:aws:iam::" ACCOUNT ":role/backup\",\"Status\":\"COMPLETED\","
      "\"CreationDate\":\"%s\",\"CompletionDate\":\"%s\",\"BackupSizeInBytes\":%u,"
      "\"EncryptionKeyArn\":\"arn:aws:kms:eu-west-1:" ACCOUNT
      ":key/0c9f8f0e\",\"IsEncrypted\":true,"
      "\"ResourceName\":\"cluster-%03u\",\"VaultType\":\"BACKUP_VAULT\"}]",
      vault, index, vault, vault, vault, vault, stamp, stamp, 1000000 + index * 1000, vault);
}

void
slip_bench_use_points (void)
{
  points = TRUE;
}

SlipResourceKind
slip_bench_get_leaf (void)
{
  return points ? SLIP_RESOURCE_RECOVERY_POINT : SLIP_RESOURCE_SNAPSHOT;
}

static void
write_cache (const char *folder, guint rows, guint clusters)
{
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text,
                   "{\"schema\":\"org.slipway.cache/1\",\"origin\":\"" ACCOUNT " " ENDPOINT
                   "\",\"saved\":%" G_GINT64_FORMAT ",\"items\":[\n",
                   g_get_real_time ());
  for (guint i = 0; points && i < clusters; i++)
    {
      append_vault (text, i);
      g_string_append (text, ",\n");
    }
  for (guint i = 0; i < rows; i++)
    {
      if (i > 0)
        g_string_append (text, ",\n");
      if (points)
        append_point (text, i % clusters, i / clusters);
      else
        append_item (text, i % clusters, i / clusters);
    }
  g_string_append (text, "\n]}\n");
  if (g_mkdir_with_parents (cache, 0700) != 0)
    g_error ("%s cannot be made", cache);
  write_file (cache,
              points ? "bench-" ACCOUNT "-vaults-eu-west-1-vaults.json"
                     : "bench-" ACCOUNT "-snapshots-eu-west-1-automated.json",
              text->str);
}

char *
slip_bench_new_state (guint rows, guint clusters)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("slipway-bench-XXXXXX", &error);
  g_autofree char *path = NULL;

  if (folder == NULL)
    g_error ("%s", error->message);
  path = g_build_filename (folder, "workspace.json", NULL);
  write_file (folder, "workspace.json", workspace_text);
  /* So that nothing of the person's own account is looked for. */
  write_file (folder, "config", "[profile bench]\nregion = eu-west-1\n");
  write_file (folder, "credentials",
              "[bench]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
              "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n");
  write_cache (folder, rows, clusters);
  g_setenv ("SLIPWAY_WORKSPACE", path, TRUE);
  g_setenv ("SLIPWAY_STATE_DIR", folder, TRUE);
  g_free (g_steal_pointer (&path));
  path = g_build_filename (folder, "config", NULL);
  g_setenv ("AWS_CONFIG_FILE", path, TRUE);
  g_free (g_steal_pointer (&path));
  path = g_build_filename (folder, "credentials", NULL);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", path, TRUE);
  return folder;
}

void
slip_bench_remove_state (const char *folder)
{
  slip_test_remove_folder (folder);
}

typedef struct
{
  SlipWindow *window;
  guint rows;
} Opening;

static gboolean
has_all_rows (gpointer data)
{
  Opening *opening = data;
  SlipWorkbench *workbench = slip_window_get_workbench (opening->window);
  SlipPage *page = slip_window_get_page (opening->window);

  return SLIP_IS_ESTATE_PAGE (page)
         && slip_estate_list_get_n_total (slip_workbench_get_estate (
                workbench, slip_workbench_find_environment (workbench, "bench"),
                points ? SLIP_ESTATE_VAULTS : SLIP_ESTATE_SNAPSHOTS))
                >= opening->rows;
}

SlipWindow *
slip_bench_open_window (void)
{
  GtkApplication *application;
  g_autoptr (GError) error = NULL;

  if (slip_settings_get () != NULL)
    g_settings_set_boolean (slip_settings_get (), "notifications", FALSE);
  application = GTK_APPLICATION (slip_application_new ());
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    g_error ("%s", error->message);
  g_application_activate (G_APPLICATION (application));
  return SLIP_WINDOW (gtk_application_get_windows (application)->data);
}

static gboolean
is_whole (gpointer data)
{
  return !slip_estate_page_is_growing (data);
}

static gboolean
has_workspace (gpointer window)
{
  return slip_window_get_workbench (window) != NULL
         && slip_workbench_get_workspace (slip_window_get_workbench (window)) != NULL;
}

SlipEstatePage *
slip_bench_open (guint rows)
{
  Opening opening = {slip_bench_open_window (), rows};
  SlipEstatePage *page;

  if (points)
    {
      slip_ui_wait (has_workspace, opening.window, 60, "the workspace");
      slip_window_go (opening.window, "vaults/bench");
    }
  slip_ui_wait (has_all_rows, &opening, 120, "the rows of the last listing");
  slip_ui_settle ();
  page = SLIP_ESTATE_PAGE (slip_window_get_page (opening.window));
  slip_ui_wait (is_whole, page, 120, "all rows in the view");
  return page;
}

GListModel *
slip_bench_get_rows (SlipEstatePage *page)
{
  return G_LIST_MODEL (gtk_column_view_get_model (slip_estate_page_get_view (page)));
}

void
slip_bench_expand (SlipEstatePage *page)
{
  GListModel *rows = slip_bench_get_rows (page);
  guint n_roots = g_list_model_get_n_items (rows);

  /* From the back, so that what stands above does not move. */
  for (guint i = n_roots; i > 0; i--)
    {
      g_autoptr (SlipSlot) slot = g_list_model_get_item (rows, i - 1);
      GtkTreeListRow *row = slip_slot_get_row (slot);

      if (gtk_tree_list_row_get_depth (row) == 0)
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
  slip_ui_settle ();
  slip_ui_wait (is_whole, page, 120, "all rows in the view");
}
