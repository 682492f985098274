/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-handoff.h"

G_BEGIN_DECLS

/* GLib's locks, with what a thread hands to the next one made known to the thread sanitizer: see
 * slip-handoff.h. */

static inline void
slip_ledger_lock (GMutex *mutex)
{
  g_mutex_lock (mutex);
  SLIP_HANDOFF_TAKE (mutex);
}

static inline void
slip_ledger_unlock (GMutex *mutex)
{
  SLIP_HANDOFF_GIVE (mutex);
  g_mutex_unlock (mutex);
}

static inline gboolean
slip_ledger_wait_until (GCond *cond, GMutex *mutex, gint64 end)
{
  gboolean signalled;

  SLIP_HANDOFF_GIVE (mutex);
  signalled = g_cond_wait_until (cond, mutex, end);
  SLIP_HANDOFF_TAKE (mutex);
  return signalled;
}

G_END_DECLS
