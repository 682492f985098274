/* SPDX-License-Identifier: MIT */
/* Sending: intent on disk, call, outcome on disk. A change whose fate is not known is never sent
 * again before AWS, or a person, has said that it did not happen. This file is where the promise is
 * kept that no change is sent twice. */

#include "slip-run-engine.h"

#include "slip-crash.h"
#include "slip-json.h"
#include "slip-run-foreign.h"

/* Sends of one change in a row that all came to nothing before the step gives up. */
#define MAX_SENDS 4

/* A resource that is busy refuses a change; it is asked again so often, so far apart. */
#define BUSY_TRIES 20
#define BUSY_SECONDS 30

typedef struct
{
  SlipRunContext *context;
  const SlipAwsOperation *op;
  SlipResumeRule rule;
  char *token;        /* idempotency token, or NULL */
  guint sends;        /* in this go */
  guint busy;         /* refusals of a busy resource in this go */
  gboolean clash;     /* the service said that it exists already */
  gboolean unsettled; /* what was sent before the last sending may have been carried out */
  gboolean decided;   /* it is known what came of all that was sent */
} Sending;

/* ---- intent */

static void
choose_token (Sending *sending)
{
  const char *member = slip_aws_operation_token_member (sending->op);
  JsonObject *request = slip_json_node_object (sending->context->request);
  SlipFoldStep *step = sending->context->step;
  const char *given = member != NULL && request != NULL ? slip_json_string (request, member) : NULL;

  g_clear_pointer (&sending->token, g_free);
  if (member == NULL)
    return;
  /* An open intent's token is used again: that is what makes sending again harmless. It is open until
   * AWS took it, or a person said what became of it; a refusal of a later sending does not close it. */
  if (given != NULL)
    sending->token = g_strdup (given);
  else if (step->open && step->idempotency != NULL)
    sending->token = g_strdup (step->idempotency);
  else
    sending->token = g_uuid_string_random ();
  if (request == NULL)
    return;
  json_object_set_string_member (request, member, sending->token);
}

static gboolean
write_intent (Sending *sending, GError **error)
{
  SlipRunContext *context = sending->context;
  JsonObject *entry = slip_run_engine_entry (context->engine, SLIP_STEP_INTENT_KIND, context->step);
  JsonNode *request = slip_run_engine_scrub (
      context->engine, slip_aws_model_redact (sending->op, context->request, FALSE));

  if (request != NULL)
    {
      g_autofree char *digest = slip_json_sha256 (request);

      json_object_set_string_member (entry, "request_sha256", digest);
      json_object_set_member (entry, "request", request);
    }
  slip_run_entry_set_text (slip_run_entry_data (entry), "idempotency", sending->token);
  return slip_run_engine_append (context->engine, entry, error);
}

/* ---- outcomes that do not end the step */

static gboolean
write_unsettled (Sending *sending,
                 const char *outcome,
                 const GError *failure,
                 const char *detail,
                 GError **error)
{
  SlipRunContext *context = sending->context;
  JsonObject *entry
      = slip_run_engine_entry (context->engine, SLIP_STEP_OUTCOME_KIND, context->step);

  json_object_set_string_member (entry, "outcome", outcome);
  slip_run_entry_set_text (entry, "request_id", context->request_id);
  slip_run_entry_set_text (slip_run_entry_data (entry), "detail", detail);
  if (failure != NULL)
    slip_run_entry_set_error (entry, failure);
  return slip_run_engine_append (context->engine, entry, error);
}

/* ---- adopting */

/* The answer that the call would have had: most calls answer with the resource in one member. */
static JsonNode *
as_response (const SlipAwsOperation *op, JsonNode *found)
{
  const SlipAwsMember *only = NULL;
  JsonObject *response;

  for (guint i = 0; op->output != NULL && i < op->output->n_members; i++)
    if (op->output->members[i]->shape->type == SLIP_AWS_TYPE_STRUCTURE)
      {
        if (only != NULL)
          return json_node_ref (found);
        only = op->output->members[i];
      }
  if (only == NULL)
    return json_node_ref (found);
  response = json_object_new ();
  json_object_set_member (response, only->name, json_node_ref (found));
  return slip_json_new_object (response);
}

