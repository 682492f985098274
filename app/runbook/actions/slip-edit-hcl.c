/* SPDX-License-Identifier: MIT */
/* Where a simple assignment stands in a file of Terraform's variables. It knows comments, strings with
 * templates, heredocs and brackets, to know where the top level is; it understands no expressions, and
 * refuses to touch one. */

#include "slip-edit.h"

#include "slip-runbook-error.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *at;
  const char *fault; /* NULL while all is well */
} Scan;

static void
fail (Scan *scan, const char *fault)
{
  if (scan->fault == NULL)
    scan->fault = fault;
  scan->at += strlen (scan->at);
}

/* ---- what is skipped as a whole */

static void
skip_line (Scan *scan)
{
  scan->at += strcspn (scan->at, "\n");
}

static void
skip_block_comment (Scan *scan)
{
  const char *end = strstr (scan->at + 2, "*/");

  if (end == NULL)
    fail (scan, "a comment does not end");
  else
    scan->at = end + 2;
}

static void skip_string (Scan *scan);

/* `${ … }` and `%{ … }`: brackets count, and strings in it may hold more of them. */
static void
skip_template (Scan *scan)
{
  guint depth = 0;

  scan->at++;
  do
    {
      char c = *scan->at;

      if (c == '\0')
        {
          fail (scan, "a template in a string does not end");
          return;
        }
      if (c == '"')
        {
          skip_string (scan);
          continue;
        }
      depth += c == '{';
      depth -= c == '}';
      scan->at++;
    }
  while (depth > 0);
}

static void
skip_string (Scan *scan)
{
  scan->at++;
  while (*scan->at != '"')
    {
      char c = *scan->at;

      if (c == '\0' || c == '\n')
        {
          fail (scan, "a string does not end");
          return;
        }
      if (c == '\\' && scan->at[1] != '\0')
        scan->at += 2;
      else if ((c == '$' || c == '%') && scan->at[1] == c && scan->at[2] == '{')
        scan->at += 3;
      else if ((c == '$' || c == '%') && scan->at[1] == '{')
        skip_template (scan);
      else
        scan->at++;
      if (scan->fault != NULL)
        return;
    }
  scan->at++;
}

/* `<<WORD` or `<<-WORD`, to the line that holds the word alone. */
static void
skip_heredoc (Scan *scan)
{
  gsize dash = scan->at[2] == '-';
  const char *word = scan->at + 2 + dash;
  gsize length = strspn (word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-");

  if (length == 0)
    {
      fail (scan, "a heredoc has no word");
      return;
    }
  skip_line (scan);
  while (*scan->at != '\0')
    {
      const char *line = scan->at + 1;
      const char *from = line + strspn (line, " \t");

      scan->at = line;
      skip_line (scan);
      if (strncmp (from, word, length) == 0
          && strspn (from + length, " \t\r") == (gsize)(scan->at - from) - length)
        return;
    }
  fail (scan, "a heredoc does not end");
}

/* Skips one comment, string or heredoc; returns whether there was one. */
static gboolean
skip_whole (Scan *scan)
{
  const char *at = scan->at;

  if (*at == '#' || (at[0] == '/' && at[1] == '/'))
    skip_line (scan);
  else if (at[0] == '/' && at[1] == '*')
    skip_block_comment (scan);
  else if (*at == '"')
    skip_string (scan);
  else if (at[0] == '<' && at[1] == '<')
    skip_heredoc (scan);
  else
    return FALSE;
  return TRUE;
}

/* ---- assignments at the top level */

static gboolean
is_name_byte (char c, gboolean first)
{
  return g_ascii_isalpha (c) || c == '_' || (!first && (g_ascii_isdigit (c) || c == '-'));
}

/* To the end of an expression: the end of its line, unless brackets are open. */
static void
skip_expression (Scan *scan)
{
  guint depth = 0;

  while (*scan->at != '\0' && (*scan->at != '\n' || depth > 0))
    {
      char c = *scan->at;

      if (depth == 0 && (c == '#' || (c == '/' && (scan->at[1] == '/' || scan->at[1] == '*'))))
        break;
      if (skip_whole (scan))
        continue;
      if (c == '{' || c == '[' || c == '(')
        depth++;
      else if ((c == '}' || c == ']' || c == ')') && depth-- == 0)
        {
          fail (scan, "a bracket closes that was not opened");
          return;
        }
      scan->at++;
    }
  if (depth > 0)
    fail (scan, "a bracket is not closed");
}

static const char *
trim_end (const char *start, const char *end)
{
  while (end > start && g_ascii_isspace (end[-1]))
    end--;
  return end;
}

/* The next `name = expression`; %FALSE at the end. Blocks have no place in a file of variables. */
static gboolean
next_assignment (Scan *scan, char **name, const char **start, const char **end)
{
  const char *from;

  for (;;)
    {
      scan->at += strspn (scan->at, " \t\r\n");
      if (*scan->at == '#' || *scan->at == '/')
        {
          if (!skip_whole (scan))
            fail (scan, "a line begins with a slash");
          continue;
        }
      break;
    }
  if (*scan->at == '\0')
    return FALSE;
  from = scan->at;
  if (g_str_has_prefix (from, "\xef\xbb\xbf") && from == scan->text)
    {
      scan->at += 3;
      return next_assignment (scan, name, start, end);
    }
  while (is_name_byte (*scan->at, scan->at == from))
    scan->at++;
  if (scan->at == from)
    {
      fail (scan, "something stands where an assignment should");
      return FALSE;
    }
  *name = g_strndup (from, (gsize)(scan->at - from));
  scan->at += strspn (scan->at, " \t");
  if (*scan->at != '=' || scan->at[1] == '=')
    {
      fail (scan, "something stands where an assignment should");
      return TRUE;
    }
  scan->at++;
  scan->at += strspn (scan->at, " \t");
  *start = scan->at;
  skip_expression (scan);
  *end = trim_end (*start, scan->at);
  return TRUE;
}

static gboolean
is_simple (const char *start, const char *end)
{
  Scan scan = {.text = start, .at = start};
  g_autofree char *word = NULL;
  char *after = NULL;

  if (start == end)
    return FALSE;
  if (*start == '"')
    {
      skip_string (&scan);
      if (scan.fault != NULL || scan.at != end)
        return FALSE;
      for (const char *p = start; p + 1 < end; p++)
        {
          if ((*p == '$' || *p == '%') && p[1] == *p)
            p++;
          else if ((*p == '$' || *p == '%') && p[1] == '{')
            return FALSE;
        }
      return TRUE;
    }
  word = g_strndup (start, (gsize)(end - start));
  if (g_str_equal (word, "true") || g_str_equal (word, "false") || g_str_equal (word, "null"))
    return TRUE;
  g_ascii_strtod (word, &after);
  return after != word && *after == '\0' && strpbrk (word, "xXnN") == NULL;
}

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID, "variable %s %s", path, why);
  return FALSE;
}

