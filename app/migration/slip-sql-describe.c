/* SPDX-License-Identifier: MIT */
/* Statements of files of functions, by their words: whether they only describe something, so that who looks can carry them out in a
 * transaction that nobody can commit. */

#include "slip-sql-describe.h"

#include "slip-sql-file.h"

#include <string.h>

/* Without its comments. */
static char *
dup_bare (const char *statement)
{
  GString *bare = g_string_new (NULL);

  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);

      if (token == SLIP_SQL_BLANK)
        g_string_append_c (bare, ' ');
      else
        g_string_append_len (bare, p, end - p);
      p = end;
    }
  return g_string_free (bare, FALSE);
}

/* Those of other languages can be carried out in part when they are made: a library that is loaded, a block of Perl. */
static gboolean
is_of_known_language (const char *statement)
{
  static const char *const known[]
      = {"SQL", "PLPGSQL", "'SQL'", "\"SQL\"", "'PLPGSQL'", "\"PLPGSQL\"", NULL};
  gboolean said = FALSE; /* the word before is LANGUAGE */

  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);

      if (token != SLIP_SQL_BLANK && said)
        {
          g_autofree char *language = g_ascii_strup (p, end - p);

          if (!g_strv_contains (known, language))
            return FALSE;
        }
      if (token != SLIP_SQL_BLANK)
        said
            = token == SLIP_SQL_WORD && end - p == 8 && g_ascii_strncasecmp (p, "LANGUAGE", 8) == 0;
      p = end;
    }
  return !said;
}

/* Whether @words begin with all of @start. */
static gboolean
begins (const char *words, const char *start)
{
  gsize length = strlen (start);

  return strncmp (words, start, length) == 0 && (words[length] == '\0' || words[length] == ' ');
}

/* The first of @any in @words; NULL without. */
static const char *
find_word (const char *words, const char *const *any)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    for (guint k = 0; any[k] != NULL; k++)
      if (g_str_equal (any[k], list[i]))
        return any[k];
  return NULL;
}

/* Words in capitals, and anything else by its first character. */
static GStrv
dup_tokens (const char *statement)
{
  g_autoptr (GStrvBuilder) tokens = g_strv_builder_new ();

  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);
      g_autofree char *text = g_ascii_strup (p, token == SLIP_SQL_WORD ? end - p : 1);

      if (token != SLIP_SQL_BLANK)
        g_strv_builder_add (tokens, text);
      p = end;
    }
  return g_strv_builder_end (tokens);
}

/* Behind the name in CREATE TABLE, whatever word that is. */
static guint
find_behind_name (const char *const *tokens, const char *words)
{
  guint n = g_strv_length ((char **)tokens);
  guint at = begins (words, "CREATE TABLE IF NOT EXISTS") ? 6 : 3;

  while (at < n && g_str_equal (tokens[at], "."))
    at += 2;
  return MIN (at, n);
}

/* Whether the word at @i, so many parentheses deep, makes more of CREATE TABLE than an entry in the catalogue. Some are names of
 * columns as well, where they stand between parentheses. */
static gboolean
makes_more (const char *const *tokens, guint i, guint depth)
{
  static const char *const anywhere[] = {"SELECT", "REFERENCES", NULL};
  static const char *const outside[]
      = {"VALUES", "EXECUTE", "OF", "INHERITS", "PARTITION", "TABLESPACE", "SERVER", NULL};
  const char *before = tokens[i - 1];
  const char *behind = tokens[i + 1] != NULL ? tokens[i + 1] : "";

  if (g_str_equal (tokens[i], "AS"))
    return !g_str_equal (behind, "IDENTITY");
  if (g_str_equal (tokens[i], "WITH"))
    return !g_str_equal (behind, "TIME") && !g_str_equal (behind, "(")
           && !g_str_equal (before, "START");
  if (g_str_equal (tokens[i], "EXCLUDE"))
    return g_str_equal (behind, "(") || g_str_equal (behind, "USING");
  if (g_str_equal (tokens[i], "TABLESPACE") && g_str_equal (before, "INDEX"))
    return TRUE;
  return g_strv_contains (anywhere, tokens[i])
         || (depth == 0 && g_strv_contains (outside, tokens[i]));
}

