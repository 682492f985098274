/* SPDX-License-Identifier: MIT */
/* The ledger in one process: what it stores, what it refuses, what it notices on opening, and that a
 * failed write leaves it as it was. */

#include "slip-json.h"
#include "slip-ledger-note.h"
#include "slip-ledger.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
  char *key;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("slip-ledger-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "state", "ledger.db", NULL);
  fixture->key = g_strconcat (fixture->path, ".key", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *names[] = {"state/ledger.db", "state/ledger.db-wal", "state/ledger.db-shm",
                         "state/ledger.db.key", "state"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->key);
}

static SlipLedger *
open_or_die (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  SlipLedger *ledger = slip_ledger_open (fixture->path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (ledger);
  return ledger;
}

static JsonObject *
object (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static gint64
add (SlipLedger *ledger, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) entry = object (text);
  gint64 seq = -1;

  slip_ledger_append (ledger, entry, &seq, &error);
  g_assert_no_error (error);
  return seq;
}

static void
add_many (SlipLedger *ledger, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{\"kind\":\"step.intent\",\"run\":\"run-%u\",\"step\":\"s%u\"}", i % 3, i);

      add (ledger, text);
    }
}

static gboolean
collect (const SlipLedgerEntry *entry, gpointer data)
{
  g_ptr_array_add (data, g_strdup (entry->text));
  g_assert_cmpuint (entry->length, ==, strlen (entry->text));
  g_assert_cmpint (slip_json_int (entry->object, "seq", 0), ==, entry->seq);
  return TRUE;
}

static GPtrArray *
read_all (SlipLedger *ledger, const SlipLedgerFilter *filter)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  slip_ledger_foreach (ledger, filter, collect, texts, &error);
  g_assert_no_error (error);
  return texts;
}

static void
test_append (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (G_GINT64_CONSTANT (1795242600123000));
  g_autoptr (GPtrArray) texts = NULL;
  g_autofree char *log = slip_ledger_dup_origin (ledger);
  g_autofree char *expected = NULL;
  g_autofree char *boot = NULL;

  slip_ledger_set_clock (ledger, clock);
  g_assert_cmpint (
      add (ledger, "{\"run\":\"r\",\"kind\":\"b\",\"\\u20ac\":1.50,\"a\":\"\\u0001\"}"), ==, 1);
  slip_clock_advance (clock, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (add (ledger, "{\"run\":\"r\"}"), ==, 2);
  texts = read_all (ledger, NULL);
  g_assert_cmpuint (texts->len, ==, 2);

  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL));
  expected = g_strdup_printf ("{\"a\":\"\\u0001\",\"boot\":\"%.8s\",\"kind\":\"b\",\"log\":\"%s\","
                              "\"mono\":",
                              boot, strrchr (log, '/') + 1);
  g_assert_true (g_str_has_prefix (texts->pdata[0], expected));
  g_assert_true (g_str_has_suffix (texts->pdata[0],
                                   ",\"run\":\"r\",\"seq\":1,\"time\":\"2026-11-21T06:30:00."
                                   "123Z\",\"v\":1,\"\xe2\x82\xac\":1.5}"));
  g_assert_nonnull (strstr (texts->pdata[1], "\"prev\":1,\"run\":\"r\",\"seq\":2"));
  g_assert_nonnull (strstr (texts->pdata[1], "\"time\":\"2026-11-21T06:30:05.123Z\""));
}

static void
test_reopen (Fixture *fixture, gconstpointer data)
{
  g_autofree char *origin = NULL;
  g_autofree char *key = NULL;
  g_autofree char *origin_again = NULL;
  g_autofree char *key_again = NULL;
  g_autoptr (SlipLedger) again = NULL;
  guint8 before[SLIP_LEDGER_HASH_SIZE];
  guint8 after[SLIP_LEDGER_HASH_SIZE];
  guint64 size;

  {
    g_autoptr (SlipLedger) ledger = open_or_die (fixture);

    add_many (ledger, 37);
    origin = slip_ledger_dup_origin (ledger);
    key = slip_ledger_dup_public_key (ledger);
    g_assert_true (slip_ledger_get_head (ledger, &size, before, NULL));
    g_assert_cmpuint (size, ==, 37);
  }
  again = open_or_die (fixture);
  origin_again = slip_ledger_dup_origin (again);
  key_again = slip_ledger_dup_public_key (again);
  g_assert_cmpstr (origin, ==, origin_again);
  g_assert_cmpstr (key, ==, key_again);
  g_assert_true (slip_ledger_get_head (again, &size, after, NULL));
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
  g_assert_cmpint (add (again, "{\"kind\":\"x\"}"), ==, 38);
}

