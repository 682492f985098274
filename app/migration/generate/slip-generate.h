/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipGenerateSettings:
 *
 * What source data is to look like: tables, columns by class, files, planted defects. Immutable once
 * loaded; any thread. The format: `data/migration/README.md` and `data/migration/generate.schema.json`.
 */
typedef struct _SlipGenerateSettings SlipGenerateSettings;

/**
 * slip_generate_settings_load:
 * @path: a settings file, JSON
 * @definitions: (nullable): the folder whose `lookups` columns with a `lookup` read; %NULL for the
 *   settings' own `definitions`, from the settings' folder
 * @faults: (nullable) (element-type utf8): gets every fault that was found, each with the place in the file
 *   as a JSON pointer and, where there is one, as `table.column`
 * @error: return location
 *
 * Reads and checks the whole file.
 *
 * Returns: (transfer full): the settings, or %NULL with %SLIP_MIGRATION_ERROR_DEFINITION, the message of
 *   which is the first fault, %SLIP_MIGRATION_ERROR_NOT_FOUND or %SLIP_MIGRATION_ERROR_IO
 */
SlipGenerateSettings *slip_generate_settings_load (const char *path,
                                                   const char *definitions,
                                                   GPtrArray *faults,
                                                   GError **error);

/**
 * slip_generate_settings_new_from_text:
 * @text: settings
 * @length: their bytes, or -1 when they end with a NUL
 * @path: what faults call them, and whose folder their paths are meant from
 *
 * As slip_generate_settings_load(), for settings that are no file.
 *
 * Returns: (transfer full): the settings, or %NULL with %SLIP_MIGRATION_ERROR_DEFINITION
 */
SlipGenerateSettings *slip_generate_settings_new_from_text (const char *text,
                                                            gssize length,
                                                            const char *path,
                                                            const char *definitions,
                                                            GPtrArray *faults,
                                                            GError **error);

void slip_generate_settings_free (SlipGenerateSettings *self);

/**
 * slip_generate_settings_get_n_tables:
 *
 * Returns: how many tables will be written
 */
guint slip_generate_settings_get_n_tables (const SlipGenerateSettings *self);

/**
 * SlipGenerateFunc:
 * @table: a table's name
 * @tables: how many tables are whole
 * @rows: rows written so far, of all tables
 * @data: as given
 *
 * Called now and then, and when a table is whole, by the thread that generates.
 */
typedef void (*SlipGenerateFunc) (const char *table, guint tables, guint64 rows, gpointer data);

/**
 * slip_generate:
 * @settings: what to write
 * @clients: how many clients, 1 or more
 * @seed: which chance
 * @folder: where to; it is made, must be empty or hold what an earlier call wrote, which is replaced
 * @func: (nullable): told of progress
 * @data: for @func
 * @cancellable: (nullable): ends it; what was whole is there, and no MANIFEST.tsv
 * @error: return location
 *
 * Writes source files, then `PLANTED.tsv` (how many defects of which kind stand in which column) and, last,
 * `MANIFEST.tsv` (rows, bytes and SHA-256 of each file). The same settings, lookups, @clients and @seed
 * give the same bytes on every machine. Memory does not grow with @clients.
 *
 * Returns: whether it did, or %FALSE with %SLIP_MIGRATION_ERROR_IO, %SLIP_MIGRATION_ERROR_STATE (the folder
 *   holds something else) or %SLIP_MIGRATION_ERROR_CANCELLED
 */
gboolean slip_generate (const SlipGenerateSettings *settings,
                        guint64 clients,
                        guint64 seed,
                        const char *folder,
                        SlipGenerateFunc func,
                        gpointer data,
                        GCancellable *cancellable,
                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipGenerateSettings, slip_generate_settings_free)

G_END_DECLS
