/* SPDX-License-Identifier: MIT */
/* The small migration that tests of the definitions share, and how one thing in a copy of it is broken. */

#include "small.h"

#include <glib/gstdio.h>
#include <string.h>

char *
small_dup_folder (void)
{
  return g_test_build_filename (G_TEST_DIST, "unit", "migration", "fixtures", "small", NULL);
}

static void
copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        {
          copy_tree (source, target);
          continue;
        }
      g_assert_true (g_file_get_contents (source, &text, &length, NULL));
      g_assert_true (g_file_set_contents (target, text, (gssize)length, NULL));
    }
}

void
small_copy_to (const char *folder)
{
  g_autofree char *from = small_dup_folder ();

  copy_tree (from, folder);
}

char *
small_copy (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("slipway-definitions-XXXXXX", &error);

  g_assert_no_error (error);
  small_copy_to (folder);
  return folder;
}

void
small_replace (const char *folder, const char *file, const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  const char *at;

  if (from == NULL)
    {
      g_assert_cmpint (g_unlink (path), ==, 0);
      return;
    }
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  at = strstr (text, from);
  if (at == NULL)
    g_error ("%s does not hold “%s”", file, from);
  changed = g_string_new_len (text, at - text);
  g_string_append (changed, to);
  g_string_append (changed, at + strlen (from));
  g_assert_true (g_file_set_contents (path, changed->str, (gssize)changed->len, NULL));
}
