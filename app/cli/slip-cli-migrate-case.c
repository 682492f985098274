/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate case: one case out of landed tables or files, anonymised, into a migration database of one's own. The
 * work is in app/migration/extract; this file reads options, keeps the salt and tells what came of it. */

#include "config.h"

#include "slip-anonymise.h"
#include "slip-case.h"
#include "slip-cli-migrate.h"
#include "slip-file.h"
#include "slip-json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SALT_BYTES 32
#define MAX_SALT 4096

typedef struct
{
  char *key;
  char *from;
  char *source;
  char *to;
  char *sidecar;
  char *salt_file;
  gboolean json;

  SlipMigration *migration; /* owned */
  SlipCaseOptions options;
  GBytes *salt;           /* owned */
  SlipCaseResult *result; /* owned */
  GError *error;
} Command;

static void
command_clear (Command *self)
{
  g_free (self->key);
  g_free (self->from);
  g_free (self->source);
  g_free (self->to);
  g_free (self->sidecar);
  g_free (self->salt_file);
  g_clear_object (&self->migration);
  g_clear_pointer (&self->salt, g_bytes_unref);
  g_clear_pointer (&self->result, slip_case_result_free);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* ---- the salt */

/* Whoever has the salt can try names until one fits, so it is kept as a key is. */
static gboolean
check_private (const char *path, GError **error)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0 || (info.st_mode & 077) == 0)
    return TRUE; /* a file that is not there is told when it is read */
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
               "%s: others can read the salt. Forbid it: chmod 600 %s", path, path);
  return FALSE;
}

static gboolean
make_salt (const char *path, GError **error)
{
  guint8 salt[SALT_BYTES];
  g_autofree char *folder = g_path_get_dirname (path);
  GString *text = g_string_new (NULL);
  gboolean ok;

  if (getrandom (salt, sizeof salt, 0) != sizeof salt || g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (errno),
                   "%s: the salt cannot be made: %s", path, g_strerror (errno));
      g_string_free (text, TRUE);
      return FALSE;
    }
  for (guint i = 0; i < SALT_BYTES; i++)
    g_string_append_printf (text, "%02x", salt[i]);
  g_string_append_c (text, '\n');
  ok = slip_file_write_atomic (path, text->str, (gssize)text->len, 0600, error);
  explicit_bzero (salt, sizeof salt);
  explicit_bzero (text->str, text->len);
  g_string_free (text, TRUE);
  return ok;
}

/* Line ends around it do not count: editors add them. */
static GBytes *
read_salt (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize length, from = 0;

  if (!check_private (path, error))
    return NULL;
  bytes = slip_file_read (path, MAX_SALT, error);
  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  while (length > 0 && g_ascii_isspace (data[length - 1]))
    length--;
  while (from < length && g_ascii_isspace (data[from]))
    from++;
  if (length - from >= SLIP_ANONYMISE_MIN_SALT)
    return g_bytes_new_from_bytes (bytes, from, length - from);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s: the salt has %" G_GSIZE_FORMAT
               " bytes, and needs %d at least. Make one: head -c 32 /dev/urandom | base64 > %s",
               path, length - from, SLIP_ANONYMISE_MIN_SALT, path);
  return NULL;
}

static gboolean
find_salt (SlipCli *cli, Command *command, GError **error)
{
  g_autofree char *own = g_build_filename (cli->state_dir, "anonymise.salt", NULL);

  if (command->salt_file != NULL)
    command->salt = read_salt (command->salt_file, error);
  else if (g_file_test (own, G_FILE_TEST_EXISTS) || make_salt (own, error))
    command->salt = read_salt (own, error);
  return command->salt != NULL;
}

/* ---- what came of it */

