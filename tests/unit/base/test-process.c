/* SPDX-License-Identifier: MIT */
/* Claims of slip-process: no shell, no terminal, no hanging, no remains, no secrets on the way. */

#include "slip-base-error.h"
#include "slip-process.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define SCRIPT(text) ((const char *const[]){"/bin/sh", "-c", text, NULL})

static void
run_ok (const SlipProcess *process, SlipProcessResult *result)
{
  g_autoptr (GError) error = NULL;

  slip_process_run (process, result, NULL, &error);
  g_assert_no_error (error);
}

static void
no_shell_reads_arguments (void)
{
  const char *const argv[] = {"printf", "%s", "$(id) `id` ; \"x\" * $HOME", NULL};
  const SlipProcess process = {.argv = argv, .max_bytes = 4096};
  g_auto (SlipProcessResult) result = {0};

  run_ok (&process, &result);
  g_assert_cmpstr (result.out, ==, argv[2]);
  g_assert_cmpint (result.status, ==, 0);
}

static void
tells_how_it_ended (void)
{
  static const struct
  {
    const char *script;
    int status;
  } cases[] = {{"exit 0", 0}, {"exit 3", 3}, {"kill -TERM $$", -SIGTERM}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const SlipProcess process = {.argv = SCRIPT (cases[i].script), .max_bytes = 4096};
      g_auto (SlipProcessResult) result = {0};

      run_ok (&process, &result);
      g_assert_cmpint (result.status, ==, cases[i].status);
    }
}

static void
names_what_cannot_be_run (void)
{
  const char *const argv[] = {"/nonexistent/program", NULL};
  const SlipProcess process = {.argv = argv, .max_bytes = 4096};
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_process_run (&process, &result, NULL, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_PROCESS);
  g_assert_nonnull (strstr (error->message, "/nonexistent/program"));
}

static void
gets_only_its_own_environment (void)
{
  g_auto (GStrv) envp = NULL;
  SlipProcess process = {.argv = SCRIPT ("env"), .max_bytes = 4096};
  g_auto (SlipProcessResult) result = {0};

  g_setenv ("AWS_SECRET_ACCESS_KEY", "ours", TRUE);
  g_setenv ("SLIP_TEST_WANTED", "passed on", TRUE);
  envp = slip_process_environ ((const char *const[]){"SLIP_TEST_WANTED", NULL});
  envp = g_environ_setenv (envp, "TOKEN", "s3cret", TRUE);
  process.envp = envp;
  run_ok (&process, &result);
  g_unsetenv ("AWS_SECRET_ACCESS_KEY");
  g_assert_null (strstr (result.out, "ours"));
  g_assert_nonnull (strstr (result.out, "SLIP_TEST_WANTED=passed on\n"));
  g_assert_nonnull (strstr (result.out, "TOKEN=s3cret\n"));
  g_assert_nonnull (strstr (result.out, "PATH="));
}

static void
has_no_input_terminal_or_core_dumps (void)
{
  const SlipProcess process = {
      .argv = SCRIPT ("cat; (: </dev/tty) 2>/dev/null && echo terminal; ulimit -Hc"),
      .max_bytes = 4096,
      .timeout_s = 20,
  };
  g_auto (SlipProcessResult) result = {0};

  run_ok (&process, &result);
  g_assert_cmpstr (result.out, ==, "0\n");
}

/* ---- ending */

static gboolean
is_alive (const char *pid_file)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (pid_file, &text, NULL, NULL)
         && kill ((pid_t)g_ascii_strtoll (text, NULL, 10), 0) == 0;
}

static void
wait_for_death (const char *pid_file)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (is_alive (pid_file) && g_get_monotonic_time () < end)
    g_usleep (5000);
  g_assert_false (is_alive (pid_file));
}

static void
deadline_ends_it_with_all_it_started (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slip-process-XXXXXX", NULL);
  g_autofree char *pid_file = g_build_filename (folder, "pid", NULL);
  const SlipProcess process = {
      .argv = SCRIPT ("sleep 600 & echo $! > pid; wait"),
      .folder = folder,
      .max_bytes = 4096,
      .timeout_s = 1,
  };
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_process_run (&process, &result, NULL, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TIMEOUT);
  wait_for_death (pid_file);
  g_unlink (pid_file);
  g_rmdir (folder);
}

static void
interrupted_before_it_is_killed (void)
{
  const SlipProcess process = {
      .argv = SCRIPT ("trap 'echo saved; exit 7' INT; echo ready; while :; do sleep 0.05; done"),
      .max_bytes = 4096,
      .timeout_s = 1,
      .grace_s = 20,
  };
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_process_run (&process, &result, NULL, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TIMEOUT);
  g_assert_cmpint (result.status, ==, 7);
  g_assert_cmpstr (result.out, ==, "ready\nsaved\n");
}

