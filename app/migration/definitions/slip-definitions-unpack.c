/* SPDX-License-Identifier: MIT */
/* Definitions out of a ZIP file. Whoever made it may have zipped from another folder, so that the definitions are somewhere
 * in it; nothing is written outside of the stage, whatever names it has. */

#include "config.h"

#include "slip-definitions-switch.h"

#include "slip-file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ROOT "mapping_definitions"
#define MACOS "__MACOSX"
#define BLOCK (64 * 1024)
#define MAX_FILES 20000
#define MAX_BYTES ((gint64)256 * 1024 * 1024)

typedef struct
{
  const char *path; /* of the archive */
  const char *told; /* what a person knows it by */
  const char *stage;
  struct archive *archive; /* owned */
  char *prefix;        /* owned; what stands before the definitions in it; NULL until it is known */
  GHashTable *entries; /* owned; names of definitions that came */
  GHashTable *folders; /* owned; what has to be synced */
  guint files;
  gint64 bytes;
  guint ignored;
} Unpack;

static void
unpack_clear (Unpack *unpack)
{
  if (unpack->archive != NULL)
    archive_read_free (unpack->archive);
  g_free (unpack->prefix);
  g_clear_pointer (&unpack->entries, g_hash_table_unref);
  g_clear_pointer (&unpack->folders, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unpack, unpack_clear)

static void
set_error (const Unpack *unpack, GError **error, const char *what)
{
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT, "%s: %s", unpack->told,
               what);
}

/* ---- names */

/* What stands before the component ROOT, or NULL. */
static char *
dup_prefix (const char *name)
{
  for (const char *at = strstr (name, ROOT "/"); at != NULL; at = strstr (at + 1, ROOT "/"))
    if (at == name || at[-1] == '/')
      return g_strndup (name, (gsize)(at - name));
  return NULL;
}

static gboolean
is_safe (const char *rest)
{
  g_auto (GStrv) parts = g_strsplit (rest, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return FALSE;
  return g_utf8_validate (rest, -1, NULL) && strchr (rest, '\\') == NULL;
}

/* A file where the version needs a folder, or the other way round. */
static gboolean
is_in_the_way (const char *rest)
{
  gsize n = strlen (rest);

  return (g_str_has_prefix (SLIP_DEFINITIONS_VERSION_FILE, rest)
          && SLIP_DEFINITIONS_VERSION_FILE[n] == '/')
         || g_str_has_prefix (rest, SLIP_DEFINITIONS_VERSION_FILE "/");
}

/* What systems leave in folders for themselves: macOS .DS_Store, ._x_mapping.json, and the latter in a tree of its own. */
static gboolean
is_litter (const char *rest)
{
  return *rest == '.' || strstr (rest, "/.") != NULL;
}

static gboolean
is_of_macos (const char *name)
{
  return g_str_has_prefix (name, MACOS "/") || strstr (name, "/" MACOS "/") != NULL;
}

/* What the file is called below the definitions' folder; NULL when it is none of theirs. */
static const char *
definition_name (const Unpack *unpack, const char *name)
{
  const char *rest;

  if (!g_str_has_prefix (name, unpack->prefix))
    return NULL;
  rest = name + strlen (unpack->prefix);
  if (g_str_has_prefix (rest, ROOT "/"))
    return rest;
  return g_strv_contains (slip_definitions_entries, rest) ? rest : NULL;
}

/* ---- reading */

static gboolean
open_archive (Unpack *unpack, GError **error)
{
  unpack->archive = archive_read_new ();
  /* By its directory at the end: an archive that was cut short has none, and is refused. */
  archive_read_support_format_zip_seekable (unpack->archive);
  if (archive_read_open_filename (unpack->archive, unpack->path, BLOCK) == ARCHIVE_OK)
    return TRUE;
  set_error (unpack, error, archive_error_string (unpack->archive));
  return FALSE;
}

typedef gboolean (*EntryFunc) (Unpack *unpack, struct archive_entry *entry, GError **error);

static gboolean
each_entry (Unpack *unpack, EntryFunc func, GError **error)
{
  struct archive_entry *entry;
  int status;

  if (!open_archive (unpack, error))
    return FALSE;
  while ((status = archive_read_next_header (unpack->archive, &entry)) == ARCHIVE_OK)
    if (archive_entry_pathname (entry) != NULL && archive_entry_filetype (entry) == AE_IFREG
        && !func (unpack, entry, error))
      return FALSE;
  if (status != ARCHIVE_EOF)
    set_error (unpack, error, archive_error_string (unpack->archive));
  archive_read_free (g_steal_pointer (&unpack->archive));
  return status == ARCHIVE_EOF;
}

static gboolean
find_prefix (Unpack *unpack, struct archive_entry *entry, GError **error)
{
  const char *name = archive_entry_pathname (entry);
  g_autofree char *prefix = is_of_macos (name) ? NULL : dup_prefix (name);

  if (prefix != NULL && is_litter (name + strlen (prefix)))
    return TRUE;
  if (prefix != NULL && unpack->prefix == NULL)
    unpack->prefix = g_steal_pointer (&prefix);
  else if (prefix != NULL && !g_str_equal (prefix, unpack->prefix))
    {
      set_error (unpack, error, "it has two folders " ROOT ", and cannot say which one is meant");
      return FALSE;
    }
  return TRUE;
}

/* ---- writing */

static gboolean
copy_data (Unpack *unpack, const char *path, int fd, GError **error)
{
  g_autofree char *block = g_malloc (BLOCK);
  la_ssize_t n;

  while ((n = archive_read_data (unpack->archive, block, BLOCK)) > 0)
    {
      unpack->bytes += n;
      if (unpack->bytes > MAX_BYTES)
        {
          set_error (unpack, error, "it holds more than 256 MiB, which no definitions do");
          return FALSE;
        }
      if (write (fd, block, (gsize)n) != n)
        {
          SLIP_DEFINITIONS_SET_ERRNO (error, path, "cannot be written");
          return FALSE;
        }
    }
  if (n < 0)
    set_error (unpack, error, archive_error_string (unpack->archive));
  else if (fsync (fd) != 0)
    SLIP_DEFINITIONS_SET_ERRNO (error, path, "cannot be written");
  else
    return TRUE;
  return FALSE;
}

/* What the archive's names are to blame for is told of the archive, the rest of the folder. */
static void
set_made_error (const Unpack *unpack, const char *rest, const char *path, GError **error)
{
  if (errno == EEXIST || errno == ENOTDIR || errno == ENAMETOOLONG)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 errno == EEXIST    ? "%s: it has %s twice"
                 : errno == ENOTDIR ? "%s: what %s is in is a file there too"
                                    : "%s: the name %s is too long for a file",
                 unpack->told, rest);
  else
    SLIP_DEFINITIONS_SET_ERRNO (error, path, "cannot be made");
}

