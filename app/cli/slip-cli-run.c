/* SPDX-License-Identifier: MIT */
/* slipwayctl run: starts, resumes, lists, shows and ends runs, and takes what people decide. The
 * work is done by SlipRunner; following it is slip-cli-run-follow.c, plans are slip-cli-run-plan.c. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-cosign.h"
#include "slip-json.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  SlipCliRun run;
  char *environment;
  char *runbook;
  char **set;
  char *note;
  gboolean reject;
  gboolean requests;
} Options;

static void
options_clear (Options *options)
{
  g_clear_object (&options->run.workspace);
  g_clear_object (&options->run.ledger);
  g_free (options->run.approve);
  g_free (options->run.cosign);
  g_strfreev (options->run.confirm);
  g_strfreev (options->run.attest);
  g_free (options->environment);
  g_free (options->runbook);
  g_strfreev (options->set);
  g_free (options->note);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- opening */

static gboolean
open_ledger (SlipCliRun *run, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slip_cli_ledger_path (run->cli, &error);

  if (path != NULL)
    run->ledger = slip_ledger_open (path, &error);
  if (run->ledger == NULL)
    *status = slip_cli_fail (g_steal_pointer (&error));
  return run->ledger != NULL;
}

static gboolean
open_workspace (SlipCliRun *run, int *status)
{
  run->workspace = slip_cli_load_workspace (run->cli);
  if (run->workspace == NULL)
    *status = SLIP_CLI_USAGE;
  return run->workspace != NULL;
}

char *
slip_cli_find_run (SlipLedger *ledger, const char *name, int *status)
{
  g_autoptr (GError) error = NULL;
  gboolean last = g_str_equal (name, "last");
  g_autoptr (GPtrArray) runs = slip_run_list_ids (ledger, last ? 1 : 0, &error);
  char *found = NULL;
  guint matches = 0;

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    {
      const char *id = g_ptr_array_index (runs, i);

      if (g_str_equal (id, name) || last)
        {
          g_free (found);
          return g_strdup (id);
        }
      if (!g_str_has_prefix (id, name) || matches++ > 0)
        continue;
      found = g_strdup (id);
    }
  if (matches == 1)
    return found;
  g_free (found);
  if (runs == NULL)
    *status = slip_cli_fail (g_steal_pointer (&error));
  else if (matches > 1)
    *status
        = slip_cli_usage_error (_ ("%u runs begin with %s. Give more of the id"), matches, name);
  else
    *status = slip_cli_usage_error (_ ("there is no run %s. See slipwayctl run list"), name);
  return NULL;
}

static char *
find_run (SlipCliRun *run, const char *name, int *status)
{
  return slip_cli_find_run (run->ledger, name, status);
}

static gboolean
is_over (const SlipRunSummary *summary)
{
  return summary->state == SLIP_RUN_DONE || summary->state == SLIP_RUN_CANCELLED;
}

static void
tell_unfinished (GPtrArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    {
      SlipRunSummary *summary = g_ptr_array_index (runs, i);
      g_autofree char *planned = slip_time_format (summary->planned);

      if (!is_over (summary))
        g_printerr (_ ("  %s  %s on %s, %s, planned at %s\n"), summary->id, summary->title,
                    summary->environment != NULL ? summary->environment : "-",
                    slip_run_state_get_name (summary->state), planned);
    }
}

/* The run that something is to be done to. “last” is the newest of all, and of no other meaning: another
 * run that is not over, begun who knows when, is named and never taken in its place. */
static char *
find_run_to_change (SlipCliRun *run, const char *name, int *status)
{
  g_autoptr (GPtrArray) runs = NULL;
  SlipRunSummary *newest;
  guint unfinished = 0;
  char *id = find_run (run, name, status);

  if (id == NULL || !g_str_equal (name, "last"))
    return id;
  runs = slip_run_list (run->ledger, NULL);
  if (runs == NULL || runs->len == 0)
    return id;
  newest = g_ptr_array_index (runs, 0);
  g_free (id);
  id = g_strdup (newest->id);
  g_printerr (_ ("last is run %s: %s on %s, %s\n"), newest->id, newest->title,
              newest->environment != NULL ? newest->environment : "-",
              slip_run_state_get_name (newest->state));
  for (guint i = 0; i < runs->len; i++)
    unfinished += is_over (g_ptr_array_index (runs, i)) ? 0 : 1;
  if (!is_over (newest) || unfinished == 0)
    return id;
  *status
      = slip_cli_usage_error (_ ("that run is over, and no other is taken in its place. Give "
                                 "the ID of the one that is meant; not over yet, newest first:"));
  tell_unfinished (runs);
  g_free (id);
  return NULL;
}

