/* SPDX-License-Identifier: MIT */
/* The rest of a run as commands for a shell. It says what the engine would do and nothing cleverer: a
 * person who finishes by hand should recognise the plan that they approved. */

#include "slip-run-commands-private.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-lost.h"
#include "slip-template.h"

#include <math.h>
#include <string.h>

#define DEFAULT_POLL 30

void
slip_run_commands_note (SlipRunCommands *commands, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  json_array_add_string_element (commands->notes, text);
}

void
slip_run_commands_add_line (SlipRunCommands *commands, const char *line)
{
  json_array_add_string_element (commands->lines, line);
}

/* ---- values */

static JsonNode *
lookup (const char *reference, gpointer data)
{
  return slip_run_fold_lookup (data, reference);
}

static const char *
find_selector (SlipPlanStep *step, const char *output)
{
  JsonArray *outputs = slip_plan_step_get_outputs (step);

  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      JsonObject *object = json_array_get_object_element (outputs, i);

      if (g_strcmp0 (slip_json_string (object, "Name"), output) == 0)
        return slip_json_string (object, "Selector");
    }
  return NULL;
}

/* Where a person finds what only an earlier step yields. */
static void
note_unknown (SlipRunCommands *commands, const char *reference)
{
  const char *dot = strrchr (reference, '.');
  g_autofree char *id = dot != NULL ? g_strndup (reference, dot - reference) : NULL;
  SlipFoldStep *step = id != NULL ? slip_run_fold_find (commands->fold, id) : NULL;
  const char *selector = step != NULL ? find_selector (step->plan_step, dot + 1) : NULL;

  if (selector != NULL)
    slip_run_commands_note (commands, "Replace {{ %s }} by %s of the answer of step %u, “%s”.",
                            reference, selector, slip_plan_step_get_index (step->plan_step) + 1,
                            slip_plan_step_get_title (step->plan_step));
  else
    slip_run_commands_note (
        commands, "Replace {{ %s }}: the run does not keep, or does not know yet, what it is.",
        reference);
}

JsonNode *
slip_run_commands_resolve (SlipRunCommands *commands, JsonNode *node)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  JsonNode *resolved = slip_template_resolve (node, lookup, commands->fold, unknown, NULL);

  for (guint i = 0; i < unknown->len; i++)
    note_unknown (commands, g_ptr_array_index (unknown, i));
  return resolved != NULL ? resolved : json_node_ref (node);
}

/* ---- one call */

static void
append_setting (GString *line, const char *name, const char *value)
{
  if (value == NULL)
    return;
  if (line->len > 0)
    g_string_append_c (line, ' ');
  g_string_append_printf (line, "%s=", name);
  if (strchr (value, ' ') != NULL || strchr (value, '\'') != NULL || strchr (value, '$') != NULL)
    {
      g_autofree char *quoted = g_shell_quote (value);

      g_string_append (line, quoted);
    }
  else
    g_string_append (line, value);
}

static void
append_option (GString *line, const char *option, const char *value)
{
  if (value == NULL)
    return;
  slip_run_command_append (line, option);
  slip_run_command_append (line, value);
}

static SlipEnvironment *
find_environment (SlipRunCommands *commands, SlipPlanStep *step)
{
  const char *name = slip_plan_step_get_environment (step);

  if (commands->workspace == NULL || name == NULL)
    return NULL;
  return slip_workspace_find (commands->workspace, name);
}

/* Whose credentials: those that the workspace names, in the files that it names. */
static void
append_files (GString *line, SlipEnvironment *environment)
{
  append_setting (line, "AWS_CONFIG_FILE", slip_environment_get_aws_config (environment));
  append_setting (line, "AWS_SHARED_CREDENTIALS_FILE",
                  slip_environment_get_aws_credentials (environment));
}

