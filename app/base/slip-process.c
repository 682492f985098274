/* SPDX-License-Identifier: MIT */
/* Runs other programs so that none of them can hang us, ask a person unseen, leave children behind or
 * a core dump with our secrets. What they print is handed on line by line and kept within a bound.
 * Who may see it is the caller's business: nothing here redacts. */

#include "slip-process.h"

#include "slip-base-error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define POLL_MS 1000
#define LOG_POLL_MS 50
#define MAX_LINE (64 * 1024)

enum
{
  OUTPUT,
  ERRORS,
  TERMINAL,
  N_STREAMS
};

typedef struct
{
  const SlipProcess *process;
  GSubprocess *child; /* owned */
  pid_t group;
  int fds[N_STREAMS]; /* -1 at the end */
  int terminal;       /* our side of its terminal, or -1 */
  int log;            /* the log file, read from its old end on, or -1 */
  GString *texts[N_STREAMS];
  GString *lines[N_STREAMS]; /* what has come of the next line */
  gsize asked[N_STREAMS];    /* how much of the texts came before the answer */
  gint64 deadline;           /* monotonic, 0 for none */
  gint64 slow;               /* monotonic, when it is slow; 0 for never, or when that was told */
  gboolean answered;
  gboolean dropped;
} Run;

static void
free_secret (GString *string)
{
  if (string == NULL)
    return;
  explicit_bzero (string->str, string->allocated_len);
  g_string_free (string, TRUE);
}

void
slip_process_result_clear (SlipProcessResult *result)
{
  if (result->out != NULL)
    explicit_bzero (result->out, result->length);
  if (result->err != NULL)
    explicit_bzero (result->err, strlen (result->err));
  g_free (result->out);
  g_free (result->err);
  g_free (result->prompt);
  memset (result, 0, sizeof *result);
}

char **
slip_process_environ (const char *const *names)
{
  static const char *const common[] = {
      "PATH",           "HOME",
      "USER",           "LOGNAME",
      "LANG",           "LC_ALL",
      "LC_CTYPE",       "TZ",
      "TMPDIR",         "HTTP_PROXY",
      "HTTPS_PROXY",    "NO_PROXY",
      "http_proxy",     "https_proxy",
      "no_proxy",       "SSL_CERT_FILE",
      "SSL_CERT_DIR",   "XDG_RUNTIME_DIR",
      "CURL_CA_BUNDLE", "XDG_CONFIG_HOME",
      "XDG_CACHE_HOME", NULL,
  };
  const char *const *lists[] = {common, names};
  char **envp = g_new0 (char *, 1);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; lists[i] != NULL && lists[i][j] != NULL; j++)
      if (g_getenv (lists[i][j]) != NULL)
        envp = g_environ_setenv (envp, lists[i][j], g_getenv (lists[i][j]), TRUE);
  return envp;
}

/* ---- starting */

/* In the child, between fork and exec: a session of its own has no controlling terminal, and makes one
 * group of all that it starts. */
static void
prepare_child (gpointer data)
{
  const struct rlimit none = {0, 0};

  setsid ();
  (void)setrlimit (RLIMIT_CORE, &none);
}

/* The same with the terminal that is its standard input as the one to ask on. */
static void
prepare_child_with_terminal (gpointer data)
{
  prepare_child (data);
  (void)ioctl (STDIN_FILENO, TIOCSCTTY, 0);
}

static int
open_terminal_side (int side)
{
  struct termios modes;
  char name[64];
  int other = -1;

  if (side >= 0 && grantpt (side) == 0 && unlockpt (side) == 0
      && ptsname_r (side, name, sizeof name) == 0)
    other = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (other < 0 || tcgetattr (other, &modes) != 0)
    return other;
  /* What is typed does not come back to be kept with what it printed. */
  modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
  (void)tcsetattr (other, TCSANOW, &modes);
  return other;
}

static gboolean
open_terminal (Run *run, GSubprocessLauncher *launcher, GError **error)
{
  int other;

  run->terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  other = open_terminal_side (run->terminal);
  if (other < 0)
    {
      g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO, "there is no terminal for %s: %s",
                   run->process->argv[0], g_strerror (errno));
      return FALSE;
    }
  run->fds[TERMINAL] = run->terminal;
  g_subprocess_launcher_take_stdin_fd (launcher, other);
  return TRUE;
}

