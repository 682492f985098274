/* SPDX-License-Identifier: MIT */
/* The views of the log, and that a file appears whole or not at all. The record itself is tested with
 * the verifier. */

#include "slip-json.h"
#include "slip-ledger-export.h"
#include "slip-test-folder.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *file;
  SlipLedger *ledger;
} Fixture;

static void
add (SlipLedger *ledger, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  slip_ledger_append (ledger, json_node_get_object (node), NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipClock) clock = slip_clock_new_manual (G_GINT64_CONSTANT (1795242600000000));
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("slip-export-XXXXXX", NULL);
  path = g_build_filename (fixture->folder, "ledger.db", NULL);
  fixture->file = g_build_filename (fixture->folder, "export", NULL);
  fixture->ledger = slip_ledger_open (path, NULL);
  slip_ledger_set_clock (fixture->ledger, clock);
  add (
      fixture->ledger,
      "{\"kind\":\"run.planned\",\"run\":\"r1\",\"environment\":\"production\",\"account\":\"111\","
      "\"actor\":{\"user\":\"ada\",\"host\":\"ws-7\"},\"data\":{\"plan_sha256\":\"3f9a\",\"title\":"
      "\"Pre-migration <snapshot>\",\"plan\":{\"environments\":{\"production\":"
      "{\"overridden\":true}},\"guards\":[{\"title\":\"Right account\",\"state\":\"pass\","
      "\"message\":\"it is 111\"}],\"steps\":[{\"id\":\"s1\",\"title\":\"Take it\"},"
      "{\"id\":\"s2\",\"title\":\"Copy it\"}]}}}");
  add (fixture->ledger,
       "{\"kind\":\"run.approved\",\"run\":\"r1\",\"actor\":{\"user\":\"bob\",\"host\":\"ws-8\","
       "\"principal\":\"arn:aws:sts::111:assumed-role/x/bob\"}}");
  add (fixture->ledger, "{\"kind\":\"run.started\",\"run\":\"r1\"}");
  slip_clock_advance (clock, G_TIME_SPAN_MINUTE);
  add (fixture->ledger, "{\"kind\":\"step.intent\",\"run\":\"r1\",\"step\":\"s1\",\"operation\":"
                        "\"rds:CreateDBClusterSnapshot\",\"region\":\"eu-west-1\"}");
  add (fixture->ledger, "{\"kind\":\"step.outcome\",\"run\":\"r1\",\"step\":\"s1\",\"outcome\":"
                        "\"done\",\"request_id\":\"req-42\"}");
  add (fixture->ledger, "{\"kind\":\"note\",\"run\":\"r2\",\"step\":\"=HYPERLINK(\\\"x\\\")\","
                        "\"environment\":\"@cmd\",\"outcome\":\"-1\",\"operation\":\"+1\","
                        "\"data\":{\"a\":\"1,2\\n\\\"3\\\"\"}}");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->ledger);
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

static char *
export_as (Fixture *fixture, SlipLedgerFormat format, const char *run, SlipLedgerExport *info)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  slip_ledger_export (fixture->ledger, format, run, fixture->file, info, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->file, &text, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  return text;
}

static void
test_csv (Fixture *fixture, gconstpointer data)
{
  SlipLedgerExport info;
  g_autofree char *text = export_as (fixture, SLIP_LEDGER_FORMAT_CSV, NULL, &info);
  g_auto (GStrv) rows = g_strsplit (text, "\r\n", -1);

  g_assert_cmpuint (info.entries, ==, 6);
  g_assert_cmpuint (g_strv_length (rows), ==, 9);
  g_assert_true (g_str_has_prefix (rows[0], "seq,time,kind,environment,"));
  g_assert_cmpstr (
      rows[2], ==,
      "\"2\",\"2026-11-21T06:30:00Z\",\"run.approved\",,,,\"r1\",,,,,,\"bob\",\"ws-8\","
      "\"arn:aws:sts::111:assumed-role/x/bob\",,");
  /* What a spreadsheet would take for a formula is text. */
  g_assert_cmpstr (rows[6], ==,
                   "\"6\",\"2026-11-21T06:31:00Z\",\"note\",\"'@cmd\",,,\"r2\","
                   "\"'=HYPERLINK(\"\"x\"\")\",,\"'+1\",\"'-1\",,,,,,"
                   "\"{\"\"a\"\":\"\"1,2\\n\\\"\"3\\\"\"\"\"}\"");
  g_assert_nonnull (strstr (rows[7], info.root));
  g_assert_nonnull (strstr (rows[7], "6 of 6 entries"));
}

