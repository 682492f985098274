/* SPDX-License-Identifier: MIT */
/* The last complete listings as files, one for each listing and region. They hold items as AWS gave
 * them; an item of a listing below is a pair of that listing's label and the item. */

#include "slip-estate-cache.h"
#include "slip-estate-walk.h"
#include "slip-file.h"
#include "slip-json.h"

#include <errno.h>
#include <glib/gstdio.h>

#define CACHE_SCHEMA "org.slipway.cache/1"
#define MAX_CACHE_BYTES (256u * 1024 * 1024)
#define CACHE_BATCH 250

static char *
cache_path (const char *folder,
            SlipEnvironment *environment,
            SlipEstateKind kind,
            const char *label)
{
  g_autofree char *safe = g_strdelimit (g_strdup (label), " /", '-');
  g_autofree char *name = g_strdup_printf (
      "%s-%s-%s-%s.json", slip_environment_get_name (environment),
      slip_environment_get_account (environment), slip_estate_kind_get_name (kind), safe);

  return g_build_filename (folder, name, NULL);
}

/* Also names the endpoint: what a rehearsal listed must never be shown as AWS's. */
static char *
cache_origin (SlipEnvironment *environment)
{
  const char *url = slip_environment_get_endpoint_url (environment);

  return g_strdup_printf ("%s %s", slip_environment_get_account (environment),
                          url != NULL ? url : "aws");
}

void
slip_estate_cache_add (GString *kept,
                       const SlipEstateListing *listing,
                       const SlipEstateRecord *record)
{
  if (record->listing == NULL)
    return;
  if (kept->len > 0)
    g_string_append (kept, ",\n");
  if (record->listing == listing)
    g_string_append (kept, record->text);
  else
    g_string_append_printf (kept, "[\"%s\",%s]", record->listing->label, record->text);
}

void
slip_estate_cache_write (const char *folder,
                         SlipEnvironment *environment,
                         SlipEstateKind kind,
                         const char *label,
                         GString *kept)
{
  g_autofree char *path = cache_path (folder, environment, kind, label);
  g_autofree char *origin = cache_origin (environment);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = g_strdup_printf ("{\"schema\":\"" CACHE_SCHEMA
                          "\",\"origin\":\"%s\",\"saved\":%" G_GINT64_FORMAT
                          ",\"items\":[\n%s\n]}\n",
                          origin, g_get_real_time (), kept->str);
  if (g_mkdir_with_parents (folder, 0700) != 0
      || !slip_file_write_atomic (path, text, -1, 0600, &error))
    g_info ("the cache was not written: %s", error != NULL ? error->message : g_strerror (errno));
}

static void
read_item (JsonNode *node, const SlipEstateListing *listing, const char *place, GPtrArray *records)
{
  JsonObject *item = slip_json_node_object (node);
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (pair != NULL && json_array_get_length (pair) == 2
      && json_node_get_value_type (json_array_get_element (pair, 0)) == G_TYPE_STRING)
    {
      listing = slip_estate_listing_find (listing, json_array_get_string_element (pair, 0));
      item = slip_json_node_object (json_array_get_element (pair, 1));
    }
  if (listing != NULL && item != NULL)
    slip_estate_walk_read (listing, item, place, records);
}

static void
read_items (JsonArray *items,
            const SlipEstateListing *listing,
            const char *place,
            gint64 saved,
            SlipEstateCacheFunc func,
            gpointer data)
{
  GPtrArray *records = slip_estate_records_new ();

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      read_item (json_array_get_element (items, i), listing, place, records);
      if (records->len >= CACHE_BATCH)
        {
          func (records, saved, data);
          records = slip_estate_records_new ();
        }
    }
  func (records, saved, data);
}

void
slip_estate_cache_read (const char *folder,
                        SlipEnvironment *environment,
                        SlipEstateKind kind,
                        const char *label,
                        const SlipEstateListing *listing,
                        const char *place,
                        SlipEstateCacheFunc func,
                        gpointer data)
{
  g_autofree char *path = cache_path (folder, environment, kind, label);
  g_autofree char *origin = cache_origin (environment);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_CACHE_BYTES, NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root;
  gsize length;
  const char *text;

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return;
  text = g_bytes_get_data (bytes, &length);
  node = slip_json_parse (text, (gssize)length, NULL);
  root = slip_json_node_object (node);
  if (root == NULL || g_strcmp0 (slip_json_string (root, "schema"), CACHE_SCHEMA) != 0
      || g_strcmp0 (slip_json_string (root, "origin"), origin) != 0
      || slip_json_array (root, "items") == NULL || slip_json_int (root, "saved", 0) <= 0)
    return;
  read_items (slip_json_array (root, "items"), listing, place, slip_json_int (root, "saved", 0),
              func, data);
}
