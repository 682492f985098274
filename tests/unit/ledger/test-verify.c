/* SPDX-License-Identifier: MIT */
/* The verifier against exports of a real ledger, first as they are, then tampered with: each kind of
 * tampering has its own error. The cases of journald and immudb that went unnoticed there are here by
 * name. */

#include "slip-json.h"
#include "slip-ledger-export.h"
#include "slip-ledger-note.h"
#include "slip-ledger-verify.h"
#include "slip-test-folder.h"
#include "slip-verify-scan.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES 20

typedef struct
{
  char *folder;
  char *path; /* of the ledger */
  char *file; /* of the export */
  char *key;
  SlipLedger *ledger;
} Fixture;

static void
add (SlipLedger *ledger, const char *run, guint i)
{
  g_autoptr (JsonObject) entry = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *step = g_strdup_printf ("step-%u", i);

  json_object_set_string_member (entry, "kind", "step.outcome");
  json_object_set_string_member (entry, "run", run);
  json_object_set_string_member (entry, "step", step);
  json_object_set_string_member (entry, "outcome", "done");
  json_object_set_string_member (entry, "\xf0\x9f\x9a\xa2 \xef\xbf\xbd",
                                 "\"quoted\" \\ \xe2\x82\xac \x01");
  json_object_set_double_member (entry, "rate", 1.5e-7 * i);
  slip_ledger_append (ledger, entry, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("slip-verify-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "ledger.db", NULL);
  fixture->file = g_build_filename (fixture->folder, "export", NULL);
  fixture->ledger = slip_ledger_open (fixture->path, &error);
  g_assert_no_error (error);
  fixture->key = slip_ledger_dup_public_key (fixture->ledger);
  for (guint i = 0; i < ENTRIES; i++)
    add (fixture->ledger, i % 3 == 0 ? "run \"a\"" : "run-b", i);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->ledger);
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->file);
  g_free (fixture->key);
}

static void
export_log (Fixture *fixture, const char *run)
{
  g_autoptr (GError) error = NULL;

  slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_JSONL, run, fixture->file, NULL, NULL,
                      &error);
  g_assert_no_error (error);
}

/* The export's lines, each with its newline. */
static GPtrArray *
read_lines (Fixture *fixture)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *array = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (g_file_get_contents (fixture->file, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    g_ptr_array_add (array, g_strconcat (lines[i], "\n", NULL));
  return array;
}

/* Thousands of times, so without the sync that GLib's function does. */
static void
write_bytes (Fixture *fixture, const char *text, gsize length)
{
  FILE *out = g_fopen (fixture->file, "we");

  g_assert_nonnull (out);
  g_assert_cmpuint (fwrite (text, 1, length, out), ==, length);
  g_assert_cmpint (fclose (out), ==, 0);
}

static void
write_lines (Fixture *fixture, GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append (text, g_ptr_array_index (lines, i));
  g_assert_true (g_file_set_contents (fixture->file, text->str, (gssize)text->len, NULL));
}

static void
accept (Fixture *fixture, SlipVerifyReport *report)
{
  g_autoptr (GError) error = NULL;

  slip_ledger_verify_file (fixture->file, fixture->key, report, &error);
  g_assert_no_error (error);
}

static void
refuse_with (Fixture *fixture, const char *key, SlipVerifyError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  SlipVerifyReport report;

  g_assert_false (slip_ledger_verify_file (fixture->file, key, &report, &error));
  g_test_message ("%s: %s", slip_verify_error_name (error), error->message);
  g_assert_error (error, SLIP_VERIFY_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, fixture->file));
  g_assert_cmpuint (report.entries, ==, 0);
}

