/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"

G_BEGIN_DECLS

/**
 * SlipResourceKind:
 *
 * What a row of a tree stands for.
 */
typedef enum
{
  SLIP_RESOURCE_GLOBAL_CLUSTER,
  SLIP_RESOURCE_CLUSTER,
  SLIP_RESOURCE_INSTANCE,
  SLIP_RESOURCE_SNAPSHOT,
  SLIP_RESOURCE_SNAPSHOT_GROUP,
  SLIP_RESOURCE_VAULT,
  SLIP_RESOURCE_RECOVERY_POINT,
  SLIP_RESOURCE_COPY, /* a link between two recovery points; never a row */
  SLIP_RESOURCE_TABLE,
  SLIP_RESOURCE_REPLICA,
  SLIP_RESOURCE_INDEX,
  SLIP_RESOURCE_ECS_CLUSTER,
  SLIP_RESOURCE_ECS_SERVICE,
  SLIP_RESOURCE_ECS_TASK,
  SLIP_RESOURCE_PIPELINE,
  SLIP_RESOURCE_ALARM,
  SLIP_RESOURCE_TERRAFORM_ROOT,
  SLIP_RESOURCE_TERRAFORM_RESOURCE,
  SLIP_RESOURCE_N_KINDS,
} SlipResourceKind;

/**
 * slip_resource_kind_get_name:
 *
 * Returns: a stable word such as "cluster-snapshot", for files and the command line
 */
const char *slip_resource_kind_get_name (SlipResourceKind kind);

#define SLIP_TYPE_RESOURCE (slip_resource_get_type ())

/**
 * SlipResource:
 *
 * One thing in AWS as a row of a tree: a cluster, an instance, a snapshot, or a group of them. Its
 * id stays over refreshes, and so does the object: what changes is told by `notify`. Main thread.
 *
 * Properties to bind: `name`, `status`, `region`, `detail` (one line: engine, type), `size` (int64,
 * bytes, -1 unknown), `created` (int64, µs, 0 unknown).
 */
G_DECLARE_FINAL_TYPE (SlipResource, slip_resource, SLIP, RESOURCE, GObject)

SlipResourceKind slip_resource_get_kind (SlipResource *self);
SlipEnvironment *slip_resource_get_environment (SlipResource *self); /* borrowed */

/**
 * slip_resource_get_id:
 *
 * Returns: its ARN, or for a group a name of our own; unique in its environment and kind
 */
const char *slip_resource_get_id (SlipResource *self);
const char *slip_resource_get_name (SlipResource *self);
const char *slip_resource_get_region (SlipResource *self);
const char *slip_resource_get_status (SlipResource *self);
const char *slip_resource_get_detail (SlipResource *self);

/**
 * slip_resource_get_size:
 *
 * Returns: bytes, -1 when not known
 */
gint64 slip_resource_get_size (SlipResource *self);
gint64 slip_resource_get_created (SlipResource *self);

/**
 * slip_resource_get_search_text:
 *
 * Returns: (transfer none): name, status, detail and region, each on a line, ASCII letters in lower case
 */
const char *slip_resource_get_search_text (SlipResource *self);

/**
 * slip_resource_get_urgency:
 *
 * Returns: of an alarm: 0 when it rings, 2 when all is well, 1 otherwise
 */
int slip_resource_get_urgency (const SlipResource *self);

/**
 * slip_resource_dup_fields:
 * @self: a resource
 *
 * Returns: (transfer full): the API's own answer for it, read anew from its text at each call (a
 *   list of 50,000 keeps texts, not trees); an empty object for a group
 */
JsonObject *slip_resource_dup_fields (SlipResource *self);

/**
 * slip_resource_get_text:
 *
 * Returns: (transfer none): the same as compact JSON text, "{}" for a group
 */
const char *slip_resource_get_text (SlipResource *self);

/**
 * slip_resource_get_children:
 *
 * Returns: (transfer none) (nullable): a #GListModel of #SlipResource, or %NULL for a leaf
 */
GListModel *slip_resource_get_children (SlipResource *self);

G_END_DECLS
