/* SPDX-License-Identifier: MIT */
/* slipway:metric while running: looks at CloudWatch until the newest value of a metric is low enough, or
 * the deadline is over. CloudWatch gives values only to who names all dimensions that a metric has, so
 * that they are looked up first; ListMetrics is minutes behind, so that what it does not list is asked
 * for by the dimensions that the step names. */

#include "slip-run-local.h"

#include "slip-action.h"
#include "slip-json.h"

#include <math.h>
#include <string.h>

#define PERIOD 60
#define POLL 30
#define DEFAULT_SECONDS (60 * 60)

/* The deadline leaves so much real time at least, where AWS's time is fast. */
#define LEAST_SECONDS 30

/* Of metrics whose dimensions hold more than those that the step names, the worst value counts. */
#define MOST_METRICS 20
#define MOST_PAGES 20

typedef struct
{
  SlipRunContext *context;
  JsonObject *metric; /* borrowed: as planned */
  const char *statistic;
  double most;
  gint64 minutes;
  GPtrArray *metrics; /* element-type JsonArray; the dimensions of each that is read */
  gboolean found;     /* whether there is a value */
  double value;
  char *time;
  char *unit;
  char *seen; /* what was written last */
} Watch;

static void
watch_clear (Watch *self)
{
  g_clear_pointer (&self->metrics, g_ptr_array_unref);
  g_clear_pointer (&self->time, g_free);
  g_clear_pointer (&self->unit, g_free);
  g_clear_pointer (&self->seen, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

/* ---- words */

static char *
format_number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *end;

  g_ascii_formatd (text, sizeof text, "%.3f", value);
  for (end = text + strlen (text); end[-1] == '0'; end--)
    ;
  if (end[-1] == '.')
    end--;
  return g_strndup (text, end - text);
}

static void
append_dimension (GString *text, const char *name, const char *value)
{
  g_string_append_printf (text, "%s%s=%s", text->len > 0 ? ", " : "", name, value);
}

static char *
dup_named (Watch *self)
{
  JsonObject *dimensions = slip_json_object (self->metric, "dimensions");
  g_autoptr (GList) names = json_object_get_members (dimensions);
  GString *text = g_string_new (NULL);

  for (GList *l = names; l != NULL; l = l->next)
    append_dimension (text, l->data, slip_json_string (dimensions, l->data));
  return g_string_free (text, FALSE);
}

static char *
dup_seen (Watch *self)
{
  g_autofree char *value = format_number (self->value);
  g_autofree char *most = format_number (self->most);

  if (!self->found)
    return g_strdup_printf ("CloudWatch has no value of the last %d minutes yet",
                            (int)self->minutes);
  return g_strdup_printf ("%s is %s %s (%s of the minute %s); at most %s is wanted",
                          slip_json_string (self->metric, "metricName"), value, self->unit,
                          self->statistic, self->time, most);
}

/* ---- which metrics */

static JsonObject *
new_input (Watch *self, JsonArray *dimensions)
{
  JsonObject *input = json_object_new ();

  json_object_set_string_member (input, "Namespace", slip_json_string (self->metric, "namespace"));
  json_object_set_string_member (input, "MetricName",
                                 slip_json_string (self->metric, "metricName"));
  json_object_set_array_member (input, "Dimensions", dimensions);
  return input;
}

static gboolean
has_all (JsonArray *dimensions, JsonObject *named)
{
  guint same = 0;

  for (guint i = 0; dimensions != NULL && i < json_array_get_length (dimensions); i++)
    {
      JsonObject *one = json_array_get_object_element (dimensions, i);
      const char *name = slip_json_string (one, "Name");

      same += name != NULL && slip_json_string (named, name) != NULL
              && g_strcmp0 (slip_json_string (named, name), slip_json_string (one, "Value")) == 0;
    }
  return same == json_object_get_size (named);
}

static JsonNode *
call (Watch *self, const char *operation, JsonObject *input, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);

  return slip_run_engine_read (self->context, "monitoring", operation, node, SLIP_AWS_PRIORITY_WAIT,
                               error);
}

/* The metric with just these dimensions, where there is one, and none besides. */
static void
take_metrics (Watch *self, JsonArray *metrics)
{
  JsonObject *named = slip_json_object (self->metric, "dimensions");

  for (guint i = 0; metrics != NULL && i < json_array_get_length (metrics); i++)
    {
      JsonArray *dimensions
          = slip_json_array (json_array_get_object_element (metrics, i), "Dimensions");

      if (!has_all (dimensions, named))
        continue;
      if (json_array_get_length (dimensions) == json_object_get_size (named))
        g_ptr_array_insert (self->metrics, 0, json_array_ref (dimensions));
      else
        g_ptr_array_add (self->metrics, json_array_ref (dimensions));
    }
  if (self->metrics->len > 1
      && json_array_get_length (self->metrics->pdata[0]) == json_object_get_size (named))
    g_ptr_array_set_size (self->metrics, 1);
}

