/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

#include <archive.h>

G_BEGIN_DECLS

/* What a sheet's cells refer to: everything of a spreadsheet but its sheets. */
typedef struct
{
  char *sheet;      /* owned; the first sheet's path in the archive */
  GString *strings; /* owned; shared strings, each ended by a NUL */
  GArray *offsets;  /* element-type gsize; of each in @strings */
  GArray *dates;    /* element-type gboolean; for each cell format */
  gboolean from_1904;
} SlipXlsxBook;

/**
 * slip_xlsx_book_read:
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_INPUT when it is no spreadsheet
 */
gboolean slip_xlsx_book_read (SlipXlsxBook *book, const char *path, GError **error);
void slip_xlsx_book_clear (SlipXlsxBook *book);

/**
 * slip_xlsx_book_number:
 * @raw: a number as it stands in a cell
 * @format: the cell's format
 *
 * Returns: (transfer full): its text
 */
char *slip_xlsx_book_number (const SlipXlsxBook *book, const char *raw, guint format);

/* An opened archive, or NULL. */
struct archive *slip_xlsx_open (const char *path, GError **error);
void slip_xlsx_set_error (const char *path, const char *words, GError **error);

/* The name of an element or attribute without its prefix. */
const char *slip_xlsx_local_name (const char *name);
const char *slip_xlsx_attribute (const char **names, const char **values, const char *name);

G_END_DECLS
