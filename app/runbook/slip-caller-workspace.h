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

G_END_DECLS
