/* SPDX-License-Identifier: MIT */
/* PostgreSQL's programs: where they are, as whom they run, and how they are started so that nothing
 * is left behind when the rehearsal server dies. Knows nothing of clusters or snapshots; that is
 * slip-postgres.c, its only caller. */

#include "slip-postgres-tools.h"
#include "slip-file.h"
#include "slip-handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor under which programs find the folder. */
#define INNER_FD 9

struct _SlipPostgresTools
{
  char *folder;  /* owned */
  char *inner;   /* owned; the folder as programs see it */
  char *bin;     /* owned; the folder of PostgreSQL's programs */
  char *version; /* owned */
  int folder_fd; /* or -1 when programs use the plain path */
  gboolean drop; /* whether programs run as another user */
  uid_t uid;
  gid_t gid;
  GThread *starter;           /* owned; starts the programs that go on */
  SlipHandoffQueue *requests; /* owned; element-type StartRequest */
};

typedef struct
{
  const char *const *argv; /* NULL ends the thread */
  const char *log;
  GSubprocess *process;
  GError *error;
  GMutex mutex;
  GCond cond;
  gboolean done;
} StartRequest;

typedef struct
{
  gboolean drop;
  uid_t uid;
  gid_t gid;
  int death_signal;
  gboolean session;
} ChildSetup;

GQuark
slip_postgres_error_quark (void)
{
  return g_quark_from_static_string ("slip-postgres-error-quark");
}

/* Runs between fork and exec: only plain system calls are allowed here. */
static void
set_up_child (gpointer data)
{
  const ChildSetup *setup = data;

  if (setup->session)
    setsid ();
  if (setup->drop
      && (setgroups (0, NULL) != 0 || setgid (setup->gid) != 0 || setuid (setup->uid) != 0))
    _exit (126);
  /* After setuid(), which clears it. */
  prctl (PR_SET_PDEATHSIG, setup->death_signal);
}

static GSubprocessLauncher *
new_launcher (SlipPostgresTools *self, GSubprocessFlags flags, int death_signal, gboolean session)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  ChildSetup *setup = g_new0 (ChildSetup, 1);

  *setup = (ChildSetup){self->drop, self->uid, self->gid, death_signal, session};
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, setup, g_free);
  if (self->folder_fd >= 0)
    g_subprocess_launcher_take_fd (launcher, fcntl (self->folder_fd, F_DUPFD_CLOEXEC, 20),
                                   INNER_FD);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "TZ", "UTC", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "PGPASSWORD");
  g_subprocess_launcher_unsetenv (launcher, "PGSERVICE");
  g_subprocess_launcher_unsetenv (launcher, "PGDATA");
  g_subprocess_launcher_set_cwd (launcher, "/");
  return launcher;
}

static GStrv
resolve_program (SlipPostgresTools *self, const char *const *argv)
{
  GStrv resolved = g_strdupv ((char **)argv);
  g_autofree char *own = g_build_filename (self->bin, argv[0], NULL);

  if (g_file_test (own, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_free (resolved[0]);
      resolved[0] = g_steal_pointer (&own);
    }
  return resolved;
}

/* The kernel's death signal comes when the *thread* that forked ends, so programs that go on are
 * all forked by one thread that lives as long as the tools do. */
static gpointer
starter_main (gpointer data)
{
  SlipPostgresTools *self = data;

  for (;;)
    {
      StartRequest *request = slip_handoff_queue_pop (self->requests);
      gboolean end = request->argv == NULL;

      if (!end)
        {
          g_autoptr (GSubprocessLauncher) launcher
              = new_launcher (self, G_SUBPROCESS_FLAGS_NONE, SIGINT, TRUE);
          g_auto (GStrv) argv = resolve_program (self, request->argv);
          int fd
              = g_open (request->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

          if (fd < 0)
            g_set_error (&request->error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
                         "cannot write %s: %s", request->log, g_strerror (errno));
          else
            {
              g_subprocess_launcher_take_stderr_fd (launcher, fcntl (fd, F_DUPFD_CLOEXEC, 20));
              g_subprocess_launcher_take_stdout_fd (launcher, fd);
              request->process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv,
                                                               &request->error);
            }
        }

      g_mutex_lock (&request->mutex);
      request->done = TRUE;
      g_cond_signal (&request->cond);
      g_mutex_unlock (&request->mutex);
      if (end)
        return NULL;
    }
}

static void
ask_starter (SlipPostgresTools *self, StartRequest *request)
{
  g_mutex_init (&request->mutex);
  g_cond_init (&request->cond);
  slip_handoff_queue_push (self->requests, request);
  g_mutex_lock (&request->mutex);
  while (!request->done)
    g_cond_wait (&request->cond, &request->mutex);
  g_mutex_unlock (&request->mutex);
  g_mutex_clear (&request->mutex);
  g_cond_clear (&request->cond);
}

static gboolean
has_programs (const char *folder)
{
  const char *const needed[] = {"initdb", "postgres", "pg_basebackup"};

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *path = g_build_filename (folder, needed[i], NULL);
      if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return FALSE;
    }
  return TRUE;
}

