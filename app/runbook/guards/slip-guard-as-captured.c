/* SPDX-License-Identifier: MIT */
/* Whether something that the plan captured still has all its settings, and is the same thing. It reads
 * and compares as `slipway:capture` does, so that nothing which is put back later can change unseen
 * before it is destroyed. */

#include "actions/slip-capture-read.h"
#include "slip-guards.h"
#include "slip-json.h"

/* `kind`: of a table of captures; `captured`: the Document of a capture of that kind, or a list of them, of which
 * `of` names the only one that is meant: in the guard's region, for names repeat in others. Of their fields `changed` ({FIELD: value}) have another value by now, which this very run gave them; `except`
 * lists those whose value cannot be told. */
static const char *const inputs[] = {"kind", "captured", "of?", "changed?", "except?", NULL};

static JsonNode *
call (gpointer data,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GError **error)
{
  return slip_guard_call (data, service, operation, slip_json_node_object (input), error);
}

/* The fields that are compared. What another version of this program did not capture is not known to
 * differ. */
static GHashTable *
list_compared (SlipGuardContext *context, JsonObject *table, JsonObject *captured)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *fields = slip_json_array (table, "fields");
  JsonObject *expected = slip_json_object (captured, "fields");
  g_auto (GStrv) except = slip_guard_input_list (context, "except");

  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = json_array_get_object_element (fields, i);
      const char *name = slip_json_string (field, "field");

      if (!slip_json_bool (field, "moves", FALSE) && json_object_has_member (expected, name)
          && !g_strv_contains ((const char *const *)except, name))
        g_hash_table_add (names, (gpointer)name);
    }
  return names;
}

/* Notes of one field how it should be and how it is, when these differ. */
static void
take_difference (SlipGuardContext *context, JsonObject *row, JsonObject *was, JsonObject *is)
{
  JsonObject *changed = slip_json_object (context->inputs, "changed");
  const char *name = slip_json_string (row, "field");
  JsonNode *before = changed != NULL ? json_object_get_member (changed, name) : NULL;
  JsonNode *after = json_object_get_member (row, "after");

  if (before == NULL)
    before = json_object_get_member (row, "before");
  if (slip_json_equal (before, after))
    return;
  json_object_set_member (was, name, slip_json_copy (before));
  json_object_set_member (is, name, slip_json_copy (after));
}

/* The rest was compared, and whoever reads the result is told what was not. */
static SlipGuardState
tell_refused (JsonObject *captured, JsonObject *refused, char **message)
{
  g_autoptr (GString) text = g_string_new (slip_json_string (captured, "target"));
  JsonObjectIter iter;
  const char *name;
  JsonNode *why;

  g_string_append (text, " is still what was planned for, but could not be compared: ");
  json_object_iter_init_ordered (&iter, refused);
  while (json_object_iter_next_ordered (&iter, &name, &why))
    g_string_append_printf (text, "%s (%s) ", name, slip_json_node_string (why));
  g_string_truncate (text, text->len - 1);
  g_free (*message);
  *message = g_strdup (text->str);
  return SLIP_GUARD_WARN;
}

static SlipGuardState
judge (SlipGuardContext *context,
       JsonObject *table,
       JsonObject *captured,
       const SlipCaptureReader *reader,
       JsonObject *found,
       char **message)
{
  g_autoptr (JsonObject) comparison = slip_capture_compare (table, captured, found, NULL);
  g_autoptr (JsonNode) was = slip_json_new_object (json_object_new ());
  g_autoptr (JsonNode) is = slip_json_new_object (json_object_new ());
  JsonArray *rows = slip_json_array (comparison, "fields");
  SlipGuardState state;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      const char *name = slip_json_string (row, "field");

      if (g_hash_table_contains (reader->only, name)
          && !json_object_has_member (reader->refused, name))
        take_difference (context, row, json_node_get_object (was), json_node_get_object (is));
    }
  state = slip_guard_judge_drift (context, slip_json_string (captured, "target"),
                                  slip_json_string (captured, "arn"), was, is, message);
  return state == SLIP_GUARD_PASS && json_object_get_size (reader->refused) > 0
             ? tell_refused (captured, reader->refused, message)
             : state;
}

static gboolean
is_document (JsonObject *table, JsonObject *captured)
{
  return captured != NULL && slip_json_object (captured, "fields") != NULL
         && slip_json_string (captured, "target") != NULL
         && slip_json_string (captured, "arn") != NULL
         && g_strcmp0 (slip_json_string (captured, "kind"), slip_json_string (table, "kind")) == 0;
}