/* The word of CREATE TABLE for which it is more than described; NULL without. */
static char *
find_more_of_table (const char *statement, const char *words)
{
  g_auto (GStrv) tokens = dup_tokens (statement);
  guint depth = 0;

  for (guint i = find_behind_name ((const char *const *)tokens, words); tokens[i] != NULL; i++)
    if (g_str_equal (tokens[i], "("))
      depth++;
    else if (g_str_equal (tokens[i], ")"))
      depth -= depth > 0 ? 1 : 0;
    else if (makes_more ((const char *const *)tokens, i, depth))
      return g_strdup (tokens[i]);
  return NULL;
}

/* What of it is only written down in the catalogue: no expression is computed, no row read, and no table that is there locked for
 * long. A schema of temporary tables is searched for types before any other, and would be for ours. The word for which one of
 * these kinds is none of them goes to @but. */
static gboolean
only_describes (const char *statement, const char *words, char **but)
{
  static const char *const kinds[] = {"CREATE SCHEMA",
                                      "CREATE TYPE",
                                      "CREATE DOMAIN",
                                      "CREATE VIEW",
                                      "CREATE OR REPLACE VIEW",
                                      "CREATE TABLE",
                                      "CREATE SEQUENCE",
                                      "DROP FUNCTION",
                                      "DROP TYPE",
                                      "DROP DOMAIN",
                                      "DROP VIEW",
                                      "ALTER FUNCTION",
                                      NULL};
  static const char *const parts[] = {"CREATE", "GRANT", NULL};
  gboolean known = FALSE;

  for (guint i = 0; kinds[i] != NULL; i++)
    known = known || begins (words, kinds[i]);
  if (!known
      || g_regex_match_simple ("pg_temp|\\bu&", statement, G_REGEX_CASELESS | G_REGEX_RAW, 0))
    return FALSE;
  if (begins (words, "CREATE SCHEMA"))
    *but = g_strdup (find_word (words + strlen ("CREATE"), parts));
  else if (begins (words, "CREATE TABLE"))
    *but = find_more_of_table (statement, words);
  return *but == NULL;
}

/* Where what is made goes, and whether bodies are looked at: as a run has it. A path with pg_catalog in it, or a schema of temporary
 * tables, would put others' functions and types before the server's. */
static gboolean
is_carried_setting (const char *statement, const char *words)
{
  const char *path
      = "^\\s*SET\\s+((LOCAL|SESSION)\\s+)?search_path\\s*(=|\\bTO\\b)"
        "(\\s*,?\\s*(\"(?!pg_)[a-z0-9_$]+\"|'(?!pg_)[a-z0-9_$]+'|(?!pg_)[a-z_][a-z0-9_]*\\b))+"
        "\\s*$";

  return begins (words, "SET CHECK_FUNCTION_BODIES")
         || g_regex_match_simple (path, statement, G_REGEX_CASELESS | G_REGEX_RAW, 0);
}

/* What neither makes a name nor says what one means. */
static gboolean
is_passed_over (const char *words)
{
  static const char *const passed[] = {"COMMENT",
                                       "GRANT",
                                       "REVOKE",
                                       "SET CLIENT_MIN_MESSAGES",
                                       "SET STATEMENT_TIMEOUT",
                                       "SET LOCK_TIMEOUT",
                                       "SET IDLE_IN_TRANSACTION_SESSION_TIMEOUT",
                                       "SET TRANSACTION_TIMEOUT",
                                       "SET ROW_SECURITY",
                                       "SET XMLOPTION",
                                       "SET WORK_MEM",
                                       NULL};

  for (guint i = 0; passed[i] != NULL; i++)
    if (begins (words, passed[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_function (const char *statement, const char *words)
{
  return (begins (words, "CREATE FUNCTION") || begins (words, "CREATE OR REPLACE FUNCTION"))
         && is_of_known_language (statement);
}

SlipSqlUse
slip_sql_judge (const char *statement, char **but)
{
  g_return_val_if_fail (statement != NULL && but != NULL, SLIP_SQL_DOES);

  g_autofree char *words = slip_sql_dup_words (statement);
  g_autofree char *bare = dup_bare (statement);
  g_auto (GStrv) tokens = dup_tokens (statement);

  *but = NULL;
  /* Words only say what a statement is where it begins with one. */
  if (tokens[0] == NULL || !begins (words, tokens[0]))
    return SLIP_SQL_DOES;
  if (is_passed_over (words))
    return SLIP_SQL_PASSED_OVER;
  return is_function (statement, words) || only_describes (statement, words, but)
                 || is_carried_setting (bare, words)
             ? SLIP_SQL_DESCRIBES
             : SLIP_SQL_DOES;
}