static gboolean
adopt (Sending *sending, JsonNode *found, const char *why, GError **error)
{
  SlipRunContext *context = sending->context;

  /* Sent by us and found: ours. Never sent and found as it should be: nobody changed anything. */
  sending->decided = TRUE;
  context->changed = context->step->sends > 0;
  context->outcome = context->changed ? "adopted" : "unchanged";
  g_free (context->detail);
  context->detail = g_strdup (why != NULL ? why : "it is as it should be");
  if (found == NULL)
    return TRUE;
  return slip_run_context_take_response (context, sending->op, as_response (sending->op, found),
                                         error);
}

/* ---- sending once */

static JsonNode *
call_once (Sending *sending, GError **error)
{
  SlipRunContext *context = sending->context;
  SlipRunEngine *engine = context->engine;
  g_auto (SlipAwsCallInfo) info = {0};
  SlipAwsCall call = {
      .service = slip_plan_step_get_service (context->plan),
      .operation = slip_plan_step_get_operation (context->plan),
      .region = slip_plan_step_get_region (context->plan),
      .input = context->request,
      .priority = SLIP_AWS_PRIORITY_RUN,
  };
  JsonNode *response;

  /* Cancelling does not break a call off: the run stops after it. */
  response = slip_run_caller_call (engine->caller, slip_plan_step_get_environment (context->plan),
                                   &call, &info, NULL, error);
  slip_crash_point ("answered");
  if (info.request_id != NULL)
    {
      g_free (context->request_id);
      context->request_id = g_strdup (info.request_id);
    }
  context->service_date = info.service_date_us;
  return response;
}

/* A read has no effect: AWS may be asked until it has time. */
static JsonNode *
send_once (Sending *sending, GError **error)
{
  SlipRunContext *context = sending->context;
  SlipPatience patience = {0};

  sending->sends++;
  sending->unsettled = context->step->open;
  sending->decided = FALSE;
  if (!write_intent (sending, error))
    return NULL;
  for (;;)
    {
      g_autoptr (GError) failure = NULL;
      JsonNode *response = call_once (sending, &failure);

      if (response != NULL)
        return response;
      if (sending->op->effect != SLIP_AWS_EFFECT_READ)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
      if (!slip_run_engine_outlast (context->engine, context->step, &patience, &failure, error))
        return NULL;
    }
}

/* ---- what a refusal means */

static gboolean
is_clash (const GError *failure)
{
  const char *code = slip_aws_error_get_code (failure);

  return code != NULL && strstr (code, "AlreadyExists") != NULL;
}

/* `InvalidDBClusterStateFault` and its kin: the resource is being modified or backed up just now. */
static gboolean
is_busy (const GError *failure)
{
  const char *code = slip_aws_error_get_code (failure);

  return code != NULL && g_str_has_prefix (code, "Invalid") && strstr (code, "State") != NULL;
}

/* Whether a refusal says what leaves the step nothing to do: R6 deletes it, R3 has its codes in `gone`. */
static gboolean
is_gone (Sending *sending, const GError *failure)
{
  JsonObject *resume = slip_plan_step_get_resume (sending->context->plan);
  const char *member = sending->rule == SLIP_RESUME_R6   ? "absent"
                       : sending->rule == SLIP_RESUME_R3 ? "gone"
                                                         : NULL;
  JsonArray *codes = resume != NULL && member != NULL ? slip_json_array (resume, member) : NULL;
  const char *code = slip_aws_error_get_code (failure);

  for (guint i = 0; code != NULL && codes != NULL && i < json_array_get_length (codes); i++)
    if (g_strcmp0 (code, json_array_get_string_element (codes, i)) == 0)
      return TRUE;
  return FALSE;
}

