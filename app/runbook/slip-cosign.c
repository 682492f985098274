/* SPDX-License-Identifier: MIT */
/* Cosignatures: made by the second engineer, verified where the run is. What they mean for a run is
 * decided in slip-runner-control.c and by the engine. */

#include "slip-cosign.h"

#include "slip-aws-proof.h"
#include "slip-aws-protocol.h"
#include "slip-base-error.h"
#include "slip-estate-error.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-person.h"
#include "slip-redact.h"
#include "slip-run-entry.h"
#include "slip-run.h"

#include <string.h>

#define NO_COSIGNATURE "this is no cosignature. Hand over the file that slipwayctl cosign wrote"

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED, message);
  return FALSE;
}

static const char *
account_of (SlipPlan *plan)
{
  JsonObject *facts
      = slip_json_object (slip_plan_get_environments (plan), slip_plan_get_environment (plan));

  return facts != NULL ? slip_json_string (facts, "account") : NULL;
}

/* ---- making */

static SlipEnvironment *
find_environment (SlipWorkspace *workspace, SlipPlan *plan, const char *name, GError **error)
{
  const char *wanted = name != NULL ? name : slip_plan_get_environment (plan);
  SlipEnvironment *environment = slip_workspace_find (workspace, wanted);

  if (environment == NULL)
    g_set_error (
        error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
        "the workspace has no environment %s. Name the one of account %s with --environment",
        wanted, account_of (plan));
  else if (g_strcmp0 (slip_environment_get_account (environment), account_of (plan)) != 0)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "the plan is for account %s, but environment %s is account %s. A second person "
                   "signs in to the account that the plan changes",
                   account_of (plan), wanted, slip_environment_get_account (environment));
      return NULL;
    }
  return environment;
}

/* What a proof is bound to: of a plan its hash, of a step more than that, so that neither can be taken for
 * the other. */
static char *
dup_bound_to (SlipPlan *plan, const SlipCosignQuestion *question)
{
  g_autofree char *asked = NULL;

  if (question == NULL)
    return g_strdup (slip_plan_get_hash (plan));
  asked = slip_cosign_question_digest (plan, question);
  return g_strdup_printf ("%s step %s %s", slip_plan_get_hash (plan), question->step, asked);
}

static char *
write_cosignature (SlipPlan *plan, const SlipCosignQuestion *question, const char *proof)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *by = g_strdup_printf ("%s@%s", g_get_user_name (), g_get_host_name ());

  json_object_set_string_member (object, "schema",
                                 question != NULL ? SLIP_COSIGN_STEP_SCHEMA : SLIP_COSIGN_SCHEMA);
  json_object_set_string_member (object, "plan", slip_plan_get_hash (plan));
  json_object_set_string_member (object, "title", slip_plan_get_title (plan));
  json_object_set_string_member (object, "environment", slip_plan_get_environment (plan));
  json_object_set_string_member (object, "account", account_of (plan));
  json_object_set_string_member (object, "by", by);
  if (question != NULL)
    {
      json_object_set_string_member (object, "run", question->run);
      json_object_set_string_member (object, "step", question->step);
      json_object_set_string_member (object, "says", question->says);
      json_object_set_string_member (object, "after", question->after);
    }
  json_object_set_string_member (object, "proof", proof);
  node = slip_json_new_object (json_object_ref (object));
  return slip_json_to_text (node, TRUE);
}

static char *
make (SlipWorkspace *workspace,
      SlipPlan *plan,
      const SlipCosignQuestion *question,
      const char *name,
      GCancellable *cancellable,
      GError **error)
{
  SlipEnvironment *environment = find_environment (workspace, plan, name, error);
  g_autoptr (SlipAwsClient) client
      = environment != NULL ? slip_environment_new_client (environment, error) : NULL;
  g_autoptr (SlipAwsIdentity) identity
      = client != NULL ? slip_aws_identity_get (client, cancellable, error) : NULL;
  g_autofree char *bound_to = dup_bound_to (plan, question);
  g_autofree char *proof = NULL;

  if (identity == NULL || !slip_aws_identity_matches (identity, account_of (plan), NULL, error))
    return NULL;
  proof = slip_aws_proof_make (client, bound_to, cancellable, error);
  return proof != NULL ? write_cosignature (plan, question, proof) : NULL;
}

char *
slip_cosign_make (SlipWorkspace *workspace,
                  SlipPlan *plan,
                  const char *name,
                  GCancellable *cancellable,
                  GError **error)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (workspace) && SLIP_IS_PLAN (plan), NULL);

  if (slip_plan_is_blocked (plan))
    {
      g_set_error (
          error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
          "a guard blocks this plan, so it cannot be approved. Mend what it names and plan "
          "again");
      return NULL;
    }
  return make (workspace, plan, NULL, name, cancellable, error);
}

