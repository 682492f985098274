/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_print_escape:
 * @text: text; need not be UTF-8
 *
 * Makes text of anybody's safe for a terminal: control characters (C0 but line feed and tab, DEL, C1)
 * and those that change the direction of text are written as `\uXXXX`, bytes that are no UTF-8 as `\xXX`.
 * In JSON that says the same as before.
 *
 * Returns: (transfer full): the text, valid UTF-8
 */
char *slip_print_escape (const char *text);

/**
 * slip_print_cut:
 * @text: text; need not be UTF-8
 * @max_bytes: how much of it to keep, 0 for all
 *
 * Returns: (transfer full): the text, valid UTF-8; a longer one is cut between characters and says
 *   what is missing
 */
char *slip_print_cut (const char *text, gsize max_bytes);

/**
 * slip_print_one_line:
 * @text: text; need not be UTF-8
 * @max_bytes: how much of it to keep, 0 for all
 *
 * Makes a service's text one line, so that it cannot pass for lines of ours: what breaks a line, and
 * tabs, becomes a space. A longer text is cut between characters and says what is missing.
 *
 * Returns: (transfer full): the text, valid UTF-8
 */
char *slip_print_one_line (const char *text, gsize max_bytes);

/**
 * slip_print_install:
 *
 * From here on g_print() and g_printerr() write what slip_print_escape() gives, in the locale's
 * charset. For the first lines of a command's main().
 */
void slip_print_install (void);

G_END_DECLS