static void
refuse (Fixture *fixture, SlipVerifyError code, const char *part)
{
  refuse_with (fixture, fixture->key, code, part);
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_autoptr (GString) result = g_string_new (text);

  g_assert_cmpuint (g_string_replace (result, from, to, 1), ==, 1);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static void
edit_line (GPtrArray *lines, guint i, const char *from, const char *to)
{
  char *edited = replace (lines->pdata[i], from, to);

  g_free (lines->pdata[i]);
  lines->pdata[i] = edited;
}

static void
swap (GPtrArray *lines, guint a, guint b)
{
  gpointer line = lines->pdata[a];

  lines->pdata[a] = lines->pdata[b];
  lines->pdata[b] = line;
}

/* Makes an edited entry line agree with itself again, as an attacker who knows the format would. */
static void
fix_leaf (GPtrArray *lines, guint i)
{
  char *line = lines->pdata[i];
  char *entry = line + strlen ("{\"entry\":");
  char *end = g_strrstr (line, ",\"index\":");
  char *leaf = g_strrstr (line, "\"leaf\":\"") + strlen ("\"leaf\":\"");
  g_autofree char *base64 = NULL;
  SlipTreeHash hash;

  slip_tree_leaf (entry, (gsize)(end - entry), &hash);
  base64 = g_base64_encode (hash.bytes, sizeof hash.bytes);
  memcpy (leaf, base64, strlen (base64));
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autofree char *origin = slip_ledger_dup_origin (fixture->ledger);
  SlipVerifyReport report;

  export_log (fixture, NULL);
  accept (fixture, &report);
  g_assert_cmpuint (report.entries, ==, ENTRIES);
  g_assert_cmpuint (report.size, ==, ENTRIES);
  g_assert_true (report.whole);
  g_assert_false (report.own_key);
  g_assert_cmpstr (report.origin, ==, origin);
  g_assert_cmpstr (report.key, ==, fixture->key);
  g_assert_true (slip_ledger_verify_file (fixture->file, NULL, &report, NULL));
  g_assert_true (report.own_key);
}

static void
test_run (Fixture *fixture, gconstpointer data)
{
  SlipVerifyReport report;

  export_log (fixture, "run \"a\"");
  accept (fixture, &report);
  g_assert_cmpuint (report.entries, ==, 7);
  g_assert_cmpuint (report.size, ==, ENTRIES);
  g_assert_false (report.whole);
  g_assert_cmpstr (report.run, ==, "run \"a\"");
}

static void
test_every_size (Fixture *fixture, gconstpointer data)
{
  for (guint n = 0; n <= 20; n++)
    {
      SlipVerifyReport report;

      add (fixture->ledger, "run-c", n);
      export_log (fixture, NULL);
      accept (fixture, &report);
      g_assert_cmpuint (report.entries, ==, ENTRIES + n + 1);
      export_log (fixture, "run-c");
      accept (fixture, &report);
      g_assert_cmpuint (report.entries, ==, n + 1);
    }
}

/* journald #28886, CVE-2023-31438: an interval in which nothing happened must be sealed too. */
static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "empty.db", NULL);
  SlipVerifyReport report;

  export_log (fixture, "no such run");
  accept (fixture, &report);
  g_assert_cmpuint (report.entries, ==, 0);
  g_assert_cmpuint (report.size, ==, ENTRIES);
  g_clear_object (&fixture->ledger);
  fixture->ledger = slip_ledger_open (path, NULL);
  g_free (fixture->key);
  fixture->key = slip_ledger_dup_public_key (fixture->ledger);
  export_log (fixture, NULL);
  accept (fixture, &report);
  g_assert_cmpuint (report.size, ==, 0);
  {
    g_autoptr (GPtrArray) lines = read_lines (fixture);

    g_ptr_array_remove_index (lines, 1);
    write_lines (fixture, lines);
    refuse (fixture, SLIP_VERIFY_E_UNSEALED, "not sealed");
  }
}

typedef void (*TamperFunc) (Fixture *fixture, GPtrArray *lines);

typedef struct
{
  const char *name;
  TamperFunc func;
  SlipVerifyError code;
  const char *part;
  const char *run; /* only with this export; NULL: the whole log */
} Case;

static void
edit_entry (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 3, "\"done\"", "\"d0ne\"");
}

static void
edit_entry_and_leaf (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 3, "\"done\"", "\"d0ne\"");
  fix_leaf (lines, 3);
}

static void
edit_white_space (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 3, "\"outcome\":", "\"outcome\": ");
  fix_leaf (lines, 3);
}

static void
edit_line_end (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 3, "\n", "\r\n");
}

static void
edit_member_twice (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 3, "\"outcome\":\"done\"", "\"outcome\":\"done\",\"outcome\":\"done\"");
  fix_leaf (lines, 3);
}

static void
edit_proof (Fixture *fixture, GPtrArray *lines)
{
  char *proof = strstr (lines->pdata[2], "\"proof\":[\"") + strlen ("\"proof\":[\"");

  *proof = *proof == 'A' ? 'B' : 'A';
}

