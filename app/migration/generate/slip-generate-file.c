/* SPDX-License-Identifier: MIT */
/* Writes one CSV file of generated data, with quotes where they are needed (RFC 4180), and counts and
 * digests what it wrote. Defects of whole records are made here, since they break this very form. */

#include "slip-generate-private.h"

#include "slip-migration-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (1 << 18)

struct _SlipGenFile
{
  const SlipGenTable *table;
  char *name;      /* owned */
  char *path;      /* owned */
  int fd;          /* -1 when closed */
  GString *record; /* owned; in UTF-8 */
  gsize last;      /* where its last field begins */
  gboolean begun;
  GString *buffer; /* owned; in the file's encoding, not written yet */
  EVP_MD_CTX *sum; /* owned */
  guint64 rows;    /* records but the header */
  guint64 bytes;
};

static gboolean
fail (SlipGenFile *self, const char *doing, GError **error)
{
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "cannot %s %s: %s", doing,
               self->path, g_strerror (errno));
  return FALSE;
}

static gboolean
flush (SlipGenFile *self, GError **error)
{
  const char *at = self->buffer->str;
  gsize left = self->buffer->len;

  EVP_DigestUpdate (self->sum, at, left);
  self->bytes += left;
  while (left > 0)
    {
      gssize n = write (self->fd, at, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (self, "write", error);
      at += n;
      left -= (gsize)n;
    }
  g_string_truncate (self->buffer, 0);
  return TRUE;
}

SlipGenFile *
slip_gen_file_new (const char *folder, const char *name, const SlipGenTable *table, GError **error)
{
  SlipGenFile *self = g_new0 (SlipGenFile, 1);

  self->table = table;
  self->name = g_strdup (name);
  self->path = g_build_filename (folder, name, NULL);
  self->record = g_string_sized_new (4096);
  self->buffer = g_string_sized_new (BUFFER_BYTES + 65536);
  self->sum = EVP_MD_CTX_new ();
  EVP_DigestInit_ex (self->sum, EVP_sha256 (), NULL);
  self->fd = g_open (self->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (self->fd < 0)
    {
      fail (self, "make", error);
      slip_gen_file_free (self);
      return NULL;
    }
  if (table->bom)
    g_string_append (self->buffer, "\xef\xbb\xbf");
  return self;
}

void
slip_gen_file_free (SlipGenFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->name);
  g_free (self->path);
  g_string_free (self->record, TRUE);
  g_string_free (self->buffer, TRUE);
  EVP_MD_CTX_free (self->sum);
  g_free (self);
}

void
slip_gen_file_field (SlipGenFile *self, const char *value, gsize length)
{
  const char needs_quotes[] = {'"', '\n', '\r', self->table->delimiter, '\0'};

  if (self->begun)
    g_string_append_c (self->record, self->table->delimiter);
  self->begun = TRUE;
  self->last = self->record->len;
  if (length == 0)
    return;
  if (value[strcspn (value, needs_quotes)] == '\0')
    {
      g_string_append_len (self->record, value, (gssize)length);
      return;
    }
  g_string_append_c (self->record, '"');
  for (const char *at = value; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (self->record, '"');
      g_string_append_c (self->record, *at);
    }
  g_string_append_c (self->record, '"');
}

static void
replace_last (SlipGenFile *self, const char *with, gsize length)
{
  g_string_truncate (self->record, self->last);
  g_string_append_len (self->record, with, (gssize)length);
}

static void
spoil (SlipGenFile *self, guint defects)
{
  if (defects & 1u << SLIP_GEN_RECORD_OPEN_QUOTE)
    replace_last (self, "\"not closed", 11);
  if (defects & 1u << SLIP_GEN_RECORD_AFTER_QUOTE)
    replace_last (self, "\"closed\" and on", 15);
  if (defects & 1u << SLIP_GEN_RECORD_NUL)
    replace_last (self, "a\0b", 3);
  if (defects & 1u << SLIP_GEN_RECORD_LONG)
    g_string_append_printf (self->record, "%cone too many", self->table->delimiter);
  if (defects & 1u << SLIP_GEN_RECORD_SHORT)
    g_string_truncate (self->record, self->last > 0 ? self->last - 1 : 0);
}

static gboolean
append_encoded (SlipGenFile *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (self->table->encoding == NULL)
    {
      g_string_append_len (self->buffer, self->record->str, (gssize)self->record->len);
      return TRUE;
    }
  text = g_convert (self->record->str, (gssize)self->record->len, self->table->encoding, "UTF-8",
                    NULL, &length, &local);
  if (text == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                   "%s, row %" G_GUINT64_FORMAT ": a value cannot be written in %s: %s. Use lists "
                   "that have only its letters",
                   self->name, self->rows, self->table->encoding, local->message);
      return FALSE;
    }
  g_string_append_len (self->buffer, text, (gssize)length);
  return TRUE;
}

/* @defects: bits of SlipGenRecordDefect. */
gboolean
slip_gen_file_end_record (SlipGenFile *self, guint defects, GError **error)
{
  const char *end = self->table->crlf ? "\r\n" : "\n";
  guint times = defects & 1u << SLIP_GEN_RECORD_TWICE ? 2 : 1;

  if (defects != 0)
    spoil (self, defects);
  if (defects & 1u << SLIP_GEN_RECORD_EMPTY_LINE)
    g_string_append (self->buffer, end);
  for (guint i = 0; i < times; i++)
    {
      if (!append_encoded (self, error))
        return FALSE;
      /* A lone 0x81 is in no text: not of UTF-8, and not of WINDOWS-1252. */
      if (defects & 1u << SLIP_GEN_RECORD_BAD_BYTES)
        g_string_append_c (self->buffer, '\x81');
      g_string_append (self->buffer, end);
    }
  self->rows += times;
  g_string_truncate (self->record, 0);
  self->begun = FALSE;
  return self->buffer->len < BUFFER_BYTES || flush (self, error);
}

/* Adds the file's line to @manifest. The first record was the header. */
gboolean
slip_gen_file_finish (SlipGenFile *self, GString *manifest, GError **error)
{
  guchar digest[EVP_MAX_MD_SIZE];
  guint length = 0;
  gboolean closed;

  if (!flush (self, error))
    return FALSE;
  closed = close (self->fd) == 0;
  self->fd = -1;
  if (!closed)
    return fail (self, "close", error);
  g_string_append_printf (manifest, "%s\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t",
                          self->name, self->rows - 1, self->bytes);
  EVP_DigestFinal_ex (self->sum, digest, &length);
  for (guint i = 0; i < length; i++)
    g_string_append_printf (manifest, "%02x", digest[i]);
  g_string_append_c (manifest, '\n');
  return TRUE;
}
