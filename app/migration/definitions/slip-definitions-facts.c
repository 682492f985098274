/* SPDX-License-Identifier: MIT */
/* Records of definitions as plain facts: items, and properties with texts. This is where it is decided what of a
 * record has a meaning; slip-definitions-diff.c compares, and knows nothing of kinds. */

#include "slip-definitions-facts.h"

/* ---- making them */

static void
fact_free (gpointer data)
{
  SlipFact *fact = data;

  g_free (fact->value);
  g_free (fact);
}

static void
item_free (gpointer data)
{
  SlipFactItem *item = data;

  g_free (item->name);
  g_ptr_array_unref (item->facts);
  g_free (item);
}

static void
facts_free (gpointer data)
{
  SlipFacts *facts = data;

  g_free (facts->name);
  g_hash_table_unref (facts->index);
  g_ptr_array_unref (facts->items);
  g_free (facts);
}

/* Takes @name. A name that is there already (one thing said twice) gets a number. */
static SlipFactItem *
add_item (SlipFacts *facts, char *name, gboolean ordered, gboolean rows)
{
  SlipFactItem *item = g_new0 (SlipFactItem, 1);

  for (guint n = 2; g_hash_table_contains (facts->index, name); n++)
    {
      char *again = g_strdup_printf ("%s (%u)", name, n);

      g_free (name);
      name = again;
    }
  item->name = name;
  item->facts = g_ptr_array_new_with_free_func (fact_free);
  item->ordered = ordered;
  item->rows = rows;
  g_ptr_array_add (facts->items, item);
  g_hash_table_insert (facts->index, item->name, item);
  return item;
}

static SlipFacts *
new_facts (const char *name, const char *plural, gboolean order)
{
  SlipFacts *facts = g_new0 (SlipFacts, 1);

  facts->name = g_strdup (name);
  facts->items = g_ptr_array_new_with_free_func (item_free);
  facts->index = g_hash_table_new (g_str_hash, g_str_equal);
  facts->plural = plural;
  facts->order = order;
  add_item (facts, g_strdup (""), FALSE, TRUE);
  return facts;
}

/* Takes @value. */
static void
take (SlipFactItem *item, const char *property, char *value, gboolean rows)
{
  SlipFact *fact;

  if (value == NULL)
    return;
  fact = g_new0 (SlipFact, 1);
  fact->property = property;
  fact->value = value;
  fact->rows = rows;
  g_ptr_array_add (item->facts, fact);
}

static void
say (SlipFactItem *item, const char *property, const char *value)
{
  take (item, property, g_strdup (value), TRUE);
}

static void
tell (SlipFactItem *item, const char *property, const char *value)
{
  take (item, property, g_strdup (value), FALSE);
}

static void
say_pair (SlipFactItem *item, const char *property, const char *left, const char *right)
{
  if (left != NULL || right != NULL)
    take (item, property,
          g_strdup_printf ("%s:%s", left != NULL ? left : "", right != NULL ? right : ""), TRUE);
}

/* One text as it is, several as a JSON list; none and "" are not set. */
static char *
dup_list (char **values)
{
  g_autoptr (JsonArray) array = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (values == NULL || values[0] == NULL)
    return NULL;
  if (values[1] == NULL)
    return g_strdup (values[0]);
  array = json_array_new ();
  for (guint i = 0; values[i] != NULL; i++)
    json_array_add_string_element (array, values[i]);
  node = json_node_init_array (json_node_alloc (), array);
  return json_to_string (node, FALSE);
}

static void
say_list (SlipFactItem *item, const char *property, char **values)
{
  take (item, property, dup_list (values), TRUE);
}

/* Each element is an item of its own, so that one more in a long list is one line and not two long ones. */
static void
add_each (SlipFacts *facts, const char *what, char **values, gboolean ordered)
{
  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    add_item (facts, g_strdup_printf ("%s “%s”", what, values[i]), ordered, TRUE);
}

static const char *
yes_no (gboolean value)
{
  return value ? "yes" : "no";
}

/* ---- one kind after the other */

static void
mapping_column (SlipFacts *facts, const SlipMappingColumn *column)
{
  SlipFactItem *item = add_item (facts, g_strdup (column->target), TRUE, TRUE);

  say (item, "type", slip_type_get_name (column->type));
  say (item, "source table", column->source_table);
  say_list (item, "source column", column->source_columns);
  say_list (item, "alias", column->aliases);
  say (item, "transformation", column->transformation);
  say (item, "lookup", column->lookup);
  if (column->default_value != NULL)
    take (item, "default", slip_value_dup_text (column->default_value), TRUE);
  say (item, "calculated", column->calculated);
  say_list (item, "additional columns", column->additional_columns);
  say_pair (item, "parent", column->parent_table, column->parent_column);
  say (item, "primary key", yes_no (column->primary_key));
  say (item, "target table", column->table);
  tell (item, "complete", yes_no (column->complete));
  tell (item, "entity", column->entity);
  say (item, "sync", column->sync);
}

