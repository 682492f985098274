/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"

G_BEGIN_DECLS

/* What the planner makes. The hash of the first version, which runs that began with it hold, does not
 * cover what guards found. */
#define SLIP_PLAN_SCHEMA "org.slipway.plan/2"

/* Whether @plan is of the first version. */
gboolean slip_plan_is_first_version (JsonObject *plan);

/* What of a plan's JSON determines what will be done: a new object. */
JsonNode *slip_plan_dup_determining (JsonObject *plan);

/* The digest of what a plan's JSON says will be done; its `hash` member is not part of that. */
char *slip_plan_compute_hash (JsonObject *plan);

/* Whether the audit log would keep the plan as it is. It redacts what looks like a secret, and a plan
 * that it changed would not have its hash any more; so a plan holds secrets by reference or not at all.
 * %SLIP_RUNBOOK_ERROR_PLAN names the places, never what stands there. */
gboolean slip_plan_check_secrets (JsonNode *plan, GError **error);

/* Whether what a plan says of its steps is so: the call that each makes follows from its inputs, its
 * effect and reversibility are at least the API model's, its account is its environment's, and whatever
 * only looks is sent reads only. %SLIP_RUNBOOK_ERROR_PLAN or %SLIP_RUNBOOK_ERROR_REQUEST names the step. */
gboolean slip_plan_check_claims (JsonObject *plan, GError **error);

/* The least that a step of @effect is. */
SlipReversibility slip_plan_least_reversibility (SlipAwsEffect effect);

G_END_DECLS