gboolean
slip_edit_locate_hcl (const char *text, const char *path, gsize *start, gsize *end, GError **error)
{
  Scan scan = {.text = text, .at = text};
  const char *found_start = NULL;
  const char *found_end = NULL;
  const char *from = NULL;
  const char *to = NULL;
  char *name = NULL;

  while (next_assignment (&scan, &name, &from, &to))
    {
      g_autofree char *owned = g_steal_pointer (&name);

      if (scan.fault != NULL)
        break;
      if (!g_str_equal (owned, path))
        continue;
      if (found_start != NULL)
        return refuse (path, "is assigned twice: say which one by removing the other", error);
      found_start = from;
      found_end = to;
    }
  if (scan.fault != NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
                   "it is no file of variables: %s", scan.fault);
      return FALSE;
    }
  if (found_start == NULL)
    return refuse (path, "is not assigned at the top level; this changes values and makes none",
                   error);
  if (!is_simple (found_start, found_end))
    return refuse (path, "holds more than a simple string, number, true, false or null", error);
  *start = (gsize)(found_start - text);
  *end = (gsize)(found_end - text);
  return TRUE;
}

/* ---- writing */

static char *
quote (const char *value)
{
  GString *text = g_string_new ("\"");

  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (text, "\\%c", *p);
      else if (*p == '\n')
        g_string_append (text, "\\n");
      else if (*p == '\r')
        g_string_append (text, "\\r");
      else if (*p == '\t')
        g_string_append (text, "\\t");
      else if ((*p == '$' || *p == '%') && p[1] == '{')
        g_string_append_printf (text, "%c%c", *p, *p);
      else
        g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
  return g_string_free (text, FALSE);
}

char *
slip_edit_write_hcl (JsonNode *value, GError **error)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return g_strdup ("null");
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return quote (json_node_get_string (value));
  if (JSON_NODE_HOLDS_VALUE (value))
    {
      JsonNode *node = value;
      g_autoptr (GString) text = g_string_new (NULL);

      if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
        g_string_assign (text, json_node_get_boolean (node) ? "true" : "false");
      else if (json_node_get_value_type (node) == G_TYPE_INT64)
        g_string_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
      else
        {
          char number[G_ASCII_DTOSTR_BUF_SIZE];

          g_string_assign (text,
                           g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
        }
      return g_strdup (text->str);
    }
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
               "only a string, number, true, false or null can be assigned");
  return NULL;
}
