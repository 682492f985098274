/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_bench_migration:
 * @entities: how many mappings and measures the lists hold afterwards
 *
 * Measures how long the main loop stands while the club's migration runs and its pages are gone through, and while they
 * show lists of @entities.
 *
 * Returns: an exit status; 77 where there is no display or no PostgreSQL
 */
int slip_bench_migration (guint entities);

G_END_DECLS