static gboolean
list (Watch *self, GError **error)
{
  JsonObject *named = slip_json_object (self->metric, "dimensions");
  g_autofree char *token = NULL;
  guint pages = 0;

  g_ptr_array_set_size (self->metrics, 0);
  do
    {
      JsonObject *input = new_input (self, slip_action_metric_dimensions (named));
      g_autoptr (JsonNode) answer = NULL;

      if (token != NULL)
        json_object_set_string_member (input, "NextToken", token);
      answer = call (self, "ListMetrics", input, error);
      if (answer == NULL)
        return FALSE;
      take_metrics (self, slip_json_array (slip_json_node_object (answer), "Metrics"));
      g_free (token);
      token = g_strdup (slip_json_string (slip_json_node_object (answer), "NextToken"));
    }
  while (token != NULL && ++pages < MOST_PAGES);
  if (token == NULL && self->metrics->len <= MOST_METRICS)
    {
      if (self->metrics->len == 0)
        g_ptr_array_add (self->metrics, slip_action_metric_dimensions (named));
      return TRUE;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "more than %d metrics are called so: name more dimensions in the step",
               MOST_METRICS);
  return FALSE;
}

/* ---- their values */

static JsonObject *
newest (JsonArray *points)
{
  JsonObject *found = NULL;

  for (guint i = 0; points != NULL && i < json_array_get_length (points); i++)
    {
      JsonObject *point = json_array_get_object_element (points, i);

      if (found == NULL
          || g_strcmp0 (slip_json_string (point, "Timestamp"),
                        slip_json_string (found, "Timestamp"))
                 > 0)
        found = point;
    }
  return found;
}

static void
take_value (Watch *self, JsonObject *point)
{
  double value = slip_json_double (point, self->statistic, 0);
  const char *unit = slip_json_string (point, "Unit");

  if (self->found && value <= self->value)
    return;
  self->found = TRUE;
  self->value = value;
  g_free (self->time);
  self->time = g_strdup (slip_json_string (point, "Timestamp"));
  g_free (self->unit);
  self->unit = g_strdup (unit != NULL && !g_str_equal (unit, "None") ? unit : "");
}

static gboolean
read_one (Watch *self, JsonArray *dimensions, GError **error)
{
  JsonObject *input = new_input (self, json_array_ref (dimensions));
  JsonArray *statistics = json_array_new ();
  gint64 now = slip_clock_now (self->context->engine->clock);
  g_autofree char *start = slip_time_format (now - self->minutes * G_TIME_SPAN_MINUTE);
  g_autofree char *end = slip_time_format (now);
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *point;

  json_array_add_string_element (statistics, self->statistic);
  json_object_set_array_member (input, "Statistics", statistics);
  json_object_set_string_member (input, "StartTime", start);
  json_object_set_string_member (input, "EndTime", end);
  json_object_set_int_member (input, "Period", PERIOD);
  answer = call (self, "GetMetricStatistics", input, error);
  if (answer == NULL)
    return FALSE;
  point = newest (slip_json_array (slip_json_node_object (answer), "Datapoints"));
  if (point != NULL && json_object_has_member (point, self->statistic))
    take_value (self, point);
  return TRUE;
}

static gboolean
look (Watch *self, GError **error)
{
  gboolean known = self->found;

  self->found = FALSE;
  if (!known && !list (self, error))
    return FALSE;
  for (guint i = 0; i < self->metrics->len; i++)
    if (!read_one (self, self->metrics->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* ---- the end */

/* Under which dimensions CloudWatch has the metric instead, for who has to look. */
static char *
dup_others (Watch *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer
      = call (self, "ListMetrics", new_input (self, json_array_new ()), &error);
  JsonArray *metrics
      = answer != NULL ? slip_json_array (slip_json_node_object (answer), "Metrics") : NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; metrics != NULL && i < MIN (json_array_get_length (metrics), 5); i++)
    {
      JsonArray *dimensions
          = slip_json_array (json_array_get_object_element (metrics, i), "Dimensions");
      g_autoptr (GString) one = g_string_new (NULL);

      for (guint j = 0; dimensions != NULL && j < json_array_get_length (dimensions); j++)
        append_dimension (
            one, slip_json_string (json_array_get_object_element (dimensions, j), "Name"),
            slip_json_string (json_array_get_object_element (dimensions, j), "Value"));
      g_string_append_printf (text, "%s(%s)", i > 0 ? ", " : " There it has the dimensions ",
                              one->len > 0 ? one->str : "none");
    }
  if (answer != NULL && text->len == 0)
    g_string_append (text, " It has no metric of that name there");
  return g_string_free (text, FALSE);
}

static gboolean
fail (Watch *self, gint64 seconds, GError **error)
{
  const char *region = slip_plan_step_get_region (self->context->plan);
  const char *namespace_ = slip_json_string (self->metric, "namespace");
  const char *name = slip_json_string (self->metric, "metricName");
  g_autofree char *named = dup_named (self);
  g_autofree char *others = NULL;
  g_autofree char *value = NULL;
  g_autofree char *most = format_number (self->most);

  if (self->found)
    {
      value = format_number (self->value);
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s %s of %s in %s is still %s %s (%s of the minute %s) after %d minutes, and "
                   "should be at most %s. Find out what holds it up, then resume: it is looked at "
                   "anew",
                   namespace_, name, named, region, value, self->unit, self->statistic, self->time,
                   (int)(seconds / 60), most);
      return FALSE;
    }
  others = dup_others (self);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "CloudWatch in %s has no value of %s %s of %s of the last %d minutes, after %d "
               "minutes of waiting.%s. See in CloudWatch whether it is measured at all, then "
               "resume: it is looked at anew",
               region, namespace_, name, named, (int)self->minutes, (int)(seconds / 60), others);
  return FALSE;
}

