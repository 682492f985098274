/* SPDX-License-Identifier: MIT */

/* AWS Backup as the server sees it: its operations and what it registers at a start. It keeps vaults,
 * recovery points and jobs; the data itself is kept by the services that slip-backup-source.c lists. */

#include "slip-backup.h"
#include "slip-services-list.h"

#define ENTRY(name, func) {#name, func},
static const SlipServiceOperation operations[] = {SLIP_BACKUP_OPERATIONS (ENTRY){NULL, NULL}};
#undef ENTRY

static void
attach (SlipWorld *world)
{
  slip_backup_backup_attach (world);
  slip_backup_copy_attach (world);
  slip_backup_restore_attach (world);
  slip_backup_point_attach (world);
}

const SlipService slip_backup_service = {
    .name = "backup",
    .operations = operations,
    .attach = attach,
    .seed = slip_backup_seed,
};
