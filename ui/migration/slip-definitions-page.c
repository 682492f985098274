/* SPDX-License-Identifier: MIT */

/* The definitions of a migration. The check is that of `slipwayctl migrate check`, against the databases where they
 * answer; what it finds is told with file and path, and leads to the editor. */

#include "config.h"

#include "slip-definitions-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-coverage.h"
#include "slip-mapping-editor.h"
#include "slip-migration-check.h"
#include "slip-migration-frame.h"
#include "slip-task.h"

/* ---- a line of each list */

#define SLIP_TYPE_COVERED (slip_covered_get_type ())
G_DECLARE_FINAL_TYPE (SlipCovered, slip_covered, SLIP, COVERED, GObject)

struct _SlipCovered
{
  GObject parent_instance;

  char *name;
  char *entity; /* NULL for a lookup */
  guint columns;
  guint mapped;
  guint complete;
  guint validated;
  guint errors;
  guint warnings;
  gboolean is_lookup;
};

G_DEFINE_FINAL_TYPE (SlipCovered, slip_covered, G_TYPE_OBJECT)

static void
slip_covered_finalize (GObject *object)
{
  g_free (SLIP_COVERED (object)->name);
  g_free (SLIP_COVERED (object)->entity);
  G_OBJECT_CLASS (slip_covered_parent_class)->finalize (object);
}

static void
slip_covered_class_init (SlipCoveredClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_covered_finalize;
}

static void
slip_covered_init (SlipCovered *self)
{
}

#define SLIP_TYPE_FOUND (slip_found_get_type ())
G_DECLARE_FINAL_TYPE (SlipFound, slip_found, SLIP, FOUND, GObject)

struct _SlipFound
{
  GObject parent_instance;

  const SlipFinding *finding; /* of the list that the page keeps */
};

G_DEFINE_FINAL_TYPE (SlipFound, slip_found, G_TYPE_OBJECT)

static void
slip_found_class_init (SlipFoundClass *klass)
{
}

static void
slip_found_init (SlipFound *self)
{
}

struct _SlipDefinitionsPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  GtkStack *stack;
  GtkColumnView *coverage_view;
  GtkColumnView *findings_view;
  GListStore *coverage; /* owned; element-type SlipCovered */
  GListStore *found;    /* owned; element-type SlipFound */
  SlipMappingEditor *editor;
  SlipMigrationData *shown; /* owned, nullable */
  GPtrArray *findings;      /* owned, nullable */
  char *message;            /* why the databases were not asked */
  char *wanted;
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (SlipDefinitionsPage, slip_definitions_page, SLIP_TYPE_PAGE)

/* ---- coverage */

static char *
dup_name (gpointer item)
{
  return g_strdup (SLIP_COVERED (item)->name);
}

static char *
dup_entity (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->is_lookup)
    return g_strdup (_ ("lookup"));
  return g_strdup (self->entity != NULL ? self->entity : _ ("no step uses it"));
}

static char *
dup_share (guint some, guint all)
{
  return all > 0 ? g_strdup_printf (_ ("%u of %u"), some, all) : g_strdup ("");
}

static char *
dup_mapped (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup
             ? g_strdup_printf (ngettext ("%u code", "%u codes", self->columns), self->columns)
             : dup_share (self->mapped, self->columns);
}

static char *
dup_complete (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup ? g_strdup ("") : dup_share (self->complete, self->columns);
}

static char *
dup_validated (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup ? g_strdup ("") : dup_share (self->validated, self->columns);
}

static char *
dup_count (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->errors > 0)
    return g_strdup_printf (ngettext ("%u error", "%u errors", self->errors), self->errors);
  if (self->warnings > 0)
    return g_strdup_printf (ngettext ("%u warning", "%u warnings", self->warnings), self->warnings);
  return g_strdup (_ ("nothing"));
}

static SlipTone
get_count_tone (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->errors > 0)
    return SLIP_TONE_BAD;
  return self->warnings > 0 ? SLIP_TONE_WARNING : SLIP_TONE_GOOD;
}

static const SlipColumn coverage_columns[] = {
    {.title = N_ ("Mapping or lookup"), .width_chars = 22, .expand = TRUE, .text = dup_name},
    {.title = N_ ("Check"), .width_chars = 11, .text = dup_count, .tone = get_count_tone},
    {.title = N_ ("Entity"), .width_chars = 14, .text = dup_entity},
    {.title = N_ ("Mapped"), .width_chars = 9, .text = dup_mapped},
    {.title = N_ ("Signed off"), .width_chars = 9, .text = dup_complete},
    {.title = N_ ("Validated"), .width_chars = 9, .text = dup_validated},
};

/* A finding's file names the mapping or lookup that it is in. */
static char *
dup_subject (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);

  if (g_str_has_suffix (base, ".json"))
    base[strlen (base) - strlen (".json")] = '\0';
  if (g_str_has_suffix (base, "_mapping"))
    base[strlen (base) - strlen ("_mapping")] = '\0';
  return g_steal_pointer (&base);
}

