/* SPDX-License-Identifier: MIT */
/* The first sheet of a spreadsheet, row by row: the archive gives pieces of XML, a piece gives whole rows, and a row is
 * a record. What cells refer to is slip-xlsx-book.c's. */

#include "slip-xlsx-reader.h"

#include "slip-xlsx-book.h"

#include <archive_entry.h>
#include <string.h>

#define PIECE (64 * 1024)
#define MAX_COLUMNS 16384 /* ECMA-376: XFD */

typedef struct
{
  guint64 number;   /* of the sheet */
  GPtrArray *cells; /* element-type utf8; NULL is no cell */
} Row;

struct _SlipXlsxReader
{
  char *path; /* owned */
  char *name; /* owned */
  gsize max_field;
  SlipXlsxBook book;
  struct archive *archive; /* owned; at the sheet */
  GMarkupParseContext *context;
  gboolean ended;
  char **header; /* owned */
  guint width;
  GQueue *rows; /* element-type Row; parsed and not given yet */
  Row *given;   /* the last one that was given */
  GArray *fields;
  guint64 number;
  guint64 blank;

  /* The row and cell that are being parsed. */
  Row *row;
  guint64 row_number;
  guint column;
  char type[12];
  guint format;
  GString *value;
  gboolean in_value;
};

static void
row_free (gpointer data)
{
  Row *row = data;

  if (row == NULL)
    return;
  g_ptr_array_unref (row->cells);
  g_free (row);
}

/* ---- parsing */

/* "AB12" is column 27, counted from 0. */
static guint
column_of (const char *reference, guint expected)
{
  guint column = 0;
  const char *p = reference;

  if (reference == NULL)
    return expected;
  for (; g_ascii_isalpha (*p) && column <= MAX_COLUMNS; p++)
    column = column * 26 + (guint)(g_ascii_toupper (*p) - 'A') + 1;
  return p == reference ? expected : column - 1;
}

static void
start_row (SlipXlsxReader *self, const char **names, const char **values)
{
  const char *number = slip_xlsx_attribute (names, values, "r");

  self->row_number = number != NULL ? g_ascii_strtoull (number, NULL, 10) : self->row_number + 1;
  self->row = g_new0 (Row, 1);
  self->row->number = self->row_number;
  self->row->cells = g_ptr_array_new_with_free_func (g_free);
  self->column = 0;
}

static void
start_cell (SlipXlsxReader *self, const char **names, const char **values, GError **error)
{
  const char *type = slip_xlsx_attribute (names, values, "t");
  const char *format = slip_xlsx_attribute (names, values, "s");

  self->column = column_of (slip_xlsx_attribute (names, values, "r"), self->column);
  g_strlcpy (self->type, type != NULL ? type : "n", sizeof self->type);
  self->format = format != NULL ? (guint)g_ascii_strtoull (format, NULL, 10) : 0;
  g_string_truncate (self->value, 0);
  if (self->column >= MAX_COLUMNS)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                 "row %" G_GUINT64_FORMAT " has a cell behind column XFD", self->row_number);
}

static char *
cell_text (SlipXlsxReader *self, GError **error)
{
  const char *value = self->value->str;

  if (g_str_equal (self->type, "s"))
    {
      guint64 index = g_ascii_strtoull (value, NULL, 10);

      if (index < self->book.offsets->len)
        return g_strdup (self->book.strings->str
                         + g_array_index (self->book.offsets, gsize, index));
      g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                   "row %" G_GUINT64_FORMAT " refers to text %s, which is not there",
                   self->row_number, value);
      return g_strdup ("");
    }
  if (g_str_equal (self->type, "b"))
    return g_strdup (g_str_equal (value, "1") ? "True" : "False");
  if (g_str_equal (self->type, "n") && *value != '\0')
    return slip_xlsx_book_number (&self->book, value, self->format);
  return g_strdup (value);
}

static void
end_cell (SlipXlsxReader *self, GError **error)
{
  GPtrArray *cells = self->row->cells;

  if (cells->len <= self->column)
    g_ptr_array_set_size (cells, (int)self->column + 1);
  g_free (cells->pdata[self->column]);
  cells->pdata[self->column] = cell_text (self, error);
  self->column++;
}

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **names,
          const char **values,
          gpointer data,
          GError **error)
{
  SlipXlsxReader *self = data;
  const char *name = slip_xlsx_local_name (element);

  if (g_str_equal (name, "row") && self->row == NULL)
    start_row (self, names, values);
  else if (g_str_equal (name, "c") && self->row != NULL)
    start_cell (self, names, values, error);
  else if (g_str_equal (name, "v") || g_str_equal (name, "t"))
    self->in_value = self->row != NULL;
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  SlipXlsxReader *self = data;
  const char *name = slip_xlsx_local_name (element);

  if (g_str_equal (name, "c") && self->row != NULL)
    end_cell (self, error);
  else if (g_str_equal (name, "row") && self->row != NULL)
    g_queue_push_tail (self->rows, g_steal_pointer (&self->row));
  else if (g_str_equal (name, "v") || g_str_equal (name, "t"))
    self->in_value = FALSE;
}

static void
on_text (
    GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  SlipXlsxReader *self = data;

  if (!self->in_value)
    return;
  if (self->value->len + length > self->max_field)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                 "a cell of row %" G_GUINT64_FORMAT " has more than %" G_GSIZE_FORMAT " bytes",
                 self->row_number, self->max_field);
  else
    g_string_append_len (self->value, text, (gssize)length);
}

static const GMarkupParser parser = {on_start, on_end, on_text, NULL, NULL};