static void
shorten_proof (Fixture *fixture, GPtrArray *lines)
{
  char *proof = strstr (lines->pdata[2], "\"proof\":[") + strlen ("\"proof\":[");

  memmove (proof, proof + 47, strlen (proof + 47) + 1);
}

static void
edit_header_size (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 0, "\"exported\":\"20", "\"exported\":\"19");
}

static void
edit_header_origin (Fixture *fixture, GPtrArray *lines)
{
  edit_line (lines, 0, "\"origin\":\"slipway/", "\"origin\":\"slipwax/");
}

static void
delete_entry (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_index (lines, 4);
}

static void
delete_first (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_index (lines, 1);
}

static void
delete_and_renumber_header (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_index (lines, ENTRIES);
  edit_line (lines, 0, "\"entries\":20", "\"entries\":19");
  edit_line (lines, 0, "\"size\":20", "\"size\":19");
}

static void
delete_header (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_index (lines, 0);
}

static void
insert_forged (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, 4, g_strdup (lines->pdata[4]));
  edit_line (lines, 4, "\"done\"", "\"d0ne\"");
  fix_leaf (lines, 4);
}

static void
insert_clumsily (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, 4, g_strdup (lines->pdata[4]));
  edit_line (lines, 4, "\"done\"", "\"d0ne\"");
}

static void
insert_at_end (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, ENTRIES + 1, g_strdup (lines->pdata[ENTRIES]));
  edit_line (lines, ENTRIES + 1, "\"seq\":20", "\"seq\":21");
  edit_line (lines, ENTRIES + 1, "\"index\":19", "\"index\":20");
  fix_leaf (lines, ENTRIES + 1);
}

static void
insert_rubbish (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, 7, g_strdup ("rubbish\n"));
}

static void
insert_behind_seal (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_add (lines, g_strdup (lines->pdata[1]));
}

static void
swap_neighbours (Fixture *fixture, GPtrArray *lines)
{
  swap (lines, 3, 4);
}

static void
move_to_end (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, (int)lines->len - 1, g_ptr_array_steal_index (lines, 2));
}

static void
swap_first_and_last (Fixture *fixture, GPtrArray *lines)
{
  swap (lines, 1, lines->len - 2);
}

static void
truncate_entries (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_range (lines, lines->len - 4, 3);
}

static void
truncate_all (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_range (lines, lines->len - 4, 4);
}

static void
truncate_in_line (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_range (lines, lines->len - 3, 3);
  ((char *)lines->pdata[lines->len - 1])[60] = '\0';
}

static void
truncate_in_seal (Fixture *fixture, GPtrArray *lines)
{
  ((char *)lines->pdata[lines->len - 1])[60] = '\0';
}

static void
truncate_seal (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_remove_index (lines, lines->len - 1);
}

static void
replay_line (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, 9, g_strdup (lines->pdata[2]));
}

static void
replay_last (Fixture *fixture, GPtrArray *lines)
{
  g_ptr_array_insert (lines, (int)lines->len - 1, g_strdup (lines->pdata[lines->len - 2]));
}

