/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * slip_world_path_find:
 * @world: a world
 * @text: (nullable): a text of a scenario
 *
 * Returns: (transfer full) (nullable): the absolute path below the state folder that `@world/…` means, or %NULL when
 *   @text is not one
 */
char *slip_world_path_find (SlipWorld *world, const char *text);

/**
 * slip_world_path_fill:
 * @world: a world
 * @node: of a scenario
 *
 * Returns: (transfer full): a copy of @node that has paths in place of all texts that are `@world/…`, however deep
 */
JsonNode *slip_world_path_fill (SlipWorld *world, JsonNode *node);

G_END_DECLS
