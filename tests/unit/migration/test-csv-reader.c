/* SPDX-License-Identifier: MIT */
/* The CSV reader: what is a record, what is not, and where exactly the fault is. */

#include "slip-csv-reader.h"
#include "slip-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

/* What a reader makes of bytes, one line each: fields in brackets, or `! line byte column name reason value`. */
static char *
digest (const char *bytes, gsize length, const SlipCsvFormat *format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes ("x.csv", bytes, length), format, &error);
  GString *text = g_string_new (NULL);
  SlipRead result = SLIP_READ_RECORD;
  SlipRecord record;

  if (reader == NULL)
    {
      g_string_append_printf (text, "error: %s\n", error->message);
      return g_string_free (text, FALSE);
    }
  while (result == SLIP_READ_RECORD || result == SLIP_READ_BAD)
    {
      g_autoptr (SlipBadRecord) bad = NULL;

      result = slip_csv_reader_next (reader, &record, &bad, &error);
      g_assert_no_error (error);
      if (result == SLIP_READ_BAD)
        g_string_append_printf (
            text, "! %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %s: %s: %s\n", bad->line,
            bad->byte, bad->column, bad->name != NULL ? bad->name : "-", bad->reason, bad->value);
      for (guint i = 0; result == SLIP_READ_RECORD && i < record.n; i++)
        g_string_append_printf (text, "[%.*s]", (int)record.fields[i].length,
                                record.fields[i].text);
      if (result == SLIP_READ_RECORD)
        g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

typedef struct
{
  const char *name;
  const char *bytes;
  gsize length; /* 0: up to the NUL */
  const char *expected;
  SlipCsvFormat format;
} Case;

#define BYTES(text) (text), sizeof (text) - 1

static const Case cases[] = {
    {"plain_lines", "a,b\n1,2\n3,4\n", 0, "[1][2]\n[3][4]\n"},
    {"crlf_lines", "a,b\r\n1,2\r\n3,4\r\n", 0, "[1][2]\n[3][4]\n"},
    {"mixed_line_ends", "a,b\n1,2\r\n3,4\n", 0, "[1][2]\n[3][4]\n"},
    {"last_line_without_end", "a,b\n1,2", 0, "[1][2]\n"},
    {"blanks_stay_blank", "a,b,c\n,,\n , ,\n", 0, "[][][]\n[ ][ ][]\n"},
    {"blank_last_field_at_the_end", "a,b\n1,", 0, "[1][]\n"},
    {"quoted_delimiter", "a,b\n\"1,1\",2\n", 0, "[1,1][2]\n"},
    {"doubled_quotes", "a,b\n\"\"\"1\"\"\",\"x\"\"y\"\n", 0, "[\"1\"][x\"y]\n"},
    {"quoted_blank", "a,b\n\"\",\"\"\n", 0, "[][]\n"},
    {"quoted_line_ends", "a,b\n\"1\n2\",\"3\r\n4\"\nx,y\n", 0, "[1\n2][3\r\n4]\n[x][y]\n"},
    {"quote_within_plain_text", "a,b\n5\" nail,it\"\"s\n", 0, "[5\" nail][it\"\"s]\n"},
    {"quoted_at_end_of_file", "a,b\n1,\"2\"", 0, "[1][2]\n"},
    {"words_that_mean_null_elsewhere", "a,b\nNULL,NaN\nNone,\\N\n", 0,
     "[NULL][NaN]\n[None][\\N]\n"},
    {"empty_lines_are_no_records", "a,b\n\n1,2\n\r\n\n3,4\n\n", 0, "[1][2]\n[3][4]\n"},
    {"byte_order_mark",
     "\xEF\xBB\xBF"
     "a,b\n1,2\n",
     0, "[1][2]\n"},
    {"header_only", "a,b\n", 0, ""},
    {"header_without_end", "a,b", 0, ""},
    {"other_delimiter", "a|b\n1,1|2\n", 0, "[1,1][2]\n", {.delimiter = '|'}},
    {"tab_as_delimiter", "a\tb\n1\t2\n", 0, "[1][2]\n", {.delimiter = '\t'}},
    {"other_quote", "a,b\n'1,1','it''s'\n\"x,y\n", 0, "[1,1][it's]\n[\"x][y]\n", {.quote = '\''}},
    {"utf8", "a,b\n\xC3\xA9,\xF0\x9D\x94\x98\n", 0, "[\xC3\xA9][\xF0\x9D\x94\x98]\n"},
    {"windows_1252",
     "a,b\n\x93q\x94,\x80 5\n",
     0,
     "[\xE2\x80\x9Cq\xE2\x80\x9D][\xE2\x82\xAC 5]\n",
     {.encoding = "WINDOWS-1252"}},
    {"several_bytes_a_character",
     "a,b\n\x82\xA0,\"x\"\"\x82\xA2\"\n",
     0,
     "[\xE3\x81\x82][x\"\xE3\x81\x84]\n",
     {.encoding = "CP932"}},

    {"too_few_fields", "a,b,c\n1,2\n3,4,5\n", 0,
     "! 2 6 0 -: 2 fields, and the header has 3: 1,2\n[3][4][5]\n"},
    {"too_many_fields", "a,b\n1,2,3\r\n4,5\n", 0,
     "! 2 4 0 -: 3 fields, and the header has 2: 1,2,3\n[4][5]\n"},
    {"text_behind_a_closing_quote", "a,b\n1,\"x\"y\n3,4\n", 0,
     "! 2 9 2 b: text stands behind the closing quote: \"x\"y\n[3][4]\n"},
    {"quote_in_quotes_not_doubled", "a,b\n\"say \"hi\" now\",2\n3,4\n", 0,
     "! 2 10 1 a: text stands behind the closing quote: \"say \"hi\" now\",2\n[3][4]\n"},
    {"fault_on_a_later_line_of_the_record", "a,b\n\"1\n2\"x,3\n4,5\n", 0,
     "! 3 9 1 a: text stands behind the closing quote: \"1\n[4][5]\n"},
    {"quote_never_closed", "a,b\n1,\"2\n3,4\n5,6\n", 0,
     "! 2 6 2 b: a quote is opened here and never closed: \"2\n[3][4]\n[5][6]\n"},
    {"quote_never_closed_in_the_last_line", "a,b\n1,2\n3,\"", 0,
     "[1][2]\n! 3 10 2 b: a quote is opened here and never closed: \"\n"},
    {"lone_carriage_return", "a,b\n1,2\r3,4\n5,6\n", 0,
     "! 2 7 2 b: a carriage return stands here and ends no line: 2\\r3,4\n[5][6]\n"},
    {"carriage_return_at_end_of_file", "a,b\n1,2\r", 0,
     "! 2 7 2 b: a carriage return stands here and ends no line: 2\\r\n"},
    {"nul_byte", BYTES ("a,b\n1,x\0y\n3,4\n"),
     "! 2 7 2 b: a NUL byte stands in the text: x\\x00y\n[3][4]\n"},
    {"no_utf8", "a,b\nok,caf\xE9 au lait\n3,4\n", 0,
     "! 2 10 2 b: byte 0xE9 is not UTF-8: caf\\xE9 au lait\n[3][4]\n"},
    {"cut_utf8", "a,b\n\xE2\x82,x\n", 0, "! 2 4 1 a: byte 0xE2 is not UTF-8: \\xE2\\x82\n"},
    {"surrogate_in_utf8", "a,b\n1,\xED\xA0\x80\n", 0,
     "! 2 6 2 b: byte 0xED is not UTF-8: \\xED\\xA0\\x80\n"},
    {"no_windows_1252",
     "a,b\n1,\x93\x81\n3,4\n",
     0,
     "! 2 7 2 b: byte 0x81 is not WINDOWS-1252: \\x93\\x81\n[3][4]\n",
     {.encoding = "WINDOWS-1252"}},
    {"nul_byte_in_windows_1252",
     BYTES ("a,b\n1,\x93\0\n"),
     "! 2 7 2 b: a NUL byte stands in the text: \\x93\\x00\n",
     {.encoding = "WINDOWS-1252"}},
    {"cut_character_of_several_bytes",
     "a,b\n1,\x82\n3,4\n",
     0,
     "! 2 6 2 b: byte 0x82 is not CP932: \\x82\n[3][4]\n",
     {.encoding = "CP932"}},
    {"second_fault_behind_the_first", "a,b\n1\n2\n3,4\n", 0,
     "! 2 4 0 -: 1 field, and the header has 2: 1\n! 3 6 0 -: 1 field, and the header has 2: 2\n"
     "[3][4]\n"},
    {"field_too_long",
     "a,b\n1,123456789\n3,4\n",
     0,
     "! 2 6 2 b: the field has 9 bytes, and 8 are allowed (--max-field, or maxFieldBytes in the "
     "sidecar): 123456789\n[3][4]\n",
     {.max_field = 8}},

    {"empty_file", "", 0,
     "error: x.csv is empty: it has no header. Remove the file, or export it "
     "again\n"},
    {"file_of_empty_lines", "\n\r\n\n", 0,
     "error: x.csv is empty: it has no header. Remove the file, or export it again\n"},
    {"only_a_byte_order_mark", "\xEF\xBB\xBF", 0,
     "error: x.csv is empty: it has no header. Remove the file, or export it again\n"},
    {"broken_header", "a,\"b\n1,2\n", 0,
     "error: the header cannot be read: x.csv line 1, byte 2, column 2: a quote is opened here and "
     "never closed: “\"b”\n"},
    {"utf16_mark",
     BYTES ("\xFF\xFE"
            "a\0,\0b\0\n\0"),
     "error: x.csv begins with the byte order mark of UTF-16LE, and is stated to be UTF-8. Convert "
     "it "
     "first: iconv -t UTF-8\n"},
    {"utf8_mark_and_another_encoding",
     "\xEF\xBB\xBF"
     "a\n",
     0,
     "error: x.csv begins with the byte order mark of UTF-8, and is stated to be WINDOWS-1252. "
     "State "
     "UTF-8\n",
     {.encoding = "WINDOWS-1252"}},
    {"unknown_encoding",
     "a\n",
     0,
     "error: the encoding WINDOWS-9 is not known here. iconv --list tells which are\n",
     {.encoding = "WINDOWS-9"}},
    {"encoding_without_ascii",
     "a\n",
     0,
     "error: files in UTF-16 cannot be read as they are. Convert them first: iconv -f UTF-16 -t "
     "UTF-8\n",
     {.encoding = "UTF-16"}},
    {"delimiter_that_is_the_quote",
     "a\n",
     0,
     "error: delimiter and quote must be two ASCII characters that end no line\n",
     {.delimiter = '"'}},
};

static void
test_case (gconstpointer data)
{
  const Case *each = data;
  gsize length = each->length > 0 ? each->length : strlen (each->bytes);
  g_autofree char *found = digest (each->bytes, length, &each->format);

  g_assert_cmpstr (found, ==, each->expected);
}

/* A block ends in the middle of everything at some time. */
static void
test_records_are_the_same_wherever_a_block_ends (void)
{
  g_autoptr (GString) text = g_string_new ("a,b,c\n");
  static const char *const lines[] = {"1,\"two\"\"2\",3\r\n",
                                      "\"x\ny\",\"\",z\n",
                                      ",,\n",
                                      "\xC3\xA9,\"\xC3\xA9\",\n",
                                      "1,2\n",
                                      "plain text,that is,longer\n"};
  guint64 expected[6] = {0};
  guint64 found = 0;
  guint64 wrong = 0;

  for (guint i = 0; i < 90000; i++)
    {
      guint pick = (i * 7 + i / 5 + i / 11) % G_N_ELEMENTS (lines);

      g_string_append (text, lines[pick]);
      expected[pick]++;
    }
  g_assert_cmpuint (text->len, >, 3 * 256 * 1024);

  g_autoptr (GError) error = NULL;
  const SlipCsvFormat format = {0};
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes ("x.csv", text->str, text->len), &format, &error);
  SlipRead result;
  SlipRecord record;

  g_assert_no_error (error);
  do
    {
      g_autoptr (SlipBadRecord) bad = NULL;

      result = slip_csv_reader_next (reader, &record, &bad, &error);
      found += result == SLIP_READ_RECORD;
      wrong += result == SLIP_READ_BAD;
      if (result == SLIP_READ_BAD)
        g_assert_cmpint (memcmp (text->str + bad->byte, "1,2\n", 4), ==, 0);
      if (result == SLIP_READ_RECORD)
        g_assert_true (record.n == 3);
    }
  while (result == SLIP_READ_RECORD || result == SLIP_READ_BAD);
  g_assert_cmpint (result, ==, SLIP_READ_END);
  g_assert_cmpuint (wrong, ==, expected[4]);
  g_assert_cmpuint (found, ==, 90000 - expected[4]);
  g_assert_cmpuint (slip_csv_reader_get_position (reader), ==, text->len);
}

