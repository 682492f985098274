/* SPDX-License-Identifier: MIT */

/* The details pane of a run. Shows the planned request until one was sent, so that what will happen
 * can be read before it does. */

#include "config.h"

#include "slip-step-details.h"

#include <glib/gi18n.h>

#include "slip-comparison.h"
#include "slip-field-list.h"
#include "slip-format.h"
#include "slip-json-view.h"
#include "slip-json.h"
#include "slip-run-text.h"
#include "slip-status.h"
#include "slip-step-state.h"

struct _SlipStepDetails
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkLabel *number;
  GtkLabel *title;
  SlipStatus *status;
  GtkLabel *detail;
  SlipFieldList *fields;
  SlipJsonView *request;
  SlipJsonView *response;
  SlipRunStep *step; /* owned */
  gulong handler;
  char *shown; /* what the fields were made for */
};

G_DEFINE_FINAL_TYPE (SlipStepDetails, slip_step_details, ADW_TYPE_BIN)

static void
add_time (SlipStepDetails *self, const char *name, gint64 time)
{
  g_autofree char *text = slip_format_time (time);

  slip_field_list_add (self->fields, name, text);
}

static void
add_plan_fields (SlipStepDetails *self, const SlipPlanStep *planned)
{
  g_autofree char *call = NULL;
  g_autofree char *where = NULL;
  g_autofree char *effect = NULL;
  const char *region = slip_plan_step_get_region (planned);

  slip_field_list_add (self->fields, _ ("Why"), slip_plan_step_get_why (planned));
  slip_field_list_add (self->fields, _ ("If it fails"), slip_plan_step_get_if_it_fails (planned));
  slip_field_list_add (self->fields, _ ("Undo"), slip_plan_step_get_undo (planned));
  if (slip_plan_step_get_operation (planned) != NULL)
    call = g_strdup_printf ("%s:%s", slip_plan_step_get_service (planned),
                            slip_plan_step_get_operation (planned));
  slip_field_list_add (self->fields, _ ("Call"), call);
  where = g_strdup_printf ("%s%s%s", slip_plan_step_get_environment (planned),
                           region != NULL ? " · " : "", region != NULL ? region : "");
  slip_field_list_add (self->fields, _ ("Where"), where);
  effect = slip_run_dup_effect_text (planned);
  slip_field_list_add (self->fields, _ ("Effect"), effect);
}

/* Settings that were compared are told side by side, the rest by name. */
static void
add_outputs (SlipStepDetails *self, const SlipPlanStep *planned, JsonObject *outputs)
{
  gboolean compares
      = planned != NULL && g_strcmp0 (slip_plan_step_get_action (planned), "slipway:capture") == 0;
  g_autoptr (JsonObject) rest = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, outputs);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      JsonObject *object = slip_json_node_object (value);

      if (compares && object != NULL && g_str_equal (name, "Comparison"))
        slip_field_list_add_widget (self->fields, slip_comparison_new (object));
      else
        json_object_set_member (rest, name, slip_json_copy (value));
    }
  slip_field_list_add_json (self->fields, rest);
}

static void
show_fields (SlipStepDetails *self)
{
  SlipRunStep *step = self->step;
  const SlipPlanStep *planned = slip_run_step_get_plan_step (step);
  g_autofree char *shown = g_strdup_printf (
      "%p %d %s %s", (gpointer)step, slip_run_step_get_state (step),
      slip_run_step_get_request_id (step), slip_run_step_get_request_sha256 (step));

  /* Progress is told often; the fields stay as they are, with whatever is selected in them. */
  if (g_strcmp0 (self->shown, shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  slip_field_list_clear (self->fields);
  if (planned != NULL)
    add_plan_fields (self, planned);
  add_time (self, _ ("Started"), slip_run_step_get_started (step));
  add_time (self, _ ("Finished"), slip_run_step_get_finished (step));
  add_time (self, _ ("Deadline"), slip_run_step_get_deadline (step));
  slip_field_list_add (self->fields, _ ("AWS request id"), slip_run_step_get_request_id (step));
  slip_field_list_add (self->fields, _ ("Request SHA-256"),
                       slip_run_step_get_request_sha256 (step));
  slip_field_list_add (self->fields, _ ("By"), slip_run_step_get_actor (step));
  if (slip_run_step_get_outputs (step) != NULL)
    add_outputs (self, planned, slip_run_step_get_outputs (step));
}

static void
show_step (SlipStepDetails *self)
{
  SlipRunStep *step = self->step;
  const SlipPlanStep *planned = slip_run_step_get_plan_step (step);
  g_autofree char *state = slip_step_state_dup_text (step);
  const char *detail = slip_run_step_get_detail (step);
  JsonNode *request = slip_run_step_get_request (step);
  g_autofree char *number = NULL;

  number = planned != NULL ? g_strdup_printf (_ ("Step %u"), slip_plan_step_get_index (planned) + 1)
                           : g_strdup (_ ("Step"));
  gtk_label_set_label (self->number, number);
  gtk_label_set_label (self->title, slip_run_step_get_title (step));
  slip_status_set (self->status, slip_step_state_get_tone (step), state);
  gtk_label_set_label (self->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail != NULL && detail[0] != '\0');
  show_fields (self);
  if (request == NULL && planned != NULL)
    request = slip_plan_step_get_request (planned);
  slip_json_view_set_node (self->request, request);
  slip_json_view_set_node (self->response, slip_run_step_get_response (step));
}

static void
slip_step_details_dispose (GObject *object)
{
  SlipStepDetails *self = SLIP_STEP_DETAILS (object);

  if (self->step != NULL)
    g_clear_signal_handler (&self->handler, self->step);
  g_clear_object (&self->step);
  /* The template lets its direct children go, of which the bin would not know. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_STEP_DETAILS);
  G_OBJECT_CLASS (slip_step_details_parent_class)->dispose (object);
}

static void
slip_step_details_finalize (GObject *object)
{
  g_free (SLIP_STEP_DETAILS (object)->shown);
  G_OBJECT_CLASS (slip_step_details_parent_class)->finalize (object);
}

static void
slip_step_details_class_init (SlipStepDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_step_details_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_step_details_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/run/slip-step-details.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, number);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, title);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, status);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, detail);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, fields);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, request);
  gtk_widget_class_bind_template_child (widget_class, SlipStepDetails, response);
}

static void
slip_step_details_init (SlipStepDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
slip_step_details_new (void)
{
  return g_object_new (SLIP_TYPE_STEP_DETAILS, NULL);
}

void
slip_step_details_set_step (SlipStepDetails *self, SlipRunStep *step)
{
  g_return_if_fail (SLIP_IS_STEP_DETAILS (self));

  if (self->step == step)
    return;
  if (self->step != NULL)
    g_clear_signal_handler (&self->handler, self->step);
  g_set_object (&self->step, step);
  gtk_stack_set_visible_child_name (self->stack, step != NULL ? "step" : "none");
  if (step == NULL)
    return;
  self->handler = g_signal_connect_swapped (step, "notify", G_CALLBACK (show_step), self);
  show_step (self);
}
