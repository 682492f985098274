/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * slip_world_seal_register:
 * @database: the world's file
 *
 * Gives SQL the function `row_seal (…)`, of all columns of a row but its seal. Who writes a row of a table
 * that has the column `seal` writes that too.
 *
 * Returns: whether SQLite took it
 */
gboolean slip_world_seal_register (sqlite3 *database);

/**
 * slip_world_seal_check:
 * @database: the world's file
 * @error: return location
 *
 * Looks at every row once, before anything is read. Writes nothing. What services read afterwards is
 * what they wrote, so that none of them has to expect half of it.
 *
 * Returns: %FALSE with %SLIP_REHEARSAL_ERROR_STATE that names the first row which is not as it was written
 */
gboolean slip_world_seal_check (sqlite3 *database, GError **error);

G_END_DECLS
