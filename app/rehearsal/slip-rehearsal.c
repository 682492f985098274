/* SPDX-License-Identifier: MIT */

/* slipway-rehearsal: a stand-in for AWS on this machine. Opens or makes the world in its state
 * folder, starts the services' processes, listens, writes the files that point clients here, says
 * where it listens, and serves until it is told to end. */

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "slip-estate-files.h"
#include "slip-json.h"
#include "slip-print.h"
#include "slip-scenario.h"
#include "slip-server.h"
#include "slip-service-file.h"
#include "slip-task.h"

typedef struct
{
  char *scenario;
  char *state;
  char *address;
  int port;
  double speed;
  gboolean die_with_parent;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->scenario);
  g_free (options->state);
  g_free (options->address);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char description[]
    = "Serves a rehearsal estate in AWS's own protocols on a loopback address. When it is ready "
      "it\n"
      "prints a line endpoint=http://127.0.0.1:PORT. DIR then holds aws/config and "
      "aws/credentials\n"
      "with one profile per environment, and workspace.json for Slipway:\n"
      "\n"
      "  AWS_CONFIG_FILE=DIR/aws/config AWS_SHARED_CREDENTIALS_FILE=DIR/aws/credentials \\\n"
      "    aws --profile production rds describe-db-clusters\n"
      "\n"
      "The world in DIR is durable: started again, even after it was killed, the server goes on\n"
      "with it. The scenario is read only when DIR is new. SIGTERM or SIGINT ends the server and\n"
      "what it started.\n"
      "\n"
      "slipway-rehearsal task NAME is what the containers of the ordered restore tasks run:\n"
      "copy-shared-snapshot or restore-database-snapshot, told by environment variables.\n"
      "\n"
      "Exit status: 0 ended as told, 1 it failed, 2 wrong usage.";

