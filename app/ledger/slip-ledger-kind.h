/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * SLIP_LEDGER_KIND_MAY_BE:
 *
 * The function of SQL that slip_ledger_kind_add_function() adds: whether the entry with this body may be of a kind,
 * which is given as slip_ledger_kind_dup_text() tells it.
 */
#define SLIP_LEDGER_KIND_MAY_BE "slip_may_be_of_kind"

/**
 * slip_ledger_kind_add_function:
 *
 * Adds %SLIP_LEDGER_KIND_MAY_BE for the statements on this connection; nothing that stands in the file may call it.
 *
 * Returns: a result code of SQLite
 */
int slip_ledger_kind_add_function (sqlite3 *db);

/**
 * slip_ledger_kind_dup_text:
 * @kind: a kind; `step.*` stands for all kinds that begin with `step.`
 *
 * Returns: (transfer full): what the canonical text of each entry of that kind holds
 */
char *slip_ledger_kind_dup_text (const char *kind);

G_END_DECLS
