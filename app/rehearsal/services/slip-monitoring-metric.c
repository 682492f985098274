/* SPDX-License-Identifier: MIT */

/* CloudWatch metrics: values that clients send and services count, kept by the minute, and their
 * statistics. There are no percentiles and no expressions. */

#include "slip-monitoring.h"

#include "slip-json.h"
#include "slip-world-metrics.h"

#define MAX_POINTS 1440
#define PAGE_SIZE 500

static gpointer
refuse (GError **error, const char *code, const char *message)
{
  return slip_service_error (error, 400, code, "%s", message);
}

static gint64
time_of (JsonObject *input, const char *name, gint64 fallback)
{
  const char *text = slip_json_string (input, name);
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL
             ? g_date_time_to_unix (time) * G_TIME_SPAN_SECOND + g_date_time_get_microsecond (time)
             : fallback;
}

/* Alarms look at a metric that got values. */
static void
wake_alarms (SlipServiceContext *ctx, const SlipMetric *metric)
{
  g_autoptr (GPtrArray) alarms = slip_world_list (ctx->world, ctx->account, ctx->region, CW_ALARM);

  for (guint i = 0; i < alarms->len; i++)
    {
      const SlipWorldRecord *alarm = alarms->pdata[i];
      g_autofree char *own
          = slip_world_metric_dimensions_from_array (slip_json_array (alarm->data, "Dimensions"));

      if (g_strcmp0 (slip_json_string (alarm->data, "MetricName"), metric->name) == 0
          && g_strcmp0 (slip_json_string (alarm->data, "Namespace"), metric->namespace_) == 0
          && g_str_equal (own, metric->dimensions))
        slip_monitoring_look_later (ctx->world, ctx->account, ctx->region, alarm->id);
    }
}

static void
add_values (SlipServiceContext *ctx, const SlipMetric *metric, JsonObject *datum, gint64 when)
{
  JsonObject *statistics = slip_json_object (datum, "StatisticValues");
  JsonArray *values = slip_json_array (datum, "Values");
  JsonArray *counts = slip_json_array (datum, "Counts");
  double value = slip_json_double (datum, "Value", 0);
  SlipMetricValues one = {when, 1, value, value, value, ""};

  if (statistics != NULL)
    one = (SlipMetricValues){when,
                             slip_json_double (statistics, "SampleCount", 0),
                             slip_json_double (statistics, "Sum", 0),
                             slip_json_double (statistics, "Minimum", 0),
                             slip_json_double (statistics, "Maximum", 0),
                             ""};
  if (values == NULL)
    slip_world_metric_add (ctx->world, metric, &one);
  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      double count = counts != NULL ? json_array_get_double_element (counts, i) : 1;

      value = json_array_get_double_element (values, i);
      one = (SlipMetricValues){when, count, value * count, value, value, ""};
      slip_world_metric_add (ctx->world, metric, &one);
    }
}

