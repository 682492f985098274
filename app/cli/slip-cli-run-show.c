/* SPDX-License-Identifier: MIT */
/* What `slipwayctl run` prints of runs: the list, one run with its steps, and how a run that was
 * followed stands, with the exact command to go on with. */

#include "config.h"

#include "slip-cli-run.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-print.h"
#include "slip-redact.h"
#include "slip-run-commands.h"

#include <glib/gi18n.h>

static gboolean
was_given (const char *value, const char *variable, const char *folder, const char *name)
{
  const char *set = g_getenv (variable);
  g_autofree char *usual = set != NULL && *set != '\0'
                               ? g_strdup (set)
                               : g_build_filename (folder, "slipway", name, NULL);

  return g_strcmp0 (usual, value) != 0;
}

char *
slip_cli_run_command (SlipCliRun *run, const char *verb, const char *id)
{
  GString *command = g_string_new ("slipwayctl");

  if (was_given (run->cli->workspace_path, "SLIPWAY_WORKSPACE", g_get_user_config_dir (),
                 "workspace.json"))
    {
      g_autofree char *quoted = g_shell_quote (run->cli->workspace_path);

      g_string_append_printf (command, " --workspace %s", quoted);
    }
  if (was_given (run->cli->state_dir, "SLIPWAY_STATE_DIR", g_get_user_state_dir (), NULL))
    {
      g_autofree char *quoted = g_shell_quote (run->cli->state_dir);

      g_string_append_printf (command, " --state %s", quoted);
    }
  g_string_append_printf (command, " run %s %s", verb, id);
  return g_string_free (command, FALSE);
}

/* ---- list */

static JsonNode *
list_to_json (GPtrArray *runs)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < runs->len; i++)
    {
      SlipRunSummary *summary = g_ptr_array_index (runs, i);
      JsonObject *object = json_object_new ();
      g_autofree char *planned = slip_time_format (summary->planned);
      g_autofree char *changed = slip_time_format (summary->changed);
      const char *const texts[][2] = {
          {"id", summary->id},           {"title", summary->title},
          {"runbook", summary->runbook}, {"environment", summary->environment},
          {"account", summary->account}, {"plan_sha256", summary->plan_hash},
          {"actor", summary->actor},     {"state", slip_run_state_get_name (summary->state)},
          {"message", summary->message}, {"planned", planned},
          {"changed", changed},
      };

      for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
        if (texts[j][1] != NULL)
          json_object_set_string_member (object, texts[j][0], texts[j][1]);
      json_object_set_int_member (object, "steps", summary->steps);
      json_object_set_int_member (object, "steps_done", summary->steps_done);
      json_array_add_object_element (array, object);
    }
  return slip_json_new_array (array);
}

