/* SPDX-License-Identifier: MIT */
#pragma once

/* How long things take at AWS, in seconds, before the world's speed shortens them. Rounded from what
 * operators report for Aurora PostgreSQL; sizes are in GiB. */

/* A change is accepted, and the status still reads `available` for a moment. */
#define SLIP_RDS_SETTLE 15.0
#define SLIP_RDS_CLUSTER_CREATE 120.0
#define SLIP_RDS_SECONDARY_CREATE 480.0
#define SLIP_RDS_CLUSTER_MODIFY 40.0
#define SLIP_RDS_CLUSTER_RENAME 90.0
#define SLIP_RDS_PASSWORD 50.0
#define SLIP_RDS_CLUSTER_DELETE 150.0
#define SLIP_RDS_CLUSTER_START 420.0
#define SLIP_RDS_CLUSTER_STOP 300.0
#define SLIP_RDS_FAILOVER 40.0
#define SLIP_RDS_BACKING_UP 60.0
#define SLIP_RDS_RESTORE(gib) (480.0 + 2.0 * (double)(gib))
#define SLIP_RDS_UPGRADE 900.0
#define SLIP_RDS_INSTANCE_CREATE 360.0
#define SLIP_RDS_INSTANCE_MODIFY 120.0
#define SLIP_RDS_INSTANCE_DELETE 240.0
#define SLIP_RDS_INSTANCE_REBOOT 60.0
#define SLIP_RDS_SNAPSHOT_TAKE(gib) (120.0 + 1.0 * (double)(gib))
/* While a snapshot is begun its cluster is `backing-up`. */
#define SLIP_RDS_SNAPSHOT_BEGIN 25.0
#define SLIP_RDS_COPY(gib) (120.0 + 1.0 * (double)(gib))
/* Another key or another region: every block is read, re-encrypted and written. */
#define SLIP_RDS_COPY_FULL(gib) (300.0 + 12.0 * (double)(gib))
#define SLIP_RDS_SNAPSHOT_DELETE 20.0
#define SLIP_RDS_GLOBAL_CREATE 60.0
#define SLIP_RDS_GLOBAL_CHANGE 20.0
#define SLIP_RDS_GLOBAL_DELETE 30.0
#define SLIP_RDS_PROMOTE 240.0
#define SLIP_RDS_SWITCHOVER 150.0
/* CloudWatch has one value a minute. */
#define SLIP_RDS_LAG_EVERY 60.0
