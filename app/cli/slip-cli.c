/* SPDX-License-Identifier: MIT */
/* slipwayctl: finds the subcommand and hands over. What subcommands share (option parsing, error
 * text, places of files) stands here; what they do stands in their own files. */

#include "config.h"

#include "slip-cli.h"
#include "slip-print.h"
#include "slip-redact.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *name;
  SlipCliFunc func;
  const char *summary;
} Command;

static const Command commands[] = {
    {"aws", slip_cli_aws, N_ ("call one operation of an AWS API")},
    {"estate", slip_cli_estate, N_ ("list what an environment holds")},
    {"runbook", slip_cli_runbook, N_ ("list, check, show and export procedures")},
    {"plan", slip_cli_plan, N_ ("turn a runbook into a plan, with its preflight")},
    {"run", slip_cli_run, N_ ("start, resume, list, show and cancel runs")},
    {"cosign", slip_cli_cosign, N_ ("approve a colleague's plan as the second person")},
    {"migrate", slip_cli_migrate, N_ ("migrate data between databases by definition files")},
    {"ledger", slip_cli_ledger, N_ ("list, export and verify the audit log")},
};

int
slip_cli_usage_error (const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *redacted = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  redacted = slip_redact_text (message);
  g_printerr ("slipwayctl: %s\n", redacted);
  return SLIP_CLI_USAGE;
}

int
slip_cli_fail (GError *error)
{
  g_autofree char *redacted = slip_redact_text (error->message);

  g_printerr ("slipwayctl: %s\n", redacted);
  g_error_free (error);
  return SLIP_CLI_FAILED;
}

gboolean
slip_cli_parse (const GOptionEntry *entries,
                const char *usage,
                const char *summary,
                int *argc,
                char ***argv,
                int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = {
      {"help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entry, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      /* The first word of the usage is the command's name. */
      *status = slip_cli_usage_error (_ ("%s. See slipwayctl %.*s --help"), error->message,
                                      (int)strcspn (usage, " "), usage);
      return FALSE;
    }
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", text);
      *status = SLIP_CLI_OK;
      return FALSE;
    }
  return TRUE;
}

/* Standard output is for answers. */
static char *
ask_code (const char *serial, const char *purpose, GCancellable *cancellable, gpointer data)
{
  char line[64];

  g_printerr (_ ("%s needs a one-time code of %s: "), purpose, serial);
  if (fgets (line, sizeof line, stdin) == NULL)
    return NULL;
  return g_strdup (g_strstrip (line));
}

static void
tell_slow_credentials (const char *what, guint timeout_s)
{
  g_printerr (_ ("slipwayctl: still waiting for credentials from %s, for at most %u s. Ctrl+C ends "
                 "it\n"),
              what, timeout_s);
}

SlipAwsMfaFunc
slip_cli_mfa_callback (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO) ? ask_code : NULL;
}

static void
offer_codes (SlipWorkspace *workspace)
{
  GListModel *environments = slip_workspace_get_environments (workspace);

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);

      slip_environment_set_mfa_callback (environment, slip_cli_mfa_callback (), NULL);
    }
}

int
slip_cli_no_environment (SlipWorkspace *workspace, const char *name)
{
  GListModel *environments = slip_workspace_get_environments (workspace);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                              slip_environment_get_name (environment));
    }
  return slip_cli_usage_error (_ ("there is no environment “%s” in %s. There are: %s"), name,
                               slip_workspace_get_path (workspace), names->str);
}

SlipWorkspace *
slip_cli_load_workspace (SlipCli *cli)
{
  g_autoptr (GError) error = NULL;
  SlipWorkspace *workspace = slip_workspace_load (cli->workspace_path, &error);

  if (workspace != NULL)
    {
      offer_codes (workspace);
      return workspace;
    }
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    slip_cli_usage_error (_ ("there is no workspace file %s. Name one with --workspace FILE"),
                          cli->workspace_path);
  else
    slip_cli_fail (g_steal_pointer (&error));
  return NULL;
}

char *
slip_cli_ledger_path (SlipCli *cli, GError **error)
{
  if (g_mkdir_with_parents (cli->state_dir, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("cannot make the state folder %s: %s"), cli->state_dir, g_strerror (errno));
      return NULL;
    }
  return g_build_filename (cli->state_dir, "ledger.db", NULL);
}

