/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"

G_BEGIN_DECLS

/* What the files about clusters share with each other, with instances, snapshots and global clusters.
 *
 * Beside `shape` a cluster's record holds: `size` (GiB), `database` (its PostgreSQL: `key`, `name`,
 * `user`, and until it is made `password`, `seed`, `settings`, `primary`), `global` and `secondary`
 * (its global cluster and whether it follows there), `changes` (accepted, not yet applied). */

gint64 slip_rds_cluster_size (const SlipWorldRecord *cluster);
char *slip_rds_cluster_dup_vpc (SlipWorld *world, const SlipWorldRecord *cluster);
JsonObject *slip_rds_cluster_view (SlipWorld *world, const SlipWorldRecord *cluster);

/**
 * slip_rds_cluster_instances:
 *
 * Returns: (transfer container) (element-type SlipWorldRecord): the cluster's instances, by name
 */
GPtrArray *slip_rds_cluster_instances (SlipWorld *world, const SlipWorldRecord *cluster);
const SlipWorldRecord *slip_rds_cluster_writer (SlipWorld *world, const SlipWorldRecord *cluster);

/**
 * slip_rds_cluster_choose_writer:
 * @except: (nullable): an instance that shall not be it
 *
 * Makes the instance of the lowest promotion tier the writer.
 *
 * Returns: whether there was one to choose
 */
gboolean slip_rds_cluster_choose_writer (SlipWorld *world,
                                         const SlipWorldRecord *cluster,
                                         const char *except);
gboolean slip_rds_cluster_check_snapshot (const SlipWorldRecord *cluster, GError **error);

/**
 * slip_rds_cluster_is_broken:
 *
 * Returns: whether it is in a state that AWS does not lead it out of by itself: it can be detached and
 *   deleted, and takes neither changes nor snapshots
 */
gboolean slip_rds_cluster_is_broken (const SlipWorldRecord *cluster);
void
slip_rds_cluster_begin_backup (SlipWorld *world, const SlipWorldRecord *cluster, double seconds);

/**
 * slip_rds_cluster_set_place:
 * @address: (nullable): the loopback address of its PostgreSQL; %NULL for a cluster without rows
 * @port: where it listens there; else 0
 *
 * Gives the cluster its endpoints.
 */
void slip_rds_cluster_set_place (SlipRdsEdit *edit, const char *address, guint port);

/**
 * slip_rds_cluster_take_place:
 * @result: (nullable): what slip_rds_database_work() returned
 *
 * Gives the cluster the endpoints of the database that was started, if one was.
 */
void slip_rds_cluster_take_place (SlipRdsEdit *edit, JsonObject *result);

/**
 * slip_rds_cluster_set_status:
 *
 * Returns: (transfer none) (nullable): the cluster as it is now
 */
const SlipWorldRecord *slip_rds_cluster_set_status (
    SlipWorld *world, const char *account, const char *region, const char *id, const char *status);
void slip_rds_cluster_set_instance_status (SlipWorld *world,
                                           const SlipWorldRecord *cluster,
                                           const char *status);

/**
 * slip_rds_resource_id:
 * @prefix: `cluster-`, `db-`
 *
 * Returns: (transfer full): an id that is the same whenever the same resources are made in the same
 *   order
 */
char *slip_rds_resource_id (
    SlipWorld *world, const char *prefix, const char *account, const char *region, const char *id);

/**
 * slip_rds_cluster_retain_backup:
 *
 * Keeps the automated backup of a cluster that goes.
 */
void slip_rds_cluster_retain_backup (SlipWorld *world, const SlipWorldRecord *cluster);

/* --- Making clusters (slip-rds-cluster-make.c), also for the scenario --- */

/**
 * slip_rds_cluster_fill_defaults:
 *
 * Gives a new cluster every member that AWS shows and the request did not set.
 */
void slip_rds_cluster_fill_defaults (SlipRdsEdit *edit);
gboolean slip_rds_check_password (const char *password, GError **error);

