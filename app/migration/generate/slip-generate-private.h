/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-generate-random.h"
#include "slip-generate.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* How deep tables may follow one another: clients, orders, invoices … */
#define SLIP_GENERATE_MAX_DEPTH 8

typedef struct _SlipGenTable SlipGenTable;
typedef struct _SlipGenColumn SlipGenColumn;
typedef struct _SlipGenClass SlipGenClass;

/* A share of the rows, as a fraction. */
typedef struct
{
  guint64 of;
  guint64 in;
} SlipGenShare;

/* Alternatives with their weights. */
typedef struct
{
  GPtrArray *items; /* owned; texts or classes */
  GArray *upto;     /* owned; guint64, sums of weights */
  guint64 total;
} SlipGenWeights;

/* Another column's value: of the same row, of one that it follows, or of one that it picked. */
typedef struct
{
  char *table;  /* owned; NULL for the same row */
  char *column; /* owned */
  const SlipGenColumn *to;
  guint up; /* how many tables up the row stands, when pick is -1 */
  int pick; /* which of the table's picks, or -1 */
} SlipGenReference;

typedef enum
{
  SLIP_GEN_CONSTANT,
  SLIP_GEN_SERIAL,
  SLIP_GEN_NUMBER,
  SLIP_GEN_MONEY,
  SLIP_GEN_DATE,
  SLIP_GEN_TIME,
  SLIP_GEN_CODES,
  SLIP_GEN_LIST,
  SLIP_GEN_TEXT,
  SLIP_GEN_PATTERN,
  SLIP_GEN_PHONE,
  SLIP_GEN_POSTCODE,
  SLIP_GEN_EMAIL,
  SLIP_GEN_OF,
  SLIP_GEN_JOIN,
  SLIP_GEN_CHOICE,
  SLIP_GEN_WHEN,
  SLIP_GEN_N_KINDS
} SlipGenKind;

typedef enum
{
  SLIP_GEN_AS_IS,
  SLIP_GEN_UPPER,
  SLIP_GEN_LOWER,
} SlipGenCase;

struct _SlipGenClass
{
  SlipGenKind kind;
  SlipGenShare blank;
  char *text;               /* owned; constant, prefix, pattern, format, separator */
  gint64 from, to;          /* numbers; days since 1970; seconds; the smallest unit of money */
  guint digits;             /* serial and number: filled with zeros; money: decimal places */
  gint64 step;              /* serial, and money */
  gboolean within;          /* serial: counted within the row that it follows */
  gboolean luhn;            /* serial: a check digit behind */
  SlipGenReference *after;  /* owned; date: counted from this one */
  GPtrArray *words;         /* owned; texts; NULL when fixed */
  const char *const *fixed; /* a list of ours */
  guint n_fixed;
  SlipGenCase letters;
  SlipGenWeights weights;  /* codes: texts; choice: classes; list: how many as texts */
  SlipGenReference *of;    /* owned; of, when */
  GPtrArray *parts;        /* owned; SlipGenClass: join, when; SlipGenReference: email */
  GHashTable *cases;       /* owned; when: value → SlipGenClass, borrowed of parts */
  SlipGenClass *otherwise; /* borrowed of parts; when: any other value; NULL is blank */
  SlipGenShare quotes, commas, newlines, accents;
};

typedef struct
{
  guint kind; /* index of the table in slip-generate-defect.c */
  SlipGenShare rate;
  GPtrArray *values; /* owned; texts to plant, or NULL */
} SlipGenDefect;

struct _SlipGenColumn
{
  char *name; /* owned */
  const SlipGenTable *table;
  guint64 key;         /* of its stream, without the seed */
  guint64 defect_key;  /* of the stream of its defects */
  SlipGenClass *value; /* owned */
  GPtrArray *defects;  /* owned; SlipGenDefect */
  gboolean hidden;     /* read by others, and not written */
  guint since_part;    /* 1: in every part */
  guint state;         /* while references are resolved: whether it is being walked */
};

