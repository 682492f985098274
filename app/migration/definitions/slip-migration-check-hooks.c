/* SPDX-License-Identifier: MIT */
/* The check's look at hooks. A hook is one transaction whose changes are written down row by row; what would end it, or get
 * around the writing down, is refused while it runs, hours later. It is found here by the words that statements begin with. */

#include "slip-migration-check-private.h"

#include <string.h>

/* Where what a hook does is written down. */
#define OURS "slipway_migration"
#define OURS_WORD "SLIPWAY_MIGRATION"

/* The end of what begins at @p and is no word of SQL: a quoted text or name, a comment; @p when it is none of these. @open says
 * whether the text ended before it. */
const char *
slip_migration_check_skip_quoted (const char *p, gboolean *open)
{
  gboolean escapes = FALSE;

  *open = FALSE;
  if (g_str_has_prefix (p, "--"))
    return p + strcspn (p, "\n");
  if (g_str_has_prefix (p, "/*"))
    {
      guint depth = 0;

      do
        {
          gboolean opens = g_str_has_prefix (p, "/*");
          gboolean closes = g_str_has_prefix (p, "*/");

          depth = opens ? depth + 1 : closes ? depth - 1 : depth;
          p += opens || closes ? 2 : 1;
        }
      while (*p != '\0' && depth > 0);
      *open = depth > 0;
      return p;
    }
  if (*p == '$')
    {
      gsize tag = 1;

      while (g_ascii_isalnum (p[tag]) || p[tag] == '_')
        tag++;
      if (p[tag] == '$' && !g_ascii_isdigit (p[1]))
        {
          g_autofree char *mark = g_strndup (p, tag + 1);
          const char *end = strstr (p + tag + 1, mark);

          *open = end == NULL;
          return end != NULL ? end + tag + 1 : p + strlen (p);
        }
      return p;
    }
  if ((*p == 'e' || *p == 'E') && p[1] == '\'')
    {
      escapes = TRUE;
      p++;
    }
  if (*p == '\'' || *p == '"')
    {
      char quote = *p++;

      while (*p != '\0' && *p != quote)
        p += escapes && *p == '\\' && p[1] != '\0' ? 2 : 1;
      *open = *p == '\0';
      return *p != '\0' ? p + 1 : p; /* a doubled quote begins another one */
    }
  return p;
}

/* The words of each statement, in capitals, one blank between; what is quoted is left out, but for the name of our schema. */
static GPtrArray *
split_statements (const char *sql)
{
  GPtrArray *statements = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) words = g_string_new (NULL);

  for (const char *p = sql; *p != '\0';)
    {
      gboolean open;
      const char *end = slip_migration_check_skip_quoted (p, &open);

      if (end != p)
        {
          if (end - p == strlen (OURS) + 2 && *p == '"'
              && strncmp (p + 1, OURS, strlen (OURS)) == 0)
            g_string_append (words, words->len > 0 ? " " OURS_WORD : OURS_WORD);
          p = end;
        }
      else if (g_ascii_isalnum (*p) || *p == '_')
        {
          if (words->len > 0)
            g_string_append_c (words, ' ');
          for (; g_ascii_isalnum (*p) || *p == '_' || *p == '$'; p++)
            g_string_append_c (words, g_ascii_toupper (*p));
        }
      else if (*p++ == ';')
        {
          if (words->len > 0)
            g_ptr_array_add (statements, g_strdup (words->str));
          g_string_truncate (words, 0);
        }
    }
  if (words->len > 0)
    g_ptr_array_add (statements, g_strdup (words->str));
  return statements;
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
  static const char *const ending[]
      = {"BEGIN",   "START TRANSACTION",   "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT",
         "RELEASE", "PREPARE TRANSACTION", NULL};
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
  const char *ends = find_begin (statement, ending);
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
  g_autoptr (GPtrArray) statements = sql != NULL ? split_statements (sql) : NULL;
  gboolean atomic = FALSE; /* within a function's body, which is no text: END is its end */

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      const char *statement = g_ptr_array_index (statements, i);

      if (!atomic)
        check_statement (check, path, statement);
      atomic = atomic ? !g_str_equal (statement, "END")
                      : g_str_has_prefix (statement, "CREATE ")
                            && strstr (statement, " BEGIN ATOMIC") != NULL;
    }
}

void
slip_migration_check_hooks (SlipCheck *check)
{
  GPtrArray *hooks = slip_migration_get_hooks (check->migration);

  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);

      check_part (check, i, "setup", hook->setup);
      check_part (check, i, "audit", hook->audit);
      check_part (check, i, "update", hook->update);
      check_part (check, i, "validate", hook->validate);
    }
}
