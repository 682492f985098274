/* SPDX-License-Identifier: MIT */
/* Verifies an exported log from the file and a public key alone. It shares no code with what writes
 * ledgers, so that a mistake there cannot excuse itself here: the tree is the verification algorithm
 * of RFC 9162 §2.1.3.2, not the code that builds trees. */

#include "slip-ledger-verify.h"
#include "slip-verify-private.h"
#include "slip-verify-scan.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#define FORMAT "org.slipway.ledger/1"

static void
hash_parts (SlipVerify *verify,
            guint8 prefix,
            const void *a,
            gsize a_length,
            const void *b,
            SlipVerifyDigest *out)
{
  if (!EVP_DigestInit_ex2 (verify->hash, NULL, NULL) || !EVP_DigestUpdate (verify->hash, &prefix, 1)
      || !EVP_DigestUpdate (verify->hash, a, a_length)
      || (b != NULL && !EVP_DigestUpdate (verify->hash, b, SLIP_VERIFY_HASH))
      || !EVP_DigestFinal_ex (verify->hash, out->bytes, NULL))
    g_error ("libcrypto cannot compute SHA-256");
}

static void
hash_node (SlipVerify *verify,
           const SlipVerifyDigest *left,
           const SlipVerifyDigest *right,
           SlipVerifyDigest *out)
{
  hash_parts (verify, 0x01, left->bytes, SLIP_VERIFY_HASH, right->bytes, out);
}

/* Base64 of a hash has one form: 43 characters and one `=`, the last two bits of them zero. */
gboolean
slip_verify_read_hash (const char *text, SlipVerifyDigest *hash)
{
  char copy[SLIP_VERIFY_BASE64 + 1] = {0};
  gsize length = 0;

  memcpy (copy, text, SLIP_VERIFY_BASE64);
  for (guint i = 0; i < SLIP_VERIFY_BASE64 - 1; i++)
    if (!g_ascii_isalnum (copy[i]) && copy[i] != '+' && copy[i] != '/')
      return FALSE;
  if (copy[SLIP_VERIFY_BASE64 - 1] != '='
      || strchr ("AEIMQUYcgkosw048", copy[SLIP_VERIFY_BASE64 - 2]) == NULL)
    return FALSE;
  g_base64_decode_inplace (copy, &length);
  memcpy (hash->bytes, copy, SLIP_VERIFY_HASH);
  return length == SLIP_VERIFY_HASH;
}

gboolean
slip_verify_starts_with (const char *line, gsize length, const char *start)
{
  return length >= strlen (start) && memcmp (line, start, strlen (start)) == 0;
}

static gboolean
skip (const char **p, const char *end, const char *text)
{
  if (!slip_verify_starts_with (*p, (gsize)(end - *p), text))
    return FALSE;
  *p += strlen (text);
  return TRUE;
}

/* `{"entry":…,"index":N,"leaf":"…"[,"proof":[…]]}`, to the byte. */
gboolean
slip_verify_read_entry (SlipVerify *verify, const char *line, gsize length, SlipVerifyEntry *entry)
{
  SlipVerifyField fields[] = {{"seq"}, {"prev"}, {"log"}, {"run"}};
  const char *end = line + length;
  const char *p = line + strlen (SLIP_VERIFY_ENTRY_START);
  gsize size = slip_verify_scan (p, (gsize)(end - p), fields, G_N_ELEMENTS (fields));
  g_autofree char *index = NULL;
  SlipVerifyDigest stated;

  if (size == 0 || fields[0].number < 1 || fields[2].text == NULL)
    return FALSE;
  hash_parts (verify, 0x00, p, size, NULL, &entry->leaf);
  entry->seq = fields[0].number;
  entry->before = fields[1].present ? fields[1].number : 0;
  entry->log = fields[2].text;
  entry->log_length = fields[2].length;
  entry->run = fields[3].text;
  entry->run_length = fields[3].length;
  p += size;
  index = g_strdup_printf (",\"index\":%" G_GINT64_FORMAT ",\"leaf\":\"", entry->seq - 1);
  if (!skip (&p, end, index) || end - p < SLIP_VERIFY_BASE64 || !slip_verify_read_hash (p, &stated)
      || memcmp (&stated, &entry->leaf, SLIP_VERIFY_HASH) != 0)
    return FALSE;
  p += SLIP_VERIFY_BASE64;
  if (verify->run == NULL)
    {
      entry->before = entry->seq - 1;
      return skip (&p, end, "\"}") && p == end;
    }
  entry->proof = p + strlen ("\",\"proof\":[");
  entry->proof_length = (gsize)MAX (0, end - entry->proof - 2);
  return entry->before >= 0 && skip (&p, end, "\",\"proof\":[")
         && slip_verify_starts_with (p + entry->proof_length,
                                     (gsize)(end - p) - entry->proof_length, "]}");
}

