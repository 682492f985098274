/* SPDX-License-Identifier: MIT */

/* Definitions as they would be, on a worker. A check needs whole folders, so it copies the small files that they are, puts
 * the changed ones in, and asks the same check and the same comparison as `slipwayctl migrate check` and `versions`. */

#include "config.h"

#include "slip-definition-work.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/slip-edit.h"
#include "slip-definition-text.h"
#include "slip-definitions-diff.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-check-all.h"

#define MAX_FILE (4 * 1024 * 1024)
#define MAX_DEPTH 4

/* ---- changes */

void
slip_definition_edits_free (gpointer memory)
{
  SlipDefinitionEdits *edits = memory;

  json_object_unref (edits->set);
  json_object_unref (edits->names);
  g_ptr_array_unref (edits->codes);
  g_free (edits);
}

SlipDefinitionEdits *
slip_definition_edits_new (void)
{
  SlipDefinitionEdits *edits = g_new0 (SlipDefinitionEdits, 1);

  edits->set = json_object_new ();
  edits->names = json_object_new ();
  edits->codes = g_ptr_array_new_with_free_func (g_free);
  return edits;
}

static void
copy_members (JsonObject *from, JsonObject *to)
{
  g_autoptr (GList) names = json_object_get_members (from);

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (to, l->data, json_node_copy (json_object_get_member (from, l->data)));
}

GHashTable *
slip_definition_edits_copy_files (GHashTable *files)
{
  GHashTable *copies
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, slip_definition_edits_free);
  GHashTableIter iter;
  gpointer file;
  gpointer value;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &file, &value))
    {
      const SlipDefinitionEdits *edits = value;
      SlipDefinitionEdits *copy = slip_definition_edits_new ();

      copy_members (edits->set, copy->set);
      copy_members (edits->names, copy->names);
      for (guint i = 0; i < edits->codes->len; i++)
        g_ptr_array_add (copy->codes, g_strdup (edits->codes->pdata[i]));
      g_hash_table_insert (copies, g_strdup (file), copy);
    }
  return copies;
}

/* ---- a file's new text */

static char *
apply (const char *text, const SlipDefinitionEdits *edits, GError **error)
{
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *changed
      = json_object_get_size (edits->set) > 0
            ? slip_edit_apply (SLIP_EDIT_JSON, text, edits->set, &changes, error)
            : g_strdup (text);

  g_autoptr (GList) names = json_object_get_members (edits->names);

  /* Paths of values are those on disk: names come behind. */
  for (GList *l = names; changed != NULL && l != NULL; l = l->next)
    {
      const char *to = slip_json_node_string (json_object_get_member (edits->names, l->data));
      g_autofree char *old = g_steal_pointer (&changed);

      changed = slip_definition_text_rename (old, l->data, to, error);
    }
  for (guint i = 0; changed != NULL && i + 1 < edits->codes->len; i += 2)
    {
      char *with = slip_definition_text_add_code (changed, edits->codes->pdata[i],
                                                  edits->codes->pdata[i + 1]);

      if (with == NULL)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                               "the file is no JSON object");
          return NULL;
        }
      g_free (changed);
      changed = with;
    }
  return g_steal_pointer (&changed);
}

/* ---- the work of both jobs */

SlipDefinitionWork *
slip_definition_work_new (SlipMigrationProject *project,
                          const char *folder,
                          GHashTable *files,
                          GHashTable *seen)
{
  SlipDefinitionWork *work = g_new0 (SlipDefinitionWork, 1);
  GHashTableIter iter;
  gpointer file;
  gpointer value;

  work->project = slip_migration_project_ref (project);
  work->folder = g_strdup (folder);
  work->files = slip_definition_edits_copy_files (files);
  work->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  work->changes = g_ptr_array_new_with_free_func (g_free);
  work->findings = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &file, &value))
    g_hash_table_insert (work->seen, g_strdup (file), g_strdup (value));
  return work;
}

void
slip_definition_work_free (gpointer memory)
{
  SlipDefinitionWork *work = memory;

  slip_migration_project_unref (work->project);
  g_free (work->folder);
  g_hash_table_unref (work->files);
  g_hash_table_unref (work->seen);
  g_ptr_array_unref (work->changes);
  g_ptr_array_unref (work->findings);
  g_free (work->unasked);
  g_free (work);
}

static char *
read_text (const char *folder, const char *file, char **sha256, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_FILE, error);
  const char *data;
  gsize length;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  if (sha256 != NULL)
    *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return g_strndup (data != NULL ? data : "", length);
}

