/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/**
 * SlipRunLook:
 * @step: (transfer none): the step that made the thing, or acts on it
 * @service: the service that is asked
 * @operation: what it is asked
 * @input: with what
 * @absent: (element-type utf8): codes that say that it is not there
 *
 * How the thing of a step is looked up.
 */
typedef struct
{
  SlipFoldStep *step;
  char *service;
  char *operation;
  JsonNode *input;
  JsonArray *absent;
} SlipRunLook;

void slip_run_look_free (SlipRunLook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunLook, slip_run_look_free)

/**
 * slip_run_look_new:
 * @fold: a run
 * @step: a step of it
 *
 * Returns: (transfer full) (nullable): how that which @step makes is looked up: as its rule R1 says, or, when AWS Backup
 *   restores it, at the service that it belongs to; %NULL when it makes nothing of a name that is known
 */
SlipRunLook *slip_run_look_new (SlipRunFold *fold, SlipFoldStep *step);

/**
 * slip_run_look_new_elsewhere:
 * @step: a step
 * @request: its request, with the values that are known
 *
 * Returns: (transfer full) (nullable): how the thing is looked up that @step acts on, when that is not one of the service
 *   it calls: what AWS Backup restores, what a capture is of; else %NULL
 */
SlipRunLook *slip_run_look_new_elsewhere (SlipFoldStep *step, JsonObject *request);

/**
 * slip_run_look_is_absent:
 * @self: a look
 * @code: (nullable): what AWS answered
 *
 * Returns: whether that says that the thing is not there
 */
gboolean slip_run_look_is_absent (SlipRunLook *self, const char *code);

/**
 * slip_run_look_is_same:
 * @self: a look
 * @fold: the run
 * @wait: a step that reads
 *
 * Returns: whether @wait asks just that
 */
gboolean slip_run_look_is_same (SlipRunLook *self, SlipRunFold *fold, SlipPlanStep *wait);

G_END_DECLS
