/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-run-engine.h"

G_BEGIN_DECLS

/**
 * slip_run_list_missing:
 * @engine: an engine that is about to stop
 *
 * Looks up all that the run made, neither renamed nor took away again, by name. Blocks, and asks nobody to sign in: what
 * AWS does not tell is not missing.
 *
 * Returns: (transfer full) (nullable): what is not there, `[{step, service, operation, input, code}]`; %NULL for nothing
 */
JsonArray *slip_run_list_missing (SlipRunEngine *engine);

/**
 * slip_run_describe_missing:
 * @engine: the engine
 * @missing: (nullable): what slip_run_list_missing() found
 * @again: whether only what can be made again is told
 *
 * Returns: (transfer full) (nullable): for people, what is not there and the way out; %NULL for nothing
 */
char *slip_run_describe_missing (SlipRunEngine *engine, JsonArray *missing, gboolean again);

G_END_DECLS
