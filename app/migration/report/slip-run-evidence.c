/* SPDX-License-Identifier: MIT */
/* All that is told of a run, in one folder that can be handed in and checked without this program. */

#include "slip-run-evidence.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-migration-report.h"
#include "slip-migration-run.h"
#include "slip-waterfall.h"

#include <errno.h>
#include <glib/gstdio.h>

#define SUMS "SHA256SUMS"

typedef struct
{
  const char *folder;
  JsonObject *files; /* owned; name → SHA-256 */
  GString *sums;     /* owned */
} Evidence;

static void
evidence_clear (Evidence *self)
{
  json_object_unref (self->files);
  g_string_free (self->sums, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Evidence, evidence_clear)

static gboolean
make_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                   "folder %s cannot be made: %s", folder, g_strerror (errno));
      return FALSE;
    }
  dir = g_dir_open (folder, 0, error);
  if (dir == NULL)
    return FALSE;
  if (g_dir_read_name (dir) == NULL)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "something is in folder %s already. Name one that is not there yet", folder);
  return FALSE;
}

static gboolean
add_file (Evidence *self, const char *name, gconstpointer data, gsize length, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, length);

  if (!slip_file_write_atomic (path, data, (gssize)length, 0600, error))
    return FALSE;
  json_object_set_string_member (self->files, name, digest);
  g_string_append_printf (self->sums, "%s  %s\n", digest, name);
  return TRUE;
}

static gboolean
add_text (Evidence *self, const char *name, const char *text, GError **error)
{
  return text != NULL && add_file (self, name, text, strlen (text), error);
}

char *
slip_run_evidence_dup_waterfall (SlipMigration *migration,
                                 SlipPg *pg,
                                 gint64 run,
                                 const SlipMigrationRunStatus *status,
                                 GError **error)
{
  g_autoptr (SlipRunReport) report = NULL;
  g_autoptr (SlipWaterfall) waterfall = NULL;

  g_return_val_if_fail (migration != NULL && pg != NULL, NULL);

  report = slip_run_report_read (pg, run, error);
  if (report != NULL && status != NULL)
    slip_run_report_take_status (report, status);
  waterfall = report != NULL ? slip_waterfall_read (pg, migration, report, error) : NULL;
  return waterfall != NULL ? slip_waterfall_to_csv (waterfall) : NULL;
}

static gboolean
add_tables (Evidence *self,
            SlipMigration *migration,
            SlipPg *pg,
            const SlipMigrationRunStatus *status,
            GError **error)
{
  const char *target = slip_migration_run_status_get_target (status);
  gboolean gone = g_str_equal (target, "gone");
  g_autoptr (JsonNode) report = slip_migration_report_read (pg, status->run, gone, error);
  const char *const *tables = slip_migration_report_get_tables ();
  g_autofree char *json = NULL;
  g_autofree char *lines = NULL;
  g_autofree char *waterfall = NULL;

  if (report == NULL)
    return FALSE;
  json_object_set_string_member (json_node_get_object (report), "target", target);
  json = slip_json_to_text (report, TRUE);
  lines = g_strconcat (json, "\n", NULL);
  if (!add_text (self, "report.json", lines, error))
    return FALSE;
  for (guint i = 0; tables[i] != NULL; i++)
    {
      g_autofree char *text = slip_migration_report_csv (pg, status->run, tables[i], gone, error);
      g_autofree char *name = g_strconcat (tables[i], ".csv", NULL);

      if (!add_text (self, name, text, error))
        return FALSE;
    }
  waterfall = slip_run_evidence_dup_waterfall (migration, pg, status->run, status, error);
  return add_text (self, "waterfall.csv", waterfall, error);
}

static gboolean
add_pictures (Evidence *self, GHashTable *pictures, GError **error)
{
  GHashTableIter iter;
  gpointer name, bytes;

  if (pictures == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, pictures);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    if (!add_file (self, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error))
      return FALSE;
  return TRUE;
}

JsonObject *
slip_run_evidence_write (SlipMigration *migration,
                         const char *migration_db,
                         const char *target_db,
                         gint64 run,
                         GHashTable *pictures,
                         const char *folder,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (Evidence) self = {folder, json_object_new (), g_string_new (NULL)};
  g_autoptr (SlipPg) pg = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  const SlipMigrationRunStatus *status;
  g_autofree char *path = NULL;
  g_autofree char *digest = NULL;
  JsonObject *told;

  g_return_val_if_fail (migration != NULL && migration_db != NULL && folder != NULL, NULL);

  pg = slip_pg_open (migration_db, "migration database", cancellable, error);
  runs
      = pg != NULL ? slip_migration_run_status (migration_db, target_db, cancellable, error) : NULL;
  if (runs == NULL || (status = slip_migration_run_status_find (runs, run, error)) == NULL
      || !make_folder (folder, error) || !add_tables (&self, migration, pg, status, error)
      || !add_pictures (&self, pictures, error))
    return NULL;
  path = g_build_filename (folder, SUMS, NULL);
  if (!slip_file_write_atomic (path, self.sums->str, -1, 0600, error))
    return NULL;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self.sums->str, -1);
  told = json_object_new ();
  json_object_set_int_member (told, "run", status->run);
  json_object_set_string_member (told, "target", slip_migration_run_status_get_target (status));
  json_object_set_string_member (told, "folder", folder);
  json_object_set_string_member (told, "sha256", digest);
  json_object_set_object_member (told, "files", json_object_ref (self.files));
  return told;
}
