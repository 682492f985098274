/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_definition_text_add_code:
 * @text: a lookup's file
 * @code: a code that it lacks
 * @value: what the code becomes, as JSON
 *
 * Returns: (transfer full) (nullable): the file with the code behind the last one; %NULL when it is no JSON object
 */
char *slip_definition_text_add_code (const char *text, const char *code, const char *value);

/**
 * slip_definition_text_rename:
 * @text: a file of definitions
 * @name: a member of its object: a mapping's column, or a lookup's code
 * @to: (nullable): its new name; %NULL removes it
 * @error: return location
 *
 * All else stays byte for byte.
 *
 * Returns: (transfer full): the changed file, or %NULL with %G_IO_ERROR_NOT_FOUND, %G_IO_ERROR_EXISTS or
 *   %G_IO_ERROR_INVALID_DATA
 */
char *
slip_definition_text_rename (const char *text, const char *name, const char *to, GError **error);

G_END_DECLS
