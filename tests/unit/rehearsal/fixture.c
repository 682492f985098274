/* SPDX-License-Identifier: MIT */

/* A world in a folder of its own, with a clock that the test turns. */

#include "fixture.h"

#include "slip-json.h"
#include "slip-test-folder.h"

#define START_US (G_GINT64_CONSTANT (1795240800) * G_USEC_PER_SEC)

static void
open_world (Fixture *fixture, double speed)
{
  g_autoptr (GError) error = NULL;

  fixture->world = slip_world_open (fixture->folder, speed, &error);
  g_assert_no_error (error);
  slip_world_set_clock (fixture->world, fixture->clock);
}

void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("slipway-world-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->clock = slip_clock_new_manual (START_US);
  open_world (fixture, 10);
}

void
fixture_reopen (Fixture *fixture, double speed)
{
  g_clear_pointer (&fixture->world, slip_world_close);
  open_world (fixture, speed);
}

void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->world, slip_world_close);
  slip_test_remove_folder (fixture->folder);
  g_free (fixture->folder);
  slip_clock_unref (fixture->clock);
}

JsonObject *
fixture_object (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  return json_node_dup_object (node);
}
