/* SPDX-License-Identifier: MIT */
/* The check's look at hooks. A hook is one transaction whose changes are written down row by row; what would end it, or get
 * around the writing down, is refused while it runs, hours later. It is found here by the words that statements begin with, and so is
 * what would end the transactions that rules and functions are part of. */

#include "slip-migration-check-private.h"

#include "slip-sql-file.h"

#include <string.h>

/* Where what a hook does is written down. */
#define OURS "slipway_migration"
#define OURS_WORD "SLIPWAY_MIGRATION"

/* The words of a statement, in capitals; what is quoted is left out, but for the name of our schema. */
static char *
dup_words (const char *statement)
{
  GString *words = g_string_new (NULL);

  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);
      g_autofree char *text = g_strndup (p, (gsize)(end - p));

      if (token == SLIP_SQL_QUOTED && g_str_equal (text, "\"" OURS "\""))
        g_string_append_printf (words, "%s" OURS_WORD, words->len > 0 ? " " : "");
      else if (token == SLIP_SQL_WORD)
        {
          g_autofree char *word = g_ascii_strup (text, -1);

          g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", word);
        }
      p = end;
    }
  return g_string_free (words, FALSE);
}

/* Which of the words it begins with, or NULL. */
static const char *
find_begin (const char *statement, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);

      if (strncmp (statement, words[i], length) == 0
          && (statement[length] == '\0' || statement[length] == ' '))
        return words[i];
    }
  return NULL;
}

static gboolean
has_word (const char *statement, const char *word)
{
  g_auto (GStrv) words = g_strsplit (statement, " ", -1);

  return g_strv_contains ((const char *const *)words, word);
}

static void
check_statement (SlipCheck *check, const char *path, const char *statement)
{
  static const char *const alone[] = {"VACUUM",
                                      "CREATE DATABASE",
                                      "DROP DATABASE",
                                      "CREATE INDEX CONCURRENTLY",
                                      "CREATE UNIQUE INDEX CONCURRENTLY",
                                      "DROP INDEX CONCURRENTLY",
                                      "REINDEX DATABASE",
                                      "REINDEX SYSTEM",
                                      "ALTER SYSTEM",
                                      "CREATE TABLESPACE",
                                      "DROP TABLESPACE",
                                      NULL};
  static const char *const emptying[] = {"TRUNCATE", NULL};
  static const char *const discarding[] = {"DISCARD", NULL};
  const char *ends = slip_sql_find_ending (statement);
  const char *stands = find_begin (statement, alone);

  if (ends != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "Leave it out: the hook is in as a whole or not at all",
                       "%s in a hook, which is one transaction", ends);
  else if (stands != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "Do it by hand, before or after the run",
                       "%s cannot be in a transaction, and a hook is one", stands);
  else if (has_word (statement, OURS_WORD))
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "Leave it out of the hook",
                       "schema " OURS " in a hook: Slipway writes down there what the run and its "
                       "hooks change");
  else if (find_begin (statement, discarding) != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "RESET ALL gives settings back, and DROP TABLE drops a table of the hook's",
                       "DISCARD in a hook: what it does could not be taken back");
  else if (strstr (statement, "SESSION_REPLICATION_ROLE") != NULL
           || (g_str_has_prefix (statement, "ALTER TABLE ")
               && strstr (statement, " DISABLE TRIGGER") != NULL))
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "Leave triggers on: they write down what the hook changes",
                       "with triggers off the hook could not be taken back");
  else if (find_begin (statement, emptying) != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_WARNING, check->sidecar, path,
                       "DELETE with a condition takes the rows that are meant",
                       "TRUNCATE takes out the rows of everybody, and each is written down");
}

static void
check_part (SlipCheck *check, guint place, const char *part, const char *sql)
{
  g_autofree char *path = g_strdup_printf ("/hooks/%u/%s", place, part);
  g_autoptr (GPtrArray) statements = sql != NULL ? slip_sql_split (sql) : NULL;

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      g_autofree char *words = dup_words (statements->pdata[i]);

      check_statement (check, path, words);
    }
}

/* Rules and functions are parts of transactions in which a run notes what it has done. */
static void
check_file (SlipCheck *check, const char *path, const char *sql)
{
  g_autoptr (GPtrArray) statements = sql != NULL ? slip_sql_split (sql) : NULL;

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      g_autofree char *words = slip_sql_dup_words (statements->pdata[i]);
      const char *ends = slip_sql_find_ending (words);

      if (ends != NULL)
        slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                           "Leave it out: the run is in a transaction there, and notes in it what "
                           "it has done",
                           "%s in what is part of a transaction of the run's", ends);
    }
}

static void
check_files (SlipCheck *check, const char *path, GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const SlipNamedSql *file = g_ptr_array_index (files, i);
      g_autofree char *place = g_strconcat (path, "/", file->name, NULL);

      check_file (check, place, file->sql);
    }
}

void
slip_migration_check_hooks (SlipCheck *check)
{
  GPtrArray *hooks = slip_migration_get_hooks (check->migration);
  GPtrArray *rules = slip_migration_get_rules (check->migration);

  for (guint i = 0; i < rules->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("/rules/%u", i);

      check_file (check, path, ((const SlipBusinessRule *)rules->pdata[i])->sql);
    }
  check_files (check, "/functions", slip_migration_get_functions (check->migration));
  check_files (check, "/validation/functions",
               slip_migration_get_validation_rules (check->migration)->functions);
  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);

      check_part (check, i, "setup", hook->setup);
      check_part (check, i, "audit", hook->audit);
      check_part (check, i, "update", hook->update);
      check_part (check, i, "validate", hook->validate);
    }
}
