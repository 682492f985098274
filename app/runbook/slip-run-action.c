/* SPDX-License-Identifier: MIT */
/* The table of what this version can run, by the names that documents use. */

#include "slip-run-engine.h"

static const SlipRunAction *const actions[] = {
    &slip_run_action_execute_aws_api,
    &slip_run_action_wait_for_property,
    &slip_run_action_assert_property,
    &slip_run_action_branch,
    &slip_run_action_loop,
    &slip_run_action_sleep,
    &slip_run_action_pause,
    &slip_run_action_approve,
    &slip_run_action_execute_state_machine,
    &slip_run_action_execute_automation,
    &slip_run_action_update_variable,
    &slip_run_action_capture,
    &slip_run_action_command,
    &slip_run_action_count_items,
    &slip_run_action_edit_json,
    &slip_run_action_http,
    &slip_run_action_metric,
    &slip_run_action_migrate,
    &slip_run_action_edit_secret,
    &slip_run_action_follow_state_machine,
    &slip_run_action_run_task,
    &slip_run_action_sql,
    &slip_run_action_terraform,
};

const SlipRunAction *
slip_run_action_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_strcmp0 (actions[i]->name, name) == 0)
      return actions[i];
  return NULL;
}
