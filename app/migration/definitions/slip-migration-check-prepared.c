/* SPDX-License-Identifier: MIT */
/* One statement of the check: PostgreSQL prepares it, and tells the first thing that is wrong with it. Where that stands in a part
 * that the files wrote, something that is right stands in its place and the statement is prepared once more, so that the faults
 * of a step are told at once. What is found so is told only of parts that nothing was put in the place of. */

#include "slip-migration-check-private.h"

#include "slip-migration-error.h"
#include "slip-sql-file.h"

#include <string.h>

#define PREPARE "PREPARE slip_checked AS "
/* Of one statement. */
#define MAX_FAULTS 32

/* Classes and codes of SQLSTATE. */
#define SYNTAX_OR_NAMES "42"
#define INSUFFICIENT_PRIVILEGE "42501"
#define INDETERMINATE_TYPE "42P18" /* of a parameter; who asks gives it */

SlipSqlPart *
slip_sql_part_new (char *path, const char *sql, char *text, const char *mask)
{
  SlipSqlPart *part = g_new0 (SlipSqlPart, 1);

  part->path = path;
  part->sql = g_strdup (sql);
  part->text = g_strstrip (text);
  part->mask = mask;
  return part;
}

void
slip_sql_part_free (SlipSqlPart *part)
{
  g_free (part->path);
  g_free (part->sql);
  g_free (part->text);
  g_free (part);
}

gboolean
slip_migration_check_run (SlipPg *pg, const char *what, const char *sql, GError **error)
{
  slip_pg_name_statement (pg, what);
  return slip_pg_run (pg, sql, error);
}

/* What @error says of the statement itself: syntax, and names that are not there. What the database cannot do besides, and
 * functions of ours that an older release did not have, are nobody's fault here. */
static gboolean
is_fault (const GError *error, gboolean relations)
{
  const char *state = slip_migration_error_get_sqlstate (error);
  const SlipServerWords *words = slip_migration_error_get_words (error);

  if (state == NULL || !g_str_has_prefix (state, SYNTAX_OR_NAMES)
      || g_str_equal (state, INSUFFICIENT_PRIVILEGE) || g_str_equal (state, INDETERMINATE_TYPE)
      || strstr (words->primary, "slipway.") != NULL)
    return FALSE;
  return relations || !g_str_has_prefix (words->primary, "relation \"");
}

/* Prepares @sql. @fault is what is wrong with it, and where: a byte of @sql. */
static gboolean
prepare (
    SlipPg *pg, const char *sql, gboolean relations, GError **fault, gsize *place, GError **error)
{
  /* What is no query is refused by the grammar of PREPARE; nothing of either is carried out. */
  const char *before = slip_sql_is_query (sql) ? "" : PREPARE;
  g_autofree char *whole = g_strconcat (before, sql, NULL);
  g_autoptr (GError) refused = NULL;
  const SlipServerWords *words;

  *place = G_MAXSIZE;
  if (!slip_migration_check_run (pg, "before a statement is read", "SAVEPOINT slip_checked", error))
    return FALSE;
  slip_pg_name_statement (pg, "read a statement");
  if (slip_pg_parse (pg, whole, &refused))
    return slip_migration_check_run (pg, "behind a statement", "RELEASE SAVEPOINT slip_checked",
                                     error);
  words = slip_migration_error_get_words (refused);
  if (words == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  if (is_fault (refused, relations))
    {
      if (words->position > strlen (before))
        *place = (gsize)(g_utf8_offset_to_pointer (whole, words->position - 1) - whole)
                 - strlen (before);
      *fault = g_steal_pointer (&refused);
    }
  return slip_migration_check_run (pg, "behind a statement", "ROLLBACK TO SAVEPOINT slip_checked",
                                   error);
}

/* Only what names columns and tables that are not there: that is no matter of types, which are others where something stands in
 * another's place. */
static gboolean
is_name (const GError *fault, gboolean syntax)
{
  static const char *const states[] = {"42703", "42P01", "42702", NULL};
  const char *state = slip_migration_error_get_sqlstate (fault);

  return g_strv_contains (states, state) || (syntax && g_str_equal (state, "42601"));
}

/* The part that stands at @place of what it was compiled to: of several the longest, which says most of where. */
static SlipSqlPart *
find_part (GPtrArray *parts, const char *sql, gsize place, gsize *begin)
{
  SlipSqlPart *found = NULL;

  for (guint i = 0; parts != NULL && place != G_MAXSIZE && i < parts->len; i++)
    {
      SlipSqlPart *part = g_ptr_array_index (parts, i);
      gsize length = strlen (part->text);

      if (length == 0 || (found != NULL && strlen (found->text) >= length))
        continue;
      for (const char *p = strstr (sql, part->text); p != NULL && (gsize)(p - sql) <= place;
           p = strstr (p + 1, part->text))
        if (place < (gsize)(p - sql) + length)
          {
            found = part;
            *begin = (gsize)(p - sql);
            break;
          }
    }
  return found;
}

static void
tell (SlipCheck *check,
      const SlipCheckedStatement *statement,
      const SlipSqlPart *part,
      const GError *fault)
{
  const SlipServerWords *words = slip_migration_error_get_words (fault);
  const char *file = statement->file != NULL ? statement->file : check->sidecar;

  if (part != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, file, part->path, words->hint,
                       "“%s” is refused: %s", part->sql, words->primary);
  else
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, file, statement->path, words->hint,
                       "it is refused: %s", words->primary);
}

