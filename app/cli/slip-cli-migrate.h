/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-cli.h"
#include "slip-migration-log.h"
#include "slip-migration-run.h"
#include "slip-migration.h"

G_BEGIN_DECLS

/* One file for each subcommand of `slipwayctl migrate`; its name is the first word. */
int slip_cli_migrate_api_test (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_case (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_check (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_compare (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_generate (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_load (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_load_s3 (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_needs (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_report (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_run (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_sql (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_stage (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_state_machine (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_status (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_trace (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_undo (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_validate (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_versions (SlipCli *cli, int argc, char **argv);
int slip_cli_migrate_waterfall (SlipCli *cli, int argc, char **argv);

/* Reads a migration for work that needs only some of it: faults of the sidecar that are at one of @parts (JSON pointers)
 * are told and are %SLIP_CLI_USAGE, what is wrong elsewhere is for the check. */
SlipMigration *slip_cli_migrate_read (const char *folder,
                                      const char *sidecar,
                                      const char *const *parts,
                                      int *status);

/* What --lock-wait takes, and FALSE with @status when it is none. */
#define SLIP_CLI_LOCK_WAIT_TEXT                                                                    \
  N_ ("How long to wait for a lock that another session holds (default 60; 0: without end)")
gboolean slip_cli_migrate_take_lock_wait (gint seconds, guint *lock_wait, int *status);

/* Of progress, a wait for others that began just now: a line of its own. */
void slip_cli_migrate_tell_wait (const char *where, guint64 seconds);

/* Takes a connection that is not given from the environment variable @variable: a conninfo, or the JSON of a secret as RDS
 * keeps it. FALSE with @status when it is neither. */
gboolean slip_cli_migrate_find_conninfo (char **conninfo, const char *variable, int *status);

/* What is told of a person's data: in a task of a state machine (`SLIPWAY_TASK_TOKEN`) each value is “…”, since others keep
 * what it prints, and elsewhere nothing changes. %NULL stays. */
char *slip_cli_migrate_dup_printed (const char *message);
GError *slip_cli_migrate_take_printed (GError *error);

/* Stages as JSON and as a table, one a line. */
JsonArray *slip_cli_migrate_stages_to_json (GPtrArray *stages);
void slip_cli_migrate_print_stages (GPtrArray *stages);

/* A line that tells what the target has of a run, by the word of slip_migration_run_status_get_target(); NULL where there is
 * nothing to say. */
char *slip_cli_migrate_dup_target_note (gint64 run, const char *target);

typedef struct _SlipCliHeartbeat SlipCliHeartbeat;

/* In a task that a state machine waits for (`SLIPWAY_TASK_TOKEN`): sends heartbeats from a thread of its own, and cancels
 * @cancellable when nobody waits any more. NULL elsewhere. */
SlipCliHeartbeat *slip_cli_heartbeat_begin (GCancellable *cancellable);
void slip_cli_heartbeat_end (SlipCliHeartbeat *beat);

typedef void (*SlipCliWork) (GCancellable *cancellable, gpointer data);

/* Does @work on a thread, and returns when it is done. SIGINT and SIGTERM cancel it. At a terminal @tell, if there is
 * one, is called twice a second to write a line of progress, which is wiped at the end. */
void slip_cli_migrate_work (SlipCliWork work, GSourceFunc tell, gpointer data);

/* slip_migration_log_check() with the environment that the workspace names for that target; where it names none, nothing is
 * refused. */
gboolean slip_cli_migrate_check_unfinished (SlipCli *cli, const char *target_db, GError **error);

/* slip_migration_log_begin() in the ledger of the command line. */
gboolean slip_cli_migrate_log_begin (SlipMigrationLog *log,
                                     SlipCli *cli,
                                     const char *operation,
                                     JsonObject *request,
                                     GError **error);

G_END_DECLS
