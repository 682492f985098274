/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate versions: which versions of definitions a bucket has, one of them into a folder, and what two of them
 * mean differently. Installing is in slip-definitions-version.h, downloading in slip-aws-objects.h. */

#include "config.h"

#include "slip-aws-objects.h"
#include "slip-cli-migrate.h"
#include "slip-cli-s3.h"
#include "slip-definitions-version.h"
#include "slip-json.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define ARCHIVE "mappings.zip"

typedef struct
{
  SlipCliS3 s3;
  char *bucket;
  char *from;
  char *key;
  char *version;
  gboolean json;

  SlipAwsClient *client; /* owned */
  const char *folder;
  GPtrArray *versions;            /* owned; element-type SlipAwsObject */
  SlipDefinitionsVersion *synced; /* owned */
  SlipDefinitionsInstall install;
  GError *error;
} Command;

static void
command_clear (Command *self)
{
  slip_cli_s3_clear (&self->s3);
  g_free (self->bucket);
  g_free (self->from);
  g_free (self->key);
  g_free (self->version);
  g_clear_object (&self->client);
  g_clear_pointer (&self->versions, g_ptr_array_unref);
  g_clear_pointer (&self->synced, slip_definitions_version_free);
  slip_definitions_install_clear (&self->install);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

#define BUCKET_ENTRIES(command)                                                                    \
  {"bucket",                                                                                       \
   0,                                                                                              \
   0,                                                                                              \
   G_OPTION_ARG_STRING,                                                                            \
   &(command)->bucket,                                                                             \
   N_ ("The bucket in which versions are kept"),                                                   \
   N_ ("BUCKET")},                                                                                 \
      {"from",                                                                                     \
       0,                                                                                          \
       0,                                                                                          \
       G_OPTION_ARG_STRING,                                                                        \
       &(command)->from,                                                                           \
       N_ ("The folder of the bucket: merged (default) or staged"),                                \
       N_ ("FOLDER")},                                                                             \
      {"key",                                                                                      \
       0,                                                                                          \
       0,                                                                                          \
       G_OPTION_ARG_STRING,                                                                        \
       &(command)->key,                                                                            \
       N_ ("The key, where it is not FOLDER/mappings.zip"),                                        \
       N_ ("KEY")},                                                                                \
      {"json", 0, 0, G_OPTION_ARG_NONE, &(command)->json, N_ ("Print JSON"), NULL},                \
      SLIP_CLI_S3_ENTRIES (&(command)->s3)

static gboolean
take_bucket (SlipCli *cli, Command *command, const char *name, int *status)
{
  if (command->bucket == NULL)
    *status = slip_cli_usage_error (_ ("migrate versions %s needs --bucket BUCKET"), name);
  else if (command->from != NULL && command->key != NULL)
    *status = slip_cli_usage_error (_ ("give either --from or --key"));
  else
    {
      if (command->key == NULL)
        command->key
            = g_strdup_printf ("%s/%s", command->from != NULL ? command->from : "merged", ARCHIVE);
      command->client = slip_cli_s3_open (cli, &command->s3, status);
    }
  return command->client != NULL;
}

static void
print_json (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *text = slip_json_to_text (node, TRUE);

  g_print ("%s\n", text);
}

/* ---- list */

static void
list_work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;

  command->versions = slip_aws_objects_list_versions (command->client, command->bucket,
                                                      command->key, cancellable, &command->error);
}

static gboolean
is_here (const Command *command, const SlipAwsObject *object)
{
  const SlipDefinitionsVersion *now = command->synced;

  return now != NULL && g_strcmp0 (now->version_id, object->version_id) == 0
         && g_strcmp0 (now->key, object->key) == 0 && g_strcmp0 (now->bucket, command->bucket) == 0;
}

static void
print_versions_json (const Command *command)
{
  JsonObject *object = json_object_new ();
  JsonArray *versions = json_array_new ();

  json_object_set_string_member (object, "bucket", command->bucket);
  json_object_set_string_member (object, "key", command->key);
  json_object_set_array_member (object, "versions", versions);
  for (guint i = 0; i < command->versions->len; i++)
    {
      const SlipAwsObject *each = g_ptr_array_index (command->versions, i);
      JsonObject *version = json_object_new ();

      json_object_set_string_member (version, "version", each->version_id);
      json_object_set_string_member (version, "lastModified", each->last_modified);
      json_object_set_int_member (version, "bytes", (gint64)each->size);
      json_object_set_boolean_member (version, "latest", each->latest);
      json_object_set_boolean_member (version, "deleted", each->marker);
      json_object_set_boolean_member (version, "here", is_here (command, each));
      json_array_add_object_element (versions, version);
    }
  print_json (object);
}