/* The rows behind a long cell stay where they are. */
static void
test_csv_long (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *entry = NULL;
  g_autofree char *filler = g_strnfill (50000, 'x');
  g_auto (GStrv) rows = NULL;

  entry = g_strconcat ("{\"kind\":\"note\",\"data\":\"\u20ac", filler, "\"}", NULL);
  add (fixture->ledger, entry);
  text = export_as (fixture, SLIP_LEDGER_FORMAT_CSV, NULL, NULL);
  rows = g_strsplit (text, "\r\n", -1);
  g_assert_cmpint (g_utf8_strlen (rows[7], -1), <, 32500);
  g_assert_nonnull (strstr (rows[7], "xxx … (cut"));
}

static void
test_html (Fixture *fixture, gconstpointer data)
{
  SlipLedgerExport info;
  g_autofree char *text = export_as (fixture, SLIP_LEDGER_FORMAT_HTML, "r1", &info);
  g_autofree char *key = slip_ledger_dup_public_key (fixture->ledger);
  static const char *const parts[] = {
      "Pre-migration &lt;snapshot&gt;",
      "production",
      "3f9a",
      "ada@ws-7",
      "bob@ws-8 as arn:aws:sts::111:assumed-role/x/bob, 2026-11-21T06:30:00Z",
      "2026-11-21T06:30:00Z (local 2026-11-21 06:30:00 +00:00)",
      "Take it",
      "rds:CreateDBClusterSnapshot",
      "req-42",
      "not reached",
      "<td>Right account</td><td class=\"good\">pass</td><td>it is 111</td>",
      "not AWS",
      "slipwayctl ledger verify",
      "run r1: 5 of the ledger&apos;s 6 entries",
  };
  static const char *const never[]
      = {"<snapshot>", "<script", "http://", "https://", "src=", "HYPERLINK"};

  g_assert_cmpuint (info.entries, ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (text, parts[i]) == NULL)
      g_error ("the page does not say: %s", parts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    if (strstr (text, never[i]) != NULL)
      g_error ("the page holds: %s", never[i]);
  g_assert_nonnull (strstr (text, key));
  g_assert_nonnull (strstr (text, info.root));
}

static void
test_html_hostile (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  add (fixture->ledger, "{\"run\":7,\"kind\":[],\"step\":{},\"actor\":\"x\",\"data\":3}");
  add (fixture->ledger, "{\"run\":\"<img src=x>\",\"kind\":\"run.planned\",\"data\":{\"plan\":"
                        "{\"steps\":[1,{\"id\":2},{\"id\":\"</td><script>\"}]}}}");
  text = export_as (fixture, SLIP_LEDGER_FORMAT_HTML, NULL, NULL);
  g_assert_null (strstr (text, "<img"));
  g_assert_null (strstr (text, "<script"));
  g_assert_nonnull (strstr (text, "&lt;img src=x&gt;"));
}

/* What a migration's report tells is read as tables, whatever it holds. */
static void
test_html_tables (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  static const char *const parts[] = {
      "<h2>Told by Report (entry 7)</h2>\n<h3>validation</h3>\n<table><thead><tr><th>mapping</th>"
      "<th>differing</th></tr>\n</thead><tbody>\n<tr><td>members, all</td><td class=\"number\">3"
      "</td></tr>\n<tr><td>a &quot;b&quot;\n&lt;i&gt;</td><td></td></tr>\n</tbody></table>\n"
      "<h3>waterfall</h3>\n<table><thead><tr><th>table</th></tr>\n</thead><tbody>\n</tbody></"
      "table>",
  };

  add (fixture->ledger,
       "{\"kind\":\"step.ended\",\"step\":\"Report\",\"data\":{\"outputs\":{\"Tables\":{"
       "\"empty\":\"\",\"number\":3,"
       "\"validation\":\"mapping,differing\\n\\\"members, all\\\",3\\n\\\"a "
       "\\\"\\\"b\\\"\\\"\\n<i>\\\",\\n\",\"waterfall\":\"table\\n\"}}}}");
  add (fixture->ledger, "{\"kind\":\"note\",\"data\":{\"outputs\":{\"Tables\":[1]}}}");
  text = export_as (fixture, SLIP_LEDGER_FORMAT_HTML, NULL, NULL);
  g_assert_null (strstr (text, "(entry 8)"));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (text, parts[i]) == NULL)
      g_error ("the page does not say: %s in %s", parts[i], strstr (text, "Told by"));
}

