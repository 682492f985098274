/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_crash_point:
 * @name: where this is, for the count file
 *
 * A place where a test may pull the plug. With `SLIPWAY_CRASH_AT=N` the process sends itself SIGKILL
 * at the N-th place it comes to, with `SLIPWAY_CRASH_AT=K:NAME` when it comes to the place of that
 * name for the K-th time; with `SLIPWAY_CRASH_COUNT=FILE` it writes one line per place into FILE, so
 * that a test knows which there are. Without either it does nothing. Any thread.
 */
void slip_crash_point (const char *name);

G_END_DECLS
