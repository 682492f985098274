/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate load-s3: source files out of a bucket or a folder into the folder that they are loaded from, with a
 * manifest of their digests. What is there already and is still the same is not fetched again. */

#include "config.h"

#include "slip-aws-objects.h"
#include "slip-cli-migrate.h"
#include "slip-cli-s3.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-load-plan.h"
#include "slip-migration-error.h"
#include "slip-source-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BUCKET_SCHEME "s3://"
#define MOST_SIMILAR 5 /* names that an error tells */

typedef struct
{
  SlipCliS3 s3;
  char *to;
  gboolean json;
  gboolean quiet;

  const char *from;
  SlipAwsClient *client; /* owned; NULL for a folder */
  char *bucket;          /* owned */
  char *prefix;          /* owned */
  GPtrArray *objects;    /* owned; element-type SlipAwsObject: what there is to fetch */
  JsonObject *known;     /* owned; the manifest: file → what it was fetched as */
  GPtrArray *gone;       /* owned; files that the source has no more */
  guint fetched;
  guint kept;
  guint64 bytes;
  GError *error;

  GMutex mutex;
  char *now; /* of the thread and the timer, under the lock */
  guint64 done;
  guint64 total;
} Command;

static void
command_clear (Command *self)
{
  slip_cli_s3_clear (&self->s3);
  g_free (self->to);
  g_clear_object (&self->client);
  g_free (self->bucket);
  g_free (self->prefix);
  g_clear_pointer (&self->objects, g_ptr_array_unref);
  g_clear_pointer (&self->known, json_object_unref);
  g_clear_pointer (&self->gone, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->now);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

#define FAIL(command, code, ...)                                                                   \
  g_set_error (&(command)->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_##code, __VA_ARGS__)

/* ---- what there is */

static gboolean
is_source (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  /* A load takes no hidden file either. */
  return *name != '.' && (g_str_has_suffix (lower, ".csv") || g_str_has_suffix (lower, ".xlsx"));
}

/* A file's ETag is its size and time: what a bucket says of an object, as well as a folder can. */
static gboolean
list_folder (Command *command)
{
  g_autoptr (GDir) dir = g_dir_open (command->from, 0, &command->error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  command->objects = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_aws_object_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (command->from, name, NULL);
      GStatBuf info;
      SlipAwsObject *object;

      if (!is_source (name) || g_stat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      object = g_new0 (SlipAwsObject, 1);
      object->key = g_strdup (path);
      object->size = (guint64)info.st_size;
      object->etag
          = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", object->size,
                             (gint64)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
      g_ptr_array_add (command->objects, object);
    }
  return TRUE;
}

static char *
dup_name (const SlipAwsObject *object)
{
  return g_path_get_basename (object->key);
}

static gboolean
is_source_object (const SlipAwsObject *object)
{
  g_autofree char *name = dup_name (object);

  return is_source (name) && !g_str_has_suffix (object->key, "/");
}

static GPtrArray *
list_prefix (Command *command, const char *prefix, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) objects = slip_aws_objects_list (command->client, command->bucket, prefix,
                                                         cancellable, &command->error);

  for (guint i = objects != NULL ? objects->len : 0; i-- > 0;)
    if (!is_source_object (g_ptr_array_index (objects, i)))
      g_ptr_array_remove_index (objects, i);
  return g_steal_pointer (&objects);
}

/* The folders and files whose names go on from @prefix. */
static char *
dup_similar (const Command *command, const GPtrArray *objects, const char *prefix)
{
  GString *similar = g_string_new (NULL);
  g_autofree char *last = NULL;
  guint n = 0;

  for (guint i = 0; i < objects->len; i++)
    {
      const SlipAwsObject *object = g_ptr_array_index (objects, i);
      const char *end = strchr (object->key + strlen (prefix), '/');
      char *name = end != NULL ? g_strndup (object->key, (gsize)(end - object->key) + 1)
                               : g_strdup (object->key);

      if (g_strcmp0 (name, last) != 0 && n++ < MOST_SIMILAR)
        g_string_append_printf (similar, "%s" BUCKET_SCHEME "%s/%s", n > 1 ? ", " : "",
                                command->bucket, name);
      g_free (last);
      last = name;
    }
  if (n > MOST_SIMILAR)
    g_string_append (similar, " …");
  return g_string_free (similar, FALSE);
}

/* Nothing is in @folder: then what was named is a file, or a name that others begin with, which nobody asked for. */
static gboolean
find_beside (Command *command, const char *folder, GCancellable *cancellable)
{
  g_autofree char *key = g_strndup (folder, strlen (folder) - 1);
  g_autoptr (GPtrArray) objects = list_prefix (command, key, cancellable);
  g_autofree char *similar = NULL;

  if (objects == NULL)
    return FALSE;
  if (objects->len > 0 && g_str_equal (key, command->prefix)
      && g_str_equal (((SlipAwsObject *)g_ptr_array_index (objects, 0))->key, key))
    {
      g_ptr_array_add (command->objects, g_ptr_array_steal_index (objects, 0));
      return TRUE;
    }
  if (objects->len == 0)
    return TRUE;
  similar = dup_similar (command, objects, key);
  FAIL (command, NOT_FOUND, "%s has no .csv and no .xlsx file. Similar names that have: %s",
        command->from, similar);
  return FALSE;
}

/* What a prefix names is a folder, so that p5 is not p50. */
static gboolean
list_bucket (Command *command, GCancellable *cancellable)
{
  gboolean whole = *command->prefix == '\0' || g_str_has_suffix (command->prefix, "/");
  g_autofree char *folder = g_strconcat (command->prefix, whole ? "" : "/", NULL);

  command->objects = list_prefix (command, folder, cancellable);
  return command->objects != NULL
         && (command->objects->len > 0 || *folder == '\0'
             || find_beside (command, folder, cancellable));
}

/* Files of a source have names of their own, whatever folders a bucket keeps them in. */
static gboolean
check_names (Command *command)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < command->objects->len; i++)
    {
      const SlipAwsObject *object = g_ptr_array_index (command->objects, i);

      if (!g_hash_table_add (seen, dup_name (object)))
        {
          g_autofree char *twice = dup_name (object);

          FAIL (command, INPUT, "%s has two files called %s. Name a folder in it", command->from,
                twice);
          return FALSE;
        }
      command->total += object->size;
    }
  if (command->objects->len > 0)
    return TRUE;
  FAIL (command, NOT_FOUND, "%s has no .csv and no .xlsx file", command->from);
  return FALSE;
}

