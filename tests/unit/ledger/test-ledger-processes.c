/* SPDX-License-Identifier: MIT */
/* Several processes on one ledger: they append side by side, are killed at any instant, and hear of
 * one another. The test starts itself again as the other process. */

#include "slip-json.h"
#include "slip-ledger.h"
#include "slip-test-folder.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program;

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("slip-processes-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "ledger.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* The other process: appends @n entries, and says each number once it is durable. */
static int
append_as_child (const char *path, const char *run, int n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedger) ledger = slip_ledger_open (path, &error);

  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    {
      g_autoptr (JsonObject) entry = json_object_new ();
      gint64 seq;

      json_object_set_string_member (entry, "kind", "note");
      json_object_set_string_member (entry, "run", run);
      json_object_set_int_member (entry, "number", i);
      slip_ledger_append (ledger, entry, &seq, &error);
      g_assert_no_error (error);
      printf ("%" G_GINT64_FORMAT "\n", seq);
      fflush (stdout);
    }
  return 0;
}

static GSubprocess *
start_child (Fixture *fixture, const char *run, int n)
{
  g_autofree char *count = g_strdup_printf ("%d", n);
  g_autoptr (GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                         "--append", fixture->path, run, count, NULL);

  g_assert_no_error (error);
  return child;
}

static SlipLedger *
open_checked (Fixture *fixture, gint64 *entries)
{
  g_autoptr (GError) error = NULL;
  SlipLedger *ledger = slip_ledger_open (fixture->path, &error);

  g_assert_no_error (error);
  slip_ledger_check (ledger, NULL, entries, &error);
  g_assert_no_error (error);
  return ledger;
}

static void
test_together (Fixture *fixture, gconstpointer data)
{
  static const char *const runs[] = {"a", "b", "c"};
  GSubprocess *children[G_N_ELEMENTS (runs)];
  g_autoptr (SlipLedger) ledger = NULL;
  gint64 entries;

  /* All of them find no ledger, and one creates it. */
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    children[i] = start_child (fixture, runs[i], 60);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autoptr (GError) error = NULL;

      g_subprocess_communicate (children[i], NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (g_subprocess_get_successful (children[i]));
      g_object_unref (children[i]);
    }
  ledger = open_checked (fixture, &entries);
  g_assert_cmpint (entries, ==, 180);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      SlipLedgerFilter filter = {.run = runs[i]};

      g_assert_cmpint (slip_ledger_count (ledger, &filter, NULL), ==, 60);
    }
}

static gint64
append_one (SlipLedger *ledger)
{
  g_autoptr (JsonObject) entry = json_object_new ();
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  json_object_set_string_member (entry, "kind", "note");
  slip_ledger_append (ledger, entry, &seq, &error);
  g_assert_no_error (error);
  return seq;
}

static gint64
append_in_child (Fixture *fixture)
{
  g_autoptr (GSubprocess) child = start_child (fixture, "other", 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;

  g_subprocess_communicate_utf8 (child, NULL, NULL, &told, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (child));
  return g_ascii_strtoll (told, NULL, 10);
}

/* In the index stand locks too. */
static void
assert_own_files (Fixture *fixture, SlipLedger *ledger)
{
  g_autofree char *log = g_strconcat (fixture->path, "-wal", NULL);
  g_autofree char *index = g_strconcat (fixture->path, "-shm", NULL);
  g_autofree char *other = g_build_filename (fixture->folder, "ledger.db-old", NULL);

  g_assert_true (g_file_set_contents (other, "x", 1, NULL));
  g_assert_true (slip_ledger_is_file (ledger, fixture->path));
  g_assert_true (slip_ledger_is_file (ledger, log));
  g_assert_true (slip_ledger_is_file (ledger, index));
  g_assert_false (slip_ledger_is_file (ledger, other));
}

/* As a workspace that is loaded again does, while runs hold the ledger of before. */
static void
test_opened_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedger) ledger = slip_ledger_open (fixture->path, &error);
  g_autoptr (SlipLedger) again = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (append_one (ledger), ==, 1);
  assert_own_files (fixture, ledger);
  again = slip_ledger_open (fixture->path, &error);
  g_assert_no_error (error);
  /* It is the last to close the file, unless this process still has its locks. */
  g_assert_cmpint (append_in_child (fixture), ==, 2);
  g_assert_cmpint (append_one (ledger), ==, 3);
  g_assert_cmpint (append_one (again), ==, 4);
  g_assert_cmpint (append_in_child (fixture), ==, 5);
}

