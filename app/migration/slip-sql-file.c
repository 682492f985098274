/* SPDX-License-Identifier: MIT */
/* SQL that somebody else wrote: parted into statements as PostgreSQL's scanner parts it, and sent one statement at a time by the
 * extended protocol, which refuses two in one text. So what a statement begins with says what it is, and none can end the
 * transaction that it is in. What only looks at such SQL does so in a transaction that nobody can commit. */

#include "slip-sql-file.h"

#include "slip-migration-error.h"
#include "slip-sql-describe.h"

#include <string.h>

#define IDLE_SECONDS "20"
#define WAIT_SECONDS "30"

/* ---- the scanner */

static gboolean
begins_name (char c)
{
  return g_ascii_isalpha (c) || c == '_' || (c & 0x80) != 0;
}

static gboolean
is_in_name (char c)
{
  return begins_name (c) || g_ascii_isdigit (c) || c == '$';
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static const char *
skip_comment (const char *p, gboolean *open)
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

/* A text goes on behind white space with a line's end in it, and as what it began: with escapes. */
static const char *
find_more (const char *p)
{
  gboolean line = FALSE;

  while (is_blank (*p) || (p[0] == '-' && p[1] == '-'))
    {
      line = line || *p == '\n' || *p == '\r';
      p += *p == '-' ? strcspn (p, "\r\n") : 1;
    }
  return line && *p == '\'' ? p : NULL;
}

/* From its first quote; a doubled one stands for itself. */
static const char *
skip_quoted (const char *p, gboolean escapes, gboolean *open)
{
  char quote = *p++;

  for (;;)
    {
      const char *more;

      while (*p != '\0' && *p != quote)
        p += escapes && *p == '\\' && p[1] != '\0' ? 2 : 1;
      *open = *p == '\0';
      if (*open)
        return p;
      if (p[1] == quote)
        {
          p += 2;
          continue;
        }
      more = quote == '\'' ? find_more (p + 1) : NULL;
      if (more == NULL)
        return p + 1;
      p = more + 1;
    }
}

/* NULL where no such text begins: $1 is a parameter. */
static const char *
skip_dollars (const char *p, gboolean *open)
{
  gsize tag = 1;
  g_autofree char *mark = NULL;
  const char *end;

  if (begins_name (p[1]))
    while (begins_name (p[tag]) || g_ascii_isdigit (p[tag]))
      tag++;
  if (p[tag] != '$')
    return NULL;
  mark = g_strndup (p, tag + 1);
  end = strstr (p + tag + 1, mark);
  *open = end == NULL;
  return end != NULL ? end + tag + 1 : p + strlen (p);
}

/* Texts with a letter before their quote, names and key words; a name takes all that can be in one, dollars too. */
static const char *
skip_name (const char *p, SlipSqlToken *token, gboolean *open)
{
  *token = SLIP_SQL_QUOTED;
  if (p[1] == '\'' && strchr ("eE", *p) != NULL)
    return skip_quoted (p + 1, TRUE, open);
  if (p[1] == '\'' && strchr ("bBxXnN", *p) != NULL)
    return skip_quoted (p + 1, FALSE, open);
  if ((*p == 'u' || *p == 'U') && p[1] == '&' && (p[2] == '\'' || p[2] == '"'))
    return skip_quoted (p + 2, FALSE, open);
  *token = SLIP_SQL_WORD;
  while (is_in_name (*p))
    p++;
  return p;
}

const char *
slip_sql_next (const char *p, SlipSqlToken *token, gboolean *open)
{
  const char *end;

  *open = FALSE;
  *token = SLIP_SQL_BLANK;
  if (is_blank (*p))
    return p + 1;
  if (g_str_has_prefix (p, "--"))
    return p + strcspn (p, "\r\n");
  if (g_str_has_prefix (p, "/*"))
    return skip_comment (p, open);
  if (begins_name (*p))
    return skip_name (p, token, open);
  *token = SLIP_SQL_QUOTED;
  if (*p == '\'' || *p == '"')
    return skip_quoted (p, FALSE, open);
  if (*p == '$' && (end = skip_dollars (p, open)) != NULL)
    return end;
  *token = SLIP_SQL_OTHER;
  return p + 1;
}

/* ---- statements */

static gboolean
is_word (const char *p, const char *end, const char *word)
{
  return (gsize)(end - p) == strlen (word) && g_ascii_strncasecmp (p, word, (gsize)(end - p)) == 0;
}

/* Where one ends: its parentheses, and the body of a function that is no text. Only CREATE has a body. */
typedef struct
{
  guint words;
  gboolean creates;
  guint parentheses;
  guint bodies;
  gboolean begun; /* the word before is BEGIN */
} Place;

static void
see_word (Place *place, const char *p, const char *end)
{
  if (place->words++ == 0)
    place->creates = is_word (p, end, "CREATE");
  if (place->creates && place->bodies == 0)
    place->bodies = place->begun && is_word (p, end, "ATOMIC") ? 1 : 0;
  else if (place->creates && (is_word (p, end, "CASE") || is_word (p, end, "BEGIN")))
    place->bodies++;
  else if (place->creates && is_word (p, end, "END"))
    place->bodies--;
  place->begun = is_word (p, end, "BEGIN");
}

GPtrArray *
slip_sql_split (const char *sql)
{
  GPtrArray *statements = g_ptr_array_new_with_free_func (g_free);
  const char *from = sql;
  gboolean full = FALSE;
  Place place = {0};

  g_return_val_if_fail (sql != NULL, statements);

  for (const char *p = sql; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);

      if (token == SLIP_SQL_WORD)
        see_word (&place, p, end);
      else if (token == SLIP_SQL_OTHER && *p == '(')
        place.parentheses++;
      else if (token == SLIP_SQL_OTHER && *p == ')' && place.parentheses > 0)
        place.parentheses--;
      if (token == SLIP_SQL_OTHER && *p == ';' && place.parentheses == 0 && place.bodies == 0)
        {
          if (full)
            g_ptr_array_add (statements, g_strndup (from, (gsize)(p - from)));
          from = end;
          full = FALSE;
          place = (Place){0};
        }
      else
        full = full || token != SLIP_SQL_BLANK;
      p = end;
    }
  if (full)
    g_ptr_array_add (statements, g_strdup (from));
  return statements;
}

