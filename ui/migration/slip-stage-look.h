/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-stage-node.h"

G_BEGIN_DECLS

/**
 * slip_stage_look_show:
 * @measures: (nullable) (element-type SlipMeasure): what a place counted that is done
 * @text: what it shows; its state and tone become other ones where a person should look at rows
 * @state: (out): keeps the state
 * @note: (out) (nullable): keeps the note, behind which stands what they are; %NULL where that stands below anyway
 *
 * A person finds the rows from the stage down.
 */
void slip_stage_look_show (GPtrArray *measures, SlipStageNodeText *text, char **state, char **note);

G_END_DECLS
