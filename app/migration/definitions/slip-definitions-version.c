/* SPDX-License-Identifier: MIT */
/* Versions of definitions: which one a folder has, and how another gets there. Where archives come from is not known
 * here; see slip-definitions-switch.c for how nothing is ever half there. */

#include "config.h"

#include "slip-definitions-version.h"

#include "slip-definitions-switch.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-check.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_VERSION_FILE (64 * 1024)
#define MAX_DEFINITION ((gsize)64 * 1024 * 1024)

void
slip_definitions_version_free (SlipDefinitionsVersion *version)
{
  if (version == NULL)
    return;
  g_free (version->bucket);
  g_free (version->key);
  g_free (version->version_id);
  g_free (version->last_modified);
  g_free (version->sha256);
  g_free (version->checked);
  g_free (version);
}

void
slip_definitions_install_clear (SlipDefinitionsInstall *install)
{
  g_clear_pointer (&install->changes, g_ptr_array_unref);
}

/* ---- which version a folder has */

SlipDefinitionsVersion *
slip_definitions_version_read (const char *folder)
{
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  SlipDefinitionsVersion *version;
  JsonObject *object;

  g_return_val_if_fail (folder != NULL, NULL);

  path = g_build_filename (folder, SLIP_DEFINITIONS_VERSION_FILE, NULL);
  bytes = slip_file_read (path, MAX_VERSION_FILE, NULL);
  if (bytes != NULL)
    node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL; /* a folder that nobody installed has none, which is no fault */
  object = json_node_get_object (node);
  version = g_new0 (SlipDefinitionsVersion, 1);
  version->bucket = g_strdup (slip_json_string (object, "bucket"));
  version->key = g_strdup (slip_json_string (object, "key"));
  version->version_id = g_strdup (slip_json_string (object, "version_id"));
  version->last_modified = g_strdup (slip_json_string (object, "last_modified"));
  version->sha256 = g_strdup (slip_json_string (object, "sha256"));
  version->checked = g_strdup (slip_json_string (object, "checked"));
  return version;
}

/* The first two members are what the original writes. */
static gboolean
write_version (const char *stage, const SlipDefinitionsVersion *version, GError **error)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *path = g_build_filename (stage, SLIP_DEFINITIONS_VERSION_FILE, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;

  if (version->version_id != NULL)
    json_object_set_string_member (object, "version_id", version->version_id);
  else
    json_object_set_null_member (object, "version_id");
  json_object_set_string_member (object, "last_modified", version->last_modified);
  json_object_set_string_member (object, "bucket", version->bucket);
  json_object_set_string_member (object, "key", version->key);
  json_object_set_string_member (object, "sha256", version->sha256);
  json_object_set_string_member (object, "checked", version->checked);
  text = slip_json_to_text (node, TRUE);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      SLIP_DEFINITIONS_SET_ERRNO (error, folder, "cannot be made");
      return FALSE;
    }
  return slip_file_write_atomic (path, text, -1, 0644, error);
}

char *
slip_definitions_dup_previous (const char *folder)
{
  g_autofree char *previous = NULL;

  g_return_val_if_fail (folder != NULL, NULL);

  previous = slip_definitions_previous_path (folder);
  return g_file_test (previous, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&previous) : NULL;
}

/* ---- the stage */

/* Files that the archive does not bring: with them the stage is whole, for the check now and for a comparison with the
 * version before later on. */
static gboolean
copy_others (const char *folder, const char *stage, char **brought, GError **error)
{
  for (guint i = 1; slip_definitions_entries[i] != NULL; i++)
    {
      const char *name = slip_definitions_entries[i];
      g_autofree char *from = g_build_filename (folder, name, NULL);
      g_autofree char *to = g_build_filename (stage, name, NULL);
      g_autoptr (GBytes) bytes = NULL;

      if (g_strv_contains ((const char *const *)brought, name)
          || !g_file_test (from, G_FILE_TEST_IS_REGULAR))
        continue;
      bytes = slip_file_read (from, MAX_DEFINITION, error);
      if (bytes == NULL
          || !slip_file_write_atomic (to, g_bytes_get_data (bytes, NULL),
                                      (gssize)g_bytes_get_size (bytes), 0644, error))
        return FALSE;
    }
  return TRUE;
}