static gpointer
cancel_soon (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
cancelled_at_once (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const SlipProcess process = {.argv = SCRIPT ("sleep 600"), .max_bytes = 4096};
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  g_assert_false (slip_process_run (&process, &result, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 30 * G_USEC_PER_SEC);
}

static void
ended_when_it_asks (void)
{
  const SlipProcess process = {
      .argv = SCRIPT ("echo 'Enter MFA code for x:' >&2; sleep 600"),
      .max_bytes = 4096,
      .timeout_s = 60,
      .prompts = (const char *const[]){"enter mfa code", NULL},
  };
  g_auto (SlipProcessResult) result = {0};

  run_ok (&process, &result);
  g_assert_cmpstr (result.prompt, ==, "Enter MFA code for x:");
}

/* ---- output */

static void
output_has_a_bound (void)
{
  SlipProcess process = {.argv = SCRIPT ("yes"), .max_bytes = 1000, .timeout_s = 60};
  SlipProcess ends = {.argv = SCRIPT ("yes | head -c 5000"), .max_bytes = 1000, .drop = TRUE};
  g_auto (SlipProcessResult) result = {0};
  g_auto (SlipProcessResult) dropped = {0};
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_process_run (&process, &result, NULL, &error));
  g_assert_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TOO_LARGE);
  run_ok (&ends, &dropped);
  g_assert_true (dropped.dropped);
  g_assert_cmpuint (dropped.length, ==, 1000);
}

static void
collect (const char *line, gboolean is_error, gpointer data)
{
  g_string_append_printf (data, "%s%s|", is_error ? "!" : "", line);
}

static void
streams_lines (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  const SlipProcess process = {
      .argv = SCRIPT ("printf 'one\\ntw'; printf 'o\\r\\n\\377'"),
      .max_bytes = 4096,
      .on_line = collect,
      .data = seen,
  };
  g_auto (SlipProcessResult) result = {0};

  run_ok (&process, &result);
  g_assert_cmpstr (seen->str, ==, "one|two|\xef\xbf\xbd|");
}

static void
log_takes_both_streams_and_is_private (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slip-process-XXXXXX", NULL);
  g_autofree char *log = g_build_filename (folder, "log", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  const SlipProcess process = {
      .argv = SCRIPT ("echo out; echo err >&2"),
      .log = log,
      .max_bytes = 4096,
      .on_line = collect,
      .data = seen,
  };
  GStatBuf buf;

  for (guint i = 0; i < 2; i++)
    {
      g_auto (SlipProcessResult) result = {0};

      run_ok (&process, &result);
      /* Only what this go printed. */
      g_assert_cmpstr (result.out, ==, "out\nerr\n");
    }
  g_assert_cmpstr (seen->str, ==, "out|err|out|err|");
  g_assert_true (g_file_get_contents (log, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "out\nerr\nout\nerr\n");
  g_assert_cmpint (g_stat (log, &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 0777, ==, 0600);
  g_unlink (log);
  g_rmdir (folder);
}

/* What is typed is read, and is in nothing that is kept. */
static void
answers_on_a_terminal (void)
{
  static const char *const prompts[] = {"code?", "sure?", NULL};
  static const char *const answered[] = {"code?", NULL};
  static const char *const scripts[] = {
      "printf 'Code? ' >&2; read -r x; test \"$x\" = s3cret && printf ok",
      "printf 'Code? ' >/dev/tty; read -r x </dev/tty; test \"$x\" = s3cret && printf ok",
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      SlipProcess process = {.argv = SCRIPT (scripts[i]),
                             .max_bytes = 4096,
                             .timeout_s = 60,
                             .prompts = prompts,
                             .terminal = TRUE,
                             .answer = "s3cret",
                             .answered = answered};
      g_auto (SlipProcessResult) result = {0};
      g_auto (SlipProcessResult) unanswered = {0};

      run_ok (&process, &result);
      g_assert_cmpstr (result.out, ==, "ok");
      g_assert_null (strstr (result.err, "s3cret"));
      g_assert_null (result.prompt);
      process.answer = NULL;
      run_ok (&process, &unanswered);
      g_assert_cmpstr (unanswered.prompt, ==, "Code?");
    }
}

/* One answer is for one question. */
static void
ends_at_a_question_after_the_answer (void)
{
  static const char *const prompts[] = {"code?", NULL};
  const SlipProcess process
      = {.argv = SCRIPT ("for i in 1 2; do printf 'Code? ' >&2; read -r x; done; sleep 100"),
         .max_bytes = 4096,
         .timeout_s = 60,
         .prompts = prompts,
         .terminal = TRUE,
         .answer = "1",
         .answered = prompts};
  g_auto (SlipProcessResult) result = {0};

  run_ok (&process, &result);
  g_assert_cmpstr (result.prompt, ==, "Code?");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/no_shell_reads_arguments", no_shell_reads_arguments);
  g_test_add_func ("/process/tells_how_it_ended", tells_how_it_ended);
  g_test_add_func ("/process/names_what_cannot_be_run", names_what_cannot_be_run);
  g_test_add_func ("/process/gets_only_its_own_environment", gets_only_its_own_environment);
  g_test_add_func ("/process/has_no_input_terminal_or_core_dumps",
                   has_no_input_terminal_or_core_dumps);
  g_test_add_func ("/process/deadline_ends_it_with_all_it_started",
                   deadline_ends_it_with_all_it_started);
  g_test_add_func ("/process/interrupted_before_it_is_killed", interrupted_before_it_is_killed);
  g_test_add_func ("/process/cancelled_at_once", cancelled_at_once);
  g_test_add_func ("/process/ended_when_it_asks", ended_when_it_asks);
  g_test_add_func ("/process/output_has_a_bound", output_has_a_bound);
  g_test_add_func ("/process/streams_lines", streams_lines);
  g_test_add_func ("/process/log_takes_both_streams_and_is_private",
                   log_takes_both_streams_and_is_private);
  g_test_add_func ("/process/answers_on_a_terminal", answers_on_a_terminal);
  g_test_add_func ("/process/ends_at_a_question_after_the_answer",
                   ends_at_a_question_after_the_answer);
  return g_test_run ();
}