/* ---- start */

static SlipPlan *
plan_runbook (Options *options, const char *name, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find (name, &error);
  g_autoptr (JsonObject) parameters = json_object_new ();
  g_autoptr (SlipPlan) plan = NULL;
  gboolean ok = runbook != NULL;

  if (ok && options->environment == NULL)
    {
      *status = slip_cli_usage_error (_ ("name the environment with --environment E"));
      return NULL;
    }
  for (char **set = options->set; ok && set != NULL && *set != NULL; set++)
    ok = slip_cli_set_parameter (runbook, *set, parameters, &error);
  if (ok)
    plan = slip_cli_make_plan (runbook, options->run.workspace, options->run.ledger,
                               options->environment, parameters, NULL, &error);
  if (plan != NULL)
    return g_steal_pointer (&plan);
  *status = error->domain == SLIP_RUNBOOK_ERROR ? SLIP_CLI_USAGE : SLIP_CLI_FAILED;
  slip_cli_fail (g_steal_pointer (&error));
  return NULL;
}

static int
start (Options *options, const char *name)
{
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  int status = SLIP_CLI_USAGE;
  gboolean file = slip_cli_plan_is_file (name);

  if (!open_workspace (&options->run, &status) || !open_ledger (&options->run, &status))
    return status;
  plan = file ? slip_cli_plan_read (name, &status) : plan_runbook (options, name, &status);
  if (plan == NULL)
    return status;
  if (file && !slip_cli_plan_hold (plan, options->run.workspace, options->runbook))
    return SLIP_CLI_FAILED;
  if (options->environment != NULL
      && g_strcmp0 (options->environment, slip_plan_get_environment (plan)) != 0)
    return slip_cli_usage_error (_ ("the plan is for environment %s, not %s"),
                                 slip_plan_get_environment (plan), options->environment);
  slip_cli_plan_tell (plan, options->run.workspace, options->requests);
  slip_cli_tell_open_calls (options->run.ledger);
  if (slip_plan_is_blocked (plan))
    {
      g_printerr (_ ("slipwayctl: a guard blocks this plan; nothing was done\n"));
      return SLIP_CLI_FAILED;
    }
  /* Before there is a run: a wrong hash shall not leave one behind that nobody wants. */
  if (options->run.approve != NULL
      && !slip_cli_run_names_hash (options->run.approve, slip_plan_get_hash (plan),
                                   slip_cli_plan_is_protected (plan, options->run.workspace)))
    {
      g_printerr (_ ("slipwayctl: this plan is %s, not %s; nothing was done. Read it again, then "
                     "approve that hash\n"),
                  slip_plan_get_hash (plan), options->run.approve);
      return SLIP_CLI_FAILED;
    }
  id = slip_run_create (options->run.ledger, plan, &error);
  if (id == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  g_printerr (_ ("run %s\n"), id);
  options->run.created = TRUE;
  return slip_cli_run_follow (&options->run, id);
}

/* ---- the others */

static int
resume (Options *options, const char *name)
{
  g_autofree char *id = NULL;
  int status = SLIP_CLI_USAGE;

  if (!open_ledger (&options->run, &status))
    return status;
  id = find_run_to_change (&options->run, name, &status);
  if (id == NULL || !open_workspace (&options->run, &status))
    return status;
  slip_cli_tell_open_calls (options->run.ledger);
  return slip_cli_run_follow (&options->run, id);
}

static int
tell_run (Options *options,
          const char *name,
          SlipRunnerControl control,
          const char *step,
          const char *text,
          const char *done)
{
  g_autoptr (SlipRunner) runner = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *command = NULL;
  int status = SLIP_CLI_USAGE;

  if (!open_ledger (&options->run, &status))
    return status;
  id = find_run_to_change (&options->run, name, &status);
  if (id == NULL || !open_workspace (&options->run, &status))
    return status;
  runner = slip_runner_new (options->run.workspace, options->run.ledger, id);
  if (!slip_runner_control (runner, control, step, text, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  command = slip_cli_run_command (&options->run, "resume", id);
  if (done != NULL)
    g_printerr ("%s\n", done);
  if (control != SLIP_RUNNER_CANCEL)
    g_printerr (_ ("go on with: %s\n"), command);
  return SLIP_CLI_OK;
}

/* A run that no process executes is over at once; it then says what it leaves behind. */
static int
cancel (Options *options, const char *name)
{
  g_autoptr (SlipRun) run = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  int status = tell_run (options, name, SLIP_RUNNER_CANCEL, NULL, options->note, NULL);

  if (status != SLIP_CLI_OK)
    return status;
  id = find_run (&options->run, name, &status);
  run = id != NULL ? slip_run_load (options->run.ledger, id, &error) : NULL;
  if (run == NULL || slip_run_get_state (run) != SLIP_RUN_CANCELLED)
    {
      g_printerr (
          _ ("the run stops after its current call, and stops a Step Functions execution that "
             "it follows; AWS goes on with what else was begun\n"));
      return SLIP_CLI_OK;
    }
  (void)slip_cli_run_report (&options->run, run, NULL);
  return SLIP_CLI_OK;
}

static int
decide (Options *options, const char *name, const char *step, const char *what)
{
  gboolean did = g_str_equal (what, "did");

  if (!did && !g_str_equal (what, "did-not"))
    return slip_cli_usage_error (_ ("decide “did” or “did-not”, not “%s”"), what);
  return tell_run (options, name, did ? SLIP_RUNNER_DECIDE_DID : SLIP_RUNNER_DECIDE_DID_NOT, step,
                   options->note, _ ("decided"));
}

static int
vote (Options *options, const char *name, const char *step)
{
  return tell_run (options, name,
                   options->reject ? SLIP_RUNNER_REJECT_STEP : SLIP_RUNNER_APPROVE_STEP, step,
                   options->note, _ ("noted"));
}

static int
show (Options *options, const char *name, gboolean list)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  int status = SLIP_CLI_USAGE;

  options->run.ledger = slip_cli_open_ledger_to_read (options->run.cli, &error);
  if (options->run.ledger == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (list)
    slip_cli_tell_open_calls (options->run.ledger);
  if (list)
    return slip_cli_run_list (&options->run);
  id = find_run (&options->run, name, &status);
  /* Only for how fast a rehearsal is: a run can be shown where there is no workspace any more. */
  options->run.workspace = slip_workspace_load (options->run.cli->workspace_path, NULL);
  return id != NULL ? slip_cli_run_show (&options->run, id) : status;
}

static int
cosign (Options *options, const char *name, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = slip_cosign_read_file (path, &error);

  if (text == NULL)
    {
      slip_cli_fail (g_steal_pointer (&error));
      return SLIP_CLI_USAGE;
    }
  return tell_run (options, name, SLIP_RUNNER_COSIGN, NULL, text, _ ("cosigned"));
}

/* The run called @name as the ledger has it; says what is wrong when there is none. */
static SlipRun *
load_run (SlipCliRun *run, const char *name, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = open_ledger (run, status) ? find_run (run, name, status) : NULL;
  SlipRun *loaded = id != NULL ? slip_run_load (run->ledger, id, &error) : NULL;

  if (error != NULL)
    *status = slip_cli_fail (g_steal_pointer (&error));
  return loaded;
}

static int
print_plan (Options *options, const char *name)
{
  g_autoptr (SlipRun) run = NULL;
  g_autofree char *text = NULL;
  int status = SLIP_CLI_USAGE;

  run = load_run (&options->run, name, &status);
  if (run == NULL)
    return status;
  text = slip_json_to_text (slip_plan_to_json (slip_run_get_plan (run)), TRUE);
  g_print ("%s\n", text);
  return SLIP_CLI_OK;
}

/* What somebody does when this program cannot go on: it must work without its workspace too. */
static int
print_commands (Options *options, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace = NULL;
  g_autoptr (SlipRun) run = NULL;
  int status = SLIP_CLI_USAGE;

  run = load_run (&options->run, name, &status);
  if (run == NULL)
    return status;
  workspace = slip_workspace_load (options->run.cli->workspace_path, &error);
  if (workspace == NULL)
    g_printerr (_ ("slipwayctl: without profiles, for there is no workspace: %s\n"),
                error->message);
  return slip_cli_run_commands (&options->run, run, workspace);
}

static int
dispatch (Options *options, int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : "";

  if (g_str_equal (verb, "start") && argc == 3)
    return start (options, argv[2]);
  if (g_str_equal (verb, "resume") && argc == 3)
    return resume (options, argv[2]);
  if (g_str_equal (verb, "list") && argc == 2)
    return show (options, NULL, TRUE);
  if (g_str_equal (verb, "show") && argc == 3)
    return show (options, argv[2], FALSE);
  if (g_str_equal (verb, "cancel") && argc == 3)
    return cancel (options, argv[2]);
  if (g_str_equal (verb, "decide") && argc == 5)
    return decide (options, argv[2], argv[3], argv[4]);
  if (g_str_equal (verb, "plan") && argc == 3)
    return print_plan (options, argv[2]);
  if (g_str_equal (verb, "commands") && argc == 3)
    return print_commands (options, argv[2]);
  if (g_str_equal (verb, "cosign") && argc == 4)
    return cosign (options, argv[2], argv[3]);
  if (g_str_equal (verb, "approve") && argc == 4)
    return vote (options, argv[2], argv[3]);
  return slip_cli_usage_error (_ ("“run %s” is not a command, or lacks something. See "
                                  "slipwayctl run --help"),
                               verb);
}

int
slip_cli_run (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {.run = {.cli = cli}};
  const GOptionEntry entries[] = {
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &options.environment,
       N_ ("start: where the runbook acts"), N_ ("NAME")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.set, N_ ("start: a parameter's value"),
       N_ ("NAME=VALUE")},
      {"runbook", 0, 0, G_OPTION_ARG_FILENAME, &options.runbook,
       N_ ("start: the runbook that PLANFILE was made from, where it is none of those that are "
           "found by name"),
       N_ ("FILE")},
      {"approve", 0, 0, G_OPTION_ARG_STRING, &options.run.approve,
       N_ ("start, resume: approve the plan with this hash (12 digits of it are enough unless an "
           "environment is protected)"),
       N_ ("HASH")},
      {"cosign", 0, 0, G_OPTION_ARG_FILENAME, &options.run.cosign,
       N_ ("start, resume: the second person's cosignature, from slipwayctl cosign"), N_ ("FILE")},
      {"confirm", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.run.confirm,
       N_ ("start, resume: what to type when the step asks for it, once"), N_ ("STEP=TEXT")},
      {"attest", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.run.attest,
       N_ ("start, resume: attest what the step asks, or that a guard holds that could not be "
           "asked, or accept what it found to differ"),
       N_ ("STEP[/GUARD:DIGEST][=NOTE]")},
      {"note", 0, 0, G_OPTION_ARG_STRING, &options.note,
       N_ ("approve, decide, cancel: goes into the audit log"), N_ ("TEXT")},
      {"reject", 0, 0, G_OPTION_ARG_NONE, &options.reject, N_ ("approve: reject instead"), NULL},
      {"requests", 0, 0, G_OPTION_ARG_NONE, &options.requests,
       N_ ("start: show the exact request of every step, not only of the final ones"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.run.json, N_ ("print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "run",
          _ ("run start PLANFILE|RUNBOOK   plan it, ask for approval, execute it\n"
             "run resume ID                go on where it stopped, for whatever reason\n"
             "run list                     all runs, newest first\n"
             "run show ID                  its steps, what it needs, what is left over\n"
             "run plan ID                  its plan as JSON, for the second person to read\n"
             "run commands ID              the AWS CLI commands that finish it by hand\n"
             "run cosign ID FILE           take the second person's cosignature, of the plan or "
             "of\n"
             "                             the step that waits for one\n"
             "run cancel ID                stop after the current call\n"
             "run decide ID STEP did|did-not   whether an unknown change happened\n"
             "run approve ID STEP          approve (or --reject) an aws:approve step\n\n"
             "ID may be the beginning of one, or “last”, the newest run of all. When that one is\n"
             "over, resume, cancel, cosign, decide and approve take no other in its place: they\n"
             "name those that are not over, of which one is given by its ID. Ctrl+C pauses a run\n"
             "after its current call. Exit status: 0 done, 1 failed or a person is needed (it "
             "says\n"
             "for what, and the command to go on with), 2 the call itself is wrong."),
          &argc, &argv, &status))
    return status;
  return dispatch (&options, argc, argv);
}
