/* SPDX-License-Identifier: MIT */

/* Runs credential helpers so that none of them can hang us. A helper in its own session has no
 * terminal to ask on; its standard error is watched for the questions it would ask; a deadline ends
 * it whatever it does. What it prints is a secret and is cleared. */

#include "slip-aws-child.h"

#include "slip-aws-credentials.h"
#include "slip-aws-error.h"
#include "slip-redact.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MAX_OUTPUT (256 * 1024)
#define MAX_ERROR_TEXT 400

typedef struct
{
  GSubprocess *process; /* owned */
  pid_t group;
  int fds[2]; /* output, error; -1 at the end */
  GString *texts[2];
  gint64 deadline_us;
} Run;

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

static void
free_secret_string (GString *string)
{
  explicit_bzero (string->str, string->allocated_len);
  g_string_free (string, TRUE);
}

/* In the child, between fork and exec: a session of its own has no controlling terminal, and makes one
 * group of all that it starts. */
static void
leave_terminal (gpointer data)
{
  setsid ();
}

static gboolean
start (const SlipAwsChild *child, Run *run, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) local = NULL;
  const char *pid;

  if (child->envp != NULL)
    g_subprocess_launcher_set_environ (launcher, child->envp);
  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);
  run->process = g_subprocess_launcher_spawnv (launcher, child->argv, &local);
  if (run->process == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "cannot run %s: %s",
                   child->argv[0], local->message);
      return FALSE;
    }
  pid = g_subprocess_get_identifier (run->process);
  run->group = pid != NULL ? (pid_t)g_ascii_strtoll (pid, NULL, 10) : 0;
  run->fds[0] = g_unix_input_stream_get_fd (
      G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (run->process)));
  run->fds[1] = g_unix_input_stream_get_fd (
      G_UNIX_INPUT_STREAM (g_subprocess_get_stderr_pipe (run->process)));
  run->texts[0] = g_string_sized_new (8192);
  run->texts[1] = g_string_new (NULL);
  run->deadline_us = g_get_monotonic_time () + (gint64)child->timeout_s * G_USEC_PER_SEC;
  return TRUE;
}

static void
finish (Run *run)
{
  if (run->texts[0] != NULL)
    free_secret_string (run->texts[0]);
  if (run->texts[1] != NULL)
    free_secret_string (run->texts[1]);
  g_clear_object (&run->process);
}

static void
end_all (Run *run)
{
  if (run->group > 1)
    kill (-run->group, SIGKILL);
  g_subprocess_force_exit (run->process);
}

/* The line of @text that holds one of @prompts, in lower case. */
static char *
find_prompt (const char *text, const char *const *prompts)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);

  for (guint i = 0; prompts != NULL && prompts[i] != NULL; i++)
    {
      const char *at = strstr (lower, prompts[i]);
      const char *begin;

      if (at == NULL)
        continue;
      for (begin = at; begin > lower && begin[-1] != '\n'; begin--)
        ;
      return g_strstrip (g_strndup (text + (begin - lower), strcspn (begin, "\r\n")));
    }
  return NULL;
}

static gboolean
read_some (Run *run, guint which, GError **error)
{
  char buffer[4096];
  ssize_t got = read (run->fds[which], buffer, sizeof buffer);

  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  if (got <= 0)
    {
      run->fds[which] = -1;
      return TRUE;
    }
  g_string_append_len (run->texts[which], buffer, got);
  explicit_bzero (buffer, sizeof buffer);
  if (run->texts[which]->len <= MAX_OUTPUT)
    return TRUE;
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "it printed more than %d bytes",
               MAX_OUTPUT);
  return FALSE;
}

/* Waits for output; FALSE with an error at the deadline and when cancelled. */
static gboolean
wait_some (Run *run, const SlipAwsChild *child, GCancellable *cancellable, GError **error)
{
  struct pollfd fds[3] = {{run->fds[0], POLLIN, 0}, {run->fds[1], POLLIN, 0}, {-1, POLLIN, 0}};
  gint64 left_ms = (run->deadline_us - g_get_monotonic_time ()) / 1000;
  int ready;

  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the sign-in was cancelled");
      return FALSE;
    }
  if (left_ms <= 0)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                   "it printed no credentials within %u seconds. It may be waiting for a "
                   "passphrase: run it once in a terminal.",
                   child->timeout_s);
      return FALSE;
    }
  if (cancellable != NULL)
    fds[2].fd = g_cancellable_get_fd (cancellable);
  ready = poll (fds, G_N_ELEMENTS (fds), (int)MIN (left_ms, 1000));
  if (fds[2].fd >= 0)
    g_cancellable_release_fd (cancellable);
  if (ready <= 0)
    return TRUE;
  for (guint i = 0; i < 2; i++)
    if (fds[i].revents != 0 && !read_some (run, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
follow (Run *run,
        const SlipAwsChild *child,
        SlipAwsChildResult *result,
        GCancellable *cancellable,
        GError **error)
{
  while (run->fds[0] >= 0 || run->fds[1] >= 0)
    {
      if (!wait_some (run, child, cancellable, error))
        return FALSE;
      result->prompt = find_prompt (run->texts[1]->str, child->prompts);
      if (result->prompt != NULL)
        return TRUE;
    }
  return TRUE;
}

static char *
dup_error_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  char *redacted = slip_redact_text (valid);

  g_strstrip (redacted);
  if (strlen (redacted) > MAX_ERROR_TEXT)
    {
      char *cut = g_utf8_find_prev_char (redacted, redacted + MAX_ERROR_TEXT);

      *cut = '\0';
    }
  return redacted;
}

/* It has closed both pipes, or is being ended; either way this cannot last, but the deadline holds. */
static gboolean
reap (Run *run, GError **error)
{
  while (g_subprocess_get_identifier (run->process) != NULL)
    {
      if (g_get_monotonic_time () > run->deadline_us)
        end_all (run);
      g_usleep (2000);
    }
  return g_subprocess_wait (run->process, NULL, error);
}

gboolean
slip_aws_child_run (const SlipAwsChild *child,
                    SlipAwsChildResult *result,
                    GCancellable *cancellable,
                    GError **error)
{
  Run run = {0};
  gboolean ok;

  memset (result, 0, sizeof *result);
  if (!start (child, &run, error))
    return FALSE;
  ok = follow (&run, child, result, cancellable, error);
  if (!ok)
    g_prefix_error (error, "%s: ", child->argv[0]);
  if (!ok || result->prompt != NULL)
    end_all (&run);
  if (ok)
    ok = reap (&run, error);
  if (ok)
    {
      result->ok = g_subprocess_get_successful (run.process);
      result->status = g_subprocess_get_if_exited (run.process)
                           ? g_subprocess_get_exit_status (run.process)
                           : -g_subprocess_get_term_sig (run.process);
      result->length = run.texts[0]->len;
      result->out = g_memdup2 (run.texts[0]->str, run.texts[0]->len + 1);
      result->err = dup_error_text (run.texts[1]->str);
    }
  finish (&run);
  return ok;
}
