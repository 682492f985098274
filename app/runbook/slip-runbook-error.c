/* SPDX-License-Identifier: MIT */
/* The error domain of documents, plans and guards. */

#include "slip-runbook-error.h"

GQuark
slip_runbook_error_quark (void)
{
  return g_quark_from_static_string ("slip-runbook-error-quark");
}
