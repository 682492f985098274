/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/**
 * slip_run_needs_list:
 * @fold: a run that is not through
 *
 * What must be there for it to be gone on with: what it made, what the steps that are left declare
 * (`needs`), and what the changes that are left name, also as what they only read from, as the snapshot of a
 * restore. An ARN counts in its own place, too.
 *
 * Returns: (transfer full): a set of `account region service name`; names that are not known yet are not
 *   in it
 */
GHashTable *slip_run_needs_list (SlipRunFold *fold);

/**
 * slip_run_needs_list_taken:
 * @steps: (element-type JsonObject): steps of a plan as JSON
 *
 * Returns: (transfer full): a set of `account region service name` of what is not there any more when the
 *   steps are done: what they delete, and the old name of what they rename; without names that are not
 *   known yet
 */
GHashTable *slip_run_needs_list_taken (JsonArray *steps);

G_END_DECLS
