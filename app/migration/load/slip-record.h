/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipField:
 * @text: UTF-8, not ended by a NUL; %NULL where the file says nothing at all about the field, as a later
 *   part may about a column of an earlier one
 * @length: bytes
 */
typedef struct
{
  const char *text;
  gsize length;
} SlipField;

/**
 * SlipRecord:
 * @fields: (array length=n): its fields, owned by the reader until it is asked again
 * @n: how many; as many as the header has
 * @number: 1 for the first record after the header; bad records count
 * @line: the line of the file where it begins, from 1
 * @byte: the byte of the file where it begins, from 0
 * @length: its bytes in the file, about
 *
 * One row of a file.
 */
typedef struct
{
  const SlipField *fields;
  guint n;
  guint64 number;
  guint64 line;
  guint64 byte;
  gsize length;
} SlipRecord;

/**
 * SlipBadRecord:
 * @file: the file's name, without its folder
 * @sheet: (nullable): of a spreadsheet: the sheet, whose row @line is; there is no byte then
 * @number: as in #SlipRecord
 * @line: the line where the fault is, from 1
 * @byte: the byte where the fault is, from 0
 * @column: the field's number, from 1; 0 when it is about the whole record
 * @name: (nullable): the column's name
 * @value: what stands there, cut to a readable length, printable
 * @reason: a lowercase fact
 *
 * A record that cannot be landed, and where exactly it is.
 */
typedef struct
{
  char *file;
  char *sheet;
  guint64 number;
  guint64 line;
  guint64 byte;
  guint column;
  char *name;
  char *value;
  char *reason;
} SlipBadRecord;

void slip_bad_record_free (SlipBadRecord *bad);

/**
 * slip_bad_record_to_text:
 *
 * Returns: (transfer full): `FILE record R (line L), byte B, column C (NAME): REASON: “VALUE”`, of a spreadsheet
 *   `FILE sheet S, record R (row L), column AB (NAME): …`; of the header without a record
 */
char *slip_bad_record_to_text (const SlipBadRecord *bad);

/**
 * slip_column_letters:
 * @column: from 1
 *
 * Returns: (transfer full): what a spreadsheet calls it, such as `AB`
 */
char *slip_column_letters (guint column);

/**
 * slip_readable:
 * @text: bytes, of any kind
 * @length: how many
 *
 * Returns: (transfer full): at most 120 bytes of them as one line: what is no UTF-8 as `\xNN`, control
 *   characters as `\n`, `\t` or `\xNN`, and `…` where something was cut off
 */
char *slip_readable (const char *text, gsize length);

/**
 * SlipRead:
 * @SLIP_READ_ERROR: the file cannot be read on; the error is set
 * @SLIP_READ_END: there is no more
 * @SLIP_READ_RECORD: a record
 * @SLIP_READ_BAD: a bad record; reading may go on behind it
 *
 * What a reader's step came to.
 */
typedef enum
{
  SLIP_READ_ERROR,
  SLIP_READ_END,
  SLIP_READ_RECORD,
  SLIP_READ_BAD,
} SlipRead;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipBadRecord, slip_bad_record_free)

G_END_DECLS
