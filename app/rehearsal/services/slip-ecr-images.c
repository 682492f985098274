/* SPDX-License-Identifier: MIT */

/* Images of ECR: manifests under their digests, and tags that can be moved where they are mutable. */

#include "slip-ecr-private.h"

#include "slip-json.h"
#include "slip-paging.h"

#define PAGE_SIZE 100

static char *
image_id (const char *repository, const char *digest)
{
  return g_strdup_printf ("%s\t%s", repository, digest);
}

/* (element-type SlipWorldRecord): of one repository, by digest */
GPtrArray *
slip_ecr_list_records (SlipServiceContext *ctx, const char *repository)
{
  g_autoptr (GPtrArray) all = slip_world_list (ctx->world, ctx->account, ctx->region, ECR_IMAGE);
  GPtrArray *own = g_ptr_array_new ();
  g_autofree char *prefix = image_id (repository, "");

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *image = all->pdata[i];

      if (g_str_has_prefix (image->id, prefix))
        g_ptr_array_add (own, (gpointer)image);
    }
  return own;
}

static const char *
digest_of (const SlipWorldRecord *image)
{
  return strchr (image->id, '\t') + 1;
}

static gboolean
has_tag (const SlipWorldRecord *image, const char *tag)
{
  JsonArray *tags = slip_json_array (image->data, "tags");

  for (guint i = 0; i < json_array_get_length (tags); i++)
    if (g_str_equal (json_array_get_string_element (tags, i), tag))
      return TRUE;
  return FALSE;
}

/* By digest, by tag, or by both, which must then be of one image. */
static const SlipWorldRecord *
find_image (SlipServiceContext *ctx, const char *repository, const char *digest, const char *tag)
{
  g_autoptr (GPtrArray) images = slip_ecr_list_records (ctx, repository);

  for (guint i = 0; i < images->len; i++)
    {
      const SlipWorldRecord *image = images->pdata[i];

      if ((digest == NULL || g_str_equal (digest_of (image), digest))
          && (tag == NULL || has_tag (image, tag)) && (digest != NULL || tag != NULL))
        return image;
    }
  return NULL;
}

void
slip_ecr_put_record (SlipWorld *world,
                     const char *account,
                     const char *region,
                     const char *repository,
                     const char *digest,
                     JsonObject *data)
{
  g_autofree char *id = image_id (repository, digest);

  slip_world_put (world, account, region, ECR_IMAGE, id, data);
}

/* What the manifest says its configuration and layers weigh. */
static gint64
size_of (JsonObject *manifest)
{
  JsonObject *config = slip_json_object (manifest, "config");
  JsonArray *layers = slip_json_array (manifest, "layers");
  gint64 size = config != NULL ? slip_json_int (config, "size", 0) : 0;

  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++)
    size += slip_json_int (json_array_get_object_element (layers, i), "size", 0);
  return size;
}

JsonObject *
slip_ecr_new_image (SlipWorld *world, const char *manifest, const char *media_type)
{
  g_autoptr (JsonNode) node = slip_json_parse (manifest, -1, NULL);
  JsonObject *root = node != NULL ? slip_json_node_object (node) : NULL;
  JsonObject *data = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);
  const char *own = root != NULL ? slip_json_string (root, "mediaType") : NULL;

  json_object_set_string_member (data, "manifest", manifest);
  json_object_set_string_member (data, "mediaType",
                                 media_type != NULL ? media_type
                                 : own != NULL      ? own
                                                    : ECR_MANIFEST_TYPE);
  json_object_set_string_member (data, "pushed", now);
  json_object_set_int_member (data, "size", root != NULL ? size_of (root) : 0);
  json_object_set_array_member (data, "tags", json_array_new ());
  return data;
}

static void
take_tag (SlipServiceContext *ctx, const SlipWorldRecord *image, const char *tag)
{
  JsonObject *data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECR_IMAGE, image->id);
  JsonArray *tags = slip_json_array (data, "tags");

  for (guint i = json_array_get_length (tags); i > 0; i--)
    if (g_str_equal (json_array_get_string_element (tags, i - 1), tag))
      json_array_remove_element (tags, i - 1);
  slip_world_put (ctx->world, ctx->account, ctx->region, ECR_IMAGE, image->id, data);
}

static JsonObject *
show_id (const char *digest, const char *tag)
{
  JsonObject *id = json_object_new ();

  json_object_set_string_member (id, "imageDigest", digest);
  if (tag != NULL)
    json_object_set_string_member (id, "imageTag", tag);
  return id;
}

static JsonObject *
show_image (SlipServiceContext *ctx,
            const char *repository,
            const SlipWorldRecord *image,
            const char *tag)
{
  JsonObject *shown = json_object_new ();

  json_object_set_string_member (shown, "registryId", ctx->account);
  json_object_set_string_member (shown, "repositoryName", repository);
  json_object_set_object_member (shown, "imageId", show_id (digest_of (image), tag));
  json_object_set_string_member (shown, "imageManifest",
                                 slip_json_string (image->data, "manifest"));
  json_object_set_string_member (shown, "imageManifestMediaType",
                                 slip_json_string (image->data, "mediaType"));
  return shown;
}

