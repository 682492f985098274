/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-migration-desk.h"
#include "slip-page.h"
#include "slip-rows-view.h"
#include "slip-status.h"

G_BEGIN_DECLS

#define SLIP_TYPE_MIGRATION_FRAME (slip_migration_frame_get_type ())

/**
 * SlipMigrationFrame:
 *
 * What the pages of a migration have in common: a bar with the title, the run that is shown and the page's own
 * buttons; the content, or why there is none; rows behind a number in place of the content; a line of state.
 * Signals, for a page that is seen, at once, and for others when they are seen again: `update`, there is other data;
 * `progress`, the work that goes on has told something.
 */
G_DECLARE_FINAL_TYPE (SlipMigrationFrame, slip_migration_frame, SLIP, MIGRATION_FRAME, AdwBin)

/**
 * slip_migration_frame_new:
 * @page: the page that it fills; it becomes its child
 * @desk: the migration's desk
 * @title: the page's title, translated
 * @with_runs: whether the page is about one run, which can be chosen
 * @content: what it shows
 *
 * Returns: (transfer none): the frame
 */
SlipMigrationFrame *slip_migration_frame_new (SlipPage *page,
                                              SlipMigrationDesk *desk,
                                              const char *title,
                                              gboolean with_runs,
                                              GtkWidget *content);

/**
 * slip_migration_frame_add:
 * @widget: a button, behind the title
 */
void slip_migration_frame_add (SlipMigrationFrame *self, GtkWidget *widget);

/**
 * slip_migration_frame_add_button:
 * @label: its label, with a mnemonic
 * @callback: called with @data when it is clicked
 * @data: (type GObject): whose callback it is
 *
 * Returns: (transfer none): the button
 */
GtkWidget *slip_migration_frame_add_button (SlipMigrationFrame *self,
                                            const char *label,
                                            GCallback callback,
                                            gpointer data);

/**
 * slip_migration_frame_set_empty:
 * @title: (nullable): what is missing; %NULL shows the content
 * @description: (nullable): what to do about it
 *
 * Where nothing could be read of runs, whether there are any is not known: that is shown in place of either, and why.
 */
void slip_migration_frame_set_empty (SlipMigrationFrame *self,
                                     const char *title,
                                     const char *description);
void slip_migration_frame_set_status (SlipMigrationFrame *self, SlipTone tone, const char *text);

/**
 * slip_migration_frame_set_time:
 * @text: of when it is what the page shows
 * @tip: what that means, and what makes it newer
 *
 * In place of when it was read, until the next `update`.
 */
void slip_migration_frame_set_time (SlipMigrationFrame *self, const char *text, const char *tip);

/**
 * slip_migration_frame_show_rows:
 * @title: what they have in common
 * @sql: the query of slip_report_dup_rows_sql()
 *
 * Shows rows in place of the content, until slip_migration_frame_escape().
 */
void slip_migration_frame_show_rows (SlipMigrationFrame *self, const char *title, const char *sql);

/**
 * slip_migration_frame_show_checks:
 *
 * Shows what the new system's API was asked in the run, in place of the content; nothing when it was not.
 *
 * Returns: whether there is something
 */
gboolean slip_migration_frame_show_checks (SlipMigrationFrame *self);

/**
 * slip_migration_frame_show_measure:
 * @measure: (nullable): a number of the data that is shown
 *
 * Shows the rows behind a number, or the checks; nothing when none are kept.
 */
void slip_migration_frame_show_measure (SlipMigrationFrame *self, const SlipMeasure *measure);

/**
 * slip_migration_frame_escape:
 *
 * Returns: whether rows were shown, and are no more
 */
gboolean slip_migration_frame_escape (SlipMigrationFrame *self);

/**
 * slip_migration_frame_get_rows:
 *
 * Returns: (transfer none) (nullable): the rows that are shown
 */
SlipRowsView *slip_migration_frame_get_rows (SlipMigrationFrame *self);

G_END_DECLS
