/* SPDX-License-Identifier: MIT */
#include "slip-copied.h"

#include "slip-json.h"

gboolean
slip_copied (JsonObject *item)
{
  static const char *const origins[]
      = {"SourceDBClusterSnapshotArn", "SourceDBSnapshotIdentifier", "SourceBackupVaultArn"};
  gboolean copied = FALSE;

  g_return_val_if_fail (item != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (origins) && !copied; i++)
    {
      const char *origin = slip_json_string (item, origins[i]);

      copied = origin != NULL && *origin != '\0';
    }
  return copied;
}
