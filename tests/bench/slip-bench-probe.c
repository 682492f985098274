/* SPDX-License-Identifier: MIT */

/* The longest time that the main loop stood, and where. The stack is taken by a signal in the main
 * thread, and addr2line, when it is installed, gives the program's own functions their names. */

#include "config.h"

#include "slip-bench-probe.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <gio/gio.h>
#include <gtk/gtk.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "slip-bench.h"

#define MAX_DEPTH 256 /* a window that is measured from its root is a hundred deep */
#define OWN_FRAMES_TOLD 6

/* What a frame does, one after another; each signal ends what is named. */
static const struct
{
  const char *signal;
  const char *ended;
} phases[] = {{"before-paint", "before the frame"},
              {"update", "animations"},
              {"layout", "layout"},
              {"paint", "drawing"},
              {"after-paint", "handing over"}};

typedef struct
{
  void *frames[MAX_DEPTH];
  int depth;
  const char *source;
  double phases[G_N_ELEMENTS (phases)]; /* milliseconds, of the frame within */
} Look;

struct _SlipBenchProbe
{
  pthread_t main_thread;
  GThread *watcher;
  guint source;
  SlipBenchTime last;
  gint64 begun;
  gint64 last_us; /* read by the watcher, atomically */
  gint64 suspicious_us;
  int stop;
  double longest_ms;
  Look longest;
  SlipBenchSeries *stood;
  GdkFrameClock *clock; /* borrowed */
  SlipBenchTime phase;  /* when the last one ended */
  double phases[G_N_ELEMENTS (phases)];
};

/* Written by the signal's handler, which runs in the main thread like all who read it. */
static Look look;

static void
look_cb (int number)
{
  GSource *source = g_main_current_source ();

  look.depth = backtrace (look.frames, MAX_DEPTH);
  look.source = source != NULL ? g_source_get_name (source) : NULL;
}

/* In the place of the library's function of this name: what the display's server takes to answer, the window cannot change. */
void *xcb_wait_for_reply64 (void *connection, guint64 sequence, void **failure);

void *
xcb_wait_for_reply64 (void *connection, guint64 sequence, void **failure)
{
  static void *(*wait) (void *, guint64, void **);
  SlipBenchTime begun = slip_bench_now ();
  SlipBenchTime now;
  void *reply;

  if (wait == NULL)
    wait = (void *(*)(void *, guint64, void **))dlsym (RTLD_NEXT, G_STRFUNC);
  reply = wait (connection, sequence, failure);
  now = slip_bench_now ();
  slip_bench_hold ((now.wall - begun.wall) - (now.worked - begun.worked) - (now.held - begun.held));
  return reply;
}

static gpointer
watch (gpointer data)
{
  SlipBenchProbe *probe = data;
  gint64 looked_at = 0;

  while (!g_atomic_int_get (&probe->stop))
    {
      gint64 last = __atomic_load_n (&probe->last_us, __ATOMIC_ACQUIRE);

      if (last != looked_at && g_get_monotonic_time () - last > probe->suspicious_us)
        {
          pthread_kill (probe->main_thread, SIGUSR2);
          looked_at = last;
        }
      g_usleep (1000);
    }
  return NULL;
}

/* "function at file:line" of an address in this program; NULL without addr2line. */
static char *
describe_own (const Dl_info *info, void *address)
{
  g_autofree char *offset
      = g_strdup_printf ("0x%tx", (char *)address - 1 - (char *)info->dli_fbase);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);
  char *output = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              NULL, "addr2line", "-fse", path, offset, NULL);
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL))
    return NULL;
  g_strdelimit (g_strchomp (output), "\n", ' ');
  return output;
}

static char *
describe (const Look *where)
{
  GString *text = g_string_new (NULL);
  g_autofree char *last = NULL;
  guint own = 0;
  Dl_info self;

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    if (where->phases[i] >= 1)
      g_string_append_printf (text, "%s %.1f ms, ", phases[i].ended, where->phases[i]);
  g_string_append (text, where->source != NULL ? where->source : "");
  dladdr ((void *)describe, &self);
  for (int i = 0; i < where->depth && own < OWN_FRAMES_TOLD; i++)
    {
      Dl_info info = {0};
      g_autofree char *name = NULL;

      if (dladdr (where->frames[i], &info) == 0)
        continue;
      if (info.dli_fbase != self.dli_fbase)
        name = g_strdup (info.dli_sname);
      else if (own++ > 0) /* The first is the handler. */
        name = describe_own (&info, where->frames[i]);
      if (name == NULL || g_strcmp0 (name, last) == 0)
        continue;
      g_string_append_printf (text, "%s%s", text->len > 0 ? " < " : "", name);
      g_free (last);
      last = g_steal_pointer (&name);
    }
  return g_string_free (text, FALSE);
}

