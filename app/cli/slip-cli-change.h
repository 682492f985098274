/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-client.h"
#include "slip-cli.h"
#include "slip-ledger.h"
#include "slip-open-call.h"

G_BEGIN_DECLS

/**
 * SlipCliChange:
 * @environment: (nullable): where; %NULL when nothing is written
 * @principal: (nullable): the STS ARN that acts
 * @call: the call
 * @effect: what it does
 * @ledger: (nullable): the audit log, from slip_cli_change_begin() on
 * @tag: (nullable): what CloudTrail shows of it
 * @lock: (nullable): held while it is sent
 * @seq: the entry of slip_cli_change_begin()
 *
 * One change that belongs to no run.
 */
typedef struct
{
  SlipEnvironment *environment;
  char *principal;
  const SlipAwsCall *call;
  SlipAwsEffect effect;
  SlipLedger *ledger;
  char *tag;
  SlipRunLock *lock;
  gint64 seq;
} SlipCliChange;

/**
 * slip_cli_change_allow:
 * @environment: where
 * @confirm: (nullable): what was given as `--confirm`
 *
 * Returns: %SLIP_CLI_OK, or another status when it must not be sent, which has been told
 */
int slip_cli_change_allow (SlipEnvironment *environment, const char *confirm);

/* Writes what is meant, and names it in @client's user agent. Nothing is sent when this fails. Tells of
 * earlier changes whose outcome is not known. */
gboolean
slip_cli_change_begin (SlipCliChange *change, SlipCli *cli, SlipAwsClient *client, GError **error);

/* Writes what came of it: @failure, or done. */
gboolean slip_cli_change_end (SlipCliChange *change, const GError *failure, GError **error);

void slip_cli_change_clear (SlipCliChange *change);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipCliChange, slip_cli_change_clear)

G_END_DECLS
