/* SPDX-License-Identifier: MIT */
/* Measures the ledger: a durable append, the export of a whole log, and its verification. Run by
 * hand: `meson test -C build --benchmark ledger -v`, or with a number of entries as argument. */

#include "slip-ledger-export.h"
#include "slip-ledger-store.h"
#include "slip-ledger-verify.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define APPENDS 500
#define ENTRIES 1000000

static JsonObject *
make_entry (guint i)
{
  JsonObject *entry = json_object_new ();
  JsonObject *actor = json_object_new ();
  JsonObject *request = json_object_new ();
  g_autofree char *run = g_strdup_printf ("run-%u", i / 60);
  g_autofree char *id = g_strdup_printf ("%08x-0000-4000-8000-%012u", i * 2654435761u, i);

  json_object_set_string_member (actor, "user", "ada");
  json_object_set_string_member (actor, "host", "workstation-7");
  json_object_set_string_member (actor, "principal",
                                 "arn:aws:sts::111111111111:assumed-role/breakglass/ada");
  json_object_set_object_member (entry, "actor", actor);
  json_object_set_string_member (request, "DBClusterSnapshotIdentifier", id);
  json_object_set_object_member (entry, "request", request);
  json_object_set_string_member (entry, "kind", i % 2 == 0 ? "step.intent" : "step.outcome");
  json_object_set_string_member (entry, "run", run);
  json_object_set_string_member (entry, "environment", "production");
  json_object_set_string_member (entry, "account", "111111111111");
  json_object_set_string_member (entry, "region", "eu-west-1");
  json_object_set_string_member (entry, "step", "WaitForReencryptedCopy");
  json_object_set_string_member (entry, "operation", "rds:DescribeDBClusterSnapshots");
  json_object_set_string_member (entry, "effect", "read");
  json_object_set_string_member (entry, "request_id", id);
  json_object_set_string_member (entry, "outcome", "done");
  return entry;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a;
  gint64 right = *(const gint64 *)b;

  return left < right ? -1 : left > right;
}

static void
must (gboolean done, GError *error)
{
  if (!done)
    g_error ("%s", error != NULL ? error->message : "failed");
}

/* The ratio is against the least that any durable store does: one write and one fdatasync. */
static double
median_sync (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "sync", NULL);
  char page[4096] = {0};
  gint64 times[APPENDS];
  int fd = g_open (path, O_CREAT | O_WRONLY, 0600);

  for (guint i = 0; i < APPENDS; i++)
    {
      gint64 start = g_get_monotonic_time ();

      must (write (fd, page, sizeof page) == sizeof page && fdatasync (fd) == 0, NULL);
      times[i] = g_get_monotonic_time () - start;
    }
  close (fd);
  g_unlink (path);
  qsort (times, APPENDS, sizeof times[0], compare);
  return (double)times[APPENDS / 2] / 1000;
}

static void
bench_append (SlipLedger *ledger, const char *folder)
{
  g_autoptr (GError) error = NULL;
  gint64 times[APPENDS];
  double sync = median_sync (folder);
  double median;

  for (guint i = 0; i < APPENDS; i++)
    {
      g_autoptr (JsonObject) entry = make_entry (i);
      gint64 start = g_get_monotonic_time ();

      must (slip_ledger_append (ledger, entry, NULL, &error), error);
      times[i] = g_get_monotonic_time () - start;
    }
  qsort (times, APPENDS, sizeof times[0], compare);
  median = (double)times[APPENDS / 2] / 1000;
  g_print ("append   median %.3f ms, p99 %.3f ms; write + fdatasync %.3f ms; ratio %.2f  %s\n",
           median, (double)times[APPENDS * 99 / 100] / 1000, sync, median / sync,
           median <= 2 ? "ok (<= 2 ms)" : "TOO SLOW (2 ms)");
}

