/* SPDX-License-Identifier: MIT */
/* A comparison of two tables as JSON, and a row's key for people. */

#include "slip-json.h"
#include "slip-table-compare.h"

static void
set_texts (JsonObject *object, const char *name, GPtrArray *texts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < texts->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (texts, i));
  json_object_set_array_member (object, name, array);
}

static JsonObject *
side_to_json (const SlipComparedSide *side)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "where", side->where);
  json_object_set_string_member (object, "table", side->table);
  json_object_set_string_member (object, "moment", side->moment);
  json_object_set_int_member (object, "rows", (gint64)side->rows);
  return object;
}

static JsonObject *
column_to_json (const SlipComparedColumn *column)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", column->name);
  json_object_set_string_member (object, "leftType", column->left_type);
  json_object_set_string_member (object, "rightType", column->right_type);
  json_object_set_boolean_member (object, "key", column->key);
  json_object_set_int_member (object, "differing", (gint64)column->differing);
  return object;
}

static JsonObject *
values_to_json (const SlipTableComparison *self, GPtrArray *values)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < values->len; i++)
    {
      const SlipComparedColumn *column = g_ptr_array_index (self->columns, i);
      const char *value = g_ptr_array_index (values, i);

      if (value != NULL)
        json_object_set_string_member (object, column->name, value);
      else
        json_object_set_null_member (object, column->name);
    }
  return object;
}

static JsonObject *
difference_to_json (const SlipTableComparison *self, const SlipDifference *difference)
{
  JsonObject *object = json_object_new ();
  JsonArray *cells = json_array_new ();

  json_object_set_string_member (object, "kind", slip_difference_kind_to_string (difference->kind));
  if (difference->left != NULL)
    json_object_set_object_member (object, "left", values_to_json (self, difference->left));
  if (difference->right != NULL)
    json_object_set_object_member (object, "right", values_to_json (self, difference->right));
  for (guint i = 0; difference->differs != NULL && i < self->columns->len; i++)
    if (difference->differs[i])
      json_array_add_string_element (
          cells, ((SlipComparedColumn *)g_ptr_array_index (self->columns, i))->name);
  json_object_set_array_member (object, "cells", cells);
  return object;
}

JsonNode *
slip_table_comparison_to_json (const SlipTableComparison *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  JsonObject *object = json_object_new ();
  JsonArray *columns = json_array_new ();
  JsonArray *differences = json_array_new ();

  json_object_set_boolean_member (object, "same", slip_table_comparison_is_same (self));
  json_object_set_object_member (object, "left", side_to_json (&self->side[0]));
  json_object_set_object_member (object, "right", side_to_json (&self->side[1]));
  for (guint i = 0; i < SLIP_N_DIFFERENCE_KINDS; i++)
    json_object_set_int_member (object, slip_difference_kind_to_string (i),
                                (gint64)self->counts[i]);
  set_texts (object, "onlyLeft", self->only_left);
  set_texts (object, "onlyRight", self->only_right);
  set_texts (object, "notes", self->notes);
  json_object_set_string_member (object, "by", self->by_range ? "key" : "hash of the key");
  json_object_set_string_member (object, "digest", self->digest);
  json_object_set_int_member (object, "chunks", self->chunks);
  json_object_set_int_member (object, "chunksDiffering", self->chunks_differing);
  json_object_set_double_member (object, "seconds", self->seconds);
  for (guint i = 0; i < self->columns->len; i++)
    json_array_add_object_element (columns, column_to_json (g_ptr_array_index (self->columns, i)));
  for (guint i = 0; i < self->differences->len; i++)
    json_array_add_object_element (
        differences, difference_to_json (self, g_ptr_array_index (self->differences, i)));
  json_object_set_array_member (object, "columns", columns);
  json_object_set_array_member (object, "differences", differences);
  return slip_json_new_object (object);
}

char *
slip_table_comparison_dup_key (const SlipTableComparison *self, const SlipDifference *difference)
{
  g_return_val_if_fail (self != NULL && difference != NULL, NULL);

  GPtrArray *values = difference->left != NULL ? difference->left : difference->right;
  GString *text = g_string_new (NULL);

  for (guint i = 0; values != NULL && i < self->columns->len; i++)
    {
      const SlipComparedColumn *column = g_ptr_array_index (self->columns, i);
      const char *value = g_ptr_array_index (values, i);

      if (column->key)
        g_string_append_printf (text, "%s%s = %s", text->len > 0 ? ", " : "", column->name,
                                value != NULL ? value : "NULL");
    }
  return g_string_free (text, FALSE);
}
