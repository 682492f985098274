/* SPDX-License-Identifier: MIT */
/* slipwayctl plan: turns a runbook into a plan and prints it for reading, with the preflight and the
 * point of no return, or writes it as JSON. It changes nothing. */

#include "config.h"

#include "slip-caller-workspace.h"
#include "slip-cli-run.h"
#include "slip-clock.h"
#include "slip-durations.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-plan-file.h"
#include "slip-planner.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_PARAMETERS_BYTES (1024 * 1024)

typedef struct
{
  char *environment;
  char **set;
  char *parameters;
  char *started;
  char *output;
  gboolean json;
  gboolean requests;
} Options;

static gboolean
read_parameters_file (const char *text, JsonObject *parameters, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *data = text;
  gsize length = strlen (text);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (*text == '@')
    {
      bytes = slip_file_read (text + 1, MAX_PARAMETERS_BYTES, error);
      if (bytes == NULL)
        return FALSE;
      data = g_bytes_get_data (bytes, &length);
    }
  node = slip_json_parse (data != NULL ? data : "", (gssize)length, error);
  if (node == NULL)
    return FALSE;
  if (slip_json_node_object (node) == NULL)
    {
      g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER,
                           _ ("the parameters must be a JSON object"));
      return FALSE;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (parameters, name, slip_json_copy (value));
  return TRUE;
}

gboolean
slip_cli_set_parameter (SlipRunbook *runbook,
                        const char *text,
                        JsonObject *parameters,
                        GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strndup (text, (gsize)(equals - text)) : NULL;
  SlipRunbookParameter *parameter
      = name != NULL ? slip_runbook_find_parameter (runbook, name) : NULL;
  JsonNode *value;

  if (equals == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER,
                 _ ("--set %s: expected NAME=VALUE"), text);
  else if (parameter == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER,
                 _ ("--set %s: the runbook %s has no such parameter"), text,
                 slip_runbook_get_name (runbook));
  if (parameter == NULL)
    return FALSE;
  value = slip_runbook_parameter_parse (parameter, equals + 1, error);
  if (value == NULL)
    return FALSE;
  json_object_set_member (parameters, name, value);
  return TRUE;
}

static JsonObject *
read_parameters (SlipRunbook *runbook, const char *parameters, char *const *set, GError **error)
{
  g_autoptr (JsonObject) result = json_object_new ();

  if (parameters != NULL && !read_parameters_file (parameters, result, error))
    return NULL;
  for (; set != NULL && *set != NULL; set++)
    if (!slip_cli_set_parameter (runbook, *set, result, error))
      return NULL;
  return g_steal_pointer (&result);
}

static char *
format_minutes (double minutes)
{
  return slip_duration_format (minutes * 60);
}

char *
slip_cli_dup_forecast (SlipWorkspace *workspace, SlipPlan *plan)
{
  const char *environment = slip_plan_get_environment (plan);
  SlipEnvironment *found = workspace != NULL && environment != NULL
                               ? slip_workspace_find (workspace, environment)
                               : NULL;
  double speed = found != NULL ? slip_environment_get_speed (found) : 1;
  g_autofree char *real = format_minutes (slip_plan_get_minutes (plan));
  g_autofree char *fast = slip_duration_format (slip_plan_get_seconds (plan, speed));

  if (speed <= 1)
    return g_steal_pointer (&real);
  return g_strdup_printf (_ ("%s on AWS, %s in this rehearsal"), real, fast);
}

/* Where the forecast comes from: a guess of the document is told from what was measured. */
static char *
format_forecast (SlipPlanStep *step)
{
  g_autofree char *minutes = format_minutes (slip_plan_step_get_minutes (step));
  guint runs = slip_plan_step_get_runs (step);

  if (runs == 0)
    return g_steal_pointer (&minutes);
  return g_strdup_printf (ngettext ("%s (from %u run)", "%s (from %u runs)", runs), minutes, runs);
}

static void
print_objectives (SlipPlan *plan)
{
  gint64 data = slip_plan_get_data_time (plan);
  g_autofree char *minutes = format_minutes (slip_plan_get_minutes (plan));
  g_autofree char *worst = format_minutes (slip_plan_get_p90_minutes (plan));
  g_autofree char *waiting = format_minutes (slip_plan_get_waiting_minutes (plan));
  guint remembered = slip_plan_get_n_remembered (plan);

  if (data != 0)
    {
      g_autofree char *time = slip_time_format (data);
      g_autofree char *age
          = slip_duration_format ((double)(g_get_real_time () - data) / G_USEC_PER_SEC);

      if (slip_plan_is_data_copied (plan))
        g_print (_ ("RPO: the data is older than %s (%s ago), when it was copied: the copy does "
                    "not tell when it "
                    "was saved. See its original\n"),
                 time, age);
      else
        g_print (_ ("RPO: the data is that of %s, %s old\n"), time, age);
    }
  /* Only what brings data back has an objective of recovery. */
  g_print ("%s ", data != 0 ? _ ("RTO:") : _ ("Takes:"));
  if (remembered > 0)
    g_print (_ ("about %s, at worst %s (%u of %u steps from earlier runs, the others from the "
                "document)\n"),
             minutes, worst, remembered, slip_plan_get_n_steps (plan));
  else
    g_print (_ ("about %s (from the document; no earlier run is in the audit log)\n"), minutes);
  g_print (_ ("     of that, %s are waiting for AWS\n\n"), waiting);
}

