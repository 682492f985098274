/* SPDX-License-Identifier: MIT */
/* Executes a run from the terminal: tells progress as the ledger grows, asks the terminal's user
 * what the run needs to be told, and never waits for an answer where nobody can give one. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-cosign.h"
#include "slip-file.h"
#include "slip-given.h"
#include "slip-json.h"
#include "slip-print.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  SlipCliRun *run;
  SlipRun *shown;
  SlipRunner *runner;
  GMainLoop *loop;
  GHashTable *told; /* step id → what was printed last */
  SlipGiven *given; /* what the command line says beforehand */
  GError *error;    /* why the last go ended */
  guint signals;
  gboolean stopped; /* the user pressed Ctrl+C */
} Follow;

/* ---- the terminal */

static gboolean
has_terminal (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

char *
slip_cli_ask (const char *format, ...)
{
  g_autofree char *question = NULL;
  char line[1024];
  va_list args;

  va_start (args, format);
  question = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s", question);
  if (fgets (line, sizeof line, stdin) == NULL)
    {
      g_printerr ("\n");
      return NULL;
    }
  return g_strdup (g_strstrip (line));
}

/* ---- telling progress */

static char *
describe_step (SlipRun *shown, SlipRunStep *step)
{
  double progress = slip_run_step_get_progress (step);
  const char *detail = slip_run_step_get_detail (step);
  GString *text = g_string_new (NULL);
  g_autofree char *line = NULL;

  g_string_printf (
      text, "[%u/%u] %s: %s", slip_plan_step_get_index (slip_run_step_get_plan_step (step)) + 1,
      slip_plan_get_n_steps (slip_run_get_plan (shown)), slip_run_step_get_title (step),
      slip_run_step_state_get_name (slip_run_step_get_state (step)));
  if (progress >= 0)
    g_string_append_printf (text, " %.0f %%", progress * 100);
  if (detail != NULL)
    g_string_append_printf (text, " (%s)", detail);
  /* Details are words of services, which shall not look like lines of ours. */
  line = g_string_free (text, FALSE);
  return slip_print_one_line (line, 0);
}

static void
tell_remaining (SlipRun *shown)
{
  double seconds = slip_run_get_remaining (shown);

  if (seconds >= 90)
    g_printerr (_ (", %.0f %%, about %.0f min left\n"), slip_run_get_progress (shown) * 100,
                seconds / 60);
  else
    g_printerr (_ (", %.0f %%\n"), slip_run_get_progress (shown) * 100);
}

/* That a read is under way is over before anybody has read it. */
static gboolean
is_silent (SlipRunStep *step)
{
  SlipRunStepState state = slip_run_step_get_state (step);

  return state == SLIP_RUN_STEP_PLANNED
         || (state == SLIP_RUN_STEP_INTENT
             && slip_plan_step_get_effect (slip_run_step_get_plan_step (step))
                    == SLIP_AWS_EFFECT_READ);
}

static void
tell_progress (Follow *follow)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (follow->shown)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (follow->shown), i);
      const char *id = slip_run_step_get_id (step);
      g_autofree char *text = is_silent (step) ? NULL : describe_step (follow->shown, step);

      if (text == NULL || g_strcmp0 (g_hash_table_lookup (follow->told, id), text) == 0)
        continue;
      g_printerr ("%s", text);
      tell_remaining (follow->shown);
      g_hash_table_insert (follow->told, g_strdup (id), g_steal_pointer (&text));
    }
}

/* What was done before this process began is told in one line: whoever resumes wants to see what is
 * happening now. */
static void
tell_before (Follow *follow)
{
  guint over = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (follow->shown)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (follow->shown), i);
      SlipRunStepState state = slip_run_step_get_state (step);

      over += state == SLIP_RUN_STEP_DONE || state == SLIP_RUN_STEP_SKIPPED ? 1 : 0;
      if (!is_silent (step))
        g_hash_table_insert (follow->told, g_strdup (slip_run_step_get_id (step)),
                             describe_step (follow->shown, step));
    }
  if (over > 0)
    g_printerr (_ ("%u of %u steps are done; slipwayctl run show %s has them\n"), over,
                g_list_model_get_n_items (G_LIST_MODEL (follow->shown)),
                slip_run_get_id (follow->shown));
}

static void
shown_changed (SlipRun *shown, gpointer data)
{
  tell_progress (data);
}

/* ---- one go of the engine */

