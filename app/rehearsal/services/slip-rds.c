/* SPDX-License-Identifier: MIT */
/* The RDS service as the server sees it: its operations, what it registers at a start, its life. */

#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-services-list.h"

#define ENTRY(name, func) {#name, func},
static const SlipServiceOperation operations[] = {SLIP_RDS_OPERATIONS (ENTRY){NULL, NULL}};
#undef ENTRY

static void
attach (SlipWorld *world)
{
  slip_rds_cluster_attach (world);
  slip_rds_cluster_make_attach (world);
  slip_rds_cluster_change_attach (world);
  slip_rds_cluster_delete_attach (world);
  slip_rds_cluster_state_attach (world);
  slip_rds_cluster_break_attach (world);
  slip_rds_instance_attach (world);
  slip_rds_instance_change_attach (world);
  slip_rds_snapshot_attach (world);
  slip_rds_global_attach (world);
  slip_rds_global_change_attach (world);
  slip_rds_global_members_attach (world);
  slip_rds_lag_attach (world);
  slip_rds_database_open (world);
}

static gboolean
start (SlipWorld *world, GError **error)
{
  return slip_rds_database_start_all (world, error) && slip_rds_lag_start (world, error);
}

static void
stop (SlipWorld *world)
{
  slip_rds_database_close ();
}

const SlipService slip_rds_service = {
    .name = "rds",
    .operations = operations,
    .attach = attach,
    .seed = slip_rds_seed,
    .start = start,
    .stop = stop,
    .prepare = slip_rds_prepare,
};
