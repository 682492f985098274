/* SPDX-License-Identifier: MIT */

/* Listings in the order of the keys' bytes: with prefixes and delimiters, in pages, of current objects
 * and of all versions. */

#include "slip-s3-private.h"

#include "slip-json.h"
#include "slip-world-items.h"

#define PAGE_SIZE 1000
/* Behind every version's place, so that a walk goes on with the next key. */
#define LAST_RANGE "~"

typedef struct
{
  const char *prefix;
  const char *delimiter; /* or NULL */
  const char *after;     /* the key or common prefix that ended the last page, or NULL */
  gint64 max;
  gboolean versions; /* all of them, not only what is there now */
  gboolean encode;
  gint64 count;
  char *last_key;     /* seen last, of whatever version */
  char *last_version; /* shown last, when versions are */
  char *last_shown;   /* key or common prefix */
  char *common;       /* the common prefix shown last */
  gboolean truncated;
  JsonArray *contents;
  JsonArray *markers;
  JsonArray *prefixes;
} Listing;

static void
listing_clear (Listing *listing)
{
  g_free (listing->last_key);
  g_free (listing->last_version);
  g_free (listing->last_shown);
  g_free (listing->common);
  json_array_unref (listing->contents);
  json_array_unref (listing->markers);
  json_array_unref (listing->prefixes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static char *
dup_shown (const Listing *listing, const char *text)
{
  return listing->encode ? slip_aws_uri_encode (text, -1, "/") : g_strdup (text);
}

static void
set_shown (const Listing *listing, JsonObject *object, const char *member, const char *text)
{
  g_autofree char *shown = text != NULL ? dup_shown (listing, text) : NULL;

  if (shown != NULL)
    json_object_set_string_member (object, member, shown);
}

/* The part of the key up to the first delimiter behind the prefix. */
static char *
dup_common (const Listing *listing, const char *key)
{
  const char *rest = key + strlen (listing->prefix);
  const char *found = listing->delimiter != NULL ? strstr (rest, listing->delimiter) : NULL;

  if (found == NULL)
    return NULL;
  return g_strndup (key, (gsize)(found - key) + strlen (listing->delimiter));
}

static gboolean
is_full (Listing *listing)
{
  listing->truncated = listing->count >= listing->max;
  return listing->truncated;
}

/* Returns whether the walk goes on. */
static gboolean
take_common (Listing *listing, char *common)
{
  JsonObject *shown;

  if (g_strcmp0 (common, listing->common) == 0 || g_strcmp0 (common, listing->after) == 0)
    {
      g_free (common);
      return TRUE;
    }
  if (is_full (listing))
    {
      g_free (common);
      return FALSE;
    }
  shown = json_object_new ();
  set_shown (listing, shown, "Prefix", common);
  json_array_add_object_element (listing->prefixes, shown);
  g_free (listing->last_shown);
  listing->last_shown = g_strdup (common);
  g_free (listing->common);
  listing->common = common;
  listing->count++;
  return TRUE;
}

static JsonObject *
show (const Listing *listing, JsonObject *object)
{
  static const char *const members[] = {"LastModified", "ETag", "Size"};
  gboolean marker = slip_json_bool (object, "marker", FALSE);
  JsonObject *shown = json_object_new ();

  set_shown (listing, shown, "Key", slip_json_string (object, "Key"));
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (object, members[i]))
      json_object_set_member (shown, members[i], json_object_dup_member (object, members[i]));
  if (!marker)
    json_object_set_string_member (
        shown, "StorageClass",
        json_object_get_string_member_with_default (object, "StorageClass", "STANDARD"));
  if (listing->versions)
    json_object_set_string_member (shown, "VersionId", slip_json_string (object, "version"));
  return shown;
}

static gboolean
take_object (Listing *listing, JsonObject *object, gboolean latest)
{
  gboolean marker = slip_json_bool (object, "marker", FALSE);
  JsonObject *shown;

  if (marker && !listing->versions)
    return TRUE;
  if (is_full (listing))
    return FALSE;
  shown = show (listing, object);
  if (listing->versions)
    json_object_set_boolean_member (shown, "IsLatest", latest);
  json_array_add_object_element (marker ? listing->markers : listing->contents, shown);
  g_free (listing->last_shown);
  listing->last_shown = g_strdup (slip_json_string (object, "Key"));
  g_free (listing->last_version);
  listing->last_version = g_strdup (slip_json_string (object, "version"));
  listing->count++;
  return TRUE;
}

static gboolean
on_item (const SlipWorldItem *item, gpointer data)
{
  Listing *listing = data;
  gboolean latest = g_strcmp0 (item->hash, listing->last_key) != 0;
  g_autoptr (JsonNode) node = NULL;
  char *common;

  if (!g_str_has_prefix (item->hash, listing->prefix))
    return strcmp (item->hash, listing->prefix) < 0;
  if (!latest && !listing->versions)
    return TRUE;
  if (latest)
    {
      g_free (listing->last_key);
      listing->last_key = g_strdup (item->hash);
    }
  node = slip_json_parse (item->text, -1, NULL);
  common = dup_common (listing, item->hash);
  if (common != NULL && slip_json_bool (json_node_get_object (node), "marker", FALSE)
      && !listing->versions)
    {
      g_free (common);
      return TRUE;
    }
  if (common != NULL)
    return take_common (listing, common);
  return take_object (listing, json_node_get_object (node), latest);
}

static void
walk (SlipServiceContext *ctx, Listing *listing, const char *bucket, const char *after_range)
{
  g_autofree char *collection = slip_s3_collection (bucket);
  gboolean behind = listing->after != NULL && strcmp (listing->after, listing->prefix) >= 0;

  if (listing->max == 0)
    return;
  if (behind)
    slip_world_items_foreach (ctx->world, collection, listing->after,
                              after_range != NULL ? after_range : LAST_RANGE, on_item, listing);
  else if (*listing->prefix != '\0')
    slip_world_items_foreach (ctx->world, collection, listing->prefix, "", on_item, listing);
  else
    slip_world_items_foreach (ctx->world, collection, NULL, NULL, on_item, listing);
}

static Listing
listing_init (JsonObject *input, gboolean versions)
{
  const char *prefix = slip_json_string (input, "Prefix");
  const char *delimiter = slip_json_string (input, "Delimiter");

  return (Listing){
      .prefix = prefix != NULL ? prefix : "",
      .delimiter = delimiter != NULL && *delimiter != '\0' ? delimiter : NULL,
      .max = CLAMP (slip_json_int (input, "MaxKeys", PAGE_SIZE), 0, PAGE_SIZE),
      .versions = versions,
      .encode = g_strcmp0 (slip_json_string (input, "EncodingType"), "url") == 0,
      .contents = json_array_new (),
      .markers = json_array_new (),
      .prefixes = json_array_new (),
  };
}

/* What all listings tell of themselves. */
static JsonObject *
describe (const Listing *listing, const char *bucket, const char *contents)
{
  JsonObject *output = json_object_new ();

  json_object_set_boolean_member (output, "IsTruncated", listing->truncated);
  json_object_set_string_member (output, "Name", bucket);
  set_shown (listing, output, "Prefix", listing->prefix);
  set_shown (listing, output, "Delimiter", listing->delimiter);
  json_object_set_int_member (output, "MaxKeys", listing->max);
  if (listing->encode)
    json_object_set_string_member (output, "EncodingType", "url");
  if (json_array_get_length (listing->contents) > 0)
    json_object_set_array_member (output, contents, json_array_ref (listing->contents));
  if (json_array_get_length (listing->prefixes) > 0)
    json_object_set_array_member (output, "CommonPrefixes", json_array_ref (listing->prefixes));
  return output;
}

JsonNode *
slip_s3_list_objects_v2 (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  const char *token = slip_json_string (input, "ContinuationToken");
  g_autofree char *after = token != NULL ? slip_marker_decode (token) : NULL;
  g_auto (Listing) listing = listing_init (input, FALSE);
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  if (token != NULL && after == NULL)
    return slip_service_error (error, 400, "InvalidArgument",
                               "The continuation token provided is incorrect");
  listing.after = after != NULL ? after : slip_json_string (input, "StartAfter");
  walk (ctx, &listing, bucket->id, NULL);
  output = describe (&listing, bucket->id, "Contents");
  json_object_set_int_member (output, "KeyCount", listing.count);
  if (token != NULL)
    json_object_set_string_member (output, "ContinuationToken", token);
  set_shown (&listing, output, "StartAfter", slip_json_string (input, "StartAfter"));
  if (listing.truncated)
    {
      g_autofree char *next = slip_marker_encode (listing.last_shown);

      json_object_set_string_member (output, "NextContinuationToken", next);
    }
  return slip_json_new_object (output);
}

JsonNode *
slip_s3_list_objects (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  g_auto (Listing) listing = listing_init (input, FALSE);
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  listing.after = slip_json_string (input, "Marker");
  walk (ctx, &listing, bucket->id, NULL);
  output = describe (&listing, bucket->id, "Contents");
  set_shown (&listing, output, "Marker", listing.after != NULL ? listing.after : "");
  if (listing.truncated && listing.delimiter != NULL)
    set_shown (&listing, output, "NextMarker", listing.last_shown);
  return slip_json_new_object (output);
}

/* Versions go on behind the version that ended the page, whose place its record tells. */
JsonNode *
slip_s3_list_versions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  const char *version = slip_json_string (input, "VersionIdMarker");
  g_auto (Listing) listing = listing_init (input, TRUE);
  g_autoptr (JsonObject) from = NULL;
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  listing.after = slip_json_string (input, "KeyMarker");
  if (version != NULL && listing.after != NULL)
    {
      from = slip_s3_version (ctx->world, bucket->id, listing.after, version);
      if (from == NULL)
        return slip_service_error (error, 400, "InvalidArgument", "Invalid version id specified");
      listing.last_key = g_strdup (listing.after);
    }
  walk (ctx, &listing, bucket->id, from != NULL ? slip_json_string (from, "range") : NULL);
  output = describe (&listing, bucket->id, "Versions");
  if (json_array_get_length (listing.markers) > 0)
    json_object_set_array_member (output, "DeleteMarkers", json_array_ref (listing.markers));
  set_shown (&listing, output, "KeyMarker", listing.after != NULL ? listing.after : "");
  json_object_set_string_member (output, "VersionIdMarker", version != NULL ? version : "");
  if (listing.truncated)
    {
      set_shown (&listing, output, "NextKeyMarker", listing.last_shown);
      if (listing.last_version != NULL)
        json_object_set_string_member (output, "NextVersionIdMarker", listing.last_version);
    }
  return slip_json_new_object (output);
}