static void
test_filter (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    SlipLedgerFilter filter;
    guint n;
    const char *first;
  } cases[] = {
      {{.run = "r1"}, 2, "\"seq\":1"},
      {{.run = "none"}, 0, NULL},
      {{.environment = "production"}, 2, "\"seq\":2"},
      {{.kind = "step.intent"}, 1, "\"seq\":2"},
      {{.kind = "step.*"}, 2, "\"seq\":2"},
      {{.kind = "step."}, 0, NULL},
      {{.kind = "step.inten"}, 0, NULL},
      {{.kind = "*"}, 7, "\"seq\":1"},
      {{.kind = "a \"b\" \\ \xe2\x82\xac\n"}, 1, "\"seq\":5"},
      {{.kind = "a \"b*"}, 1, "\"seq\":5"},
      {{.kind = "inner"}, 1, "\"seq\":7"},
      {{.kind = "INNER"}, 0, NULL},
      {{.kind = "inner", .newest_first = TRUE, .limit = 1}, 1, "\"seq\":7"},
      {{.kind = "\xff"}, 0, NULL},
      {{.text = "PRE-MIGRATION_"}, 1, "\"seq\":3"},
      {{.text = "pre_migration"}, 0, NULL},
      {{.text = "%"}, 1, "\"seq\":4"},
      {{.from_seq = 3}, 6, "\"seq\":3"},
      {{.newest_first = TRUE}, 8, "\"seq\":8"},
      {{.newest_first = TRUE, .limit = 1}, 1, "\"seq\":8"},
      {{.run = "r1", .newest_first = TRUE}, 2, "\"seq\":3"},
  };
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);

  add (ledger, "{\"kind\":\"run.planned\",\"run\":\"r1\"}");
  add (ledger, "{\"kind\":\"step.intent\",\"run\":\"r2\",\"environment\":\"production\"}");
  add (ledger, "{\"kind\":\"step.outcome\",\"run\":\"r1\",\"environment\":\"production\","
               "\"data\":\"pre-migration_x\"}");
  add (ledger, "{\"kind\":\"note\",\"data\":\"100 %\"}");
  add (ledger, "{\"kind\":\"a \\\"b\\\" \\\\ \\u20ac\\n\"}");
  /* One that tells of another's kind, and one that has none of its own. */
  add (ledger, "{\"data\":{\"kind\":\"inner\"},\"kind\":\"outer\"}");
  add (ledger, "{\"data\":{\"kind\":\"outer\"},\"kind\":\"inner\"}");
  add (ledger, "{\"data\":{\"kind\":\"inner\"}}");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) texts = read_all (ledger, &cases[i].filter);

      g_test_message ("case %u", i);
      g_assert_cmpuint (texts->len, ==, cases[i].n);
      if (cases[i].first != NULL)
        g_assert_nonnull (strstr (texts->pdata[0], cases[i].first));
      if (cases[i].filter.limit == 0)
        g_assert_cmpint (slip_ledger_count (ledger, &cases[i].filter, NULL), ==, cases[i].n);
    }
}

static void
refuse (SlipLedger *ledger, JsonObject *entry, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_ledger_append (ledger, entry, NULL, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_cmpint (slip_ledger_count (ledger, NULL, NULL), ==, 0);
}

static void
test_bad_entries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (JsonObject) reserved = object ("{\"seq\":7}");
  g_autoptr (JsonObject) infinite = json_object_new ();
  g_autoptr (JsonObject) large = json_object_new ();
  g_autoptr (JsonObject) deep = NULL;
  g_autofree char *text = g_strnfill (SLIP_LEDGER_ENTRY_MAX, 'x');
  g_autoptr (GString) nested = g_string_new ("{\"a\":");

  for (guint i = 0; i < SLIP_LEDGER_ENTRY_DEPTH; i++)
    g_string_append_c (nested, '[');
  for (guint i = 0; i < SLIP_LEDGER_ENTRY_DEPTH; i++)
    g_string_append_c (nested, ']');
  g_string_append_c (nested, '}');
  deep = object (nested->str);
  json_object_set_double_member (infinite, "rate", 1.0 / 0.0);
  json_object_set_string_member (large, "text", text);

  refuse (ledger, reserved, "seq");
  refuse (ledger, infinite, "not finite");
  refuse (ledger, large, "bytes");
  refuse (ledger, deep, "deeper");
  g_assert_cmpint (add (ledger, "{}"), ==, 1);
}

