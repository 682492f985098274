/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-workbench.h"

G_BEGIN_DECLS

/* What a person can do when the window has nothing to show. */

/**
 * slip_way_out_get_title:
 * @error: (nullable): why the workbench failed
 *
 * Returns: (transfer none): what of it cannot be opened
 */
const char *slip_way_out_get_title (const GError *error);

/**
 * slip_way_out_dup_text:
 * @workbench: a workbench that failed
 * @error: (nullable): why
 *
 * Returns: (transfer full): what to do before trying again
 */
char *slip_way_out_dup_text (SlipWorkbench *workbench, const GError *error);

/**
 * slip_way_out_dup_listing:
 * @environment: where something could not be listed
 * @message: (nullable): why
 *
 * Returns: (transfer full) (nullable): @message, and for a rehearsal how to bring its server back
 */
char *slip_way_out_dup_listing (SlipEnvironment *environment, const char *message);

G_END_DECLS
