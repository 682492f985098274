/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipFaultKind:
 * @SLIP_FAULT_THROTTLE: refuse with the service's throttling code
 * @SLIP_FAULT_ERROR_BEFORE: answer 500 or 503, nothing happened
 * @SLIP_FAULT_ERROR_AFTER: the change happens, the answer is 500 or 503
 * @SLIP_FAULT_DROP: close the connection, nothing happened
 * @SLIP_FAULT_DROP_AFTER: the change happens, then the connection is closed without an answer
 * @SLIP_FAULT_TRUNCATE: the change happens, the body ends half way
 * @SLIP_FAULT_EXPIRED_TOKEN: refuse with the service's expired-token code
 * @SLIP_FAULT_SLOW: answer late
 * @SLIP_FAULT_CLOCK_SKEW: the server's clock, as its Date header and its signature check see it, is off
 * @SLIP_FAULT_STUCK: a transition does not happen until the fault is removed
 * @SLIP_FAULT_FAIL: a transition ends in the resource's failed state
 */
typedef enum
{
  SLIP_FAULT_THROTTLE,
  SLIP_FAULT_ERROR_BEFORE,
  SLIP_FAULT_ERROR_AFTER,
  SLIP_FAULT_DROP,
  SLIP_FAULT_DROP_AFTER,
  SLIP_FAULT_TRUNCATE,
  SLIP_FAULT_EXPIRED_TOKEN,
  SLIP_FAULT_SLOW,
  SLIP_FAULT_CLOCK_SKEW,
  SLIP_FAULT_STUCK,
  SLIP_FAULT_FAIL,
} SlipFaultKind;

/**
 * SlipFault:
 * @id: its number, for removing it
 * @kind: what goes wrong
 * @service: (nullable): pattern of the service's model name
 * @operation: (nullable): pattern of the operation
 * @account: (nullable): the caller's, or the resource's, account
 * @region: (nullable): region
 * @principal: (nullable): pattern of the caller's ARN
 * @transition: (nullable): pattern of the transition's kind
 * @resource: (nullable): pattern of the resource's id
 * @skip: matching calls still to let pass
 * @times: how often it still happens; -1 until it is removed
 * @probability: 0 to 1
 * @seconds: of a delay or skew
 * @status: HTTP status of an error, 0 for the usual one
 * @code: (nullable): error code, %NULL for the usual one
 * @message: (nullable): error message, or why a transition failed
 * @hits: how often it has happened
 *
 * One fault. Patterns know `*` and `?`.
 */
typedef struct
{
  gint64 id;
  SlipFaultKind kind;
  char *service;
  char *operation;
  char *account;
  char *region;
  char *principal;
  char *transition;
  char *resource;
  gint64 skip;
  gint64 times;
  double probability;
  double seconds;
  guint status;
  char *code;
  char *message;
  gint64 hits;
} SlipFault;

/**
 * SlipFaults:
 *
 * The faults that are set now. Not durable: a server that starts again has those of its scenario
 * that were not used up only when it says so again. Main thread.
 */
typedef struct _SlipFaults SlipFaults;

SlipFaults *slip_faults_new (void);
void slip_faults_free (SlipFaults *faults);

/**
 * slip_faults_check:
 * @object: a fault's description, see data/rehearsal/README.md
 * @error: return location
 *
 * Returns: whether @object describes a fault; %SLIP_REHEARSAL_ERROR_FAULT names the member otherwise
 */
gboolean slip_faults_check (JsonObject *object, GError **error);

/**
 * slip_faults_add:
 *
 * Returns: the new fault's id, or 0 with %SLIP_REHEARSAL_ERROR_FAULT
 */
gint64 slip_faults_add (SlipFaults *faults, JsonObject *object, GError **error);

/**
 * slip_faults_remove:
 * @id: a fault's id, or 0 for all
 *
 * Returns: how many were removed
 */
guint slip_faults_remove (SlipFaults *faults, gint64 id);

/**
 * slip_faults_match_call:
 * @kind: the kind asked for
 *
 * Counts a matching call: uses up one of the fault's `times`.
 *
 * Returns: (transfer none) (nullable): the fault of @kind that strikes this call, valid until the
 *   next call of this folder's functions
 */
const SlipFault *slip_faults_match_call (SlipFaults *faults,
                                         SlipFaultKind kind,
                                         const char *service,
                                         const char *operation,
                                         const char *account,
                                         const char *region,
                                         const char *principal);

/**
 * slip_faults_match_transition:
 * @kind: %SLIP_FAULT_STUCK or %SLIP_FAULT_FAIL
 *
 * A stuck fault is not used up by this.
 *
 * Returns: (transfer none) (nullable): the fault that strikes this transition
 */
const SlipFault *slip_faults_match_transition (SlipFaults *faults,
                                               SlipFaultKind kind,
                                               const SlipTransition *transition);

/**
 * slip_faults_get_skew:
 *
 * Returns: seconds that the server's clock is ahead, negative when behind
 */
double slip_faults_get_skew (SlipFaults *faults);

/**
 * slip_faults_to_json:
 *
 * Returns: (transfer full): all faults, with how often each struck
 */
JsonArray *slip_faults_to_json (SlipFaults *faults);

const char *slip_fault_kind_name (SlipFaultKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipFaults, slip_faults_free)

G_END_DECLS
