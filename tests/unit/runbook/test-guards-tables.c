/* SPDX-License-Identifier: MIT */
/* The claims of the guards about DynamoDB tables, images and state machines: a taken name, a table that is still used, one that
 * nothing would bring back, a tag that was moved and a machine that is short block; what could not be told never passes. */

#include "scripted.h"

#include "slip-json.h"

#include <string.h>

static void
assert_guard (Scripted *script,
              const char *guard,
              const char *inputs,
              SlipGuardState state,
              const char *words)
{
  const ScriptedGuard asked = {"production", guard, inputs, NULL};

  scripted_assert_guard (script, &asked, state, words);
}

static void
answer (Scripted *script, const char *call, const char *text)
{
  scripted_answer (script, "production", call, text);
}

static void
test_name_free (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "dynamodb:DescribeTable";
  const char *const guard = "table-name-free";

  answer (script, call, "!ResourceNotFoundException none");
  assert_guard (script, guard, "{\"table\":\"api-20261121\"}", SLIP_GUARD_PASS,
                "no table is called api-20261121");
  assert_guard (script, guard, "{\"table\":\"a b\"}", SLIP_GUARD_BLOCK, "is no name of a table");
  answer (script, call, "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}");
  assert_guard (script, guard, "{\"table\":\"api-20261121\"}", SLIP_GUARD_BLOCK,
                "such as api-20261121-2");
  answer (script, call, "!AccessDeniedException no");
  assert_guard (script, guard, "{\"table\":\"api\"}", SLIP_GUARD_UNPROVABLE, "name is free");
}

#define SUM(time, sum) "{\"Timestamp\":\"" time "\",\"Sum\":" sum "}"
#define POINTS(points) "{\"Datapoints\":[" points "]}"

static void
test_idle (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "monitoring:GetMetricStatistics";
  const char *const guard = "table-idle";
  const char *const table = "{\"table\":\"api\",\"hours\":6}";

  answer (script, call, POINTS (SUM ("2026-11-21T05:00:00Z", "0.0")));
  assert_guard (script, guard, table, SLIP_GUARD_PASS,
                "nobody read or wrote api in the last 6 hours");
  answer (script, call, POINTS (""));
  assert_guard (script, guard, table, SLIP_GUARD_PASS, "nobody read or wrote");
  /* Writes alone are use as well. */
  scripted_answer_to (
      script, "production", call, "ConsumedWriteCapacityUnits",
      POINTS (SUM ("2026-11-21T03:00:00Z", "2.0") "," SUM ("2026-11-21T02:00:00Z", "5.0")));
  assert_guard (script, guard, table, SLIP_GUARD_BLOCK,
                "0 units were read and 7 written in the last 6 hours, the last at "
                "2026-11-21T03:00:00Z");
  scripted_answer_to (script, "production", call, "ConsumedWriteCapacityUnits", "!AccessDenied no");
  assert_guard (script, guard, table, SLIP_GUARD_UNPROVABLE, "still used");
  assert_guard (script, guard, "{\"table\":\"\"}", SLIP_GUARD_BLOCK, "no table is named");
}

#define POINT(status, created)                                                                     \
  "{\"RecoveryPointArn\":\"arn:p\",\"BackupVaultName\":\"main\",\"Status\":\"" status              \
  "\",\"CreationDate\":\"" created "\"}"
#define LIST(points) "{\"RecoveryPoints\":[" points "]}"
#define UNTIL(time) "{\"CalculatedLifecycle\":{\"DeleteAt\":\"" time "\"}}"

