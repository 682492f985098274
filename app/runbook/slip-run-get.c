/* SPDX-License-Identifier: MIT */
/* What a run says of itself: the getters of SlipRun, all of them views of its fold. Nothing here blocks
 * or changes anything. */

#include "slip-run-private.h"

#include "slip-json.h"
#include "slip-run-commands.h"

#define GETTER(type, name, fallback, value)                                                        \
  SLIP_RUN_DEFINE_GETTER (SlipRun, slip_run, SLIP_IS_RUN, type, name, fallback, value)

GETTER (const char *, id, NULL, self->fold->id)
GETTER (const char *, title, NULL, slip_plan_get_title (self->fold->plan))
GETTER (const char *, environment, NULL, slip_plan_get_environment (self->fold->plan))

const char *
slip_run_get_account (SlipRun *self)
{
  JsonObject *environments;
  JsonObject *environment;

  g_return_val_if_fail (SLIP_IS_RUN (self), NULL);

  environments = slip_plan_get_environments (self->fold->plan);
  environment = slip_json_object (environments, slip_run_get_environment (self));
  return environment != NULL ? slip_json_string (environment, "account") : NULL;
}

GETTER (SlipPlan *, plan, NULL, self->fold->plan)
GETTER (const char *, plan_hash, NULL, self->fold->plan_hash)
GETTER (SlipRunState, state, SLIP_RUN_PLANNED, self->state)
GETTER (const char *, message, NULL, self->fold->message)
GETTER (const char *, need_step, NULL, self->fold->need_step)
GETTER (const char *, need_text, NULL, self->fold->need_text)
GETTER (const char *, need_guard, NULL, self->fold->need_guard)

char *
slip_run_dup_need_name (SlipRun *self)
{
  g_return_val_if_fail (SLIP_IS_RUN (self), NULL);
  return slip_run_fold_dup_need_name (self->fold);
}

gboolean
slip_run_needs_attestation (SlipRun *self)
{
  SlipFoldStep *step;
  JsonObject *confirm;

  g_return_val_if_fail (SLIP_IS_RUN (self), FALSE);

  if (self->fold->need_guard != NULL)
    return TRUE;
  step = slip_run_fold_find (self->fold, self->fold->need_step);
  confirm = step != NULL ? slip_plan_step_get_confirm (step->plan_step) : NULL;
  return confirm != NULL && g_strcmp0 (slip_json_string (confirm, "how"), "attest") == 0;
}

GETTER (JsonArray *, leftovers, NULL, self->fold->leftovers)

JsonArray *
slip_run_list_commands (SlipRun *self, SlipWorkspace *workspace)
{
  g_return_val_if_fail (SLIP_IS_RUN (self), NULL);
  return slip_run_fold_list_commands (self->fold, workspace);
}

GETTER (gboolean, cancel_requested, FALSE, self->fold->cancel_requested)
GETTER (gboolean, pause_requested, FALSE, self->fold->pause_requested)
GETTER (const char *, going_on, NULL, slip_run_fold_find_going_on (self->fold))
GETTER (const char *, cosigned_by, NULL, self->fold->cosigned_by)

/* The step at which a second person is waited for. */
static const SlipFoldStep *
find_paired (SlipRun *self)
{
  return self->fold->need_cosign ? slip_run_fold_find (self->fold, self->fold->need_step) : NULL;
}

GETTER (const char *,
        need_says,
        NULL,
        find_paired (self) != NULL ? find_paired (self)->asked_says : NULL)
GETTER (const char *,
        need_asked,
        NULL,
        find_paired (self) != NULL ? find_paired (self)->asked : NULL)

GETTER (const char *,
        need_after,
        NULL,
        find_paired (self) != NULL ? find_paired (self)->asked_after : NULL)

char *
slip_run_dup_cosign_words (SlipRun *self)
{
  const SlipFoldStep *step;
  g_autofree char *name = NULL;
  g_autofree char *says = NULL;

  g_return_val_if_fail (SLIP_IS_RUN (self), NULL);

  step = find_paired (self);
  if (step == NULL || step->asked_says == NULL || step->asked_after == NULL)
    return NULL;
  name = g_shell_quote (step->id);
  says = g_shell_quote (step->asked_says);
  return g_strdup_printf ("--run %s --step %s --after %s --says %s", self->fold->id, name,
                          step->asked_after, says);
}

char *
slip_run_dup_cosign_file (SlipRun *self)
{
  const SlipFoldStep *step;
  g_autofree char *name = NULL;

  g_return_val_if_fail (SLIP_IS_RUN (self), NULL);

  step = find_paired (self);
  if (step == NULL)
    return NULL;
  /* `Each[2].Step`: a shell takes brackets for a pattern. */
  name = g_strdup (step->id);
  for (char *letter = name; *letter != '\0'; letter++)
    if (!g_ascii_isalnum (*letter))
      *letter = '-';
  return g_strdup_printf ("cosigned-%s.json", name);
}

gboolean
slip_run_needs_cosignature (SlipRun *self)
{
  g_return_val_if_fail (SLIP_IS_RUN (self), FALSE);

  if (slip_run_get_need_says (self) != NULL)
    return TRUE;
  if (self->state != SLIP_RUN_PLANNED && self->state != SLIP_RUN_APPROVED)
    return FALSE;
  return slip_plan_get_pairing (self->fold->plan) != NULL && self->fold->cosigned_by == NULL;
}

GETTER (gint64, changed, 0, self->fold->changed)
GETTER (gint64, planned, 0, self->fold->planned)
GETTER (gint64, started, 0, self->fold->started)
GETTER (gint64, finished, 0, self->fold->finished)
GETTER (double,
        progress,
        0,
        slip_run_fold_get_progress (self->fold, g_get_real_time (), self->speed))
GETTER (double,
        remaining,
        -1,
        slip_run_fold_get_remaining (self->fold, g_get_real_time (), self->speed))
GETTER (GPtrArray *, entries, NULL, self->fold->entries)

SlipRunStep *
slip_run_find_step (SlipRun *self, const char *step_id)
{
  g_return_val_if_fail (SLIP_IS_RUN (self) && step_id != NULL, NULL);

  for (guint i = 0; i < self->steps->len; i++)
    if (g_str_equal (slip_run_step_get_id (g_ptr_array_index (self->steps, i)), step_id))
      return g_ptr_array_index (self->steps, i);
  return NULL;
}