/* journald #28885, CVE-2023-31439: an entry of another file, genuine there. */
static void
replay_other_log (Fixture *fixture, GPtrArray *lines)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other.db", NULL);
  g_autofree char *file = g_build_filename (fixture->folder, "other", NULL);
  g_autoptr (SlipLedger) other = slip_ledger_open (path, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) texts = NULL;

  for (guint i = 0; i < 8; i++)
    add (other, "run-b", i);
  g_assert_true (
      slip_ledger_export (other, SLIP_LEDGER_FORMAT_JSONL, NULL, file, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  texts = g_strsplit (text, "\n", -1);
  g_free (lines->pdata[5]);
  lines->pdata[5] = g_strconcat (texts[5], "\n", NULL);
}

/* A genuine seal of an earlier export under later entries, and the other way round. */
static void
replay_seal (Fixture *fixture, GPtrArray *lines)
{
  g_autoptr (GPtrArray) later = NULL;

  add (fixture->ledger, "run-b", 77);
  export_log (fixture, NULL);
  later = read_lines (fixture);
  g_free (lines->pdata[lines->len - 1]);
  lines->pdata[lines->len - 1] = g_strdup (later->pdata[later->len - 1]);
}

static void
replay_checkpoint (Fixture *fixture, GPtrArray *lines)
{
  g_autoptr (JsonNode) seal = slip_json_parse (lines->pdata[lines->len - 1], -1, NULL);
  g_autofree char *note = NULL;

  add (fixture->ledger, "run-b", 77);
  note = slip_ledger_checkpoint (fixture->ledger, NULL);
  json_object_set_string_member (json_node_get_object (seal), "checkpoint", note);
  g_free (lines->pdata[lines->len - 1]);
  note = (g_free (note), slip_json_canonical (seal, NULL));
  lines->pdata[lines->len - 1] = g_strconcat (note, "\n", NULL);
}

static void
mix_run (Fixture *fixture, GPtrArray *lines)
{
  g_autoptr (GPtrArray) others = NULL;

  export_log (fixture, "run-b");
  others = read_lines (fixture);
  g_ptr_array_insert (lines, 2, g_strdup (others->pdata[1]));
}

/* immudb GHSA-672p: a proof that is genuine, but of another entry. */
static void
mix_proof (Fixture *fixture, GPtrArray *lines)
{
  const char *proof = strstr (lines->pdata[3], ",\"proof\":");
  char *end = strstr (lines->pdata[2], ",\"proof\":");
  char *line;

  *end = '\0';
  line = g_strconcat (lines->pdata[2], proof, NULL);
  g_free (lines->pdata[2]);
  lines->pdata[2] = line;
}

static void
break_signature (Fixture *fixture, GPtrArray *lines)
{
  char *seal = lines->pdata[lines->len - 1];
  char *sign = strstr (seal, "\xe2\x80\x94 ");
  char *base64 = strchr (sign + 4, ' ') + 20;

  *base64 = *base64 == 'A' ? 'B' : 'A';
}

/* journald #15425: a file without a seal must not pass when a key is given. */
static void
unseal (Fixture *fixture, GPtrArray *lines)
{
  g_free (lines->pdata[lines->len - 1]);
  lines->pdata[lines->len - 1]
      = g_strdup ("{\"checkpoint\":\"x\\n1\\nx\\n\",\"statement\":\"x\\n\"}\n");
}

static void
unseal_statement (Fixture *fixture, GPtrArray *lines)
{
  char *statement = strstr (lines->pdata[lines->len - 1], ",\"statement\"");

  strcpy (statement, "}\n");
}

/* All of it signed anew by somebody else, who names himself as the log does. */
static void
sign_anew (Fixture *fixture, GPtrArray *lines)
{
  g_autofree char *origin = slip_ledger_dup_origin (fixture->ledger);
  g_autoptr (SlipLedgerSigner) signer = slip_ledger_signer_generate (origin, NULL);
  g_autoptr (JsonNode) seal = slip_json_parse (lines->pdata[lines->len - 1], -1, NULL);
  const char *names[] = {"checkpoint", "statement"};
  g_autofree char *text = NULL;

  edit_line (lines, 0, fixture->key, slip_ledger_signer_get_verifier (signer));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonObject *object = json_node_get_object (seal);
      g_autofree char *note
          = slip_ledger_note_open (fixture->key, json_object_get_string_member (object, names[i]));
      g_autofree char *again = slip_ledger_signer_sign (signer, note, NULL);

      json_object_set_string_member (object, names[i], again);
    }
  text = slip_json_canonical (seal, NULL);
  g_free (lines->pdata[lines->len - 1]);
  lines->pdata[lines->len - 1] = g_strconcat (text, "\n", NULL);
}

static void
convert_line_ends (Fixture *fixture, GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    edit_line (lines, i, "\n", "\r\n");
}

#define RUN "run \"a\""

