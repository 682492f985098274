/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-faults.h"
#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipServer:
 *
 * The HTTP side of the rehearsal: listens on a loopback address, proves and routes requests, runs
 * them in the world and answers. Main thread.
 */
typedef struct _SlipServer SlipServer;

/**
 * slip_server_new:
 * @world: (transfer none): a world; must outlive the server
 * @faults: (transfer none): the faults; must outlive the server
 */
SlipServer *slip_server_new (SlipWorld *world, SlipFaults *faults);
void slip_server_free (SlipServer *server);

/**
 * slip_server_listen:
 * @address: `127.0.0.1`, `::1`, `localhost` or another loopback address
 * @port: a port, or 0 to pick one
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_REHEARSAL_ERROR_ADDRESS when @address is not loopback, or the error of
 *   the socket
 */
gboolean slip_server_listen (SlipServer *server, const char *address, guint port, GError **error);

/**
 * slip_server_get_endpoint:
 *
 * Returns: (transfer none) (nullable): `http://127.0.0.1:PORT` once it listens
 */
const char *slip_server_get_endpoint (SlipServer *server);
SlipWorld *slip_server_get_world (SlipServer *server);
SlipFaults *slip_server_get_faults (SlipServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipServer, slip_server_free)

G_END_DECLS
