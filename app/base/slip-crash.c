/* SPDX-License-Identifier: MIT */
/* Crash points: how the tests keep the promise that the plug can be pulled at any instant. They are
 * compiled in always, so that what is tested is what is shipped, and do nothing unless the
 * environment asks. Called by the runner around every append to the ledger and behind every answer, and by the
 * transport when a change has been sent and no answer read. */

#include "slip-crash.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

typedef struct
{
  gint64 number;    /* of the place, or of the visits to the one called @name; 0 for none */
  const char *name; /* NULL when places are only counted */
  const char *count_file;
} Wish;

static const Wish *
read_wish (void)
{
  static Wish wish;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      const char *value = g_getenv ("SLIPWAY_CRASH_AT");
      char *end = NULL;

      wish.number = value != NULL ? g_ascii_strtoll (value, &end, 10) : 0;
      wish.name = end != NULL && *end == ':' ? end + 1 : NULL;
      wish.count_file = g_getenv ("SLIPWAY_CRASH_COUNT");
      g_once_init_leave (&once, 1);
    }
  return &wish;
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
  static int visited;
  const Wish *wish = read_wish ();
  int number;

  g_return_if_fail (name != NULL);

  if (wish->number == 0 && wish->count_file == NULL)
    return;
  number = g_atomic_int_add (&reached, 1) + 1;
  if (wish->count_file != NULL)
    count_point (wish->count_file, number, name);
  if (wish->name != NULL && !g_str_equal (wish->name, name))
    return;
  if (wish->name != NULL)
    number = g_atomic_int_add (&visited, 1) + 1;
  if (number == wish->number)
    kill (getpid (), SIGKILL);
}
