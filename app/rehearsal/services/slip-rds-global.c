/* SPDX-License-Identifier: MIT */
/* Aurora global clusters: their members, what clusters ask of them, creation and description. A global
 * cluster belongs to an account and to no region. Detaching and switching members is in
 * slip-rds-global-members.c, change and deletion in slip-rds-global-change.c. */

#include "slip-rds-global.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

JsonArray *
slip_rds_global_members (JsonObject *shape)
{
  JsonArray *members = slip_json_array (shape, "GlobalClusterMembers");

  if (members == NULL)
    {
      members = json_array_new ();
      json_object_set_array_member (shape, "GlobalClusterMembers", members);
    }
  return members;
}

guint
slip_rds_global_count_members (const SlipWorldRecord *global)
{
  return json_array_get_length (slip_json_array (slip_rds_shape (global), "GlobalClusterMembers"));
}

JsonObject *
slip_rds_global_find_member (JsonObject *shape, const char *arn)
{
  JsonArray *members = slip_json_array (shape, "GlobalClusterMembers");

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *member = json_array_get_object_element (members, i);
      if (g_strcmp0 (slip_json_string (member, "DBClusterArn"), arn) == 0)
        return member;
    }
  return NULL;
}

const SlipWorldRecord *
slip_rds_global_cluster_of_arn (SlipWorld *world, const char *arn_text)
{
  g_autoptr (SlipArn) arn = arn_text != NULL ? slip_arn_parse (arn_text) : NULL;

  if (arn == NULL || strcmp (arn->service, "rds") != 0
      || !g_str_has_prefix (arn->resource, "cluster:"))
    return NULL;
  return slip_world_get (world, arn->account, arn->region, SLIP_RDS_CLUSTER,
                         arn->resource + strlen ("cluster:"));
}

/* The writer's entry lists the others. */
void
slip_rds_global_update_readers (JsonObject *shape)
{
  JsonArray *members = slip_rds_global_members (shape);

  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      JsonObject *member = json_array_get_object_element (members, i);
      JsonArray *readers = json_array_new ();

      for (guint j = 0;
           slip_json_bool (member, "IsWriter", FALSE) && j < json_array_get_length (members); j++)
        if (j != i)
          json_array_add_string_element (
              readers,
              slip_json_string (json_array_get_object_element (members, j), "DBClusterArn"));
      json_object_set_array_member (member, "Readers", readers);
    }
}

const SlipWorldRecord *
slip_rds_global_primary (SlipWorld *world, const SlipWorldRecord *global)
{
  JsonArray *members = slip_json_array (slip_rds_shape (global), "GlobalClusterMembers");

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *member = json_array_get_object_element (members, i);
      if (slip_json_bool (member, "IsWriter", FALSE))
        return slip_rds_global_cluster_of_arn (world, slip_json_string (member, "DBClusterArn"));
    }
  return NULL;
}

void
slip_rds_global_add_member (SlipWorld *world,
                            const SlipWorldRecord *global,
                            SlipRdsEdit *cluster,
                            const char *synchronization)
{
  SlipRdsEdit *edit = slip_rds_edit_record (world, global);
  JsonArray *members = slip_rds_global_members (edit->shape);
  gboolean writer = json_array_get_length (members) == 0;
  JsonObject *member = json_object_new ();

  json_object_set_string_member (member, "DBClusterArn",
                                 slip_json_string (cluster->shape, "DBClusterArn"));
  json_object_set_boolean_member (member, "IsWriter", writer);
  json_object_set_string_member (member, "GlobalWriteForwardingStatus", "disabled");
  json_object_set_string_member (member, "SynchronizationStatus", synchronization);
  json_array_add_object_element (members, member);
  slip_rds_global_update_readers (edit->shape);
  json_object_set_string_member (cluster->data, "global", edit->id);
  json_object_set_boolean_member (cluster->data, "secondary", !writer);
  slip_rds_edit_save (edit);
}

static void
change_member (SlipWorld *world,
               const char *account,
               const char *global,
               const char *arn,
               const char *name,
               const char *value)
{
  SlipRdsEdit *edit = slip_rds_edit (world, account, "", SLIP_RDS_GLOBAL, global);
  JsonObject *member;

  if (edit == NULL)
    return;
  member = slip_rds_global_find_member (edit->shape, arn);
  if (member != NULL)
    json_object_set_string_member (member, name, value);
  slip_rds_global_update_readers (edit->shape);
  slip_rds_edit_save (edit);
  slip_rds_lag_measure (world, slip_world_get (world, account, "", SLIP_RDS_GLOBAL, global));
}