/* ---- the manifest */

static char *
manifest_path (const Command *command)
{
  return g_build_filename (command->to, SLIP_LOAD_FETCHED, NULL);
}

static gboolean
read_manifest (Command *command)
{
  g_autofree char *path = manifest_path (command);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      bytes = slip_file_read (path, SLIP_LOAD_FETCHED_MAX, &command->error);
      if (bytes == NULL)
        return FALSE;
      /* One that cannot be read tells nothing: then all is fetched. */
      node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                              NULL);
    }
  command->known = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
                       ? json_object_ref (json_node_get_object (node))
                       : json_object_new ();
  return TRUE;
}

static gboolean
write_manifest (Command *command)
{
  g_autofree char *path = manifest_path (command);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (command->known));
  g_autofree char *text = slip_json_to_text (node, TRUE);

  return slip_file_write_atomic (path, text, -1, 0600, &command->error);
}

static gboolean
note (Command *command,
      const SlipAwsObject *object,
      const char *version,
      const char *sha256,
      const char *checked)
{
  g_autofree char *name = dup_name (object);
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "from", command->from);
  json_object_set_string_member (entry, "key", object->key);
  json_object_set_string_member (entry, "etag", object->etag);
  if (version != NULL)
    json_object_set_string_member (entry, "version", version);
  json_object_set_int_member (entry, "bytes", (gint64)object->size);
  json_object_set_string_member (entry, "sha256", sha256);
  json_object_set_string_member (entry, "checked", checked);
  json_object_set_object_member (command->known, name, entry);
  return write_manifest (command);
}

