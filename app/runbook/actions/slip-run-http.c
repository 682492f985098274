/* SPDX-License-Identifier: MIT */
/* slipway:http while running: asks a web address until it answers as it should, so often in a row. What
 * changes something is sent once, on a connection of its own, and when its answer does not come it is
 * for a person to say what it did. */

#include "slip-run-local.h"

#include "slip-aws-transport.h"
#include "slip-http-target.h"
#include "slip-json.h"
#include "slip-redact.h"

#include <string.h>

#define DEFAULT_BYTES (1024 * 1024)
#define DEFAULT_PAUSE 5
#define REQUEST_SECONDS 30
#define EXCERPT 2000

typedef struct
{
  SlipRunContext *context;
  SlipHttpTarget *target;
  SlipAwsRequest *request;
  GRegex *wanted;  /* or NULL */
  GRegex *refused; /* or NULL */
  gboolean change;
} Ask;

static void
ask_clear (Ask *self)
{
  g_clear_pointer (&self->target, slip_http_target_free);
  g_clear_pointer (&self->request, slip_aws_request_free);
  g_clear_pointer (&self->wanted, g_regex_unref);
  g_clear_pointer (&self->refused, g_regex_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ask, ask_clear)

/* ---- preparing */

static gboolean
add_headers (Ask *self, GError **error)
{
  JsonObject *headers = slip_json_object (self->context->inputs, "Headers");
  g_autoptr (GList) names = headers != NULL ? json_object_get_members (headers) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (headers, l->data);
      g_autofree char *value
          = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                ? json_node_dup_string (node)
                : slip_json_to_text (node, FALSE);

      if (strpbrk (value, "\r\n") != NULL || strpbrk (l->data, "\r\n: ") != NULL)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                       "the header %s holds a line break, a space or a colon that no header may",
                       (const char *)l->data);
          return FALSE;
        }
      slip_aws_headers_set (self->request->headers, l->data, value);
      if (slip_redact_name_is_secret (l->data) || g_ascii_strcasecmp (l->data, "authorization") == 0
          || g_ascii_strcasecmp (l->data, "cookie") == 0)
        slip_run_local_hide (self->context, l->data, value);
    }
  return TRUE;
}

static gboolean
compile (JsonObject *inputs, const char *name, GRegex **regex, GError **error)
{
  const char *pattern = slip_json_string (inputs, name);

  *regex = pattern != NULL ? g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, error) : NULL;
  if (pattern == NULL || *regex != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

static gboolean
prepare (Ask *self, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  const char *url = slip_json_string (inputs, "Url");
  const char *method = slip_json_string (inputs, "Method");
  const char *body = slip_json_string (inputs, "Body");
  g_autofree char *line = NULL;

  self->change = slip_plan_step_get_effect (self->context->plan) != SLIP_AWS_EFFECT_READ;
  self->target = slip_http_target_new (url != NULL ? url : "", error);
  if (self->target == NULL)
    return FALSE;
  line = self->target->query != NULL
             ? g_strconcat (self->target->path, "?", self->target->query, NULL)
             : g_strdup (self->target->path);
  self->request = slip_aws_request_new (method != NULL ? method : "GET", "/");
  if (!slip_aws_request_set_target (self->request, line))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s is no path of an address",
                   line);
      return FALSE;
    }
  if (body != NULL)
    self->request->body = g_bytes_new (body, strlen (body));
  return add_headers (self, error) && compile (inputs, "BodyPattern", &self->wanted, error)
         && compile (inputs, "RefusePattern", &self->refused, error);
}

/* ---- one request */

static SlipAwsResponse *
send_one (Ask *self, gboolean *maybe_sent, GError **error)
{
  const SlipAwsEndpoint endpoint = {
      .scheme = self->target->scheme,
      .host = self->target->host,
      .port = (int)self->target->port,
      .path = (char *)"",
  };
  const SlipAwsExchange exchange = {
      .endpoint = &endpoint,
      .request = self->request,
      .user_agent = "Slipway",
      .ca_bundle = slip_json_string (self->context->inputs, "CaFile"),
      .timeout_s = REQUEST_SECONDS,
      .max_bytes = (gsize)slip_json_int (self->context->inputs, "MaxBytes", DEFAULT_BYTES),
      .once = self->change,
  };
  gboolean timed_out;

  return slip_aws_transport_send (&exchange, maybe_sent, &timed_out,
                                  self->change ? NULL : self->context->engine->cancellable, error);
}

static gboolean
is_expected (JsonObject *inputs, guint status)
{
  JsonArray *list = slip_json_array (inputs, "Status");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (status == json_array_get_int_element (list, i))
      return TRUE;
  return list == NULL && status == 200;
}

static char *
body_of (SlipAwsResponse *response)
{
  gsize length = 0;
  const char *data = response->body != NULL ? g_bytes_get_data (response->body, &length) : NULL;

  return g_utf8_make_valid (data != NULL ? data : "", (gssize)length);
}

/* Why the answer is not the one that was wanted, or NULL. */
static char *
fault_of (Ask *self, SlipAwsResponse *response, const char *body)
{
  const char *location = slip_aws_headers_get (response->headers, "Location");

  if (!is_expected (self->context->inputs, response->status))
    {
      g_autofree char *to = location != NULL ? slip_redact_text (location) : NULL;

      return g_strdup_printf ("it answers with status %u%s%s", response->status,
                              to != NULL ? ", to " : "", to != NULL ? to : "");
    }
  if (self->wanted != NULL && !g_regex_match (self->wanted, body, 0, NULL))
    return g_strdup_printf ("its answer does not match %s", g_regex_get_pattern (self->wanted));
  if (self->refused != NULL && g_regex_match (self->refused, body, 0, NULL))
    return g_strdup_printf ("its answer matches %s", g_regex_get_pattern (self->refused));
  return NULL;
}

