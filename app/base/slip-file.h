/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * slip_file_read:
 * @path: a file
 * @max_bytes: the most it may hold
 * @error: return location
 *
 * Returns: (transfer full): its bytes, or %NULL with %SLIP_BASE_ERROR_IO (or
 *   %G_FILE_ERROR_NOENT when there is none) or %SLIP_BASE_ERROR_TOO_LARGE
 */
GBytes *slip_file_read (const char *path, gsize max_bytes, GError **error);

/**
 * slip_file_write_atomic:
 * @path: a file; its folder must exist
 * @data: bytes
 * @length: how many, or -1 when @data ends with a NUL
 * @mode: permissions, such as 0600
 * @error: return location
 *
 * Writes beside, syncs, renames over @path and syncs the folder: a reader sees the old bytes or the
 * new ones, also after a power cut. Sweeps the folder first, see slip_file_sweep().
 *
 * Returns: whether it did; with %FALSE @path is as it was
 */
gboolean slip_file_write_atomic (
    const char *path, const char *data, gssize length, int mode, GError **error);

/**
 * slip_file_temporary:
 * @path: a file
 *
 * A name beside @path for what becomes it when it is whole: `PATH.slipway-NAMESPACE-PID-XXXXXX`, a
 * template of mkstemp(). It tells whose it is, so that slip_file_sweep() knows what nobody finishes.
 *
 * Returns: (transfer full): the template
 */
char *slip_file_temporary (const char *path);

/**
 * slip_file_sweep:
 * @folder: a folder
 *
 * Removes files in @folder with names of slip_file_temporary() whose process is gone: it was killed
 * before it could. What cannot be removed stays, and is told as a debug message. Any thread.
 */
void slip_file_sweep (const char *folder);

/**
 * slip_file_sync_folder:
 * @path: a folder
 * @error: return location
 *
 * Makes renames and new names in @path durable.
 */
gboolean slip_file_sync_folder (const char *path, GError **error);

G_END_DECLS