/* What stands against a tag on a digest; NULL when nothing does. */
static gboolean
check_tag (SlipServiceContext *ctx,
           const SlipWorldRecord *repository,
           const char *digest,
           const char *tag,
           GError **error)
{
  const SlipWorldRecord *same = find_image (ctx, repository->id, digest, NULL);
  const SlipWorldRecord *owner = tag != NULL ? find_image (ctx, repository->id, NULL, tag) : NULL;

  if (same != NULL && (tag == NULL || owner == same))
    slip_service_error (error, 400, "ImageAlreadyExistsException",
                        "Image with digest '%s' and tag '%s' already exists in the repository with "
                        "name '%s' in registry with id '%s'",
                        digest, tag != NULL ? tag : "", repository->id, ctx->account);
  else if (owner != NULL
           && g_str_equal (slip_json_string (repository->data, "imageTagMutability"), "IMMUTABLE"))
    slip_service_error (error, 400, "ImageTagAlreadyExistsException",
                        "The image tag '%s' already exists in the '%s' repository and cannot be "
                        "overwritten because the tag is immutable.",
                        tag, repository->id);
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_ecr_put_image (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *manifest = slip_json_string (input, "imageManifest");
  const char *tag = slip_json_string (input, "imageTag");
  const char *given = slip_json_string (input, "imageDigest");
  const SlipWorldRecord *repository
      = slip_ecr_need_repository (ctx, input, slip_json_string (input, "repositoryName"), error);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, manifest, -1);
  g_autofree char *digest = g_strconcat ("sha256:", sum, NULL);
  const SlipWorldRecord *old;
  JsonObject *data;

  if (repository == NULL)
    return NULL;
  if (given != NULL && !g_str_equal (given, digest))
    return slip_service_error (error, 400, "ImageDigestDoesNotMatchException",
                               "The specified image digest '%s' does not match the digest '%s' of "
                               "the manifest",
                               given, digest);
  if (!check_tag (ctx, repository, digest, tag, error))
    return NULL;
  old = tag != NULL ? find_image (ctx, repository->id, NULL, tag) : NULL;
  if (old != NULL)
    take_tag (ctx, old, tag);
  old = find_image (ctx, repository->id, digest, NULL);
  data = old != NULL ? slip_world_edit (ctx->world, ctx->account, ctx->region, ECR_IMAGE, old->id)
                     : slip_ecr_new_image (ctx->world, manifest,
                                           slip_json_string (input, "imageManifestMediaType"));
  if (tag != NULL)
    json_array_add_string_element (slip_json_array (data, "tags"), tag);
  slip_ecr_put_record (ctx->world, ctx->account, ctx->region, repository->id, digest, data);
  return slip_ecr_wrap ("image", show_image (ctx, repository->id,
                                             find_image (ctx, repository->id, digest, NULL), tag));
}

/* Whether the filter of a list wants an image or one of its tags. */
static gboolean
wants (JsonObject *input, gboolean tagged)
{
  JsonObject *filter = slip_json_object (input, "filter");
  const char *status = filter != NULL ? slip_json_string (filter, "tagStatus") : NULL;

  return status == NULL || g_str_equal (status, "ANY")
         || g_str_equal (status, tagged ? "TAGGED" : "UNTAGGED");
}

/* Takes @items over. */
static JsonNode *
page_of (JsonObject *input, const char *member, JsonArray *items, GError **error)
{
  static const SlipPaging paging = {
      .token = "nextToken",
      .limit = "maxResults",
      .standard = PAGE_SIZE,
      .most = 1000,
      .code = "InvalidParameterException",
      .message = "Invalid parameter at 'nextToken' failed to satisfy constraint",
  };

  return slip_page_array (input, member, items, &paging, error);
}

JsonNode *
slip_ecr_list_images (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (JsonArray) all = json_array_new ();

  if (slip_ecr_need_repository (ctx, input, name, error) == NULL)
    return NULL;
  images = slip_ecr_list_records (ctx, name);
  for (guint i = 0; i < images->len; i++)
    {
      const SlipWorldRecord *image = images->pdata[i];
      JsonArray *tags = slip_json_array (image->data, "tags");
      guint count = json_array_get_length (tags);

      if (!wants (input, count > 0))
        continue;
      for (guint t = 0; t < count; t++)
        json_array_add_object_element (
            all, show_id (digest_of (image), json_array_get_string_element (tags, t)));
      if (count == 0)
        json_array_add_object_element (all, show_id (digest_of (image), NULL));
    }
  return page_of (input, "imageIds", g_steal_pointer (&all), error);
}

