/* SPDX-License-Identifier: MIT */
/* A record's way as text, as JSON and as CSV. */

#include "slip-trace.h"

#include "slip-json.h"
#include "slip-mapping-rule.h"
#include "slip-report-csv.h"

char *
slip_trace_to_text (const SlipTrace *trace)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (trace != NULL, g_string_free (text, FALSE));

  for (guint i = 0; i < trace->steps->len; i++)
    {
      const SlipTraceStep *step = g_ptr_array_index (trace->steps, i);

      g_string_append_printf (text, "%s %-15s %s%s%s: %s", step->lost ? "×" : "→", step->stage,
                              step->table, step->key != NULL ? " " : "",
                              step->key != NULL ? step->key : "", step->what);
      if (step->rule != NULL)
        g_string_append_printf (text, "  [%s]", step->rule);
      g_string_append_c (text, '\n');
      if (step->values != NULL)
        g_string_append_printf (text, "    %s\n", step->values);
    }
  return g_string_free (text, FALSE);
}

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
step_to_json (const SlipTraceStep *step)
{
  JsonObject *object = json_object_new ();
  JsonNode *values = step->values != NULL ? slip_json_parse (step->values, -1, NULL) : NULL;

  set_text (object, "stage", step->stage);
  set_text (object, "table", step->table);
  set_text (object, "key", step->key);
  set_text (object, "rule", step->rule);
  set_text (object, "what", step->what);
  json_object_set_boolean_member (object, "lost", step->lost);
  if (values != NULL)
    json_object_set_member (object, "values", values);
  return object;
}

JsonNode *
slip_trace_to_json (const SlipTrace *trace)
{
  JsonObject *object = json_object_new ();
  JsonArray *steps = json_array_new ();

  g_return_val_if_fail (trace != NULL, slip_json_new_object (object));

  set_text (object, "table", trace->table);
  json_object_set_int_member (object, "row", trace->row_id);
  set_text (object, "file", trace->file);
  json_object_set_int_member (object, "record", trace->record);
  json_object_set_int_member (object, "line", trace->line);
  json_object_set_boolean_member (object, "exact", trace->exact);
  for (guint i = 0; i < trace->steps->len; i++)
    json_array_add_object_element (steps, step_to_json (g_ptr_array_index (trace->steps, i)));
  json_object_set_array_member (object, "steps", steps);
  return slip_json_new_object (object);
}

/* ---- as CSV */

static char *
dup_value (JsonNode *value)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  return slip_json_to_text (value, FALSE);
}

static void
add_line (GString *csv,
          const SlipTraceStep *step,
          guint number,
          const char *column,
          const char *value,
          const char *mapping_rule)
{
  g_autofree char *place = g_strdup_printf ("%u", number);
  const char *const fields[] = {place,
                                step->stage,
                                step->table,
                                step->key,
                                step->rule,
                                step->what,
                                step->lost ? "yes" : "no",
                                column,
                                value,
                                mapping_rule};

  slip_report_csv_add (csv, fields, G_N_ELEMENTS (fields));
}

static void
add_place (GString *csv, const SlipTraceStep *step, guint number, SlipMigration *migration)
{
  g_autoptr (JsonNode) node
      = step->values != NULL ? slip_json_parse (step->values, -1, NULL) : NULL;
  JsonObject *row = node != NULL ? slip_json_node_object (node) : NULL;
  g_autoptr (GList) names = row != NULL ? json_object_get_members (row) : NULL;

  if (names == NULL)
    add_line (csv, step, number, NULL, NULL, NULL);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *value = dup_value (json_object_get_member (row, l->data));
      g_autofree char *rule = step->mapping != NULL
                                  ? slip_mapping_rule_dup_text (migration, step->mapping, l->data)
                                  : NULL;

      add_line (csv, step, number, l->data, value, rule);
    }
}

char *
slip_trace_to_csv (const SlipTrace *trace, SlipMigration *migration)
{
  GString *csv = g_string_new ("place,stage,table,key,rule,what,lost,column,value,mapping_rule\n");

  g_return_val_if_fail (trace != NULL && SLIP_IS_MIGRATION (migration), g_string_free (csv, FALSE));

  for (guint i = 0; i < trace->steps->len; i++)
    add_place (csv, g_ptr_array_index (trace->steps, i), i + 1, migration);
  return g_string_free (csv, FALSE);
}
