/* SPDX-License-Identifier: MIT */

/* Where objects are: a record for each version among the world's items, and a file for its content
 * below `s3/` of the state folder. A file's name is random, so no key can lead out of the folder; it is
 * written before its record is committed and removed after the record's end was. What a killed server
 * left behind between the two is swept at the next start. */

#include "slip-s3-private.h"

#include "slip-json.h"
#include "slip-spool.h"
#include "slip-world-items.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define DROPPED "s3.file-dropped"
#define NULL_VERSION "null"

char *
slip_s3_collection (const char *bucket)
{
  return g_strconcat ("s3/", bucket, NULL);
}

char *
slip_s3_upload_collection (const char *upload_id)
{
  return g_strconcat ("s3-upload/", upload_id, NULL);
}

/* --- Records --- */

typedef struct
{
  const char *version; /* NULL takes the first */
  JsonObject *found;
} Search;

static gboolean
match (const SlipWorldItem *item, gpointer data)
{
  Search *search = data;
  g_autoptr (JsonNode) node = slip_json_parse (item->text, -1, NULL);
  JsonObject *object = json_node_get_object (node);

  if (search->version != NULL
      && !g_str_equal (slip_json_string (object, "version"), search->version))
    return TRUE;
  search->found = json_object_ref (object);
  return FALSE;
}

static JsonObject *
find (SlipWorld *world, const char *bucket, const char *key, const char *version)
{
  g_autofree char *collection = slip_s3_collection (bucket);
  Search search = {version, NULL};

  slip_world_items_foreach_of (world, collection, key, FALSE, match, &search);
  return search.found;
}

JsonObject *
slip_s3_newest (SlipWorld *world, const char *bucket, const char *key)
{
  return find (world, bucket, key, NULL);
}

JsonObject *
slip_s3_version (SlipWorld *world, const char *bucket, const char *key, const char *version)
{
  return find (world, bucket, key, version);
}

static const char *
versioning (const SlipWorldRecord *bucket)
{
  JsonObject *configuration = slip_json_object (bucket->data, "VersioningConfiguration");

  return configuration != NULL ? slip_json_string (configuration, "Status") : NULL;
}

/* Newest first in the order of bytes, also of two in one microsecond. */
static char *
make_range (SlipWorld *world, const char *bucket, const char *key)
{
  g_autoptr (JsonObject) newest = slip_s3_newest (world, bucket, key);
  gint64 last = newest != NULL ? slip_json_int (newest, "sequence", 0) : 0;

  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x",
                          G_MAXINT64 - MAX (slip_world_now (world), last + 1));
}

void
slip_s3_add (SlipWorld *world, const SlipWorldRecord *bucket, JsonObject *object)
{
  const char *key = slip_json_string (object, "Key");
  g_autofree char *collection = slip_s3_collection (bucket->id);
  g_autofree char *version = g_strcmp0 (versioning (bucket), "Enabled") == 0
                                 ? slip_random_id (NULL, 32, SLIP_ALPHABET_LOWER)
                                 : g_strdup (NULL_VERSION);
  g_autofree char *range = make_range (world, bucket->id, key);
  g_autoptr (JsonObject) old = slip_s3_version (world, bucket->id, key, version);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (old != NULL)
    slip_s3_remove (world, bucket, old);
  json_object_set_string_member (object, "version", version);
  json_object_set_boolean_member (object, "versioned", versioning (bucket) != NULL);
  json_object_set_string_member (object, "range", range);
  json_object_set_int_member (object, "sequence",
                              G_MAXINT64 - (gint64)g_ascii_strtoull (range, NULL, 16));
  node = slip_json_new_object (json_object_ref (object));
  text = slip_json_to_text (node, FALSE);
  slip_world_items_put (world, collection,
                        &(SlipWorldItem){key, range, slip_json_int (object, "Size", 0), text},
                        FALSE);
}

void
slip_s3_remove (SlipWorld *world, const SlipWorldRecord *bucket, JsonObject *object)
{
  g_autofree char *collection = slip_s3_collection (bucket->id);
  const char *file = slip_json_string (object, "file");

  slip_world_items_remove (world, collection, slip_json_string (object, "Key"),
                           slip_json_string (object, "range"), FALSE);
  if (file != NULL)
    slip_s3_file_drop (world, file);
}

