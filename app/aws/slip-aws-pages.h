/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"

G_BEGIN_DECLS

/* The way through the pages of one list. Belongs to one thread. */
typedef struct _SlipAwsPages SlipAwsPages;

/* Begins before the first page; @input may be NULL. */
SlipAwsPages *slip_aws_pages_new (const SlipAwsOperation *op, JsonNode *input);
void slip_aws_pages_free (SlipAwsPages *self);

gboolean slip_aws_pages_is_done (SlipAwsPages *self);

/* The input of the next page; borrowed, NULL for none. */
JsonNode *slip_aws_pages_get_input (SlipAwsPages *self);

/* Reads from @page where the next one is. FALSE with SLIP_AWS_ERROR_PROTOCOL when it is where this one
 * was, or after more pages than any service has, which would never end. */
gboolean slip_aws_pages_follow (SlipAwsPages *self, JsonNode *page, GError **error);

/* Where the page after this one is, looked up in the @length bytes of an answer's @text before anybody
 * reads them whole: the next page's input, or NULL when that is not plain to see. A guess: ask for that
 * page, but believe only slip_aws_pages_follow(). */
JsonNode *
slip_aws_pages_peek (const SlipAwsOperation *op, JsonNode *input, const char *text, gsize length);

/* Adds @page's results to those of @whole, an earlier page that is changed. */
void slip_aws_pages_merge (const SlipAwsOperation *op, JsonNode *whole, JsonNode *page);

/* Takes out of merged pages what told of one page only: tokens, counts, echoes of the request. The
 * AWS CLI prints the same rest. */
void slip_aws_pages_keep_results (const SlipAwsOperation *op, JsonNode *whole);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsPages, slip_aws_pages_free)

G_END_DECLS
