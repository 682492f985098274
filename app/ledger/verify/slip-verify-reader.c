/* SPDX-License-Identifier: MIT */
/* Lines of a file in bounded memory, however large and hostile the file is. */

#include "slip-verify-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An entry has at most 4 MiB; what stands around it, a few KiB. */
#define LINE_MAX_BYTES (4 * 1024 * 1024 + 16 * 1024)
#define BUFFER_BYTES (256 * 1024)

gboolean
slip_verify_reader_open (SlipVerifyReader *reader, const char *path)
{
  struct stat info;

  memset (reader, 0, sizeof *reader);
  reader->fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (reader->fd < 0)
    return FALSE;
  if (fstat (reader->fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      errno = S_ISDIR (info.st_mode) ? EISDIR : EINVAL;
      close (reader->fd);
      return FALSE;
    }
  reader->size = BUFFER_BYTES;
  reader->buffer = g_malloc (reader->size);
  return TRUE;
}

void
slip_verify_reader_close (SlipVerifyReader *reader)
{
  close (reader->fd);
  g_free (reader->buffer);
}

static gboolean
fill (SlipVerifyReader *reader)
{
  gssize n;

  memmove (reader->buffer, reader->buffer + reader->start, reader->fill - reader->start);
  reader->fill -= reader->start;
  reader->start = 0;
  if (reader->fill == reader->size)
    {
      reader->size *= 2;
      reader->buffer = g_realloc (reader->buffer, reader->size);
    }
  do
    n = read (reader->fd, reader->buffer + reader->fill, reader->size - reader->fill);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return FALSE;
  reader->fill += (gsize)n;
  reader->ended = n == 0;
  return TRUE;
}

SlipVerifyLine
slip_verify_reader_next (SlipVerifyReader *reader, const char **line, gsize *length)
{
  gsize searched = 0;

  for (;;)
    {
      const char *start = reader->buffer + reader->start;
      gsize available = reader->fill - reader->start;
      const char *end = memchr (start + searched, '\n', available - searched);

      if (end != NULL || reader->ended)
        {
          *line = start;
          *length = end != NULL ? (gsize)(end - start) : available;
          reader->start += *length + (end != NULL);
          if (*length > LINE_MAX_BYTES)
            return SLIP_VERIFY_LINE_TOO_LONG;
          if (end == NULL)
            return available == 0 ? SLIP_VERIFY_LINE_END : SLIP_VERIFY_LINE_CUT;
          return SLIP_VERIFY_LINE;
        }
      if (available > LINE_MAX_BYTES)
        return SLIP_VERIFY_LINE_TOO_LONG;
      searched = available;
      if (!fill (reader))
        return SLIP_VERIFY_LINE_FAILED;
    }
}