static void
end_phase (SlipBenchProbe *probe, guint which)
{
  probe->phases[which] += slip_bench_since (&probe->phase);
  probe->phase = slip_bench_now ();
}

static void
phase_cb (GdkFrameClock *clock, gpointer data)
{
  guint which = g_signal_get_invocation_hint (clock)->signal_id;
  SlipBenchProbe *probe = data;

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    if (which == g_signal_lookup (phases[i].signal, GDK_TYPE_FRAME_CLOCK))
      end_phase (probe, i);
}

static gboolean
probe_cb (gpointer data)
{
  SlipBenchProbe *probe = data;
  SlipBenchTime now = slip_bench_now ();
  double stood = slip_bench_between (&probe->last, &now) - 1;

  memcpy (look.phases, probe->phases, sizeof look.phases);
  if (now.wall - probe->last.wall > 2000)
    slip_bench_series_add (probe->stood, &probe->last, &now);

  if (stood > 10 && g_getenv ("BENCH_VERBOSE") != NULL)
    {
      g_autofree char *where = describe (&look);

      g_printerr ("at %.0f ms: stood %.1f ms, of %.1f, in %s\n",
                  (double)(probe->last.wall - probe->begun) / 1000, stood,
                  (double)(now.wall - probe->last.wall) / 1000 - 1, where);
    }
  if (stood > probe->longest_ms)
    {
      probe->longest_ms = stood;
      probe->longest = look;
    }
  look.depth = 0;
  memset (probe->phases, 0, sizeof probe->phases);
  probe->last = slip_bench_now ();
  probe->phase = probe->last;
  __atomic_store_n (&probe->last_us, probe->last.wall, __ATOMIC_RELEASE);
  return G_SOURCE_CONTINUE;
}

SlipBenchProbe *
slip_bench_probe_new (double suspicious_ms, GtkWidget *window)
{
  SlipBenchProbe *probe = g_new0 (SlipBenchProbe, 1);
  struct sigaction action = {.sa_handler = look_cb, .sa_flags = SA_RESTART};
  void *frames[1];

  backtrace (frames, 1); /* Loads what the handler must not load. */
  sigaction (SIGUSR2, &action, NULL);
  probe->main_thread = pthread_self ();
  probe->suspicious_us = (gint64)(suspicious_ms * 1000);
  probe->last = slip_bench_now ();
  probe->last_us = probe->last.wall;
  probe->begun = probe->last.wall;
  probe->stood = slip_bench_series_new ();
  probe->source = g_timeout_add_full (G_PRIORITY_HIGH, 1, probe_cb, probe, NULL);
  probe->phase = probe->last;
  probe->clock = gtk_widget_get_frame_clock (window);
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    g_signal_connect_after (probe->clock, phases[i].signal, G_CALLBACK (phase_cb), probe);
  probe->watcher = g_thread_new ("bench-watch", watch, probe);
  return probe;
}

void
slip_bench_probe_stop (SlipBenchProbe *probe,
                       double *longest_ms,
                       SlipBenchSeries *stood,
                       char **stack)
{
  g_source_remove (probe->source);
  g_signal_handlers_disconnect_by_data (probe->clock, probe);
  g_atomic_int_set (&probe->stop, 1);
  g_thread_join (probe->watcher);
  *longest_ms = probe->longest_ms;
  *stack = describe (&probe->longest);
  g_array_append_vals (stood->wall, probe->stood->wall->data, probe->stood->wall->len);
  g_array_append_vals (stood->worked, probe->stood->worked->data, probe->stood->worked->len);
  g_array_append_vals (stood->ours, probe->stood->ours->data, probe->stood->ours->len);
  slip_bench_series_free (probe->stood);
  g_free (probe);
}
