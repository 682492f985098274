/* SPDX-License-Identifier: MIT */

/* What must not be missed after a power cut: a run that nobody carries out any more, or a change without
 * a run of which nobody knows what became. The one bar of the window, above every page; it only goes
 * away when the run goes on or is cancelled, or the change is settled. */

#include "config.h"

#include "slip-run-banner.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-format.h"
#include "slip-run-notes.h"
#include "slip-run-text.h"
#include "slip-settle-dialog.h"

struct _SlipRunBanner
{
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkImage *icon;
  GtkLabel *label;
  GtkWidget *go_on;
  GtkWidget *settle;
  GtkWidget *show;
  SlipWorkbench *workbench; /* owned */
  SlipRunList *runs;        /* owned */
  gulong handler;
  char *page_id;
  char *run_id; /* NULL: hidden */
  guint others;
  gboolean asking;
};

G_DEFINE_FINAL_TYPE (SlipRunBanner, slip_run_banner, ADW_TYPE_BIN)

static guint signal_open;

/* What was interrupted comes before what waits: nobody looks after it. */
static int
get_urgency (SlipRunState state)
{
  switch (state)
    {
    case SLIP_RUN_INTERRUPTED:
      return 2;
    case SLIP_RUN_NEEDS_SIGN_IN:
    case SLIP_RUN_NEEDS_DECISION:
    case SLIP_RUN_NEEDS_CONFIRMATION:
    case SLIP_RUN_NEEDS_APPROVAL:
      return 1;
    case SLIP_RUN_PLANNED:
    case SLIP_RUN_APPROVED:
    case SLIP_RUN_RUNNING:
    case SLIP_RUN_PAUSED:
    case SLIP_RUN_FAILED:
    case SLIP_RUN_CANCELLED:
    case SLIP_RUN_DONE:
      break;
    }
  return 0;
}

static gboolean
is_own_page (SlipRunBanner *self, const SlipRunSummary *summary)
{
  return self->page_id != NULL && g_str_has_prefix (self->page_id, "run/")
         && g_str_equal (self->page_id + strlen ("run/"), summary->id);
}

static SlipRunRow *
ref_most_urgent (SlipRunBanner *self)
{
  g_autoptr (SlipRunRow) found = NULL;
  int urgency = 0;

  self->others = 0;
  for (guint i = 0; self->runs != NULL; i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
      int this_one;

      if (row == NULL)
        break;
      if (is_own_page (self, slip_run_row_get_summary (row)))
        continue;
      this_one = get_urgency (slip_run_row_get_summary (row)->state);
      self->others += this_one > 0 ? 1 : 0;
      if (this_one > urgency)
        {
          urgency = this_one;
          g_set_object (&found, row);
        }
    }
  self->others -= found != NULL ? 1 : 0;
  return g_steal_pointer (&found);
}

static char *
dup_text (SlipRunBanner *self, const SlipRunSummary *summary)
{
  SlipEnvironment *environment
      = slip_workbench_find_environment (self->workbench, summary->environment);
  const char *where
      = environment != NULL ? slip_environment_get_title (environment) : summary->environment;
  g_autofree char *since = slip_format_time (summary->changed);
  g_autoptr (GString) text = g_string_new (NULL);

  if (summary->state == SLIP_RUN_INTERRUPTED)
    g_string_append_printf (text, _ ("Interrupted since %s: %s, %s, %u of %u steps done."), since,
                            summary->title, where, summary->steps_done, summary->steps);
  else
    g_string_append_printf (text, _ ("%s since %s: %s, %s."), slip_run_state_title (summary->state),
                            since, summary->title, where);
  if (self->others > 0)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (
          text, ngettext ("%u more run needs you.", "%u more runs need you.", self->others),
          self->others);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_call_text (const SlipOpenCall *call)
{
  g_autofree char *told = slip_open_call_tell (call);

  return g_strdup_printf (_ ("Attention: %s."), told);
}

static void
take_run (SlipRunBanner *self, const SlipRunSummary *summary)
{
  g_clear_pointer (&self->run_id, g_free);
  if (summary == NULL)
    return;
  self->run_id = g_strdup (summary->id);
}

/* Before what has the focus goes: the window would look for another place in what is changing. */
static void
hand_focus_on (SlipRunBanner *self, gboolean told, gboolean goes_on, gboolean settles)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *next = gtk_widget_get_next_sibling (GTK_WIDGET (self));

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return;
  if (told && ((focus == self->go_on && !goes_on) || (focus == self->settle && !settles)))
    gtk_widget_grab_focus (self->show);
  else if (!told && (next == NULL || !gtk_widget_child_focus (next, GTK_DIR_TAB_FORWARD)))
    gtk_root_set_focus (root, NULL);
}

static void
update (SlipRunBanner *self)
{
  g_autoptr (SlipRunRow) row = ref_most_urgent (self);
  const SlipRunSummary *summary = row != NULL ? slip_run_row_get_summary (row) : NULL;
  const SlipOpenCall *call = self->runs != NULL ? slip_run_list_get_open_call (self->runs) : NULL;
  SlipTone tone = summary != NULL ? slip_run_state_tone (summary->state) : SLIP_TONE_UNKNOWN;
  gboolean told = summary != NULL || call != NULL;
  g_autofree char *text = NULL;

  take_run (self, summary);
  hand_focus_on (self, told, summary != NULL && summary->state == SLIP_RUN_INTERRUPTED,
                 summary == NULL);
  gtk_revealer_set_reveal_child (self->revealer, told);
  gtk_widget_set_visible (GTK_WIDGET (self), told);
  if (!told)
    return;
  text = summary != NULL ? dup_text (self, summary) : dup_call_text (call);
  gtk_label_set_label (self->label, text);
  gtk_image_set_from_icon_name (self->icon, slip_tone_get_icon (tone));
  gtk_widget_set_visible (self->go_on, summary != NULL && summary->state == SLIP_RUN_INTERRUPTED);
  gtk_widget_set_visible (self->settle, summary == NULL);
}