static SlipFacts *
mapping (gconstpointer record)
{
  const SlipMapping *self = record;
  SlipFacts *facts = new_facts (self->name, "columns", TRUE);

  for (guint i = 0; i < self->columns->len; i++)
    mapping_column (facts, g_ptr_array_index (self->columns, i));
  return facts;
}

static SlipFacts *
lookup (gconstpointer record)
{
  const SlipLookup *self = record;
  SlipFacts *facts = new_facts (self->name, "codes", FALSE);

  say (g_ptr_array_index (facts->items, 0), "type", slip_type_get_name (self->type));
  for (guint i = 0; i < self->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (self->entries, i);
      SlipFactItem *item = add_item (facts, g_strdup_printf ("“%s”", entry->code), TRUE, TRUE);

      take (item, "value", slip_value_dup_text (entry->value), TRUE);
    }
  return facts;
}

static void
condition (SlipFacts *facts, const SlipCondition *self)
{
  SlipFactItem *item = add_item (
      facts,
      g_strdup_printf ("condition %s %s", slip_condition_op_get_name (self->op), self->column),
      FALSE, TRUE);

  if (self->op == SLIP_CONDITION_GREATER_THAN || self->op == SLIP_CONDITION_LESS_THAN)
    take (item, "value", g_strdup_printf ("%.17g", self->value), TRUE);
  if (self->op == SLIP_CONDITION_RECENT_OR_OPEN_INVOICES
      || self->op == SLIP_CONDITION_FIRST_X_CHARS)
    take (item, "number", g_strdup_printf ("%" G_GINT64_FORMAT, self->number), TRUE);
  say_list (item, "values", self->values);
  say (item, "date", self->date);
  say (item, "time", self->time_column);
  say (item, "result", self->result_column);
  say (item, "per", self->per);
}

static SlipFacts *
table_definition (gconstpointer record)
{
  const SlipTableDefinition *self = record;
  SlipFacts *facts = new_facts (self->name, "columns", FALSE);
  SlipFactItem *item = g_ptr_array_index (facts->items, 0);

  say (item, "destination", self->destination);
  say (item, "source table", self->source_table);
  say (item, "entity", self->entity);
  take (item, "required entities", dup_list (self->required), FALSE);
  say (item, "table type", self->join ? "join" : "data");
  add_each (facts, "additional column", self->additional_columns, TRUE);
  for (guint i = 0; i < self->conditions->len; i++)
    condition (facts, g_ptr_array_index (self->conditions, i));
  for (guint i = 0; i < self->transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (self->transforms, i);

      item = add_item (facts, g_strdup_printf ("table transform %s", transform->name), FALSE, TRUE);
      say_list (item, "source columns", transform->source_columns);
      say_list (item, "target columns", transform->target_columns);
    }
  return facts;
}

static void
existing_data (SlipFacts *facts, const SlipExistingData *self)
{
  SlipFactItem *item;

  if (self == NULL)
    return;
  item = add_item (facts, g_strdup ("existing data"), FALSE, TRUE);
  say (item, "match field", self->match_field);
  for (guint i = 0; i < self->conditions->len; i++)
    {
      const SlipExistingCondition *each = g_ptr_array_index (self->conditions, i);

      item = add_item (facts, g_strdup_printf ("existing data where %s", each->field), FALSE, TRUE);
      say (item, "value", each->value);
    }
  add_each (facts, "existing data keeps", self->keep_columns, FALSE);
}

static SlipFacts *
target_table (gconstpointer record)
{
  const SlipTargetTable *self = record;
  SlipFacts *facts = new_facts (self->name, "items", TRUE);
  SlipFactItem *item = g_ptr_array_index (facts->items, 0);

  say (item, "primary key", self->primary_key);
  say (item, "table type", self->join ? "join" : "data");
  say_list (item, "order by", self->order_by);
  take (item, "tables of the target", dup_list (self->sirius_tables), FALSE);
  add_each (facts, "base entity", self->base_entities, FALSE);
  add_each (facts, "relies on entity", self->relies_on, FALSE);
  for (guint i = 0; i < self->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (self->foreign_keys, i);

      item = add_item (facts, g_strdup_printf ("foreign key %s", key->column), FALSE, TRUE);
      say_pair (item, "parent", key->parent_table, key->parent_column);
    }
  for (guint i = 0; i < self->sequences->len; i++)
    {
      const SlipTargetSequence *sequence = g_ptr_array_index (self->sequences, i);

      item = add_item (facts, g_strdup_printf ("sequence %s", sequence->name), FALSE, TRUE);
      say (item, "column", sequence->column);
      say (item, "type", sequence->uid ? "uid" : "pk");
    }
  existing_data (facts, self->existing);
  return facts;
}

