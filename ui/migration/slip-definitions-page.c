/* SPDX-License-Identifier: MIT */

/* The definitions of a migration. The check is that of `slipwayctl migrate check`, against the databases where they
 * answer; what it finds is told with file and path, and leads to the editor. */

#include "config.h"

#include "slip-definitions-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-definition-rows.h"
#include "slip-mapping-editor.h"
#include "slip-migration-check-all.h"
#include "slip-migration-frame.h"
#include "slip-slow-list.h"
#include "slip-state-bar.h"
#include "slip-task.h"

struct _SlipDefinitionsPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  GtkStack *stack;
  GtkColumnView *coverage_view;
  GtkColumnView *findings_view;
  GListStore *coverage;      /* owned; element-type SlipCovered */
  GListStore *found;         /* owned; element-type SlipFound */
  SlipMappingEditor *editor; /* made when it is needed; NULL before */
  SlipMigrationData *shown;  /* owned, nullable */
  GPtrArray *findings;       /* owned, nullable */
  char *message;             /* why not everything could be checked */
  gint64 moment;             /* when that was, microseconds since 1970 */
  char *wanted;
  gboolean busy;
  gboolean checked; /* whether what was found is of what is shown */
};

G_DEFINE_FINAL_TYPE (SlipDefinitionsPage, slip_definitions_page, SLIP_TYPE_PAGE)

/* ---- lists */

/* Counted once for all lines: a large migration has hundreds of both. */
static GHashTable *
count_findings (SlipDefinitionsPage *self, SlipSeverity severity)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; self->findings != NULL && i < self->findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (self->findings, i);
      char *subject;

      if (finding->severity != severity)
        continue;
      subject = slip_found_dup_subject (finding);
      g_hash_table_insert (
          counts, subject,
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, subject)) + 1));
    }
  return counts;
}

/* Lines that are there stay, and tell when they say something else. */
static void
fill_coverage (SlipDefinitionsPage *self)
{
  SlipMigration *migration = self->shown->migration;
  GPtrArray *all = self->shown->coverage;
  GPtrArray *lookups = slip_definitions_get_lookups (slip_migration_get_definitions (migration));
  g_autoptr (GHashTable) errors = self->checked ? count_findings (self, SLIP_SEVERITY_ERROR) : NULL;
  g_autoptr (GHashTable) warnings
      = self->checked ? count_findings (self, SLIP_SEVERITY_WARNING) : NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (rows, slip_covered_new (g_ptr_array_index (all, i)));
  for (guint i = 0; i < lookups->len; i++)
    g_ptr_array_add (rows, slip_covered_new_lookup (g_ptr_array_index (lookups, i)));
  for (guint i = 0; i < rows->len; i++)
    slip_covered_count (g_ptr_array_index (rows, i), errors, warnings, self->message == NULL);
  slip_covered_put (self->coverage, rows);
}

static void
fill_findings (SlipDefinitionsPage *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; self->findings != NULL && i < self->findings->len; i++)
    g_ptr_array_add (rows, slip_found_new (g_ptr_array_index (self->findings, i)));
  g_list_store_splice (self->found, 0, g_list_model_get_n_items (G_LIST_MODEL (self->found)),
                       rows->pdata, rows->len);
}

static SlipDefinitionDraft *
get_draft (SlipDefinitionsPage *self)
{
  return self->editor != NULL ? slip_mapping_editor_get_draft (self->editor) : NULL;
}

/* What is changed and not saved yet: the check of what is on disk says nothing of it. */
static void
show_draft_status (SlipDefinitionsPage *self, SlipDefinitionDraft *draft)
{
  const char *message = slip_definition_draft_get_message (draft);
  const char *unasked = slip_definition_draft_get_unasked (draft);
  gboolean asking = slip_definition_draft_is_asking (draft);
  guint errors = slip_definition_draft_count (draft, SLIP_SEVERITY_ERROR);
  guint warnings = slip_definition_draft_count (draft, SLIP_SEVERITY_WARNING);
  g_autofree char *counts = NULL;
  g_autofree char *text = NULL;

  if (slip_definition_draft_is_checking (draft))
    {
      slip_migration_frame_set_status (
          self->frame, SLIP_TONE_BUSY,
          slip_definition_draft_is_saving (draft) ? _ ("Saving…") : _ ("Checking the change…"));
      return;
    }
  /* Translators: counts of errors and warnings */
  counts = g_strdup_printf (_ ("Not saved · the change brings: errors %u, warnings %u"), errors,
                            warnings);
  if (message != NULL)
    text = g_strdup (message);
  else if (asking)
    text = g_strconcat (counts, _ (" so far · asking the databases…"), NULL);
  else
    text = g_strconcat (counts, unasked != NULL ? _ (" · not everything could be checked: ") : "",
                        unasked, NULL);
  slip_migration_frame_set_status (self->frame,
                                   errors > 0 || message != NULL ? SLIP_TONE_BAD
                                   : asking                      ? SLIP_TONE_BUSY
                                                                 : SLIP_TONE_WARNING,
                                   text);
}

