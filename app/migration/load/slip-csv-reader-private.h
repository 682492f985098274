/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-csv-reader.h"
#include "slip-decoder.h"

G_BEGIN_DECLS

/* Bytes behind the last one; as many are looked at at once. */
#define SLIP_CSV_GUARD 64
/* Of one record. A table of PostgreSQL has at most 1,600 columns. */
#define SLIP_CSV_MAX_FIELDS 16384
/* Bytes that a record may have beside its long field. */
#define SLIP_CSV_BLOCK (256 * 1024)

/* What a byte means outside of quotes. */
enum
{
  SLIP_CSV_PLAIN,
  SLIP_CSV_DELIMITER,
  SLIP_CSV_LINE_FEED,
  SLIP_CSV_CARRIAGE_RETURN,
};

/* What looking for the end of a record came to. */
typedef enum
{
  SLIP_CSV_SCAN_RECORD,
  SLIP_CSV_SCAN_BLANK,
  SLIP_CSV_SCAN_MORE,
  SLIP_CSV_SCAN_END,
  SLIP_CSV_SCAN_BAD,
} SlipCsvScan;

typedef struct
{
  gsize start; /* behind the record's first byte */
  gsize length;
  gboolean doubled; /* holds doubled quotes */
} SlipCsvPiece;

struct _SlipCsvReader
{
  SlipSourceFile *source; /* owned */
  SlipDecoder *decoder;   /* owned */
  char quote;
  gsize max_field;
  guint8 classes[256];
  char delimiter;
  char **header; /* owned */
  guint width;   /* fields of the header; 0 while it is read */

  char *buffer; /* owned; a guard longer than room */
  gsize room;
  gsize fill;
  gsize start;       /* of the record in the buffer */
  const char *block; /* 64 bytes of the buffer that were looked at, or NULL */
  guint64 stops;     /* a bit for each of them that is a delimiter or ends a line */
  guint64 base;      /* the file's byte at the buffer's first */
  gboolean ended;
  guint64 line;   /* of the record's first byte */
  guint64 number; /* of the last record given */
  guint64 blank;
  guint64 inner; /* line ends within records */

  GArray *pieces; /* element-type SlipCsvPiece */
  guint pieces_room;
  gboolean doubled; /* whether a piece holds doubled quotes */
  GArray *fields;   /* element-type SlipField */
  GString *converted;
  gsize length;     /* of the record, with its line end */
  guint64 newlines; /* within the record's quotes */

  /* What is wrong with the record. */
  const char *reason;
  char *told;  /* owned; the reason, where it has numbers */
  gsize fault; /* behind the record's first byte */
  gsize fault_field;
  guint fault_column;
};

/* More bytes behind those of the record that is being read. */
gboolean slip_csv_fill (SlipCsvReader *self, GError **error);

/* Cuts the next record into pieces; SLIP_CSV_SCAN_MORE is an error that is set. */
SlipCsvScan slip_csv_scan (SlipCsvReader *self, GError **error);

G_END_DECLS
