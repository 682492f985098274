/* SPDX-License-Identifier: MIT */

/* Reads the INI dialect of the shared AWS files: sections by kind and name, `key = value` lines,
 * indented lines below a key (a nested value, or more of a long one), comments. Knows nothing of what
 * the keys mean; slip-aws-config.c does. */

#include "slip-aws-config-parser.h"

#include "slip-aws-credentials.h"
#include "slip-aws-error.h"

#include <string.h>

typedef struct
{
  SlipAwsConfigSections *sections;
  SlipAwsConfigKind kind;
  const char *file;
  guint line;
  SlipAwsConfigSection *section; /* where keys go; a scrap table in sections nobody reads */
  SlipAwsConfigSection *scrap;
  SlipAwsConfigEntry *entry; /* the last key, for indented lines */

} Parser;

static void
entry_free (gpointer data)
{
  SlipAwsConfigEntry *entry = data;

  g_clear_pointer (&entry->value, slip_aws_secret_free);
  g_clear_pointer (&entry->nested, g_hash_table_unref);
  g_free (entry->place);
  g_free (entry);
}

static SlipAwsConfigSection *
section_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
}

static GHashTable *
sections_table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify)g_hash_table_unref);
}

void
slip_aws_config_sections_init (SlipAwsConfigSections *sections)
{
  sections->profiles = sections_table_new ();
  sections->sso_sessions = sections_table_new ();
  sections->services = sections_table_new ();
}

void
slip_aws_config_sections_clear (SlipAwsConfigSections *sections)
{
  g_clear_pointer (&sections->profiles, g_hash_table_unref);
  g_clear_pointer (&sections->sso_sessions, g_hash_table_unref);
  g_clear_pointer (&sections->services, g_hash_table_unref);
}

static gboolean
fail (Parser *parser, GError **error, const char *what)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, "%s:%u: %s", parser->file,
               parser->line, what);
  return FALSE;
}

/* Cuts a comment that begins after white space. */
static void
strip_comment (char *text)
{
  for (char *c = text; *c != '\0'; c++)
    if ((*c == '#' || *c == ';') && c > text && g_ascii_isspace (c[-1]))
      {
        *c = '\0';
        break;
      }
  g_strchomp (text);
}

static SlipAwsConfigSection *
open_section (GHashTable *table, const char *name)
{
  SlipAwsConfigSection *section = g_hash_table_lookup (table, name);

  if (section == NULL)
    {
      section = section_new ();
      g_hash_table_insert (table, g_strdup (name), section);
    }
  return section;
}

/* Takes quotes off a section's name: `"my profile"`. */
static char *
unquote (const char *text)
{
  gsize length = strlen (text);

  if (length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text)
    return g_strndup (text + 1, length - 2);
  return g_strdup (text);
}

static void
choose_section (Parser *parser, const char *kind, const char *name)
{
  SlipAwsConfigSections *sections = parser->sections;

  if (g_str_equal (kind, "profile"))
    parser->section = open_section (sections->profiles, name);
  else if (g_str_equal (kind, "sso-session"))
    parser->section = open_section (sections->sso_sessions, name);
  else if (g_str_equal (kind, "services"))
    parser->section = open_section (sections->services, name);
}

static gboolean
parse_header (Parser *parser, char *line, GError **error)
{
  char *end = strchr (line, ']');
  char *inside = line + 1;
  char *space;
  g_autofree char *name = NULL;

  if (end == NULL)
    return fail (parser, error, "the section has no closing ]");
  *end = '\0';
  g_strstrip (end + 1);
  if (end[1] != '\0' && end[1] != '#' && end[1] != ';')
    return fail (parser, error, "unexpected text behind the section's ]");
  g_strstrip (inside);
  if (*inside == '\0')
    return fail (parser, error, "the section has no name");

  parser->section = parser->scrap;
  parser->entry = NULL;
  if (parser->kind == SLIP_AWS_CREDENTIALS_FILE)
    {
      name = unquote (inside);
      choose_section (parser, "profile", name);
      return TRUE;
    }
  space = strpbrk (inside, " \t");
  if (space == NULL)
    {
      if (g_str_equal (inside, "default"))
        choose_section (parser, "profile", inside);
      return TRUE;
    }
  *space = '\0';
  g_strstrip (space + 1);
  name = unquote (space + 1);
  if (*name == '\0')
    return fail (parser, error, "the section has no name");
  choose_section (parser, inside, name);
  return TRUE;
}

