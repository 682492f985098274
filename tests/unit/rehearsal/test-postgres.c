/* SPDX-License-Identifier: MIT */
/* Real databases: rows come back from a snapshot taken while writes went on, passwords count, a
 * standby follows and is promoted, and what a killed server left is taken over. */

#include "slip-postgres-server.h"
#include "slip-postgres.h"

#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  SlipPostgres *postgres;
} Fixture;

static const SlipPostgresSpec spec = {
    .database = "api",
    .user = "api_master",
    .password = "first secret",
    .seed = "CREATE TABLE cases (id bigserial PRIMARY KEY, title text NOT NULL);"
            "INSERT INTO cases (title) SELECT 'case ' || n FROM "
            "generate_series(1, current_setting('slipway.cases')::int) AS n;",
    .seed_settings = (const char *const[]){"slipway.cases=500", NULL},
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;

  /* Closed to everybody else, as a person's own folders are: PostgreSQL must cope when we are root. */
  fixture->folder = g_dir_make_tmp ("slip-postgres-XXXXXX", NULL);
  folder = g_build_filename (fixture->folder, "deep", "postgres", NULL);
  fixture->postgres = slip_postgres_new (folder, &error);
  if (g_error_matches (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_ABSENT))
    g_test_skip (error->message);
  else
    g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->folder);

  slip_postgres_free (fixture->postgres);
  g_assert_cmpint (system (command), ==, 0);
  g_free (fixture->folder);
}

static PGconn *
log_in (Fixture *fixture, const char *key, const char *password)
{
  g_autofree char *address = slip_postgres_dup_address (fixture->postgres, key);
  g_autofree char *conninfo
      = g_strdup_printf ("host=%s port=%u dbname=api user=api_master password='%s'", address,
                         slip_postgres_get_port (fixture->postgres, key), password);

  return PQconnectdb (conninfo);
}

static gboolean
can_log_in (Fixture *fixture, const char *key, const char *password)
{
  PGconn *conn = log_in (fixture, key, password);
  gboolean ok = PQstatus (conn) == CONNECTION_OK;

  PQfinish (conn);
  return ok;
}

static gint64
count (Fixture *fixture, const char *key, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM cases WHERE %s", what);
  g_autofree char *text = slip_postgres_query (fixture->postgres, key, "api", sql, &error);

  g_assert_no_error (error);
  return g_ascii_strtoll (text, NULL, 10);
}

static void
create (Fixture *fixture, const char *key)
{
  g_autoptr (GError) error = NULL;

  slip_postgres_create (fixture->postgres, key, &spec, NULL, &error);
  g_assert_no_error (error);
}

static void
test_created_cluster_takes_its_master_password (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  g_assert_cmpint (count (fixture, "cluster-a", "true"), ==, 500);
  g_assert_true (can_log_in (fixture, "cluster-a", "first secret"));
  g_assert_false (can_log_in (fixture, "cluster-a", "another"));
  g_assert_false (can_log_in (fixture, "cluster-a", ""));

  slip_postgres_set_password (fixture->postgres, "cluster-a", "api_master", "it's \\ new", &error);
  g_assert_no_error (error);
  g_assert_false (can_log_in (fixture, "cluster-a", "first secret"));
  g_assert_true (can_log_in (fixture, "cluster-a", "it\\'s \\\\ new"));

  /* Doing it again, as after a crash, fills nothing twice. */
  create (fixture, "cluster-a");
  g_assert_cmpint (count (fixture, "cluster-a", "true"), ==, 500);
}

typedef struct
{
  Fixture *fixture;
  gint stop;
  gint written;
} Writer;

/* Each transaction writes a pair, so a copy that is not of one moment shows odd counts. */
static gpointer
write_pairs (gpointer data)
{
  Writer *writer = data;
  PGconn *conn = log_in (writer->fixture, "cluster-a", "first secret");

  while (!g_atomic_int_get (&writer->stop))
    {
      PGresult *result = PQexec (
          conn, "BEGIN; INSERT INTO cases (title) VALUES ('left'); SELECT pg_sleep(0.0005); "
                "INSERT INTO cases (title) VALUES ('right'); COMMIT");
      g_assert_cmpint (PQresultStatus (result), ==, PGRES_COMMAND_OK);
      PQclear (result);
      g_atomic_int_inc (&writer->written);
    }
  PQfinish (conn);
  return NULL;
}

