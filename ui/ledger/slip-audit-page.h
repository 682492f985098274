/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_AUDIT_PAGE (slip_audit_page_get_type ())

/**
 * SlipAuditPage:
 *
 * The audit log: everything that was planned, approved, sent, answered and decided, newest first; with
 * filter, verification and export.
 */
G_DECLARE_FINAL_TYPE (SlipAuditPage, slip_audit_page, SLIP, AUDIT_PAGE, SlipPage)

SlipPage *slip_audit_page_new (SlipWorkbench *workbench);

G_END_DECLS
