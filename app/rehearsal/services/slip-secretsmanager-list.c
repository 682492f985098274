/* SPDX-License-Identifier: MIT */

/* Lists of secrets and of their versions, filtered and in pages. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"
#include "slip-paging.h"

#define PAGE_SIZE 100

static const char *const shown_members[] = {"ARN",
                                            "Name",
                                            "Description",
                                            "KmsKeyId",
                                            "RotationEnabled",
                                            "RotationRules",
                                            "CreatedDate",
                                            "LastChangedDate",
                                            "LastRotatedDate",
                                            "DeletedDate",
                                            "Tags",
                                            "RotationLambdaARN",
                                            "NextRotationDate"};

static gboolean
has_prefix (const char *text, const char *prefix)
{
  return text != NULL && strlen (text) >= strlen (prefix)
         && g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

static gboolean
tag_has_prefix (JsonObject *secret, const char *member, const char *prefix)
{
  JsonArray *tags = slip_json_array (secret, "Tags");

  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    if (has_prefix (slip_json_string (json_array_get_object_element (tags, i), member), prefix))
      return TRUE;
  return FALSE;
}

static gboolean
has_value (JsonObject *secret, const char *key, const char *value)
{
  gboolean all = g_str_equal (key, "all");

  return ((all || g_str_equal (key, "name"))
          && has_prefix (slip_json_string (secret, "Name"), value))
         || ((all || g_str_equal (key, "description"))
             && has_prefix (slip_json_string (secret, "Description"), value))
         || ((all || g_str_equal (key, "tag-key")) && tag_has_prefix (secret, "Key", value))
         || ((all || g_str_equal (key, "tag-value")) && tag_has_prefix (secret, "Value", value));
}

/* Filters are joined by and, their values by or; `!` before a value negates it. */
static gboolean
matches (JsonObject *secret, JsonArray *filters)
{
  for (guint i = 0; filters != NULL && i < json_array_get_length (filters); i++)
    {
      JsonObject *filter = json_array_get_object_element (filters, i);
      const char *key = slip_json_string (filter, "Key");
      JsonArray *values = slip_json_array (filter, "Values");
      gboolean any = FALSE;

      for (guint v = 0; key != NULL && values != NULL && v < json_array_get_length (values); v++)
        {
          const char *value = json_array_get_string_element (values, v);

          any = any
                || (*value == '!' ? !has_value (secret, key, value + 1)
                                  : has_value (secret, key, value));
        }
      if (!any)
        return FALSE;
    }
  return TRUE;
}

static JsonObject *
show (const SlipWorldRecord *secret, JsonObject *input)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (shown_members); i++)
    {
      JsonNode *node = json_object_get_member (secret->data, shown_members[i]);

      if (node != NULL)
        json_object_set_member (object, shown_members[i], json_node_copy (node));
    }
  json_object_set_object_member (
      object, "SecretVersionsToStages",
      json_object_ref (slip_json_object (secret->data, "VersionIdsToStages")));
  return object;
}

static gboolean
is_wanted (const SlipWorldRecord *secret, JsonObject *input)
{
  return (slip_json_bool (input, "IncludePlannedDeletion", FALSE)
          || !json_object_has_member (secret->data, "DeletedDate"))
         && matches (secret->data, slip_json_array (input, "Filters"));
}

JsonNode *
slip_secret_list (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipListing listing
      = {.type = SM_SECRET, .member = "SecretList", .match = is_wanted, .show = show};
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidNextTokenException",
      .message = "The NextToken value is invalid.",
  };

  return slip_page_records (ctx, input, &listing, &paging, error);
}

JsonNode *
slip_secret_list_versions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), TRUE, error);
  gboolean deprecated = slip_json_bool (input, "IncludeDeprecated", FALSE);
  g_autoptr (GPtrArray) versions = NULL;
  g_autofree char *prefix = NULL;
  JsonObject *stages, *output;
  JsonArray *list;

  if (secret == NULL)
    return NULL;
  prefix = g_strdup_printf ("%s\t", secret->id);
  stages = slip_json_object (secret->data, "VersionIdsToStages");
  versions = slip_world_list (ctx->world, secret->account, secret->region, SM_VERSION);
  list = json_array_new ();
  for (guint i = 0; i < versions->len; i++)
    {
      const SlipWorldRecord *version = versions->pdata[i];
      const char *id = slip_json_string (version->data, "VersionId");
      JsonArray *labels = slip_json_array (stages, id);
      JsonObject *item;

      if (!g_str_has_prefix (version->id, prefix) || (labels == NULL && !deprecated))
        continue;
      item = json_object_new ();
      json_object_set_string_member (item, "VersionId", id);
      json_object_set_string_member (item, "CreatedDate",
                                     slip_json_string (version->data, "CreatedDate"));
      if (labels != NULL)
        json_object_set_array_member (item, "VersionStages", json_array_ref (labels));
      json_array_add_object_element (list, item);
    }
  output = slip_secret_new_output (secret);
  json_object_set_array_member (output, "Versions", list);
  return slip_json_new_object (output);
}