static void
job_finished (SlipJob *job, gpointer data)
{
  g_main_loop_quit (((Follow *)data)->loop);
}

static void
pause_told (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!slip_runner_control_finish (SLIP_RUNNER (source), result, &error))
    g_printerr ("slipwayctl: %s\n", error->message);
}

static gboolean
interrupted (gpointer data)
{
  Follow *follow = data;

  if (follow->signals++ > 0)
    _exit (130); /* The ledger knows all that is needed to go on. */
  follow->stopped = TRUE;
  g_printerr (_ ("\npausing after the current call; AWS goes on with what was begun\n"));
  slip_runner_control_async (follow->runner, SLIP_RUNNER_PAUSE, NULL, "Ctrl+C", NULL, pause_told,
                             NULL);
  return G_SOURCE_CONTINUE;
}

static void
execute (Follow *follow)
{
  g_autoptr (SlipJob) job = slip_runner_start (follow->runner);
  gulong finished = g_signal_connect (job, "finished", G_CALLBACK (job_finished), follow);
  g_autoptr (GError) local = NULL;

  if (!slip_job_is_finished (job))
    g_main_loop_run (follow->loop);
  g_signal_handler_disconnect (job, finished);
  slip_job_wait (job);
  g_clear_error (&follow->error);
  follow->error = slip_job_dup_error (job);
  if (!slip_run_refresh (follow->shown, &local))
    g_printerr ("slipwayctl: %s\n", local->message);
  tell_progress (follow);
}

/* ---- what the run needs to be told */

static const char *
given_for (Follow *follow, char **list, const char *name)
{
  const char *id = slip_run_get_need_step (follow->shown);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (follow->shown)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (follow->shown), i);

      if (g_strcmp0 (slip_run_step_get_id (step), id) == 0)
        return slip_given_take (follow->given, list, name, slip_run_step_get_plan_step (step),
                                g_get_real_time ());
    }
  return NULL;
}

static gboolean
tell (Follow *follow, SlipRunnerControl control, const char *step, const char *text)
{
  g_clear_error (&follow->error);
  return slip_runner_control (follow->runner, control, step, text, &follow->error);
}

static gboolean
confirm (Follow *follow)
{
  const char *step = slip_run_get_need_step (follow->shown);
  const char *wanted = slip_run_get_need_text (follow->shown);
  gboolean attest = slip_run_needs_attestation (follow->shown);
  g_autofree char *name = slip_run_dup_need_name (follow->shown);
  const char *given = given_for (follow, attest ? follow->run->attest : follow->run->confirm, name);
  g_autofree char *typed = NULL;

  if (given == NULL && has_terminal ())
    {
      g_printerr ("%s\n", slip_run_get_message (follow->shown));
      typed = wanted != NULL
                  ? slip_cli_ask (_ ("type %s to go on: "), wanted)
                  : slip_cli_ask (attest ? _ ("a note to attest it, or nothing to stop: ")
                                         : _ ("type “yes” to go on: "));
      given = typed;
      if (given != NULL && wanted == NULL
          && (attest ? *given == '\0' : !g_str_equal (given, _ ("yes"))))
        given = NULL;
    }
  return given != NULL
         && (attest ? tell (follow, SLIP_RUNNER_ATTEST, name, given)
                    : tell (follow, SLIP_RUNNER_CONFIRM, step, given));
}

static gboolean
decide (Follow *follow)
{
  const char *step = slip_run_get_need_step (follow->shown);
  g_autofree char *answer = NULL;

  if (!has_terminal ())
    return FALSE;
  g_printerr ("%s\n", slip_run_get_message (follow->shown));
  answer = slip_cli_ask (_ ("did it happen? “did”, “did-not”, or nothing to look first: "));
  if (g_strcmp0 (answer, "did") == 0)
    return tell (follow, SLIP_RUNNER_DECIDE_DID, step, "at the terminal");
  if (g_strcmp0 (answer, "did-not") == 0)
    return tell (follow, SLIP_RUNNER_DECIDE_DID_NOT, step, "at the terminal");
  return FALSE;
}

static gboolean
pass_pause (Follow *follow)
{
  g_autofree char *answer = NULL;

  if (follow->stopped || !has_terminal ())
    return FALSE;
  g_printerr ("%s\n", slip_run_get_message (follow->shown));
  answer = slip_cli_ask (_ ("press Enter to resume, or type anything to leave it paused: "));
  return answer != NULL && *answer == '\0' && tell (follow, SLIP_RUNNER_RESUME, NULL, NULL);
}

