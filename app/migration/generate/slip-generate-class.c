/* SPDX-License-Identifier: MIT */
/* Reads what a column's values are: its class, and the class's own members. How they are made is in
 * slip-generate-value.c. */

#include "slip-generate-class.h"

#include "slip-json.h"

#include <string.h>

typedef void (*ParseFunc) (SlipGenReading *reading, SlipGenClass *self);

gboolean
slip_gen_need (SlipGenReading *reading, const char *name)
{
  if (json_object_has_member (reading->object, name))
    return TRUE;
  slip_gen_fault (reading->parser, "needs the member “%s”", name);
  return FALSE;
}

SlipGenReference *
slip_gen_read_reference (SlipGenReading *reading, const char *name, gboolean date)
{
  SlipGenReference *result = NULL;
  gsize length = slip_gen_enter (reading->parser, name);

  if (slip_gen_need (reading, name))
    result = slip_gen_reference (reading->parser, json_object_get_member (reading->object, name),
                                 reading->table, reading->column, date);
  slip_gen_leave (reading->parser, length);
  return result;
}

static SlipGenClass *
nested (SlipGenReading *reading, JsonNode *node, const char *besides)
{
  JsonObject *object = slip_json_node_object (node);
  const char *text = slip_json_node_string (node);
  SlipGenClass *self;

  if (object != NULL)
    return slip_gen_class_parse (reading->parser, object, reading->table, reading->column, besides);
  if (text == NULL)
    {
      slip_gen_fault (reading->parser, "must be an object with a class, or a text");
      return NULL;
    }
  self = g_new0 (SlipGenClass, 1);
  self->kind = SLIP_GEN_CONSTANT;
  self->text = g_strdup (text);
  return self;
}

static void
parse_email (SlipGenReading *reading, SlipGenClass *self)
{
  JsonArray *of = slip_gen_array (reading->parser, reading->object, "of");
  gsize length = slip_gen_enter (reading->parser, "of");

  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_gen_reference_free);
  if (of == NULL || json_array_get_length (of) == 0)
    slip_gen_fault (reading->parser, "must be the columns that the address is made of");
  for (guint i = 0; of != NULL && i < json_array_get_length (of); i++)
    {
      gsize inner = slip_gen_enter_index (reading->parser, i);
      SlipGenReference *part = slip_gen_reference (reading->parser, json_array_get_element (of, i),
                                                   reading->table, reading->column, FALSE);

      if (part != NULL)
        g_ptr_array_add (self->parts, part);
      slip_gen_leave (reading->parser, inner);
    }
  slip_gen_leave (reading->parser, length);
}

static void
parse_of (SlipGenReading *reading, SlipGenClass *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *of = json_object_new ();
  const char *members[] = {"table", "column"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (reading->object, members[i]))
      json_object_set_member (
          of, members[i], json_node_copy (json_object_get_member (reading->object, members[i])));
  json_node_take_object (node, of);
  if (slip_gen_need (reading, "column"))
    self->of = slip_gen_reference (reading->parser, node, reading->table, reading->column, FALSE);
}

static void
parse_join (SlipGenReading *reading, SlipGenClass *self)
{
  JsonArray *parts = slip_gen_array (reading->parser, reading->object, "parts");
  gsize length = slip_gen_enter (reading->parser, "parts");

  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_gen_class_free);
  if (parts == NULL || json_array_get_length (parts) == 0)
    slip_gen_fault (reading->parser, "must be what stands behind one another");
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    {
      gsize inner = slip_gen_enter_index (reading->parser, i);
      SlipGenClass *part = nested (reading, json_array_get_element (parts, i), "");

      if (part != NULL)
        g_ptr_array_add (self->parts, part);
      slip_gen_leave (reading->parser, inner);
    }
  slip_gen_leave (reading->parser, length);
  self->text = g_strdup (slip_gen_string (reading->parser, reading->object, "between"));
}

static void
parse_choice (SlipGenReading *reading, SlipGenClass *self)
{
  JsonArray *of = slip_gen_array (reading->parser, reading->object, "of");
  gsize length = slip_gen_enter (reading->parser, "of");

  if (of == NULL || json_array_get_length (of) == 0)
    slip_gen_fault (reading->parser, "must be classes, each with its weight");
  for (guint i = 0; of != NULL && i < json_array_get_length (of); i++)
    {
      JsonNode *node = json_array_get_element (of, i);
      JsonObject *object = slip_json_node_object (node);
      gsize inner = slip_gen_enter_index (reading->parser, i);
      SlipGenClass *part = nested (reading, node, " weight");

      if (part != NULL)
        {
          slip_gen_weights_add (&self->weights, part,
                                object != NULL ? (guint64)slip_gen_int (reading->parser, object,
                                                                        "weight", 1, 1000000, 1)
                                               : 1);
          g_ptr_array_set_free_func (self->weights.items, (GDestroyNotify)slip_gen_class_free);
        }
      slip_gen_leave (reading->parser, inner);
    }
  slip_gen_leave (reading->parser, length);
}

