/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

G_BEGIN_DECLS

/**
 * slip_mapping_rule_dup_text:
 * @migration: a migration
 * @mapping: a mapping's name, or that of one of its steps
 * @column: a target column
 *
 * Tells in one line where a column comes from: `member.Title → lookup title, else “Mx”`, the sidecar's expression,
 * its decision, or the rule that fills it when ids are final. Any thread.
 *
 * Returns: (transfer full): the rule; empty when nothing says where the column comes from
 */
char *
slip_mapping_rule_dup_text (SlipMigration *migration, const char *mapping, const char *column);

/**
 * slip_mapping_rule_dup_text_of:
 * @migration: a migration
 * @mapping: a mapping's name, or that of one of its steps
 * @column: one of its columns, or what somebody would make of it
 *
 * Like slip_mapping_rule_dup_text(), with @column in place of what the mapping says. Any thread.
 *
 * Returns: (transfer full): the rule; empty when nothing says where the column comes from
 */
char *slip_mapping_rule_dup_text_of (SlipMigration *migration,
                                     const char *mapping,
                                     const SlipMappingColumn *column);

G_END_DECLS