static gboolean
check_options (Options *options, GError **error)
{
  if (options->state == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--state DIR is missing");
  else if (options->port < 0 || options->port > 65535)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--port %d is not between 0 and 65535", options->port);
  else if (!(options->speed >= 1 && options->speed <= 1e6))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--speed is not between 1 and 1000000");
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse_options (Options *options, int argc, char **argv, GError **error)
{
  GOptionEntry entries[] = {
      {"scenario", 0, 0, G_OPTION_ARG_STRING, &options->scenario,
       "What a new world holds: a name or a file (sirius)", "NAME|FILE"},
      {"state", 0, 0, G_OPTION_ARG_FILENAME, &options->state, "Where the world is kept", "DIR"},
      {"port", 0, 0, G_OPTION_ARG_INT, &options->port,
       "Port to listen on; 0 picks one, the same as before if that is free (0)", "N"},
      {"listen", 0, 0, G_OPTION_ARG_STRING, &options->address,
       "Loopback address to listen on (127.0.0.1)", "ADDRESS"},
      {"speed", 0, 0, G_OPTION_ARG_DOUBLE, &options->speed,
       "How much faster than AWS things happen (1)", "X"},
      {"die-with-parent", 0, 0, G_OPTION_ARG_NONE, &options->die_with_parent,
       "End when the process that started this one ends", NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  options->speed = 1;
  g_option_context_set_summary (context, "Stand-in for AWS on this machine, to rehearse on.");
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "argument %s is unknown", argv[1]);
      return FALSE;
    }
  return check_options (options, error);
}

static SlipWorldVerdict
judge (const SlipTransition *transition, char **reason, gpointer data)
{
  const SlipFault *fault;

  if (slip_faults_match_transition (data, SLIP_FAULT_STUCK, transition) != NULL)
    return SLIP_WORLD_STUCK;
  fault = slip_faults_match_transition (data, SLIP_FAULT_FAIL, transition);
  if (fault == NULL)
    return SLIP_WORLD_HAPPENS;
  *reason = g_strdup (fault->message != NULL ? fault->message : "An internal error occurred.");
  return SLIP_WORLD_FAILS;
}

static gboolean
set_scenario_faults (SlipScenario *scenario, SlipFaults *faults, GError **error)
{
  JsonArray *list = slip_json_array (slip_scenario_get_root (scenario), "faults");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (slip_faults_add (faults, json_array_get_object_element (list, i), error) == 0)
      return FALSE;
  return TRUE;
}

/* A new world is made from the scenario; an old one must be of the scenario asked for. */
static gboolean
fill_world (SlipWorld *world, SlipFaults *faults, const char *name, GError **error)
{
  const char *known = slip_world_get_setting (world, "scenario");
  g_autoptr (SlipScenario) scenario = NULL;

  if (known != NULL && (name == NULL || g_str_equal (known, name)))
    return TRUE;
  scenario = slip_scenario_load (name != NULL ? name : "sirius", error);
  if (scenario == NULL)
    return FALSE;
  if (known == NULL)
    return slip_scenario_seed (scenario, world, error)
           && set_scenario_faults (scenario, faults, error);
  if (g_str_equal (known, slip_scenario_get_name (scenario)))
    return TRUE;
  g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
               "state folder %s holds scenario %s, not %s. Choose another --state folder.",
               slip_world_get_folder (world), known, slip_scenario_get_name (scenario));
  return FALSE;
}

static void
attach_services (SlipWorld *world)
{
  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    if ((*service)->attach != NULL)
      (*service)->attach (world);
}

static gboolean
start_services (SlipWorld *world, GError **error)
{
  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    if ((*service)->start != NULL && !(*service)->start (world, error))
      {
        g_prefix_error (error, "%s: ", (*service)->name);
        return FALSE;
      }
  return TRUE;
}

static void
stop_services (SlipWorld *world)
{
  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    if ((*service)->stop != NULL)
      (*service)->stop (world);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

/* Port 0 takes the one this world had before, if it is free, and any other else. Plans and runs are
 * bound to their endpoints: one begun before the server was started again goes on only there. */
static gboolean
listen_at (SlipServer *server, const Options *options, SlipWorld *world, GError **error)
{
  const char *address = options->address != NULL ? options->address : "127.0.0.1";
  const char *before = slip_world_get_setting (world, "port");
  guint port = (guint)options->port;
  g_autoptr (GUri) uri = NULL;
  g_autofree char *text = NULL;

  if (port == 0 && before != NULL)
    port = (guint)g_ascii_strtoull (before, NULL, 10);
  if ((options->port != 0 || port == 0 || !slip_server_listen (server, address, port, NULL))
      && !slip_server_listen (server, address, (guint)options->port, error))
    return FALSE;
  uri = g_uri_parse (slip_server_get_endpoint (server), G_URI_FLAGS_NONE, error);
  if (uri == NULL)
    return FALSE;
  text = g_strdup_printf ("%d", g_uri_get_port (uri));
  slip_world_begin (world);
  slip_world_set_setting (world, "port", text);
  slip_world_set_setting (world, "endpoint", slip_server_get_endpoint (server));
  return slip_world_commit (world, error);
}

static gboolean
serve (const Options *options, SlipWorld *world, SlipFaults *faults, GError **error)
{
  g_autoptr (SlipServer) server = slip_server_new (world, faults);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint term = g_unix_signal_add (SIGTERM, on_signal, loop);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, loop);
  gboolean good;

  good = listen_at (server, options, world, error) && start_services (world, error)
         && slip_estate_files_write (world, slip_server_get_endpoint (server), FALSE, error)
         && slip_service_file_keep (world, error);
  if (good)
    {
      slip_world_run (world);
      printf ("endpoint=%s\n", slip_server_get_endpoint (server));
      fflush (stdout);
      g_main_loop_run (loop);
    }
  g_source_remove (term);
  g_source_remove (interrupt);
  return good;
}

static gboolean
run (const Options *options, GError **error)
{
  g_autoptr (SlipWorld) world = slip_world_open (options->state, options->speed, error);
  g_autoptr (SlipFaults) faults = slip_faults_new ();
  gboolean good;

  if (world == NULL)
    return FALSE;
  slip_world_set_judge (world, judge, faults);
  attach_services (world);
  good = fill_world (world, faults, options->scenario, error)
         && serve (options, world, faults, error);
  slip_world_stop (world);
  stop_services (world);
  return good;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = {NULL};
  g_autoptr (GError) error = NULL;

  /* A limit on file sizes is an error that is told, as a full disk is. */
  signal (SIGXFSZ, SIG_IGN);
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  slip_print_install ();
  if (argc > 1 && g_str_equal (argv[1], "task"))
    return slip_task_main (argc - 2, argv + 2);
  if (!parse_options (&options, argc, argv, &error))
    {
      g_printerr ("slipway-rehearsal: %s\nTry slipway-rehearsal --help.\n", error->message);
      return 2;
    }
  if (options.die_with_parent)
    prctl (PR_SET_PDEATHSIG, SIGTERM);
  signal (SIGPIPE, SIG_IGN);
  if (run (&options, &error))
    return 0;
  g_printerr ("slipway-rehearsal: %s\n", error->message);
  return error->domain == SLIP_REHEARSAL_ERROR && error->code == SLIP_REHEARSAL_ERROR_ADDRESS ? 2
                                                                                              : 1;
}
