/* SPDX-License-Identifier: MIT */

/* Amazon ECR: repositories, their tokens, and what a scenario puts into them. Layers are kept nowhere:
 * nothing pulls from here, and what procedures do with images is to look at them and to move their tags. */

#include "slip-ecr-private.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-scenario.h"

#define TOKEN_SECONDS (12 * 3600)

JsonNode *
slip_ecr_wrap (const char *member, JsonObject *value)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, member, value);
  return slip_json_new_object (output);
}

static JsonObject *
copy (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (object));
  g_autoptr (JsonNode) other = slip_json_copy (node);

  return json_node_dup_object (other);
}

/* --- Repositories --- */

const SlipWorldRecord *
slip_ecr_need_repository (SlipServiceContext *ctx,
                          JsonObject *input,
                          const char *name,
                          GError **error)
{
  const char *registry = slip_json_string (input, "registryId");
  const SlipWorldRecord *found
      = registry == NULL || g_str_equal (registry, ctx->account)
            ? slip_world_get (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY, name)
            : NULL;

  if (found == NULL)
    return slip_service_error (error, 400, "RepositoryNotFoundException",
                               "The repository with name '%s' does not exist in the registry with "
                               "id '%s'",
                               name, registry != NULL ? registry : ctx->account);
  return found;
}

static JsonObject *
show_repository (const SlipWorldRecord *repository)
{
  JsonObject *shown = copy (repository->data);

  json_object_remove_member (shown, "tags");
  return shown;
}

static void
put_repository (SlipWorld *world,
                const char *account,
                const char *region,
                const char *name,
                const char *mutability,
                JsonArray *tags)
{
  JsonObject *data = json_object_new ();
  JsonObject *encryption = json_object_new ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:ecr:%s:%s:repository/%s", region, account, name);
  g_autofree char *uri = g_strdup_printf ("%s.dkr.ecr.%s.amazonaws.com/%s", account, region, name);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "repositoryArn", arn);
  json_object_set_string_member (data, "registryId", account);
  json_object_set_string_member (data, "repositoryName", name);
  json_object_set_string_member (data, "repositoryUri", uri);
  json_object_set_string_member (data, "createdAt", now);
  json_object_set_string_member (data, "imageTagMutability", mutability);
  json_object_set_string_member (encryption, "encryptionType", "AES256");
  json_object_set_object_member (data, "encryptionConfiguration", encryption);
  json_object_set_array_member (data, "tags", tags);
  slip_world_put (world, account, region, ECR_REPOSITORY, name, data);
}

static gboolean
is_name (const char *name)
{
  return g_regex_match_simple ("^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+"
                               "(?:[._-][a-z0-9]+)*$",
                               name, 0, 0);
}

static JsonNode *
create_repository (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  const char *mutability = slip_json_string (input, "imageTagMutability");
  JsonArray *tags = slip_json_array (input, "tags");

  if (!is_name (name))
    return slip_service_error (
        error, 400, "InvalidParameterException",
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: "
        "'must satisfy regular expression'");
  if (slip_world_get (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY, name) != NULL)
    return slip_service_error (error, 400, "RepositoryAlreadyExistsException",
                               "The repository with name '%s' already exists in the registry with "
                               "id '%s'",
                               name, ctx->account);
  put_repository (ctx->world, ctx->account, ctx->region, name,
                  mutability != NULL ? mutability : "MUTABLE", slip_tags_merge (NULL, tags, "Key"));
  return slip_ecr_wrap ("repository",
                        show_repository (slip_world_get (ctx->world, ctx->account, ctx->region,
                                                         ECR_REPOSITORY, name)));
}

static JsonNode *
describe_repositories (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *names = slip_json_array (input, "repositoryNames");
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY);
  g_autoptr (JsonArray) list = json_array_new ();
  JsonObject *output;

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      const SlipWorldRecord *found
          = slip_ecr_need_repository (ctx, input, json_array_get_string_element (names, i), error);

      if (found == NULL)
        return NULL;
      json_array_add_object_element (list, show_repository (found));
    }
  for (guint i = 0; names == NULL && i < all->len; i++)
    json_array_add_object_element (list, show_repository (all->pdata[i]));
  output = json_object_new ();
  json_object_set_array_member (output, "repositories", g_steal_pointer (&list));
  return slip_json_new_object (output);
}

static JsonNode *
put_mutability (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  const char *mutability = slip_json_string (input, "imageTagMutability");
  JsonObject *data;
  JsonObject *output;

  if (slip_ecr_need_repository (ctx, input, name, error) == NULL)
    return NULL;
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY, name);
  json_object_set_string_member (data, "imageTagMutability", mutability);
  slip_world_put (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY, name, data);
  output = json_object_new ();
  json_object_set_string_member (output, "registryId", ctx->account);
  json_object_set_string_member (output, "repositoryName", name);
  json_object_set_string_member (output, "imageTagMutability", mutability);
  return slip_json_new_object (output);
}

