/* SPDX-License-Identifier: MIT */
/* aws:executeAwsApi while running: one call, sent by the step's resume rule. */

#include "slip-run-engine.h"

const SlipRunAction slip_run_action_execute_aws_api = {
    .name = "aws:executeAwsApi",
    .run = slip_run_send,
};
