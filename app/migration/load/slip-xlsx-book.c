/* SPDX-License-Identifier: MIT */
/* What the cells of a spreadsheet refer to: shared strings, which formats are dates, and where the first sheet is. Sheets are
 * slip-xlsx-reader.c's. */

#include "slip-xlsx-book.h"

#include "slip-record.h"
#include "slip-xlsx-xml.h"

#include <archive_entry.h>
#include <math.h>
#include <string.h>

#define MAX_PART (16 * 1024 * 1024) /* unpacked, of any part but texts and sheets */
#define MAX_ENTRIES 65536           /* formats and sheets; Excel allows fewer */
#define UNIX_EPOCH_1900 25569       /* 1970-01-01 in days of the 1900 system */
#define DAYS_1904 1462

typedef struct
{
  SlipXlsxBook *book;
  char *first_id;       /* owned; of the first sheet in the workbook */
  guint64 texts;        /* shared strings that have begun */
  GHashTable *targets;  /* relation id → path */
  GHashTable *formats;  /* number format id → SlipXlsxKind + 1 */
  GString *text;        /* of the shared string that is being parsed */
  gsize start;          /* of the <t> that is being parsed, in text */
  gboolean in_text;     /* within <t> */
  gboolean in_phonetic; /* within <rPh>, which nobody sees */
  gboolean in_cell_formats;
} Parse;

/* ---- formats */

/* ECMA-376 part 1, 18.8.30: built-in formats of dates and times; 46 is [h]:mm:ss. */
static SlipXlsxKind
built_in_kind (guint id)
{
  if (id == 46)
    return SLIP_XLSX_DURATION;
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47)
                 || (id >= 50 && id <= 58)
             ? SLIP_XLSX_DATE
             : SLIP_XLSX_NUMBER;
}

/* In brackets stand colours, conditions and locales too, none of which is one letter, once or more. */
static gboolean
is_elapsed (const char *bracket)
{
  char letter = g_ascii_tolower (bracket[1]);
  const char *p = bracket + 1;

  while (letter != '\0' && g_ascii_tolower (*p) == letter)
    p++;
  return (letter == 'h' || letter == 'm' || letter == 's') && *p == ']';
}

/* A letter of dates that is no literal: not in quotes or brackets, and not behind a backslash. */
static SlipXlsxKind
kind_of_code (const char *code)
{
  gboolean quoted = FALSE;
  gboolean bracketed = FALSE;
  SlipXlsxKind kind = SLIP_XLSX_NUMBER;

  if (g_ascii_strcasecmp (code, "General") == 0)
    return kind;
  for (const char *p = code; *p != '\0'; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (quoted)
        continue;
      else if (*p == '[' && is_elapsed (p))
        return SLIP_XLSX_DURATION;
      else if (*p == '[')
        bracketed = TRUE;
      else if (*p == ']')
        bracketed = FALSE;
      else if ((*p == '\\' || *p == '_' || *p == '*') && p[1] != '\0')
        p++;
      else if (!bracketed && strchr ("dmyhsDMYHS", *p) != NULL)
        kind = SLIP_XLSX_DATE;
    }
  return kind;
}

/* ---- parsing */

/* Styles of a spreadsheet that only a bomb has. */
static gboolean
has_room (guint n, GError **error)
{
  if (n < MAX_ENTRIES)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
               "it has more formats or sheets than 65536");
  return FALSE;
}

static void
take_format (Parse *parse, const char **attributes, GError **error)
{
  const char *id = slip_xlsx_attribute (attributes, "numFmtId");
  const char *code = slip_xlsx_attribute (attributes, "formatCode");

  if (id != NULL && code != NULL && has_room (g_hash_table_size (parse->formats), error))
    g_hash_table_insert (parse->formats, g_strdup (id), GINT_TO_POINTER (kind_of_code (code) + 1));
}

static void
take_cell_format (Parse *parse, const char **attributes, GError **error)
{
  const char *id = slip_xlsx_attribute (attributes, "numFmtId");
  int said = id != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (parse->formats, id)) : 0;
  SlipXlsxKind kind = SLIP_XLSX_NUMBER;

  if (said > 0)
    kind = (SlipXlsxKind)(said - 1);
  else if (id != NULL)
    kind = built_in_kind ((guint)g_ascii_strtoull (id, NULL, 10));
  if (has_room (parse->book->kinds->len, error))
    g_array_append_val (parse->book->kinds, kind);
}

