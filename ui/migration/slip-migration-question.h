/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"

G_BEGIN_DECLS

/**
 * slip_migration_question_dup_body:
 * @desk: a migration
 * @unfinished: (nullable): what slip_migration_question_dup_unfinished() said
 *
 * Returns: (transfer full): what “Run…” would do, as the target stands: whether rows go in anew there
 */
char *slip_migration_question_dup_body (SlipMigrationDesk *desk, const char *unfinished);

/**
 * slip_migration_question_dup_unfinished:
 * @desk: a migration
 *
 * Returns: (transfer full) (nullable): the runs of procedures of its environment that are not through, or of all environments
 *   where it names none: they may have to do with the target
 */
char *slip_migration_question_dup_unfinished (SlipMigrationDesk *desk);

/**
 * slip_migration_question_dup_refusal:
 * @data: (nullable): what is known of the migration
 *
 * Returns: (transfer full) (nullable): why it is not run now: a run that may still change databases of its environment, and
 *   the ways out; %NULL when nothing is in the way
 */
char *slip_migration_question_dup_refusal (SlipMigrationData *data);

G_END_DECLS
