/* SPDX-License-Identifier: MIT */
/* Plans on the command line: which file is one, whether it may be run here, and what it says, for those who approve it. Runs of
 * runbooks and of plans, and cosignatures, tell them alike. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-action.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-plan-file.h"
#include "slip-planner.h"
#include "slip-print.h"

#include <glib/gi18n.h>
#include <string.h>

#define PLAN_MAX_BYTES (64 * 1024 * 1024)

SlipPlan *
slip_cli_plan_read (const char *path, int *status)
{
  g_autoptr (GError) error = NULL;
  SlipPlan *plan = slip_plan_read_file (path, &error);

  if (plan != NULL)
    return plan;
  slip_cli_fail (g_steal_pointer (&error));
  *status = SLIP_CLI_USAGE;
  return NULL;
}

gboolean
slip_cli_plan_hold (SlipPlan *plan, SlipWorkspace *workspace, const char *runbook)
{
  g_autoptr (GError) error = NULL;

  if (slip_planner_check_plan_file (plan, workspace, runbook, &error))
    return TRUE;
  (void)slip_cli_fail (g_steal_pointer (&error));
  return FALSE;
}

/* A file that begins as JSON is a plan, also one that was cut off; a runbook may be JSON too, but has
 * mainSteps, and may then lack anything. */
gboolean
slip_cli_plan_is_file (const char *name)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (!g_file_test (name, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  bytes = slip_file_read (name, PLAN_MAX_BYTES, NULL);
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return *g_strchug (text) == '{' && strstr (text, "\"mainSteps\"") == NULL
         && strstr (text, "\"schemaVersion\"") == NULL;
}

static void
tell_guards (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);

  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);

      if (slip_guard_result_get_state (guard) != SLIP_GUARD_PASS)
        g_printerr ("  %-10s %s: %s\n",
                    slip_guard_state_get_name (slip_guard_result_get_state (guard)),
                    slip_guard_result_get_title (guard), slip_guard_result_get_message (guard));
    }
}

/* Programs of this machine are told as final steps are: their titles say least of what they do. */
static gboolean
shows_request (SlipPlanStep *step)
{
  const char *service = slip_plan_step_get_service (step);

  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_FINAL
         || slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL
         || (service != NULL && slip_action_is_local (service));
}

static void
tell_step (SlipPlanStep *step, gboolean requests)
{
  const char *service = slip_plan_step_get_service (step);
  JsonNode *request = slip_plan_step_get_request (step);
  JsonArray *body = slip_plan_step_get_body (step);

  if (service != NULL)
    g_printerr ("                %s:%s  %s (%s)  %s\n", service,
                slip_plan_step_get_operation (step), slip_plan_step_get_account (step),
                slip_plan_step_get_environment (step), slip_plan_step_get_region (step));
  if (request != NULL && (requests || shows_request (step)))
    {
      g_autofree char *text = slip_json_to_text (request, FALSE);

      g_printerr ("                %s\n", text);
    }
  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    {
      g_autoptr (SlipPlanStep) inner
          = slip_plan_step_new_from_json (json_array_get_object_element (body, i), i, NULL);
      g_autofree char *title = NULL;

      if (inner == NULL)
        continue;
      title = slip_print_one_line (slip_plan_step_get_title (inner), 0);
      g_printerr ("      %-8s %s\n", slip_aws_effect_name (slip_plan_step_get_effect (inner)),
                  title);
      tell_step (inner, requests);
    }
}

void
slip_cli_plan_tell (SlipPlan *plan, SlipWorkspace *workspace, gboolean requests)
{
  int point = slip_plan_get_point_of_no_return (plan);
  g_autofree char *difference = slip_plan_dup_runbook_difference (plan);
  g_autofree char *forecast = slip_cli_dup_forecast (workspace, plan);
  g_autofree char *name = slip_print_one_line (slip_plan_get_title (plan), 0);

  g_printerr (_ ("%s on %s: %u steps, about %s; plan %s\n"), name, slip_plan_get_environment (plan),
              slip_plan_get_n_steps (plan), forecast, slip_plan_get_hash (plan));
  if (difference != NULL)
    g_printerr (_ ("note on this plan: %s\n"), difference);
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);
      g_autofree char *title = slip_print_one_line (slip_plan_step_get_title (step), 0);

      if ((int)i == point)
        g_printerr (_ ("      ---- point of no return ----\n"));
      g_printerr ("  %2u  %-8s %s\n", i + 1,
                  slip_aws_effect_name (slip_plan_step_get_effect (step)), title);
      tell_step (step, requests);
    }
  tell_guards (plan);
}