static char *
dup_counts (guint errors, guint warnings, guint notes)
{
  g_autofree char *first = g_strdup_printf (ngettext ("%u error", "%u errors", errors), errors);
  g_autofree char *second
      = g_strdup_printf (ngettext ("%u warning", "%u warnings", warnings), warnings);
  g_autofree char *third = g_strdup_printf (ngettext ("%u note", "%u notes", notes), notes);

  return g_strjoin (", ", first, second, third, NULL);
}

static void
show_status (SlipDefinitionsPage *self)
{
  SlipDefinitionDraft *draft = get_draft (self);
  guint errors;
  guint warnings;
  g_autofree char *text = NULL;
  g_autofree char *status = NULL;

  if (draft != NULL && !slip_definition_draft_is_empty (draft)
      && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "editor") == 0)
    {
      show_draft_status (self, draft);
      return;
    }
  if (self->busy || self->findings == NULL)
    {
      slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY, _ ("Checking…"));
      return;
    }
  errors = slip_findings_count (self->findings, SLIP_SEVERITY_ERROR);
  warnings = slip_findings_count (self->findings, SLIP_SEVERITY_WARNING);
  text = dup_counts (errors, warnings, slip_findings_count (self->findings, SLIP_SEVERITY_NOTE));
  status = g_strconcat (
      text, self->message != NULL ? _ (" · not everything could be checked: ") : "",
      self->message != NULL ? self->message : _ (" · held against both databases"), NULL);
  slip_migration_frame_set_status (self->frame,
                                   errors > 0                              ? SLIP_TONE_BAD
                                   : warnings > 0 || self->message != NULL ? SLIP_TONE_WARNING
                                                                           : SLIP_TONE_GOOD,
                                   status);
}

/* Runs that the desk knows may be of another time. */
static void
show_time (SlipDefinitionsPage *self)
{
  g_autofree char *text = slip_state_bar_dup_time (self->findings != NULL ? self->moment : 0);

  slip_migration_frame_set_time (self->frame, text, _ ("When they were checked; F5 checks anew"));
}

/* ---- the check */

typedef struct
{
  SlipMigrationData *data;
  GPtrArray *findings;
  char *message;
  gint64 moment;
} Check;

static void
check_free (gpointer memory)
{
  Check *check = memory;

  slip_migration_data_unref (check->data);
  g_clear_pointer (&check->findings, g_ptr_array_unref);
  g_free (check->message);
  g_free (check);
}

/* Where a database does not answer the files are still held against each other. */
static gboolean
do_check (SlipJob *job, gpointer memory, GError **error)
{
  Check *check = memory;
  const SlipMigrationProject *project = check->data->project;
  const SlipMigrationCheckAll what
      = {project->definitions,  project->sidecar,  project->source, NULL,
         project->migration_db, project->target_db};
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (GError) unreachable = NULL;

  check->findings = slip_findings_new ();
  if (!slip_migration_check_all (&what, check->findings, NULL, cancellable, &unreachable))
    check->message = g_strdup (unreachable->message);
  return TRUE;
}

static void check_now (SlipDefinitionsPage *self);

static void
checked_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipDefinitionsPage *self = owner;
  Check *check = memory;

  self->busy = FALSE;
  /* The rows point into the list: they go before it does. */
  g_list_store_remove_all (self->found);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_free (self->message);
  self->findings = check->findings != NULL ? g_ptr_array_ref (check->findings) : NULL;
  self->message = g_strdup (check->message);
  self->moment = check->moment;
  self->checked = self->findings != NULL && check->data == self->shown;
  if (self->shown != NULL)
    fill_coverage (self);
  fill_findings (self);
  if (get_draft (self) != NULL)
    slip_mapping_editor_set_findings (self->editor, self->findings);
  show_status (self);
  show_time (self);
  if (check->data != self->shown)
    check_now (self); /* the definitions changed meanwhile */
}