/* Parses on until there is a row, or no more. */
static gboolean
need_row (SlipXlsxReader *self, GError **error)
{
  char piece[PIECE];

  while (!self->ended && g_queue_is_empty (self->rows))
    {
      g_autoptr (GError) local = NULL;
      la_ssize_t n = archive_read_data (self->archive, piece, sizeof piece);
      gboolean ok = n > 0 ? g_markup_parse_context_parse (self->context, piece, n, &local)
                          : n == 0 && g_markup_parse_context_end_parse (self->context, &local);

      self->ended = n == 0;
      if (ok)
        continue;
      slip_xlsx_set_error (
          self->path, local != NULL ? local->message : archive_error_string (self->archive), error);
      return FALSE;
    }
  return TRUE;
}

/* ---- rows */

static guint
used_cells (const Row *row)
{
  guint n = row->cells->len;

  while (n > 0 && (row->cells->pdata[n - 1] == NULL || *(char *)row->cells->pdata[n - 1] == '\0'))
    n--;
  return n;
}

/* The next row that holds anything; NULL without error at the end. */
static Row *
take_row (SlipXlsxReader *self, GError **error)
{
  Row *row;

  while (need_row (self, error) && (row = g_queue_pop_head (self->rows)) != NULL)
    {
      if (used_cells (row) > 0)
        return row;
      self->blank++;
      row_free (row);
    }
  return NULL;
}

static SlipBadRecord *
too_wide (SlipXlsxReader *self, const Row *row, guint n)
{
  SlipBadRecord *bad = g_new0 (SlipBadRecord, 1);
  const char *value = row->cells->pdata[n - 1];

  bad->file = g_strdup (self->name);
  bad->number = self->number;
  bad->line = row->number;
  bad->column = n;
  bad->value = slip_readable (value, strlen (value));
  bad->reason = g_strdup_printf ("%u fields, and the header has %u", n, self->width);
  return bad;
}

SlipRead
slip_xlsx_reader_next (SlipXlsxReader *self,
                       SlipRecord *record,
                       SlipBadRecord **bad,
                       GError **error)
{
  g_return_val_if_fail (self != NULL && record != NULL && bad != NULL, SLIP_READ_ERROR);

  g_autoptr (GError) local = NULL;
  gsize length = 0;
  guint n;

  g_clear_pointer (&self->given, row_free);
  self->given = take_row (self, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return SLIP_READ_ERROR;
    }
  if (self->given == NULL)
    return SLIP_READ_END;
  self->number++;
  n = used_cells (self->given);
  if (n > self->width)
    {
      *bad = too_wide (self, self->given, n);
      return SLIP_READ_BAD;
    }
  for (guint i = 0; i < self->width; i++)
    {
      const char *text = i < n ? self->given->cells->pdata[i] : NULL;
      SlipField *field = &g_array_index (self->fields, SlipField, i);

      /* A cell that is not there is blank, as one without a value is. */
      *field = (SlipField){text != NULL ? text : "", text != NULL ? strlen (text) : 0};
      length += field->length + 1;
    }
  *record = (SlipRecord){.fields = (const SlipField *)self->fields->data,
                         .n = self->width,
                         .number = self->number,
                         .line = self->given->number,
                         .length = length};
  return SLIP_READ_RECORD;
}

/* ---- opening */

static gboolean
find_sheet (SlipXlsxReader *self, GError **error)
{
  struct archive_entry *entry;
  int status;

  self->archive = slip_xlsx_open (self->path, error);
  if (self->archive == NULL)
    return FALSE;
  while ((status = archive_read_next_header (self->archive, &entry)) == ARCHIVE_OK)
    if (g_strcmp0 (archive_entry_pathname (entry), self->book.sheet) == 0)
      return TRUE;
  slip_xlsx_set_error (self->path,
                       status == ARCHIVE_EOF ? "its first sheet is not there"
                                             : archive_error_string (self->archive),
                       error);
  return FALSE;
}

static gboolean
read_header (SlipXlsxReader *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  Row *row = take_row (self, &local);

  if (row == NULL)
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                     "%s is empty: it has no header. Remove the file, or export it again",
                     self->name);
      return FALSE;
    }
  self->width = used_cells (row);
  self->header = g_new0 (char *, self->width + 1);
  for (guint i = 0; i < self->width; i++)
    self->header[i] = g_strdup (row->cells->pdata[i] != NULL ? row->cells->pdata[i] : "");
  g_array_set_size (self->fields, self->width);
  row_free (row);
  return TRUE;
}

SlipXlsxReader *
slip_xlsx_reader_new (const char *path, gsize max_field, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (SlipXlsxReader) self = g_new0 (SlipXlsxReader, 1);

  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
  self->max_field = max_field > 0 ? max_field : SLIP_CSV_MAX_FIELD;
  self->rows = g_queue_new ();
  self->fields = g_array_new (FALSE, FALSE, sizeof (SlipField));
  self->value = g_string_new (NULL);
  self->context = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, self, NULL);
  if (!slip_xlsx_book_read (&self->book, path, error) || !find_sheet (self, error)
      || !read_header (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
slip_xlsx_reader_free (SlipXlsxReader *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->context, g_markup_parse_context_free);
  if (self->archive != NULL)
    archive_read_free (self->archive);
  slip_xlsx_book_clear (&self->book);
  g_queue_free_full (self->rows, row_free);
  row_free (self->given);
  row_free (self->row);
  g_array_unref (self->fields);
  g_string_free (self->value, TRUE);
  g_strfreev (self->header);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

const char *const *
slip_xlsx_reader_get_header (SlipXlsxReader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->header;
}

guint64
slip_xlsx_reader_get_blank_lines (SlipXlsxReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->blank;
}
