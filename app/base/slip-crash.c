/* SPDX-License-Identifier: MIT */
/* Crash points: how the tests keep the promise that the plug can be pulled at any instant. They are
 * compiled in always, so that what is tested is what is shipped, and do nothing unless the
 * environment asks. Called by the runner around every append to the ledger and behind every answer, and by the
 * transport when a change has been sent and no answer read. */

#include "slip-crash.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static gint64
crash_at (void)
{
  const char *value = g_getenv ("SLIPWAY_CRASH_AT");

  return value != NULL ? g_ascii_strtoll (value, NULL, 10) : 0;
}

static void
count_point (const char *file, int number, const char *name)
{
  g_autofree char *line = g_strdup_printf ("%d %s\n", number, name);
  int fd = open (file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  if (fd < 0)
    return;
  /* A lost line shows in the test as a missing number. */
  if (write (fd, line, strlen (line)) < 0)
    g_debug ("cannot count crash points in %s", file);
  close (fd);
}

void
slip_crash_point (const char *name)
{
  static int reached;
  static gsize once;
  static gint64 at;
  static const char *count_file;
  int number;

  g_return_if_fail (name != NULL);

  if (g_once_init_enter (&once))
    {
      at = crash_at ();
      count_file = g_getenv ("SLIPWAY_CRASH_COUNT");
      g_once_init_leave (&once, 1);
    }
  if (at == 0 && count_file == NULL)
    return;
  number = g_atomic_int_add (&reached, 1) + 1;
  if (count_file != NULL)
    count_point (count_file, number, name);
  if (number == at)
    kill (getpid (), SIGKILL);
}
