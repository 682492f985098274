/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipMetric:
 * @account: whose
 * @region: where
 * @namespace_: such as `AWS/DynamoDB`
 * @name: such as `ConsumedReadCapacityUnits`
 * @dimensions: from slip_world_metric_dimensions()
 * @unit: such as `Count`, or "None"
 *
 * Which metric is meant. A service that consumes something counts it with slip_world_metric_add();
 * CloudWatch reads it.
 */
typedef struct
{
  const char *account;
  const char *region;
  const char *namespace_;
  const char *name;
  const char *dimensions;
  const char *unit;
} SlipMetric;

/**
 * SlipMetricValues:
 *
 * What was measured in some time.
 */
typedef struct
{
  gint64 time_us;
  double count;
  double sum;
  double minimum;
  double maximum;
  char unit[32];
} SlipMetricValues;

/**
 * slip_world_metric_dimensions:
 * @name: (nullable): name of the first dimension, then its value, then more pairs; ends with %NULL
 *
 * Returns: (transfer full): the dimensions as one text, the same in whatever order they are given
 */
char *slip_world_metric_dimensions (const char *name, ...) G_GNUC_NULL_TERMINATED;

/**
 * slip_world_metric_dimensions_from_array:
 * @dimensions: (nullable): objects with Name and Value
 *
 * Returns: (transfer full): as slip_world_metric_dimensions()
 */
char *slip_world_metric_dimensions_from_array (JsonArray *dimensions);

/**
 * slip_world_metric_add:
 * @world: a world in a transaction
 * @values: what was measured, of one moment; its unit is not used
 *
 * Measurements of one minute are added up. Not a change of the estate: a read that is counted
 * remains a read.
 */
void
slip_world_metric_add (SlipWorld *world, const SlipMetric *metric, const SlipMetricValues *values);

/**
 * slip_world_metric_set:
 *
 * Keeps one measurement of now in place of what the minute had. For what is measured once a minute: where
 * time is shortened, several such minutes fall into one of the clock, and the last of them stands for it.
 */
void slip_world_metric_set (SlipWorld *world, const SlipMetric *metric, double value);

/**
 * slip_world_metric_forget:
 * @metric: which; its unit is not used
 *
 * Drops all values of a metric.
 */
void slip_world_metric_forget (SlipWorld *world, const SlipMetric *metric);

/**
 * slip_world_metric_count:
 *
 * Adds one measurement of now.
 */
void slip_world_metric_count (SlipWorld *world, const SlipMetric *metric, double value);

/**
 * slip_world_metric_read:
 * @from_us: first moment
 * @to_us: moment behind the last
 * @period: seconds; values are added up in multiples of it since 1970
 *
 * Returns: (transfer full) (element-type SlipMetricValues): the periods that have values, oldest first
 */
GArray *slip_world_metric_read (
    SlipWorld *world, const SlipMetric *metric, gint64 from_us, gint64 to_us, gint64 period);

/**
 * SlipMetricFunc:
 *
 * Returns: %FALSE to stop
 */
typedef gboolean (*SlipMetricFunc) (const SlipMetric *metric, gpointer data);

/**
 * slip_world_metric_foreach:
 *
 * Visits the metrics that have values, ordered by namespace, name and dimensions.
 */
void slip_world_metric_foreach (
    SlipWorld *world, const char *account, const char *region, SlipMetricFunc func, gpointer data);

G_END_DECLS
