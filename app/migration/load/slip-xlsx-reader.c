/* SPDX-License-Identifier: MIT */
/* The first sheet of a spreadsheet, row by row: the archive gives pieces of XML, a piece gives whole rows, and a row is
 * a record. What cells refer to is slip-xlsx-book.c's. */

#include "slip-xlsx-reader.h"

#include "slip-xlsx-book.h"
#include "slip-xlsx-xml.h"

#include <archive_entry.h>
#include <string.h>

#define MAX_COLUMNS 16384          /* ECMA-376: XFD */
#define MAX_ROW (16 * 1024 * 1024) /* bytes of its texts */

/* Texts are the row's. */
typedef struct
{
  guint column;
  gsize start;
  gsize length;
} Cell;

/* What is wrong with a row that can be read: the first cell that cannot be landed. */
typedef struct
{
  guint column; /* from 1; 0 for none */
  char *value;  /* owned */
  char *reason; /* owned */
} Fault;

struct _SlipXlsxReader
{
  char *path; /* owned */
  char *name; /* owned */
  gsize max_field;
  SlipXlsxBook book;
  struct archive *archive; /* owned; at the sheet */
  SlipXlsxXml *xml;        /* owned */
  gboolean ended;
  char **header; /* owned */
  guint width;
  GArray *fields; /* element-type SlipField; of the row */
  guint64 number;
  guint64 blank;

  /* The row and cell that are being parsed. */
  gboolean in_row;
  guint64 row_number; /* of the sheet */
  GArray *cells;      /* element-type Cell */
  GString *text;      /* of all cells */
  guint column;
  gboolean in_cell;
  char type[12];
  guint format;
  GString *value;
  gsize value_length; /* also of what is left out of a value that is too long */
  gboolean in_value;
  gboolean in_phonetic; /* within <rPh>, which nobody sees */
  gsize value_start;    /* of the element that is being parsed, in value */
  Fault fault;
};

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
clear_fault (SlipXlsxReader *self)
{
  g_free (self->fault.value);
  g_free (self->fault.reason);
  self->fault = (Fault){0};
}

static void
start_row (SlipXlsxReader *self, const char **attributes)
{
  const char *number = slip_xlsx_attribute (attributes, "r");

  self->row_number = number != NULL ? g_ascii_strtoull (number, NULL, 10) : self->row_number + 1;
  self->in_row = TRUE;
  clear_fault (self);
  g_array_set_size (self->cells, 0);
  g_string_truncate (self->text, 0);
  self->column = 0;
}

static void
start_cell (SlipXlsxReader *self, const char **attributes, GError **error)
{
  const char *type = slip_xlsx_attribute (attributes, "t");
  const char *format = slip_xlsx_attribute (attributes, "s");

  self->column = column_of (slip_xlsx_attribute (attributes, "r"), self->column);
  g_strlcpy (self->type, type != NULL ? type : "n", sizeof self->type);
  self->format = format != NULL ? (guint)g_ascii_strtoull (format, NULL, 10) : 0;
  self->in_cell = TRUE;
  g_string_truncate (self->value, 0);
  self->value_length = 0;
  if (self->column >= MAX_COLUMNS)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "a cell cannot be behind column XFD");
  else if (self->cells->len == MAX_COLUMNS)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "the row has more cells than the 16384 that a sheet has columns");
}

static void
append_shared (SlipXlsxReader *self, GError **error)
{
  const char *value = self->value->str;
  gboolean found = FALSE;
  guint64 number;

  if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &number, NULL)
      && !slip_xlsx_strings_get (self->book.strings, number, self->text, &found, error))
    return;
  if (!found)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "it refers to text %.20s, which is not there", value);
}

