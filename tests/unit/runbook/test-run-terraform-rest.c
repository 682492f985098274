/* SPDX-License-Identifier: MIT */
/* Claims of slipway:terraform about what is left of an apply that was cut off, and about looking for a
 * name in the state. With the real Terraform: terraform_data needs no provider. */

#include "run-fixture.h"

#include "actions/slip-terraform-run.h"

#include <glib/gstdio.h>
#include <string.h>

#define CONFIG(value)                                                                              \
  "resource \"terraform_data\" \"table\" {\n  input = \"" value "\"\n}\n"                          \
  "resource \"terraform_data\" \"pipeline\" {\n  input = terraform_data.table.output\n}\n"

typedef struct
{
  Fixture run;
  char *directory;
} Project;

static void
write_config (Project *project, const char *text)
{
  g_autofree char *path = g_build_filename (project->directory, "main.tf", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
terraform (Project *project, const char *words)
{
  g_autofree char *line = g_strconcat ("terraform ", words, NULL);
  g_auto (GStrv) argv = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  int status = -1;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_assert_true (g_spawn_sync (project->directory, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               &out, &err, &status, NULL));
  if (status != 0)
    g_test_message ("%s: %s %s", line, out, err);
  g_assert_cmpint (status, ==, 0);
}

static void
set_up (Project *project, gconstpointer data)
{
  fixture_set_up (&project->run, data);
  project->directory = g_build_filename (project->run.folder, "project", NULL);
  g_assert_cmpint (g_mkdir (project->directory, 0700), ==, 0);
}

static void
tear_down (Project *project, gconstpointer data)
{
  fixture_tear_down (&project->run, data);
  g_free (project->directory);
}

static gboolean
begin (Project *project, const char *config)
{
  g_autofree char *path = g_find_program_in_path ("terraform");

  if (path == NULL)
    {
      g_test_skip ("terraform is not installed");
      return FALSE;
    }
  write_config (project, config);
  terraform (project, "init -input=false");
  terraform (project, "apply -input=false -auto-approve");
  return TRUE;
}

static char *
step (Project *project, const char *id, const char *operation, const char *inputs)
{
  g_autofree char *all = g_strdup_printf ("{\"Operation\":\"%s\",\"Directory\":\"%s\",%s}",
                                          operation, project->directory, inputs);

  return fixture_step (id, "slipway:terraform", all, NULL);
}

/* ---- what differs from the state */

/* No provider on this machine has things that others change: a script stands for Terraform. */
#define DRIFT_SCRIPT                                                                               \
  "#!/bin/sh\n"                                                                                    \
  "case $1 in\n"                                                                                   \
  "plan)\n"                                                                                        \
  "  for word; do case $word in -out=*) : >\"${word#-out=}\" ;; esac; done\n"                      \
  "  exit 2 ;;\n"                                                                                  \
  "show)\n"                                                                                        \
  "  echo "                                                                                        \
  "'{\"format_version\":\"1.2\",\"resource_changes\":[{\"address\":\"aws_vpc.main\",\"type\":"     \
  "\"aws_vpc\",\"change\":{\"actions\":[\"no-op\"]}}],\"resource_drift\":[{\"address\":"           \
  "\"aws_vpc.main\",\"type\":\"aws_vpc\",\"change\":{\"actions\":[\"delete\"],\"before\":{},"      \
  "\"after\":null}},{\"address\":\"aws_ecs_service.web\",\"type\":\"aws_ecs_service\","            \
  "\"change\":{\"actions\":[\"update\"],\"before\":{\"desired_count\":1},\"after\":"               \
  "{\"desired_count\":2}}}]}' ;;\n"                                                                \
  "esac\n"

static SlipRunFold *
refresh (Project *project, const char *addresses)
{
  g_autofree char *program = g_build_filename (project->run.folder, "terraform", NULL);
  g_autofree char *inputs = g_strdup_printf (
      "\"Program\":\"%s\",\"RefreshOnly\":true,\"Strict\":true,\"Expect\":[{\"name\":\"known\","
      "\"addresses\":[%s],\"actions\":[\"update\",\"delete\"]}]",
      program, addresses);
  g_autofree char *plan = step (project, "Refresh", "plan", inputs);

  g_assert_true (g_file_set_contents (program, DRIFT_SCRIPT, -1, NULL));
  g_assert_cmpint (g_chmod (program, 0700), ==, 0);
  fixture_plan (&project->run, plan);
  return fixture_go (&project->run);
}

static void
what_another_hand_changed_is_judged (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) gone = refresh (project, "\"aws_ecs_service.*\"");

  g_assert_cmpint (slip_run_fold_find (gone, "Refresh")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_nonnull (strstr (gone->message, "delete of aws_vpc.main is expected by no rule"));
  g_assert_null (strstr (gone->message, "aws_ecs_service.web"));
}

static void
what_is_known_to_change_stops_nothing (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fine = refresh (project, "\"aws_ecs_service.*\",\"aws_vpc.main\"");
  JsonArray *changes;

  g_assert_no_error (project->run.error);
  changes = slip_json_array (slip_run_fold_find (fine, "Refresh")->outputs, "Changes");
  g_assert_cmpuint (json_array_get_length (changes), ==, 2);
}

/* ---- the rest of an apply */

#define HOLD "{\"id\":\"Hold\",\"action\":\"aws:pause\",\"resume\":{\"rule\":\"R5\"}}"
#define EXPECT                                                                                     \
  "\"Strict\":true,\"Expect\":[{\"name\":\"the table is updated\",\"addresses\":"                  \
  "[\"terraform_data.table\"],\"actions\":[\"update\"],\"required\":true},{\"name\":\"the "        \
  "pipeline is made anew\",\"addresses\":[\"terraform_data.pipeline\"],\"actions\":"               \
  "[\"replace\"],\"required\":true}]"

#define TYPED                                                                                      \
  ",\"confirm\":{\"how\":\"typed\",\"text\":\"do it\",\"ask\":\"sure?\",\"when\":\"step\"}"

/* Judged, and waits before the apply, whose members are followed by @more. */
static void
plan_and_hold (Project *project, const char *inputs, const char *more)
{
  g_autofree char *plan = step (project, "MakePlan", "plan", inputs);
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *open = g_strndup (apply, strlen (apply) - 1);
  g_autofree char *whole = g_strconcat (open, more, "}", NULL);
  g_autofree char *steps = g_strjoin (",", plan, HOLD, whole, NULL);

  write_config (project, CONFIG ("two"));
  fixture_plan (&project->run, steps);
  slip_run_fold_free (fixture_go (&project->run));
  fixture_control (&project->run, SLIP_RUNNER_RESUME, "Hold", NULL);
}

/* @by_hand stands for what the apply did before its process was killed. */
static SlipRunFold *
go_on_with (Project *project, const char *inputs, const char *by_hand)
{
  plan_and_hold (project, inputs, "");
  fixture_append (&project->run, "step.outcome", "Hold", "{\"outcome\":\"done\"}");
  fixture_append (&project->run, "step.intent", "Apply", NULL);
  terraform (project, by_hand);
  return fixture_go (&project->run);
}

static SlipRunFold *
go_on_after (Project *project, const char *by_hand)
{
  terraform (project, "taint terraform_data.pipeline");
  return go_on_with (project, EXPECT, by_hand);
}

static void
apply_that_was_done_is_adopted (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  fold = go_on_after (project, "apply -input=false -auto-approve");
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  /* Nothing was left that must be done, and nothing was applied again. */
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Apply"), ==, 1);
}

static void
half_done_replacement_is_finished (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  fold = go_on_after (project, "state rm terraform_data.pipeline");
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  terraform (project, "plan -input=false -detailed-exitcode");
}

/* Nothing in the state marks what -replace was to replace: it would be made anew a second time. */
static void
what_was_replaced_is_not_replaced_again (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  fold = go_on_with (project, EXPECT ",\"Replace\":[\"terraform_data.pipeline\"]",
                     "apply -input=false -auto-approve -replace=terraform_data.pipeline");
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Apply"), ==, 1);
}

static void
what_was_not_replaced_is_replaced (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  fold = go_on_with (project, EXPECT ",\"Replace\":[\"terraform_data.pipeline\"]", "state list");
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Apply"), ==, 2);
}

/* ---- a plan that nobody saw */

static const char *
digest_of_plan (SlipRunFold *fold)
{
  return slip_json_string (slip_run_fold_find (fold, "MakePlan")->outputs, "Sha256");
}

/* It waits for the digest of the new plan; the old word does not do. */
static void
assert_asks_again (Project *project, SlipRunFold *fold, const char *differs)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_test_message ("%s", fold->message);
  g_assert_nonnull (strstr (fold->message, differs));
  g_assert_false (g_str_has_prefix (fold->need_text, digest_of_plan (fold)));
  g_assert_false (
      slip_runner_control (project->run.runner, SLIP_RUNNER_CONFIRM, "Apply", "do it", &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
}

/* Between confirmation and apply another hand moves the state on and changes the code. */
static void
stale_plan_voids_its_confirmation (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  const char *last;

  if (!begin (project, CONFIG ("one")))
    return;
  terraform (project, "taint terraform_data.pipeline");
  plan_and_hold (project, EXPECT, TYPED);
  write_config (project, CONFIG ("three"));
  terraform (project, "untaint terraform_data.pipeline");
  terraform (project, "taint terraform_data.pipeline");
  fixture_control (&project->run, SLIP_RUNNER_CONFIRM, "Apply", "do it");
  asked = fixture_go (&project->run);
  assert_asks_again (project, asked, "new or different: terraform_data.table (update)");
  g_assert_true (g_str_has_prefix (asked->need_text, "do it+"));
  /* Nothing but the plan that is confirmed now is applied, also when the code changed once more. */
  write_config (project, CONFIG ("four"));
  fixture_control (&project->run, SLIP_RUNNER_CONFIRM, "Apply", asked->need_text);
  fold = fixture_go (&project->run);
  g_assert_nonnull (strstr (project->run.error->message, "still sees something to do"));
  write_config (project, CONFIG ("three"));
  terraform (project, "plan -input=false -detailed-exitcode");
  last = strrchr (asked->need_text, '+') + 1;
  g_assert_true (g_str_has_prefix (
      slip_json_string (slip_json_node_object (slip_run_fold_find (fold, "Apply")->request),
                        "plan_sha256"),
      last));
}

/* Same address and action, yet another value: not the rest of what was confirmed. */
static void
rest_with_another_value_is_asked_about (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  terraform (project, "taint terraform_data.pipeline");
  plan_and_hold (project, EXPECT, "");
  fixture_append (&project->run, "step.outcome", "Hold", "{\"outcome\":\"done\"}");
  fixture_append (&project->run, "step.intent", "Apply", NULL);
  write_config (project, CONFIG ("three"));
  asked = fixture_go (&project->run);
  assert_asks_again (project, asked, "terraform_data.table (update)");
  fixture_control (&project->run, SLIP_RUNNER_CONFIRM, "Apply", asked->need_text);
  fold = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  terraform (project, "plan -input=false -detailed-exitcode");
}

/* The rules allow a replacement of it, and its half; the deletion of one that left the code is neither. */
static void
rest_deletes_nothing_of_its_own (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, CONFIG ("one")))
    return;
  terraform (project, "taint terraform_data.pipeline");
  plan_and_hold (project, EXPECT, "");
  fixture_append (&project->run, "step.outcome", "Hold", "{\"outcome\":\"done\"}");
  fixture_append (&project->run, "step.intent", "Apply", NULL);
  write_config (project, "resource \"terraform_data\" \"table\" {\n  input = \"two\"\n}\n");
  fold = fixture_go (&project->run);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "delete of terraform_data.pipeline"));
}

