/* SPDX-License-Identifier: MIT */

/* Definitions as they would be. A check needs whole folders, so a worker copies the small files that they are, puts the
 * changed ones in, and asks the same check and the same comparison as `slipwayctl migrate check` and `versions`. */

#include "config.h"

#include "slip-definition-draft.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "actions/slip-edit.h"
#include "slip-definition-text.h"
#include "slip-definitions-diff.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-check.h"
#include "slip-task.h"

#define CHECK_MS 250
#define MAX_FILE (4 * 1024 * 1024)
#define MAX_DEPTH 4

/* The changes of one file. */
typedef struct
{
  JsonObject *set;   /* owned; path → value */
  JsonObject *names; /* owned; a member's name on disk → its new one; null when it goes */
  GPtrArray *codes;  /* owned; code, JSON text, code, … */
} Edits;

struct _SlipDefinitionDraft
{
  GObject parent_instance;

  SlipMigrationProject *project; /* owned */
  char *folder;                  /* of the definitions */
  GHashTable *files;             /* owned; file → Edits */
  GPtrArray *before;             /* owned; what files was before each change, the latest last */
  char *last;                    /* what the latest change was of: typing on is one change */
  GHashTable *seen;              /* owned; file → SHA-256 of what was checked */
  GPtrArray *changes;            /* owned */
  GPtrArray *findings;           /* owned */
  char *message;
  guint source;
  gboolean busy;
  gboolean again;
};

G_DEFINE_FINAL_TYPE (SlipDefinitionDraft, slip_definition_draft, G_TYPE_OBJECT)

static guint signal_checked;
static guint signal_saved;

static void check_soon (SlipDefinitionDraft *self);

static void
edits_free (gpointer memory)
{
  Edits *edits = memory;

  json_object_unref (edits->set);
  json_object_unref (edits->names);
  g_ptr_array_unref (edits->codes);
  g_free (edits);
}

static Edits *
edits_new (void)
{
  Edits *edits = g_new0 (Edits, 1);

  edits->set = json_object_new ();
  edits->names = json_object_new ();
  edits->codes = g_ptr_array_new_with_free_func (g_free);
  return edits;
}

/* ---- a file's new text */

static char *
apply (const char *text, const Edits *edits, GError **error)
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

typedef struct
{
  SlipMigrationProject *project;
  char *folder;
  GHashTable *files; /* file → Edits, copies */
  GHashTable *seen;  /* file → SHA-256: read by the check, demanded by the save */
  GPtrArray *changes;
  GPtrArray *findings;
} Work;