/* Whether the file is what was fetched, byte by byte, and the source has it still. */
static gboolean
is_there (Command *command,
          const SlipAwsObject *object,
          const char *path,
          GCancellable *cancellable)
{
  g_autofree char *name = dup_name (object);
  JsonObject *entry = slip_json_object (command->known, name);
  g_autofree char *sha256 = NULL;
  guint64 bytes = 0;

  if (entry == NULL || g_strcmp0 (slip_json_string (entry, "key"), object->key) != 0
      || g_strcmp0 (slip_json_string (entry, "etag"), object->etag) != 0
      || g_strcmp0 (slip_json_string (entry, "from"), command->from) != 0)
    return FALSE;
  sha256 = slip_source_file_digest (path, cancellable, &bytes, NULL);
  return g_strcmp0 (sha256, slip_json_string (entry, "sha256")) == 0;
}

/* ---- fetching */

static void
on_bytes (guint64 done, guint64 total, gpointer data)
{
  Command *command = data;

  g_mutex_lock (&command->mutex);
  command->done = command->bytes + done;
  g_mutex_unlock (&command->mutex);
}

static gboolean
fetch_object (Command *command,
              const SlipAwsObject *object,
              const char *path,
              GCancellable *cancellable)
{
  g_auto (SlipAwsDownload) download = {0};

  return slip_aws_object_download (command->client, command->bucket, object->key, NULL, path,
                                   on_bytes, command, &download, cancellable, &command->error)
         && note (command, object, download.version_id, download.sha256, download.checked);
}

static void
on_copied (goffset done, goffset total, gpointer data)
{
  on_bytes ((guint64)done, (guint64)total, data);
}

/* Beside its name first; both sides are read again and must have one digest. */
static gboolean
copy_file (Command *command,
           const SlipAwsObject *object,
           const char *path,
           GCancellable *cancellable)
{
  g_autofree char *part = g_strconcat (path, ".slipway-part", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (object->key);
  g_autoptr (GFile) to = g_file_new_for_path (part);
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (!g_file_copy (from, to, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, cancellable,
                    on_copied, command, &command->error)
      || (left = slip_source_file_digest (object->key, cancellable, NULL, &command->error)) == NULL
      || (right = slip_source_file_digest (part, cancellable, NULL, &command->error)) == NULL)
    return FALSE;
  if (!g_str_equal (left, right))
    {
      FAIL (command, CHANGED,
            "%s changed while it was copied. Wait until whoever writes it has "
            "finished",
            object->key);
      g_unlink (part);
      return FALSE;
    }
  if (g_rename (part, path) != 0 || !slip_file_sync_folder (command->to, &command->error))
    {
      if (command->error == NULL)
        FAIL (command, IO, "%s cannot be written: %s", path, g_strerror (errno));
      return FALSE;
    }
  return note (command, object, NULL, left, "SHA256");
}

static gboolean
take_object (Command *command, const SlipAwsObject *object, GCancellable *cancellable)
{
  g_autofree char *name = dup_name (object);
  g_autofree char *path = g_build_filename (command->to, name, NULL);
  gboolean ok = TRUE;

  g_mutex_lock (&command->mutex);
  g_free (command->now);
  command->now = g_strdup (name);
  g_mutex_unlock (&command->mutex);
  if (is_there (command, object, path, cancellable))
    command->kept++;
  else
    {
      ok = command->client != NULL ? fetch_object (command, object, path, cancellable)
                                   : copy_file (command, object, path, cancellable);
      command->fetched += ok;
    }
  command->bytes += object->size;
  return ok;
}

/* What the source has no more stays, as somebody may still need it, and is told. */
static gboolean
find_gone (Command *command)
{
  g_autoptr (GHashTable) here = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) names = json_object_get_members (command->known);

  for (guint i = 0; i < command->objects->len; i++)
    g_hash_table_add (here, dup_name (g_ptr_array_index (command->objects, i)));
  command->gone = g_ptr_array_new_with_free_func (g_free);
  for (GList *each = names; each != NULL; each = each->next)
    if (!g_hash_table_contains (here, each->data))
      g_ptr_array_add (command->gone, g_strdup (each->data));
  return TRUE;
}

