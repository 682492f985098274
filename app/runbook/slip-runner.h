/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-clock.h"
#include "slip-job.h"
#include "slip-run.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUNNER (slip_runner_get_type ())

/**
 * SlipRunner:
 *
 * Executes one run on a worker thread: intent into the ledger, call, outcome into the ledger. One
 * process at a time executes a run. Thread-safe.
 */
G_DECLARE_FINAL_TYPE (SlipRunner, slip_runner, SLIP, RUNNER, GObject)

/**
 * SlipRunnerControl:
 * @SLIP_RUNNER_APPROVE: approve the run; `text` is the plan's hash
 * @SLIP_RUNNER_COSIGN: a second person approves the plan too; `text` is what slip_cosign_make() wrote.
 *   Blocks for STS, which says who that is
 *   Where a step waits for a second person it is taken as the next
 * @SLIP_RUNNER_COSIGN_STEP: a second person vouches for what a step asks; `text` is what
 *   slip_cosign_make_for_step() wrote
 * @SLIP_RUNNER_CONFIRM: a step's typed confirmation; `text` is what was typed
 * @SLIP_RUNNER_ATTEST: a person attests what a step asks; `text` is a note
 * @SLIP_RUNNER_APPROVE_STEP: approve an `aws:approve` step; `text` is a note
 * @SLIP_RUNNER_REJECT_STEP: reject an `aws:approve` step; `text` is a note
 * @SLIP_RUNNER_DECIDE_DID: the unknown change of a step did happen; `text` is a note
 * @SLIP_RUNNER_DECIDE_DID_NOT: it did not happen
 * @SLIP_RUNNER_PAUSE: pause after the current call
 * @SLIP_RUNNER_RESUME: go on after a pause, sign-in or failure
 * @SLIP_RUNNER_CANCEL: stop after the current call; AWS goes on with what was begun
 *
 * What a person can tell a run. Each is an entry in the ledger first, so that it reaches the run
 * also when another process executes it.
 */
typedef enum
{
  SLIP_RUNNER_APPROVE,
  SLIP_RUNNER_COSIGN,
  SLIP_RUNNER_COSIGN_STEP,
  SLIP_RUNNER_CONFIRM,
  SLIP_RUNNER_ATTEST,
  SLIP_RUNNER_APPROVE_STEP,
  SLIP_RUNNER_REJECT_STEP,
  SLIP_RUNNER_DECIDE_DID,
  SLIP_RUNNER_DECIDE_DID_NOT,
  SLIP_RUNNER_PAUSE,
  SLIP_RUNNER_RESUME,
  SLIP_RUNNER_CANCEL,
} SlipRunnerControl;

/**
 * slip_runner_new:
 * @workspace: (transfer none): where the run's environments are looked up
 * @ledger: (transfer none): the ledger that holds the run
 * @run_id: the run
 *
 * Returns: (transfer full): a runner that has not started
 */
SlipRunner *slip_runner_new (SlipWorkspace *workspace, SlipLedger *ledger, const char *run_id);
const char *slip_runner_get_run_id (SlipRunner *self);

/**
 * slip_runner_set_hold:
 * @self: a runner
 * @hold: whether the worker stays and waits when a person is needed (the window), or ends with
 *   %SLIP_RUN_ERROR_NEEDS_PERSON (the command line; the default)
 */
void slip_runner_set_hold (SlipRunner *self, gboolean hold);

/**
 * slip_runner_start:
 * @self: a runner
 *
 * Begins the run, or goes on with it where the ledger says it stopped, on a worker thread. While it
 * already does, returns the job that is under way.
 *
 * Returns: (transfer full): the job; ends in %SLIP_JOB_DONE when the run is done, else with an error
 *   of %SLIP_RUN_ERROR or %SLIP_AWS_ERROR
 */
SlipJob *slip_runner_start (SlipRunner *self);

/**
 * slip_runner_ref_job:
 *
 * Returns: (transfer full) (nullable): the job of the last start
 */
SlipJob *slip_runner_ref_job (SlipRunner *self);

/**
 * slip_runner_control:
 * @self: a runner
 * @control: what the person says
 * @step: (nullable): the step it is about; what answers a guard has the name of the question that was
 *   read, as slip_run_dup_need_name() gave it, and answers no other that was asked since
 * @text: (nullable): see #SlipRunnerControl
 * @error: return location
 *
 * Writes it into the ledger and wakes the worker. Blocks for the disk, and for an approval also for
 * sts:GetCallerIdentity, whose ARN goes into the entry.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_REFUSED when it does not fit the run's state or is not what
 *   was asked for
 */
gboolean slip_runner_control (SlipRunner *self,
                              SlipRunnerControl control,
                              const char *step,
                              const char *text,
                              GError **error);
void slip_runner_control_async (SlipRunner *self,
                                SlipRunnerControl control,
                                const char *step,
                                const char *text,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean slip_runner_control_finish (SlipRunner *self, GAsyncResult *result, GError **error);

G_END_DECLS
