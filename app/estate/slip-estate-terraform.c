/* SPDX-License-Identifier: MIT */
/* Reads the state of a Terraform root and who holds its lock, where the root's own backend keeps them: on
 * disk, or in S3 with a lock in DynamoDB or beside the state. Only reads, and takes no lock. What a state
 * knows of a resource can be secret; of each resource only its address and ids are kept. */

#include "slip-estate-walk.h"
#include "slip-aws-error.h"
#include "slip-estate-error.h"
#include "slip-file.h"
#include "slip-json.h"

#include <string.h>

#define MAX_STATE_BYTES (256u * 1024 * 1024)

/* Where a root's state is. */
typedef struct
{
  const SlipTerraformRoot *root;
  JsonObject *config; /* owned, nullable: of the backend */
  char *type;         /* "local", "s3" or another */
  char *workspace;
} Backend;

static void
backend_clear (Backend *backend)
{
  g_clear_pointer (&backend->config, json_object_unref);
  g_free (backend->type);
  g_free (backend->workspace);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Backend, backend_clear)

static JsonNode *
parse (GBytes *bytes, const char *what, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  JsonNode *node = slip_json_parse (text != NULL ? text : "", (gssize)length, error);

  if (node == NULL)
    g_prefix_error (error, "%s: ", what);
  else if (slip_json_node_object (node) == NULL)
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
                   "%s is not a JSON object", what);
      g_clear_pointer (&node, json_node_unref);
    }
  return node;
}

static JsonNode *
read_json_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_STATE_BYTES, error);

  return bytes != NULL ? parse (bytes, path, error) : NULL;
}

static gboolean
is_default (const Backend *backend)
{
  return g_str_equal (backend->workspace, "default");
}

/* What `terraform init` left in the root's folder says which backend it is. */
static gboolean
find_backend (const SlipTerraformRoot *root, Backend *backend, GError **error)
{
  g_autofree char *path = g_build_filename (root->path, ".terraform", "terraform.tfstate", NULL);
  g_autofree char *chosen = g_build_filename (root->path, ".terraform", "environment", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *own;

  backend->root = root;
  backend->workspace = g_strdup (root->workspace);
  if (backend->workspace == NULL && g_file_get_contents (chosen, &backend->workspace, NULL, NULL))
    g_strstrip (backend->workspace);
  if (backend->workspace == NULL || backend->workspace[0] == '\0')
    {
      g_free (backend->workspace);
      backend->workspace = g_strdup ("default");
    }
  if (!g_file_test (root->path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
                   "there is no folder %s. Correct the path of the Terraform root “%s” in the "
                   "workspace file",
                   root->path, root->name);
      return FALSE;
    }
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      node = read_json_file (path, error);
      if (node == NULL)
        return FALSE;
    }
  own = node != NULL ? slip_json_object (slip_json_node_object (node), "backend") : NULL;
  backend->type = g_strdup (own != NULL ? slip_json_string (own, "type") : "local");
  if (own != NULL && slip_json_object (own, "config") != NULL)
    backend->config = json_object_ref (slip_json_object (own, "config"));
  return TRUE;
}

static const char *
config_string (const Backend *backend, const char *name)
{
  const char *value = backend->config != NULL ? slip_json_string (backend->config, name) : NULL;

  return value != NULL && value[0] != '\0' ? value : NULL;
}

/* ---- on disk */

static char *
local_path (const Backend *backend)
{
  const char *path = config_string (backend, "path");
  const char *folder = config_string (backend, "workspace_dir");

  if (!is_default (backend))
    return g_build_filename (backend->root->path, folder != NULL ? folder : "terraform.tfstate.d",
                             backend->workspace, "terraform.tfstate", NULL);
  if (path != NULL && g_path_is_absolute (path))
    return g_strdup (path);
  return g_build_filename (backend->root->path, path != NULL ? path : "terraform.tfstate", NULL);
}

static gboolean
read_local (const Backend *backend, JsonNode **state, JsonNode **lock, GError **error)
{
  g_autofree char *path = local_path (backend);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *lock_name = g_strdup_printf (".%s.lock.info", base);
  g_autofree char *lock_path = g_build_filename (folder, lock_name, NULL);

  *state = read_json_file (path, error);
  if (*state == NULL)
    return FALSE;
  /* Terraform takes the file away when it lets the lock go. */
  *lock = g_file_test (lock_path, G_FILE_TEST_EXISTS) ? read_json_file (lock_path, NULL) : NULL;
  return TRUE;
}

/* ---- in S3 */

static char *
s3_key (const Backend *backend)
{
  const char *key = config_string (backend, "key");
  const char *prefix = config_string (backend, "workspace_key_prefix");

  if (is_default (backend))
    return g_strdup (key);
  return g_strdup_printf ("%s/%s/%s", prefix != NULL ? prefix : "env:", backend->workspace, key);
}

