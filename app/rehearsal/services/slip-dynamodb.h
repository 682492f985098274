/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-dynamodb-expression.h"
#include "slip-services-list.h"

G_BEGIN_DECLS

/* A table's data is what DescribeTable shows, and in small letters what it does not: `tags`,
 * `policy`, `policy_revision`, `ttl`, `pitr` (since when, microseconds), `collection` (where its items
 * are; replicas share one), `origin` (whether replicas were made from it), `counted` (in which six
 * hours ItemCount was taken). */
#define DDB_TABLE "dynamodb.table"
#define DDB_BACKUP "dynamodb.backup"

/* How long AWS takes, seconds. */
#define DDB_CREATE_SECONDS 10
#define DDB_UPDATE_SECONDS 8
#define DDB_INDEX_SECONDS 300
#define DDB_REPLICA_SECONDS 180
#define DDB_DELETE_SECONDS 10
#define DDB_TTL_SECONDS 300
#define DDB_INSIGHTS_SECONDS 30
#define DDB_BACKUP_SECONDS 30
#define DDB_RESTORE_SECONDS 1200
#define DDB_COUNT_SECONDS (6 * 3600)

/* --- slip-dynamodb-table.c: finding and showing --- */

/* The table that a request names (name or ARN), whatever its state; AWS's error otherwise. */
const SlipWorldRecord *
slip_dynamodb_need (SlipServiceContext *ctx, const char *name, GError **error);

/* The same for reads and writes of items: a table that is being made or deleted is not there. */
const SlipWorldRecord *
slip_dynamodb_need_open (SlipServiceContext *ctx, const char *name, GError **error);

/* The same for changes: a table that is not ACTIVE is in use. */
const SlipWorldRecord *
slip_dynamodb_need_idle (SlipServiceContext *ctx, const char *name, GError **error);

/* The table with this ARN, of whatever account, or NULL. */
const SlipWorldRecord *slip_dynamodb_find_arn (SlipWorld *world, const char *arn);

/* A table's data, to change and give to slip_dynamodb_put(). */
JsonObject *slip_dynamodb_edit (SlipWorld *world, const SlipWorldRecord *table);

/* Writes a table back. Takes @data over. The record is not valid afterwards. */
void slip_dynamodb_put (SlipWorld *world, const SlipWorldRecord *table, JsonObject *data);

/* TableDescription as it is now. */
JsonObject *slip_dynamodb_show (SlipWorld *world, const SlipWorldRecord *table);
const char *slip_dynamodb_collection (const SlipWorldRecord *table);
gboolean slip_dynamodb_has_pitr (const SlipWorldRecord *table);

/* Keeps the count of items that AWS shows for six hours; call it before an item changes. */
void slip_dynamodb_keep_count (SlipWorld *world,
                               const char *account,
                               const char *region,
                               const char *name);

char *slip_dynamodb_arn (const char *account, const char *region, const char *name);
gboolean slip_dynamodb_check_name (const char *name, GError **error);

/* --- slip-dynamodb-schema.c: a new table from what CreateTable takes --- */

/* The data of a table that is being made, or NULL with AWS's error. */
JsonObject *slip_dynamodb_new_table (
    SlipWorld *world, const char *account, const char *region, JsonObject *input, GError **error);

/* What CreateTable would take to make the table again, with its encryption. */
JsonObject *slip_dynamodb_to_input (JsonObject *table);

/* An index's description from what a request says of it. */
JsonObject *slip_dynamodb_new_index (JsonObject *input,
                                     const char *table_arn,
                                     gboolean global,
                                     gboolean on_demand);

/* SSEDescription from SSESpecification; NULL for the key that AWS owns, or with an error. */
JsonObject *slip_dynamodb_new_sse (SlipWorld *world,
                                   const char *account,
                                   const char *region,
                                   JsonObject *specification,
                                   GError **error);
JsonObject *slip_dynamodb_new_throughput (JsonObject *input);

/* Turns a stream on, with its label and ARN. */
void slip_dynamodb_set_stream (SlipWorld *world, JsonObject *table, const char *view);

/* The type of an attribute in AttributeDefinitions: S, N or B. */
const char *slip_dynamodb_attribute_type (JsonObject *table, const char *name);

/* The names in a KeySchema; the second is NULL without a sort key. */
void slip_dynamodb_key_names (JsonArray *schema, const char **hash, const char **range);

/* Leaves attributes out of AttributeDefinitions that no key uses any more. */
void slip_dynamodb_prune_definitions (JsonObject *table);

/* The description of an index, or NULL. */
JsonObject *slip_dynamodb_find_index (JsonObject *table, const char *name, gboolean *global);

/* --- slip-dynamodb-state.c: what happens later --- */
void slip_dynamodb_attach (SlipWorld *world);
void slip_dynamodb_schedule (SlipWorld *world,
                             double seconds,
                             const char *kind,
                             const char *account,
                             const char *region,
                             const char *name);
void
slip_dynamodb_remove (SlipWorld *world, const char *account, const char *region, const char *name);