static void
check_now (SlipDefinitionsPage *self)
{
  Check *check;
  g_autoptr (SlipJob) job = NULL;

  if (self->busy || self->shown == NULL)
    return;
  self->busy = TRUE;
  show_status (self);
  check = g_new0 (Check, 1);
  check->data = slip_migration_data_ref (self->shown);
  check->moment = g_get_real_time ();
  job = slip_task_run (self, slip_pool_get_io (), _ ("Checking definitions"), do_check, checked_cb,
                       check, check_free);
}

/* ---- what is shown */

static void
back_cb (SlipDefinitionsPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "all");
  show_status (self);
}

static void
saved_cb (SlipDefinitionsPage *self)
{
  back_cb (self);
  slip_migration_desk_load (self->desk);
}

static SlipMappingEditor *
ensure_editor (SlipDefinitionsPage *self)
{
  if (self->editor != NULL)
    return self->editor;
  self->editor = SLIP_MAPPING_EDITOR (slip_mapping_editor_new ());
  g_signal_connect_object (self->editor, "back", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "checked", G_CALLBACK (show_status), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->editor), "editor");
  return self->editor;
}

static gboolean
edit (SlipDefinitionsPage *self, const char *name)
{
  SlipDefinitionDraft *draft = get_draft (self);

  /* What is changed and not saved is never dropped for another one. */
  if (draft != NULL && !slip_definition_draft_is_empty (draft))
    slip_migration_frame_set_status (self->frame, SLIP_TONE_WARNING,
                                     _ ("Save or discard what is changed here first"));
  else if (self->shown == NULL
           || !slip_mapping_editor_show (ensure_editor (self), self->shown, name))
    return FALSE;
  else
    {
      slip_mapping_editor_set_findings (self->editor, self->busy ? NULL : self->findings);
      show_status (self);
    }
  gtk_stack_set_visible_child_name (self->stack, "editor");
  return TRUE;
}

static void
update (SlipDefinitionsPage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  gboolean same = data != NULL && self->shown != NULL
                  && g_strcmp0 (slip_definitions_get_sha256 (
                                    slip_migration_get_definitions (data->migration)),
                                slip_definitions_get_sha256 (
                                    slip_migration_get_definitions (self->shown->migration)))
                         == 0
                  && g_strcmp0 (slip_migration_get_sidecar_sha256 (data->migration),
                                slip_migration_get_sidecar_sha256 (self->shown->migration))
                         == 0;

  show_time (self);
  /* What a database that was away kept from being checked is made up for when it answers. */
  if (same && self->message != NULL && slip_migration_desk_get_message (self->desk) == NULL
      && !slip_migration_desk_is_busy (self->desk))
    check_now (self);
  if (data == NULL || same)
    return;
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  self->shown = slip_migration_data_ref (data);
  self->checked = FALSE;
  fill_coverage (self);
  check_now (self);
  if (self->wanted != NULL && edit (self, self->wanted))
    g_clear_pointer (&self->wanted, g_free);
}

static void
coverage_activate_cb (SlipDefinitionsPage *self, guint position)
{
  g_autoptr (SlipCovered) row = g_list_model_get_item (G_LIST_MODEL (self->coverage), position);

  if (row != NULL)
    edit (self, slip_covered_get_name (row));
}

/* A finding opens the column that it is about. */
static void
finding_activate_cb (SlipDefinitionsPage *self, guint position)
{
  g_autoptr (SlipFound) row = g_list_model_get_item (G_LIST_MODEL (self->found), position);
  const SlipFinding *finding = row != NULL ? slip_found_get_finding (row) : NULL;
  g_autofree char *subject = finding != NULL ? slip_found_dup_subject (finding) : NULL;
  g_auto (GStrv) parts
      = finding != NULL && finding->path != NULL ? g_strsplit (finding->path, "/", 3) : NULL;

  if (subject != NULL && edit (self, subject) && parts != NULL && parts[0] != NULL
      && parts[1] != NULL)
    slip_mapping_editor_select (self->editor, parts[1]);
}

/* ---- the page */

static void
slip_definitions_page_refresh (SlipPage *page)
{
  SlipDefinitionsPage *self = SLIP_DEFINITIONS_PAGE (page);

  slip_migration_desk_load (self->desk);
  check_now (self);
}