static void
validation_side (SlipFacts *facts, const char *name, const SlipValidationSide *self)
{
  SlipFactItem *item = add_item (facts, g_strdup (name), FALSE, FALSE);

  tell (item, "from table", self->from_table);
  tell (item, "exception table join", self->exception_table_join);
  take (item, "joins", dup_list (self->joins), FALSE);
  take (item, "where", dup_list (self->where_clauses), FALSE);
  for (guint i = 0; i < self->transform->len; i++)
    {
      const SlipValidationColumn *column = g_ptr_array_index (self->transform, i);

      item = add_item (facts, g_strdup_printf ("%s %s", name, column->column), FALSE, FALSE);
      tell (item, "expression", column->sql);
    }
}

static SlipFacts *
validation (gconstpointer record)
{
  const SlipValidation *self = record;
  SlipFacts *facts = new_facts (self->name, "items", FALSE);
  SlipFactItem *item = g_ptr_array_index (facts->items, 0);

  item->rows = FALSE;
  if (self->case_mapping != NULL || self->case_column != NULL)
    take (item, "case number",
          g_strdup_printf ("%s.%s", self->case_mapping != NULL ? self->case_mapping : "",
                           self->case_column != NULL ? self->case_column : ""),
          FALSE);
  tell (item, "manual checks by", self->manual_column);
  add_each (facts, "excluded column", self->exclude, FALSE);
  add_each (facts, "checked by hand", self->manual_identifiers, FALSE);
  for (guint i = 0; i < self->order->len; i++)
    {
      const SlipValidationOrder *order = g_ptr_array_index (self->order, i);

      item = add_item (facts, g_strdup_printf ("order by %s", order->column), TRUE, FALSE);
      take (item, "column", g_strdup_printf ("%s.%s", order->mapping, order->mapping_column),
            FALSE);
      tell (item, "direction", order->descending ? "DESC" : "ASC");
    }
  validation_side (facts, "expected", &self->expected);
  validation_side (facts, "actual", &self->actual);
  for (guint i = 0; i < facts->items->len; i++)
    ((SlipFactItem *)g_ptr_array_index (facts->items, i))->rows = FALSE;
  return facts;
}

static SlipFacts *
copy_table (gconstpointer record)
{
  const SlipCopyTable *self = record;
  SlipFacts *facts = new_facts (self->name, "columns", FALSE);

  for (guint i = 0; i < self->columns->len; i++)
    {
      const SlipCopyColumn *column = g_ptr_array_index (self->columns, i);
      SlipFactItem *item = add_item (facts, g_strdup (column->name), FALSE, TRUE);

      say (item, "type", slip_type_get_name (column->type));
      say (item, "primary key", yes_no (column->primary_key));
      say_pair (item, "parent", column->parent_table, column->parent_column);
    }
  return facts;
}

/* ---- public */

static const struct
{
  GPtrArray *(*list) (SlipDefinitions *self);
  SlipFacts *(*facts) (gconstpointer record);
} parts[] = {
    [SLIP_DEFINITIONS_PART_MAPPING] = {slip_definitions_get_mappings, mapping},
    [SLIP_DEFINITIONS_PART_LOOKUP] = {slip_definitions_get_lookups, lookup},
    [SLIP_DEFINITIONS_PART_TABLE_DEFINITION]
    = {slip_definitions_get_table_definitions, table_definition},
    [SLIP_DEFINITIONS_PART_TARGET_TABLE] = {slip_definitions_get_target_tables, target_table},
    [SLIP_DEFINITIONS_PART_VALIDATION] = {slip_definitions_get_validations, validation},
    [SLIP_DEFINITIONS_PART_COPY_TABLE] = {slip_definitions_get_copy_tables, copy_table},
};

GPtrArray *
slip_definitions_facts (SlipDefinitions *self, SlipDefinitionsPart part)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (facts_free);
  GPtrArray *records;

  g_return_val_if_fail ((gsize)part < G_N_ELEMENTS (parts), all);

  records = parts[part].list (self);
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (all, parts[part].facts (g_ptr_array_index (records, i)));
  return all;
}
