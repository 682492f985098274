/* SPDX-License-Identifier: MIT */

/* Any bytes as a source file; the first one chooses encoding, delimiter and quote. Every record has the header's width
 * and is UTF-8 without a NUL, every bad record lies within the file, positions never go back, and reading ends. */

#include "slip-csv-reader.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_record (const SlipRecord *record, guint width)
{
  g_assert (record->n == width);
  for (guint i = 0; i < record->n; i++)
    g_assert (record->fields[i].length == 0
              || g_utf8_validate_len (record->fields[i].text, record->fields[i].length, NULL));
}

static void
check_bad (const SlipBadRecord *bad, size_t size)
{
  g_autofree char *text = slip_bad_record_to_text (bad);

  g_assert (bad->byte <= size && bad->line >= 1 && bad->number >= 1);
  g_assert (g_utf8_validate (text, -1, NULL) && strchr (text, '\n') == NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const encodings[] = {NULL, "WINDOWS-1252", "CP932", "UTF-8"};
  const uint8_t choice = size > 0 ? data[0] : 0;
  const SlipCsvFormat format = {.encoding = encodings[choice % 4],
                                .delimiter = (choice & 4) != 0 ? '|' : ',',
                                .quote = (choice & 8) != 0 ? '\'' : '"',
                                .max_field = (choice & 16) != 0 ? 32 : 0};
  const size_t length = size > 0 ? size - 1 : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes ("x.csv", data + (size > 0), length), &format, &error);
  SlipRead result = SLIP_READ_RECORD;
  guint64 before = 0;
  guint width;

  if (reader == NULL)
    {
      g_assert (error != NULL && error->domain == SLIP_MIGRATION_ERROR);
      return 0;
    }
  width = g_strv_length ((char **)slip_csv_reader_get_header (reader));
  while (result != SLIP_READ_END)
    {
      SlipRecord record;
      g_autoptr (SlipBadRecord) bad = NULL;

      result = slip_csv_reader_next (reader, &record, &bad, &error);
      g_assert (result != SLIP_READ_ERROR);
      if (result == SLIP_READ_RECORD)
        check_record (&record, width);
      if (result == SLIP_READ_BAD)
        check_bad (bad, length);
      g_assert (slip_csv_reader_get_position (reader) > before || result == SLIP_READ_END);
      before = slip_csv_reader_get_position (reader);
    }
  g_assert (before == length);
  return 0;
}
