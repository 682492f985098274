/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * SlipRunRename:
 * @account: the account it is in
 * @region: its region
 * @from: what the cluster was called
 * @to: what it is called now
 * @resource_id: its `DbClusterResourceId`, which no rename changes
 *
 * The renaming of a cluster.
 */
typedef struct
{
  const char *account;
  const char *region;
  const char *from;
  const char *to;
  const char *resource_id;
} SlipRunRename;

/**
 * slip_run_find_rename:
 * @ledger: an audit log
 * @asked: what is to be proven
 * @run: (out) (nullable): the run that did it; %NULL when no run did
 * @vouched: (out) (nullable): what people gave their word for in it, where nothing was counted or read: a
 *   sentence
 * @error: return location
 *
 * Looks for a run that came to its end and renamed just that cluster in it. A run that was cancelled or
 * failed proves nothing. Blocks for the disk. Any thread.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR or %SLIP_LEDGER_ERROR when it could not be told
 */
gboolean slip_run_find_rename (
    SlipLedger *ledger, const SlipRunRename *asked, char **run, char **vouched, GError **error);

/**
 * slip_run_find_rename_exported:
 * @path: an audit log of another workstation, or one run of it, exported as JSON Lines
 * @key: the public key that verifies it
 * @asked: what is to be proven
 * @run: (out) (nullable): the run that did it; %NULL when no run did
 * @vouched: (out) (nullable): as slip_run_find_rename()
 * @error: return location
 *
 * As slip_run_find_rename(), in a file that is verified first.
 *
 * Returns: %FALSE with %SLIP_VERIFY_ERROR, %SLIP_RUN_ERROR or %G_IO_ERROR when it could not be told
 */
gboolean slip_run_find_rename_exported (const char *path,
                                        const char *key,
                                        const SlipRunRename *asked,
                                        char **run,
                                        char **vouched,
                                        GError **error);

G_END_DECLS
