/* SPDX-License-Identifier: MIT */
/* The names that columns of sources and targets cannot have, because others have them: the one list of them, which
 * the check of definitions and the load ask. What is not in it is anybody's. */

#include "slip-reserved.h"

/* pg_attribute's negative numbers; a table that has such a column cannot be made. */
static gboolean
is_of_the_system (const char *name)
{
  static const char *const names[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", NULL};

  return g_strv_contains (names, name);
}

const char *
slip_reserved_in_source (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  if (g_str_equal (name, "casrec_row_id"))
    return "is the name of the row number that the load itself gives";
  if (is_of_the_system (name))
    return "is the name of a system column of PostgreSQL";
  if (g_str_has_prefix (name, SLIP_RESERVED_PREFIX))
    return "begins like the columns that Slipway adds";
  return NULL;
}

const char *
slip_reserved_in_target (const char *name)
{
  static const char *const carried[]
      = {"casrec_row_id", "casrec_mapping_file_name", "casrec_table_name", "casrec_details", NULL};

  g_return_val_if_fail (name != NULL, NULL);

  if (g_strv_contains (carried, name))
    return "is where a row says where it comes from";
  if (g_str_equal (name, "migration_method"))
    return "is where a row says how it is migrated";
  if (g_str_has_prefix (name, "transformation_schema_"))
    return "is where a row keeps a key that it had before";
  return slip_reserved_in_source (name);
}