/* What is no value of its cell's kind stands as it is written, to be told; the reason, or %NULL. */
static const char *
append_value (SlipXlsxReader *self)
{
  const char *value = self->value->str;
  g_autofree char *text = NULL;

  if (*value != '\0' && g_str_equal (self->type, "b"))
    {
      gboolean is_true = g_str_equal (value, "1") || g_str_equal (value, "true");

      if (is_true || g_str_equal (value, "0") || g_str_equal (value, "false"))
        text = g_strdup (is_true ? "True" : "False");
      g_string_append (self->text, text != NULL ? text : value);
      return text != NULL ? NULL : "the cell is to hold a truth value, and that is 0 or 1";
    }
  if (*value != '\0' && g_str_equal (self->type, "n"))
    {
      text = slip_xlsx_book_number (&self->book, value, self->format);
      g_string_append (self->text, text != NULL ? text : value);
      return text != NULL ? NULL : "the cell is to hold a number, and holds none";
    }
  g_string_append_len (self->text, value, (gssize)self->value->len);
  return *value != '\0' && g_str_equal (self->type, "e")
             ? "the cell holds an error instead of a value"
             : NULL;
}

/* The value is no more than the reader keeps of it, and @length is all of it; @wrong is the reason why it is no value, or %NULL. */
static void
find_fault (SlipXlsxReader *self, const char *value, gsize kept, gsize length, const char *wrong)
{
  gboolean too_long = length > self->max_field;

  if (self->fault.column > 0 || (!too_long && wrong == NULL))
    return;
  self->fault.column = self->column + 1;
  self->fault.value = slip_readable (value, kept);
  /* A person corrects the one; what is too long for a spreadsheet's cell may be allowed in a CSV's field. */
  self->fault.reason
      = too_long ? g_strdup_printf ("the cell has %" G_GSIZE_FORMAT " bytes, and %" G_GSIZE_FORMAT
                                    " are allowed (--max-field%s)",
                                    length, self->max_field,
                                    self->max_field < SLIP_XLSX_MAX_CELL
                                        ? ", or maxFieldBytes in the sidecar"
                                        : " allows more in CSV only: deliver the table as CSV")
                 : g_strdup_printf ("%s: correct it in the spreadsheet, or empty it", wrong);
}

static void
end_cell (SlipXlsxReader *self, GError **error)
{
  Cell cell = {.column = self->column, .start = self->text->len};
  const char *wrong = NULL;

  if (g_str_equal (self->type, "s"))
    append_shared (self, error);
  else
    wrong = append_value (self);
  cell.length = self->text->len - cell.start;
  find_fault (self, self->text->str + cell.start, cell.length,
              MAX (cell.length, self->value_length), wrong);
  g_array_append_val (self->cells, cell);
  if (*error == NULL && self->text->len > MAX_ROW)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "the row has more than 16 MiB of text");
  if (*error != NULL)
    return;
  self->in_cell = FALSE;
  self->column++;
}

static void
on_start (gpointer data, const char *name, const char **attributes, GError **error)
{
  SlipXlsxReader *self = data;

  if (g_str_equal (name, "row") && !self->in_row)
    start_row (self, attributes);
  else if (g_str_equal (name, "c") && self->in_row)
    start_cell (self, attributes, error);
  else if (g_str_equal (name, "rPh"))
    self->in_phonetic = TRUE;
  else if (g_str_equal (name, "v") || g_str_equal (name, "t"))
    {
      self->in_value = self->in_row && !self->in_phonetic;
      self->value_start = self->value->len;
    }
}

/* What is too long is not read to its end, and is told as it is written. */
static void
end_value (SlipXlsxReader *self)
{
  gsize length = self->value->len;

  if (self->in_value && self->value_length <= self->max_field)
    {
      slip_xlsx_decode (self->value, self->value_start);
      self->value_length -= length - self->value->len;
    }
  self->in_value = FALSE;
}

