/* SPDX-License-Identifier: MIT */
/* Parameter groups of clusters and of instances, which differ in names only, and subnet groups. */

#include "slip-rds-cluster.h"
#include "slip-rds-groups.h"
#include "slip-rds-operations.h"

#include "slip-json.h"

#include <string.h>

/* The names under which the two kinds of parameter group appear in requests and answers. */
typedef struct
{
  const char *type;
  const char *name;   /* member with the group's name */
  const char *output; /* member of the answer to a creation */
  const char *list;   /* member of the answer to a description */
  gboolean cluster;
} GroupKind;

static const GroupKind cluster_kind = {SLIP_RDS_CLUSTER_GROUP, "DBClusterParameterGroupName",
                                       "DBClusterParameterGroup", "DBClusterParameterGroups", TRUE};
static const GroupKind instance_kind
    = {SLIP_RDS_GROUP, "DBParameterGroupName", "DBParameterGroup", "DBParameterGroups", FALSE};

static JsonNode *
create_group (SlipServiceContext *ctx, JsonObject *input, const GroupKind *kind, GError **error)
{
  static const SlipRdsMember members[] = {{"DBParameterGroupFamily"}, {"Description"}, {NULL}};
  const char *family = slip_json_string (input, "DBParameterGroupFamily");
  JsonArray *tags = slip_json_array (input, "Tags");
  g_autofree char *id
      = slip_rds_check_name (slip_json_string (input, kind->name), kind->name, 255, error);
  const SlipWorldRecord *group;
  SlipRdsEdit *edit;

  if (id == NULL || !slip_rds_check_tags (tags, error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, kind->type, id) != NULL)
    return slip_rds_fail (error, "DBParameterGroupAlreadyExists",
                          "Parameter group %s already exists", id);
  if (!slip_rds_is_family (family))
    return slip_rds_fail (error, "InvalidParameterValue",
                          "ParameterGroupFamily %s is not a valid parameter group family", family);
  if (slip_world_count (ctx->world, ctx->account, ctx->region, kind->type)
      >= slip_world_get_quota (ctx->world, ctx->account, ctx->region, kind->type, 50))
    return slip_rds_fail (error, "DBParameterGroupQuotaExceeded",
                          "You have reached the quota of parameter groups.");
  edit = slip_rds_edit_new (ctx->world, ctx->account, ctx->region, kind->type, id);
  slip_rds_copy_members (input, edit->shape, members);
  slip_rds_set_tags (edit, slip_tags_merge (NULL, tags, "Key"));
  slip_rds_edit_save (edit);
  group = slip_world_get (ctx->world, ctx->account, ctx->region, kind->type, id);
  return slip_rds_wrap (kind->output, json_object_ref (slip_rds_shape (group)));
}

static gboolean
in_use (const SlipWorldRecord *record, gpointer data)
{
  gconstpointer *args = data;
  JsonArray *groups = slip_json_array (slip_rds_shape (record), "DBParameterGroups");
  const char *name = slip_rds_get (record, "DBClusterParameterGroup");

  if (groups != NULL && json_array_get_length (groups) > 0)
    name = slip_json_string (json_array_get_object_element (groups, 0), "DBParameterGroupName");
  if (g_strcmp0 (name, args[0]) == 0)
    args[1] = record;
  return args[1] == NULL;
}

static JsonNode *
delete_group (SlipServiceContext *ctx, JsonObject *input, const GroupKind *kind, GError **error)
{
  const char *name = slip_json_string (input, kind->name);
  const SlipWorldRecord *group = slip_rds_find (ctx, name, kind->type, error);
  gconstpointer args[2] = {NULL, NULL};

  if (group == NULL)
    return NULL;
  if (g_str_has_prefix (group->id, "default."))
    return slip_rds_fail (error, "InvalidDBParameterGroupState",
                          "Default DBParameterGroups cannot be deleted: %s", name);
  args[0] = group->id;
  slip_world_foreach (ctx->world, ctx->account, ctx->region,
                      kind->cluster ? SLIP_RDS_CLUSTER : SLIP_RDS_INSTANCE, NULL, in_use, args);
  if (args[1] != NULL)
    return slip_rds_fail (
        error, "InvalidDBParameterGroupState",
        "One or more database %s are still members of this parameter group %s, so "
        "the group cannot be deleted",
        kind->cluster ? "clusters" : "instances", name);
  slip_world_remove (ctx->world, ctx->account, ctx->region, kind->type, group->id);
  return NULL;
}

