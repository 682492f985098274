/* SPDX-License-Identifier: MIT */
/* `aws:pause`: waits until a person says to go on. */

#include "slip-actions.h"

static const SlipActionInput inputs[] = {
    {NULL, SLIP_ACTION_ANY, FALSE},
};

const SlipAction slip_action_pause = {
    .name = "aws:pause",
    .planned = TRUE,
    .inputs = inputs,
};
