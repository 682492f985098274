/* SPDX-License-Identifier: MIT */
/* One postmaster: port, start, readiness, orphans of an earlier life, stop. What is inside the
 * database is the business of slip-postgres.c. */

#include "slip-postgres-server.h"
#include "slip-file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_PORT 15432
#define N_PORTS 10000
#define READY_TIMEOUT_US (120 * G_USEC_PER_SEC)
#define STOP_PATIENCE_US (15 * G_USEC_PER_SEC)
#define POLL_US 5000

struct _SlipPostgresServer
{
  gatomicrefcount refs;
  SlipPostgresTools *tools; /* borrowed */
  char *key;                /* owned */
  char *folder;             /* owned; below the tools' folder */
  char *path;               /* owned; as this process sees it */
  GMutex mutex;             /* guards what follows */
  GSubprocess *process;     /* owned; NULL when not started */
  guint host;               /* the last number of its loopback address; 0 before it was started */
  guint port;
};

/* Everything but address, port and replication. Nothing here survives a power cut: a rehearsal need not. Each
 * snapshot takes two senders while it is copied, and after a kill all that were under way begin again at
 * once. */
static const char *const settings[] = {
    "unix_socket_directories=",
    "fsync=off",
    "shared_buffers=16MB",
    "max_connections=60",
    "max_wal_senders=100",
    "max_replication_slots=8",
    "max_logical_replication_workers=0",
    "wal_level=replica",
    "wal_keep_size=64MB",
    "min_wal_size=2MB",
    "max_wal_size=64MB",
    "hot_standby=on",
    "wal_retrieve_retry_interval=200ms",
    "dynamic_shared_memory_type=mmap",
    "password_encryption=scram-sha-256",
    "log_connections=off",
    "log_checkpoints=off",
    "timezone=UTC",
    "log_timezone=UTC",
};

typedef struct
{
  pid_t pid;
  guint port;
  gboolean ready;
} PidFile;

