/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-plan.h"
#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COSIGN_GROUP (slip_cosign_group_get_type ())

/**
 * SlipCosignGroup:
 *
 * The second person, for the first one: why there must be one, what that colleague does on a
 * workstation of their own, and where their cosignature is taken: chosen as a file, dropped or pasted.
 * Shows who AWS says made it, or why it is refused. Signal: `changed`.
 */
G_DECLARE_FINAL_TYPE (SlipCosignGroup, slip_cosign_group, SLIP, COSIGN_GROUP, AdwBin)

GtkWidget *slip_cosign_group_new (SlipWorkbench *workbench, SlipPlan *plan);

/**
 * slip_cosign_group_new_for_step:
 * @workbench: where a cosignature is verified
 * @run: a run that waits for a second person at a step
 *
 * The same, for the step that @run waits at.
 *
 * Returns: (transfer none): the group
 */
GtkWidget *slip_cosign_group_new_for_step (SlipWorkbench *workbench, SlipRun *run);

/**
 * slip_cosign_group_take:
 * @self: the group
 * @text: what was handed over
 *
 * Asks STS, on a worker, who made it.
 */
void slip_cosign_group_take (SlipCosignGroup *self, const char *text);

/**
 * slip_cosign_group_take_file:
 * @file: the file that was handed over
 */
void slip_cosign_group_take_file (SlipCosignGroup *self, GFile *file);

/**
 * slip_cosign_group_get_text:
 *
 * Returns: (transfer none) (nullable): the cosignature that was found good
 */
const char *slip_cosign_group_get_text (SlipCosignGroup *self);

/**
 * slip_cosign_group_get_message:
 *
 * Returns: (transfer none) (nullable): why the last one was refused
 */
const char *slip_cosign_group_get_message (SlipCosignGroup *self);

/**
 * slip_cosign_group_get_command:
 *
 * Returns: (transfer none): the command line for the colleague
 */
const char *slip_cosign_group_get_command (SlipCosignGroup *self);

G_END_DECLS
