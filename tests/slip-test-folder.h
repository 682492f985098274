/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_test_remove_folder:
 * @path: a folder
 *
 * Removes it and what is in it; links are removed, not followed.
 *
 * Returns: whether it is gone
 */
gboolean slip_test_remove_folder (const char *path);

G_END_DECLS