typedef enum
{
  GO_ON,  /* look and send again */
  ENDED,  /* the step is done */
  FAILED, /* with the failure given, or another */
} Turn;

/* A refusal is of the last sending: one before it whose answer was lost stays open. */
static gboolean
write_refused (Sending *sending, const GError *failure, GError **error)
{
  return write_unsettled (sending, sending->unsettled ? "unknown" : "absent", failure, NULL, error);
}

static Turn
take_final (Sending *sending, GError *failure, GError **error)
{
  sending->decided = !sending->unsettled;
  g_propagate_error (error, failure);
  return FAILED;
}

/* While it was waited for, another hand may have changed what the word was given for. What may have had its
 * effect already is not held against itself. */
static void
prove_again (Sending *sending)
{
  sending->context->unproven = sending->context->unproven || !sending->unsettled;
}

static Turn
wait_while_busy (Sending *sending, GError *failure, GError **error)
{
  if (sending->busy++ >= BUSY_TRIES)
    return take_final (sending, failure, error);
  sending->sends = 0;
  prove_again (sending);
  if (!write_refused (sending, failure, error)
      || !slip_run_engine_sleep (sending->context->engine, BUSY_SECONDS, error))
    {
      g_error_free (failure);
      return FAILED;
    }
  g_error_free (failure);
  return GO_ON;
}

static Turn
sign_in_and_go_on (Sending *sending, GError *failure, GError **error)
{
  SlipRunContext *context = sending->context;
  g_autoptr (GError) owned = failure;

  prove_again (sending);
  /* Refused before it was carried out: its intent is closed, and what is sent anew is a new one. Where
   * an earlier answer was lost the intent stays open, and is sent anew with its token. */
  if (!write_refused (sending, owned, error)
      || !slip_run_engine_sign_in (context->engine, slip_plan_step_get_environment (context->plan),
                                   context->step, owned->message, error))
    return FAILED;
  return GO_ON;
}

static gboolean
ask_person (Sending *sending, const char *why, SlipRunVerdict *verdict, GError **error)
{
  gboolean did;

  if (!slip_run_engine_decide (sending->context->engine, sending->context->step, why, &did, error))
    return FALSE;
  *verdict = did ? SLIP_RUN_ADOPT : SLIP_RUN_SEND;
  return TRUE;
}

/* Asks what became of what was sent before. Whoever resumes without an answer, because what was refused
 * is allowed by now, has it sent again with its token, and AWS then tells. */
static Turn
ask_about_earlier (Sending *sending, const char *last, GError **error)
{
  SlipRunVerdict verdict;
  g_autofree char *why = g_strdup_printf ("%s:%s was sent and its answer was lost, and when it was "
                                          "sent again %s. To send it once more, "
                                          "as the same request, just resume",
                                          slip_plan_step_get_service (sending->context->plan),
                                          sending->op->name, last);

  /* The next turn finds what was decided. */
  sending->sends = 0;
  return ask_person (sending, why, &verdict, error) ? GO_ON : FAILED;
}

static Turn
ask_about_refusal (Sending *sending, GError *failure, GError **error)
{
  g_autoptr (GError) owned = failure;
  g_autofree char *last
      = g_strdup_printf ("that failed, which says nothing of the first: %s", owned->message);

  if (!write_refused (sending, owned, error))
    return FAILED;
  return ask_about_earlier (sending, last, error);
}