void
slip_rds_global_set_synchronization (SlipWorld *world,
                                     const char *account,
                                     const char *global,
                                     const char *arn,
                                     const char *synchronization)
{
  change_member (world, account, global, arn, "SynchronizationStatus", synchronization);
}

void
slip_rds_global_rename_member (SlipWorld *world,
                               const char *account,
                               const char *global,
                               const char *old_arn,
                               const char *new_arn)
{
  change_member (world, account, global, old_arn, "DBClusterArn", new_arn);
}

void
slip_rds_global_remove_member (SlipWorld *world,
                               const char *account,
                               const char *global,
                               const char *arn)
{
  SlipRdsEdit *edit = slip_rds_edit (world, account, "", SLIP_RDS_GLOBAL, global);
  JsonArray *members;

  if (edit == NULL)
    return;
  members = slip_rds_global_members (edit->shape);
  for (guint i = json_array_get_length (members); i > 0; i--)
    if (g_strcmp0 (
            slip_json_string (json_array_get_object_element (members, i - 1), "DBClusterArn"), arn)
        == 0)
      json_array_remove_element (members, i - 1);
  slip_rds_lag_forget (world, arn);
  slip_rds_global_update_readers (edit->shape);
  slip_rds_edit_save (edit);
}

/* --- What clusters ask --- */

gboolean
slip_rds_global_check_delete (SlipServiceContext *ctx,
                              const SlipWorldRecord *cluster,
                              GError **error)
{
  const char *name = slip_json_string (cluster->data, "global");
  const SlipWorldRecord *global
      = name != NULL ? slip_world_get (ctx->world, cluster->account, "", SLIP_RDS_GLOBAL, name)
                     : NULL;

  if (global == NULL)
    return TRUE;
  if (!slip_json_bool (cluster->data, "secondary", FALSE)
      && slip_rds_global_count_members (global) > 1)
    return slip_rds_refuse (
        error, "InvalidGlobalClusterStateFault",
        "Unable to delete cluster that is a primary member of global cluster while there "
        "are other global cluster members");
  return slip_rds_refuse (
      error, "InvalidDBClusterStateFault",
      "This cluster is a part of a global cluster, please remove it from globalcluster "
      "first");
}

static gboolean
check_secondary (SlipServiceContext *ctx,
                 JsonObject *input,
                 const SlipWorldRecord *global,
                 GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *primary = slip_rds_global_primary (ctx->world, global);
  const char *version = slip_json_string (input, "EngineVersion");
  JsonArray *members = slip_json_array (slip_rds_shape (global), "GlobalClusterMembers");

  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      g_autoptr (SlipArn) arn = slip_arn_parse (
          slip_json_string (json_array_get_object_element (members, i), "DBClusterArn"));
      if (strcmp (arn->region, ctx->region) == 0)
        return slip_rds_refuse (error, "InvalidGlobalClusterStateFault",
                                "The global cluster already has a cluster in this region.");
    }
  if (primary == NULL
      || !slip_rds_require_status (primary, allowed, "InvalidDBClusterStateFault", error))
    return FALSE;
  if (version != NULL && !slip_rds_is (primary, "EngineVersion", version))
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "The engine version %s is not the same as that of the primary cluster, %s.",
                     version, slip_rds_get (primary, "EngineVersion"));
      return FALSE;
    }
  return TRUE;
}

const SlipWorldRecord *
slip_rds_global_check_join (SlipServiceContext *ctx,
                            JsonObject *input,
                            gboolean *secondary,
                            GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const char *name = slip_json_string (input, "GlobalClusterIdentifier");
  const SlipWorldRecord *global;

  *secondary = FALSE;
  if (name == NULL)
    return NULL;
  global = slip_rds_find (ctx, name, SLIP_RDS_GLOBAL, error);
  if (global == NULL
      || !slip_rds_require_status (global, allowed, "InvalidGlobalClusterStateFault", error))
    return NULL;
  if (!slip_rds_is (global, "Engine", slip_json_string (input, "Engine")))
    return slip_rds_fail (error, "InvalidParameterCombination",
                          "The engine of the cluster is not that of the global cluster.");
  *secondary = slip_rds_global_count_members (global) > 0;
  if (*secondary && !check_secondary (ctx, input, global, error))
    return NULL;
  return global;
}

