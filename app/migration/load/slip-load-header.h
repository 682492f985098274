/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"
#include "slip-sidecar.h"

G_BEGIN_DECLS

#define SLIP_LOAD_ROW_ID "casrec_row_id"

/**
 * slip_load_header_names:
 * @file: the file's name, for messages
 * @raw: (array zero-terminated=1): a header as it stands in the file
 * @notes: (nullable) (element-type utf8): where what was renamed is told
 * @error: return location
 *
 * Names columns as the original pipeline does (its reader is pandas.read_csv): verbatim, a second `x` becomes
 * `x.1`, a blank first one `csv_record`, another blank one `Unnamed: N`.
 *
 * Returns: (transfer full) (array zero-terminated=1): the columns, or %NULL with %SLIP_MIGRATION_ERROR_INPUT when
 *   PostgreSQL cannot have such a column
 */
GStrv
slip_load_header_names (const char *file, const char *const *raw, GPtrArray *notes, GError **error);

/**
 * slip_load_header_difference:
 * @old: (array zero-terminated=1): columns
 * @now: (array zero-terminated=1): columns
 *
 * Returns: (transfer full) (nullable): what is new and what is gone, in words; %NULL when both have the same
 *   columns, in whatever order
 */
char *slip_load_header_difference (const char *const *old, const char *const *now);

/**
 * SlipLoadHeader:
 * @file: the file's name
 * @line: where its header stands, such as "line 1"
 * @raw: (array zero-terminated=1): the header as it stands there
 * @names: (array zero-terminated=1): what slip_load_header_names() made of it
 *
 * A file's header, one of a table's.
 */
typedef struct
{
  const char *file;
  const char *line;
  const char *const *raw;
  const char *const *names;
} SlipLoadHeader;

/**
 * slip_load_header_tell:
 * @headers: (array length=n): of all files of a table
 * @n: how many
 * @known: (array zero-terminated=1): the table's columns
 * @what: what @known are, such as "is expected"
 *
 * Returns: (transfer full): how they differ: the files, the places and the names in both
 */
char *slip_load_header_tell (const SlipLoadHeader *headers,
                             guint n,
                             const char *const *known,
                             const char *what);

/**
 * slip_load_headers_read:
 * @path: a file with the headers that are expected: for each source file a line `==> NAME.csv <==` and a line with
 *   its header, as `head -1 *.csv` prints them
 * @tables: (nullable) (element-type SlipSourceTable): what the sidecar says of tables; their delimiters count here too
 * @delimiter: of the others; 0 is a comma
 * @error: return location
 *
 * Returns: (transfer full) (element-type utf8 GStrv): columns by table, or %NULL
 */
GHashTable *
slip_load_headers_read (const char *path, GPtrArray *tables, char delimiter, GError **error);

G_END_DECLS