typedef struct
{
  char *name;
  char *table_name;
  const SlipGenTable *table;
  guint64 key;
} SlipGenPick;

struct _SlipGenTable
{
  char *name; /* owned */
  char *file; /* owned; stem */
  guint parts;
  gboolean hidden; /* rows that others follow, and no file */
  gboolean bom, crlf;
  char delimiter;
  char *encoding;       /* owned; NULL for UTF-8 */
  gint64 rows;          /* so many, or -1 */
  SlipGenShare clients; /* or so many for each client */
  char *parent_name;    /* owned; or those of another table */
  const SlipGenTable *parent;
  SlipGenWeights per;     /* how many for one row of the parent, as texts */
  GArray *per_rows;       /* guint, parallel to per */
  SlipGenReference *only; /* owned; parents whose column has one of these values */
  GPtrArray *only_values;
  guint depth;
  guint64 count_key;
  GPtrArray *columns; /* SlipGenColumn */
  GHashTable *by_name;
  GPtrArray *picks;   /* SlipGenPick */
  GPtrArray *defects; /* SlipGenDefect, of whole records */
  guint64 defect_key;
  guint state;
};

struct _SlipGenerateSettings
{
  char *path;        /* owned */
  char *definitions; /* owned; folder of lookups */
  char *date_format; /* owned */
  GPtrArray *tables; /* SlipGenTable, in order */
  GHashTable *by_name;
  GHashTable *lists; /* name → GPtrArray of texts */
};

/* A row, and the rows that it follows. */
typedef struct _SlipGenRow SlipGenRow;
struct _SlipGenRow
{
  const SlipGenTable *table;
  guint64 index; /* of all the table's rows */
  guint64 nth;   /* of those that follow the same row */
  const SlipGenRow *parent;
};

typedef struct
{
  const SlipGenerateSettings *settings;
  guint64 clients;
  guint64 seed; /* mixed */
} SlipGenChance;

/* slip-generate-words.c: lists of ours; NULL when there is none of that name. */
const char *const *slip_gen_words_find (const char *name, guint *n);
const char *slip_gen_words_names (void);

/* slip-generate-parse.c: what all parts of the parser share. */
typedef struct
{
  SlipGenerateSettings *settings;
  GString *path;                  /* JSON pointer of what is read */
  const char *table;              /* nullable; for messages */
  const char *column;             /* nullable */
  GPtrArray *faults;              /* texts */
  GPtrArray *references;          /* Pending, see there */
  GHashTable *lookups;            /* stem → GPtrArray of codes */
  gboolean lookup_without_folder; /* told once, however many columns have one */
} SlipGenParser;

typedef struct
{
  SlipGenReference *reference; /* borrowed */
  SlipGenTable *table;         /* whose row it begins from */
  SlipGenColumn *column;       /* who asks; NULL for a table's `only` */
  gboolean date;               /* must be a date */
  char *path;
  char *where;
} SlipGenPending;

