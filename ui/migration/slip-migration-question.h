/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"

G_BEGIN_DECLS

/**
 * slip_migration_question_dup_body:
 * @desk: a migration
 * @unfinished: (nullable): what slip_migration_question_dup_unfinished() said
 *
 * Returns: (transfer full): what “Run…” would do, as the target and the definitions stand: whether rows go in anew there, and
 *   whether it is another run than the one before
 */
char *slip_migration_question_dup_body (SlipMigrationDesk *desk, const char *unfinished);

/**
 * SlipMigrationInstead:
 * @SLIP_MIGRATION_INSTEAD_RUN: a run of all stages
 * @SLIP_MIGRATION_INSTEAD_SHOW: to look at the run that stages are run of
 * @SLIP_MIGRATION_INSTEAD_UNDO: to take the run back from the stage on
 *
 * What can be done where a stage by itself cannot.
 */
typedef enum
{
  SLIP_MIGRATION_INSTEAD_RUN,
  SLIP_MIGRATION_INSTEAD_SHOW,
  SLIP_MIGRATION_INSTEAD_UNDO,
} SlipMigrationInstead;

/**
 * slip_migration_question_dup_no_stage:
 * @desk: a migration
 * @stage: a stage's name
 * @instead: (out): what can be done
 *
 * Returns: (transfer full) (nullable): why the stage would be refused by itself, as the run stands that is shown; %NULL when
 *   nothing is in the way
 */
char *slip_migration_question_dup_no_stage (SlipMigrationDesk *desk,
                                            const char *stage,
                                            SlipMigrationInstead *instead);

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