int
slip_cli_run_list (SlipCliRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = slip_run_list (run->ledger, &error);

  if (runs == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (run->json)
    {
      g_autoptr (JsonNode) node = list_to_json (runs);
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
      return SLIP_CLI_OK;
    }
  for (guint i = 0; i < runs->len; i++)
    {
      SlipRunSummary *summary = g_ptr_array_index (runs, i);

      g_print ("%-26s %-18s %3u/%-3u %-14s %s\n", summary->id,
               slip_run_state_get_name (summary->state), summary->steps_done, summary->steps,
               summary->environment != NULL ? summary->environment : "-", summary->title);
    }
  return SLIP_CLI_OK;
}

/* ---- show */

double
slip_cli_run_speed (SlipCliRun *run, const char *name)
{
  SlipEnvironment *environment
      = run->workspace != NULL ? slip_workspace_find (run->workspace, name) : NULL;

  return environment != NULL ? slip_environment_get_speed (environment) : 1;
}

static char *
make_leftover (JsonObject *left)
{
  const char *title = slip_json_string (left, "title");
  const char *cost = slip_json_string (left, "cost");
  const char *lost = slip_json_string (left, "lost");

  if (title == NULL)
    title = slip_json_string (left, "step");
  if (lost != NULL)
    return g_strdup_printf ("  %s: %s\n      %s", title, slip_json_string (left, "what"), lost);
  return g_strdup_printf (
      "  %s: %s%s\n      %s%s%s", title, slip_json_string (left, "what"),
      slip_json_bool (left, "gone", FALSE) ? _ (" (this takes away; to get it back:)") : "",
      slip_json_string (left, "undo"), cost != NULL ? "\n      " : "", cost != NULL ? cost : "");
}

/* What is there, or what was there and is @lost, under a heading of its own. */
static void
print_some_leftovers (JsonArray *leftovers,
                      gboolean lost,
                      const char *heading,
                      void (*print) (const char *line))
{
  for (guint i = 0; i < json_array_get_length (leftovers); i++)
    {
      JsonObject *left = json_array_get_object_element (leftovers, i);
      g_autofree char *line = make_leftover (left);

      if ((slip_json_string (left, "lost") != NULL) != lost)
        continue;
      if (heading != NULL)
        print (g_steal_pointer (&heading));
      print (line);
    }
}

static void
print_leftovers (SlipRun *shown, void (*print) (const char *line))
{
  JsonArray *leftovers = slip_run_get_leftovers (shown);

  if (leftovers == NULL)
    return;
  print_some_leftovers (leftovers, FALSE,
                        _ ("what was changed, and how to take it back, in this order:"), print);
  print_some_leftovers (leftovers, TRUE, _ ("what is not there any more:"), print);
}

static void
print_out (const char *line)
{
  g_print ("%s\n", line);
}

static void
print_err (const char *line)
{
  g_autofree char *redacted = slip_redact_text (line);

  g_printerr ("%s\n", redacted);
}

/* What went wrong may have several lines, and some are a service's words: only the first begins a line. */
static char *
indent (const char *message)
{
  g_auto (GStrv) lines = g_strsplit (message, "\n", -1);

  return g_strjoinv ("\n    ", lines);
}

static void
print_progress (SlipRun *shown)
{
  double seconds = slip_run_get_remaining (shown);
  SlipRunState state = slip_run_get_state (shown);

  if (state == SLIP_RUN_DONE || state == SLIP_RUN_CANCELLED || slip_run_get_started (shown) == 0)
    return;
  if (seconds >= 90)
    g_print (_ ("%.0f %% done, about %.0f min left\n"), slip_run_get_progress (shown) * 100,
             seconds / 60);
  else
    g_print (_ ("%.0f %% done\n"), slip_run_get_progress (shown) * 100);
}

/* What tasks wrote is in files beside the audit log; a state machine has one for each state. */
static void
print_logs (JsonObject *outputs)
{
  JsonArray *states = outputs != NULL ? slip_json_array (outputs, "States") : NULL;
  const char *file = outputs != NULL ? slip_json_string (outputs, "logFile") : NULL;

  if (file != NULL)
    g_print (_ ("                       log: %s\n"), file);
  for (guint i = 0; states != NULL && i < json_array_get_length (states); i++)
    {
      JsonObject *state = slip_json_node_object (json_array_get_element (states, i));

      file = state != NULL ? slip_json_string (state, "logFile") : NULL;
      if (file != NULL)
        g_print (_ ("                       log of %s: %s\n"), slip_json_string (state, "name"),
                 file);
    }
}

static void
print_step (SlipRunStep *step)
{
  const char *told = slip_run_step_get_detail (step);
  g_autofree char *detail = told != NULL ? slip_print_one_line (told, 0) : NULL;
  gint64 finished = slip_run_step_get_finished (step);
  g_autofree char *time
      = slip_time_format (finished != 0 ? finished : slip_run_step_get_started (step));

  g_print ("  %2u  %-16s %-20s %s%s%s%s\n",
           slip_plan_step_get_index (slip_run_step_get_plan_step (step)) + 1,
           slip_run_step_state_get_name (slip_run_step_get_state (step)),
           slip_run_step_get_started (step) != 0 ? time : "-", slip_run_step_get_title (step),
           detail != NULL ? " (" : "", detail != NULL ? detail : "", detail != NULL ? ")" : "");
  if (slip_run_step_get_cosigned_by (step) != NULL)
    g_print (_ ("                       cosigned by %s\n"), slip_run_step_get_cosigned_by (step));
  print_logs (slip_run_step_get_outputs (step));
}

/* Two commands of two people: the whole of what the second one is given, and what takes their answer. */
static char *
dup_pair_way (SlipCliRun *run, SlipRun *shown)
{
  g_autofree char *words = slip_run_dup_cosign_words (shown);
  g_autofree char *file = slip_run_dup_cosign_file (shown);
  g_autofree char *plan = slip_cli_run_command (run, "plan", slip_run_get_id (shown));
  g_autofree char *resume = slip_cli_run_command (run, "resume", slip_run_get_id (shown));

  if (words == NULL)
    return NULL;
  return g_strdup_printf (
      _ ("the second person, signed in on a workstation of their own, with this "
         "run's plan (%s > plan.json), looks and vouches for it:\n"
         "slipwayctl cosign plan.json %s -o %s\n"
         "within 15 minutes, here: %s --cosign %s"),
      plan, words, file, resume, file);
}

int
slip_cli_run_show (SlipCliRun *run, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRun) shown = slip_run_load (run->ledger, id, &error);
  g_autofree char *pair = NULL;

  if (shown == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  slip_run_set_speed (shown, slip_cli_run_speed (run, slip_run_get_environment (shown)));
  if (run->json)
    {
      g_autoptr (JsonNode) node = slip_run_to_json (shown);
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
      return SLIP_CLI_OK;
    }
  g_print (_ ("%s\n%s on %s: %s\nplan %s\n"), slip_run_get_id (shown), slip_run_get_title (shown),
           slip_run_get_environment (shown), slip_run_state_get_name (slip_run_get_state (shown)),
           slip_run_get_plan_hash (shown));
  if (slip_run_get_message (shown) != NULL)
    {
      g_autofree char *message = indent (slip_run_get_message (shown));

      g_print ("%s\n", message);
    }
  print_progress (shown);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (shown)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (shown), i);

      print_step (step);
    }
  print_leftovers (shown, print_out);
  pair = dup_pair_way (run, shown);
  if (pair != NULL)
    print_out (pair);
  return SLIP_CLI_OK;
}