static void
parse_when (SlipGenReading *reading, SlipGenClass *self)
{
  JsonObject *is = slip_gen_object (reading->parser, reading->object, "is");
  JsonNode *otherwise = json_object_get_member (reading->object, "else");
  gsize length;
  JsonObjectIter iter;
  const char *value;
  JsonNode *node;

  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_gen_class_free);
  self->cases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->of = slip_gen_read_reference (reading, "column", FALSE);
  length = slip_gen_enter (reading->parser, "is");
  if (is == NULL)
    slip_gen_fault (reading->parser, "must be an object of the column's values");
  else
    json_object_iter_init_ordered (&iter, is);
  while (is != NULL && json_object_iter_next_ordered (&iter, &value, &node))
    {
      gsize inner = slip_gen_enter (reading->parser, value);
      SlipGenClass *part = nested (reading, node, "");

      if (part != NULL)
        {
          g_ptr_array_add (self->parts, part);
          g_hash_table_insert (self->cases, g_strdup (value), part);
        }
      slip_gen_leave (reading->parser, inner);
    }
  slip_gen_leave (reading->parser, length);
  if (otherwise == NULL)
    return;
  length = slip_gen_enter (reading->parser, "else");
  self->otherwise = nested (reading, otherwise, "");
  if (self->otherwise != NULL)
    g_ptr_array_add (self->parts, self->otherwise);
  slip_gen_leave (reading->parser, length);
}

static const struct
{
  const char *name;
  const char *members;
  ParseFunc parse;
} classes[SLIP_GEN_N_KINDS] = {
    [SLIP_GEN_CONSTANT] = {"constant", "value", slip_gen_parse_constant},
    [SLIP_GEN_SERIAL] = {"serial", "start step digits prefix within luhn", slip_gen_parse_serial},
    [SLIP_GEN_NUMBER] = {"number", "from to digits", slip_gen_parse_number},
    [SLIP_GEN_MONEY] = {"money", "from to places step", slip_gen_parse_money},
    [SLIP_GEN_DATE] = {"date", "from to after days format", slip_gen_parse_date},
    [SLIP_GEN_TIME] = {"time", "from to format", slip_gen_parse_time},
    [SLIP_GEN_CODES] = {"codes", "values lookup", slip_gen_parse_codes},
    [SLIP_GEN_LIST] = {"list", "list letters several between", slip_gen_parse_list},
    [SLIP_GEN_TEXT] = {"text", "list from to quotes commas newlines accents", slip_gen_parse_text},
    [SLIP_GEN_PATTERN] = {"pattern", "pattern", slip_gen_parse_pattern},
    [SLIP_GEN_PHONE] = {"phone", "kind", slip_gen_parse_phone},
    [SLIP_GEN_POSTCODE] = {"postcode", "", slip_gen_parse_nothing},
    [SLIP_GEN_EMAIL] = {"email", "of", parse_email},
    [SLIP_GEN_OF] = {"of", "table column", parse_of},
    [SLIP_GEN_JOIN] = {"join", "parts between", parse_join},
    [SLIP_GEN_CHOICE] = {"choice", "of", parse_choice},
    [SLIP_GEN_WHEN] = {"when", "column is else", parse_when},
};

static gboolean
find_kind (SlipGenParser *parser, const char *name, SlipGenKind *kind)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < SLIP_GEN_N_KINDS; i++)
    {
      if (g_str_equal (name, classes[i].name))
        {
          *kind = (SlipGenKind)i;
          return TRUE;
        }
      g_string_append_printf (names, " %s", classes[i].name);
    }
  slip_gen_fault_at (parser, "class", "there is no class “%s”. Known:%s", name, names->str);
  return FALSE;
}

/* @besides: members that belong to whoever holds the class, each with a space before it. */
SlipGenClass *
slip_gen_class_parse (SlipGenParser *parser,
                      JsonObject *object,
                      SlipGenTable *table,
                      SlipGenColumn *column,
                      const char *besides)
{
  SlipGenReading reading = {parser, object, table, column};
  const char *name = slip_gen_string (parser, object, "class");
  SlipGenKind kind = SLIP_GEN_CONSTANT;
  SlipGenClass *self;
  g_autofree char *members = NULL;

  if (!json_object_has_member (object, "class"))
    slip_gen_fault (parser, "needs the member “class”");
  if (name == NULL || !find_kind (parser, name, &kind))
    return NULL;
  members = g_strconcat ("class blank", *classes[kind].members != '\0' ? " " : "",
                         classes[kind].members, besides, NULL);
  slip_gen_known (parser, object, members);
  self = g_new0 (SlipGenClass, 1);
  self->kind = kind;
  self->blank = slip_gen_share (parser, object, "blank");
  classes[kind].parse (&reading, self);
  return self;
}

void
slip_gen_class_free (SlipGenClass *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  slip_gen_reference_free (self->after);
  slip_gen_reference_free (self->of);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_pointer (&self->cases, g_hash_table_unref);
  slip_gen_weights_clear (&self->weights);
  g_free (self);
}

/* Whether a day can be told of its values: a date, or what leads to one. */
gboolean
slip_gen_class_is_date (const SlipGenClass *self)
{
  switch (self->kind)
    {
    case SLIP_GEN_DATE:
      return TRUE;
    case SLIP_GEN_OF:
      return self->of != NULL && self->of->to != NULL && self->of->to->value != NULL
             && slip_gen_class_is_date (self->of->to->value);
    case SLIP_GEN_WHEN:
      for (guint i = 0; i < self->parts->len; i++)
        if (slip_gen_class_is_date (g_ptr_array_index (self->parts, i)))
          return TRUE;
      return FALSE;
    case SLIP_GEN_CHOICE:
      for (guint i = 0; self->weights.items != NULL && i < self->weights.items->len; i++)
        if (slip_gen_class_is_date (g_ptr_array_index (self->weights.items, i)))
          return TRUE;
      return FALSE;
    default:
      return FALSE;
    }
}
