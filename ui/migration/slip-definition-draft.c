/* SPDX-License-Identifier: MIT */

/* What a person changed and did not save: the changes of each file, how they were before each change, and what a worker
 * said of them last. */

#include "config.h"

#include "slip-definition-draft.h"

#include <glib/gi18n.h>

#include "slip-definition-work.h"
#include "slip-json.h"
#include "slip-task.h"

#define CHECK_MS 250

struct _SlipDefinitionDraft
{
  GObject parent_instance;

  SlipMigrationProject *project; /* owned */
  char *folder;                  /* of the definitions */
  GHashTable *files;             /* owned; file → SlipDefinitionEdits */
  GPtrArray *before;             /* owned; what files was before each change, the latest last */
  char *last;                    /* what the latest change was of: typing on is one change */
  GHashTable *seen;              /* owned; file → SHA-256 of what was checked */
  GPtrArray *changes;            /* owned */
  GPtrArray *findings;           /* owned */
  char *message;
  char *unasked;  /* why not everything could be looked at */
  SlipJob *job;   /* owned, nullable; asks databases */
  gpointer asked; /* the job's work, to know it by */
  guint source;
  gboolean busy;
  gboolean saving;
  gboolean again;
};

G_DEFINE_FINAL_TYPE (SlipDefinitionDraft, slip_definition_draft, G_TYPE_OBJECT)

static guint signal_checked;
static guint signal_saved;

static void check_soon (SlipDefinitionDraft *self);

/* ---- checking */

static SlipDefinitionWork *
new_work (SlipDefinitionDraft *self)
{
  return slip_definition_work_new (self->project, self->folder, self->files, self->seen);
}

static void
take_findings (SlipDefinitionDraft *self, const SlipDefinitionWork *work)
{
  g_ptr_array_unref (self->findings);
  self->findings = g_ptr_array_ref (work->findings);
  g_free (self->unasked);
  self->unasked = g_strdup (work->unasked);
}

/* What it would say is of no use any more. */
static void
stop_asking (SlipDefinitionDraft *self)
{
  if (self->job != NULL)
    slip_job_cancel (self->job);
  g_clear_object (&self->job);
  self->asked = NULL;
}

static void
asked_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionDraft *self = owner;

  if (self->asked != memory)
    return; /* the definitions are others by now */
  stop_asking (self);
  if (error == NULL)
    take_findings (self, memory);
  else
    {
      g_free (self->unasked);
      self->unasked = g_strdup (error->message);
    }
  g_signal_emit (self, signal_checked, 0);
}

/* Databases take their time, and may be busy with a run: the files are told of before. */
static void
ask (SlipDefinitionDraft *self)
{
  SlipDefinitionWork *work = new_work (self);

  work->databases = TRUE;
  self->asked = work;
  self->job = slip_task_run (self, slip_pool_get_io (), _ ("Checking definitions"),
                             slip_definition_work_check, asked_cb, work, slip_definition_work_free);
}

static void
checked_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionDraft *self = owner;
  SlipDefinitionWork *work = memory;

  self->busy = FALSE;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  g_ptr_array_unref (self->changes);
  self->changes = g_ptr_array_ref (work->changes);
  take_findings (self, work);
  g_hash_table_unref (self->seen);
  self->seen = g_hash_table_ref (work->seen);
  if (self->again)
    check_soon (self);
  else if (error == NULL && self->source == 0 && !slip_definition_draft_is_empty (self))
    ask (self);
  g_signal_emit (self, signal_checked, 0);
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
  job = slip_task_run (self, slip_pool_get_io (), _ ("Checking definitions"),
                       slip_definition_work_check, checked_cb, new_work (self),
                       slip_definition_work_free);
  return G_SOURCE_REMOVE;
}

static void
check_soon (SlipDefinitionDraft *self)
{
  gboolean checking = slip_definition_draft_is_checking (self);

  stop_asking (self);
  g_clear_handle_id (&self->source, g_source_remove);
  self->source = g_timeout_add (CHECK_MS, check_cb, self);
  /* What was said last is of other definitions. */
  if (!checking)
    g_signal_emit (self, signal_checked, 0);
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
  g_clear_pointer (&self->unasked, g_free);
}

static void
saved_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionDraft *self = owner;

  self->busy = FALSE;
  self->saving = FALSE;
  if (error == NULL)
    clear (self);
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  g_signal_emit (self, signal_saved, 0);
}

static void
slip_definition_draft_dispose (GObject *object)
{
  stop_asking (SLIP_DEFINITION_DRAFT (object));
  G_OBJECT_CLASS (slip_definition_draft_parent_class)->dispose (object);
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
  g_free (self->unasked);
  G_OBJECT_CLASS (slip_definition_draft_parent_class)->finalize (object);
}

