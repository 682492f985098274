/* SPDX-License-Identifier: MIT */
/* Files that are read with a limit and written whole or not at all. */

#include "slip-file.h"
#include "slip-base-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

GQuark
slip_base_error_quark (void)
{
  return g_quark_from_static_string ("slip-base-error-quark");
}

static gboolean
io_error (GError **error, const char *doing, const char *path)
{
  int saved = errno;

  if (saved == ENOENT)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s %s: %s", doing, path,
                 g_strerror (saved));
  else
    g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO, "%s %s: %s", doing, path,
                 g_strerror (saved));
  return FALSE;
}

static gboolean
too_large (GError **error, const char *path, gsize max_bytes)
{
  g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_TOO_LARGE,
               "%s is larger than %" G_GSIZE_FORMAT " bytes", path, max_bytes);
  return FALSE;
}

static gboolean
read_all (int fd, const char *path, gsize max_bytes, GByteArray *bytes, GError **error)
{
  guint8 block[65536];

  for (;;)
    {
      gssize n = read (fd, block, sizeof block);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return io_error (error, "cannot read", path);
      if (n == 0)
        return TRUE;
      if (bytes->len + (gsize)n > max_bytes)
        return too_large (error, path, max_bytes);
      g_byte_array_append (bytes, block, (guint)n);
    }
}

GBytes *
slip_file_read (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  struct stat status;
  gboolean ok;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_bytes < G_MAXUINT - 65536, NULL);

  fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0)
    {
      io_error (error, "cannot open", path);
      return NULL;
    }
  bytes = g_byte_array_new ();
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && (guint64)status.st_size > max_bytes)
    ok = too_large (error, path, max_bytes);
  else
    ok = read_all (fd, path, max_bytes, bytes, error);
  close (fd);
  return ok ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}

gboolean
slip_file_sync_folder (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean ok;

  if (fd < 0)
    return io_error (error, "cannot open folder", path);
  /* Some file systems cannot sync a folder and say EINVAL; there is nothing more to do there. */
  ok = fsync (fd) == 0 || errno == EINVAL;
  if (!ok)
    io_error (error, "cannot sync folder", path);
  close (fd);
  return ok;
}

/* ---- what is written beside */

#define MARK ".slipway-"

/* Of another namespace of processes the numbers mean nothing here: a sandbox's own. */
static const char *
process_namespace (void)
{
  static char *name;

  if (g_once_init_enter (&name))
    {
      g_autofree char *link = g_file_read_link ("/proc/self/ns/pid", NULL);
      const char *bracket = link != NULL ? strchr (link, '[') : NULL;
      char *digits = g_strdup (bracket != NULL ? bracket + 1 : "0");

      digits[strspn (digits, "0123456789")] = '\0';
      g_once_init_leave (&name, digits);
    }
  return name;
}

char *
slip_file_temporary (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);

  return g_strdup_printf ("%s" MARK "%s-%d-XXXXXX", path, process_namespace (), (int)getpid ());
}

/* Whether @name is one of ours, and the process that it names is gone. */
static gboolean
is_stale (const char *name)
{
  const char *mark = g_strrstr (name, MARK);
  g_auto (GStrv) parts = mark != NULL ? g_strsplit (mark + strlen (MARK), "-", 4) : NULL;
  gint64 pid;

  if (parts == NULL || g_strv_length (parts) != 3 || strlen (parts[2]) != 6
      || !g_str_equal (parts[0], process_namespace ())
      || !g_ascii_string_to_signed (parts[1], 10, 1, G_MAXINT, &pid, NULL))
    return FALSE;
  return kill ((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void
slip_file_sweep (const char *folder)
{
  g_autoptr (GDir) files = NULL;
  const char *name;

  g_return_if_fail (folder != NULL);

  files = g_dir_open (folder, 0, NULL);
  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = is_stale (name) ? g_build_filename (folder, name, NULL) : NULL;

      if (path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_unlink (path) != 0
          && errno != ENOENT)
        g_debug ("cannot remove %s, left by a process that was killed: %s", path,
                 g_strerror (errno));
    }
}

gboolean
slip_file_write_atomic (const char *path, const char *data, gssize length, int mode, GError **error)
{
  g_autofree char *temporary = NULL;
  g_autofree char *folder = NULL;
  gboolean ok;
  int fd;

  g_return_val_if_fail (path != NULL && data != NULL, FALSE);

  if (length < 0)
    length = (gssize)strlen (data);
  folder = g_path_get_dirname (path);
  slip_file_sweep (folder);
  temporary = slip_file_temporary (path);
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0)
    return io_error (error, "cannot write beside", path);

  ok = fchmod (fd, (mode_t)mode) == 0 && write_all (fd, data, (gsize)length) && fsync (fd) == 0;
  if (!ok)
    io_error (error, "cannot write", path);
  if (close (fd) != 0 && ok)
    ok = io_error (error, "cannot write", path);
  if (ok && g_rename (temporary, path) != 0)
    ok = io_error (error, "cannot replace", path);
  if (!ok)
    {
      g_unlink (temporary);
      return FALSE;
    }
  return slip_file_sync_folder (folder, error);
}