static SlipGuardState
look_at (SlipGuardContext *context, JsonObject *table, JsonObject *captured, char **message)
{
  g_auto (GStrv) arn = NULL;
  SlipGuardContext there = *context;
  g_autoptr (GHashTable) only = NULL;
  g_autoptr (JsonObject) refused = json_object_new ();
  SlipCaptureReader reader = {.call = call, .data = &there, .refused = refused};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) found = NULL;

  if (!is_document (table, captured))
    {
      *message = g_strdup_printf ("what it should be like is no Document of a capture of kind %s. "
                                  "Cancel this run and plan again",
                                  slip_json_string (table, "kind"));
      return SLIP_GUARD_BLOCK;
    }
  /* arn:aws:rds:REGION:ACCOUNT:…: members of a global cluster are in several regions. */
  arn = g_strsplit (slip_json_string (captured, "arn"), ":", 5);
  if (g_strv_length (arn) == 5 && *arn[3] != '\0')
    there.region = arn[3];
  reader.region = there.region;
  reader.only = only = list_compared (context, table, captured);
  found = slip_capture_read (&reader, table, slip_json_string (captured, "target"), &error);
  if (found != NULL)
    return judge (&there, table, captured, &reader, found, message);
  if (!slip_guard_is_gone (error))
    return slip_guard_unprovable (message, "whether it is still as it was captured", error);
  return slip_guard_judge_drift (&there, slip_json_string (captured, "target"),
                                 slip_json_string (captured, "arn"), NULL, NULL, message);
}

static guint
rank_of (SlipGuardState state)
{
  static const guint ranks[] = {
      [SLIP_GUARD_PASS] = 0,
      [SLIP_GUARD_WARN] = 1,
      [SLIP_GUARD_UNPROVABLE] = 2,
      [SLIP_GUARD_BLOCK] = 3,
  };

  return ranks[state];
}

/* Whether @captured is the one that is meant, of a list in which one is. */
static gboolean
is_meant (SlipGuardContext *context, JsonObject *captured)
{
  const char *of = slip_guard_input (context, "of");
  const char *arn = captured != NULL ? slip_json_string (captured, "arn") : NULL;
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn, ":", 5) : NULL;

  return of == NULL
         || (parts != NULL && g_strv_length (parts) == 5
             && g_strcmp0 (parts[3], context->region) == 0
             && g_strcmp0 (slip_json_string (captured, "target"), of) == 0);
}

/* Each thing of a list is looked at, also behind one that differs: who accepts a difference accepts all. */
static SlipGuardState
look_at_all (SlipGuardContext *context, JsonObject *table, JsonArray *list, char **message)
{
  SlipGuardState worst = SLIP_GUARD_PASS;
  g_autoptr (GString) text = g_string_new (NULL);
  guint looked = 0;

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *captured = slip_json_node_object (json_array_get_element (list, i));
      const char *target = captured != NULL ? slip_json_string (captured, "target") : NULL;
      g_autofree char *one = NULL;
      SlipGuardState state;

      if (!is_meant (context, captured))
        continue;
      looked++;
      state = look_at (context, table, captured, &one);
      if (state == SLIP_GUARD_UNPROVABLE && target != NULL)
        slip_guard_note_untold (context, target, one);
      if (rank_of (state) >= rank_of (worst))
        {
          if (state != worst || state == SLIP_GUARD_PASS)
            g_string_truncate (text, 0);
          g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", one);
          worst = state;
        }
    }
  if (looked == 0 && slip_guard_input (context, "of") != NULL)
    {
      *message = g_strdup_printf ("nothing of what was captured is %s in %s",
                                  slip_guard_input (context, "of"), context->region);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup (text->len > 0 ? text->str : "there was nothing to capture");
  return worst;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *kind = slip_json_string (context->inputs, "kind");
  JsonObject *table = slip_capture_table_find (kind);
  JsonObject *one = slip_json_object (context->inputs, "captured");
  JsonArray *list = slip_json_array (context->inputs, "captured");

  if (table == NULL)
    {
      *message = g_strdup_printf ("there is no capture of kind %s", kind != NULL ? kind : "");
      return SLIP_GUARD_BLOCK;
    }
  return list != NULL ? look_at_all (context, table, list, message)
                      : look_at (context, table, one, message);
}

const SlipGuard slip_guard_as_captured = {
    .id = "as-captured",
    .title = "Still as it was captured",
    .inputs = inputs,
    .evaluate = evaluate,
    .drift = TRUE,
};
