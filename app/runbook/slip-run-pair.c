/* SPDX-License-Identifier: MIT */
/* The second person of a step. What they vouch for is asked when the step is reached, with what was found
 * until then, and beside the word of whoever has the run; slip-runner-control.c takes their answer. */

#include "slip-run-engine.h"

#include "slip-cosign.h"
#include "slip-json.h"
#include "slip-person.h"

/* Who said what is said before the step; NULL when that was not known. */
static const char *
first_of (const SlipFoldStep *step)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);

  return confirm != NULL && g_strcmp0 (slip_json_string (confirm, "how"), "attest") == 0
             ? step->attested_as
             : step->confirmed_as;
}

static const char *
executes (SlipRunEngine *engine, const SlipFoldStep *step)
{
  const char *environment = slip_plan_step_get_environment (step->plan_step);

  return g_hash_table_lookup (engine->principals,
                              environment != NULL ? environment
                                                  : slip_plan_get_environment (engine->fold->plan));
}

/* Whether the cosignature that is there is of another person, and new enough. */
static gboolean
counts (SlipRunEngine *engine, SlipFoldStep *step)
{
  const char *first = first_of (step);

  return step->cosigned_by != NULL && first != NULL
         && slip_run_engine_is_fresh (engine, step, step->cosigned)
         && !slip_person_same (step->cosigned_by, first)
         && !slip_person_same (step->cosigned_by, executes (engine, step));
}

gboolean
slip_run_engine_is_paired (SlipRunEngine *engine, gpointer data, GError **error)
{
  SlipFoldStep *step = data;
  g_autofree char *says = NULL;
  gboolean trusted;

  if (!slip_run_trust_step_pairing (engine, step))
    return TRUE;
  if (!counts (engine, step))
    return FALSE;
  says = slip_run_engine_dup_says (engine, step, error);
  return g_strcmp0 (says, step->asked_says) == 0
         && slip_run_engine_trusts (engine, step->cosigned_seq, &trusted, error) && trusted;
}

/* What no answer came to is still asked, so that a colleague who is about to answer does not do it in
 * vain because this process began anew. */
static char *
dup_after (SlipRunEngine *engine, const SlipFoldStep *step, const char *says)
{
  GPtrArray *entries = engine->fold->entries;
  g_autoptr (JsonNode) last = NULL;

  if (step->asked_after != NULL && step->cosigned == 0 && g_strcmp0 (says, step->asked_says) == 0)
    return g_strdup (step->asked_after);
  last = slip_json_new_object (json_object_ref (g_ptr_array_index (entries, entries->len - 1)));
  return slip_json_sha256 (last);
}

static char *
describe (const SlipFoldStep *step, const char *says)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "step %s needs a second person to vouch, beside %s, that %s",
                          step->id, first_of (step) != NULL ? first_of (step) : "you", says);
  if (step->cosigned != 0)
    g_string_append_printf (
        text,
        ". What %s cosigned (entry %" G_GINT64_FORMAT
        " of the audit log) does not count: it is too old, is of the same person, is not for this, "
        "or bears no signature",
        step->cosigned_by, step->cosigned_seq);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
slip_run_engine_pair (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  SlipRunFold *fold = engine->fold;
  g_autofree char *says = slip_run_engine_dup_says (engine, step, error);
  g_autofree char *after = says != NULL ? dup_after (engine, step, says) : NULL;
  SlipCosignQuestion question = {fold->id, step->id, says, after};
  g_autofree char *asked = NULL;
  g_autofree char *message = NULL;
  JsonObject *entry, *data;

  if (says == NULL)
    return FALSE;
  asked = slip_cosign_question_digest (fold->plan, &question);
  message = describe (step, says);
  entry = slip_run_engine_entry (engine, SLIP_RUN_PAUSED_KIND, step);
  data = slip_run_entry_data (entry);
  json_object_set_string_member (data, "reason", "cosign");
  json_object_set_string_member (data, "message", message);
  json_object_set_string_member (data, "plan_sha256", fold->plan_hash);
  json_object_set_string_member (data, "says", says);
  json_object_set_string_member (data, "after", after);
  json_object_set_string_member (data, "asked_sha256", asked);
  return slip_run_engine_append (engine, entry, error)
         && slip_run_engine_wait_until_said (engine, step, slip_run_engine_is_paired, step, error);
}
