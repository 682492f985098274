/* SPDX-License-Identifier: MIT */

/* All migrations of the workspace. Each row is a migration's desk, which reads its databases on a worker; one that does
 * not answer says so in its own row. */

#include "config.h"

#include "slip-migrations-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-migration-desk.h"
#include "slip-plain.h"
#include "slip-stage-tree.h"
#include "slip-state-bar.h"
#include "slip-tip.h"

struct _SlipMigrationsPage
{
  SlipPage parent_instance;

  GListStore *desks; /* owned; element-type SlipMigrationDesk */
  GtkColumnView *view;
  SlipStatus *status; /* NULL where there are no migrations */
  GtkLabel *as_of;
};

G_DEFINE_FINAL_TYPE (SlipMigrationsPage, slip_migrations_page, SLIP_TYPE_PAGE)

/* ---- cells */

static const SlipMigrationRunStatus *
get_latest (SlipMigrationDesk *desk)
{
  SlipMigrationData *data = slip_migration_desk_get_data (desk);

  return data != NULL && data->runs->len > 0 ? g_ptr_array_index (data->runs, 0) : NULL;
}

static void
show_state (SlipMigrationDesk *desk, SlipStatus *status)
{
  const char *message = slip_migration_desk_get_message (desk);
  const SlipMigrationRunStatus *run = get_latest (desk);
  SlipTone tone = SLIP_TONE_NEUTRAL;
  g_autofree char *state = run != NULL ? slip_run_dup_state (run, &tone) : NULL;
  g_autofree char *text = NULL;

  if (slip_migration_desk_is_busy (desk))
    slip_status_set (status, SLIP_TONE_BUSY, _ ("running"));
  else if (message != NULL)
    slip_status_set (status, SLIP_TONE_BAD, message);
  else if (run != NULL && slip_migration_desk_get_data (desk)->unasked != NULL)
    {
      /* Translators: a run's state */
      text = g_strdup_printf (_ ("%s, but the target does not answer"), state);
      slip_status_set (status, tone == SLIP_TONE_GOOD ? SLIP_TONE_WARNING : tone, text);
    }
  else if (run != NULL)
    slip_status_set (status, tone, state);
  else if (slip_migration_desk_get_data (desk) == NULL)
    slip_status_set (status, SLIP_TONE_BUSY, _ ("reading"));
  else
    slip_status_set (status, SLIP_TONE_NEUTRAL, _ ("never run"));
}

static void
show_latest (SlipMigrationDesk *desk, GtkLabel *label)
{
  const SlipMigrationRunStatus *run = get_latest (desk);
  g_autofree char *text = NULL;

  if (run != NULL)
    /* Translators: a run's number, and the date that it takes for today */
    text = g_strdup_printf (_ ("%d, for %s"), (int)run->run, run->run_date);
  gtk_label_set_label (label, text != NULL ? text : "");
}

enum
{
  COLUMN_TITLE,
  COLUMN_STATE,
  COLUMN_RUN,
  COLUMN_TARGET,
};

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  GtkWidget *child;

  if (GPOINTER_TO_UINT (data) == COLUMN_STATE)
    {
      child = slip_status_new ();
      slip_status_set_width_chars (SLIP_STATUS (child), 12);
    }
  else
    {
      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), 0);
      gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
      slip_tip_follow_label (GTK_LABEL (child));
      gtk_label_set_width_chars (GTK_LABEL (child), 14);
    }
  gtk_list_item_set_child (list_item, child);
}

static void
show_cell (GtkListItem *list_item)
{
  guint column = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (list_item), "column"));
  SlipMigrationDesk *desk = gtk_list_item_get_item (list_item);
  GtkWidget *child = gtk_list_item_get_child (list_item);

  if (desk == NULL)
    return;
  if (column == COLUMN_TITLE)
    gtk_label_set_label (GTK_LABEL (child), slip_migration_desk_get_project (desk)->title);
  else if (column == COLUMN_STATE)
    show_state (desk, SLIP_STATUS (child));
  else if (column == COLUMN_RUN)
    show_latest (desk, GTK_LABEL (child));
  else
    gtk_label_set_label (GTK_LABEL (child), slip_migration_desk_get_project (desk)->target_db);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  gpointer desk = gtk_list_item_get_item (list_item);

  g_object_set_data (G_OBJECT (list_item), "column", data);
  show_cell (list_item);
  g_signal_connect_object (desk, "changed", G_CALLBACK (show_cell), list_item, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "progress", G_CALLBACK (show_cell), list_item, G_CONNECT_SWAPPED);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), show_cell, list_item);
}

static void
add_columns (GtkColumnView *view)
{
  static const char *const titles[] = {
      [COLUMN_TITLE] = N_ ("Migration"),
      [COLUMN_STATE] = N_ ("State"),
      [COLUMN_RUN] = N_ ("Latest run"),
      [COLUMN_TARGET] = N_ ("Target"),
  };
  static const SlipColumnCallbacks callbacks
      = {G_CALLBACK (setup_cb), G_CALLBACK (bind_cb), G_CALLBACK (unbind_cb)};

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    slip_columns_append (view, _ (titles[i]), i == COLUMN_TITLE || i == COLUMN_TARGET, &callbacks,
                         GUINT_TO_POINTER (i));
}

