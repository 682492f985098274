/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds-cluster.h"

G_BEGIN_DECLS

/* What the two files about global clusters share. */

JsonArray *slip_rds_global_members (JsonObject *shape);
JsonObject *slip_rds_global_find_member (JsonObject *shape, const char *arn);
const SlipWorldRecord *slip_rds_global_cluster_of_arn (SlipWorld *world, const char *arn_text);

/**
 * slip_rds_global_update_readers:
 *
 * Brings `Readers` of every member in line with who writes.
 */
void slip_rds_global_update_readers (JsonObject *shape);
void slip_rds_global_remove_member (SlipWorld *world,
                                    const char *account,
                                    const char *global,
                                    const char *arn);

/* slip-rds-lag.c: what CloudWatch is told of the secondaries' replication. */

/**
 * slip_rds_lag_begin:
 * @world: a world in a transaction
 *
 * Lets the lag of all connected secondaries be measured once a minute, as long as there is a global
 * cluster.
 */
void slip_rds_lag_begin (SlipWorld *world);

/**
 * slip_rds_lag_measure:
 * @world: a world in a transaction
 * @global: a global cluster
 *
 * Measures its connected secondaries now.
 */
void slip_rds_lag_measure (SlipWorld *world, const SlipWorldRecord *global);

/**
 * slip_rds_lag_forget:
 * @world: a world in a transaction
 * @arn: of a cluster that leaves its global cluster
 *
 * Drops what was measured of it. AWS keeps that; here minutes are shorter than CloudWatch's, and values of
 * this cluster would pass for those of the next one of its name.
 */
void slip_rds_lag_forget (SlipWorld *world, const char *arn);

void slip_rds_global_fill_defaults (SlipRdsEdit *edit);
char *slip_rds_global_check_new (SlipServiceContext *ctx,
                                 const char *wanted,
                                 const char *parameter,
                                 GError **error);
JsonNode *slip_rds_global_answer (SlipServiceContext *ctx, const char *id);

G_END_DECLS