static const Case cases[] = {
    {"edit/entry", edit_entry, SLIP_VERIFY_E_EDITED, ":4: the entry after 2 was edited", NULL},
    {"edit/entry_and_its_hash", edit_entry_and_leaf, SLIP_VERIFY_E_EDITED, "signed root", NULL},
    {"edit/white_space", edit_white_space, SLIP_VERIFY_E_EDITED, ":4:", NULL},
    {"edit/one_line_end", edit_line_end, SLIP_VERIFY_E_EDITED, ":4: the line's end", NULL},
    {"edit/member_twice", edit_member_twice, SLIP_VERIFY_E_EDITED, ":4:", NULL},
    {"edit/header_time", edit_header_size, SLIP_VERIFY_E_EDITED, ":1: the header", NULL},
    {"edit/header_origin", edit_header_origin, SLIP_VERIFY_E_EDITED, ":1: the header", NULL},
    {"edit/entry_of_run", edit_entry, SLIP_VERIFY_E_EDITED, ":4:", RUN},
    {"edit/entry_of_run_and_its_hash", edit_entry_and_leaf, SLIP_VERIFY_E_EDITED, "proof", RUN},
    {"edit/proof", edit_proof, SLIP_VERIFY_E_EDITED, "proof", RUN},
    {"edit/shortened_proof", shorten_proof, SLIP_VERIFY_E_EDITED, "proof", RUN},
    {"edit/header_of_run", edit_header_size, SLIP_VERIFY_E_EDITED, ":1: the header", RUN},
    {"edit/another_entrys_proof", mix_proof, SLIP_VERIFY_E_EDITED, "proof", RUN},
    {"delete/entry", delete_entry, SLIP_VERIFY_E_GAP, "entry 4 is missing before entry 5", NULL},
    {"delete/first", delete_first, SLIP_VERIFY_E_GAP, "entry 1 is missing", NULL},
    {"delete/entry_of_run", delete_entry, SLIP_VERIFY_E_GAP, "entry 10 is missing", RUN},
    {"delete/first_of_run", delete_first, SLIP_VERIFY_E_GAP, "entry 1 is missing", RUN},
    {"delete/last_and_renumber_header", delete_and_renumber_header, SLIP_VERIFY_E_REPLAY,
     "another export", NULL},
    {"delete/header", delete_header, SLIP_VERIFY_E_FORMAT, "header", NULL},
    {"insert/forged_twin", insert_forged, SLIP_VERIFY_E_INSERTED, "two different entries 4", NULL},
    {"insert/clumsily", insert_clumsily, SLIP_VERIFY_E_INSERTED, "inserted after entry 3", NULL},
    {"insert/at_end", insert_at_end, SLIP_VERIFY_E_INSERTED, "entry 21 was inserted", NULL},
    {"insert/rubbish", insert_rubbish, SLIP_VERIFY_E_INSERTED, ":8: a line was inserted", NULL},
    {"insert/behind_seal", insert_behind_seal, SLIP_VERIFY_E_INSERTED, "after the seal", NULL},
    {"insert/entry_of_another_run", mix_run, SLIP_VERIFY_E_INSERTED, "not of run", RUN},
    {"reorder/neighbours", swap_neighbours, SLIP_VERIFY_E_REORDER, "entry 4 is out of order", NULL},
    {"reorder/to_end", move_to_end, SLIP_VERIFY_E_REORDER, "out of order", NULL},
    {"reorder/first_and_last", swap_first_and_last, SLIP_VERIFY_E_REORDER, "out of order", NULL},
    {"reorder/neighbours_of_run", swap_neighbours, SLIP_VERIFY_E_REORDER, "out of order", RUN},
    {"truncate/entries", truncate_entries, SLIP_VERIFY_E_TRUNCATED, "17 of 20", NULL},
    {"truncate/entries_of_run", truncate_entries, SLIP_VERIFY_E_TRUNCATED, "4 of 7", RUN},
    {"truncate/entries_and_seal", truncate_all, SLIP_VERIFY_E_TRUNCATED, "after entry 17", NULL},
    {"truncate/within_a_line", truncate_in_line, SLIP_VERIFY_E_TRUNCATED, "within", NULL},
    {"truncate/within_the_seal", truncate_in_seal, SLIP_VERIFY_E_TRUNCATED, "within", NULL},
    {"replay/entry", replay_line, SLIP_VERIFY_E_REPLAY, "entry 2 is there twice", NULL},
    {"replay/last_entry", replay_last, SLIP_VERIFY_E_REPLAY, "entry 20 is there twice", NULL},
    {"replay/entry_of_run", replay_last, SLIP_VERIFY_E_REPLAY, "twice", RUN},
    {"replay/entry_of_another_ledger", replay_other_log, SLIP_VERIFY_E_REPLAY, "another ledger",
     NULL},
    {"replay/seal_of_another_export", replay_seal, SLIP_VERIFY_E_REPLAY, "another export", NULL},
    {"replay/checkpoint_of_another_state", replay_checkpoint, SLIP_VERIFY_E_REPLAY, "another state",
     NULL},
    {"seal/removed", truncate_seal, SLIP_VERIFY_E_UNSEALED, "not sealed", NULL},
    {"seal/removed_of_run", truncate_seal, SLIP_VERIFY_E_UNSEALED, "not sealed", RUN},
    {"seal/unsigned", unseal, SLIP_VERIFY_E_UNSEALED, "not signed", NULL},
    {"seal/without_statement", unseal_statement, SLIP_VERIFY_E_UNSEALED, "not whole", NULL},
    {"seal/broken_signature", break_signature, SLIP_VERIFY_E_SIG, "not valid", NULL},
    {"seal/signed_anew", sign_anew, SLIP_VERIFY_E_WRONG_KEY, "another key", NULL},
    {"format/line_ends", convert_line_ends, SLIP_VERIFY_E_FORMAT, "tr -d", NULL},
};

