/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"
#include "slip-page.h"

G_BEGIN_DECLS

/**
 * slip_migration_ask_refuse:
 * @page: a page of the migration
 * @desk: its desk
 * @cancellable: closes the dialog
 *
 * Tells which run comes first, if one does, and offers the way to it.
 *
 * Returns: whether nothing may be done now: there is such a run, or a person is being asked already
 */
gboolean
slip_migration_ask_refuse (SlipPage *page, SlipMigrationDesk *desk, GCancellable *cancellable);

/**
 * slip_migration_ask_run:
 *
 * Asks whether to run the migration, with what it would do as the target stands, and begins it.
 */
void slip_migration_ask_run (SlipPage *page, SlipMigrationDesk *desk, GCancellable *cancellable);

/**
 * slip_migration_ask_stage:
 * @stage: a stage's name
 *
 * Asks whether to run one stage of the latest run again, unless slip_migration_ask_refuse(), and begins it. Where it would be
 * refused it tells why, and offers what leads there.
 */
void slip_migration_ask_stage (SlipPage *page,
                               SlipMigrationDesk *desk,
                               const char *stage,
                               GCancellable *cancellable);

/**
 * slip_migration_ask_undo:
 * @run: a run's id
 *
 * Asks whether to take a run back, unless slip_migration_ask_refuse(), and begins it.
 */
void slip_migration_ask_undo (SlipPage *page,
                              SlipMigrationDesk *desk,
                              gint64 run,
                              GCancellable *cancellable);

G_END_DECLS
