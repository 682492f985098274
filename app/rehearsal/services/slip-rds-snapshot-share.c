/* SPDX-License-Identifier: MIT */
/* Who may see a snapshot: ModifyDBClusterSnapshotAttribute and DescribeDBClusterSnapshotAttributes.
 * Each share is a record of its own under the account it is for, so that listing what is shared with
 * somebody never walks other accounts. */

#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"

#include "slip-json.h"
#include "slip-kms-world.h"

#include <string.h>

static const char *
share_account (const char *value)
{
  return strcmp (value, SLIP_RDS_EVERYBODY) == 0 ? "" : value;
}

static char *
share_id (const SlipWorldRecord *snapshot)
{
  return g_strconcat (snapshot->account, "/", snapshot->id, NULL);
}

static JsonArray *
shared_with (const SlipWorldRecord *snapshot)
{
  return slip_json_array (snapshot->data, "shared");
}

static gboolean
array_has (JsonArray *array, const char *value)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (strcmp (json_array_get_string_element (array, i), value) == 0)
      return TRUE;
  return FALSE;
}

gboolean
slip_rds_snapshot_visible (SlipServiceContext *ctx, const SlipWorldRecord *snapshot)
{
  JsonArray *accounts = shared_with (snapshot);

  return strcmp (snapshot->account, ctx->account) == 0 || array_has (accounts, ctx->account)
         || array_has (accounts, SLIP_RDS_EVERYBODY);
}

const SlipWorldRecord *
slip_rds_snapshot_find_source (SlipServiceContext *ctx, const char *value, GError **error)
{
  const SlipWorldRecord *snapshot;
  g_auto (SlipRdsName) name = {0};

  if (!slip_rds_parse_name (ctx, value, SLIP_RDS_SNAPSHOT, &name, error))
    return NULL;
  snapshot = slip_world_get (ctx->world, name.account, name.region, SLIP_RDS_SNAPSHOT, name.id);
  if (snapshot == NULL || !slip_rds_snapshot_visible (ctx, snapshot))
    return slip_rds_fail (error, "DBClusterSnapshotNotFoundFault",
                          "DBClusterSnapshot %s not found.", value);
  return snapshot;
}

static void
store (SlipWorld *world, const SlipWorldRecord *snapshot, JsonArray *accounts)
{
  SlipRdsEdit *edit = slip_rds_edit_record (world, snapshot);

  json_object_set_array_member (edit->data, "shared", accounts);
  slip_rds_edit_save (edit);
}

static JsonArray *
without (JsonArray *accounts, const char *value)
{
  JsonArray *left = json_array_new ();

  for (guint i = 0; accounts != NULL && i < json_array_get_length (accounts); i++)
    if (strcmp (json_array_get_string_element (accounts, i), value) != 0)
      json_array_add_string_element (left, json_array_get_string_element (accounts, i));
  return left;
}

void
slip_rds_snapshot_share_with (SlipWorld *world,
                              const SlipWorldRecord *snapshot,
                              const char *account)
{
  g_autofree char *id = share_id (snapshot);
  g_autofree char *region = g_strdup (snapshot->region);
  JsonArray *accounts = without (shared_with (snapshot), account);

  json_array_add_string_element (accounts, account);
  store (world, snapshot, accounts);
  slip_world_put (world, share_account (account), region, SLIP_RDS_SHARE, id, json_object_new ());
}

static void
drop_share (SlipWorld *world, const SlipWorldRecord *snapshot, const char *account)
{
  g_autofree char *id = share_id (snapshot);

  slip_world_remove (world, share_account (account), snapshot->region, SLIP_RDS_SHARE, id);
  store (world, snapshot, without (shared_with (snapshot), account));
}

void
slip_rds_snapshot_unshare_all (SlipWorld *world, const SlipWorldRecord *snapshot)
{
  JsonArray *accounts = shared_with (snapshot);
  g_autofree char *id = share_id (snapshot);

  for (guint i = 0; accounts != NULL && i < json_array_get_length (accounts); i++)
    slip_world_remove (world, share_account (json_array_get_string_element (accounts, i)),
                       snapshot->region, SLIP_RDS_SHARE, id);
}

static JsonNode *
result (const SlipWorldRecord *snapshot)
{
  JsonObject *attribute = json_object_new ();
  JsonArray *attributes = json_array_new ();
  JsonObject *object = json_object_new ();
  JsonArray *values = without (shared_with (snapshot), "");

  json_object_set_string_member (attribute, "AttributeName", "restore");
  json_object_set_array_member (attribute, "AttributeValues", values);
  json_array_add_object_element (attributes, attribute);
  json_object_set_string_member (object, "DBClusterSnapshotIdentifier", snapshot->id);
  json_object_set_array_member (object, "DBClusterSnapshotAttributes", attributes);
  return slip_rds_wrap ("DBClusterSnapshotAttributesResult", object);
}

