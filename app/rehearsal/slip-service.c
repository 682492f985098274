/* SPDX-License-Identifier: MIT */

/* What services share: finding their functions, errors, page markers, tags, ARNs and random names. */

#include "slip-service.h"

#include <openssl/rand.h>

#include "slip-aws-error.h"
#include "slip-json.h"

SlipServiceFunc
slip_service_find_operation (const SlipService *service, const char *operation)
{
  for (const SlipServiceOperation *entry = service->operations; entry->name != NULL; entry++)
    if (g_str_equal (entry->name, operation))
      return entry->func;
  return NULL;
}

gpointer
slip_service_error (GError **error, guint status, const char *code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  message = g_strdup_vprintf (format, values);
  va_end (values);
  g_propagate_error (error, slip_aws_error_new_service (code, message, status, NULL));
  return NULL;
}

/* The prefix tells our markers from what a caller made up. */
#define MARKER_PREFIX "slip:"

char *
slip_marker_encode (const char *key)
{
  g_autofree char *text = g_strconcat (MARKER_PREFIX, key, NULL);

  return g_base64_encode ((const guchar *)text, strlen (text));
}

char *
slip_marker_decode (const char *marker)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (marker, &length);
  g_autofree char *text = g_strndup ((const char *)bytes, length);

  if (strlen (text) != length || !g_str_has_prefix (text, MARKER_PREFIX)
      || !g_utf8_validate (text, -1, NULL))
    return NULL;
  return g_strdup (text + strlen (MARKER_PREFIX));
}

static int
find_tag (JsonArray *tags, const char *key_member, const char *key)
{
  for (guint i = 0; i < json_array_get_length (tags); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (tags, i), key_member), key)
        == 0)
      return (int)i;
  return -1;
}

static void
add_all (JsonArray *to, JsonArray *from, JsonArray *unless_in, const char *key_member)
{
  for (guint i = 0; from != NULL && i < json_array_get_length (from); i++)
    {
      JsonObject *tag = json_array_get_object_element (from, i);
      int other = unless_in != NULL
                      ? find_tag (unless_in, key_member, slip_json_string (tag, key_member))
                      : -1;

      if (other >= 0)
        tag = json_array_get_object_element (unless_in, (guint)other);
      if (find_tag (to, key_member, slip_json_string (tag, key_member)) < 0)
        json_array_add_object_element (to, json_object_ref (tag));
    }
}

JsonArray *
slip_tags_merge (JsonArray *tags, JsonArray *add, const char *key_member)
{
  JsonArray *merged = json_array_new ();

  add_all (merged, tags, add, key_member);
  add_all (merged, add, NULL, key_member);
  return merged;
}

static gboolean
holds_string (JsonArray *array, const char *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (g_strcmp0 (json_array_get_string_element (array, i), text) == 0)
      return TRUE;
  return FALSE;
}

JsonArray *
slip_tags_remove (JsonArray *tags, JsonArray *keys, const char *key_member)
{
  JsonArray *left = json_array_new ();

  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    {
      JsonObject *tag = json_array_get_object_element (tags, i);

      if (keys == NULL || !holds_string (keys, slip_json_string (tag, key_member)))
        json_array_add_object_element (left, json_object_ref (tag));
    }
  return left;
}

/* Takes @tags over. */
static void
put_tags (SlipServiceContext *ctx,
          const SlipWorldRecord *record,
          const SlipTagging *tagging,
          JsonArray *tags)
{
  g_autofree char *account = g_strdup (record->account);
  g_autofree char *region = g_strdup (record->region);
  g_autofree char *type = g_strdup (record->type);
  g_autofree char *id = g_strdup (record->id);
  JsonObject *data = slip_world_edit (ctx->world, account, region, type, id);

  json_object_set_array_member (data, tagging->stored, tags);
  slip_world_put (ctx->world, account, region, type, id, data);
}

JsonNode *
slip_tags_set (SlipServiceContext *ctx,
               const SlipWorldRecord *record,
               JsonObject *input,
               const SlipTagging *tagging)
{
  if (record != NULL)
    put_tags (ctx, record, tagging,
              slip_tags_merge (slip_json_array (record->data, tagging->stored),
                               slip_json_array (input, tagging->given), tagging->key));
  return NULL;
}

JsonNode *
slip_tags_unset (SlipServiceContext *ctx,
                 const SlipWorldRecord *record,
                 JsonObject *input,
                 const SlipTagging *tagging)
{
  if (record != NULL)
    put_tags (ctx, record, tagging,
              slip_tags_remove (slip_json_array (record->data, tagging->stored),
                                slip_json_array (input, tagging->keys), tagging->key));
  return NULL;
}

JsonNode *
slip_tags_show (const SlipWorldRecord *record, const SlipTagging *tagging)
{
  JsonArray *tags = record != NULL ? slip_json_array (record->data, tagging->stored) : NULL;
  JsonObject *output;

  if (record == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_array_member (output, tagging->given,
                                tags != NULL ? json_array_ref (tags) : json_array_new ());
  return slip_json_new_object (output);
}

JsonArray *
slip_tags_from_object (JsonObject *object)
{
  JsonArray *tags = json_array_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (object == NULL)
    return tags;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &value))
    {
      JsonObject *tag = json_object_new ();
      const char *text = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_string (value) : NULL;

      json_object_set_string_member (tag, "Key", name);
      json_object_set_string_member (tag, "Value", text != NULL ? text : "");
      json_array_add_object_element (tags, tag);
    }
  return tags;
}

SlipArn *
slip_arn_parse (const char *text)
{
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, ":", 6) : NULL;
  SlipArn *arn;

  if (parts == NULL || g_strv_length (parts) != 6 || !g_str_equal (parts[0], "arn")
      || *parts[1] == '\0' || *parts[2] == '\0' || *parts[5] == '\0')
    return NULL;
  arn = g_new0 (SlipArn, 1);
  arn->partition = g_strdup (parts[1]);
  arn->service = g_strdup (parts[2]);
  arn->region = g_strdup (parts[3]);
  arn->account = g_strdup (parts[4]);
  arn->resource = g_strdup (parts[5]);
  return arn;
}

void
slip_arn_free (SlipArn *arn)
{
  g_free (arn->partition);
  g_free (arn->service);
  g_free (arn->region);
  g_free (arn->account);
  g_free (arn->resource);
  g_free (arn);
}

char *
slip_random_id (const char *prefix, guint length, const char *alphabet)
{
  GString *text = g_string_new (prefix);
  gsize letters = strlen (alphabet);

  while (length > 0)
    {
      guchar byte;

      if (RAND_bytes (&byte, 1) != 1)
        g_error ("the system has no randomness");
      /* Bytes beyond the last whole multiple would make some letters likelier than others. */
      if (byte >= 256 - 256 % letters)
        continue;
      g_string_append_c (text, alphabet[byte % letters]);
      length--;
    }
  return g_string_free (text, FALSE);
}
