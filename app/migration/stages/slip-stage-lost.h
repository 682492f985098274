/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

G_BEGIN_DECLS

/* Columns that tables of the target had when a run was loaded, and have no more: whoever works on these rows later asks before. */

/* Rows of table, column, and what the table is now, in words. The manifest is there; older ones say nothing of columns. */
SlipPgRows *slip_stage_lost_ask (SlipPg *target, const char *token, GError **error);

/* Of row @i: "people.risklevel (table people has riskgrade since)". */
char *slip_stage_lost_dup_text (const SlipPgRows *lost, guint i);

/* Whether @sql has both the names of row @i among its words. */
gboolean slip_stage_lost_is_named (const SlipPgRows *lost, guint i, const char *sql);

G_END_DECLS
