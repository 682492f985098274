/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-key-kinds.h"
#include "slip-resource.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RESOURCE_DETAILS (slip_resource_details_get_type ())

/**
 * SlipResourceDetails:
 *
 * The details of one resource: what matters first, what can be begun from it, then all fields, tags,
 * whom it is shared with, and the API's own answer. Signal `open` (page id).
 */
G_DECLARE_FINAL_TYPE (SlipResourceDetails, slip_resource_details, SLIP, RESOURCE_DETAILS, AdwBin)

GtkWidget *slip_resource_details_new (SlipWorkbench *workbench, SlipKeyKinds *keys);

/**
 * slip_resource_details_set_resource:
 * @self: a details pane
 * @resource: (nullable): what to show
 */
void slip_resource_details_set_resource (SlipResourceDetails *self, SlipResource *resource);

/**
 * slip_resource_dup_wizard_page:
 * @resource: where it was begun
 * @runbook: what to begin
 *
 * Returns: (transfer full) (nullable): the wizard's page id with the parameters that @resource gives; of what a step
 *   destroys the wizard only offers it. %NULL when the runbook is not about such a resource
 */
char *slip_resource_dup_wizard_page (SlipResource *resource, SlipRunbook *runbook);

G_END_DECLS
