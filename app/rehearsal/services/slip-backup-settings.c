/* SPDX-License-Identifier: MIT */

/* The organization's and the region's settings, tags of everything, and protected resources, which are
 * what recovery points tell of the resources they are of. */

#include "slip-backup.h"

#include "slip-json.h"

#include <string.h>

#define CROSS_ACCOUNT "isCrossAccountBackupEnabled"

static const char *const resource_types[] = {"Aurora", "DynamoDB", NULL};

/* --- Settings --- */

static const SlipWorldRecord *
global_settings (SlipWorld *world)
{
  return slip_world_get (world, "", "", SLIP_BACKUP_GLOBAL_SETTINGS, "organization");
}

gboolean
slip_backup_cross_account (SlipWorld *world)
{
  const SlipWorldRecord *settings = global_settings (world);
  JsonObject *map = settings != NULL ? slip_json_object (settings->data, "GlobalSettings") : NULL;

  return map != NULL && g_strcmp0 (slip_json_string (map, CROSS_ACCOUNT), "true") == 0;
}

JsonNode *
slip_backup_describe_global_settings (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[] = {"GlobalSettings", "LastUpdateTime", NULL};
  const SlipWorldRecord *settings = global_settings (ctx->world);
  JsonObject *output = json_object_new ();
  JsonObject *map;

  if (settings != NULL)
    {
      slip_backup_copy_members (settings->data, output, names);
      return slip_json_new_object (output);
    }
  map = json_object_new ();
  json_object_set_string_member (map, CROSS_ACCOUNT, "false");
  json_object_set_object_member (output, "GlobalSettings", map);
  return slip_json_new_object (output);
}

/* AWS lets the management account alone change them; the scenario says which one that is. */
JsonNode *
slip_backup_update_global_settings (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *settings = global_settings (ctx->world);
  const char *management
      = settings != NULL ? slip_json_string (settings->data, "management") : NULL;
  JsonObject *map = slip_json_object (input, "GlobalSettings");
  const char *value = map != NULL ? slip_json_string (map, CROSS_ACCOUNT) : NULL;
  JsonObject *data, *kept;

  if (management != NULL && strcmp (management, ctx->account) != 0)
    return slip_backup_refuse (error,
                               "The account %s is not the management account of its "
                               "organization",
                               ctx->account);
  if (value == NULL || (strcmp (value, "true") != 0 && strcmp (value, "false") != 0))
    return slip_backup_invalid (error, "GlobalSettings must set %s to true or false",
                                CROSS_ACCOUNT);
  data = json_object_new ();
  kept = json_object_new ();
  json_object_set_string_member (kept, CROSS_ACCOUNT, value);
  json_object_set_object_member (data, "GlobalSettings", kept);
  slip_backup_set_time (data, "LastUpdateTime", slip_world_now (ctx->world));
  if (management != NULL)
    json_object_set_string_member (data, "management", management);
  slip_world_put (ctx->world, "", "", SLIP_BACKUP_GLOBAL_SETTINGS, "organization", data);
  return NULL;
}

static JsonObject *
all_types (gboolean value)
{
  JsonObject *map = json_object_new ();

  for (guint i = 0; resource_types[i] != NULL; i++)
    json_object_set_boolean_member (map, resource_types[i], value);
  return map;
}

static JsonObject *
region_settings (SlipServiceContext *ctx)
{
  JsonObject *data = slip_world_edit (ctx->world, ctx->account, ctx->region,
                                      SLIP_BACKUP_REGION_SETTINGS, "settings");

  if (data != NULL)
    return data;
  data = json_object_new ();
  json_object_set_object_member (data, "ResourceTypeOptInPreference", all_types (TRUE));
  json_object_set_object_member (data, "ResourceTypeManagementPreference", json_object_new ());
  return data;
}

JsonNode *
slip_backup_describe_region_settings (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_json_new_object (region_settings (ctx));
}

JsonNode *
slip_backup_update_region_settings (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const maps[]
      = {"ResourceTypeOptInPreference", "ResourceTypeManagementPreference", NULL};
  g_autoptr (JsonObject) data = region_settings (ctx);

  for (guint i = 0; maps[i] != NULL; i++)
    {
      JsonObject *wanted = slip_json_object (input, maps[i]);
      JsonObject *kept = slip_json_object (data, maps[i]);
      JsonObjectIter iter;
      const char *type;
      JsonNode *value;

      if (wanted == NULL)
        continue;
      json_object_iter_init_ordered (&iter, wanted);
      while (json_object_iter_next_ordered (&iter, &type, &value))
        {
          if (!g_strv_contains (resource_types, type))
            return slip_backup_invalid (error, "Resource type %s is not supported", type);
          json_object_set_member (kept, type, json_node_copy (value));
        }
    }
  slip_world_put (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_REGION_SETTINGS, "settings",
                  g_steal_pointer (&data));
  return NULL;
}

JsonNode *
slip_backup_get_supported_types (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *output = json_object_new ();
  JsonArray *types = json_array_new ();

  for (guint i = 0; resource_types[i] != NULL; i++)
    json_array_add_string_element (types, resource_types[i]);
  json_object_set_array_member (output, "ResourceTypes", types);
  return slip_json_new_object (output);
}

