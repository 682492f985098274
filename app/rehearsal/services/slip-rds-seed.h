/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"
#include "slip-scenario.h"

G_BEGIN_DECLS

/* What the two files that read a scenario share. */

/**
 * SlipRdsSeedMember:
 * @name: a member of the scenario
 * @member: the shape's member it becomes
 * @type: `s` string, `i` integer, `b` boolean, `a` array of strings
 */
typedef struct
{
  const char *name;
  const char *member;
  char type;
} SlipRdsSeedMember;

/**
 * slip_rds_seed_copy:
 * @members: ends with a %NULL name
 *
 * Copies what is there from the scenario to a shape, and checks its types.
 */
gboolean slip_rds_seed_copy (JsonObject *item,
                             const char *path,
                             const SlipRdsSeedMember *members,
                             JsonObject *shape,
                             GError **error);

/**
 * slip_rds_seed_id:
 *
 * Returns: (transfer full): the member `id`, or %NULL when it is missing, malformed or taken
 */
char *slip_rds_seed_id (
    const SlipSeed *seed, JsonObject *item, const char *path, const char *type, GError **error);
JsonArray *slip_rds_seed_tags (JsonObject *item);
gboolean slip_rds_seed_groups (const SlipSeed *seed, GError **error);
gboolean slip_rds_seed_snapshots (const SlipSeed *seed, GError **error);

/**
 * slip_rds_seed_backup:
 * @seed: where the snapshot shall be: any account and region
 * @cluster: a seeded cluster, also of another account
 * @id: the snapshot's name, not in use
 * @key: (nullable): ARN of its key; %NULL for the cluster's
 * @hours_ago: its age
 * @cases: of the rows that a restore brings back; -1 for fewer the older it is
 *
 * Returns: (transfer none): a new snapshot as AWS Backup makes them
 */
const SlipWorldRecord *slip_rds_seed_backup (const SlipSeed *seed,
                                             const SlipWorldRecord *cluster,
                                             const char *id,
                                             const char *key,
                                             gint64 hours_ago,
                                             gint64 cases);

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