gboolean
slip_verify_is_of_log (SlipVerify *verify, const SlipVerifyEntry *entry)
{
  const char *slash = strrchr (verify->report->origin, '/');
  const char *id = slash != NULL ? slash + 1 : verify->report->origin;

  return strlen (id) == entry->log_length && memcmp (id, entry->log, entry->log_length) == 0;
}

/* RFC 9162 §2.1.3.2 */
static gboolean
is_included (SlipVerify *verify, const SlipVerifyEntry *entry)
{
  const char *p = entry->proof;
  const char *end = p + entry->proof_length;
  guint64 fn = (guint64)entry->seq - 1;
  guint64 sn = verify->report->size - 1;
  SlipVerifyDigest hash = entry->leaf;

  while (p < end)
    {
      SlipVerifyDigest step;

      if (sn == 0 || (p != entry->proof && !skip (&p, end, ",")) || end - p < SLIP_VERIFY_BASE64 + 2
          || p[0] != '"' || p[SLIP_VERIFY_BASE64 + 1] != '"'
          || !slip_verify_read_hash (p + 1, &step))
        return FALSE;
      p += SLIP_VERIFY_BASE64 + 2;
      if ((fn & 1) != 0 || fn == sn)
        {
          hash_node (verify, &step, &hash, &hash);
          for (; (fn & 1) == 0 && fn != 0; fn >>= 1)
            sn >>= 1;
        }
      else
        hash_node (verify, &hash, &step, &hash);
      fn >>= 1;
      sn >>= 1;
    }
  return sn == 0 && memcmp (&hash, &verify->root, SLIP_VERIFY_HASH) == 0;
}

static void
add_leaf (SlipVerify *verify, const SlipVerifyEntry *entry)
{
  guint64 n = verify->report->entries;
  SlipVerifyDigest hash = entry->leaf;
  guint level = 0;

  for (; (n >> level & 1) != 0; level++)
    hash_node (verify, &verify->levels[level], &hash, &hash);
  verify->levels[level] = hash;
}

gboolean
slip_verify_is_root (SlipVerify *verify)
{
  guint64 n = verify->report->entries;
  gboolean begun = FALSE;
  SlipVerifyDigest root;

  if (n == 0 && !EVP_Digest ("", 0, root.bytes, NULL, EVP_sha256 (), NULL))
    g_error ("libcrypto cannot compute SHA-256");
  for (guint level = 0; n >> level != 0; level++)
    {
      if ((n >> level & 1) == 0)
        continue;
      if (begun)
        hash_node (verify, &verify->levels[level], &root, &root);
      else
        root = verify->levels[level];
      begun = TRUE;
    }
  return memcmp (&root, &verify->root, SLIP_VERIFY_HASH) == 0;
}

