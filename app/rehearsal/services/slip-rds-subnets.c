/* SPDX-License-Identifier: MIT */
/* Subnet groups, and the check of the groups that a cluster's request names. The estate has no EC2, so
 * a subnet is what its id says: which zone and VPC it is in follows from the order it is given in. */

#include "slip-rds-cluster.h"
#include "slip-rds-operations.h"
#include "slip-rds-seed.h"

#include "slip-json.h"

#include <string.h>

static JsonArray *
view_subnets (const char *region, JsonArray *ids)
{
  JsonArray *subnets = json_array_new ();

  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonObject *subnet = json_object_new ();
      JsonObject *zone = json_object_new ();
      g_autofree char *name = g_strdup_printf ("%s%c", region, 'a' + (int)(i % 3));

      json_object_set_string_member (zone, "Name", name);
      json_object_set_string_member (subnet, "SubnetIdentifier",
                                     json_array_get_string_element (ids, i));
      json_object_set_object_member (subnet, "SubnetAvailabilityZone", zone);
      json_object_set_object_member (subnet, "SubnetOutpost", json_object_new ());
      json_object_set_string_member (subnet, "SubnetStatus", "Active");
      json_array_add_object_element (subnets, subnet);
    }
  return subnets;
}

static gboolean
check_subnets (JsonArray *ids, GError **error)
{
  guint length = ids != NULL ? json_array_get_length (ids) : 0;

  for (guint i = 0; i < length; i++)
    {
      const char *id = json_array_get_string_element (ids, i);
      if (!g_str_has_prefix (id, "subnet-"))
        {
          slip_rds_fail (
              error, "InvalidSubnet",
              "The requested subnet %s is invalid, or multiple subnets were requested that "
              "are not all in a common VPC.",
              id);
          return FALSE;
        }
    }
  if (length >= 2)
    return TRUE;
  slip_rds_fail (error, "DBSubnetGroupDoesNotCoverEnoughAZs",
                 "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
                 "Current AZ coverage: %u. Add subnets to cover at least 2 AZs.",
                 length);
  return FALSE;
}

/* Also for the scenario. */
void
slip_rds_subnet_group_fill (SlipRdsEdit *edit, JsonArray *ids, const char *vpc)
{
  const char *const networks[] = {"IPV4", NULL};

  json_object_set_array_member (edit->shape, "Subnets", view_subnets (edit->region, ids));
  json_object_set_string_member (edit->shape, "SubnetGroupStatus", "Complete");
  if (vpc != NULL)
    json_object_set_string_member (edit->shape, "VpcId", vpc);
  slip_rds_set_default (edit->shape, "VpcId", "vpc-00000000000000000");
  json_object_set_array_member (edit->shape, "SupportedNetworkTypes", slip_rds_strings (networks));
}

static JsonNode *
answer (SlipServiceContext *ctx, const char *id)
{
  const SlipWorldRecord *group
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SUBNETS, id);

  return slip_rds_wrap ("DBSubnetGroup", json_object_ref (slip_rds_shape (group)));
}

JsonNode *
slip_rds_create_db_subnet_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *ids = slip_json_array (input, "SubnetIds");
  JsonArray *tags = slip_json_array (input, "Tags");
  g_autofree char *id = slip_rds_check_name (slip_json_string (input, "DBSubnetGroupName"),
                                             "DBSubnetGroupName", 255, error);
  SlipRdsEdit *edit;

  if (id == NULL || !slip_rds_check_tags (tags, error) || !check_subnets (ids, error))
    return NULL;
  if (strcmp (id, "default") == 0
      || slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SUBNETS, id) != NULL)
    return slip_rds_fail (error, "DBSubnetGroupAlreadyExists",
                          "The DB subnet group '%s' already exists.", id);
  edit = slip_rds_edit_new (ctx->world, ctx->account, ctx->region, SLIP_RDS_SUBNETS, id);
  json_object_set_string_member (edit->shape, "DBSubnetGroupDescription",
                                 slip_json_string (input, "DBSubnetGroupDescription"));
  slip_rds_subnet_group_fill (edit, ids, NULL);
  slip_rds_set_tags (edit, slip_tags_merge (NULL, tags, "Key"));
  slip_rds_edit_save (edit);
  return answer (ctx, id);
}