char *
slip_run_commands_make_call (SlipRunCommands *commands,
                             SlipPlanStep *step,
                             const char *service,
                             const char *operation,
                             JsonNode *request,
                             const char *query)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *name = slip_run_command_operation (operation);
  SlipEnvironment *environment = find_environment (commands, step);
  JsonObject *input = slip_json_node_object (request);

  if (environment != NULL)
    append_files (line, environment);
  slip_run_command_append (line, "aws");
  if (environment != NULL)
    append_option (line, "--profile", slip_environment_get_profile (environment));
  append_option (line, "--region", slip_plan_step_get_region (step));
  if (environment != NULL)
    append_option (line, "--endpoint-url", slip_environment_get_endpoint_url (environment));
  slip_run_command_append (line, slip_run_command_name (service));
  slip_run_command_append (line, name);
  if (input != NULL && json_object_get_size (input) > 0)
    {
      g_autofree char *text = slip_json_to_text (request, FALSE);

      append_option (line, "--cli-input-json", text);
    }
  if (query != NULL)
    {
      append_option (line, "--query", query);
      append_option (line, "--output", "text");
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* ---- waits */

char *
slip_run_commands_make_pattern (const char *first, const char *second)
{
  g_autofree char *either
      = g_strdup_printf ("%s%s%s", first, *first != '\0' && *second != '\0' ? "|" : "", second);
  GString *pattern = g_string_new (NULL);

  slip_run_command_append (pattern, either);
  return g_string_free (pattern, FALSE);
}

/* A loop that ends when AWS says that it failed, and then fails itself. */
static char *
make_loop (JsonObject *wait, const char *call, gint64 poll)
{
  g_autofree char *ok = slip_run_command_join (slip_json_array (wait, "ok"), "|");
  g_autofree char *fail = slip_run_command_join (slip_json_array (wait, "fail"), "|");
  g_autofree char *ends = slip_run_commands_make_pattern (ok, fail);
  g_autofree char *fails = slip_run_commands_make_pattern (fail, "");

  if (*fail == '\0')
    return g_strdup_printf ("until %s | grep -qixE %s; do sleep %" G_GINT64_FORMAT "; done", call,
                            ends, poll);
  return g_strdup_printf ("until said=$(%s); echo \"$said\" | grep -qixE %s; do "
                          "sleep %" G_GINT64_FORMAT "; done; "
                          "if echo \"$said\" | grep -qixE %s; then "
                          "echo \"stop: it says $said\" >&2; false; fi",
                          call, ends, poll, fails);
}

void
slip_run_commands_add_wait (SlipRunCommands *commands, SlipPlanStep *step, JsonNode *request)
{
  JsonObject *wait = slip_plan_step_get_wait (step);
  JsonArray *gone = slip_json_array (wait, "gone");
  const char *selector = slip_json_string (wait, "selector");
  g_autofree char *query = slip_run_command_query (selector);
  g_autofree char *call
      = slip_run_commands_make_call (commands, step, slip_plan_step_get_service (step),
                                     slip_plan_step_get_operation (step), request, query);
  g_autofree char *ok = slip_run_command_join (slip_json_array (wait, "ok"), ", ");
  g_autofree char *fail = slip_run_command_join (slip_json_array (wait, "fail"), ", ");
  g_autofree char *codes = slip_run_command_join (gone, ", ");
  gint64 poll = slip_json_int (wait, "poll", DEFAULT_POLL);
  g_autofree char *line = NULL;

  if (*codes != '\0')
    {
      slip_run_commands_note (commands, "Until it answers %s.", codes);
      line = g_strdup_printf ("while %s; do sleep %" G_GINT64_FORMAT "; done", call, poll);
    }
  else if (query == NULL || strchr (query, '*') != NULL)
    {
      slip_run_commands_note (commands, "Repeat it until %s says %s.",
                              selector != NULL ? selector : "it", ok);
      line = g_steal_pointer (&call);
    }
  else
    {
      slip_run_commands_note (commands, "Until %s says %s.", selector, ok);
      line = make_loop (wait, call, poll);
    }
  if (*fail != '\0')
    slip_run_commands_note (commands, "Stop when it says %s: that is a failure.", fail);
  slip_run_commands_add_line (commands, line);
}

static void
add_assert (SlipRunCommands *commands, SlipPlanStep *step, JsonNode *request)
{
  JsonObject *inputs = slip_plan_step_get_inputs (step);
  const char *selector = slip_json_string (inputs, "PropertySelector");
  g_autofree char *query = slip_run_command_query (selector);
  g_autofree char *call
      = slip_run_commands_make_call (commands, step, slip_plan_step_get_service (step),
                                     slip_plan_step_get_operation (step), request, query);
  JsonNode *values = json_object_get_member (inputs, "DesiredValues");
  g_autoptr (JsonNode) known = values != NULL ? slip_run_commands_resolve (commands, values) : NULL;
  g_autofree char *desired = slip_run_command_join (
      known != NULL && JSON_NODE_HOLDS_ARRAY (known) ? json_node_get_array (known) : NULL, ", ");

  slip_run_commands_note (commands, "%s must say %s; otherwise stop.", selector, desired);
  slip_run_commands_add_line (commands, call);
}

/* ---- actions of the workstation */

static void
add_command (SlipRunCommands *commands, SlipPlanStep *step, JsonObject *request)
{
  g_autoptr (GString) line = g_string_new (NULL);
  SlipEnvironment *environment = find_environment (commands, step);
  JsonArray *words = slip_json_array (request, "command");
  JsonArray *names = slip_json_array (request, "environment");
  const char *folder = slip_json_string (request, "directory");

  if (folder != NULL)
    {
      slip_run_command_append (line, "cd");
      slip_run_command_append (line, folder);
      g_string_append (line, " &&");
    }
  if (environment != NULL && slip_json_bool (request, "credentials", FALSE))
    {
      append_files (line, environment);
      append_setting (line, "AWS_PROFILE", slip_environment_get_profile (environment));
      append_setting (line, "AWS_REGION", slip_plan_step_get_region (step));
      append_setting (line, "AWS_ENDPOINT_URL", slip_environment_get_endpoint_url (environment));
    }
  slip_run_command_append_words (line, words);
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    slip_run_commands_note (commands, "Set %s in the environment; its value is not shown here.",
                            json_array_get_string_element (names, i));
  slip_run_commands_add_line (commands, line->str);
}

/* Its command lines stand in the plan word for word. What they have in the run's folder, "(run)/…", lies in that of
 * the configuration when people do it. */
static void
add_terraform (SlipRunCommands *commands, SlipPlanStep *step, JsonObject *request)
{
  JsonArray *lines = slip_json_array (request, "commands");
  JsonArray *names = slip_json_array (request, "environment");
  const char *folder = slip_json_string (request, "directory");
  SlipEnvironment *environment = find_environment (commands, step);
  g_autoptr (GString) place = g_string_new (NULL);

  slip_run_command_append (place, "cd");
  slip_run_command_append (place, folder != NULL ? folder : ".");
  g_string_append (place, " &&");
  if (environment != NULL)
    {
      append_files (place, environment);
      append_setting (place, "AWS_PROFILE", slip_environment_get_profile (environment));
      append_setting (place, "AWS_REGION", slip_plan_step_get_region (step));
    }
  slip_run_commands_note (commands,
                          "Before a state command: terraform state pull > a backup of your own.");
  for (guint i = 0; lines != NULL && i < json_array_get_length (lines); i++)
    {
      g_autoptr (GString) line = g_string_new (place->str);

      slip_run_command_append_words (line, json_array_get_array_element (lines, i));
      if (g_string_replace (line, "(run)/", "", 0) > 0)
        slip_run_commands_note (
            commands, "The plan file lies in that folder. Where there is none yet, make it with "
                      "terraform plan "
                      "-out, and read it, before it is applied.");
      slip_run_commands_add_line (commands, line->str);
    }
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    if (g_str_has_prefix (json_array_get_string_element (names, i), "TF_VAR_"))
      slip_run_commands_note (commands, "Set %s in the environment; its value is not shown here.",
                              json_array_get_string_element (names, i));
}

/* A loop that ends when the newest value is low enough; of a bound that is not known yet, one look. */
static void
add_metric (SlipRunCommands *commands, SlipPlanStep *step, JsonObject *request)
{
  double most = slip_json_double (request, "atMost", NAN);
  g_autoptr (JsonNode) input = slip_run_command_new_metric_input (request);
  g_autofree char *query = g_strdup_printf ("sort_by(Datapoints,&Timestamp)[-1].%s",
                                            slip_json_string (request, "statistic"));
  g_autofree char *call = slip_run_commands_make_call (commands, step, "monitoring",
                                                       "GetMetricStatistics", input, query);
  g_autofree char *look = g_strdup_printf ("%s --start-time \"$(date -u -d '-%" G_GINT64_FORMAT
                                           " minutes' +%%FT%%TZ)\" "
                                           "--end-time \"$(date -u +%%FT%%TZ)\"",
                                           call, slip_json_int (request, "minutes", 1));
  g_autofree char *line = NULL;
  char bound[G_ASCII_DTOSTR_BUF_SIZE];

  slip_run_commands_note (
      commands, "Until the newest value is low enough. It looks by just these dimensions: while it "
                "says None, aws cloudwatch list-metrics tells by which the metric is measured.");
  g_ascii_formatd (bound, sizeof bound, "%.6f", most);
  if (!isnan (most))
    line = g_strdup_printf ("until %s | awk '/^[0-9]/ && $1 <= %s {ok = 1} END {exit !ok}'; "
                            "do sleep %d; done",
                            look, bound, DEFAULT_POLL);
  slip_run_commands_add_line (commands, line != NULL ? line : look);
}

/* The same engine, by its own command line. */
static void
add_migration (SlipRunCommands *commands, JsonObject *request)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *line = slip_run_command_make_migration (request, notes);

  for (guint i = 0; i < notes->len; i++)
    slip_run_commands_note (commands, "%s", (const char *)g_ptr_array_index (notes, i));
  if (line != NULL)
    slip_run_commands_add_line (commands, line);
}

