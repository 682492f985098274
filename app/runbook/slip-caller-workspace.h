/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/**
 * slip_caller_new_for_workspace:
 * @workspace: a workspace
 *
 * A caller that reads through the environments' browsing clients, which stay read-only.
 *
 * Returns: (transfer full): a caller
 */
SlipCaller *slip_caller_new_for_workspace (SlipWorkspace *workspace);

/**
 * slip_caller_workspace_dup_settings:
 * @workspace: a workspace
 * @environment: one of its environments
 *
 * What procedures there take as settings: those of the environment, and from the workspace's migration in it what that takes for
 * today, as `migration.run_date`, unless they say so themselves.
 *
 * Returns: (transfer full): the settings, which are not to be changed
 */
JsonObject *slip_caller_workspace_dup_settings (SlipWorkspace *workspace,
                                                SlipEnvironment *environment);

G_END_DECLS
