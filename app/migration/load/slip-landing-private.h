/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-landing.h"
#include "slip-records.h"

G_BEGIN_DECLS

/* One part of a table, before and after it is read. */
typedef struct
{
  const SlipLoadPart *file;
  GStrv header;        /* owned; as in the file */
  GStrv names;         /* owned; its columns */
  char *line;          /* owned; where the header stands */
  SlipRecords *opened; /* owned; a table's only file behind its header, or NULL */
  guint64 bytes;
  char *file_sha256;   /* owned; before it is landed */
  char *sha256;        /* owned */
  char *landed_sha256; /* owned */
  guint64 rows;
  guint64 rejected;
  guint64 blank_lines;
  guint64 inner_lines;
  guint64 first_row_id;
  guint64 last_row_id;
} SlipLandingPart;

/* One table's landing while it goes on. */
typedef struct
{
  SlipPg *pg;
  const SlipLandingOrder *order;
  SlipLanding *landing;
  GPtrArray *parts;   /* element-type SlipLandingPart */
  GPtrArray *columns; /* element-type utf8, ended by NULL; of all parts */
  GStrv landed;       /* owned; the table's columns in the database, or NULL when it is not there */
  char *relation;     /* owned; quoted */
  char *format;       /* owned; what is stated, for comparison */
  gint64 before;      /* rows that its files of the last landing had */
  gint64 case_rows;   /* rows of merged cases that are in the table, beside its files' */
  gboolean noted;     /* whether slipway.file has it */
  gboolean faulty;    /* whether slipway.rejected has it */
  gboolean viewed;    /* whether a run's filters have made a view of it */
} SlipLandingWork;

/* Begins the transaction, locks the table against other loads and looks what the database says of it. */
gboolean slip_landing_begin (SlipLandingWork *work, GError **error);

/* Whether the files are those that the order's run was made of. */
gboolean slip_landing_check_bound (SlipLandingWork *work, GError **error);

/* Whether files and table are those of an earlier landing. */
gboolean slip_landing_is_same (SlipLandingWork *work, gboolean *same, GError **error);

/* An empty table with the columns of all parts. */
gboolean slip_landing_make_table (SlipLandingWork *work, GError **error);

/* The files' rows and the bad records, and the end of the transaction. */
gboolean slip_landing_commit (SlipLandingWork *work, GError **error);

/* The bad records alone, of a table that is not landed. */
gboolean slip_landing_keep_rejected (SlipLandingWork *work, GError **error);

/* "schema"."table" */
char *slip_landing_relation (const char *schema, const char *table);

/* SQL of the rows that came from files and not with a merged case; see slip-case.h. Where files have so many rows there is none. */
char *slip_landing_dup_file_rows (const char *schema, const char *table);

/* COPY's list of columns for a part: (casrec_row_id, "a", "b") */
char *slip_landing_column_list (const char *const *names);

G_END_DECLS
