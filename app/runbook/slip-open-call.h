/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-ledger.h"
#include "slip-run-lock.h"

G_BEGIN_DECLS

/* Kinds of entries of a change that belongs to no run. */
#define SLIP_CALL_INTENT_KIND "call.intent"
#define SLIP_CALL_OUTCOME_KIND "call.outcome"
#define SLIP_CALL_SETTLED_KIND "call.settled"

/* The outcome that leaves a call open: it was sent, and no answer told what became of it. */
#define SLIP_CALL_OUTCOME_UNKNOWN "unknown"

/**
 * SlipOpenCall:
 * @seq: the entry that says what was meant
 * @time: when, microseconds since 1970
 * @actor: (nullable): `user@host as ARN`
 * @environment: (nullable): where
 * @account: (nullable): its account
 * @region: (nullable): the region
 * @service: the service
 * @operation: the operation
 * @request: (nullable): its input, redacted
 * @tag: (nullable): what CloudTrail shows of it in the user agent; %NULL for entries of earlier versions
 * @lost: whether its process lived on without an answer that told the outcome; else it was killed
 * @in_flight: whether the process that sends it lives
 *
 * A change that belongs to no run, `slipwayctl aws --allow-change`, of which the audit log has no outcome,
 * or has %SLIP_CALL_OUTCOME_UNKNOWN.
 */
typedef struct
{
  gint64 seq;
  gint64 time;
  char *actor;
  char *environment;
  char *account;
  char *region;
  char *service;
  char *operation;
  JsonNode *request;
  char *tag;
  gboolean lost;
  gboolean in_flight;
} SlipOpenCall;

void slip_open_call_free (SlipOpenCall *call);
SlipOpenCall *slip_open_call_copy (const SlipOpenCall *call);

/**
 * slip_open_call_new_tag:
 *
 * Returns: (transfer full): a tag that no other call has
 */
char *slip_open_call_new_tag (void);

/**
 * slip_open_call_lock:
 * @ledger: the ledger
 * @tag: a call's tag
 * @error: return location
 *
 * Held by whoever sends the call, or settles it.
 *
 * Returns: (transfer full): the lock, or %NULL with %SLIP_RUN_ERROR_BUSY
 */
SlipRunLock *slip_open_call_lock (SlipLedger *ledger, const char *tag, GError **error);

/**
 * slip_open_call_list:
 * @ledger: the ledger
 * @error: return location
 *
 * Blocks for the disk. Any thread.
 *
 * Returns: (transfer full) (element-type SlipOpenCall): oldest first; %NULL with %SLIP_LEDGER_ERROR
 */
GPtrArray *slip_open_call_list (SlipLedger *ledger, GError **error);

/**
 * slip_open_call_tell:
 *
 * Returns: (transfer full): what it is, and that its outcome is not known
 */
char *slip_open_call_tell (const SlipOpenCall *call);

/**
 * slip_open_call_describe:
 *
 * Returns: (transfer full): slip_open_call_tell(), and the way out from a command line
 */
char *slip_open_call_describe (const SlipOpenCall *call);

/**
 * SlipOpenCallFate:
 * @SLIP_OPEN_CALL_UNKNOWN: it cannot be told
 * @SLIP_OPEN_CALL_DID: AWS took it
 *
 * That it did not happen is for a person to say: no event proves it.
 */
typedef enum
{
  SLIP_OPEN_CALL_UNKNOWN,
  SLIP_OPEN_CALL_DID,
} SlipOpenCallFate;

/**
 * slip_open_call_look:
 * @call: a call
 * @caller: the way to AWS
 * @fate: (out): what became of it
 * @why: (out): one sentence: what tells it, or why it cannot be told
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Looks for the call in CloudTrail (LookupEvents), by its name, its time and the tag in its user agent.
 * That CloudTrail does not show it proves nothing: it takes a quarter of an hour. Nor does an event with
 * an error: the call may have been sent more than once under its tag, and the event of the sending that
 * was accepted may come later. Reads at most some thousand events. Blocks.
 *
 * Returns: %FALSE with an error when AWS could not be asked
 */
gboolean slip_open_call_look (const SlipOpenCall *call,
                              SlipCaller *caller,
                              SlipOpenCallFate *fate,
                              char **why,
                              GCancellable *cancellable,
                              GError **error);

/**
 * slip_open_call_settle:
 * @call: a call
 * @ledger: the ledger
 * @did: whether it did happen
 * @how: `cloudtrail` or `stated`
 * @text: (nullable): what tells it; redacted
 * @error: return location
 *
 * Writes what became of the call. From then on it is not open.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_BUSY while it is in flight or settled by another, or with
 *   %SLIP_LEDGER_ERROR
 */
gboolean slip_open_call_settle (const SlipOpenCall *call,
                                SlipLedger *ledger,
                                gboolean did,
                                const char *how,
                                const char *text,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipOpenCall, slip_open_call_free)

G_END_DECLS
