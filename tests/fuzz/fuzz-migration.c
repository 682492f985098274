/* SPDX-License-Identifier: MIT */
/* Any bytes as one of the files of a migration: the first byte says which. Whatever they are, they end in
 * records and findings with a file and a message, never in a crash; and the check goes on with what there is. */

#include "slip-migration-check.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const files[] = {
    "mapping_definitions/people_mapping.json",
    "mapping_definitions/lookups/title_lookup.json",
    "mapping_definitions/tables/table_definitions.json",
    "tables.json",
    "validation_mapping.json",
    "tables_to_copy_from_sirius.json",
    "migration.json",
};

static char *folder;

static void
remove_folder (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      g_unlink (path);
    }
  for (const char *const *name
       = (const char *const[]){"mapping_definitions/lookups", "mapping_definitions/tables",
                               "mapping_definitions", "", NULL};
       *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (folder, *name, NULL);

      g_rmdir (path);
    }
}

/* Without waiting for the disk. */
static void
put (const char *path, const char *text, gssize length)
{
  g_assert_true (
      g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* The other files are empty objects, so that each file is read in a migration that is whole. */
static void
make_folder (void)
{
  folder = g_dir_make_tmp ("slipway-fuzz-XXXXXX", NULL);
  g_assert_nonnull (folder);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);
      g_autofree char *parent = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
      put (path, "{}", 2);
    }
  atexit (remove_folder);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = NULL;
  g_autoptr (SlipCatalogue) nothing = slip_catalogue_new ();
  const SlipCheckAgainst against = {.source = nothing, .target = nothing};
  g_autofree char *path = NULL;
  g_autofree char *sql = NULL;

  if (size == 0)
    return 0;
  if (folder == NULL)
    make_folder ();
  path = g_build_filename (folder, files[data[0] % G_N_ELEMENTS (files)], NULL);
  put (path, (const char *)data + 1, (gssize)size - 1);
  migration = slip_migration_read (folder, NULL, findings);
  g_assert_true (slip_migration_check (migration, &against, NULL, findings, NULL));
  slip_findings_sort (findings);
  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      if (*finding->file == '\0' || *finding->message == '\0')
        abort ();
    }
  sql = slip_migration_expand (migration, "{source}{values.a}{", "2022-06-15");
  put (path, "{}", 2);
  return 0;
}
