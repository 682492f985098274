/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate check: everything that is wrong with the definitions of a migration, in one look. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration-check.h"

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

typedef struct
{
  char *sidecar;
  char *source;
  char *headers;
  char *migration_db;
  char *target_db;
  gboolean json;
} Options;

/* What the definitions are held against; connections live as long as the catalogues. */
typedef struct
{
  SlipPg *migration_db;
  SlipPg *target_db;
  SlipCatalogue *source;
  SlipCatalogue *target;
} World;

static void
options_clear (Options *options)
{
  g_free (options->sidecar);
  g_free (options->source);
  g_free (options->headers);
  g_free (options->migration_db);
  g_free (options->target_db);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
world_clear (World *world)
{
  g_clear_pointer (&world->source, slip_catalogue_free);
  g_clear_pointer (&world->target, slip_catalogue_free);
  g_clear_pointer (&world->migration_db, slip_pg_close);
  g_clear_pointer (&world->target_db, slip_pg_close);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

/* The nearest there is: rows that are landed, before files that are to be, before a promise. */
static gboolean
find_source (World *world, const Options *options, SlipMigration *migration, GError **error)
{
  const SlipSource *source = slip_migration_get_source (migration);
  const char *schema = slip_migration_get_schemas (migration)->source;

  if (world->migration_db != NULL)
    {
      world->source = slip_catalogue_read_schema (world->migration_db, schema, NULL, error);
      if (world->source == NULL || slip_catalogue_get_n_tables (world->source) > 0)
        return world->source != NULL;
      g_printerr (_ ("slipwayctl: nothing is landed in %s of %s yet\n"), schema,
                  slip_pg_get_where (world->migration_db));
      g_clear_pointer (&world->source, slip_catalogue_free);
    }
  if (options->source != NULL)
    world->source = slip_catalogue_read_folder (options->source, source, error);
  else if (options->headers != NULL || source->headers != NULL)
    world->source = slip_catalogue_read_headers (
        options->headers != NULL ? options->headers : source->headers, source, error);
  else
    return TRUE;
  return world->source != NULL;
}

static gboolean
find_world (World *world, const Options *options, SlipMigration *migration, GError **error)
{
  if (options->migration_db != NULL)
    {
      world->migration_db = slip_pg_open (options->migration_db, "migration", NULL, error);
      if (world->migration_db == NULL)
        return FALSE;
    }
  if (!find_source (world, options, migration, error))
    return FALSE;
  if (options->target_db == NULL)
    return TRUE;
  world->target_db = slip_pg_open (options->target_db, "target", NULL, error);
  if (world->target_db != NULL)
    world->target = slip_catalogue_read_schema (
        world->target_db, slip_migration_get_schemas (migration)->target, NULL, error);
  return world->target != NULL;
}

static gboolean
check (const Options *options, const char *folder, GPtrArray *findings, GError **error)
{
  g_autoptr (SlipMigration) migration = slip_migration_read (folder, options->sidecar, findings);
  g_auto (World) world = {0};
  SlipCheckAgainst against;

  if (!find_world (&world, options, migration, error))
    return FALSE;
  against = (SlipCheckAgainst){world.source, world.target, world.migration_db, world.target_db};
  return slip_migration_check (migration, &against, NULL, findings, error);
}

int
slip_cli_migrate_check (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {0};
  const GOptionEntry entries[] = {
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &options.sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &options.source,
       N_ ("A folder of source files: their headers are looked at"), N_ ("FOLDER")},
      {"headers", 0, 0, G_OPTION_ARG_FILENAME, &options.headers,
       N_ ("A file with the source's headers, “==> NAME.csv <==” before each"), N_ ("FILE")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &options.migration_db,
       N_ ("The migration database: landed tables and their codes are looked at"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &options.target_db,
       N_ ("The target: its tables and columns are looked at"), N_ ("CONNINFO")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL},
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
  complete = check (&options, argv[1], findings, &error);
  slip_findings_sort (findings);
  if (options.json)
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
