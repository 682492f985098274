/* SPDX-License-Identifier: MIT */
/* One face for all kinds of source files, so that landing knows none of them. */

#include "slip-records.h"

#include "slip-xlsx-reader.h"

#include <string.h>

#define PIECE (256 * 1024)

struct _SlipRecords
{
  SlipCsvReader *csv;     /* owned, or NULL */
  SlipXlsxReader *xlsx;   /* owned, or NULL */
  SlipSourceFile *source; /* of a spreadsheet: owned, to be digested at the end */
};

static gboolean
is_spreadsheet (const char *path)
{
  const char *dot = strrchr (path, '.');

  return dot != NULL && g_ascii_strcasecmp (dot, ".xlsx") == 0;
}

SlipRecords *
slip_records_open (const char *path, const SlipCsvFormat *format, GError **error)
{
  g_return_val_if_fail (path != NULL && format != NULL, NULL);

  SlipSourceFile *source = slip_source_file_open (path, error);
  g_autoptr (SlipRecords) self = g_new0 (SlipRecords, 1);

  if (source == NULL)
    return NULL;
  if (is_spreadsheet (path))
    {
      self->source = source;
      self->xlsx = slip_xlsx_reader_new (path, format->max_field, error);
    }
  else
    self->csv = slip_csv_reader_new (source, format, error);
  return self->csv != NULL || self->xlsx != NULL ? g_steal_pointer (&self) : NULL;
}

void
slip_records_free (SlipRecords *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->csv, slip_csv_reader_free);
  g_clear_pointer (&self->xlsx, slip_xlsx_reader_free);
  g_clear_pointer (&self->source, slip_source_file_free);
  g_free (self);
}

const char *const *
slip_records_get_header (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->csv != NULL ? slip_csv_reader_get_header (self->csv)
                           : slip_xlsx_reader_get_header (self->xlsx);
}

char *
slip_records_dup_header_line (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->csv == NULL)
    return g_strdup ("header row");
  return g_strdup_printf ("line %" G_GUINT64_FORMAT,
                          slip_csv_reader_get_blank_lines (self->csv) + 1);
}

SlipRead
slip_records_next (SlipRecords *self, SlipRecord *record, SlipBadRecord **bad, GError **error)
{
  g_return_val_if_fail (self != NULL, SLIP_READ_ERROR);

  return self->csv != NULL ? slip_csv_reader_next (self->csv, record, bad, error)
                           : slip_xlsx_reader_next (self->xlsx, record, bad, error);
}

guint64
slip_records_get_position (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->csv != NULL ? slip_csv_reader_get_position (self->csv)
                           : slip_source_file_get_position (self->source);
}

guint64
slip_records_get_blank_lines (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->csv != NULL ? slip_csv_reader_get_blank_lines (self->csv)
                           : slip_xlsx_reader_get_blank_lines (self->xlsx);
}

guint64
slip_records_get_inner_lines (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->csv != NULL ? slip_csv_reader_get_inner_lines (self->csv) : 0;
}

gboolean
slip_records_finish (SlipRecords *self, guint64 *bytes, char **sha256, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  SlipSourceFile *source
      = self->csv != NULL ? slip_csv_reader_get_source (self->csv) : self->source;
  g_autofree char *piece = self->csv == NULL ? g_malloc (PIECE) : NULL;
  gssize n = piece != NULL ? 1 : 0;

  while (n > 0)
    n = slip_source_file_read (source, piece, PIECE, error);
  *bytes = slip_source_file_get_size (source);
  return n == 0 && slip_source_file_finish (source, sha256, error);
}
