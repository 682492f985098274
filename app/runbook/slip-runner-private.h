/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-run-caller.h"
#include "slip-run-fold.h"
#include "slip-runner.h"

G_BEGIN_DECLS

/**
 * slip_runner_new_with_callers:
 * @ledger: the ledger
 * @run_id: the run
 * @caller: the run's way to AWS
 * @reader: (nullable): the guards' way to AWS; %NULL leaves guards out
 *
 * For tests: a runner without a workspace.
 */
SlipRunner *slip_runner_new_with_callers (SlipLedger *ledger,
                                          const char *run_id,
                                          SlipRunCaller *caller,
                                          SlipCaller *reader);

/* Between the files of SlipRunner. */
SlipLedger *slip_runner_get_ledger (SlipRunner *self);
SlipRunCaller *slip_runner_ref_caller (SlipRunner *self);

/* What the ledger says of the run by now, for whoever tells it something: the one that the last of them handed
 * back, brought up to date. NULL with @error. Any thread. */
SlipRunFold *slip_runner_take_fold (SlipRunner *self, GError **error);
void slip_runner_return_fold (SlipRunner *self, SlipRunFold *fold);
void slip_runner_wake (SlipRunner *self);

G_END_DECLS
