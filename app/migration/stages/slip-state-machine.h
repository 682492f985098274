/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipStateMachineOptions:
 * @folder: where the image has the migration, `/migration`
 * @source: (nullable): where the container finds the source files, `/source`; %NULL when what is landed is used
 * @container: the container's name in the task definition
 * @values: (nullable) (array zero-terminated=1): `NAME=TEXT`, as `migrate stage --value` takes them
 * @skip: (nullable) (array zero-terminated=1): stages to leave out
 * @connections: how many steps at once; 0 leaves it to the engine
 * @timeout: seconds that a stage may take
 * @heartbeat: seconds that a stage may be silent; less than @timeout
 */
typedef struct
{
  const char *folder;
  const char *source;
  const char *container;
  const char *const *values;
  const char *const *skip;
  guint connections;
  guint timeout;
  guint heartbeat;
} SlipStateMachineOptions;

/**
 * slip_state_machine_new:
 * @migration: the migration
 * @options: how it is run
 * @error: return location
 *
 * Makes the Step Functions state machine that runs a migration's stages one after another, each as an ECS task
 * (`ecs:runTask.sync`) of the same image: Amazon States Language with JSONPath. What ECS refuses is tried again with
 * growing pauses; a stage that failed is not. Each failure ends in a Fail state that says which stage, and why. The same
 * migration and options give the same bytes. Any thread.
 *
 * Returns: (transfer full): the definition, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND or %SLIP_MIGRATION_ERROR_DEFINITION when an
 *   option is wrong
 */
JsonNode *slip_state_machine_new (SlipMigration *migration,
                                  const SlipStateMachineOptions *options,
                                  GError **error);

G_END_DECLS