static gboolean
fetch_all (Command *command, GCancellable *cancellable)
{
  if (!(command->client != NULL ? list_bucket (command, cancellable) : list_folder (command))
      || !check_names (command) || !read_manifest (command))
    return FALSE;
  for (guint i = 0; i < command->objects->len; i++)
    if (!take_object (command, g_ptr_array_index (command->objects, i), cancellable))
      return FALSE;
  return find_gone (command);
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;
  int lock;

  if (g_mkdir_with_parents (command->to, 0700) != 0
      || (lock = open (command->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
    {
      FAIL (command, IO, "%s cannot be made: %s", command->to, g_strerror (errno));
      return;
    }
  if (flock (lock, LOCK_EX | LOCK_NB) != 0)
    FAIL (command, STATE, "another program fetches into %s just now. Wait for it, or end it",
          command->to);
  else
    fetch_all (command, cancellable);
  close (lock);
}

/* ---- the command */

static gboolean
tell (gpointer data)
{
  Command *command = data;

  g_mutex_lock (&command->mutex);
  g_printerr ("\r%s: %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " MB\033[K",
              command->now != NULL ? command->now : command->from, command->done / 1000000,
              command->total / 1000000);
  g_mutex_unlock (&command->mutex);
  return G_SOURCE_CONTINUE;
}

static void
print_result (const Command *command)
{
  if (command->json)
    {
      JsonObject *object = json_object_new ();
      g_autoptr (JsonNode) node = slip_json_new_object (object);
      JsonArray *gone = json_array_new ();
      g_autofree char *text = NULL;

      json_object_set_int_member (object, "fetched", command->fetched);
      json_object_set_int_member (object, "kept", command->kept);
      json_object_set_int_member (object, "bytes", (gint64)command->bytes);
      for (guint i = 0; i < command->gone->len; i++)
        json_array_add_string_element (gone, g_ptr_array_index (command->gone, i));
      json_object_set_array_member (object, "gone", gone);
      json_object_set_object_member (object, "files", json_object_ref (command->known));
      text = slip_json_to_text (node, TRUE);
      g_print ("%s\n", text);
      return;
    }
  for (guint i = 0; i < command->gone->len; i++)
    g_print (_ ("%s is not in %s any more, and stays\n"),
             (const char *)g_ptr_array_index (command->gone, i), command->from);
  g_print (ngettext ("%u file fetched, ", "%u files fetched, ", command->fetched),
           command->fetched);
  g_print (_ ("%u were there; %s/%s has their digests\n"), command->kept, command->to,
           SLIP_LOAD_FETCHED);
}

static gboolean
take_from (SlipCli *cli, Command *command, int *status)
{
  const char *rest;

  if (!g_str_has_prefix (command->from, BUCKET_SCHEME))
    return TRUE;
  rest = command->from + strlen (BUCKET_SCHEME);
  command->bucket = g_strndup (rest, strcspn (rest, "/"));
  command->prefix
      = g_strdup (rest[strlen (command->bucket)] == '/' ? rest + strlen (command->bucket) + 1 : "");
  command->client = slip_cli_s3_open (cli, &command->s3, status);
  return command->client != NULL;
}

int
slip_cli_migrate_load_s3 (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  const GOptionEntry entries[] = {
      {"to", 0, 0, G_OPTION_ARG_FILENAME, &command.to,
       N_ ("The folder that the files are loaded from later"), N_ ("FOLDER")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command.json, N_ ("Print JSON"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &command.quiet, N_ ("Tell no progress"), NULL},
      SLIP_CLI_S3_ENTRIES (&command.s3),
      G_OPTION_ENTRY_NULL,
  };
  int status;

  g_mutex_init (&command.mutex);
  if (!slip_cli_parse (
          entries, "migrate load-s3 s3://BUCKET/PREFIX|FOLDER",
          _ ("Fetches source files (.csv, .xlsx) from a bucket, or copies them from a folder, and "
             "writes their\ndigests beside them. What broke off is taken up, what is there already "
             "is not fetched again, and\nevery file is held against the source's checksum.\n\nExit "
             "status: 0 all files are there, 1 they are not, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (argc != 2 || command.to == NULL)
    return slip_cli_usage_error (
        _ ("migrate load-s3 needs one s3://BUCKET/PREFIX or FOLDER, and --to FOLDER"));
  command.from = argv[1];
  if (!take_from (cli, &command, &status))
    return status;
  slip_cli_migrate_work (work, command.quiet ? NULL : tell, &command);
  if (command.error != NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  print_result (&command);
  return SLIP_CLI_OK;
}