/* An estate's answers are wide, not deep: what was counted is how deep arrays nest, not how many
 * there are. */
static void
test_wide_entry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GString) wide = g_string_new ("{\"a\":[0");

  for (guint i = 0; i < 10 * SLIP_LEDGER_ENTRY_DEPTH; i++)
    g_string_append (wide, ",{\"b\":[{}]}");
  g_string_append (wide, "]}");
  g_assert_cmpint (add (ledger, wide->str), ==, 1);
}

static void
test_redaction (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (JsonObject) entry = object ("{\"request\":{\"MasterUserPassword\":\"hunter2hunter2\"},"
                                         "\"data\":[\"postgresql://u:hunter2hunter2@db/x\"]}");
  g_autoptr (GPtrArray) texts = NULL;

  g_assert_true (slip_ledger_append (ledger, entry, NULL, NULL));
  texts = read_all (ledger, NULL);
  g_assert_null (strstr (texts->pdata[0], "hunter2"));
  g_assert_nonnull (strstr (texts->pdata[0], "MasterUserPassword"));
  /* The caller's own object is left alone. */
  g_assert_cmpstr (slip_json_string (slip_json_object (entry, "request"), "MasterUserPassword"), ==,
                   "hunter2hunter2");
}

static sqlite3 *
open_raw (Fixture *fixture)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  return db;
}

static void
test_append_only (Fixture *fixture, gconstpointer data)
{
  static const char *const statements[] = {
      "UPDATE entry SET body = '{}' WHERE seq = 1",
      "DELETE FROM entry WHERE seq = 2",
      "DELETE FROM entry",
      "INSERT OR REPLACE INTO entry (seq, nodes, body) VALUES (1, x'00', '{}')",
      "INSERT INTO entry (seq, nodes, body) VALUES (9, x'00', '{}')",
      "UPDATE ledger SET origin = 'x'",
      "DELETE FROM ledger",
      "INSERT OR REPLACE INTO ledger VALUES (1, 'x', 'y')",
      "DELETE FROM checkpoint",
      "UPDATE checkpoint SET size = 2",
      "INSERT OR REPLACE INTO checkpoint VALUES (2, 'x')",
  };
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autofree char *note = NULL;
  sqlite3 *db;

  add_many (ledger, 2);
  note = slip_ledger_checkpoint (ledger, NULL);
  g_assert_nonnull (note);
  db = open_raw (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_test_message ("%s", statements[i]);
      g_assert_cmpint (sqlite3_exec (db, statements[i], NULL, NULL, NULL), ==, SQLITE_CONSTRAINT);
    }
  sqlite3_close (db);
  g_assert_true (slip_ledger_check (ledger, NULL, NULL, NULL));
}

static void
tamper (Fixture *fixture, const char *sql)
{
  sqlite3 *db = open_raw (fixture);
  char *message = NULL;

  sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}

static void
refuse_open (Fixture *fixture, SlipLedgerError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedger) ledger = slip_ledger_open (fixture->path, &error);

  g_assert_null (ledger);
  g_test_message ("%s", error->message);
  g_assert_error (error, SLIP_LEDGER_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, fixture->folder));
}

typedef struct
{
  const char *sql;
  SlipLedgerError code;
  const char *part;
} Tampering;