static void
take_sheet (Parse *parse, const char **attributes)
{
  const char *name = slip_xlsx_attribute (attributes, "name");

  parse->first_id = g_strdup (slip_xlsx_attribute (attributes, "id"));
  g_free (parse->book->sheet_name);
  parse->book->sheet_name = name != NULL ? slip_readable (name, strlen (name)) : NULL;
}

static void
take_relation (Parse *parse, const char **attributes, GError **error)
{
  const char *id = slip_xlsx_attribute (attributes, "Id");
  const char *target = slip_xlsx_attribute (attributes, "Target");

  if (id != NULL && target != NULL && has_room (g_hash_table_size (parse->targets), error))
    g_hash_table_insert (parse->targets, g_strdup (id), g_strdup (target));
}

static void
on_start (gpointer data, const char *name, const char **attributes, GError **error)
{
  Parse *parse = data;

  if (g_str_equal (name, "si"))
    {
      g_string_truncate (parse->text, 0);
      parse->texts++;
    }
  else if (g_str_equal (name, "t"))
    {
      parse->in_text = !parse->in_phonetic;
      parse->start = parse->text->len;
    }
  else if (g_str_equal (name, "rPh"))
    parse->in_phonetic = TRUE;
  else if (g_str_equal (name, "sheet") && parse->first_id == NULL)
    take_sheet (parse, attributes);
  else if (g_str_equal (name, "workbookPr"))
    {
      const char *date1904 = slip_xlsx_attribute (attributes, "date1904");

      parse->book->from_1904
          = date1904 != NULL && (g_str_equal (date1904, "1") || g_str_equal (date1904, "true"));
    }
  else if (g_str_equal (name, "Relationship"))
    take_relation (parse, attributes, error);
  else if (g_str_equal (name, "numFmt"))
    take_format (parse, attributes, error);
  else if (g_str_equal (name, "cellXfs"))
    parse->in_cell_formats = TRUE;
  else if (g_str_equal (name, "xf") && parse->in_cell_formats)
    take_cell_format (parse, attributes, error);
}

static void
on_end (gpointer data, const char *name, GError **error)
{
  Parse *parse = data;

  if (g_str_equal (name, "si"))
    slip_xlsx_strings_add (parse->book->strings, parse->text->str, parse->text->len, error);
  else if (g_str_equal (name, "t"))
    {
      if (parse->in_text)
        slip_xlsx_decode (parse->text, parse->start);
      parse->in_text = FALSE;
    }
  else if (g_str_equal (name, "rPh"))
    parse->in_phonetic = FALSE;
  else if (g_str_equal (name, "cellXfs"))
    parse->in_cell_formats = FALSE;
}

static void
on_text (gpointer data, const char *text, gsize length, GError **error)
{
  Parse *parse = data;

  if (!parse->in_text)
    return;
  if (parse->text->len + length > SLIP_XLSX_MAX_CELL)
    {
      g_autofree char *readable = slip_readable (parse->text->str, parse->text->len);
      g_autofree char *told = slip_migration_dup_told (readable);

      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "text %" G_GUINT64_FORMAT
                   " of it, %s, has more than %d bytes, and a cell has at most 32767 characters",
                   parse->texts, told, SLIP_XLSX_MAX_CELL);
    }
  else
    g_string_append_len (parse->text, text, (gssize)length);
}

static const SlipXlsxHandlers handlers = {on_start, on_end, on_text};

static gboolean
parse_entry (Parse *parse,
             struct archive *archive,
             const char *path,
             const char *part,
             guint64 max_bytes,
             GError **error)
{
  g_autoptr (SlipXlsxXml) xml
      = slip_xlsx_xml_new (archive, path, part, max_bytes, &handlers, parse);
  gboolean ended;

  return slip_xlsx_xml_run (xml, &ended, error);
}