/* Many appends in one go: the store's own functions without a sync for each. */
static void
fill (SlipLedger *ledger, guint n)
{
  g_autofree char *path = slip_ledger_dup_path (ledger);
  g_autofree char *origin = slip_ledger_dup_origin (ledger);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedgerStore) store
      = slip_ledger_store_open (path, SLIP_LEDGER_STORE_WRITE, &error);
  SlipTreeHash completed[SLIP_TREE_MAX_LEVELS];
  SlipTreeFrontier tree;
  guint64 size;

  must (slip_ledger_store_begin (store, TRUE, &error)
            && slip_ledger_store_size (store, &size, &error)
            && slip_tree_load (&tree, size, slip_ledger_store_node, store, &error),
        error);
  for (guint i = (guint)size; i < n; i++)
    {
      char text[1024];
      SlipTreeHash leaf;
      guint levels;
      int length;

      length = g_snprintf (
          text, sizeof text,
          "{\"account\":\"111111111111\",\"actor\":{\"host\":\"workstation-7\",\"principal\":"
          "\"arn:aws:sts::111111111111:assumed-role/breakglass/ada\",\"user\":\"ada\"},\"boot\":"
          "\"0a1b2c3d\",\"effect\":\"read\",\"environment\":\"production\",\"kind\":\"step."
          "outcome\","
          "\"log\":\"%s\",\"mono\":%u,\"operation\":\"rds:DescribeDBClusterSnapshots\",\"outcome\":"
          "\"done\",\"region\":\"eu-west-1\",\"request\":{\"DBClusterSnapshotIdentifier\":\"%08x\"}"
          ","
          "\"request_id\":\"%08x-0000-4000-8000-%012u\",\"run\":\"run-%u\",\"seq\":%u,\"step\":"
          "\"WaitForReencryptedCopy\",\"time\":\"2026-11-21T06:30:00Z\",\"v\":1}",
          strrchr (origin, '/') + 1, i, i * 2654435761u, i * 2654435761u, i, i / 60, i + 1);
      slip_tree_leaf (text, (gsize)length, &leaf);
      levels = slip_tree_append (&tree, &leaf, completed);
      must (slip_ledger_store_insert (store, (gint64)tree.size, text, (gsize)length, completed,
                                      levels, &error),
            error);
    }
  must (slip_ledger_store_commit (store, &error), error);
}

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static void
bench_verify (SlipLedger *ledger, const char *folder, guint n)
{
  g_autofree char *file = g_build_filename (folder, "export.jsonl", NULL);
  g_autofree char *key = slip_ledger_dup_public_key (ledger);
  g_autofree char *command = g_strdup_printf ("sha256sum %s >/dev/null", file);
  g_autoptr (GError) error = NULL;
  SlipVerifyReport report;
  struct rusage before;
  struct rusage after;
  GStatBuf info;
  gint64 start;
  double taken;
  double plain;

  start = g_get_monotonic_time ();
  must (slip_ledger_export (ledger, SLIP_LEDGER_FORMAT_JSONL, NULL, file, NULL, NULL, &error),
        error);
  must (g_stat (file, &info) == 0, NULL);
  g_print ("export   %u entries, %.0f MiB in %.2f s\n", n, (double)info.st_size / 1048576,
           seconds_since (start));
  start = g_get_monotonic_time ();
  must (system (command) == 0, NULL);
  plain = seconds_since (start);
  getrusage (RUSAGE_SELF, &before);
  start = g_get_monotonic_time ();
  must (slip_ledger_verify_file (file, key, &report, &error), error);
  taken = seconds_since (start);
  getrusage (RUSAGE_SELF, &after);
  g_print (
      "verify   %u entries in %.2f s, %.0f a second, %ld KiB more memory; sha256sum %.2f s; ratio "
      "%.2f  %s\n",
      n, taken, n / taken, after.ru_maxrss - before.ru_maxrss, plain, taken / plain,
      taken <= 10.0 * n / ENTRIES ? "ok (<= 10 s for 1,000,000)" : "TOO SLOW");
  g_unlink (file);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *folder = g_build_filename (here, "bench-ledger-XXXXXX", NULL);
  g_autofree char *path = NULL;
  g_autofree char *clean = NULL;
  guint n = argc > 1 ? (guint)g_ascii_strtoull (argv[1], NULL, 10) : ENTRIES;
  SlipLedger *ledger;

  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  must (g_mkdtemp (folder) != NULL, NULL);
  path = g_build_filename (folder, "ledger.db", NULL);
  ledger = slip_ledger_open (path, &error);
  must (ledger != NULL, error);
  bench_append (ledger, folder);
  fill (ledger, n);
  g_clear_object (&ledger);
  ledger = slip_ledger_open (path, &error);
  must (ledger != NULL, error);
  bench_verify (ledger, folder, n);
  g_object_unref (ledger);
  clean = g_strdup_printf ("rm -rf '%s'", folder);
  return system (clean);
}
