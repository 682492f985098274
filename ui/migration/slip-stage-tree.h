/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"
#include "slip-stage-node.h"
#include "slip-stage-words.h"

G_BEGIN_DECLS

/**
 * slip_stage_tree_update:
 * @roots: (element-type SlipStageNode): the stages
 * @data: (nullable): what is known of the run that is shown
 * @lines: (nullable) (element-type SlipStageLine): what the work that goes on has told
 * @left_out: (nullable) (array zero-terminated=1): the stages that it leaves out
 *
 * Brings a run's tree up to date: stage → entity or table → step, rule or file → what became of rows. Main thread.
 */
void slip_stage_tree_update (GListStore *roots,
                             SlipMigrationData *data,
                             GPtrArray *lines,
                             const char *const *left_out);

G_END_DECLS
