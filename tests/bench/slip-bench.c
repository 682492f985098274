/* SPDX-License-Identifier: MIT */

/* What measurements share: a clock that knows what the machine's other users cost, the figures of a
 * series, and the verdict. */

#include "config.h"

#include "slip-bench.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double factor = 1;
static gboolean is_shared;

static const GOptionEntry entries[] = {
    {"factor", 'f', 0, G_OPTION_ARG_DOUBLE, &factor,
     "Hold to N times the limits, on a slower machine", "N"},
    {"shared", 's', 0, G_OPTION_ARG_NONE, &is_shared,
     "Count only the processor's time of the thread that draws; what waits is then not seen", NULL},
    {NULL},
};

GOptionContext *
slip_bench_options (const char *summary)
{
  GOptionContext *context = g_option_context_new (summary);

  g_option_context_add_main_entries (context, entries, NULL);
  return context;
}

static _Thread_local int schedule = -1;
static _Thread_local gint64 waited_us;

/* Microseconds that the thread could have run, and had no processor; 0 where the kernel does not tell. */
static gint64
get_queued (void)
{
  char line[96] = "";
  char *end;

  if (schedule < 0)
    schedule = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  if (schedule < 0 || pread (schedule, line, sizeof line - 1, 0) <= 0)
    return 0;
  g_ascii_strtoull (line, &end, 10);
  return (gint64)(g_ascii_strtoull (end, NULL, 10) / 1000);
}

void
slip_bench_hold (gint64 us)
{
  waited_us += us;
}

static gint64
get_worked (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

SlipBenchTime
slip_bench_now (void)
{
  SlipBenchTime now = {g_get_monotonic_time (), get_worked (), get_queued () + waited_us};

  return now;
}

double
slip_bench_since (const SlipBenchTime *from)
{
  SlipBenchTime now = slip_bench_now ();

  return (double)(is_shared ? now.worked - from->worked : now.wall - from->wall) / 1000;
}

double
slip_bench_between (const SlipBenchTime *from, const SlipBenchTime *to)
{
  return (double)((to->wall - from->wall) - (to->held - from->held)) / 1000;
}

static int
compare_double (gconstpointer a, gconstpointer b)
{
  double one = *(const double *)a;
  double two = *(const double *)b;

  return one < two ? -1 : one > two;
}

static double
get_percentile (GArray *values, double p)
{
  guint rank = (guint)ceil (values->len * p);

  g_return_val_if_fail (values->len > 0, NAN);
  g_array_sort (values, compare_double);
  return g_array_index (values, double, CLAMP (rank, 1, values->len) - 1);
}

SlipBenchSeries *
slip_bench_series_new (void)
{
  SlipBenchSeries *series = g_new0 (SlipBenchSeries, 1);

  series->wall = g_array_new (FALSE, FALSE, sizeof (double));
  series->worked = g_array_new (FALSE, FALSE, sizeof (double));
  series->ours = g_array_new (FALSE, FALSE, sizeof (double));
  return series;
}

void
slip_bench_series_free (SlipBenchSeries *series)
{
  g_array_unref (series->wall);
  g_array_unref (series->worked);
  g_array_unref (series->ours);
  g_free (series);
}

void
slip_bench_series_add (SlipBenchSeries *series, const SlipBenchTime *from, const SlipBenchTime *to)
{
  double wall = (double)(to->wall - from->wall) / 1000;
  double worked = (double)(to->worked - from->worked) / 1000;
  double ours = slip_bench_between (from, to);

  g_array_append_val (series->wall, wall);
  g_array_append_val (series->worked, worked);
  g_array_append_val (series->ours, ours);
}

double
slip_bench_series_get (SlipBenchSeries *series, double p)
{
  return get_percentile (is_shared ? series->worked : series->wall, p);
}

static void
print_values (GArray *values, const char *name, const char *what)
{
  g_print (",\"%s_%s_ms\":{\"median\":%.1f,\"p99\":%.1f,\"worst\":%.1f}", name, what,
           get_percentile (values, 0.5), get_percentile (values, 0.99), get_percentile (values, 1));
}

void
slip_bench_series_print (SlipBenchSeries *series, const char *name)
{
  print_values (series->wall, name, "wall");
  print_values (series->worked, name, "worked");
  print_values (series->ours, name, "ours");
}

int
slip_bench_judge (double value, double limit)
{
  gboolean kept = value <= limit * factor;

  g_print (",\"held_to\":%g,\"shared\":%s,\"kept\":%s}\n", limit * factor,
           is_shared ? "true" : "false", kept ? "true" : "false");
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
