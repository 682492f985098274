/* SPDX-License-Identifier: MIT */
/* Waiting for AWS. A state that nobody knows is pending, with a warning; gone is only what the exact
 * not-found code says is gone; and a wait never ends well by running out of time: it becomes overdue
 * and goes on. What was seen is an entry when it differs from what was seen before. */

#include "slip-run-engine.h"

#include "slip-json.h"

#define DEFAULT_POLL 30
#define DEFAULT_DEADLINE (4 * 60 * 60)

/* So often may a resource that was just made be not found before that is a failure, where the document does
 * not say that it comes later. */
#define NOT_FOUND_LOOKS 10

/* Overdue needs that much real time at least, so that a fast rehearsal is not overdue by its own
 * round trips. */
#define OVERDUE_REAL_SECONDS 10

/* Progress is written when it has moved by this much. */
#define PROGRESS_STEP 0.05

typedef struct
{
  SlipRunContext *context;
  const SlipRunWaitSpec *target;
  const SlipAwsOperation *op;
  JsonObject *spec; /* the target's wait */
  double poll;
  gint64 begun;    /* monotonic, in this process */
  gint64 spent;    /* before this process, real microseconds */
  gint64 patience; /* real microseconds until overdue */
  guint not_found;
  char *seen;      /* what was written last */
  double progress; /* as written last */
} Wait;

typedef SlipRunSeen Seen;

static gboolean
list_has (JsonArray *list, const char *text)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      g_autofree char *element = NULL;
      JsonNode *node = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        element = json_node_dup_string (node);
      else
        element = slip_json_to_text (node, FALSE);
      if (g_str_equal (element, text))
        return TRUE;
    }
  return FALSE;
}

static char *
node_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, FALSE);
}

/* ---- what was seen */

static Seen
judge_text (Wait *wait, const char *text, char **detail)
{
  JsonArray *fail = slip_json_array (wait->spec, "fail");
  JsonArray *pending = slip_json_array (wait->spec, "pending");

  g_free (*detail);
  *detail = g_strdup (text);
  if (list_has (slip_json_array (wait->spec, "ok"), text))
    return SLIP_RUN_SEEN_OK;
  if (list_has (fail, text))
    return SLIP_RUN_SEEN_FAILED;
  if (pending == NULL || list_has (pending, text))
    return SLIP_RUN_SEEN_PENDING;
  g_free (*detail);
  *detail = g_strdup_printf ("%s (not a state that is known; taken as pending)", text);
  return SLIP_RUN_SEEN_PENDING;
}

/* A selector with `[*]` yields several values: all must be well, one that failed is enough to fail. None at
 * all is well only where the document says that there shall be none: `[]`. */
static Seen
judge_value (Wait *wait, JsonNode *value, char **detail)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;
  Seen worst = SLIP_RUN_SEEN_OK;

  if (array == NULL)
    {
      g_autofree char *text = node_text (value);

      return judge_text (wait, text, detail);
    }
  if (json_array_get_length (array) == 0)
    {
      gboolean wanted = list_has (slip_json_array (wait->spec, "ok"), "[]");

      *detail = g_strdup (wanted ? "nothing there any more" : "nothing there yet");
      return wanted ? SLIP_RUN_SEEN_OK : SLIP_RUN_SEEN_PENDING;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *text = node_text (json_array_get_element (array, i));
      g_autofree char *one = NULL;
      Seen seen = judge_text (wait, text, &one);

      if (i > 0 && seen <= worst)
        continue;
      worst = seen;
      g_free (*detail);
      *detail = g_steal_pointer (&one);
    }
  return worst;
}

static double
read_progress (Wait *wait, JsonNode *response)
{
  const char *selector = slip_json_string (wait->spec, "progress");
  g_autoptr (JsonNode) value
      = selector != NULL ? slip_json_select (response, selector, NULL) : NULL;

  if (value == NULL || !JSON_NODE_HOLDS_VALUE (value))
    return -1;
  return CLAMP (json_node_get_double (value) / 100, 0, 1);
}

static Seen
judge_response (Wait *wait, JsonNode *response, char **detail, GError **error)
{
  const char *selector = slip_json_string (wait->spec, "selector");
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) value = NULL;

  if (wait->target->judge != NULL)
    return wait->target->judge (wait->context, response, detail, wait->target->data, error);
  value = slip_json_select (response, selector != NULL ? selector : "$", &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return SLIP_RUN_SEEN_ERROR;
    }
  if (value != NULL)
    return judge_value (wait, value, detail);
  *detail = g_strdup_printf ("the answer has no %s", selector);
  return SLIP_RUN_SEEN_PENDING;
}

