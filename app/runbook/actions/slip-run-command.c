/* SPDX-License-Identifier: MIT */
/* slipway:command while running. A program that changes something and whose end nobody saw is not run
 * again before the step's resume rule, or a person, has said that it did nothing. Where `Done` tells
 * what there is, it decides: before, so that nothing is done twice, and after, so that only what was
 * verified counts. */

#include "slip-run-local.h"

#include "slip-json.h"
#include "slip-redact.h"

#define EXCERPT_LINES 40
#define MAX_BYTES (4 * 1024 * 1024)

static gboolean
is_expected (JsonObject *inputs, int status)
{
  JsonArray *codes = slip_json_array (inputs, "ExitCodes");

  for (guint i = 0; codes != NULL && i < json_array_get_length (codes); i++)
    if (status == json_array_get_int_element (codes, i))
      return TRUE;
  return codes == NULL && status == 0;
}

static char **
words_of (JsonObject *inputs, GError **error)
{
  JsonArray *list = slip_json_array (inputs, "Command");
  guint n = list != NULL ? json_array_get_length (list) : 0;
  g_auto (GStrv) words = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        words[i] = json_node_dup_string (node);
      else
        words[i] = slip_json_to_text (node, FALSE);
    }
  if (n > 0)
    return g_steal_pointer (&words);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "there is no command to run");
  return NULL;
}

/* What is refused before it starts did nothing; what was ended may have done anything. */
static gboolean
ask_what_it_did (SlipRunContext *context,
                 const SlipProcessResult *result,
                 GError *failure,
                 GError **error)
{
  if (result->started)
    return slip_run_local_ask (context, failure, error);
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
take (SlipRunContext *context, const SlipProcessResult *result, GError **error)
{
  g_autofree char *excerpt = slip_run_program_excerpt (context, result->out, EXCERPT_LINES);
  g_autoptr (GError) local = NULL;
  JsonNode *node = NULL;

  if (slip_json_bool (context->inputs, "Json", FALSE))
    {
      node = slip_json_parse (result->out, (gssize)result->length, &local);
      if (node == NULL)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "it printed no JSON: %s",
                       local->message);
          return FALSE;
        }
    }
  else
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "output", excerpt);
      node = slip_json_new_object (object);
    }
  if (!slip_run_context_take_result (context, node, slip_redact_json (node), error))
    return FALSE;
  json_object_set_int_member (context->outputs, "ExitCode", result->status);
  if (!slip_json_bool (context->inputs, "Json", FALSE))
    json_object_set_string_member (context->outputs, "Output", excerpt);
  return TRUE;
}

static gboolean
run_it (SlipRunContext *context, char **words, char **envp, GError **error)
{
  gboolean change = slip_plan_step_get_effect (context->plan) != SLIP_AWS_EFFECT_READ;
  const SlipRunProgram program = {
      .argv = (const char *const *)words,
      .envp = envp,
      .folder = slip_json_string (context->inputs, "Directory"),
      .change = change,
      .data = slip_json_bool (context->inputs, "Json", FALSE),
      .max_bytes = MAX_BYTES,
      .drop = !slip_json_bool (context->inputs, "Json", FALSE),
  };
  JsonObject *request = slip_json_node_object (context->request);
  g_auto (SlipProcessResult) result = {0};
  g_autofree char *said = NULL;
  GError *failure = NULL;

  if (!slip_run_local_intent (context, NULL, request != NULL ? json_object_ref (request) : NULL,
                              error))
    return FALSE;
  if (!slip_run_program (context, &program, &result, &failure))
    return ask_what_it_did (context, &result, failure, error);
  context->changed = change;
  if (is_expected (context->inputs, result.status))
    return take (context, &result, error);
  said = slip_run_program_excerpt (
      context, result.err != NULL && *result.err != '\0' ? result.err : result.out, 8);
  if (result.status < 0)
    {
      g_set_error (&failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s was ended by signal %d: %s",
                   words[0], -result.status, said);
      return ask_what_it_did (context, &result, failure, error);
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s: exit status %d: %s", words[0],
               result.status, said);
  return FALSE;
}

/* ---- what is there */

/* Whether the program of `Done` ends well and, where an output is told, prints just that. */
static gboolean
look (SlipRunContext *context, JsonObject *done, char **envp, gboolean *is_done, GError **error)
{
  g_auto (GStrv) words = words_of (done, error);
  const char *wanted = slip_json_string (done, "Output");
  const SlipRunProgram program = {
      .argv = (const char *const *)words,
      .envp = envp,
      .folder = slip_json_string (context->inputs, "Directory"),
      .data = TRUE,
      .max_bytes = MAX_BYTES,
  };
  g_auto (SlipProcessResult) result = {0};
  g_autofree char *printed = NULL;

  if (words == NULL || !slip_run_program (context, &program, &result, error))
    return FALSE;
  printed = g_strstrip (g_strdup (result.out != NULL ? result.out : ""));
  *is_done = result.status == 0 && (wanted == NULL || g_str_equal (printed, wanted));
  return TRUE;
}

static gboolean
begin_anew (SlipRunContext *context, GError **error)
{
  return !context->step->open
         || slip_run_local_settle (context, NULL, "absent", "it is not done yet", NULL, error);
}

static gboolean
finish (SlipRunContext *context, const char *outcome, gboolean changed)
{
  context->outcome = outcome;
  context->changed = changed;
  context->detail = g_strdup ("it is done already");
  context->outputs = json_object_new ();
  json_object_set_int_member (context->outputs, "ExitCode", 0);
  json_object_set_string_member (context->outputs, "Output", "");
  return TRUE;
}

static gboolean
converge (SlipRunContext *context, JsonObject *done, char **words, char **envp, GError **error)
{
  gboolean is_done = FALSE;

  if (!slip_run_engine_check (context->engine, error)
      || !look (context, done, envp, &is_done, error))
    return FALSE;
  if (is_done)
    return finish (context, context->step->open ? "adopted" : "unchanged", context->step->open);
  if (!begin_anew (context, error) || !run_it (context, words, envp, error)
      || !look (context, done, envp, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s went well, but what it should do is not done. Look at %s", words[0],
               slip_json_string (context->inputs, "Directory"));
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  gboolean lend = slip_json_bool (context->inputs, "Credentials", FALSE);
  JsonObject *done = slip_json_object (context->inputs, "Done");
  g_auto (GStrv) words = words_of (context->inputs, error);
  gboolean begin = done != NULL;
  gboolean ok = FALSE;
  char **envp;

  if (words == NULL || (done == NULL && !slip_run_local_may_begin (context, &begin, error)))
    return FALSE;
  if (!begin)
    return TRUE;
  envp = slip_run_local_environ (context, slip_json_object (context->inputs, "Environment"), NULL,
                                 lend, error);
  if (envp != NULL)
    ok = done != NULL ? converge (context, done, words, envp, error)
                      : run_it (context, words, envp, error);
  slip_aws_environ_free (envp);
  return ok;
}

const SlipRunAction slip_run_action_command = {
    .name = "slipway:command",
    .run = run,
};