static Turn
take_refusal (Sending *sending, GError *failure, GError **error)
{
  SlipRunContext *context = sending->context;

  if (g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME))
    {
      gboolean ok = write_unsettled (sending, "unknown", failure, NULL, error);

      g_error_free (failure);
      return ok ? GO_ON : FAILED;
    }
  if (slip_run_error_is_sign_in (failure))
    return sign_in_and_go_on (sending, failure, error);
  if (sending->rule == SLIP_RESUME_R1 && is_clash (failure) && !sending->clash)
    {
      sending->clash = TRUE;
      g_error_free (failure);
      return GO_ON;
    }
  if (is_gone (sending, failure))
    {
      context->gone = TRUE;
      context->outcome = context->step->sends > 1 ? "adopted" : "unchanged";
      context->detail = sending->rule == SLIP_RESUME_R6
                            ? g_strdup (failure->message)
                            : slip_run_dup_gone (slip_aws_error_get_code (failure));
      g_error_free (failure);
      return ENDED;
    }
  if (is_busy (failure))
    return wait_while_busy (sending, failure, error);
  /* That it exists already is for whoever knows how it is found again. */
  if (sending->unsettled && !is_clash (failure))
    return ask_about_refusal (sending, failure, error);
  return take_final (sending, failure, error);
}

/* ---- looking before sending */

static gboolean
must_look (Sending *sending)
{
  switch (sending->rule)
    {
    case SLIP_RESUME_R1:
    case SLIP_RESUME_R3:
    case SLIP_RESUME_R6:
      return TRUE;
    case SLIP_RESUME_R0:
      return FALSE;
    case SLIP_RESUME_R2:
      /* Without a member of the model for it, the token is part of the request (a name). */
      return slip_aws_operation_token_member (sending->op) != NULL && sending->context->step->open
             && sending->context->step->idempotency == NULL;
    case SLIP_RESUME_R4:
    case SLIP_RESUME_R5:
      return sending->context->step->open;
    }
  return TRUE;
}

/* What is sent again with its token is not looked at, but a person may have said what became of it. */
static gboolean
is_settled_by_person (Sending *sending)
{
  SlipFoldStep *step = sending->context->step;

  return sending->rule == SLIP_RESUME_R2 && step->open && step->decision != NULL;
}

/* The word that was given, which may be too old by now, and the guards. */
static gboolean
prove (SlipRunContext *context, GError **error)
{
  return slip_run_engine_confirm (context->engine, context->step, error)
         && slip_run_engine_guards (context->engine, context->step, error);
}

/* Closes an open intent that came to nothing, and proves the guards again before the next. */
static gboolean
close_intent (Sending *sending, const char *why, GError **error)
{
  SlipRunContext *context = sending->context;

  if (!context->step->open)
    return TRUE;
  if (sending->rule == SLIP_RESUME_R2 && !is_settled_by_person (sending))
    return TRUE;
  return write_unsettled (sending, "absent", NULL, why != NULL ? why : "it did not happen", error)
         && prove (context, error);
}

/* What differs is for machines; people want to know what is there, whose it is, and what to do. */
static void
tell_foreign (Sending *sending, JsonNode *found, char **why)
{
  SlipRunContext *context = sending->context;

  g_free (*why);
  *why = slip_run_foreign_describe (context->engine->ledger, sending->op->name,
                                    slip_json_node_object (context->request), found);
}

/* What a person said that it happened was not heard: what is there now stands for the answer. */
static gboolean
find_decided (Sending *sending, JsonNode **found, GError **error)
{
  JsonObject *resume = slip_plan_step_get_resume (sending->context->plan);
  SlipRunVerdict ignored = SLIP_RUN_SEND;
  g_autofree char *why = NULL;

  if (!is_settled_by_person (sending) || resume == NULL
      || slip_json_string (resume, "operation") == NULL
      || !g_str_equal (sending->context->step->decision, "did"))
    return TRUE;
  return slip_run_probe (sending->context, &ignored, found, &why, error);
}

/* What was left until it was known that there is something to send, or that was proven before a wait, as of the look
 * at what is there. What may have had its effect already is not held against itself. */
static gboolean
prove_now (SlipRunContext *context, GError **error)
{
  SlipRunEngine *engine = context->engine;
  gboolean waited = (engine->waited != engine->proven
                     || slip_run_moment_age (&engine->proven_at) > SLIP_RUN_LOOK_US)
                    && !context->step->open
                    && slip_plan_step_get_effect (context->plan) != SLIP_AWS_EFFECT_READ;

  if ((context->unproven || waited) && !prove (context, error))
    return FALSE;
  context->unproven = FALSE;
  return TRUE;
}

