/* SPDX-License-Identifier: MIT */

/* The log of served calls, one row each, written in the transaction of the call's effect: what the
 * log says happened did happen. Tests count with it; an audit trail service can read it. */

#include "slip-calls.h"

#include "slip-json.h"
#include "slip-world-private.h"

void
slip_calls_append (SlipWorld *world, const SlipCall *call)
{
  slip_world_store_write (
      world->store,
      "INSERT INTO calls (time, service, operation, account, region, principal, access_key, "
      "request_id, effect, changed, status, error, message, fault, user_agent, parameters, "
      "seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
      "row_seal (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16))",
      "issssssssiisssss", slip_world_now (world), call->service, call->operation, call->account,
      call->region, call->principal, call->access_key, call->request_id, call->effect,
      (gint64)call->changed, (gint64)call->status, call->error, call->message, call->fault,
      call->user_agent, call->parameters);
}

static void
set_text (JsonObject *object, const char *name, sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text (row, column);

  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static JsonObject *
call_from_row (sqlite3_stmt *row)
{
  static const char *const names[]
      = {"service",    "operation", "account", "region",  "principal", "access_key",
         "request_id", "effect",    "error",   "message", "fault",     "user_agent"};
  JsonObject *object = json_object_new ();
  g_autofree char *time = slip_time_format (sqlite3_column_int64 (row, 1));
  const char *parameters = (const char *)sqlite3_column_text (row, 16);

  json_object_set_int_member (object, "sequence", sqlite3_column_int64 (row, 0));
  json_object_set_string_member (object, "time", time);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    set_text (object, names[i], row, 2 + (int)i);
  json_object_set_boolean_member (object, "changed", sqlite3_column_int (row, 14) != 0);
  json_object_set_int_member (object, "status", sqlite3_column_int64 (row, 15));
  if (parameters != NULL)
    {
      JsonNode *node = slip_json_parse (parameters, -1, NULL);

      if (node != NULL)
        json_object_set_member (object, "parameters", node);
    }
  return object;
}

JsonArray *
slip_calls_list (SlipWorld *world, gint64 after, gint64 limit, const char *operation)
{
  JsonArray *list = json_array_new ();
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT seq, time, service, operation, account, region, principal, access_key, request_id, "
      "effect, error, message, fault, user_agent, changed, status, parameters FROM calls "
      "WHERE seq > ? AND (? IS NULL OR operation = ?) ORDER BY seq LIMIT ?",
      "issi", after, operation, operation, limit);

  while (slip_world_store_step (world->store, row))
    json_array_add_object_element (list, call_from_row (row));
  slip_world_store_done (row);
  return list;
}

JsonObject *
slip_calls_count (SlipWorld *world)
{
  JsonObject *counts = json_object_new ();
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT service || ':' || operation, count(*), sum(changed), sum(error IS NOT NULL) "
      "FROM calls WHERE operation IS NOT NULL GROUP BY service, operation",
      "");

  while (slip_world_store_step (world->store, row))
    {
      JsonObject *count = json_object_new ();

      json_object_set_int_member (count, "calls", sqlite3_column_int64 (row, 1));
      json_object_set_int_member (count, "effects", sqlite3_column_int64 (row, 2));
      json_object_set_int_member (count, "errors", sqlite3_column_int64 (row, 3));
      json_object_set_object_member (counts, (const char *)sqlite3_column_text (row, 0), count);
    }
  slip_world_store_done (row);
  return counts;
}
