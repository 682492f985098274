/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"

G_BEGIN_DECLS

/**
 * SlipRdsParameter:
 * @name: name
 * @cluster: whether it belongs to the groups of clusters
 * @value: (nullable): the default
 * @type: `boolean`, `integer`, `string`, `list`
 * @allowed: (nullable): allowed values as AWS writes them
 * @dynamic: whether it takes effect without a reboot
 *
 * One parameter that the groups of Aurora PostgreSQL hold. AWS has some hundreds; these are the ones
 * that migrations and restores touch.
 */
typedef struct
{
  const char *name;
  gboolean cluster;
  const char *value;
  const char *type;
  const char *allowed;
  gboolean dynamic;
  gboolean modifiable;
  const char *description;
} SlipRdsParameter;

extern const SlipRdsParameter slip_rds_parameters[];

gboolean slip_rds_is_family (const char *family);

/**
 * slip_rds_foreach_family:
 *
 * Visits every parameter group family that the catalogue's engine versions use.
 */
void slip_rds_foreach_family (void (*func) (const char *family, gpointer data), gpointer data);

G_END_DECLS
