/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipVerifyLine:
 * @SLIP_VERIFY_LINE: a whole line
 * @SLIP_VERIFY_LINE_CUT: the file ends within it
 * @SLIP_VERIFY_LINE_TOO_LONG: longer than any that a ledger writes
 * @SLIP_VERIFY_LINE_END: there are no more
 * @SLIP_VERIFY_LINE_FAILED: reading failed, see errno
 */
typedef enum
{
  SLIP_VERIFY_LINE,
  SLIP_VERIFY_LINE_CUT,
  SLIP_VERIFY_LINE_TOO_LONG,
  SLIP_VERIFY_LINE_END,
  SLIP_VERIFY_LINE_FAILED,
} SlipVerifyLine;

/**
 * SlipVerifyReader:
 *
 * Reads a file line by line in bounded memory.
 */
typedef struct
{
  int fd;
  char *buffer;
  gsize size;  /* of the buffer; grows to twice the longest line */
  gsize start; /* of what is not yet given out */
  gsize fill;
  gboolean ended;
} SlipVerifyReader;

/**
 * slip_verify_reader_open:
 *
 * Returns: whether @path could be opened and is a regular file; otherwise see errno
 */
gboolean slip_verify_reader_open (SlipVerifyReader *reader, const char *path);
void slip_verify_reader_close (SlipVerifyReader *reader);

/**
 * slip_verify_reader_next:
 * @line: (out): the line without its end, valid until the next call
 */
SlipVerifyLine slip_verify_reader_next (SlipVerifyReader *reader, const char **line, gsize *length);

G_END_DECLS
