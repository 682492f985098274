/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"

G_BEGIN_DECLS

struct _SlipAwsModel
{
  const char *service;
  const char *protocol_name;
  const char *api_version;
  const char *endpoint_prefix;
  const char *signing_name;
  const char *service_id;
  const char *title;
  const char *target_prefix;
  const char *json_version;
  const char *namespace_uri;
  const char *global_endpoint;
  SlipAwsProtocol protocol;
  gboolean is_s3;
  gboolean query_compatible;
  GPtrArray *operations;   /* element-type SlipAwsOperation; sorted by name */
  GPtrArray *waiters;      /* element-type SlipAwsWaiter; sorted by name */
  GHashTable *error_codes; /* owned, or NULL; an error's name → its code on the wire */
  GStringChunk *strings;   /* every string of the model */
  GPtrArray *blocks;       /* every allocation of the model */
  GPtrArray *nodes;        /* element-type JsonNode; expected values of waiters */
};

/**
 * slip_aws_model_load:
 * @node: a model
 * @name: what errors and the model call the service
 * @effects: (nullable): the service's entry of the effects table
 * @supplement: (nullable): the service's entry of the supplement
 * @error: return location
 *
 * Returns: (transfer full): the model, or %NULL with %SLIP_AWS_ERROR_MODEL
 */
SlipAwsModel *slip_aws_model_load (
    JsonNode *node, const char *name, JsonObject *effects, JsonObject *supplement, GError **error);

/**
 * slip_aws_nearest_name:
 * @name: a name that does not exist
 * @candidates: (array length=n_candidates): the names that do
 * @n_candidates: how many
 *
 * Returns: (transfer none) (nullable): the candidate that a typing error of few letters makes into
 *   @name
 */
const char *
slip_aws_nearest_name (const char *name, const char *const *candidates, guint n_candidates);

G_END_DECLS
