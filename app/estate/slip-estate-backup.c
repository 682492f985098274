/* SPDX-License-Identifier: MIT */
/* What a list of backup vaults asks AWS Backup. Recovery points are asked for vault by vault, a thousand
 * at once, never one by one; copy jobs link a copy with its original. */

#include "slip-estate-record.h"
#include "slip-json.h"

#include <string.h>

static SlipEstateRecord *
read_vault (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_VAULT, item, region,
                                                     slip_json_string (item, "BackupVaultArn"),
                                                     slip_json_string (item, "BackupVaultName"));

  if (record == NULL)
    return NULL;
  if (slip_json_bool (item, "Locked", FALSE))
    record->status = g_strdup ("locked");
  record->created = slip_estate_item_time (item, "CreationDate");
  return record;
}

/* What was backed up, as people call it: the part of its ARN behind the type. */
static const char *
resource_name (JsonObject *item)
{
  const char *name = slip_json_string (item, "ResourceName");
  const char *arn = slip_json_string (item, "ResourceArn");
  const char *end;

  if (name != NULL && name[0] != '\0')
    return name;
  if (arn == NULL)
    return "?";
  end = strpbrk (arn, "/");
  if (end == NULL)
    end = strrchr (arn, ':');
  return end != NULL ? end + 1 : arn;
}

/* Points have no names. Resource and time tell them apart, and both can be searched for. */
static char *
point_name (JsonObject *item, gint64 created)
{
  g_autofree char *time = created != 0 ? slip_time_format (created) : g_strdup ("");
  char *t = strchr (time, 'T');

  if (t != NULL && strlen (t) > 6)
    {
      *t = ' ';
      t[6] = '\0';
    }
  return g_strdup_printf ("%s %s", resource_name (item), time);
}

static SlipEstateRecord *
read_point (JsonObject *item, const char *region)
{
  gint64 created = slip_estate_item_time (item, "CreationDate");
  g_autofree char *name = point_name (item, created);
  SlipEstateRecord *record
      = slip_estate_record_new (SLIP_RESOURCE_RECOVERY_POINT, item, region,
                                slip_json_string (item, "RecoveryPointArn"), name);

  if (record == NULL)
    return NULL;
  record->parent_id = g_strdup (slip_json_string (item, "BackupVaultArn"));
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = g_strdup (slip_json_string (item, "ResourceType"));
  record->size = slip_json_int (item, "BackupSizeInBytes", -1);
  record->created = created;
  return record;
}

/* A link, not a row: from the original, named as parent, to the copy, which it adopts. */
static SlipEstateRecord *
read_copy (JsonObject *item, const char *region)
{
  const char *source = slip_json_string (item, "SourceRecoveryPointArn");
  const char *copy = slip_json_string (item, "DestinationRecoveryPointArn");
  const char *vault = slip_json_string (item, "DestinationBackupVaultArn");
  const char *source_vault = slip_json_string (item, "SourceBackupVaultArn");
  const char *job = slip_json_string (item, "CopyJobId");
  SlipEstateRecord *record;

  if (source == NULL || copy == NULL || vault == NULL || source_vault == NULL)
    return NULL;
  record = slip_estate_record_new (SLIP_RESOURCE_COPY, item, region, job, job);
  if (record == NULL)
    return NULL;
  record->parent_id = g_strdup (source);
  record->parent_name = g_strdup (source_vault);
  record->adopts = g_new0 (char *, 3);
  record->adopts[0] = g_strdup (copy);
  record->adopts[1] = g_strdup (vault);
  return record;
}

static const SlipEstateListing points[] = {
    {.label = "recovery points",
     .service = "backup",
     .operation = "ListRecoveryPointsByBackupVault",
     .input = "{\"MaxResults\":1000}",
     .items = "RecoveryPoints",
     .read = read_point,
     .given = "BackupVaultName",
     .given_as = "BackupVaultName"},
    {NULL},
};

const SlipEstateListing slip_estate_vaults[2] = {
    {.label = "vaults",
     .service = "backup",
     .operation = "ListBackupVaults",
     .input = "{\"MaxResults\":1000}",
     .items = "BackupVaultList",
     .read = read_vault,
     .below = points},
    {.label = "copies",
     .service = "backup",
     .operation = "ListCopyJobs",
     .input = "{\"ByState\":\"COMPLETED\",\"MaxResults\":1000}",
     .items = "CopyJobs",
     .read = read_copy},
};