gsize slip_gen_enter (SlipGenParser *parser, const char *name);
gsize slip_gen_enter_index (SlipGenParser *parser, guint index);
void slip_gen_leave (SlipGenParser *parser, gsize length);
void slip_gen_fault (SlipGenParser *parser, const char *format, ...) G_GNUC_PRINTF (2, 3);
void slip_gen_fault_at (SlipGenParser *parser, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean slip_gen_known (SlipGenParser *parser, JsonObject *object, const char *names);
const char *slip_gen_string (SlipGenParser *parser, JsonObject *object, const char *name);
gint64 slip_gen_int (SlipGenParser *parser,
                     JsonObject *object,
                     const char *name,
                     gint64 least,
                     gint64 most,
                     gint64 fallback);
gboolean slip_gen_bool (SlipGenParser *parser, JsonObject *object, const char *name);
JsonObject *slip_gen_object (SlipGenParser *parser, JsonObject *object, const char *name);
JsonArray *slip_gen_array (SlipGenParser *parser, JsonObject *object, const char *name);
SlipGenShare slip_gen_share (SlipGenParser *parser, JsonObject *object, const char *name);
gboolean slip_gen_share_from_text (const char *text, SlipGenShare *share);
void slip_gen_weights (SlipGenParser *parser,
                       JsonObject *object,
                       const char *name,
                       SlipGenWeights *weights);
void slip_gen_weights_add (SlipGenWeights *weights, gpointer item, guint64 weight);
void slip_gen_weights_clear (SlipGenWeights *weights);
GPtrArray *slip_gen_texts (SlipGenParser *parser, JsonObject *object, const char *name);
SlipGenReference *slip_gen_reference (SlipGenParser *parser,
                                      JsonNode *node,
                                      SlipGenTable *table,
                                      SlipGenColumn *column,
                                      gboolean date);
void slip_gen_reference_free (SlipGenReference *reference);

/* slip-generate-class.c */
SlipGenClass *slip_gen_class_parse (SlipGenParser *parser,
                                    JsonObject *object,
                                    SlipGenTable *table,
                                    SlipGenColumn *column,
                                    const char *besides);
void slip_gen_class_free (SlipGenClass *self);
gboolean slip_gen_class_is_date (const SlipGenClass *self);

/* slip-generate-resolve.c: references to tables and columns, after all were read. */
void slip_gen_resolve (SlipGenParser *parser);

/* slip-generate-defect.c */
GPtrArray *slip_gen_defects_parse (SlipGenParser *parser, JsonObject *object, gboolean records);
void slip_gen_defect_free (SlipGenDefect *self);
const char *slip_gen_defect_name (const SlipGenDefect *self);
const char *slip_gen_defect_names (gboolean records);
void slip_gen_defect_spoil (const SlipGenDefect *self, SlipRandom *random, GString *value, int day);

/* What a defect does to a whole record; several can meet, as bits. */
typedef enum
{
  SLIP_GEN_RECORD_SHORT,
  SLIP_GEN_RECORD_LONG,
  SLIP_GEN_RECORD_OPEN_QUOTE,
  SLIP_GEN_RECORD_AFTER_QUOTE,
  SLIP_GEN_RECORD_NUL,
  SLIP_GEN_RECORD_BAD_BYTES,
  SLIP_GEN_RECORD_TWICE,
  SLIP_GEN_RECORD_EMPTY_LINE,
} SlipGenRecordDefect;

SlipGenRecordDefect slip_gen_defect_of_record (const SlipGenDefect *self);

/* slip-generate-value.c */
#define SLIP_GEN_NO_DAY G_MININT

gboolean slip_gen_share_hit (SlipGenShare share, SlipRandom *random);
guint slip_gen_weights_pick (const SlipGenWeights *weights, SlipRandom *random);
void slip_gen_append_value (const SlipGenChance *chance,
                            const SlipGenColumn *column,
                            const SlipGenRow *row,
                            GString *out,
                            int *day);
void slip_gen_append_reference (const SlipGenChance *chance,
                                const SlipGenReference *reference,
                                const SlipGenRow *row,
                                GString *out,
                                int *day);
guint64 slip_gen_rows_fixed (const SlipGenTable *table, guint64 clients);
guint slip_gen_rows_of (const SlipGenChance *chance,
                        const SlipGenTable *table,
                        const SlipGenRow *parent,
                        GString *scratch);
void slip_gen_append_date (GString *out, int day, const char *format);
int slip_gen_day (int year, int month, int day);
void slip_gen_civil (int day, int *year, int *month, int *of_month);

/* slip-generate-file.c: one CSV file. */
typedef struct _SlipGenFile SlipGenFile;

SlipGenFile *
slip_gen_file_new (const char *folder, const char *name, const SlipGenTable *table, GError **error);
void slip_gen_file_free (SlipGenFile *self);
void slip_gen_file_field (SlipGenFile *self, const char *value, gsize length);
gboolean slip_gen_file_end_record (SlipGenFile *self, guint defects, GError **error);
gboolean slip_gen_file_finish (SlipGenFile *self, GString *manifest, GError **error);

G_END_DECLS
