/* SPDX-License-Identifier: MIT */
/* Advisory locks between processes, one file per name under the ledger's folder. A run is executed
 * by one process at a time, and two runs never act on the same resource. Open-file
 * locks are used because the kernel releases them with the process, so that a killed runner leaves no
 * stale lock behind, and because they can be asked about without being taken. */

#include "slip-run-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "slip-base-error.h"
#include "slip-run.h"

struct _SlipRunLock
{
  int fd;
  char *path; /* of a lock whose file goes with it, or NULL */
};

static char *
lock_path (const char *folder, const char *name)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  g_autofree char *file = g_strndup (digest, 32);

  return g_build_filename (folder, file, NULL);
}

static char *
read_holder (int fd)
{
  char text[256];
  gssize length = pread (fd, text, sizeof text - 1, 0);

  if (length <= 0)
    return g_strdup ("another process");
  text[length] = '\0';
  g_strchomp (text);
  return g_utf8_make_valid (text, -1);
}

static void
write_holder (int fd, const char *holder)
{
  /* Only for a message: a full disk must not keep the lock from being taken. */
  if (ftruncate (fd, 0) != 0 || pwrite (fd, holder, strlen (holder), 0) < 0)
    g_debug ("cannot write the holder of a lock: %s", g_strerror (errno));
}

SlipRunLock *
slip_run_lock_take (const char *folder, const char *name, const char *holder, GError **error)
{
  g_autofree char *path = NULL;
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  SlipRunLock *lock;
  int fd;

  g_return_val_if_fail (folder != NULL && name != NULL && holder != NULL, NULL);

  path = lock_path (folder, name);
  fd = g_mkdir_with_parents (folder, 0700) == 0
           ? open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
           : -1;
  if (fd < 0)
    {
      g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_IO, "cannot open lock file %s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  if (fcntl (fd, F_OFD_SETLK, &range) != 0)
    {
      g_autofree char *other = read_holder (fd);

      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY, "%s is held by %s", name, other);
      close (fd);
      return NULL;
    }
  write_holder (fd, holder);
  lock = g_new0 (SlipRunLock, 1);
  lock->fd = fd;
  return lock;
}

SlipRunLock *
slip_run_lock_take_once (const char *folder, const char *name, const char *holder, GError **error)
{
  SlipRunLock *lock = slip_run_lock_take (folder, name, holder, error);

  if (lock != NULL)
    lock->path = lock_path (folder, name);
  return lock;
}

void
slip_run_lock_free (SlipRunLock *lock)
{
  g_return_if_fail (lock != NULL);

  if (lock->path != NULL && unlink (lock->path) != 0 && errno != ENOENT)
    g_debug ("cannot remove lock file %s: %s", lock->path, g_strerror (errno));
  g_free (lock->path);
  close (lock->fd);
  g_free (lock);
}

gboolean
slip_run_lock_is_held (const char *folder, const char *name)
{
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  g_autofree char *path = NULL;
  gboolean held;
  int fd;

  g_return_val_if_fail (folder != NULL && name != NULL, FALSE);

  path = lock_path (folder, name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  held = fcntl (fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  close (fd);
  return held;
}
