/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipRunLock:
 *
 * A lock between processes on a name: a run, or something in AWS that a run acts on. The kernel
 * lets go of it when the process ends, however that happens.
 */
typedef struct _SlipRunLock SlipRunLock;

/**
 * slip_run_lock_take:
 * @folder: where lock files are kept; created when absent
 * @name: what is locked; any text
 * @holder: who locks it, for the message another process shows
 * @error: return location
 *
 * Takes the lock, or fails at once. Any thread.
 *
 * Returns: (transfer full): the lock, or %NULL with %SLIP_RUN_ERROR_BUSY, which names the holder, or
 *   %SLIP_BASE_ERROR_IO
 */
SlipRunLock *
slip_run_lock_take (const char *folder, const char *name, const char *holder, GError **error);

/**
 * slip_run_lock_take_once:
 *
 * As slip_run_lock_take(), of a name that is used for one thing only: its file goes with the lock.
 */
SlipRunLock *
slip_run_lock_take_once (const char *folder, const char *name, const char *holder, GError **error);
void slip_run_lock_free (SlipRunLock *lock);

/**
 * slip_run_lock_is_held:
 * @folder: where lock files are kept
 * @name: what may be locked
 *
 * Returns: whether some process, maybe this one, holds the lock just now
 */
gboolean slip_run_lock_is_held (const char *folder, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunLock, slip_run_lock_free)

G_END_DECLS