static char *
find_by_version (const char *base)
{
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  g_autofree char *best = NULL;
  double best_version = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      double version = g_ascii_strtod (name, NULL);
      g_autofree char *bin = g_build_filename (base, name, "bin", NULL);

      if (version > best_version && has_programs (bin))
        {
          best_version = version;
          g_free (best);
          best = g_steal_pointer (&bin);
        }
    }
  return g_steal_pointer (&best);
}

static char *
find_programs (void)
{
  const char *argv[] = {"pg_config", "--bindir", NULL};
  g_autofree char *said = NULL;
  g_autofree char *postgres = NULL;
  char *found;

  if (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, &said, NULL, NULL, NULL)
      && has_programs (g_strstrip (said)))
    return g_steal_pointer (&said);
  if ((found = find_by_version ("/usr/lib/postgresql")) != NULL)
    return found;
  if ((postgres = g_find_program_in_path ("postgres")) != NULL)
    {
      g_autofree char *real = realpath (postgres, NULL);
      g_autofree char *bin = g_path_get_dirname (real != NULL ? real : postgres);

      if (has_programs (bin))
        return g_steal_pointer (&bin);
    }
  return NULL;
}

/* PostgreSQL refuses to run as root. */
static gboolean
choose_user (SlipPostgresTools *self, GError **error)
{
  const char *const names[] = {"postgres", "nobody"};

  if (geteuid () != 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      struct passwd entry, *found = NULL;
      char buffer[4096];

      if (getpwnam_r (names[i], &entry, buffer, sizeof buffer, &found) == 0 && found != NULL
          && found->pw_uid != 0)
        {
          self->drop = TRUE;
          self->uid = found->pw_uid;
          self->gid = found->pw_gid;
          return TRUE;
        }
    }
  g_set_error_literal (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_ABSENT,
                       "PostgreSQL does not run as root, and there is neither a user postgres nor "
                       "nobody. Start the rehearsal server as an ordinary user.");
  return FALSE;
}

static gboolean
open_folder (SlipPostgresTools *self, GError **error)
{
  if (!slip_postgres_tools_make_folder (self, ".", error))
    return FALSE;
  if (!self->drop)
    {
      self->inner = g_strdup (self->folder);
      return TRUE;
    }
  self->folder_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->folder_fd < 0)
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED, "cannot open %s: %s",
                   self->folder, g_strerror (errno));
      return FALSE;
    }
  self->inner = g_strdup_printf ("/proc/self/fd/%d", INNER_FD);
  return TRUE;
}

static gboolean
ask_version (SlipPostgresTools *self, GError **error)
{
  g_autofree char *program = g_build_filename (self->bin, "postgres", NULL);
  const char *argv[] = {program, "--version", NULL};
  g_autofree char *said = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &said, NULL, &status,
                     error)
      || !g_spawn_check_wait_status (status, error))
    return FALSE;
  g_strstrip (said);
  self->version = g_strdup (g_str_has_prefix (said, "postgres ") ? said + 9 : said);
  return TRUE;
}

SlipPostgresTools *
slip_postgres_tools_new (const char *folder, GError **error)
{
  g_autoptr (SlipPostgresTools) self = g_new0 (SlipPostgresTools, 1);

  g_return_val_if_fail (folder != NULL, NULL);

  self->folder = g_canonicalize_filename (folder, NULL);
  self->folder_fd = -1;
  self->bin = find_programs ();
  if (self->bin == NULL)
    {
      g_set_error_literal (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_ABSENT,
                           "PostgreSQL's server programs (initdb, postgres, pg_basebackup) are not "
                           "installed. Install the package postgresql to rehearse with rows.");
      return NULL;
    }
  if (!choose_user (self, error) || !open_folder (self, error) || !ask_version (self, error))
    return NULL;

  self->requests = slip_handoff_queue_new (NULL);
  self->starter = g_thread_new ("slip-postgres", starter_main, self);
  return g_steal_pointer (&self);
}

