/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_MIGRATIONS_PAGE (slip_migrations_page_get_type ())

/**
 * SlipMigrationsPage:
 *
 * The migrations of the workspace, with the state of each one's latest run; how to add one where there is none.
 */
G_DECLARE_FINAL_TYPE (SlipMigrationsPage, slip_migrations_page, SLIP, MIGRATIONS_PAGE, SlipPage)

SlipPage *slip_migrations_page_new (SlipWorkbench *workbench);

G_END_DECLS
