/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PAGE_STACK (slip_page_stack_get_type ())

/**
 * SlipPageStack:
 *
 * The pages of the window's centre, by their ids, and the way back through them. Pages are made from the
 * table of places when they are first gone to, and kept. Signals: `shown` (page id), another page is
 * shown now; `page-changed`, the shown one has another title, environment or details.
 */
G_DECLARE_FINAL_TYPE (SlipPageStack, slip_page_stack, SLIP, PAGE_STACK, AdwBin)

void slip_page_stack_set_workbench (SlipPageStack *self, SlipWorkbench *workbench);

/**
 * slip_page_stack_go:
 * @self: the pages
 * @page_id: a page, such as `snapshots/production`; an environment's list takes a row's id behind a slash
 *
 * Shows a page, when there is one of that id.
 */
void slip_page_stack_go (SlipPageStack *self, const char *page_id);

/**
 * slip_page_stack_back:
 *
 * Goes one step back inside the page, or to the page before.
 */
void slip_page_stack_back (SlipPageStack *self);
gboolean slip_page_stack_can_go_back (SlipPageStack *self);

/**
 * slip_page_stack_clear:
 *
 * Lets all pages and the way back go.
 */
void slip_page_stack_clear (SlipPageStack *self);

/* NULL when none is shown. */
SlipPage *slip_page_stack_get_page (SlipPageStack *self);
const char *slip_page_stack_get_page_id (SlipPageStack *self);

G_END_DECLS
