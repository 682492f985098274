/* SPDX-License-Identifier: MIT */
/* The check of `gone`: that a thing is not there any more is an end that was wanted only of a step that prepares its
 * deletion, or frees its name. Of any other it is a loss, which nobody would be told. */

#include "slip-check.h"

#include "slip-json.h"

/* What a step reads before it sends, in words that are the same in two loops over one list. */
static char *
dup_read (SlipCheck *check, SlipCheckStep *step, JsonObject *resume)
{
  JsonNode *input = json_object_get_member (resume, "input");
  SlipCheckStep *loop = step->loop != NULL ? g_hash_table_lookup (check->steps, step->loop) : NULL;
  const char *over = loop != NULL ? slip_json_string (loop->inputs, "Iterators") : NULL;
  const char *service = slip_json_string (resume, "service");
  g_autofree char *text = input != NULL ? slip_json_to_text (input, FALSE) : NULL;
  g_autoptr (GString) read = g_string_new (service);
  g_autofree char *value = g_strdup_printf ("%s.CurrentIteratorValue", step->loop);

  if (service == NULL)
    g_string_append (read, slip_json_string (step->inputs, "Service"));
  g_string_append_printf (read, ":%s %s", slip_json_string (resume, "operation"), text);
  if (over != NULL)
    g_string_replace (read, value, over, 0);
  return g_string_free (g_steal_pointer (&read), FALSE);
}

static gboolean
has_text (JsonArray *array, const char *text)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (g_strcmp0 (json_array_get_string_element (array, i), text) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_all (JsonArray *array, JsonArray *texts)
{
  for (guint i = 0; i < json_array_get_length (texts); i++)
    if (!has_text (array, json_array_get_string_element (texts, i)))
      return FALSE;
  return TRUE;
}

static JsonObject *
resume_of (SlipCheckStep *step)
{
  JsonObject *slipway = slip_json_object (step->object, "slipway");

  return slipway != NULL ? slip_json_object (slipway, "resume") : NULL;
}

/* Whether a step behind @step deletes what @step reads, and takes the same codes for its being gone. */
static gboolean
is_deleted_later (SlipCheck *check, SlipCheckStep *step, JsonObject *resume)
{
  g_autofree char *read = dup_read (check, step, resume);
  gboolean behind = FALSE;

  for (guint i = 0; i < check->all->len; i++)
    {
      SlipCheckStep *other = g_ptr_array_index (check->all, i);
      JsonObject *look = behind ? resume_of (other) : NULL;
      g_autofree char *same = look != NULL ? dup_read (check, other, look) : NULL;

      behind = behind || other == step;
      if (g_strcmp0 (same, read) == 0 && g_strcmp0 (slip_json_string (look, "rule"), "R6") == 0
          && has_all (slip_json_array (look, "absent"), slip_json_array (resume, "gone")))
        return TRUE;
    }
  return FALSE;
}

static gboolean
gives_new_name (SlipCheckStep *step)
{
  g_autoptr (GList) members = json_object_get_members (step->inputs);

  for (GList *l = members; l != NULL; l = l->next)
    if (g_str_has_prefix (l->data, "New") && g_str_has_suffix (l->data, "Identifier"))
      return TRUE;
  return FALSE;
}

void
slip_check_gone (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *resume)
{
  JsonArray *gone = slip_json_array (resume, "gone");

  if (gone == NULL)
    return;
  if (g_strcmp0 (slip_json_string (resume, "rule"), "R3") != 0)
    slip_check_fault_at (check, path, "gone", "only R3 takes what is gone for done");
  else if (gives_new_name (step) && !has_all (slip_json_array (resume, "absent"), gone))
    slip_check_fault_at (
        check, path, "gone",
        "it gets a new name, under which it is looked for: its codes must be in absent too");
  else if (!gives_new_name (step) && !is_deleted_later (check, step, resume))
    slip_check_fault_at (
        check, path, "gone",
        "no later step of rule R6 deletes what is read here, with these codes in its "
        "absent: that it is gone would be a loss");
}