static gboolean
is_not_found (const char *code)
{
  return code != NULL && strstr (code, "NotFound") != NULL;
}

/* Only the exact code means gone. What may pass is pending; a refusal that will not pass fails. */
static Seen
judge_failure (Wait *wait, GError *failure, char **detail, GError **error)
{
  const char *code = slip_aws_error_get_code (failure);

  if (code != NULL && list_has (slip_json_array (wait->spec, "gone"), code))
    {
      *detail = g_strdup ("gone");
      g_error_free (failure);
      return SLIP_RUN_SEEN_OK;
    }
  if (code != NULL && list_has (slip_json_array (wait->spec, "absent"), code))
    {
      *detail = g_strdup ("not there yet");
      g_error_free (failure);
      return SLIP_RUN_SEEN_PENDING;
    }
  if ((is_not_found (code) && wait->not_found++ < NOT_FOUND_LOOKS)
      || slip_aws_error_is_throttle (failure) || slip_aws_error_is_transient (failure)
      || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT)
      || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL))
    {
      *detail = g_strdup_printf ("cannot be read just now: %s", failure->message);
      g_error_free (failure);
      return SLIP_RUN_SEEN_PENDING;
    }
  g_propagate_error (error, failure);
  return SLIP_RUN_SEEN_ERROR;
}

static Seen
look (Wait *wait, char **detail, double *progress, GError **error)
{
  SlipRunContext *context = wait->context;
  GError *failure = NULL;
  JsonNode *response
      = slip_run_engine_read (context, wait->target->service, wait->target->operation,
                              wait->target->request, SLIP_AWS_PRIORITY_WAIT, &failure);
  Seen seen;

  if (response == NULL)
    {
      if (!slip_run_error_is_stop (failure))
        return judge_failure (wait, failure, detail, error);
      g_propagate_error (error, failure);
      return SLIP_RUN_SEEN_ERROR;
    }
  wait->not_found = 0;
  *progress = read_progress (wait, response);
  seen = judge_response (wait, response, detail, error);
  if (!slip_run_context_take_response (context, wait->op, response, error))
    return SLIP_RUN_SEEN_ERROR;
  return seen;
}

/* ---- what is written */

static gboolean
write_waiting (Wait *wait, GError **error)
{
  SlipRunContext *context = wait->context;
  JsonObject *entry
      = slip_run_engine_entry (context->engine, SLIP_STEP_WAITING_KIND, context->step);
  JsonObject *data = slip_run_entry_data (entry);
  JsonNode *request = slip_run_engine_scrub (
      context->engine, slip_aws_model_redact (wait->op, wait->target->request, FALSE));
  g_autofree char *deadline = slip_time_format (slip_clock_now (context->engine->clock)
                                                + MAX (wait->patience - wait->spent, 0));

  if (request != NULL)
    {
      g_autofree char *digest = slip_json_sha256 (request);

      json_object_set_string_member (entry, "request_sha256", digest);
      json_object_set_member (entry, "request", request);
    }
  json_object_set_string_member (data, "deadline", deadline);
  slip_run_entry_set_text (data, "handle", wait->target->handle);
  return slip_run_engine_append (context->engine, entry, error);
}

static gboolean
write_observed (Wait *wait, const char *detail, double progress, GError **error)
{
  SlipRunContext *context = wait->context;
  gboolean moved
      = progress >= 0 && (wait->progress < 0 || progress >= wait->progress + PROGRESS_STEP);
  JsonObject *entry;
  JsonObject *data;

  if (g_strcmp0 (detail, wait->seen) == 0 && !moved)
    return TRUE;
  entry = slip_run_engine_entry (context->engine, SLIP_STEP_OBSERVED_KIND, context->step);
  data = slip_run_entry_data (entry);
  slip_run_entry_set_text (entry, "request_id", context->request_id);
  json_object_set_string_member (data, "detail", detail);
  if (progress >= 0)
    json_object_set_double_member (data, "progress", progress);
  g_free (wait->seen);
  wait->seen = g_strdup (detail);
  wait->progress = MAX (progress, wait->progress);
  return slip_run_engine_append (context->engine, entry, error);
}