static gboolean
verify_entry (SlipVerify *verify, const char *line, gsize length, GError **error)
{
  SlipVerifyReport *report = verify->report;
  SlipVerifyEntry entry;

  if (!slip_verify_read_entry (verify, line, length, &entry))
    return slip_verify_fail_line (verify, error);
  if (!slip_verify_is_of_log (verify, &entry))
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_REPLAY,
                             "entry %" G_GINT64_FORMAT " comes from another ledger", entry.seq);
  if ((guint64)entry.seq > report->size)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_INSERTED,
                             "entry %" G_GINT64_FORMAT
                             " was inserted: the ledger had %" G_GUINT64_FORMAT,
                             entry.seq, report->size);
  if (verify->run != NULL
      && (entry.run == NULL || entry.run_length != strlen (verify->run)
          || memcmp (entry.run, verify->run, entry.run_length) != 0))
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_INSERTED,
                             "entry %" G_GINT64_FORMAT " was inserted: it is not of run %s",
                             entry.seq, report->run);
  if (entry.before != verify->last)
    return slip_verify_fail_order (verify, &entry, error);
  if (report->entries == verify->stated)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_INSERTED,
                             "entry %" G_GINT64_FORMAT
                             " was inserted: the export had %" G_GUINT64_FORMAT " entries",
                             entry.seq, verify->stated);
  if (verify->run != NULL && !is_included (verify, &entry))
    return slip_verify_fail (
        verify, error, SLIP_VERIFY_E_EDITED,
        "entry %" G_GINT64_FORMAT
        " was edited: it is not in the ledger, its proof does not reach the root",
        entry.seq);
  if (verify->run == NULL)
    add_leaf (verify, &entry);
  if (!EVP_DigestUpdate (verify->digest, entry.leaf.bytes, SLIP_VERIFY_HASH))
    g_error ("libcrypto cannot compute SHA-256");
  verify->last = entry.seq;
  report->entries++;
  return TRUE;
}

static gboolean
copy_field (const SlipVerifyField *field, char *target, gsize size)
{
  g_autofree char *text = NULL;

  if (field->text == NULL)
    return FALSE;
  text = slip_verify_unescape (field->text, field->length);
  return strpbrk (text, "\n\r") == NULL && g_strlcpy (target, text, size) < size;
}

static gboolean
read_header (SlipVerify *verify, const char *line, gsize length)
{
  SlipVerifyField fields[]
      = {{"format"}, {"origin"}, {"key"}, {"size"}, {"root"}, {"entries"}, {"run"}, {"exported"}};
  SlipVerifyReport *report = verify->report;

  if (slip_verify_scan (line, length, fields, G_N_ELEMENTS (fields)) != length || length == 0
      || fields[0].text == NULL || fields[0].length != strlen (FORMAT)
      || memcmp (fields[0].text, FORMAT, strlen (FORMAT)) != 0
      || !copy_field (&fields[1], report->origin, sizeof report->origin)
      || !copy_field (&fields[2], verify->header_key, sizeof verify->header_key)
      || !copy_field (&fields[4], report->root, sizeof report->root)
      || strlen (report->root) != SLIP_VERIFY_BASE64
      || !slip_verify_read_hash (report->root, &verify->root)
      || !copy_field (&fields[7], report->exported, sizeof report->exported) || fields[3].number < 0
      || fields[5].number < 0 || fields[5].number > fields[3].number || !fields[6].present)
    return FALSE;
  report->size = (guint64)fields[3].number;
  verify->stated = (guint64)fields[5].number;
  report->whole = fields[6].text == NULL;
  if (report->whole)
    return verify->stated == report->size;
  verify->run = g_strndup (fields[6].text, fields[6].length);
  return copy_field (&fields[6], report->run, sizeof report->run);
}

static gboolean
open_note (SlipVerify *verify, const SlipVerifyField *field, char **text, GError **error)
{
  g_autofree char *note = slip_verify_unescape (field->text, field->length);
  gsize length = 0;

  switch (slip_verify_note (&verify->key, note, &length))
    {
    case SLIP_VERIFY_SEAL_GOOD:
      *text = g_strndup (note, length);
      return TRUE;
    case SLIP_VERIFY_SEAL_NONE:
      return slip_verify_fail (verify, error, SLIP_VERIFY_E_UNSEALED, "the %s is not signed",
                               field->name);
    case SLIP_VERIFY_SEAL_OTHER:
      return slip_verify_fail (verify, error, SLIP_VERIFY_E_WRONG_KEY,
                               "the %s is signed with another key than %s; the file names %s",
                               field->name, verify->report->key, verify->header_key);
    case SLIP_VERIFY_SEAL_BAD:
    default:
      return slip_verify_fail (verify, error, SLIP_VERIFY_E_SIG,
                               "the signature of the %s is not valid", field->name);
    }
}

