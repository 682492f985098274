/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * SlipMigrationProject:
 * @name: short, unique in the workspace
 * @title: for people
 * @definitions: absolute path of the folder with `migration.json`, or with the definitions themselves
 * @sidecar: (nullable): absolute path of another sidecar than the folder's own
 * @source: (nullable): absolute path of the folder with source files; %NULL when what is landed is used
 * @migration_db: conninfo of the migration database, without a password
 * @target_db: conninfo of the target, without a password
 * @run_date: (nullable): YYYY-MM-DD, in place of today
 * @environment: (nullable): the environment whose databases these are
 *
 * One migration of a workspace: where its files are, and its databases. Immutable, reference counted and
 * thread-safe.
 */
typedef struct
{
  char *name;
  char *title;
  char *definitions;
  char *sidecar;
  char *source;
  char *migration_db;
  char *target_db;
  char *run_date;
  char *environment;
} SlipMigrationProject;

/**
 * slip_migration_project_new:
 * @spec: what it is made of; copied
 *
 * Returns: (transfer full): a project
 */
SlipMigrationProject *slip_migration_project_new (const SlipMigrationProject *spec);
SlipMigrationProject *slip_migration_project_ref (SlipMigrationProject *self);
void slip_migration_project_unref (SlipMigrationProject *self);

/**
 * slip_migration_project_has_password:
 * @conninfo: a URI, or `key=value` words, as libpq reads it
 *
 * Passwords come from ~/.pgpass, PGPASSWORD or a service file; a workspace file is shared and must not hold one.
 *
 * Returns: whether @conninfo holds a password
 */
gboolean slip_migration_project_has_password (const char *conninfo);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipMigrationProject, slip_migration_project_unref)

G_END_DECLS
