/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipClock:
 *
 * Where time comes from, so that a test can turn it. Thread-safe, reference counted.
 */
typedef struct _SlipClock SlipClock;

/**
 * slip_clock_get_system:
 *
 * Returns: (transfer none): the machine's own clock
 */
SlipClock *slip_clock_get_system (void);

/**
 * slip_clock_new_manual:
 * @start_us: the time it shows, in microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: (transfer full): a clock that moves only by slip_clock_advance(). Sleeping on it moves it
 *   at once by the time asked for and returns.
 */
SlipClock *slip_clock_new_manual (gint64 start_us);

/**
 * slip_clock_new_scaled:
 * @speed: how many seconds of asked sleep pass in one second; 1 or more
 *
 * Returns: (transfer full): the machine's own time, but with sleeps shortened @speed times. For
 *   rehearsal estates, whose states change that much faster too.
 */
SlipClock *slip_clock_new_scaled (double speed);

SlipClock *slip_clock_ref (SlipClock *clock);
void slip_clock_unref (SlipClock *clock);

/**
 * slip_clock_advance:
 * @clock: a manual clock
 * @delta_us: microseconds; negative steps the wall clock back and leaves the monotonic one
 */
void slip_clock_advance (SlipClock *clock, gint64 delta_us);

/**
 * slip_clock_now:
 * @clock: a clock
 *
 * Returns: microseconds since 1970-01-01T00:00:00Z
 */
gint64 slip_clock_now (SlipClock *clock);

/**
 * slip_clock_monotonic:
 * @clock: a clock
 *
 * Returns: microseconds since some moment; never steps back
 */
gint64 slip_clock_monotonic (SlipClock *clock);

/**
 * slip_clock_get_speed:
 * @clock: a clock
 *
 * Returns: how much faster than real time sleeps pass, 1 for the system's clock
 */
double slip_clock_get_speed (SlipClock *clock);

/**
 * slip_clock_sleep:
 * @clock: a clock
 * @duration_us: microseconds
 * @cancellable: (nullable): ends the sleep
 * @error: return location
 *
 * Returns: %FALSE with %G_IO_ERROR_CANCELLED when cancelled before the end
 */
gboolean
slip_clock_sleep (SlipClock *clock, gint64 duration_us, GCancellable *cancellable, GError **error);

/**
 * slip_time_format:
 * @time_us: microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: (transfer full): `2026-11-21T06:30:00Z`, with milliseconds when they are not 0
 */
char *slip_time_format (gint64 time_us);

/**
 * slip_duration_format:
 * @seconds: a length of time, in seconds
 *
 * Returns: (transfer full): the length for people, in its two largest units: `45 s`, `12 min`,
 *   `3 h 20 min`, `8 d 4 h`
 */
char *slip_duration_format (double seconds);

/**
 * slip_time_parse:
 * @text: an ISO 8601 time with zone, such as `2026-11-21T06:30:00.123Z` or `…+00:00`
 * @time_us: (out): microseconds since 1970-01-01T00:00:00Z
 *
 * Returns: whether @text is such a time
 */
gboolean slip_time_parse (const char *text, gint64 *time_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipClock, slip_clock_unref)

G_END_DECLS
