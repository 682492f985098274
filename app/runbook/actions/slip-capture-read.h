/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-capture-table.h"

G_BEGIN_DECLS

/**
 * SlipCaptureReader:
 * @call: one read, blocking; returns (transfer full) the answer, or %NULL with %SLIP_AWS_ERROR
 * @data: for @call
 * @region: where the resource is
 * @only: (nullable) (element-type utf8 utf8): a set of the fields that are needed; %NULL: all of them
 * @refused: (nullable): takes `{FIELD: why}` of what could not be read where the table says that the thing
 *   can be judged without (`optional`); %NULL: such a read fails like any other
 *
 * How a capture reaches AWS: through the planner's caller or through a run. What is not read is not in the
 * document.
 */
typedef struct
{
  JsonNode *(*call) (gpointer data,
                     const char *region,
                     const char *service,
                     const char *operation,
                     JsonNode *input,
                     GError **error);
  gpointer data;
  const char *region;
  GHashTable *only;
  JsonObject *refused;
} SlipCaptureReader;

/* The kind that is made of others: a global cluster with its members and their instances. */
#define SLIP_CAPTURE_GLOBAL "rds-global-cluster"

/**
 * slip_capture_read:
 * @reader: how to reach AWS
 * @table: what is captured
 * @target: the resource's name
 * @error: return location
 *
 * Makes the reads of @table that its fields need, every page of them.
 *
 * Returns: (transfer full): the document, see slip_capture_take(); %NULL with what the read raised, or
 *   %SLIP_RUNBOOK_ERROR_NOT_FOUND when AWS shows no such thing
 */
JsonObject *slip_capture_read (const SlipCaptureReader *reader,
                               JsonObject *table,
                               const char *target,
                               GError **error);

/**
 * slip_capture_read_global:
 * @reader: how to reach AWS; its region is one of the global cluster's
 * @target: the global cluster's name
 * @error: return location
 *
 * Captures an Aurora global cluster: `{kind, target, arn, fields, primary, secondaries: […],
 * primary_instances: […], secondary_instances: […]}`. A member is `{region, cluster, arn, resource_id,
 * document, restore, create}`, an instance `{region, cluster, id, writer, document, create}`; `restore`
 * and `create` are the requests that bring it back. The writer comes first.
 *
 * Returns: (transfer full): the document; %NULL as slip_capture_read()
 */
JsonObject *
slip_capture_read_global (const SlipCaptureReader *reader, const char *target, GError **error);

G_END_DECLS