/* --- slip-dynamodb-change.c, -replica.c --- */
JsonNode *slip_dynamodb_update_table (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_delete_table (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Begins one ReplicaUpdates element. Returns FALSE with AWS's error. */
gboolean slip_dynamodb_change_replica (SlipServiceContext *ctx,
                                       const SlipWorldRecord *table,
                                       JsonObject *data,
                                       JsonObject *change,
                                       GError **error);

/* Ends what was begun: makes and removes the other regions' tables. */
void slip_dynamodb_settle_replicas (SlipWorld *world,
                                    const SlipWorldRecord *table,
                                    JsonObject *data,
                                    const char *fail);

/* A replica is gone: the others forget it. */
void slip_dynamodb_leave_replicas (SlipWorld *world, const SlipWorldRecord *table);

/* --- slip-dynamodb-config.c: backups' state, TTL, tags, policies --- */
JsonNode *slip_dynamodb_describe_pitr (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_update_pitr (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_describe_ttl (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_update_ttl (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_tag (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_untag (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_get_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* --- slip-dynamodb-insights.c --- */
JsonNode *
slip_dynamodb_describe_insights (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_dynamodb_update_insights (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_dynamodb_describe_kinesis (SlipServiceContext *ctx, JsonObject *input, GError **error);
void slip_dynamodb_settle_insights (SlipWorld *world, const SlipTransition *transition);

/* --- slip-dynamodb-backup.c --- */
JsonNode *slip_dynamodb_create_backup (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_dynamodb_describe_backup (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_delete_backup (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_list_backups (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* A backup's record from a table as it is now, without its items. @arn and @name are the backup's. */
JsonObject *slip_dynamodb_new_backup (SlipWorld *world,
                                      const SlipWorldRecord *table,
                                      const char *arn,
                                      const char *name,
                                      const char *type);

/* --- slip-dynamodb-restore.c --- */
JsonNode *slip_dynamodb_restore_backup (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_restore_time (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Begins to make a table from a stored description (of slip_dynamodb_to_input()). @overrides is a
 * request with members such as SSESpecificationOverride. Its items must be copied by the caller.
 * Returns the new table's record. */
const SlipWorldRecord *slip_dynamodb_begin_restore (SlipServiceContext *ctx,
                                                    const char *name,
                                                    JsonObject *stored,
                                                    const char *source_arn,
                                                    const char *backup_arn,
                                                    JsonObject *overrides,
                                                    GError **error);

/* --- slip-dynamodb-item.c --- */
JsonNode *slip_dynamodb_put_item (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_get_item (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_update_item (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_delete_item (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-dynamodb-batch.c */
JsonNode *slip_dynamodb_batch_get (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_batch_write (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_transact_get (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_transact_write (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-dynamodb-query.c */
JsonNode *slip_dynamodb_query (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_dynamodb_scan (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* --- slip-dynamodb-store.c: items of a table, read and written by its keys --- */

typedef struct
{
  char *hash;
  char *range;
} SlipDynamodbKey;

void slip_dynamodb_key_clear (SlipDynamodbKey *key);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipDynamodbKey, slip_dynamodb_key_clear)

/* The keys of an item, or of a Key (@exact: nothing else may be in it). */
gboolean slip_dynamodb_key_of (const SlipWorldRecord *table,
                               JsonObject *item,
                               gboolean exact,
                               SlipDynamodbKey *key,
                               GError **error);

/* Only the key attributes of @item: of the table, and of an index when @index is not NULL. */
JsonObject *slip_dynamodb_only_keys (JsonObject *table, JsonObject *index, JsonObject *item);

/* An item, or NULL when there is none. */
JsonObject *
slip_dynamodb_load (SlipWorld *world, const SlipWorldRecord *table, const SlipDynamodbKey *key);

/* Writes an item that is normal; refuses what is too large. */
gboolean slip_dynamodb_store (SlipWorld *world,
                              const SlipWorldRecord *table,
                              JsonObject *item,
                              GError **error);
void
slip_dynamodb_erase (SlipWorld *world, const SlipWorldRecord *table, const SlipDynamodbKey *key);
JsonObject *slip_dynamodb_item_from_text (const char *text);

/* Counts consumed capacity for CloudWatch, and adds it to an answer that asked for it. */
double slip_dynamodb_read_units (gint64 bytes, gboolean consistent);
double slip_dynamodb_write_units (gint64 bytes);
void slip_dynamodb_consume (SlipWorld *world,
                            const char *account,
                            const char *region,
                            const char *table,
                            const char *index,
                            double reads,
                            double writes);
JsonObject *
slip_dynamodb_show_consumed (const char *table, const char *index, double units, JsonObject *input);

/* --- slip-dynamodb-seed.c --- */
gboolean slip_dynamodb_seed (const SlipSeed *seed, GError **error);

/* Makes items from a scenario's description, deterministic; see data/rehearsal/README.md. */
gboolean slip_dynamodb_seed_items (const SlipSeed *seed,
                                   const SlipWorldRecord *table,
                                   JsonObject *description,
                                   const char *path,
                                   GError **error);

G_END_DECLS
