/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-postgres-tools.h"

G_BEGIN_DECLS

/**
 * SlipPostgres:
 *
 * Real databases behind the clusters of a rehearsal. Each cluster with rows has a PostgreSQL of its
 * own, with its own port, roles and passwords, as an Aurora cluster has; a secondary of a global
 * cluster is a streaming standby; a snapshot is a physical base backup, taken while writes go on.
 *
 * Thread-safe. Everything but the getters blocks: worker threads only. Operations may be repeated
 * after a crash: what is already done is left, what was half done is cleared away first.
 *
 * Keys consist of lower-case letters, digits and hyphens.
 */
typedef struct _SlipPostgres SlipPostgres;

/**
 * SlipPostgresSpec:
 * @database: (nullable): the database to make; %NULL for `postgres` alone
 * @user: the master user
 * @password: its password
 * @seed: (nullable): SQL that fills the database, run once, as the master user, in one transaction
 * @seed_settings: (nullable) (array zero-terminated=1): `name=value` settings that @seed may read with
 *   current_setting()
 * @port: the port wanted, or 0
 */
typedef struct
{
  const char *database;
  const char *user;
  const char *password;
  const char *seed;
  const char *const *seed_settings;
  guint port;
} SlipPostgresSpec;

/**
 * slip_postgres_new:
 * @folder: where data lives; made when absent
 * @error: return location
 *
 * Returns: (transfer full): the databases in @folder, none of them started, or %NULL with
 *   %SLIP_POSTGRES_ERROR_ABSENT when PostgreSQL is not installed
 */
SlipPostgres *slip_postgres_new (const char *folder, GError **error);

/**
 * slip_postgres_free:
 *
 * Stops every PostgreSQL that runs, and frees.
 */
void slip_postgres_free (SlipPostgres *self);
const char *slip_postgres_get_version (SlipPostgres *self);

/**
 * slip_postgres_get_port:
 *
 * Returns: the port of cluster @key on its loopback address, or 0 when it has none
 */
guint slip_postgres_get_port (SlipPostgres *self, const char *key);

/**
 * slip_postgres_dup_address:
 *
 * Returns: (transfer full): the loopback address of cluster @key. Clusters that want the same port have different
 *   ones
 */
char *slip_postgres_dup_address (SlipPostgres *self, const char *key);
gboolean slip_postgres_is_running (SlipPostgres *self, const char *key);

/**
 * slip_postgres_create:
 * @self: databases
 * @key: a cluster without data yet
 * @spec: what to make
 * @cancellable: (nullable): stops early
 * @error: return location
 *
 * Makes a cluster's PostgreSQL, with master user and rows, and starts it.
 *
 * Returns: whether it takes connections
 */
gboolean slip_postgres_create (SlipPostgres *self,
                               const char *key,
                               const SlipPostgresSpec *spec,
                               GCancellable *cancellable,
                               GError **error);

/**
 * slip_postgres_start:
 *
 * Starts a cluster that was made before; a standby after its primary.
 *
 * Returns: whether it runs; %SLIP_POSTGRES_ERROR_NOT_FOUND when there is no such cluster
 */
gboolean slip_postgres_start (SlipPostgres *self, const char *key, guint port, GError **error);
void slip_postgres_stop (SlipPostgres *self, const char *key);

/**
 * slip_postgres_remove:
 *
 * Stops a cluster and deletes its data.
 */
void slip_postgres_remove (SlipPostgres *self, const char *key);

/**
 * slip_postgres_set_password:
 *
 * Changes the password of a login role. It travels and is stored as a SCRAM verifier only.
 *
 * Returns: whether the next login needs @password
 */
gboolean slip_postgres_set_password (
    SlipPostgres *self, const char *key, const char *user, const char *password, GError **error);

/**
 * slip_postgres_snapshot:
 * @self: databases
 * @key: a running cluster
 * @snapshot: key of the snapshot
 * @cancellable: (nullable): stops early
 * @error: return location
 *
 * Copies the cluster as it was at one moment of this call. Writes go on meanwhile.
 *
 * Returns: whether the snapshot is complete
 */
gboolean slip_postgres_snapshot (SlipPostgres *self,
                                 const char *key,
                                 const char *snapshot,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean slip_postgres_has_snapshot (SlipPostgres *self, const char *snapshot);

/**
 * slip_postgres_copy_snapshot:
 *
 * Makes snapshot @target of @source. The bytes are shared until the last of them is removed.
 *
 * Returns: whether @target is complete; %SLIP_POSTGRES_ERROR_NOT_FOUND when @source is not
 */
gboolean slip_postgres_copy_snapshot (SlipPostgres *self,
                                      const char *source,
                                      const char *target,
                                      GError **error);
void slip_postgres_remove_snapshot (SlipPostgres *self, const char *snapshot);

/**
 * slip_postgres_restore:
 * @self: databases
 * @snapshot: a complete snapshot
 * @key: a cluster without data yet
 * @port: the port wanted, or 0
 * @cancellable: (nullable): stops early
 * @error: return location
 *
 * Brings a snapshot's rows, roles and passwords back in a new cluster, and starts it.
 *
 * Returns: whether it takes connections
 */
gboolean slip_postgres_restore (SlipPostgres *self,
                                const char *snapshot,
                                const char *key,
                                guint port,
                                GCancellable *cancellable,
                                GError **error);

/**
 * slip_postgres_follow:
 * @self: databases
 * @primary: a running cluster
 * @key: a cluster without data yet
 * @port: the port wanted, or 0
 * @cancellable: (nullable): stops early
 * @error: return location
 *
 * Makes a read-only standby of @primary that follows its writes.
 *
 * Returns: whether the standby takes connections
 */
gboolean slip_postgres_follow (SlipPostgres *self,
                               const char *primary,
                               const char *key,
                               guint port,
                               GCancellable *cancellable,
                               GError **error);

/**
 * slip_postgres_promote:
 *
 * Cuts a standby from its primary and lets it take writes. No effect on one that does already.
 *
 * Returns: whether it takes writes
 */
gboolean slip_postgres_promote (SlipPostgres *self, const char *key, GError **error);

/**
 * slip_postgres_measure_lag:
 * @self: databases
 * @primary: a running cluster
 * @standby: a running standby of it
 * @lag_us: (out): microseconds that the standby is behind
 * @cancellable: (nullable): stops early
 * @error: return location
 *
 * Asks the primary what it has written, and looks when the standby has replayed that. What takes longer
 * than half a second is told by the age of what the standby lacks, as far as that is known: no more than
 * since its last replayed commit, and since it was last found to lack nothing.
 *
 * Returns: whether it could be measured
 */
gboolean slip_postgres_measure_lag (SlipPostgres *self,
                                    const char *primary,
                                    const char *standby,
                                    gint64 *lag_us,
                                    GCancellable *cancellable,
                                    GError **error);

/**
 * slip_postgres_query:
 * @self: databases
 * @key: a running cluster
 * @database: (nullable): a database
 * @sql: one statement
 * @error: return location
 *
 * Runs a statement as the administrator. For the server's own needs and tests.
 *
 * Returns: (transfer full): the first field of the first row, or "" when there is none
 */
char *slip_postgres_query (
    SlipPostgres *self, const char *key, const char *database, const char *sql, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPostgres, slip_postgres_free)

G_END_DECLS
