/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_MIGRATION_PAGE (slip_migration_page_get_type ())

/**
 * SlipMigrationPage:
 *
 * A migration's runs: each as a tree of stages, entities, steps and what became of rows, with what can be done:
 * run, run one stage again, stop, take back.
 */
G_DECLARE_FINAL_TYPE (SlipMigrationPage, slip_migration_page, SLIP, MIGRATION_PAGE, SlipPage)

/**
 * slip_migration_page_new:
 * @name: a migration of the workspace
 *
 * Returns: (transfer floating) (nullable): the page, %NULL when there is no such migration
 */
SlipPage *slip_migration_page_new (SlipWorkbench *workbench, const char *name);

G_END_DECLS