/* --- Create --- */

JsonNode *
slip_rds_global_answer (SlipServiceContext *ctx, const char *id)
{
  const SlipWorldRecord *global
      = slip_world_get (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, id);

  return slip_rds_wrap ("GlobalCluster", json_object_ref (slip_rds_shape (global)));
}

static const SlipWorldRecord *
find_first_member (SlipServiceContext *ctx, JsonObject *input, const char *source, GError **error)
{
  static const char *const inherited[]
      = {"Engine", "EngineVersion", "DatabaseName", "StorageEncrypted"};
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *cluster;

  for (guint i = 0; i < G_N_ELEMENTS (inherited); i++)
    if (json_object_has_member (input, inherited[i]))
      return slip_rds_fail (
          error, "InvalidParameterCombination",
          "When creating global cluster from existing db cluster, value for %s "
          "should not be specified since it will be inherited from source cluster",
          inherited[i]);
  if (!g_str_has_prefix (source, "arn:"))
    return slip_rds_fail (error, "InvalidParameterValue", "Malformed db cluster arn %s", source);
  cluster = slip_rds_find (ctx, source, SLIP_RDS_CLUSTER, error);
  if (cluster == NULL
      || !slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error))
    return NULL;
  if (slip_json_string (cluster->data, "global") != NULL)
    return slip_rds_fail (error, "InvalidDBClusterStateFault",
                          "DB cluster %s is already a member of global cluster %s", cluster->id,
                          slip_json_string (cluster->data, "global"));
  return cluster;
}

char *
slip_rds_global_check_new (SlipServiceContext *ctx,
                           const char *wanted,
                           const char *parameter,
                           GError **error)
{
  g_autofree char *id = slip_rds_check_name (wanted, parameter, 63, error);

  if (id != NULL && slip_world_get (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, id) != NULL)
    return slip_rds_fail (error, "GlobalClusterAlreadyExistsFault",
                          "Global cluster %s already exists", id);
  return g_steal_pointer (&id);
}

void
slip_rds_global_fill_defaults (SlipRdsEdit *edit)
{
  static const char *const off[] = {"StorageEncrypted", "DeletionProtection"};

  slip_rds_global_members (edit->shape);
  for (guint i = 0; i < G_N_ELEMENTS (off); i++)
    slip_rds_set_default_bool (edit->shape, off[i], FALSE);
  slip_rds_set_default (edit->shape, "Status", "creating");
  slip_rds_set_default (edit->shape, "EngineLifecycleSupport", "open-source-rds-extended-support");
  if (!json_object_has_member (edit->shape, "GlobalClusterResourceId"))
    {
      g_autofree char *long_id
          = slip_rds_resource_id (edit->world, "", edit->account, "", edit->id);
      g_autofree char *lower = g_ascii_strdown (long_id, 16);
      g_autofree char *id = g_strconcat ("cluster-", lower, NULL);
      json_object_set_string_member (edit->shape, "GlobalClusterResourceId", id);
    }
}

static void
adopt (SlipServiceContext *ctx, const char *global_id, const SlipWorldRecord *cluster)
{
  const SlipWorldRecord *global
      = slip_world_get (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, global_id);
  SlipRdsEdit *edit = slip_rds_edit_record (ctx->world, cluster);

  slip_rds_global_add_member (ctx->world, global, edit, "connected");
  /* The regional cluster is busy for a while too: a secondary cannot be added before. */
  json_object_set_string_member (edit->shape, "Status", "modifying");
  slip_rds_edit_save (edit);
}

