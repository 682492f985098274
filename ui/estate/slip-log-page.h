/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_LOG_PAGE (slip_log_page_get_type ())

/**
 * SlipLogPage:
 *
 * Follows the log of a task or a service of one environment, which slip_page_reveal() names by its ARN:
 * the newest lines, a search, a pause, and a copy. Looks for new lines only while it is shown.
 */
G_DECLARE_FINAL_TYPE (SlipLogPage, slip_log_page, SLIP, LOG_PAGE, SlipPage)

SlipPage *slip_log_page_new (SlipWorkbench *workbench, SlipEnvironment *environment);

/**
 * slip_log_page_append:
 * @self: a page
 * @lines: (element-type SlipLogLine): lines that came
 *
 * Shows more lines, and lets go of the oldest ones beyond the bound. What the page does with what it
 * reads; for tests.
 */
void slip_log_page_append (SlipLogPage *self, GPtrArray *lines);

/**
 * slip_log_page_get_n_lines:
 *
 * Returns: how many lines it keeps
 */
guint slip_log_page_get_n_lines (SlipLogPage *self);

void slip_log_page_set_paused (SlipLogPage *self, gboolean paused);

/**
 * slip_log_page_find:
 * @self: a page
 * @text: (nullable): what is looked for; ASCII case does not count
 * @backwards: whether to go towards the older lines
 *
 * Selects the next line that has @text and brings it into sight.
 *
 * Returns: whether there is one
 */
gboolean slip_log_page_find (SlipLogPage *self, const char *text, gboolean backwards);

/**
 * SLIP_LOG_PAGE_MAX_LINES:
 *
 * How many lines a page keeps; older ones stay in CloudWatch Logs.
 */
#define SLIP_LOG_PAGE_MAX_LINES 20000

G_END_DECLS
