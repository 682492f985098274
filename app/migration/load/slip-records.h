/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-csv-reader.h"

G_BEGIN_DECLS

/**
 * SlipRecords:
 *
 * The records of a source file, whatever kind of file it is: `.xlsx` by slip-xlsx-reader.h, everything else as
 * CSV. One thread.
 */
typedef struct _SlipRecords SlipRecords;

/**
 * slip_records_open:
 * @path: a file
 * @format: what the sidecar states; of a spreadsheet only the greatest field counts
 * @error: return location
 *
 * Returns: (transfer full): the records behind the header, or %NULL with the reader's error
 */
SlipRecords *slip_records_open (const char *path, const SlipCsvFormat *format, GError **error);
void slip_records_free (SlipRecords *self);

const char *const *slip_records_get_header (SlipRecords *self);

/**
 * slip_records_dup_header_line:
 *
 * Before any record is read.
 *
 * Returns: (transfer full): where in the file the header begins, for a person
 */
char *slip_records_dup_header_line (SlipRecords *self);

SlipRead
slip_records_next (SlipRecords *self, SlipRecord *record, SlipBadRecord **bad, GError **error);

/**
 * slip_records_get_position:
 *
 * Returns: bytes of the file that are done
 */
guint64 slip_records_get_position (SlipRecords *self);
guint64 slip_records_get_blank_lines (SlipRecords *self);
guint64 slip_records_get_inner_lines (SlipRecords *self);

/**
 * slip_records_finish:
 * @bytes: (out): the file's size
 * @sha256: (out) (transfer full): its digest
 *
 * As slip_source_file_finish(), after the last record.
 */
gboolean slip_records_finish (SlipRecords *self, guint64 *bytes, char **sha256, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRecords, slip_records_free)

G_END_DECLS
