/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * slip_service_file_keep:
 * @world: a seeded world, outside a transaction
 * @error: return location
 *
 * Writes `pg_service.conf` (0600) into the state folder, libpq's connection service file: a section for each cluster
 * with rows whose password is in a secret `rds-NAME` beside it, called as the cluster. Kept up to date while the server
 * runs, as a name service is: a cluster that is restored under a name is found by the name.
 *
 * Returns: whether the file is written
 */
gboolean slip_service_file_keep (SlipWorld *world, GError **error);

G_END_DECLS
