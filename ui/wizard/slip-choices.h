/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-runbook.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_choices_has:
 * @parameter: a parameter
 *
 * Returns: whether there is something to pick its value from
 */
gboolean slip_choices_has (SlipRunbookParameter *parameter);

/**
 * slip_choices_is_point:
 * @parameter: a parameter
 *
 * Returns: whether it chooses the moment whose data come back: a snapshot or a recovery point
 */
gboolean slip_choices_is_point (SlipRunbookParameter *parameter);

/**
 * slip_choices_get_list:
 * @workbench: whose lists are used
 * @environment: where
 * @parameter: a parameter that chooses what an environment holds
 *
 * Begins to list when that was not listed.
 *
 * Returns: (transfer none) (nullable): the list in which its values are
 */
SlipEstateList *slip_choices_get_list (SlipWorkbench *workbench,
                                       SlipEnvironment *environment,
                                       SlipRunbookParameter *parameter);

/**
 * slip_choices_find:
 * @list: of slip_choices_get_list()
 * @parameter: the parameter
 * @value: a value of it
 *
 * Returns: (transfer none) (nullable): what @value names, as far as it was listed
 */
SlipResource *
slip_choices_find (SlipEstateList *list, SlipRunbookParameter *parameter, const char *value);

/**
 * slip_choices_list_async:
 * @workbench: whose lists are used
 * @runbook: the runbook
 * @parameter: one of its parameters
 * @environment: where it acts
 * @parameters: values given so far
 * @callback: called with the choices
 * @user_data: for @callback
 *
 * Finds what a parameter can be: its own suggestions, clusters and snapshots that were listed,
 * accounts of the workspace, or what the parameter's own call lists.
 */
void slip_choices_list_async (SlipWorkbench *workbench,
                              SlipRunbook *runbook,
                              SlipRunbookParameter *parameter,
                              SlipEnvironment *environment,
                              JsonObject *parameters,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/**
 * slip_choices_finish:
 *
 * Returns: (transfer full) (nullable): an array of objects `{value, title}`
 */
JsonArray *slip_choices_finish (GAsyncResult *result, GError **error);

G_END_DECLS
