/* SPDX-License-Identifier: MIT */
/* The check's look at expressions of the sidecar, which stand in the middle of statements. What has no end is found by reading;
 * with a database PostgreSQL's own parser reads the rest, as one command that is parsed only: nothing is carried out, and names need
 * not be there. */

#include "slip-migration-check-private.h"

#include "slip-migration-error.h"
#include "slip-sql-file.h"

#define SYNTAX_ERROR "42601"
#define READ "PREPARE slip_read AS "
#define RUN_DATE "2000-01-01"

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
      SlipSqlToken token;
      gboolean open;
      const char *at = p;

      p = slip_sql_next (p, &token, &open);
      if (open)
        return "a quote or a comment has no end";
      if (token != SLIP_SQL_OTHER)
        continue;
      if (*at == ';')
        return "a semicolon ends it";
      if (*at == '(' || *at == '[')
        g_string_append_c (opened, *at == '(' ? ')' : ']');
      else if (*at == ')' || *at == ']')
        {
          if (opened->len == 0 || opened->str[opened->len - 1] != *at)
            return "a parenthesis is closed that was not opened";
          g_string_truncate (opened, opened->len - 1);
        }
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
  SlipCheckedSql *checked;

  if (sql == NULL)
    return;
  checked = g_new0 (SlipCheckedSql, 1);
  checked->path = g_strdup (path);
  checked->sql = g_strdup (sql);
  checked->statements = TRUE;
  g_ptr_array_add (check->expressions, checked);
}

static gboolean
is_syntax (const GError *error)
{
  return g_strcmp0 (slip_migration_error_get_sqlstate (error), SYNTAX_ERROR) == 0;
}

/* The server read it, and looked for more than is asked here. */
static gboolean
is_unread (const GError *error)
{
  return slip_migration_error_get_sqlstate (error) != NULL && !is_syntax (error);
}

/* PREPARE as a command: a server that is to parse it reads its grammar and nothing of what it names. */
static gboolean
parse (SlipPg *pg, const char *sql, GError **refused)
{
  g_autofree char *whole = g_strconcat (slip_sql_is_query (sql) ? READ : "", sql, NULL);

  slip_pg_name_statement (pg, "read the sidecar's expressions");
  return slip_pg_parse (pg, whole, refused);
}

/* Those from @from to @to that are no statements; @refused says why PostgreSQL cannot read one of them. */
static gboolean
parse_expressions (SlipCheck *check, SlipPg *pg, guint from, guint to, GError **refused)
{
  g_autoptr (GString) select = g_string_new ("SELECT 1");
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = from; i < to; i++)
    {
      const SlipCheckedSql *checked = g_ptr_array_index (check->expressions, i);
      g_autofree char *sql = slip_migration_expand (check->migration, checked->sql, RUN_DATE);

      if (checked->order)
        g_string_append_printf (order, "%s%s\n", order->len > 0 ? ", " : " ORDER BY ", sql);
      else if (!checked->statements)
        g_string_append_printf (select, ", (%s\n)", sql);
    }
  g_string_append (select, order->str);
  return parse (pg, select->str, refused);
}

static gboolean
parse_statements (SlipCheck *check, SlipPg *pg, const SlipCheckedSql *checked, GError **refused)
{
  g_autofree char *sql = slip_migration_expand (check->migration, checked->sql, RUN_DATE);
  g_autoptr (GPtrArray) statements = slip_sql_split (sql);

  for (guint i = 0; i < statements->len; i++)
    {
      g_autoptr (GError) problem = NULL;

      /* What a command such as CALL names need not be there. */
      if (parse (pg, statements->pdata[i], &problem) || is_unread (problem))
        continue;
      g_propagate_error (refused, g_steal_pointer (&problem));
      return FALSE;
    }
  return TRUE;
}

static void
tell (SlipCheck *check, const SlipCheckedSql *checked, const GError *refused)
{
  const char *primary = slip_migration_error_get_words (refused)->primary;

  if (checked->statements)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, checked->path, NULL,
                       "it is no SQL: %s", primary);
  else
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, checked->path,
                       "It is to be one expression of PostgreSQL", "“%s” is no SQL: %s",
                       checked->sql, primary);
}

gboolean
slip_migration_check_expressions (SlipCheck *check,
                                  SlipPg *pg,
                                  GCancellable *cancellable,
                                  GError **error)
{
  guint n = check->expressions->len;
  g_autoptr (GError) all = NULL;
  gboolean well = n == 0 || parse_expressions (check, pg, 0, n, &all);

  for (guint i = 0; i < n && (well || is_syntax (all)); i++)
    {
      const SlipCheckedSql *checked = g_ptr_array_index (check->expressions, i);
      g_autoptr (GError) refused = NULL;

      if (checked->statements ? parse_statements (check, pg, checked, &refused)
                              : well || parse_expressions (check, pg, i, i + 1, &refused))
        continue;
      if (is_syntax (refused))
        tell (check, checked, refused);
      else
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
    }
  if (well || is_syntax (all))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&all));
  return FALSE;
}