/* ---- names in the state */

static void
name_is_found_whole_only (void)
{
  static const struct
  {
    const char *value;
    gboolean found;
  } cases[] = {
      {"api", TRUE},
      {"arn:aws:dynamodb:eu-west-1:111111111111:table/api", TRUE},
      {"arn:aws:dynamodb:eu-west-1:111111111111:table/api/index/*", TRUE},
      {"[\"api\"]", TRUE},
      {"api-20261121 and api", TRUE},
      {"table/api-20261121", FALSE},
      {"old-api", FALSE},
      {"api.old", FALSE},
      {"", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].value);
      g_assert_cmpint (slip_terraform_holds_name (cases[i].value, "api"), ==, cases[i].found);
    }
}

static void
state_that_names_it_stops_and_is_told (Project *project, gconstpointer data)
{
  g_autofree char *free_name = step (project, "Search", "stateSearch", "\"Text\":\"api\"");
  g_autofree char *taken = step (project, "Search", "stateSearch", "\"Text\":\"api-2026\"");
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) refused = NULL;

  if (!begin (project, CONFIG ("arn:table/api-2026")))
    return;
  fixture_plan (&project->run, free_name);
  fold = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  fixture_plan (&project->run, taken);
  refused = fixture_go (&project->run);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "still names api-2026"));
  g_assert_nonnull (strstr (project->run.error->message, "terraform_data.table"));
  g_assert_nonnull (strstr (project->run.error->message, "terraform_data.pipeline"));
}

static void
empty_state_proves_nothing (Project *project, gconstpointer data)
{
  g_autofree char *search = step (project, "Search", "stateSearch", "\"Text\":\"api\"");
  g_autoptr (SlipRunFold) fold = NULL;

  if (!begin (project, ""))
    return;
  fixture_plan (&project->run, search);
  fold = fixture_go (&project->run);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "is empty"));
}

#define ADD(func) g_test_add ("/run/terraform_rest/" #func, Project, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/terraform_rest/name_is_found_whole_only", name_is_found_whole_only);
  ADD (apply_that_was_done_is_adopted);
  ADD (half_done_replacement_is_finished);
  ADD (what_was_replaced_is_not_replaced_again);
  ADD (what_was_not_replaced_is_replaced);
  ADD (stale_plan_voids_its_confirmation);
  ADD (rest_with_another_value_is_asked_about);
  ADD (rest_deletes_nothing_of_its_own);
  ADD (state_that_names_it_stops_and_is_told);
  ADD (empty_state_proves_nothing);
  ADD (what_another_hand_changed_is_judged);
  ADD (what_is_known_to_change_stops_nothing);
  return g_test_run ();
}