static gboolean
write_overdue (Wait *wait, const char *detail, GError **error)
{
  SlipRunContext *context = wait->context;
  gint64 spent = wait->spent + slip_clock_monotonic (context->engine->clock) - wait->begun;
  JsonObject *entry;
  g_autofree char *text = NULL;

  if (spent < wait->patience || context->step->state == SLIP_RUN_STEP_OVERDUE)
    return TRUE;
  entry = slip_run_engine_entry (context->engine, SLIP_STEP_OVERDUE_KIND, context->step);
  text = g_strdup_printf (
      "%s, longer than expected. That is no failure: AWS goes on, and so does the "
      "wait",
      detail);
  json_object_set_string_member (slip_run_entry_data (entry), "detail", text);
  return slip_run_engine_append (context->engine, entry, error);
}

/* ---- polling */

/* Service defaults: tasks change in seconds, deployments in tens of them, databases in minutes. */
static double
poll_seconds (const char *service, JsonObject *spec)
{
  static const struct
  {
    const char *service;
    double seconds;
  } defaults[] = {{"ecs", 8}, {"codedeploy", 15}, {"states", 10}, {"ssm", 10}};
  double fallback = DEFAULT_POLL;

  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_strcmp0 (service, defaults[i].service) == 0)
      fallback = defaults[i].seconds;
  return MAX (slip_json_double (spec, "poll", fallback), 1);
}

static gint64
patience (SlipRunContext *context, JsonObject *spec)
{
  gint64 timeout = slip_plan_step_get_timeout (context->plan);
  double fallback = timeout > 0 ? (double)timeout : DEFAULT_DEADLINE;
  double speed = slip_clock_get_speed (context->engine->clock);
  double seconds = slip_json_double (spec, "deadline", fallback) / speed;

  if (speed > 1)
    seconds = MAX (seconds, OVERDUE_REAL_SECONDS);
  return (gint64)(seconds * G_USEC_PER_SEC);
}

/* A clock that was stepped back must not make the wait endless-patient, nor overdue at once. */
static gint64
spent_before (SlipRunContext *context)
{
  gint64 since = context->step->waiting_since;
  gint64 spent = since != 0 ? slip_clock_now (context->engine->clock) - since : 0;

  return MAX (spent, 0);
}

/* Modified things report their old state for a while: what must settle is seen well twice. */
static gboolean
settle (Wait *wait, gboolean *settled, GError **error)
{
  gint64 seconds = slip_json_int (wait->spec, "settle", 0);
  g_autofree char *detail = NULL;
  double progress = -1;
  Seen seen;

  *settled = TRUE;
  if (seconds <= 0)
    return TRUE;
  if (!slip_run_engine_sleep (wait->context->engine, (double)seconds, error))
    return FALSE;
  seen = look (wait, &detail, &progress, error);
  *settled = seen == SLIP_RUN_SEEN_OK;
  return seen != SLIP_RUN_SEEN_ERROR;
}

static gboolean
poll (Wait *wait, gboolean *done, GError **error)
{
  g_autofree char *detail = NULL;
  double progress = -1;
  Seen seen = look (wait, &detail, &progress, error);

  if (seen == SLIP_RUN_SEEN_ERROR || !write_observed (wait, detail, progress, error))
    return FALSE;
  if (seen == SLIP_RUN_SEEN_FAILED)
    {
      g_autofree char *reason = slip_run_dup_reason (wait->context, wait->target);

      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "it came to state %s%s%s", detail,
                   reason != NULL ? "; AWS says: " : "", reason != NULL ? reason : "");
      return FALSE;
    }
  if (seen == SLIP_RUN_SEEN_OK && !settle (wait, done, error))
    return FALSE;
  if (*done)
    {
      g_free (wait->context->detail);
      wait->context->detail = g_steal_pointer (&detail);
      return TRUE;
    }
  return write_overdue (wait, detail, error)
         && slip_run_engine_sleep (wait->context->engine,
                                   wait->poll * g_random_double_range (0.8, 1.2), error);
}

gboolean
slip_run_wait (SlipRunContext *context, const SlipRunWaitSpec *spec, GError **error)
{
  Wait wait = {.context = context, .target = spec, .spec = spec->wait, .progress = -1};
  SlipRunStepState state = context->step->state;
  gboolean done = FALSE;
  gboolean ok;

  wait.op = slip_aws_model_lookup_operation (spec->service, spec->operation, NULL, error);
  if (wait.op == NULL)
    return FALSE;
  wait.poll = poll_seconds (spec->service, wait.spec);
  wait.patience = patience (context, wait.spec);
  wait.spent = spent_before (context);
  wait.begun = slip_clock_monotonic (context->engine->clock);
  ok = state == SLIP_RUN_STEP_WAITING || state == SLIP_RUN_STEP_OVERDUE
       || write_waiting (&wait, error);
  while (ok && !done)
    ok = poll (&wait, &done, error);
  g_free (wait.seen);
  return ok;
}
