/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-clock.h"

G_BEGIN_DECLS

/**
 * SlipPatience:
 * @clock: time in the environment
 * @limit: for how long a storm is outlasted, real seconds
 * @begun: when the storm began, monotonic microseconds; 0 while there is none
 * @pauses: how many pauses this read made in it
 *
 * For how long a read that AWS throttles is tried again after the client's own tries are used up. Each read
 * has its own. Belongs to one thread.
 */
typedef struct
{
  SlipClock *clock;
  double limit;
  gint64 begun;
  guint pauses;
} SlipPatience;

/**
 * slip_patience_next:
 * @self: patience
 * @failure: why a read failed
 * @text: (out) (transfer full): what to tell people, set unless 0 is returned
 *
 * Returns: how long to pause before the read is tried again, in seconds of the environment's time, as
 *   slip_clock_sleep() takes it: growing, jittered; 0 when @failure is no throttle, or patience is at
 *   its end
 */
double slip_patience_next (SlipPatience *self, const GError *failure, char **text);

/**
 * slip_patience_prefix_error:
 * @self: patience
 * @error: (inout): why the last try failed
 *
 * Says in @error how long it was tried, when that was done at all.
 */
void slip_patience_prefix_error (SlipPatience *self, GError **error);

/**
 * SlipPatientPause:
 * @data: as given
 * @seconds: how long to sleep, in the environment's time
 * @text: what to tell people
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Tells, and sleeps. Called on the thread of the call that pauses, on several at once when calls are.
 *
 * Returns: %FALSE to give up, with @error
 */
typedef gboolean (*SlipPatientPause) (
    gpointer data, double seconds, const char *text, GCancellable *cancellable, GError **error);

/**
 * slip_caller_new_patient:
 * @caller: a caller
 * @clock: time in the environment
 * @limit: for how long a storm is outlasted, real seconds
 * @pause: tells and sleeps
 * @data: for @pause; outlives the caller
 *
 * A caller that outlasts throttling. A storm is that of all its calls: it begins with the first that is
 * refused, ends with one that is answered, and when it has lasted for @limit none is tried again. Calls on
 * several threads pause side by side.
 *
 * Returns: (transfer full): a caller
 */
SlipCaller *slip_caller_new_patient (
    SlipCaller *caller, SlipClock *clock, double limit, SlipPatientPause pause, gpointer data);

G_END_DECLS