static Turn
look_first (Sending *sending, GError **error)
{
  SlipRunContext *context = sending->context;
  SlipRunVerdict verdict = SLIP_RUN_SEND;
  g_autoptr (JsonNode) found = NULL;
  g_autofree char *why = NULL;

  if (must_look (sending) ? !slip_run_probe (context, &verdict, &found, &why, error)
                          : !find_decided (sending, &found, error))
    return FAILED;
  if (verdict == SLIP_RUN_FOREIGN)
    tell_foreign (sending, found, &why);
  if (verdict == SLIP_RUN_FOREIGN && !context->step->open)
    {
      g_set_error_literal (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, why);
      return FAILED;
    }
  if ((verdict == SLIP_RUN_FOREIGN || verdict == SLIP_RUN_ASK || is_settled_by_person (sending))
      && !ask_person (sending, why, &verdict, error))
    return FAILED;
  if (is_settled_by_person (sending) && why == NULL)
    why = g_strdup_printf ("decided: it %s", context->step->decision);
  if (verdict == SLIP_RUN_ADOPT)
    return adopt (sending, found, why, error) ? ENDED : FAILED;
  return close_intent (sending, why, error) && prove_now (context, error) ? GO_ON : FAILED;
}

static Turn
one_turn (Sending *sending, GError **error)
{
  SlipRunContext *context = sending->context;
  GError *failure = NULL;
  JsonNode *response;
  Turn turn = look_first (sending, error);

  if (turn != GO_ON)
    return turn;
  if (sending->sends >= MAX_SENDS && context->step->open)
    return ask_about_earlier (sending, "no answer came either", error);
  if (sending->sends >= MAX_SENDS)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s:%s was sent %u times, and AWS shows no trace of it",
                   slip_plan_step_get_service (context->plan), sending->op->name, sending->sends);
      return FAILED;
    }
  /* A pause, too, is a time in which another hand may have changed what was proven. */
  if (!slip_run_engine_check (context->engine, error) || !prove_now (context, error))
    return FAILED;
  choose_token (sending);
  if (!slip_aws_model_check_error (
          slip_aws_model_get (slip_plan_step_get_service (context->plan), NULL), sending->op,
          context->request, error))
    return FAILED;
  response = send_once (sending, &failure);
  if (response == NULL && failure->domain == SLIP_LEDGER_ERROR)
    {
      g_propagate_error (error, failure);
      return FAILED;
    }
  if (response == NULL)
    return take_refusal (sending, failure, error);
  sending->decided = TRUE;
  context->changed = sending->op->effect != SLIP_AWS_EFFECT_READ;
  return slip_run_context_take_response (context, sending->op, response, error) ? ENDED : FAILED;
}

gboolean
slip_run_send (SlipRunContext *context, GError **error)
{
  Sending sending = {.context = context, .rule = slip_plan_step_get_resume_rule (context->plan)};
  Turn turn = GO_ON;

  sending.op
      = slip_aws_model_lookup_operation (slip_plan_step_get_service (context->plan),
                                         slip_plan_step_get_operation (context->plan), NULL, error);
  if (sending.op == NULL)
    return FALSE;
  if (slip_aws_operation_effect (sending.op) > slip_plan_step_get_effect (context->plan))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "step %s says that it is %s, but %s is %s. Plan again", context->step->id,
                   slip_aws_effect_name (slip_plan_step_get_effect (context->plan)),
                   sending.op->name, slip_aws_effect_name (slip_aws_operation_effect (sending.op)));
      return FALSE;
    }
  if (sending.op->effect == SLIP_AWS_EFFECT_READ)
    sending.rule = SLIP_RESUME_R0;
  while (turn == GO_ON)
    turn = one_turn (&sending, error);
  context->unknown = turn == FAILED && !sending.decided && sending.rule != SLIP_RESUME_R0;
  g_free (sending.token);
  return turn == ENDED;
}
