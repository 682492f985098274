/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a plan of Terraform may do, as named assertions about its `resource_changes`. A rule is
 * `{name, addresses: [pattern…], actions: [action…], attributes: [name…], values: {name: pattern},
 * refuse, required}`: `*` in a pattern stands for
 * anything; actions are create, update, delete, replace, read, import and forget, and none of what is
 * there and stays as it is, which counts for what is required. */

/**
 * SlipTerraformReport:
 * @place: where in the list of rules, `[2].actions`
 * @message: what is wrong
 * @data: as given
 */
typedef void (*SlipTerraformReport) (const char *place, const char *message, gpointer data);

/**
 * slip_terraform_check_rules:
 * @rules: rules in a document
 * @report: told each fault
 * @data: for @report
 */
void slip_terraform_check_rules (JsonArray *rules, SlipTerraformReport report, gpointer data);

/**
 * SLIP_TERRAFORM_CONFIRMED:
 *
 * Whether a change of a summary is part of the plan that was confirmed before.
 */
#define SLIP_TERRAFORM_CONFIRMED "confirmed"

/**
 * slip_terraform_name_action:
 * @change: the `change` of a resource in a plan
 *
 * Returns: (transfer none) (nullable): what is done, as rules name it; %NULL for nothing
 */
const char *slip_terraform_name_action (JsonObject *change);

/**
 * slip_terraform_summarise:
 * @plan: what `terraform show -json` prints of a plan
 * @confirmed: (nullable): the same of a plan that was confirmed before
 *
 * Returns: (transfer full): `{address, type, action, attributes: [names that change], reason}` for
 *   each resource that is not left as it is, and with @confirmed %SLIP_TERRAFORM_CONFIRMED; values,
 *   which may be secrets, are left out
 */
JsonArray *slip_terraform_summarise (JsonObject *plan, JsonObject *confirmed);

/**
 * slip_terraform_judge:
 * @changes: a summary
 * @plan: (nullable): of which plan, as `terraform show -json` prints it: for rules about values
 * @rules: the rules
 * @strict: whether anything that no rule names is refused, not only deletions and replacements
 * @unexpected: (out) (transfer full): addresses and actions that no rule names
 * @error: return location
 *
 * Judges a plan. Each change gets a member `rule`, the name of the rule that allows it.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_FAILED, which names every resource that is the reason, when a
 *   rule refuses something, something is deleted or replaced that no rule allows, or what a rule
 *   requires is missing
 */
gboolean slip_terraform_judge (JsonArray *changes,
                               JsonObject *plan,
                               JsonArray *rules,
                               gboolean strict,
                               JsonArray **unexpected,
                               GError **error);

G_END_DECLS
