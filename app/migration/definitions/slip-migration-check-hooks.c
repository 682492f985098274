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

static gboolean
has_any (const char *statement, const char *const *any)
{
  for (guint i = 0; any[i] != NULL; i++)
    if (has_word (statement, any[i]))
      return TRUE;
  return FALSE;
}

/* Words of the statements that make what DROP can take away; behind AS stands what is read. */
static void
append_made (GString *made, const char *sql)
{
  static const char *const kinds[] = {"TABLE", "VIEW", "SEQUENCE", "TYPE", "DOMAIN", NULL};
  g_autoptr (GPtrArray) statements = sql != NULL ? slip_sql_split (sql) : NULL;

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      g_autofree char *words = dup_words (statements->pdata[i]);
      const char *as = strstr (words, " AS ");

      if (g_str_has_prefix (words, "CREATE ") && has_any (words, kinds))
        g_string_append_printf (made, " %.*s", as != NULL ? (int)(as - words) : -1, words);
    }
}

/* Whether all that is named stands in @made. */
static gboolean
is_made (const char *statement, const char *made)
{
  static const char *const own[]
      = {"DROP",   "TABLE", "FOREIGN", "MATERIALIZED", "VIEW",     "SEQUENCE", "TYPE",
         "DOMAIN", "IF",    "EXISTS",  "CASCADE",      "RESTRICT", NULL};
  g_auto (GStrv) words = g_strsplit (statement, " ", -1);
  guint named = 0;

  for (guint i = 0; words[i] != NULL; i++)
    if (!g_strv_contains (own, words[i]))
      {
        if (!has_word (made, words[i]))
          return FALSE;
        named++;
      }
  return named > 0;
}

static gboolean
alters_attribute (const char *statement, const char *made)
{
  g_autoptr (GRegex) alters
      = g_regex_new ("^ALTER TYPE( [^ ]+)+? (ADD|ALTER|DROP|RENAME) ATTRIBUTE\\b", 0, 0, NULL);
  g_autoptr (GMatchInfo) found = NULL;
  g_autofree char *name = NULL;

  if (!g_regex_match (alters, statement, 0, &found))
    return FALSE;
  name = g_match_info_fetch (found, 1);
  return !has_word (made, name + 1);
}

/* A partition that was there is watched as what it is, and cannot become another thing meanwhile. */
static const char *
find_moving (const char *statement, const char *made)
{
  g_autoptr (GRegex) moves
      = g_regex_new ("^ALTER TABLE .*\\b(ATTACH|DETACH) PARTITION( [^ ]+)+?(?= FOR | DEFAULT| "
                     "CONCURRENTLY| FINALIZE|$)",
                     0, 0, NULL);
  g_autoptr (GMatchInfo) found = NULL;
  g_autofree char *what = NULL;
  g_autofree char *name = NULL;

  if (!g_regex_match (moves, statement, 0, &found))
    return NULL;
  what = g_match_info_fetch (found, 1);
  name = g_match_info_fetch (found, 2);
  if (has_word (made, name + 1))
    return NULL;
  return g_str_equal (what, "ATTACH") ? "ATTACH PARTITION" : "DETACH PARTITION";
}

/* What takes something away without a trigger that writes it down: words for it, or NULL. */
static const char *
find_losing (const char *statement, const char *made)
{
  static const char *const dropping[]
      = {"DROP TABLE", "DROP FOREIGN TABLE", "DROP SCHEMA", "DROP OWNED",  "DROP MATERIALIZED VIEW",
         "DROP VIEW",  "DROP SEQUENCE",      "DROP TYPE",   "DROP DOMAIN", NULL};
  const char *drops = find_begin (statement, dropping);

  if (drops != NULL)
    return is_made (statement, made) ? NULL : drops;
  if (has_word (statement, "LO_UNLINK"))
    return "lo_unlink";
  if (g_regex_match_simple ("^ALTER TYPE .*\\bRENAME VALUE\\b", statement, 0, 0))
    return "ALTER TYPE … RENAME VALUE";
  if (alters_attribute (statement, made))
    return "ALTER TYPE … ATTRIBUTE";
  if (g_regex_match_simple ("^ALTER TABLE .*\\bDROP IDENTITY\\b", statement, 0, 0))
    return "DROP IDENTITY";
  if (g_regex_match_simple (
          "^ALTER TABLE .*\\bDROP (?!CONSTRAINT|DEFAULT|NOT NULL|EXPRESSION|IDENTITY)", statement,
          0, 0))
    return "DROP COLUMN";
  if (g_regex_match_simple (
          "^ALTER TABLE .*\\bALTER( COLUMN)?( \\w+)?( SET DATA)? TYPE (?!SET|DROP|ADD)", statement,
          0, 0))
    return "ALTER COLUMN … TYPE";
  return find_moving (statement, made);
}

/* Whether it is one. */
static gboolean
check_copy (SlipCheck *check, const char *path, const char *statement)
{
  const char *copies = slip_sql_find_client_copy (statement);

  if (copies != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_ERROR, check->sidecar, path,
                       "INSERT or SELECT has its rows in the database",
                       "%s: nobody gives it rows, or takes them", copies);
  return copies != NULL;
}

static void
check_statement (SlipCheck *check, const char *path, const char *made, const char *statement)
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
  gboolean copies = check_copy (check, path, statement);
  const char *stands = find_begin (statement, alone);
  const char *loses = find_losing (statement, made);

  if (copies)
    return;
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
  else if (loses != NULL)
    slip_findings_add (check->findings, SLIP_SEVERITY_WARNING, check->sidecar, path,
                       "Do it by hand, before the run or after it, or leave what is there and make "
                       "one of the hook's own",
                       "%s in a hook: of what is there from before the hook it could not be taken "
                       "back, and the hook is refused",
                       loses);
}

static void
check_part (SlipCheck *check, guint place, const char *part, const char *made, const char *sql)
{
  g_autofree char *path = g_strdup_printf ("/hooks/%u/%s", place, part);
  g_autoptr (GPtrArray) statements = sql != NULL ? slip_sql_split (sql) : NULL;

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      g_autofree char *words = dup_words (statements->pdata[i]);

      check_statement (check, path, made, words);
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
      check_copy (check, path, words);
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
  slip_migration_check_each (check, "/functions", slip_migration_get_functions (check->migration),
                             check_file);
  slip_migration_check_each (check, "/validation/functions",
                             slip_migration_get_validation_rules (check->migration)->functions,
                             check_file);
  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autoptr (GString) made = g_string_new (NULL);

      append_made (made, hook->setup);
      append_made (made, hook->update);
      check_part (check, i, "setup", made->str, hook->setup);
      check_part (check, i, "audit", made->str, hook->audit);
      check_part (check, i, "update", made->str, hook->update);
      check_part (check, i, "validate", made->str, hook->validate);
    }
}