static JsonNode *
describe_groups (SlipServiceContext *ctx, JsonObject *input, const GroupKind *kind, GError **error)
{
  static const SlipRdsFilter none[] = {{NULL, NULL}};
  SlipRdsListing listing = {kind->type, kind->list, kind->name, none, NULL, NULL};

  return slip_rds_list (ctx, input, &listing, error);
}

/* --- Parameters --- */

static const SlipRdsParameter *
find_parameter (const char *name, gboolean cluster)
{
  for (const SlipRdsParameter *p = slip_rds_parameters; p->name != NULL; p++)
    if (p->cluster == cluster && g_strcmp0 (p->name, name) == 0)
      return p;
  return NULL;
}

static JsonObject *
view_parameter (const SlipRdsParameter *parameter, JsonObject *values)
{
  JsonObject *own = values != NULL ? slip_json_object (values, parameter->name) : NULL;
  const char *value = own != NULL ? slip_json_string (own, "value") : parameter->value;
  const char *method = own != NULL ? slip_json_string (own, "method") : "pending-reboot";
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "ParameterName", parameter->name);
  if (value != NULL)
    json_object_set_string_member (object, "ParameterValue", value);
  json_object_set_string_member (object, "Description", parameter->description);
  json_object_set_string_member (object, "Source",
                                 own != NULL                ? "user"
                                 : parameter->value != NULL ? "system"
                                                            : "engine-default");
  json_object_set_string_member (object, "ApplyType", parameter->dynamic ? "dynamic" : "static");
  json_object_set_string_member (object, "DataType", parameter->type);
  if (parameter->allowed != NULL)
    json_object_set_string_member (object, "AllowedValues", parameter->allowed);
  json_object_set_boolean_member (object, "IsModifiable", parameter->modifiable);
  json_object_set_string_member (object, "ApplyMethod", method);
  return object;
}

static JsonNode *
describe_parameters (SlipServiceContext *ctx,
                     JsonObject *input,
                     const GroupKind *kind,
                     GError **error)
{
  const SlipWorldRecord *group
      = slip_rds_find (ctx, slip_json_string (input, kind->name), kind->type, error);
  const char *source = slip_json_string (input, "Source");
  JsonArray *items;

  if (group == NULL)
    return NULL;
  items = json_array_new ();
  for (const SlipRdsParameter *p = slip_rds_parameters; p->name != NULL; p++)
    {
      g_autoptr (JsonObject) object = NULL;

      if (p->cluster != kind->cluster)
        continue;
      object = view_parameter (p, slip_json_object (group->data, "parameters"));
      if (source == NULL || g_strcmp0 (slip_json_string (object, "Source"), source) == 0)
        json_array_add_object_element (items, g_steal_pointer (&object));
    }
  return slip_rds_list_fixed (input, "Parameters", items, error);
}

static gboolean
check_parameter (JsonObject *item, const GroupKind *kind, GError **error)
{
  const char *name = slip_json_string (item, "ParameterName");
  const char *method = slip_json_string (item, "ApplyMethod");
  const SlipRdsParameter *parameter = find_parameter (name, kind->cluster);

  if (parameter == NULL)
    {
      slip_rds_fail (error, "InvalidParameterValue", "Could not find parameter with name: %s",
                     name != NULL ? name : "null");
      return FALSE;
    }
  if (!parameter->modifiable)
    {
      slip_rds_fail (error, "InvalidParameterCombination", "The parameter %s is not modifiable",
                     name);
      return FALSE;
    }
  if (!parameter->dynamic && g_strcmp0 (method, "immediate") == 0)
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "cannot use immediate apply method for static parameter %s", name);
      return FALSE;
    }
  return TRUE;
}

