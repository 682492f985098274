/* SPDX-License-Identifier: MIT */
/* Claims of the change from one version of definitions to the next: at whichever instant it is killed, the folder has one
 * version or the other, and whoever comes next finishes or forgets. The instants are made by hand. */

#include "slip-definitions-switch.h"
#include "slip-test-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define DEFINITIONS "mapping_definitions"

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_text (const char *folder, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, expected);
}

/* A folder with version "one", and the version "two" on its stage. */
static char *
new_folder (void)
{
  char *folder = g_dir_make_tmp ("slipway-switch-XXXXXX", NULL);
  g_autofree char *stage = slip_definitions_stage_path (folder);

  put (folder, DEFINITIONS "/a.json", "one");
  put (folder, "tables.json", "tables");
  put (stage, DEFINITIONS "/a.json", "two");
  put (stage, "tables.json", "tables");
  return folder;
}

/* As the journal says it: from here on there is no way back. */
static void
decide (const char *folder)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autofree char *entry = g_build_filename (stage, DEFINITIONS, NULL);
  g_autofree char *journal = NULL;
  GStatBuf info;

  g_assert_cmpint (g_lstat (entry, &info), ==, 0);
  journal = g_strdup_printf ("{\"" DEFINITIONS "\": %" G_GUINT64_FORMAT "}", (guint64)info.st_ino);
  put (stage, "journal.json", journal);
}

static void
exchange (const char *folder)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autofree char *from = g_build_filename (stage, DEFINITIONS, NULL);
  g_autofree char *to = g_build_filename (folder, DEFINITIONS, NULL);

  g_assert_cmpint (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE), ==, 0);
}

static void
recover (const char *folder)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_definitions_recover (folder, &error));
  g_assert_no_error (error);
}

static void
assert_settled (const char *folder, const char *now, const char *before)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autofree char *previous = slip_definitions_previous_path (folder);
  g_autofree char *gone = g_build_filename (folder, ".slipway-gone", NULL);

  assert_text (folder, DEFINITIONS "/a.json", now);
  assert_text (previous, DEFINITIONS "/a.json", before);
  if (before != NULL)
    assert_text (previous, "tables.json", "tables");
  g_assert_false (g_file_test (stage, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
  slip_test_remove_folder (folder);
}

static void
test_switches (void)
{
  g_autofree char *folder = new_folder ();
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_definitions_switch (folder, (const char *[]){DEFINITIONS, NULL}, &error));
  g_assert_no_error (error);
  assert_settled (folder, "two", "one");
}

static void
test_what_was_not_decided_is_forgotten (void)
{
  g_autofree char *folder = new_folder ();

  recover (folder);
  assert_settled (folder, "one", NULL);
}

static void
test_what_was_decided_is_done (void)
{
  g_autofree char *folder = new_folder ();

  decide (folder);
  recover (folder);
  assert_settled (folder, "two", "one");
}

static void
test_what_was_exchanged_is_not_exchanged_back (void)
{
  g_autofree char *folder = new_folder ();

  decide (folder);
  exchange (folder);
  recover (folder);
  assert_settled (folder, "two", "one");
}

static void
test_the_one_before_goes_last (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *gone = g_build_filename (folder, ".slipway-gone", NULL);

  put (gone, DEFINITIONS "/a.json", "zero");
  decide (folder);
  exchange (folder);
  recover (folder);
  assert_settled (folder, "two", "one");
}

static void
test_an_older_one_makes_room (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *previous = slip_definitions_previous_path (folder);

  put (previous, DEFINITIONS "/a.json", "zero");
  decide (folder);
  recover (folder);
  assert_settled (folder, "two", "one");
}

static void
test_first_one_needs_no_other (void)
{
  g_autofree char *folder = new_folder ();
  g_autofree char *definitions = g_build_filename (folder, DEFINITIONS, NULL);

  g_assert_true (slip_definitions_remove (definitions, NULL));
  decide (folder);
  recover (folder);
  assert_settled (folder, "two", NULL);
}

static void
test_two_do_not_install_at_once (void)
{
  g_autofree char *folder = new_folder ();
  g_autoptr (GError) error = NULL;
  int first = slip_definitions_lock (folder, NULL);
  int second = slip_definitions_lock (folder, &error);

  g_assert_cmpint (first, >=, 0);
  g_assert_cmpint (second, <, 0);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  close (first);
  slip_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migration/definitions_switch/switches", test_switches);
  g_test_add_func ("/migration/definitions_switch/what_was_not_decided_is_forgotten",
                   test_what_was_not_decided_is_forgotten);
  g_test_add_func ("/migration/definitions_switch/what_was_decided_is_done",
                   test_what_was_decided_is_done);
  g_test_add_func ("/migration/definitions_switch/what_was_exchanged_is_not_exchanged_back",
                   test_what_was_exchanged_is_not_exchanged_back);
  g_test_add_func ("/migration/definitions_switch/the_one_before_goes_last",
                   test_the_one_before_goes_last);
  g_test_add_func ("/migration/definitions_switch/an_older_one_makes_room",
                   test_an_older_one_makes_room);
  g_test_add_func ("/migration/definitions_switch/first_one_needs_no_other",
                   test_first_one_needs_no_other);
  g_test_add_func ("/migration/definitions_switch/two_do_not_install_at_once",
                   test_two_do_not_install_at_once);
  return g_test_run ();
}
