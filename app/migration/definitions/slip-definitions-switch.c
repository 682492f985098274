/* SPDX-License-Identifier: MIT */
/* From one version of definitions to the next. The new one lies ready in a hidden folder beside the old; a journal, written
 * when it is whole, says which names change places. Whoever finds a journal goes on, whoever finds none forgets: at no
 * instant is there half of one version under the names of the definitions. Which of the names have changed places already
 * is told by their inodes. */

#include "config.h"

#include "slip-definitions-switch.h"

#include "slip-file.h"
#include "slip-json.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define JOURNAL "journal.json"
#define MAX_JOURNAL (64 * 1024)

const char *const slip_definitions_entries[] = {"mapping_definitions",
                                                "tables.json",
                                                "validation_mapping.json",
                                                "tables_to_copy_from_sirius.json",
                                                "additional_data_tables.json",
                                                "additional_table_structure.json",
                                                NULL};

char *
slip_definitions_stage_path (const char *folder)
{
  return g_build_filename (folder, ".slipway-next", NULL);
}

char *
slip_definitions_previous_path (const char *folder)
{
  return g_build_filename (folder, ".slipway-previous", NULL);
}

static char *
gone_path (const char *folder)
{
  return g_build_filename (folder, ".slipway-gone", NULL);
}

/* ---- small things */

static int
remove_one (const char *path, const struct stat *info, int kind, struct FTW *place)
{
  return remove (path);
}

gboolean
slip_definitions_remove (const char *path, GError **error)
{
  GStatBuf info;

  if (g_lstat (path, &info) != 0 && errno == ENOENT)
    return TRUE;
  if (nftw (path, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0)
    return TRUE;
  SLIP_DEFINITIONS_SET_ERRNO (error, path, "cannot be removed");
  return FALSE;
}

int
slip_definitions_lock (const char *folder, GError **error)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    SLIP_DEFINITIONS_SET_ERRNO (error, folder, "cannot be opened");
  else if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                   "another program installs definitions in %s just now. Wait for it, or end it",
                   folder);
      close (fd);
      return -1;
    }
  return fd;
}

static gboolean
move (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0)
    return TRUE;
  SLIP_DEFINITIONS_SET_ERRNO (error, from, "cannot be moved");
  return FALSE;
}

/* ---- the journal */

static gboolean
write_journal (const char *stage, const char *const *entries, GError **error)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *path = g_build_filename (stage, JOURNAL, NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; entries[i] != NULL; i++)
    {
      g_autofree char *entry = g_build_filename (stage, entries[i], NULL);
      GStatBuf info;

      if (g_lstat (entry, &info) != 0)
        {
          SLIP_DEFINITIONS_SET_ERRNO (error, entry, "cannot be looked at");
          return FALSE;
        }
      json_object_set_int_member (object, entries[i], (gint64)info.st_ino);
    }
  text = slip_json_to_text (node, FALSE);
  return slip_file_write_atomic (path, text, -1, 0600, error);
}

/* NULL without an error when there is none. */
static JsonNode *
read_journal (const char *stage, GError **error)
{
  g_autofree char *path = g_build_filename (stage, JOURNAL, NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  bytes = slip_file_read (path, MAX_JOURNAL, error);
  if (bytes != NULL)
    node
        = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), error);
  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "%s is no journal", path);
      return NULL;
    }
  return g_steal_pointer (&node);
}

/* ---- changing places */

static gboolean
exchange (const char *stage, const char *folder, const char *name, gint64 inode, GError **error)
{
  g_autofree char *from = g_build_filename (stage, name, NULL);
  g_autofree char *to = g_build_filename (folder, name, NULL);
  GStatBuf info;

  if (g_lstat (to, &info) != 0)
    return move (from, to, error);
  if ((gint64)info.st_ino == inode)
    return TRUE; /* it was done before something killed us */
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO,
               "%s cannot change places with %s: %s. Keep definitions on a file system of this "
               "machine",
               from, to, g_strerror (errno));
  return FALSE;
}

/* The stage holds the old version by now, or nothing but copies where there was none. */
static gboolean
keep_previous (const char *folder, const char *stage, GError **error)
{
  g_autofree char *previous = slip_definitions_previous_path (folder);
  g_autofree char *gone = gone_path (folder);
  g_autofree char *old = g_build_filename (stage, "mapping_definitions", NULL);
  g_autofree char *journal = g_build_filename (previous, JOURNAL, NULL);

  if (!g_file_test (old, G_FILE_TEST_IS_DIR))
    return slip_definitions_remove (stage, error);
  if (!slip_definitions_remove (gone, error)
      || (g_file_test (previous, G_FILE_TEST_EXISTS) && !move (previous, gone, error))
      || !move (stage, previous, error) || !slip_file_sync_folder (folder, error))
    return FALSE;
  return slip_definitions_remove (journal, error) && slip_definitions_remove (gone, error);
}

static gboolean
roll_forward (const char *folder, const char *stage, JsonNode *journal, GError **error)
{
  JsonObject *object = json_node_get_object (journal);
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *each = names; each != NULL; each = each->next)
    if (!exchange (stage, folder, each->data, slip_json_int (object, each->data, 0), error))
      return FALSE;
  return slip_file_sync_folder (folder, error) && keep_previous (folder, stage, error);
}

gboolean
slip_definitions_recover (const char *folder, GError **error)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autofree char *gone = gone_path (folder);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) journal = read_journal (stage, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (journal != NULL && !roll_forward (folder, stage, journal, error))
    return FALSE;
  return slip_definitions_remove (stage, error) && slip_definitions_remove (gone, error);
}

gboolean
slip_definitions_switch (const char *folder, const char *const *entries, GError **error)
{
  g_autofree char *stage = slip_definitions_stage_path (folder);
  g_autoptr (JsonNode) journal = NULL;

  if (!slip_file_sync_folder (stage, error) || !write_journal (stage, entries, error))
    return FALSE;
  journal = read_journal (stage, error);
  return journal != NULL && roll_forward (folder, stage, journal, error);
}
