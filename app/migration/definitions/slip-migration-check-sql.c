/* SPDX-License-Identifier: MIT */
/* The check's look at expressions of the sidecar, which stand in the middle of statements. What has no end is found by reading;
 * with a database PostgreSQL's own parser reads the rest, as parts of a block that is never reached: nothing is carried out, and
 * names need not be there. */

#include "slip-migration-check-private.h"

#include "slip-migration-error.h"

#define SYNTAX_ERROR "42601"

void
slip_migration_checked_sql_free (SlipCheckedSql *sql)
{
  g_free (sql->path);
  g_free (sql->sql);
  g_free (sql);
}

/* What @sql cannot be an expression for, or NULL. */
static const char *
find_fault (const char *sql)
{
  g_autoptr (GString) opened = g_string_new (NULL);

  for (const char *p = sql; *p != '\0';)
    {
      gboolean open = FALSE;
      const char *end = slip_migration_check_skip_quoted (p, &open);

      if (open)
        return "a quote or a comment has no end";
      if (end != p)
        {
          p = end;
          continue;
        }
      if (*p == ';')
        return "a semicolon ends it";
      if (*p == '(' || *p == '[')
        g_string_append_c (opened, *p == '(' ? ')' : ']');
      else if (*p == ')' || *p == ']')
        {
          if (opened->len == 0 || opened->str[opened->len - 1] != *p)
            return "a parenthesis is closed that was not opened";
          g_string_truncate (opened, opened->len - 1);
        }
      p++;
    }
  return opened->len > 0 ? "a parenthesis is not closed" : NULL;
}

void
slip_migration_check_expression (SlipCheck *check,
                                 const char *path,
                                 const char *sql,
                                 gboolean order)
{
  const char *fault = sql != NULL ? find_fault (sql) : NULL;
  SlipCheckedSql *checked;

  if (fault != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "It is to be one expression of PostgreSQL", "“%s” is no SQL: %s", sql,
                       fault);
  if (sql == NULL || fault != NULL)
    return;
  checked = g_new0 (SlipCheckedSql, 1);
  checked->path = g_strdup (path);
  checked->sql = g_strdup (sql);
  checked->order = order;
  g_ptr_array_add (check->expressions, checked);
}

void
slip_migration_check_statements (SlipCheck *check, const char *path, const char *sql)
{
  /* What means another thing in a block, or ends its statement elsewhere. */
  static const char unlike[]
      = "\\bBEGIN\\s+ATOMIC\\b|(?<!\\bINSERT)(?<!\\bMERGE)\\s+INTO\\b|(^|;)(\\s|--[^"
        "\\n]*\\n)*(BEGIN|END|START|COMMIT|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE|EXECUTE|"
        "DEALLOCATE|DECLARE|FETCH|MOVE|CLOSE|CALL|VALUES|TABLE)\\b";
  SlipCheckedSql *checked;

  if (sql == NULL || g_regex_match_simple (unlike, sql, G_REGEX_CASELESS, 0))
    return;
  checked = g_new0 (SlipCheckedSql, 1);
  checked->path = g_strdup (path);
  checked->sql = g_strdup (sql);
  checked->statements = TRUE;
  g_ptr_array_add (check->expressions, checked);
}

/* An empty statement is none in a block. */
static gboolean
has_end (const char *sql)
{
  char last = '\0';

  for (const char *p = sql; *p != '\0';)
    {
      gboolean open = FALSE;
      const char *end = slip_migration_check_skip_quoted (p, &open);

      if (end == p)
        end = p + 1;
      if (!g_ascii_isspace (*p) && !g_str_has_prefix (p, "--") && !g_str_has_prefix (p, "/*"))
        last = *p;
      p = end;
    }
  return last == ';' || last == '\0';
}

static void
append_statement (SlipCheck *check, GString *block, const SlipCheckedSql *checked)
{
  g_autofree char *sql = slip_migration_expand (check->migration, checked->sql, "2000-01-01");

  if (checked->statements)
    g_string_append_printf (block, has_end (sql) ? "%s\n" : "%s\n;\n", sql);
  else
    g_string_append_printf (
        block, checked->order ? "PERFORM 1 ORDER BY %s\n;\n" : "PERFORM (%s\n);\n", sql);
}

/* Those from @from to @to; @refused says why PostgreSQL cannot read one of them. */
static gboolean
parse (SlipCheck *check, SlipPg *pg, guint from, guint to, GError **refused)
{
  g_autoptr (GString) block = g_string_new ("BEGIN IF false THEN\n");
  g_autofree char *literal = NULL;
  g_autofree char *sql = NULL;

  for (guint i = from; i < to; i++)
    append_statement (check, block, g_ptr_array_index (check->expressions, i));
  g_string_append (block, "END IF; END");
  literal = slip_pg_quote_literal (block->str);
  sql = g_strdup_printf ("DO %s", literal);
  slip_pg_name_statement (pg, "read the sidecar's expressions");
  return slip_pg_run (pg, sql, refused);
}

static gboolean
is_syntax (const GError *error)
{
  return g_strcmp0 (slip_migration_error_get_sqlstate (error), SYNTAX_ERROR) == 0;
}

gboolean
slip_migration_check_expressions (SlipCheck *check,
                                  SlipPg *pg,
                                  GCancellable *cancellable,
                                  GError **error)
{
  guint n = check->expressions->len;
  g_autoptr (GError) all = NULL;

  if (n == 0 || parse (check, pg, 0, n, &all))
    return TRUE;
  if (!is_syntax (all))
    {
      g_propagate_error (error, g_steal_pointer (&all));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      const SlipCheckedSql *checked = g_ptr_array_index (check->expressions, i);
      g_autoptr (GError) refused = NULL;

      if (parse (check, pg, i, i + 1, &refused))
        continue;
      if (!is_syntax (refused))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
      if (checked->statements)
        slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, checked->path,
                           NULL, "it is no SQL: %s",
                           slip_migration_error_get_words (refused)->primary);
      else
        slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, checked->path,
                           "It is to be one expression of PostgreSQL", "“%s” is no SQL: %s",
                           checked->sql, slip_migration_error_get_words (refused)->primary);
    }
  return TRUE;
}
