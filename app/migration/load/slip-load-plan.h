/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-sidecar.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What `migrate load-s3` writes beside the files that it fetched: file → what it was fetched as. */
#define SLIP_LOAD_FETCHED "slipway-source.json"
#define SLIP_LOAD_FETCHED_MAX (16 * 1024 * 1024)

/**
 * SlipLoadPart:
 * @path: the file
 * @name: its name in the folder
 * @bytes: its size
 * @sha256: (nullable): the digest that it was fetched with, where it was fetched
 */
typedef struct
{
  char *path;
  char *name;
  guint64 bytes;
  char *sha256;
} SlipLoadPart;

/**
 * SlipLoadTable:
 * @name: the landing table
 * @parts: (element-type SlipLoadPart): its files, in the order of their rows
 * @bytes: of all parts
 * @encoding: (nullable): where it is not the source's
 * @delimiter: where it is not the source's, else 0
 *
 * What is landed in one table.
 */
typedef struct
{
  char *name;
  GPtrArray *parts;
  guint64 bytes;
  char *encoding;
  char delimiter;
} SlipLoadTable;

/**
 * slip_load_table_name:
 * @file: a file's name
 * @is_part: (out) (optional): whether its name ends in a digit, so that others may belong to it
 *
 * The stem before the first dot in lower case; when that ends in a digit, only its letters and underscores:
 * feeexport1.csv and feeexport2.csv are parts of feeexport.
 *
 * Returns: (transfer full): the landing table
 */
char *slip_load_table_name (const char *file, gboolean *is_part);

/**
 * slip_load_plan:
 * @folder: a folder of source files, `.csv` and `.xlsx`
 * @tables: (nullable) (element-type SlipSourceTable): what the sidecar says of them; what it names must be there,
 *   and nothing else is landed. %NULL or empty: all files, by their names
 * @only: (nullable) (array zero-terminated=1): tables to restrict it to
 * @error: return location
 *
 * Looks which files become which table. Parts come in the order of their numbers, 2 before 10. There must be every file that
 * the sidecar names without a wildcard, every one that slipway-source.json says was fetched, and of numbered parts that it does
 * not name each from 1 on: entry2.csv is none without entry1.csv. Numbers of more than three digits and those of names with others,
 * as in dates, number no parts.
 *
 * Returns: (transfer full) (element-type SlipLoadTable): the tables, by name; %NULL with
 *   %SLIP_MIGRATION_ERROR_NOT_FOUND naming every table that lacks a file, %SLIP_MIGRATION_ERROR_INPUT when two files
 *   claim one table or slipway-source.json cannot be read, or %SLIP_MIGRATION_ERROR_IO
 */
GPtrArray *
slip_load_plan (const char *folder, GPtrArray *tables, const char *const *only, GError **error);

/**
 * slip_load_plan_find_unclaimed:
 * @folder: a folder of source files
 * @tables: (nullable) (element-type SlipSourceTable): what the sidecar says of them
 * @error: return location
 *
 * What slip_load_plan() leaves where it is: files that the sidecar's tables do not take, in their order. Where the sidecar
 * names no tables each file is one.
 *
 * Returns: (transfer full) (array zero-terminated=1): names, or %NULL
 */
char **slip_load_plan_find_unclaimed (const char *folder, GPtrArray *tables, GError **error);

void slip_load_table_free (SlipLoadTable *table);

G_END_DECLS