static gboolean
sign_in (Follow *follow)
{
  g_autofree char *answer = NULL;

  if (!has_terminal ())
    return FALSE;
  g_printerr ("%s\n", slip_run_get_message (follow->shown));
  answer
      = slip_cli_ask (_ ("sign in elsewhere, then press Enter; or type anything to stop here: "));
  return answer != NULL && *answer == '\0' && tell (follow, SLIP_RUNNER_RESUME, NULL, NULL);
}

/* A go that ended for another reason than that a person is wanted does not hear one: what is said again then
 * would be written into the audit log, over and over. */
static gboolean
would_hear (Follow *follow)
{
  return follow->error == NULL
         || g_error_matches (follow->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON)
         || g_error_matches (follow->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_PAUSED);
}

/* The second person is somewhere else; what they hand over is a file. */
static gboolean
pair (Follow *follow)
{
  g_autofree char *words = slip_run_dup_cosign_words (follow->shown);
  g_autofree char *file = slip_run_dup_cosign_file (follow->shown);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (words == NULL || !has_terminal ())
    return FALSE;
  g_printerr (
      _ ("%s\nThe second person, on a workstation of their own: slipwayctl cosign plan.json "
         "%s -o %s\n"),
      slip_run_get_message (follow->shown), words, file);
  path = slip_cli_ask (_ ("the file that they hand over, or nothing to stop here: "));
  if (path == NULL || *path == '\0')
    return FALSE;
  g_clear_error (&follow->error);
  text = slip_cosign_read_file (path, &follow->error);
  return text != NULL && tell (follow, SLIP_RUNNER_COSIGN, NULL, text);
}

/* Whether a person, or the command line for them, said what the run needs. */
static gboolean
satisfy (Follow *follow)
{
  if (!would_hear (follow))
    return FALSE;
  switch (slip_run_get_state (follow->shown))
    {
    case SLIP_RUN_NEEDS_CONFIRMATION:
      return confirm (follow);
    case SLIP_RUN_NEEDS_DECISION:
      return decide (follow);
    case SLIP_RUN_NEEDS_SIGN_IN:
      return sign_in (follow);
    case SLIP_RUN_PAUSED:
      return pass_pause (follow);
    case SLIP_RUN_NEEDS_APPROVAL:
      return pair (follow);
    case SLIP_RUN_PLANNED:
    case SLIP_RUN_APPROVED:
    case SLIP_RUN_RUNNING:
    case SLIP_RUN_INTERRUPTED:
    case SLIP_RUN_FAILED:
    case SLIP_RUN_CANCELLED:
    case SLIP_RUN_DONE:
      break;
    }
  return FALSE;
}

/* ---- approving */

gboolean
slip_cli_run_names_hash (const char *given, const char *hash, gboolean whole)
{
  if (given == NULL || whole)
    return g_strcmp0 (given, hash) == 0;
  return strlen (given) >= SLIP_CLI_HASH_DIGITS && g_str_has_prefix (hash, given);
}

