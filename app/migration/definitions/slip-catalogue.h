/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"
#include "slip-sidecar.h"

G_BEGIN_DECLS

/**
 * SlipCatalogue:
 *
 * Tables and their columns: those of a schema, or those that headers promise. One thread at a time.
 */
typedef struct _SlipCatalogue SlipCatalogue;

/**
 * SlipCatalogueColumn:
 * @name: as it stands in the database, or in the header
 * @type: (nullable): as format_type() of PostgreSQL tells it, such as `character varying(255)`; of a domain what it is
 *   over in the end; %NULL for a header
 * @domain: (nullable): the domain's name
 * @labels: (nullable) (array zero-terminated=1): of an enum, its values
 * @needed: whether it is NOT NULL and has no default
 */
typedef struct
{
  char *name;
  char *type;
  char *domain;
  char **labels;
  gboolean needed;
} SlipCatalogueColumn;

SlipCatalogue *slip_catalogue_new (void);
void slip_catalogue_free (SlipCatalogue *self);

/**
 * slip_catalogue_read_schema:
 * @pg: a connection
 * @schema: a schema
 * @cancellable: (nullable): cancels
 * @error: return location
 *
 * Returns: (transfer full): the tables of @schema, none when there is no such schema; %NULL with the error of
 *   slip_pg_query()
 */
SlipCatalogue *slip_catalogue_read_schema (SlipPg *pg,
                                           const char *schema,
                                           GCancellable *cancellable,
                                           GError **error);

/**
 * slip_catalogue_read_headers:
 * @path: a file with a line `==> NAME.csv <==` and a header line for each source file
 * @source: what the sidecar says of source files
 * @error: return location
 *
 * Returns: (transfer full): the tables that these files are landed in, or %NULL
 */
SlipCatalogue *
slip_catalogue_read_headers (const char *path, const SlipSource *source, GError **error);

/**
 * slip_catalogue_read_folder:
 * @folder: a folder of source files
 * @source: what the sidecar says of them
 * @error: return location
 *
 * Reads the header of each file, and nothing behind it.
 *
 * Returns: (transfer full): the tables that they are landed in, or %NULL with the error of slip_load_plan(), or
 *   %SLIP_MIGRATION_ERROR_INPUT for a header that cannot be read
 */
SlipCatalogue *
slip_catalogue_read_folder (const char *folder, const SlipSource *source, GError **error);

/**
 * slip_catalogue_add:
 * @table: a table
 * @columns: (array zero-terminated=1): its columns; those that it has already are skipped
 *
 * Adds to a table, which is made when there is none.
 */
void slip_catalogue_add (SlipCatalogue *self, const char *table, const char *const *columns);

guint slip_catalogue_get_n_tables (const SlipCatalogue *self);

/**
 * slip_catalogue_find:
 *
 * Returns: (transfer none) (nullable) (element-type SlipCatalogueColumn): the columns of @table, in order
 */
GPtrArray *slip_catalogue_find (const SlipCatalogue *self, const char *table);
const SlipCatalogueColumn *
slip_catalogue_find_column (const SlipCatalogue *self, const char *table, const char *column);

/**
 * slip_catalogue_has_sequence:
 *
 * Returns: whether the schema that was read has a sequence @name
 */
gboolean slip_catalogue_has_sequence (const SlipCatalogue *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCatalogue, slip_catalogue_free)

G_END_DECLS