static gboolean
open_log (Run *run, GSubprocessLauncher *launcher, GError **error)
{
  const char *path = run->process->log;
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int other = fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;

  run->log = other >= 0 ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  if (run->log >= 0 && lseek (run->log, 0, SEEK_END) >= 0)
    {
      g_subprocess_launcher_take_stdout_fd (launcher, fd);
      g_subprocess_launcher_take_stderr_fd (launcher, other);
      return TRUE;
    }
  g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO, "cannot write %s: %s", path,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  if (other >= 0)
    close (other);
  return FALSE;
}

static void
take_pipes (Run *run)
{
  GInputStream *streams[]
      = {g_subprocess_get_stdout_pipe (run->child), g_subprocess_get_stderr_pipe (run->child)};

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    run->fds[i]
        = streams[i] != NULL ? g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (streams[i])) : -1;
}

static gboolean
start (Run *run, GError **error)
{
  const SlipProcess *process = run->process;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      process->log != NULL ? G_SUBPROCESS_FLAGS_NONE
                           : G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) local = NULL;
  const char *pid;

  for (guint i = 0; i < N_STREAMS; i++)
    {
      run->texts[i] = g_string_sized_new (8192);
      run->lines[i] = g_string_new (NULL);
    }
  if (process->log != NULL && !open_log (run, launcher, error))
    return FALSE;
  if (process->terminal && !open_terminal (run, launcher, error))
    return FALSE;
  if (process->envp != NULL)
    g_subprocess_launcher_set_environ (launcher, process->envp);
  if (process->folder != NULL)
    g_subprocess_launcher_set_cwd (launcher, process->folder);
  g_subprocess_launcher_set_child_setup (
      launcher, process->terminal ? prepare_child_with_terminal : prepare_child, NULL, NULL);
  run->child = g_subprocess_launcher_spawnv (launcher, process->argv, &local);
  if (run->child == NULL)
    {
      g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PROCESS, "cannot run %s: %s",
                   process->argv[0], local->message);
      return FALSE;
    }
  pid = g_subprocess_get_identifier (run->child);
  run->group = pid != NULL ? (pid_t)g_ascii_strtoll (pid, NULL, 10) : 0;
  take_pipes (run);
  if (process->on_slow != NULL)
    run->slow = g_get_monotonic_time () + (gint64)process->slow_s * G_USEC_PER_SEC;
  if (process->timeout_s > 0)
    run->deadline = g_get_monotonic_time () + (gint64)process->timeout_s * G_USEC_PER_SEC;
  return TRUE;
}

/* ---- what it prints */

static void
tell_line (Run *run, guint which)
{
  g_autofree char *line = NULL;

  g_string_truncate (run->lines[which], strcspn (run->lines[which]->str, "\r"));
  line = g_utf8_make_valid (run->lines[which]->str, (gssize)run->lines[which]->len);
  run->process->on_line (line, which == ERRORS, run->process->data);
  explicit_bzero (line, strlen (line));
  explicit_bzero (run->lines[which]->str, run->lines[which]->len);
  g_string_truncate (run->lines[which], 0);
}

static void
split_lines (Run *run, guint which, const char *buffer, gsize length)
{
  for (gsize i = 0; run->process->on_line != NULL && which != TERMINAL && i < length; i++)
    if (buffer[i] == '\n' || run->lines[which]->len >= MAX_LINE)
      tell_line (run, which);
    else
      g_string_append_c (run->lines[which], buffer[i]);
}

static gboolean
keep (Run *run, guint which, const char *buffer, gsize length, GError **error)
{
  GString *text = run->texts[which];
  gsize room = run->process->max_bytes - MIN (text->len, run->process->max_bytes);

  split_lines (run, which, buffer, length);
  g_string_append_len (text, buffer, (gssize)MIN (length, room));
  if (length <= room)
    return TRUE;
  run->dropped = TRUE;
  if (run->process->drop)
    return TRUE;
  g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TOO_LARGE,
               "it printed more than %" G_GSIZE_FORMAT " bytes", run->process->max_bytes);
  return FALSE;
}

