/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"
#include "slip-scenario.h"

G_BEGIN_DECLS

/* What the two files that read a scenario share. */

gboolean slip_rds_seed_snapshots (const SlipSeed *seed, GError **error);

/**
 * slip_rds_seed_time:
 * @hours_ago: before now
 */
void
slip_rds_seed_time (const SlipSeed *seed, JsonObject *shape, const char *member, double hours_ago);

/**
 * slip_rds_seed_key:
 *
 * Resolves the member `kms_key_id`, when it is there, into the shape.
 */
gboolean slip_rds_seed_key (
    const SlipSeed *seed, JsonObject *item, const char *path, JsonObject *shape, GError **error);

/**
 * slip_rds_seed_settings:
 * @cases: how many cases the rows shall hold
 *
 * Returns: (transfer full): settings for the SQL that makes the rows
 */
JsonArray *slip_rds_seed_settings (gint64 cases);

void slip_rds_subnet_group_fill (SlipRdsEdit *edit, JsonArray *ids, const char *vpc);

G_END_DECLS
