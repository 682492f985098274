/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate state-machine: the Step Functions definition that runs a migration's stages on AWS. It needs
 * neither a database nor AWS. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-state-machine.h"

#include <glib/gi18n.h>

typedef struct
{
  char *sidecar;
  char *folder;
  char *source;
  char *container;
  char **values;
  char **skip;
  gint connections;
  gint timeout;
  gint heartbeat;
  gboolean landed;
  gboolean sha256;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->sidecar);
  g_free (options->folder);
  g_free (options->source);
  g_free (options->container);
  g_strfreev (options->values);
  g_strfreev (options->skip);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &options->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"folder", 0, 0, G_OPTION_ARG_STRING, &options->folder,
       N_ ("Where the image has the migration (default /migration)"), N_ ("FOLDER")},
      {"source", 0, 0, G_OPTION_ARG_STRING, &options->source,
       N_ ("Where the container finds the source files (default /source)"), N_ ("FOLDER")},
      {"landed", 0, 0, G_OPTION_ARG_NONE, &options->landed,
       N_ ("Load no source files; what is landed is used"), NULL},
      {"container", 0, 0, G_OPTION_ARG_STRING, &options->container,
       N_ ("The container's name in the task definition (default migrate)"), N_ ("NAME")},
      {"value", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->values,
       N_ ("Another text for a value of the sidecar; may be repeated"), N_ ("NAME=TEXT")},
      {"skip", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->skip,
       N_ ("Leave a stage out; may be repeated"), N_ ("STAGE")},
      {"connections", 0, 0, G_OPTION_ARG_INT, &options->connections,
       N_ ("How many steps, tables or comparisons at once (default 2)"), N_ ("N")},
      {"timeout", 0, 0, G_OPTION_ARG_INT, &options->timeout,
       N_ ("Seconds that a stage may take (default 18000)"), N_ ("SECONDS")},
      {"heartbeat", 0, 0, G_OPTION_ARG_INT, &options->heartbeat,
       N_ ("Seconds that a stage may be silent (default 600)"), N_ ("SECONDS")},
      {"sha256", 0, 0, G_OPTION_ARG_NONE, &options->sha256,
       N_ ("Print the definition's digest instead, as runbooks check it"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (
      entries, "migrate state-machine DIR",
      _ ("Prints a Step Functions state machine that runs the stages of a migration, each as an "
         "ECS task.\nThe same migration and options give the same bytes.\n\nExit status: 0 it is "
         "printed, 1 the "
         "definitions are faulty, 2 wrong call."),
      argc, argv, status);
}

int
slip_cli_migrate_state_machine (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {.timeout = 18000, .heartbeat = 600};
  SlipStateMachineOptions machine = {0};
  g_autoptr (SlipMigration) migration = NULL;
  g_autoptr (JsonNode) definition = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!parse_options (&options, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate state-machine needs one DIR"));
  if (options.landed && options.source != NULL)
    return slip_cli_usage_error (_ ("--landed and --source exclude each other"));
  if (options.connections < 0 || options.connections > 32 || options.timeout < 1
      || options.timeout > 31536000 || options.heartbeat < 1)
    return slip_cli_usage_error (_ ("a number is out of range: --connections takes 1 to 32, "
                                    "--timeout 1 to 31536000, --heartbeat 1 or more"));
  migration = slip_migration_load (argv[1], options.sidecar, &error);
  if (migration == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  machine.folder = options.folder != NULL ? options.folder : "/migration";
  machine.source = options.landed ? NULL : options.source != NULL ? options.source : "/source";
  machine.container = options.container != NULL ? options.container : "migrate";
  machine.values = (const char *const *)options.values;
  machine.skip = (const char *const *)options.skip;
  machine.connections = (guint)options.connections;
  machine.timeout = (guint)options.timeout;
  machine.heartbeat = (guint)options.heartbeat;
  definition = slip_state_machine_new (migration, &machine, &error);
  if (definition == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  text = options.sha256 ? slip_json_sha256 (definition) : slip_json_to_text (definition, TRUE);
  g_print ("%s\n", text);
  return SLIP_CLI_OK;
}
