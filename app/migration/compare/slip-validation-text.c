/* SPDX-License-Identifier: MIT */
/* Raw SQL of validation_mapping.json. Its writers cast texts to dates and numbers and were lucky; here every such cast
 * goes through a function that makes NULL of what is none, so that one bad value is a difference and not the end. It reads
 * names, quotes and parentheses, and nothing else of SQL. */

#include "slip-validation-private.h"

#include <string.h>

static const struct
{
  const char *type;
  const char *func;
} casts[] = {
    {"timestamp", "slipway.valid_timestamp"}, {"date", "slipway.valid_date"},
    {"integer", "slipway.valid_integer"},     {"bigint", "slipway.valid_integer"},
    {"int", "slipway.valid_integer"},         {"double precision", "slipway.valid_number"},
    {"numeric", "slipway.valid_number"},      {"decimal", "slipway.valid_number"},
};

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* Behind a quoted text or name that begins at @p. */
static const char *
skip_quoted (const char *p)
{
  char quote = *p++;

  while (*p != '\0')
    {
      if (*p++ != quote)
        continue;
      if (*p != quote)
        break;
      p++;
    }
  return p;
}

/* Behind the parenthesis that closes the one at @p; NULL when none does. */
static const char *
find_close (const char *p)
{
  guint depth = 0;

  while (*p != '\0')
    {
      if (*p == '\'' || *p == '"')
        {
          p = skip_quoted (p);
          continue;
        }
      if (*p == '(')
        depth++;
      else if (*p == ')' && --depth == 0)
        return p + 1;
      p++;
    }
  return NULL;
}

static const char *
skip_parentheses (const char *p)
{
  const char *close = find_close (p);

  return close != NULL ? close : p + strlen (p);
}

/* The type at @p, if it is one of those above: its function, and where it ends. A precision is left out of both. */
static const char *
find_cast (const char *p, const char **end)
{
  while (g_ascii_isspace (*p))
    p++;
  for (gsize i = 0; i < G_N_ELEMENTS (casts); i++)
    {
      gsize length = strlen (casts[i].type);

      if (g_ascii_strncasecmp (p, casts[i].type, length) != 0 || is_word (p[length]))
        continue;
      *end = p + length;
      if (**end == '(')
        *end = skip_parentheses (*end);
      return casts[i].func;
    }
  return NULL;
}

/* Where the operand that @out ends with begins, or -1 for one that needs no care: a literal, a number, NULL, END. */
static gssize
find_operand (GString *out)
{
  gssize i = (gssize)out->len;
  gssize end;

  while (i > 0 && g_ascii_isspace (out->str[i - 1]))
    i--;
  end = i;
  if (i > 0 && out->str[i - 1] == ')')
    {
      /* From the front, for quotes can be read in this direction only. */
      const char *p = out->str;

      while (*p != '\0')
        {
          if (*p == '\'' || *p == '"')
            p = skip_quoted (p);
          else if (*p == '(')
            {
              const char *close = find_close (p);

              if (close == out->str + end)
                break;
              p++;
            }
          else
            p++;
        }
      i = p - out->str;
    }
  while (i > 0 && (is_word (out->str[i - 1]) || out->str[i - 1] == '.' || out->str[i - 1] == '"'))
    {
      i--;
      if (out->str[i] != '"')
        continue;
      while (i > 0 && out->str[i - 1] != '"')
        i--;
      i--;
    }
  if (i == end || g_ascii_isdigit (out->str[i]))
    return -1;
  if (end - i == 4 && g_ascii_strncasecmp (out->str + i, "null", 4) == 0)
    return -1;
  if (end - i == 3 && g_ascii_strncasecmp (out->str + i, "end", 3) == 0)
    return -1;
  return i;
}

/* CAST (x AS type) at @p, or NULL when it is none of those above. */
static const char *
append_cast (GString *out, const char *p, const char *run_date)
{
  const char *open = p + 4;
  const char *close;
  const char *q;

  while (g_ascii_isspace (*open))
    open++;
  if (*open != '(')
    return NULL;
  close = find_close (open);
  if (close == NULL)
    return NULL;
  q = open + 1;
  while (q < close - 1)
    {
      const char *func;
      const char *end;

      if (*q == '\'' || *q == '"')
        q = skip_quoted (q);
      else if (*q == '(')
        q = skip_parentheses (q);
      else if (g_ascii_isspace (*q) && g_ascii_strncasecmp (q + 1, "as", 2) == 0
               && g_ascii_isspace (q[3]) && (func = find_cast (q + 4, &end)) != NULL)
        {
          g_autofree char *inner = g_strndup (open + 1, (gsize)(q - open - 1));
          g_autofree char *safe = slip_validation_make_safe (inner, run_date);

          g_string_append_printf (out, "%s(%s)", func, safe);
          return close;
        }
      else
        q++;
    }
  return NULL;
}

