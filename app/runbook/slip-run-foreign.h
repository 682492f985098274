/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/* The tag that what a run makes has; its value is the run. */
#define SLIP_RUN_TAG "slipway:run"

/**
 * slip_run_foreign_tag:
 * @resource: a resource as AWS describes it
 *
 * Returns: (transfer none) (nullable): the run that made it, from its tag `slipway:run`
 */
const char *slip_run_foreign_tag (JsonObject *resource);

/**
 * slip_run_foreign_maker:
 * @ledger: (nullable): where runs are looked up
 * @run: (nullable): the run that a resource is tagged with
 *
 * Returns: (transfer full): who made it: "by run … (“title”, interrupted)", "by run …, which is not in
 *   this audit log", "by nobody that it tells"
 */
char *slip_run_foreign_maker (SlipLedger *ledger, const char *run);

/**
 * slip_run_foreign_describe:
 * @ledger: the ledger
 * @operation: the operation that would have made it
 * @request: (nullable): its request
 * @found: what is there instead
 *
 * What stands where a run wants to create something: its name, state, age and maker, and the sensible
 * ways out.
 *
 * Returns: (transfer full): sentences for people
 */
char *slip_run_foreign_describe (SlipLedger *ledger,
                                 const char *operation,
                                 JsonObject *request,
                                 JsonNode *found);

G_END_DECLS