static void
work_free (gpointer memory)
{
  Work *work = memory;

  slip_migration_project_unref (work->project);
  g_free (work->folder);
  g_hash_table_unref (work->files);
  g_hash_table_unref (work->seen);
  g_ptr_array_unref (work->changes);
  g_ptr_array_unref (work->findings);
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

static GHashTable *
check_folder (const char *folder, const char *sidecar, SlipMigration **migration)
{
  GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  const SlipCheckAgainst nothing = {0};

  *migration = slip_migration_read (folder, sidecar, findings);
  slip_migration_check (*migration, &nothing, NULL, findings, NULL);
  slip_findings_sort (findings);
  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      g_hash_table_add (
          lines, g_strdup_printf ("%s: %s%s%s: %s%s%s", slip_severity_get_name (finding->severity),
                                  finding->file, finding->path != NULL ? " " : "",
                                  finding->path != NULL ? finding->path : "", finding->message,
                                  finding->advice != NULL ? ". " : "",
                                  finding->advice != NULL ? finding->advice : ""));
    }
  return lines;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
compare_folders (Work *work, const char *copy)
{
  const char *sidecar = work->project->sidecar;
  g_autoptr (SlipMigration) before = NULL;
  g_autoptr (SlipMigration) after = NULL;
  g_autoptr (GHashTable) old = check_folder (work->project->definitions, sidecar, &before);
  g_autoptr (GHashTable) new = check_folder (copy, sidecar, &after);
  g_autoptr (GPtrArray) changes = slip_definitions_diff (slip_migration_get_definitions (before),
                                                         slip_migration_get_definitions (after));
  GHashTableIter iter;
  gpointer line;

  g_hash_table_iter_init (&iter, new);
  while (g_hash_table_iter_next (&iter, &line, NULL))
    if (!g_hash_table_contains (old, line))
      g_ptr_array_add (work->findings, g_strdup (line));
  g_ptr_array_sort (work->findings, compare_lines);
  for (guint i = 0; i < changes->len; i++)
    g_ptr_array_add (work->changes, slip_definitions_change_to_text (changes->pdata[i]));
}

/* Where the definitions are in the copy: they are the project's folder, or below it. */
static const char *
get_below (Work *work)
{
  gsize length = strlen (work->project->definitions);

  if (strncmp (work->folder, work->project->definitions, length) != 0)
    return NULL;
  return work->folder + length;
}

static gboolean
put_files (Work *work, const char *to, GError **error)
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

static gboolean
do_check (SlipJob *job, gpointer memory, GError **error)
{
  Work *work = memory;
  const char *below = get_below (work);
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
    compare_folders (work, copy);
  remove_folder (copy);
  return ok;
}

/* ---- the save */

static gboolean
do_save (SlipJob *job, gpointer memory, GError **error)
{
  Work *work = memory;
  GHashTableIter iter;
  gpointer file;
  gpointer edits;

  /* All of them are looked at before the first is written. */
  for (guint pass = 0; pass < 2; pass++)
    {
      g_hash_table_iter_init (&iter, work->files);
      while (g_hash_table_iter_next (&iter, &file, &edits))
        {
          g_autofree char *sha256 = NULL;
          g_autofree char *text = read_text (work->folder, file, &sha256, error);
          g_autofree char *path = g_build_filename (work->folder, file, NULL);
          g_autofree char *changed = NULL;

          if (text == NULL)
            return FALSE;
          if (pass == 0 && g_strcmp0 (sha256, g_hash_table_lookup (work->seen, file)) != 0)
            {
              g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           "%s was changed by somebody else since it was checked. Nothing was "
                           "written: discard, and change it again",
                           path);
              return FALSE;
            }
          changed = apply (text, edits, error);
          if (changed == NULL || (pass == 1 && !g_file_set_contents (path, changed, -1, error)))
            return FALSE;
        }
    }
  return TRUE;
}

/* ---- the object */

static void
copy_members (JsonObject *from, JsonObject *to)
{
  g_autoptr (GList) names = json_object_get_members (from);

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (to, l->data, json_node_copy (json_object_get_member (from, l->data)));
}

static GHashTable *
copy_files (GHashTable *files)
{
  GHashTable *copies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, edits_free);
  GHashTableIter iter;
  gpointer file;
  gpointer value;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &file, &value))
    {
      const Edits *edits = value;
      Edits *copy = edits_new ();

      copy_members (edits->set, copy->set);
      copy_members (edits->names, copy->names);
      for (guint i = 0; i < edits->codes->len; i++)
        g_ptr_array_add (copy->codes, g_strdup (edits->codes->pdata[i]));
      g_hash_table_insert (copies, g_strdup (file), copy);
    }
  return copies;
}

static Work *
new_work (SlipDefinitionDraft *self)
{
  Work *work = g_new0 (Work, 1);
  GHashTableIter iter;
  gpointer file;
  gpointer value;

  work->project = slip_migration_project_ref (self->project);
  work->folder = g_strdup (self->folder);
  work->files = copy_files (self->files);
  work->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  work->changes = g_ptr_array_new_with_free_func (g_free);
  work->findings = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iter, self->seen);
  while (g_hash_table_iter_next (&iter, &file, &value))
    g_hash_table_insert (work->seen, g_strdup (file), g_strdup (value));
  return work;
}

static void
checked_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionDraft *self = owner;
  Work *work = memory;

  self->busy = FALSE;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  g_ptr_array_unref (self->changes);
  self->changes = g_ptr_array_ref (work->changes);
  g_ptr_array_unref (self->findings);
  self->findings = g_ptr_array_ref (work->findings);
  g_hash_table_unref (self->seen);
  self->seen = g_hash_table_ref (work->seen);
  g_signal_emit (self, signal_checked, 0);
  if (self->again)
    check_soon (self);
}

