/* SPDX-License-Identifier: MIT */
/* The claims of the guards about DynamoDB tables: a taken name, a table that is still used and one that
 * nothing would bring back block; what could not be told never passes. */

#include "scripted.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/table_name_free/blocks_a_taken_name", test_name_free);
  g_test_add_func ("/guard/table_idle/tells_who_read_or_wrote_last", test_idle);
  g_test_add_func ("/guard/table_restorable/wants_a_point_that_stays", test_restorable);
  return g_test_run ();
}
