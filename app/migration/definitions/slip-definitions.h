/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-copy-table.h"
#include "slip-finding.h"
#include "slip-lookup.h"
#include "slip-mapping.h"
#include "slip-table-definition.h"
#include "slip-target-table.h"
#include "slip-validation.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_TYPE_DEFINITIONS (slip_definitions_get_type ())

/**
 * SlipDefinitions:
 *
 * What the definition files of a migration say: mappings, lookups, table definitions, target tables,
 * validations and tables to copy. It never changes once it is read, and is thread-safe. Everything that it
 * returns lives as long as it does.
 */
G_DECLARE_FINAL_TYPE (SlipDefinitions, slip_definitions, SLIP, DEFINITIONS, GObject)

/**
 * slip_definitions_read:
 * @folder: the folder that holds `mapping_definitions/` and `tables.json`; also a checkout of the
 *   original, in which that is `migration_steps/shared`
 * @findings: (element-type SlipFinding): where what is wrong is appended
 *
 * Reads everything, whatever is wrong with it: what cannot be understood is left out and is an error
 * among @findings. Blocks; any thread.
 *
 * Returns: (transfer full): the definitions
 */
SlipDefinitions *slip_definitions_read (const char *folder, GPtrArray *findings);

/**
 * slip_definitions_load:
 * @folder: as for slip_definitions_read()
 * @error: return location
 *
 * Reads definitions that something is to run on. Blocks; any thread.
 *
 * Returns: (transfer full): the definitions, or %NULL with %SLIP_MIGRATION_ERROR_DEFINITION and every
 *   fault in the message
 */
SlipDefinitions *slip_definitions_load (const char *folder, GError **error);

/**
 * slip_definitions_get_folder:
 *
 * Returns: (transfer none): the folder that holds `tables.json`
 */
const char *slip_definitions_get_folder (SlipDefinitions *self);

/**
 * slip_definitions_get_sha256:
 *
 * Returns: (transfer none): SHA-256 over the names and bytes of all files, 64 hexadecimal digits; it does
 *   not depend on where the folder is
 */
const char *slip_definitions_get_sha256 (SlipDefinitions *self);

/* Lists, sorted by name where the file system and in the file's order where a file gives it. */
GPtrArray *slip_definitions_get_mappings (SlipDefinitions *self);          /* SlipMapping */
GPtrArray *slip_definitions_get_lookups (SlipDefinitions *self);           /* SlipLookup */
GPtrArray *slip_definitions_get_table_definitions (SlipDefinitions *self); /* SlipTableDefinition */
GPtrArray *slip_definitions_get_target_tables (SlipDefinitions *self);     /* SlipTargetTable */
GPtrArray *slip_definitions_get_validations (SlipDefinitions *self);       /* SlipValidation */
GPtrArray *slip_definitions_get_copy_tables (SlipDefinitions *self);       /* SlipCopyTable */

/* By name; %NULL when there is none. A lookup is found with and without `_lookup`. */
const SlipMapping *slip_definitions_find_mapping (SlipDefinitions *self, const char *name);
const SlipLookup *slip_definitions_find_lookup (SlipDefinitions *self, const char *name);
/* Whether a lookup of that name is there and could not be read, which its own fault tells. */
gboolean slip_definitions_is_lookup_unread (SlipDefinitions *self, const char *name);
const SlipTableDefinition *slip_definitions_find_table_definition (SlipDefinitions *self,
                                                                   const char *name);
const SlipTargetTable *slip_definitions_find_target_table (SlipDefinitions *self, const char *name);
const SlipValidation *slip_definitions_find_validation (SlipDefinitions *self, const char *name);
const SlipCopyTable *slip_definitions_find_copy_table (SlipDefinitions *self, const char *name);

G_END_DECLS
