/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run.h"

G_BEGIN_DECLS

#define SLIP_TYPE_STEP_DETAILS (slip_step_details_get_type ())

/**
 * SlipStepDetails:
 *
 * One step of a run: what it is for, where it stands, what was sent and what came back.
 */
G_DECLARE_FINAL_TYPE (SlipStepDetails, slip_step_details, SLIP, STEP_DETAILS, AdwBin)

GtkWidget *slip_step_details_new (void);

/**
 * slip_step_details_set_step:
 * @self: a details pane
 * @step: (nullable): what to show; followed while it changes
 */
void slip_step_details_set_step (SlipStepDetails *self, SlipRunStep *step);

G_END_DECLS
