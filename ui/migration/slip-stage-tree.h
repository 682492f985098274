/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"
#include "slip-stage-node.h"

G_BEGIN_DECLS

/**
 * slip_stage_tree_update:
 * @roots: (element-type SlipStageNode): the stages
 * @data: (nullable): what is known of the run that is shown
 * @lines: (nullable) (element-type SlipStageLine): what the work that goes on has told
 *
 * Brings a run's tree up to date: stage → entity or table → step, rule or file → what became of rows. Main thread.
 */
void slip_stage_tree_update (GListStore *roots, SlipMigrationData *data, GPtrArray *lines);

/**
 * slip_stage_get_title:
 * @stage: a stage's name
 *
 * Returns: (transfer none): what people call it, translated
 */
const char *slip_stage_get_title (const char *stage);

/**
 * slip_measure_dup_title:
 * @measure: what became of rows
 *
 * Returns: (transfer full): it in words: `title: unknown code (X, Y)`
 */
char *slip_measure_dup_title (const SlipMeasure *measure);

/**
 * slip_stage_tone:
 * @state: (nullable): a stage's state as the migration database has it
 * @word: (out) (optional): it in a word, translated
 *
 * Returns: what it means
 */
SlipTone slip_stage_tone (const char *state, const char **word);

G_END_DECLS