static void
add_local (SlipRunCommands *commands, SlipPlanStep *step, JsonNode *request)
{
  const char *service = slip_plan_step_get_service (step);
  JsonObject *object = slip_json_node_object (request);

  if (object != NULL && g_str_equal (service, "command"))
    add_command (commands, step, object);
  else if (object != NULL && g_str_equal (service, "terraform"))
    add_terraform (commands, step, object);
  else if (object != NULL && g_str_equal (service, "metric"))
    add_metric (commands, step, object);
  else if (object != NULL && g_str_equal (service, "migration"))
    add_migration (commands, object);
  else
    {
      g_autofree char *text = slip_json_to_text (request, FALSE);

      slip_run_commands_note (commands,
                              "Slipway does this itself (%s); no command line does the same: %s",
                              slip_plan_step_get_action (step), text);
    }
}

/* ---- what calls nothing */

static void
add_other (SlipRunCommands *commands, SlipPlanStep *step)
{
  const char *action = slip_plan_step_get_action (step);
  JsonObject *inputs = slip_plan_step_get_inputs (step);
  const char *duration = slip_json_string (inputs, "Duration");
  gint64 seconds = 0;

  if (g_strcmp0 (action, "aws:sleep") == 0 && duration != NULL
      && slip_action_parse_duration (duration, &seconds))
    {
      g_autofree char *line = g_strdup_printf ("sleep %" G_GINT64_FORMAT, seconds);

      slip_run_commands_add_line (commands, line);
    }
  else if (g_strcmp0 (action, "aws:branch") == 0)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (inputs));
      g_autoptr (JsonNode) known = slip_run_commands_resolve (commands, node);
      g_autofree char *text = slip_json_to_text (known, FALSE);

      slip_run_commands_note (commands, "A branch: %s", text);
    }
  else if (g_strcmp0 (action, "aws:approve") == 0 || g_strcmp0 (action, "aws:pause") == 0)
    slip_run_commands_note (commands, "People decide here, by agreement.");
  else
    slip_run_commands_note (commands, "%s: nothing to call.",
                            action != NULL ? action : "no action");
}

