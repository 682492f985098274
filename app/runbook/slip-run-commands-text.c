/* SPDX-License-Identifier: MIT */
/* The AWS CLI's own names for services and operations, and words for a shell. */

#include "slip-run-commands.h"

#include "slip-json.h"

#include <string.h>

const char *
slip_run_command_name (const char *service)
{
  static const char *const names[][2] = {
      {"codedeploy", "deploy"},
      {"monitoring", "cloudwatch"},
      {"s3", "s3api"},
      {"servicequotas", "service-quotas"},
      {"states", "stepfunctions"},
  };

  g_return_val_if_fail (service != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (service, names[i][0]))
      return names[i][1];
  return service;
}

static char *
replace (const char *pattern, const char *text, const char *by)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_replace (regex, text, -1, 0, by, 0, NULL);
}

char *
slip_run_command_operation (const char *operation)
{
  g_autofree char *plural = NULL;
  g_autofree char *capped = NULL;
  g_autofree char *ended = NULL;

  g_return_val_if_fail (operation != NULL, NULL);

  /* An abbreviation in the plural at the end (DBs) is one word. */
  plural = replace ("(.)([A-Z]{2,}s)$", operation, "\\1-\\L\\2\\E");
  capped = replace ("(.)([A-Z][a-z]+)", plural, "\\1-\\2");
  ended = replace ("([a-z0-9])([A-Z])", capped, "\\1-\\2");
  return g_ascii_strdown (ended, -1);
}

char *
slip_run_command_query (const char *selector)
{
  if (selector == NULL || !g_str_has_prefix (selector, "$"))
    return NULL;
  if (g_str_equal (selector, "$"))
    return g_strdup ("@");
  if (selector[1] != '.'
      || !g_regex_match_simple ("^\\$(\\.[A-Za-z_][A-Za-z0-9_]*(\\[([0-9]+|\\*)\\])*)+$", selector,
                                0, 0))
    return NULL;
  return g_strdup (selector + 2);
}

void
slip_run_command_append (GString *line, const char *word)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_@%+=:,./-";

  if (line->len > 0)
    g_string_append_c (line, ' ');
  if (*word != '\0' && strspn (word, plain) == strlen (word))
    g_string_append (line, word);
  else
    {
      g_autofree char *quoted = g_shell_quote (word);

      g_string_append (line, quoted);
    }
}

void
slip_run_command_append_words (GString *line, JsonArray *words)
{
  for (guint i = 0; words != NULL && i < json_array_get_length (words); i++)
    {
      JsonNode *node = json_array_get_element (words, i);
      g_autofree char *word
          = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                ? json_node_dup_string (node)
                : slip_json_to_text (node, FALSE);

      slip_run_command_append (line, word);
    }
}

char *
slip_run_command_join (JsonArray *values, const char *between)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      JsonNode *node = json_array_get_element (values, i);
      g_autofree char *value = NULL;

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        value = json_node_dup_string (node);
      else
        value = slip_json_to_text (node, FALSE);
      g_string_append_printf (text, "%s%s", i > 0 ? between : "", value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
append_comment (GString *script, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (script, "# %s\n", lines[i]);
}

char *
slip_run_commands_to_script (JsonArray *commands)
{
  g_autoptr (GString) script = g_string_new (NULL);

  g_return_val_if_fail (commands != NULL, NULL);

  for (guint i = 0; i < json_array_get_length (commands); i++)
    {
      JsonObject *step = json_array_get_object_element (commands, i);
      JsonArray *notes = slip_json_array (step, "notes");
      JsonArray *lines = slip_json_array (step, "commands");
      g_autofree char *title
          = g_strdup_printf ("%" G_GINT64_FORMAT ". %s (%s)", slip_json_int (step, "index", 0),
                             slip_json_string (step, "title"), slip_json_string (step, "effect"));

      append_comment (script, title);
      for (guint j = 0; j < json_array_get_length (notes); j++)
        append_comment (script, json_array_get_string_element (notes, j));
      for (guint j = 0; j < json_array_get_length (lines); j++)
        g_string_append_printf (script, "%s\n", json_array_get_string_element (lines, j));
      g_string_append_c (script, '\n');
    }
  return g_string_free (g_steal_pointer (&script), FALSE);
}