static char *
large_field (gsize length, gboolean closed)
{
  GString *text = g_string_sized_new (length + 64);

  g_string_append (text, "a,b\n1,\"");
  for (gsize i = 0; i < length / 8; i++)
    g_string_append (text, "abcdef\n ");
  g_string_append (text, closed ? "\"\n3,4\n" : "\n3,4\n");
  return g_string_free (text, FALSE);
}

static void
test_large_field_is_an_error_that_an_option_lifts (void)
{
  g_autofree char *text = large_field (20 * 1024 * 1024, TRUE);
  g_autoptr (GError) error = NULL;
  const SlipCsvFormat allowed = {.max_field = 100 * 1024 * 1024};
  const SlipCsvFormat usual = {0};
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes ("x.csv", text, strlen (text)), &allowed, &error);
  g_autoptr (SlipBadRecord) bad = NULL;
  SlipRecord record;

  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_RECORD);
  g_assert_cmpuint (record.fields[1].length, ==, 20 * 1024 * 1024);
  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_RECORD);
  g_assert_cmpuint (record.line, ==, 20 * 1024 * 1024 / 8 + 3);

  g_clear_pointer (&reader, slip_csv_reader_free);
  reader = slip_csv_reader_new (slip_source_file_new_for_bytes ("x.csv", text, strlen (text)),
                                &usual, &error);
  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_BAD);
  g_assert_cmpstr (bad->name, ==, "b");
  g_assert_cmpuint (bad->line, ==, 2);
  g_assert_cmpuint (bad->byte, ==, 7);
  g_assert_nonnull (strstr (bad->reason, "20971520 bytes, and 16777216 are allowed"));
  g_assert_cmpuint (strlen (bad->value), <, 200);
  g_clear_pointer (&bad, slip_bad_record_free);
  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_RECORD);
}

