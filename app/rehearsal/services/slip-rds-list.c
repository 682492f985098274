/* SPDX-License-Identifier: MIT */
/* Describe operations: one resource by name, or pages of all that match filters. A page's marker
 * carries the last id shown, so that a page costs what it holds, however long the list is. */

#include "slip-rds.h"

#include "slip-json.h"

#include <string.h>

#define DEFAULT_PAGE 100
#define SMALLEST_PAGE 20

gboolean
slip_rds_page_size (JsonObject *input, guint *size, GError **error)
{
  gint64 wanted = slip_json_int (input, "MaxRecords", DEFAULT_PAGE);

  *size = DEFAULT_PAGE;
  if (wanted < SMALLEST_PAGE || wanted > DEFAULT_PAGE)
    {
      slip_rds_fail (error, "InvalidParameterValue",
                     "Invalid value %" G_GINT64_FORMAT " for MaxRecords. Must be between %d and %d",
                     wanted, SMALLEST_PAGE, DEFAULT_PAGE);
      return FALSE;
    }
  *size = (guint)wanted;
  return TRUE;
}

char *
slip_rds_marker (JsonObject *input, GError **error)
{
  const char *marker = slip_json_string (input, "Marker");
  char *key;

  if (marker == NULL || *marker == '\0')
    return g_strdup ("");
  key = slip_marker_decode (marker);
  if (key == NULL)
    return slip_rds_fail (error, "InvalidParameterValue", "Invalid marker: %s", marker);
  return key;
}

gboolean
slip_rds_check_filters (JsonObject *input, const SlipRdsFilter *filters, GError **error)
{
  JsonArray *wanted = slip_json_array (input, "Filters");

  for (guint i = 0; wanted != NULL && i < json_array_get_length (wanted); i++)
    {
      JsonObject *filter = json_array_get_object_element (wanted, i);
      const char *name = slip_json_string (filter, "Name");
      JsonArray *values = slip_json_array (filter, "Values");
      gboolean known = FALSE;

      for (const SlipRdsFilter *f = filters; f != NULL && f->name != NULL; f++)
        known = known || g_strcmp0 (f->name, name) == 0;
      if (!known)
        {
          slip_rds_fail (error, "InvalidParameterValue", "Unrecognized filter name: %s",
                         name != NULL ? name : "null");
          return FALSE;
        }
      if (values == NULL || json_array_get_length (values) == 0)
        {
          slip_rds_fail (error, "InvalidParameterCombination",
                         "Filter %s must have at least one value", name);
          return FALSE;
        }
    }
  return TRUE;
}

/* A filter takes names and ARNs alike. */
static gboolean
value_matches (const char *wanted, const char *actual)
{
  const char *colon;

  if (actual == NULL || wanted == NULL)
    return FALSE;
  if (g_str_has_prefix (wanted, "arn:") && !g_str_has_prefix (actual, "arn:")
      && (colon = strrchr (wanted, ':')) != NULL)
    wanted = colon + 1;
  return g_ascii_strcasecmp (wanted, actual) == 0;
}

static gboolean
filter_matches (JsonObject *filter, const SlipRdsFilter *filters, JsonObject *shape)
{
  const char *name = slip_json_string (filter, "Name");
  JsonArray *values = slip_json_array (filter, "Values");

  for (; filters->name != NULL; filters++)
    {
      const char *actual = slip_json_string (shape, filters->member);

      if (strcmp (filters->name, name) != 0)
        continue;
      for (guint i = 0; i < json_array_get_length (values); i++)
        if (value_matches (json_array_get_string_element (values, i), actual))
          return TRUE;
    }
  return FALSE;
}

gboolean
slip_rds_filters_match (JsonObject *input, const SlipRdsFilter *filters, JsonObject *shape)
{
  JsonArray *wanted = slip_json_array (input, "Filters");

  for (guint i = 0; wanted != NULL && i < json_array_get_length (wanted); i++)
    if (!filter_matches (json_array_get_object_element (wanted, i), filters, shape))
      return FALSE;
  return TRUE;
}

