/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-cli.h"
#include "slip-ledger.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipCliMigrateLog:
 * @ledger: (nullable): the audit log; %NULL when nothing is written
 * @operation: `migration:run`, `migration:stage`, `migration:undo`
 * @seq: the entry of slip_cli_migrate_log_begin()
 *
 * What stands in the audit log of a migration that belongs to no runbook.
 */
typedef struct
{
  SlipLedger *ledger;
  char *operation;
  gint64 seq;
} SlipCliMigrateLog;

/* Writes what is meant: @operation (`run`), and @request (transfer full), whose members `migrationDatabase` and
 * `targetDatabase` are words of libpq or URIs and become where they lead, without what opens it. Nothing may be done
 * when it fails. */
gboolean slip_cli_migrate_log_begin (SlipCliMigrateLog *log,
                                     SlipCli *cli,
                                     const char *operation,
                                     JsonObject *request,
                                     GError **error);

/* Writes what came of it: @failure, or done, and @result (transfer full). */
gboolean slip_cli_migrate_log_end (SlipCliMigrateLog *log,
                                   const GError *failure,
                                   JsonObject *result,
                                   GError **error);

void slip_cli_migrate_log_clear (SlipCliMigrateLog *log);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipCliMigrateLog, slip_cli_migrate_log_clear)

G_END_DECLS
