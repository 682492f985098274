/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_test_corpus:
 *
 * Returns: (transfer full) (nullable): the folder of real definitions, `$SLIPWAY_SHARED/casrec`; %NULL where
 *   it is absent, and then the running test has been marked as skipped
 */
static inline char *
slip_test_corpus (void)
{
  const char *shared = g_getenv ("SLIPWAY_SHARED");
  g_autofree char *folder = shared != NULL ? g_build_filename (shared, "casrec", NULL) : NULL;

  if (folder != NULL && g_file_test (folder, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&folder);
  g_test_skip ("there are no real definitions in $SLIPWAY_SHARED/casrec");
  return NULL;
}

G_END_DECLS