/* The same text elsewhere has the same fault. */
static void
tell_parts (SlipCheck *check,
            const SlipCheckedStatement *statement,
            GPtrArray *parts,
            const SlipSqlPart *found,
            const GError *fault)
{
  for (guint i = 0; i < parts->len; i++)
    {
      SlipSqlPart *part = g_ptr_array_index (parts, i);

      if (part->told || !g_str_equal (part->text, found->text))
        continue;
      part->told = TRUE;
      tell (check, statement, part, fault);
    }
}

/* What the server, or a table that is not there, keeps from being looked at is told; @problem is taken. Anything else ends the check. */
gboolean
slip_migration_check_note_unread (SlipCheck *check,
                                  const char *what,
                                  GError *problem,
                                  GError **error)
{
  g_autoptr (GError) taken = problem;

  if (slip_migration_error_get_words (taken) == NULL
      && !g_error_matches (taken, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION)
      && !g_error_matches (taken, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&taken));
      return FALSE;
    }
  slip_findings_add (check->findings,
                     g_error_matches (taken, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND)
                         ? SLIP_SEVERITY_NOTE
                         : SLIP_SEVERITY_WARNING,
                     check->sidecar, NULL, NULL, "names in %s could not be looked for: %s", what,
                     taken->message);
  return TRUE;
}

gboolean
slip_migration_check_prepare (SlipCheck *check,
                              SlipPg *pg,
                              const SlipCheckedStatement *statement,
                              GPtrArray *parts,
                              GError **error)
{
  g_autoptr (GString) sql = g_string_new (statement->sql);

  for (guint n = 0; n < MAX_FAULTS; n++)
    {
      g_autoptr (GError) fault = NULL;
      gsize place;
      gsize begin = 0;
      SlipSqlPart *part;

      if (!prepare (pg, sql->str, statement->relations, &fault, &place, error))
        return FALSE;
      if (fault == NULL || (statement->names && !is_name (fault, TRUE)))
        return TRUE;
      part = find_part (parts, sql->str, place, &begin);
      if (n > 0 && (part == NULL || !is_name (fault, FALSE)))
        return TRUE;
      if (part == NULL)
        {
          if (!statement->parts_only)
            tell (check, statement, NULL, fault);
          return TRUE;
        }
      tell_parts (check, statement, parts, part, fault);
      if (part->mask == NULL)
        return TRUE;
      g_string_erase (sql, (gssize)begin, (gssize)strlen (part->text));
      g_string_insert (sql, (gssize)begin, part->mask);
    }
  return TRUE;
}
