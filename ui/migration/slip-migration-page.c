/* SPDX-License-Identifier: MIT */

/* The runs of a migration. What is done here is what `slipwayctl migrate run`, `stage` and `undo` do; before anything
 * reaches the target the person is asked, with the target's name. */

#include "config.h"

#include "slip-migration-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-confirm.h"
#include "slip-migration-ask.h"
#include "slip-migration-export.h"
#include "slip-migration-frame.h"
#include "slip-slow-list.h"
#include "slip-stage-columns.h"
#include "slip-stage-tree.h"
#include "slip-table-picture.h"
#include "slip-tip.h"
#include "slip-tree-keys.h"

struct _SlipMigrationPage
{
  SlipPage parent_instance;

  SlipMigrationDesk *desk; /* owned */
  SlipMigrationFrame *frame;
  GtkColumnView *view;
  GListStore *stages; /* owned; element-type SlipStageNode */
  GtkSingleSelection *selection;
  SlipMigrationData *shown; /* owned; what the tree's measures belong to */
  GtkWidget *notes;         /* what stages say of themselves, in full */
  GtkLabel *notes_text;
  GtkWidget *run;
  GtkWidget *stage;
  GtkWidget *stop;
  GtkWidget *undo;
  GtkWidget *csv;
  GtkWidget *png;
  GCancellable *cancellable; /* owned; closes what is asked */
  enum
  {
    ASKS_NOTHING,
    ASKS_RUN,
    ASKS_STAGE,
    ASKS_UNDO
  } about_to_ask; /* what the question says is being read */
};

G_DEFINE_FINAL_TYPE (SlipMigrationPage, slip_migration_page, SLIP_TYPE_PAGE)

/* ---- what is chosen */

/* The stage that the chosen row is below. */
static const char *
get_selected_stage (SlipMigrationPage *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (GtkTreeListRow) at = row != NULL ? g_object_ref (row) : NULL;
  g_autoptr (SlipStageNode) node = NULL;

  while (at != NULL && gtk_tree_list_row_get_depth (at) > 0)
    {
      GtkTreeListRow *parent = gtk_tree_list_row_get_parent (at);

      g_object_unref (at);
      at = parent;
    }
  node = at != NULL ? gtk_tree_list_row_get_item (at) : NULL;
  return node != NULL ? slip_stage_node_get_id (node) : NULL;
}

/* Why there is nothing to take back. */
static const char *
get_nothing_to_undo (SlipMigrationPage *self)
{
  const SlipMigrationRunStatus *run = slip_migration_data_get_status (self->shown);

  if (run == NULL)
    return _ ("There is no run to take back");
  if (g_str_equal (run->state, "undone"))
    return _ ("This run was taken back already");
  return NULL;
}

static void
update_buttons (SlipMigrationPage *self)
{
  gboolean busy = slip_migration_desk_is_busy (self->desk);
  gboolean has_run = self->shown != NULL && self->shown->run != 0;
  const char *stage = get_selected_stage (self);
  const char *nothing = get_nothing_to_undo (self);
  g_autofree char *label = NULL;

  gtk_widget_set_visible (self->stop, busy);
  gtk_widget_set_visible (self->run, !busy);
  gtk_widget_set_sensitive (self->run, self->shown != NULL);
  gtk_widget_set_sensitive (self->stage, !busy && stage != NULL && has_run);
  gtk_widget_set_sensitive (self->undo, !busy && nothing == NULL);
  slip_tip_set (self->undo, busy ? NULL : nothing);
  gtk_widget_set_sensitive (self->csv, has_run);
  gtk_widget_set_sensitive (self->png, has_run);
  label = stage != NULL
              ? g_strdup_printf (_ ("Run stage “%s” again…"), slip_stage_get_title (stage))
              : g_strdup (_ ("Choose a stage to run it again"));
  slip_tip_set (self->stage, label);
}

