/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-parameter-form.h"
#include "slip-plan.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_WIZARD_PAGE (slip_wizard_page_get_type ())

/**
 * SlipWizardPage:
 *
 * From a runbook to a run: parameters, plan, authorisation. Every page is built from the document; the
 * wizard knows no procedure. Changing a parameter makes the plan invalid, and it is planned anew.
 */
G_DECLARE_FINAL_TYPE (SlipWizardPage, slip_wizard_page, SLIP, WIZARD_PAGE, SlipPage)

/**
 * slip_wizard_page_new:
 * @workbench: where runbooks and environments come from
 * @argument: `NAME?environment=production&Parameter=value`
 *
 * Returns: (transfer floating) (nullable): the wizard, %NULL when there is no such runbook
 */
SlipPage *slip_wizard_page_new (SlipWorkbench *workbench, const char *argument);

/**
 * slip_wizard_page_new_for_file:
 * @workbench: where environments come from and the run goes
 * @path: a plan's file
 *
 * The wizard from its second step on, with a plan that was made before, here or by `slipwayctl plan`.
 *
 * Returns: (transfer floating): the page, which reads the file
 */
SlipPage *slip_wizard_page_new_for_file (SlipWorkbench *workbench, const char *path);

/**
 * slip_wizard_page_get_form:
 *
 * Returns: (transfer none) (nullable): the form, %NULL when the plan comes from a file
 */
SlipParameterForm *slip_wizard_page_get_form (SlipWizardPage *self);

/**
 * slip_wizard_page_get_plan:
 *
 * Returns: (transfer none) (nullable): the plan that is shown
 */
SlipPlan *slip_wizard_page_get_plan (SlipWizardPage *self);

/**
 * slip_wizard_page_get_step:
 *
 * Returns: (transfer none): `parameters`, `planning`, `plan` `authorise`, or `failed`
 */
const char *slip_wizard_page_get_step (SlipWizardPage *self);

G_END_DECLS