static void
test_tampered (Fixture *fixture, gconstpointer data)
{
  const Case *tampering = data;
  g_autoptr (GPtrArray) lines = NULL;

  export_log (fixture, tampering->run);
  lines = read_lines (fixture);
  tampering->func (fixture, lines);
  write_lines (fixture, lines);
  refuse (fixture, tampering->code, tampering->part);
}

/* journald #11524: a wrong key must never pass, whatever else holds. */
static void
test_wrong_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *origin = slip_ledger_dup_origin (fixture->ledger);
  g_autofree char *cut = g_strndup (fixture->key, strlen (fixture->key) - 2);

  export_log (fixture, NULL);
  for (guint i = 0; i < 64; i++)
    {
      g_autoptr (SlipLedgerSigner) other = slip_ledger_signer_generate (origin, NULL);

      refuse_with (fixture, slip_ledger_signer_get_verifier (other), SLIP_VERIFY_E_WRONG_KEY,
                   "another key");
    }
  refuse_with (fixture, "no key", SLIP_VERIFY_E_WRONG_KEY, "no public key");
  refuse_with (fixture, "", SLIP_VERIFY_E_WRONG_KEY, "no public key");
  refuse_with (fixture, cut, SLIP_VERIFY_E_WRONG_KEY, "no public key");
}

/* Any byte, anywhere: nothing of the file may be changed unseen, nor crash the verifier. */
static void
test_every_byte (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  gsize length;

  export_log (fixture, RUN);
  g_assert_true (g_file_get_contents (fixture->file, &text, &length, NULL));
  for (gsize i = 0; i < length - 1; i += 7)
    {
      char before = text[i];
      SlipVerifyReport report;

      text[i] ^= (char)(1 << (i % 7));
      write_bytes (fixture, text, length);
      if (slip_ledger_verify_file (fixture->file, fixture->key, &report, NULL))
        g_error ("byte %" G_GSIZE_FORMAT " (%c) can be changed unseen", i, before);
      text[i] = before;
    }
}

static void
test_every_truncation (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  gsize length;

  export_log (fixture, RUN);
  g_assert_true (g_file_get_contents (fixture->file, &text, &length, NULL));
  /* The last newline may be missing. */
  for (gsize i = 0; i < length - 1; i += 5)
    {
      g_autoptr (GError) error = NULL;
      SlipVerifyReport report;

      write_bytes (fixture, text, i);
      g_assert_false (slip_ledger_verify_file (fixture->file, fixture->key, &report, &error));
      if (i > 12 && error->code != SLIP_VERIFY_E_TRUNCATED)
        g_assert_error (error, SLIP_VERIFY_ERROR, SLIP_VERIFY_E_UNSEALED);
    }
}

/* journald #27532: verifying must not depend on somebody writing at the same time. */
static gpointer
append_meanwhile (gpointer data)
{
  for (guint i = 0; i < 300; i++)
    add (data, "run-b", i);
  return NULL;
}

static void
test_live (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("append", append_meanwhile, fixture->ledger);
  guint64 last = 0;

  for (guint i = 0; i < 25; i++)
    {
      SlipVerifyReport report;

      export_log (fixture, i % 2 == 0 ? NULL : "run-b");
      accept (fixture, &report);
      g_assert_cmpuint (report.size, >=, last);
      last = report.size;
    }
  g_thread_join (thread);
}

