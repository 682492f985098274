/* SPDX-License-Identifier: MIT */
/* Where the clusters' PostgreSQLs are, for psql and for the migrations of the workspace: their places change with restores,
 * their names do not. Passwords are those that the secrets hold; nothing of it opens anything real. */

#include "slip-service-file.h"

#include "services/slip-rds.h"
#include "services/slip-secretsmanager-private.h"
#include "slip-file.h"
#include "slip-json.h"

#define FILE_NAME "pg_service.conf"

static JsonNode *
read_secret (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autofree char *name = g_strconcat ("rds-", cluster->id, NULL);
  const SlipWorldRecord *secret
      = slip_world_get (world, cluster->account, cluster->region, SM_SECRET, name);
  const char *current = secret != NULL ? slip_secret_find_stage (secret, SM_CURRENT) : NULL;
  const SlipWorldRecord *version
      = current != NULL ? slip_secret_get_version (world, secret, current) : NULL;
  const char *text = version != NULL ? slip_json_string (version->data, "SecretString") : NULL;

  return text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
}

static void
append_cluster (GString *file, SlipWorld *world, const SlipWorldRecord *cluster)
{
  JsonObject *shape = slip_rds_shape (cluster);
  const char *host = slip_json_string (shape, "Endpoint");
  const char *name = slip_json_string (shape, "DatabaseName");
  g_autoptr (JsonNode) secret = read_secret (world, cluster);
  JsonObject *login = slip_json_node_object (secret);
  const char *password = login != NULL ? slip_json_string (login, "password") : NULL;

  /* A cluster without rows has a name that nobody resolves. */
  if (host == NULL || !g_str_has_prefix (host, "127.") || password == NULL)
    return;
  g_string_append_printf (file, "[%s]\nhost=%s\nport=%d\ndbname=%s\nuser=%s\npassword=%s\n\n",
                          cluster->id, host, (int)slip_json_int (shape, "Port", 0),
                          name != NULL ? name : "postgres",
                          slip_json_string (shape, "MasterUsername"), password);
}

static gboolean
write_file (SlipWorld *world, GError **error)
{
  g_autoptr (GPtrArray) clusters = slip_world_list (world, NULL, NULL, SLIP_RDS_CLUSTER);
  g_autoptr (GString) file = g_string_new ("# Written by slipway-rehearsal.\n");
  g_autofree char *path = g_build_filename (slip_world_get_folder (world), FILE_NAME, NULL);

  for (guint i = 0; i < clusters->len; i++)
    append_cluster (file, world, g_ptr_array_index (clusters, i));
  return slip_file_write_atomic (path, file->str, -1, 0600, error);
}

static void
on_changed (SlipWorld *world, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!write_file (world, &error))
    g_message ("the connection service file is out of date: %s", error->message);
}

gboolean
slip_service_file_keep (SlipWorld *world, GError **error)
{
  slip_world_watch (world, SLIP_RDS_CLUSTER, on_changed, NULL);
  return write_file (world, error);
}
