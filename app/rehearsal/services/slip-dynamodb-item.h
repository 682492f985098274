/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-dynamodb.h"

G_BEGIN_DECLS

typedef enum
{
  SLIP_DYNAMODB_PUT,
  SLIP_DYNAMODB_UPDATE,
  SLIP_DYNAMODB_DELETE,
  SLIP_DYNAMODB_CHECK,
} SlipDynamodbAction;

/* One write to one item, from its request to its effect in two steps, so that a transaction can look
 * at all conditions before it changes anything. */
typedef struct
{
  SlipDynamodbAction action;
  const SlipWorldRecord *table;
  SlipDynamodbKey key;
  JsonObject *before; /* NULL: there was none */
  JsonObject *after;  /* NULL: there will be none, or nothing changes */
  GHashTable *touched;
  gboolean holds; /* the condition */
} SlipDynamodbWrite;

void slip_dynamodb_write_clear (SlipDynamodbWrite *write);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipDynamodbWrite, slip_dynamodb_write_clear)

/* Reads the request (Item or Key, expressions) and the item, and works out what will be. The table is
 * set by the caller. A condition that does not hold is no error here. */
gboolean slip_dynamodb_write_prepare (SlipDynamodbWrite *write,
                                      SlipWorld *world,
                                      JsonObject *request,
                                      GError **error);

/* Does it. Returns the units it consumed, or -1 with an error. */
double
slip_dynamodb_write_apply (SlipDynamodbWrite *write, SlipServiceContext *ctx, GError **error);

/* Refuses what came before expressions (ScanFilter, Expected), which the rehearsal does not serve. */
gboolean slip_dynamodb_refuse_legacy (JsonObject *input, GError **error);

/* Reads one item with a request's Key and projection; NULL when there is none, or with an error. */
JsonObject *slip_dynamodb_read_item (SlipServiceContext *ctx,
                                     const SlipWorldRecord *table,
                                     JsonObject *request,
                                     JsonObject *key,
                                     double *units,
                                     GError **error);

G_END_DECLS
