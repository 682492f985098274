/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * slip_rds_cluster_break:
 * @world: a world in a transaction
 * @wish: `cluster`, `region`, `state`, and `account` where two have such a cluster
 * @error: return location
 *
 * Puts a cluster that is available, and its instances, into a state that AWS does not lead it out of by
 * itself, and stops its database.
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR when there is no such cluster, or no such state
 */
gboolean slip_rds_cluster_break (SlipWorld *world, JsonObject *wish, GError **error);

G_END_DECLS
