/* SPDX-License-Identifier: MIT */
/* What the readers of the sidecar's parts share: lists, pairs, named expressions and words of a choice. */

#include "slip-json.h"
#include "slip-sidecar-private.h"

void
slip_named_sql_free (SlipNamedSql *named)
{
  g_free (named->name);
  g_free (named->sql);
  g_free (named);
}

void
slip_pair_free (SlipPair *pair)
{
  g_free (pair->left);
  g_free (pair->right);
  g_free (pair);
}

char **
slip_sidecar_dup_list (SlipReader *reader, JsonObject *object, const char *name)
{
  char **strings = slip_reader_dup_strings (reader, object, name);

  return strings != NULL ? strings : g_new0 (char *, 1);
}

/* A text that must be there, and must not be empty. */
static char *
dup_text (SlipReader *reader, JsonNode *node)
{
  const char *text = slip_json_node_string (node);

  if (text == NULL || *text == '\0')
    {
      SLIP_READER_FAULT (reader, NULL, NULL, "a text is expected here");
      return NULL;
    }
  return g_strdup (text);
}

static void
read_pair (SlipReader *reader, const char *name, JsonNode *node, gpointer pairs)
{
  char *right = dup_text (reader, node);
  SlipPair *pair;

  if (right == NULL)
    return;
  pair = g_new0 (SlipPair, 1);
  pair->left = g_strdup (name);
  pair->right = right;
  g_ptr_array_add (pairs, pair);
}

GPtrArray *
slip_sidecar_read_pairs (SlipReader *reader, JsonObject *object, const char *name)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_pair_free);
  JsonObject *members = slip_reader_need_object (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each (reader, members, read_pair, pairs);
  if (members != NULL && json_object_get_size (members) == 0)
    SLIP_READER_FAULT (reader, NULL, "Name at least one column of each side", "nothing is equated");
  slip_reader_leave (reader, place);
  return pairs;
}

static void
read_named (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  char *sql = dup_text (reader, node);
  SlipNamedSql *named;

  if (sql == NULL)
    return;
  named = g_new0 (SlipNamedSql, 1);
  named->name = g_strdup (name);
  named->sql = sql;
  g_ptr_array_add (list, named);
}

GPtrArray *
slip_sidecar_read_named (SlipReader *reader, JsonObject *object, const char *name)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
  JsonObject *members = slip_reader_get_object (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each (reader, members, read_named, list);
  slip_reader_leave (reader, place);
  return list;
}

typedef struct
{
  SlipSidecarReadFunc read;
  GPtrArray *list;
} ListRead;

static void
read_element (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  ListRead *list = data;
  JsonObject *object = slip_reader_as_object (reader, node);
  gpointer record = object != NULL ? list->read (reader, object) : NULL;

  if (record != NULL)
    g_ptr_array_add (list->list, record);
}

void
slip_sidecar_read_list (SlipReader *reader,
                        JsonObject *object,
                        const char *name,
                        SlipSidecarReadFunc read,
                        GPtrArray *list)
{
  ListRead data = {read, list};
  JsonArray *array = slip_reader_get_array (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each_element (reader, array, read_element, &data);
  slip_reader_leave (reader, place);
}

guint
slip_sidecar_one_of (SlipReader *reader,
                     JsonObject *object,
                     const char *name,
                     const char *const *words)
{
  g_autofree char *word = slip_reader_dup_string (reader, object, name);
  g_autofree char *list = NULL;
  g_autofree char *advice = NULL;

  if (word == NULL)
    return 0;
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], word))
      return i;
  list = g_strjoinv (", ", (char **)words);
  advice = g_strdup_printf ("It is one of: %s", list);
  SLIP_READER_FAULT (reader, name, advice, "“%s” is not known here", word);
  return 0;
}

gboolean
slip_sidecar_is_stage (const char *name)
{
  static const char *const stages[]
      = {"load",           "filter",     "prepare", "transform", "integration",
         "load_to_target", "validation", "api",     NULL};

  return name != NULL && g_strv_contains (stages, name);
}
