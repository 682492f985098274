/* SPDX-License-Identifier: MIT */
/* What is to be asked: the checks of the files, in groups that look at the same answers, and the paths that their references
 * lead to. Files are those of the original's API tests: endpoint, entity_ref, json_locator, test_purpose, api_response. */

#include "slip-api-private.h"

#include "slip-csv-reader.h"
#include "slip-finding.h"

#include <string.h>

#define COLUMNS 5

static const char *const columns[COLUMNS]
    = {"endpoint", "entity_ref", "json_locator", "test_purpose", "api_response"};

void
slip_api_check_free (SlipApiCheck *check)
{
  if (check == NULL)
    return;
  g_free (check->file);
  g_free (check->endpoint);
  g_free (check->reference);
  g_free (check->locator);
  g_free (check->purpose);
  g_free (check->expected);
  g_free (check->actual);
  g_free (check->message);
  g_free (check->asked);
  g_free (check);
}

void
slip_api_group_free (SlipApiGroup *group)
{
  g_ptr_array_unref (group->checks);
  g_ptr_array_unref (group->paths);
  g_free (group);
}

/* ---- files */

typedef struct
{
  const SlipApiChecks *of;
  const char *file;
  GPtrArray *checks;
  GPtrArray *groups;
  GHashTable *index;   /* owned; endpoint and reference → group */
  GPtrArray *findings; /* element-type SlipFinding */
} Plan;

static void
add_to_group (Plan *plan, SlipApiCheck *check)
{
  g_autofree char *name = g_strdup_printf ("%s\n%s", check->endpoint, check->reference);
  SlipApiGroup *group = g_hash_table_lookup (plan->index, name);

  if (group == NULL)
    {
      group = g_new0 (SlipApiGroup, 1);
      group->of = plan->of;
      group->checks = g_ptr_array_new ();
      group->paths = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (plan->groups, group);
      g_hash_table_insert (plan->index, g_steal_pointer (&name), group);
    }
  g_ptr_array_add (group->checks, check);
}

static void
check_fault (Plan *plan, const SlipApiCheck *check)
{
  g_autofree char *why = NULL;
  g_autofree char *line = g_strdup_printf ("line %" G_GUINT64_FORMAT, check->line);

  if (*check->endpoint != '/')
    slip_findings_add (plan->findings, SLIP_SEVERITY_ERROR, check->file, line, NULL,
                       "the endpoint “%s” is no path", check->endpoint);
  if (!slip_api_locator_is_good (check->locator, &why))
    slip_findings_add (plan->findings, SLIP_SEVERITY_ERROR, check->file, line, NULL,
                       "“%s” is no JSONPath: %s", check->locator, why);
}

static void
take_record (Plan *plan, const SlipRecord *record, const int *places)
{
  SlipApiCheck *check = g_new0 (SlipApiCheck, 1);
  char **fields[COLUMNS]
      = {&check->endpoint, &check->reference, &check->locator, &check->purpose, &check->expected};

  for (guint i = 0; i < COLUMNS; i++)
    *fields[i] = g_strndup (record->fields[places[i]].text, record->fields[places[i]].length);
  check->file = g_strdup (plan->file);
  check->line = record->line;
  g_ptr_array_add (plan->checks, check);
  check_fault (plan, check);
  add_to_group (plan, check);
}

static gboolean
find_places (Plan *plan, SlipCsvReader *reader, int *places)
{
  const char *const *header = slip_csv_reader_get_header (reader);
  gboolean all = TRUE;

  for (guint i = 0; i < COLUMNS; i++)
    {
      places[i] = -1;
      for (guint j = 0; header[j] != NULL; j++)
        if (g_str_equal (header[j], columns[i]))
          places[i] = (int)j;
      if (places[i] >= 0)
        continue;
      slip_findings_add (plan->findings, SLIP_SEVERITY_ERROR, plan->file, NULL, NULL,
                         "there is no column %s", columns[i]);
      all = FALSE;
    }
  return all;
}

static gboolean
read_records (Plan *plan, SlipCsvReader *reader, GError **error)
{
  int places[COLUMNS];

  if (!find_places (plan, reader, places))
    return TRUE;
  for (;;)
    {
      SlipRecord record;
      SlipBadRecord *bad = NULL;
      SlipRead result = slip_csv_reader_next (reader, &record, &bad, error);

      if (result == SLIP_READ_END || result == SLIP_READ_ERROR)
        return result == SLIP_READ_END;
      if (result == SLIP_READ_RECORD)
        take_record (plan, &record, places);
      else
        {
          g_autofree char *text = slip_bad_record_to_text (bad);

          slip_findings_add (plan->findings, SLIP_SEVERITY_ERROR, plan->file, NULL, NULL, "%s",
                             text);
          slip_bad_record_free (bad);
        }
    }
}

static gboolean
read_file (Plan *plan, const SlipNamedSql *file, GError **error)
{
  const SlipCsvFormat format = {0};
  g_autoptr (SlipCsvReader) reader = NULL;

  plan->file = file->name;
  reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes (file->name, file->sql, strlen (file->sql)), &format, error);
  return reader != NULL && read_records (plan, reader, error);
}

