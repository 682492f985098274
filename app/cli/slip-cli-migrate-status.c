/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate status: how runs stand, by stage, and what of them is in the target. It only looks. How stages are
 * printed here holds for the other commands too. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"

#include <glib/gi18n.h>

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

JsonArray *
slip_cli_migrate_stages_to_json (GPtrArray *stages)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (stages, i);
      JsonObject *object = json_object_new ();
      g_autofree char *note = slip_cli_migrate_dup_printed (stage->note);

      set_text (object, "stage", stage->stage);
      set_text (object, "state", stage->state != NULL ? stage->state : "failed");
      json_object_set_int_member (object, "rows", stage->rows);
      json_object_set_double_member (object, "seconds", stage->seconds);
      set_text (object, "note", note);
      json_array_add_object_element (array, object);
    }
  return array;
}

void
slip_cli_migrate_print_stages (GPtrArray *stages)
{
  for (guint i = 0; i < stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (stages, i);
      g_autofree char *note = slip_cli_migrate_dup_printed (stage->note);

      g_print ("%-16s %-10s %12" G_GINT64_FORMAT " %9.2f  %s\n", stage->stage,
               stage->state != NULL ? stage->state : "failed", stage->rows, stage->seconds,
               note != NULL ? note : "");
    }
}

static void
print_status (const SlipMigrationRunStatus *status)
{
  const SlipStageResult *failed = slip_migration_run_status_find_failed_since (status);

  g_print (_ ("run %" G_GINT64_FORMAT ": %s, run date %s, %s"), status->run, status->name,
           status->run_date, status->state);
  if (failed != NULL)
    g_print (_ (", but stage %s failed since"), failed->stage);
  g_print ("\n");
  slip_cli_migrate_print_stages (status->stages);
  if (status->integration != NULL)
    g_print (_ ("what is integrated: %s\n"), status->integration);
  if (status->worked_since != 0)
    g_print (_ ("what it integrated is not there any more: run %" G_GINT64_FORMAT
                " has worked in the schemas since\n"),
             status->worked_since);
  if (status->loaded == NULL)
    return;
  g_print (ngettext ("in the target: %u part\n", "in the target: %u parts\n", status->loaded->len),
           status->loaded->len);
  for (guint i = 0; i < status->loaded->len; i++)
    g_print ("  %s\n", (const char *)g_ptr_array_index (status->loaded, i));
}

static JsonObject *
status_to_json (const SlipMigrationRunStatus *status)
{
  const SlipStageResult *failed = slip_migration_run_status_find_failed_since (status);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "run", status->run);
  json_object_set_string_member (object, "name", status->name);
  json_object_set_string_member (object, "runDate", status->run_date);
  json_object_set_string_member (object, "state", status->state);
  set_text (object, "failedSince", failed != NULL ? failed->stage : NULL);
  set_text (object, "integration", status->integration);
  if (status->worked_since != 0)
    json_object_set_int_member (object, "workedSince", status->worked_since);
  json_object_set_array_member (object, "stages", slip_cli_migrate_stages_to_json (status->stages));
  if (status->loaded != NULL)
    {
      JsonArray *loaded = json_array_new ();

      for (guint i = 0; i < status->loaded->len; i++)
        json_array_add_string_element (loaded, g_ptr_array_index (status->loaded, i));
      json_object_set_array_member (object, "inTarget", loaded);
    }
  return object;
}

int
slip_cli_migrate_status (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *migration_db = NULL;
  g_autofree char *target_db = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &target_db,
       N_ ("The target, whose manifest tells what is in"), N_ ("CONNINFO")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!slip_cli_parse (
          entries, "migrate status",
          _ ("Tells all runs, how far each stage is, and with --target-db which parts are in the "
             "target."),
          &argc, &argv, &status))
    return status;
  if (!slip_cli_migrate_find_conninfo (&migration_db, "SLIPWAY_MIGRATION_DB", &status)
      || !slip_cli_migrate_find_conninfo (&target_db, "SLIPWAY_TARGET_DB", &status))
    return status;
  if (argc != 1 || migration_db == NULL)
    return slip_cli_usage_error (
        _ ("migrate status needs --migration-db CONNINFO, and no more words"));
  all = slip_migration_run_status (migration_db, target_db, NULL, &error);
  if (all == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (json)
    {
      JsonObject *object = json_object_new ();
      JsonArray *runs = json_array_new ();
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *text = NULL;

      for (guint i = 0; i < all->len; i++)
        json_array_add_object_element (runs, status_to_json (g_ptr_array_index (all, i)));
      json_object_set_array_member (object, "runs", runs);
      node = slip_json_new_object (object);
      text = slip_json_to_text (node, TRUE);
      g_print ("%s\n", text);
      return SLIP_CLI_OK;
    }
  if (all->len == 0)
    g_print (_ ("there is no run\n"));
  for (guint i = 0; i < all->len; i++)
    print_status (g_ptr_array_index (all, i));
  return SLIP_CLI_OK;
}