static SlipRdsEdit *
edit_group (SlipServiceContext *ctx,
            JsonObject *input,
            const GroupKind *kind,
            JsonObject **values,
            GError **error)
{
  const SlipWorldRecord *group
      = slip_rds_find (ctx, slip_json_string (input, kind->name), kind->type, error);
  JsonArray *items = slip_json_array (input, "Parameters");
  SlipRdsEdit *edit;

  if (group == NULL)
    return NULL;
  if (g_str_has_prefix (group->id, "default."))
    return slip_rds_fail (error, "InvalidDBParameterGroupState",
                          "The default parameter group %s cannot be modified", group->id);
  if (items != NULL && json_array_get_length (items) > 20)
    return slip_rds_fail (error, "InvalidParameterValue",
                          "A maximum of 20 parameters can be modified in a single request");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    if (!check_parameter (json_array_get_object_element (items, i), kind, error))
      return NULL;
  edit = slip_rds_edit_record (ctx->world, group);
  *values = slip_json_object (edit->data, "parameters");
  if (*values == NULL)
    {
      *values = json_object_new ();
      json_object_set_object_member (edit->data, "parameters", *values);
    }
  return edit;
}

static JsonNode *
answer_name (const GroupKind *kind, SlipRdsEdit *edit)
{
  JsonObject *output = json_object_new ();

  json_object_set_string_member (output, kind->name, edit->id);
  slip_rds_edit_save (edit);
  return slip_json_new_object (output);
}

static JsonNode *
modify_group (SlipServiceContext *ctx, JsonObject *input, const GroupKind *kind, GError **error)
{
  JsonArray *items = slip_json_array (input, "Parameters");
  JsonObject *values = NULL;
  SlipRdsEdit *edit = edit_group (ctx, input, kind, &values, error);

  if (edit == NULL)
    return NULL;
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);
      JsonObject *value = json_object_new ();
      const char *text = slip_json_string (item, "ParameterValue");
      const char *method = slip_json_string (item, "ApplyMethod");

      json_object_set_string_member (value, "value", text != NULL ? text : "");
      json_object_set_string_member (value, "method", method != NULL ? method : "pending-reboot");
      json_object_set_object_member (values, slip_json_string (item, "ParameterName"), value);
    }
  return answer_name (kind, edit);
}

JsonNode *
slip_rds_reset_db_cluster_parameter_group (SlipServiceContext *ctx,
                                           JsonObject *input,
                                           GError **error)
{
  JsonArray *items = slip_json_array (input, "Parameters");
  JsonObject *values = NULL;
  SlipRdsEdit *edit = edit_group (ctx, input, &cluster_kind, &values, error);

  if (edit == NULL)
    return NULL;
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    json_object_remove_member (
        values, slip_json_string (json_array_get_object_element (items, i), "ParameterName"));
  if (slip_json_bool (input, "ResetAllParameters", FALSE))
    json_object_remove_member (edit->data, "parameters");
  return answer_name (&cluster_kind, edit);
}

#define OPERATION(name, helper, kind)                                                              \
  JsonNode *name (SlipServiceContext *ctx, JsonObject *input, GError **error)                      \
  {                                                                                                \
    return helper (ctx, input, &kind, error);                                                      \
  }

OPERATION (slip_rds_create_db_cluster_parameter_group, create_group, cluster_kind)
OPERATION (slip_rds_create_db_parameter_group, create_group, instance_kind)
OPERATION (slip_rds_delete_db_cluster_parameter_group, delete_group, cluster_kind)
OPERATION (slip_rds_delete_db_parameter_group, delete_group, instance_kind)
OPERATION (slip_rds_describe_db_cluster_parameter_groups, describe_groups, cluster_kind)
OPERATION (slip_rds_describe_db_parameter_groups, describe_groups, instance_kind)
OPERATION (slip_rds_describe_db_cluster_parameters, describe_parameters, cluster_kind)
OPERATION (slip_rds_describe_db_parameters, describe_parameters, instance_kind)
OPERATION (slip_rds_modify_db_cluster_parameter_group, modify_group, cluster_kind)
OPERATION (slip_rds_modify_db_parameter_group, modify_group, instance_kind)