static void
on_end (gpointer data, const char *name, GError **error)
{
  SlipXlsxReader *self = data;

  if (g_str_equal (name, "c") && self->in_row)
    end_cell (self, error);
  else if (g_str_equal (name, "row") && self->in_row)
    {
      self->in_row = FALSE;
      slip_xlsx_xml_pause (self->xml);
    }
  else if (g_str_equal (name, "rPh"))
    self->in_phonetic = FALSE;
  else if (g_str_equal (name, "v") || g_str_equal (name, "t"))
    end_value (self);
}

static void
on_text (gpointer data, const char *text, gsize length, GError **error)
{
  SlipXlsxReader *self = data;

  if (!self->in_value)
    return;
  /* What is too long is counted to its end, and a bad record then. */
  if (self->value_length <= self->max_field)
    g_string_append_len (self->value, text,
                         (gssize)MIN (length, self->max_field - self->value_length));
  self->value_length += length;
}

static char *
dup_sheet (SlipXlsxReader *self)
{
  return g_strdup (self->book.sheet_name != NULL ? self->book.sheet_name : self->book.sheet);
}

/* Where the parsing is, as the program that shows the file calls it. */
static char *
dup_place (gpointer data)
{
  SlipXlsxReader *self = data;
  g_autofree char *sheet = dup_sheet (self);
  g_autofree char *letters = slip_column_letters (self->column + 1);
  GString *place = g_string_new (NULL);

  g_string_append_printf (place, "sheet %s (%s), ", sheet, self->book.sheet);
  if (!self->in_row && self->row_number == 0)
    g_string_append (place, "before its first row");
  else
    g_string_append_printf (place, "%s %" G_GUINT64_FORMAT, self->in_row ? "row" : "behind row",
                            self->row_number);
  if (self->in_row && self->in_cell)
    g_string_append_printf (place, ", column %s", letters);
  return g_string_free (place, FALSE);
}

static const SlipXlsxHandlers handlers = {on_start, on_end, on_text, dup_place};

/* ---- rows */

/* The row's cells by their columns, in any order that they came; *used is how many, up to the last that holds anything. */
static gboolean
spread_cells (SlipXlsxReader *self, guint *used, GError **error)
{
  static const char blank[] = "";
  g_autofree char *place = NULL;
  SlipField *fields;
  guint n = self->width;

  for (guint i = 0; i < self->cells->len; i++)
    {
      const Cell *cell = &g_array_index (self->cells, Cell, i);

      if (cell->length > 0)
        n = MAX (n, cell->column + 1);
    }
  g_array_set_size (self->fields, n);
  fields = (SlipField *)self->fields->data;
  /* A cell that is not there is blank, as one without a value is. */
  for (guint i = 0; i < n; i++)
    fields[i] = (SlipField){blank, 0};
  for (guint i = 0; i < self->cells->len; i++)
    {
      const Cell *cell = &g_array_index (self->cells, Cell, i);

      if (cell->column >= n)
        continue;
      if (fields[cell->column].text != blank)
        {
          self->column = cell->column;
          self->in_row = self->in_cell = TRUE;
          place = dup_place (self);
          slip_xlsx_set_error (self->path, place, "it has two such cells", error);
          return FALSE;
        }
      fields[cell->column] = (SlipField){self->text->str + cell->start, cell->length};
    }
  while (n > 0 && fields[n - 1].length == 0)
    n--;
  *used = n;
  return TRUE;
}

/* The next row that holds anything; *n is 0 at the end. */
static gboolean
take_row (SlipXlsxReader *self, guint *n, GError **error)
{
  *n = 0;
  while (!self->ended)
    {
      if (!slip_xlsx_xml_run (self->xml, &self->ended, error))
        return FALSE;
      if (self->ended)
        break;
      if (!spread_cells (self, n, error))
        return FALSE;
      if (*n > 0)
        break;
      self->blank++;
    }
  return TRUE;
}

static SlipBadRecord *
new_bad (SlipXlsxReader *self, guint column)
{
  SlipBadRecord *bad = g_new0 (SlipBadRecord, 1);

  bad->file = g_strdup (self->name);
  bad->sheet = dup_sheet (self);
  bad->number = self->number;
  bad->line = self->row_number;
  bad->column = column;
  if (column <= self->width)
    bad->name = g_strdup (self->header[column - 1]);
  return bad;
}

