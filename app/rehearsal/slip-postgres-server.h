/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-postgres-tools.h"

G_BEGIN_DECLS

/**
 * SlipPostgresServer:
 *
 * One running PostgreSQL and its data folder `clusters/KEY`. Thread-safe.
 */
typedef struct _SlipPostgresServer SlipPostgresServer;

/**
 * slip_postgres_server_new:
 * @tools: how programs are run; must outlive the server
 * @key: names the data folder
 *
 * Returns: (transfer full): a server that is not started yet
 */
SlipPostgresServer *slip_postgres_server_new (SlipPostgresTools *tools, const char *key);
SlipPostgresServer *slip_postgres_server_ref (SlipPostgresServer *self);
void slip_postgres_server_unref (SlipPostgresServer *self);

/**
 * slip_postgres_server_exists:
 *
 * Returns: whether there is a data folder
 */
gboolean slip_postgres_server_exists (SlipPostgresServer *self);

/**
 * slip_postgres_server_start:
 * @self: a server with a data folder
 * @port: the port wanted, or 0; the last one when it is 0 and free
 * @primary_address: (nullable): for a standby, the address of its primary
 * @primary_port: for a standby, where its primary listens; otherwise 0
 * @error: return location
 *
 * Starts the server on a loopback address on which the port is free, 127.0.0.1 before others, and waits until it takes connections. One that a killed rehearsal
 * server left running on the same folder is stopped first. No effect when it runs. Worker threads.
 *
 * Returns: whether it runs; otherwise %SLIP_POSTGRES_ERROR_FAILED with the end of its log
 */
gboolean slip_postgres_server_start (SlipPostgresServer *self,
                                     guint port,
                                     const char *primary_address,
                                     guint primary_port,
                                     GError **error);

/**
 * slip_postgres_server_stop:
 *
 * Ends sessions and shuts the server down; waits for it. No effect when it does not run.
 */
void slip_postgres_server_stop (SlipPostgresServer *self);
gboolean slip_postgres_server_is_running (SlipPostgresServer *self);

/**
 * slip_postgres_server_get_port:
 *
 * Returns: the port it listens on, or would like to; 0 when it was never started
 */
guint slip_postgres_server_get_port (SlipPostgresServer *self);

/**
 * slip_postgres_server_dup_address:
 *
 * Returns: (transfer full): the loopback address it listens on
 */
char *slip_postgres_server_dup_address (SlipPostgresServer *self);

/**
 * slip_postgres_server_dup_folder:
 *
 * Returns: (transfer full): the data folder's path below the tools' folder
 */
char *slip_postgres_server_dup_folder (SlipPostgresServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPostgresServer, slip_postgres_server_unref)

G_END_DECLS