static gboolean
check_values (SlipServiceContext *ctx, JsonArray *add, JsonArray *drop, GError **error)
{
  for (guint i = 0; add != NULL && i < json_array_get_length (add); i++)
    {
      const char *value = json_array_get_string_element (add, i);

      if (array_has (drop, value))
        {
          slip_rds_fail (error, "InvalidParameterCombination",
                         "A value may not appear in both the add list and remove list. %s", value);
          return FALSE;
        }
      if (strcmp (value, SLIP_RDS_EVERYBODY) != 0
          && (strlen (value) != 12 || strspn (value, "0123456789") != 12))
        {
          slip_rds_fail (error, "InvalidParameterValue", "Invalid AWS account ID: %s", value);
          return FALSE;
        }
    }
  return TRUE;
}

/* Shares with somebody else need the key as much as the snapshot, and AWS gives nobody else a key that
 * it manages itself. */
static gboolean
check_shareable (SlipServiceContext *ctx,
                 const SlipWorldRecord *snapshot,
                 JsonArray *add,
                 GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const char *arn = slip_rds_get (snapshot, "KmsKeyId");
  const SlipWorldRecord *key;

  if (!slip_rds_is (snapshot, "SnapshotType", "manual"))
    return slip_rds_refuse (error, "InvalidDBClusterSnapshotStateFault",
                            "automated snapshots cannot be modified.");
  if (!slip_rds_require_status (snapshot, allowed, "InvalidDBClusterSnapshotStateFault", error))
    return FALSE;
  if (add == NULL || json_array_get_length (add) == 0
      || !slip_json_bool (slip_rds_shape (snapshot), "StorageEncrypted", FALSE))
    return TRUE;
  if (array_has (add, SLIP_RDS_EVERYBODY))
    return slip_rds_refuse (error, "InvalidParameterValue",
                            "Encrypted snapshots cannot be made public.");
  key = arn != NULL ? slip_kms_world_find_key (ctx->world, ctx->account, ctx->region, arn) : NULL;
  if (key != NULL && slip_kms_world_is_aws_managed (key))
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "Cannot share a snapshot that is encrypted with the default AWS managed key of "
        "the account. Copy it with a customer managed key first.");
  return TRUE;
}

static gboolean
check_quota (SlipServiceContext *ctx,
             const SlipWorldRecord *snapshot,
             JsonArray *add,
             JsonArray *drop,
             GError **error)
{
  gint64 quota = slip_world_get_quota (ctx->world, ctx->account, ctx->region,
                                       "rds.shared-snapshot-accounts", 20);
  JsonArray *now = shared_with (snapshot);
  gint64 count = 0;

  for (guint i = 0; now != NULL && i < json_array_get_length (now); i++)
    count += array_has (drop, json_array_get_string_element (now, i)) ? 0 : 1;
  for (guint i = 0; add != NULL && i < json_array_get_length (add); i++)
    count += array_has (now, json_array_get_string_element (add, i)) ? 0 : 1;
  if (count <= quota)
    return TRUE;
  slip_rds_fail (error, "SharedSnapshotQuotaExceeded",
                 "Cannot share a snapshot with more than %" G_GINT64_FORMAT " accounts", quota);
  return FALSE;
}

JsonNode *
slip_rds_modify_db_cluster_snapshot_attribute (SlipServiceContext *ctx,
                                               JsonObject *input,
                                               GError **error)
{
  const char *value = slip_json_string (input, "DBClusterSnapshotIdentifier");
  const char *name = slip_json_string (input, "AttributeName");
  JsonArray *add = slip_json_array (input, "ValuesToAdd");
  JsonArray *drop = slip_json_array (input, "ValuesToRemove");
  const SlipWorldRecord *snapshot = slip_rds_find (ctx, value, SLIP_RDS_SNAPSHOT, error);
  g_autofree char *id = NULL;

  if (snapshot == NULL)
    return NULL;
  if (g_strcmp0 (name, "restore") != 0)
    return slip_rds_fail (error, "InvalidParameterValue", "Invalid snapshot attribute %s", name);
  if (!check_values (ctx, add, drop, error) || !check_shareable (ctx, snapshot, add, error)
      || !check_quota (ctx, snapshot, add, drop, error))
    return NULL;

  id = g_strdup (snapshot->id);
  for (guint i = 0; drop != NULL && i < json_array_get_length (drop); i++)
    drop_share (ctx->world,
                slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id),
                json_array_get_string_element (drop, i));
  for (guint i = 0; add != NULL && i < json_array_get_length (add); i++)
    slip_rds_snapshot_share_with (
        ctx->world, slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id),
        json_array_get_string_element (add, i));
  return result (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id));
}

JsonNode *
slip_rds_describe_db_cluster_snapshot_attributes (SlipServiceContext *ctx,
                                                  JsonObject *input,
                                                  GError **error)
{
  const SlipWorldRecord *snapshot = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterSnapshotIdentifier"), SLIP_RDS_SNAPSHOT, error);

  return snapshot != NULL ? result (snapshot) : NULL;
}