/* ---- what it came to */

static JsonNode *
result_of (SlipAwsResponse *response, JsonNode *body)
{
  JsonObject *object = json_object_new ();
  JsonObject *headers = json_object_new ();

  for (guint i = 0; i < slip_aws_headers_get_length (response->headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (response->headers, i);

      if (g_ascii_strcasecmp (pair->name, "set-cookie") != 0)
        json_object_set_string_member (headers, pair->name, pair->value);
    }
  json_object_set_int_member (object, "status", response->status);
  json_object_set_object_member (object, "headers", headers);
  json_object_set_member (object, "body", body);
  return slip_json_new_object (object);
}

static gboolean
take (Ask *self, SlipAwsResponse *response, const char *body, guint requests, GError **error)
{
  SlipRunContext *context = self->context;
  g_autofree char *head = g_utf8_substring (body, 0, MIN (g_utf8_strlen (body, -1), EXCERPT));
  g_autofree char *clean = slip_redact_text (head);
  JsonNode *value;
  JsonNode *node;

  if (slip_json_bool (context->inputs, "Json", FALSE))
    {
      value = slip_json_parse (body, -1, error);
      if (value == NULL)
        {
          g_prefix_error (error, "it answered with no JSON: ");
          return FALSE;
        }
    }
  else
    value = slip_json_new_string (clean);
  node = result_of (response, value);
  if (!slip_run_context_take_result (context, node, slip_redact_json (node), error))
    return FALSE;
  json_object_set_int_member (context->outputs, "StatusCode", response->status);
  json_object_set_int_member (context->outputs, "Requests", requests);
  if (!slip_json_bool (context->inputs, "Json", FALSE))
    {
      g_autofree char *scrubbed = slip_run_engine_scrub_text (context->engine, clean);

      json_object_set_string_member (context->outputs, "Body", scrubbed);
    }
  context->detail = g_strdup_printf ("status %u, %u request%s", response->status, requests,
                                     requests == 1 ? "" : "s");
  return TRUE;
}

/* ---- asking */

static gboolean
ask_until_right (Ask *self, GError **error)
{
  SlipRunContext *context = self->context;
  gint64 wanted = slip_json_int (context->inputs, "Consecutive", 1);
  gint64 attempts = slip_json_int (context->inputs, "Attempts", wanted);
  gint64 pause = slip_json_int (context->inputs, "PauseSeconds", DEFAULT_PAUSE);
  g_autofree char *fault = NULL;
  gint64 in_a_row = 0;
  JsonObject *request = slip_json_node_object (context->request);

  if (!slip_run_engine_check (context->engine, error)
      || !slip_run_local_intent (context, NULL, json_object_ref (request), error))
    return FALSE;
  for (gint64 i = 1; i <= attempts; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (SlipAwsResponse) response = NULL;
      g_autofree char *body = NULL;
      gboolean maybe_sent;

      if (i > 1 && !slip_run_engine_sleep (context->engine, (double)pause, error))
        return FALSE;
      response = send_one (self, &maybe_sent, &local);
      if (response == NULL && !slip_run_engine_check (context->engine, error))
        return FALSE;
      g_clear_pointer (&fault, g_free);
      body = response != NULL ? body_of (response) : NULL;
      fault = response != NULL ? fault_of (self, response, body) : g_strdup (local->message);
      in_a_row = fault == NULL ? in_a_row + 1 : 0;
      if (in_a_row == wanted)
        return take (self, response, body, (guint)i, error);
      if (fault != NULL && !slip_run_local_observe (context, fault, -1, NULL, error))
        return FALSE;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s did not answer as it should %" G_GINT64_FORMAT " times in a row in "
               "%" G_GINT64_FORMAT " requests%s%s",
               slip_json_string (context->inputs, "Url"), wanted, attempts,
               fault != NULL ? "; the last time " : "", fault != NULL ? fault : "");
  return FALSE;
}

static gboolean
send_change (Ask *self, GError **error)
{
  SlipRunContext *context = self->context;
  JsonObject *request = slip_json_node_object (context->request);
  g_autoptr (SlipAwsResponse) response = NULL;
  g_autofree char *body = NULL;
  g_autofree char *fault = NULL;
  GError *failure = NULL;
  gboolean maybe_sent;
  gboolean begin = FALSE;

  if (!slip_run_local_may_begin (context, &begin, error))
    return FALSE;
  if (!begin)
    return TRUE;
  if (!slip_run_local_intent (context, NULL, json_object_ref (request), error))
    return FALSE;
  response = send_one (self, &maybe_sent, &failure);
  if (response == NULL && !maybe_sent)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (response == NULL)
    return slip_run_local_ask (context, failure, error);
  context->changed = TRUE;
  body = body_of (response);
  fault = fault_of (self, response, body);
  if (fault == NULL)
    return take (self, response, body, 1, error);
  g_set_error (&failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s: %s",
               slip_json_string (context->inputs, "Url"), fault);
  /* Who says that the request is wrong did nothing; who broke down may have done anything. */
  if (response->status >= 500)
    return slip_run_local_ask (context, failure, error);
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  g_auto (Ask) self = {.context = context};

  if (!prepare (&self, error))
    return FALSE;
  return self.change ? send_change (&self, error) : ask_until_right (&self, error);
}

const SlipRunAction slip_run_action_http = {
    .name = "slipway:http",
    .run = run,
};