/* ---- of a step */

char *
slip_cosign_question_digest (SlipPlan *plan, const SlipCosignQuestion *question)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (plan) && question != NULL, NULL);

  json_object_set_string_member (object, "schema", SLIP_COSIGN_STEP_SCHEMA);
  json_object_set_string_member (object, "plan", slip_plan_get_hash (plan));
  json_object_set_string_member (object, "run", question->run);
  json_object_set_string_member (object, "step", question->step);
  json_object_set_string_member (object, "says", question->says);
  json_object_set_string_member (object, "after", question->after);
  node = slip_json_new_object (json_object_ref (object));
  return slip_json_sha256 (node);
}

/* The planned step called @id in @steps or in the bodies of its loops, where turns have no numbers yet. */
static JsonObject *
find_planned (JsonArray *steps, const char *id, const char *unnumbered)
{
  JsonObject *found = NULL;

  for (guint i = 0; found == NULL && steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = slip_json_node_object (json_array_get_element (steps, i));
      const char *name = step != NULL ? slip_json_string (step, "id") : NULL;

      found = name != NULL && (g_str_equal (name, id) || g_str_equal (name, unnumbered)) ? step
              : step != NULL ? find_planned (slip_json_array (step, "body"), id, unnumbered)
                             : NULL;
    }
  return found;
}

static JsonObject *
find_confirm (SlipPlan *plan, const char *id)
{
  JsonArray *steps = slip_json_array (slip_json_node_object (slip_plan_to_json (plan)), "steps");
  g_autoptr (GRegex) number = g_regex_new ("\\[[0-9]+\\]", 0, 0, NULL);
  g_autofree char *unnumbered = g_regex_replace_literal (number, id, -1, 0, "[*]", 0, NULL);
  JsonObject *step = find_planned (steps, id, unnumbered);

  return step != NULL ? slip_json_object (step, "confirm") : NULL;
}

/* Whether @says is @ask with values in place of its references, and perhaps the word that is typed. */
static gboolean
fits (const char *ask, const char *says)
{
  g_autoptr (GRegex) reference = g_regex_new ("\\{\\{[^}]*\\}\\}", 0, 0, NULL);
  g_auto (GStrv) texts = g_regex_split (reference, ask, 0);
  g_autofree char *joined = NULL;
  g_autofree char *pattern = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      char *escaped = g_regex_escape_string (texts[i], -1);

      g_free (texts[i]);
      texts[i] = escaped;
    }
  joined = g_strjoinv (".+", texts);
  pattern = g_strdup_printf ("\\A%s( \\[.+\\])?\\z", joined);
  return g_regex_match_simple (pattern, says, G_REGEX_DOTALL, 0);
}

gboolean
slip_cosign_check_question (SlipPlan *plan, const SlipCosignQuestion *question, GError **error)
{
  JsonObject *confirm;

  g_return_val_if_fail (SLIP_IS_PLAN (plan) && question != NULL, FALSE);

  confirm = find_confirm (plan, question->step);
  if (confirm == NULL || slip_json_string (confirm, "pairing") == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                 "plan %.12s… asks for no second person at step %s. Take the plan and the command "
                 "of the run that waits",
                 slip_plan_get_hash (plan), question->step);
  else if (!fits (slip_json_string (confirm, "ask"), question->says))
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                 "step %s of plan %.12s… asks “%s”, and not what you were given: “%s”. Vouch for "
                 "nothing, and ask who gave it to you",
                 question->step, slip_plan_get_hash (plan), slip_json_string (confirm, "ask"),
                 question->says);
  else
    return TRUE;
  return FALSE;
}

char *
slip_cosign_make_for_step (SlipWorkspace *workspace,
                           SlipPlan *plan,
                           const SlipCosignQuestion *question,
                           const char *name,
                           GCancellable *cancellable,
                           GError **error)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (workspace) && SLIP_IS_PLAN (plan), NULL);
  g_return_val_if_fail (question != NULL, NULL);

  return slip_cosign_check_question (plan, question, error)
             ? make (workspace, plan, question, name, cancellable, error)
             : NULL;
}

/* ---- verifying */

