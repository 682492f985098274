/* SPDX-License-Identifier: MIT */
/* slipwayctl cosign: the second engineer reads a plan and approves its hash, or reads what one of its steps
 * asks while it waits and vouches for that, on whatever workstation.
 * What it writes proves who that was; slipwayctl run cosign, or the window, takes it. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-cosign.h"
#include "slip-file.h"
#include "slip-print.h"

#include <glib/gi18n.h>
#include <unistd.h>

typedef struct
{
  char *environment;
  char *runbook;
  char *approve;
  char *output;
  gboolean requests;
  SlipCosignQuestion question; /* its members are owned here */
} Options;

static void
options_clear (Options *options)
{
  g_free (options->environment);
  g_free (options->runbook);
  g_free (options->approve);
  g_free (options->output);
  g_free ((char *)options->question.run);
  g_free ((char *)options->question.step);
  g_free ((char *)options->question.says);
  g_free ((char *)options->question.after);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Reading is the point of a second person: nobody approves without naming the hash of what they read. */
static gboolean
has_read (Options *options, SlipPlan *plan, SlipWorkspace *workspace)
{
  gboolean step = options->question.step != NULL;
  g_autofree char *hash = step ? slip_cosign_question_digest (plan, &options->question)
                               : g_strdup (slip_plan_get_hash (plan));
  g_autofree char *typed = NULL;

  if (options->approve == NULL && isatty (STDIN_FILENO) && isatty (STDERR_FILENO))
    typed = slip_cli_ask (step ? _ ("type the first %d digits of that digest to vouch for it: ")
                               : _ ("type the first %d digits of the plan's hash to cosign it: "),
                          SLIP_CLI_HASH_DIGITS);
  if (slip_cli_run_names_hash (typed != NULL ? typed : options->approve, hash,
                               typed == NULL && slip_cli_plan_is_protected (plan, workspace)))
    return TRUE;
  if (options->approve == NULL && typed == NULL)
    g_printerr (step ? _ ("slipwayctl: read that, then vouch for it with --approve %s\n")
                     : _ ("slipwayctl: read the plan, then cosign it with --approve %s\n"),
                hash);
  else
    g_printerr (step ? _ ("slipwayctl: the digest of this is %s; nothing was written\n")
                     : _ ("slipwayctl: this plan is %s; nothing was written\n"),
                hash);
  return FALSE;
}

/* Somebody else's words: they shall not look like lines of ours. */
static gboolean
tell_question (Options *options, SlipPlan *plan)
{
  const SlipCosignQuestion *question = &options->question;
  g_autoptr (GError) error = NULL;
  g_autofree char *title = slip_print_one_line (slip_plan_get_title (plan), 0);
  g_autofree char *says = slip_print_one_line (question->says, 0);
  g_autofree char *step = slip_print_one_line (question->step, 0);
  g_autofree char *run = slip_print_one_line (question->run, 0);
  g_autofree char *digest = slip_cosign_question_digest (plan, question);

  if (!slip_cosign_check_question (plan, question, &error))
    {
      (void)slip_cli_fail (g_steal_pointer (&error));
      return FALSE;
    }
  g_printerr (_ ("%s on %s, plan %s\nrun %s waits at step %s. As the second person you vouch that\n"
                 "\n    %s\n\nas you have seen yourself. The digest of this is %s\n"),
              title, slip_plan_get_environment (plan), slip_plan_get_hash (plan), run, step, says,
              digest);
  return TRUE;
}

static int
write_cosignature (Options *options, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (options->output == NULL)
    g_print ("%s\n", text);
  else if (!slip_file_write_atomic (options->output, text, -1, 0600, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  g_printerr (_ ("it holds for 15 minutes. Keep it like a password until then, and hand it over: "
                 "slipwayctl run cosign ID FILE, or start or resume the run with --cosign FILE\n"));
  return SLIP_CLI_OK;
}

static int
cosign (SlipCli *cli, Options *options, const char *path)
{
  int status = SLIP_CLI_USAGE;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = slip_cli_plan_read (path, &status);
  g_autoptr (SlipWorkspace) workspace = plan != NULL ? slip_cli_load_workspace (cli) : NULL;
  g_autofree char *text = NULL;

  if (workspace == NULL)
    return status;
  /* A run that has begun held its plan itself, perhaps against a runbook of an earlier release. */
  if (options->question.step != NULL ? !tell_question (options, plan)
                                     : !slip_cli_plan_hold (plan, workspace, options->runbook))
    return SLIP_CLI_FAILED;
  if (options->question.step == NULL)
    slip_cli_plan_tell (plan, workspace, options->requests);
  if (!has_read (options, plan, workspace))
    return SLIP_CLI_FAILED;
  text = options->question.step != NULL
             ? slip_cosign_make_for_step (workspace, plan, &options->question, options->environment,
                                          NULL, &error)
             : slip_cosign_make (workspace, plan, options->environment, NULL, &error);
  if (text == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  return write_cosignature (options, text);
}

int
slip_cli_cosign (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {0};
  const GOptionEntry entries[] = {
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &options.environment,
       N_ ("whose credentials vouch, when your workspace names it otherwise than the plan"),
       N_ ("NAME")},
      {"runbook", 0, 0, G_OPTION_ARG_FILENAME, &options.runbook,
       N_ ("the runbook that the plan was made from, where it is none of those that are found by "
           "name"),
       N_ ("FILE")},
      {"approve", 0, 0, G_OPTION_ARG_STRING, &options.approve,
       N_ ("the hash of the plan that you have read, or with --step the digest of what you vouch "
           "for (12 digits of it are enough unless an environment is protected)"),
       N_ ("HASH")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_ ("write the cosignature to FILE"), N_ ("FILE")},
      {"requests", 0, 0, G_OPTION_ARG_NONE, &options.requests,
       N_ ("show the exact request of every step, not only of the final ones"), NULL},
      {"step", 0, 0, G_OPTION_ARG_STRING, &options.question.step,
       N_ ("vouch for what this step asks while it waits, not for the plan; run show prints this "
           "and the next three"),
       N_ ("STEP")},
      {"run", 0, 0, G_OPTION_ARG_STRING, &options.question.run, N_ ("with --step: the run"),
       N_ ("ID")},
      {"after", 0, 0, G_OPTION_ARG_STRING, &options.question.after,
       N_ ("with --step: the digest of the run's last entry before it asked"), N_ ("DIGEST")},
      {"says", 0, 0, G_OPTION_ARG_STRING, &options.question.says,
       N_ ("with --step: what you vouch for"), N_ ("TEXT")},
      G_OPTION_ENTRY_NULL,
  };
  guint parts;
  int status;

  if (!slip_cli_parse (
          entries, "cosign PLANFILE",
          _ ("Approves a colleague's plan as the second person. Get the plan with “slipwayctl "
             "plan\n"
             "… -o PLANFILE” or “slipwayctl run plan ID”, read it, and sign in as yourself: the\n"
             "cosignature holds a pre-signed sts:GetCallerIdentity that is bound to the plan's "
             "hash,\n"
             "so that AWS itself says who cosigned. It allows nothing else. Changes nothing.\n\n"
             "A run may wait for a second person at a step too. It then prints the command with\n"
             "--step, --run, --after and --says: read what is said, look for yourself, and vouch\n"
             "for it. That cosignature holds for that step of that run, as it waits now."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("cosign needs one PLANFILE"));
  parts = (options.question.step != NULL) + (options.question.run != NULL)
          + (options.question.after != NULL) + (options.question.says != NULL);
  if (parts != 0 && parts != 4)
    return slip_cli_usage_error (_ ("--step, --run, --after and --says belong together. Copy the "
                                    "command that slipwayctl run show prints"));
  return cosign (cli, &options, argv[1]);
}