JsonNode *
slip_rds_modify_db_subnet_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group
      = slip_rds_find (ctx, slip_json_string (input, "DBSubnetGroupName"), SLIP_RDS_SUBNETS, error);
  JsonArray *ids = slip_json_array (input, "SubnetIds");
  const char *description = slip_json_string (input, "DBSubnetGroupDescription");
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (group == NULL || !check_subnets (ids, error))
    return NULL;
  id = g_strdup (group->id);
  edit = slip_rds_edit_record (ctx->world, group);
  if (description != NULL)
    json_object_set_string_member (edit->shape, "DBSubnetGroupDescription", description);
  slip_rds_subnet_group_fill (edit, ids, NULL);
  slip_rds_edit_save (edit);
  return answer (ctx, id);
}

static gboolean
find_user (const SlipWorldRecord *record, gpointer data)
{
  gconstpointer *args = data;

  if (slip_rds_is (record, "DBSubnetGroup", args[0]))
    args[1] = record;
  return args[1] == NULL;
}

JsonNode *
slip_rds_delete_db_subnet_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group
      = slip_rds_find (ctx, slip_json_string (input, "DBSubnetGroupName"), SLIP_RDS_SUBNETS, error);
  gconstpointer args[2] = {NULL, NULL};

  if (group == NULL)
    return NULL;
  args[0] = group->id;
  slip_world_foreach (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, NULL, find_user,
                      args);
  if (args[1] != NULL || strcmp (group->id, "default") == 0)
    return slip_rds_fail (error, "InvalidDBSubnetGroupStateFault",
                          "Cannot delete the subnet group '%s' because at least one database "
                          "instance or cluster is still using it.",
                          group->id);
  slip_world_remove (ctx->world, ctx->account, ctx->region, SLIP_RDS_SUBNETS, group->id);
  return NULL;
}

JsonNode *
slip_rds_describe_db_subnet_groups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter none[] = {{NULL, NULL}};
  static const SlipRdsListing listing
      = {SLIP_RDS_SUBNETS, "DBSubnetGroups", "DBSubnetGroupName", none, NULL, NULL};

  return slip_rds_list (ctx, input, &listing, error);
}

/* --- The groups that a cluster's request names --- */

static gboolean
check_parameter_group (SlipServiceContext *ctx,
                       const char *name,
                       const char *engine,
                       const char *version,
                       GError **error)
{
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;
  g_autofree char *family = slip_rds_dup_family (engine, version);
  const SlipWorldRecord *group;

  if (name == NULL)
    return TRUE;
  group = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER_GROUP, lower);
  if (group == NULL)
    {
      slip_rds_fail (error, "DBClusterParameterGroupNotFound",
                     "DBClusterParameterGroup not found: %s", name);
      return FALSE;
    }
  if (slip_rds_is (group, "DBParameterGroupFamily", family))
    return TRUE;
  slip_rds_fail (error, "InvalidParameterCombination",
                 "The Parameter Group %s with DBParameterGroupFamily %s cannot be used for this "
                 "instance. Please use a Parameter Group with DBParameterGroupFamily %s",
                 name, slip_rds_get (group, "DBParameterGroupFamily"), family);
  return FALSE;
}

static gboolean
check_security_groups (SlipServiceContext *ctx, JsonArray *ids, GError **error)
{
  gboolean known
      = slip_world_count (ctx->world, ctx->account, ctx->region, SLIP_RDS_SECURITY_GROUP) > 0;

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      const char *id = json_array_get_string_element (ids, i);
      if (!g_str_has_prefix (id, "sg-")
          || (known
              && slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SECURITY_GROUP, id)
                     == NULL))
        {
          slip_rds_fail (error, "InvalidParameterValue",
                         "Invalid security group , groupId= %s, groupName=.", id);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
slip_rds_check_groups (SlipServiceContext *ctx,
                       JsonObject *input,
                       const char *engine,
                       const char *version,
                       GError **error)
{
  const char *subnets = slip_json_string (input, "DBSubnetGroupName");
  g_autofree char *lower = subnets != NULL ? g_ascii_strdown (subnets, -1) : NULL;

  if (!check_parameter_group (ctx, slip_json_string (input, "DBClusterParameterGroupName"), engine,
                              version, error)
      || !check_security_groups (ctx, slip_json_array (input, "VpcSecurityGroupIds"), error))
    return FALSE;
  if (subnets == NULL
      || slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SUBNETS, lower) != NULL)
    return TRUE;
  slip_rds_fail (error, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.",
                 subnets);
  return FALSE;
}
