/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"
#include "slip-runbook.h"

G_BEGIN_DECLS

/**
 * slip_plan_write_file:
 * @plan: a plan
 * @path: a file; its folder must exist
 * @error: return location
 *
 * Writes the plan as JSON, readable by its owner only, whole or not at all. Blocks for the disk. Any
 * thread.
 *
 * Returns: whether it did; with %FALSE @path is as it was
 */
gboolean slip_plan_write_file (SlipPlan *plan, const char *path, GError **error);

/**
 * slip_plan_read_file:
 * @path: what slip_plan_write_file() wrote
 * @error: return location
 *
 * Blocks for the disk. Any thread.
 *
 * Returns: (transfer full): the plan, or %NULL with an error of slip_file_read(), of slip_json_parse()
 *   or %SLIP_RUNBOOK_ERROR_PLAN when it is damaged or its `hash` is not that of what it says; the
 *   message begins with @path
 */
SlipPlan *slip_plan_read_file (const char *path, GError **error);

/**
 * slip_plan_load_runbook:
 * @self: a plan
 * @file: (nullable): the document, where it is none of those that are found by name
 * @error: return location
 *
 * Finds the document that the plan was made from: the one of its name that is here, or @file, with the
 * digest that the plan names. Reads files.
 *
 * Returns: (transfer full): the runbook, or %NULL with %SLIP_RUNBOOK_ERROR_PLAN when another one is there
 *   or none, or an error of slip_runbook_load()
 */
SlipRunbook *slip_plan_load_runbook (SlipPlan *self, const char *file, GError **error);

G_END_DECLS