static void
activate_cb (SlipMigrationPage *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  g_autoptr (SlipStageNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  const SlipStageNodeText *text = node != NULL ? slip_stage_node_get_text (node) : NULL;

  /* Below the stage api is nothing that the checks themselves do not tell. */
  if (node != NULL && g_strcmp0 (slip_stage_node_get_id (node), "api") == 0
      && slip_migration_frame_show_checks (self->frame))
    return;
  if (text != NULL && text->measure != NULL)
    slip_migration_frame_show_measure (self->frame, text->measure);
  else if (row != NULL)
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* ---- what is shown */

static void
show_status (SlipMigrationPage *self)
{
  const char *message = slip_migration_desk_get_message (self->desk);
  const SlipMigrationRunStatus *run = slip_migration_data_get_status (self->shown);
  SlipTone tone = SLIP_TONE_NEUTRAL;
  g_autofree char *state = run != NULL ? slip_run_dup_state (run, &tone) : NULL;
  const char *note = run != NULL ? slip_migration_data_get_failure (self->shown) : NULL;
  g_autofree char *text = NULL;

  if (run != NULL && slip_migration_data_get_note (self->shown) != NULL)
    {
      note = slip_migration_data_get_note (self->shown);
      /* Whether the target still has it is not known, or it has not. */
      tone = tone == SLIP_TONE_GOOD ? SLIP_TONE_WARNING : tone;
    }
  if (slip_migration_desk_is_busy (self->desk))
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BUSY,
                                     _ ("Work goes on; it is in the activity panel too"));
  else if (message != NULL)
    slip_migration_frame_set_status (self->frame, SLIP_TONE_BAD, message);
  else if (run == NULL)
    slip_migration_frame_set_status (
        self->frame, self->shown != NULL ? SLIP_TONE_NEUTRAL : SLIP_TONE_BUSY,
        self->shown != NULL ? _ ("Never run: “Run…” begins") : _ ("Reading…"));
  else
    {
      text = note != NULL ? g_strdup_printf (_ ("Run %d: %s. %s"), (int)run->run, state, note)
                          : g_strdup_printf (_ ("Run %d: %s"), (int)run->run, state);
      slip_migration_frame_set_status (self->frame, tone, text);
    }
}

/* A line is too short for what a stage found: it stands below the list, of the chosen stage or of all. */
static void
show_notes (SlipMigrationPage *self)
{
  const char *chosen = get_selected_stage (self);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->stages)); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (G_LIST_MODEL (self->stages), i);
      const SlipStageNodeText *said = slip_stage_node_get_text (node);

      if (said->note == NULL
          || (chosen != NULL && !g_str_equal (chosen, slip_stage_node_get_id (node))))
        continue;
      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "\n" : "", said->title, said->note);
    }
  gtk_widget_set_visible (self->notes, text->len > 0);
  if (g_strcmp0 (gtk_label_get_label (self->notes_text), text->str) != 0)
    gtk_label_set_label (self->notes_text, text->str);
}

static void
stage_chosen_cb (SlipMigrationPage *self)
{
  update_buttons (self);
  show_notes (self);
}

static void
update (SlipMigrationPage *self)
{
  SlipMigrationData *data = slip_migration_desk_get_data (self->desk);
  g_autoptr (GPtrArray) lines = slip_migration_desk_dup_lines (self->desk);
  /* The nodes point into the data until they are brought up to date. */
  g_autoptr (SlipMigrationData) before = g_steal_pointer (&self->shown);

  if (data != NULL)
    self->shown = slip_migration_data_ref (data);
  slip_migration_frame_set_empty (self->frame, NULL, NULL);
  slip_stage_tree_update (self->stages, data, lines, slip_migration_desk_get_left_out (self->desk));
  show_notes (self);
  show_status (self);
  update_buttons (self);
}

/* ---- what is done */

/* What is read anew first: the target may have been brought back since, or the definitions edited. */
static void
begin_to_ask (SlipMigrationPage *self, int what)
{
  if (self->about_to_ask != ASKS_NOTHING)
    return;
  self->about_to_ask = what;
  slip_migration_desk_load (self->desk);
}

static void
run_cb (SlipMigrationPage *self)
{
  begin_to_ask (self, ASKS_RUN);
}

static void
stage_cb (SlipMigrationPage *self)
{
  begin_to_ask (self, ASKS_STAGE);
}

static void
undo_cb (SlipMigrationPage *self)
{
  begin_to_ask (self, ASKS_UNDO);
}

static void
read_cb (SlipMigrationPage *self)
{
  const char *stage = get_selected_stage (self);
  int what = self->about_to_ask;

  if (what == ASKS_NOTHING || slip_migration_desk_is_loading (self->desk))
    return;
  self->about_to_ask = ASKS_NOTHING;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || slip_migration_desk_is_busy (self->desk))
    return;
  if (slip_migration_desk_is_away (self->desk))
    slip_confirm_message (GTK_WIDGET (self), _ ("How the migration stands is not known"),
                          slip_migration_desk_get_message (self->desk));
  else if (what == ASKS_STAGE && stage != NULL)
    slip_migration_ask_stage (SLIP_PAGE (self), self->desk, stage, self->cancellable);
  else if (what == ASKS_UNDO && get_nothing_to_undo (self) == NULL)
    slip_migration_ask_undo (SLIP_PAGE (self), self->desk, self->shown->run, self->cancellable);
  else if (what == ASKS_RUN
           && !slip_migration_ask_refuse (SLIP_PAGE (self), self->desk, self->cancellable))
    slip_migration_ask_run (SLIP_PAGE (self), self->desk, self->cancellable);
}

