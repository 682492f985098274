/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate check: everything that is wrong with the definitions of a migration, in one look. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration-check-all.h"

#include <glib/gi18n.h>

static JsonNode *
findings_to_json (GPtrArray *findings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "severity",
                                     slip_severity_get_name (finding->severity));
      json_object_set_string_member (object, "file", finding->file);
      if (finding->path != NULL)
        json_object_set_string_member (object, "path", finding->path);
      json_object_set_string_member (object, "message", finding->message);
      if (finding->advice != NULL)
        json_object_set_string_member (object, "advice", finding->advice);
      json_array_add_object_element (array, object);
    }
  return slip_json_new_array (array);
}

static void
print_json (GPtrArray *findings)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *text = NULL;

  for (guint i = SLIP_SEVERITY_ERROR; i <= SLIP_SEVERITY_NOTE; i++)
    {
      g_autofree char *name = g_strconcat (slip_severity_get_name (i), "s", NULL);

      json_object_set_int_member (object, name, slip_findings_count (findings, i));
    }
  json_object_set_member (object, "findings", findings_to_json (findings));
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (GPtrArray *findings)
{
  g_autofree char *text = slip_findings_to_text (findings, SLIP_SEVERITY_NOTE);
  guint errors = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  guint warnings = slip_findings_count (findings, SLIP_SEVERITY_WARNING);
  guint notes = slip_findings_count (findings, SLIP_SEVERITY_NOTE);

  g_print ("%s", text);
  g_print (ngettext ("%u error, ", "%u errors, ", errors), errors);
  g_print (ngettext ("%u warning, ", "%u warnings, ", warnings), warnings);
  g_print (ngettext ("%u note\n", "%u notes\n", notes), notes);
}

static gboolean
check (SlipMigrationCheckAll *what, const char *folder, GPtrArray *findings, GError **error)
{
  g_autofree char *empty = NULL;
  gboolean complete;

  what->folder = folder;
  complete = slip_migration_check_all (what, findings, &empty, NULL, error);
  if (empty != NULL)
    g_printerr (_ ("slipwayctl: nothing is landed in %s yet\n"), empty);
  return complete;
}

int
slip_cli_migrate_check (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *sidecar = NULL;
  g_autofree char *source = NULL;
  g_autofree char *headers = NULL;
  g_autofree char *migration_db = NULL;
  g_autofree char *target_db = NULL;
  gboolean json = FALSE;
  SlipMigrationCheckAll what;
  const GOptionEntry entries[] = {
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &source,
       N_ ("A folder of source files: their headers are looked at"), N_ ("FOLDER")},
      {"headers", 0, 0, G_OPTION_ARG_FILENAME, &headers,
       N_ ("A file with the source's headers, “==> NAME.csv <==” before each"), N_ ("FILE")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &migration_db,
       N_ ("The migration database: landed tables and their codes are looked at"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &target_db,
       N_ ("The target: its tables and columns are looked at"), N_ ("CONNINFO")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (GError) error = NULL;
  gboolean complete;
  int status;

  if (!slip_cli_parse (
          entries, "migrate check DIR",
          _ ("Checks the definitions of a migration: all faults at once, with file and "
             "place. The more it is\ngiven to hold them against, the more it finds. "
             "Changes nothing.\n\nExit status: 0 no error, 1 errors, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate check needs one DIR"));
  what = (SlipMigrationCheckAll){NULL, sidecar, source, headers, migration_db, target_db};
  complete = check (&what, argv[1], findings, &error);
  if (json)
    print_json (findings);
  else
    print_text (findings);
  if (!complete)
    {
      g_prefix_error (&error, _ ("not everything could be checked: "));
      return slip_cli_fail (g_steal_pointer (&error));
    }
  return slip_findings_count (findings, SLIP_SEVERITY_ERROR) > 0 ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}