/**
 * slip_rds_cluster_check_new:
 *
 * Returns: (transfer full): the new cluster's name, or %NULL when it is taken, malformed or one too
 *   many
 */
char *slip_rds_cluster_check_new (SlipServiceContext *ctx, JsonObject *input, GError **error);
SlipRdsEdit *slip_rds_cluster_new (SlipServiceContext *ctx,
                                   JsonObject *input,
                                   const char *id,
                                   const char *engine,
                                   const char *version);

/**
 * slip_rds_cluster_new_database:
 *
 * Returns: (transfer none): what is kept of the new cluster's PostgreSQL
 */
JsonObject *slip_rds_cluster_new_database (SlipRdsEdit *edit);
void slip_rds_cluster_ask_for_port (JsonObject *action, JsonObject *input);

/**
 * slip_rds_cluster_begin_create:
 * @edit: (transfer full): the new cluster
 * @payload: (transfer full): what its PostgreSQL has to do
 *
 * Returns: (transfer full): the answer
 */
JsonNode *slip_rds_cluster_begin_create (SlipServiceContext *ctx,
                                         SlipRdsEdit *edit,
                                         double seconds,
                                         JsonObject *payload);

/**
 * slip_rds_cluster_begin_delete:
 *
 * Lets a cluster that is `deleting` go.
 */
void slip_rds_cluster_begin_delete (SlipWorld *world,
                                    const char *account,
                                    const char *region,
                                    const char *id);

/* --- Global clusters (slip-rds-global.c) --- */

/**
 * slip_rds_global_check_join:
 * @secondary: (out): whether the new cluster will follow a primary
 *
 * Returns: (transfer none): the global cluster that a new cluster names, or %NULL
 */
const SlipWorldRecord *slip_rds_global_check_join (SlipServiceContext *ctx,
                                                   JsonObject *input,
                                                   gboolean *secondary,
                                                   GError **error);
const SlipWorldRecord *slip_rds_global_primary (SlipWorld *world, const SlipWorldRecord *global);

/**
 * slip_rds_global_add_member:
 *
 * Adds @cluster as the writer of an empty global cluster, or as a secondary.
 */
void slip_rds_global_add_member (SlipWorld *world,
                                 const SlipWorldRecord *global,
                                 SlipRdsEdit *cluster,
                                 const char *synchronization);
void slip_rds_global_set_synchronization (SlipWorld *world,
                                          const char *account,
                                          const char *global,
                                          const char *arn,
                                          const char *synchronization);
void slip_rds_global_rename_member (SlipWorld *world,
                                    const char *account,
                                    const char *global,
                                    const char *old_arn,
                                    const char *new_arn);
guint slip_rds_global_count_members (const SlipWorldRecord *global);
gboolean slip_rds_global_check_delete (SlipServiceContext *ctx,
                                       const SlipWorldRecord *cluster,
                                       GError **error);

/* --- Groups and catalogue --- */

/**
 * slip_rds_check_groups:
 * @engine: engine
 * @version: its version
 *
 * Checks parameter group, subnet group and security groups of a request.
 */
gboolean slip_rds_check_groups (SlipServiceContext *ctx,
                                JsonObject *input,
                                const char *engine,
                                const char *version,
                                GError **error);
char *slip_rds_dup_family (const char *engine, const char *version);

/**
 * slip_rds_check_version:
 * @version: (nullable): a version, or %NULL for the default one
 *
 * Returns: (transfer none): the full version, or %NULL with InvalidParameterCombination
 */
const char *slip_rds_check_version (const char *engine, const char *version, GError **error);
gboolean slip_rds_can_upgrade (const char *engine, const char *from, const char *to);
gboolean slip_rds_check_class (const char *engine, const char *instance_class, GError **error);

/* --- Managed master passwords --- */

/**
 * slip_rds_manage_password:
 *
 * Makes the secret that holds a cluster's master password.
 *
 * Returns: (transfer full): the password
 */
char *slip_rds_manage_password (SlipRdsEdit *cluster, const char *key_arn);
void slip_rds_unmanage_password (SlipRdsEdit *cluster);

G_END_DECLS
