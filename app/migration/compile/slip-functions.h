/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * slip_functions_get_sha256:
 *
 * Which version of the functions this program has: SHA-256 over all files of `data/migration/functions`.
 * Any thread.
 *
 * Returns: (transfer none): 64 hexadecimal digits
 */
const char *slip_functions_get_sha256 (void);

/**
 * slip_functions_dup_sql:
 *
 * Returns: (transfer full): all files of `data/migration/functions` as one text, in the order of their names
 */
char *slip_functions_dup_sql (void);

/**
 * slip_functions_install:
 * @pg: a connection to the migration database, in no transaction
 * @error: return location
 *
 * Makes schema `slipway` what this program needs: its tables of runs and measures, and the functions that
 * compiled SQL calls. Nothing is dropped. Where this version is installed it only looks; two programs at
 * once wait for each other. Blocks; worker threads only.
 *
 * Returns: whether it is installed now; otherwise %SLIP_MIGRATION_ERROR_DATABASE or
 *   %SLIP_MIGRATION_ERROR_CONNECTION, and nothing has changed
 */
gboolean slip_functions_install (SlipPg *pg, GError **error);

/**
 * slip_functions_get_resource:
 *
 * Returns: (transfer none): what is built in of `data/migration`, below `/org/slipway/migration`
 */
GResource *slip_functions_get_resource (void);

G_END_DECLS