static gboolean
split_pair (Parser *parser, char *line, char **key, char **value, GError **error)
{
  char *equals = strchr (line, '=');

  if (equals == NULL)
    return fail (parser, error, "expected key = value");
  *equals = '\0';
  *key = g_strstrip (line);
  *value = g_strchug (equals + 1);
  if (**key == '\0')
    return fail (parser, error, "the value has no key");
  strip_comment (*value);
  return TRUE;
}

static gboolean
parse_indented (Parser *parser, char *line, GError **error)
{
  SlipAwsConfigEntry *entry = parser->entry;
  g_autofree char *whole = NULL;
  char *key;
  char *value;

  if (entry == NULL)
    return fail (parser, error, "an indented line belongs to no key");
  if (*entry->value != '\0')
    {
      strip_comment (line);
      whole = g_strconcat (entry->value, "\n", line, NULL);
      slip_aws_secret_free (entry->value);
      entry->value = g_steal_pointer (&whole);
      return TRUE;
    }
  if (!split_pair (parser, line, &key, &value, error))
    return FALSE;
  if (entry->nested == NULL)
    entry->nested = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_replace (entry->nested, g_ascii_strdown (key, -1), g_strdup (value));
  return TRUE;
}

static gboolean
parse_pair (Parser *parser, char *line, GError **error)
{
  SlipAwsConfigEntry *entry;
  char *key;
  char *value;

  if (parser->section == NULL)
    return fail (parser, error, "expected a [section] before the first key");
  if (!split_pair (parser, line, &key, &value, error))
    return FALSE;
  entry = g_new0 (SlipAwsConfigEntry, 1);
  entry->value = g_strdup (value);
  entry->place = g_strdup_printf ("%s:%u", parser->file, parser->line);
  g_hash_table_replace (parser->section, g_ascii_strdown (key, -1), entry);
  parser->entry = entry;
  return TRUE;
}

static gboolean
parse_line (Parser *parser, char *line, GError **error)
{
  gboolean indented = *line == ' ' || *line == '\t';

  g_strstrip (line);
  if (*line == '\0' || *line == '#' || *line == ';')
    return TRUE;
  if (!g_utf8_validate (line, -1, NULL))
    return fail (parser, error, "not UTF-8 text");
  if (*line == '[' && !indented)
    return parse_header (parser, line, error);
  return indented ? parse_indented (parser, line, error) : parse_pair (parser, line, error);
}

gboolean
slip_aws_config_parse (SlipAwsConfigSections *sections,
                       SlipAwsConfigKind kind,
                       const char *text,
                       gsize length,
                       const char *file,
                       GError **error)
{
  g_autoptr (GHashTable) scrap = section_new ();
  Parser parser = {.sections = sections, .kind = kind, .file = file, .scrap = scrap};
  const char *end = text + length;

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;
  while (text < end)
    {
      const char *next = memchr (text, '\n', (gsize)(end - text));
      gsize size = (gsize)((next != NULL ? next : end) - text);
      char *line;
      gboolean ok;

      parser.line++;
      if (memchr (text, '\0', size) != NULL)
        return fail (&parser, error, "a NUL byte in a text file");
      line = g_strndup (text, size);
      ok = parse_line (&parser, line, error);
      slip_aws_secret_free (line);
      if (!ok)
        return FALSE;
      text += size + 1;
    }
  return TRUE;
}
