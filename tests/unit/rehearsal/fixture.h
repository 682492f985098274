/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

/**
 * Fixture:
 * @folder: a state folder of the test's own
 * @clock: a clock that the test turns
 * @world: a world there, which is open
 */
typedef struct
{
  char *folder;
  SlipClock *clock;
  SlipWorld *world;
} Fixture;

void fixture_set_up (Fixture *fixture, gconstpointer data);
void fixture_tear_down (Fixture *fixture, gconstpointer data);

/* Opens the world again, as a server that was killed would: nothing but the file is kept. */
void fixture_reopen (Fixture *fixture, double speed);

JsonObject *fixture_object (const char *text);