static JsonNode *
call (const SlipEstateWalk *walk,
      const Backend *backend,
      const char *service,
      const char *operation,
      JsonObject *input,
      GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall request = {.service = service,
                         .operation = operation,
                         .region = config_string (backend, "region"),
                         .priority = SLIP_AWS_PRIORITY_BROWSE,
                         .input = node};

  return slip_aws_client_call (walk->client, &request, NULL, walk->cancellable, error);
}

static JsonNode *
get_object (const SlipEstateWalk *walk, const Backend *backend, const char *key, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *body;
  guchar *decoded;
  gsize length;

  json_object_set_string_member (input, "Bucket", config_string (backend, "bucket"));
  json_object_set_string_member (input, "Key", key);
  output = call (walk, backend, "s3", "GetObject", input, error);
  if (output == NULL)
    return NULL;
  body = slip_json_string (slip_json_node_object (output), "Body");
  decoded = g_base64_decode (body != NULL ? body : "", &length);
  bytes = g_bytes_new_take (decoded, length);
  return parse (bytes, key, error);
}

/* The lock's item is there while somebody holds it; another item keeps the state's checksum. */
static JsonNode *
read_table_lock (const SlipEstateWalk *walk,
                 const Backend *backend,
                 const char *key,
                 GError **error)
{
  g_autofree char *id = g_strdup_printf ("%s/%s", config_string (backend, "bucket"), key);
  JsonObject *input = json_object_new ();
  JsonObject *keys = json_object_new ();
  JsonObject *value = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) info = NULL;

  json_object_set_string_member (value, "S", id);
  json_object_set_object_member (keys, "LockID", value);
  json_object_set_object_member (input, "Key", keys);
  json_object_set_string_member (input, "TableName", config_string (backend, "dynamodb_table"));
  json_object_set_boolean_member (input, "ConsistentRead", TRUE);
  output = call (walk, backend, "dynamodb", "GetItem", input, error);
  if (output == NULL)
    return NULL;
  info = slip_json_select (output, "$.Item.Info.S", NULL);
  if (info == NULL || json_node_get_value_type (info) != G_TYPE_STRING)
    return NULL;
  return slip_json_parse (json_node_get_string (info), -1, error);
}

static gboolean
read_s3_lock (const SlipEstateWalk *walk,
              const Backend *backend,
              const char *key,
              JsonNode **lock,
              GError **error)
{
  g_autofree char *lock_key = g_strconcat (key, ".tflock", NULL);
  g_autoptr (GError) local_error = NULL;

  if (config_string (backend, "dynamodb_table") != NULL)
    *lock = read_table_lock (walk, backend, key, &local_error);
  else if (slip_json_bool (backend->config, "use_lockfile", FALSE))
    *lock = get_object (walk, backend, lock_key, &local_error);
  if (local_error == NULL || g_strcmp0 (slip_aws_error_get_code (local_error), "NoSuchKey") == 0)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "the lock of %s: ", key);
  return FALSE;
}

static gboolean
read_s3 (const SlipEstateWalk *walk,
         const Backend *backend,
         JsonNode **state,
         JsonNode **lock,
         GError **error)
{
  g_autofree char *key = s3_key (backend);

  if (config_string (backend, "bucket") == NULL || config_string (backend, "key") == NULL)
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
                   "the S3 backend of %s names no bucket or no key. Run terraform init there",
                   backend->root->path);
      return FALSE;
    }
  *state = get_object (walk, backend, key, error);
  return *state != NULL && read_s3_lock (walk, backend, key, lock, error);
}

/* ---- what is kept of it */

static void
copy_text (JsonObject *into, const char *as, JsonObject *from, const char *name)
{
  const char *text = from != NULL ? slip_json_string (from, name) : NULL;

  if (text != NULL)
    json_object_set_string_member (into, as, text);
}

static char *
address_of (JsonObject *resource, JsonObject *instance)
{
  const char *module = slip_json_string (resource, "module");
  JsonNode *key = json_object_get_member (instance, "index_key");
  g_autofree char *index = key != NULL ? slip_json_to_text (key, FALSE) : NULL;
  gboolean is_data = g_strcmp0 (slip_json_string (resource, "mode"), "data") == 0;

  return g_strdup_printf ("%s%s%s%s.%s%s%s%s", module != NULL ? module : "",
                          module != NULL ? "." : "", is_data ? "data." : "",
                          slip_json_string (resource, "type"), slip_json_string (resource, "name"),
                          index != NULL ? "[" : "", index != NULL ? index : "",
                          index != NULL ? "]" : "");
}