/* What is read again and again may fail now and then; what is refused stays so. */
static gboolean
passes (GError *failure)
{
  return !slip_run_error_is_stop (failure)
         && (slip_aws_error_is_throttle (failure) || slip_aws_error_is_transient (failure)
             || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT)
             || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL));
}

static gboolean
observe (Watch *self, const char *detail, GError **error)
{
  if (g_strcmp0 (detail, self->seen) == 0)
    return TRUE;
  g_free (self->seen);
  self->seen = g_strdup (detail);
  slip_job_set_detail (self->context->engine->job, detail);
  return slip_run_local_observe (self->context, detail, -1, NULL, error);
}

static gboolean
take (Watch *self, GError **error)
{
  SlipRunContext *context = self->context;
  g_autofree char *value = format_number (self->value);
  JsonObject *result = json_object_new ();
  JsonNode *node = slip_json_new_object (result);

  json_object_set_string_member (result, "value", value);
  json_object_set_string_member (result, "time", self->time);
  json_object_set_string_member (result, "unit", self->unit);
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_string_member (context->outputs, "Value", value);
  json_object_set_string_member (context->outputs, "Time", self->time);
  context->detail = dup_seen (self);
  return TRUE;
}

static gboolean
watch (Watch *self, gint64 seconds, GError **error)
{
  SlipClock *clock = self->context->engine->clock;
  double speed = slip_clock_get_speed (clock);
  double real = speed > 1 ? MAX ((double)seconds / speed, LEAST_SECONDS) : (double)seconds;
  gint64 until = slip_clock_monotonic (clock) + (gint64)(real * G_USEC_PER_SEC);

  for (;;)
    {
      g_autoptr (GError) failure = NULL;
      g_autofree char *detail = NULL;

      if (!slip_run_engine_check (self->context->engine, error))
        return FALSE;
      if (look (self, &failure))
        detail = dup_seen (self);
      else if (passes (failure))
        detail = g_strdup_printf ("cannot be read just now: %s", failure->message);
      else
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (failure == NULL && self->found && self->value <= self->most)
        return take (self, error);
      if (!observe (self, detail, error))
        return FALSE;
      if (slip_clock_monotonic (clock) >= until)
        {
          if (failure == NULL)
            return fail (self, seconds, error);
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (!slip_run_engine_sleep (self->context->engine, POLL * g_random_double_range (0.8, 1.2),
                                  error))
        return FALSE;
    }
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  JsonObject *metric = context->request != NULL ? slip_json_node_object (context->request) : NULL;
  gint64 timeout = slip_plan_step_get_timeout (context->plan);
  g_auto (Watch) self = {.context = context, .metric = metric};

  if (metric == NULL || slip_json_object (metric, "dimensions") == NULL
      || slip_json_string (metric, "statistic") == NULL
      || isnan (slip_json_double (metric, "atMost", NAN)))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "step %s does not say which metric it looks at, and what it may be",
                   context->step->id);
      return FALSE;
    }
  self.statistic = slip_json_string (metric, "statistic");
  self.most = slip_json_double (metric, "atMost", 0);
  self.minutes = slip_json_int (metric, "minutes", 1);
  self.metrics = g_ptr_array_new_with_free_func ((GDestroyNotify)json_array_unref);
  return watch (&self, timeout > 0 ? timeout : DEFAULT_SECONDS, error);
}

const SlipRunAction slip_run_action_metric = {
    .name = "slipway:metric",
    .run = run,
};
