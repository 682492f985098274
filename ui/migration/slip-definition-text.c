/* SPDX-License-Identifier: MIT */

/* Changes of a definition file's own members, as text: people compare these files line by line, so that what is not
 * changed must not move. Values below a member are slip_edit_apply()'s. */

#include "config.h"

#include "slip-definition-text.h"

#include <gio/gio.h>
#include <string.h>

#include "slip-json.h"

#define SPACE " \t\r\n"

/* Offsets of one member. */
typedef struct
{
  gsize key;       /* of the quote that begins its name */
  gsize key_end;   /* behind the quote that ends it */
  gsize value_end; /* behind its value */
} Member;

static char *
quote (const char *name)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), name);

  return slip_json_to_text (node, FALSE);
}

/* Behind a string that begins at @at; at the text's end when nothing ends it. */
static gsize
skip_string (const char *text, gsize at)
{
  for (at++; text[at] != '\0' && text[at] != '"'; at++)
    if (text[at] == '\\' && text[at + 1] != '\0')
      at++;
  return text[at] == '"' ? at + 1 : at;
}

static gsize
skip_space (const char *text, gsize at)
{
  return at + strspn (text + at, SPACE);
}

/* To the comma or bracket behind a value. */
static gsize
skip_value (const char *text, gsize at)
{
  guint depth = 0;

  while (text[at] != '\0')
    {
      if (text[at] == '"')
        {
          at = skip_string (text, at);
          continue;
        }
      if (depth == 0 && strchr (",}]", text[at]) != NULL)
        break;
      if (strchr ("{[", text[at]) != NULL)
        depth++;
      else if (strchr ("}]", text[at]) != NULL)
        depth--;
      at++;
    }
  return at;
}

/* The members of the object that @text is, in order. */
static GArray *
list_members (const char *text)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (Member));
  gsize at = skip_space (text, 0);

  if (text[at] != '{')
    return members;
  at = skip_space (text, at + 1);
  while (text[at] == '"')
    {
      Member member = {.key = at, .key_end = skip_string (text, at)};

      at = skip_space (text, member.key_end);
      if (text[at] != ':')
        break;
      at = skip_value (text, at + 1);
      member.value_end = at;
      while (strchr (SPACE, text[member.value_end - 1]) != NULL)
        member.value_end--;
      g_array_append_val (members, member);
      if (text[at] != ',')
        break;
      at = skip_space (text, at + 1);
    }
  return members;
}

static gboolean
is_named (const char *text, const Member *member, const char *name)
{
  g_autofree char *key = g_strndup (text + member->key, member->key_end - member->key);
  g_autoptr (JsonNode) node = slip_json_parse (key, -1, NULL);

  return g_strcmp0 (slip_json_node_string (node), name) == 0;
}

static int
find_member (const char *text, GArray *members, const char *name)
{
  for (guint i = 0; i < members->len; i++)
    if (is_named (text, &g_array_index (members, Member, i), name))
      return (int)i;
  return -1;
}

static char *
replace (const char *text, gsize from, gsize to, const char *with)
{
  g_autoptr (GString) result = g_string_new_len (text, (gssize)from);

  g_string_append (result, with);
  g_string_append (result, text + to);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

/* With the comma, and the white space, that stood between it and its neighbour. */
static char *
drop (const char *text, GArray *members, guint index)
{
  const Member *member = &g_array_index (members, Member, index);

  if (index + 1 < members->len)
    return replace (text, member->key, g_array_index (members, Member, index + 1).key, "");
  return replace (text,
                  index > 0 ? g_array_index (members, Member, index - 1).value_end : member->key,
                  member->value_end, "");
}

char *
slip_definition_text_rename (const char *text, const char *name, const char *to, GError **error)
{
  g_autoptr (GArray) members = list_members (text);
  int index = find_member (text, members, name);
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, error);
  g_autofree char *quoted = NULL;

  if (node == NULL)
    return NULL;
  if (index < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no “%s” in the file any more",
                   name);
      return NULL;
    }
  if (to == NULL)
    return drop (text, members, (guint)index);
  if (!g_str_equal (name, to) && find_member (text, members, to) >= 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   "“%s” cannot be called “%s”: there is one of that name. Choose another", name,
                   to);
      return NULL;
    }
  quoted = quote (to);
  return replace (text, g_array_index (members, Member, index).key,
                  g_array_index (members, Member, index).key_end, quoted);
}

char *
slip_definition_text_add_code (const char *text, const char *code, const char *value)
{
  g_autoptr (GArray) members = list_members (text);
  g_autofree char *quoted = quote (code);
  g_autofree char *indent = NULL;
  g_autofree char *entry = NULL;
  const char *open = strchr (text, '{');
  const Member *last;

  if (open == NULL || strrchr (text, '}') == NULL)
    return NULL;
  if (members->len == 0)
    {
      gsize end = (gsize)(strrchr (text, '}') - text);

      entry = g_strdup_printf ("\n  %s: {\"sirius_mapping\": %s}\n", quoted, value);
      return replace (text, (gsize)(open + 1 - text), end, entry);
    }
  last = &g_array_index (members, Member, members->len - 1);
  /* On a line of its own, with the white space before the first one. */
  indent = g_strndup (open + 1, g_array_index (members, Member, 0).key - (gsize)(open + 1 - text));
  entry = g_strdup_printf (",%s%s: {\"sirius_mapping\": %s}", indent, quoted, value);
  return replace (text, last->value_end, last->value_end, entry);
}
