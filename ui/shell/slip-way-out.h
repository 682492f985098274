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
 * @part: (nullable): a listing that failed
 *
 * Returns: (transfer full) (nullable): why it failed, and where nobody answered for a rehearsal, how to bring
 *   its server back
 */
char *slip_way_out_dup_listing (SlipEnvironment *environment, const SlipEstatePart *part);

/**
 * slip_way_out_find_failed:
 * @list: a list
 *
 * Returns: (transfer none) (nullable): the first of its listings that failed
 */
const SlipEstatePart *slip_way_out_find_failed (SlipEstateList *list);

/**
 * slip_way_out_dup_stale:
 * @list: a list with rows
 * @now_us: the present
 *
 * Returns: (transfer full) (nullable): why its rows are not those of now, and how old they are; %NULL when
 *   the last listing was whole, or none has ended yet
 */
char *slip_way_out_dup_stale (SlipEstateList *list, gint64 now_us);

G_END_DECLS