/* What a child said to be stored is stored, whenever it was killed. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  gint64 promised = 0;

  for (int round = 0; round < 25; round++)
    {
      g_autoptr (GSubprocess) child = start_child (fixture, "killed", 100000);
      g_autoptr (GDataInputStream) lines
          = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
      g_autoptr (SlipLedger) ledger = NULL;
      gint64 entries;
      int wanted = 1 + round % 7;
      char *line;

      for (int i = 0; i < wanted; i++)
        {
          line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
          g_assert_nonnull (line);
          promised = g_ascii_strtoll (line, NULL, 10);
          g_free (line);
        }
      g_usleep ((gulong)g_test_rand_int_range (0, 4000));
      g_subprocess_send_signal (child, SIGKILL);
      while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
        {
          promised = g_ascii_strtoll (line, NULL, 10);
          g_free (line);
        }
      g_subprocess_wait (child, NULL, NULL);
      ledger = open_checked (fixture, &entries);
      /* One more may be durable whose number was not said any more. */
      g_assert_cmpint (entries, >=, promised);
      g_assert_cmpint (entries, <=, promised + 1);
    }
}

/* Killed before anything is there: the next one still makes one ledger with one key. */
static void
test_killed_at_creation (Fixture *fixture, gconstpointer data)
{
  for (int round = 0; round < 12; round++)
    {
      g_autoptr (GSubprocess) child = start_child (fixture, "early", 1);

      g_usleep ((gulong)round * 2000);
      g_subprocess_send_signal (child, SIGKILL);
      g_subprocess_wait (child, NULL, NULL);
    }
  {
    g_autoptr (GError) error = NULL;
    gint64 entries;
    g_autoptr (SlipLedger) ledger = open_checked (fixture, &entries);
    g_autofree char *note = slip_ledger_checkpoint (ledger, &error);

    g_assert_no_error (error);
    g_assert_cmpint (entries, <=, 12);
  }
}

static void
appended_cb (SlipLedger *ledger, gint64 seq, gpointer data)
{
  *(gint64 *)data = seq;
}

static gboolean
give_up (gpointer data)
{
  g_error ("no news of an entry within ten seconds");
  return G_SOURCE_REMOVE;
}

static void
wait_for (const gint64 *seen, gint64 wanted)
{
  guint timeout = g_timeout_add_seconds (10, give_up, NULL);

  while (*seen != wanted)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static void
add_one (SlipLedger *ledger)
{
  g_autoptr (JsonObject) entry = json_object_new ();

  g_assert_true (slip_ledger_append (ledger, entry, NULL, NULL));
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = slip_ledger_open (fixture->path, NULL);
  g_autoptr (GSubprocess) child = NULL;
  gint64 first = 0;
  gint64 second = 0;
  guint first_id = slip_ledger_watch (ledger, appended_cb, &first);
  guint second_id = slip_ledger_watch (ledger, appended_cb, &second);

  g_assert_cmpuint (first_id, !=, 0);
  g_assert_cmpuint (first_id, !=, second_id);
  add_one (ledger);
  /* Never from within the append itself: the caller may hold a lock. */
  g_assert_cmpint (first, ==, 0);
  wait_for (&first, 1);
  child = start_child (fixture, "other", 3);
  wait_for (&first, 4);
  wait_for (&second, 4);
  g_subprocess_wait (child, NULL, NULL);

  slip_ledger_unwatch (ledger, first_id);
  add_one (ledger);
  wait_for (&second, 5);
  g_assert_cmpint (first, ==, 4);
  slip_ledger_unwatch (ledger, second_id);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/ledger/processes/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  if (argc == 5 && g_str_equal (argv[1], "--append"))
    return append_as_child (argv[2], argv[3], atoi (argv[4]));
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  ADD ("append_side_by_side", test_together);
  ADD ("opened_twice_by_one_of_them_loses_nothing", test_opened_twice);
  ADD ("killed_at_any_instant_keeps_what_was_promised", test_killed);
  ADD ("killed_at_creation_leaves_one_ledger", test_killed_at_creation);
  ADD ("hear_of_one_another", test_watch);
  return g_test_run ();
}
