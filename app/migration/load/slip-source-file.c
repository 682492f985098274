/* SPDX-License-Identifier: MIT */
/* Where a file's bytes come from: read once, digested on the way, and looked at again at the end, because a
 * file that is copied into its folder while it is loaded would land as half a file. */

#include "slip-source-file.h"

#include "slip-digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_BYTES (256 * 1024)

struct _SlipSource
{
  char *name;         /* owned; without the folder */
  char *path;         /* owned; NULL for bytes in memory */
  int fd;             /* or -1 */
  const guint8 *data; /* borrowed, when there is no file */
  struct stat first;  /* as it was opened */
  guint64 size;
  guint64 position;
  SlipDigest *digest; /* owned */
};

static SlipSourceFile *
new_source (const char *name)
{
  SlipSourceFile *self = g_new0 (SlipSourceFile, 1);

  self->name = g_strdup (name);
  self->fd = -1;
  self->digest = slip_digest_new ();
  return self;
}

static void
set_error (const char *path, int number, GError **error)
{
  if (number == ENOENT)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND, "there is no file %s",
                 path);
  else
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "cannot read %s: %s", path,
                 g_strerror (number));
}

SlipSourceFile *
slip_source_file_open (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (SlipSourceFile) self = new_source (name);

  self->path = g_strdup (path);
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &self->first) != 0)
    {
      set_error (path, errno, error);
      return NULL;
    }
  if (!S_ISREG (self->first.st_mode))
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "%s is no regular file",
                   path);
      return NULL;
    }
  self->size = (guint64)self->first.st_size;
  posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return g_steal_pointer (&self);
}

SlipSourceFile *
slip_source_file_new_for_bytes (const char *name, const void *data, gsize length)
{
  g_return_val_if_fail (name != NULL, NULL);

  SlipSourceFile *self = new_source (name);

  self->data = data;
  self->size = length;
  return self;
}

void
slip_source_file_free (SlipSourceFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  slip_digest_free (self->digest);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

const char *
slip_source_file_get_name (SlipSourceFile *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

guint64
slip_source_file_get_size (SlipSourceFile *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size;
}

guint64
slip_source_file_get_position (SlipSourceFile *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->position;
}

gssize
slip_source_file_read (SlipSourceFile *self, void *buffer, gsize length, GError **error)
{
  g_return_val_if_fail (self != NULL, -1);

  gssize n;

  if (self->fd < 0)
    {
      n = (gssize)MIN (length, self->size - self->position);
      if (n > 0)
        memcpy (buffer, self->data + self->position, (gsize)n);
    }
  else
    do
      n = read (self->fd, buffer, length);
    while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      set_error (self->path, errno, error);
      return -1;
    }
  slip_digest_add (self->digest, buffer, (gsize)n);
  self->position += (guint64)n;
  return n;
}

static gboolean
is_unchanged (SlipSourceFile *self)
{
  struct stat now;
  struct stat named;

  if (self->position != self->size)
    return FALSE;
  if (self->fd < 0)
    return TRUE;
  /* Another file under the same name is a change as well: the next reader gets that one. */
  return fstat (self->fd, &now) == 0 && stat (self->path, &named) == 0
         && now.st_size == self->first.st_size && now.st_mtim.tv_sec == self->first.st_mtim.tv_sec
         && now.st_mtim.tv_nsec == self->first.st_mtim.tv_nsec && named.st_ino == now.st_ino
         && named.st_dev == now.st_dev;
}

gboolean
slip_source_file_finish (SlipSourceFile *self, char **sha256, GError **error)
{
  g_return_val_if_fail (self != NULL && sha256 != NULL, FALSE);

  if (!is_unchanged (self))
    {
      g_set_error (
          error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
          "%s changed while it was read. Wait until whoever writes it has finished, and load "
          "again",
          self->name);
      return FALSE;
    }
  *sha256 = slip_digest_end (self->digest);
  return TRUE;
}

char *
slip_source_file_digest (const char *path,
                         GCancellable *cancellable,
                         guint64 *bytes,
                         GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (SlipSourceFile) source = slip_source_file_open (path, error);
  g_autofree guint8 *buffer = g_malloc (DIGEST_BYTES);
  char *sha256 = NULL;
  gssize n = source != NULL ? 1 : -1;

  while (n > 0)
    {
      if (g_cancellable_is_cancelled (cancellable))
        {
          g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED, "%s: cancelled",
                       source->name);
          return NULL;
        }
      n = slip_source_file_read (source, buffer, DIGEST_BYTES, error);
    }
  if (n < 0 || !slip_source_file_finish (source, &sha256, error))
    return NULL;
  if (bytes != NULL)
    *bytes = source->size;
  return sha256;
}
