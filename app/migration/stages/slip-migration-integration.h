/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipMigrationIntegration:
 * @mark: what it is known by, 16 hexadecimal digits: each time that the stage `integration` is done it is another one
 * @source: the beginning of the digest of the source files that it was made of, 16 hexadecimal digits
 * @rows: rows that it gave ids
 *
 * What stands integrated and would be loaded into the target: what people agree to.
 */
typedef struct
{
  char *mark;
  char *source;
  gint64 rows;
} SlipMigrationIntegration;

void slip_migration_integration_free (SlipMigrationIntegration *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipMigrationIntegration, slip_migration_integration_free)

/**
 * slip_migration_integration_to_text:
 * @self: an integration
 *
 * Returns: (transfer full): one line for a log, which slip_migration_integration_parse() reads; in no language of people
 */
char *slip_migration_integration_to_text (const SlipMigrationIntegration *self);

/**
 * slip_migration_integration_parse:
 * @line: a line of a log
 *
 * Returns: (transfer full) (nullable): the integration that @line tells of; %NULL when it is another line
 */
SlipMigrationIntegration *slip_migration_integration_parse (const char *line);

G_END_DECLS
