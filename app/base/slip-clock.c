/* SPDX-License-Identifier: MIT */
/* Time for everything that waits: the machine's, a rehearsal's (same time, shorter sleeps), or one
 * that a test turns by hand. Nobody else in app/ sleeps or reads the time of day for a decision. */

#include "slip-clock.h"

#include <glib/gi18n.h>
#include <math.h>

typedef enum
{
  CLOCK_SYSTEM,
  CLOCK_SCALED,
  CLOCK_MANUAL,
} ClockKind;

struct _SlipClock
{
  gatomicrefcount ref_count;
  ClockKind kind;
  double speed;
  GMutex mutex;
  gint64 now;       /* manual: microseconds, under mutex */
  gint64 monotonic; /* manual: microseconds, under mutex */
};

static SlipClock *
clock_new (ClockKind kind)
{
  SlipClock *clock = g_new0 (SlipClock, 1);

  g_atomic_ref_count_init (&clock->ref_count);
  g_mutex_init (&clock->mutex);
  clock->kind = kind;
  clock->speed = 1;
  return clock;
}

SlipClock *
slip_clock_get_system (void)
{
  static SlipClock *clock;

  if (g_once_init_enter (&clock))
    g_once_init_leave (&clock, clock_new (CLOCK_SYSTEM));
  return clock;
}

SlipClock *
slip_clock_new_manual (gint64 start_us)
{
  SlipClock *clock = clock_new (CLOCK_MANUAL);

  clock->now = start_us;
  return clock;
}

SlipClock *
slip_clock_new_scaled (double speed)
{
  SlipClock *clock;

  g_return_val_if_fail (speed >= 1, NULL);

  clock = clock_new (CLOCK_SCALED);
  clock->speed = speed;
  return clock;
}

SlipClock *
slip_clock_ref (SlipClock *clock)
{
  g_return_val_if_fail (clock != NULL, NULL);

  g_atomic_ref_count_inc (&clock->ref_count);
  return clock;
}

void
slip_clock_unref (SlipClock *clock)
{
  g_return_if_fail (clock != NULL);

  if (!g_atomic_ref_count_dec (&clock->ref_count))
    return;
  g_mutex_clear (&clock->mutex);
  g_free (clock);
}

void
slip_clock_advance (SlipClock *clock, gint64 delta_us)
{
  g_return_if_fail (clock != NULL && clock->kind == CLOCK_MANUAL);

  g_mutex_lock (&clock->mutex);
  clock->now += delta_us;
  if (delta_us > 0)
    clock->monotonic += delta_us;
  g_mutex_unlock (&clock->mutex);
}

gint64
slip_clock_now (SlipClock *clock)
{
  gint64 now;

  g_return_val_if_fail (clock != NULL, 0);

  if (clock->kind != CLOCK_MANUAL)
    return g_get_real_time ();
  g_mutex_lock (&clock->mutex);
  now = clock->now;
  g_mutex_unlock (&clock->mutex);
  return now;
}

gint64
slip_clock_monotonic (SlipClock *clock)
{
  gint64 monotonic;

  g_return_val_if_fail (clock != NULL, 0);

  if (clock->kind != CLOCK_MANUAL)
    return g_get_monotonic_time ();
  g_mutex_lock (&clock->mutex);
  monotonic = clock->monotonic;
  g_mutex_unlock (&clock->mutex);
  return monotonic;
}

double
slip_clock_get_speed (SlipClock *clock)
{
  g_return_val_if_fail (clock != NULL, 1);

  return clock->speed;
}

static gboolean
sleep_really (gint64 duration_us, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + duration_us;
  GPollFD fd;

  if (cancellable == NULL || !g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_usleep ((gulong)duration_us);
      return TRUE;
    }

  while (!g_cancellable_is_cancelled (cancellable))
    {
      gint64 left = deadline - g_get_monotonic_time ();

      if (left <= 0)
        break;
      fd.revents = 0;
      g_poll (&fd, 1, (int)MIN ((left + 999) / 1000, G_MAXINT / 2));
    }
  g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
slip_clock_sleep (SlipClock *clock, gint64 duration_us, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (clock != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (duration_us <= 0)
    return TRUE;
  if (clock->kind == CLOCK_MANUAL)
    {
      slip_clock_advance (clock, duration_us);
      return TRUE;
    }
  return sleep_really ((gint64)(duration_us / clock->speed), cancellable, error);
}

char *
slip_time_format (gint64 time_us)
{
  gint64 seconds = time_us / G_USEC_PER_SEC;
  gint64 rest = time_us % G_USEC_PER_SEC;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *stem = NULL;

  if (rest < 0)
    {
      rest += G_USEC_PER_SEC;
      seconds--;
    }
  time = g_date_time_new_from_unix_utc (seconds);
  if (time == NULL)
    return g_strdup ("(time out of range)");
  stem = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  if (rest / 1000 == 0)
    return g_strconcat (stem, "Z", NULL);
  return g_strdup_printf ("%s.%03dZ", stem, (int)(rest / 1000));
}

char *
slip_duration_format (double seconds)
{
  gint64 s = (gint64)llround (MAX (seconds, 0));

  if (seconds > 0 && s == 0)
    return g_strdup (_ ("<1 s"));
  if (s < 60)
    return g_strdup_printf (_ ("%d s"), (int)s);
  /* What rounds to an hour is told as one. */
  if (s + 30 < 3600)
    return g_strdup_printf (_ ("%d min"), (int)((s + 30) / 60));
  s = MAX (s, 3600);
  if (s < 24 * 3600)
    return s % 3600 < 60
               ? g_strdup_printf (_ ("%d h"), (int)(s / 3600))
               : g_strdup_printf (_ ("%d h %d min"), (int)(s / 3600), (int)(s % 3600 / 60));
  return s % 86400 < 3600
             ? g_strdup_printf (_ ("%d d"), (int)(s / 86400))
             : g_strdup_printf (_ ("%d d %d h"), (int)(s / 86400), (int)(s % 86400 / 3600));
}

gboolean
slip_time_parse (const char *text, gint64 *time_us)
{
  g_autoptr (GDateTime) time = NULL;

  g_return_val_if_fail (time_us != NULL, FALSE);

  if (text == NULL)
    return FALSE;
  time = g_date_time_new_from_iso8601 (text, NULL);
  if (time == NULL)
    return FALSE;
  *time_us = g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
  return TRUE;
}