static void
csv_cb (SlipMigrationPage *self)
{
  g_autofree char *csv = self->shown != NULL && self->shown->report != NULL
                             ? slip_run_report_to_csv (self->shown->report)
                             : NULL;

  if (csv != NULL)
    slip_migration_export_text (GTK_WIDGET (self), _ ("Export the run"), "run.csv", csv);
}

static void
png_cb (SlipMigrationPage *self)
{
  g_autofree char *title = slip_migration_dup_heading (self->shown);
  GtkWidget *picture;

  if (title == NULL)
    return;
  picture = slip_table_picture_new (title);
  slip_stage_columns_draw (SLIP_TABLE_PICTURE (picture), G_LIST_MODEL (self->selection));
  slip_migration_export_drawing (GTK_WIDGET (self), _ ("Save the picture"), "run.png", picture);
}

/* ---- the page */

static void
slip_migration_page_refresh (SlipPage *page)
{
  slip_migration_desk_load (SLIP_MIGRATION_PAGE (page)->desk);
}

static gboolean
slip_migration_page_escape (SlipPage *page)
{
  return slip_migration_frame_escape (SLIP_MIGRATION_PAGE (page)->frame);
}

static void
slip_migration_page_dispose (GObject *object)
{
  SlipMigrationPage *self = SLIP_MIGRATION_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->selection);
  g_clear_object (&self->stages);
  g_clear_pointer (&self->shown, slip_migration_data_unref);
  g_clear_object (&self->desk);
  g_clear_object (&self->cancellable);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_migration_page_parent_class)->dispose (object);
}

static void
slip_migration_page_class_init (SlipMigrationPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_migration_page_dispose;
  SLIP_PAGE_CLASS (klass)->refresh = slip_migration_page_refresh;
  SLIP_PAGE_CLASS (klass)->escape = slip_migration_page_escape;
}

static GListModel *
create_children (gpointer item, gpointer data)
{
  return slip_stage_node_get_text (item)->leaf
             ? NULL
             : G_LIST_MODEL (g_object_ref (slip_stage_node_get_children (item)));
}

static void
slip_migration_page_init (SlipMigrationPage *self)
{
  GtkTreeListModel *tree;

  self->cancellable = g_cancellable_new ();
  self->stages = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  tree = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->stages)), FALSE, FALSE,
                                  create_children, NULL, NULL);
  self->selection = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (tree)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  self->view = slip_columns_new_view (NULL, _ ("Stages of the run"));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  slip_stage_columns_add (self->view);
  slip_column_room_add (self->view, 260);
  slip_tree_keys_add (GTK_WIDGET (self->view));
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (stage_chosen_cb),
                           self, G_CONNECT_SWAPPED);
}

static void
add_buttons (SlipMigrationPage *self)
{
  self->stop = slip_migration_frame_add_button (self->frame, _ ("_Stop"),
                                                G_CALLBACK (slip_migration_desk_stop), self->desk);
  self->undo = slip_migration_frame_add_button (self->frame, _ ("_Take Back…"),
                                                G_CALLBACK (undo_cb), self);
  self->stage = slip_migration_frame_add_button (self->frame, _ ("Run Sta_ge…"),
                                                 G_CALLBACK (stage_cb), self);
  self->csv = slip_migration_frame_add_button (self->frame, _ ("_CSV…"), G_CALLBACK (csv_cb), self);
  self->png = slip_migration_frame_add_button (self->frame, _ ("_PNG…"), G_CALLBACK (png_cb), self);
  self->run = slip_migration_frame_add_button (self->frame, _ ("_Run…"), G_CALLBACK (run_cb), self);
  gtk_widget_add_css_class (self->run, "suggested-action");
}

static GtkWidget *
new_content (SlipMigrationPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scroller, TRUE);
  self->notes_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->notes_text, 0);
  gtk_label_set_wrap (self->notes_text, TRUE);
  gtk_label_set_wrap_mode (self->notes_text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (self->notes_text, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->notes_text), "status-bar");
  self->notes = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->notes), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->notes), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->notes), 150);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->notes), GTK_WIDGET (self->notes_text));
  gtk_widget_set_visible (self->notes, FALSE);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), self->notes);
  return box;
}

SlipPage *
slip_migration_page_new (SlipWorkbench *workbench, const char *name)
{
  SlipMigrationDesk *desk = slip_migration_desk_get (workbench, name);
  SlipMigrationPage *self;

  if (desk == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_MIGRATION_PAGE, NULL);
  self->desk = g_object_ref (desk);
  self->frame
      = slip_migration_frame_new (SLIP_PAGE (self), desk, _ ("Runs"), TRUE, new_content (self));
  add_buttons (self);
  g_signal_connect_object (self->frame, "update", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "changed", G_CALLBACK (read_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->frame, "progress", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return SLIP_PAGE (self);
}