static int
versions_list (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  const GOptionEntry entries[] = {BUCKET_ENTRIES (&command), G_OPTION_ENTRY_NULL};
  int status;

  if (!slip_cli_parse (
          entries, "migrate versions list [DIR]",
          _ ("Lists the versions of definitions that a bucket has, the newest first. With DIR the "
             "one that is there is marked."),
          &argc, &argv, &status))
    return status;
  if (argc > 2)
    return slip_cli_usage_error (_ ("migrate versions list takes one DIR at most"));
  if (!take_bucket (cli, &command, "list", &status))
    return status;
  if (argc == 2)
    command.synced = slip_definitions_version_read (argv[1]);
  slip_cli_migrate_work (list_work, NULL, &command);
  if (command.versions == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  if (command.json)
    print_versions_json (&command);
  for (guint i = 0; !command.json && i < command.versions->len; i++)
    {
      const SlipAwsObject *each = g_ptr_array_index (command.versions, i);

      g_print ("%c %-34s %-26s %10" G_GUINT64_FORMAT "%s%s\n", is_here (&command, each) ? '*' : ' ',
               each->version_id, each->last_modified, each->size, each->latest ? _ (" latest") : "",
               each->marker ? _ (" deleted") : "");
    }
  if (!command.json && command.versions->len == 0)
    g_print (_ ("s3://%s/%s has no versions\n"), command.bucket, command.key);
  return SLIP_CLI_OK;
}

/* ---- sync */

static char *
make_folder (Command *command)
{
  return g_dir_make_tmp ("slipway-definitions-XXXXXX", &command->error);
}

static void
install (Command *command, const char *path, SlipAwsDownload *download)
{
  SlipDefinitionsVersion *version = g_new0 (SlipDefinitionsVersion, 1);

  version->bucket = g_strdup (command->bucket);
  version->key = g_strdup (command->key);
  version->version_id = g_strdup (download->version_id);
  version->last_modified = g_strdup (download->last_modified);
  version->sha256 = g_strdup (download->sha256);
  version->checked = g_strdup (download->checked);
  if (slip_definitions_install (path, command->folder, version, &command->install, &command->error))
    command->synced = version;
  else
    slip_definitions_version_free (version);
}

static void
sync_work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;
  g_auto (SlipAwsDownload) download = {0};
  g_autofree char *folder = make_folder (command);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, ARCHIVE, NULL) : NULL;

  if (folder == NULL)
    return;
  if (slip_aws_object_download (command->client, command->bucket, command->key, command->version,
                                path, NULL, NULL, &download, cancellable, &command->error))
    install (command, path, &download);
  g_unlink (path);
  g_rmdir (folder);
}

static JsonArray *
changes_to_json (GPtrArray *changes)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; changes != NULL && i < changes->len; i++)
    {
      const SlipDefinitionsChange *change = g_ptr_array_index (changes, i);
      JsonObject *object = json_object_new ();
      const char *const members[][2] = {
          {"part", slip_definitions_part_get_name (change->part)},
          {"name", change->name},
          {"item", change->item},
          {"property", change->property},
          {"change", slip_definitions_change_kind_get_name (change->kind)},
          {"before", change->before},
          {"after", change->after},
      };

      for (guint k = 0; k < G_N_ELEMENTS (members); k++)
        if (members[k][1] != NULL)
          json_object_set_string_member (object, members[k][0], members[k][1]);
      json_object_set_boolean_member (object, "rows", change->rows);
      json_array_add_object_element (array, object);
    }
  return array;
}

static void
print_changes (GPtrArray *changes)
{
  guint others = 0;

  for (guint i = 0; i < changes->len; i++)
    {
      const SlipDefinitionsChange *change = g_ptr_array_index (changes, i);
      g_autofree char *text = slip_definitions_change_to_text (change);

      g_print ("%s%s\n", text, change->rows ? "" : _ (" (rows stay)"));
      others += change->rows ? 0 : 1;
    }
  g_print (g_dngettext (NULL, "%u change, %u of them without effect on rows\n",
                        "%u changes, %u of them without effect on rows\n", changes->len),
           changes->len, others);
}

static void
print_sync_json (const Command *command)
{
  const SlipDefinitionsVersion *version = command->synced;
  g_autofree char *previous = slip_definitions_dup_previous (command->folder);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "changed", command->install.changed);
  if (version->version_id != NULL)
    json_object_set_string_member (object, "version", version->version_id);
  json_object_set_string_member (object, "lastModified", version->last_modified);
  json_object_set_string_member (object, "sha256", version->sha256);
  json_object_set_string_member (object, "checked", version->checked);
  json_object_set_int_member (object, "ignored", command->install.ignored);
  if (previous != NULL)
    json_object_set_string_member (object, "previous", previous);
  json_object_set_array_member (object, "changes", changes_to_json (command->install.changes));
  print_json (object);
}

