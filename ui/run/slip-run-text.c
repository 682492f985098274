/* SPDX-License-Identifier: MIT */

/* Words and colours for what runs and the ledger say. */

#include "config.h"

#include "slip-run-text.h"

#include <glib/gi18n.h>

static const struct
{
  const char *title;
  SlipTone tone;
} run_states[] = {
    [SLIP_RUN_PLANNED] = {N_ ("Planned"), SLIP_TONE_NEUTRAL},
    [SLIP_RUN_APPROVED] = {N_ ("Approved"), SLIP_TONE_NEUTRAL},
    [SLIP_RUN_RUNNING] = {N_ ("Running"), SLIP_TONE_BUSY},
    [SLIP_RUN_PAUSED] = {N_ ("Paused"), SLIP_TONE_WARNING},
    [SLIP_RUN_NEEDS_SIGN_IN] = {N_ ("Needs sign-in"), SLIP_TONE_WARNING},
    [SLIP_RUN_NEEDS_DECISION] = {N_ ("Needs a decision"), SLIP_TONE_WARNING},
    [SLIP_RUN_NEEDS_CONFIRMATION] = {N_ ("Needs confirmation"), SLIP_TONE_WARNING},
    [SLIP_RUN_NEEDS_APPROVAL] = {N_ ("Needs approval"), SLIP_TONE_WARNING},
    [SLIP_RUN_INTERRUPTED] = {N_ ("Interrupted"), SLIP_TONE_UNKNOWN},
    [SLIP_RUN_FAILED] = {N_ ("Failed"), SLIP_TONE_BAD},
    [SLIP_RUN_CANCELLED] = {N_ ("Cancelled"), SLIP_TONE_STOPPED},
    [SLIP_RUN_DONE] = {N_ ("Done"), SLIP_TONE_GOOD},
};

static const struct
{
  const char *title;
  SlipTone tone;
} step_states[] = {
    [SLIP_RUN_STEP_PLANNED] = {N_ ("to do"), SLIP_TONE_NEUTRAL},
    [SLIP_RUN_STEP_INTENT] = {N_ ("sending"), SLIP_TONE_BUSY},
    [SLIP_RUN_STEP_WAITING] = {N_ ("waiting"), SLIP_TONE_BUSY},
    [SLIP_RUN_STEP_OVERDUE] = {N_ ("overdue"), SLIP_TONE_WARNING},
    [SLIP_RUN_STEP_UNKNOWN] = {N_ ("unknown"), SLIP_TONE_UNKNOWN},
    [SLIP_RUN_STEP_DONE] = {N_ ("done"), SLIP_TONE_GOOD},
    [SLIP_RUN_STEP_FAILED] = {N_ ("failed"), SLIP_TONE_BAD},
    [SLIP_RUN_STEP_SKIPPED] = {N_ ("skipped"), SLIP_TONE_STOPPED},
};

static const struct
{
  const char *kind;
  const char *title;
} kinds[] = {
    {"run.planned", N_ ("Planned")},         {"run.approved", N_ ("Approved")},
    {"run.started", N_ ("Started")},         {"run.identity", N_ ("Identity checked")},
    {"run.pause", N_ ("Pause asked")},       {"run.resume", N_ ("Resume asked")},
    {"run.cancel", N_ ("Cancel asked")},     {"run.paused", N_ ("Paused")},
    {"run.resumed", N_ ("Resumed")},         {"run.finished", N_ ("Finished")},
    {"guard.result", N_ ("Guard")},          {"step.intent", N_ ("Intent")},
    {"step.outcome", N_ ("Outcome")},        {"step.waiting", N_ ("Waiting")},
    {"step.observed", N_ ("Observed")},      {"step.overdue", N_ ("Overdue")},
    {"step.turn", N_ ("Turn of a loop")},    {"step.decided", N_ ("Decided")},
    {"step.confirmed", N_ ("Confirmed")},    {"step.attested", N_ ("Attested")},
    {"run.cosigned", N_ ("Cosigned")},       {"step.cosigned", N_ ("Step cosigned")},
    {"step.approved", N_ ("Step approved")}, {"step.rejected", N_ ("Step rejected")},
};