/* ---- by hand */

int
slip_cli_run_commands (SlipCliRun *run, SlipRun *shown, SlipWorkspace *workspace)
{
  JsonArray *commands = slip_run_list_commands (shown, workspace);
  g_autoptr (JsonNode) node = slip_json_new_array (commands);
  SlipRunState state = slip_run_get_state (shown);
  g_autofree char *cancel = slip_cli_run_command (run, "cancel", slip_run_get_id (shown));

  if (run->json)
    {
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
      return SLIP_CLI_OK;
    }
  g_print (_ ("# %s, run %s: %s\n"), slip_run_get_title (shown), slip_run_get_id (shown),
           slip_run_state_get_name (state));
  if (json_array_get_length (commands) == 0)
    g_print (_ ("# Nothing is left to do.\n"));
  else
    {
      g_autofree char *script = slip_run_commands_to_script (commands);

      if (state != SLIP_RUN_CANCELLED)
        g_print (_ ("# Before you go on by hand, end the run, so that nobody does both:\n# %s\n"),
                 cancel);
      g_print (_ ("# Read each before you run it. This is not a script to run as a whole.\n\n%s"),
               script);
    }
  return SLIP_CLI_OK;
}

/* ---- report */

static char *
way_on (SlipCliRun *run, SlipRun *shown)
{
  g_autofree char *resume = slip_cli_run_command (run, "resume", slip_run_get_id (shown));
  g_autofree char *decide = slip_cli_run_command (run, "decide", slip_run_get_id (shown));
  g_autofree char *approve = slip_cli_run_command (run, "approve", slip_run_get_id (shown));
  g_autofree char *commands = slip_cli_run_command (run, "commands", slip_run_get_id (shown));
  const char *step = slip_run_get_need_step (shown);
  const char *text = slip_run_get_need_text (shown);
  g_autofree char *name = slip_run_dup_need_name (shown);

  switch (slip_run_get_state (shown))
    {
    case SLIP_RUN_NEEDS_SIGN_IN:
      return g_strdup_printf (_ ("sign in, then: %s"), resume);
    case SLIP_RUN_NEEDS_DECISION:
      return g_strdup_printf (_ ("look at AWS, then: %s %s did (or did-not), then: %s"), decide,
                              step, resume);
    case SLIP_RUN_NEEDS_CONFIRMATION:
      if (slip_run_get_need_guard (shown) != NULL)
        return g_strdup_printf (_ ("go on with: %s, or, when you have looked: %s --attest %s=NOTE"),
                                resume, resume, name);
      if (text != NULL)
        return g_strdup_printf (_ ("go on with: %s --confirm %s=%s"), resume, step, text);
      return slip_run_needs_attestation (shown)
                 ? g_strdup_printf (_ ("go on with: %s --attest %s=NOTE"), resume, step)
                 : g_strdup_printf (_ ("go on with: %s --confirm %s"), resume, step);
    case SLIP_RUN_NEEDS_APPROVAL:
      if (slip_run_get_need_says (shown) != NULL)
        return dup_pair_way (run, shown);
      return g_strdup_printf (_ ("approve with: %s %s, then: %s"), approve, step, resume);
    case SLIP_RUN_FAILED:
      return g_strdup_printf (_ ("mend the cause, then: %s\nor finish it by hand, with: %s"),
                              resume, commands);
    case SLIP_RUN_PLANNED:
      return NULL;
    case SLIP_RUN_CANCELLED:
      return g_strdup (_ ("it is over; plan a new run"));
    case SLIP_RUN_APPROVED:
    case SLIP_RUN_RUNNING:
    case SLIP_RUN_PAUSED:
    case SLIP_RUN_INTERRUPTED:
    case SLIP_RUN_DONE:
      break;
    }
  return g_strdup_printf (_ ("go on with: %s"), resume);
}

