/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-definition-draft.h"
#include "slip-migration-desk.h"

G_BEGIN_DECLS

#define SLIP_TYPE_MAPPING_EDITOR (slip_mapping_editor_get_type ())

/**
 * SlipMappingEditor:
 *
 * Edits the columns of a mapping or the codes of a lookup: a list, the chosen one's values, and beside them what would
 * differ in meaning and what the check would say. Nothing is written before “Save”. Signals: `back`; `saved`;
 * `checked`, what a change brings is known.
 */
G_DECLARE_FINAL_TYPE (SlipMappingEditor, slip_mapping_editor, SLIP, MAPPING_EDITOR, AdwBin)

GtkWidget *slip_mapping_editor_new (void);

/**
 * slip_mapping_editor_show:
 * @data: what is known of the migration
 * @name: a mapping or a lookup
 *
 * Returns: whether there is one of that name
 */
gboolean
slip_mapping_editor_show (SlipMappingEditor *self, SlipMigrationData *data, const char *name);

/**
 * slip_mapping_editor_select:
 * @item: a target column, or a code
 *
 * Returns: whether there is one of that name
 */
gboolean slip_mapping_editor_select (SlipMappingEditor *self, const char *item);

/**
 * slip_mapping_editor_set_findings:
 * @findings: (nullable) (element-type SlipFinding): what is found in the definitions on disk; %NULL until it is known
 *
 * Tells those of the file that is edited.
 */
void slip_mapping_editor_set_findings (SlipMappingEditor *self, GPtrArray *findings);

/**
 * slip_mapping_editor_get_draft:
 *
 * Returns: (transfer none) (nullable): what is changed and not saved
 */
SlipDefinitionDraft *slip_mapping_editor_get_draft (SlipMappingEditor *self);

G_END_DECLS