static gboolean
read_entries (Parse *parse, const char *path, GError **error)
{
  struct archive *archive = slip_xlsx_open (path, error);
  struct archive_entry *entry;
  gboolean ok = archive != NULL;
  int status = ARCHIVE_OK;

  while (ok && (status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK)
    {
      const char *name = archive_entry_pathname (entry);

      if (g_strcmp0 (name, "xl/workbook.xml") == 0 || g_strcmp0 (name, "xl/styles.xml") == 0
          || g_strcmp0 (name, "xl/_rels/workbook.xml.rels") == 0)
        ok = parse_entry (parse, archive, path, name, MAX_PART, error);
      else if (g_strcmp0 (name, "xl/sharedStrings.xml") == 0)
        ok = parse_entry (parse, archive, path, name, 0, error);
    }
  if (ok && status != ARCHIVE_EOF)
    {
      slip_xlsx_set_archive_error (path, NULL, archive, error);
      ok = FALSE;
    }
  if (archive != NULL)
    archive_read_free (archive);
  return ok;
}

gboolean
slip_xlsx_book_read (SlipXlsxBook *book, const char *path, GError **error)
{
  Parse parse = {.book = book,
                 .targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                 .formats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                 .text = g_string_new (NULL)};
  const char *target;
  gboolean ok;

  book->strings = slip_xlsx_strings_new (path, error);
  book->kinds = g_array_new (FALSE, FALSE, sizeof (SlipXlsxKind));
  ok = book->strings != NULL && read_entries (&parse, path, error);
  target
      = ok && parse.first_id != NULL ? g_hash_table_lookup (parse.targets, parse.first_id) : NULL;
  if (target != NULL)
    book->sheet = *target == '/' ? g_strdup (target + 1) : g_strconcat ("xl/", target, NULL);
  else if (ok)
    slip_xlsx_set_error (path, NULL, "it names no sheet", error);
  g_hash_table_unref (parse.targets);
  g_hash_table_unref (parse.formats);
  g_string_free (parse.text, TRUE);
  g_free (parse.first_id);
  return book->sheet != NULL;
}

void
slip_xlsx_book_clear (SlipXlsxBook *book)
{
  g_clear_pointer (&book->sheet, g_free);
  g_clear_pointer (&book->sheet_name, g_free);
  g_clear_pointer (&book->strings, slip_xlsx_strings_free);
  g_clear_pointer (&book->kinds, g_array_unref);
}

/* ---- numbers */

static char *
date_text (const SlipXlsxBook *book, double serial)
{
  double days = floor (serial) + (book->from_1904 ? DAYS_1904 : 0);
  gint64 seconds = (gint64)llround ((serial - floor (serial)) * 86400);
  g_autoptr (GDateTime) time = NULL;

  /* Days begin with the first one; what is before it a spreadsheet shows as no day. */
  if (serial < 0)
    return NULL;

  /* The 1900 system has a 29 February 1900, which was none. */
  if (!book->from_1904 && days < 60)
    days += 1;
  time = g_date_time_new_from_unix_utc ((gint64)(days - UNIX_EPOCH_1900) * 86400 + seconds);
  if (time == NULL)
    return NULL;
  if (floor (serial) == 0 && !book->from_1904)
    return g_date_time_format (time, "%H:%M:%S");
  return g_date_time_format (time, "%Y-%m-%d %H:%M:%S");
}

/* What the cell shows, to the second. */
static char *
duration_text (double days)
{
  gint64 seconds = (gint64)llround (fabs (days) * 86400);

  return g_strdup_printf ("%s%" G_GINT64_FORMAT ":%02d:%02d", days < 0 && seconds > 0 ? "-" : "",
                          seconds / 3600, (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static char *
plain_text (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (number == floor (number) && fabs (number) < 1e16)
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)number);
  for (int digits = 15; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  return g_strdup (text);
}

/* A whole number of more digits than a double tells apart, which programs other than Excel write: it stands as it is. */
static gboolean
is_long_whole (const char *raw)
{
  const char *digits = *raw == '-' || *raw == '+' ? raw + 1 : raw;
  gsize length = strspn (digits, "0123456789");

  return length > 15 && digits[length] == '\0';
}

char *
slip_xlsx_book_number (const SlipXlsxBook *book, const char *raw, guint format)
{
  g_autofree char *digits = g_strstrip (g_strdup (raw));
  char *end = NULL;
  double number = g_ascii_strtod (digits, &end);
  SlipXlsxKind kind
      = format < book->kinds->len ? g_array_index (book->kinds, SlipXlsxKind, format) : 0;
  char *date = NULL;

  if (*digits == '\0' || *end != '\0' || digits[strspn (digits, "0123456789+-.eE")] != '\0')
    return NULL;
  if (!isfinite (number) || is_long_whole (digits))
    return g_steal_pointer (&digits);
  if (kind == SLIP_XLSX_DURATION && fabs (number) < 1e7)
    return duration_text (number);
  if (kind == SLIP_XLSX_DATE && fabs (number) < 1e7)
    date = date_text (book, number);
  return date != NULL ? date : plain_text (number);
}
