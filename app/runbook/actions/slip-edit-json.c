/* SPDX-License-Identifier: MIT */
/* Where a value stands in a JSON text. The text was read by the strict parser before, so that this only
 * has to count: it never decides what is JSON. */

#include "slip-edit.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

typedef struct
{
  char *name; /* or NULL for an index */
  guint index;
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free (part->name);
  g_free (part);
}

/* ---- paths */

static gboolean
malformed (const char *path, const char *at, GError **error)
{
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
               "“%s” is no path at “%s”: $, then .Member, ['Member'] or [index]", path, at);
  return FALSE;
}

static gboolean
read_quoted (const char **at, Part *part)
{
  char quote = (*at)[1];
  const char *end = strchr (*at + 2, quote);

  if (end == NULL || end[1] != ']')
    return FALSE;
  part->name = g_strndup (*at + 2, (gsize)(end - *at - 2));
  *at = end + 2;
  return TRUE;
}

static gboolean
read_index (const char **at, Part *part)
{
  char *end;

  if (!g_ascii_isdigit ((*at)[1]))
    return FALSE;
  part->index = (guint)g_ascii_strtoull (*at + 1, &end, 10);
  if (*end != ']')
    return FALSE;
  *at = end + 1;
  return TRUE;
}

static gboolean
read_member (const char **at, Part *part)
{
  gsize length = strcspn (*at + 1, ".[");

  if (length == 0)
    return FALSE;
  part->name = g_strndup (*at + 1, length);
  *at += 1 + length;
  return TRUE;
}

static GPtrArray *
parse_path (const char *path, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);
  const char *at = path + 1;

  if (*path != '$' || path[1] == '\0')
    {
      malformed (path, path, error);
      return NULL;
    }
  while (*at != '\0')
    {
      Part *part = g_new0 (Part, 1);
      gboolean ok;

      g_ptr_array_add (parts, part);
      if (*at == '.')
        ok = read_member (&at, part);
      else if (*at == '[' && (at[1] == '\'' || at[1] == '"'))
        ok = read_quoted (&at, part);
      else
        ok = *at == '[' && read_index (&at, part);
      if (!ok)
        {
          malformed (path, at, error);
          return NULL;
        }
    }
  return g_steal_pointer (&parts);
}

/* ---- counting */

static const char *
skip_space (const char *at)
{
  return at + strspn (at, " \t\r\n");
}

static const char *
skip_string (const char *at)
{
  for (at++; *at != '"'; at++)
    if (*at == '\\')
      at++;
  return at + 1;
}

static const char *
skip_value (const char *at)
{
  guint depth = 0;

  do
    {
      if (*at == '"')
        at = skip_string (at);
      else if (*at == '{' || *at == '[')
        {
          depth++;
          at++;
        }
      else if (*at == '}' || *at == ']')
        {
          depth--;
          at++;
        }
      else if (depth > 0)
        at++;
      else
        at += strcspn (at, ",}] \t\r\n");
    }
  while (depth > 0);
  return at;
}

/* Names may be written with escapes: `"a\u002fb"`. */
static char *
read_name (const char *at, const char **end)
{
  g_autoptr (JsonNode) node = NULL;

  *end = skip_string (at);
  node = slip_json_parse (at, *end - at, NULL);
  return node != NULL ? json_node_dup_string (node) : g_strdup ("");
}

static const char *
enter_object (const char *at, const char *name)
{
  at = skip_space (at + 1);
  while (*at == '"')
    {
      g_autofree char *found = read_name (at, &at);

      at = skip_space (skip_space (at) + 1);
      if (g_str_equal (found, name))
        return at;
      at = skip_space (skip_value (at));
      if (*at == ',')
        at = skip_space (at + 1);
    }
  return NULL;
}

static const char *
enter_array (const char *at, guint index)
{
  at = skip_space (at + 1);
  for (guint i = 0; *at != ']'; i++)
    {
      if (i == index)
        return at;
      at = skip_space (skip_value (at));
      if (*at == ',')
        at = skip_space (at + 1);
    }
  return NULL;
}

gboolean
slip_edit_locate_json (const char *text, const char *path, gsize *start, gsize *end, GError **error)
{
  g_autoptr (GPtrArray) parts = parse_path (path, error);
  const char *at = skip_space (text);

  for (guint i = 0; parts != NULL && at != NULL && i < parts->len; i++)
    {
      const Part *part = g_ptr_array_index (parts, i);

      if (part->name != NULL)
        at = *at == '{' ? enter_object (at, part->name) : NULL;
      else
        at = *at == '[' ? enter_array (at, part->index) : NULL;
    }
  if (parts == NULL)
    return FALSE;
  if (at == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
                   "there is nothing at %s; this changes values and makes none", path);
      return FALSE;
    }
  *start = (gsize)(at - text);
  *end = (gsize)(skip_value (at) - text);
  return TRUE;
}

gboolean
slip_edit_check_path (SlipEditFormat format, const char *path, GError **error)
{
  g_autoptr (GPtrArray) parts = NULL;

  if (format == SLIP_EDIT_JSON)
    {
      parts = parse_path (path, error);
      return parts != NULL;
    }
  if (g_ascii_isalpha (*path) || *path == '_')
    {
      gsize length = strlen (path);

      if (strspn (path, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") == length)
        return TRUE;
    }
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
               "“%s” is no name of a variable", path);
  return FALSE;
}
