/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ENVIRONMENT_PAGE (slip_environment_page_get_type ())

/**
 * SlipEnvironmentPage:
 *
 * What an environment is: account, role, regions, endpoint; and who AWS says we are in it.
 */
G_DECLARE_FINAL_TYPE (SlipEnvironmentPage, slip_environment_page, SLIP, ENVIRONMENT_PAGE, SlipPage)

SlipPage *slip_environment_page_new (SlipWorkbench *workbench, SlipEnvironment *environment);

G_END_DECLS
