/* SPDX-License-Identifier: MIT */

/* The activity panel: a list bound to the workbench's jobs. While nothing is going on it is one line
 * that says what came of the last one. */

#include "config.h"

#include "slip-activity.h"

#include <glib/gi18n.h>

#include "slip-job-row.h"
#include "slip-status.h"
#include "slip-tip.h"

/* Longer than a listing takes. */
#define SETTLE_MS 1200
#define LEAST_CHARS 20

struct _SlipActivity
{
  AdwBin parent_instance;

  GtkListBox *list;
  GtkWidget *scroller;
  GtkLabel *count;
  SlipStatus *last;
  GtkToggleButton *more;
  GtkWidget *clear;
  SlipWorkbench *workbench; /* owned */
  guint source;
  gboolean busy;
  gboolean compact;
};

G_DEFINE_FINAL_TYPE (SlipActivity, slip_activity, ADW_TYPE_BIN)

typedef enum
{
  PROP_COMPACT = 1,
} SlipActivityProp;

static GParamSpec *properties[PROP_COMPACT + 1];

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  return slip_job_row_new (item);
}

static guint
count_running (SlipActivity *self)
{
  GListModel *jobs = slip_workbench_get_jobs (self->workbench);
  guint running = 0;

  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (jobs, i);

      running += slip_job_is_finished (job) ? 0 : 1;
    }
  return running;
}

/* What came of the newest job, in the place of the list. */
static void
show_last (SlipActivity *self)
{
  g_autoptr (SlipJob) job = g_list_model_get_item (slip_workbench_get_jobs (self->workbench), 0);
  g_autofree char *title = job != NULL ? slip_job_row_dup_title (job) : NULL;
  g_autofree char *detail = job != NULL ? slip_job_row_dup_detail (job) : NULL;
  g_autofree char *text = NULL;

  if (job == NULL)
    text = g_strdup (_ ("Nothing is going on"));
  else if (detail != NULL)
    text = g_strdup_printf ("%s: %s", title, detail);
  else
    text = g_strdup (title);
  slip_status_set (self->last, job != NULL ? slip_job_row_get_tone (job) : SLIP_TONE_NEUTRAL, text);
  slip_tip_set (GTK_WIDGET (self->last), text);
}

static void
update (SlipActivity *self)
{
  guint n;
  guint running;
  g_autofree char *text = NULL;
  gboolean compact;

  if (self->workbench == NULL)
    return;
  n = g_list_model_get_n_items (slip_workbench_get_jobs (self->workbench));
  running = count_running (self);
  compact = !self->busy && !gtk_toggle_button_get_active (self->more);
  if (running > 0)
    text = g_strdup_printf (ngettext ("%u running", "%u running", running), running);
  gtk_label_set_label (self->count, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->count), !compact);
  gtk_widget_set_visible (GTK_WIDGET (self->last), compact);
  gtk_widget_set_visible (GTK_WIDGET (self->more), !self->busy && n > 0);
  gtk_widget_set_visible (self->clear, !compact && n > running);
  gtk_widget_set_visible (self->scroller, !compact);
  show_last (self);
  if (self->compact == compact)
    return;
  self->compact = compact;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPACT]);
}

static gboolean
settle_cb (gpointer data)
{
  SlipActivity *self = data;

  self->source = 0;
  self->busy = self->workbench != NULL && count_running (self) > 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* A job of half a second must not make the whole window jump. */
static void
count_cb (SlipActivity *self)
{
  update (self);
  if (self->source == 0)
    self->source = g_timeout_add (SETTLE_MS, settle_cb, self);
}

static void
jobs_changed_cb (SlipActivity *self, guint position, guint removed, guint added, GListModel *jobs)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (jobs, position + i);

      g_signal_connect_object (job, "finished", G_CALLBACK (count_cb), self,
                               G_CONNECT_SWAPPED | G_CONNECT_AFTER);
      /* Rows that come in portions are counted after their job has ended. */
      g_signal_connect_object (job, "changed", G_CALLBACK (show_last), self, G_CONNECT_SWAPPED);
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
slip_activity_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch ((SlipActivityProp)prop_id)
    {
    case PROP_COMPACT:
      g_value_set_boolean (value, SLIP_ACTIVITY (object)->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_activity_dispose (GObject *object)
{
  SlipActivity *self = SLIP_ACTIVITY (object);

  g_clear_handle_id (&self->source, g_source_remove);
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
  G_OBJECT_CLASS (klass)->get_property = slip_activity_get_property;
  properties[PROP_COMPACT]
      = g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-activity.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, list);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, scroller);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, count);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, last);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, more);
  gtk_widget_class_bind_template_child (widget_class, SlipActivity, clear);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
}

static void
slip_activity_init (SlipActivity *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* An error's text would make the whole window wider. */
  slip_status_set_width_chars (self->last, LEAST_CHARS);
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

gboolean
slip_activity_get_compact (SlipActivity *self)
{
  g_return_val_if_fail (SLIP_IS_ACTIVITY (self), FALSE);
  return self->compact;
}