SlipPostgresServer *
slip_postgres_server_new (SlipPostgresTools *tools, const char *key)
{
  SlipPostgresServer *self = g_new0 (SlipPostgresServer, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  self->tools = tools;
  self->key = g_strdup (key);
  self->folder = g_build_filename ("clusters", key, NULL);
  self->path = slip_postgres_tools_dup_path (tools, self->folder);
  return self;
}

SlipPostgresServer *
slip_postgres_server_ref (SlipPostgresServer *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
slip_postgres_server_unref (SlipPostgresServer *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_mutex_clear (&self->mutex);
  g_clear_object (&self->process);
  g_free (self->key);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

gboolean
slip_postgres_server_exists (SlipPostgresServer *self)
{
  return g_file_test (self->path, G_FILE_TEST_IS_DIR);
}

char *
slip_postgres_server_dup_folder (SlipPostgresServer *self)
{
  return g_strdup (self->folder);
}

static gboolean
read_pid_file (SlipPostgresServer *self, PidFile *out)
{
  g_autofree char *path = g_build_filename (self->path, "postmaster.pid", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  *out = (PidFile){0};
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", 10);
  if (g_strv_length (lines) < 4)
    return FALSE;
  out->pid = (pid_t)g_ascii_strtoll (lines[0], NULL, 10);
  out->port = (guint)g_ascii_strtoull (lines[3], NULL, 10);
  out->ready = g_strv_length (lines) >= 8 && g_str_has_prefix (lines[7], "ready");
  return out->pid > 1;
}

/* A pid in a file may since belong to anybody; a postmaster's working folder is its data folder. */
static gboolean
is_our_postmaster (SlipPostgresServer *self, pid_t pid)
{
  g_autofree char *cwd = g_strdup_printf ("/proc/%d/cwd", (int)pid);
  struct stat theirs, ours;

  return stat (cwd, &theirs) == 0 && stat (self->path, &ours) == 0 && theirs.st_dev == ours.st_dev
         && theirs.st_ino == ours.st_ino;
}

/* PostgreSQL refuses to start as long as any process of this user has the pid that the file names, also
 * a killed postmaster that nobody has waited for. A pid that nobody has is left to PostgreSQL, which then looks
 * for backends that may still use the data. */
static void
forget_pid_file (SlipPostgresServer *self, pid_t pid)
{
  g_autofree char *path = g_build_filename (self->path, "postmaster.pid", NULL);

  if (kill (pid, 0) != 0 && errno == ESRCH)
    return;
  if (g_unlink (path) != 0 && errno != ENOENT)
    g_message ("cannot remove %s: %s", path, g_strerror (errno));
}

static void
stop_orphan (SlipPostgresServer *self)
{
  const int signals[] = {SIGINT, SIGQUIT, SIGKILL};
  PidFile file;

  if (!read_pid_file (self, &file))
    return;
  if (!is_our_postmaster (self, file.pid))
    {
      forget_pid_file (self, file.pid);
      return;
    }
  g_message ("stopping PostgreSQL %d, left by an earlier rehearsal server", (int)file.pid);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      gint64 end = g_get_monotonic_time () + STOP_PATIENCE_US;

      kill (file.pid, signals[i]);
      while (g_get_monotonic_time () < end)
        {
          if (!is_our_postmaster (self, file.pid))
            {
              forget_pid_file (self, file.pid);
              return;
            }
          g_usleep (POLL_US);
        }
    }
}

/* The first is everybody's; the others let several clusters have the port that they have in AWS. */
#define FIRST_HOST 1
#define N_HOSTS 250

static gboolean
port_is_free (guint host, guint port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons ((guint16)port)};
  int on = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean free_now;

  if (fd < 0)
    return FALSE;
  address.sin_addr.s_addr = htonl ((INADDR_LOOPBACK & ~0xffU) | host);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  free_now = bind (fd, (struct sockaddr *)&address, sizeof address) == 0 && listen (fd, 1) == 0;
  close (fd);
  return free_now;
}

/* Below the range from which the kernel takes ports of outgoing connections, so that a port is
 * still free when its server comes back. */
static void
choose_place (SlipPostgresServer *self, guint wanted_host, guint wanted)
{
  guint offset = g_random_int_range (0, N_PORTS);

  for (guint i = 0; wanted > 1023 && wanted < 65536 && i < N_HOSTS; i++)
    {
      self->host = FIRST_HOST + (MAX (wanted_host, FIRST_HOST) - FIRST_HOST + i) % N_HOSTS;
      self->port = wanted;
      if (port_is_free (self->host, wanted))
        return;
    }
  self->host = FIRST_HOST;
  for (guint i = 0; i < N_PORTS; i++)
    {
      self->port = FIRST_PORT + (offset + i) % N_PORTS;
      if (port_is_free (self->host, self->port))
        return;
    }
  self->port = 0;
}

static char *
port_file (SlipPostgresServer *self)
{
  return g_strconcat (self->folder, ".port", NULL);
}

/* Its last port, and the last number of its address behind it; a file of an earlier version has the first only. */
static guint
remembered_port (SlipPostgresServer *self, guint *host)
{
  g_autofree char *name = port_file (self);
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, name);
  g_autofree char *text = NULL;
  char *end;
  guint port;

  *host = FIRST_HOST;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  port = (guint)g_ascii_strtoull (text, &end, 10);
  *host = CLAMP ((guint)g_ascii_strtoull (end, NULL, 10), FIRST_HOST, N_HOSTS);
  return port;
}

static char *
address_of (guint host)
{
  return g_strdup_printf ("127.0.0.%u", host);
}

static GSubprocess *
launch (SlipPostgresServer *self, const char *primary_address, guint primary_port, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *log = g_strconcat (self->folder, ".log", NULL);
  g_autofree char *pgpass = slip_postgres_tools_dup_inner_path (self->tools, "pgpass");

  g_ptr_array_add (argv, g_strdup ("postgres"));
  g_ptr_array_add (argv, g_strdup ("-D"));
  g_ptr_array_add (argv, slip_postgres_tools_dup_inner_path (self->tools, self->folder));
  g_ptr_array_add (argv, g_strdup ("-p"));
  g_ptr_array_add (argv, g_strdup_printf ("%u", self->port));
  g_ptr_array_add (argv, g_strdup ("-c"));
  g_ptr_array_add (argv, g_strdup_printf ("listen_addresses=127.0.0.%u", self->host));
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_ptr_array_add (argv, g_strdup ("-c"));
      g_ptr_array_add (argv, g_strdup (settings[i]));
    }
  if (primary_port != 0)
    {
      g_ptr_array_add (argv, g_strdup ("-c"));
      g_ptr_array_add (argv, g_strdup_printf ("primary_conninfo=host=%s port=%u user=rdsadmin "
                                              "passfile=%s application_name=%s",
                                              primary_address, primary_port, pgpass, self->key));
    }
  g_ptr_array_add (argv, NULL);
  return slip_postgres_tools_start (self->tools, (const char *const *)argv->pdata, log, error);
}

