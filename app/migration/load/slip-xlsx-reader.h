/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-csv-reader.h"

G_BEGIN_DECLS

/**
 * SlipXlsxReader:
 *
 * Reads the first sheet of a spreadsheet (Office Open XML, ECMA-376) row by row, in constant memory: its shared strings stand
 * in a temporary file when they are many. What no spreadsheet has is refused: a cell of more than 1 MiB, a row of more than 16 MiB,
 * a part that unpacks to more than a hundred times of the file's size (and 64 MiB), a document type. One thread.
 *
 * The first row is the header. A number is its shortest text, without a fraction where it has none; a date is
 * `YYYY-MM-DD HH:MM:SS`, a time of day `HH:MM:SS`; a truth value is `True` or `False`; a formula is the value that
 * was saved with it. Rows without a value are no records. Of a bad record the line is the sheet's row, and there is no
 * byte.
 */
typedef struct _SlipXlsxReader SlipXlsxReader;

/**
 * slip_xlsx_reader_new:
 * @path: a file
 * @max_field: bytes that one field may have, at most 1 MiB; 0 is 1 MiB
 * @error: return location
 *
 * Returns: (transfer full): a reader before the first record, or %NULL with %SLIP_MIGRATION_ERROR_INPUT when it is no
 *   such file or has no header, or %SLIP_MIGRATION_ERROR_IO
 */
SlipXlsxReader *slip_xlsx_reader_new (const char *path, gsize max_field, GError **error);
void slip_xlsx_reader_free (SlipXlsxReader *self);

const char *const *slip_xlsx_reader_get_header (SlipXlsxReader *self);

/**
 * slip_xlsx_reader_next:
 *
 * As slip_csv_reader_next().
 */
SlipRead slip_xlsx_reader_next (SlipXlsxReader *self,
                                SlipRecord *record,
                                SlipBadRecord **bad,
                                GError **error);
guint64 slip_xlsx_reader_get_blank_lines (SlipXlsxReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipXlsxReader, slip_xlsx_reader_free)

G_END_DECLS
