/* SPDX-License-Identifier: MIT */
/* The error domain of documents, plans and guards. */

#include "slip-runbook-error.h"

G_DEFINE_QUARK (slip - runbook - error - quark, slip_runbook_error)
