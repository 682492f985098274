/* SPDX-License-Identifier: MIT */
/* Lookups: what a code of the source is in the target. Codes are matched exactly; order is kept because
 * people read these files. */

#include "slip-definitions-private.h"
#include "slip-json.h"

static void
slip_lookup_entry_free (SlipLookupEntry *entry)
{
  g_free (entry->code);
  json_node_unref (entry->value);
  g_free (entry);
}

void
slip_lookup_free (SlipLookup *lookup)
{
  g_free (lookup->name);
  g_free (lookup->file);
  g_hash_table_unref (lookup->index);
  g_ptr_array_unref (lookup->entries);
  g_free (lookup);
}

JsonNode *
slip_lookup_find (const SlipLookup *lookup, const char *code)
{
  const SlipLookupEntry *entry;

  g_return_val_if_fail (lookup != NULL && code != NULL, NULL);

  entry = g_hash_table_lookup (lookup->index, code);
  return entry != NULL ? entry->value : NULL;
}

static void
read_entry (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  static const char *const known[] = {"sirius_mapping", NULL};
  SlipLookup *lookup = data;
  JsonObject *object = slip_reader_as_object (reader, node);
  JsonNode *value = object != NULL ? json_object_get_member (object, known[0]) : NULL;
  SlipLookupEntry *entry;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  if (value == NULL || !JSON_NODE_HOLDS_VALUE (value))
    {
      SLIP_READER_FAULT (reader, known[0], "Give a text, a whole number, true or false",
                         "the code “%s” has no value", name);
      return;
    }
  entry = g_new0 (SlipLookupEntry, 1);
  entry->code = g_strdup (name);
  entry->value = json_node_copy (value);
  g_ptr_array_add (lookup->entries, entry);
  g_hash_table_insert (lookup->index, entry->code, entry);
}

static SlipType
get_type (JsonNode *value)
{
  GType type = json_node_get_value_type (value);

  if (type == G_TYPE_BOOLEAN)
    return SLIP_TYPE_BOOL;
  if (type == G_TYPE_INT64)
    return SLIP_TYPE_INT;
  return type == G_TYPE_DOUBLE ? SLIP_TYPE_DECIMAL : SLIP_TYPE_STR;
}

/* "" is no value, so it has no type. */
static void
settle_type (SlipReader *reader, SlipLookup *lookup)
{
  const SlipLookupEntry *first = NULL;

  lookup->type = SLIP_TYPE_STR;
  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);

      if (g_strcmp0 (slip_json_node_string (entry->value), "") == 0)
        continue;
      if (first == NULL)
        first = entry;
      else if (get_type (entry->value) != lookup->type)
        {
          SLIP_READER_FAULT (reader, entry->code, "Write all values of a lookup in one type",
                             "“%s” and “%s” have values of different types", first->code,
                             entry->code);
          lookup->type = SLIP_TYPE_STR;
          return;
        }
      lookup->type = get_type (entry->value);
    }
}

SlipLookup *
slip_lookup_read (SlipReader *reader, const char *name, JsonObject *root)
{
  SlipLookup *lookup = g_new0 (SlipLookup, 1);

  lookup->name = g_strdup (name);
  lookup->file = g_strdup (reader->file);
  lookup->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_lookup_entry_free);
  lookup->index = g_hash_table_new (g_str_hash, g_str_equal);
  slip_reader_each (reader, root, read_entry, lookup);
  settle_type (reader, lookup);
  return lookup;
}
