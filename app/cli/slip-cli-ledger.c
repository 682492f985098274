/* SPDX-License-Identifier: MIT */
/* slipwayctl ledger: list, export and verify the audit log, and print the public key that verifies
 * it. Verifying needs no ledger, no workspace and no network. */

#include "config.h"

#include "slip-cli.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-ledger-export.h"
#include "slip-ledger-verify.h"
#include "slip-open-call.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAX 65536

static gboolean
collect (const SlipLedgerEntry *entry, gpointer data)
{
  g_ptr_array_add (data, json_object_ref (entry->object));
  return TRUE;
}

static const char *
text_of (JsonObject *entry, const char *name)
{
  const char *text = slip_json_string (entry, name);

  return text != NULL ? text : "";
}

/* The outcome of the entry; of a change without one that it has none. */
static const char *
outcome_of (JsonObject *entry, GPtrArray *open)
{
  for (guint i = 0; open != NULL && i < open->len; i++)
    if (((SlipOpenCall *)g_ptr_array_index (open, i))->seq == slip_json_int (entry, "seq", 0))
      return "unknown";
  return text_of (entry, "outcome");
}

static void
print_table (GPtrArray *entries, GPtrArray *open)
{
  /* The newest were asked for first, so that a limit keeps them; people read downwards. */
  for (guint i = entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (entries, i - 1);

      g_print ("%6" G_GINT64_FORMAT "  %-24s  %-14s  %-14s  %-28s  %-36s  %-9s  %s\n",
               slip_json_int (entry, "seq", 0), text_of (entry, "time"), text_of (entry, "kind"),
               text_of (entry, "environment"), text_of (entry, "step"),
               text_of (entry, "operation"), outcome_of (entry, open),
               text_of (entry, "request_id"));
    }
}

