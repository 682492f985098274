/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A small migration of our own, in fixtures/small, and copies of it in which things are broken. */

/**
 * small_dup_folder:
 *
 * Returns: (transfer full): where it is; not to be changed
 */
char *small_dup_folder (void);

/**
 * small_copy:
 *
 * Returns: (transfer full): the path of a copy; slip_test_remove_folder() removes it
 */
char *small_copy (void);

/**
 * small_copy_to:
 * @folder: a folder, which is made
 *
 * Makes a copy there.
 */
void small_copy_to (const char *folder);

/**
 * small_replace:
 * @folder: a copy
 * @file: a file in it
 * @from: (nullable): a text that it has; %NULL removes the file
 * @to: (nullable): what comes in its first place
 */
void small_replace (const char *folder, const char *file, const char *from, const char *to);

G_END_DECLS