/* ---- what stands below */

/* Of when the one is that was looked at first: none of them is older. Where a database did not answer, that is of then. */
static void
show_time (SlipMigrationsPage *self)
{
  GListModel *desks = G_LIST_MODEL (self->desks);
  guint n = g_list_model_get_n_items (desks);
  gint64 oldest = G_MAXINT64;
  g_autofree char *count = g_strdup_printf (ngettext ("%u migration", "%u migrations", n), n);
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipMigrationDesk) desk = g_list_model_get_item (desks, i);

      oldest = MIN (oldest, slip_migration_desk_get_asked (desk));
    }
  text = slip_state_bar_dup_time (oldest);
  slip_status_set (self->status, oldest != 0 ? SLIP_TONE_NEUTRAL : SLIP_TONE_BUSY,
                   oldest != 0 ? count : _ ("Reading…"));
  gtk_label_set_label (self->as_of, text);
  slip_tip_set (GTK_WIDGET (self->as_of), _ ("F5 reads anew"));
}

/* ---- the page */

static void
activate_cb (SlipMigrationsPage *self, guint position)
{
  g_autoptr (SlipMigrationDesk) desk = g_list_model_get_item (G_LIST_MODEL (self->desks), position);
  g_autofree char *page_id
      = g_strdup_printf ("migration/%s", slip_migration_desk_get_project (desk)->name);

  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
slip_migrations_page_refresh (SlipPage *page)
{
  GListModel *desks = G_LIST_MODEL (SLIP_MIGRATIONS_PAGE (page)->desks);

  for (guint i = 0; i < g_list_model_get_n_items (desks); i++)
    {
      g_autoptr (SlipMigrationDesk) desk = g_list_model_get_item (desks, i);

      slip_migration_desk_load (desk);
    }
}

static void
map_cb (SlipMigrationsPage *self)
{
  GListModel *desks = G_LIST_MODEL (self->desks);

  for (guint i = 0; i < g_list_model_get_n_items (desks); i++)
    {
      g_autoptr (SlipMigrationDesk) desk = g_list_model_get_item (desks, i);

      slip_migration_desk_freshen (desk);
    }
}

static void
slip_migrations_page_dispose (GObject *object)
{
  SlipMigrationsPage *self = SLIP_MIGRATIONS_PAGE (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->desks);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_migrations_page_parent_class)->dispose (object);
}

static void
slip_migrations_page_class_init (SlipMigrationsPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_migrations_page_dispose;
  SLIP_PAGE_CLASS (klass)->refresh = slip_migrations_page_refresh;
}

static void
slip_migrations_page_init (SlipMigrationsPage *self)
{
  self->desks = g_list_store_new (SLIP_TYPE_MIGRATION_DESK);
}

static GtkWidget *
new_list (SlipMigrationsPage *self)
{
  GtkSingleSelection *selection
      = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->desks)));

  gtk_single_selection_set_autoselect (selection, FALSE);
  self->view = slip_columns_new_view (GTK_SELECTION_MODEL (selection), _ ("Migrations"));
  add_columns (self->view);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  return slip_columns_new_scroller (self->view);
}

static GtkWidget *
new_empty (SlipWorkbench *workbench)
{
  GtkWidget *page = adw_status_page_new ();
  g_autofree char *text = g_strdup_printf (
      _ ("A migration is a folder of definitions and two databases. Name it in %s:\n\n"
         "\"migrations\": [{\"name\": \"club\", \"definitions\": \"example\", \"source\": "
         "\"source\",\n"
         "\"migration_db\": \"service=club_migration\", \"target_db\": \"service=club\"}]"),
      slip_workbench_get_workspace_path (workbench));

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "slip-migration-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("No migrations yet"));
  slip_plain_set_description (ADW_STATUS_PAGE (page), text);
  gtk_widget_add_css_class (page, "compact");
  gtk_widget_set_vexpand (page, TRUE);
  return page;
}

SlipPage *
slip_migrations_page_new (SlipWorkbench *workbench)
{
  SlipMigrationsPage *self = g_object_new (SLIP_TYPE_MIGRATIONS_PAGE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("Migrations"));
  GPtrArray *projects = slip_workspace_get_migrations (slip_workbench_get_workspace (workbench));

  for (guint i = 0; i < projects->len; i++)
    {
      const SlipMigrationProject *project = g_ptr_array_index (projects, i);
      SlipMigrationDesk *desk = slip_migration_desk_get (workbench, project->name);

      g_list_store_append (self->desks, desk);
      g_signal_connect_object (desk, "changed", G_CALLBACK (show_time), self, G_CONNECT_SWAPPED);
    }
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_widget_add_css_class (title, "title-4");
  gtk_box_append (GTK_BOX (bar), title);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), projects->len > 0 ? new_list (self) : new_empty (workbench));
  if (projects->len > 0)
    {
      gtk_box_append (GTK_BOX (box), slip_state_bar_new (&self->status, &self->as_of));
      show_time (self);
      g_signal_connect_after (self, "map", G_CALLBACK (map_cb), NULL);
    }
  adw_bin_set_child (ADW_BIN (self), box);
  return SLIP_PAGE (self);
}
