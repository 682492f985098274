/* SPDX-License-Identifier: MIT */
/* The check of a migration: goes through its parts, each in a file of its own, and gathers what they find. The
 * files themselves have been read by then; what cannot be read is a finding already. */

#include "slip-migration-check-private.h"

#include "slip-api-check.h"

#include <string.h>
#include "slip-json.h"

void
slip_migration_check_tell (SlipCheck *check,
                           SlipSeverity severity,
                           const char *file,
                           const char *const *parts,
                           const char *advice,
                           const char *format,
                           ...)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    slip_json_append_pointer (path, parts[i]);
  slip_findings_add (check->findings, severity, file, path->len > 0 ? path->str : NULL, advice,
                     "%s", message);
}

void
slip_migration_check_each (SlipCheck *check,
                           const char *path,
                           GPtrArray *list,
                           SlipCheckSqlFunc func)
{
  for (guint i = 0; i < list->len; i++)
    {
      const SlipNamedSql *named = g_ptr_array_index (list, i);
      g_autofree char *place = g_strconcat (path, "/", named->name, NULL);

      func (check, place, named->sql);
    }
}

char *
slip_migration_check_dup_sidecar (SlipMigration *migration)
{
  const char *path = slip_migration_get_sidecar_path (migration);

  return path != NULL ? g_path_get_basename (path) : g_strdup ("migration.json");
}

char *
slip_migration_check_dup_value (const SlipMappingColumn *column, JsonNode *node)
{
  char *value = slip_value_dup_text (node);
  gsize length = strlen (value);

  if ((column->type == SLIP_TYPE_INT || column->type == SLIP_TYPE_BIGINT) && length > 2
      && g_str_has_suffix (value, ".0"))
    value[length - 2] = '\0';
  return value;
}

gboolean
slip_migration_check (SlipMigration *migration,
                      const SlipCheckAgainst *against,
                      GCancellable *cancellable,
                      GPtrArray *findings,
                      GError **error)
{
  SlipCheck check = {.migration = migration, .findings = findings};
  g_autoptr (GPtrArray) expressions
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_migration_checked_sql_free);
  SlipPg *pg = against->target_db != NULL ? against->target_db : against->migration_db;
  g_autofree char *sidecar = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && against != NULL && findings != NULL,
                        FALSE);

  check.sidecar = sidecar = slip_migration_check_dup_sidecar (migration);
  check.definitions = slip_migration_get_definitions (migration);
  check.source = against->source;
  check.target = against->target;
  check.expressions = expressions;
  slip_migration_check_mappings (&check);
  slip_migration_check_names (&check);
  slip_migration_check_tables (&check);
  slip_migration_check_constants (&check);
  if (check.source != NULL)
    slip_migration_check_source_columns (&check);
  if (check.target != NULL)
    slip_migration_check_target_columns (&check);
  slip_migration_check_steps (&check);
  slip_migration_check_placeholders (&check);
  slip_migration_check_hooks (&check);
  slip_api_check_files (migration, sidecar, findings);
  if (!slip_migration_check_parents (&check, against->target_db, cancellable, error))
    return FALSE;
  if (pg != NULL && !slip_migration_check_expressions (&check, pg, cancellable, error))
    return FALSE;
  if (against->migration_db != NULL
      && !slip_migration_check_prepare_steps (&check, against->migration_db, error))
    return FALSE;
  if (against->migration_db != NULL && against->target_db != NULL
      && !slip_migration_check_prepare_validation (&check, against->migration_db,
                                                   against->target_db, error))
    return FALSE;
  if (against->target_db != NULL && !against->apart
      && !slip_migration_check_prepare_target (&check, against->target_db, error))
    return FALSE;
  if (against->migration_db != NULL
      && !slip_migration_check_data (&check, against->migration_db, cancellable, error))
    return FALSE;
  return against->target_db == NULL
         || (slip_migration_check_domains (&check, against->target_db, cancellable, error)
             && (against->apart
                 || slip_migration_check_needs (&check, against->target_db, cancellable, error)));
}
