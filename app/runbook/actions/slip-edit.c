/* SPDX-License-Identifier: MIT */
/* What edits of both formats share: finding all values first, writing them from the end to the
 * beginning, and proving afterwards that nothing else became different. */

#include "slip-edit.h"

#include "slip-json.h"
#include "slip-redact.h"
#include "slip-runbook-error.h"

#include <string.h>

#define LONGEST_LINE 400

typedef struct
{
  const char *path; /* borrowed */
  gsize start;
  gsize end;
  char *text;
} Span;

static void
span_free (gpointer data)
{
  Span *span = data;

  g_free (span->text);
  g_free (span);
}

gboolean
slip_edit_format_from (const char *name, const char *file, SlipEditFormat *format)
{
  *format = SLIP_EDIT_JSON;
  if (name != NULL)
    {
      *format = g_str_equal (name, "hcl") ? SLIP_EDIT_HCL : SLIP_EDIT_JSON;
      return g_str_equal (name, "hcl") || g_str_equal (name, "json");
    }
  if (file == NULL || g_str_has_suffix (file, ".json"))
    return file != NULL;
  *format = SLIP_EDIT_HCL;
  return g_str_has_suffix (file, ".tfvars");
}

/* ---- spans */

static gboolean
locate (SlipEditFormat format, const char *text, Span *span, GError **error)
{
  return format == SLIP_EDIT_JSON
             ? slip_edit_locate_json (text, span->path, &span->start, &span->end, error)
             : slip_edit_locate_hcl (text, span->path, &span->start, &span->end, error);
}

static char *
write_value (SlipEditFormat format, JsonNode *value, GError **error)
{
  return format == SLIP_EDIT_JSON ? slip_json_to_text (value, FALSE)
                                  : slip_edit_write_hcl (value, error);
}

static gboolean
is_same (SlipEditFormat format, const char *text, const Span *span, JsonNode *value)
{
  g_autoptr (JsonNode) now = NULL;

  if (format == SLIP_EDIT_HCL)
    return strlen (span->text) == span->end - span->start
           && strncmp (text + span->start, span->text, span->end - span->start) == 0;
  now = slip_json_parse (text + span->start, (gssize)(span->end - span->start), NULL);
  return now != NULL && slip_json_equal (now, value);
}

static int
compare_spans (gconstpointer a, gconstpointer b)
{
  const Span *first = *(const Span *const *)a;
  const Span *second = *(const Span *const *)b;

  return first->start < second->start ? -1 : first->start > second->start;
}

/* Values that must become others, in order. */
static GPtrArray *
find_spans (SlipEditFormat format, const char *text, JsonObject *set, GError **error)
{
  g_autoptr (GPtrArray) spans = g_ptr_array_new_with_free_func (span_free);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (span_free);
  JsonObjectIter iter;
  const char *path;
  JsonNode *value;
  gsize end = 0;

  json_object_iter_init_ordered (&iter, set);
  while (json_object_iter_next_ordered (&iter, &path, &value))
    {
      Span *span = g_new0 (Span, 1);

      span->path = path;
      g_ptr_array_add (spans, span);
      if (!locate (format, text, span, error)
          || (span->text = write_value (format, value, error)) == NULL)
        return NULL;
    }
  g_ptr_array_sort (spans, compare_spans);
  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = g_ptr_array_index (spans, i);

      if (span->start < end)
        {
          g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
                       "%s is part of another value that is set too", span->path);
          return NULL;
        }
      end = span->end;
      if (!is_same (format, text, span, json_object_get_member (set, span->path)))
        {
          Span *copy = g_new0 (Span, 1);

          *copy = *span;
          copy->text = g_strdup (span->text);
          g_ptr_array_add (kept, copy);
        }
    }
  return g_steal_pointer (&kept);
}

static char *
splice (const char *text, GPtrArray *spans)
{
  GString *result = g_string_new (NULL);
  gsize from = 0;

  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = g_ptr_array_index (spans, i);

      g_string_append_len (result, text + from, (gssize)(span->start - from));
      g_string_append (result, span->text);
      from = span->end;
    }
  g_string_append (result, text + from);
  return g_string_free (result, FALSE);
}

static JsonArray *
describe (const char *text, GPtrArray *spans)
{
  JsonArray *changes = json_array_new ();

  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = g_ptr_array_index (spans, i);
      g_autofree char *before = g_strndup (text + span->start, span->end - span->start);
      JsonObject *change = json_object_new ();
      guint line = 1;

      for (gsize k = 0; k < span->start; k++)
        line += text[k] == '\n';
      json_object_set_string_member (change, "path", span->path);
      json_object_set_int_member (change, "line", line);
      json_object_set_string_member (change, "before", before);
      json_object_set_string_member (change, "after", span->text);
      json_array_add_object_element (changes, change);
    }
  return changes;
}

