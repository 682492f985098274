/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/**
 * SlipPaging:
 * @token: the input's member that says where a page begins
 * @next: (nullable): the output's that says where the next one does; %NULL when it is called @token too
 * @limit: (nullable): the input's that says how long a page is; %NULL when none may say
 * @truncated: (nullable): the output's that says whether there is more
 * @standard: how long a page is when the input does not say
 * @most: how long it may be
 * @code: the error's when the token is not one of ours
 * @message: what that says
 *
 * How an operation, or a whole service, gives out what does not fit into one answer.
 */
typedef struct
{
  const char *token;
  const char *next;
  const char *limit;
  const char *truncated;
  guint standard;
  guint most;
  const char *code;
  const char *message;
} SlipPaging;

/**
 * slip_page_array:
 * @input: the call's input
 * @member: where the output has the page
 * @items: (transfer full): everything; its tokens count from the front
 * @paging: how it is given out
 *
 * Returns: (transfer full): the output with the page that @input asks for
 */
JsonNode *slip_page_array (JsonObject *input,
                           const char *member,
                           JsonArray *items,
                           const SlipPaging *paging,
                           GError **error);

/**
 * SlipListing:
 * @type: of the records
 * @member: where the output has the page
 * @match: (nullable): whether a record is listed
 * @show: (transfer full): a record as it is listed
 *
 * What a list of records shows.
 */
typedef struct
{
  const char *type;
  const char *member;
  gboolean (*match) (const SlipWorldRecord *record, JsonObject *input);
  JsonObject *(*show) (const SlipWorldRecord *record, JsonObject *input);
} SlipListing;

/**
 * slip_page_records:
 * @listing: what is listed, of the caller's account and region in the order of ids
 * @paging: how it is given out; its tokens are the ids that pages end with
 *
 * Returns: (transfer full): the output with the page that @input asks for
 */
JsonNode *slip_page_records (SlipServiceContext *ctx,
                             JsonObject *input,
                             const SlipListing *listing,
                             const SlipPaging *paging,
                             GError **error);

G_END_DECLS
