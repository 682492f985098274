/* SPDX-License-Identifier: MIT */
/* Whether what a run stands on was signed: the approval and the cosignature in the audit log, which
 * everybody who may write the file could put there. */

#include "slip-run-engine.h"

#include "slip-cosign.h"
#include "slip-json.h"

static gboolean
is_protected (SlipRunEngine *engine)
{
  SlipPlan *plan = engine->fold->plan;
  JsonObject *environments = slip_plan_get_environments (plan);
  g_autoptr (GList) names = json_object_get_members (environments);

  for (GList *l = names; l != NULL; l = l->next)
    if (slip_json_bool (slip_json_object (environments, l->data), "protected", FALSE))
      return TRUE;
  return slip_run_trust_pairing (engine) != NULL;
}

/* Without the key nobody could prove later what was done here: where that matters most it is not begun,
 * nor gone on with, and elsewhere it is told. */
gboolean
slip_run_engine_check_key (SlipRunEngine *engine, char **why, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (slip_ledger_can_seal (engine->ledger, &local))
    return TRUE;
  if (is_protected (engine))
    {
      g_set_error (
          error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED,
          "run %s acts on a protected environment, and the audit log cannot be signed: %s. "
          "Bring the key back, then resume",
          engine->fold->id, local->message);
      return FALSE;
    }
  *why = g_strdup (local->message);
  slip_job_set_detail (engine->job, *why);
  g_message ("the audit log is not signed: %s. The run goes on, since no protected environment is "
             "concerned",
             *why);
  return TRUE;
}

gboolean
slip_run_engine_trusts (SlipRunEngine *engine, gint64 seq, gboolean *trusted, GError **error)
{
  if (!slip_ledger_is_sealed (engine->ledger, seq, trusted, error))
    return FALSE;
  /* Elsewhere a run that began without its key goes on when it is back. */
  *trusted = *trusted || (!is_protected (engine) && engine->fold->started != 0);
  return TRUE;
}

static gboolean
check_seal (SlipRunEngine *engine, const char *what, gint64 seq, GError **error)
{
  gboolean trusted;

  if (!slip_run_engine_trusts (engine, seq, &trusted, error))
    return FALSE;
  if (trusted)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED,
               "the %s of run %s (entry %" G_GINT64_FORMAT
               " of the audit log) bears no signature: either the key was missing when it was "
               "given, or somebody put it into the file. %s",
               what, engine->fold->id, seq,
               engine->fold->started == 0
                   ? "Give it again"
                   : "Cancel the run, see what it leaves behind, and plan a new one");
  return FALSE;
}

/* Only what the ledger itself took and signed is believed; everybody who may write the file can put
 * entries into it. */
gboolean
slip_run_engine_check_seals (SlipRunEngine *engine, const char *no_key, GError **error)
{
  SlipRunFold *fold = engine->fold;

  if (no_key != NULL)
    return TRUE;
  if (!check_seal (engine, "approval", fold->approved_seq, error))
    return FALSE;
  if (slip_run_trust_pairing (engine) == NULL)
    return TRUE;
  return check_seal (engine, "cosignature", fold->cosigned_seq, error)
         && (fold->cosigned_with == NULL
             || slip_cosign_check_unused (engine->ledger, fold->id, fold->cosigned_with,
                                          fold->cosigned_seq, error));
}
