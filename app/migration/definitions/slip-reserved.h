/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SLIP_RESERVED_PREFIX:
 *
 * What names of columns begin with that compiled SQL puts beside those of definitions: `slipway_id`,
 * `slipway_marks`. No file of a source and no definition may bring such a name, so that the two never meet. SQL
 * that stands beside foreign columns gives its own no other names.
 */
#define SLIP_RESERVED_PREFIX "slipway_"

/**
 * slip_reserved_in_source:
 * @name: a column of a landed table
 *
 * Returns: (transfer none) (nullable): why a source cannot have it, to stand behind the name: “is the name of …”;
 *   %NULL when it can
 */
const char *slip_reserved_in_source (const char *name);

/**
 * slip_reserved_in_target:
 * @name: a column of a target table
 *
 * The names that PostgreSQL and we keep for ourselves, and those that the format gives to what rows carry on
 * beside their columns: `casrec_details`, `migration_method`, `transformation_schema_id`.
 *
 * Returns: (transfer none) (nullable): why no mapping can fill it, as slip_reserved_in_source() says it; %NULL
 *   when one can
 */
const char *slip_reserved_in_target (const char *name);

G_END_DECLS
