/* SPDX-License-Identifier: MIT */
/* The check's look at domains of the target: what lookups and defaults give must be what their CHECKs let pass. The target
 * itself is asked, one value after the other, for a CHECK can be any expression; nothing is written to it. */

#include "slip-migration-check-private.h"

#include "slip-json.h"
#include "slip-migration-error.h"

typedef struct
{
  SlipCheck *check;
  SlipPg *pg;
  GCancellable *cancellable;
  GHashTable *known; /* domain and value → the constraint that refuses it, or "" */
} Domains;

/* %NULL with the error when the target cannot be asked. A text that is none of the type at all is told by the check of types. */
static char *
ask (Domains *self, const char *domain, const char *value, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT ($1::text)::%s IS NULL", domain);
  const char *const params[] = {value, NULL};
  g_autoptr (GError) refused = NULL;
  g_autoptr (SlipPgRows) rows = NULL;
  const SlipServerWords *words;

  slip_pg_name_statement (self->pg, "what a domain lets pass");
  rows = slip_pg_query (self->pg, sql, params, self->cancellable, &refused);
  if (rows != NULL)
    return g_strdup ("");
  words = slip_migration_error_get_words (refused);
  if (words != NULL && g_str_has_prefix (words->sqlstate, "22"))
    return g_strdup ("");
  if (words != NULL && g_str_equal (words->sqlstate, "23514"))
    return g_strdup (words->constraint != NULL ? words->constraint : domain);
  g_propagate_error (error, g_steal_pointer (&refused));
  return NULL;
}

static gboolean
find_refusal (
    Domains *self, const char *domain, const char *value, const char **constraint, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s\x1f%s", domain, value);
  char *found = g_hash_table_lookup (self->known, name);

  *constraint = NULL;
  if (*value == '\0') /* a blank becomes NULL */
    return TRUE;
  if (found == NULL)
    {
      found = ask (self, domain, value, error);
      if (found == NULL)
        return FALSE;
      g_hash_table_insert (self->known, g_steal_pointer (&name), found);
    }
  *constraint = *found != '\0' ? found : NULL;
  return TRUE;
}

static gboolean
check_lookup (Domains *self,
              const SlipLookup *lookup,
              const SlipMappingColumn *column,
              const char *domain,
              GError **error)
{
  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);
      g_autofree char *value = slip_migration_check_dup_value (column, entry->value);
      const char *constraint;

      if (!find_refusal (self, domain, value, &constraint, error))
        return FALSE;
      if (constraint != NULL)
        slip_migration_check_tell (self->check, SLIP_SEVERITY_ERROR, lookup->file,
                                   (const char *const[]){entry->code, NULL},
                                   "Mend the lookup, or what the target's domain asks",
                                   "“%s” breaks CHECK %s of %s, the domain of the target's %s.%s",
                                   value, constraint, domain, column->table, column->target);
    }
  return TRUE;
}

static gboolean
check_column (Domains *self,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              const char *domain,
              GError **error)
{
  const SlipLookup *lookup
      = column->lookup != NULL && column->transformation == NULL
            ? slip_definitions_find_lookup (self->check->definitions, column->lookup)
            : NULL;
  g_autofree char *value = NULL;
  const char *constraint;

  if (lookup != NULL && !check_lookup (self, lookup, column, domain, error))
    return FALSE;
  if (column->default_value == NULL)
    return TRUE;
  value = slip_migration_check_dup_value (column, column->default_value);
  if (g_str_equal (value, "none") || (lookup != NULL && slip_lookup_find (lookup, value) != NULL))
    return TRUE;
  if (!find_refusal (self, domain, value, &constraint, error))
    return FALSE;
  if (constraint != NULL)
    SLIP_CHECK_TELL_COLUMN (self->check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "default_value", "Mend the default, or what the target's domain asks",
                            "“%s” breaks CHECK %s of %s, the domain of the target's %s.%s", value,
                            constraint, domain, column->table, column->target);
  return TRUE;
}

gboolean
slip_migration_check_domains (SlipCheck *check,
                              SlipPg *target_db,
                              GCancellable *cancellable,
                              GError **error)
{
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Domains self = {check, target_db, cancellable, known};

  for (guint i = 0; check->target != NULL && i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);
      const SlipMapping *mapping
          = slip_definitions_find_mapping (check->definitions, definition->name);

      for (guint k = 0; mapping != NULL && k < mapping->columns->len; k++)
        {
          const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, k);
          const SlipCatalogueColumn *found
              = slip_catalogue_find_column (check->target, definition->destination, column->target);

          if (found != NULL && found->domain != NULL
              && !check_column (&self, mapping, column, found->domain, error))
            return FALSE;
        }
    }
  return TRUE;
}
