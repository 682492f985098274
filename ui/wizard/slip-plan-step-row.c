/* SPDX-License-Identifier: MIT */

/* A step of a plan as a row that opens. What is inside is made when it is opened first. */

#include "config.h"

#include "slip-plan-step-row.h"

#include <glib/gi18n.h>

#include "slip-field-list.h"
#include "slip-format.h"
#include "slip-json-view.h"
#include "slip-run-text.h"
#include "slip-tip.h"

struct _SlipPlanStepRow
{
  GtkListBoxRow parent_instance;

  GtkWidget *arrow;
  GtkRevealer *revealer;
  SlipPlanStep *step; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipPlanStepRow, slip_plan_step_row, GTK_TYPE_LIST_BOX_ROW)

static GtkWidget *
new_cell (const char *text, const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (text != NULL ? text : "");

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_line (GtkWidget **cells, GtkSizeGroup **groups)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  for (guint i = 0; i < SLIP_PLAN_N_COLUMNS; i++)
    {
      /* The title and the undo share what room is left, the others are as wide as they must be. */
      if (i == 1 || i == 5)
        gtk_widget_set_hexpand (cells[i], TRUE);
      if (groups[i] != NULL)
        gtk_size_group_add_widget (groups[i], cells[i]);
      gtk_box_append (GTK_BOX (line), cells[i]);
    }
  return line;
}

GtkWidget *
slip_plan_step_row_new_header (GtkSizeGroup **groups)
{
  const char *const titles[]
      = {"#", _ ("Step"), _ ("Where"), _ ("Effect"), _ ("Takes on AWS"), _ ("Undo")};
  GtkWidget *cells[SLIP_PLAN_N_COLUMNS];
  GtkWidget *box;

  for (guint i = 0; i < SLIP_PLAN_N_COLUMNS; i++)
    cells[i] = new_cell (titles[i], "caption-heading", i == 0 || i == 4 ? 1 : 0);
  box = new_line (cells, groups);
  gtk_widget_add_css_class (box, "plan-header");
  return box;
}

static char *
dup_where (SlipPlanStep *step)
{
  const char *environment = slip_plan_step_get_environment (step);
  const char *region = slip_plan_step_get_region (step);

  if (environment == NULL || region == NULL)
    return g_strdup (environment != NULL ? environment : region);
  return g_strdup_printf ("%s · %s", environment, region);
}

static GtkWidget *
new_effect (SlipPlanStep *step)
{
  const char *effect = slip_aws_effect_name (slip_plan_step_get_effect (step));
  SlipReversibility reversibility = slip_plan_step_get_reversibility (step);
  g_autofree char *tip = slip_run_dup_effect_text (step);
  GtkWidget *cell;

  /* "final" of the plan is what cannot be undone, whatever the API's own effect is called. */
  if (reversibility == SLIP_REVERSIBILITY_FINAL)
    effect = "final";
  cell = new_cell (slip_run_effect_title (effect), "effect", 0.5f);
  gtk_widget_add_css_class (cell, g_str_equal (effect, "final")    ? "effect-final"
                                  : g_str_equal (effect, "change") ? "effect-change"
                                                                   : "effect-read");
  gtk_widget_set_valign (cell, GTK_ALIGN_CENTER);
  slip_tip_set (cell, tip);
  return cell;
}

static const char *
get_undo (SlipPlanStep *step)
{
  const char *undo = slip_plan_step_get_undo (step);

  if (undo != NULL)
    return undo;
  return slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_READ ? "" : _ ("none");
}

static void
add_notes (SlipFieldList *fields, SlipPlanStep *step)
{
  JsonArray *notes = slip_plan_step_get_notes (step);

  for (guint i = 0; notes != NULL && i < json_array_get_length (notes); i++)
    slip_field_list_add (fields, _ ("Note"), json_array_get_string_element (notes, i));
}

static const char *
get_resume_words (SlipResumeRule rule)
{
  switch (rule)
    {
    case SLIP_RESUME_R0:
      return _ ("read again");
    case SLIP_RESUME_R1:
      return _ ("looked up by name; ours is adopted, another one stops the run");
    case SLIP_RESUME_R2:
      return _ ("sent again with the same token, which AWS recognises");
    case SLIP_RESUME_R3:
      return _ ("looked at; sent only when it is not so already");
    case SLIP_RESUME_R4:
      return _ ("evidence is looked for; without any, you decide");
    case SLIP_RESUME_R5:
      return _ ("you attest it again when it was long ago");
    case SLIP_RESUME_R6:
      return _ ("gone is done; still there is guarded again, then deleted");
    }
  return NULL;
}