static gboolean
check_datum (JsonObject *datum, GError **error)
{
  JsonArray *values = slip_json_array (datum, "Values");
  JsonArray *counts = slip_json_array (datum, "Counts");
  guint forms = json_object_has_member (datum, "Value")
                + json_object_has_member (datum, "StatisticValues") + (values != NULL);

  if (forms != 1)
    refuse (error, "InvalidParameterCombination",
            "Exactly one of Value, Values and StatisticValues must be specified");
  else if (counts != NULL
           && (values == NULL || json_array_get_length (counts) != json_array_get_length (values)))
    refuse (error, "InvalidParameterValue", "Counts must have as many elements as Values");
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_monitoring_put_data (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *data = slip_json_array (input, "MetricData");
  const char *namespace_ = slip_json_string (input, "Namespace");

  if (g_str_has_prefix (namespace_, "AWS/"))
    return refuse (error, "InvalidParameterValue",
                   "The value AWS/ for parameter Namespace is invalid.");
  for (guint i = 0; i < json_array_get_length (data); i++)
    {
      JsonObject *datum = json_array_get_object_element (data, i);
      g_autofree char *dimensions
          = slip_world_metric_dimensions_from_array (slip_json_array (datum, "Dimensions"));
      const char *unit = slip_json_string (datum, "Unit");
      SlipMetric metric = {ctx->account, ctx->region,
                           namespace_,   slip_json_string (datum, "MetricName"),
                           dimensions,   unit != NULL ? unit : "None"};

      if (!check_datum (datum, error))
        return NULL;
      add_values (ctx, &metric, datum, time_of (datum, "Timestamp", slip_world_now (ctx->world)));
      wake_alarms (ctx, &metric);
    }
  return NULL;
}

static double
statistic (const SlipMetricValues *values, const char *name)
{
  if (g_str_equal (name, "Sum"))
    return values->sum;
  if (g_str_equal (name, "Minimum"))
    return values->minimum;
  if (g_str_equal (name, "Maximum"))
    return values->maximum;
  return g_str_equal (name, "SampleCount") ? values->count : values->sum / values->count;
}

static gboolean
is_statistic (const char *name)
{
  static const char *const names[] = {"Sum", "Minimum", "Maximum", "SampleCount", "Average", NULL};

  return name != NULL && g_strv_contains (names, name);
}

static gboolean
check_window (gint64 from, gint64 to, gint64 period, GError **error)
{
  if (from < 0 || to <= from)
    refuse (error, "InvalidParameterValue",
            "The parameter StartTime must be less than the parameter EndTime.");
  else if (period < 1 || (period < 60 && period != 1 && period % 5 != 0)
           || (period > 60 && period % 60 != 0))
    refuse (error, "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 30 or a multiple of 60.");
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_monitoring_get_statistics (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *dimensions
      = slip_world_metric_dimensions_from_array (slip_json_array (input, "Dimensions"));
  SlipMetric metric = {ctx->account,
                       ctx->region,
                       slip_json_string (input, "Namespace"),
                       slip_json_string (input, "MetricName"),
                       dimensions,
                       slip_json_string (input, "Unit")};
  JsonArray *statistics = slip_json_array (input, "Statistics");
  gint64 from = time_of (input, "StartTime", -1), to = time_of (input, "EndTime", -1);
  gint64 period = slip_json_int (input, "Period", 0);
  g_autoptr (GArray) found = NULL;
  JsonArray *points;
  JsonObject *output;

  if (!check_window (from, to, period, error))
    return NULL;
  if (statistics == NULL || json_array_get_length (statistics) == 0)
    return refuse (error, "InvalidParameterCombination",
                   "At least one of the parameters Statistics and ExtendedStatistics must be "
                   "specified. The rehearsal has no percentiles.");
  if ((to - from) / G_TIME_SPAN_SECOND / period > MAX_POINTS)
    return refuse (
        error, "InvalidParameterCombination",
        "You have requested more than 1440 datapoints. Reduce the time range or increase "
        "the period.");
  found = slip_world_metric_read (ctx->world, &metric, from, to, period);
  points = json_array_new ();
  for (guint i = 0; i < found->len; i++)
    {
      SlipMetricValues *values = &g_array_index (found, SlipMetricValues, i);
      JsonObject *point = json_object_new ();
      g_autofree char *time = slip_time_format (values->time_us);

      json_object_set_string_member (point, "Timestamp", time);
      for (guint s = 0; s < json_array_get_length (statistics); s++)
        {
          const char *name = json_array_get_string_element (statistics, s);

          if (is_statistic (name))
            json_object_set_double_member (point, name, statistic (values, name));
        }
      json_object_set_string_member (point, "Unit", values->unit);
      json_array_add_object_element (points, point);
    }
  output = json_object_new ();
  json_object_set_string_member (output, "Label", metric.name);
  json_object_set_array_member (output, "Datapoints", points);
  return slip_json_new_object (output);
}

static JsonObject *
show_series (JsonObject *query, GArray *found, const char *stat, gboolean oldest_first)
{
  JsonObject *result = json_object_new ();
  JsonObject *metric = slip_json_object (slip_json_object (query, "MetricStat"), "Metric");
  const char *label = slip_json_string (query, "Label");
  JsonArray *times = json_array_new (), *values = json_array_new ();

  for (guint n = 0; n < found->len; n++)
    {
      SlipMetricValues *one
          = &g_array_index (found, SlipMetricValues, oldest_first ? n : found->len - 1 - n);
      g_autofree char *time = slip_time_format (one->time_us);

      json_array_add_string_element (times, time);
      json_array_add_double_element (values, statistic (one, stat));
    }
  json_object_set_string_member (result, "Id", slip_json_string (query, "Id"));
  json_object_set_string_member (result, "Label",
                                 label != NULL ? label : slip_json_string (metric, "MetricName"));
  json_object_set_array_member (result, "Timestamps", times);
  json_object_set_array_member (result, "Values", values);
  json_object_set_string_member (result, "StatusCode", "Complete");
  return result;
}

static JsonObject *
answer_query (SlipServiceContext *ctx,
              JsonObject *input,
              JsonObject *query,
              gint64 from,
              gint64 to,
              GError **error)
{
  JsonObject *stat = slip_json_object (query, "MetricStat");
  JsonObject *named = stat != NULL ? slip_json_object (stat, "Metric") : NULL;
  const char *name = stat != NULL ? slip_json_string (stat, "Stat") : NULL;
  gint64 period = stat != NULL ? slip_json_int (stat, "Period", 0) : 0;
  g_autofree char *dimensions = NULL;
  g_autoptr (GArray) found = NULL;
  SlipMetric metric = {ctx->account, ctx->region};

  if (stat == NULL || !is_statistic (name))
    return slip_service_error (
        error, 400, "ValidationError",
        "The rehearsal answers MetricStat with Sum, Average, Minimum, Maximum "
        "and SampleCount; query %s has %s",
        slip_json_string (query, "Id"), name != NULL ? name : "an expression");
  if (!check_window (from, to, period, error))
    return NULL;
  dimensions = slip_world_metric_dimensions_from_array (slip_json_array (named, "Dimensions"));
  metric.namespace_ = slip_json_string (named, "Namespace");
  metric.name = slip_json_string (named, "MetricName");
  metric.dimensions = dimensions;
  metric.unit = slip_json_string (stat, "Unit");
  if (metric.namespace_ == NULL || metric.name == NULL)
    return refuse (error, "ValidationError", "Metric must have Namespace and MetricName");
  found = slip_world_metric_read (ctx->world, &metric, from, to, period);
  return show_series (query, found, name,
                      g_strcmp0 (slip_json_string (input, "ScanBy"), "TimestampAscending") == 0);
}

JsonNode *
slip_monitoring_get_data (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *queries = slip_json_array (input, "MetricDataQueries");
  gint64 from = time_of (input, "StartTime", -1), to = time_of (input, "EndTime", -1);
  g_autoptr (JsonArray) results = json_array_new ();
  JsonObject *output;

  for (guint i = 0; i < json_array_get_length (queries); i++)
    {
      JsonObject *query = json_array_get_object_element (queries, i);
      JsonObject *result = answer_query (ctx, input, query, from, to, error);

      if (result == NULL)
        return NULL;
      if (slip_json_bool (query, "ReturnData", TRUE))
        json_array_add_object_element (results, result);
      else
        json_object_unref (result);
    }
  output = json_object_new ();
  json_object_set_array_member (output, "MetricDataResults", g_steal_pointer (&results));
  json_object_set_array_member (output, "Messages", json_array_new ());
  return slip_json_new_object (output);
}

typedef struct
{
  JsonObject *input;
  const char *after;
  JsonArray *page;
  char *last;
  gboolean more;
} Listing;

/* Dimensions of a request may be names only. */
static gboolean
has_dimensions (const SlipMetric *metric, JsonArray *wanted)
{
  g_auto (GStrv) have = g_strsplit (metric->dimensions, "\t", -1);

  for (guint i = 0; wanted != NULL && i < json_array_get_length (wanted); i++)
    {
      JsonObject *one = json_array_get_object_element (wanted, i);
      const char *value = slip_json_string (one, "Value");
      g_autofree char *start
          = g_strdup_printf ("%s=%s", slip_json_string (one, "Name"), value != NULL ? value : "");
      gboolean found = FALSE;

      for (guint d = 0; have[d] != NULL; d++)
        found
            = found
              || (value != NULL ? g_str_equal (have[d], start) : g_str_has_prefix (have[d], start));
      if (!found)
        return FALSE;
    }
  return TRUE;
}

static JsonObject *
show_metric (const SlipMetric *metric)
{
  g_auto (GStrv) pairs = g_strsplit (metric->dimensions, "\t", -1);
  JsonObject *shown = json_object_new ();
  JsonArray *dimensions = json_array_new ();

  for (guint i = 0; pairs[i] != NULL && *pairs[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (pairs[i], "=", 2);
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "Name", parts[0]);
      json_object_set_string_member (one, "Value", parts[1]);
      json_array_add_object_element (dimensions, one);
    }
  json_object_set_string_member (shown, "Namespace", metric->namespace_);
  json_object_set_string_member (shown, "MetricName", metric->name);
  json_object_set_array_member (shown, "Dimensions", dimensions);
  return shown;
}

static gboolean
list_one (const SlipMetric *metric, gpointer data)
{
  Listing *listing = data;
  const char *namespace_ = slip_json_string (listing->input, "Namespace");
  const char *name = slip_json_string (listing->input, "MetricName");
  g_autofree char *key
      = g_strdup_printf ("%s\n%s\n%s", metric->namespace_, metric->name, metric->dimensions);

  if ((listing->after != NULL && g_strcmp0 (key, listing->after) <= 0)
      || (namespace_ != NULL && !g_str_equal (namespace_, metric->namespace_))
      || (name != NULL && !g_str_equal (name, metric->name))
      || !has_dimensions (metric, slip_json_array (listing->input, "Dimensions")))
    return TRUE;
  if (json_array_get_length (listing->page) == PAGE_SIZE)
    {
      listing->more = TRUE;
      return FALSE;
    }
  json_array_add_object_element (listing->page, show_metric (metric));
  g_free (listing->last);
  listing->last = g_steal_pointer (&key);
  return TRUE;
}

JsonNode *
slip_monitoring_list_metrics (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *token = slip_json_string (input, "NextToken");
  g_autofree char *after = token != NULL ? slip_marker_decode (token) : NULL;
  Listing listing = {.input = input, .after = after};
  JsonObject *output;

  if (token != NULL && after == NULL)
    return refuse (error, "InvalidParameterValue", "Invalid NextToken");
  listing.page = json_array_new ();
  slip_world_metric_foreach (ctx->world, ctx->account, ctx->region, list_one, &listing);
  output = json_object_new ();
  json_object_set_array_member (output, "Metrics", listing.page);
  if (listing.more)
    {
      g_autofree char *next = slip_marker_encode (listing.last);

      json_object_set_string_member (output, "NextToken", next);
    }
  g_free (listing.last);
  return slip_json_new_object (output);
}
