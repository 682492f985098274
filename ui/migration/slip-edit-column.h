/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-edit-item.h"

G_BEGIN_DECLS

/**
 * slip_edit_column_dup_field:
 * @column: a mapping's column
 * @edit: what can be edited of it
 *
 * Returns: (transfer full) (nullable): what it says there
 */
char *slip_edit_column_dup_field (const SlipMappingColumn *column, SlipEdit edit);

/**
 * slip_edit_column_dup_rule:
 * @migration: a migration
 * @mapping: one of its mappings
 * @column: the mapping's column
 * @draft: the changes
 *
 * Returns: (transfer full): what would fill the column with the draft's changes, as slip_mapping_rule_dup_text() tells
 */
char *slip_edit_column_dup_rule (SlipMigration *migration,
                                 const SlipMapping *mapping,
                                 const SlipMappingColumn *column,
                                 SlipDefinitionDraft *draft);

G_END_DECLS
