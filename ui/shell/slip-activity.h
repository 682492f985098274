/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ACTIVITY (slip_activity_get_type ())

/**
 * SlipActivity:
 *
 * The panel at the bottom: one row for each job, newest first, or one line while none is under way.
 */
G_DECLARE_FINAL_TYPE (SlipActivity, slip_activity, SLIP, ACTIVITY, AdwBin)

/**
 * slip_activity_get_compact:
 *
 * Returns: whether the panel is one line, because nothing is going on; property `compact`
 */
gboolean slip_activity_get_compact (SlipActivity *self);
void slip_activity_set_workbench (SlipActivity *self, SlipWorkbench *workbench);

G_END_DECLS
