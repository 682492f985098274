/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-cosign-group.h"
#include "slip-plan.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_AUTHORISE (slip_authorise_get_type ())

/**
 * SlipAuthorise:
 *
 * What stands before every run, in the wizard and for a run planned earlier: what the plan changes and
 * where, what of it cannot be undone, the hash that is approved, and everything that must be said at
 * approval: text typed for what is destroyed, attestations. Signal: `changed`.
 */
G_DECLARE_FINAL_TYPE (SlipAuthorise, slip_authorise, SLIP, AUTHORISE, AdwBin)

GtkWidget *slip_authorise_new (void);

/**
 * slip_authorise_set_plan:
 * @self: the page
 * @workbench: where a cosignature is verified
 * @plan: (nullable): the plan
 * @environment: where it acts
 */
void slip_authorise_set_plan (SlipAuthorise *self,
                              SlipWorkbench *workbench,
                              SlipPlan *plan,
                              SlipEnvironment *environment);

/**
 * slip_authorise_is_waiting:
 *
 * Returns: whether the plan needs a second person whose cosignature is not here: it can be approved,
 *   and does not run before that
 */
gboolean slip_authorise_is_waiting (SlipAuthorise *self);

/**
 * slip_authorise_get_cosign:
 *
 * Returns: (transfer none) (nullable): what takes the cosignature; %NULL when one person is enough
 */
SlipCosignGroup *slip_authorise_get_cosign (SlipAuthorise *self);

/**
 * slip_authorise_is_ready:
 *
 * Returns: whether everything that must be said was said
 */
gboolean slip_authorise_is_ready (SlipAuthorise *self);

/**
 * slip_authorise_start_async:
 * @self: the page, ready
 * @workbench: where the run goes
 * @run_id: (nullable): the run that was planned earlier; %NULL makes a new one
 * @callback: called when the run exists and is approved
 * @user_data: for @callback
 *
 * Writes the plan into the ledger, approves its hash, and says what was said of its steps.
 */
void slip_authorise_start_async (SlipAuthorise *self,
                                 SlipWorkbench *workbench,
                                 const char *run_id,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/**
 * slip_authorise_start_finish:
 *
 * Returns: (transfer full) (nullable): the run's id
 */
char *slip_authorise_start_finish (GAsyncResult *result, GError **error);

G_END_DECLS