static const char *
state_mark (SlipGuardState state)
{
  switch (state)
    {
    case SLIP_GUARD_PASS:
      return "✓";
    case SLIP_GUARD_WARN:
      return "!";
    case SLIP_GUARD_BLOCK:
      return "✗";
    case SLIP_GUARD_UNPROVABLE:
    default:
      return "?";
    }
}

static void
print_guards (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);

  g_print (_ ("Preflight: %u hold, %u to look at, %u block, %u not provable\n"),
           slip_plan_count_guards (plan, SLIP_GUARD_PASS),
           slip_plan_count_guards (plan, SLIP_GUARD_WARN),
           slip_plan_count_guards (plan, SLIP_GUARD_BLOCK),
           slip_plan_count_guards (plan, SLIP_GUARD_UNPROVABLE));
  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) result = g_list_model_get_item (guards, i);
      const char *environment = slip_guard_result_get_environment (result);

      g_print ("  %s %-10s %s [%s]\n      %s\n", state_mark (slip_guard_result_get_state (result)),
               slip_guard_state_get_name (slip_guard_result_get_state (result)),
               slip_guard_result_get_title (result), environment != NULL ? environment : "",
               slip_guard_result_get_message (result));
    }
}

static void
print_request (SlipPlanStep *step)
{
  JsonNode *request = slip_plan_step_get_request (step);
  g_autofree char *text = request != NULL ? slip_json_to_text (request, TRUE) : NULL;
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  if (lines == NULL)
    return;
  g_print ("        %s:%s\n", slip_plan_step_get_service (step),
           slip_plan_step_get_operation (step));
  for (guint i = 0; lines[i] != NULL; i++)
    g_print ("        %s\n", lines[i]);
}

static void
print_step (SlipPlan *plan, SlipPlanStep *step, gboolean requests)
{
  g_autofree char *minutes = format_forecast (step);
  const char *undo = slip_plan_step_get_undo (step);
  gboolean elsewhere
      = g_strcmp0 (slip_plan_step_get_environment (step), slip_plan_get_environment (plan)) != 0;
  g_autofree char *where = elsewhere
                               ? g_strdup_printf ("%s %s", slip_plan_step_get_environment (step),
                                                  slip_plan_step_get_region (step))
                               : g_strdup (slip_plan_step_get_region (step));

  g_print (" %3u  %s%s\n      %s · %s · %s · %s\n", slip_plan_step_get_index (step) + 1,
           slip_plan_step_get_title (step),
           slip_plan_step_is_conditional (step) ? _ (" (perhaps)") : "",
           slip_plan_step_get_id (step), where,
           slip_aws_effect_name (slip_plan_step_get_effect (step)), minutes);
  if (undo != NULL)
    g_print (_ ("      undo: %s\n"), undo);
  if (requests)
    print_request (step);
}

static void
print_steps (SlipPlan *plan, gboolean requests)
{
  int last = slip_plan_get_point_of_no_return (plan);

  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      if ((int)i == last)
        g_print (_ ("────────────────────────  point of no return  ────────────────────────\n"));
      print_step (plan, slip_plan_get_step (plan, i), requests);
    }
}

static void
print_parameters (SlipPlan *plan)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, slip_plan_get_parameters (plan));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_autofree char *text = slip_json_to_text (value, FALSE);

      g_print ("  %-24s %s\n", name, text);
    }
}

static void
print_plan (SlipPlan *plan, SlipWorkspace *workspace, gboolean requests)
{
  g_autofree char *forecast = slip_cli_dup_forecast (workspace, plan);
  JsonObject *environment
      = slip_json_object (slip_plan_get_environments (plan), slip_plan_get_environment (plan));

  g_print ("%s — %s (%s)\n\n", slip_plan_get_title (plan), slip_plan_get_environment (plan),
           slip_json_string (environment, "account"));
  print_objectives (plan);
  g_print (_ ("Parameters:\n"));
  print_parameters (plan);
  g_print ("\n");
  print_guards (plan);
  g_print (_ ("\nSteps (about %s):\n"), forecast);
  print_steps (plan, requests);
  g_print (_ ("\nhash %s\n"), slip_plan_get_hash (plan));
  if (slip_plan_is_blocked (plan))
    g_print (_ ("A guard blocks: this plan cannot be approved.\n"));
}

