/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * slip_estate_files_write:
 * @world: a seeded world, outside a transaction
 * @endpoint: where the server listens
 * @renew: whether to start new sessions even where the old ones still last
 * @error: return location
 *
 * Writes into the state folder what points clients here: `aws/config` and `aws/credentials` (0600)
 * with one profile per environment of the scenario and one per user with keys, and `workspace.json`.
 * The same for a colleague, with sessions of another name, stands below `second/`.
 * Sessions that have run out, or soon will, are replaced.
 *
 * Returns: whether all files are written
 */
gboolean
slip_estate_files_write (SlipWorld *world, const char *endpoint, gboolean renew, GError **error);

G_END_DECLS