static void
print_sync (const Command *command)
{
  const SlipDefinitionsVersion *version = command->synced;
  g_autofree char *previous = slip_definitions_dup_previous (command->folder);
  const char *id = version->version_id != NULL ? version->version_id : "null";

  if (!command->install.changed)
    {
      g_print (_ ("%s is of version %s already\n"), command->folder, id);
      return;
    }
  g_print (_ ("%s is of version %s now, of %s, checked by %s\n"), command->folder, id,
           version->last_modified, version->checked);
  if (command->install.ignored > 0)
    g_print (ngettext ("%u file of the archive is no definition\n",
                       "%u files of the archive are no definitions\n", command->install.ignored),
             command->install.ignored);
  if (previous != NULL)
    g_print (_ ("the version before is kept in %s\n"), previous);
  if (command->install.changes != NULL)
    print_changes (command->install.changes);
}

static int
versions_sync (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  const GOptionEntry entries[] = {
      {"version", 0, 0, G_OPTION_ARG_STRING, &command.version,
       N_ ("The version, as “versions list” tells it; without it the latest"), N_ ("ID")},
      BUCKET_ENTRIES (&command),
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "migrate versions sync DIR",
          _ ("Puts a version of definitions from a bucket into DIR: mapping_definitions, and what "
             "the archive\nhas beside it. It is checked before, changes places with the old one at "
             "once, and the old one is\nkept. Tells what it means differently.\n\nExit status: 0 "
             "DIR is of that version, 1 it is as it was, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate versions sync needs one DIR"));
  if (!take_bucket (cli, &command, "sync", &status))
    return status;
  command.folder = argv[1];
  slip_cli_migrate_work (sync_work, NULL, &command);
  if (command.synced == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  if (command.json)
    print_sync_json (&command);
  else
    print_sync (&command);
  return SLIP_CLI_OK;
}

/* ---- diff */

static SlipDefinitions *
read_side (const char *folder, int *status)
{
  g_autoptr (GError) error = NULL;
  SlipDefinitions *definitions = slip_definitions_load (folder, &error);

  if (definitions == NULL)
    *status = slip_cli_fail (g_steal_pointer (&error));
  return definitions;
}

static int
diff (const char *before, const char *after, gboolean json)
{
  int status = SLIP_CLI_OK;
  g_autoptr (SlipDefinitions) left = read_side (before, &status);
  g_autoptr (SlipDefinitions) right = left != NULL ? read_side (after, &status) : NULL;
  g_autoptr (GPtrArray) changes = NULL;

  if (right == NULL)
    return status;
  changes = slip_definitions_diff (left, right);
  if (json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "before", before);
      json_object_set_string_member (object, "after", after);
      json_object_set_array_member (object, "changes", changes_to_json (changes));
      print_json (object);
    }
  else
    print_changes (changes);
  return changes->len > 0 ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}

static int
versions_diff (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *previous = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status;

  if (!slip_cli_parse (
          entries, "migrate versions diff [BEFORE] DIR",
          _ ("Tells what DIR means differently from BEFORE, or from the version that was there "
             "before it:\ncolumns, lookups, conditions, tables, validations; not how files look.\n"
             "\nExit status: 0 both mean the same, 1 they do not or one is faulty, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (argc == 3)
    return diff (argv[1], argv[2], json);
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate versions diff needs one DIR, or two"));
  previous = slip_definitions_dup_previous (argv[1]);
  if (previous == NULL)
    return slip_cli_usage_error (
        _ ("%s keeps no version before. Name the folder to compare with first"), argv[1]);
  return diff (previous, argv[1], json);
}

/* ---- all */

int
slip_cli_migrate_versions (SlipCli *cli, int argc, char **argv)
{
  static const struct
  {
    const char *name;
    SlipCliFunc func;
    const char *summary;
  } commands[] = {
      {"diff", versions_diff, N_ ("what two versions mean differently")},
      {"list", versions_list, N_ ("the versions that a bucket has")},
      {"sync", versions_sync, N_ ("a version into a folder")},
  };

  for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return commands[i].func (cli, argc - 1, argv + 1);
  if (argc < 2 || (!g_str_equal (argv[1], "--help") && !g_str_equal (argv[1], "-h")))
    return slip_cli_usage_error (_ ("migrate versions needs a command: diff, list or sync"));
  g_print (_ ("Usage: slipwayctl migrate versions COMMAND …\n\n"
              "Versions of definitions that are kept in a versioned bucket of S3.\n\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  return SLIP_CLI_OK;
}
