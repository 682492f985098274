/* SPDX-License-Identifier: MIT */

/* Pages of what a call lists: of an array that is made for the call, or of records of the world. How
 * tokens and limits are called and what a bad token is answered differs between services, and is theirs
 * to say. */

#include "slip-paging.h"

#include "slip-json.h"

/* The key in the input's token; FALSE when the token is not one of ours. */
static gboolean
read_token (JsonObject *input, const SlipPaging *paging, char **key, GError **error)
{
  const char *token = slip_json_string (input, paging->token);

  *key = token != NULL ? slip_marker_decode (token) : NULL;
  if (token == NULL || *key != NULL)
    return TRUE;
  slip_service_error (error, 400, paging->code, "%s", paging->message);
  return FALSE;
}

static guint
read_limit (JsonObject *input, const SlipPaging *paging)
{
  if (paging->limit == NULL)
    return paging->standard;
  return (guint)CLAMP (slip_json_int (input, paging->limit, paging->standard), 1, paging->most);
}

/* @key is where the page ended; NULL after the last one. */
static JsonNode *
finish (JsonObject *output, const SlipPaging *paging, const char *key)
{
  if (paging->truncated != NULL)
    json_object_set_boolean_member (output, paging->truncated, key != NULL);
  if (key != NULL)
    {
      g_autofree char *next = slip_marker_encode (key);

      json_object_set_string_member (output, paging->next != NULL ? paging->next : paging->token,
                                     next);
    }
  return slip_json_new_object (output);
}

JsonNode *
slip_page_array (JsonObject *input,
                 const char *member,
                 JsonArray *items,
                 const SlipPaging *paging,
                 GError **error)
{
  g_autoptr (JsonArray) all = items;
  guint total = json_array_get_length (all);
  guint limit = read_limit (input, paging);
  g_autofree char *place = NULL;
  g_autofree char *key = NULL;
  JsonObject *output;
  JsonArray *page;
  guint start;

  if (!read_token (input, paging, &place, error))
    return NULL;
  start = place != NULL ? (guint)g_ascii_strtoull (place, NULL, 10) : 0;
  output = json_object_new ();
  page = json_array_new ();
  for (guint i = start; i < total && i - start < limit; i++)
    json_array_add_element (page, json_node_ref (json_array_get_element (all, i)));
  json_object_set_array_member (output, member, page);
  if (start < total && total - start > limit)
    key = g_strdup_printf ("%u", start + limit);
  return finish (output, paging, key);
}

typedef struct
{
  const SlipListing *listing;
  JsonObject *input;
  JsonArray *page;
  guint limit;
  char *last; /* owned: the id of the last on the page */
  gboolean more;
} Walk;

static gboolean
list_one (const SlipWorldRecord *record, gpointer data)
{
  Walk *walk = data;

  if (walk->listing->match != NULL && !walk->listing->match (record, walk->input))
    return TRUE;
  walk->more = json_array_get_length (walk->page) == walk->limit;
  if (walk->more)
    return FALSE;
  json_array_add_object_element (walk->page, walk->listing->show (record, walk->input));
  g_free (walk->last);
  walk->last = g_strdup (record->id);
  return TRUE;
}

JsonNode *
slip_page_records (SlipServiceContext *ctx,
                   JsonObject *input,
                   const SlipListing *listing,
                   const SlipPaging *paging,
                   GError **error)
{
  Walk walk = {.listing = listing, .input = input, .limit = read_limit (input, paging)};
  g_autofree char *after = NULL;
  g_autofree char *last = NULL;
  JsonObject *output;

  if (!read_token (input, paging, &after, error))
    return NULL;
  walk.page = json_array_new ();
  slip_world_foreach (ctx->world, ctx->account, ctx->region, listing->type, after, list_one, &walk);
  last = walk.last;
  output = json_object_new ();
  json_object_set_array_member (output, listing->member, walk.page);
  return finish (output, paging, walk.more ? last : NULL);
}
