/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-mapping.h"

G_BEGIN_DECLS

/**
 * SlipLookupEntry:
 * @code: as the source has it: case and spaces count, and "" is a code
 * @value: a scalar; "" is “known, and no value”
 */
typedef struct
{
  char *code;
  JsonNode *value;
} SlipLookupEntry;

/**
 * SlipLookup:
 * @name: the file's stem as mappings name it, such as `title_codes_lookup`
 * @file: relative to the folder of the definitions
 * @type: of all its values: %SLIP_TYPE_STR, %SLIP_TYPE_INT or %SLIP_TYPE_BOOL
 * @entries: (element-type SlipLookupEntry): in the file's order
 * @index: (element-type utf8 SlipLookupEntry): by code
 *
 * One `lookups/NAME.json`.
 */
typedef struct
{
  char *name;
  char *file;
  SlipType type;
  GPtrArray *entries;
  GHashTable *index;
} SlipLookup;

/**
 * slip_lookup_find:
 * @lookup: a lookup
 * @code: a code
 *
 * Returns: (transfer none) (nullable): what @code becomes, or %NULL when it is unknown
 */
JsonNode *slip_lookup_find (const SlipLookup *lookup, const char *code);
void slip_lookup_free (SlipLookup *lookup);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipLookup, slip_lookup_free)

G_END_DECLS