static void
test_restorable (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const list = "backup:ListRecoveryPointsByResource";
  const char *const one = "backup:DescribeRecoveryPoint";
  const char *const guard = "table-restorable";
  const char *const table = "{\"table\":\"api\"}";

  answer (script, list, LIST (""));
  assert_guard (script, guard, table, SLIP_GUARD_BLOCK, "no complete recovery point of api");
  answer (script, list, LIST (POINT ("EXPIRED", "2026-11-21T04:30:00Z")));
  assert_guard (script, guard, table, SLIP_GUARD_BLOCK, "no complete recovery point of api");
  answer (script, list,
          LIST (POINT ("COMPLETED", "2026-11-20T06:30:00Z") "," POINT ("COMPLETED",
                                                                       "2026-11-21T04:30:00Z")));
  answer (script, one, UNTIL ("2026-12-21T00:00:00Z"));
  assert_guard (script, guard, table, SLIP_GUARD_PASS, "in vault main (2 h 0 min old) until");
  answer (script, one, "{}");
  assert_guard (script, guard, table, SLIP_GUARD_PASS, "in vault main");
  answer (script, one, UNTIL ("2026-11-25T00:00:00Z"));
  assert_guard (script, guard, table, SLIP_GUARD_BLOCK, "in less than 7 days");
  assert_guard (script, guard, "{\"table\":\"api\",\"keepDays\":3}", SLIP_GUARD_PASS, "in vault");
  /* A point whose end cannot be read may be gone tomorrow. */
  answer (script, one, "!AccessDeniedException no");
  assert_guard (script, guard, table, SLIP_GUARD_UNPROVABLE,
                "until when the recovery point is kept");
  answer (script, list, "{\"RecoveryPoints\":[],\"NextToken\":\"again\"}");
  assert_guard (script, guard, table, SLIP_GUARD_UNPROVABLE, "without an end");
  answer (script, list, "!AccessDeniedException no");
  assert_guard (script, guard, table, SLIP_GUARD_UNPROVABLE, "is backed up");
}

#define IMAGE                                                                                      \
  "{\"imageDetails\":[{\"imageDigest\":\"sha256:aa\",\"imagePushedAt\":"                           \
  "\"2026-11-21T04:30:00Z\"}]}"
#define OF(digest, tag, time)                                                                      \
  "{\"imageDigest\":\"sha256:" digest "\",\"imageTags\":[\"" tag "\"],\"imagePushedAt\":\"" time   \
  "\"}"
#define IMAGES(images) "{\"imageDetails\":[" images "]}"
#define TAGGED(tag, more) "{\"repository\":\"club/migration\",\"tag\":\"" tag "\"" more "}"

static void
test_image_tag (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "ecr:DescribeImages";
  const char *const guard = "image-tag";
  const char *const prefixed = TAGGED ("production-1", ",\"prefix\":\"production-\"");

  answer (script, call, IMAGE);
  assert_guard (script, guard, prefixed, SLIP_GUARD_PASS, "production-1 is sha256:aa");
  assert_guard (script, guard, TAGGED ("production-1", ",\"digest\":\"sha256:aa\""),
                SLIP_GUARD_PASS, "sha256:aa");
  assert_guard (script, guard, TAGGED ("production-1", ",\"digest\":\"sha256:bb\""),
                SLIP_GUARD_BLOCK, "was moved: it was sha256:bb and is sha256:aa");
  /* Of the newer ones the newest that bears such a tag; an older one may be meant. */
  scripted_answer_to (script, "production", call, "maxResults",
                      IMAGES (OF ("bb", "production-2", "2026-11-20T04:30:00Z") "," OF (
                          "cc", "main-9", "2026-11-21T06:00:00Z")));
  assert_guard (script, guard, prefixed, SLIP_GUARD_PASS, "production-1 is sha256:aa");
  scripted_answer_to (script, "production", call, "maxResults",
                      IMAGES (OF ("bb", "production-2", "2026-11-21T05:00:00Z") "," OF (
                          "cc", "production-3", "2026-11-21T05:30:00Z")));
  assert_guard (script, guard, prefixed, SLIP_GUARD_WARN,
                "and production-3 is newer, 1 h 0 min old. Choose that one");
  scripted_answer_to (script, "production", call, "maxResults", "!AccessDeniedException no");
  assert_guard (script, guard, prefixed, SLIP_GUARD_UNPROVABLE, "whether there is a newer image");
  scripted_answer_to (script, "production", call, "maxResults", IMAGES (""));
  /* A tag that only has the word somewhere is another environment's. */
  assert_guard (script, guard, TAGGED ("not-production-1", ",\"prefix\":\"production-\""),
                SLIP_GUARD_BLOCK, "does not begin with production-");
  answer (script, call, "!ImageNotFoundException none");
  assert_guard (script, guard, prefixed, SLIP_GUARD_BLOCK, "there is no image with tag");
  answer (script, call, "{\"imageDetails\":[]}");
  assert_guard (script, guard, prefixed, SLIP_GUARD_UNPROVABLE, "shows no image");
  answer (script, call, "!AccessDeniedException no");
  assert_guard (script, guard, prefixed, SLIP_GUARD_UNPROVABLE, "which image the tag is of");
}