/* What the statement must begin with, for the header and the lines that were read. */
static char *
expected_statement (SlipVerify *verify)
{
  SlipVerifyReport *report = verify->report;
  const char *quote = report->whole ? "" : "\"";

  return g_strdup_printf ("slipway-export/1\n%s\n%" G_GUINT64_FORMAT "\n%s\n%" G_GUINT64_FORMAT
                          "\n%s%s%s\n%s\n",
                          report->origin, report->size, report->root, verify->stated, quote,
                          report->whole ? "null" : verify->run, quote, report->exported);
}

/* Both notes are genuine; whether they are this file's is the question. */
static gboolean
compare_seal (SlipVerify *verify, const char *checkpoint, const char *statement, GError **error)
{
  SlipVerifyReport *report = verify->report;
  g_autofree char *head = g_strdup_printf ("%s\n%" G_GUINT64_FORMAT "\n%s\n", report->origin,
                                           report->size, report->root);
  g_autofree char *expected = expected_statement (verify);
  g_autofree char *base64 = NULL;
  gsize length = strlen (expected);
  SlipVerifyDigest digest;

  if (strncmp (statement, expected, length) != 0)
    return slip_verify_fail_statement (verify, statement, error);
  if (report->entries < verify->stated)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_TRUNCATED,
                             "the export is truncated: it has %" G_GUINT64_FORMAT
                             " of %" G_GUINT64_FORMAT " entries",
                             report->entries, verify->stated);
  if (strcmp (checkpoint, head) != 0)
    return slip_verify_fail (
        verify, error, SLIP_VERIFY_E_REPLAY,
        "the checkpoint is replayed: it is genuine, but of another state of the ledger");
  if (report->whole && !slip_verify_is_root (verify))
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_EDITED,
                             "an entry was edited: the entries do not give the signed root %s",
                             report->root);
  if (!EVP_DigestFinal_ex (verify->digest, digest.bytes, NULL))
    g_error ("libcrypto cannot compute SHA-256");
  base64 = g_base64_encode (digest.bytes, SLIP_VERIFY_HASH);
  if (strncmp (statement + length, base64, SLIP_VERIFY_BASE64) != 0)
    return slip_verify_fail (
        verify, error, SLIP_VERIFY_E_EDITED,
        "the header or an entry was edited: they are not what the statement signs");
  return TRUE;
}

static gboolean
verify_seal (SlipVerify *verify, const char *line, gsize length, GError **error)
{
  SlipVerifyField fields[] = {{"checkpoint"}, {"statement"}};
  g_autofree char *checkpoint = NULL;
  g_autofree char *statement = NULL;

  if (slip_verify_scan (line, length, fields, G_N_ELEMENTS (fields)) != length
      || fields[0].text == NULL || fields[1].text == NULL)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_UNSEALED,
                             "the seal is not whole: checkpoint and statement are expected");
  return open_note (verify, &fields[0], &checkpoint, error)
         && open_note (verify, &fields[1], &statement, error)
         && compare_seal (verify, checkpoint, statement, error);
}

/* Mail, editors and version control of another system do that, and no ledger: a string has no such
 * character unescaped. */
static gboolean
has_other_end (const char *line, gsize length)
{
  return length > 0 && line[length - 1] == '\r';
}

static gboolean
fail_other_end (SlipVerify *verify, SlipVerifyError code, GError **error)
{
  return slip_verify_fail (
      verify, error, code,
      "the line's end was changed to CR LF, as mail and editors of other systems do. What is "
      "written in "
      "the file cannot be judged like this: get it again as it was exported (as a binary file, or "
      "in "
      "an archive), or take the CRs out (tr -d '\\r' <FILE >COPY) and verify the copy");
}

