/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipSourceFile:
 *
 * The bytes of a source file, read once from front to end, with the SHA-256 of all of them. One thread.
 */
typedef struct _SlipSource SlipSourceFile;

/**
 * slip_source_file_open:
 * @path: a file
 * @error: return location
 *
 * Returns: (transfer full): the file at its first byte, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND or
 *   %SLIP_MIGRATION_ERROR_IO
 */
SlipSourceFile *slip_source_file_open (const char *path, GError **error);

/**
 * slip_source_file_new_for_bytes:
 * @name: what the bytes are called in messages
 * @data: bytes, which must outlive the source
 * @length: how many
 *
 * Returns: (transfer full): a source that is no file
 */
SlipSourceFile *slip_source_file_new_for_bytes (const char *name, const void *data, gsize length);
void slip_source_file_free (SlipSourceFile *self);

const char *slip_source_file_get_name (SlipSourceFile *self);

/**
 * slip_source_file_get_size:
 *
 * Returns: bytes, as of when it was opened
 */
guint64 slip_source_file_get_size (SlipSourceFile *self);

/**
 * slip_source_file_get_position:
 *
 * Returns: how many bytes were read so far
 */
guint64 slip_source_file_get_position (SlipSourceFile *self);

/**
 * slip_source_file_read:
 * @buffer: where to
 * @length: the most to read
 * @error: return location
 *
 * Returns: how many bytes came, 0 at the end; -1 with %SLIP_MIGRATION_ERROR_IO
 */
gssize slip_source_file_read (SlipSourceFile *self, void *buffer, gsize length, GError **error);

/**
 * slip_source_file_finish:
 * @self: a source that was read to its end
 * @sha256: (out) (transfer full): the digest of its bytes, 64 hexadecimal digits
 * @error: return location
 *
 * Looks whether the file is still what it was when it was opened: its size, its time, and as many bytes as
 * its size said.
 *
 * Returns: whether it is; otherwise %SLIP_MIGRATION_ERROR_CHANGED
 */
gboolean slip_source_file_finish (SlipSourceFile *self, char **sha256, GError **error);

/**
 * slip_source_file_digest:
 * @path: a file
 * @cancellable: (nullable): ends it
 * @bytes: (out) (optional): its size
 * @error: return location
 *
 * Returns: (transfer full): the SHA-256 of its bytes, or %NULL
 */
char *slip_source_file_digest (const char *path,
                               GCancellable *cancellable,
                               guint64 *bytes,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipSourceFile, slip_source_file_free)

G_END_DECLS