static const Tampering tamperings[] = {
    {"UPDATE entry SET body = replace (body, 's4', 's5') WHERE seq = 5", SLIP_LEDGER_ERROR_DAMAGED,
     "entry 5"},
    {"DELETE FROM entry WHERE seq = 3", SLIP_LEDGER_ERROR_DAMAGED, "missing"},
    {"DELETE FROM entry WHERE seq = 5", SLIP_LEDGER_ERROR_DAMAGED, "missing"},
    {"UPDATE entry SET nodes = x'00' WHERE seq = 4", SLIP_LEDGER_ERROR_DAMAGED, "hashes"},
    {"DROP TRIGGER entry_delete", SLIP_LEDGER_ERROR_DAMAGED, "entry_delete"},
    {"CREATE TRIGGER more AFTER INSERT ON entry BEGIN SELECT 1; END", SLIP_LEDGER_ERROR_DAMAGED,
     "schema"},
    {"DELETE FROM ledger", SLIP_LEDGER_ERROR_DAMAGED, "name"},
    {"PRAGMA user_version = 2", SLIP_LEDGER_ERROR_VERSION, "version 2"},
    {"PRAGMA application_id = 7", SLIP_LEDGER_ERROR_OPEN, "another program"},
};

static void
test_notices_on_open (Fixture *fixture, gconstpointer data)
{
  const Tampering *tampering = data;

  {
    g_autoptr (SlipLedger) ledger = open_or_die (fixture);
    g_autofree char *note = NULL;

    add_many (ledger, 5);
    note = slip_ledger_checkpoint (ledger, NULL);
    g_assert_nonnull (note);
  }
  tamper (fixture, tampering->sql);
  refuse_open (fixture, tampering->code, tampering->part);
}

static gboolean
count_entry (const SlipLedgerEntry *entry, gpointer data)
{
  ++*(guint *)data;
  return TRUE;
}

/* Runs are gone on with by what is read here, so that an edited entry must never come out. */
static void
test_read_edited (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GError) error = NULL;
  guint seen = 0;

  add_many (ledger, 5);
  g_assert_true (slip_ledger_foreach (ledger, NULL, count_entry, &seen, &error));
  g_assert_cmpuint (seen, ==, 5);
  tamper (fixture, "UPDATE entry SET body = replace (body, 's1', 's2') WHERE seq = 2");
  seen = 0;
  g_assert_false (slip_ledger_foreach (ledger, NULL, count_entry, &seen, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "entry 2 "));
  g_assert_cmpuint (seen, ==, 1);
}

/* Entries of a kind are found by their bytes: what does not tell its kind as it was written is none that is passed
 * over. */
static void
test_read_kind_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const damages[] = {
      "substr (body, 1, instr (body, '\"kind\"') - 2)",
      "substr (body, 1, length (body) - 1)",
      "replace (body, '\"kind\":', '\"kine\":') || ' x'",
      "replace (body, '\"kind\":\"step.intent\"', '\"kind\" \"step.intent\"')",
      "replace (body, '\"kind\":\"step.intent\"', '\"kind\":step.intent')",
      "replace (body, '\"kind\":\"step.intent\"', '\"kind\":\"step.intent')",
      "replace (body, '\"kind\":\"step.intent\"', '\"kind\":\"step.intent\"\"')",
      "replace (body, '\"kind\":\"step.intent\"', '\"data\":{\"kind\":\"x\"},\"kind\":')",
      "replace (body, '\"kind\":\"step.intent\"', '\"kind\": \"run.started\"')",
      "replace (body, '\"log\"', char (0) || 'log\"')",
  };

  SlipLedgerFilter filter = {.kind = "run.started"};
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GPtrArray) texts = NULL;
  g_autofree char *undo = NULL;
  guint seen = 0;

  add_many (ledger, 1);
  texts = read_all (ledger, NULL);
  undo = g_strdup_printf ("UPDATE entry SET body = '%s'", (char *)texts->pdata[0]);
  /* As a disk damages a file: to a SQLite that knows the columns it would be no entry. The ledger has them in mind. */
  tamper (fixture, "DROP INDEX entry_run; DROP INDEX entry_environment");
  g_assert_true (slip_ledger_foreach (ledger, &filter, count_entry, &seen, NULL));
  tamper (fixture,
          "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE entry "
          "(seq INTEGER PRIMARY KEY, nodes BLOB, body TEXT)' WHERE name = 'entry'");
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *sql = g_strdup_printf ("UPDATE entry SET body = %s", damages[i]);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", damages[i]);
      tamper (fixture, sql);
      g_assert_false (slip_ledger_foreach (ledger, &filter, count_entry, &seen, &error));
      g_assert_cmpint (error->domain, ==, SLIP_LEDGER_ERROR);
      tamper (fixture, undo);
      g_assert_true (slip_ledger_foreach (ledger, &filter, count_entry, &seen, NULL));
    }
  g_assert_cmpuint (seen, ==, 0);
}