static void
print_json (const SlipCaseResult *result)
{
  JsonObject *object = json_object_new ();
  JsonArray *tables = json_array_new ();
  JsonArray *empty = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "key", result->key);
  json_object_set_array_member (object, "tables", tables);
  for (guint i = 0; i < result->tables->len; i++)
    {
      const SlipCaseTableResult *table = g_ptr_array_index (result->tables, i);
      JsonObject *each = json_object_new ();

      json_object_set_string_member (each, "table", table->table);
      json_object_set_int_member (each, "rows", table->rows);
      json_object_set_int_member (each, "added", table->added);
      json_object_set_int_member (each, "kept", table->kept);
      json_object_set_int_member (each, "removed", table->removed);
      json_array_add_object_element (tables, each);
    }
  json_object_set_array_member (object, "empty", empty);
  for (guint i = 0; i < result->empty->len; i++)
    json_array_add_string_element (empty, g_ptr_array_index (result->empty, i));
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (const SlipCaseResult *result)
{
  guint changed = 0;

  g_print ("%-24s %8s %8s %8s %8s\n", _ ("table"), _ ("rows"), _ ("added"), _ ("kept"),
           _ ("removed"));
  for (guint i = 0; i < result->tables->len; i++)
    {
      const SlipCaseTableResult *table = g_ptr_array_index (result->tables, i);

      g_print ("%-24s %8u %8u %8u %8u\n", table->table, table->rows, table->added, table->kept,
               table->removed);
      changed += table->added + table->removed;
    }
  if (result->empty->len > 0)
    {
      g_autofree char **names = g_new0 (char *, result->empty->len + 1);
      g_autofree char *list = NULL;

      for (guint i = 0; i < result->empty->len; i++)
        names[i] = g_ptr_array_index (result->empty, i);
      list = g_strjoinv (", ", names);
      g_print (_ ("landed without rows, since the case has none there: %s\n"), list);
    }
  g_print (_ ("the case is called “%s” here%s\n"), result->key,
           changed == 0 ? _ (", and nothing has changed") : "");
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;

  command->result
      = slip_case_pull (command->migration, &command->options, cancellable, &command->error);
}

static gboolean
parse (Command *command, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"key", 0, 0, G_OPTION_ARG_STRING, &command->key,
       N_ ("The case, as its source calls it: a value of the column that “case” names"),
       N_ ("VALUE")},
      {"from", 0, 0, G_OPTION_ARG_STRING, &command->from,
       N_ ("The database in which it is landed; only read"), N_ ("CONNINFO")},
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &command->source,
       N_ ("The folder of source files, in place of --from"), N_ ("FOLDER")},
      {"to", 0, 0, G_OPTION_ARG_STRING, &command->to,
       N_ ("The migration database that it is merged into"), N_ ("CONNINFO")},
      {"salt-file", 0, 0, G_OPTION_ARG_FILENAME, &command->salt_file,
       N_ ("The secret that decides who becomes whom; without it one is made in the state folder"),
       N_ ("FILE")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &command->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (
      entries, "migrate case DIR",
      _ ("Takes the rows of one case out of landed tables or source files, puts values of nobody\n"
         "in place of somebody's, and merges them into landed tables of another database. The\n"
         "same salt gives the same values; doing it again changes nothing. Nothing leaves while a\n"
         "column has no class in “case” of the sidecar.\n\n“migrate run DIR” without --source "
         "takes "
         "the case through all stages, into a target of your\nown; of a case alone the gates "
         "before "
         "the target are told and stop nothing.\n\nExit status: 0 it is merged, 1 it is "
         "not, 2 wrong call."),
      argc, argv, status);
}

int
slip_cli_migrate_case (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  int status;

  if (!parse (&command, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate case needs one DIR"));
  if (command.key == NULL || command.to == NULL)
    return slip_cli_usage_error (_ ("migrate case needs --key VALUE and --to CONNINFO"));
  if ((command.from == NULL) == (command.source == NULL))
    return slip_cli_usage_error (
        _ ("migrate case needs either --from CONNINFO or --source FOLDER"));
  command.migration = slip_cli_migrate_read (
      argv[1], command.sidecar, (const char *[]){"/case", "/source", "/schemas", NULL}, &status);
  if (command.migration == NULL)
    return status;
  if (!find_salt (cli, &command, &command.error))
    return slip_cli_fail (g_steal_pointer (&command.error));
  command.options = (SlipCaseOptions){.key = command.key,
                                      .from = command.from,
                                      .source = command.source,
                                      .to = command.to,
                                      .salt = command.salt};
  slip_cli_migrate_work (work, NULL, &command);
  if (command.result == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  if (command.json)
    print_json (command.result);
  else
    print_text (command.result);
  return SLIP_CLI_OK;
}