char *
slip_cosign_read_file (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = slip_file_read (path, SLIP_COSIGN_MAX_BYTES, &local);
  if (bytes != NULL)
    return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  /* The plan, given in its place, is usually this large. */
  if (g_error_matches (local, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TOO_LARGE))
    refuse (error, "%s: " NO_COSIGNATURE, path);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

void
slip_cosignature_free (SlipCosignature *cosignature)
{
  if (cosignature == NULL)
    return;
  slip_aws_identity_free (cosignature->identity);
  g_free (cosignature->sha256);
  g_free (cosignature->said_by);
  g_free (cosignature);
}

static JsonObject *
read_object (JsonNode *node, GError **error)
{
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;
  const char *schema = object != NULL ? slip_json_string (object, "schema") : NULL;

  if ((g_strcmp0 (schema, SLIP_COSIGN_SCHEMA) == 0
       || g_strcmp0 (schema, SLIP_COSIGN_STEP_SCHEMA) == 0)
      && slip_json_string (object, "plan") != NULL && slip_json_string (object, "proof") != NULL)
    return object;
  refuse (error, NO_COSIGNATURE);
  return NULL;
}

/* A plan's cosignature stands for no step, nor the other way round. */
static gboolean
check_kind (JsonObject *object, const SlipCosignQuestion *question, GError **error)
{
  gboolean of_step = g_str_equal (slip_json_string (object, "schema"), SLIP_COSIGN_STEP_SCHEMA);

  if (of_step && question == NULL)
    return refuse (error,
                   "this cosigns step %s of a run, not the plan. The second person reads the plan "
                   "and cosigns it: slipwayctl cosign PLANFILE",
                   slip_json_string (object, "step") != NULL ? slip_json_string (object, "step")
                                                             : "(none)");
  if (!of_step && question != NULL)
    return refuse (error,
                   "this cosigns a plan, and run %s waits for a second person at step %s. They "
                   "vouch for that with the command that slipwayctl run show prints",
                   question->run, question->step);
  return TRUE;
}

static gboolean
check_answers (JsonObject *object, const SlipCosignQuestion *question, GError **error)
{
  const struct
  {
    const char *member;
    const char *wanted;
    const char *what;
  } parts[] = {
      {"run", question->run, "run"},
      {"step", question->step, "step"},
      {"says", question->says, "the sentence"},
      {"after", question->after, "what was asked after entry"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *given = slip_json_string (object, parts[i].member);

      if (g_strcmp0 (given, parts[i].wanted) != 0)
        return refuse (error,
                       "the cosignature is for %s %s, not for %s. The second person reads what is "
                       "asked now and vouches for that, with the command that slipwayctl run show "
                       "prints",
                       parts[i].what, given != NULL ? given : "(none)", parts[i].wanted);
    }
  return TRUE;
}

static gboolean
check_text (SlipPlan *plan, const SlipCosignQuestion *question, JsonObject *object, GError **error)
{
  const char *hash = slip_json_string (object, "plan");

  if (!check_kind (object, question, error))
    return FALSE;
  if (g_strcmp0 (hash, slip_plan_get_hash (plan)) != 0)
    return refuse (error,
                   "the cosignature is for plan %.12s…, not for %s. The second person reads this "
                   "plan and cosigns it",
                   hash, slip_plan_get_hash (plan));
  return question == NULL || check_answers (object, question, error);
}

/* Two names are two people only where AWS vouches for both. */
static gboolean
check_person (SlipRunCaller *caller,
              SlipPlan *plan,
              const SlipAwsIdentity *identity,
              const char *ours,
              GCancellable *cancellable,
              GError **error)
{
  const char *environment = slip_plan_get_environment (plan);

  if (g_strcmp0 (identity->account, account_of (plan)) != 0)
    return refuse (error, "%s, who cosigned, is of account %s, and the plan changes account %s",
                   identity->arn, identity->account, account_of (plan));
  if (slip_person_same (identity->arn, ours))
    return refuse (error,
                   "%s cannot be both the first and the second person. Somebody else signs in "
                   "and cosigns",
                   identity->arn);
  return slip_person_check_named (caller, environment, identity->arn, cancellable, error)
         && slip_person_check_named (caller, environment, ours, cancellable, error);
}

/* Of the signature only: the rest of a proof can be written in other ways, and be the same proof. */
static char *
digest_of (const char *proof)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autofree char *target = g_strconcat ("/?", proof, NULL);
  const char *signature = slip_aws_request_set_target (request, target)
                              ? slip_aws_request_get_query (request, "X-Amz-Signature")
                              : NULL;
  g_autofree char *lower = g_ascii_strdown (signature != NULL ? signature : proof, -1);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, lower, -1);
}

/* What the ledger says was cosigned with, for just that; NULL for nothing. */
static const char *
recorded_for (SlipRunFold *fold, JsonObject *object)
{
  const char *name = slip_json_string (object, "step");
  SlipFoldStep *step = slip_run_fold_find (fold, name);
  SlipCosignQuestion question = {.run = fold->id, .step = name};

  /* Where a step asks, a plan's answers something else. */
  if (g_str_equal (slip_json_string (object, "schema"), SLIP_COSIGN_SCHEMA))
    return !fold->need_cosign && check_text (fold->plan, NULL, object, NULL) ? fold->cosigned_with
                                                                             : NULL;
  if (step == NULL || step->cosigned == 0)
    return NULL;
  question.says = step->asked_says;
  question.after = step->asked_after;
  return check_text (fold->plan, &question, object, NULL) ? step->cosigned_with : NULL;
}

