/* SPDX-License-Identifier: MIT */

/* What happens to tables and backups later: they are made, changed, restored and deleted. DynamoDB
 * knows no failed table: one whose making or restore fails is gone, and a change that fails leaves the
 * table as it was. */

#include "slip-dynamodb.h"

#include "slip-backup-source.h"
#include "slip-json.h"
#include "slip-world-items.h"

void
slip_dynamodb_schedule (SlipWorld *world,
                        double seconds,
                        const char *kind,
                        const char *account,
                        const char *region,
                        const char *name)
{
  slip_world_schedule (world, seconds, kind, account, region, DDB_TABLE, name, NULL);
}

typedef struct
{
  const char *collection;
  const SlipWorldRecord *but;
  gboolean found;
} Sharing;

static gboolean
shares (const SlipWorldRecord *table, gpointer data)
{
  Sharing *sharing = data;

  sharing->found = table != sharing->but
                   && g_strcmp0 (slip_dynamodb_collection (table), sharing->collection) == 0;
  return !sharing->found;
}

/* The items go with the last table that has them. */
void
slip_dynamodb_remove (SlipWorld *world, const char *account, const char *region, const char *name)
{
  const SlipWorldRecord *table = slip_world_get (world, account, region, DDB_TABLE, name);
  Sharing sharing = {NULL, table, FALSE};
  g_autofree char *collection = NULL;

  if (table == NULL)
    return;
  collection = g_strdup (slip_dynamodb_collection (table));
  sharing.collection = collection;
  slip_world_foreach (world, NULL, NULL, DDB_TABLE, NULL, shares, &sharing);
  if (!sharing.found)
    slip_world_items_clear (world, collection);
  slip_dynamodb_leave_replicas (world, table);
  slip_world_remove (world, account, region, DDB_TABLE, name);
}

/* Indexes that were being made are there, or not when it failed; deleted ones are gone. */
static void
settle_indexes (JsonObject *data, gboolean failed)
{
  JsonArray *list = slip_json_array (data, "GlobalSecondaryIndexes");
  g_autoptr (JsonArray) left = json_array_new ();

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *index = json_array_get_object_element (list, i);
      const char *status = slip_json_string (index, "IndexStatus");

      if (g_str_equal (status, failed ? "CREATING" : "DELETING"))
        continue;
      json_object_set_string_member (index, "IndexStatus", "ACTIVE");
      json_object_remove_member (index, "Backfilling");
      json_array_add_object_element (left, json_object_ref (index));
    }
  if (json_array_get_length (left) > 0)
    json_object_set_array_member (data, "GlobalSecondaryIndexes", g_steal_pointer (&left));
  else
    json_object_remove_member (data, "GlobalSecondaryIndexes");
  slip_dynamodb_prune_definitions (data);
}

static void
settle_sse (JsonObject *data)
{
  JsonObject *sse = slip_json_object (data, "SSEDescription");
  const char *status = sse != NULL ? slip_json_string (sse, "Status") : NULL;

  if (g_strcmp0 (status, "DISABLING") == 0)
    json_object_remove_member (data, "SSEDescription");
  else if (status != NULL)
    json_object_set_string_member (sse, "Status", "ENABLED");
}

static void
on_created (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *table
      = slip_world_get (world, transition->account, transition->region, DDB_TABLE, transition->id);
  g_autofree char *arn
      = slip_dynamodb_arn (transition->account, transition->region, transition->id);
  JsonObject *data, *restore;

  if (table == NULL)
    return;
  if (transition->fail != NULL)
    slip_dynamodb_remove (world, transition->account, transition->region, transition->id);
  else
    {
      data = slip_dynamodb_edit (world, table);
      json_object_set_string_member (data, "TableStatus", "ACTIVE");
      settle_indexes (data, FALSE);
      restore = slip_json_object (data, "RestoreSummary");
      if (restore != NULL)
        json_object_set_boolean_member (restore, "RestoreInProgress", FALSE);
      slip_dynamodb_put (world, table, data);
    }
  slip_backup_source_notify (world, arn, transition->fail);
}

static void
on_updated (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *table
      = slip_world_get (world, transition->account, transition->region, DDB_TABLE, transition->id);
  JsonObject *data;

  if (table == NULL)
    return;
  data = slip_dynamodb_edit (world, table);
  json_object_set_string_member (data, "TableStatus", "ACTIVE");
  settle_indexes (data, transition->fail != NULL);
  settle_sse (data);
  slip_dynamodb_settle_replicas (world, table, data, transition->fail);
  slip_dynamodb_put (world, table, data);
}

static void
on_deleted (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *table
      = slip_world_get (world, transition->account, transition->region, DDB_TABLE, transition->id);
  JsonObject *data;

  if (table == NULL)
    return;
  if (transition->fail == NULL)
    {
      slip_dynamodb_remove (world, transition->account, transition->region, transition->id);
      return;
    }
  data = slip_dynamodb_edit (world, table);
  json_object_set_string_member (data, "TableStatus", "ACTIVE");
  slip_dynamodb_put (world, table, data);
}

static void
on_ttl (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *table
      = slip_world_get (world, transition->account, transition->region, DDB_TABLE, transition->id);
  JsonObject *data, *ttl;
  gboolean enabling;

  if (table == NULL || !json_object_has_member (table->data, "ttl"))
    return;
  data = slip_dynamodb_edit (world, table);
  ttl = slip_json_object (data, "ttl");
  enabling = g_strcmp0 (slip_json_string (ttl, "TimeToLiveStatus"), "ENABLING") == 0;
  if (enabling != (transition->fail != NULL))
    json_object_set_string_member (ttl, "TimeToLiveStatus", "ENABLED");
  else
    json_object_remove_member (data, "ttl");
  slip_dynamodb_put (world, table, data);
}

/* A backup that fails is not there; AWS shows none that failed. */
static void
on_backup (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *data = slip_world_edit (world, transition->account, transition->region, DDB_BACKUP,
                                      transition->id);

  if (data == NULL)
    return;
  json_object_set_string_member (data, "BackupStatus", "AVAILABLE");
  slip_world_put (world, transition->account, transition->region, DDB_BACKUP, transition->id, data);
  if (transition->fail != NULL)
    {
      slip_world_items_clear (world, transition->id);
      slip_world_remove (world, transition->account, transition->region, DDB_BACKUP,
                         transition->id);
    }
  slip_backup_source_notify (world, transition->id, transition->fail);
}

void
slip_dynamodb_attach (SlipWorld *world)
{
  slip_world_handle (world, "dynamodb.table-created", on_created);
  slip_world_handle (world, "dynamodb.table-restored", on_created);
  slip_world_handle (world, "dynamodb.table-updated", on_updated);
  slip_world_handle (world, "dynamodb.table-deleted", on_deleted);
  slip_world_handle (world, "dynamodb.ttl-updated", on_ttl);
  slip_world_handle (world, "dynamodb.insights-updated", slip_dynamodb_settle_insights);
  slip_world_handle (world, "dynamodb.backup-created", on_backup);
}