/* An entry in the middle is not read on opening; the full check finds it. */
static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GError) error = NULL;
  gint64 entries = 0;

  add_many (ledger, 5);
  g_assert_true (slip_ledger_check (ledger, NULL, &entries, &error));
  g_assert_cmpint (entries, ==, 5);
  tamper (fixture, "UPDATE entry SET body = replace (body, 's1', 's2') WHERE seq = 2");
  g_assert_false (slip_ledger_check (ledger, NULL, NULL, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "entry 2 "));
}

static void
test_not_a_ledger (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *junk = g_strnfill (5000, 'j');

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, junk, -1, NULL));
  refuse_open (fixture, SLIP_LEDGER_ERROR_DAMAGED, "not a database");
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedger) none = slip_ledger_open_read_only (fixture->path, &error);
  g_autoptr (SlipLedger) reader = NULL;
  g_autoptr (JsonObject) entry = json_object_new ();

  g_assert_null (none);
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  {
    g_autoptr (SlipLedger) ledger = open_or_die (fixture);

    add_many (ledger, 3);
  }
  reader = slip_ledger_open_read_only (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (slip_ledger_count (reader, NULL, NULL), ==, 3);
  g_assert_false (slip_ledger_append (reader, entry, NULL, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE);
}

static void
test_private_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autofree char *wal = g_strconcat (fixture->path, "-wal", NULL);
  const char *paths[] = {fixture->path, fixture->key, wal};

  add_many (ledger, 1);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      GStatBuf info;

      g_assert_cmpint (g_stat (paths[i], &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
    }
}

static void
test_wide_key (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&(SlipLedger *){open_or_die (fixture)});
  g_chmod (fixture->key, 0640);
  refuse_open (fixture, SLIP_LEDGER_ERROR_KEY, "chmod 600");
  g_chmod (fixture->key, 0600);
  g_clear_object (&(SlipLedger *){open_or_die (fixture)});
}

static void
test_other_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedgerSigner) other = slip_ledger_signer_generate ("other", NULL);
  g_autofree char *text = slip_ledger_signer_to_text (other);

  g_clear_object (&(SlipLedger *){open_or_die (fixture)});
  g_assert_true (g_file_set_contents_full (fixture->key, text, -1, G_FILE_SET_CONTENTS_CONSISTENT,
                                           0600, NULL));
  g_chmod (fixture->key, 0600);
  refuse_open (fixture, SLIP_LEDGER_ERROR_KEY, "is not the key of");
  g_assert_true (g_file_set_contents (fixture->key, "rubbish", -1, NULL));
  g_chmod (fixture->key, 0600);
  refuse_open (fixture, SLIP_LEDGER_ERROR_KEY, "no private key");
}

static void
test_missing_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *away = g_strconcat (fixture->key, ".away", NULL);
  g_autofree char *none = NULL;
  g_autofree char *note = NULL;
  g_autoptr (SlipLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&(SlipLedger *){open_or_die (fixture)});
  g_assert_cmpint (g_rename (fixture->key, away), ==, 0);
  ledger = open_or_die (fixture);
  slip_ledger_set_checkpoint_interval (ledger, 1);
  add_many (ledger, 2);
  none = slip_ledger_checkpoint (ledger, &error);
  g_assert_null (none);
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY);
  g_assert_cmpint (g_rename (away, fixture->key), ==, 0);
  note = slip_ledger_checkpoint (ledger, NULL);
  g_assert_nonnull (note);
}

static void
test_checkpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autofree char *origin = slip_ledger_dup_origin (ledger);
  g_autofree char *key = slip_ledger_dup_public_key (ledger);
  g_autofree char *empty = slip_ledger_checkpoint (ledger, NULL);
  g_autofree char *note = NULL;
  g_autofree char *again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *base64 = NULL;
  g_autofree char *expected = NULL;
  guint8 root[SLIP_LEDGER_HASH_SIZE];
  guint64 size;

  expected = g_strdup_printf ("%s\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", origin);
  text = slip_ledger_note_open (key, empty);
  g_assert_cmpstr (text, ==, expected);
  g_clear_pointer (&expected, g_free);
  g_clear_pointer (&text, g_free);

  add_many (ledger, 11);
  note = slip_ledger_checkpoint (ledger, NULL);
  again = slip_ledger_checkpoint (ledger, NULL);
  g_assert_cmpstr (note, ==, again);
  g_assert_true (slip_ledger_get_head (ledger, &size, root, NULL));
  base64 = g_base64_encode (root, sizeof root);
  expected = g_strdup_printf ("%s\n11\n%s\n", origin, base64);
  text = slip_ledger_note_open (key, note);
  g_assert_cmpstr (text, ==, expected);
  /* A changed note does not open. */
  *strchr (note, '1') = '2';
  g_assert_null (slip_ledger_note_open (key, note));
}