static gboolean
verify_lines (SlipVerify *verify, GError **error)
{
  gboolean sealed = FALSE;
  const char *line;
  gsize length;

  for (;;)
    {
      SlipVerifyLine kind = slip_verify_reader_next (&verify->reader, &line, &length);
      gboolean fits;

      if (kind == SLIP_VERIFY_LINE_END)
        return sealed || slip_verify_fail_end (verify, error);
      verify->line++;
      if (kind == SLIP_VERIFY_LINE_FAILED)
        return slip_verify_fail (verify, error, SLIP_VERIFY_E_FORMAT, "cannot be read: %s",
                                 g_strerror (errno));
      if (sealed)
        return slip_verify_fail (verify, error, SLIP_VERIFY_E_INSERTED,
                                 "a line was inserted after the seal");
      if (kind == SLIP_VERIFY_LINE_TOO_LONG)
        return slip_verify_fail_line (verify, error);
      if (has_other_end (line, length))
        return fail_other_end (verify, SLIP_VERIFY_E_EDITED, error);
      /* Some editors take the last line's end away; that harms nothing. */
      sealed = slip_verify_starts_with (line, length, SLIP_VERIFY_SEAL_START);
      if (kind == SLIP_VERIFY_LINE_CUT && (!sealed || line[length - 1] != '}'))
        return slip_verify_fail (verify, error, SLIP_VERIFY_E_TRUNCATED,
                                 "the export is truncated: the file ends within this line");
      if (sealed)
        fits = verify_seal (verify, line, length, error);
      else if (slip_verify_starts_with (line, length, SLIP_VERIFY_ENTRY_START))
        fits = verify_entry (verify, line, length, error);
      else
        fits = slip_verify_fail_line (verify, error);
      if (!fits)
        return FALSE;
    }
}

static gboolean
verify_header (SlipVerify *verify, const char *key, GError **error)
{
  SlipVerifyReport *report = verify->report;
  const char *line;
  gsize length;
  SlipVerifyLine kind = slip_verify_reader_next (&verify->reader, &line, &length);

  verify->line = 1;
  if (kind == SLIP_VERIFY_LINE_FAILED)
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_FORMAT, "cannot be read: %s",
                             g_strerror (errno));
  if (kind == SLIP_VERIFY_LINE_CUT && slip_verify_starts_with (line, length, "{\"entries\":"))
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_TRUNCATED,
                             "the export is truncated: the file ends within its header");
  if (kind == SLIP_VERIFY_LINE && has_other_end (line, length)
      && slip_verify_starts_with (line, length, "{\"entries\":"))
    return fail_other_end (verify, SLIP_VERIFY_E_FORMAT, error);
  if (kind != SLIP_VERIFY_LINE || !read_header (verify, line, length))
    return slip_verify_fail (verify, error, SLIP_VERIFY_E_FORMAT,
                             "this is no header of an audit log exported as JSON Lines (" FORMAT
                             "). Tables and pages are views: verify the JSON Lines export");
  report->own_key = key == NULL;
  if (!slip_verify_key_parse (key != NULL ? key : verify->header_key, &verify->key))
    {
      verify->line = key != NULL ? 0 : 1;
      return slip_verify_fail (verify, error,
                               key != NULL ? SLIP_VERIFY_E_WRONG_KEY : SLIP_VERIFY_E_EDITED,
                               "%s is no public key in the form NAME+HEX+BASE64",
                               key != NULL ? key : verify->header_key);
    }
  g_strlcpy (report->key, key != NULL ? key : verify->header_key, sizeof report->key);
  if (!EVP_DigestUpdate (verify->digest, line, length))
    g_error ("libcrypto cannot compute SHA-256");
  return TRUE;
}

gboolean
slip_ledger_verify_file (const char *path,
                         const char *key,
                         SlipVerifyReport *report,
                         GError **error)
{
  SlipVerifyReport unused;
  SlipVerify verify = {.path = path, .report = report != NULL ? report : &unused};
  gboolean verified;

  g_return_val_if_fail (path != NULL, FALSE);

  memset (verify.report, 0, sizeof *verify.report);
  if (!slip_verify_reader_open (&verify.reader, path))
    return slip_verify_fail (&verify, error, SLIP_VERIFY_E_FORMAT, "cannot be opened: %s",
                             g_strerror (errno));
  verify.hash = EVP_MD_CTX_new ();
  verify.digest = EVP_MD_CTX_new ();
  if (!EVP_DigestInit_ex2 (verify.hash, EVP_sha256 (), NULL)
      || !EVP_DigestInit_ex2 (verify.digest, EVP_sha256 (), NULL))
    g_error ("libcrypto offers no SHA-256");
  verified = verify_header (&verify, key, error) && verify_lines (&verify, error);
  slip_verify_reader_close (&verify.reader);
  EVP_MD_CTX_free (verify.hash);
  EVP_MD_CTX_free (verify.digest);
  g_free (verify.run);
  if (!verified)
    memset (verify.report, 0, sizeof *verify.report);
  return verified;
}
