/* SPDX-License-Identifier: MIT */
/* One face for all kinds of source files, so that landing knows none of them. */

#include "slip-records.h"

struct _SlipRecords
{
  SlipCsvReader *csv; /* owned */
};

SlipRecords *
slip_records_open (const char *path, const SlipCsvFormat *format, GError **error)
{
  g_return_val_if_fail (path != NULL && format != NULL, NULL);

  SlipSourceFile *source = slip_source_file_open (path, error);
  SlipCsvReader *csv = source != NULL ? slip_csv_reader_new (source, format, error) : NULL;
  SlipRecords *self;

  if (csv == NULL)
    return NULL;
  self = g_new0 (SlipRecords, 1);
  self->csv = csv;
  return self;
}

void
slip_records_free (SlipRecords *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->csv, slip_csv_reader_free);
  g_free (self);
}

const char *const *
slip_records_get_header (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return slip_csv_reader_get_header (self->csv);
}

SlipRead
slip_records_next (SlipRecords *self, SlipRecord *record, SlipBadRecord **bad, GError **error)
{
  g_return_val_if_fail (self != NULL, SLIP_READ_ERROR);

  return slip_csv_reader_next (self->csv, record, bad, error);
}

guint64
slip_records_get_position (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return slip_csv_reader_get_position (self->csv);
}

guint64
slip_records_get_blank_lines (SlipRecords *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return slip_csv_reader_get_blank_lines (self->csv);
}

gboolean
slip_records_finish (SlipRecords *self, guint64 *bytes, char **sha256, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  SlipSourceFile *source = slip_csv_reader_get_source (self->csv);

  *bytes = slip_source_file_get_size (source);
  return slip_source_file_finish (source, sha256, error);
}
