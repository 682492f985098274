/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-engine.h"

G_BEGIN_DECLS

/**
 * SlipRunStart:
 * @handle: selector of the handle in the answer of the start
 * @handle_of: (nullable): the handle of what exists already under our name, when AWS says so
 * @service: service that is polled
 * @operation: operation that is polled
 * @member: the poll's input member that takes the handle
 * @wait: the wait specification, as JSON text
 * @outputs: (array zero-terminated=1): names and selectors, in turns, of what the step yields by itself
 * @why: selector, in the poll's answer, of why it failed
 *
 * Something that one call starts and another one watches.
 */
typedef struct
{
  const char *handle;
  char *(*handle_of) (SlipRunContext *context);
  const char *service;
  const char *operation;
  const char *member;
  const char *wait;
  const char *const *outputs;
  const char *why;
} SlipRunStart;

/**
 * slip_run_start_and_wait:
 * @context: a step under way, whose request starts it
 * @start: how
 * @error: return location
 *
 * Starts it once, keeps its handle in the ledger, and waits for its end. A resumed run that finds the
 * handle goes on waiting.
 *
 * Returns: whether it ended well
 */
gboolean
slip_run_start_and_wait (SlipRunContext *context, const SlipRunStart *start, GError **error);

G_END_DECLS
