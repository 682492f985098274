/* SPDX-License-Identifier: MIT */

/* The activity panel: a list bound to the workbench's jobs. */

#include "config.h"

#include "slip-activity.h"

#include <glib/gi18n.h>

#include "slip-job-row.h"

struct _SlipActivity
{
  AdwBin parent_instance;

  GtkListBox *list;
  GtkLabel *count;
  GtkWidget *clear;
  SlipWorkbench *workbench; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipActivity, slip_activity, ADW_TYPE_BIN)

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  return slip_job_row_new (item);
}

static void
count_cb (SlipActivity *self)
{
  GListModel *jobs = slip_workbench_get_jobs (self->workbench);
  guint n = g_list_model_get_n_items (jobs);
  guint running = 0;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (jobs, i);

      running += slip_job_is_finished (job) ? 0 : 1;
    }
  if (running > 0)
    text = g_strdup_printf (ngettext ("%u running", "%u running", running), running);
  gtk_label_set_label (self->count, text != NULL ? text : "");
  gtk_widget_set_visible (self->clear, n > running);
}

static void
jobs_changed_cb (SlipActivity *self, guint position, guint removed, guint added, GListModel *jobs)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (jobs, position + i);

      g_signal_connect_object (job, "finished", G_CALLBACK (count_cb), self,
                               G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    }
  count_cb (self);
}

static void
clear_cb (SlipActivity *self)
{
  if (self->workbench != NULL)
    slip_workbench_clear_jobs (self->workbench);
}

static void
slip_activity_dispose (GObject *object)
{
  SlipActivity *self = SLIP_ACTIVITY (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_ACTIVITY);
  G_OBJECT_CLASS (slip_activity_parent_class)->dispose (object);
}

static void
slip_activity_class_init (SlipActivityClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_activity_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-activity.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, list);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, count);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, clear);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

static void
slip_activity_init (SlipActivity *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
slip_activity_set_workbench (SlipActivity *self, SlipWorkbench *workbench)
{
  GListModel *jobs;

  g_return_if_fail (SLIP_IS_ACTIVITY (self));
  g_return_if_fail (SLIP_IS_WORKBENCH (workbench));

  g_set_object (&self->workbench, workbench);
  jobs = slip_workbench_get_jobs (workbench);
  gtk_list_box_bind_model (self->list, jobs, create_row, NULL, NULL);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (jobs_changed_cb), self,
                           G_CONNECT_SWAPPED);
  jobs_changed_cb (self, 0, 0, g_list_model_get_n_items (jobs), jobs);
}
