/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_RUNBOOK_ERROR (slip_runbook_error_quark ())

/**
 * SlipRunbookError:
 * @SLIP_RUNBOOK_ERROR_INVALID: a document has faults; the message holds them all, one a line
 * @SLIP_RUNBOOK_ERROR_NOT_FOUND: there is no such runbook, environment, guard or step
 * @SLIP_RUNBOOK_ERROR_PARAMETER: parameters do not fit the document; the message names each
 * @SLIP_RUNBOOK_ERROR_EXPRESSION: a `{{ … }}` is malformed or names something without a value
 * @SLIP_RUNBOOK_ERROR_REQUEST: a step's request does not fit the API model
 * @SLIP_RUNBOOK_ERROR_EXPORT: Systems Manager cannot run the document
 * @SLIP_RUNBOOK_ERROR_PLAN: a plan is damaged, or could not be made from what was read
 *
 * Errors of documents, plans and guards. Errors of runs are #SlipRunError.
 */
typedef enum
{
  SLIP_RUNBOOK_ERROR_INVALID,
  SLIP_RUNBOOK_ERROR_NOT_FOUND,
  SLIP_RUNBOOK_ERROR_PARAMETER,
  SLIP_RUNBOOK_ERROR_EXPRESSION,
  SLIP_RUNBOOK_ERROR_REQUEST,
  SLIP_RUNBOOK_ERROR_EXPORT,
  SLIP_RUNBOOK_ERROR_PLAN,
} SlipRunbookError;

GQuark slip_runbook_error_quark (void);

G_END_DECLS