JsonNode *
slip_rds_create_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsMember from_input[] = {{"Engine"},
                                             {"DatabaseName"},
                                             {"StorageEncrypted"},
                                             {"DeletionProtection"},
                                             {"EngineLifecycleSupport"},
                                             {NULL}};
  static const SlipRdsMember from_cluster[]
      = {{"Engine"}, {"EngineVersion"}, {"DatabaseName"}, {"StorageEncrypted"}, {NULL}};
  const char *source = slip_json_string (input, "SourceDBClusterIdentifier");
  gint64 quota = slip_world_get_quota (ctx->world, ctx->account, "", "rds.global-clusters", 5);
  const SlipWorldRecord *cluster = NULL;
  const char *version = NULL;
  g_autofree char *id = slip_rds_global_check_new (
      ctx, slip_json_string (input, "GlobalClusterIdentifier"), "GlobalClusterIdentifier", error);
  SlipRdsEdit *edit;

  if (id == NULL)
    return NULL;
  if (slip_world_count (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL) >= quota)
    return slip_rds_fail (error, "GlobalClusterQuotaExceededFault",
                          "Cannot create more than %" G_GINT64_FORMAT " global clusters", quota);
  if (source != NULL)
    {
      cluster = find_first_member (ctx, input, source, error);
      if (cluster == NULL)
        return NULL;
    }
  else
    {
      if (slip_json_string (input, "Engine") == NULL)
        return slip_rds_fail (
            error, "InvalidParameterValue",
            "When creating standalone global cluster, value for engineName should "
            "be specified");
      version = slip_rds_check_version (slip_json_string (input, "Engine"),
                                        slip_json_string (input, "EngineVersion"), error);
      if (version == NULL)
        return NULL;
    }
  edit = slip_rds_edit_new (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, id);
  slip_rds_copy_members (input, edit->shape, from_input);
  if (cluster != NULL)
    slip_rds_copy_members (slip_rds_shape (cluster), edit->shape, from_cluster);
  else
    json_object_set_string_member (edit->shape, "EngineVersion", version);
  slip_rds_global_fill_defaults (edit);
  slip_rds_edit_save (edit);
  if (cluster != NULL)
    adopt (ctx, id, cluster);
  slip_rds_lag_begin (ctx->world);
  slip_world_schedule (ctx->world, SLIP_RDS_GLOBAL_CREATE, "rds.global-created", ctx->account, "",
                       SLIP_RDS_GLOBAL, id, NULL);
  return slip_rds_global_answer (ctx, id);
}

static void
on_created (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  const SlipWorldRecord *primary;

  if (edit == NULL)
    return;
  json_object_set_string_member (edit->shape, "Status", "available");
  slip_rds_edit_save (edit);
  primary = slip_rds_global_primary (
      world, slip_world_get (world, transition->account, "", SLIP_RDS_GLOBAL, transition->id));
  if (primary != NULL && slip_rds_is (primary, "Status", "modifying"))
    slip_rds_cluster_set_status (world, primary->account, primary->region, primary->id,
                                 "available");
}

/* --- Describe --- */

static gboolean
member_matches (JsonObject *shape, JsonArray *values)
{
  JsonArray *members = slip_json_array (shape, "GlobalClusterMembers");

  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      const char *arn
          = slip_json_string (json_array_get_object_element (members, i), "DBClusterArn");
      for (guint j = 0; j < json_array_get_length (values); j++)
        {
          const char *value = json_array_get_string_element (values, j);
          if (strcmp (value, arn) == 0 || g_strcmp0 (value, strrchr (arn, ':') + 1) == 0)
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
matches (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *input)
{
  JsonArray *filters = slip_json_array (input, "Filters");

  for (guint i = 0; filters != NULL && i < json_array_get_length (filters); i++)
    {
      JsonArray *values = slip_json_array (json_array_get_object_element (filters, i), "Values");
      if (!member_matches (slip_rds_shape (record), values))
        return FALSE;
    }
  return TRUE;
}

JsonNode *
slip_rds_describe_global_clusters (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter filters[] = {{"db-cluster-id", ""}, {NULL, NULL}};
  const char *value = slip_json_string (input, "GlobalClusterIdentifier");
  g_autoptr (GPtrArray) all = NULL;
  JsonArray *items;

  if (!slip_rds_check_filters (input, filters, error))
    return NULL;
  if (value != NULL && slip_rds_find (ctx, value, SLIP_RDS_GLOBAL, error) == NULL)
    return NULL;
  items = json_array_new ();
  all = slip_world_list (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL);
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *record = g_ptr_array_index (all, i);
      if ((value == NULL || g_ascii_strcasecmp (record->id, value) == 0
           || slip_rds_is (record, "GlobalClusterArn", value))
          && matches (ctx, record, input))
        json_array_add_object_element (items, json_object_ref (slip_rds_shape (record)));
    }
  return slip_rds_list_fixed (input, "GlobalClusters", items, error);
}

void
slip_rds_global_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.global-created", on_created);
}
