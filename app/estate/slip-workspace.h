/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"
#include "slip-migration-project.h"

G_BEGIN_DECLS

#define SLIP_TYPE_WORKSPACE (slip_workspace_get_type ())

/**
 * SlipWorkspace:
 *
 * The environments a team works on, read from one JSON file. Immutable and thread-safe.
 *
 * |[
 * { "schema": "org.slipway.workspace/1", "name": "Sirius",
 *   "environments": [
 *     { "name": "production", "title": "Production", "account": "111111111111", "alias": "sirius",
 *       "regions": ["eu-west-1", "eu-west-2"], "profile": "production", "role": "breakglass",
 *       "protected": true, "settings": { "database": "api" } } ],
 *   "migrations": [
 *     { "name": "casrec", "title": "Casrec", "definitions": "casrec", "source": "casrec/source",
 *       "migration_db": "service=casrec_migration", "target_db": "service=sirius" } ] }
 * ]|
 */
G_DECLARE_FINAL_TYPE (SlipWorkspace, slip_workspace, SLIP, WORKSPACE, GObject)

/**
 * slip_workspace_load:
 * @path: a workspace file
 * @error: return location
 *
 * Reads and validates. Relative paths in it (`aws_config`, `aws_credentials`, a migration's folders) count from its folder.
 *
 * Returns: (transfer full) (nullable): the workspace, or %NULL with %SLIP_ESTATE_ERROR_WORKSPACE,
 *   whose message has a line for every fault with its JSON path
 */
SlipWorkspace *slip_workspace_load (const char *path, GError **error);

/**
 * slip_workspace_new_from_text:
 * @text: the file's text
 * @length: its bytes, or -1
 * @path: the file's path, for messages and relative paths
 * @error: return location
 */
SlipWorkspace *
slip_workspace_new_from_text (const char *text, gssize length, const char *path, GError **error);

const char *slip_workspace_get_name (SlipWorkspace *self);
const char *slip_workspace_get_path (SlipWorkspace *self);

/**
 * slip_workspace_get_environments:
 *
 * Returns: (transfer none): a #GListModel of #SlipEnvironment in the file's order; it never changes
 */
GListModel *slip_workspace_get_environments (SlipWorkspace *self);

/**
 * slip_workspace_find:
 * @self: a workspace
 * @name: an environment's name
 *
 * Returns: (transfer none) (nullable): that environment
 */
SlipEnvironment *slip_workspace_find (SlipWorkspace *self, const char *name);

/**
 * slip_workspace_find_account:
 *
 * Returns: (transfer none) (nullable): the first environment with that account id
 */
SlipEnvironment *slip_workspace_find_account (SlipWorkspace *self, const char *account);

/**
 * slip_workspace_get_migrations:
 *
 * Returns: (transfer none) (element-type SlipMigrationProject): its migrations in the file's order; any thread
 */
GPtrArray *slip_workspace_get_migrations (SlipWorkspace *self);

/**
 * slip_workspace_find_migration:
 * @self: a workspace
 * @name: a migration's name
 *
 * Returns: (transfer none) (nullable): that migration
 */
SlipMigrationProject *slip_workspace_find_migration (SlipWorkspace *self, const char *name);

G_END_DECLS
