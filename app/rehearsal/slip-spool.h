/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipSpool:
 *
 * Bytes on their way through the server that may be more than memory shall hold: a file without a
 * name, which is gone when nobody looks at it any more, whatever ends the process.
 */
typedef struct _SlipSpool SlipSpool;

/**
 * slip_spool_new:
 * @folder: where the file is made; it has no name there
 * @error: return location
 *
 * Returns: (transfer full) (nullable): an empty spool, or %NULL with a %G_FILE_ERROR
 */
SlipSpool *slip_spool_new (const char *folder, GError **error);
void slip_spool_free (SlipSpool *spool);

/**
 * slip_spool_write:
 * @data: bytes
 * @length: how many
 *
 * Adds bytes. When the disk is full, the error waits for slip_spool_map().
 */
void slip_spool_write (SlipSpool *spool, gconstpointer data, gsize length);

/**
 * slip_spool_get_length:
 *
 * Returns: bytes written so far
 */
guint64 slip_spool_get_length (SlipSpool *spool);

/**
 * slip_spool_map:
 * @error: return location
 *
 * Returns: (transfer full) (nullable): what was written, as a map of the file that outlives the spool;
 *   %NULL with a %G_FILE_ERROR when a write had failed
 */
GBytes *slip_spool_map (SlipSpool *spool, GError **error);

/**
 * slip_spool_map_file:
 * @path: a file that is not changed in place
 * @error: return location
 *
 * Returns: (transfer full) (nullable): its content as a map, or %NULL with a %G_FILE_ERROR
 */
GBytes *slip_spool_map_file (const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipSpool, slip_spool_free)

G_END_DECLS
