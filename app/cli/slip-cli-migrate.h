/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-cli.h"

G_BEGIN_DECLS

/* One file for each subcommand of `slipwayctl migrate`; its name is the first word. */
int slip_cli_migrate_check (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_compare (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_generate (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_load (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_run (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_sql (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_stage (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_status (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_undo (SlipCli *cli, int argc, char **argv);

G_END_DECLS