gboolean
slip_cosign_is_recorded (SlipRunFold *fold, const char *text)
{
  g_autoptr (JsonNode) node = text != NULL && strlen (text) <= SLIP_COSIGN_MAX_BYTES
                                  ? slip_json_parse (text, -1, NULL)
                                  : NULL;
  JsonObject *object = read_object (node, NULL);
  g_autofree char *sha256 = NULL;
  const char *recorded;

  g_return_val_if_fail (fold != NULL && fold->plan != NULL, FALSE);

  if (object == NULL)
    return FALSE;
  recorded = recorded_for (fold, object);
  sha256 = digest_of (slip_json_string (object, "proof"));
  return recorded != NULL && g_str_equal (recorded, sha256);
}

typedef struct
{
  const char *run;
  const char *sha256;
  gint64 before;
  char *other;
} Use;

static gboolean
find_use (const SlipLedgerEntry *entry, gpointer data)
{
  Use *use = data;
  JsonObject *object = slip_json_object (entry->object, "data");
  const char *run = slip_json_string (entry->object, "run");

  if (use->before != 0 && slip_json_int (entry->object, "seq", 0) >= use->before)
    return FALSE;
  if (object != NULL && g_strcmp0 (slip_json_string (object, "proof_sha256"), use->sha256) == 0
      && (use->run == NULL || g_strcmp0 (run, use->run) != 0))
    use->other = g_strdup (run != NULL ? run : "(none)");
  return use->other == NULL;
}

gboolean
slip_cosign_check_unused (
    SlipLedger *ledger, const char *run, const char *sha256, gint64 before, GError **error)
{
  static const char *const kinds[] = {SLIP_RUN_COSIGNED_KIND, SLIP_STEP_COSIGNED_KIND};
  Use use = {.run = run, .sha256 = sha256, .before = before};
  g_autofree char *other = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && sha256 != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds) && use.other == NULL; i++)
    {
      const SlipLedgerFilter filter = {.kind = kinds[i]};

      if (!slip_ledger_foreach (ledger, &filter, find_use, &use, error))
        return FALSE;
    }
  other = use.other;
  return other == NULL
         || refuse (error,
                    "this cosignature was used for run %s already. It holds once: whoever cosigned "
                    "reads again what is asked and makes a new one (slipwayctl cosign)",
                    other);
}

static SlipCosignature *
verify (SlipRunCaller *caller,
        SlipPlan *plan,
        const SlipCosignQuestion *question,
        const char *text,
        const char *ours,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (SlipCosignature) cosignature = g_new0 (SlipCosignature, 1);
  g_autoptr (JsonNode) node
      = strlen (text) <= SLIP_COSIGN_MAX_BYTES ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *object = read_object (node, error);
  g_autofree char *bound_to = dup_bound_to (plan, question);
  g_autoptr (GError) local = NULL;
  const char *proof;

  if (object == NULL || !check_text (plan, question, object, error))
    return NULL;
  proof = slip_json_string (object, "proof");
  cosignature->identity
      = slip_run_caller_verify_proof (caller, slip_plan_get_environment (plan), proof, bound_to,
                                      &cosignature->made_us, cancellable, &local);
  if (cosignature->identity == NULL)
    {
      if (g_error_matches (local, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY))
        refuse (error, "%s", local->message);
      else
        g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                    "the cosignature cannot be verified: ");
      return NULL;
    }
  if (!check_person (caller, plan, cosignature->identity, ours, cancellable, error))
    return NULL;
  cosignature->sha256 = digest_of (proof);
  if (slip_json_string (object, "by") != NULL)
    cosignature->said_by = slip_redact_text (slip_json_string (object, "by"));
  return g_steal_pointer (&cosignature);
}

SlipCosignature *
slip_cosign_verify (SlipRunCaller *caller,
                    SlipPlan *plan,
                    const char *text,
                    const char *ours,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (SLIP_IS_PLAN (plan) && text != NULL, NULL);

  return verify (caller, plan, NULL, text, ours, cancellable, error);
}

SlipCosignature *
slip_cosign_verify_for_step (SlipRunCaller *caller,
                             SlipPlan *plan,
                             const SlipCosignQuestion *question,
                             const char *text,
                             const char *ours,
                             GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (SLIP_IS_PLAN (plan) && question != NULL && text != NULL, NULL);

  return verify (caller, plan, question, text, ours, cancellable, error);
}