static void
count_findings (SlipDefinitionsPage *self, SlipCovered *covered)
{
  for (guint i = 0; self->findings != NULL && i < self->findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (self->findings, i);
      g_autofree char *subject = dup_subject (finding->file);

      if (!g_str_equal (subject, covered->name))
        continue;
      covered->errors += finding->severity == SLIP_SEVERITY_ERROR;
      covered->warnings += finding->severity == SLIP_SEVERITY_WARNING;
    }
}

static void
fill_coverage (SlipDefinitionsPage *self)
{
  SlipMigration *migration = self->shown->migration;
  g_autoptr (GPtrArray) all = slip_coverage_read (migration);
  GPtrArray *lookups = slip_definitions_get_lookups (slip_migration_get_definitions (migration));
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < all->len + lookups->len; i++)
    {
      SlipCovered *row = g_object_new (SLIP_TYPE_COVERED, NULL);

      if (i < all->len)
        {
          const SlipCoverage *coverage = g_ptr_array_index (all, i);

          row->name = g_strdup (coverage->mapping);
          row->entity = g_strdup (coverage->entity);
          row->columns = coverage->columns;
          row->mapped = coverage->mapped;
          row->complete = coverage->complete;
          row->validated = coverage->validated;
        }
      else
        {
          const SlipLookup *lookup = g_ptr_array_index (lookups, i - all->len);

          row->is_lookup = TRUE;
          row->name = g_strdup (lookup->name);
          row->columns = lookup->entries->len;
        }
      count_findings (self, row);
      g_ptr_array_add (rows, row);
    }
  g_list_store_splice (self->coverage, 0, g_list_model_get_n_items (G_LIST_MODEL (self->coverage)),
                       rows->pdata, rows->len);
}

/* ---- findings */

static const SlipFinding *
get (gpointer item)
{
  return SLIP_FOUND (item)->finding;
}

static char *
dup_severity (gpointer item)
{
  switch (get (item)->severity)
    {
    case SLIP_SEVERITY_ERROR:
      return g_strdup (_ ("error"));
    case SLIP_SEVERITY_WARNING:
      return g_strdup (_ ("warning"));
    case SLIP_SEVERITY_NOTE:
      break;
    }
  return g_strdup (_ ("note"));
}

static SlipTone
get_severity_tone (gpointer item)
{
  switch (get (item)->severity)
    {
    case SLIP_SEVERITY_ERROR:
      return SLIP_TONE_BAD;
    case SLIP_SEVERITY_WARNING:
      return SLIP_TONE_WARNING;
    case SLIP_SEVERITY_NOTE:
      break;
    }
  return SLIP_TONE_NEUTRAL;
}

static char *
dup_where (gpointer item)
{
  const SlipFinding *finding = get (item);

  return g_strdup_printf ("%s%s%s", finding->file, finding->path != NULL ? " " : "",
                          finding->path != NULL ? finding->path : "");
}

static char *
dup_message (gpointer item)
{
  const SlipFinding *finding = get (item);

  return g_strdup_printf ("%s%s%s", finding->message, finding->advice != NULL ? ". " : "",
                          finding->advice != NULL ? finding->advice : "");
}

static const SlipColumn finding_columns[] = {
    {.title = N_ ("Finding"), .width_chars = 9, .text = dup_severity, .tone = get_severity_tone},
    {.title = N_ ("What"), .width_chars = 30, .expand = TRUE, .text = dup_message, .wraps = TRUE},
    {.title = N_ ("File and path"), .width_chars = 30, .expand = TRUE, .text = dup_where},
};

static void
fill_findings (SlipDefinitionsPage *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; self->findings != NULL && i < self->findings->len; i++)
    {
      SlipFound *row = g_object_new (SLIP_TYPE_FOUND, NULL);

      row->finding = g_ptr_array_index (self->findings, i);
      g_ptr_array_add (rows, row);
    }
  g_list_store_splice (self->found, 0, g_list_model_get_n_items (G_LIST_MODEL (self->found)),
                       rows->pdata, rows->len);
}

static void
show_status (SlipDefinitionsPage *self)
{
  guint errors;
  guint warnings;
  g_autofree char *text = NULL;

  if (self->busy || self->findings == NULL)
    {
      slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY, _ ("Checking…"));
      return;
    }
  errors = slip_findings_count (self->findings, SLIP_SEVERITY_ERROR);
  warnings = slip_findings_count (self->findings, SLIP_SEVERITY_WARNING);
  text = g_strdup_printf (_ ("%u errors, %u warnings, %u notes%s%s"), errors, warnings,
                          slip_findings_count (self->findings, SLIP_SEVERITY_NOTE),
                          self->message != NULL ? _ (" · the databases were not asked: ") : "",
                          self->message != NULL ? self->message
                                                : _ (" · held against both databases"));
  slip_migration_frame_set_status (self->frame,
                                   errors > 0     ? SLIP_TONE_BAD
                                   : warnings > 0 ? SLIP_TONE_WARNING
                                                  : SLIP_TONE_GOOD,
                                   text);
}

