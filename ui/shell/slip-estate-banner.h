/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_estate_banner_dup_text:
 * @workbench: a workbench
 * @shown: (nullable): the environment that is shown; %NULL on pages of none
 *
 * Returns: (transfer full) (nullable): that requests do not go to AWS itself, %NULL when they do
 */
char *slip_estate_banner_dup_text (SlipWorkbench *workbench, SlipEnvironment *shown);

G_END_DECLS
