/* SPDX-License-Identifier: MIT */

/* A scenario's `s3` section: buckets with small objects whose content stands in the scenario. */

#include "slip-s3-private.h"

#include "slip-json.h"
#include "slip-scenario.h"

typedef struct
{
  const SlipSeed *seed;
  const SlipWorldRecord *bucket;
} ObjectSeed;

static gboolean
seed_object (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"key", "text", "content_type", NULL};
  ObjectSeed *own = data;
  SlipWorld *world = own->seed->world;
  const char *key, *text, *type;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *file = NULL;
  g_autofree char *etag = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "key", TRUE, &key, error)
      || !slip_scenario_get_string (item, path, "text", TRUE, &text, error)
      || !slip_scenario_get_string (item, path, "content_type", FALSE, &type, error))
    return FALSE;
  bytes = g_bytes_new (text, strlen (text));
  file = slip_s3_file_write (world, &bytes, 1, error);
  if (file == NULL)
    return FALSE;
  etag = slip_s3_etag (bytes);
  json_object_set_string_member (object, "Key", key);
  json_object_set_string_member (object, "file", file);
  json_object_set_string_member (object, "ETag", etag);
  json_object_set_int_member (object, "Size", (gint64)strlen (text));
  json_object_set_string_member (object, "LastModified", now);
  json_object_set_string_member (object, "ServerSideEncryption", "AES256");
  json_object_set_string_member (object, "ContentType",
                                 type != NULL ? type : "binary/octet-stream");
  slip_s3_add (world, own->bucket, object);
  return TRUE;
}

static void
enable_versioning (JsonObject *data)
{
  JsonObject *configuration = json_object_new ();

  json_object_set_string_member (configuration, "Status", "Enabled");
  json_object_set_object_member (data, "VersioningConfiguration", configuration);
}

static gboolean
seed_bucket (JsonObject *item, const char *path, gpointer user_data, GError **error)
{
  static const char *const members[] = {"name", "versioning", "policy", "tags", "objects", NULL};
  const SlipSeed *seed = user_data;
  ObjectSeed own = {seed, NULL};
  const char *name;
  gboolean versioning = FALSE;
  JsonObject *policy, *tags;
  JsonObject *data;
  g_autofree char *now = slip_world_dup_now (seed->world);

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_bool (item, path, "versioning", &versioning, error)
      || !slip_scenario_get_object (item, path, "policy", FALSE, &policy, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error))
    return FALSE;
  if (!slip_s3_bucket_name_is_good (name))
    return slip_scenario_error (error, path, "name %s is no bucket name", name);
  if (slip_s3_bucket_get (seed->world, name) != NULL)
    return slip_scenario_error (error, path, "bucket %s is there already", name);
  data = json_object_new ();
  json_object_set_string_member (data, "created", now);
  if (versioning)
    enable_versioning (data);
  if (policy != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (policy));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      json_object_set_string_member (data, "Policy", text);
    }
  if (tags != NULL)
    {
      JsonObject *tagging = json_object_new ();

      json_object_set_array_member (tagging, "TagSet", slip_tags_from_object (tags));
      json_object_set_object_member (data, "Tagging", tagging);
    }
  slip_s3_bucket_put (seed->world, seed->account, seed->region, name, data);
  own.bucket = slip_s3_bucket_get (seed->world, name);
  return slip_scenario_foreach_item (item, path, "objects", seed_object, &own, error);
}

gboolean
slip_s3_seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "buckets", seed_bucket, error);
}