static void
test_snapshot_under_writes_restores_one_moment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Writer writer = {fixture, 0, 0};
  GThread *thread;
  gint before;
  gint after;
  gint64 pairs;

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  thread = g_thread_new ("writer", write_pairs, &writer);
  while (g_atomic_int_get (&writer.written) < 50)
    g_usleep (500);
  before = g_atomic_int_get (&writer.written);
  slip_postgres_snapshot (fixture->postgres, "cluster-a", "snap-1", NULL, &error);
  g_assert_no_error (error);
  after = g_atomic_int_get (&writer.written);
  g_assert_cmpint (after, >, before);
  g_atomic_int_set (&writer.stop, 1);
  g_thread_join (thread);

  slip_postgres_copy_snapshot (fixture->postgres, "snap-1", "copy-1", &error);
  g_assert_no_error (error);
  slip_postgres_remove_snapshot (fixture->postgres, "snap-1");
  slip_postgres_set_password (fixture->postgres, "cluster-a", "api_master", "second", &error);
  g_assert_no_error (error);
  slip_postgres_restore (fixture->postgres, "copy-1", "cluster-b", 0, NULL, &error);
  g_assert_no_error (error);

  pairs = count (fixture, "cluster-b", "title = 'left'");
  g_assert_cmpint (pairs, ==, count (fixture, "cluster-b", "title = 'right'"));
  g_assert_cmpint (pairs, >=, before);
  g_assert_cmpint (pairs, <=, after + 1);
  g_assert_cmpint (count (fixture, "cluster-b", "title LIKE 'case %'"), ==, 500);
  /* As in AWS, the password is that of the snapshot's moment, and the source is untouched. */
  g_assert_true (can_log_in (fixture, "cluster-b", "first secret"));
  g_assert_true (can_log_in (fixture, "cluster-a", "second"));
  g_assert_cmpuint (slip_postgres_get_port (fixture->postgres, "cluster-a"), !=,
                    slip_postgres_get_port (fixture->postgres, "cluster-b"));
}

static void
wait_for_count (Fixture *fixture, const char *key, gint64 wanted)
{
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (count (fixture, key, "true") != wanted)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (5000);
    }
}

static void
test_standby_follows_and_is_promoted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *insert = "INSERT INTO cases (title) VALUES ('new')";

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  slip_postgres_follow (fixture->postgres, "cluster-a", "cluster-dr", 0, NULL, &error);
  g_assert_no_error (error);
  g_free (slip_postgres_query (fixture->postgres, "cluster-a", "api", insert, &error));
  g_assert_no_error (error);
  wait_for_count (fixture, "cluster-dr", 501);

  g_assert_null (slip_postgres_query (fixture->postgres, "cluster-dr", "api", insert, &error));
  g_assert_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED);
  g_clear_error (&error);

  /* It goes on following after both have stopped and started again. */
  slip_postgres_stop (fixture->postgres, "cluster-dr");
  slip_postgres_stop (fixture->postgres, "cluster-a");
  slip_postgres_start (fixture->postgres, "cluster-a", 0, &error);
  g_assert_no_error (error);
  slip_postgres_start (fixture->postgres, "cluster-dr", 0, &error);
  g_assert_no_error (error);
  g_free (slip_postgres_query (fixture->postgres, "cluster-a", "api", insert, &error));
  wait_for_count (fixture, "cluster-dr", 502);

  slip_postgres_snapshot (fixture->postgres, "cluster-dr", "snap-dr", NULL, &error);
  g_assert_no_error (error);
  slip_postgres_promote (fixture->postgres, "cluster-dr", &error);
  g_assert_no_error (error);
  g_free (slip_postgres_query (fixture->postgres, "cluster-dr", "api", insert, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (fixture, "cluster-dr", "true"), ==, 503);
  g_assert_cmpint (count (fixture, "cluster-a", "true"), ==, 502);
  slip_postgres_promote (fixture->postgres, "cluster-dr", &error);
  g_assert_no_error (error);

  slip_postgres_restore (fixture->postgres, "snap-dr", "cluster-c", 0, NULL, &error);
  g_assert_no_error (error);
  g_free (slip_postgres_query (fixture->postgres, "cluster-c", "api", insert, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (fixture, "cluster-c", "true"), ==, 503);
}

/* How this program was called. /proc/self/exe would be the checker that it runs under. */
static const char *program;

/* A child process plays the rehearsal server that is killed: its PostgreSQL must not outlive it for
 * long, and the next server gets port and rows back. */
static void
test_killed_server_leaves_nothing_running (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (fixture->folder, "other", NULL);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  const char *argv[] = {program, "--hold", folder, NULL};
  guint port;

  if (fixture->postgres == NULL)
    return;
  child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  said = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (said);
  port = (guint)g_ascii_strtoull (said, NULL, 10);
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);

  slip_postgres_free (fixture->postgres);
  fixture->postgres = slip_postgres_new (folder, &error);
  g_assert_no_error (error);
  slip_postgres_start (fixture->postgres, "cluster-a", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slip_postgres_get_port (fixture->postgres, "cluster-a"), ==, port);
  g_assert_cmpint (count (fixture, "cluster-a", "true"), ==, 500);
}

static char *
pid_file_of (Fixture *fixture, const char *key)
{
  return g_build_filename (fixture->folder, "deep", "postgres", "clusters", key, "postmaster.pid",
                           NULL);
}

/* After a power cut the pid in the file may be anybody's: here that of another PostgreSQL. */
static void
test_pid_of_another_does_not_keep_it_from_starting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *mine = NULL;
  g_autofree char *other = NULL;
  g_autofree char *text = NULL;

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  create (fixture, "cluster-b");
  mine = pid_file_of (fixture, "cluster-a");
  other = pid_file_of (fixture, "cluster-b");
  slip_postgres_stop (fixture->postgres, "cluster-a");
  g_file_get_contents (other, &text, NULL, &error);
  g_assert_no_error (error);
  g_file_set_contents (mine, text, -1, &error);
  g_assert_no_error (error);
  slip_postgres_start (fixture->postgres, "cluster-a", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count (fixture, "cluster-a", "true"), ==, 500);
}

