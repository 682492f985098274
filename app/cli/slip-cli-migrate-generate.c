/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate generate: writes source files in the shape that a settings file describes, so that a
 * migration can be tried, tested and measured without anybody's data. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-generate.h"

#include <glib/gi18n.h>
#include <unistd.h>

typedef struct
{
  char *clients;
  char *seed;
  char *settings;
  char *output;
  char *definitions;
} Options;

typedef struct
{
  guint n_tables;
  guint64 rows;
  gboolean on_terminal;
} Progress;

static void
tell_progress (const char *table, guint tables, guint64 rows, gpointer data)
{
  Progress *progress = data;

  progress->rows = rows;
  if (progress->on_terminal)
    g_printerr (_ ("\r\033[K%u of %u tables, %" G_GUINT64_FORMAT " rows: %s"), tables,
                progress->n_tables, rows, table);
}

static int
print_faults (GPtrArray *faults)
{
  for (guint i = 0; i < faults->len; i++)
    g_printerr ("slipwayctl: %s\n", (const char *)g_ptr_array_index (faults, i));
  g_printerr (ngettext ("slipwayctl: %u fault in the settings\n",
                        "slipwayctl: %u faults in the settings\n", faults->len),
              faults->len);
  return SLIP_CLI_FAILED;
}

static int
generate (const Options *options, guint64 clients, guint64 seed)
{
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipGenerateSettings) settings
      = slip_generate_settings_load (options->settings, options->definitions, faults, &error);
  Progress progress = {.on_terminal = isatty (STDERR_FILENO) != 0};
  gboolean done;

  if (settings == NULL)
    return faults->len > 0 ? print_faults (faults) : slip_cli_fail (g_steal_pointer (&error));
  progress.n_tables = slip_generate_settings_get_n_tables (settings);
  done = slip_generate (settings, clients, seed, options->output, tell_progress, &progress, NULL,
                        &error);
  if (progress.on_terminal)
    g_printerr ("\r\033[K");
  if (!done)
    return slip_cli_fail (g_steal_pointer (&error));
  g_print (_ ("%s: %u tables, %" G_GUINT64_FORMAT " rows, for %" G_GUINT64_FORMAT
              " clients by seed %" G_GUINT64_FORMAT ". MANIFEST.tsv has rows and digests, "
              "PLANTED.tsv the defects\n"),
           options->output, progress.n_tables, progress.rows, clients, seed);
  return SLIP_CLI_OK;
}

/* Of a migration that is named, or of the example: as it is installed, or in the tree that this was built in. */
static char *
find_settings (const char *folder)
{
  static const char *const data[] = {SLIP_PKGDATADIR, SLIP_SOURCE_DATADIR};

  if (folder != NULL)
    return g_build_filename (folder, "generate.json", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_autofree char *path = g_build_filename (data[i], "example", "generate.json", NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static int
check_and_generate (Options *options, int argc, char **argv)
{
  guint64 clients = 0;
  guint64 seed = 1;

  if (argc > 2)
    return slip_cli_usage_error (_ ("migrate generate takes no %s"), argv[2]);
  if (argc == 2 && options->settings != NULL)
    return slip_cli_usage_error (_ ("migrate generate takes --settings FILE or the DIR that has a "
                                    "generate.json, and not both"));
  if (options->clients == NULL)
    return slip_cli_usage_error (_ ("migrate generate needs --clients N"));
  if (options->settings == NULL)
    options->settings = find_settings (argc == 2 ? argv[1] : NULL);
  if (options->settings == NULL)
    return slip_cli_usage_error (_ ("migrate generate needs DIR or --settings FILE: the example is "
                                    "not installed"));
  if (options->output == NULL)
    options->output = g_strdup ("source");
  if (!g_ascii_string_to_unsigned (options->clients, 10, 1, 1000000000, &clients, NULL))
    return slip_cli_usage_error (_ ("--clients %s is no number from 1 to 1000000000"),
                                 options->clients);
  if (options->seed != NULL
      && !g_ascii_string_to_unsigned (options->seed, 10, 0, G_MAXUINT64, &seed, NULL))
    return slip_cli_usage_error (_ ("--seed %s is no whole number"), options->seed);
  return generate (options, clients, seed);
}

int
slip_cli_migrate_generate (SlipCli *cli, int argc, char **argv)
{
  Options options = {0};
  int status;
  const GOptionEntry entries[] = {
      {"clients", 'n', 0, G_OPTION_ARG_STRING, &options.clients,
       N_ ("How many clients; tables grow with them"), N_ ("N")},
      {"seed", 0, 0, G_OPTION_ARG_STRING, &options.seed,
       N_ ("Which chance: the same seed gives the same bytes, another seed others (1)"), N_ ("S")},
      {"settings", 's', 0, G_OPTION_ARG_FILENAME, &options.settings,
       N_ ("Tables, columns and planted defects, JSON (DIR/generate.json; without DIR that of the "
           "example)"),
       N_ ("FILE")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_ ("Where the files go (source); what an earlier call wrote there is replaced"),
       N_ ("FOLDER")},
      {"definitions", 0, 0, G_OPTION_ARG_FILENAME, &options.definitions,
       N_ ("Definitions whose lookups columns draw from, instead of the settings' own"),
       N_ ("FOLDER")},
      G_OPTION_ENTRY_NULL,
  };

  if (slip_cli_parse (entries, "migrate generate [DIR] --clients N --seed S",
                      _ ("Writes made-up source data: the same bytes on every machine for the same "
                         "settings,\nclients and seed. The settings' format: "
                         "data/migration/README.md"),
                      &argc, &argv, &status))
    status = check_and_generate (&options, argc, argv);
  g_free (options.clients);
  g_free (options.seed);
  g_free (options.settings);
  g_free (options.output);
  g_free (options.definitions);
  return status;
}
