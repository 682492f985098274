/* SPDX-License-Identifier: MIT */
/* Master passwords that RDS itself keeps in Secrets Manager (ManageMasterUserPassword). */

#include "slip-rds-cluster.h"
#include "slip-secretsmanager-private.h"

#include "slip-json.h"

#include <string.h>

static char *
secret_name (const char *resource_id)
{
  return g_strdup_printf ("rds!%s", resource_id);
}

static char *
new_password (void)
{
  return slip_random_id (
      NULL, 28, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&*+-=?");
}

char *
slip_rds_manage_password (SlipRdsEdit *cluster, const char *key_arn)
{
  const char *resource = slip_json_string (cluster->shape, "DbClusterResourceId");
  const char *user = slip_json_string (cluster->shape, "MasterUsername");
  g_autofree char *name = secret_name (resource);
  g_autofree char *password = new_password ();
  g_autoptr (JsonNode) value = slip_json_new_object (json_object_new ());
  g_autofree char *text = NULL;
  g_autofree char *version = g_uuid_string_random ();
  const SlipWorldRecord *secret
      = slip_world_get (cluster->world, cluster->account, cluster->region, SM_SECRET, name);
  JsonObject *data;
  JsonObject *shown;

  json_object_set_string_member (json_node_get_object (value), "username",
                                 user != NULL ? user : "root");
  json_object_set_string_member (json_node_get_object (value), "password", password);
  text = slip_json_to_text (value, FALSE);
  if (secret == NULL)
    {
      data = json_object_new ();
      json_object_set_string_member (data, "Description",
                                     "Secret associated with a primary RDS DB cluster");
      json_object_set_string_member (data, "KmsKeyId", key_arn);
      json_object_set_string_member (data, "OwningService", "rds");
      secret = slip_secret_make (cluster->world, cluster->account, cluster->region, name, data);
    }
  slip_secret_add_version (cluster->world, secret, version, text, NULL, NULL, NULL);
  secret = slip_world_get (cluster->world, cluster->account, cluster->region, SM_SECRET, name);
  shown = json_object_new ();
  json_object_set_string_member (shown, "SecretArn", slip_json_string (secret->data, "ARN"));
  json_object_set_string_member (shown, "SecretStatus", "active");
  json_object_set_string_member (shown, "KmsKeyId", key_arn);
  json_object_set_object_member (cluster->shape, "MasterUserSecret", shown);
  return g_steal_pointer (&password);
}

void
slip_rds_unmanage_password (SlipRdsEdit *cluster)
{
  g_autofree char *name = secret_name (slip_json_string (cluster->shape, "DbClusterResourceId"));

  slip_secret_remove (cluster->world, cluster->account, cluster->region, name);
  json_object_remove_member (cluster->shape, "MasterUserSecret");
}