static JsonObject *
show_detail (SlipServiceContext *ctx, const char *repository, const SlipWorldRecord *image)
{
  JsonObject *detail = json_object_new ();
  JsonArray *tags = slip_json_array (image->data, "tags");

  json_object_set_string_member (detail, "registryId", ctx->account);
  json_object_set_string_member (detail, "repositoryName", repository);
  json_object_set_string_member (detail, "imageDigest", digest_of (image));
  if (json_array_get_length (tags) > 0)
    json_object_set_array_member (detail, "imageTags", json_array_ref (tags));
  json_object_set_int_member (detail, "imageSizeInBytes", slip_json_int (image->data, "size", 0));
  json_object_set_string_member (detail, "imagePushedAt", slip_json_string (image->data, "pushed"));
  json_object_set_string_member (detail, "imageManifestMediaType",
                                 slip_json_string (image->data, "mediaType"));
  return detail;
}

JsonNode *
slip_ecr_describe_images (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  JsonArray *ids = slip_json_array (input, "imageIds");
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (JsonArray) all = json_array_new ();

  if (slip_ecr_need_repository (ctx, input, name, error) == NULL)
    return NULL;
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      JsonObject *id = json_array_get_object_element (ids, i);
      const char *digest = slip_json_string (id, "imageDigest");
      const char *tag = slip_json_string (id, "imageTag");
      const SlipWorldRecord *image = find_image (ctx, name, digest, tag);

      if (image == NULL)
        return slip_service_error (error, 400, "ImageNotFoundException",
                                   "The image with imageId {imageDigest:'%s', imageTag:'%s'} does "
                                   "not exist within the repository with name '%s' in the registry "
                                   "with id '%s'",
                                   digest != NULL ? digest : "null", tag != NULL ? tag : "null",
                                   name, ctx->account);
      json_array_add_object_element (all, show_detail (ctx, name, image));
    }
  images = slip_ecr_list_records (ctx, name);
  for (guint i = 0; ids == NULL && i < images->len; i++)
    {
      const SlipWorldRecord *image = images->pdata[i];

      if (wants (input, json_array_get_length (slip_json_array (image->data, "tags")) > 0))
        json_array_add_object_element (all, show_detail (ctx, name, image));
    }
  return page_of (input, "imageDetails", g_steal_pointer (&all), error);
}

static JsonObject *
make_failure (JsonObject *id)
{
  JsonObject *failure = json_object_new ();

  json_object_set_object_member (failure, "imageId", json_object_ref (id));
  json_object_set_string_member (failure, "failureCode", "ImageNotFound");
  json_object_set_string_member (failure, "failureReason", "Requested image not found");
  return failure;
}

JsonNode *
slip_ecr_batch_get (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  JsonArray *ids = slip_json_array (input, "imageIds");
  JsonArray *images, *failures;
  JsonObject *output;

  if (slip_ecr_need_repository (ctx, input, name, error) == NULL)
    return NULL;
  images = json_array_new ();
  failures = json_array_new ();
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonObject *id = json_array_get_object_element (ids, i);
      const char *tag = slip_json_string (id, "imageTag");
      const SlipWorldRecord *image
          = find_image (ctx, name, slip_json_string (id, "imageDigest"), tag);

      if (image != NULL)
        json_array_add_object_element (images, show_image (ctx, name, image, tag));
      else
        json_array_add_object_element (failures, make_failure (id));
    }
  output = json_object_new ();
  json_object_set_array_member (output, "images", images);
  json_object_set_array_member (output, "failures", failures);
  return slip_json_new_object (output);
}

/* A tag alone goes from its image; a digest, or an image's last tag, takes the image. */
static void
delete_one (SlipServiceContext *ctx,
            const char *repository,
            JsonObject *id,
            JsonArray *deleted,
            JsonArray *failures)
{
  const char *digest = slip_json_string (id, "imageDigest");
  const char *tag = slip_json_string (id, "imageTag");
  const SlipWorldRecord *image = find_image (ctx, repository, digest, tag);

  if (image == NULL)
    {
      json_array_add_object_element (failures, make_failure (id));
      return;
    }
  json_array_add_object_element (deleted, show_id (digest_of (image), tag));
  if (digest != NULL || json_array_get_length (slip_json_array (image->data, "tags")) == 1)
    slip_world_remove (ctx->world, ctx->account, ctx->region, ECR_IMAGE, image->id);
  else
    take_tag (ctx, image, tag);
}

JsonNode *
slip_ecr_batch_delete (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  JsonArray *ids = slip_json_array (input, "imageIds");
  JsonArray *deleted, *failures;
  JsonObject *output;

  if (slip_ecr_need_repository (ctx, input, name, error) == NULL)
    return NULL;
  deleted = json_array_new ();
  failures = json_array_new ();
  for (guint i = 0; i < json_array_get_length (ids); i++)
    delete_one (ctx, name, json_array_get_object_element (ids, i), deleted, failures);
  output = json_object_new ();
  json_object_set_array_member (output, "imageIds", deleted);
  json_object_set_array_member (output, "failures", failures);
  return slip_json_new_object (output);
}
