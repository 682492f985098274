/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * slip_trail_new_question:
 * @resource: a resource's name, as CloudTrail has it
 *
 * Returns: (transfer full): the input of CloudTrail's LookupEvents for the events of @resource
 */
JsonNode *slip_trail_new_question (const char *resource);

/**
 * slip_trail_describe_last_change:
 * @answer: (nullable): what LookupEvents answered
 * @refused: (nullable): why it, or a part of it, did not
 * @ledger: (nullable): the audit log
 * @run: (nullable): a run of @ledger, whose own calls are not meant
 * @since: when what it is held against was read, microseconds since 1970; what was done before is nobody's
 *   change of it. 0 when that is not known
 *
 * What was refused changed nothing, and is passed over, too. A run's own calls are known by their request ids. Where AWS
 * or a program of others made more of them, only the user agent says so, as anybody's can: that is told when nothing else
 * changed it.
 *
 * Returns: (transfer full): a sentence that names the last change and whose it was, or says that it is
 *   not known: CloudTrail takes up to a quarter of an hour, or could not be asked
 */
char *slip_trail_describe_last_change (
    JsonNode *answer, const GError *refused, SlipLedger *ledger, const char *run, gint64 since);

G_END_DECLS
