/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-parameter-form.h"
#include "slip-runbook.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_global_offer_attach:
 * @workbench: whose lists are used
 * @runbook: the runbook of @form
 * @form: its parameters, with what the wizard was opened on
 *
 * Where the runbook chooses a cluster snapshot, and offers itself on global clusters too: offers the global cluster
 * whose member the snapshot's cluster is, below the field that takes it, as long as @form lives. It does not fill it in:
 * what is destroyed is chosen by a person. Where no global cluster has that cluster, the field says so.
 */
void
slip_global_offer_attach (SlipWorkbench *workbench, SlipRunbook *runbook, SlipParameterForm *form);

G_END_DECLS
