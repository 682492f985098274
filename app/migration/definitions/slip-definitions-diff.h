/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definitions.h"

G_BEGIN_DECLS

/**
 * SlipDefinitionsPart:
 * @SLIP_DEFINITIONS_PART_MAPPING: a mapping; its items are target columns
 * @SLIP_DEFINITIONS_PART_LOOKUP: a lookup; its items are codes
 * @SLIP_DEFINITIONS_PART_TABLE_DEFINITION: a table definition; its items are conditions, additional columns
 *   and table transforms
 * @SLIP_DEFINITIONS_PART_TARGET_TABLE: a table of `tables.json`; its items are foreign keys and sequences
 * @SLIP_DEFINITIONS_PART_VALIDATION: a validation; its items are excluded columns, expressions, joins …
 * @SLIP_DEFINITIONS_PART_COPY_TABLE: a table that is copied; its items are columns
 *
 * Of which kind the record is that differs.
 */
typedef enum
{
  SLIP_DEFINITIONS_PART_MAPPING,
  SLIP_DEFINITIONS_PART_LOOKUP,
  SLIP_DEFINITIONS_PART_TABLE_DEFINITION,
  SLIP_DEFINITIONS_PART_TARGET_TABLE,
  SLIP_DEFINITIONS_PART_VALIDATION,
  SLIP_DEFINITIONS_PART_COPY_TABLE,
} SlipDefinitionsPart;

/**
 * SlipDefinitionsChangeKind:
 * @SLIP_DEFINITIONS_CHANGE_ADDED: only the later definitions have it
 * @SLIP_DEFINITIONS_CHANGE_REMOVED: only the earlier definitions have it
 * @SLIP_DEFINITIONS_CHANGE_CHANGED: both have it, and a property differs
 * @SLIP_DEFINITIONS_CHANGE_MOVED: both have it, at another place of the order
 */
typedef enum
{
  SLIP_DEFINITIONS_CHANGE_ADDED,
  SLIP_DEFINITIONS_CHANGE_REMOVED,
  SLIP_DEFINITIONS_CHANGE_CHANGED,
  SLIP_DEFINITIONS_CHANGE_MOVED,
} SlipDefinitionsChangeKind;

/**
 * SlipDefinitionsChange:
 * @part: what kind of record
 * @kind: what became of it
 * @name: the record: a mapping's name, a lookup's, a table's
 * @item: (nullable): the item in it, such as a target column or a code; %NULL is the record itself
 * @property: (nullable): what of the item differs, such as `transformation`; %NULL when it is added, removed
 *   or moved as a whole
 * @before: (nullable): the value it had; %NULL where it had none. Of what moved: the item it stood behind
 * @after: (nullable): the value it has; %NULL where it has none. Of what moved: the item it stands behind
 * @rows: whether rows can come out differently; %FALSE for what only people read, such as whether a column is
 *   signed off
 *
 * One thing that differs between two versions of definitions. Values are as `slip_value_dup_text()` writes
 * them, lists as JSON.
 */
typedef struct
{
  SlipDefinitionsPart part;
  SlipDefinitionsChangeKind kind;
  char *name;
  char *item;
  char *property;
  char *before;
  char *after;
  gboolean rows;
} SlipDefinitionsChange;

/**
 * slip_definitions_diff:
 * @before: the earlier definitions
 * @after: the later ones
 *
 * What differs in meaning between two versions. Layout of files, white space, the case of a source table's
 * name and members that nobody reads are no difference. What is new as a whole is one change, with its
 * items as @after of the change (`12 columns`). Any thread.
 *
 * Returns: (transfer full) (element-type SlipDefinitionsChange): mappings, lookups, table definitions, target
 *   tables, validations and copied tables in this order, each by the order of the later definitions, what is
 *   removed last; empty when both mean the same
 */
GPtrArray *slip_definitions_diff (SlipDefinitions *before, SlipDefinitions *after);

/**
 * slip_definitions_change_to_text:
 *
 * Returns: (transfer full): one line, `mapping people: surname: transformation “first_word” → “last_words”`
 */
char *slip_definitions_change_to_text (const SlipDefinitionsChange *change);

/**
 * slip_definitions_part_get_name:
 *
 * Returns: (transfer none): `mapping`, `lookup`, `table definition`, `target table`, `validation` or
 *   `copied table`
 */
const char *slip_definitions_part_get_name (SlipDefinitionsPart part);

/**
 * slip_definitions_change_kind_get_name:
 *
 * Returns: (transfer none): `added`, `removed`, `changed` or `moved`
 */
const char *slip_definitions_change_kind_get_name (SlipDefinitionsChangeKind kind);

void slip_definitions_change_free (SlipDefinitionsChange *change);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDefinitionsChange, slip_definitions_change_free)

G_END_DECLS
