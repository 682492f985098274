/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-xlsx-strings.h"

G_BEGIN_DECLS

/* Bytes of one cell. A spreadsheet's has at most 32,767 characters. */
#define SLIP_XLSX_MAX_CELL (1024 * 1024)

/* What a number is by its cell's format. */
typedef enum
{
  SLIP_XLSX_NUMBER,
  SLIP_XLSX_DATE,
  SLIP_XLSX_DURATION, /* hours, minutes or seconds that go on beyond a day: [h]:mm */
} SlipXlsxKind;

/* What a sheet's cells refer to: everything of a spreadsheet but its sheets. */
typedef struct
{
  char *sheet;              /* owned; the first sheet's path in the archive */
  char *sheet_name;         /* owned; as its tab shows it, in one line; or NULL */
  SlipXlsxStrings *strings; /* owned */
  GArray *kinds;            /* element-type SlipXlsxKind; for each cell format */
  gboolean from_1904;
} SlipXlsxBook;

/**
 * slip_xlsx_book_read:
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_INPUT when it is no spreadsheet, with
 *   %SLIP_MIGRATION_ERROR_IO when there is no room for its texts
 */
gboolean slip_xlsx_book_read (SlipXlsxBook *book, const char *path, GError **error);
void slip_xlsx_book_clear (SlipXlsxBook *book);

/**
 * slip_xlsx_book_number:
 * @raw: a number as it stands in a cell
 * @format: the cell's format
 *
 * Returns: (transfer full) (nullable): its text, or %NULL where @raw is no number
 */
char *slip_xlsx_book_number (const SlipXlsxBook *book, const char *raw, guint format);

G_END_DECLS
