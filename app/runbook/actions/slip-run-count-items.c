/* SPDX-License-Identifier: MIT */
/* slipway:countItems while running: a scan that counts, page by page, as fast as it may. It reads all of
 * the table, which costs read capacity, and nothing of it comes here but the counts. */

#include "slip-run-local.h"

#include "slip-json.h"

/* An entry for so many items, so that the ledger of a large table stays small. */
#define SHOW_EVERY 1000000

typedef struct
{
  SlipRunContext *context;
  const char *table;
  gint64 items;
  gint64 shown;
} Count;

static JsonNode *
new_input (Count *self, JsonNode *after)
{
  JsonObject *input = json_object_new ();

  json_object_set_string_member (input, "TableName", self->table);
  json_object_set_string_member (input, "Select", "COUNT");
  json_object_set_string_member (input, "ReturnConsumedCapacity", "TOTAL");
  if (after != NULL)
    json_object_set_member (input, "ExclusiveStartKey", json_node_ref (after));
  return slip_json_new_object (input);
}

/* What a page cost is waited for, so that people who use the table meanwhile are served. */
static gboolean
keep_to_rate (Count *self, JsonObject *page, GError **error)
{
  double rate = (double)slip_json_int (self->context->inputs, "UnitsPerSecond", 0);
  JsonObject *consumed = slip_json_object (page, "ConsumedCapacity");
  double units = consumed != NULL ? slip_json_double (consumed, "CapacityUnits", 0) : 0;

  return rate <= 0 || units <= 0
         || slip_run_engine_sleep (self->context->engine, units / rate, error);
}

static gboolean
show (Count *self, GError **error)
{
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT " items so far", self->items);

  slip_job_set_detail (self->context->engine->job, detail);
  if (self->items < self->shown + SHOW_EVERY)
    return TRUE;
  self->shown = self->items;
  return slip_run_local_observe (self->context, detail, -1, NULL, error);
}

static gboolean
count_page (Count *self, JsonNode **after, GError **error)
{
  g_autoptr (JsonNode) input = new_input (self, *after);
  g_autoptr (JsonNode) answer = slip_run_engine_read (self->context, "dynamodb", "Scan", input,
                                                      SLIP_AWS_PRIORITY_RUN, error);
  JsonObject *page = slip_json_node_object (answer);
  JsonNode *key;

  g_clear_pointer (after, json_node_unref);
  if (answer == NULL)
    return FALSE;
  if (page == NULL || !json_object_has_member (page, "Count"))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "the scan of %s told no count",
                   self->table);
      return FALSE;
    }
  self->items += slip_json_int (page, "Count", 0);
  key = json_object_get_member (page, "LastEvaluatedKey");
  if (key == NULL || JSON_NODE_HOLDS_NULL (key))
    return TRUE;
  *after = slip_json_copy (key);
  return show (self, error) && keep_to_rate (self, page, error);
}

static gboolean
judge (Count *self, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  gint64 exactly = slip_json_int (inputs, "Exactly", -1);
  gint64 least = slip_json_int (inputs, "AtLeast", -1);

  if ((exactly < 0 || self->items == exactly) && self->items >= least)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s holds %" G_GINT64_FORMAT " items, and should hold %s%" G_GINT64_FORMAT,
               self->table, self->items, exactly >= 0 ? "" : "at least ",
               exactly >= 0 ? exactly : least);
  return FALSE;
}

static gboolean
take (Count *self, GError **error)
{
  JsonObject *result = json_object_new ();
  JsonNode *node = slip_json_new_object (result);

  json_object_set_string_member (result, "table", self->table);
  json_object_set_int_member (result, "items", self->items);
  if (!slip_run_context_take_result (self->context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_int_member (self->context->outputs, "Items", self->items);
  self->context->detail = g_strdup_printf ("%" G_GINT64_FORMAT " items", self->items);
  return judge (self, error);
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  Count self = {.context = context, .table = slip_json_string (context->inputs, "Table")};
  g_autoptr (JsonNode) after = NULL;

  if (self.table == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "step %s counts no table",
                   context->step->id);
      return FALSE;
    }
  do
    {
      if (!slip_run_engine_check (context->engine, error) || !count_page (&self, &after, error))
        return FALSE;
    }
  while (after != NULL);
  return take (&self, error);
}

const SlipRunAction slip_run_action_count_items = {
    .name = "slipway:countItems",
    .run = run,
};
