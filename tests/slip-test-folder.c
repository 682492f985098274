/* SPDX-License-Identifier: MIT */

/* What a test leaves in its temporary folder, cleaned up. Shared by the suites. */

#include "slip-test-folder.h"

#include <errno.h>
#include <glib/gstdio.h>

gboolean
slip_test_remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        slip_test_remove_folder (child);
      else if (g_unlink (child) != 0 && errno != ENOENT)
        /* A worker may close a ledger at the same time, whose journal then goes by itself. */
        g_test_message ("%s stays behind: %s", child, g_strerror (errno));
    }
  if (g_rmdir (path) == 0)
    return TRUE;
  g_test_message ("%s stays behind: %s", path, g_strerror (errno));
  return FALSE;
}