static JsonNode *
delete_repository (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "repositoryName");
  const SlipWorldRecord *repository = slip_ecr_need_repository (ctx, input, name, error);
  g_autoptr (GPtrArray) images = NULL;
  JsonObject *shown;

  if (repository == NULL)
    return NULL;
  images = slip_ecr_list_records (ctx, name);
  if (images->len > 0 && !slip_json_bool (input, "force", FALSE))
    return slip_service_error (error, 400, "RepositoryNotEmptyException",
                               "The repository with name '%s' in registry with id '%s' cannot be "
                               "deleted because it still contains images",
                               name, ctx->account);
  shown = show_repository (repository);
  for (guint i = 0; i < images->len; i++)
    slip_world_remove (ctx->world, ctx->account, ctx->region, ECR_IMAGE,
                       ((const SlipWorldRecord *)images->pdata[i])->id);
  slip_world_remove (ctx->world, ctx->account, ctx->region, ECR_REPOSITORY, name);
  return slip_ecr_wrap ("repository", shown);
}

static JsonNode *
get_token (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *password = slip_random_id ("AWS:", 64, SLIP_ALPHABET_LOWER);
  g_autofree char *token = g_base64_encode ((const guchar *)password, strlen (password));
  g_autofree char *endpoint
      = g_strdup_printf ("https://%s.dkr.ecr.%s.amazonaws.com", ctx->account, ctx->region);
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (
      slip_world_now (ctx->world) / G_TIME_SPAN_SECOND + TOKEN_SECONDS);
  g_autofree char *expires = g_date_time_format (end, "%Y-%m-%dT%H:%M:%SZ");
  JsonObject *data = json_object_new ();
  JsonArray *list = json_array_new ();
  JsonObject *output = json_object_new ();

  json_object_set_string_member (data, "authorizationToken", token);
  json_object_set_string_member (data, "expiresAt", expires);
  json_object_set_string_member (data, "proxyEndpoint", endpoint);
  json_array_add_object_element (list, data);
  json_object_set_array_member (output, "authorizationData", list);
  return slip_json_new_object (output);
}

/* --- Seed --- */

typedef struct
{
  const SlipSeed *seed;
  const char *repository;
} ImageSeed;

static gboolean
seed_image (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"tags", "size", "hours_ago", NULL};
  ImageSeed *own = data;
  JsonArray *tags;
  gint64 size = 50000000;
  gint64 hours = 0;
  g_autofree char *pushed = NULL;
  g_autofree char *manifest = NULL;
  g_autofree char *sum = NULL;
  g_autofree char *digest = NULL;
  JsonObject *image;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_strings (item, path, "tags", TRUE, &tags, error)
      || !slip_scenario_get_int (item, path, "size", 1, G_MAXINT64, &size, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, 1000000, &hours, error))
    return FALSE;
  /* The place makes the digest, so that a new world has the same. */
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  manifest = g_strdup_printf ("{\"schemaVersion\":2,\"mediaType\":\"" ECR_MANIFEST_TYPE
                              "\",\"config\":{\"size\":%" G_GINT64_FORMAT
                              ",\"digest\":\"sha256:%s\"},\"layers\":[]}",
                              size, sum);
  image = slip_ecr_new_image (own->seed->world, manifest, NULL);
  pushed = slip_time_format (slip_world_now (own->seed->world) - hours * G_TIME_SPAN_HOUR);
  json_object_set_string_member (image, "pushed", pushed);
  json_object_set_array_member (image, "tags", json_array_ref (tags));
  g_free (sum);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, manifest, -1);
  digest = g_strconcat ("sha256:", sum, NULL);
  slip_ecr_put_record (own->seed->world, own->seed->account, own->seed->region, own->repository,
                       digest, image);
  return TRUE;
}

static gboolean
seed_repository (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "immutable", "images", NULL};
  const SlipSeed *seed = data;
  ImageSeed own = {seed, NULL};
  gboolean immutable = FALSE;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &own.repository, error)
      || !slip_scenario_get_bool (item, path, "immutable", &immutable, error))
    return FALSE;
  if (!is_name (own.repository))
    return slip_scenario_error (error, path, "name %s is no repository name", own.repository);
  put_repository (seed->world, seed->account, seed->region, own.repository,
                  immutable ? "IMMUTABLE" : "MUTABLE", json_array_new ());
  return slip_scenario_foreach_item (item, path, "images", seed_image, &own, error);
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "repositories", seed_repository, error);
}

static const SlipServiceOperation operations[] = {
    {"BatchDeleteImage", slip_ecr_batch_delete},
    {"BatchGetImage", slip_ecr_batch_get},
    {"CreateRepository", create_repository},
    {"DeleteRepository", delete_repository},
    {"DescribeImages", slip_ecr_describe_images},
    {"DescribeRepositories", describe_repositories},
    {"GetAuthorizationToken", get_token},
    {"ListImages", slip_ecr_list_images},
    {"PutImage", slip_ecr_put_image},
    {"PutImageTagMutability", put_mutability},
    {NULL, NULL},
};

const SlipService slip_ecr_service = {.name = "ecr", .operations = operations, .seed = seed};