void
slip_postgres_tools_free (SlipPostgresTools *self)
{
  if (self == NULL)
    return;
  if (self->starter != NULL)
    {
      StartRequest end = {0};

      ask_starter (self, &end);
      g_thread_join (self->starter);
      slip_handoff_queue_unref (self->requests);
    }
  if (self->folder_fd >= 0)
    close (self->folder_fd);
  g_free (self->folder);
  g_free (self->inner);
  g_free (self->bin);
  g_free (self->version);
  g_free (self);
}

const char *
slip_postgres_tools_get_version (SlipPostgresTools *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->version;
}

char *
slip_postgres_tools_dup_path (SlipPostgresTools *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);
  return g_build_filename (self->folder, name, NULL);
}

char *
slip_postgres_tools_dup_inner_path (SlipPostgresTools *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);
  return g_build_filename (self->inner, name, NULL);
}

/* The end of what a program printed, on one line, so that it can stand in an error. */
static char *
last_words (const char *printed)
{
  g_autofree char *text = g_strdup (printed != NULL ? printed : "");
  gsize length = strlen (g_strstrip (text));
  const char *end = length > 400 ? text + length - 400 : text;
  g_autofree char *valid = g_utf8_make_valid (end, -1);

  return g_strdelimit (g_steal_pointer (&valid), "\n", ' ');
}

gboolean
slip_postgres_tools_run (SlipPostgresTools *self,
                         const char *const *argv,
                         const char *password,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) printed = NULL;
  g_auto (GStrv) resolved = NULL;

  g_return_val_if_fail (self != NULL && argv != NULL && argv[0] != NULL, FALSE);

  launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                           SIGKILL, FALSE);
  if (password != NULL)
    g_subprocess_launcher_setenv (launcher, "PGPASSWORD", password, TRUE);
  resolved = resolve_program (self, argv);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)resolved, error);
  if (process == NULL)
    return FALSE;
  if (!g_subprocess_communicate (process, NULL, cancellable, &printed, NULL, error))
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  if (!g_subprocess_get_successful (process))
    {
      g_autofree char *text
          = g_strndup (g_bytes_get_data (printed, NULL), g_bytes_get_size (printed));
      g_autofree char *words = last_words (text);

      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED, "%s failed: %s", argv[0],
                   *words != '\0' ? words : "it printed nothing");
      return FALSE;
    }
  return TRUE;
}

GSubprocess *
slip_postgres_tools_start (SlipPostgresTools *self,
                           const char *const *argv,
                           const char *log,
                           GError **error)
{
  g_autofree char *path = NULL;
  StartRequest request = {0};

  g_return_val_if_fail (self != NULL && argv != NULL && argv[0] != NULL && log != NULL, NULL);

  path = slip_postgres_tools_dup_path (self, log);
  request.argv = argv;
  request.log = path;
  ask_starter (self, &request);
  if (request.error != NULL)
    g_propagate_error (error, request.error);
  return request.process;
}

gboolean
slip_postgres_tools_make_folder (SlipPostgresTools *self, const char *name, GError **error)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self, name);

  if (g_mkdir_with_parents (path, 0700) != 0 || chmod (path, 0700) != 0
      || (self->drop && chown (path, self->uid, self->gid) != 0))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
                   "cannot make the folder %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

gboolean
slip_postgres_tools_write (SlipPostgresTools *self,
                           const char *name,
                           const char *text,
                           GError **error)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self, name);

  if (!slip_file_write_atomic (path, text, -1, 0600, error))
    return FALSE;
  if (self->drop && chown (path, self->uid, self->gid) != 0)
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
                   "cannot give %s away: %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

static int
remove_one (const char *path, const struct stat *status, int flag, struct FTW *walk)
{
  if (remove (path) != 0 && errno != ENOENT)
    g_message ("cannot delete %s: %s", path, g_strerror (errno));
  return 0;
}

void
slip_postgres_tools_remove (SlipPostgresTools *self, const char *name)
{
  g_autofree char *path = NULL;

  g_return_if_fail (self != NULL && name != NULL && *name != '\0');

  path = slip_postgres_tools_dup_path (self, name);
  nftw (path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}
