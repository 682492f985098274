/* SPDX-License-Identifier: MIT */
/* The check's look at the SQL of validations: what validation_mapping.json and the sidecar's own queries make is prepared over
 * empty tables, so that a run does not come to its last stages to be told of a name. */

#include "slip-migration-check-private.h"

#include "slip-migration-error.h"
#include "slip-validation-check.h"

#define VALIDATION_FILE "validation_mapping.json"
#define RUN_DATE "2000-01-01"

typedef struct
{
  SlipCheck *check;
  SlipPg *pg;
  gboolean faulty; /* whether something was wrong before: what a mapping names is told of there */
} Look;

static void
tell_missing (SlipCheck *check, const char *path, const char *mapping, const char *table)
{
  const char *const parts[] = {mapping, NULL};

  /* Where the source is known by its files it need not be landed yet. */
  if (check->source == NULL || slip_catalogue_find (check->source, table) != NULL)
    return;
  if (path != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path, NULL,
                       "it reads “%s”, which the source has not", table);
  else
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, VALIDATION_FILE, parts, NULL,
                               "it reads “%s”, which the source has not", table);
}

static gboolean
on_query (const char *path,
          const char *mapping,
          const char *sql,
          const char *missing,
          GPtrArray *fragments,
          gpointer data,
          GError **error)
{
  Look *look = data;
  g_autofree char *pointer = path != NULL ? g_strdup (path) : g_strconcat ("/", mapping, NULL);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_sql_part_free);
  const SlipCheckedStatement statement = {.file = path == NULL ? VALIDATION_FILE : NULL,
                                          .path = pointer,
                                          .sql = sql,
                                          .relations = TRUE,
                                          .parts_only = path == NULL && look->faulty};

  if (missing != NULL)
    {
      tell_missing (look->check, path, mapping, missing);
      return TRUE;
    }
  for (guint i = 0; fragments != NULL && i < fragments->len; i++)
    {
      const SlipValidationFragment *fragment = g_ptr_array_index (fragments, i);

      g_ptr_array_add (parts, slip_sql_part_new (g_strdup (fragment->path), fragment->sql,
                                                 g_strdup (fragment->text), fragment->mask));
    }
  return slip_migration_check_prepare (look->check, look->pg, &statement, parts, error);
}

/* Conditions over what a validation found. */
static gboolean
prepare_known (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *known = slip_migration_get_validation_rules (check->migration)->known;
  gboolean ok
      = slip_migration_check_run (pg, "look at known differences", "BEGIN READ ONLY", error);

  for (guint i = 0; ok && i < known->len; i++)
    {
      const char *where = ((const SlipKnownDifference *)known->pdata[i])->where;
      g_autofree char *text
          = where != NULL ? slip_migration_expand (check->migration, where, RUN_DATE) : NULL;
      g_autofree char *path = g_strdup_printf ("/validation/known/%u/where", i);
      g_autofree char *sql
          = g_strdup_printf ("SELECT FROM slipway.difference AS d WHERE (%s\n)", text);
      const SlipCheckedStatement statement = {.path = path, .sql = sql, .relations = TRUE};

      ok = where == NULL || slip_migration_check_prepare (check, pg, &statement, NULL, error);
    }
  slip_pg_rollback (pg);
  return ok;
}

gboolean
slip_migration_check_prepare_validation (SlipCheck *check,
                                         SlipPg *migration_db,
                                         SlipPg *target_db,
                                         GError **error)
{
  g_autoptr (GError) problem = NULL;
  Look look = {check, migration_db, slip_findings_count (check->findings, SLIP_SEVERITY_ERROR) > 0};

  if (slip_validation_each_query (check->migration, migration_db, target_db, RUN_DATE, on_query,
                                  &look, &problem)
      && prepare_known (check, migration_db, &problem))
    return TRUE;
  if (g_error_matches (problem, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION))
    {
      slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, VALIDATION_FILE, NULL, NULL, "%s",
                         problem->message);
      return TRUE;
    }
  return slip_migration_check_note_unread (check, "the validations' SQL",
                                           g_steal_pointer (&problem), error);
}
