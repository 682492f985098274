/* SPDX-License-Identifier: MIT */

/* The list of what AWS Backup can back up, and the waiting of its jobs for those services. A new kind
 * of resource is one line in the list and a file beside the service that owns it. */

#include "slip-backup-source.h"

#include "slip-json.h"

/* Who waits for an ARN: account and region are "", the id is the ARN. */
#define AWAITED "backup.awaited"

extern const SlipBackupSource slip_rds_backup_source;
extern const SlipBackupSource slip_dynamodb_backup_source;

static const SlipBackupSource *const sources[] = {&slip_rds_backup_source, &slip_dynamodb_backup_source, NULL};

void
slip_backup_point_clear (SlipBackupPoint *point)
{
  g_clear_pointer (&point->arn, g_free);
  g_clear_pointer (&point->stored, json_object_unref);
  g_clear_pointer (&point->metadata, json_object_unref);
  g_clear_pointer (&point->key, g_free);
  g_clear_pointer (&point->source_name, g_free);
}

const SlipBackupSource *
slip_backup_source_find (const char *resource_type)
{
  for (guint i = 0; sources[i] != NULL; i++)
    if (g_strcmp0 (sources[i]->resource_type, resource_type) == 0)
      return sources[i];
  return NULL;
}

const SlipBackupSource *
slip_backup_source_of (SlipWorld *world, const char *resource_arn, JsonArray **tags)
{
  for (guint i = 0; sources[i] != NULL; i++)
    {
      g_autoptr (JsonArray) found = sources[i]->find (world, resource_arn);

      if (found == NULL)
        continue;
      if (tags != NULL)
        *tags = g_steal_pointer (&found);
      return sources[i];
    }
  return NULL;
}

void
slip_backup_source_expect (SlipWorld *world,
                           const char *arn,
                           const char *kind,
                           const char *account,
                           const char *region,
                           const char *type,
                           const char *id)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "kind", kind);
  json_object_set_string_member (data, "account", account);
  json_object_set_string_member (data, "region", region);
  json_object_set_string_member (data, "type", type);
  json_object_set_string_member (data, "id", id);
  slip_world_put (world, "", "", AWAITED, arn, data);
}

void
slip_backup_source_forget (SlipWorld *world, const char *arn)
{
  slip_world_remove (world, "", "", AWAITED, arn);
}

void
slip_backup_source_notify (SlipWorld *world, const char *arn, const char *why)
{
  const SlipWorldRecord *awaited = slip_world_get (world, "", "", AWAITED, arn);
  JsonObject *payload;

  if (awaited == NULL)
    return;
  payload = json_object_new ();
  if (why != NULL)
    json_object_set_string_member (payload, "why", why);
  slip_world_schedule (
      world, 0, slip_json_string (awaited->data, "kind"),
      slip_json_string (awaited->data, "account"), slip_json_string (awaited->data, "region"),
      slip_json_string (awaited->data, "type"), slip_json_string (awaited->data, "id"), payload);
  slip_backup_source_forget (world, arn);
}
