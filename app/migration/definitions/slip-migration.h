/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-sidecar.h"

G_BEGIN_DECLS

#define SLIP_TYPE_MIGRATION (slip_migration_get_type ())

/**
 * SlipMigration:
 *
 * A migration: definitions and the sidecar `migration.json`, with every name resolved. It never changes once
 * it is read, and is thread-safe. Everything that it returns lives as long as it does.
 */
G_DECLARE_FINAL_TYPE (SlipMigration, slip_migration, SLIP, MIGRATION, GObject)

/**
 * slip_migration_read:
 * @folder: a folder with `migration.json`, or with the definitions themselves
 * @sidecar: (nullable): the sidecar's path, for another than `migration.json` in @folder
 * @findings: (element-type SlipFinding): where what is wrong is appended
 *
 * Reads a migration, whatever is wrong with it. Without a sidecar there are no entities, so that nothing can
 * run; that is a note. Blocks; any thread.
 *
 * Returns: (transfer full): the migration
 */
SlipMigration *slip_migration_read (const char *folder, const char *sidecar, GPtrArray *findings);

/**
 * slip_migration_load:
 * @folder: as for slip_migration_read()
 * @sidecar: (nullable): as for slip_migration_read()
 * @error: return location
 *
 * Reads a migration that is to run. Blocks; any thread.
 *
 * Returns: (transfer full): the migration, or %NULL with %SLIP_MIGRATION_ERROR_DEFINITION and every fault in
 *   the message, or %SLIP_MIGRATION_ERROR_NOT_FOUND without a sidecar
 */
SlipMigration *slip_migration_load (const char *folder, const char *sidecar, GError **error);

SlipDefinitions *slip_migration_get_definitions (SlipMigration *self);

/**
 * slip_migration_get_sidecar_path:
 *
 * Returns: (transfer none) (nullable): its path; %NULL when there is none
 */
const char *slip_migration_get_sidecar_path (SlipMigration *self);

/**
 * slip_migration_get_sidecar_sha256:
 *
 * Returns: (transfer none): SHA-256 over the sidecar and all files that it names, 64 hexadecimal digits
 */
const char *slip_migration_get_sidecar_sha256 (SlipMigration *self);

const char *slip_migration_get_name (SlipMigration *self);  /* never NULL */
const char *slip_migration_get_title (SlipMigration *self); /* never NULL */

/**
 * slip_migration_is_strict:
 *
 * Returns: whether documented defects of the original are corrected (`mode`)
 */
gboolean slip_migration_is_strict (SlipMigration *self);

const SlipSchemas *slip_migration_get_schemas (SlipMigration *self);
const SlipSource *slip_migration_get_source (SlipMigration *self);
const SlipApi *slip_migration_get_api (SlipMigration *self); /* never NULL */
const SlipValidationRules *slip_migration_get_validation_rules (SlipMigration *self);

/**
 * slip_migration_get_value:
 * @name: a name of `values`
 *
 * Returns: (transfer none) (nullable): its scalar
 */
JsonNode *slip_migration_get_value (SlipMigration *self, const char *name);
JsonObject *slip_migration_get_values (SlipMigration *self);

/**
 * slip_migration_override:
 * @values: (array zero-terminated=1): `NAME=TEXT` each
 * @error: return location
 *
 * Puts texts in place of values that the sidecar has, for one run. Only before another thread knows @self.
 *
 * Returns: whether it did; %FALSE with %SLIP_MIGRATION_ERROR_DEFINITION for a name that the sidecar does not
 *   have, and then nothing is changed
 */
gboolean slip_migration_override (SlipMigration *self, const char *const *values, GError **error);

GPtrArray *slip_migration_get_filters (SlipMigration *self);  /* SlipFilter */
GPtrArray *slip_migration_get_entities (SlipMigration *self); /* SlipEntity, after what they need */
GPtrArray *slip_migration_get_steps (SlipMigration *self);    /* SlipStep, in that order */
GPtrArray *slip_migration_get_decisions (SlipMigration *self); /* SlipDecision */
GPtrArray *slip_migration_get_uids (SlipMigration *self);      /* SlipUid */
GPtrArray *slip_migration_get_needs (SlipMigration *self);     /* SlipNeed */
GPtrArray *slip_migration_get_rules (SlipMigration *self);     /* SlipBusinessRule */
GPtrArray *slip_migration_get_hooks (SlipMigration *self);     /* SlipHook */
GPtrArray *slip_migration_get_gates (SlipMigration *self);     /* SlipGate */
GPtrArray *slip_migration_get_functions (SlipMigration *self); /* SlipNamedSql: file, statements */

/**
 * slip_migration_get_case:
 *
 * Returns: (transfer none) (nullable): how one case is taken out and anonymised
 */
const SlipCase *slip_migration_get_case (SlipMigration *self);

const SlipEntity *slip_migration_find_entity (SlipMigration *self, const char *name);
const SlipStep *slip_migration_find_step (SlipMigration *self, const char *name);
const SlipDecision *slip_migration_find_decision (SlipMigration *self, const char *name);

/**
 * slip_migration_expand:
 * @sql: SQL with placeholders
 * @run_date: YYYY-MM-DD
 *
 * Puts quoted schema names, the run date (`DATE '2022-06-15'`) and values (as literals) in place of the
 * placeholders. What is in braces and no placeholder stays. Any thread.
 *
 * Returns: (transfer full): the SQL
 */
char *slip_migration_expand (SlipMigration *self, const char *sql, const char *run_date);

G_END_DECLS
