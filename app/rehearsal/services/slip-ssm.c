/* SPDX-License-Identifier: MIT */

/* Parameters of AWS Systems Manager: strings, lists and secure strings with versions, by name and by
 * path. Secure strings are kept as they are and shown as such only when they are to be decrypted. */

#include "slip-services-list.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-scenario.h"

#define SSM_PARAMETER "ssm.parameter"
#define SSM_VERSION "ssm.version"
#define PAGE_SIZE 10

static char *
version_id (const char *name, gint64 version)
{
  return g_strdup_printf ("%s\t%06" G_GINT64_FORMAT, name, version);
}

static char *
make_arn (const char *account, const char *region, const char *name)
{
  return g_strdup_printf ("arn:aws:ssm:%s:%s:parameter%s%s", region, account,
                          *name == '/' ? "" : "/", name);
}

static void
put (SlipWorld *world,
     const char *account,
     const char *region,
     const char *name,
     const char *type,
     const char *value,
     gint64 version)
{
  JsonObject *parameter = json_object_new ();
  g_autofree char *id = version_id (name, version);
  g_autofree char *arn = make_arn (account, region, name);
  g_autofree char *now = slip_world_dup_now (world);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) copy = NULL;

  json_object_set_string_member (parameter, "Name", name);
  json_object_set_string_member (parameter, "Type", type);
  json_object_set_string_member (parameter, "Value", value);
  json_object_set_int_member (parameter, "Version", version);
  json_object_set_string_member (parameter, "LastModifiedDate", now);
  json_object_set_string_member (parameter, "ARN", arn);
  json_object_set_string_member (parameter, "DataType", "text");
  node = slip_json_new_object (json_object_ref (parameter));
  copy = slip_json_copy (node);
  slip_world_put (world, account, region, SSM_VERSION, id, json_node_dup_object (copy));
  slip_world_put (world, account, region, SSM_PARAMETER, name, parameter);
}

static JsonObject *
show (const SlipWorldRecord *parameter, gboolean decrypt)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (parameter->data));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *object = json_node_dup_object (copy);

  if (!decrypt && g_str_equal (slip_json_string (object, "Type"), "SecureString"))
    {
      g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA512,
                                                            slip_json_string (object, "Value"), -1);
      g_autofree char *cipher = g_base64_encode ((const guchar *)sum, strlen (sum));

      json_object_set_string_member (object, "Value", cipher);
    }
  return object;
}

/* A name, NAME:VERSION, or an ARN. */
static const SlipWorldRecord *
find (SlipServiceContext *ctx, const char *given)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (given);
  const char *text = arn != NULL ? arn->resource + strlen ("parameter") : given;
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  g_autofree char *id = NULL;
  const SlipWorldRecord *found;

  if (arn != NULL && !g_str_has_prefix (arn->resource, "parameter/"))
    return NULL;
  if (parts[0] != NULL && parts[1] != NULL)
    {
      id = version_id (parts[0], g_ascii_strtoll (parts[1], NULL, 10));
      return slip_world_get (ctx->world, ctx->account, ctx->region, SSM_VERSION, id);
    }
  found = slip_world_get (ctx->world, ctx->account, ctx->region, SSM_PARAMETER, text);
  if (found == NULL && arn != NULL)
    found = slip_world_get (ctx->world, ctx->account, ctx->region, SSM_PARAMETER, text + 1);
  return found;
}

static JsonNode *
get_parameter (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *parameter = find (ctx, slip_json_string (input, "Name"));
  JsonObject *output;

  if (parameter == NULL)
    return slip_service_error (error, 400, "ParameterNotFound", "%s", "");
  output = json_object_new ();
  json_object_set_object_member (output, "Parameter",
                                 show (parameter, slip_json_bool (input, "WithDecryption", FALSE)));
  return slip_json_new_object (output);
}

static JsonNode *
get_parameters (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *names = slip_json_array (input, "Names");
  JsonArray *found, *invalid;
  JsonObject *output;

  if (json_array_get_length (names) > PAGE_SIZE)
    return slip_service_error (error, 400, "ValidationException",
                               "1 validation error detected: Value at 'names' failed to satisfy "
                               "constraint: Member must have length less than or equal to 10");
  found = json_array_new ();
  invalid = json_array_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      const SlipWorldRecord *parameter = find (ctx, name);

      if (parameter != NULL)
        json_array_add_object_element (
            found, show (parameter, slip_json_bool (input, "WithDecryption", FALSE)));
      else
        json_array_add_string_element (invalid, name);
    }
  output = json_object_new ();
  json_object_set_array_member (output, "Parameters", found);
  json_object_set_array_member (output, "InvalidParameters", invalid);
  return slip_json_new_object (output);
}

