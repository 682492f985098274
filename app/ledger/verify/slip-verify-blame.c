/* SPDX-License-Identifier: MIT */
/* Tells a reader what was done to a file that does not verify, and where. That it does not verify is
 * decided elsewhere: nothing here can make a bad file good. */

#include "slip-verify-private.h"

#include <string.h>

GQuark
slip_verify_error_quark (void)
{
  return g_quark_from_static_string ("slip-verify-error-quark");
}

const char *
slip_verify_error_name (const GError *error)
{
  static const char *const names[] = {
      [SLIP_VERIFY_E_FORMAT] = "E_FORMAT",     [SLIP_VERIFY_E_TRUNCATED] = "E_TRUNCATED",
      [SLIP_VERIFY_E_GAP] = "E_GAP",           [SLIP_VERIFY_E_REORDER] = "E_REORDER",
      [SLIP_VERIFY_E_EDITED] = "E_EDITED",     [SLIP_VERIFY_E_INSERTED] = "E_INSERTED",
      [SLIP_VERIFY_E_REPLAY] = "E_REPLAY",     [SLIP_VERIFY_E_SIG] = "E_SIG",
      [SLIP_VERIFY_E_UNSEALED] = "E_UNSEALED", [SLIP_VERIFY_E_WRONG_KEY] = "E_WRONG_KEY",
  };

  if (error == NULL || error->domain != SLIP_VERIFY_ERROR
      || (guint)error->code >= G_N_ELEMENTS (names))
    return "E_FORMAT";
  return names[error->code];
}

gboolean
slip_verify_fail (SlipVerify *verify, GError **error, SlipVerifyError code, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (verify->line > 0)
    g_set_error (error, SLIP_VERIFY_ERROR, (int)code, "%s:%" G_GUINT64_FORMAT ": %s", verify->path,
                 verify->line, what);
  else
    g_set_error (error, SLIP_VERIFY_ERROR, (int)code, "%s: %s", verify->path, what);
  return FALSE;
}

/* What a line that does not fit turns out to be, after a look at the whole file. */
typedef struct
{
  gboolean same;      /* another line holds the same entry */
  gboolean different; /* another line holds another entry of that number */
  gboolean before;    /* the entry that should come before it is somewhere */
} Findings;

static void
search (SlipVerify *verify, const SlipVerifyEntry *entry, Findings *findings)
{
  SlipVerify again = *verify;
  const char *line;
  gsize length;
  guint64 n = 0;

  if (!slip_verify_reader_open (&again.reader, verify->path))
    return;
  while (slip_verify_reader_next (&again.reader, &line, &length) == SLIP_VERIFY_LINE)
    {
      SlipVerifyEntry other;

      if (++n == verify->line || !slip_verify_starts_with (line, length, SLIP_VERIFY_ENTRY_START)
          || !slip_verify_read_entry (&again, line, length, &other)
          || !slip_verify_is_of_log (verify, &other))
        continue;
      if (other.seq == entry->seq)
        {
          gboolean same = memcmp (&other.leaf, &entry->leaf, SLIP_VERIFY_HASH) == 0;

          findings->same |= same;
          findings->different |= !same;
        }
      findings->before |= other.seq == entry->before;
    }
  slip_verify_reader_close (&again.reader);
}

gboolean
slip_verify_fail_order (SlipVerify *verify, const SlipVerifyEntry *entry, GError **error)
{
  Findings findings = {FALSE, FALSE, FALSE};

  search (verify, entry, &findings);
  if (findings.same)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_REPLAY,
                             "entry %" G_GINT64_FORMAT " is there twice", entry->seq);
  if (findings.different)
    return slip_verify_fail (
        verify, error, SLIP_VERIFY_E_INSERTED,
        "there are two different entries %" G_GINT64_FORMAT ": one was inserted", entry->seq);
  if (findings.before || entry->before == 0)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_REORDER,
                             "entry %" G_GINT64_FORMAT
                             " is out of order: it follows %" G_GINT64_FORMAT
                             ", and must follow %" G_GINT64_FORMAT,
                             entry->seq, verify->last, entry->before);
  return slip_verify_fail (verify, error, SLIP_VERIFY_E_GAP,
                           "entry %" G_GINT64_FORMAT " is missing before entry %" G_GINT64_FORMAT
                           ": it was deleted",
                           entry->before, entry->seq);
}

static guint64
count_lines (SlipVerify *verify)
{
  SlipVerifyReader reader;
  const char *line;
  gsize length;
  guint64 n = 0;

  if (!slip_verify_reader_open (&reader, verify->path))
    return 0;
  while (slip_verify_reader_next (&reader, &line, &length) == SLIP_VERIFY_LINE)
    n++;
  slip_verify_reader_close (&reader);
  return n;
}

gboolean
slip_verify_fail_line (SlipVerify *verify, GError **error)
{
  if (count_lines (verify) > verify->stated + 2)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_INSERTED,
                             "a line was inserted after entry %" G_GINT64_FORMAT
                             ": the ledger did not write it",
                             verify->last);
  return slip_verify_fail (verify, error, SLIP_VERIFY_E_EDITED,
                           "the entry after %" G_GINT64_FORMAT
                           " was edited: it does not fit its own hash",
                           verify->last);
}

gboolean
slip_verify_fail_statement (SlipVerify *verify, const char *statement, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (statement, "\n", 9);
  gboolean of_these = FALSE;

  if (g_strv_length (lines) == 9 && strlen (lines[3]) == SLIP_VERIFY_BASE64
      && g_ascii_strtoull (lines[4], NULL, 10) == verify->report->entries)
    {
      if (verify->report->whole)
        of_these = slip_verify_read_hash (lines[3], &verify->root) && slip_verify_is_root (verify);
      else
        of_these = strcmp (lines[3], verify->report->root) == 0;
    }
  verify->line = of_these ? 1 : verify->line;
  if (of_these)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_EDITED,
                             "the header was edited: it is not what the statement signs");
  return slip_verify_fail (
      verify, error, SLIP_VERIFY_E_REPLAY,
      "the seal is replayed: it is genuine, but of another export than these %" G_GUINT64_FORMAT
      " entries",
      verify->report->entries);
}

gboolean
slip_verify_fail_end (SlipVerify *verify, GError **error)
{
  if (verify->report->entries < verify->stated)
    return slip_verify_fail (
        verify, error, SLIP_VERIFY_E_TRUNCATED,
        "the export is truncated after entry %" G_GINT64_FORMAT ": %" G_GUINT64_FORMAT
        " of %" G_GUINT64_FORMAT " entries and the seal are missing",
        verify->last, verify->stated - verify->report->entries, verify->stated);
  return slip_verify_fail (
      verify, error, SLIP_VERIFY_E_UNSEALED,
      "the export is not sealed: its last line, the signed checkpoint, is missing");
}
