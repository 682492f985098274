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
 * Returns: (transfer none): `parameters`, `planning`, `plan` or `authorise`
 */
const char *slip_wizard_page_get_step (SlipWizardPage *self);

G_END_DECLS