static guint
count_checkpoints (Fixture *fixture)
{
  sqlite3 *db = open_raw (fixture);
  sqlite3_stmt *statement = NULL;
  guint n;

  sqlite3_prepare_v2 (db, "SELECT count (*) FROM checkpoint", -1, &statement, NULL);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  n = (guint)sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return n;
}

static void
test_checkpoint_policy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);

  slip_ledger_set_checkpoint_interval (ledger, 4);
  add_many (ledger, 3);
  g_assert_cmpuint (count_checkpoints (fixture), ==, 0);
  add_many (ledger, 6);
  g_assert_cmpuint (count_checkpoints (fixture), ==, 2);
  add (ledger, "{\"kind\":\"run.finished\"}");
  g_assert_cmpuint (count_checkpoints (fixture), ==, 3);
  add (ledger, "{\"kind\":\"run.approved\"}");
  g_assert_cmpuint (count_checkpoints (fixture), ==, 4);
  add (ledger, "{\"kind\":\"step.intent\",\"effect\":\"final\"}");
  g_assert_cmpuint (count_checkpoints (fixture), ==, 5);
  slip_ledger_set_checkpoint_interval (ledger, 0);
  add (ledger, "{\"kind\":\"step.intent\",\"effect\":\"change\"}");
  g_assert_cmpuint (count_checkpoints (fixture), ==, 5);
  g_assert_true (slip_ledger_check (ledger, NULL, NULL, NULL));
}

/* The vector of Go's golang.org/x/mod/sumdb/note package documentation: key and note were made by
 * that implementation, not by this one. */
static void
test_foreign_note (void)
{
  const char *key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const char *note
      = "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "\xe2\x80\x94 PeterNeumann "
        "x08go/ZJkuBS9UG/"
        "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const char *private_key
      = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipLedgerSigner) signer = slip_ledger_signer_parse (private_key, &error);
  g_autofree char *text = slip_ledger_note_open (key, note);
  g_autofree char *ours = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (text);
  g_assert_cmpstr (slip_ledger_signer_get_verifier (signer), ==, key);
  ours = slip_ledger_signer_sign (signer, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ours, ==, note);
}

/* The limit makes SQLite's write fail as a full disk does, also for root. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (JsonObject) entry = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *wal = g_strconcat (fixture->path, "-wal", NULL);
  g_autofree char *text = g_strnfill (20000, 'x');
  struct rlimit unlimited;
  struct rlimit small;
  guint8 before[SLIP_LEDGER_HASH_SIZE];
  guint8 after[SLIP_LEDGER_HASH_SIZE];
  GStatBuf info;
  guint64 size;

  add_many (ledger, 5);
  g_assert_true (slip_ledger_get_head (ledger, &size, before, NULL));
  g_assert_cmpint (g_stat (wal, &info), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  small = unlimited;
  small.rlim_cur = (rlim_t)info.st_size + 4096;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  json_object_set_string_member (entry, "data", text);
  g_assert_false (slip_ledger_append (ledger, entry, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);

  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "nothing was stored"));
  g_assert_true (slip_ledger_get_head (ledger, &size, after, NULL));
  g_assert_cmpuint (size, ==, 5);
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
  g_assert_cmpint (add (ledger, "{\"kind\":\"after\"}"), ==, 6);
  g_assert_true (slip_ledger_check (ledger, NULL, NULL, NULL));
  g_clear_object (&ledger);
  ledger = open_or_die (fixture);
  g_assert_cmpint (slip_ledger_count (ledger, NULL, NULL), ==, 6);
}

/* A clock that steps back changes `time` and nothing else. */
static void
test_clock_step (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (G_GINT64_CONSTANT (1795242600000000));
  g_autoptr (GPtrArray) texts = NULL;

  slip_ledger_set_clock (ledger, clock);
  add (ledger, "{\"kind\":\"a\"}");
  slip_clock_advance (clock, -G_TIME_SPAN_HOUR);
  add (ledger, "{\"kind\":\"b\"}");
  texts = read_all (ledger, NULL);
  g_assert_nonnull (strstr (texts->pdata[0], "T06:30:00Z"));
  g_assert_nonnull (strstr (texts->pdata[1], "T05:30:00Z"));
  g_assert_nonnull (strstr (texts->pdata[1], "\"seq\":2"));
  g_assert_true (slip_ledger_check (ledger, NULL, NULL, NULL));
}