static gboolean
wait_ready (SlipPostgresServer *self, GSubprocess *process, GError **error)
{
  gint64 end = g_get_monotonic_time () + READY_TIMEOUT_US;
  g_autofree char *log = g_strconcat (self->path, ".log", NULL);
  g_autofree char *text = NULL;
  const char *words;

  while (g_get_monotonic_time () < end)
    {
      const char *id = g_subprocess_get_identifier (process);
      PidFile file;

      if (id == NULL)
        break;
      if (read_pid_file (self, &file) && file.ready && file.pid == (pid_t)atoi (id))
        return TRUE;
      g_usleep (POLL_US);
    }
  g_file_get_contents (log, &text, NULL, NULL);
  words = text == NULL ? "" : strlen (text) > 600 ? text + strlen (text) - 600 : text;
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
               "PostgreSQL of %s does not start: %s", self->key, words);
  return FALSE;
}

static void
end_process (GSubprocess *process)
{
  const int signals[] = {SIGINT, SIGQUIT, SIGKILL};

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      gint64 end = g_get_monotonic_time () + STOP_PATIENCE_US;

      g_subprocess_send_signal (process, signals[i]);
      while (g_get_monotonic_time () < end)
        {
          if (g_subprocess_get_identifier (process) == NULL)
            return;
          g_usleep (POLL_US);
        }
    }
}

static gboolean
is_running (SlipPostgresServer *self)
{
  return self->process != NULL && g_subprocess_get_identifier (self->process) != NULL;
}

gboolean
slip_postgres_server_start (SlipPostgresServer *self,
                            guint port,
                            const char *primary_address,
                            guint primary_port,
                            GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_autofree char *file = port_file (self);
  guint remembered;
  guint host;

  if (is_running (self))
    return TRUE;
  g_clear_object (&self->process);
  stop_orphan (self);
  remembered = remembered_port (self, &host);

  for (guint attempt = 0;; attempt++)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autoptr (GError) local_error = NULL;
      g_autofree char *text = NULL;

      choose_place (self, host, attempt > 0 ? 0 : port != 0 ? port : remembered);
      if ((process = launch (self, primary_address, primary_port, error)) == NULL)
        return FALSE;
      text = g_strdup_printf ("%u %u\n", self->port, self->host);
      if (wait_ready (self, process, &local_error)
          && slip_postgres_tools_write (self->tools, file, text, &local_error))
        {
          self->process = g_steal_pointer (&process);
          return TRUE;
        }
      end_process (process);
      /* Another program may have taken the port between the look and the start. */
      if (attempt < 3 && !port_is_free (self->host, self->port))
        continue;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
}

void
slip_postgres_server_stop (SlipPostgresServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (is_running (self))
    end_process (self->process);
  else
    stop_orphan (self);
  g_clear_object (&self->process);
}

gboolean
slip_postgres_server_is_running (SlipPostgresServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return is_running (self);
}

guint
slip_postgres_server_get_port (SlipPostgresServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  guint host;

  return self->port != 0 ? self->port : remembered_port (self, &host);
}

char *
slip_postgres_server_dup_address (SlipPostgresServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  guint host = self->host;

  if (host == 0)
    remembered_port (self, &host);
  return address_of (host);
}
