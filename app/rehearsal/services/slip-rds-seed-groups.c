/* SPDX-License-Identifier: MIT */
/* Parameter, subnet and security groups of a scenario, and those that AWS makes by itself in every
 * account and region. */

#include "slip-rds-groups.h"
#include "slip-rds-operations.h"
#include "slip-rds-seed.h"

#include "slip-json.h"

/* --- What AWS makes by itself --- */

typedef struct
{
  SlipWorld *world;
  const char *account;
  const char *region;
} Place;

static void
add_default_groups (const char *family, gpointer data)
{
  static const char *const types[] = {SLIP_RDS_CLUSTER_GROUP, SLIP_RDS_GROUP};
  Place *place = data;
  g_autofree char *id = g_strconcat ("default.", family, NULL);
  g_autofree char *description = g_strdup_printf ("Default parameter group for %s", family);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      SlipRdsEdit *edit
          = slip_rds_edit_new (place->world, place->account, place->region, types[i], id);
      json_object_set_string_member (edit->shape, "DBParameterGroupFamily", family);
      json_object_set_string_member (edit->shape, "Description", description);
      slip_rds_edit_save (edit);
    }
}

void
slip_rds_prepare (SlipWorld *world, const char *account, const char *region)
{
  const char *const subnets[]
      = {"subnet-0000000000000000a", "subnet-0000000000000000b", "subnet-0000000000000000c", NULL};
  Place place = {world, account, region};
  g_autoptr (JsonArray) ids = slip_rds_strings (subnets);
  SlipRdsEdit *edit = slip_rds_edit_new (world, account, region, SLIP_RDS_SUBNETS, "default");

  slip_rds_foreach_family (add_default_groups, &place);
  json_object_set_string_member (edit->shape, "DBSubnetGroupDescription", "default");
  slip_rds_subnet_group_fill (edit, ids, NULL);
  slip_rds_edit_save (edit);
}

/* --- Groups --- */

static gboolean
seed_parameter_group (
    const SlipSeed *seed, JsonObject *item, const char *path, const char *type, GError **error)
{
  static const char *const members[] = {"id", "family", "description", "parameters", "tags", NULL};
  static const SlipRdsSeedMember shapes[]
      = {{"family", "DBParameterGroupFamily", 's'}, {"description", "Description", 's'}, {NULL}};
  g_autofree char *id = NULL;
  JsonObject *parameters;
  g_autoptr (SlipRdsEdit) edit = NULL;
  g_autoptr (GList) names = NULL;
  JsonObject *values;

  if (!slip_scenario_check_members (item, path, members, error)
      || (id = slip_rds_seed_id (seed, item, path, type, error)) == NULL
      || !slip_scenario_get_object (item, path, "parameters", FALSE, &parameters, error))
    return FALSE;
  edit = slip_rds_edit_new (seed->world, seed->account, seed->region, type, id);
  if (!slip_rds_seed_copy (item, path, shapes, edit->shape, error))
    return FALSE;
  if (!slip_rds_is_family (slip_json_string (edit->shape, "DBParameterGroupFamily")))
    return slip_scenario_error (error, path, "member family is no parameter group family");
  slip_rds_set_default (edit->shape, "Description", id);
  values = json_object_new ();
  names = parameters != NULL ? json_object_get_members (parameters) : NULL;
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *value = json_object_new ();
      slip_rds_set_default (value, "value", slip_json_string (parameters, l->data));
      json_object_set_string_member (value, "method", "pending-reboot");
      json_object_set_object_member (values, l->data, value);
    }
  json_object_set_object_member (edit->data, "parameters", values);
  slip_rds_set_tags (edit, slip_rds_seed_tags (item));
  slip_rds_edit_save (g_steal_pointer (&edit));
  return TRUE;
}

static gboolean
seed_cluster_group (JsonObject *item, const char *path, gpointer data, GError **error)
{
  return seed_parameter_group (data, item, path, SLIP_RDS_CLUSTER_GROUP, error);
}

static gboolean
seed_group (JsonObject *item, const char *path, gpointer data, GError **error)
{
  return seed_parameter_group (data, item, path, SLIP_RDS_GROUP, error);
}

static gboolean
seed_subnets (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"id", "description", "vpc", "subnets", "tags", NULL};
  const SlipSeed *seed = data;
  const char *vpc;
  const char *description;
  JsonArray *subnets;
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (!slip_scenario_check_members (item, path, members, error)
      || (id = slip_rds_seed_id (seed, item, path, SLIP_RDS_SUBNETS, error)) == NULL
      || !slip_scenario_get_string (item, path, "vpc", FALSE, &vpc, error)
      || !slip_scenario_get_string (item, path, "description", FALSE, &description, error)
      || !slip_scenario_get_strings (item, path, "subnets", TRUE, &subnets, error))
    return FALSE;
  edit = slip_rds_edit_new (seed->world, seed->account, seed->region, SLIP_RDS_SUBNETS, id);
  json_object_set_string_member (edit->shape, "DBSubnetGroupDescription",
                                 description != NULL ? description : id);
  slip_rds_subnet_group_fill (edit, subnets, vpc);
  slip_rds_set_tags (edit, slip_rds_seed_tags (item));
  slip_rds_edit_save (edit);
  return TRUE;
}

static gboolean
seed_security_groups (const SlipSeed *seed, GError **error)
{
  JsonArray *ids;

  if (!slip_scenario_get_strings (seed->section, seed->path, "security_groups", FALSE, &ids, error))
    return FALSE;
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    slip_world_put (seed->world, seed->account, seed->region, SLIP_RDS_SECURITY_GROUP,
                    json_array_get_string_element (ids, i), json_object_new ());
  return TRUE;
}

gboolean
slip_rds_seed_groups (const SlipSeed *seed, GError **error)
{
  JsonObject *section = seed->section;
  gpointer data = (gpointer)seed;

  return seed_security_groups (seed, error)
         && slip_scenario_foreach_item (section, seed->path, "subnet_groups", seed_subnets, data,
                                        error)
         && slip_scenario_foreach_item (section, seed->path, "cluster_parameter_groups",
                                        seed_cluster_group, data, error)
         && slip_scenario_foreach_item (section, seed->path, "parameter_groups", seed_group, data,
                                        error);
}
