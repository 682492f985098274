/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * SlipRunAsk:
 * @SLIP_RUN_ASK_START: begin, or go on after an interruption
 * @SLIP_RUN_ASK_APPROVE: approve the plan, then begin
 * @SLIP_RUN_ASK_COSIGN: take the second person's cosignature, then begin or go on
 * @SLIP_RUN_ASK_PAUSE: pause after the current call
 * @SLIP_RUN_ASK_RESUME: go on after a pause, a sign-in or a failure
 * @SLIP_RUN_ASK_CANCEL: stop after the current call
 * @SLIP_RUN_ASK_CONFIRM: type what a step asks for, or attest it
 * @SLIP_RUN_ASK_DID: the unknown change happened
 * @SLIP_RUN_ASK_DID_NOT: it did not
 * @SLIP_RUN_ASK_APPROVE_STEP: approve the step that waits
 * @SLIP_RUN_ASK_REJECT_STEP: reject it
 *
 * What a person can ask of a run.
 */
typedef enum
{
  SLIP_RUN_ASK_START,
  SLIP_RUN_ASK_APPROVE,
  SLIP_RUN_ASK_COSIGN,
  SLIP_RUN_ASK_PAUSE,
  SLIP_RUN_ASK_RESUME,
  SLIP_RUN_ASK_CANCEL,
  SLIP_RUN_ASK_CONFIRM,
  SLIP_RUN_ASK_DID,
  SLIP_RUN_ASK_DID_NOT,
  SLIP_RUN_ASK_APPROVE_STEP,
  SLIP_RUN_ASK_REJECT_STEP,
} SlipRunAsk;

/**
 * slip_run_control_ask:
 * @parent: a widget in the window
 * @workbench: whose runner it is asked of
 * @run: the run
 * @ask: what
 *
 * Asks the person what there is to ask, in a dialog that names the environment, writes the answer
 * into the ledger and sees to it that the run goes on. What is refused is told in a dialog.
 */
void
slip_run_control_ask (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run, SlipRunAsk ask);

/**
 * slip_run_control_get_label:
 * @ask: what
 *
 * Returns: (transfer none): the button's label, translated, with a mnemonic
 */
const char *slip_run_control_get_label (SlipRunAsk ask);

G_END_DECLS
