/* SPDX-License-Identifier: MIT */
/* Names and types of the states of runs and steps, and the folder's error domain for runs. */

#include "slip-run.h"

GQuark
slip_run_error_quark (void)
{
  return g_quark_from_static_string ("slip-run-error-quark");
}

static const GEnumValue run_states[] = {
    {SLIP_RUN_PLANNED, "SLIP_RUN_PLANNED", "planned"},
    {SLIP_RUN_APPROVED, "SLIP_RUN_APPROVED", "approved"},
    {SLIP_RUN_RUNNING, "SLIP_RUN_RUNNING", "running"},
    {SLIP_RUN_PAUSED, "SLIP_RUN_PAUSED", "paused"},
    {SLIP_RUN_NEEDS_SIGN_IN, "SLIP_RUN_NEEDS_SIGN_IN", "needs-sign-in"},
    {SLIP_RUN_NEEDS_DECISION, "SLIP_RUN_NEEDS_DECISION", "needs-decision"},
    {SLIP_RUN_NEEDS_CONFIRMATION, "SLIP_RUN_NEEDS_CONFIRMATION", "needs-confirmation"},
    {SLIP_RUN_NEEDS_APPROVAL, "SLIP_RUN_NEEDS_APPROVAL", "needs-approval"},
    {SLIP_RUN_INTERRUPTED, "SLIP_RUN_INTERRUPTED", "interrupted"},
    {SLIP_RUN_FAILED, "SLIP_RUN_FAILED", "failed"},
    {SLIP_RUN_CANCELLED, "SLIP_RUN_CANCELLED", "cancelled"},
    {SLIP_RUN_DONE, "SLIP_RUN_DONE", "done"},
    {0, NULL, NULL},
};

static const GEnumValue step_states[] = {
    {SLIP_RUN_STEP_PLANNED, "SLIP_RUN_STEP_PLANNED", "planned"},
    {SLIP_RUN_STEP_INTENT, "SLIP_RUN_STEP_INTENT", "intent"},
    {SLIP_RUN_STEP_WAITING, "SLIP_RUN_STEP_WAITING", "waiting"},
    {SLIP_RUN_STEP_OVERDUE, "SLIP_RUN_STEP_OVERDUE", "waiting-overdue"},
    {SLIP_RUN_STEP_UNKNOWN, "SLIP_RUN_STEP_UNKNOWN", "unknown"},
    {SLIP_RUN_STEP_DONE, "SLIP_RUN_STEP_DONE", "done"},
    {SLIP_RUN_STEP_FAILED, "SLIP_RUN_STEP_FAILED", "failed"},
    {SLIP_RUN_STEP_SKIPPED, "SLIP_RUN_STEP_SKIPPED", "skipped"},
    {0, NULL, NULL},
};

GType
slip_run_state_get_type (void)
{
  static GType type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("SlipRunState", run_states));
  return type;
}

GType
slip_run_step_state_get_type (void)
{
  static GType type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("SlipRunStepState", step_states));
  return type;
}

const char *
slip_run_state_get_name (SlipRunState state)
{
  g_return_val_if_fail (state <= SLIP_RUN_DONE, NULL);
  return run_states[state].value_nick;
}

const char *
slip_run_step_state_get_name (SlipRunStepState state)
{
  g_return_val_if_fail (state <= SLIP_RUN_STEP_SKIPPED, NULL);
  return step_states[state].value_nick;
}
