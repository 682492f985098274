/* SPDX-License-Identifier: MIT */
/* The actions that only a workstation has. A document may use them, which keeps it from being exported
 * to Systems Manager; what they take is checked by the versions that can run them. */

#include "slip-actions.h"

static const SlipActionInput inputs[] = {
    {NULL, SLIP_ACTION_ANY, FALSE},
};

#define WORKSTATION_ACTION(symbol, text)                                                           \
  const SlipAction slip_action_##symbol = {                                                        \
      .name = "slipway:" text,                                                                     \
      .workstation = TRUE,                                                                         \
      .free_inputs = TRUE,                                                                         \
      .inputs = inputs,                                                                            \
  }

WORKSTATION_ACTION (migrate, "migrate");