static void
print_indented (const char *message)
{
  g_autofree char *text = indent (message);

  print_err (text);
}

static void
report_in_words (SlipCliRun *run, SlipRun *shown, const GError *error)
{
  gboolean done = slip_run_get_state (shown) == SLIP_RUN_DONE;
  const char *message = slip_run_get_message (shown);
  g_autofree char *way = NULL;

  g_printerr (_ ("run %s is %s\n"), slip_run_get_id (shown),
              slip_run_state_get_name (slip_run_get_state (shown)));
  if (done)
    return;
  if (message != NULL)
    print_indented (message);
  if (error != NULL && g_strcmp0 (error->message, message) != 0)
    print_indented (error->message);
  print_leftovers (shown, print_err);
  way = way_on (run, shown);
  if (way != NULL)
    print_err (way);
}

int
slip_cli_run_report (SlipCliRun *run, SlipRun *shown, const GError *error)
{
  gboolean done = slip_run_get_state (shown) == SLIP_RUN_DONE;

  report_in_words (run, shown, error);
  if (run->json)
    {
      g_autoptr (JsonNode) node = slip_run_to_json (shown);
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
    }
  else
    g_print ("%s\n", slip_run_get_id (shown));
  return done ? SLIP_CLI_OK : SLIP_CLI_FAILED;
}
