/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipMigrationLog:
 * @ledger: (nullable): the audit log; %NULL when nothing is written
 * @operation: `migration:run`, `migration:stage`, `migration:undo`, `migration:report`
 * @seq: the entry of slip_migration_log_begin()
 *
 * What stands in the audit log of a migration that belongs to no runbook.
 */
typedef struct
{
  SlipLedger *ledger;
  char *operation;
  gint64 seq;
} SlipMigrationLog;

/**
 * slip_migration_log_begin:
 * @log: a log that is all zeros
 * @ledger: the audit log
 * @operation: `run`, `stage`, `undo`, `report`
 * @request: (transfer full): what is meant; its members `migrationDatabase` and `targetDatabase` are words of libpq or
 *   URIs, and become where they lead, without what opens it
 * @error: return location
 *
 * Writes what is meant. Blocks.
 *
 * Returns: whether it is written; nothing may be done when it is not
 */
gboolean slip_migration_log_begin (SlipMigrationLog *log,
                                   SlipLedger *ledger,
                                   const char *operation,
                                   JsonObject *request,
                                   GError **error);

/**
 * slip_migration_log_is_same_database:
 * @one: words of libpq, or a URI
 * @other: the same of another
 *
 * Nobody is asked: an alias of a server, or a service, is another one here.
 *
 * Returns: whether both lead to one database, whoever opens it
 */
gboolean slip_migration_log_is_same_database (const char *one, const char *other);

/**
 * slip_migration_log_check:
 * @ledger: the audit log
 * @environment: (nullable): the environment whose databases the migration works in; without one nothing can be told
 * @error: return location
 *
 * Whether a migration may begin, or be taken back, now: rows that go in or out beside a run that still brings databases back,
 * makes or swaps them, or migrates into them, are lost with it or spoil what it made. Blocks.
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_STATE, which names the run and the ways out, when one is not through
 */
gboolean slip_migration_log_check (SlipLedger *ledger, const char *environment, GError **error);

/**
 * slip_migration_log_end:
 * @log: a log; one that was not begun is left
 * @failure: (nullable): why it failed; %NULL when it is done
 * @result: (transfer full): what came of it
 * @error: return location
 *
 * Writes what came of it. Blocks.
 *
 * Returns: whether it is written
 */
gboolean slip_migration_log_end (SlipMigrationLog *log,
                                 const GError *failure,
                                 JsonObject *result,
                                 GError **error);

void slip_migration_log_clear (SlipMigrationLog *log);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipMigrationLog, slip_migration_log_clear)

G_END_DECLS