static gboolean
copy_folder (const char *from, const char *to, guint depth, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  g_mkdir_with_parents (to, 0700);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_autofree char *text = NULL;
      gsize length;
      GStatBuf info;

      if (name[0] == '.' || g_stat (source, &info) != 0)
        continue;
      if (S_ISDIR (info.st_mode))
        {
          if (depth < MAX_DEPTH && !copy_folder (source, target, depth + 1, error))
            return FALSE;
        }
      else if (S_ISREG (info.st_mode) && info.st_size <= MAX_FILE
               && (!g_file_get_contents (source, &text, &length, error)
                   || !g_file_set_contents (target, text, (gssize)length, error)))
        return FALSE;
    }
  return TRUE;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

/* ---- the check */

/* A place in the copy is one in the folder. */
static char *
dup_line (SlipDefinitionWork *work, const SlipFinding *finding, const char *copy)
{
  GString *line = g_string_new (NULL);

  g_string_printf (line, "%s: %s%s%s: %s%s%s", slip_severity_get_name (finding->severity),
                   finding->file, finding->path != NULL ? " " : "",
                   finding->path != NULL ? finding->path : "", finding->message,
                   finding->advice != NULL ? ". " : "",
                   finding->advice != NULL ? finding->advice : "");
  g_string_replace (line, copy, work->project->definitions, 0);
  return g_string_free (line, FALSE);
}

static GHashTable *
list_lines (SlipDefinitionWork *work, GPtrArray *findings, const char *copy)
{
  GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < findings->len; i++)
    g_hash_table_add (lines, dup_line (work, findings->pdata[i], copy));
  return lines;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What cannot be looked at is told, and hides nothing of the rest. */
static void
find_new (SlipDefinitionWork *work, const char *copy, GCancellable *cancellable)
{
  const SlipMigrationProject *project = work->project;
  const SlipMigrationCheckAll what = {project->definitions,
                                      project->sidecar,
                                      project->source,
                                      NULL,
                                      work->databases ? project->migration_db : NULL,
                                      work->databases ? project->target_db : NULL};
  g_autoptr (GPtrArray) before = slip_findings_new ();
  g_autoptr (GPtrArray) after = slip_findings_new ();
  g_autoptr (GHashTable) old = NULL;
  g_autoptr (GHashTable) new = NULL;
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer line;

  if (!slip_migration_check_change (&what, copy, before, after, cancellable, &error))
    work->unasked = g_strdup (error->message);
  old = list_lines (work, before, copy);
  new = list_lines (work, after, copy);
  g_hash_table_iter_init (&iter, new);
  while (g_hash_table_iter_next (&iter, &line, NULL))
    if (!g_hash_table_contains (old, line))
      g_ptr_array_add (work->findings, g_strdup (line));
  g_ptr_array_sort (work->findings, compare_lines);
}

/* A sign-off that is taken back changes no row, but what a validation is worth. */
static char *
dup_change (const SlipDefinitionsChange *change)
{
  char *text = slip_definitions_change_to_text (change);
  g_autofree char *alone = NULL;

  if (change->part != SLIP_DEFINITIONS_PART_MAPPING || g_strcmp0 (change->property, "complete") != 0
      || g_strcmp0 (change->after, "no") != 0)
    return text;
  alone = text;
  return g_strconcat (alone, ". ",
                      _ ("Until it is signed off again, validation reads it back and does not "
                         "compute it, unless rows are known by it"),
                      NULL);
}

static void
compare_folders (SlipDefinitionWork *work, const char *copy)
{
  g_autoptr (GPtrArray) findings = slip_findings_new (); /* told by the check */
  g_autoptr (SlipMigration) before
      = slip_migration_read (work->project->definitions, work->project->sidecar, findings);
  g_autoptr (SlipMigration) after = slip_migration_read (copy, work->project->sidecar, findings);
  g_autoptr (GPtrArray) changes = slip_definitions_diff (slip_migration_get_definitions (before),
                                                         slip_migration_get_definitions (after));

  for (guint i = 0; i < changes->len; i++)
    g_ptr_array_add (work->changes, dup_change (changes->pdata[i]));
}

/* Where the definitions are in the copy: they are the project's folder, or below it. */
static const char *
get_below (SlipDefinitionWork *work)
{
  gsize length = strlen (work->project->definitions);
  const char *below;

  while (length > 1 && G_IS_DIR_SEPARATOR (work->project->definitions[length - 1]))
    length--;
  if (strncmp (work->folder, work->project->definitions, length) != 0)
    return NULL;
  below = work->folder + length;
  return below[0] == '\0' || G_IS_DIR_SEPARATOR (below[0]) ? below : NULL;
}

