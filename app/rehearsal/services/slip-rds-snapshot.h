/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"

G_BEGIN_DECLS

/* What the files about cluster snapshots share with each other and with clusters. */

/**
 * slip_rds_snapshot_describe_cluster:
 * @cluster: the cluster that a snapshot is of
 * @shape: the snapshot as the API shows it
 * @source: what is kept of the cluster besides, for restores
 *
 * Fills in what a snapshot says of its cluster.
 */
void slip_rds_snapshot_describe_cluster (const SlipWorldRecord *cluster,
                                         JsonObject *shape,
                                         JsonObject *source);

/**
 * slip_rds_snapshot_take:
 * @cluster: a cluster
 * @id: the snapshot's name, not in use
 * @type: `manual` or `automated`
 * @tags: (nullable): its own tags
 *
 * Begins a snapshot.
 *
 * Returns: (transfer none): the snapshot, `creating`
 */
const SlipWorldRecord *slip_rds_snapshot_take (SlipWorld *world,
                                               const SlipWorldRecord *cluster,
                                               const char *id,
                                               const char *type,
                                               JsonArray *tags);

/**
 * slip_rds_snapshot_begin_copy:
 * @ctx: whose account and region the copy is for; nothing else of it is used but the world
 * @source: an available snapshot, of any account and region
 * @id: the copy's name, not in use
 * @type: `manual` or `awsbackup`
 * @key: (nullable): ARN of the copy's key; %NULL when it is not encrypted
 * @tags: (nullable): the copy's tags
 * @seconds: (out) (optional): how long AWS takes
 *
 * Begins a copy that was found permissible.
 *
 * Returns: (transfer none): the copy, `copying`
 */
const SlipWorldRecord *slip_rds_snapshot_begin_copy (SlipServiceContext *ctx,
                                                     const SlipWorldRecord *source,
                                                     const char *id,
                                                     const char *type,
                                                     const char *key,
                                                     JsonArray *tags,
                                                     double *seconds);

/**
 * slip_rds_snapshot_begin_remove:
 * @snapshot: a snapshot that may go
 *
 * Begins to delete a snapshot with its rows; what is still being made of it is dropped.
 */
void slip_rds_snapshot_begin_remove (SlipWorld *world, const SlipWorldRecord *snapshot);
JsonObject *slip_rds_snapshot_view (SlipWorld *world, const SlipWorldRecord *record);

/**
 * slip_rds_snapshot_begin:
 * @status: `creating` or `copying`
 * @seconds: how long it will take
 *
 * From now on the snapshot's progress grows with the clock.
 */
void slip_rds_snapshot_begin (SlipRdsEdit *edit, const char *status, double seconds);
gboolean slip_rds_snapshot_check_quota (SlipServiceContext *ctx, GError **error);
gboolean slip_rds_snapshot_check_new (SlipServiceContext *ctx, const char *id, GError **error);
guint slip_rds_snapshot_count_manual (SlipWorld *world, const char *account, const char *region);

/**
 * slip_rds_snapshot_rows:
 *
 * Returns: (transfer none) (nullable): where its rows are: `{"key": …}` for a stored copy, or
 *   `{"seed": …, …}` for rows that are made when somebody restores them
 */
JsonObject *slip_rds_snapshot_rows (const SlipWorldRecord *snapshot);
char *slip_rds_snapshot_new_rows_key (void);

/* GiB */
gint64 slip_rds_snapshot_size (const SlipWorldRecord *snapshot);

/**
 * slip_rds_snapshot_visible:
 *
 * Returns: whether the caller's account may see, copy and restore @snapshot
 */
gboolean slip_rds_snapshot_visible (SlipServiceContext *ctx, const SlipWorldRecord *snapshot);

/**
 * slip_rds_snapshot_find_source:
 * @value: a name, or an ARN, also of another region or of an account that shares it
 *
 * Returns: (transfer none): the snapshot, or %NULL with DBClusterSnapshotNotFoundFault
 */
const SlipWorldRecord *
slip_rds_snapshot_find_source (SlipServiceContext *ctx, const char *value, GError **error);
void slip_rds_snapshot_share_with (SlipWorld *world,
                                   const SlipWorldRecord *snapshot,
                                   const char *account);
void slip_rds_snapshot_unshare_all (SlipWorld *world, const SlipWorldRecord *snapshot);

G_END_DECLS
