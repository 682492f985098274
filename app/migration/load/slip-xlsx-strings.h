/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

G_BEGIN_DECLS

/* A spreadsheet's shared strings. They stand before the cells that refer to them and may be larger than memory, so they are put aside: in memory
 * while they are few, then in a file that only this process knows, in $TMPDIR or /var/tmp. One thread. */
typedef struct _SlipXlsxStrings SlipXlsxStrings;

/* @path: the spreadsheet, for errors. */
SlipXlsxStrings *slip_xlsx_strings_new (const char *path, GError **error);
void slip_xlsx_strings_free (SlipXlsxStrings *self);

/* The next one, counted from 0. SLIP_MIGRATION_ERROR_IO when there is no room for it. */
gboolean
slip_xlsx_strings_add (SlipXlsxStrings *self, const char *text, gsize length, GError **error);

/* Appends the text to @to; @found is FALSE when there is none of that number. */
gboolean slip_xlsx_strings_get (
    SlipXlsxStrings *self, guint64 number, GString *to, gboolean *found, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipXlsxStrings, slip_xlsx_strings_free)

G_END_DECLS
