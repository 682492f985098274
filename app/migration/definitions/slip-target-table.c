/* SPDX-License-Identifier: MIT */
/* Tables of the target: keys, sequences, and how rows that are there already are found. Their order in the
 * file is the order in which they are loaded. */

#include "slip-definitions-private.h"

static void
slip_foreign_key_free (SlipForeignKey *key)
{
  g_free (key->column);
  g_free (key->parent_table);
  g_free (key->parent_column);
  g_free (key);
}

static void
slip_target_sequence_free (SlipTargetSequence *sequence)
{
  g_free (sequence->name);
  g_free (sequence->column);
  g_free (sequence);
}

static void
slip_existing_condition_free (SlipExistingCondition *condition)
{
  g_free (condition->field);
  g_free (condition->value);
  g_free (condition);
}

static void
slip_existing_data_free (SlipExistingData *existing)
{
  g_free (existing->match_field);
  g_ptr_array_unref (existing->conditions);
  g_strfreev (existing->keep_columns);
  g_free (existing);
}

void
slip_target_table_free (SlipTargetTable *table)
{
  g_free (table->name);
  g_strfreev (table->sirius_tables);
  g_strfreev (table->base_entities);
  g_strfreev (table->relies_on);
  g_free (table->primary_key);
  g_ptr_array_unref (table->foreign_keys);
  g_ptr_array_unref (table->sequences);
  g_strfreev (table->order_by);
  g_clear_pointer (&table->existing, slip_existing_data_free);
  g_free (table);
}

static char **
dup_list (SlipReader *reader, JsonObject *object, const char *name)
{
  char **strings = slip_reader_dup_strings (reader, object, name);

  return strings != NULL ? strings : g_new0 (char *, 1);
}

static void
read_foreign_key (SlipReader *reader, const char *name, JsonNode *node, gpointer keys)
{
  static const char *const known[] = {"column", "parent_table", "parent_column", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  SlipForeignKey *key;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  key = g_new0 (SlipForeignKey, 1);
  key->column = slip_reader_need_string (reader, object, "column");
  key->parent_table = slip_reader_need_string (reader, object, "parent_table");
  key->parent_column = slip_reader_need_string (reader, object, "parent_column");
  g_ptr_array_add (keys, key);
}

static void
read_sequence (SlipReader *reader, const char *name, JsonNode *node, gpointer sequences)
{
  static const char *const known[] = {"name", "column", "type", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  g_autofree char *type = NULL;
  SlipTargetSequence *sequence;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  type = slip_reader_need_string (reader, object, "type");
  if (type != NULL && !g_str_equal (type, "pk") && !g_str_equal (type, "uid"))
    SLIP_READER_FAULT (reader, "type", "Types are pk and uid", "there is no type “%s”", type);
  sequence = g_new0 (SlipTargetSequence, 1);
  sequence->name = slip_reader_need_string (reader, object, "name");
  sequence->column = slip_reader_need_string (reader, object, "column");
  sequence->uid = g_strcmp0 (type, "uid") == 0;
  g_ptr_array_add (sequences, sequence);
}

static void
read_existing_condition (SlipReader *reader, const char *name, JsonNode *node, gpointer conditions)
{
  static const char *const known[] = {"condition_type", "field", "value", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  g_autofree char *type = NULL;
  g_autoptr (JsonNode) value = NULL;
  SlipExistingCondition *condition;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  type = slip_reader_need_string (reader, object, "condition_type");
  if (type != NULL && !g_str_equal (type, "equal"))
    SLIP_READER_FAULT (reader, "condition_type", "The only one is equal",
                       "there is no condition “%s”", type);
  value = slip_reader_dup_scalar (reader, object, "value");
  condition = g_new0 (SlipExistingCondition, 1);
  condition->field = slip_reader_need_string (reader, object, "field");
  condition->value = value != NULL ? slip_value_dup_text (value) : g_strdup ("");
  g_ptr_array_add (conditions, condition);
}

static SlipExistingData *
read_existing (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"match_field", "conditions", "keep_original_data", NULL};
  SlipExistingData *existing = g_new0 (SlipExistingData, 1);
  gsize place;

  slip_reader_check_members (reader, object, known);
  existing->match_field = slip_reader_need_string (reader, object, "match_field");
  existing->conditions
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_existing_condition_free);
  place = slip_reader_enter (reader, "conditions");
  slip_reader_each_element (reader, slip_reader_get_array (reader, object, "conditions"),
                            read_existing_condition, existing->conditions);
  slip_reader_leave (reader, place);
  existing->keep_columns = dup_list (reader, object, "keep_original_data");
  return existing;
}

static void
read_entities (SlipReader *reader, JsonObject *object, SlipTargetTable *table)
{
  static const char *const known[] = {"base_entities", "relies_on", NULL};

  slip_reader_check_members (reader, object, known);
  table->base_entities = dup_list (reader, object, "base_entities");
  table->relies_on = dup_list (reader, object, "relies_on");
}

static void
read_list (SlipReader *reader,
           JsonObject *object,
           const char *name,
           SlipReaderItemFunc func,
           GPtrArray *list)
{
  JsonArray *array = slip_reader_get_array (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each_element (reader, array, func, list);
  slip_reader_leave (reader, place);
}

SlipTargetTable *
slip_target_table_read (SlipReader *reader, const char *name, JsonObject *object)
{
  static const char *const known[] = {"sirius_tables", "entities", "table_type",    "pk", "fks",
                                      "sequences",     "order_by", "existing_data", NULL};
  g_autofree char *type = slip_reader_need_string (reader, object, "table_type");
  JsonObject *entities = slip_reader_need_object (reader, object, "entities");
  JsonObject *existing = slip_reader_get_object (reader, object, "existing_data");
  SlipTargetTable *table = g_new0 (SlipTargetTable, 1);
  gsize place;

  slip_reader_check_members (reader, object, known);
  table->name = g_strdup (name);
  table->sirius_tables = dup_list (reader, object, "sirius_tables");
  table->join = g_strcmp0 (type, "join") == 0;
  if (type != NULL && !table->join && !g_str_equal (type, "data"))
    SLIP_READER_FAULT (reader, "table_type", "Types are data and join", "there is no type “%s”",
                       type);
  table->primary_key = slip_reader_dup_string (reader, object, "pk");
  table->foreign_keys = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_foreign_key_free);
  read_list (reader, object, "fks", read_foreign_key, table->foreign_keys);
  table->sequences = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_target_sequence_free);
  read_list (reader, object, "sequences", read_sequence, table->sequences);
  table->order_by = dup_list (reader, object, "order_by");
  place = slip_reader_enter (reader, "entities");
  if (entities != NULL)
    read_entities (reader, entities, table);
  slip_reader_leave (reader, place);
  if (table->base_entities == NULL)
    table->base_entities = g_new0 (char *, 1);
  if (table->relies_on == NULL)
    table->relies_on = g_new0 (char *, 1);
  place = slip_reader_enter (reader, "existing_data");
  table->existing = existing != NULL ? read_existing (reader, existing) : NULL;
  slip_reader_leave (reader, place);
  return table;
}