static gboolean
read_files (SlipMigration *migration,
            GPtrArray *checks,
            GPtrArray *groups,
            GPtrArray *findings,
            GError **error)
{
  const SlipApi *api = slip_migration_get_api (migration);

  for (guint i = 0; i < api->checks->len; i++)
    {
      const SlipApiChecks *of = g_ptr_array_index (api->checks, i);
      g_autoptr (GHashTable) index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Plan plan
          = {.of = of, .checks = checks, .groups = groups, .index = index, .findings = findings};

      for (guint j = 0; j < of->files->len; j++)
        if (!read_file (&plan, g_ptr_array_index (of->files, j), error))
          return FALSE;
    }
  return TRUE;
}

gboolean
slip_api_plan (SlipMigration *migration, GPtrArray *checks, GPtrArray *groups, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autofree char *text = NULL;

  if (!read_files (migration, checks, groups, findings, error))
    return FALSE;
  if (findings->len == 0)
    return TRUE;
  text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);
  SLIP_API_ERROR (error, DEFINITION, "the API is not asked; mend its checks:\n%s",
                  g_strchomp (text));
  return FALSE;
}

void
slip_api_check_files (SlipMigration *migration, const char *sidecar, GPtrArray *findings)
{
  g_autoptr (GPtrArray) checks
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_api_check_free);
  g_autoptr (GPtrArray) groups
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_api_group_free);
  g_autoptr (GError) problem = NULL;

  g_return_if_fail (SLIP_IS_MIGRATION (migration) && findings != NULL);

  if (!read_files (migration, checks, groups, findings, &problem))
    slip_findings_add (findings, SLIP_SEVERITY_ERROR, sidecar, "/api/checks", NULL, "%s",
                       problem->message);
}

/* ---- references */

static void
settle (SlipApiGroup *group, const char *state, const char *message)
{
  for (guint i = 0; i < group->checks->len; i++)
    {
      SlipApiCheck *check = g_ptr_array_index (group->checks, i);

      check->state = state;
      check->message = g_strdup (message);
    }
}

/* Values of a row in place of the placeholders that its columns' names are. */
static char *
dup_path (const char *endpoint, SlipPgRows *rows, guint row)
{
  g_autofree char *path = g_strdup (endpoint);

  for (guint i = 0; i < slip_pg_rows_get_n_columns (rows); i++)
    {
      const char *value = slip_pg_rows_get (rows, row, i);
      g_autofree char *escaped = g_uri_escape_string (value != NULL ? value : "", NULL, TRUE);
      g_autofree char *placeholder = g_strdup_printf ("{%s}", slip_pg_rows_get_column (rows, i));
      g_auto (GStrv) parts = g_strsplit (path, placeholder, -1);

      g_free (path);
      path = g_strjoinv (escaped, parts);
    }
  return g_steal_pointer (&path);
}

static gboolean
is_left_out (SlipMigration *migration,
             SlipApiGroup *group,
             SlipPg *pg,
             const char *run_date,
             gboolean *out,
             GError **error)
{
  const SlipApiCheck *first = g_ptr_array_index (group->checks, 0);
  const char *params[] = {first->reference, NULL};
  g_autofree char *sql = NULL;
  g_autoptr (SlipPgRows) rows = NULL;

  *out = FALSE;
  if (group->of->skip == NULL || pg == NULL)
    return TRUE;
  sql = slip_migration_expand (migration, group->of->skip, run_date);
  slip_pg_name_statement (pg, "references that the API checks leave out");
  rows = slip_pg_query (pg, sql, params, NULL, error);
  *out = rows != NULL && slip_pg_rows_get_n_rows (rows) > 0;
  return rows != NULL;
}

gboolean
slip_api_resolve (SlipMigration *migration,
                  SlipApiGroup *group,
                  SlipPg *pg,
                  SlipPg *target,
                  const char *run_date,
                  GError **error)
{
  const SlipApiCheck *first = g_ptr_array_index (group->checks, 0);
  const char *params[] = {first->reference, NULL};
  g_autofree char *sql = slip_migration_expand (migration, group->of->ids, run_date);
  g_autoptr (SlipPgRows) rows = NULL;
  gboolean out;

  if (!is_left_out (migration, group, pg, run_date, &out, error))
    return FALSE;
  if (out)
    {
      settle (group, "skipped", "what it is about was left out on purpose");
      return TRUE;
    }
  slip_pg_name_statement (target, "ids for the API checks");
  rows = slip_pg_query (target, sql, params, NULL, error);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      char *path = dup_path (first->endpoint, rows, i);

      g_ptr_array_add (group->paths, path);
      if (strpbrk (path, "{}") != NULL)
        {
          settle (group, "error",
                  "the query “ids” has no column for a placeholder of the endpoint");
          return TRUE;
        }
    }
  if (group->paths->len == 0)
    settle (group, "error", "the target has no row for this reference");
  return TRUE;
}
