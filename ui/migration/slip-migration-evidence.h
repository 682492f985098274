/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_migration_evidence_ask:
 * @parent: a widget in the window
 * @desk: a migration's desk
 *
 * Asks for a folder, and writes there all that is told of the run that is shown, with its charts; see
 * slip_run_evidence_write(). No effect when no run is shown. Main thread.
 */
void slip_migration_evidence_ask (GtkWidget *parent, SlipMigrationDesk *desk);

/**
 * slip_migration_evidence_save:
 * @path: a folder that is not there yet
 *
 * The same into a folder that is known.
 */
void slip_migration_evidence_save (GtkWidget *parent, SlipMigrationDesk *desk, const char *path);

G_END_DECLS