/* Takes out findings about files that neither the archive nor the folder has. Returns: whether there were such. */
static gboolean
remove_absent (GPtrArray *findings, const char *stage)
{
  guint before = findings->len;

  for (guint i = findings->len; i-- > 0;)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);
      g_autofree char *file = g_build_filename (stage, finding->file, NULL);

      if (finding->severity == SLIP_SEVERITY_ERROR && !g_file_test (file, G_FILE_TEST_EXISTS))
        g_ptr_array_remove_index (findings, i);
    }
  return findings->len < before;
}

/* What the archive brings must be understood, and fit each other; where files are still to come, whether it fits is for
 * the check that has them. */
static SlipDefinitions *
check (const char *told, const char *stage, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = slip_migration_read (stage, NULL, findings);
  const SlipCheckAgainst nothing = {0};
  g_autofree char *text = NULL;
  guint faults;

  if (!remove_absent (findings, stage)
      && !slip_migration_check (migration, &nothing, NULL, findings, error))
    return NULL;
  faults = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  if (faults == 0)
    return g_object_ref (slip_migration_get_definitions (migration));
  text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "the definitions of %s have %u %s, and are not installed:\n%s", told, faults,
               faults == 1 ? "fault" : "faults", g_strchomp (text));
  return NULL;
}

static gboolean
has_definitions (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, slip_definitions_entries[0], NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

static gboolean
is_same_version (const char *folder, const SlipDefinitionsVersion *version)
{
  g_autoptr (SlipDefinitionsVersion) now = slip_definitions_version_read (folder);

  return now != NULL && g_strcmp0 (now->sha256, version->sha256) == 0
         && g_strcmp0 (now->version_id, version->version_id) == 0
         && g_strcmp0 (now->key, version->key) == 0
         && g_strcmp0 (now->bucket, version->bucket) == 0;
}

/* What is to come against what is there. */
static void
compare (const char *folder,
         SlipDefinitions *next,
         const SlipDefinitionsVersion *version,
         SlipDefinitionsInstall *install)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) now = NULL;

  install->changed = TRUE;
  if (!has_definitions (folder))
    return;
  now = slip_definitions_read (folder, findings);
  install->changes = slip_definitions_diff (now, next);
  install->changed
      = !is_same_version (folder, version)
        || !g_str_equal (slip_definitions_get_sha256 (now), slip_definitions_get_sha256 (next));
}

/* Where a person finds it again: who downloaded it removes the file. */
static char *
dup_told (const char *archive, const SlipDefinitionsVersion *version)
{
  const char *id = version->version_id;

  if (version->bucket == NULL || version->key == NULL)
    return g_strdup (archive);
  return g_strdup_printf ("s3://%s/%s (version %s)", version->bucket, version->key,
                          id != NULL ? id : "null");
}

static gboolean
install_locked (const char *archive,
                const char *folder,
                const SlipDefinitionsVersion *version,
                SlipDefinitionsInstall *install,
                GError **error)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autofree char *told = dup_told (archive, version);
  g_auto (GStrv) entries = NULL;
  g_autoptr (SlipDefinitions) next = NULL;

  if (!slip_definitions_recover (folder, error))
    return FALSE;
  if (g_mkdir (stage, 0755) != 0)
    {
      SLIP_DEFINITIONS_SET_ERRNO (error, stage, "cannot be made");
      return FALSE;
    }
  entries = slip_definitions_unpack (archive, told, stage, &install->ignored, error);
  if (entries != NULL && copy_others (folder, stage, entries, error)
      && write_version (stage, version, error))
    next = check (told, stage, error);
  if (next == NULL)
    {
      slip_definitions_remove (stage, NULL); /* the next installation does it otherwise */
      return FALSE;
    }
  compare (folder, next, version, install);
  if (!install->changed)
    return slip_definitions_remove (stage, error);
  return slip_definitions_switch (folder, (const char *const *)entries, error);
}

gboolean
slip_definitions_install (const char *archive,
                          const char *folder,
                          const SlipDefinitionsVersion *version,
                          SlipDefinitionsInstall *install,
                          GError **error)
{
  gboolean ok;
  int lock;

  g_return_val_if_fail (archive != NULL && folder != NULL && version != NULL && install != NULL,
                        FALSE);

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      SLIP_DEFINITIONS_SET_ERRNO (error, folder, "cannot be made");
      return FALSE;
    }
  lock = slip_definitions_lock (folder, error);
  if (lock < 0)
    return FALSE;
  ok = install_locked (archive, folder, version, install, error);
  close (lock);
  return ok;
}