const char *
slip_run_state_title (SlipRunState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (run_states), NULL);
  return _ (run_states[state].title);
}

SlipTone
slip_run_state_tone (SlipRunState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (run_states), SLIP_TONE_UNKNOWN);
  return run_states[state].tone;
}

const char *
slip_run_step_state_title (SlipRunStepState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (step_states), NULL);
  return _ (step_states[state].title);
}

SlipTone
slip_run_step_state_tone (SlipRunStepState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (step_states), SLIP_TONE_UNKNOWN);
  return step_states[state].tone;
}

const char *
slip_run_kind_title (const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].kind, kind) == 0)
      return _ (kinds[i].title);
  return kind != NULL ? kind : "";
}

const char *
slip_run_effect_title (const char *effect)
{
  if (g_strcmp0 (effect, "final") == 0)
    return _ ("final");
  if (g_strcmp0 (effect, "change") == 0)
    return _ ("change");
  return _ ("read");
}

SlipTone
slip_run_effect_tone (const char *effect)
{
  if (g_strcmp0 (effect, "final") == 0)
    return SLIP_TONE_BAD;
  if (g_strcmp0 (effect, "change") == 0)
    return SLIP_TONE_WARNING;
  return SLIP_TONE_NEUTRAL;
}

gboolean
slip_run_has_undo (const SlipPlanStep *step)
{
  const char *undo = slip_plan_step_get_undo (step);

  return undo != NULL && !g_str_has_prefix (undo, "none") && !g_str_has_prefix (undo, "nothing");
}

/* What is no call to AWS says what it changes instead; NULL where AWS is. */
static const char *
get_local_effect (const SlipPlanStep *step, gboolean final)
{
  const char *service = slip_plan_step_get_service (step);

  if (g_strcmp0 (service, "migration") == 0 && !final)
    return _ ("Changes the migration database, and nothing in AWS; slipwayctl migrate undo takes "
              "it back");
  if (g_strcmp0 (service, "migration") == 0)
    return g_strcmp0 (slip_plan_step_get_operation (step), "undo") == 0
               ? _ ("Changes rows of the target’s database, and nothing in AWS: what a run put "
                    "there is taken out")
               : _ ("Changes rows of the target’s database, and nothing in AWS; slipwayctl migrate "
                    "undo takes out exactly those, unless somebody changes them before");
  if (g_strcmp0 (service, "sql") == 0)
    return _ ("Changes a database, and nothing in AWS");
  if (g_strcmp0 (service, "file") == 0)
    return _ ("Changes a file on this machine, and nothing in AWS");
  if (g_strcmp0 (service, "command") == 0)
    return _ ("Runs a program on this machine, which may change anything that it reaches");
  if (g_strcmp0 (service, "http") == 0)
    return _ ("Asks another service to change something, and changes nothing in AWS by itself");
  return NULL;
}

char *
slip_run_dup_effect_text (const SlipPlanStep *step)
{
  const char *effect = slip_aws_effect_name (slip_plan_step_get_effect (step));

  gboolean reads = g_strcmp0 (effect, "read") == 0;
  const char *local = reads ? NULL : get_local_effect (step, g_strcmp0 (effect, "final") == 0);

  if (local != NULL && slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL
      && !slip_run_has_undo (step))
    return g_strdup_printf (_ ("%s; it cannot be undone"), local);
  if (local != NULL)
    return g_strdup (local);
  switch (slip_plan_step_get_reversibility (step))
    {
    case SLIP_REVERSIBILITY_FINAL:
      return g_strdup (slip_run_has_undo (step)
                           ? _ ("Changes AWS for good: the undo takes back the call, not all that "
                                "came of it")
                           : _ ("Changes AWS, and cannot be undone"));
    case SLIP_REVERSIBILITY_RECOVERABLE:
      return g_strdup (_ ("Changes AWS; a procedure brings it back"));
    case SLIP_REVERSIBILITY_REVERSIBLE:
      return g_strdup (_ ("Changes AWS; one call takes it back"));
    case SLIP_REVERSIBILITY_READ:
      break;
    }
  return g_strdup (reads ? _ ("Only reads") : _ ("Changes AWS"));
}