gboolean
slip_cli_plan_is_protected (SlipPlan *plan, SlipWorkspace *workspace)
{
  JsonObject *environments = slip_plan_get_environments (plan);
  g_autoptr (GList) names = json_object_get_members (environments);

  for (GList *l = names; l != NULL; l = l->next)
    {
      SlipEnvironment *here = slip_workspace_find (workspace, l->data);
      JsonObject *told = slip_json_object (environments, l->data);

      if ((here != NULL && slip_environment_is_protected (here))
          || (told != NULL && slip_json_bool (told, "protected", FALSE)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
approve (Follow *follow)
{
  const char *hash = slip_run_get_plan_hash (follow->shown);
  g_autofree char *typed = NULL;
  const char *given = follow->run->approve;
  gboolean whole
      = given != NULL
        && slip_cli_plan_is_protected (slip_run_get_plan (follow->shown), follow->run->workspace);

  if (slip_run_get_state (follow->shown) != SLIP_RUN_PLANNED)
    return TRUE;
  if (given == NULL && has_terminal ())
    given = typed = slip_cli_ask (_ ("type the first %d digits of the plan's hash to approve it: "),
                                  SLIP_CLI_HASH_DIGITS);
  if (given == NULL)
    {
      g_autofree char *command
          = slip_cli_run_command (follow->run, "resume", slip_run_get_id (follow->shown));

      g_set_error (&follow->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED,
                   _ ("the plan is not approved; nothing was done. Approve and start it with: %s "
                      "--approve %s"),
                   command, hash);
      return FALSE;
    }
  return tell (follow, SLIP_RUNNER_APPROVE, NULL,
               slip_cli_run_names_hash (given, hash, whole) ? hash : given);
}

static gboolean
cosign (Follow *follow)
{
  g_autofree char *text = NULL;

  if (follow->run->cosign == NULL)
    return TRUE;
  text = slip_cosign_read_file (follow->run->cosign, &follow->error);
  return text != NULL && tell (follow, SLIP_RUNNER_COSIGN, NULL, text);
}

/* A pause, sign-in or failure is behind us because the user calls us; the engine wants to hear it. */
static gboolean
release (Follow *follow)
{
  switch (slip_run_get_state (follow->shown))
    {
    case SLIP_RUN_PAUSED:
    case SLIP_RUN_NEEDS_SIGN_IN:
    case SLIP_RUN_FAILED:
      return tell (follow, SLIP_RUNNER_RESUME, NULL, NULL);
    case SLIP_RUN_PLANNED:
    case SLIP_RUN_APPROVED:
    case SLIP_RUN_RUNNING:
    case SLIP_RUN_NEEDS_DECISION:
    case SLIP_RUN_NEEDS_CONFIRMATION:
    case SLIP_RUN_NEEDS_APPROVAL:
    case SLIP_RUN_INTERRUPTED:
    case SLIP_RUN_CANCELLED:
    case SLIP_RUN_DONE:
      break;
    }
  return TRUE;
}

static void
work (Follow *follow)
{
  guint sources[2];

  if (!approve (follow) || !cosign (follow) || !release (follow))
    return;
  sources[0] = g_unix_signal_add (SIGINT, interrupted, follow);
  sources[1] = g_unix_signal_add (SIGTERM, interrupted, follow);
  do
    execute (follow);
  while (satisfy (follow));
  g_source_remove (sources[0]);
  g_source_remove (sources[1]);
}

/* A run that this process made, and that may not begin because another is in the way, is not left behind
 * approved: whoever goes on with what is unfinished would do it, long after it was wanted. */
static void
lay_aside (Follow *follow)
{
  g_autoptr (GError) error = NULL;

  if (!follow->run->created || slip_run_get_state (follow->shown) != SLIP_RUN_APPROVED
      || !g_error_matches (follow->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY))
    return;
  if (!slip_runner_control (follow->runner, SLIP_RUNNER_CANCEL, NULL, follow->error->message,
                            &error))
    g_printerr ("slipwayctl: %s\n", error->message);
  else
    /* The run says so now. */
    g_clear_error (&follow->error);
}

int
slip_cli_run_follow (SlipCliRun *run, const char *id)
{
  Follow follow = {.run = run, .given = slip_given_new (g_get_real_time ())};
  g_autoptr (GError) error = NULL;
  int status;

  follow.shown = slip_run_load (run->ledger, id, &error);
  if (follow.shown == NULL)
    {
      slip_given_free (follow.given);
      return slip_cli_fail (g_steal_pointer (&error));
    }
  slip_run_set_speed (follow.shown,
                      slip_cli_run_speed (run, slip_run_get_environment (follow.shown)));
  follow.runner = slip_runner_new (run->workspace, run->ledger, id);
  follow.loop = g_main_loop_new (NULL, FALSE);
  follow.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  tell_before (&follow);
  g_signal_connect (follow.shown, "changed", G_CALLBACK (shown_changed), &follow);
  if (slip_run_get_state (follow.shown) != SLIP_RUN_DONE
      && slip_run_get_state (follow.shown) != SLIP_RUN_CANCELLED)
    {
      work (&follow);
      lay_aside (&follow);
    }
  g_signal_handlers_disconnect_by_data (follow.shown, &follow);
  if (!slip_run_refresh (follow.shown, &error))
    g_printerr ("slipwayctl: %s\n", error->message);
  status = slip_cli_run_report (run, follow.shown, follow.error);
  g_hash_table_unref (follow.told);
  slip_given_free (follow.given);
  g_main_loop_unref (follow.loop);
  g_clear_error (&follow.error);
  g_object_unref (follow.runner);
  g_object_unref (follow.shown);
  return status;
}