/* @got bytes came; 0 at the end of a pipe, or when a log has not grown. */
static gboolean
read_some (Run *run, int fd, guint which, gssize *got, GError **error)
{
  char buffer[16384];
  gboolean ok = TRUE;

  *got = read (fd, buffer, sizeof buffer);
  if (*got < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  if (*got > 0)
    ok = keep (run, which, buffer, (gsize)*got, error);
  explicit_bzero (buffer, sizeof buffer);
  return ok;
}

static gboolean
read_log (Run *run, GError **error)
{
  gssize got = 1;

  while (got > 0)
    if (!read_some (run, run->log, OUTPUT, &got, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_pipe (Run *run, guint which, GError **error)
{
  gssize got;

  if (!read_some (run, run->fds[which], which, &got, error))
    return FALSE;
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
    run->fds[which] = -1;
  return TRUE;
}

/* The line of @text that holds one of @prompts, in lower case. */
static char *
find_prompt (const char *text, const char *const *prompts)
{
  g_autofree char *lower = prompts != NULL ? g_ascii_strdown (text, -1) : NULL;

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

/* A question on either stream; what came before an answer was asked before. */
static char *
find_question (Run *run, const char *const *prompts)
{
  char *prompt = find_prompt (run->texts[ERRORS]->str + run->asked[ERRORS], prompts);

  return prompt != NULL ? prompt
                        : find_prompt (run->texts[TERMINAL]->str + run->asked[TERMINAL], prompts);
}

/* The end of a line is what the Enter key sends: a terminal in either mode takes it for one. */
static gboolean
type_answer (Run *run)
{
  gsize length = strlen (run->process->answer);
  g_autofree char *typed = g_strconcat (run->process->answer, "\r", NULL);
  gboolean ok = write (run->terminal, typed, length + 1) == (gssize)length + 1;

  explicit_bzero (typed, length);
  for (guint i = 0; i < N_STREAMS; i++)
    run->asked[i] = run->texts[i]->len;
  run->answered = TRUE;
  return ok;
}

/* The prompt that it must be ended for, or NULL. */
static char *
meet_question (Run *run)
{
  const SlipProcess *process = run->process;
  g_autofree char *asked = NULL;

  if (process->answer != NULL && run->terminal >= 0 && !run->answered)
    asked = find_question (run, process->answered);
  if (asked != NULL && type_answer (run))
    return NULL;
  return find_question (run, process->prompts);
}

/* ---- waiting */

static gboolean
is_running (Run *run)
{
  return g_subprocess_get_identifier (run->child) != NULL;
}

static gboolean
check_time (Run *run, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_CANCELLED, "it was cancelled");
      return FALSE;
    }
  if (run->slow != 0 && g_get_monotonic_time () >= run->slow)
    {
      run->slow = 0;
      run->process->on_slow (run->process->data);
    }
  if (run->deadline == 0 || g_get_monotonic_time () < run->deadline)
    return TRUE;
  g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TIMEOUT, "it did not end within %u seconds",
               run->process->timeout_s);
  return FALSE;
}

static int
patience_ms (Run *run, int most)
{
  gint64 left;

  if (run->deadline == 0)
    return most;
  left = (run->deadline - g_get_monotonic_time ()) / 1000 + 1;
  return (int)CLAMP (left, 0, most);
}

static gboolean
wait_for_pipes (Run *run, GCancellable *cancellable, GError **error)
{
  struct pollfd fds[N_STREAMS + 1];
  int ready;

  for (guint i = 0; i <= N_STREAMS; i++)
    fds[i] = (struct pollfd){i < N_STREAMS ? run->fds[i] : -1, POLLIN, 0};
  if (cancellable != NULL)
    fds[N_STREAMS].fd = g_cancellable_get_fd (cancellable);
  ready = poll (fds, G_N_ELEMENTS (fds), patience_ms (run, POLL_MS));
  if (fds[N_STREAMS].fd >= 0)
    g_cancellable_release_fd (cancellable);
  for (guint i = 0; ready > 0 && i < N_STREAMS; i++)
    if (fds[i].revents != 0 && !read_pipe (run, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
follow_log (Run *run, GCancellable *cancellable, GError **error)
{
  while (is_running (run))
    {
      if (!check_time (run, cancellable, error) || !read_log (run, error))
        return FALSE;
      (void)poll (NULL, 0, patience_ms (run, LOG_POLL_MS));
    }
  return read_log (run, error);
}

static gboolean
follow_pipes (Run *run, SlipProcessResult *result, GCancellable *cancellable, GError **error)
{
  while (run->fds[OUTPUT] >= 0 || run->fds[ERRORS] >= 0)
    {
      if (!check_time (run, cancellable, error) || !wait_for_pipes (run, cancellable, error))
        return FALSE;
      result->prompt = meet_question (run);
      if (result->prompt != NULL)
        return TRUE;
    }
  /* It may close both pipes and live on. */
  while (is_running (run))
    {
      if (!check_time (run, cancellable, error))
        return FALSE;
      (void)poll (NULL, 0, 2);
    }
  return TRUE;
}

/* ---- ending */

/* Its last words, as far as they have come. */
static void
drain (Run *run)
{
  for (guint i = 0; i < N_STREAMS; i++)
    {
      struct pollfd one = {run->fds[i], POLLIN, 0};

      while (run->fds[i] >= 0 && poll (&one, 1, 0) > 0 && one.revents != 0)
        if (!read_pipe (run, i, NULL))
          break;
    }
  if (run->log >= 0)
    (void)read_log (run, NULL);
}

static void
wait_until (Run *run, gint64 end)
{
  while (is_running (run) && g_get_monotonic_time () < end)
    {
      /* A program that must say goodbye on a full pipe never would. */
      if (run->log < 0 && (run->fds[OUTPUT] >= 0 || run->fds[ERRORS] >= 0))
        (void)wait_for_pipes (run, NULL, NULL);
      (void)poll (NULL, 0, 10);
    }
}

static void
end_all (Run *run)
{
  if (run->child == NULL)
    return;
  if (run->process->grace_s > 0 && run->group > 1 && is_running (run))
    {
      kill (-run->group, SIGINT);
      wait_until (run, g_get_monotonic_time () + (gint64)run->process->grace_s * G_USEC_PER_SEC);
    }
  if (run->group > 1)
    kill (-run->group, SIGKILL);
  g_subprocess_force_exit (run->child);
  /* A killed process is gone as soon as the kernel gets to it. */
  g_subprocess_wait (run->child, NULL, NULL);
  drain (run);
}

static void
fill_result (Run *run, SlipProcessResult *result)
{
  for (guint i = 0; i < N_STREAMS; i++)
    if (run->process->on_line != NULL && run->lines[i]->len > 0)
      tell_line (run, i);
  result->dropped = run->dropped;
  result->length = run->texts[OUTPUT]->len;
  result->out = g_memdup2 (run->texts[OUTPUT]->str, run->texts[OUTPUT]->len + 1);
  result->err = g_utf8_make_valid (run->texts[ERRORS]->str, (gssize)run->texts[ERRORS]->len);
}

static void
clear (Run *run)
{
  for (guint i = 0; i < N_STREAMS; i++)
    {
      free_secret (run->texts[i]);
      free_secret (run->lines[i]);
    }
  if (run->log >= 0)
    close (run->log);
  if (run->terminal >= 0)
    close (run->terminal);
  g_clear_object (&run->child);
}

gboolean
slip_process_run (const SlipProcess *process,
                  SlipProcessResult *result,
                  GCancellable *cancellable,
                  GError **error)
{
  Run run = {.process = process, .fds = {-1, -1, -1}, .terminal = -1, .log = -1};
  gboolean ok;

  g_return_val_if_fail (process != NULL && process->argv != NULL && process->max_bytes > 0, FALSE);

  memset (result, 0, sizeof *result);
  ok = start (&run, error)
       && (process->log != NULL ? follow_log (&run, cancellable, error)
                                : follow_pipes (&run, result, cancellable, error));
  if (!ok || result->prompt != NULL)
    end_all (&run);
  if (ok)
    ok = g_subprocess_wait (run.child, NULL, error);
  result->started = run.child != NULL;
  if (run.child != NULL)
    {
      fill_result (&run, result);
      if (!is_running (&run))
        result->status = g_subprocess_get_if_exited (run.child)
                             ? g_subprocess_get_exit_status (run.child)
                             : -g_subprocess_get_term_sig (run.child);
    }
  clear (&run);
  return ok;
}