/* A guess of the document is told from what was measured. */
static char *
dup_forecast_source (const SlipPlanStep *step)
{
  guint runs = slip_plan_step_get_runs (step);
  g_autofree char *usual = slip_format_duration (slip_plan_step_get_minutes (step) * 60);
  g_autofree char *worst = slip_format_duration (slip_plan_step_get_p90_minutes (step) * 60);

  if (runs == 0)
    return g_strdup_printf (_ ("%s on AWS, from the document"), usual);
  return g_strdup_printf (ngettext ("%s on AWS, from %u run; nine in ten within %s",
                                    "%s on AWS, from %u runs; nine in ten within %s", runs),
                          usual, runs, worst);
}

static GtkWidget *
new_inside (SlipPlanStepRow *self)
{
  SlipPlanStep *step = self->step;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *fields = slip_field_list_new ();
  JsonNode *request = slip_plan_step_get_request (step);
  g_autofree char *call = NULL;
  g_autofree char *forecast = NULL;

  if (slip_plan_step_get_operation (step) != NULL)
    call = g_strdup_printf ("%s:%s", slip_plan_step_get_service (step),
                            slip_plan_step_get_operation (step));
  else
    call = g_strdup (slip_plan_step_get_action (step));
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("Call"), call);
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("Why"), slip_plan_step_get_why (step));
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("If it fails"),
                       slip_plan_step_get_if_it_fails (step));
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("Undo"), slip_plan_step_get_undo (step));
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("After an interruption"),
                       get_resume_words (slip_plan_step_get_resume_rule (step)));
  forecast = dup_forecast_source (step);
  slip_field_list_add (SLIP_FIELD_LIST (fields), _ ("Forecast"), forecast);
  add_notes (SLIP_FIELD_LIST (fields), step);
  gtk_widget_set_hexpand (fields, TRUE);
  gtk_widget_set_size_request (fields, 240, -1);
  gtk_box_append (GTK_BOX (box), fields);
  if (request != NULL)
    {
      GtkWidget *json = slip_json_view_new (_ ("Exact request"));

      slip_json_view_set_node (SLIP_JSON_VIEW (json), request);
      gtk_widget_set_size_request (json, 320, 180);
      gtk_widget_set_hexpand (json, TRUE);
      gtk_widget_add_css_class (json, "card");
      gtk_box_append (GTK_BOX (box), json);
    }
  gtk_widget_add_css_class (box, "plan-inside");
  return box;
}

static void
slip_plan_step_row_dispose (GObject *object)
{
  g_clear_object (&SLIP_PLAN_STEP_ROW (object)->step);
  G_OBJECT_CLASS (slip_plan_step_row_parent_class)->dispose (object);
}

static void
slip_plan_step_row_class_init (SlipPlanStepRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_plan_step_row_dispose;
}

static void
slip_plan_step_row_init (SlipPlanStepRow *self)
{
}

GtkWidget *
slip_plan_step_row_new (SlipPlanStep *step, GtkSizeGroup **groups)
{
  SlipPlanStepRow *self = g_object_new (SLIP_TYPE_PLAN_STEP_ROW, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *cells[SLIP_PLAN_N_COLUMNS];
  GtkWidget *line;
  GtkWidget *title_label;
  g_autofree char *number = g_strdup_printf ("%u", slip_plan_step_get_index (step) + 1);
  g_autofree char *where = dup_where (step);
  g_autofree char *takes = slip_format_duration (slip_plan_step_get_minutes (step) * 60);

  self->step = g_object_ref (step);
  self->arrow = gtk_image_new_from_icon_name ("pan-end-symbolic");
  title_label = new_cell (slip_plan_step_get_title (step), NULL, 0);
  slip_tip_set (title_label, slip_plan_step_get_title (step));
  gtk_box_append (GTK_BOX (title), self->arrow);
  gtk_box_append (GTK_BOX (title), title_label);
  cells[0] = new_cell (number, "numeric", 1);
  cells[1] = title;
  cells[2] = new_cell (where, "dim-label", 0);
  cells[3] = new_effect (step);
  cells[4] = new_cell (takes, "numeric", 1);
  cells[5] = new_cell (get_undo (step), "dim-label", 0);
  slip_tip_set (cells[5], slip_plan_step_get_undo (step));
  line = new_line (cells, groups);
  gtk_widget_add_css_class (line, "plan-line");

  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->revealer));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  slip_plan_step_get_title (step), -1);
  return GTK_WIDGET (self);
}

gboolean
slip_plan_step_row_get_expanded (SlipPlanStepRow *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN_STEP_ROW (self), FALSE);
  return gtk_revealer_get_reveal_child (self->revealer);
}

void
slip_plan_step_row_set_expanded (SlipPlanStepRow *self, gboolean expanded)
{
  g_return_if_fail (SLIP_IS_PLAN_STEP_ROW (self));

  if (expanded && gtk_revealer_get_child (self->revealer) == NULL)
    gtk_revealer_set_child (self->revealer, new_inside (self));
  gtk_revealer_set_reveal_child (self->revealer, expanded);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->arrow),
                                expanded ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED, expanded, -1);
}