static gboolean
append_inside (const SlipLedgerEntry *entry, gpointer data)
{
  add (data, "{\"kind\":\"inside\"}");
  return TRUE;
}

static void
test_append_while_reading (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GError) error = NULL;

  add_many (ledger, 4);
  slip_ledger_foreach (ledger, NULL, append_inside, ledger, &error);
  g_assert_no_error (error);
  g_assert_cmpint (slip_ledger_count (ledger, NULL, NULL), ==, 8);
}

static void
test_proofs_out_of_range (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GBytes) path = NULL;
  g_autoptr (GError) error = NULL;

  add_many (ledger, 5);
  path = slip_ledger_inclusion_proof (ledger, 4, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (path), ==, SLIP_LEDGER_HASH_SIZE);
  g_assert_null (slip_ledger_inclusion_proof (ledger, 5, 5, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_null (slip_ledger_consistency_proof (ledger, 3, 6, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_RANGE);
  g_clear_error (&error);
  g_assert_null (slip_ledger_consistency_proof (ledger, 0, 5, &error));
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_RANGE);
}

static gpointer
append_thread (gpointer data)
{
  add_many (data, 50);
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (GError) error = NULL;
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("append", append_thread, ledger);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GPtrArray) texts = read_all (ledger, NULL);

      g_assert_cmpuint (texts->len, <=, 200);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  slip_ledger_check (ledger, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (slip_ledger_count (ledger, NULL, NULL), ==, 200);
}

#define ADD(name, test) g_test_add ("/ledger/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("append/stores_canonical_json_with_sequence_times_and_links", test_append);
  ADD ("append/continues_after_restart", test_reopen);
  ADD ("append/refuses_what_has_no_canonical_form", test_bad_entries);
  ADD ("append/takes_entries_however_wide", test_wide_entry);
  ADD ("append/redacts_secrets", test_redaction);
  ADD ("append/fails_when_disk_is_full_and_leaves_ledger_unchanged", test_full_disk);
  ADD ("append/does_not_order_by_clock", test_clock_step);
  ADD ("append/works_while_reading", test_append_while_reading);
  ADD ("append/works_from_several_threads", test_threads);
  ADD ("read/filters", test_filter);
  ADD ("read/read_only_creates_and_appends_nothing", test_read_only);
  ADD ("read/proofs_out_of_range_are_refused", test_proofs_out_of_range);
  ADD ("file/is_append_only_for_other_programs", test_append_only);
  ADD ("file/is_private", test_private_files);
  ADD ("open/refuses_what_is_no_ledger", test_not_a_ledger);
  for (guint i = 0; i < G_N_ELEMENTS (tamperings); i++)
    {
      g_autofree char *name = g_strdup_printf ("/ledger/open/notices_tampering_%u", i);

      g_test_add (name, Fixture, &tamperings[i], set_up, test_notices_on_open, tear_down);
    }
  ADD ("read/stops_at_an_edited_entry", test_read_edited);
  ADD ("read/passes_over_no_entry_whose_kind_is_damaged", test_read_kind_damaged);
  ADD ("check/finds_an_edited_entry", test_check);
  ADD ("key/refuses_wide_permissions", test_wide_key);
  ADD ("key/refuses_another_ledgers_key", test_other_key);
  ADD ("key/missing_key_delays_only_the_seal", test_missing_key);
  ADD ("checkpoint/is_a_signed_note_of_the_head", test_checkpoint);
  ADD ("checkpoint/is_made_by_interval_and_at_run_end", test_checkpoint_policy);
  g_test_add_func ("/ledger/checkpoint/signs_like_the_go_implementation", test_foreign_note);
  return g_test_run ();
}