/* ---- steps */

/* @text with what the run knows, behind @label. */
static void
note_text (SlipRunCommands *commands, const char *label, const char *text)
{
  g_autoptr (JsonNode) node = slip_json_new_string (text);
  g_autoptr (JsonNode) known = slip_run_commands_resolve (commands, node);
  g_autofree char *other
      = JSON_NODE_HOLDS_VALUE (known) && json_node_get_value_type (known) == G_TYPE_STRING
            ? NULL
            : slip_json_to_text (known, FALSE);

  slip_run_commands_note (commands, "%s: %s", label,
                          other != NULL ? other : json_node_get_string (known));
}

static void
note_people (SlipRunCommands *commands, SlipPlanStep *step)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step);
  const char *ask = confirm != NULL ? slip_json_string (confirm, "ask") : NULL;

  if (ask != NULL)
    note_text (commands, "Before it, a person says", ask);
  else if (confirm != NULL)
    slip_run_commands_note (commands, "Before it, a person confirms.");
  if (slip_plan_step_get_confirmed_by (step) != NULL)
    slip_run_commands_note (
        commands, "What a person said before step %s must still be fresh; else it is said again.",
        slip_plan_step_get_confirmed_by (step));
  if (slip_plan_step_get_undo (step) != NULL)
    note_text (commands, "To take it back", slip_plan_step_get_undo (step));
  else if (slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL)
    slip_run_commands_note (commands, "Nothing takes this back.");
  if (slip_plan_step_is_conditional (step))
    slip_run_commands_note (commands, "Perhaps: a branch before it decides.");
}

/* What may have happened already is looked for before it is done again. */
static void
add_look (SlipRunCommands *commands, SlipFoldStep *step)
{
  JsonObject *resume = slip_plan_step_get_resume (step->plan_step);
  const char *service = resume != NULL ? slip_json_string (resume, "service") : NULL;
  const char *operation = resume != NULL ? slip_json_string (resume, "operation") : NULL;
  JsonNode *input = resume != NULL ? json_object_get_member (resume, "input") : NULL;
  g_autoptr (JsonNode) known = NULL;
  g_autofree char *call = NULL;

  if (service == NULL || operation == NULL || slip_action_is_local (service))
    return;
  known = input != NULL ? slip_run_commands_resolve (commands, input)
                        : slip_json_new_object (json_object_new ());
  call = slip_run_commands_make_call (commands, step->plan_step, service, operation, known, NULL);
  slip_run_commands_add_line (commands, call);
}

