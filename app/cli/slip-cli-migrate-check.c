/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate check: everything that is wrong with the definitions of a migration, in one look. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration.h"

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

  g_print ("%s", text);
  g_print (_ ("%u errors, %u warnings, %u notes\n"),
           slip_findings_count (findings, SLIP_SEVERITY_ERROR),
           slip_findings_count (findings, SLIP_SEVERITY_WARNING),
           slip_findings_count (findings, SLIP_SEVERITY_NOTE));
}

int
slip_cli_migrate_check (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *sidecar = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = NULL;
  int status;

  if (!slip_cli_parse (
          entries, "migrate check DIR",
          _ ("Checks the definitions of a migration: all faults at once, with file and "
             "place.\n\nExit status: 0 no error, 1 errors, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate check needs one DIR"));
  migration = slip_migration_read (argv[1], sidecar, findings);
  slip_findings_sort (findings);
  if (json)
    print_json (findings);
  else
    print_text (findings);
  return slip_findings_count (findings, SLIP_SEVERITY_ERROR) > 0 ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}