#define TASK(name, command)                                                                        \
  "\"" name "\":{\"Type\":\"Task\",\"Command.$\":\"States.Array(" command ")\"}"
#define MACHINE(states) "{\"StartAt\":\"load\",\"States\":{" states "}}"

static void
show_machine (Scripted *script, const char *definition)
{
  JsonObject *shown = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (shown);
  g_autofree char *text = NULL;

  json_object_set_string_member (shown, "status", "ACTIVE");
  json_object_set_string_member (shown, "definition", definition);
  text = slip_json_to_text (node, FALSE);
  answer (script, "states:DescribeStateMachine", text);
}

static char *
inputs_of (const char *definition)
{
  g_autoptr (JsonNode) node = slip_json_parse (definition, -1, NULL);
  g_autofree char *digest = slip_json_sha256 (node);

  return g_strdup_printf ("{\"stateMachine\":\"arn:m\",\"sha256\":\"%s\",\"stages\":[\"load\","
                          "\"validation\"]}",
                          digest);
}

static void
test_state_machine (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const guard = "state-machine-ready";
  const char *const whole = MACHINE (TASK ("load", "'--source'") "," TASK ("validation", "'x'"));
  const char *const shorter = MACHINE (TASK ("load", "'--source'"));
  const char *const landed = MACHINE (TASK ("load", "'x'") "," TASK ("validation", "'x'"));
  const char *const reload
      = MACHINE (TASK ("load", "'--source', '--no-reload'") "," TASK ("validation", "'x'"));
  g_autofree char *inputs = inputs_of (whole);
  g_autofree char *of_short = inputs_of (shorter);
  g_autofree char *of_landed = inputs_of (landed);
  g_autofree char *of_reload = inputs_of (reload);

  answer (script, "states:ListExecutions", "{\"executions\":[]}");
  show_machine (script, whole);
  assert_guard (script, guard, inputs, SLIP_GUARD_PASS, "no execution runs");
  assert_guard (script, guard, "{\"stateMachine\":\"arn:m\"}", SLIP_GUARD_WARN,
                "which nothing is held against");
  assert_guard (script, guard, of_short, SLIP_GUARD_BLOCK, "was made of other definitions");
  show_machine (script, shorter);
  assert_guard (script, guard, of_short, SLIP_GUARD_BLOCK, "leaves the stage validation out");
  show_machine (script, landed);
  assert_guard (script, guard, of_landed, SLIP_GUARD_BLOCK, "does not load the source files anew");
  show_machine (script, reload);
  assert_guard (script, guard, of_reload, SLIP_GUARD_BLOCK, "does not load the source files anew");
  answer (script, "states:ListExecutions",
          "{\"executions\":[{\"name\":\"bobs\",\"startDate\":\"2026-11-21T06:00:00Z\"}]}");
  assert_guard (script, guard, inputs, SLIP_GUARD_BLOCK, "the execution bobs runs since");
  answer (script, "states:ListExecutions", "!AccessDeniedException no");
  assert_guard (script, guard, inputs, SLIP_GUARD_UNPROVABLE, "whether an execution of it runs");
  answer (script, "states:DescribeStateMachine", "!StateMachineDoesNotExist none");
  assert_guard (script, guard, inputs, SLIP_GUARD_BLOCK, "there is no state machine arn:m");
  answer (script, "states:DescribeStateMachine", "!AccessDeniedException no");
  assert_guard (script, guard, inputs, SLIP_GUARD_UNPROVABLE, "what the state machine does");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/table_name_free/blocks_a_taken_name", test_name_free);
  g_test_add_func ("/guard/table_idle/tells_who_read_or_wrote_last", test_idle);
  g_test_add_func ("/guard/table_restorable/wants_a_point_that_stays", test_restorable);
  g_test_add_func ("/guard/image_tag/blocks_another_environments_and_a_moved_one", test_image_tag);
  g_test_add_func ("/guard/state_machine_ready/blocks_a_short_a_strange_and_a_busy_one",
                   test_state_machine);
  return g_test_run ();
}
