/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-edit-item.h"

G_BEGIN_DECLS

/**
 * SlipEdited:
 * @migration: what is on disk
 * @mapping: of @migration; %NULL for a lookup
 * @lookup: of @migration; %NULL for a mapping
 * @draft: (nullable): the changes that are not saved
 *
 * What an editor is on: a mapping with its columns or a lookup with its codes, as they are on disk and in the draft.
 */
typedef struct
{
  SlipMigration *migration;
  const SlipMapping *mapping;
  const SlipLookup *lookup;
  SlipDefinitionDraft *draft;
} SlipEdited;

/**
 * slip_edited_get_file:
 *
 * Returns: (transfer none): the file that it is in
 */
const char *slip_edited_get_file (const SlipEdited *edited);

/**
 * slip_edited_fill:
 * @items: (element-type SlipEditItem): what it holds now is replaced by all columns or codes
 */
void slip_edited_fill (const SlipEdited *edited, GListStore *items);

/**
 * slip_edited_add_code:
 * @items: (element-type SlipEditItem): gets a row at its end
 * @code: a code of the draft
 * @value: (transfer full) (nullable): what it becomes
 */
void
slip_edited_add_code (const SlipEdited *edited, GListStore *items, const char *code, char *value);

/**
 * slip_edited_find_column:
 * @item: (nullable): one of its rows
 *
 * Returns: (transfer none) (nullable): the mapping's column on disk
 */
const SlipMappingColumn *slip_edited_find_column (const SlipEdited *edited, SlipEditItem *item);

/**
 * slip_edited_has:
 *
 * Returns: whether its rows have such a field
 */
gboolean slip_edited_has (const SlipEdited *edited, SlipEdit edit);

/**
 * slip_edited_is_added:
 *
 * Returns: whether @item is a code that is not on disk yet
 */
gboolean slip_edited_is_added (const SlipEdited *edited, SlipEditItem *item);

/**
 * slip_edited_dup_text:
 *
 * Returns: (transfer full) (nullable): what a field of @item says: by the draft, else on disk
 */
char *slip_edited_dup_text (const SlipEdited *edited, SlipEditItem *item, SlipEdit edit);

G_END_DECLS
