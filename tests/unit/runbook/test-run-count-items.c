/* SPDX-License-Identifier: MIT */
/* Claims of slipway:countItems on a scripted DynamoDB: all pages count, and a wrong number stops. */

#include "run-fixture.h"

#include <string.h>

typedef struct
{
  guint asked;
  double units;
} Table;

/* Three pages: 40, none, and 2 items. */
static JsonNode *
scan (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  static const char *const pages[] = {
      "{\"Count\":40,\"ScannedCount\":40,\"LastEvaluatedKey\":{\"PK\":{\"S\":\"a\"}},"
      "\"ConsumedCapacity\":{\"CapacityUnits\":128.0}}",
      "{\"Count\":0,\"ScannedCount\":0,\"LastEvaluatedKey\":{\"PK\":{\"S\":\"b\"}},"
      "\"ConsumedCapacity\":{\"CapacityUnits\":128.0}}",
      "{\"Count\":2,\"ScannedCount\":2,\"ConsumedCapacity\":{\"CapacityUnits\":1.0}}",
  };
  Fixture *fixture = data;
  Table *table = fixture->data;
  JsonObject *after = slip_json_object (input, "ExclusiveStartKey");

  g_assert_cmpstr (operation, ==, "Scan");
  g_assert_cmpstr (slip_json_string (input, "Select"), ==, "COUNT");
  g_assert_cmpint (after != NULL, ==, table->asked > 0);
  if (after != NULL)
    g_assert_cmpstr (slip_json_string (slip_json_object (after, "PK"), "S"), ==,
                     table->asked == 1 ? "a" : "b");
  g_assert_cmpuint (table->asked, <, G_N_ELEMENTS (pages));
  return slip_json_parse (pages[table->asked++], -1, error);
}

static SlipRunFold *
count (Fixture *fixture, Table *table, const char *more)
{
  g_autofree char *inputs = g_strdup_printf ("{\"Table\":\"lpas\"%s}", more);
  g_autofree char *step = fixture_step ("Count", "slipway:countItems", inputs, NULL);

  fixture->answer = scan;
  fixture->data = table;
  fixture_plan (fixture, step);
  return fixture_go (fixture);
}

static void
counts_the_items_of_all_pages (Fixture *fixture, gconstpointer data)
{
  Table table = {0};
  g_autoptr (SlipRunFold) fold = count (fixture, &table, ",\"Exactly\":42,\"AtLeast\":1");
  SlipFoldStep *step = slip_run_fold_find (fold, "Count");

  g_assert_no_error (fixture->error);
  g_assert_cmpuint (table.asked, ==, 3);
  g_assert_cmpint (slip_json_int (step->outputs, "Items", 0), ==, 42);
}

static void
another_number_stops_and_is_told (Fixture *fixture, gconstpointer data)
{
  Table table = {0};
  g_autoptr (SlipRunFold) fold = count (fixture, &table, ",\"Exactly\":43");

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "lpas holds 42 items, and should hold 43"));
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
}

static void
too_few_stop_and_are_told (Fixture *fixture, gconstpointer data)
{
  Table table = {0};
  g_autoptr (SlipRunFold) fold = count (fixture, &table, ",\"AtLeast\":100");

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "should hold at least 100"));
}

/* 128 units a page at 64 a second: two pages are waited for, the last one is not. */
static void
reading_keeps_to_its_rate (Fixture *fixture, gconstpointer data)
{
  Table table = {0};
  gint64 before = slip_clock_now (fixture->clock);
  g_autoptr (SlipRunFold) fold = count (fixture, &table, ",\"UnitsPerSecond\":64");

  g_assert_no_error (fixture->error);
  g_assert_cmpint (slip_clock_now (fixture->clock) - before, >=, 4 * G_USEC_PER_SEC);
}

#define ADD(func)                                                                                  \
  g_test_add ("/run/count_items/" #func, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (counts_the_items_of_all_pages);
  ADD (another_number_stops_and_is_told);
  ADD (too_few_stop_and_are_told);
  ADD (reading_keeps_to_its_rate);
  return g_test_run ();
}