/* ---- the proof */

/* Puts back what was there before, in the new text: that must give the old one, to the byte. */
static gboolean
only_these_changed (
    SlipEditFormat format, const char *before, const char *after, GPtrArray *spans, GError **error)
{
  g_autoptr (GPtrArray) back = g_ptr_array_new_with_free_func (span_free);
  g_autofree char *undone = NULL;

  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = g_ptr_array_index (spans, i);
      Span *found = g_new0 (Span, 1);

      g_ptr_array_add (back, found);
      found->path = span->path;
      found->text = g_strndup (before + span->start, span->end - span->start);
      if (!locate (format, after, found, error))
        return FALSE;
    }
  undone = splice (after, back);
  if (g_str_equal (undone, before))
    return TRUE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID,
               "the change would touch more than the values named");
  return FALSE;
}

char *
slip_edit_apply (
    SlipEditFormat format, const char *text, JsonObject *set, JsonArray **changes, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GPtrArray) spans = NULL;
  g_autofree char *result = NULL;
  g_autoptr (GError) local = NULL;

  if (!g_utf8_validate (text, -1, NULL)
      || (format == SLIP_EDIT_JSON && (node = slip_json_parse (text, -1, &local)) == NULL))
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID, "it cannot be read: %s",
                   local != NULL ? local->message : "it is not UTF-8");
      return NULL;
    }
  spans = find_spans (format, text, set, error);
  if (spans == NULL)
    return NULL;
  result = splice (text, spans);
  g_clear_pointer (&node, json_node_unref);
  if (format == SLIP_EDIT_JSON && (node = slip_json_parse (result, -1, error)) == NULL)
    return NULL;
  if (!only_these_changed (format, text, result, spans, error))
    return NULL;
  *changes = describe (text, spans);
  return g_steal_pointer (&result);
}

/* ---- for people */

static void
add_line (JsonArray *diff, char sign, const char *line)
{
  g_autofree char *clean = slip_redact_text (line);
  g_autofree char *shown = NULL;

  if (strlen (clean) > LONGEST_LINE)
    *g_utf8_find_prev_char (clean, clean + LONGEST_LINE) = '\0';
  shown = g_strdup_printf ("%c%s", sign, clean);
  json_array_add_string_element (diff, shown);
}

/* Lines [@from, @old_to) of @old became [@from, @new_to) of @new. */
static void
add_block (JsonArray *diff, char **old, char **new, guint from, guint old_to, guint new_to)
{
  g_autofree char *place = g_strdup_printf ("@@ line %u", from + 1);

  json_array_add_string_element (diff, place);
  for (guint i = from; i < old_to; i++)
    add_line (diff, '-', old[i]);
  for (guint i = from; i < new_to; i++)
    add_line (diff, '+', new[i]);
}

JsonArray *
slip_edit_diff (const char *before, const char *after)
{
  g_auto (GStrv) old = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new = g_strsplit (after, "\n", -1);
  guint n_old = g_strv_length (old);
  guint n_new = g_strv_length (new);
  JsonArray *diff = json_array_new ();
  guint from = 0;

  if (n_old == n_new)
    {
      for (guint i = 0; i < n_old; i++)
        if (!g_str_equal (old[i], new[i]))
          add_block (diff, old, new, i, i + 1, i + 1);
      return diff;
    }
  /* A value of several lines became one of another length: what lies between the first and the last
   * difference is shown. */
  while (from < n_old && from < n_new && g_str_equal (old[from], new[from]))
    from++;
  while (n_old > from && n_new > from && g_str_equal (old[n_old - 1], new[n_new - 1]))
    {
      n_old--;
      n_new--;
    }
  add_block (diff, old, new, from, n_old, n_new);
  return diff;
}

JsonObject *
slip_edit_wishes (JsonObject *inputs)
{
  JsonObject *set = slip_json_object (inputs, "Set");
  const char *path = slip_json_string (inputs, "Path");
  JsonNode *value = json_object_get_member (inputs, "Value");
  JsonObject *wishes;

  if (set != NULL)
    return path == NULL && value == NULL ? json_object_ref (set) : NULL;
  if (path == NULL || value == NULL)
    return NULL;
  wishes = json_object_new ();
  json_object_set_member (wishes, path, slip_json_copy (value));
  return wishes;
}