static void
test_quote_that_swallows_a_large_file_is_found_where_it_opens (void)
{
  g_autofree char *text = large_field (60 * 1024 * 1024, FALSE);
  g_autoptr (GError) error = NULL;
  const SlipCsvFormat format = {.max_field = 1024 * 1024};
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes ("x.csv", text, strlen (text)), &format, &error);
  g_autoptr (SlipBadRecord) bad = NULL;
  SlipRecord record;

  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_BAD);
  g_assert_cmpstr (bad->name, ==, "b");
  g_assert_cmpuint (bad->line, ==, 2);
  g_assert_cmpuint (bad->byte, ==, 6);
  g_assert_nonnull (strstr (bad->reason, "never closed"));
  /* The next line is looked at by itself. */
  g_clear_pointer (&bad, slip_bad_record_free);
  g_assert_cmpint (slip_csv_reader_next (reader, &record, &bad, &error), ==, SLIP_READ_BAD);
  g_assert_cmpuint (bad->line, ==, 3);
  g_assert_cmpstr (bad->value, ==, " abcdef");
}

static void
test_record_of_delimiters_is_one_bad_record (void)
{
  g_autofree char *fields = g_strnfill (1024 * 1024, ',');
  g_autofree char *text = g_strconcat ("a,b\n1,2\n", fields, "\n3,4\n", NULL);
  g_autofree char *found = digest (text, strlen (text), &(SlipCsvFormat){0});

  g_assert_true (g_str_has_prefix (
      found, "[1][2]\n! 3 16392 16385 -: the record has more than 16384 fields: ,,,"));
  g_assert_true (g_str_has_suffix (found, "…\n[3][4]\n"));
}

