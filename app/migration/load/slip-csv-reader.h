/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-record.h"
#include "slip-source-file.h"

G_BEGIN_DECLS

#define SLIP_CSV_MAX_FIELD (16 * 1024 * 1024)

/**
 * SlipCsvFormat:
 * @encoding: (nullable): as iconv(3) names it; %NULL is UTF-8
 * @delimiter: one ASCII character; 0 is a comma
 * @quote: one ASCII character; 0 is a double quote
 * @max_field: bytes that one field may have; 0 is %SLIP_CSV_MAX_FIELD
 *
 * What the sidecar states about files; nothing of it is guessed.
 */
typedef struct
{
  const char *encoding;
  char delimiter;
  char quote;
  gsize max_field;
} SlipCsvFormat;

/**
 * SlipCsvReader:
 *
 * Reads a file of comma-separated values (RFC 4180) record by record, in constant memory. One thread.
 *
 * Lines end with LF or CRLF, the last one may end with the file. A field that begins with a quote ends with
 * one, has quotes doubled, and may hold delimiters and line ends. A quote inside of a field that does not
 * begin with one is an ordinary character. Empty lines are no records; they are counted. Bad is: a record
 * with more or fewer fields than the header, a quote that is never closed, text behind a closing quote, a
 * NUL byte, bytes that are not of the encoding, a carriage return that ends no line, a field that is too long.
 */
typedef struct _SlipCsvReader SlipCsvReader;

/**
 * slip_csv_reader_new:
 * @source: (transfer full): bytes
 * @format: what they are
 * @error: return location
 *
 * Reads the header.
 *
 * Returns: (transfer full): a reader before the first record; %NULL with %SLIP_MIGRATION_ERROR_INPUT when
 *   there is no header or it cannot be read, or with the errors of source and encoding
 */
SlipCsvReader *
slip_csv_reader_new (SlipSourceFile *source, const SlipCsvFormat *format, GError **error);
void slip_csv_reader_free (SlipCsvReader *self);

/**
 * slip_csv_reader_get_header:
 *
 * Returns: (transfer none) (array zero-terminated=1): the header as it stands in the file
 */
const char *const *slip_csv_reader_get_header (SlipCsvReader *self);

/**
 * slip_csv_reader_next:
 * @record: (out caller-allocates): the record, after %SLIP_READ_RECORD
 * @bad: (out) (transfer full): the fault, after %SLIP_READ_BAD
 * @error: return location
 *
 * Behind a bad record reading goes on with the next record; where its end cannot be told (a quote that is
 * never closed, text behind a closing one) with the line after the one with the fault.
 */
SlipRead
slip_csv_reader_next (SlipCsvReader *self, SlipRecord *record, SlipBadRecord **bad, GError **error);

SlipSourceFile *slip_csv_reader_get_source (SlipCsvReader *self);

/**
 * slip_csv_reader_get_position:
 *
 * Returns: the byte of the file up to which records were given
 */
guint64 slip_csv_reader_get_position (SlipCsvReader *self);

/**
 * slip_csv_reader_get_blank_lines:
 *
 * Returns: empty lines so far
 */
guint64 slip_csv_reader_get_blank_lines (SlipCsvReader *self);

/**
 * slip_csv_reader_get_inner_lines:
 *
 * Returns: line ends within records so far; while there is none, each record behind the header is one line
 */
guint64 slip_csv_reader_get_inner_lines (SlipCsvReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCsvReader, slip_csv_reader_free)

G_END_DECLS
