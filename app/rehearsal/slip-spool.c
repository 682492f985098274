/* SPDX-License-Identifier: MIT */

/* Files without names that hold what a client sends while it comes in, and maps of files that are
 * sent back. With them an object's size costs disk and address space, not memory. */

#include "slip-spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _SlipSpool
{
  int fd;
  guint64 length;
  int failure; /* errno of the first write that failed, or 0 */
};

static gboolean
set_failure (GError **error, int code, const char *what)
{
  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (code), "%s: %s", what,
               g_strerror (code));
  return FALSE;
}

/* Not every file system can make a file that never had a name. */
static int
open_unnamed (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  g_autofree char *path = NULL;

  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  path = g_build_filename (folder, ".spool-XXXXXX", NULL);
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    g_unlink (path);
  return fd;
}

SlipSpool *
slip_spool_new (const char *folder, GError **error)
{
  int fd = open_unnamed (folder);
  SlipSpool *spool;

  if (fd < 0)
    {
      set_failure (error, errno, folder);
      return NULL;
    }
  spool = g_new0 (SlipSpool, 1);
  spool->fd = fd;
  return spool;
}

void
slip_spool_free (SlipSpool *spool)
{
  close (spool->fd);
  g_free (spool);
}

void
slip_spool_write (SlipSpool *spool, gconstpointer data, gsize length)
{
  const char *at = data;

  while (length > 0 && spool->failure == 0)
    {
      gssize written = write (spool->fd, at, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          spool->failure = written < 0 ? errno : ENOSPC;
          return;
        }
      at += written;
      length -= (gsize)written;
      spool->length += (guint64)written;
    }
}

guint64
slip_spool_get_length (SlipSpool *spool)
{
  return spool->length;
}

GBytes *
slip_spool_map (SlipSpool *spool, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;

  if (spool->failure != 0)
    {
      set_failure (error, spool->failure, "what was sent cannot be kept");
      return NULL;
    }
  file = g_mapped_file_new_from_fd (spool->fd, FALSE, error);
  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

GBytes *
slip_spool_map_file (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}