typedef struct
{
  SlipServiceContext *ctx;
  JsonObject *input;
  const SlipRdsListing *listing;
  JsonArray *items;
  guint size;
  char *last;
  gboolean more;
} Page;

static JsonObject *
view (SlipWorld *world, const SlipRdsListing *listing, const SlipWorldRecord *record)
{
  return listing->view != NULL ? listing->view (world, record)
                               : json_object_ref (slip_rds_shape (record));
}

static gboolean
take (const SlipWorldRecord *record, gpointer data)
{
  Page *page = data;

  if (page->listing->match != NULL && !page->listing->match (page->ctx, record, page->input))
    return TRUE;
  if (!slip_rds_filters_match (page->input, page->listing->filters, slip_rds_shape (record)))
    return TRUE;
  if (json_array_get_length (page->items) == page->size)
    {
      page->more = TRUE;
      return FALSE;
    }
  json_array_add_object_element (page->items, view (page->ctx->world, page->listing, record));
  g_free (page->last);
  page->last = g_strdup (record->id);
  return TRUE;
}

static JsonNode *
wrap_page (const char *output, JsonArray *items, const char *next)
{
  JsonObject *object = json_object_new ();

  if (next != NULL)
    {
      g_autofree char *marker = slip_marker_encode (next);
      json_object_set_string_member (object, "Marker", marker);
    }
  json_object_set_array_member (object, output, items);
  return slip_json_new_object (object);
}

static JsonNode *
list_one (SlipServiceContext *ctx,
          JsonObject *input,
          const char *value,
          const SlipRdsListing *listing,
          GError **error)
{
  const SlipWorldRecord *record = slip_rds_find (ctx, value, listing->type, error);
  JsonArray *items;

  if (record == NULL)
    return NULL;
  items = json_array_new ();
  if (slip_rds_filters_match (input, listing->filters, slip_rds_shape (record)))
    json_array_add_object_element (items, view (ctx->world, listing, record));
  return wrap_page (listing->output, items, NULL);
}

JsonNode *
slip_rds_list (SlipServiceContext *ctx,
               JsonObject *input,
               const SlipRdsListing *listing,
               GError **error)
{
  const char *value
      = listing->id_parameter != NULL ? slip_json_string (input, listing->id_parameter) : NULL;
  Page page = {ctx, input, listing, NULL, 0, NULL, FALSE};
  g_autofree char *after = NULL;
  JsonNode *node;

  if (!slip_rds_page_size (input, &page.size, error)
      || !slip_rds_check_filters (input, listing->filters, error)
      || (after = slip_rds_marker (input, error)) == NULL)
    return NULL;
  if (value != NULL && *value != '\0')
    return list_one (ctx, input, value, listing, error);
  page.items = json_array_new ();
  slip_world_foreach (ctx->world, ctx->account,
                      slip_rds_kind (listing->type)->global ? "" : ctx->region, listing->type,
                      *after != '\0' ? after : NULL, take, &page);
  node = wrap_page (listing->output, page.items, page.more ? page.last : NULL);
  g_free (page.last);
  return node;
}

JsonNode *
slip_rds_list_fixed (JsonObject *input, const char *output, JsonArray *items, GError **error)
{
  g_autoptr (JsonArray) owned = items;
  JsonArray *page;
  g_autofree char *after = NULL;
  g_autofree char *next = NULL;
  guint size;
  guint64 first;
  guint64 end;

  if (!slip_rds_page_size (input, &size, error) || (after = slip_rds_marker (input, error)) == NULL)
    return NULL;
  first = g_ascii_strtoull (after, NULL, 10);
  end = MIN (first + size, json_array_get_length (items));
  page = json_array_new ();
  for (guint64 i = first; i < end; i++)
    json_array_add_element (page, json_node_ref (json_array_get_element (items, (guint)i)));
  if (end < json_array_get_length (items))
    next = g_strdup_printf ("%" G_GUINT64_FORMAT, end);
  return wrap_page (output, page, next);
}
