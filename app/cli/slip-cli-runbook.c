/* SPDX-License-Identifier: MIT */
/* slipwayctl runbook: lists, checks, shows and exports procedures, and lists what a parameter can be.
 * What it does to them is app/runbook's business. */

#include "config.h"

#include "slip-action.h"
#include "slip-caller-workspace.h"
#include "slip-cli-run.h"
#include "slip-clock.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-planner.h"
#include "slip-print.h"
#include "slip-runbook.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  gboolean json;
  gboolean ssm;
  char *output;
  char *format;
  char *environment;
  char **set;
} Options;

static int
print_json (JsonNode *node)
{
  g_autofree char *text = slip_json_to_text (node, TRUE);

  g_print ("%s\n", text);
  return SLIP_CLI_OK;
}

static JsonObject *
summary_of (SlipRunbook *runbook)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", slip_runbook_get_name (runbook));
  json_object_set_string_member (object, "title", slip_runbook_get_title (runbook));
  json_object_set_string_member (object, "source", slip_runbook_get_source (runbook));
  json_object_set_string_member (object, "sha256", slip_runbook_get_sha256 (runbook));
  return object;
}

static int
list_runbooks (Options *options)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = slip_runbook_list (&problems);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);

      if (options->json)
        json_array_add_object_element (array, summary_of (runbook));
      else
        g_print ("%-28s %s\n", slip_runbook_get_name (runbook), slip_runbook_get_title (runbook));
    }
  for (guint i = 0; i < problems->len; i++)
    g_printerr ("slipwayctl: %s\n", (const char *)g_ptr_array_index (problems, i));
  if (options->json)
    {
      g_autoptr (JsonNode) node = slip_json_new_array (g_steal_pointer (&array));

      print_json (node);
    }
  return problems->len > 0 ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}

static JsonObject *
fault_object (const char *file, const SlipFault *fault)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "file", file);
  json_object_set_int_member (object, "line", fault->line);
  json_object_set_int_member (object, "column", fault->column);
  json_object_set_string_member (object, "path", fault->path);
  json_object_set_string_member (object, "message", fault->message);
  return object;
}

/* Prints what is wrong with one file, as compilers do, so that editors find the place. Whether
 * nothing is. */
static gboolean
check_file (Options *options, const char *file, JsonArray *all)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_test (file, G_FILE_TEST_EXISTS)
                              ? g_strdup (file)
                              : slip_runbook_dup_path (file, &error);
  g_autoptr (SlipRunbook) runbook = NULL;

  if (path == NULL)
    {
      g_printerr ("slipwayctl: %s\n", error->message);
      return FALSE;
    }
  runbook = slip_runbook_load (path, &faults, &error);
  if (runbook != NULL)
    {
      if (!options->json)
        g_print (_ ("%s: no faults\n"), file);
      return TRUE;
    }
  if (faults->len == 0)
    g_printerr ("slipwayctl: %s\n", error->message);
  for (guint i = 0; i < faults->len; i++)
    {
      const SlipFault *fault = g_ptr_array_index (faults, i);
      g_autofree char *text = slip_fault_to_text (fault);

      if (options->json)
        json_array_add_object_element (all, fault_object (file, fault));
      else
        g_print ("%s:%s%s\n", path, fault->line == 0 ? " " : "", text);
    }
  return FALSE;
}

static int
check_files (Options *options, int argc, char **argv)
{
  g_autoptr (JsonArray) faults = json_array_new ();
  gboolean fine = TRUE;

  if (argc == 0)
    return slip_cli_usage_error (_ ("runbook check needs at least one FILE"));
  for (int i = 0; i < argc; i++)
    fine = check_file (options, argv[i], faults) && fine;
  if (options->json)
    {
      g_autoptr (JsonNode) node = slip_json_new_array (g_steal_pointer (&faults));

      print_json (node);
    }
  return fine ? SLIP_CLI_OK : SLIP_CLI_FAILED;
}

static void
show_parameters (SlipRunbook *runbook)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);

  g_print (_ ("\nParameters:\n"));
  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      JsonNode *value = slip_runbook_parameter_get_default (parameter);
      g_autofree char *text = value != NULL ? slip_json_to_text (value, FALSE) : NULL;

      g_print ("  %-24s %-10s %s%s%s\n", slip_runbook_parameter_get_name (parameter),
               slip_parameter_type_name (slip_runbook_parameter_get_parameter_type (parameter)),
               slip_runbook_parameter_get_title (parameter),
               slip_runbook_parameter_is_required (parameter) ? _ (" (required)") : "",
               slip_runbook_parameter_is_destructive (parameter) ? _ (" (destroys)") : "");
      if (slip_runbook_parameter_get_setting (parameter) != NULL)
        g_print (_ ("      from the environment's setting %s\n"),
                 slip_runbook_parameter_get_setting (parameter));
      if (slip_runbook_parameter_get_derive (parameter) != NULL)
        g_print (_ ("      derived: %s\n"), slip_runbook_parameter_get_derive (parameter));
      if (text != NULL)
        g_print (_ ("      default: %s\n"), text);
      if (slip_runbook_parameter_get_choices (parameter) != NULL)
        g_print (_ ("      to choose from: slipwayctl runbook choices %s %s -e ENVIRONMENT\n"),
                 slip_runbook_get_name (runbook), slip_runbook_parameter_get_name (parameter));
    }
}