char *
slip_sql_dup_words (const char *statement)
{
  GString *words = g_string_new (NULL);

  g_return_val_if_fail (statement != NULL, g_string_free (words, FALSE));

  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);

      if (token == SLIP_SQL_WORD)
        {
          g_autofree char *word = g_ascii_strup (p, end - p);

          g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", word);
        }
      p = end;
    }
  return g_string_free (words, FALSE);
}

/* The first thing that is no blank: a word, or another character. */
static char *
dup_first (const char *statement)
{
  for (const char *p = statement; *p != '\0';)
    {
      SlipSqlToken token;
      gboolean open;
      const char *end = slip_sql_next (p, &token, &open);

      if (token != SLIP_SQL_BLANK)
        return g_ascii_strup (p, end - p);
      p = end;
    }
  return g_strdup ("");
}

gboolean
slip_sql_is_query (const char *statement)
{
  static const char *const words[]
      = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE", "WITH", "(", NULL};
  g_autofree char *first = NULL;

  g_return_val_if_fail (statement != NULL, FALSE);

  first = dup_first (statement);
  return g_strv_contains (words, first);
}

const char *
slip_sql_find_ending (const char *words)
{
  static const char *const ending[]
      = {"BEGIN",   "START TRANSACTION",   "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT",
         "RELEASE", "PREPARE TRANSACTION", NULL};

  g_return_val_if_fail (words != NULL, NULL);

  for (guint i = 0; ending[i] != NULL; i++)
    {
      gsize length = strlen (ending[i]);

      if (strncmp (words, ending[i], length) == 0
          && (words[length] == '\0' || words[length] == ' '))
        return ending[i];
    }
  return NULL;
}

const char *
slip_sql_find_client_copy (const char *words)
{
  g_return_val_if_fail (words != NULL, NULL);

  if (!g_str_has_prefix (words, "COPY "))
    return NULL;
  return strstr (words, " FROM STDIN") != NULL  ? "COPY … FROM STDIN"
         : strstr (words, " TO STDOUT") != NULL ? "COPY … TO STDOUT"
                                                : NULL;
}

/* ---- carrying out */

static gboolean
refuse_statements (const char *name, GPtrArray *statements, GError **error)
{
  for (guint i = 0; i < statements->len; i++)
    {
      g_autofree char *words = slip_sql_dup_words (statements->pdata[i]);
      const char *ends = slip_sql_find_ending (words);
      const char *copies = slip_sql_find_client_copy (words);

      if (copies != NULL)
        {
          g_set_error (
              error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
              "%s: %s has rows of whoever is connected, and nobody gives or takes any. Use "
              "INSERT or SELECT",
              name, copies);
          return FALSE;
        }
      if (ends == NULL)
        continue;
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                   "%s: %s in what is part of a transaction of the run's. Leave it out", name,
                   ends);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_same_transaction (SlipPg *pg, const char *name, char **id, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;
  const char *now;

  slip_pg_name_statement (pg, "look at the transaction");
  rows = slip_pg_query (pg, "SELECT pg_catalog.txid_current ()::text", NULL, NULL, error);
  if (rows == NULL)
    return FALSE;
  now = slip_pg_rows_get (rows, 0, 0);
  if (*id == NULL)
    *id = g_strdup (now);
  if (slip_pg_is_in_transaction (pg) && g_str_equal (*id, now))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "%s: %s ended the transaction that it was part of", slip_pg_get_where (pg), name);
  return FALSE;
}

gboolean
slip_sql_carry_out (SlipPg *pg, const char *name, const char *sql, guint64 *rows, GError **error)
{
  g_autoptr (GPtrArray) statements = NULL;
  g_autofree char *id = NULL;

  g_return_val_if_fail (pg != NULL && name != NULL && sql != NULL, FALSE);
  g_return_val_if_fail (slip_pg_is_in_transaction (pg), FALSE);

  statements = slip_sql_split (sql);
  if (!refuse_statements (name, statements, error) || !is_same_transaction (pg, name, &id, error))
    return FALSE;
  for (guint i = 0; i < statements->len; i++)
    {
      slip_pg_name_statement (pg, name);
      if (!slip_pg_run_one (pg, statements->pdata[i], rows, error))
        return FALSE;
    }
  return is_same_transaction (pg, name, &id, error);
}

/* ---- looking */

/* Two who look would make and rename the same schemas, and one would be told nothing by a server that lets it wait. Who
 * stands still in the middle, a workstation that sleeps, is hung up on before the next one gives up. */
static gboolean
wait_for_others (SlipPg *pg, GError **error)
{
  g_autoptr (GError) local = NULL;

  slip_pg_name_statement (pg, "wait for others who look");
  if (slip_pg_run (pg,
                   "SET LOCAL idle_in_transaction_session_timeout = '" IDLE_SECONDS "s';"
                   "SET LOCAL lock_timeout = '" WAIT_SECONDS "s';"
                   "SELECT pg_catalog.pg_advisory_xact_lock (pg_catalog.hashtext ('slipway.look'));"
                   "SET LOCAL lock_timeout = '2s'",
                   &local))
    return TRUE;
  if (g_strcmp0 (slip_migration_error_get_sqlstate (local), "55P03") == 0)
    g_set_error (
        error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
        "another session looks whether definitions fit %s, and has not ended in " WAIT_SECONDS
        " s. Check again when it has",
        slip_pg_get_where (pg));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
slip_sql_bar_commit (SlipPg *pg, GError **error)
{
  g_return_val_if_fail (pg != NULL, FALSE);

  if (!wait_for_others (pg, error))
    return FALSE;
  /* A constraint that is broken, and looked at by COMMIT. While it is to be looked at its table cannot be dropped. The
   * schema's name is no other session's, so that nobody waits for it. */
  slip_pg_name_statement (pg, "see that nothing of this is committed");
  return slip_pg_run (
      pg,
      "DO $do$ DECLARE own text := 'slipway_never_committed_' || pg_catalog.pg_backend_pid (); "
      "BEGIN"
      " EXECUTE pg_catalog.format ('CREATE SCHEMA %I', own);"
      " EXECUTE pg_catalog.format"
      " ('CREATE TABLE %I.twice (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)', own);"
      " EXECUTE pg_catalog.format ('INSERT INTO %I.twice VALUES (1), (1)', own); END $do$",
      error);
}

static gboolean
make_function (SlipPg *pg, const char *name, const char *statement, char **id, GError **error)
{
  g_autofree char *words = slip_sql_dup_words (statement);
  g_autofree char *but = NULL;
  SlipSqlUse use = slip_sql_judge (statement, &but);

  if (use == SLIP_SQL_PASSED_OVER)
    return TRUE;
  if (use == SLIP_SQL_DESCRIBES)
    {
      slip_pg_name_statement (pg, name);
      return slip_pg_run_one (pg, statement, NULL, error)
             && is_same_transaction (pg, name, id, error);
    }
  words[strnlen (words, 40)] = '\0';
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "%s: of such files a check carries out what makes, alters and drops functions of "
               "languages SQL and PL/pgSQL, types, views, and schemas, tables and sequences that "
               "nothing else is computed for, and this begins with “%s”%s%s%s",
               name, words, but != NULL ? " and has “" : "", but != NULL ? but : "",
               but != NULL ? "”" : "");
  return FALSE;
}

gboolean
slip_sql_make_functions (SlipPg *pg, const char *name, const char *sql, GError **error)
{
  g_autoptr (GPtrArray) statements = NULL;
  g_autofree char *id = NULL;

  g_return_val_if_fail (pg != NULL && name != NULL && sql != NULL, FALSE);
  g_return_val_if_fail (slip_pg_is_in_transaction (pg), FALSE);

  statements = slip_sql_split (sql);
  if (!is_same_transaction (pg, name, &id, error))
    return FALSE;
  for (guint i = 0; i < statements->len; i++)
    if (!make_function (pg, name, statements->pdata[i], &id, error))
      return FALSE;
  return TRUE;
}
