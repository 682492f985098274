/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/* Exit statuses of slipwayctl. */
#define SLIP_CLI_OK 0
#define SLIP_CLI_FAILED 1 /* AWS refused, a run failed, a check found faults */
#define SLIP_CLI_USAGE 2  /* the call itself is wrong */

/**
 * SlipCli:
 *
 * What every subcommand gets: options given before its name, and where state is kept.
 */
typedef struct
{
  char *workspace_path; /* never NULL: --workspace, $SLIPWAY_WORKSPACE or the default place */
  char *state_dir;      /* never NULL: --state, $SLIPWAY_STATE_DIR or XDG_STATE_HOME/slipway */
} SlipCli;

/**
 * SlipCliFunc:
 * @cli: options before the subcommand
 * @argc: how many words, the subcommand's own name first
 * @argv: the words
 *
 * Returns: an exit status
 */
typedef int (*SlipCliFunc) (SlipCli *cli, int argc, char **argv);

int slip_cli_aws (SlipCli *cli, int argc, char **argv);
int slip_cli_cosign (SlipCli *cli, int argc, char **argv);
int slip_cli_estate (SlipCli *cli, int argc, char **argv);
int slip_cli_ledger (SlipCli *cli, int argc, char **argv);
int slip_cli_ledger_settle (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate (SlipCli *cli, int argc, char **argv);
int slip_cli_plan (SlipCli *cli, int argc, char **argv);
int slip_cli_run (SlipCli *cli, int argc, char **argv);
int slip_cli_runbook (SlipCli *cli, int argc, char **argv);

/**
 * slip_cli_parse:
 * @entries: options, ended by an empty entry
 * @usage: what stands behind the command's name in its help
 * @summary: what the command does
 * @argc: (inout): how many words
 * @argv: (inout): the words; options are taken out
 * @status: (out): the exit status when %FALSE is returned
 *
 * Parses a subcommand's options with GLib's option parser; `--help` prints and ends well, a wrong
 * option is told on standard error and is %SLIP_CLI_USAGE.
 *
 * Returns: whether to go on
 */
gboolean slip_cli_parse (const GOptionEntry *entries,
                         const char *usage,
                         const char *summary,
                         int *argc,
                         char ***argv,
                         int *status);

/**
 * slip_cli_usage_error:
 *
 * Prints `slipwayctl: MESSAGE` on standard error.
 *
 * Returns: %SLIP_CLI_USAGE
 */
int slip_cli_usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/**
 * slip_cli_fail:
 * @error: (transfer full): why
 *
 * Prints the error, with secrets redacted, on standard error and frees it.
 *
 * Returns: %SLIP_CLI_FAILED
 */
int slip_cli_fail (GError *error);

/**
 * slip_cli_mfa_callback:
 *
 * Returns: (nullable): asks for one-time codes at the terminal; %NULL where there is none, so that a
 *   needed code is an error there and never a hang
 */
SlipAwsMfaFunc slip_cli_mfa_callback (void);

/**
 * slip_cli_load_workspace:
 *
 * Its environments ask for one-time codes at the terminal, where there is one.
 *
 * Returns: (transfer full) (nullable): the workspace; %NULL when it cannot be read, which has been
 *   told on standard error
 */
SlipWorkspace *slip_cli_load_workspace (SlipCli *cli);

/**
 * slip_cli_no_environment:
 *
 * Tells that @workspace has no environment @name, and which it has.
 *
 * Returns: %SLIP_CLI_USAGE
 */
int slip_cli_no_environment (SlipWorkspace *workspace, const char *name);

/**
 * slip_cli_ledger_path:
 *
 * Returns: (transfer full) (nullable): `ledger.db` in the state folder, which is made when it is not
 *   there; %NULL with @error when it cannot be made
 */
char *slip_cli_ledger_path (SlipCli *cli, GError **error);

/**
 * slip_cli_open_ledger_to_read:
 * @cli: options before the subcommand
 * @error: return location
 *
 * Opens the audit log for a command that only looks: where it cannot be written (a disk mounted
 * read-only, a copy of evidence), for reading only.
 *
 * Returns: (transfer full): the ledger, or %NULL with the error of slip_ledger_open()
 */
SlipLedger *slip_cli_open_ledger_to_read (SlipCli *cli, GError **error);

/**
 * slip_cli_tell_open_calls:
 * @ledger: the audit log
 *
 * Tells on standard error of changes that belong to no run and whose outcome is not known.
 */
void slip_cli_tell_open_calls (SlipLedger *ledger);

/**
 * slip_cli_fail_to_print:
 * @what: what could not be written
 *
 * To be called with `errno` as the write left it. Whoever reads standard output may go away when they
 * have seen enough, as `head` does; that is told to nobody.
 *
 * Returns: %SLIP_CLI_FAILED, or what a shell makes of a broken pipe
 */
int slip_cli_fail_to_print (const char *what);

/**
 * slip_cli_find_run:
 * @ledger: a ledger
 * @name: a run's id, the beginning of one, or `last`
 * @status: (out): the exit status when there is none
 *
 * Returns: (transfer full) (nullable): the id; %NULL when there is no such run or more than one, which
 *   has been told on standard error
 */
char *slip_cli_find_run (SlipLedger *ledger, const char *name, int *status);

G_END_DECLS