static int
write_plan (SlipPlan *plan, SlipWorkspace *workspace, Options *options)
{
  g_autoptr (GError) error = NULL;

  if (options->output != NULL && !slip_plan_write_file (plan, options->output, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  if (options->json)
    {
      g_autofree char *text = slip_json_to_text (slip_plan_to_json (plan), TRUE);

      g_print ("%s\n", text);
    }
  else
    print_plan (plan, workspace, options->requests);
  return slip_plan_is_blocked (plan) ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}

/* What is wrong with the call itself, and not with AWS or the estate. */
static int
fail_plan (GError *error)
{
  gboolean usage = g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER)
                   || g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND)
                   || g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID)
                   || g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST);

  slip_cli_fail (error);
  return usage ? SLIP_CLI_USAGE : SLIP_CLI_FAILED;
}

static void
tell_waiting (const char *text, gpointer data)
{
  g_printerr ("slipwayctl: %s\n", text);
}

SlipPlan *
slip_cli_make_plan (SlipRunbook *runbook,
                    SlipWorkspace *workspace,
                    SlipLedger *ledger,
                    const char *environment,
                    JsonObject *parameters,
                    const char *started,
                    GError **error)
{
  g_autoptr (SlipCaller) caller = slip_caller_new_for_workspace (workspace);
  SlipEnvironment *found = slip_workspace_find (workspace, environment);
  g_autoptr (SlipClock) clock = found != NULL ? slip_environment_ref_clock (found) : NULL;
  const SlipPlannerOptions options = {
      .caller = caller,
      .clock = clock,
      .ledger = ledger,
      .environment = environment,
      .parameters = parameters,
      .started = started,
      .tell = tell_waiting,
  };
  g_autoptr (SlipPlan) plan = slip_planner_plan_full (runbook, &options, error);

  return plan != NULL ? slip_plan_remember (plan, ledger, workspace) : NULL;
}

static int
make_plan (SlipCli *cli, Options *options, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find (name, &error);
  g_autoptr (SlipWorkspace) workspace = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (SlipLedger) ledger = NULL;
  int unread = SLIP_CLI_OK;
  int status;

  if (runbook == NULL)
    return fail_plan (g_steal_pointer (&error));
  parameters = read_parameters (runbook, options->parameters, options->set, &error);
  if (parameters == NULL)
    return fail_plan (g_steal_pointer (&error));
  workspace = slip_cli_load_workspace (cli);
  if (workspace == NULL)
    return SLIP_CLI_USAGE;
  /* Runs are looked up there. Where that cannot be done the plan says so, and the command fails. */
  ledger = slip_cli_open_ledger_to_read (cli, &error);
  if (ledger == NULL)
    unread = slip_cli_fail (g_steal_pointer (&error));
  plan = slip_cli_make_plan (runbook, workspace, ledger, options->environment, parameters,
                             options->started, &error);
  if (plan == NULL)
    return fail_plan (g_steal_pointer (&error));
  status = write_plan (plan, workspace, options);
  return status != SLIP_CLI_OK ? status : unread;
}

static void
options_clear (Options *options)
{
  g_free (options->environment);
  g_strfreev (options->set);
  g_free (options->parameters);
  g_free (options->started);
  g_free (options->output);
}

int
slip_cli_plan (SlipCli *cli, int argc, char **argv)
{
  Options options = {0};
  int status;
  const GOptionEntry entries[] = {
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &options.environment,
       N_ ("where the runbook acts"), N_ ("NAME")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options.set, N_ ("a parameter's value"),
       N_ ("NAME=VALUE")},
      {"parameters", 'p', 0, G_OPTION_ARG_STRING, &options.parameters,
       N_ ("parameters as a JSON object"), N_ ("JSON|@FILE")},
      {"started", 0, 0, G_OPTION_ARG_STRING, &options.started,
       N_ ("derive names as if planned at TIME"), N_ ("TIME")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_ ("write the plan to FILE"),
       N_ ("FILE")},
      {"requests", 'r', 0, G_OPTION_ARG_NONE, &options.requests, N_ ("print each exact request"),
       NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("print the plan as JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  if (slip_cli_parse (entries, "plan RUNBOOK --environment NAME",
                      _ ("Reads what there is, evaluates every guard and prints what a run would "
                         "do, step for step.\n"
                         "Changes nothing. Exit status 1 when a guard blocks, or the audit log "
                         "cannot be read."),
                      &argc, &argv, &status))
    {
      if (argc != 2)
        status = slip_cli_usage_error (_ ("plan needs one RUNBOOK: a name or a file"));
      else if (options.environment == NULL)
        status = slip_cli_usage_error (_ ("plan needs --environment NAME"));
      else
        status = make_plan (cli, &options, argv[1]);
    }
  options_clear (&options);
  return status;
}
