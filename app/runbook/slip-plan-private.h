/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"

G_BEGIN_DECLS

/* The digest of what a plan's JSON says will be done; its `hash` member is not part of that. */
char *slip_plan_compute_hash (JsonObject *plan);

/* Whether the audit log would keep the plan as it is. It redacts what looks like a secret, and a plan
 * that it changed would not have its hash any more; so a plan holds secrets by reference or not at all.
 * %SLIP_RUNBOOK_ERROR_PLAN names the places, never what stands there. */
gboolean slip_plan_check_secrets (JsonNode *plan, GError **error);

G_END_DECLS