static int
hold (const char *folder)
{
  g_autoptr (SlipPostgres) postgres = slip_postgres_new (folder, NULL);

  if (postgres == NULL || !slip_postgres_create (postgres, "cluster-a", &spec, NULL, NULL))
    return 1;
  g_print ("%u\n", slip_postgres_get_port (postgres, "cluster-a"));
  for (;;)
    pause ();
}

static void
test_half_made_snapshot_is_no_snapshot (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  g_cancellable_cancel (cancelled);
  g_assert_false (
      slip_postgres_snapshot (fixture->postgres, "cluster-a", "snap-1", cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (slip_postgres_has_snapshot (fixture->postgres, "snap-1"));
  g_assert_false (slip_postgres_copy_snapshot (fixture->postgres, "snap-1", "copy-1", &error));
  g_assert_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND);
  g_clear_error (&error);
  slip_postgres_snapshot (fixture->postgres, "cluster-a", "snap-1", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (slip_postgres_has_snapshot (fixture->postgres, "snap-1"));
}

typedef struct
{
  SlipPostgres *postgres;
  char *key;
  GError *error;
} Copy;

static gpointer
copy_thread (gpointer data)
{
  Copy *copy = data;

  slip_postgres_snapshot (copy->postgres, "cluster-a", copy->key, NULL, &copy->error);
  return NULL;
}

/* After a kill all snapshots that were under way begin again at once. */
static void
test_many_snapshots_are_taken_at_once (Fixture *fixture, gconstpointer data)
{
  Copy copies[8];
  GThread *threads[G_N_ELEMENTS (copies)];

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  for (guint i = 0; i < G_N_ELEMENTS (copies); i++)
    {
      copies[i] = (Copy){fixture->postgres, g_strdup_printf ("snap-%u", i), NULL};
      threads[i] = g_thread_new ("copy", copy_thread, &copies[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (copies); i++)
    {
      g_thread_join (threads[i]);
      g_assert_no_error (copies[i].error);
      g_assert_true (slip_postgres_has_snapshot (fixture->postgres, copies[i].key));
      g_free (copies[i].key);
    }
}

/* As in AWS, several clusters have one port, each at its own address; and a cluster keeps both. */
static void
test_each_has_the_port_it_wants (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *again = NULL;
  guint port;

  if (fixture->postgres == NULL)
    return;
  create (fixture, "cluster-a");
  port = slip_postgres_get_port (fixture->postgres, "cluster-a");
  first = slip_postgres_dup_address (fixture->postgres, "cluster-a");
  slip_postgres_snapshot (fixture->postgres, "cluster-a", "snap-1", NULL, &error);
  g_assert_no_error (error);
  slip_postgres_restore (fixture->postgres, "snap-1", "cluster-b", port, NULL, &error);
  g_assert_no_error (error);
  second = slip_postgres_dup_address (fixture->postgres, "cluster-b");
  g_assert_cmpuint (slip_postgres_get_port (fixture->postgres, "cluster-b"), ==, port);
  g_assert_cmpstr (first, !=, second);
  g_assert_true (can_log_in (fixture, "cluster-b", "first secret"));
  slip_postgres_remove (fixture->postgres, "cluster-a");
  slip_postgres_stop (fixture->postgres, "cluster-b");
  slip_postgres_start (fixture->postgres, "cluster-b", 0, &error);
  g_assert_no_error (error);
  again = slip_postgres_dup_address (fixture->postgres, "cluster-b");
  g_assert_cmpuint (slip_postgres_get_port (fixture->postgres, "cluster-b"), ==, port);
  g_assert_cmpstr (again, ==, second);
  g_assert_false (slip_postgres_start (fixture->postgres, "cluster-a", 0, &error));
  g_assert_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/rehearsal/postgres/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--hold") == 0)
    return hold (argv[2]);
  g_test_init (&argc, &argv, NULL);
  ADD ("created_cluster_takes_its_master_password", test_created_cluster_takes_its_master_password);
  ADD ("snapshot_under_writes_restores_one_moment", test_snapshot_under_writes_restores_one_moment);
  ADD ("standby_follows_and_is_promoted", test_standby_follows_and_is_promoted);
  ADD ("killed_server_leaves_nothing_running", test_killed_server_leaves_nothing_running);
  ADD ("pid_of_another_does_not_keep_it_from_starting",
       test_pid_of_another_does_not_keep_it_from_starting);
  ADD ("half_made_snapshot_is_no_snapshot", test_half_made_snapshot_is_no_snapshot);
  ADD ("many_snapshots_are_taken_at_once", test_many_snapshots_are_taken_at_once);
  ADD ("each_has_the_port_it_wants", test_each_has_the_port_it_wants);
  return g_test_run ();
}
