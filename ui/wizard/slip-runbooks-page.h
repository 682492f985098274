/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUNBOOKS_PAGE (slip_runbooks_page_get_type ())

/**
 * SlipRunbooksPage:
 *
 * All runbooks, each with what it does and a button that starts its wizard; and the documents that
 * could not be read, with every fault.
 */
G_DECLARE_FINAL_TYPE (SlipRunbooksPage, slip_runbooks_page, SLIP, RUNBOOKS_PAGE, SlipPage)

SlipPage *slip_runbooks_page_new (SlipWorkbench *workbench);

G_END_DECLS
