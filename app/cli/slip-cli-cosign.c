/* SPDX-License-Identifier: MIT */
/* slipwayctl cosign: the second engineer reads a plan and approves its hash, on whatever workstation.
 * What it writes proves who that was; slipwayctl run cosign, or the window, takes it. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-cosign.h"
#include "slip-file.h"

#include <glib/gi18n.h>
#include <unistd.h>

typedef struct
{
  char *environment;
  char *runbook;
  char *approve;
  char *output;
  gboolean requests;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->environment);
  g_free (options->runbook);
  g_free (options->approve);
  g_free (options->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Reading a plan is the point of a second person: nobody approves without naming its hash. */
static gboolean
has_read (Options *options, SlipPlan *plan, SlipWorkspace *workspace)
{
  const char *hash = slip_plan_get_hash (plan);
  g_autofree char *typed = NULL;

  if (options->approve == NULL && isatty (STDIN_FILENO) && isatty (STDERR_FILENO))
    typed = slip_cli_ask (_ ("type the first %d digits of the plan's hash to cosign it: "),
                          SLIP_CLI_HASH_DIGITS);
  if (slip_cli_run_names_hash (typed != NULL ? typed : options->approve, hash,
                               typed == NULL && slip_cli_plan_is_protected (plan, workspace)))
    return TRUE;
  if (options->approve == NULL && typed == NULL)
    g_printerr (_ ("slipwayctl: read the plan, then cosign it with --approve %s\n"), hash);
  else
    g_printerr (_ ("slipwayctl: this plan is %s; nothing was written\n"), hash);
  return FALSE;
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
                 "slipwayctl run cosign ID FILE, or start the run with --cosign FILE\n"));
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
  if (!slip_cli_plan_hold (plan, workspace, options->runbook))
    return SLIP_CLI_FAILED;
  slip_cli_plan_tell (plan, workspace, options->requests);
  if (!has_read (options, plan, workspace))
    return SLIP_CLI_FAILED;
  text = slip_cosign_make (workspace, plan, options->environment, NULL, &error);
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
       N_ ("the hash of the plan that you have read (12 digits of it are enough unless an "
           "environment is protected)"),
       N_ ("HASH")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_ ("write the cosignature to FILE"), N_ ("FILE")},
      {"requests", 0, 0, G_OPTION_ARG_NONE, &options.requests,
       N_ ("show the exact request of every step, not only of the final ones"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "cosign PLANFILE",
          _ ("Approves a colleague's plan as the second person. Get the plan with “slipwayctl "
             "plan\n"
             "… -o PLANFILE” or “slipwayctl run plan ID”, read it, and sign in as yourself: the\n"
             "cosignature holds a pre-signed sts:GetCallerIdentity that is bound to the plan's "
             "hash,\n"
             "so that AWS itself says who cosigned. It allows nothing else. Changes nothing."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("cosign needs one PLANFILE"));
  return cosign (cli, &options, argv[1]);
}