static gboolean
write_file (Unpack *unpack, const char *rest, GError **error)
{
  g_autofree char *path = g_build_filename (unpack->stage, rest, NULL);
  char *folder = g_path_get_dirname (path);
  gboolean ok;
  int fd;

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      set_made_error (unpack, rest, folder, error);
      g_free (folder);
      return FALSE;
    }
  g_hash_table_add (unpack->folders, folder);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0)
    {
      set_made_error (unpack, rest, path, error);
      return FALSE;
    }
  ok = copy_data (unpack, path, fd, error);
  close (fd);
  return ok;
}

static gboolean
take_entry (Unpack *unpack, struct archive_entry *entry, GError **error)
{
  const char *name = archive_entry_pathname (entry);
  const char *rest = definition_name (unpack, name);

  if (rest == NULL)
    {
      unpack->ignored++;
      return TRUE;
    }
  if (!is_safe (rest) || is_in_the_way (rest))
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s: “%s” is no name that definitions have", unpack->told, name);
      return FALSE;
    }
  if (is_litter (rest) || is_of_macos (rest))
    {
      unpack->ignored++;
      return TRUE;
    }
  if (++unpack->files > MAX_FILES)
    {
      set_error (unpack, error, "it has more than 20,000 files, which no definitions have");
      return FALSE;
    }
  g_hash_table_add (unpack->entries, g_strndup (rest, strcspn (rest, "/")));
  return write_file (unpack, rest, error);
}

static gboolean
sync_folders (Unpack *unpack, GError **error)
{
  GHashTableIter iter;
  gpointer folder;

  g_hash_table_iter_init (&iter, unpack->folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    if (!slip_file_sync_folder (folder, error))
      return FALSE;
  return TRUE;
}

char **
slip_definitions_unpack (
    const char *archive, const char *told, const char *stage, guint *ignored, GError **error)
{
  g_auto (Unpack) unpack = {
      .path = archive,
      .told = told,
      .stage = stage,
      .entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
      .folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
  g_autofree char **names = NULL;

  if (!each_entry (&unpack, find_prefix, error))
    return NULL;
  if (unpack.prefix == NULL)
    {
      set_error (&unpack, error, "it has no folder " ROOT);
      return NULL;
    }
  if (!each_entry (&unpack, take_entry, error) || !sync_folders (&unpack, error))
    return NULL;
  *ignored = unpack.ignored;
  names = (char **)g_hash_table_get_keys_as_array (unpack.entries, NULL);
  return g_strdupv (names);
}
