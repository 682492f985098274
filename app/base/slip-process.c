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
#include <sys/resource.h>
#include <unistd.h>

#define POLL_MS 1000
#define LOG_POLL_MS 50
#define MAX_LINE (64 * 1024)

typedef struct
{
  const SlipProcess *process;
  GSubprocess *child; /* owned */
  pid_t group;
  int fds[2]; /* output, error; -1 at the end */
  int log;    /* the log file, read from its old end on, or -1 */
  GString *texts[2];
  GString *lines[2]; /* what has come of the next line */
  gint64 deadline;   /* monotonic, 0 for none */
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

  for (guint i = 0; i < 2; i++)
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

  for (guint i = 0; i < 2; i++)
    {
      run->texts[i] = g_string_sized_new (8192);
      run->lines[i] = g_string_new (NULL);
    }
  if (process->log != NULL && !open_log (run, launcher, error))
    return FALSE;
  if (process->envp != NULL)
    g_subprocess_launcher_set_environ (launcher, process->envp);
  if (process->folder != NULL)
    g_subprocess_launcher_set_cwd (launcher, process->folder);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
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
  run->process->on_line (line, which == 1, run->process->data);
  explicit_bzero (line, strlen (line));
  explicit_bzero (run->lines[which]->str, run->lines[which]->len);
  g_string_truncate (run->lines[which], 0);
}

static void
split_lines (Run *run, guint which, const char *buffer, gsize length)
{
  for (gsize i = 0; run->process->on_line != NULL && i < length; i++)
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
    if (!read_some (run, run->log, 0, &got, error))
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
  struct pollfd fds[3] = {{run->fds[0], POLLIN, 0}, {run->fds[1], POLLIN, 0}, {-1, POLLIN, 0}};
  int ready;

  if (cancellable != NULL)
    fds[2].fd = g_cancellable_get_fd (cancellable);
  ready = poll (fds, G_N_ELEMENTS (fds), patience_ms (run, POLL_MS));
  if (fds[2].fd >= 0)
    g_cancellable_release_fd (cancellable);
  for (guint i = 0; ready > 0 && i < 2; i++)
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
  while (run->fds[0] >= 0 || run->fds[1] >= 0)
    {
      if (!check_time (run, cancellable, error) || !wait_for_pipes (run, cancellable, error))
        return FALSE;
      result->prompt = find_prompt (run->texts[1]->str, run->process->prompts);
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
  for (guint i = 0; i < 2; i++)
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
      if (run->log < 0 && (run->fds[0] >= 0 || run->fds[1] >= 0))
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
  for (guint i = 0; i < 2; i++)
    if (run->process->on_line != NULL && run->lines[i]->len > 0)
      tell_line (run, i);
  result->dropped = run->dropped;
  result->length = run->texts[0]->len;
  result->out = g_memdup2 (run->texts[0]->str, run->texts[0]->len + 1);
  result->err = g_utf8_make_valid (run->texts[1]->str, (gssize)run->texts[1]->len);
}

static void
clear (Run *run)
{
  for (guint i = 0; i < 2; i++)
    {
      free_secret (run->texts[i]);
      free_secret (run->lines[i]);
    }
  if (run->log >= 0)
    close (run->log);
  g_clear_object (&run->child);
}

gboolean
slip_process_run (const SlipProcess *process,
                  SlipProcessResult *result,
                  GCancellable *cancellable,
                  GError **error)
{
  Run run = {.process = process, .fds = {-1, -1}, .log = -1};
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