static gboolean
check_cb (gpointer data)
{
  SlipDefinitionDraft *self = data;
  g_autoptr (SlipJob) job = NULL;

  self->source = 0;
  self->again = self->busy;
  if (self->busy)
    return G_SOURCE_REMOVE;
  self->busy = TRUE;
  job = slip_task_run (self, slip_pool_get_io (), _ ("Checking definitions"), do_check, checked_cb,
                       new_work (self), work_free);
  return G_SOURCE_REMOVE;
}

static void
check_soon (SlipDefinitionDraft *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  self->source = g_timeout_add (CHECK_MS, check_cb, self);
}

static void
clear (SlipDefinitionDraft *self)
{
  g_hash_table_remove_all (self->files);
  g_ptr_array_set_size (self->before, 0);
  g_clear_pointer (&self->last, g_free);
  g_ptr_array_set_size (self->changes, 0);
  g_ptr_array_set_size (self->findings, 0);
  g_clear_pointer (&self->message, g_free);
}

static void
saved_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionDraft *self = owner;

  self->busy = FALSE;
  if (error == NULL)
    clear (self);
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  g_signal_emit (self, signal_saved, 0);
}

static void
slip_definition_draft_finalize (GObject *object)
{
  SlipDefinitionDraft *self = SLIP_DEFINITION_DRAFT (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->project, slip_migration_project_unref);
  g_hash_table_unref (self->files);
  g_ptr_array_unref (self->before);
  g_free (self->last);
  g_hash_table_unref (self->seen);
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->findings);
  g_free (self->folder);
  g_free (self->message);
  G_OBJECT_CLASS (slip_definition_draft_parent_class)->finalize (object);
}

static void
slip_definition_draft_class_init (SlipDefinitionDraftClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_definition_draft_finalize;
  signal_checked
      = g_signal_new ("checked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_saved
      = g_signal_new ("saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_definition_draft_init (SlipDefinitionDraft *self)
{
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, edits_free);
  self->before = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->changes = g_ptr_array_new_with_free_func (g_free);
  self->findings = g_ptr_array_new_with_free_func (g_free);
}

SlipDefinitionDraft *
slip_definition_draft_new (SlipMigrationProject *project, SlipMigration *migration)
{
  SlipDefinitionDraft *self = g_object_new (SLIP_TYPE_DEFINITION_DRAFT, NULL);

  self->project = slip_migration_project_ref (project);
  self->folder
      = g_strdup (slip_definitions_get_folder (slip_migration_get_definitions (migration)));
  return self;
}

/* The edits of a file that is about to be changed; how it was is kept, once for whatever is typed on. */
static Edits *
begin_change (SlipDefinitionDraft *self, const char *file, const char *what)
{
  g_autofree char *change = g_strconcat (file, "\n", what, NULL);
  Edits *edits;

  if (g_strcmp0 (self->last, change) != 0)
    g_ptr_array_add (self->before, copy_files (self->files));
  g_free (self->last);
  self->last = g_steal_pointer (&change);
  edits = g_hash_table_lookup (self->files, file);
  if (edits == NULL)
    {
      edits = edits_new ();
      g_hash_table_insert (self->files, g_strdup (file), edits);
    }
  check_soon (self);
  return edits;
}

void
slip_definition_draft_set (SlipDefinitionDraft *self,
                           const char *file,
                           const char *path,
                           JsonNode *value)
{
  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  json_object_set_member (begin_change (self, file, path)->set, path, value);
}

JsonNode *
slip_definition_draft_get (SlipDefinitionDraft *self, const char *file, const char *path)
{
  const Edits *edits;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);

  edits = g_hash_table_lookup (self->files, file);
  return edits != NULL ? json_object_get_member (edits->set, path) : NULL;
}

static int
find_code (const Edits *edits, const char *code)
{
  for (guint i = 0; edits != NULL && i + 1 < edits->codes->len; i += 2)
    if (g_str_equal (edits->codes->pdata[i], code))
      return (int)i;
  return -1;
}

/* What was never on disk is another then, or none. */
static void
rename_code (Edits *edits, guint at, const char *to)
{
  if (to == NULL)
    {
      g_ptr_array_remove_range (edits->codes, at, 2);
      return;
    }
  g_free (edits->codes->pdata[at]);
  edits->codes->pdata[at] = g_strdup (to);
}

void
slip_definition_draft_add_code (SlipDefinitionDraft *self,
                                const char *file,
                                const char *code,
                                JsonNode *value)
{
  Edits *edits;
  int at;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));

  edits = begin_change (self, file, code);
  at = find_code (edits, code);
  if (at >= 0)
    rename_code (edits, (guint)at, NULL);
  at = at >= 0 ? at : (int)edits->codes->len;
  g_ptr_array_insert (edits->codes, at, g_strdup (code));
  g_ptr_array_insert (edits->codes, at + 1, slip_json_to_text (value, FALSE));
  json_node_unref (value);
}