/* --- Files --- */

static char *
file_path (const char *folder, const char *name)
{
  char first[3] = {name[0], name[1], '\0'};

  return g_build_filename (folder, "s3", first, name, NULL);
}

static gboolean
write_all (int fd, GBytes *bytes)
{
  gsize left = 0;
  const char *at = g_bytes_get_data (bytes, &left);

  while (left > 0)
    {
      gssize written = write (fd, at, MIN (left, 1 << 20));

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      at += written;
      left -= (gsize)written;
    }
  return TRUE;
}

char *
slip_s3_file_write (SlipWorld *world, GBytes *const *pieces, guint count, GError **error)
{
  g_autofree char *name = slip_random_id (NULL, 32, SLIP_ALPHABET_HEX);
  g_autofree char *path = file_path (slip_world_get_folder (world), name);
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean good;
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  good = fd >= 0;
  for (guint i = 0; good && i < count; i++)
    good = write_all (fd, pieces[i]);
  if (good && close (fd) == 0)
    return g_steal_pointer (&name);
  g_warning ("%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    g_unlink (path);
  return slip_service_error (error, 500, "InternalError",
                             "We encountered an internal error. Please try again. (%s)",
                             g_strerror (errno));
}

GBytes *
slip_s3_file_map (SlipWorld *world, const char *name, GError **error)
{
  g_autofree char *path = file_path (slip_world_get_folder (world), name);
  g_autoptr (GError) problem = NULL;
  GBytes *bytes = slip_spool_map_file (path, &problem);

  if (bytes != NULL)
    return bytes;
  g_warning ("%s", problem->message);
  return slip_service_error (error, 500, "InternalError",
                             "We encountered an internal error. Please try again.");
}

void
slip_s3_file_drop (SlipWorld *world, const char *name)
{
  slip_world_schedule (world, 0, DROPPED, "", "", "s3.file", name, NULL);
}

static void
on_dropped (SlipWorld *world, const SlipTransition *transition)
{
  g_autofree char *path = file_path (slip_world_get_folder (world), transition->id);

  g_unlink (path);
}

void
slip_s3_store_attach (SlipWorld *world)
{
  slip_world_handle (world, DROPPED, on_dropped);
}

/* --- Sweeping --- */

typedef struct
{
  SlipWorld *world;
  GHashTable *known;
} Sweep;

static gboolean
note_file (const SlipWorldItem *item, gpointer data)
{
  Sweep *sweep = data;
  g_autoptr (JsonNode) node = slip_json_parse (item->text, -1, NULL);
  const char *file = slip_json_string (json_node_get_object (node), "file");

  if (file != NULL)
    g_hash_table_add (sweep->known, g_strdup (file));
  return TRUE;
}

static gboolean
note_bucket (const SlipWorldRecord *bucket, gpointer data)
{
  Sweep *sweep = data;
  g_autofree char *collection = slip_s3_collection (bucket->id);

  slip_world_items_foreach (sweep->world, collection, NULL, NULL, note_file, sweep);
  return TRUE;
}

static gboolean
note_upload (const SlipWorldRecord *upload, gpointer data)
{
  Sweep *sweep = data;
  const char *slash = strchr (upload->id, '/');
  g_autofree char *collection = slip_s3_upload_collection (slash + 1);

  slip_world_items_foreach (sweep->world, collection, NULL, NULL, note_file, sweep);
  return TRUE;
}

static void
sweep_folder (Sweep *sweep, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (!g_hash_table_contains (sweep->known, name))
        g_unlink (file);
    }
}

gboolean
slip_s3_store_start (SlipWorld *world, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Sweep sweep = {world, known};
  g_autofree char *root = g_build_filename (slip_world_get_folder (world), "s3", NULL);
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  slip_world_foreach (world, NULL, NULL, S3_BUCKET, NULL, note_bucket, &sweep);
  slip_world_foreach (world, NULL, NULL, S3_UPLOAD, NULL, note_upload, &sweep);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, NULL);

      sweep_folder (&sweep, path);
    }
  return TRUE;
}