static const char *
append_word (GString *out, const char *p, const char *run_date)
{
  const char *end = p;
  gsize length;
  const char *behind;

  while (is_word (*end))
    end++;
  length = (gsize)(end - p);
  if (length == 4 && g_ascii_strncasecmp (p, "cast", 4) == 0
      && (behind = append_cast (out, p, run_date)) != NULL)
    return behind;
  if ((length == 3 && g_ascii_strncasecmp (p, "now()", 5) == 0)
      || (length == 12 && g_ascii_strncasecmp (p, "current_date", length) == 0))
    {
      g_string_append_printf (out, "(TIMESTAMP '%s')", run_date);
      return length == 3 ? p + 5 : end;
    }
  g_string_append_len (out, p, (gssize)length);
  return end;
}

char *
slip_validation_make_safe (const char *sql, const char *run_date)
{
  GString *out = g_string_new (NULL);
  const char *p = sql;

  while (*p != '\0')
    {
      const char *end;
      const char *func;
      gssize operand;

      if (*p == '\'' || *p == '"')
        {
          end = skip_quoted (p);
          g_string_append_len (out, p, end - p);
          p = end;
        }
      else if (p[0] == '-' && p[1] == '-')
        p += strcspn (p, "\n"); /* a comment's quotes are none */
      else if (p[0] == ':' && p[1] == ':' && (func = find_cast (p + 2, &end)) != NULL
               && (operand = find_operand (out)) >= 0)
        {
          g_string_insert_c (out, operand, '(');
          g_string_insert (out, operand, func);
          g_string_append_c (out, ')');
          p = end;
        }
      else if (is_word (*p) && (p == sql || !is_word (p[-1])))
        p = append_word (out, p, run_date);
      else
        g_string_append_c (out, *p++);
    }
  return g_string_free (out, FALSE);
}

char *
slip_validation_dup_outside (const char *sql)
{
  GString *out = g_string_new (NULL);
  const char *p = sql;

  while (*p != '\0')
    {
      const char *end = p + 1;

      if (*p == '\'' || *p == '"')
        end = skip_quoted (p);
      if (*p == '(')
        {
          p = skip_parentheses (p);
          g_string_append (out, "()");
          continue;
        }
      g_string_append_len (out, p, end - p);
      p = end;
    }
  return g_string_free (out, FALSE);
}

static char *
replace (char *text, const char *placeholder, const char *value)
{
  g_autofree char *owned = text;
  g_auto (GStrv) parts = g_strsplit (owned, placeholder, -1);

  return g_strjoinv (value, parts);
}

/* {client_source} stands between the quotes of a literal. */
char *
slip_validation_expand (SlipValidator *self, const char *sql, const char *col)
{
  char *text = replace (g_strdup (sql), "{casrec_schema}", SLIP_VALIDATION_EXPECTED);
  g_autofree char *inside = NULL;

  text = replace (text, "{target_schema}", SLIP_VALIDATION_ACTUAL);
  if (self->client_source != NULL)
    {
      inside = replace (g_strdup (self->client_source), "'", "''");
      text = replace (text, "{client_source}", inside);
    }
  if (col != NULL)
    text = replace (text, "{col}", col);
  inside = (g_free (inside), text);
  return slip_validation_make_safe (inside, self->options->run_date);
}

/* Names as PostgreSQL reads them: in quotes as they are, others in lower case. */
void
slip_validation_add_words (GHashTable *words, const char *sql)
{
  const char *p = sql;

  while (*p != '\0')
    {
      const char *end = p;

      if (*p == '\'')
        p = skip_quoted (p);
      else if (*p == '"')
        {
          end = skip_quoted (p);
          g_hash_table_add (words, g_strndup (p + 1, (gsize)MAX (end - p - 2, 0)));
          p = end;
        }
      else if (is_word (*p))
        {
          while (is_word (*end))
            end++;
          g_hash_table_add (words, g_ascii_strdown (p, end - p));
          p = end;
        }
      else
        p++;
    }
}

static char *
dup_name (GMatchInfo *match, int group)
{
  g_autofree char *name = g_match_info_fetch (match, group);
  gsize length;

  if (name == NULL || *name == '\0')
    return NULL;
  length = strlen (name);
  return *name == '"' ? g_strndup (name + 1, length - 2) : g_ascii_strdown (name, (gssize)length);
}

GHashTable *
slip_validation_find_aliases (const char *sql, const char *schema)
{
  GHashTable *aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *pattern = g_strdup_printf (
      "\\b(?:FROM|JOIN)\\s+%s\\.(\"[^\"]+\"|\\w++)(?!\\s*\\()(?:\\s+(?:AS\\s+)?(?"
      "!(?:ON|USING|LEFT|RIGHT|INNER|FULL|CROSS|"
      "JOIN|WHERE|GROUP|ORDER|LIMIT|NATURAL)\\b)(\"[^\"]+\"|\\w+))?",
      schema);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_assert (regex != NULL);
  for (g_regex_match (regex, sql, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      char *table = dup_name (match, 1);
      char *alias = dup_name (match, 2);

      g_hash_table_insert (aliases, alias != NULL ? alias : g_strdup (table), table);
    }
  return aliases;
}