/* ---- the check */

typedef struct
{
  SlipMigrationData *data;
  GPtrArray *findings;
  char *message;
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

static SlipMigration *
read_again (Check *check)
{
  g_clear_pointer (&check->findings, g_ptr_array_unref);
  check->findings = slip_findings_new ();
  return slip_migration_read (check->data->project->definitions, check->data->project->sidecar,
                              check->findings);
}

static gboolean
check_against_databases (Check *check, GCancellable *cancellable, GError **error)
{
  const SlipMigrationProject *project = check->data->project;
  g_autoptr (SlipMigration) migration = read_again (check);
  const SlipSchemas *schemas = slip_migration_get_schemas (migration);
  g_autoptr (SlipPg) pg = slip_pg_open (project->migration_db, "migration", cancellable, error);
  g_autoptr (SlipPg) target
      = pg != NULL ? slip_pg_open (project->target_db, "target", cancellable, error) : NULL;
  g_autoptr (SlipCatalogue) tables
      = target != NULL ? slip_catalogue_read_schema (target, schemas->target, cancellable, error)
                       : NULL;
  g_autoptr (SlipCatalogue) source
      = tables != NULL ? slip_catalogue_read_schema (pg, schemas->source, cancellable, error)
                       : NULL;
  SlipCheckAgainst against;

  if (source == NULL)
    return FALSE;
  against = (SlipCheckAgainst){slip_catalogue_get_n_tables (source) > 0 ? source : NULL, tables,
                               slip_catalogue_get_n_tables (source) > 0 ? pg : NULL, target};
  return slip_migration_check (migration, &against, cancellable, check->findings, error);
}

/* Where a database does not answer the files are still held against each other. */
static gboolean
do_check (SlipJob *job, gpointer memory, GError **error)
{
  Check *check = memory;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (GError) unreachable = NULL;
  const SlipCheckAgainst nothing = {0};

  if (!check_against_databases (check, cancellable, &unreachable))
    {
      g_autoptr (SlipMigration) migration = read_again (check);

      check->message = g_strdup (unreachable->message);
      slip_migration_check (migration, &nothing, cancellable, check->findings, NULL);
    }
  slip_findings_sort (check->findings);
  return TRUE;
}

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
  if (self->shown != NULL)
    fill_coverage (self);
  fill_findings (self);
  show_status (self);
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
  job = slip_task_run (self, slip_pool_get_io (), _ ("Checking definitions"), do_check, checked_cb,
                       check, check_free);
}

/* ---- what is shown */

static gboolean
edit (SlipDefinitionsPage *self, const char *name)
{
  SlipDefinitionDraft *draft = slip_mapping_editor_get_draft (self->editor);

  /* What is changed and not saved is never dropped for another one. */
  if (draft != NULL && !slip_definition_draft_is_empty (draft))
    slip_migration_frame_set_status (self->frame, SLIP_TONE_WARNING,
                                     _ ("Save or discard what is changed here first"));
  else if (self->shown == NULL || !slip_mapping_editor_show (self->editor, self->shown, name))
    return FALSE;
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

  if (data == NULL || same)
    return;
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  self->shown = slip_migration_data_ref (data);
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
    edit (self, row->name);
}

/* A finding opens the column that it is about. */
static void
finding_activate_cb (SlipDefinitionsPage *self, guint position)
{
  g_autoptr (SlipFound) row = g_list_model_get_item (G_LIST_MODEL (self->found), position);
  g_autofree char *subject = row != NULL ? dup_subject (row->finding->file) : NULL;
  g_auto (GStrv) parts
      = row != NULL && row->finding->path != NULL ? g_strsplit (row->finding->path, "/", 3) : NULL;

  if (subject != NULL && edit (self, subject) && parts != NULL && parts[0] != NULL
      && parts[1] != NULL)
    slip_mapping_editor_select (self->editor, parts[1]);
}

static void
back_cb (SlipDefinitionsPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "all");
}

static void
saved_cb (SlipDefinitionsPage *self)
{
  back_cb (self);
  slip_migration_desk_load (self->desk);
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
  GtkSingleSelection *selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (rows)));

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
  self->editor = SLIP_MAPPING_EDITOR (slip_mapping_editor_new ());
  g_signal_connect_object (self->editor, "back", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
}

static GtkWidget *
new_content (SlipDefinitionsPage *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);

  gtk_paned_set_start_child (GTK_PANED (paned),
                             new_table (&self->coverage_view, self->coverage, coverage_columns,
                                        G_N_ELEMENTS (coverage_columns),
                                        _ ("Mappings and lookups; Enter edits one"),
                                        G_CALLBACK (coverage_activate_cb), self));
  gtk_paned_set_end_child (
      GTK_PANED (paned),
      new_table (&self->findings_view, self->found, finding_columns, G_N_ELEMENTS (finding_columns),
                 _ ("Findings; Enter goes there"), G_CALLBACK (finding_activate_cb), self));
  gtk_paned_set_position (GTK_PANED (paned), 380);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, paned, "all");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->editor), "editor");
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