/* --- Tags --- */

static const SlipWorldRecord *
find_tagged (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *text = slip_json_string (input, "ResourceArn");
  g_autoptr (SlipArn) arn = slip_arn_parse (text);
  const SlipWorldRecord *record = NULL;

  if (arn != NULL && strcmp (arn->account, ctx->account) == 0)
    record = slip_backup_vault_of_arn (ctx->world, text);
  if (record == NULL && arn != NULL && g_str_has_prefix (arn->resource, "backup-plan:"))
    record = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN,
                             arn->resource + strlen ("backup-plan:"));
  if (record == NULL)
    record = slip_backup_point_of_arn (ctx->world, ctx->account, ctx->region, text);
  if (record != NULL)
    return record;
  return slip_backup_missing (error, "Resource %s does not exist", text);
}

JsonNode *
slip_backup_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = find_tagged (ctx, input, error);
  JsonObject *output;

  if (record == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "Tags",
                                 json_object_ref (slip_json_object (record->data, "tags")));
  return slip_json_new_object (output);
}

JsonNode *
slip_backup_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = find_tagged (ctx, input, error);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  JsonObject *data;

  if (record == NULL)
    return NULL;
  data = slip_backup_edit (ctx->world, record, NULL);
  json_object_iter_init_ordered (&iter, slip_json_object (input, "Tags"));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (slip_json_object (data, "tags"), name, json_node_copy (value));
  slip_backup_put (ctx->world, record, data);
  return NULL;
}

JsonNode *
slip_backup_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *record = find_tagged (ctx, input, error);
  JsonArray *keys = slip_json_array (input, "TagKeyList");
  JsonObject *data;

  if (record == NULL)
    return NULL;
  data = slip_backup_edit (ctx->world, record, NULL);
  for (guint i = 0; i < json_array_get_length (keys); i++)
    json_object_remove_member (slip_json_object (data, "tags"),
                               json_array_get_string_element (keys, i));
  slip_backup_put (ctx->world, record, data);
  return NULL;
}

/* --- Protected resources --- */

static JsonObject *
show_protected (const SlipWorldRecord *point)
{
  static const char *const names[] = {"ResourceArn", "ResourceType", "ResourceName", NULL};
  JsonObject *object = json_object_new ();

  slip_backup_copy_members (slip_backup_shape (point), object, names);
  json_object_set_string_member (object, "LastBackupTime", slip_backup_get (point, "CreationDate"));
  json_object_set_string_member (object, "LastBackupVaultArn",
                                 slip_backup_get (point, "BackupVaultArn"));
  json_object_set_string_member (object, "LastRecoveryPointArn", point->id);
  return object;
}

/* The newest point of every resource, by the resource's ARN. */
static GTree *
newest_points (SlipServiceContext *ctx, GPtrArray *all)
{
  GTree *newest = g_tree_new ((GCompareFunc)strcmp);

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *point = g_ptr_array_index (all, i);
      const char *arn = slip_backup_get (point, "ResourceArn");
      const SlipWorldRecord *known = g_tree_lookup (newest, arn);

      if (known == NULL
          || strcmp (slip_backup_get (point, "CreationDate"),
                     slip_backup_get (known, "CreationDate"))
                 > 0)
        g_tree_replace (newest, (gpointer)arn, (gpointer)point);
    }
  return newest;
}

typedef struct
{
  JsonArray *items;
  const char *after;
  guint size;
  const char *last;
  gboolean more;
} Page;

static gboolean
add_protected (gpointer arn, gpointer point, gpointer data)
{
  Page *page = data;

  if (page->after != NULL && strcmp (arn, page->after) <= 0)
    return FALSE;
  page->more = json_array_get_length (page->items) == page->size;
  if (page->more)
    return TRUE;
  json_array_add_object_element (page->items, show_protected (point));
  page->last = arn;
  return FALSE;
}

JsonNode *
slip_backup_list_protected_resources (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_POINT);
  g_autoptr (GTree) newest = newest_points (ctx, all);
  const char *token = slip_json_string (input, "NextToken");
  g_autofree char *after = token != NULL ? slip_marker_decode (token) : NULL;
  Page page = {NULL, after, (guint)CLAMP (slip_json_int (input, "MaxResults", 1000), 1, 1000), NULL,
               FALSE};
  JsonObject *output;

  if (token != NULL && after == NULL)
    return slip_backup_invalid (error, "Invalid NextToken");
  output = json_object_new ();
  page.items = json_array_new ();
  g_tree_foreach (newest, add_protected, &page);
  json_object_set_array_member (output, "Results", page.items);
  if (page.more)
    {
      g_autofree char *next = slip_marker_encode (page.last);

      json_object_set_string_member (output, "NextToken", next);
    }
  return slip_json_new_object (output);
}

JsonNode *
slip_backup_describe_protected_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "ResourceArn");
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_POINT);
  g_autoptr (GTree) newest = newest_points (ctx, all);
  const SlipWorldRecord *point = g_tree_lookup (newest, arn);

  if (point == NULL)
    return slip_backup_missing (error, "Resource %s is not protected", arn);
  return slip_json_new_object (show_protected (point));
}