static void
add_resource (JsonArray *resources, JsonObject *resource)
{
  JsonArray *instances = slip_json_array (resource, "instances");

  if (slip_json_string (resource, "type") == NULL || slip_json_string (resource, "name") == NULL)
    return;
  for (guint i = 0; instances != NULL && i < json_array_get_length (instances); i++)
    {
      JsonObject *instance = slip_json_node_object (json_array_get_element (instances, i));
      JsonObject *attributes = instance != NULL ? slip_json_object (instance, "attributes") : NULL;
      g_autofree char *address = NULL;
      JsonObject *kept;

      if (instance == NULL)
        continue;
      address = address_of (resource, instance);
      kept = json_object_new ();
      json_object_set_string_member (kept, "Address", address);
      copy_text (kept, "Type", resource, "type");
      copy_text (kept, "Mode", resource, "mode");
      copy_text (kept, "Provider", resource, "provider");
      copy_text (kept, "Status", instance, "status");
      copy_text (kept, "Id", attributes, "id");
      copy_text (kept, "Arn", attributes, "arn");
      json_array_add_object_element (resources, kept);
    }
}

static JsonObject *
summarise (const SlipEstateWalk *walk, const Backend *backend, JsonObject *state, JsonNode *lock)
{
  JsonObject *item = json_object_new ();
  JsonArray *resources = json_array_new ();
  JsonArray *all = slip_json_array (state, "resources");

  json_object_set_string_member (item, "Environment",
                                 slip_environment_get_name (walk->environment));
  json_object_set_string_member (item, "Name", backend->root->name);
  json_object_set_string_member (item, "Path", backend->root->path);
  json_object_set_string_member (item, "Workspace", backend->workspace);
  json_object_set_string_member (item, "Backend", backend->type);
  copy_text (item, "Bucket", backend->config, "bucket");
  copy_text (item, "Region", backend->config, "region");
  json_object_set_int_member (item, "Serial", slip_json_int (state, "serial", 0));
  copy_text (item, "Lineage", state, "lineage");
  copy_text (item, "TerraformVersion", state, "terraform_version");
  if (slip_json_node_object (lock) != NULL)
    json_object_set_object_member (item, "Lock", json_object_ref (json_node_get_object (lock)));
  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonObject *resource = slip_json_node_object (json_array_get_element (all, i));

      if (resource != NULL)
        add_resource (resources, resource);
    }
  json_object_set_array_member (item, "Resources", resources);
  return item;
}

static JsonObject *
list_root (const SlipEstateWalk *walk, GError **error)
{
  const SlipTerraformRoot *root = slip_environment_find_terraform (walk->environment, walk->place);
  g_auto (Backend) backend = {0};
  g_autoptr (JsonNode) state = NULL;
  g_autoptr (JsonNode) lock = NULL;
  gboolean ok;

  if (!find_backend (root, &backend, error))
    return NULL;
  if (g_strcmp0 (backend.type, "s3") == 0)
    ok = read_s3 (walk, &backend, &state, &lock, error);
  else if (g_strcmp0 (backend.type, "local") == 0)
    ok = read_local (&backend, &state, &lock, error);
  else
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
                   "the state of %s is in a backend “%s”, which is not read here. Known are local "
                   "and s3",
                   root->path, backend.type);
      return NULL;
    }
  return ok ? summarise (walk, &backend, slip_json_node_object (state), lock) : NULL;
}

static char *
root_id (JsonObject *item)
{
  return g_strdup_printf ("terraform:%s:%s", slip_json_string (item, "Environment"),
                          slip_json_string (item, "Name"));
}

static SlipEstateRecord *
read_root (JsonObject *item, const char *place)
{
  g_autofree char *id = root_id (item);
  const char *version = slip_json_string (item, "TerraformVersion");
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_TERRAFORM_ROOT, item,
                                                     slip_json_string (item, "Region"), id,
                                                     slip_json_string (item, "Name"));

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_object (item, "Lock") != NULL ? "locked" : "not locked");
  record->detail
      = g_strdup_printf ("serial %" G_GINT64_FORMAT "%s%s", slip_json_int (item, "Serial", 0),
                         version != NULL ? " · Terraform " : "", version != NULL ? version : "");
  return record;
}

static void
read_resources (JsonObject *item, const char *place, GPtrArray *records)
{
  g_autofree char *parent = root_id (item);
  JsonArray *resources = slip_json_array (item, "Resources");

  for (guint i = 0; resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = slip_json_node_object (json_array_get_element (resources, i));
      const char *address = resource != NULL ? slip_json_string (resource, "Address") : NULL;
      g_autofree char *id = address != NULL ? g_strdup_printf ("%s:%s", parent, address) : NULL;
      SlipEstateRecord *record
          = id != NULL ? slip_estate_record_new (SLIP_RESOURCE_TERRAFORM_RESOURCE, resource,
                                                 slip_json_string (item, "Region"), id, address)
                       : NULL;

      if (record == NULL)
        continue;
      record->parent_id = g_strdup (parent);
      record->status = g_strdup (slip_json_string (resource, "Status"));
      record->detail = g_strdup (slip_json_string (resource, "Type"));
      g_ptr_array_add (records, record);
    }
}

const SlipEstateListing slip_estate_terraform[1] = {
    {.label = "state", .read = read_root, .read_more = read_resources, .list = list_root},
};
