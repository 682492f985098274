/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-postgres.h"
#include "slip-world.h"

G_BEGIN_DECLS

/* The bridge between the RDS service and real databases. One world per process. */

/**
 * slip_rds_database_open:
 * @world: the world
 *
 * Opens the databases in the world's folder. Without PostgreSQL it says so once, and clusters work
 * without rows.
 */
void slip_rds_database_open (SlipWorld *world);

/**
 * slip_rds_database_start_all:
 * @world: the world
 * @error: return location
 *
 * Makes or starts the database of every cluster that has one, several at a time, and notes their
 * ports. May block.
 *
 * Returns: %FALSE when one does not start
 */
gboolean slip_rds_database_start_all (SlipWorld *world, GError **error);
void slip_rds_database_close (void);

/**
 * slip_rds_database_is_open:
 *
 * Returns: whether clusters can have rows
 */
gboolean slip_rds_database_is_open (void);

/**
 * slip_rds_database_work:
 *
 * A #SlipWorkFunc for every kind of work of the service. The payload's member `database` says what to
 * do: `{"action": "create"|"restore"|"follow"|"snapshot"|"copy"|"password"|"promote"|"stop"|"start"|
 * "remove"|"remove-snapshot"|"switch", …}`; without it, or without PostgreSQL, there is nothing to do.
 *
 * Returns: `{"address", "port"}` for actions that start a database
 */
JsonObject *slip_rds_database_work (const char *folder,
                                    const SlipTransition *work,
                                    GCancellable *cancellable,
                                    GError **error);

/**
 * slip_rds_database_lag_work:
 *
 * A #SlipWorkFunc that measures how far a secondary's database is behind its primary's. The payload's
 * member `database` holds their keys, `{"action": "lag", "key": …, "primary": …}`; without it there are no
 * rows that could come late.
 *
 * Returns: `{"milliseconds": N}`
 */
JsonObject *slip_rds_database_lag_work (const char *folder,
                                        const SlipTransition *work,
                                        GCancellable *cancellable,
                                        GError **error);

/**
 * slip_rds_database_action:
 * @payload: (nullable): a work's payload, `database` is added to it
 * @action: see slip_rds_database_work()
 *
 * Returns: (transfer none): the new `database` object, for further members
 */
JsonObject *slip_rds_database_action (JsonObject *payload, const char *action);

/**
 * slip_rds_database_seed_sql:
 * @name: a seed's name in a scenario: `sirius`
 *
 * Returns: (transfer full) (nullable): its SQL, %NULL when there is none of that name
 */
char *slip_rds_database_seed_sql (const char *name);

G_END_DECLS
