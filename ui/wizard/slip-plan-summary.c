/* SPDX-License-Identifier: MIT */

/* A plan in a few rows: what whoever approves or cosigns it puts their name under. */

#include "config.h"

#include "slip-plan-summary.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-plan-objectives.h"

GtkWidget *
slip_plan_summary_new_row (const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 4);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static char *
dup_effects (SlipPlan *plan)
{
  GListModel *steps = slip_plan_get_steps (plan);
  guint reads = 0;
  guint changes = 0;
  guint finals = 0;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipPlanStep) step = g_list_model_get_item (steps, i);

      if (slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL)
        finals++;
      else if (slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ)
        reads++;
      else
        changes++;
    }
  return g_strdup_printf (_ ("%u that only read, %u that change, %u that are final"), reads,
                          changes, finals);
}

static char *
dup_duration (SlipPlan *plan, SlipEnvironment *environment)
{
  double speed = slip_environment_get_speed (environment);
  g_autofree char *real = slip_format_duration (slip_plan_get_minutes (plan) * 60);
  g_autofree char *fast = slip_format_duration (slip_plan_get_seconds (plan, speed));
  g_autofree char *from = slip_plan_objectives_dup_source (plan);

  if (speed <= 1)
    return g_strdup_printf ("%s (%s)", real, from);
  return g_strdup_printf (_ ("%s on AWS, about %s in this rehearsal (%s)"), real, fast, from);
}

static char *
dup_preflight (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);

  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);

      if (slip_guard_result_get_state (guard) == SLIP_GUARD_BLOCK)
        return g_strdup_printf (_ ("A guard blocks, and the plan cannot be approved: %s"),
                                slip_guard_result_get_message (guard));
    }
  return g_strdup_printf (_ ("%u guards hold, %u to look at, %u not provable"),
                          slip_plan_count_guards (plan, SLIP_GUARD_PASS),
                          slip_plan_count_guards (plan, SLIP_GUARD_WARN),
                          slip_plan_count_guards (plan, SLIP_GUARD_UNPROVABLE));
}

GtkWidget *
slip_plan_summary_new (SlipPlan *plan, SlipEnvironment *environment)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *effects = dup_effects (plan);
  g_autofree char *duration = dup_duration (plan, environment);
  g_autofree char *preflight = dup_preflight (plan);
  g_autofree char *data = slip_plan_objectives_dup_data (plan, g_get_real_time ());
  g_autofree char *account = slip_format_account (slip_environment_get_account (environment));
  g_autofree char *where
      = g_strdup_printf ("%s, %s", slip_environment_get_title (environment), account);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What you approve"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             slip_plan_summary_new_row (_ ("Runbook"), slip_plan_get_title (plan)));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             slip_plan_summary_new_row (_ ("Where"), where));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             slip_plan_summary_new_row (_ ("Steps"), effects));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             slip_plan_summary_new_row (_ ("Preflight"), preflight));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             slip_plan_summary_new_row (_ ("Forecast"), duration));
  if (data != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               slip_plan_summary_new_row (_ ("Data"), data));
  adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (group),
      slip_plan_summary_new_row (_ ("Hash of the plan"), slip_plan_get_hash (plan)));
  return group;
}

static char *
dup_step_line (SlipPlanStep *step)
{
  const char *undo = slip_plan_step_get_undo (step);
  const char *region = slip_plan_step_get_region (step);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append (line, slip_plan_step_get_environment (step));
  if (region != NULL)
    g_string_append_printf (line, " · %s", region);
  if (undo != NULL)
    g_string_append_printf (line, _ ("\nTo get back: %s"), undo);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* Whoever approves says that these were seen, so they are shown where it is said. */
GtkWidget *
slip_plan_summary_new_warnings (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);
  GtkWidget *group = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);
      SlipGuardState state = slip_guard_result_get_state (guard);
      g_autofree char *title = NULL;
      GtkWidget *row;

      if (state == SLIP_GUARD_PASS)
        continue;
      if (group == NULL)
        {
          group = adw_preferences_group_new ();
          adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Look at these"));
        }
      title = g_strdup_printf (state == SLIP_GUARD_UNPROVABLE ? _ ("%s (not provable)") : "%s",
                               slip_guard_result_get_title (guard));
      row = slip_plan_summary_new_row (title, slip_guard_result_get_message (guard));
      gtk_widget_add_css_class (row, "warning-row");
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}

/* What nobody can take back stands here by name, also for a person who did not scroll the plan. */
GtkWidget *
slip_plan_summary_new_final (SlipPlan *plan)
{
  GtkWidget *group = adw_preferences_group_new ();
  int point = slip_plan_get_point_of_no_return (plan);
  g_autofree char *description = NULL;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Point of no return"));
  if (point < 0)
    {
      adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                             _ ("There is none: every step can be undone."));
      return group;
    }
  description = g_strdup_printf (
      _ ("Before step %d. From there on these are final: they cannot be undone, or "
         "not with all that came of them."),
      point + 1);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  for (guint i = (guint)point; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);
      g_autofree char *title = NULL;
      g_autofree char *line = NULL;
      GtkWidget *row;

      if (slip_plan_step_get_reversibility (step) != SLIP_REVERSIBILITY_FINAL
          && slip_plan_step_get_effect (step) != SLIP_AWS_EFFECT_FINAL)
        continue;
      title = g_strdup_printf ("%u  %s", i + 1, slip_plan_step_get_title (step));
      line = dup_step_line (step);
      row = slip_plan_summary_new_row (title, line);
      gtk_widget_add_css_class (row, "final-row");
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}