static gboolean
put_files (SlipDefinitionWork *work, const char *to, GError **error)
{
  GHashTableIter iter;
  gpointer file;
  gpointer edits;

  g_hash_table_iter_init (&iter, work->files);
  while (g_hash_table_iter_next (&iter, &file, &edits))
    {
      char *sha256 = NULL;
      g_autofree char *text = read_text (work->folder, file, &sha256, error);
      g_autofree char *changed = text != NULL ? apply (text, edits, error) : NULL;
      g_autofree char *path = g_build_filename (to, file, NULL);

      g_hash_table_insert (work->seen, g_strdup (file), sha256);
      if (changed == NULL || !g_file_set_contents (path, changed, -1, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_definition_work_check (SlipJob *job, gpointer memory, GError **error)
{
  SlipDefinitionWork *work = memory;
  const char *below = get_below (work);
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autofree char *copy = NULL;
  g_autofree char *to = NULL;
  gboolean ok;

  if (below == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "the definitions in %s are not below %s. Edit them there, or name that folder "
                   "in the workspace",
                   work->folder, work->project->definitions);
      return FALSE;
    }
  copy = g_dir_make_tmp ("slipway-draft-XXXXXX", error);
  if (copy == NULL)
    return FALSE;
  to = g_strconcat (copy, below, NULL);
  ok = copy_folder (work->project->definitions, copy, 0, error) && put_files (work, to, error);
  if (ok)
    {
      compare_folders (work, copy);
      find_new (work, copy, cancellable);
    }
  remove_folder (copy);
  return ok;
}

/* ---- the save */

typedef struct
{
  char *path;
  char *before; /* its text as it is */
  char *beside; /* where its new text is, until it takes its place; NULL before */
} Replaced;

static void
replaced_free (gpointer memory)
{
  Replaced *replaced = memory;

  if (replaced->beside != NULL)
    g_unlink (replaced->beside);
  g_free (replaced->path);
  g_free (replaced->before);
  g_free (replaced->beside);
  g_free (replaced);
}

/* The file's new text beside it: what can fail for want of room or of a right fails here. */
static gboolean
write_beside (SlipDefinitionWork *work,
              const char *file,
              const SlipDefinitionEdits *edits,
              GPtrArray *all,
              GError **error)
{
  Replaced *replaced = g_new0 (Replaced, 1);
  g_autofree char *sha256 = NULL;
  g_autofree char *changed = NULL;
  g_autofree char *beside = NULL;
  int fd;

  g_ptr_array_add (all, replaced);
  replaced->path = g_build_filename (work->folder, file, NULL);
  replaced->before = read_text (work->folder, file, &sha256, error);
  if (replaced->before == NULL)
    return FALSE;
  if (g_strcmp0 (sha256, g_hash_table_lookup (work->seen, file)) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "%s was changed by somebody else since it was checked. Nothing was "
                   "written: discard, and change it again",
                   replaced->path);
      return FALSE;
    }
  changed = apply (replaced->before, edits, error);
  if (changed == NULL)
    return FALSE;
  beside = slip_file_temporary (replaced->path);
  fd = g_mkstemp (beside);
  if (fd < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                   "cannot write beside %s: %s. Nothing was changed", replaced->path,
                   g_strerror (code));
      return FALSE;
    }
  close (fd);
  replaced->beside = g_steal_pointer (&beside);
  if (g_file_set_contents (replaced->beside, changed, -1, error))
    return TRUE;
  g_prefix_error (error, "%s was not written, nothing was changed: ", replaced->path);
  return FALSE;
}

/* Those that have their new text already get their old one back. */
static void
put_back (GPtrArray *all, guint n, const char *failed, int code, GError **error)
{
  g_autoptr (GString) kept = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const Replaced *replaced = g_ptr_array_index (all, i);

      if (!g_file_set_contents (replaced->path, replaced->before, -1, NULL))
        g_string_append_printf (kept, "%s%s", kept->len > 0 ? ", " : "", replaced->path);
    }
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s cannot be replaced: %s. %s%s",
               failed, g_strerror (code),
               kept->len > 0 ? "These have their new text, and could not be put back: "
                             : "Nothing was changed",
               kept->str);
}

gboolean
slip_definition_work_save (SlipJob *job, gpointer memory, GError **error)
{
  SlipDefinitionWork *work = memory;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (replaced_free);
  GHashTableIter iter;
  gpointer file;
  gpointer edits;

  /* All of them are written before the first takes its place. */
  g_hash_table_iter_init (&iter, work->files);
  while (g_hash_table_iter_next (&iter, &file, &edits))
    if (!write_beside (work, file, edits, all, error))
      return FALSE;
  for (guint i = 0; i < all->len; i++)
    {
      Replaced *replaced = g_ptr_array_index (all, i);

      if (g_rename (replaced->beside, replaced->path) != 0)
        {
          put_back (all, i, replaced->path, errno, error);
          return FALSE;
        }
      g_clear_pointer (&replaced->beside, g_free);
    }
  return TRUE;
}
