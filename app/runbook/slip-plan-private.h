/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"

G_BEGIN_DECLS

/* The digest of what a plan's JSON says will be done; its `hash` member is not part of that. */
char *slip_plan_compute_hash (JsonObject *plan);

G_END_DECLS