static void
show_steps (JsonArray *steps, const char *indent)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");
      const char *title = slipway != NULL ? slip_json_string (slipway, "title") : NULL;
      const char *service = inputs != NULL ? slip_json_string (inputs, "Service") : NULL;
      const char *api = inputs != NULL ? slip_json_string (inputs, "Api") : NULL;

      g_print ("%s%2u  %-24s %s%s%s%s%s%s\n", indent, i + 1, slip_json_string (step, "name"),
               slip_json_string (step, "action"), service != NULL ? " " : "",
               service != NULL ? service : "", api != NULL ? ":" : "", api != NULL ? api : "", "");
      if (title != NULL)
        g_print ("%s    %s\n", indent, title);
      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        show_steps (slip_json_array (inputs, "Steps"), "      ");
    }
}

static int
show_runbook (Options *options, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;

  if (name == NULL)
    return slip_cli_usage_error (_ ("runbook show needs a NAME"));
  runbook = slip_runbook_find (name, &error);
  if (runbook == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (options->json)
    {
      g_autoptr (JsonNode) node
          = json_node_init_object (json_node_alloc (), slip_runbook_get_root (runbook));

      return print_json (node);
    }
  g_print ("%s — %s\n%s\nsha256 %s\n\n%s\n", slip_runbook_get_name (runbook),
           slip_runbook_get_title (runbook), slip_runbook_get_source (runbook),
           slip_runbook_get_sha256 (runbook), slip_runbook_get_description (runbook));
  show_parameters (runbook);
  g_print (_ ("\nSteps:\n"));
  show_steps (slip_runbook_get_steps (runbook), "  ");
  return SLIP_CLI_OK;
}

static int
write_text (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (path == NULL || g_str_equal (path, "-"))
    {
      g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
      return SLIP_CLI_OK;
    }
  if (!slip_file_write_atomic (path, text, -1, 0644, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  return SLIP_CLI_OK;
}

static int
export_runbook (Options *options, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autofree char *text = NULL;
  SlipRunbookFormat format = SLIP_RUNBOOK_YAML;

  if (name == NULL)
    return slip_cli_usage_error (_ ("runbook export needs a NAME"));
  if (!options->ssm)
    return slip_cli_usage_error (_ ("runbook export needs --ssm, the only form there is"));
  if (g_strcmp0 (options->format, "json") == 0)
    format = SLIP_RUNBOOK_JSON;
  else if (options->format != NULL && !g_str_equal (options->format, "yaml"))
    return slip_cli_usage_error (_ ("--format is yaml or json, not %s"), options->format);
  runbook = slip_runbook_find (name, &error);
  if (runbook == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  text = slip_runbook_export_ssm (runbook, format, &error);
  if (text == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  return write_text (options->output, text);
}

/* ---- choices */

static void
print_choice (JsonObject *choice)
{
  const char *value = slip_json_string (choice, "value");
  const char *title = slip_json_string (choice, "title");
  const char *time = slip_json_string (choice, "time");
  const char *state = slip_json_string (choice, "state");
  g_autofree char *line = NULL;
  gint64 made;

  if (value == NULL)
    return;
  line = slip_print_one_line (value, 0);
  g_print ("%s", line);
  if (title != NULL && !g_str_has_suffix (value, title))
    {
      g_autofree char *said = slip_print_one_line (title, 0);

      g_print ("  %s", said);
    }
  if (time != NULL && slip_time_parse (time, &made))
    {
      g_autofree char *age
          = slip_duration_format ((double)(g_get_real_time () - made) / G_USEC_PER_SEC);

      if (slip_json_bool (choice, "copied", FALSE))
        g_print (_ ("  copied %s, %s ago: its data is older"), time, age);
      else
        g_print (_ ("  of %s, %s old"), time, age);
    }
  if (state != NULL)
    {
      g_autofree char *said = slip_print_one_line (state, 0);

      g_print ("  %s", said);
    }
  g_print ("\n");
}

static int
print_choices (Options *options, JsonArray *choices)
{
  if (options->json)
    {
      g_autoptr (JsonNode) node = slip_json_new_array (json_array_ref (choices));

      return print_json (node);
    }
  for (guint i = 0; i < json_array_get_length (choices); i++)
    print_choice (json_array_get_object_element (choices, i));
  if (json_array_get_length (choices) == 0)
    g_printerr (_ ("slipwayctl: there is nothing to choose from\n"));
  return SLIP_CLI_OK;
}

/* Choices depend on what the form holds: what was given, and the defaults of the rest. */
static JsonObject *
dup_parameters (Options *options, SlipRunbook *runbook, SlipCaller *caller, GError **error)
{
  g_autoptr (JsonObject) given = json_object_new ();
  g_autoptr (JsonObject) facts = slip_caller_dup_environment (caller, options->environment);

  for (char **set = options->set; set != NULL && *set != NULL; set++)
    if (!slip_cli_set_parameter (runbook, *set, given, error))
      return NULL;
  return slip_planner_default_parameters (runbook, facts, given, g_get_real_time ());
}

/* How a value is given here; in the window it is another field. */
static void
tell_missing (SlipRunbookParameter *missing, GError *error)
{
  char *told;

  if (missing == NULL)
    return;
  told = g_strdup_printf (_ ("%s\nIt is given with --set %s=VALUE"), error->message,
                          slip_runbook_parameter_get_name (missing));
  g_free (error->message);
  error->message = told;
}

static int
list_choices (SlipCli *cli, Options *options, const char *name, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find (name, &error);
  SlipRunbookParameter *parameter
      = runbook != NULL ? slip_runbook_find_parameter (runbook, wanted) : NULL;
  g_autoptr (SlipWorkspace) workspace = NULL;
  g_autoptr (SlipCaller) caller = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  g_autoptr (JsonArray) choices = NULL;

  if (runbook == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (parameter == NULL)
    return slip_cli_usage_error (_ ("the runbook %s has no parameter %s. See slipwayctl runbook "
                                    "show %s"),
                                 name, wanted, name);
  if (slip_runbook_parameter_get_choices (parameter) == NULL)
    return slip_cli_usage_error (_ ("%s is not chosen from a list. It is: %s"), wanted,
                                 slip_runbook_parameter_get_description (parameter));
  if (options->environment == NULL)
    return slip_cli_usage_error (_ ("name the environment with --environment NAME"));
  workspace = slip_cli_load_workspace (cli);
  if (workspace == NULL)
    return SLIP_CLI_USAGE;
  if (slip_workspace_find (workspace, options->environment) == NULL)
    return slip_cli_no_environment (workspace, options->environment);
  caller = slip_caller_new_for_workspace (workspace);
  parameters = dup_parameters (options, runbook, caller, &error);
  if (parameters != NULL)
    choices = slip_planner_list_choices (runbook, parameter, caller, options->environment,
                                         parameters, NULL, &error);
  if (choices == NULL && parameters != NULL)
    tell_missing (
        slip_planner_find_missing (runbook, parameter, caller, options->environment, parameters),
        error);
  if (choices == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  return print_choices (options, choices);
}

static int
dispatch (SlipCli *cli, Options *options, int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : NULL;
  const char *name = argc > 2 ? argv[2] : NULL;

  if (verb == NULL)
    return slip_cli_usage_error (_ ("runbook needs one of: list, check, show, export, choices"));
  if (g_str_equal (verb, "check"))
    return check_files (options, argc - 2, argv + 2);
  if (g_str_equal (verb, "choices"))
    return argc == 4 ? list_choices (cli, options, name, argv[3])
                     : slip_cli_usage_error (_ ("runbook choices needs a NAME and a PARAMETER"));
  if (argc > 3 || (argc > 2 && g_str_equal (verb, "list")))
    return slip_cli_usage_error (_ ("“%s” is one word too many"), argv[argc - 1]);
  if (g_str_equal (verb, "list"))
    return list_runbooks (options);
  if (g_str_equal (verb, "show"))
    return show_runbook (options, name);
  if (g_str_equal (verb, "export"))
    return export_runbook (options, name);
  return slip_cli_usage_error (_ ("there is no runbook %s. There are: list, check, show, export, "
                                  "choices"),
                               verb);
}

int
slip_cli_runbook (SlipCli *cli, int argc, char **argv)
{
  Options options = {0};
  int status;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("print JSON"), NULL},
      {"ssm", 0, 0, G_OPTION_ARG_NONE, &options.ssm,
       N_ ("export: as AWS Systems Manager takes it (ssm:CreateDocument)"), NULL},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_ ("export: write to FILE instead of standard output"), N_ ("FILE")},
      {"format", 0, 0, G_OPTION_ARG_STRING, &options.format, N_ ("export: yaml (default) or json"),
       N_ ("FORMAT")},
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &options.environment,
       N_ ("choices: where to look"), N_ ("NAME")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.set,
       N_ ("choices: a parameter that they depend on"), N_ ("NAME=VALUE")},
      G_OPTION_ENTRY_NULL,
  };

  if (slip_cli_parse (
          entries, "runbook list|check FILE…|show NAME|export --ssm NAME|choices NAME PARAMETER",
          _ ("Lists, checks, shows and exports runbooks. NAME is that of a built-in runbook or of "
             "one in\n"
             "$SLIPWAY_RUNBOOKS (else ~/.local/share/slipway/runbooks), or the path of a file. "
             "“choices”\n"
             "reads from AWS what a parameter can be, the snapshots or recovery points of a "
             "restore for\n"
             "instance, newest first and with the age of their data."),
          &argc, &argv, &status))
    status = dispatch (cli, &options, argc, argv);
  g_free (options.output);
  g_free (options.format);
  g_free (options.environment);
  g_strfreev (options.set);
  return status;
}