static void
print_json (GPtrArray *entries)
{
  JsonArray *array = json_array_sized_new (entries->len);
  g_autoptr (JsonNode) node = slip_json_new_array (array);
  g_autofree char *text = NULL;

  for (guint i = entries->len; i > 0; i--)
    json_array_add_object_element (array, json_object_ref (g_ptr_array_index (entries, i - 1)));
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

/* %NULL without an error when nothing was ever recorded. */
static SlipLedger *
open_existing (SlipCli *cli, GError **error)
{
  g_autofree char *path = g_build_filename (cli->state_dir, "ledger.db", NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  return slip_ledger_open_read_only (path, error);
}

/* What the workspace calls so, or once did. A workspace that cannot be read knows none. */
static gboolean
has_environment (SlipCli *cli, SlipLedger *ledger, const char *name)
{
  const SlipLedgerFilter filter = {.environment = name};
  g_autoptr (SlipWorkspace) workspace = NULL;

  if (ledger != NULL && slip_ledger_count (ledger, &filter, NULL) > 0)
    return TRUE;
  workspace = slip_workspace_load (cli->workspace_path, NULL);
  return workspace != NULL && slip_workspace_find (workspace, name) != NULL;
}

/* An empty list of a run or an environment that was mistyped would look like nothing was done there.
 * Replaces @run by the whole id. */
static gboolean
find_named (SlipCli *cli, SlipLedger *ledger, char **run, const char *environment, int *status)
{
  g_autofree char *given = g_steal_pointer (run);

  if (given != NULL && ledger == NULL)
    *status = slip_cli_usage_error (_ ("there is no run %s: nothing was recorded yet"), given);
  else if (given != NULL)
    *run = slip_cli_find_run (ledger, given, status);
  if (given != NULL && *run == NULL)
    return FALSE;
  if (environment == NULL || has_environment (cli, ledger, environment))
    return TRUE;
  *status = slip_cli_usage_error (
      _ ("there is no environment %s in the audit log or the workspace"), environment);
  return FALSE;
}

static int
list (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *run = NULL;
  g_autofree char *environment = NULL;
  gboolean json = FALSE;
  gint64 limit = 0;
  const GOptionEntry entries[]
      = {{"run", 0, 0, G_OPTION_ARG_STRING, &run,
          N_ ("Only entries of this run: its id, the beginning of it, or last"), "ID"},
         {"environment", 0, 0, G_OPTION_ARG_STRING, &environment,
          N_ ("Only entries of this environment"), "NAME"},
         {"limit", 0, 0, G_OPTION_ARG_INT64, &limit, N_ ("Only the last N entries"), "N"},
         {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON, whole entries"), NULL},
         {NULL}};
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  g_autoptr (SlipLedger) ledger = NULL;
  g_autoptr (GPtrArray) open = NULL;
  g_autoptr (GError) error = NULL;
  SlipLedgerFilter filter = {.newest_first = TRUE};
  int status;

  if (!slip_cli_parse (entries, "ledger list", _ ("Lists the audit log, oldest entries first."),
                       &argc, &argv, &status))
    return status;
  if (argc > 1)
    return slip_cli_usage_error (_ ("ledger list takes no %s"), argv[1]);
  if (limit < 0)
    return slip_cli_usage_error (_ ("--limit must not be negative"));
  ledger = open_existing (cli, &error);
  if (error != NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (!find_named (cli, ledger, &run, environment, &status))
    return status;

  filter.run = run;
  filter.environment = environment;
  filter.limit = limit;
  if (ledger != NULL && !slip_ledger_foreach (ledger, &filter, collect, found, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  open = ledger != NULL ? slip_open_call_list (ledger, NULL) : NULL;
  if (json)
    print_json (found);
  else
    print_table (found, open);
  if (ledger != NULL)
    slip_cli_tell_open_calls (ledger);
  return SLIP_CLI_OK;
}

static SlipLedger *
open_ledger (SlipCli *cli, GError **error)
{
  g_autofree char *path = slip_cli_ledger_path (cli, error);

  return path != NULL ? slip_ledger_open (path, error) : NULL;
}

static int
copy_to_stdout (const char *path)
{
  FILE *in = g_fopen (path, "re");
  char buffer[65536];
  gboolean copied = in != NULL;
  int status = SLIP_CLI_OK;
  gsize n;

  while (copied && (n = fread (buffer, 1, sizeof buffer, in)) > 0)
    copied = fwrite (buffer, 1, n, stdout) == n;
  copied = copied && !ferror (in) && fflush (stdout) == 0;
  if (!copied)
    status = slip_cli_fail_to_print (_ ("the export"));
  if (in != NULL)
    fclose (in);
  return status;
}

/* An export appears whole or not at all, so standard output gets it from a file that was finished. */
static int
export_to_stdout (SlipLedger *ledger, SlipLedgerFormat format, const char *run)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("slipway-export-XXXXXX", &error);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "export", NULL) : NULL;
  int status;

  if (folder == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (slip_ledger_export (ledger, format, run, path, NULL, NULL, &error))
    status = copy_to_stdout (path);
  else
    status = slip_cli_fail (g_steal_pointer (&error));
  g_unlink (path);
  g_rmdir (folder);
  return status;
}

static int
export_to_file (SlipLedger *ledger, SlipLedgerFormat format, const char *run, const char *path)
{
  g_autoptr (GError) error = NULL;
  SlipLedgerExport info;

  if (!slip_ledger_export (ledger, format, run, path, &info, NULL, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  g_printerr (_ ("%s: %llu of %llu entries, root %s\n"), path, (unsigned long long)info.entries,
              (unsigned long long)info.size, info.root);
  return SLIP_CLI_OK;
}

static int export(SlipCli *cli, int argc, char **argv)
{
  g_autofree char *format_name = NULL;
  g_autofree char *run = NULL;
  g_autofree char *output = NULL;
  const GOptionEntry entries[]
      = {{"format", 0, 0, G_OPTION_ARG_STRING, &format_name,
          N_ ("jsonl (the signed record; the default), csv or html (views)"), "FORMAT"},
         {"run", 0, 0, G_OPTION_ARG_STRING, &run,
          N_ ("Only entries of this run, with proofs: its id, the beginning of it, or last"), "ID"},
         {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
          N_ ("The file to write; - is standard output"), "FILE"},
         {NULL}};
  g_autoptr (SlipLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;
  SlipLedgerFormat format = SLIP_LEDGER_FORMAT_JSONL;
  int status;

  if (!slip_cli_parse (entries, "ledger export -o FILE",
                       _ ("Exports the audit log for a change record."), &argc, &argv, &status))
    return status;
  if (argc > 1)
    return slip_cli_usage_error (_ ("ledger export takes no %s"), argv[1]);
  if (format_name != NULL && !slip_ledger_format_parse (format_name, &format))
    return slip_cli_usage_error (_ ("%s is no format: jsonl, csv or html"), format_name);
  if (output == NULL)
    return slip_cli_usage_error (_ ("ledger export needs -o FILE, or -o - for standard output"));

  ledger = slip_cli_open_ledger_to_read (cli, &error);
  if (ledger == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (!find_named (cli, ledger, &run, NULL, &status))
    return status;
  if (!g_str_equal (output, "-"))
    return export_to_file (ledger, format, run, output);
  return export_to_stdout (ledger, format, run);
}

/* A public key given as text, or the first line of a file. */
static char *
read_key (const char *argument, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  if (!g_file_test (argument, G_FILE_TEST_EXISTS))
    return g_strdup (argument);
  bytes = slip_file_read (argument, KEY_FILE_MAX, error);
  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (g_strstrip (text), "\n", 2);
  return g_strdup (lines[0] != NULL ? g_strstrip (lines[0]) : "");
}

typedef enum
{
  TRUST_GIVEN, /* --key */
  TRUST_OWN,   /* the key of the ledger on this workstation */
  TRUST_NONE,  /* only the key in the file itself */
} Trust;

/* Without --key a log of this workstation is held against its own key; one that only calls itself
 * so, signed with another, is refused. */
static gboolean
find_trust (SlipCli *cli, const char *path, SlipVerifyReport *report, Trust *trust, GError **error)
{
  g_autoptr (SlipLedger) ledger = open_existing (cli, NULL);
  g_autofree char *key = NULL;
  g_autofree char *origin = NULL;

  *trust = TRUST_NONE;
  if (ledger == NULL)
    return TRUE;
  key = slip_ledger_dup_public_key (ledger);
  origin = slip_ledger_dup_origin (ledger);
  if (!g_str_equal (origin, report->origin))
    return TRUE;
  *trust = TRUST_OWN;
  return slip_ledger_verify_file (path, key, report, error);
}

static void
print_report (const SlipVerifyReport *report, Trust trust, gboolean json)
{
  static const char *const names[] = {"given", "workstation", "file"};

  if (json)
    {
      JsonObject *object = json_object_new ();
      g_autoptr (JsonNode) node = slip_json_new_object (object);
      g_autofree char *text = NULL;

      json_object_set_boolean_member (object, "verified", TRUE);
      json_object_set_int_member (object, "entries", (gint64)report->entries);
      json_object_set_int_member (object, "size", (gint64)report->size);
      json_object_set_boolean_member (object, "whole", report->whole);
      if (!report->whole)
        json_object_set_string_member (object, "run", report->run);
      json_object_set_string_member (object, "origin", report->origin);
      json_object_set_string_member (object, "root", report->root);
      json_object_set_string_member (object, "exported", report->exported);
      json_object_set_string_member (object, "public_key", report->key);
      json_object_set_string_member (object, "public_key_from", names[trust]);
      text = slip_json_to_text (node, TRUE);
      g_print ("%s\n", text);
      return;
    }
  if (report->whole)
    g_print (_ ("verified: the whole log, %llu entries\n"), (unsigned long long)report->entries);
  else
    g_print (_ ("verified: run %s, %llu of the log's %llu entries\n"), report->run,
             (unsigned long long)report->entries, (unsigned long long)report->size);
  g_print (_ ("exported  %s\nlog       %s\nroot      %s\nkey       %s\n"), report->exported,
           report->origin, report->root, report->key);
  if (trust == TRUST_OWN)
    g_print (_ ("The key is that of this workstation's own log.\n"));
  else if (trust == TRUST_NONE)
    g_print (_ ("The key is the one in the file: this proves that the file agrees with itself, not "
                "who made it.\nGive the key that its maker published with --key.\n"));
}

static int
refuse (GError *error, gboolean json)
{
  g_autoptr (GError) owned = error;
  const char *code = slip_verify_error_name (owned);

  if (json)
    {
      JsonObject *object = json_object_new ();
      g_autoptr (JsonNode) node = slip_json_new_object (object);
      g_autofree char *text = NULL;

      json_object_set_boolean_member (object, "verified", FALSE);
      json_object_set_string_member (object, "code", code);
      json_object_set_string_member (object, "message", owned->message);
      text = slip_json_to_text (node, TRUE);
      g_print ("%s\n", text);
    }
  g_printerr (_ ("slipwayctl: not verified: %s: %s\n"), code, owned->message);
  return SLIP_CLI_FAILED;
}

static int
verify (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *key_argument = NULL;
  g_autofree char *key = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {{"key", 0, 0, G_OPTION_ARG_STRING, &key_argument,
                                   N_ ("The public key, or a file that holds it"), "KEY"},
                                  {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
                                  {NULL}};
  g_autoptr (GError) error = NULL;
  SlipVerifyReport report;
  Trust trust = TRUST_GIVEN;
  int status;

  if (!slip_cli_parse (entries, "ledger verify FILE",
                       _ ("Verifies an audit log that was exported as JSON Lines.\n\nExit status: "
                          "0 verified, 1 not verified, 2 wrong call."),
                       &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("ledger verify needs one FILE"));
  if (key_argument != NULL)
    {
      key = read_key (key_argument, &error);
      if (key == NULL)
        return slip_cli_fail (g_steal_pointer (&error));
    }
  if (!slip_ledger_verify_file (argv[1], key, &report, &error)
      || (key == NULL && !find_trust (cli, argv[1], &report, &trust, &error)))
    return refuse (g_steal_pointer (&error), json);
  print_report (&report, trust, json);
  return SLIP_CLI_OK;
}

static int
print_key (SlipCli *cli, int argc, char **argv)
{
  const GOptionEntry entries[] = {{NULL}};
  g_autoptr (SlipLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;
  int status;

  if (!slip_cli_parse (entries, "ledger key",
                       _ ("Prints the public key that verifies this workstation's audit log."),
                       &argc, &argv, &status))
    return status;
  if (argc > 1)
    return slip_cli_usage_error (_ ("ledger key takes no %s"), argv[1]);
  ledger = open_existing (cli, &error);
  if (ledger == NULL && error == NULL)
    ledger = open_ledger (cli, &error);
  if (ledger == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  key = slip_ledger_dup_public_key (ledger);
  g_print ("%s\n", key);
  return SLIP_CLI_OK;
}

static int
print_usage (void)
{
  g_print (_ ("Usage: slipwayctl ledger COMMAND …\n\n"
              "  list      the audit log's entries\n"
              "  export    the audit log as a file for a change record\n"
              "  verify    whether an exported audit log is what was recorded\n"
              "  key       the public key that verifies this workstation's audit log\n"
              "  settle    what became of a change whose answer never came\n\n"
              "Each command tells its options with --help.\n"));
  return SLIP_CLI_OK;
}

int
slip_cli_ledger (SlipCli *cli, int argc, char **argv)
{
  static const struct
  {
    const char *name;
    SlipCliFunc func;
  } commands[] = {{"list", list},
                  {"export", export},
                  {"verify", verify},
                  {"key", print_key},
                  {"settle", slip_cli_ledger_settle}};

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    return print_usage ();
  for (guint i = 0; argc >= 2 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return commands[i].func (cli, argc - 1, argv + 1);
  if (argc >= 2)
    return slip_cli_usage_error (_ ("there is no ledger %s. See slipwayctl ledger --help"),
                                 argv[1]);
  return slip_cli_usage_error (_ ("ledger needs a command: list, export, verify, key or settle"));
}