static void
add_step (SlipRunCommands *commands, SlipPlanStep *step)
{
  JsonNode *planned = slip_plan_step_get_request (step);
  const char *service = slip_plan_step_get_service (step);
  g_autoptr (JsonNode) request = NULL;

  if (service == NULL || slip_plan_step_get_operation (step) == NULL)
    {
      add_other (commands, step);
      return;
    }
  request = planned != NULL ? slip_run_commands_resolve (commands, planned)
                            : slip_json_new_object (json_object_new ());
  if (slip_run_commands_add_reapply (commands, step))
    return;
  if (slip_action_is_local (service))
    add_local (commands, step, request);
  else if (slip_plan_step_get_wait (step) != NULL)
    slip_run_commands_add_wait (commands, step, request);
  else if (g_strcmp0 (slip_plan_step_get_action (step), "aws:assertAwsResourceProperty") == 0)
    add_assert (commands, step, request);
  else
    {
      g_autofree char *call = slip_run_commands_make_call (
          commands, step, service, slip_plan_step_get_operation (step), request, NULL);

      slip_run_commands_add_line (commands, call);
    }
}

/* The steps of one turn; each value of the list takes them all. */
static void
add_body (SlipRunCommands *commands, SlipPlanStep *loop)
{
  JsonArray *body = slip_plan_step_get_body (loop);

  slip_run_commands_note (
      commands, "For each value of the loop, all of these; {{ %s.CurrentIteratorValue }} is it.",
      slip_plan_step_get_id (loop));
  for (guint i = 0; i < json_array_get_length (body); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (body, i));
      g_autoptr (SlipPlanStep) step
          = object != NULL ? slip_plan_step_new_from_json (object, i, NULL) : NULL;

      if (step != NULL)
        add_step (commands, step);
    }
}

static JsonObject *
describe (SlipRunCommands *commands, SlipFoldStep *step, const char *again)
{
  SlipPlanStep *planned = step->plan_step;

  slip_run_commands_begin (commands);
  if (slip_plan_step_get_environment (planned) != NULL
      && find_environment (commands, planned) == NULL)
    slip_run_commands_note (commands, "Sign in to account %s: the workspace does not say how.",
                            slip_plan_step_get_account (planned));
  if (again != NULL)
    slip_run_commands_note (commands, "%s", again);
  note_people (commands, planned);
  if (step->open && slip_plan_step_get_effect (planned) != SLIP_AWS_EFFECT_READ)
    slip_run_commands_note (
        commands, "It was sent, and whether it happened is not known. Look before you send it:");
  if ((step->open || again != NULL) && slip_plan_step_get_effect (planned) != SLIP_AWS_EFFECT_READ)
    add_look (commands, step);
  if (slip_plan_step_get_body (planned) != NULL && step->turn == 0)
    add_body (commands, planned);
  else
    add_step (commands, planned);
  return slip_run_commands_new_block (commands, step);
}

JsonArray *
slip_run_fold_list_commands (SlipRunFold *fold, SlipWorkspace *workspace)
{
  JsonArray *list = json_array_new ();
  SlipRunCommands commands = {.fold = fold, .workspace = workspace};
  g_autoptr (GHashTable) again = NULL;
  g_autoptr (GPtrArray) reset = NULL;

  g_return_val_if_fail (fold != NULL, list);

  again = slip_run_fold_list_again (fold);
  slip_run_commands_add_needed (&commands, list, again);
  reset = slip_run_fold_list_reset (fold);
  for (guint i = 0; i < reset->len; i++)
    if (!g_hash_table_contains (again, g_ptr_array_index (reset, i)))
      json_array_add_object_element (
          list, describe (&commands, g_ptr_array_index (reset, i),
                          "Only if something before was made again: what is new has not been set "
                          "so yet. The look tells how it is."));
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if ((step->state != SLIP_RUN_STEP_DONE && step->state != SLIP_RUN_STEP_SKIPPED)
          || g_hash_table_contains (again, step))
        json_array_add_object_element (
            list, describe (&commands, step, g_hash_table_lookup (again, step)));
    }
  return list;
}