static gboolean
slip_definitions_page_escape (SlipPage *page)
{
  SlipDefinitionsPage *self = SLIP_DEFINITIONS_PAGE (page);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "editor") != 0)
    return FALSE;
  back_cb (self);
  return TRUE;
}

static void
slip_definitions_page_reveal (SlipPage *page, const char *item)
{
  SlipDefinitionsPage *self = SLIP_DEFINITIONS_PAGE (page);

  if (edit (self, item))
    return;
  g_free (self->wanted);
  self->wanted = g_strdup (item);
}

static void
slip_definitions_page_dispose (GObject *object)
{
  SlipDefinitionsPage *self = SLIP_DEFINITIONS_PAGE (object);

  if (self->coverage_view != NULL)
    {
      gtk_column_view_set_model (self->coverage_view, NULL);
      gtk_column_view_set_model (self->findings_view, NULL);
    }
  self->coverage_view = NULL;
  g_clear_object (&self->coverage);
  g_clear_object (&self->found);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  g_clear_object (&self->desk);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_definitions_page_parent_class)->dispose (object);
}

static void
slip_definitions_page_finalize (GObject *object)
{
  g_free (SLIP_DEFINITIONS_PAGE (object)->message);
  g_free (SLIP_DEFINITIONS_PAGE (object)->wanted);
  G_OBJECT_CLASS (slip_definitions_page_parent_class)->finalize (object);
}

static void
slip_definitions_page_class_init (SlipDefinitionsPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_definitions_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_definitions_page_finalize;
  SLIP_PAGE_CLASS (klass)->refresh = slip_definitions_page_refresh;
  SLIP_PAGE_CLASS (klass)->escape = slip_definitions_page_escape;
  SLIP_PAGE_CLASS (klass)->reveal = slip_definitions_page_reveal;
}

static GtkWidget *
new_table (GtkColumnView **view,
           GListStore *rows,
           const SlipColumn *columns,
           guint n_columns,
           const char *name,
           GCallback activate,
           gpointer self)
{
  GtkSingleSelection *selection
      = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (g_object_ref (rows))));

  gtk_single_selection_set_autoselect (selection, FALSE);
  *view = slip_columns_new_view (GTK_SELECTION_MODEL (selection), name);
  slip_columns_add (*view, columns, n_columns);
  g_signal_connect_object (*view, "activate", activate, self, G_CONNECT_SWAPPED);
  return slip_columns_new_scroller (*view);
}

static void
slip_definitions_page_init (SlipDefinitionsPage *self)
{
  self->coverage = g_list_store_new (SLIP_TYPE_COVERED);
  self->found = g_list_store_new (SLIP_TYPE_FOUND);
}

static GtkWidget *
new_content (SlipDefinitionsPage *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);

  gtk_paned_set_start_child (GTK_PANED (paned),
                             new_table (&self->coverage_view, self->coverage, slip_covered_columns,
                                        SLIP_COVERED_N_COLUMNS,
                                        _ ("Mappings and lookups; Enter edits one"),
                                        G_CALLBACK (coverage_activate_cb), self));
  gtk_paned_set_end_child (GTK_PANED (paned),
                           new_table (&self->findings_view, self->found, slip_found_columns,
                                      SLIP_FOUND_N_COLUMNS, _ ("Findings; Enter goes there"),
                                      G_CALLBACK (finding_activate_cb), self));
  gtk_paned_set_position (GTK_PANED (paned), 380);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, paned, "all");
  return GTK_WIDGET (self->stack);
}

SlipPage *
slip_definitions_page_new (SlipWorkbench *workbench, const char *name)
{
  SlipMigrationDesk *desk = slip_migration_desk_get (workbench, name);
  SlipDefinitionsPage *self;

  if (desk == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_DEFINITIONS_PAGE, NULL);
  self->desk = g_object_ref (desk);
  self->frame = slip_migration_frame_new (SLIP_PAGE (self), desk, _ ("Definitions"), FALSE,
                                          new_content (self));
  slip_migration_frame_add_button (self->frame, _ ("_Check Again"),
                                   G_CALLBACK (slip_definitions_page_refresh), self);
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}

gboolean
slip_definitions_page_is_checked (SlipDefinitionsPage *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS_PAGE (self), FALSE);
  return !self->busy && self->findings != NULL;
}