/* Directly below a path, or anywhere below it. */
static gboolean
is_below (const char *name, const char *path, gboolean recursive)
{
  g_autofree char *prefix
      = g_str_has_suffix (path, "/") ? g_strdup (path) : g_strconcat (path, "/", NULL);

  return g_str_has_prefix (name, prefix)
         && (recursive || strchr (name + strlen (prefix), '/') == NULL);
}

static gboolean
is_wanted (const SlipWorldRecord *parameter, JsonObject *input)
{
  return is_below (parameter->id, slip_json_string (input, "Path"),
                   slip_json_bool (input, "Recursive", FALSE));
}

static JsonObject *
show_found (const SlipWorldRecord *parameter, JsonObject *input)
{
  return show (parameter, slip_json_bool (input, "WithDecryption", FALSE));
}

static JsonNode *
get_by_path (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipListing listing
      = {.type = SSM_PARAMETER, .member = "Parameters", .match = is_wanted, .show = show_found};
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidNextToken",
      .message = "The specified token isn't valid.",
  };

  if (*slip_json_string (input, "Path") != '/')
    return slip_service_error (error, 400, "ValidationException",
                               "The parameter doesn't meet the parameter name requirements. The "
                               "parameter name must begin with a forward slash \"/\".");
  return slip_page_records (ctx, input, &listing, &paging, error);
}

static JsonNode *
put_parameter (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Name");
  const SlipWorldRecord *known
      = slip_world_get (ctx->world, ctx->account, ctx->region, SSM_PARAMETER, name);
  const char *given = slip_json_string (input, "Type");
  g_autofree char *type = g_strdup (given           ? given
                                    : known != NULL ? slip_json_string (known->data, "Type")
                                                    : NULL);
  gint64 version = known != NULL ? slip_json_int (known->data, "Version", 0) + 1 : 1;
  JsonObject *output;

  if (!g_regex_match_simple ("^[a-zA-Z0-9_.\\-/]{1,1011}$", name, 0, 0))
    return slip_service_error (
        error, 400, "ValidationException",
        "Parameter name: can't be prefixed with \"ssm\" and may hold letters, "
        "digits and _ . - / only");
  if (known != NULL && !slip_json_bool (input, "Overwrite", FALSE))
    return slip_service_error (error, 400, "ParameterAlreadyExists",
                               "The parameter already exists. To overwrite this value, set the "
                               "overwrite option in the request to true.");
  if (type == NULL)
    return slip_service_error (error, 400, "ValidationException",
                               "A parameter type is required when you create a parameter.");
  put (ctx->world, ctx->account, ctx->region, name, type, slip_json_string (input, "Value"),
       version);
  output = json_object_new ();
  json_object_set_int_member (output, "Version", version);
  json_object_set_string_member (output, "Tier", "Standard");
  return slip_json_new_object (output);
}

static JsonNode *
delete_parameter (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Name");
  const SlipWorldRecord *known
      = slip_world_get (ctx->world, ctx->account, ctx->region, SSM_PARAMETER, name);
  gint64 last = known != NULL ? slip_json_int (known->data, "Version", 0) : 0;

  if (known == NULL)
    return slip_service_error (error, 400, "ParameterNotFound", "%s", "");
  for (gint64 version = 1; version <= last; version++)
    {
      g_autofree char *id = version_id (name, version);

      slip_world_remove (ctx->world, ctx->account, ctx->region, SSM_VERSION, id);
    }
  slip_world_remove (ctx->world, ctx->account, ctx->region, SSM_PARAMETER, name);
  return NULL;
}

static gboolean
seed_parameter (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "type", "value", NULL};
  const SlipSeed *seed = data;
  const char *name, *type, *value;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "type", FALSE, &type, error)
      || !slip_scenario_get_string (item, path, "value", TRUE, &value, error))
    return FALSE;
  if (slip_world_get (seed->world, seed->account, seed->region, SSM_PARAMETER, name) != NULL)
    return slip_scenario_error (error, path, "parameter %s is there already", name);
  put (seed->world, seed->account, seed->region, name, type != NULL ? type : "String", value, 1);
  return TRUE;
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "parameters", seed_parameter, error);
}

static const SlipServiceOperation operations[] = {
    {"DeleteParameter", delete_parameter}, {"GetParameter", get_parameter},
    {"GetParameters", get_parameters},     {"GetParametersByPath", get_by_path},
    {"PutParameter", put_parameter},       {NULL, NULL},
};

const SlipService slip_ssm_service = {.name = "ssm", .operations = operations, .seed = seed};
