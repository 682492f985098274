/* SPDX-License-Identifier: MIT */
/* Which objects and versions a bucket has. */

#include "slip-aws-objects.h"

#include "slip-json.h"

void
slip_aws_object_free (SlipAwsObject *object)
{
  if (object == NULL)
    return;
  g_free (object->key);
  g_free (object->version_id);
  g_free (object->etag);
  g_free (object->last_modified);
  g_free (object);
}

static void
take (GPtrArray *objects, JsonObject *page, const char *member, gboolean marker)
{
  JsonArray *array = slip_json_array (page, member);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *each = json_array_get_object_element (array, i);
      SlipAwsObject *object = g_new0 (SlipAwsObject, 1);

      object->key = g_strdup (slip_json_string (each, "Key"));
      object->version_id = g_strdup (slip_json_string (each, "VersionId"));
      object->etag = g_strdup (slip_json_string (each, "ETag"));
      object->last_modified = g_strdup (slip_json_string (each, "LastModified"));
      object->size = (guint64)slip_json_int (each, "Size", 0);
      object->latest = slip_json_bool (each, "IsLatest", FALSE);
      object->marker = marker;
      g_ptr_array_add (objects, object);
    }
}

static gboolean
take_page (JsonNode *page, gpointer objects, GError **error)
{
  JsonObject *object = json_node_get_object (page);

  take (objects, object, "Contents", FALSE);
  take (objects, object, "Versions", FALSE);
  take (objects, object, "DeleteMarkers", TRUE);
  return TRUE;
}

static GPtrArray *
list (SlipAwsClient *client,
      const char *operation,
      const char *bucket,
      const char *prefix,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (GPtrArray) objects
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_aws_object_free);
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) input = slip_json_new_object (object);
  const SlipAwsCall call = {.service = "s3", .operation = operation, .input = input};

  json_object_set_string_member (object, "Bucket", bucket);
  if (*prefix != '\0')
    json_object_set_string_member (object, "Prefix", prefix);
  if (!slip_aws_client_list (client, &call, take_page, objects, NULL, cancellable, error))
    return NULL;
  return g_steal_pointer (&objects);
}

GPtrArray *
slip_aws_objects_list (SlipAwsClient *client,
                       const char *bucket,
                       const char *prefix,
                       GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (client) && bucket != NULL && prefix != NULL, NULL);

  return list (client, "ListObjectsV2", bucket, prefix, cancellable, error);
}

/* A page has versions and markers apart; together they are in the order of their times. */
static int
newest_first (gconstpointer left, gconstpointer right)
{
  const SlipAwsObject *const *a = left;
  const SlipAwsObject *const *b = right;

  if ((*a)->latest != (*b)->latest)
    return (*a)->latest ? -1 : 1;
  return g_strcmp0 ((*b)->last_modified, (*a)->last_modified);
}

GPtrArray *
slip_aws_objects_list_versions (SlipAwsClient *client,
                                const char *bucket,
                                const char *key,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GPtrArray) objects = NULL;

  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (client) && bucket != NULL && key != NULL, NULL);

  objects = list (client, "ListObjectVersions", bucket, key, cancellable, error);
  if (objects == NULL)
    return NULL;
  /* The prefix is that of longer keys too. */
  for (guint i = objects->len; i-- > 0;)
    if (g_strcmp0 (((SlipAwsObject *)g_ptr_array_index (objects, i))->key, key) != 0)
      g_ptr_array_remove_index (objects, i);
  g_ptr_array_sort (objects, newest_first);
  return g_steal_pointer (&objects);
}