static void
test_record_that_grows_when_it_is_converted_is_bounded (void)
{
  g_autofree char *euros = g_strnfill (1024 * 1024, '\x80');
  g_autofree char *text = g_strconcat ("a,b\n1,", euros, "\n3,4\n", NULL);
  const SlipCsvFormat tight = {.encoding = "WINDOWS-1252", .max_field = 2 * 1024 * 1024};
  const SlipCsvFormat roomy = {.encoding = "WINDOWS-1252", .max_field = 3 * 1024 * 1024};
  g_autofree char *refused = digest (text, strlen (text), &tight);
  g_autofree char *taken = digest (text, strlen (text), &roomy);

  g_assert_true (g_str_has_prefix (refused, "! 2 "));
  g_assert_nonnull (strstr (refused, " 2 b: the record has more than 2359296 bytes as UTF-8 "
                                     "(--max-field, or maxFieldBytes in the sidecar)"));
  g_assert_true (g_str_has_suffix (refused, "\n[3][4]\n"));
  g_assert_cmpuint (strlen (taken), ==, 3 * 1024 * 1024 + strlen ("[1][]\n[3][4]\n"));
}

static char *
write_file (const char *folder, const char *text)
{
  char *path = g_build_filename (folder, "x.csv", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_file_that_grows_while_it_is_read_is_told (void)
{
  g_autofree char *folder = g_dir_make_tmp ("slip-csv-XXXXXX", NULL);
  g_autofree char *path = write_file (folder, "a,b\n1,2\n");
  g_autoptr (GError) error = NULL;
  const SlipCsvFormat format = {0};
  g_autofree char *sha256 = NULL;
  g_autoptr (SlipBadRecord) bad = NULL;
  SlipRecord record;
  g_autoptr (SlipCsvReader) reader
      = slip_csv_reader_new (slip_source_file_open (path, &error), &format, &error);

  g_assert_no_error (error);
  while (slip_csv_reader_next (reader, &record, &bad, &error) == SLIP_READ_RECORD)
    ;
  g_assert_true (slip_source_file_finish (slip_csv_reader_get_source (reader), &sha256, &error));
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "a,b\n1,2\n", -1);
  g_assert_cmpstr (sha256, ==, expected);

  FILE *file = fopen (path, "a");
  fputs ("3,4\n", file);
  fclose (file);
  g_clear_pointer (&sha256, g_free);
  g_assert_false (slip_source_file_finish (slip_csv_reader_get_source (reader), &sha256, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "x.csv changed"));
  g_assert_true (slip_test_remove_folder (folder));
}

static void
test_missing_file_and_folder_are_errors_with_the_path (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_source_file_open ("/nonexistent/pat.csv", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/pat.csv"));
  g_clear_error (&error);
  g_assert_null (slip_source_file_open ("/tmp", &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO);
}

static void
test_readable_is_one_line_and_short (void)
{
  g_autofree char *cut = g_strnfill (300, 'x');
  g_autofree char *long_value = slip_readable (cut, 300);
  g_autofree char *odd = slip_readable ("a\n\t\r\x01\xFF\xE2\x82\xAC", 9);

  g_assert_cmpuint (strlen (long_value), ==, 123);
  g_assert_true (g_str_has_suffix (long_value, "…"));
  g_assert_cmpstr (odd, ==, "a\\n\\t\\r\\x01\\xFF€");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/csv/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/csv/blocks/records_are_the_same_wherever_a_block_ends",
                   test_records_are_the_same_wherever_a_block_ends);
  g_test_add_func ("/csv/large/field_is_an_error_that_an_option_lifts",
                   test_large_field_is_an_error_that_an_option_lifts);
  g_test_add_func ("/csv/large/record_of_delimiters_is_one_bad_record",
                   test_record_of_delimiters_is_one_bad_record);
  g_test_add_func ("/csv/large/record_that_grows_when_it_is_converted_is_bounded",
                   test_record_that_grows_when_it_is_converted_is_bounded);
  g_test_add_func ("/csv/large/quote_that_swallows_a_file_is_found_where_it_opens",
                   test_quote_that_swallows_a_large_file_is_found_where_it_opens);
  g_test_add_func ("/csv/file/that_grows_while_it_is_read_is_told",
                   test_file_that_grows_while_it_is_read_is_told);
  g_test_add_func ("/csv/file/missing_ones_are_errors_with_the_path",
                   test_missing_file_and_folder_are_errors_with_the_path);
  g_test_add_func ("/csv/readable/is_one_line_and_short", test_readable_is_one_line_and_short);
  return g_test_run ();
}
