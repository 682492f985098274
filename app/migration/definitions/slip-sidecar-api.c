/* SPDX-License-Identifier: MIT */
/* The sidecar's part about checks of the new system's API. Where that is and who asks it stands in no file: it is another in
 * every environment, and secret. */

#include "slip-sidecar-private.h"

static void
checks_free (SlipApiChecks *checks)
{
  g_ptr_array_unref (checks->files);
  g_free (checks->ids);
  g_free (checks->skip);
  g_free (checks);
}

void
slip_api_clear (SlipApi *api)
{
  g_free (api->login);
  g_clear_pointer (&api->checks, g_ptr_array_unref);
}

static GPtrArray *
read_files (SlipReader *reader, JsonObject *object)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
  g_auto (GStrv) names = slip_sidecar_dup_list (reader, object, "files");

  if (names[0] == NULL)
    SLIP_READER_FAULT (reader, "files", "Name at least one CSV file", "nothing is checked");
  for (guint i = 0; names[i] != NULL; i++)
    {
      char *text = slip_reader_dup_file (reader, "files", names[i]);
      SlipNamedSql *file;

      if (text == NULL)
        continue;
      file = g_new0 (SlipNamedSql, 1);
      file->name = g_strdup (names[i]);
      file->sql = text;
      g_ptr_array_add (files, file);
    }
  return files;
}

static gpointer
read_checks (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"files", "ids", "skip", "count", "retry", NULL};
  SlipApiChecks *checks = g_new0 (SlipApiChecks, 1);

  slip_reader_check_members (reader, object, known);
  checks->files = read_files (reader, object);
  checks->ids = slip_reader_need_string (reader, object, "ids");
  checks->skip = slip_reader_dup_string (reader, object, "skip");
  checks->count
      = json_object_has_member (object, "count") && slip_reader_get_bool (reader, object, "count");
  checks->retry
      = !json_object_has_member (object, "retry") || slip_reader_get_bool (reader, object, "retry");
  return checks;
}

void
slip_api_read (SlipReader *reader, JsonObject *object, SlipApi *api)
{
  static const char *const known[] = {"login", "checks", NULL};

  api->checks = g_ptr_array_new_with_free_func ((GDestroyNotify)checks_free);
  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  api->login = slip_reader_dup_string (reader, object, "login");
  if (api->login != NULL && *api->login != '/')
    SLIP_READER_FAULT (reader, "login", "It begins with /, such as /auth/login", "“%s” is no path",
                       api->login);
  slip_sidecar_read_list (reader, object, "checks", read_checks, api->checks);
}
