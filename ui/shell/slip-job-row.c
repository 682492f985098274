/* SPDX-License-Identifier: MIT */

/* Shows one job. Everything comes from the job's own coalesced `changed` signal; the row has no
 * timer. */

#include "config.h"

#include "slip-job-row.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-status.h"
#include "slip-tip.h"

struct _SlipJobRow
{
  GtkListBoxRow parent_instance;

  SlipStatus *status;
  GtkLabel *title;
  GtkLabel *detail;
  GtkLabel *rate;
  GtkProgressBar *progress;
  GtkLabel *remaining;
  GtkWidget *cancel;
  SlipJob *job; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipJobRow, slip_job_row, GTK_TYPE_LIST_BOX_ROW)

static const struct
{
  SlipTone tone;
  const char *title;
} states[] = {
    [SLIP_JOB_WAITING] = {SLIP_TONE_NEUTRAL, N_ ("Waiting")},
    [SLIP_JOB_RUNNING] = {SLIP_TONE_BUSY, N_ ("Running")},
    [SLIP_JOB_PAUSED] = {SLIP_TONE_WARNING, N_ ("Needs you")},
    [SLIP_JOB_DONE] = {SLIP_TONE_GOOD, N_ ("Done")},
    [SLIP_JOB_FAILED] = {SLIP_TONE_BAD, N_ ("Failed")},
    [SLIP_JOB_CANCELLED] = {SLIP_TONE_STOPPED, N_ ("Cancelled")},
};

static gboolean
is_given_up (SlipJob *job)
{
  return g_object_get_data (G_OBJECT (job), "given-up") != NULL;
}

static SlipJobState
get_state (SlipJob *job)
{
  return is_given_up (job) ? SLIP_JOB_CANCELLED : slip_job_get_state (job);
}

static void
show_state (SlipJobRow *self)
{
  SlipJobState state = get_state (self->job);

  slip_status_set (self->status, states[state].tone, _ (states[state].title));
}

static void
show_numbers (SlipJobRow *self)
{
  gboolean finished = slip_job_is_finished (self->job);
  double fraction = slip_job_get_progress (self->job);
  double rate = slip_job_get_rate (self->job);
  double remaining = slip_job_get_remaining (self->job);
  g_autofree char *unit = slip_job_dup_rate_unit (self->job);
  g_autofree char *rate_text = NULL;
  g_autofree char *remaining_text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), !finished);
  gtk_widget_set_sensitive (self->cancel, !finished);
  gtk_widget_set_opacity (self->cancel, finished ? 0 : 1);
  if (!finished && fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  else if (!finished)
    gtk_progress_bar_pulse (self->progress);

  if (!finished && rate >= 0 && unit != NULL)
    /* Translators: a rate, such as "1200 rows/s" */
    rate_text = g_strdup_printf (_ ("%.0f %s/s"), rate, unit);
  gtk_label_set_label (self->rate, rate_text != NULL ? rate_text : "");
  if (!finished && remaining >= 0)
    {
      g_autofree char *duration = slip_format_duration (remaining);

      remaining_text = g_strdup_printf (_ ("%s left"), duration);
    }
  gtk_label_set_label (self->remaining, remaining_text != NULL ? remaining_text : "");
}

static void
changed_cb (SlipJobRow *self)
{
  g_autofree char *text = slip_job_row_dup_detail (self->job);

  show_state (self);
  show_numbers (self);
  gtk_label_set_label (self->detail, text != NULL ? text : "");
}

static void
cancel_cb (SlipJobRow *self)
{
  slip_job_cancel (self->job);
}

static void
slip_job_row_dispose (GObject *object)
{
  SlipJobRow *self = SLIP_JOB_ROW (object);

  g_clear_object (&self->job);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_JOB_ROW);
  G_OBJECT_CLASS (slip_job_row_parent_class)->dispose (object);
}

static void
slip_job_row_class_init (SlipJobRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_job_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-job-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, status);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, title);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, detail);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, rate);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, progress);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, remaining);
  gtk_widget_class_bind_template_child (widget_class, SlipJobRow, cancel);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
slip_job_row_init (SlipJobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_tip_follow_label (self->title);
  slip_tip_follow_label (self->detail);
}

GtkWidget *
slip_job_row_new (SlipJob *job)
{
  SlipJobRow *self = g_object_new (SLIP_TYPE_JOB_ROW, NULL);
  g_autofree char *title = slip_job_row_dup_title (job);
  g_autofree char *cancel = g_strdup_printf (_ ("Cancel %s"), title);

  self->job = g_object_ref (job);
  gtk_label_set_label (self->title, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->cancel), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  cancel, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  g_signal_connect_object (job, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "finished", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  return GTK_WIDGET (self);
}

char *
slip_job_row_dup_title (SlipJob *job)
{
  const char *given = g_object_get_data (G_OBJECT (job), "title");

  return given != NULL ? g_strdup (given) : slip_job_dup_title (job);
}

char *
slip_job_row_dup_detail (SlipJob *job)
{
  g_autoptr (GError) error = slip_job_dup_error (job);

  if (is_given_up (job))
    return g_strdup (_ ("cancelled after it had failed"));
  return error != NULL ? g_strdup (error->message) : slip_job_dup_detail (job);
}

SlipTone
slip_job_row_get_tone (SlipJob *job)
{
  g_return_val_if_fail (SLIP_IS_JOB (job), SLIP_TONE_NEUTRAL);
  return states[get_state (job)].tone;
}

void
slip_job_row_set_given_up (SlipJob *job)
{
  g_return_if_fail (SLIP_IS_JOB (job));

  if (is_given_up (job))
    return;
  g_object_set_data (G_OBJECT (job), "given-up", GINT_TO_POINTER (TRUE));
  g_signal_emit_by_name (job, "changed");
}