void
slip_definition_draft_rename (SlipDefinitionDraft *self,
                              const char *file,
                              const char *name,
                              const char *to)
{
  g_autofree char *what = g_strconcat (to != NULL ? "name " : "remove ", name, NULL);
  JsonNode *node;
  Edits *edits;
  int code;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  g_return_if_fail (file != NULL && name != NULL);

  edits = begin_change (self, file, what);
  code = find_code (edits, name);
  if (code >= 0)
    {
      rename_code (edits, (guint)code, to);
      return;
    }
  if (g_strcmp0 (to, name) == 0)
    {
      json_object_remove_member (edits->names, name);
      return;
    }
  node = to != NULL ? json_node_init_string (json_node_alloc (), to)
                    : json_node_new (JSON_NODE_NULL);
  json_object_set_member (edits->names, name, node);
}

gboolean
slip_definition_draft_get_name (SlipDefinitionDraft *self,
                                const char *file,
                                const char *name,
                                const char **to)
{
  const Edits *edits;
  JsonNode *node;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);

  edits = g_hash_table_lookup (self->files, file);
  node = edits != NULL ? json_object_get_member (edits->names, name) : NULL;
  *to = node == NULL ? name : slip_json_node_string (node);
  return node != NULL;
}

GPtrArray *
slip_definition_draft_get_codes (SlipDefinitionDraft *self, const char *file)
{
  const Edits *edits;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);

  edits = g_hash_table_lookup (self->files, file);
  return edits != NULL ? edits->codes : NULL;
}

gboolean
slip_definition_draft_can_undo (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return self->before->len > 0;
}

void
slip_definition_draft_undo (SlipDefinitionDraft *self)
{
  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));

  if (self->before->len == 0)
    return;
  g_hash_table_unref (self->files);
  self->files = g_ptr_array_steal_index (self->before, self->before->len - 1);
  g_clear_pointer (&self->last, g_free);
  check_soon (self);
}

gboolean
slip_definition_draft_is_empty (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), TRUE);
  return g_hash_table_size (self->files) == 0;
}

void
slip_definition_draft_discard (SlipDefinitionDraft *self)
{
  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  g_clear_handle_id (&self->source, g_source_remove);
  clear (self);
  g_signal_emit (self, signal_checked, 0);
}

void
slip_definition_draft_save (SlipDefinitionDraft *self)
{
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  if (slip_definition_draft_is_busy (self))
    return;
  self->busy = TRUE;
  job = slip_task_run (self, slip_pool_get_io (), _ ("Saving definitions"), do_save, saved_cb,
                       new_work (self), work_free);
}

gboolean
slip_definition_draft_is_busy (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return self->busy || self->source != 0;
}

GPtrArray *
slip_definition_draft_get_changes (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);
  return self->changes;
}

GPtrArray *
slip_definition_draft_get_findings (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);
  return self->findings;
}

guint
slip_definition_draft_count (SlipDefinitionDraft *self, SlipSeverity severity)
{
  g_autofree char *begin = g_strconcat (slip_severity_get_name (severity), ": ", NULL);
  guint n = 0;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), 0);

  for (guint i = 0; i < self->findings->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (self->findings, i), begin);
  return n;
}

const char *
slip_definition_draft_get_message (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);
  return self->message;
}