static SlipBadRecord *
too_wide (SlipXlsxReader *self, guint n)
{
  SlipBadRecord *bad = new_bad (self, n);
  const SlipField *field = &g_array_index (self->fields, SlipField, n - 1);

  bad->value = slip_readable (field->text, field->length);
  bad->reason = g_strdup_printf ("%u fields, and the header has %u", n, self->width);
  return bad;
}

static SlipBadRecord *
tell_fault (SlipXlsxReader *self)
{
  SlipBadRecord *bad = new_bad (self, self->fault.column);

  bad->value = g_steal_pointer (&self->fault.value);
  bad->reason = g_steal_pointer (&self->fault.reason);
  return bad;
}

SlipRead
slip_xlsx_reader_next (SlipXlsxReader *self,
                       SlipRecord *record,
                       SlipBadRecord **bad,
                       GError **error)
{
  g_return_val_if_fail (self != NULL && record != NULL && bad != NULL, SLIP_READ_ERROR);

  guint n;

  if (!take_row (self, &n, error))
    return SLIP_READ_ERROR;
  if (n == 0)
    return SLIP_READ_END;
  self->number++;
  if (n > self->width || self->fault.column > 0)
    {
      *bad = n > self->width ? too_wide (self, n) : tell_fault (self);
      return SLIP_READ_BAD;
    }
  *record = (SlipRecord){.fields = (const SlipField *)self->fields->data,
                         .n = self->width,
                         .number = self->number,
                         .line = self->row_number,
                         .length = self->text->len + self->width};
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
  if (status == ARCHIVE_EOF)
    slip_xlsx_set_error (self->path, self->book.sheet, "the first sheet is not there", error);
  else
    slip_xlsx_set_archive_error (self->path, NULL, self->archive, error);
  return FALSE;
}

static gboolean
read_header (SlipXlsxReader *self, GError **error)
{
  guint n;

  if (!take_row (self, &n, error))
    return FALSE;
  if (n == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s is empty: it has no header. Remove the file, or export it again",
                   self->name);
      return FALSE;
    }
  if (self->fault.column > 0)
    {
      g_autoptr (SlipBadRecord) bad = tell_fault (self);
      g_autofree char *text = slip_bad_record_to_text (bad);

      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "the header cannot be read: %s", text);
      return FALSE;
    }
  self->width = n;
  self->header = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const SlipField *field = &g_array_index (self->fields, SlipField, i);

      self->header[i] = g_strndup (field->text, field->length);
    }
  return TRUE;
}

SlipXlsxReader *
slip_xlsx_reader_new (const char *path, gsize max_field, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (SlipXlsxReader) self = g_new0 (SlipXlsxReader, 1);

  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
  self->max_field = max_field > 0 ? MIN (max_field, SLIP_XLSX_MAX_CELL) : SLIP_XLSX_MAX_CELL;
  self->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  self->text = g_string_new (NULL);
  self->fields = g_array_new (FALSE, FALSE, sizeof (SlipField));
  self->value = g_string_new (NULL);
  if (!slip_xlsx_book_read (&self->book, path, error) || !find_sheet (self, error))
    return NULL;
  self->xml = slip_xlsx_xml_new (self->archive, path, self->book.sheet, 0, &handlers, self);
  return read_header (self, error) ? g_steal_pointer (&self) : NULL;
}

void
slip_xlsx_reader_free (SlipXlsxReader *self)
{
  if (self == NULL)
    return;
  slip_xlsx_xml_free (self->xml);
  clear_fault (self);
  if (self->archive != NULL)
    archive_read_free (self->archive);
  slip_xlsx_book_clear (&self->book);
  g_array_unref (self->fields);
  g_array_unref (self->cells);
  g_string_free (self->text, TRUE);
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