/* What a person finds out about a change whose outcome nobody saw. */
static void
settle_cb (SlipRunBanner *self)
{
  const SlipOpenCall *call = slip_run_list_get_open_call (self->runs);

  if (call != NULL)
    slip_settle_dialog_present (GTK_WIDGET (self), self->workbench, call);
}

static void
open_run (SlipRunBanner *self, const char *run_id)
{
  g_autofree char *page_id = g_strdup_printf ("run/%s", run_id);

  g_signal_emit (self, signal_open, 0, page_id);
}

static void
show_cb (SlipRunBanner *self)
{
  if (self->others > 0)
    g_signal_emit (self, signal_open, 0, "runs");
  else if (self->run_id != NULL)
    open_run (self, self->run_id);
  else
    g_signal_emit (self, signal_open, 0, "audit");
}

typedef struct
{
  SlipRunBanner *banner; /* owned */
  char *run_id;
  char *title;
} Asking;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;

  if (slip_confirm_finish (result, NULL) && asking->banner->workbench != NULL)
    {
      slip_workbench_start_run (asking->banner->workbench, asking->run_id, asking->title);
      open_run (asking->banner, asking->run_id);
    }
  g_object_unref (asking->banner);
  g_free (asking->run_id);
  g_free (asking->title);
  g_free (asking);
}

static void
ask (SlipRunBanner *self, SlipRun *run)
{
  SlipEnvironment *environment
      = slip_workbench_find_environment (self->workbench, slip_run_get_environment (run));
  g_autofree char *next = slip_run_notes_dup_next (run);
  g_autofree char *heading = g_strdup_printf (_ ("Continue “%s”?"), slip_run_get_title (run));
  g_autofree char *meanwhile = slip_run_notes_dup_meanwhile (run);
  g_autofree char *body = g_strdup_printf ("%s\n\n%s", next, meanwhile);
  SlipConfirm confirm = {.heading = heading, .body = body, .verb = _ ("_Continue")};
  Asking *asking = g_new0 (Asking, 1);

  if (environment != NULL)
    {
      confirm.environment_title = slip_environment_get_title (environment);
      confirm.environment_protected = slip_environment_is_protected (environment);
    }
  asking->banner = g_object_ref (self);
  asking->run_id = g_strdup (slip_run_get_id (run));
  asking->title = g_strdup (slip_run_get_title (run));
  slip_confirm_async (GTK_WIDGET (self), &confirm, NULL, answered_cb, asking);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipRunBanner) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRun) run = slip_run_load_finish (result, &error);

  self->asking = FALSE;
  if (self->workbench == NULL)
    return;
  if (run == NULL)
    slip_confirm_message (GTK_WIDGET (self), _ ("The run cannot be read"), error->message);
  else
    ask (self, run);
}

/* Whoever is asked must know what goes on, so the run is read before the question. */
static void
continue_cb (SlipRunBanner *self)
{
  if (self->run_id == NULL || self->asking)
    return;
  self->asking = TRUE;
  slip_run_load_async (slip_workbench_get_ledger (self->workbench), self->run_id, NULL, loaded_cb,
                       g_object_ref (self));
}

static void
forget_runs (SlipRunBanner *self)
{
  if (self->runs != NULL)
    g_clear_signal_handler (&self->handler, self->runs);
  g_clear_object (&self->runs);
}

static void
slip_run_banner_dispose (GObject *object)
{
  SlipRunBanner *self = SLIP_RUN_BANNER (object);

  forget_runs (self);
  g_clear_object (&self->workbench);
  take_run (self, NULL);
  g_clear_pointer (&self->page_id, g_free);
  /* The template lets its direct children go, of which the bin would not know. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_RUN_BANNER);
  G_OBJECT_CLASS (slip_run_banner_parent_class)->dispose (object);
}

static void
slip_run_banner_class_init (SlipRunBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_run_banner_dispose;
  signal_open = g_signal_new ("open", SLIP_TYPE_RUN_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/run/slip-run-banner.ui");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, icon);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, label);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, go_on);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, settle);
  gtk_widget_class_bind_template_child (widget_class, SlipRunBanner, show);
  gtk_widget_class_bind_template_callback (widget_class, continue_cb);
  gtk_widget_class_bind_template_callback (widget_class, settle_cb);
}

static void
slip_run_banner_init (SlipRunBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
slip_run_banner_set_workbench (SlipRunBanner *self, SlipWorkbench *workbench)
{
  g_return_if_fail (SLIP_IS_RUN_BANNER (self));
  g_return_if_fail (SLIP_IS_WORKBENCH (workbench));

  forget_runs (self);
  g_set_object (&self->workbench, workbench);
  self->runs = g_object_ref (slip_workbench_get_runs (workbench));
  self->handler = g_signal_connect_swapped (self->runs, "loaded", G_CALLBACK (update), self);
  update (self);
}

void
slip_run_banner_set_page (SlipRunBanner *self, const char *page_id)
{
  g_return_if_fail (SLIP_IS_RUN_BANNER (self));

  if (g_strcmp0 (self->page_id, page_id) == 0)
    return;
  g_free (self->page_id);
  self->page_id = g_strdup (page_id);
  if (self->workbench != NULL)
    update (self);
}

const char *
slip_run_banner_get_run (SlipRunBanner *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_BANNER (self), NULL);
  return self->run_id;
}