static void
test_jsonl_is_json (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export_as (fixture, SLIP_LEDGER_FORMAT_JSONL, "r1", NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, 8);
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = slip_json_parse (lines[i], -1, &error);
      g_autofree char *canonical = NULL;

      g_assert_no_error (error);
      canonical = slip_json_canonical (node, NULL);
      g_assert_cmpstr (canonical, ==, lines[i]);
    }
  g_assert_cmpstr (lines[7], ==, "");
}

static guint
count_files (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = export_as (fixture, SLIP_LEDGER_FORMAT_CSV, NULL, NULL);
  g_autofree char *after = NULL;
  guint files = count_files (fixture);
  struct rlimit unlimited;
  struct rlimit small;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  small = unlimited;
  small.rlim_cur = 512;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_HTML, NULL, fixture->file,
                                      NULL, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  g_test_message ("%s", error->message);
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_EXPORT);
  g_assert_nonnull (strstr (error->message, fixture->file));
  g_assert_cmpuint (count_files (fixture), ==, files);
  g_assert_true (g_file_get_contents (fixture->file, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
}

static void
refuse_target (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_CSV, NULL, path, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_EXPORT);
}

static void
test_bad_targets (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "no", "such", "folder", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  refuse_target (fixture, fixture->folder);
  refuse_target (fixture, "/dev/null");
  refuse_target (fixture, missing);
  /* A link to a file stays a link. */
  g_assert_true (g_file_set_contents (fixture->file, "x", -1, NULL));
  g_assert_cmpint (symlink ("export", link), ==, 0);
  g_assert_true (
      slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_CSV, NULL, link, NULL, NULL, NULL));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint files = count_files (fixture);

  g_cancellable_cancel (cancellable);
  g_assert_false (slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_JSONL, NULL,
                                      fixture->file, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (fixture), ==, files);
}

#define ADD(name, test) g_test_add ("/ledger/export/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("csv_is_safe_in_spreadsheets_and_quotes_the_root", test_csv);
  ADD ("csv_cells_fit_a_spreadsheet", test_csv_long);
  ADD ("html_tells_who_what_when_and_loads_nothing", test_html);
  ADD ("html_escapes_hostile_entries", test_html_hostile);
  ADD ("html_has_tables_of_what_steps_told", test_html_tables);
  ADD ("jsonl_is_canonical_json_line_by_line", test_jsonl_is_json);
  ADD ("full_disk_leaves_the_old_file", test_full_disk);
  ADD ("refuses_targets_that_are_no_file", test_bad_targets);
  ADD ("cancelled_leaves_nothing", test_cancelled);
  return g_test_run ();
}
