/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"

G_BEGIN_DECLS

/* Beside `shape` an instance's record holds `writer`, `group-status` (of its cluster's parameter
 * group) and `changes` (accepted, not yet applied). */

JsonObject *slip_rds_instance_view (SlipWorld *world, const SlipWorldRecord *instance);

/**
 * slip_rds_instance_fill_defaults:
 *
 * Gives a new instance every member that AWS shows and the request did not set.
 */
void slip_rds_instance_fill_defaults (SlipRdsEdit *edit, const SlipWorldRecord *cluster);

G_END_DECLS