SlipLedger *
slip_cli_open_ledger_to_read (SlipCli *cli, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *path = slip_cli_ledger_path (cli, &local);
  SlipLedger *ledger = path != NULL ? slip_ledger_open (path, &local) : NULL;

  if (ledger == NULL && path != NULL && g_file_test (path, G_FILE_TEST_EXISTS)
      && g_access (path, W_OK) != 0)
    ledger = slip_ledger_open_read_only (path, NULL);
  if (ledger == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return ledger;
}

int
slip_cli_fail_to_print (const char *what)
{
  int number = errno;

  if (number == EPIPE)
    return 128 + SIGPIPE;
  g_printerr (_ ("slipwayctl: cannot write %s to standard output: %s\n"), what,
              g_strerror (number));
  return SLIP_CLI_FAILED;
}

static void
print_help (void)
{
  g_print (_ ("Usage: slipwayctl [--workspace FILE] [--state DIR] COMMAND …\n\n"
              "The command line of Slipway: everything that its window does.\n\nCommands:\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  g_print (_ ("\nOptions before the command:\n"
              "  --workspace FILE  environments to work on ($SLIPWAY_WORKSPACE, else\n"
              "                    ~/.config/slipway/workspace.json)\n"
              "  --state DIR       where the audit log and caches are ($SLIPWAY_STATE_DIR, else\n"
              "                    ~/.local/state/slipway)\n"
              "  --version         print the version\n\n"
              "slipwayctl COMMAND --help tells of one command. Exit status: 0 well done, 1 AWS\n"
              "refused or a check found faults, 2 the call itself is wrong.\n"));
}

/* Options stand before the command's name, so that those behind it are the command's own. */
static int
parse_leading_options (SlipCli *cli, int argc, char **argv)
{
  int i = 1;

  for (; i < argc && argv[i][0] == '-'; i++)
    {
      char **target = g_str_has_prefix (argv[i], "--workspace") ? &cli->workspace_path
                      : g_str_has_prefix (argv[i], "--state")   ? &cli->state_dir
                                                                : NULL;
      const char *equals = strchr (argv[i], '=');

      if (g_str_equal (argv[i], "--help") || g_str_equal (argv[i], "-h"))
        {
          print_help ();
          exit (SLIP_CLI_OK);
        }
      if (g_str_equal (argv[i], "--version"))
        {
          g_print ("slipwayctl %s\n", SLIP_VERSION);
          exit (SLIP_CLI_OK);
        }
      if (target == NULL || (equals == NULL && i + 1 == argc))
        exit (slip_cli_usage_error (target == NULL ? _ ("unknown option %s. See slipwayctl --help")
                                                   : _ ("option %s needs a value"),
                                    argv[i]));
      g_free (*target);
      *target = g_strdup (equals != NULL ? equals + 1 : argv[++i]);
    }
  return i;
}

static char *
default_path (const char *variable, const char *folder, const char *name)
{
  const char *set = g_getenv (variable);

  return set != NULL && *set != '\0' ? g_strdup (set)
                                     : g_build_filename (folder, "slipway", name, NULL);
}

int
main (int argc, char **argv)
{
  SlipCli cli = {0};
  int status = -1;
  int first;

  /* A limit on file sizes is told as a full disk is: the run stops, with its reason. */
  signal (SIGXFSZ, SIG_IGN);
  slip_aws_protect_process ();
  setlocale (LC_ALL, "");
  slip_aws_provider_set_slow_func (tell_slow_credentials);
  bindtextdomain (GETTEXT_PACKAGE, SLIP_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("slipwayctl");
  slip_print_install ();

  cli.workspace_path
      = default_path ("SLIPWAY_WORKSPACE", g_get_user_config_dir (), "workspace.json");
  cli.state_dir = default_path ("SLIPWAY_STATE_DIR", g_get_user_state_dir (), NULL);
  first = parse_leading_options (&cli, argc, argv);

  if (first >= argc)
    {
      print_help ();
      status = SLIP_CLI_USAGE;
    }
  for (gsize i = 0; status < 0 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[first], commands[i].name))
      status = commands[i].func (&cli, argc - first, argv + first);
  if (status < 0)
    status = slip_cli_usage_error (_ ("unknown command “%s”. See slipwayctl --help"), argv[first]);

  g_free (cli.workspace_path);
  g_free (cli.state_dir);
  return status;
}
