/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-definition-draft.h"

G_BEGIN_DECLS

/* What can be edited of a column or of a code. */
typedef enum
{
  SLIP_EDIT_SOURCE_TABLE,
  SLIP_EDIT_SOURCE_COLUMN,
  SLIP_EDIT_TRANSFORMATION,
  SLIP_EDIT_LOOKUP,
  SLIP_EDIT_DEFAULT,
  SLIP_EDIT_VALUE, /* of a code */
  SLIP_EDIT_NAME,  /* of either */
  SLIP_N_EDITS,
} SlipEdit;

/* Of a column, as the paths of slip_edit_apply() have it. */
#define SLIP_EDIT_COMPLETE ".mapping_status.is_complete"

/**
 * slip_edit_get_title:
 *
 * Returns: (transfer none): what it is called, translated
 */
const char *slip_edit_get_title (SlipEdit edit);

/**
 * slip_edit_dup_member_path:
 * @name: a column or code
 * @rest: the path within it
 *
 * Returns: (transfer full): a path of slip_edit_apply()
 */
char *slip_edit_dup_member_path (const char *name, const char *rest);
char *slip_edit_dup_path (const char *name, SlipEdit edit);

/**
 * slip_edit_new_value:
 * @type: a column's type
 * @text: what a person typed
 *
 * Returns: (transfer full): it as JSON of that type; a text where it is none
 */
JsonNode *slip_edit_new_value (SlipType type, const char *text);

#define SLIP_TYPE_EDIT_ITEM (slip_edit_item_get_type ())

/**
 * SlipEditItem:
 *
 * A mapping's column or a lookup's code, as a row of a list. `notify::edited` tells that it says something else.
 */
G_DECLARE_FINAL_TYPE (SlipEditItem, slip_edit_item, SLIP, EDIT_ITEM, GObject)

struct _SlipEditItem
{
  GObject parent_instance;

  char *name; /* as it is on disk, or was added */
  char *type;
  char *rule;
  char *to; /* how it would be called, when that is otherwise */
  gboolean is_code;
  gboolean complete;
  gboolean edited;
  gboolean removed;
};

/**
 * slip_edit_item_new:
 * @name: as it is on disk, or was added
 * @type: the name of its type
 * @rule: (transfer full) (nullable): what fills it, or what the code becomes
 *
 * Returns: (transfer full): its row
 */
SlipEditItem *slip_edit_item_new (const char *name, const char *type, char *rule);

/**
 * slip_edit_item_mark:
 *
 * Says that it is edited.
 */
void slip_edit_item_mark (SlipEditItem *item);

/**
 * slip_edit_item_take_rule:
 * @rule: (transfer full): what fills it now, or what the code becomes
 *
 * Says that it is edited, and how.
 */
void slip_edit_item_take_rule (SlipEditItem *item, char *rule);

/**
 * slip_edit_item_take_draft:
 * @draft: the changes
 * @file: the file that it is in
 *
 * Shows what the draft would do to it.
 */
void slip_edit_item_take_draft (SlipEditItem *item, SlipDefinitionDraft *draft, const char *file);

#define SLIP_EDIT_ITEM_N_COLUMNS 4

/* How they are shown. */
extern const SlipColumn slip_edit_item_columns[SLIP_EDIT_ITEM_N_COLUMNS];

G_END_DECLS