static void
slip_definition_draft_class_init (SlipDefinitionDraftClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_definition_draft_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_definition_draft_finalize;
  signal_checked
      = g_signal_new ("checked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_saved
      = g_signal_new ("saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_definition_draft_init (SlipDefinitionDraft *self)
{
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, slip_definition_edits_free);
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
static SlipDefinitionEdits *
begin_change (SlipDefinitionDraft *self, const char *file, const char *what)
{
  g_autofree char *change = g_strconcat (file, "\n", what, NULL);
  SlipDefinitionEdits *edits;

  if (g_strcmp0 (self->last, change) != 0)
    g_ptr_array_add (self->before, slip_definition_edits_copy_files (self->files));
  g_free (self->last);
  self->last = g_steal_pointer (&change);
  edits = g_hash_table_lookup (self->files, file);
  if (edits == NULL)
    {
      edits = slip_definition_edits_new ();
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

void
slip_definition_draft_follow (SlipDefinitionDraft *self,
                              const char *file,
                              const char *path,
                              JsonNode *value)
{
  SlipDefinitionEdits *edits;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));

  edits = g_hash_table_lookup (self->files, file);
  g_return_if_fail (edits != NULL);
  json_object_set_member (edits->set, path, value);
}

JsonNode *
slip_definition_draft_get (SlipDefinitionDraft *self, const char *file, const char *path)
{
  const SlipDefinitionEdits *edits;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);

  edits = g_hash_table_lookup (self->files, file);
  return edits != NULL ? json_object_get_member (edits->set, path) : NULL;
}

static int
find_code (const SlipDefinitionEdits *edits, const char *code)
{
  for (guint i = 0; edits != NULL && i + 1 < edits->codes->len; i += 2)
    if (g_str_equal (edits->codes->pdata[i], code))
      return (int)i;
  return -1;
}

/* What was never on disk is another then, or none. */
static void
rename_code (SlipDefinitionEdits *edits, guint at, const char *to)
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
  SlipDefinitionEdits *edits;
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
  g_autofree char *what = NULL;
  JsonNode *node;
  SlipDefinitionEdits *edits;
  int code;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  g_return_if_fail (file != NULL && name != NULL);

  /* An added code has the name of each key that is typed: it is known by its place. */
  code = find_code (g_hash_table_lookup (self->files, file), name);
  what = code >= 0 && to != NULL ? g_strdup_printf ("added %d", code)
                                 : g_strconcat (to != NULL ? "name " : "remove ", name, NULL);
  edits = begin_change (self, file, what);
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
  const SlipDefinitionEdits *edits;
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
  const SlipDefinitionEdits *edits;

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
  if (self->saving)
    return; /* what is being written cannot be taken back any more */
  stop_asking (self);
  g_clear_handle_id (&self->source, g_source_remove);
  clear (self);
  g_signal_emit (self, signal_checked, 0);
}

void
slip_definition_draft_save (SlipDefinitionDraft *self)
{
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_DEFINITION_DRAFT (self));
  if (slip_definition_draft_is_checking (self))
    return;
  stop_asking (self);
  self->busy = TRUE;
  self->saving = TRUE;
  job = slip_task_run (self, slip_pool_get_io (), _ ("Saving definitions"),
                       slip_definition_work_save, saved_cb, new_work (self),
                       slip_definition_work_free);
  g_signal_emit (self, signal_checked, 0);
}

gboolean
slip_definition_draft_is_saving (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return self->saving;
}

gboolean
slip_definition_draft_is_checking (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return self->busy || self->source != 0;
}

gboolean
slip_definition_draft_is_asking (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return self->job != NULL;
}

gboolean
slip_definition_draft_is_busy (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), FALSE);
  return slip_definition_draft_is_checking (self) || slip_definition_draft_is_asking (self);
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

char *
slip_definition_draft_dup_errors (SlipDefinitionDraft *self, guint most)
{
  g_autofree char *begin = g_strconcat (slip_severity_get_name (SLIP_SEVERITY_ERROR), ": ", NULL);
  GString *text = g_string_new (NULL);
  guint n = 0;

  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), g_string_free (text, FALSE));

  for (guint i = 0; i < self->findings->len; i++)
    {
      const char *finding = g_ptr_array_index (self->findings, i);

      if (g_str_has_prefix (finding, begin) && n++ < most)
        g_string_append_printf (text, "%s• %s", text->len > 0 ? "\n" : "",
                                finding + strlen (begin));
    }
  if (n > most)
    g_string_append_printf (text, ngettext ("\nand %u more", "\nand %u more", n - most), n - most);
  return g_string_free (text, FALSE);
}

const char *
slip_definition_draft_get_message (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);
  return self->message;
}

const char *
slip_definition_draft_get_unasked (SlipDefinitionDraft *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (self), NULL);
  return self->unasked;
}