/* ghaf #1964: a clock that was set back is no tampering. */
static void
test_clock_step (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipClock) clock = slip_clock_new_manual (G_GINT64_CONSTANT (1000000000000000));
  SlipVerifyReport report;

  slip_ledger_set_clock (fixture->ledger, clock);
  add (fixture->ledger, "run-b", 1);
  slip_clock_advance (clock, -G_TIME_SPAN_DAY);
  add (fixture->ledger, "run-b", 2);
  export_log (fixture, NULL);
  accept (fixture, &report);
}

static void
test_not_an_export (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = {"",
                                      "\n",
                                      "{}\n",
                                      "{\"format\":\"org.slipway.ledger/2\"}\n",
                                      "<!DOCTYPE html>\n",
                                      "seq,time,kind\r\n"};
  g_autofree char *junk = g_strnfill (9 * 1024 * 1024, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (g_file_set_contents (fixture->file, texts[i], -1, NULL));
      refuse (fixture, SLIP_VERIFY_E_FORMAT, "JSON Lines");
    }
  g_assert_true (g_file_set_contents (fixture->file, junk, -1, NULL));
  refuse (fixture, SLIP_VERIFY_E_FORMAT, "header");
  g_remove (fixture->file);
  refuse (fixture, SLIP_VERIFY_E_FORMAT, "No such file");
  g_assert_cmpint (g_mkdir (fixture->file, 0700), ==, 0);
  refuse (fixture, SLIP_VERIFY_E_FORMAT, "directory");
}

static void
test_canonical (void)
{
  static const char *const good[] = {
      "{}",
      "{\"a\":1}",
      "{\"a\":[1,2,{\"b\":null}],\"b\":\"\\u001f\\n\"}",
      "{\"a\":1.5,\"b\":-1}",
      "{\"a\":1e+21,\"b\":1.5e-7}",
      "{\"\":true,\"\xe2\x82\xac\":false}",
      /* By UTF-16 the ship (D83D…) comes before U+FFFD, by bytes it would not. */
      "{\"\xf0\x9f\x9a\xa2\":1,\"\xef\xbf\xbd\":2}",
  };
  static const char *const bad[] = {
      "",
      "[]",
      "{",
      "{\"a\":1",
      "{\"a\":01}",
      "{\"a\":-0}",
      "{\"a\":1.0}",
      "{\"a\":1.}",
      "{\"a\":+1}",
      "{\"a\":1E5}",
      "{\"a\":1e5}",
      "{\"a\": 1}",
      "{\"b\":1,\"a\":2}",
      "{\"a\":1,\"a\":2}",
      "{\"a\":\"\\u0041\"}",
      "{\"a\":\"\\u001F\"}",
      "{\"a\":\"\\u000a\"}",
      "{\"a\":\"\\/\"}",
      "{\"a\":\"\t\"}",
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\\u0000\"}",
      "{\"a\":tru}",
      "{\"a\":1,}",
      "{,}",
      "{\"a\"}",
      "{\"\xef\xbf\xbd\":2,\"\xf0\x9f\x9a\xa2\":1}",
  };
  g_autofree char *deep = g_strnfill (5000, '[');

  memcpy (deep, "{\"a\":", 5);
  g_assert_cmpuint (slip_verify_scan (deep, 5000, NULL, 0), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_test_message ("%s", good[i]);
      g_assert_cmpuint (slip_verify_scan (good[i], strlen (good[i]), NULL, 0), ==,
                        strlen (good[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *shown = g_strescape (bad[i], NULL);

      g_test_message ("%s", shown);
      g_assert_cmpuint (slip_verify_scan (bad[i], strlen (bad[i]), NULL, 0), ==, 0);
    }
}

#define ADD(name, test) g_test_add ("/ledger/verify/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("accepts_whole_log", test_whole);
  ADD ("accepts_run", test_run);
  ADD ("accepts_every_size", test_every_size);
  ADD ("empty_intervals_are_sealed", test_empty);
  ADD ("accepts_exports_while_others_append", test_live);
  ADD ("accepts_clock_steps", test_clock_step);
  ADD ("wrong_key_never_passes", test_wrong_key);
  ADD ("notices_any_changed_byte", test_every_byte);
  ADD ("notices_any_truncation", test_every_truncation);
  ADD ("refuses_what_is_no_export", test_not_an_export);
  g_test_add_func ("/ledger/verify/accepts_only_canonical_json", test_canonical);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/ledger/verify/notices/", cases[i].name, NULL);

      g_test_add (name, Fixture, &cases[i], set_up, test_tampered, tear_down);
    }
  return g_test_run ();
}
