/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"
#include "slip-run-caller.h"
#include "slip-run-fold.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/* The second pair of eyes: another engineer approves a plan's hash, or vouches for what one of its steps
 * asks while it waits, on this machine or on a workstation
 * of their own, and proves with AWS's help who they are. */

#define SLIP_COSIGN_SCHEMA "org.slipway.cosignature/1"
#define SLIP_COSIGN_STEP_SCHEMA "org.slipway.step-cosignature/1"
#define SLIP_COSIGN_MAX_BYTES (64 * 1024)

/**
 * slip_cosign_read_file:
 * @path: a file
 * @error: return location
 *
 * Returns: (transfer full): what the file holds, for slip_cosign_verify(); %NULL with
 *   %SLIP_RUN_ERROR_REFUSED when it is too large for a cosignature, as a plan is, or with the file's
 *   error
 */
char *slip_cosign_read_file (const char *path, GError **error);

/**
 * slip_cosign_make:
 * @workspace: the second engineer's workspace
 * @plan: the plan that they have read
 * @environment: (nullable): the environment of @workspace whose credentials vouch; %NULL for the one
 *   that the plan names
 * @cancellable: (nullable): ends the fetch of credentials
 * @error: return location
 *
 * Makes a cosignature: JSON with the plan's hash and a proof of identity that is bound to it and holds
 * for 15 minutes (slip_aws_proof_make()). Whoever has it can say for that time that this plan was
 * approved, and nothing else. Changes nothing. Blocks.
 *
 * Returns: (transfer full): the text of the file to hand over; %NULL with
 *   %SLIP_RUNBOOK_ERROR_PLAN when a guard blocks the plan or the environment is of another account,
 *   %SLIP_ESTATE_ERROR_ENVIRONMENT when the workspace lacks it, or %SLIP_AWS_ERROR
 */
char *slip_cosign_make (SlipWorkspace *workspace,
                        SlipPlan *plan,
                        const char *environment,
                        GCancellable *cancellable,
                        GError **error);

/**
 * SlipCosignQuestion:
 * @run: the run
 * @step: the step at which it waits; a turn of a loop has its number
 * @says: what is vouched for, with its values filled in
 * @after: SHA-256 of the run's last entry before it was asked, so that nobody can answer beforehand
 *
 * What a second person is asked before a step. All members are borrowed.
 */
typedef struct
{
  const char *run;
  const char *step;
  const char *says;
  const char *after;
} SlipCosignQuestion;

/**
 * slip_cosign_question_digest:
 * @plan: the run's plan
 * @question: what is asked
 *
 * Returns: (transfer full): SHA-256, in hex, of canonical JSON of the plan's hash and all of @question
 */
char *slip_cosign_question_digest (SlipPlan *plan, const SlipCosignQuestion *question);

/**
 * slip_cosign_check_question:
 * @plan: the plan as the second engineer has it
 * @question: what they were told
 * @error: return location
 *
 * Whether @plan asks for a second person at that step, and for this: what is between the values is as the
 * plan has it. Changes nothing.
 *
 * Returns: %FALSE with %SLIP_RUNBOOK_ERROR_PLAN when it does not
 */
gboolean
slip_cosign_check_question (SlipPlan *plan, const SlipCosignQuestion *question, GError **error);

/**
 * slip_cosign_make_for_step:
 * @workspace: the second engineer's workspace
 * @plan: the run's plan
 * @question: what they vouch for
 * @environment: (nullable): as for slip_cosign_make()
 * @cancellable: (nullable): ends the fetch of credentials
 * @error: return location
 *
 * As slip_cosign_make(), for one step of one run. The proof is bound to the plan's hash, the step and the
 * question's digest, so that it serves for nothing else, nor a plan's cosignature for it. Blocks.
 *
 * Returns: (transfer full): the text of the file to hand over; %NULL as for slip_cosign_make() and
 *   slip_cosign_check_question()
 */
char *slip_cosign_make_for_step (SlipWorkspace *workspace,
                                 SlipPlan *plan,
                                 const SlipCosignQuestion *question,
                                 const char *environment,
                                 GCancellable *cancellable,
                                 GError **error);

/**
 * SlipCosignature:
 * @identity: who AWS says made it
 * @made_us: when, microseconds since 1970
 * @sha256: digest of the proof's signature; the proof itself is not kept
 * @said_by: (nullable): the user and host that it names, which nobody proves
 *
 * A cosignature that was found good.
 */
typedef struct
{
  SlipAwsIdentity *identity;
  gint64 made_us;
  char *sha256;
  char *said_by;
} SlipCosignature;

void slip_cosignature_free (SlipCosignature *cosignature);

/**
 * slip_cosign_verify:
 * @caller: reaches STS where the plan's environment does
 * @plan: the plan
 * @text: a cosignature's JSON
 * @ours: (nullable): the STS ARN of the engineer who has the run; must not be that of the cosignature
 * @cancellable: (nullable): ends the call
 * @error: return location
 *
 * Asks STS who made it. Blocks.
 *
 * Returns: (transfer full): the cosignature; %NULL with %SLIP_RUN_ERROR_REFUSED when it is for another
 *   plan, too old, altered, of the same principal or of another account, or with %SLIP_AWS_ERROR
 *   when STS cannot be asked
 */
SlipCosignature *slip_cosign_verify (SlipRunCaller *caller,
                                     SlipPlan *plan,
                                     const char *text,
                                     const char *ours,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * slip_cosign_verify_for_step:
 * @caller: as for slip_cosign_verify()
 * @plan: the run's plan
 * @question: what the run asks
 * @text: a cosignature's JSON
 * @ours: the STS ARN of who gave their word already
 * @cancellable: (nullable): ends the call
 * @error: return location
 *
 * As slip_cosign_verify(), for what slip_cosign_make_for_step() made.
 *
 * Returns: (transfer full): the cosignature; %NULL as for slip_cosign_verify(), also when it is for another
 *   step, run or sentence
 */
SlipCosignature *slip_cosign_verify_for_step (SlipRunCaller *caller,
                                              SlipPlan *plan,
                                              const SlipCosignQuestion *question,
                                              const char *text,
                                              const char *ours,
                                              GCancellable *cancellable,
                                              GError **error);

/**
 * slip_cosign_is_recorded:
 * @fold: a run
 * @text: (nullable): a cosignature's JSON, or anything else
 *
 * Whoever was interrupted behind the entry gives the same file again. Asks nobody and proves nothing: whether
 * what is recorded counts the engine decides, as it did.
 *
 * Returns: whether the run's ledger holds just this proof, for what @text says that it is for: the plan, or the
 *   question that a step asks
 */
gboolean slip_cosign_is_recorded (SlipRunFold *fold, const char *text);

/**
 * slip_cosign_check_unused:
 * @ledger: the audit log
 * @run: (nullable): the run that it is for, which may have it already; %NULL when none may
 * @sha256: digest of the cosignature's proof
 * @before: only entries before this sequence number count; 0 for all
 * @error: return location
 *
 * A plan's proof holds for 15 minutes and for any run of its plan; it must serve one run only. A step's
 * must serve once.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_REFUSED when another run has it, or with %SLIP_LEDGER_ERROR
 */
gboolean slip_cosign_check_unused (
    SlipLedger *ledger, const char *run, const char *sha256, gint64 before, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCosignature, slip_cosignature_free)

G_END_DECLS
