/* SPDX-License-Identifier: MIT */

/* Runs credential helpers: programs that print credentials, and that must not ask a person unseen.
 * What is general about running programs is in slip-process.c; here is what their output and errors
 * mean for a sign-in. */

#include "slip-aws-child.h"

#include "slip-aws-error.h"
#include "slip-aws-provider.h"
#include "slip-base-error.h"
#include "slip-process.h"
#include "slip-redact.h"

#include <string.h>

/* People do not wonder before. */
#define SLOW_S 3

#define MAX_OUTPUT (256 * 1024)
#define MAX_ERROR_TEXT 400

void
slip_aws_child_result_clear (SlipAwsChildResult *result)
{
  if (result->out != NULL)
    explicit_bzero (result->out, result->length);
  g_free (result->out);
  g_free (result->err);
  g_free (result->prompt);
  memset (result, 0, sizeof *result);
}

static char *
dup_error_text (const char *text)
{
  char *redacted = slip_redact_text (text);

  g_strstrip (redacted);
  if (strlen (redacted) > MAX_ERROR_TEXT)
    {
      char *cut = g_utf8_find_prev_char (redacted, redacted + MAX_ERROR_TEXT);

      *cut = '\0';
    }
  return redacted;
}

static void
set_error (const SlipAwsChild *child, const GError *why, GError **error)
{
  if (g_error_matches (why, SLIP_BASE_ERROR, SLIP_BASE_ERROR_CANCELLED))
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "%s: the sign-in was cancelled",
                 child->argv[0]);
  else if (g_error_matches (why, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TIMEOUT))
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                 "%s: it printed no credentials within %u seconds. It may be waiting for a "
                 "passphrase: run it once in a terminal.",
                 child->argv[0], child->timeout_s);
  else if (g_error_matches (why, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PROCESS))
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "%s", why->message);
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "%s: %s", child->argv[0],
                 why->message);
}

static SlipAwsSlowFunc slow_func; /* set before there are threads */

void
slip_aws_provider_set_slow_func (SlipAwsSlowFunc func)
{
  slow_func = func;
}

static void
tell_slow (gpointer data)
{
  const SlipAwsChild *child = data;

  slow_func (child->what, child->timeout_s);
}

gboolean
slip_aws_child_run (const SlipAwsChild *child,
                    SlipAwsChildResult *result,
                    GCancellable *cancellable,
                    GError **error)
{
  const SlipProcess process = {
      .argv = child->argv,
      .envp = child->envp,
      .timeout_s = child->timeout_s,
      .max_bytes = MAX_OUTPUT,
      .prompts = child->prompts,
      .terminal = child->terminal,
      .answer = child->answer,
      .answered = child->answered,
      .on_slow = slow_func != NULL ? tell_slow : NULL,
      .slow_s = SLOW_S,
      .data = (gpointer)child,
  };
  g_auto (SlipProcessResult) run = {0};
  g_autoptr (GError) local = NULL;

  memset (result, 0, sizeof *result);
  if (!slip_process_run (&process, &run, cancellable, &local))
    {
      set_error (child, local, error);
      return FALSE;
    }
  result->status = run.status;
  result->ok = run.status == 0;
  result->length = run.length;
  result->out = g_steal_pointer (&run.out);
  result->prompt = g_steal_pointer (&run.prompt);
  result->err = dup_error_text (run.err);
  return TRUE;
}
