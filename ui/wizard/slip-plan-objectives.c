/* SPDX-License-Identifier: MIT */

/* Two figures that an incident is led by: the age of the data, and the length of the procedure. */

#include "config.h"

#include "slip-plan-objectives.h"

#include <glib/gi18n.h>

#include "slip-format.h"

static char *
dup_age (gint64 data, gint64 now_us)
{
  return slip_format_duration ((double)MAX (now_us - data, 0) / G_USEC_PER_SEC);
}

char *
slip_plan_objectives_dup_age (gint64 data, gint64 now_us)
{
  g_autofree char *time = slip_format_time (data);
  g_autofree char *age = dup_age (data, now_us);

  return g_strdup_printf (_ ("Data as of %s, %s old. What was written since is lost."), time, age);
}

char *
slip_plan_objectives_dup_since (gint64 data, gint64 now_us)
{
  g_autofree char *time = slip_format_time (data);
  g_autofree char *age = dup_age (data, now_us);

  return g_strdup_printf (_ ("Of %s, %s old."), time, age);
}

char *
slip_plan_objectives_dup_data (SlipPlan *plan, gint64 now_us)
{
  gint64 data;
  g_autofree char *time = NULL;
  g_autofree char *age = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (plan), NULL);

  data = slip_plan_get_data_time (plan);
  if (data == 0)
    return NULL;
  time = slip_format_time (data);
  age = dup_age (data, now_us);
  if (slip_plan_is_data_copied (plan))
    return g_strdup_printf (_ ("Copied %s, %s ago: the data is older, see the original. What was "
                               "written since is lost."),
                            time, age);
  return g_strdup_printf (_ ("Of %s, %s old. What was written since is lost."), time, age);
}

char *
slip_plan_objectives_dup_source (SlipPlan *plan)
{
  guint remembered;

  g_return_val_if_fail (SLIP_IS_PLAN (plan), NULL);

  remembered = slip_plan_get_n_remembered (plan);
  if (remembered == 0)
    return g_strdup (_ ("from the document"));
  return g_strdup_printf (_ ("%u of %u steps from earlier runs"), remembered,
                          slip_plan_get_n_steps (plan));
}

static gboolean
is_rehearsal (SlipEnvironment *environment)
{
  return environment != NULL && slip_environment_get_speed (environment) > 1;
}

/* What nobody here can hasten, told apart from what is ours to do. */
static void
append_waiting (GString *line, SlipPlan *plan)
{
  double minutes = slip_plan_get_waiting_minutes (plan);
  g_autofree char *waiting = slip_format_duration (minutes * 60);
  g_autofree char *ours = slip_format_duration ((slip_plan_get_minutes (plan) - minutes) * 60);

  if (minutes > 0)
    g_string_append_printf (line, _ (": %s waiting for AWS, %s ours"), waiting, ours);
}

static void
append_whole (GString *line, SlipPlan *plan, SlipEnvironment *environment)
{
  g_autofree char *worst = slip_format_duration (slip_plan_get_p90_minutes (plan) * 60);
  g_autofree char *minutes = slip_format_duration (slip_plan_get_minutes (plan) * 60);

  g_string_append (line, minutes);
  if (is_rehearsal (environment))
    g_string_append (line, _ (" on AWS"));
  if (slip_plan_get_n_remembered (plan) > 0 && !g_str_equal (minutes, worst))
    g_string_append_printf (line, _ (", at worst %s"), worst);
  append_waiting (line, plan);
}

static char *
dup_here (SlipPlan *plan, SlipEnvironment *environment)
{
  return slip_format_duration (
      slip_plan_get_seconds (plan, slip_environment_get_speed (environment)));
}

char *
slip_plan_objectives_dup_length (SlipPlan *plan, SlipEnvironment *environment)
{
  g_autoptr (GString) line = g_string_new (_ ("The whole procedure takes about "));

  g_return_val_if_fail (SLIP_IS_PLAN (plan), NULL);

  append_whole (line, plan, environment);
  if (is_rehearsal (environment))
    {
      g_autofree char *here = dup_here (plan, environment);

      g_string_append_printf (line, _ ("; %s in this rehearsal"), here);
    }
  g_string_append_c (line, '.');
  return g_string_free (g_steal_pointer (&line), FALSE);
}

char *
slip_plan_objectives_dup_line (SlipPlan *plan, SlipEnvironment *environment, gint64 now_us)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gint64 data;

  g_return_val_if_fail (SLIP_IS_PLAN (plan), NULL);

  data = slip_plan_get_data_time (plan);
  if (data != 0)
    {
      g_autofree char *age = dup_age (data, now_us);

      g_string_append_printf (
          line, slip_plan_is_data_copied (plan) ? _ ("RPO over %s (a copy) · ") : _ ("RPO %s · "),
          age);
    }
  /* Only what brings data back has an objective of recovery. */
  g_string_append (line, data != 0 ? _ ("RTO about ") : _ ("Takes about "));
  append_whole (line, plan, environment);
  if (is_rehearsal (environment))
    {
      g_autofree char *here = dup_here (plan, environment);

      g_string_append_printf (line, _ (" · %s in this rehearsal"), here);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}
