/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-cli.h"
#include "slip-runbook.h"
#include "slip-runner.h"

G_BEGIN_DECLS

/**
 * SlipCliRun:
 * @cli: options before the subcommand
 * @workspace: (nullable): the workspace
 * @ledger: the ledger
 * @approve: (nullable): `--approve HASH`
 * @cosign: (nullable): `--cosign FILE`
 * @confirm: (nullable): each `--confirm STEP=TEXT`
 * @attest: (nullable): each `--attest STEP=NOTE`
 * @json: whether to print JSON
 * @created: whether this process made the run
 *
 * What the subcommands of `run` share.
 */
typedef struct
{
  SlipCli *cli;
  SlipWorkspace *workspace;
  SlipLedger *ledger;
  char *approve;
  char *cosign;
  char **confirm;
  char **attest;
  gboolean json;
  gboolean created;
} SlipCliRun;

/**
 * slip_cli_run_command:
 *
 * Returns: (transfer full): `slipwayctl run VERB ID`, with the options that this call was given for
 *   workspace and state, to be told to the user
 */
char *slip_cli_run_command (SlipCliRun *run, const char *verb, const char *id);

/**
 * slip_cli_run_names_hash:
 * @given: (nullable): what the person gave
 * @hash: the plan's hash
 * @whole: whether all of it must be given
 *
 * Returns: whether @given is @hash or, unless @whole, enough of its first digits
 */
gboolean slip_cli_run_names_hash (const char *given, const char *hash, gboolean whole);

/**
 * slip_cli_plan_is_protected:
 *
 * Whether @plan changes something in an environment that is protected, by the plan or by @workspace. On
 * the command line such a plan is approved with its whole hash: twelve digits can be had by trying,
 * and nobody sees there what they are typed under.
 */
gboolean slip_cli_plan_is_protected (SlipPlan *plan, SlipWorkspace *workspace);

/* Digits of a plan's hash that approve it. */
#define SLIP_CLI_HASH_DIGITS 12

/**
 * slip_cli_ask:
 *
 * Asks on standard error and reads a line of standard input.
 *
 * Returns: (transfer full) (nullable): the line, stripped; %NULL at the end of input
 */
char *slip_cli_ask (const char *format, ...) G_GNUC_PRINTF (1, 2);

/**
 * slip_cli_make_plan:
 * @runbook: a runbook
 * @workspace: where environments are looked up
 * @ledger: (nullable): where earlier runs are looked up
 * @environment: where it acts
 * @parameters: values by name
 * @started: (nullable): plan as if begun at this time
 * @error: return location
 *
 * Plans, with what is remembered of earlier runs; tells on standard error while AWS throttles.
 *
 * Returns: (transfer full): the plan; errors as slip_planner_plan_full()
 */
SlipPlan *slip_cli_make_plan (SlipRunbook *runbook,
                              SlipWorkspace *workspace,
                              SlipLedger *ledger,
                              const char *environment,
                              JsonObject *parameters,
                              const char *started,
                              GError **error);

/**
 * slip_cli_set_parameter:
 * @runbook: what is planned
 * @text: what `--set` was given: `NAME=VALUE`
 * @parameters: where the value goes
 * @error: %SLIP_RUNBOOK_ERROR_PARAMETER when @text is no such thing, or @runbook has no such parameter
 *
 * Returns: whether the value was set
 */
gboolean slip_cli_set_parameter (SlipRunbook *runbook,
                                 const char *text,
                                 JsonObject *parameters,
                                 GError **error);

/**
 * slip_cli_plan_read:
 * @path: a file that holds a plan as JSON
 * @status: (out): an exit status when %NULL is returned; what was wrong has been printed
 *
 * Returns: (transfer full) (nullable): the plan
 */
SlipPlan *slip_cli_plan_read (const char *path, int *status);

/**
 * slip_cli_plan_is_file:
 * @name: what somebody wants to run
 * Returns: whether that is a file with a plan, also one that was cut off; no runbook
 */
gboolean slip_cli_plan_is_file (const char *name);

/**
 * slip_cli_plan_hold:
 * @plan: a plan from a file
 * @workspace: the workspace
 * @runbook: (nullable): `--runbook FILE`
 *
 * Holds @plan against the runbook that it was made from; see slip_planner_check_plan(). What is wrong is
 * printed.
 *
 * Returns: whether it is what the runbook makes of it
 */
gboolean slip_cli_plan_hold (SlipPlan *plan, SlipWorkspace *workspace, const char *runbook);

/**
 * slip_cli_dup_forecast:
 * @workspace: (nullable): where the plan's environment is looked up
 * @plan: a plan
 *
 * Returns: (transfer full): "20 min", or in a rehearsal "20 min on AWS, 4 s in this rehearsal"
 */
char *slip_cli_dup_forecast (SlipWorkspace *workspace, SlipPlan *plan);

/* Prints steps, forecast in @workspace, point of no return and what guards found on standard error: of
 * each step what it calls and where, and of the final ones, with @requests of all, the exact request. */
void slip_cli_plan_tell (SlipPlan *plan, SlipWorkspace *workspace, gboolean requests);

/**
 * slip_cli_run_follow:
 * @run: options
 * @id: the run
 *
 * Approves if that was asked, executes the run and tells its progress on standard error until it is
 * done or needs a person who is not there.
 *
 * Returns: an exit status
 */
int slip_cli_run_follow (SlipCliRun *run, const char *id);

/**
 * slip_cli_run_speed:
 *
 * Returns: how fast environment @name is; 1 when the workspace is not known or does not have it
 */
double slip_cli_run_speed (SlipCliRun *run, const char *name);

/* Each prints on standard output and returns an exit status. */
int slip_cli_run_list (SlipCliRun *run);
int slip_cli_run_show (SlipCliRun *run, const char *id);
int slip_cli_run_commands (SlipCliRun *run, SlipRun *shown, SlipWorkspace *workspace);

/**
 * slip_cli_run_report:
 *
 * Tells how @shown stands and, when it is not done, the exact command to go on with.
 *
 * Returns: an exit status
 */
int slip_cli_run_report (SlipCliRun *run, SlipRun *shown, const GError *error);

G_END_DECLS
