/* SPDX-License-Identifier: MIT */
/* What leaving something behind costs, in words. Prices differ by region and contract and are not
 * guessed; what is charged for is the same everywhere. */

#include "slip-run-fold-private.h"

#include "slip-json.h"

static const struct
{
  const char *service;
  const char *operation;
  const char *hint;
  const char *size; /* the request's member that tells how big, or NULL */
} hints[] = {
    {"rds", "CreateDBInstance", "charged by the hour while it exists", "DBInstanceClass"},
    {"rds", "RestoreDBInstanceFromDBSnapshot", "charged by the hour while it exists",
     "DBInstanceClass"},
    {"rds", "CreateDBCluster",
     "its storage is charged for while it exists, its instances by the hour", NULL},
    {"rds", "RestoreDBClusterFromSnapshot",
     "its storage is charged for while it exists, its instances by the hour", NULL},
    {"rds", "RestoreDBClusterToPointInTime",
     "its storage is charged for while it exists, its instances by the hour", NULL},
    {"rds", "CreateDBClusterSnapshot", "charged by its size for as long as it is kept", NULL},
    {"rds", "CopyDBClusterSnapshot", "charged by its size for as long as it is kept", NULL},
    {"rds", "CreateDBSnapshot", "charged by its size for as long as it is kept", NULL},
    {"rds", "CopyDBSnapshot", "charged by its size for as long as it is kept", NULL},
    {"backup", "StartBackupJob", "its recovery point is charged by size for as long as it is kept",
     NULL},
    {"backup", "StartCopyJob", "its recovery point is charged by size for as long as it is kept",
     NULL},
    {"backup", "StartRestoreJob", "what it restores is charged for while it exists", NULL},
    {"dynamodb", "CreateTable", "its storage and capacity are charged for while it exists", NULL},
    {"dynamodb", "RestoreTableFromBackup",
     "its storage and capacity are charged for while it exists", NULL},
    {"dynamodb", "RestoreTableToPointInTime",
     "its storage and capacity are charged for while it exists", NULL},
    {"dynamodb", "CreateBackup", "charged by its size for as long as it is kept", NULL},
    {"ecs", "RunTask", "charged while it runs", NULL},
    {"ecs", "CreateService", "its tasks are charged while they run", "desiredCount"},
    {"osis", "CreatePipeline", "charged by the hour and capacity unit while it runs", NULL},
    {"osis", "StartPipeline", "charged by the hour and capacity unit while it runs", NULL},
    {"dms", "CreateReplicationInstance", "charged by the hour while it exists",
     "ReplicationInstanceClass"},
    {"kms", "CreateKey", "charged by the month until it is deleted", NULL},
    {"secretsmanager", "CreateSecret", "charged by the month until it is deleted", NULL},
};

char *
slip_run_dup_cost (const char *service, const char *operation, JsonObject *request)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++)
    {
      const char *size = hints[i].size != NULL && request != NULL
                             ? slip_json_string (request, hints[i].size)
                             : NULL;

      if (g_strcmp0 (service, hints[i].service) != 0
          || g_strcmp0 (operation, hints[i].operation) != 0)
        continue;
      return size != NULL ? g_strdup_printf ("%s (%s)", hints[i].hint, size)
                          : g_strdup (hints[i].hint);
    }
  return NULL;
}
