/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * migration_server_start:
 *
 * Starts one PostgreSQL for this program, on loopback, as an unprivileged user, without fsync. Where it is not
 * installed, or cannot run, migration_server_skip() says so.
 */
void migration_server_start (void);

/**
 * migration_server_stop:
 *
 * Stops it and removes its folder.
 */
void migration_server_stop (void);

/**
 * migration_server_skip:
 *
 * Returns: whether there is no server; the running test is then marked as skipped, with the reason
 */
gboolean migration_server_skip (void);

/**
 * migration_server_new_database:
 *
 * Returns: (transfer full): the conninfo of an empty database, owned by the role that logs in
 */
char *migration_server_new_database (void);

/**
 * migration_server_halt:
 *
 * Stops the server as a pulled plug would for its clients; migration_server_resume() brings it back.
 */
void migration_server_halt (void);
void migration_server_resume (void);

/**
 * migration_open:
 *
 * Returns: (transfer full): a connection; the test ends when there is none
 */
SlipPg *migration_open (const char *conninfo);

/**
 * migration_run:
 *
 * Runs statements; the test ends when one is refused.
 */
void migration_run (SlipPg *pg, const char *sql);

/**
 * migration_value:
 *
 * Returns: (transfer full) (nullable): the first field of the first row
 */
char *migration_value (SlipPg *pg, const char *sql);

/**
 * migration_rows:
 *
 * Returns: (transfer full): all rows, fields separated by "|", rows by "\n", null as "∅"
 */
char *migration_rows (SlipPg *pg, const char *sql);

G_END_DECLS
