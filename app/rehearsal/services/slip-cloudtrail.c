/* SPDX-License-Identifier: MIT */

/* CloudTrail: LookupEvents over the log of served calls, which is written in the transaction of each
 * call's effect, so that the trail tells what really happened and who did it. Events appear as late as
 * AWS's do. Parameters are those of the log: without secrets. */

#include "slip-services-list.h"

#include "slip-calls.h"
#include "slip-clock.h"
#include "slip-json.h"
#include "slip-scenario.h"

#include <string.h>

#define PAGE_SIZE 50
#define CHUNK 500
/* How long AWS takes at most to show an event, in its own seconds; a scenario may change it. */
#define DELAY 900.0
#define SETTINGS "cloudtrail.settings"
#define DAYS_KEPT 90
#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)

typedef struct
{
  const char *service;
  const char *source;
} Source;

/* Where the event source is not called like the model. */
static const Source sources[] = {
    {"monitoring", "monitoring.amazonaws.com"},
    {"elbv2", "elasticloadbalancing.amazonaws.com"},
    {"application-autoscaling", "autoscaling.amazonaws.com"},
    {"stepfunctions", "states.amazonaws.com"},
};

static char *
dup_source (const char *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (strcmp (sources[i].service, service) == 0)
      return g_strdup (sources[i].source);
  return g_strconcat (service, ".amazonaws.com", NULL);
}

/* --- One event --- */

/* A session's name, or a user's. */
static const char *
user_name (const char *principal)
{
  const char *slash = strrchr (principal, '/');

  return slash != NULL ? slash + 1 : principal;
}

static JsonObject *
session_issuer (const char *account, const char *principal)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (principal);
  g_auto (GStrv) parts = g_strsplit (arn != NULL ? arn->resource : "", "/", 3);
  g_autofree char *role = NULL;
  JsonObject *issuer;

  if (g_strv_length (parts) != 3 || strcmp (parts[0], "assumed-role") != 0)
    return NULL;
  role = g_strdup_printf ("arn:aws:iam::%s:role/%s", account, parts[1]);
  issuer = json_object_new ();
  json_object_set_string_member (issuer, "type", "Role");
  json_object_set_string_member (issuer, "arn", role);
  json_object_set_string_member (issuer, "accountId", account);
  json_object_set_string_member (issuer, "userName", parts[1]);
  return issuer;
}

static JsonObject *
identity (JsonObject *call)
{
  const char *account = slip_json_string (call, "account");
  const char *principal = slip_json_string (call, "principal");
  JsonObject *object = json_object_new ();
  JsonObject *issuer = session_issuer (account, principal);

  json_object_set_string_member (object, "type", issuer != NULL ? "AssumedRole" : "IAMUser");
  json_object_set_string_member (object, "arn", principal);
  json_object_set_string_member (object, "accountId", account);
  json_object_set_string_member (object, "accessKeyId", slip_json_string (call, "access_key"));
  if (issuer != NULL)
    {
      JsonObject *context = json_object_new ();

      json_object_set_object_member (context, "sessionIssuer", issuer);
      json_object_set_object_member (object, "sessionContext", context);
    }
  else
    json_object_set_string_member (object, "userName", user_name (principal));
  return object;
}

static gboolean
is_read (JsonObject *call)
{
  return g_strcmp0 (slip_json_string (call, "effect"), "read") == 0;
}

/* The event as the trail's files hold it. */
static char *
record_text (JsonObject *call, const char *event_id, const char *source)
{
  static const char *const copied[][2] = {
      {"time", "eventTime"},       {"operation", "eventName"},        {"region", "awsRegion"},
      {"user_agent", "userAgent"}, {"request_id", "requestID"},       {"error", "errorCode"},
      {"message", "errorMessage"}, {"account", "recipientAccountId"},
  };
  JsonObject *record = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (record);
  JsonNode *parameters = json_object_get_member (call, "parameters");

  json_object_set_string_member (record, "eventVersion", "1.09");
  json_object_set_object_member (record, "userIdentity", identity (call));
  json_object_set_string_member (record, "eventSource", source);
  json_object_set_string_member (record, "sourceIPAddress", "127.0.0.1");
  for (guint i = 0; i < G_N_ELEMENTS (copied); i++)
    if (slip_json_string (call, copied[i][0]) != NULL)
      json_object_set_string_member (record, copied[i][1], slip_json_string (call, copied[i][0]));
  json_object_set_member (record, "requestParameters",
                          parameters != NULL ? json_node_copy (parameters)
                                             : json_node_new (JSON_NODE_NULL));
  json_object_set_string_member (record, "eventID", event_id);
  json_object_set_boolean_member (record, "readOnly", is_read (call));
  json_object_set_string_member (record, "eventType", "AwsApiCall");
  json_object_set_boolean_member (record, "managementEvent", TRUE);
  json_object_set_string_member (record, "eventCategory", "Management");
  return slip_json_to_text (node, FALSE);
}

static gboolean
names_resource (const char *member)
{
  const char *const endings[]
      = {"Identifier", "Arn", "ARN", "Name", "SecretId", "KeyId", "Bucket", "resourceArn", NULL};

  for (guint i = 0; endings[i] != NULL; i++)
    if (g_str_has_suffix (member, endings[i]))
      return TRUE;
  return FALSE;
}

/* What the request names: identifiers, names and ARNs among its members. */
static JsonArray *
resources (JsonObject *call)
{
  JsonObject *parameters = slip_json_object (call, "parameters");
  JsonArray *array = json_array_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (parameters == NULL)
    return array;
  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      const char *text = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_string (value) : NULL;
      JsonObject *resource;

      if (text == NULL || !names_resource (name))
        continue;
      resource = json_object_new ();
      json_object_set_string_member (resource, "ResourceName", text);
      json_array_add_object_element (array, resource);
    }
  return array;
}

/* The same event has the same id whenever it is looked up. */
static char *
dup_event_id (JsonObject *call)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256,
                                                         slip_json_string (call, "request_id"), -1);

  return g_strdup_printf ("%.8s-%.4s-4%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12, hash + 15,
                          hash + 18);
}

static JsonObject *
show (JsonObject *call)
{
  g_autofree char *id = dup_event_id (call);
  g_autofree char *source = dup_source (slip_json_string (call, "service"));
  g_autofree char *text = record_text (call, id, source);
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "EventId", id);
  json_object_set_string_member (event, "EventName", slip_json_string (call, "operation"));
  json_object_set_string_member (event, "ReadOnly", is_read (call) ? "true" : "false");
  json_object_set_string_member (event, "AccessKeyId", slip_json_string (call, "access_key"));
  json_object_set_string_member (event, "EventTime", slip_json_string (call, "time"));
  json_object_set_string_member (event, "EventSource", source);
  json_object_set_string_member (event, "Username",
                                 user_name (slip_json_string (call, "principal")));
  json_object_set_array_member (event, "Resources", resources (call));
  json_object_set_string_member (event, "CloudTrailEvent", text);
  return event;
}

/* --- Looking up --- */

typedef struct
{
  const char *account;
  const char *region;
  const char *key;
  const char *value;
  gint64 from_us;
  gint64 to_us;
} Lookup;

static gboolean
names (JsonObject *event, const char *value)
{
  JsonArray *array = slip_json_array (event, "Resources");

  for (guint i = 0; i < json_array_get_length (array); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (array, i), "ResourceName"),
                   value)
        == 0)
      return TRUE;
  return FALSE;
}

static gboolean
fits (const Lookup *lookup, JsonObject *call)
{
  gint64 time_us = 0;

  if (slip_json_string (call, "operation") == NULL || slip_json_string (call, "principal") == NULL
      || g_strcmp0 (slip_json_string (call, "account"), lookup->account) != 0
      || g_strcmp0 (slip_json_string (call, "region"), lookup->region) != 0
      || !slip_time_parse (slip_json_string (call, "time"), &time_us))
    return FALSE;
  return time_us >= lookup->from_us && time_us <= lookup->to_us;
}

static gboolean
has_attribute (const Lookup *lookup, JsonObject *event)
{
  if (lookup->key == NULL)
    return TRUE;
  if (strcmp (lookup->key, "ResourceName") == 0)
    return names (event, lookup->value);
  /* Resources have no types here, so that nothing is of one. */
  return g_strcmp0 (slip_json_string (event, lookup->key), lookup->value) == 0;
}

static gboolean
read_attribute (JsonObject *input, Lookup *lookup, GError **error)
{
  const char *const allowed[]
      = {"EventId",      "EventName",   "ReadOnly",     "Username", "EventSource",
         "ResourceName", "AccessKeyId", "ResourceType", NULL};
  JsonArray *attributes = slip_json_array (input, "LookupAttributes");
  JsonObject *first;

  if (attributes == NULL || json_array_get_length (attributes) == 0)
    return TRUE;
  first = json_array_get_object_element (attributes, 0);
  lookup->key = slip_json_string (first, "AttributeKey");
  lookup->value = slip_json_string (first, "AttributeValue");
  if (json_array_get_length (attributes) == 1 && g_strv_contains (allowed, lookup->key))
    return TRUE;
  slip_service_error (
      error, 400, "InvalidLookupAttributesException",
      "You can specify only one lookup attribute, of those that LookupEvents knows");
  return FALSE;
}

static double
delay (SlipWorld *world)
{
  const SlipWorldRecord *settings = slip_world_get (world, "", "", SETTINGS, "settings");

  return settings != NULL ? slip_json_double (settings->data, "delay_seconds", DELAY) : DELAY;
}

static gboolean
read_times (SlipServiceContext *ctx, JsonObject *input, Lookup *lookup, GError **error)
{
  const char *from = slip_json_string (input, "StartTime");
  const char *to = slip_json_string (input, "EndTime");
  gint64 now = slip_world_now (ctx->world);
  gint64 shown
      = now - (gint64)(delay (ctx->world) / slip_world_get_speed (ctx->world) * G_USEC_PER_SEC);

  lookup->from_us = now - DAYS_KEPT * DAY_US;
  lookup->to_us = now;
  if (from != NULL)
    slip_time_parse (from, &lookup->from_us);
  if (to != NULL)
    slip_time_parse (to, &lookup->to_us);
  if (lookup->from_us > lookup->to_us)
    {
      slip_service_error (error, 400, "InvalidTimeRangeException",
                          "The start time is after the end time");
      return FALSE;
    }
  lookup->to_us = MIN (lookup->to_us, shown);
  return TRUE;
}

/* The log is read forwards; a page shows the newest first, so what fits is kept and turned. */
static GPtrArray *
collect (SlipWorld *world, const Lookup *lookup)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  gint64 after = 0;

  for (;;)
    {
      g_autoptr (JsonArray) calls = slip_calls_list (
          world, after, CHUNK, g_strcmp0 (lookup->key, "EventName") == 0 ? lookup->value : NULL);
      guint length = json_array_get_length (calls);

      for (guint i = 0; i < length; i++)
        {
          JsonObject *call = json_array_get_object_element (calls, i);

          after = slip_json_int (call, "sequence", after);
          if (fits (lookup, call))
            g_ptr_array_add (found, json_object_ref (call));
        }
      if (length < CHUNK)
        return found;
    }
}

static JsonNode *
lookup_events (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  Lookup lookup = {.account = ctx->account, .region = ctx->region};
  const char *token = slip_json_string (input, "NextToken");
  g_autofree char *before = token != NULL ? slip_marker_decode (token) : NULL;
  gint64 limit = slip_json_int (input, "MaxResults", PAGE_SIZE);
  gint64 last = before != NULL ? g_ascii_strtoll (before, NULL, 10) : G_MAXINT64;
  g_autoptr (GPtrArray) found = NULL;
  JsonObject *output;
  JsonArray *events;

  if (token != NULL && before == NULL)
    return slip_service_error (error, 400, "InvalidNextTokenException", "Invalid NextToken");
  if (limit < 1 || limit > PAGE_SIZE)
    return slip_service_error (error, 400, "InvalidMaxResultsException",
                               "MaxResults must be between 1 and %d", PAGE_SIZE);
  if (!read_attribute (input, &lookup, error) || !read_times (ctx, input, &lookup, error))
    return NULL;
  found = collect (ctx->world, &lookup);
  output = json_object_new ();
  events = json_array_new ();
  json_object_set_array_member (output, "Events", events);
  for (guint i = found->len; i-- > 0;)
    {
      JsonObject *call = g_ptr_array_index (found, i);
      gint64 sequence = slip_json_int (call, "sequence", 0);
      g_autoptr (JsonObject) event = NULL;

      if (sequence >= last)
        continue;
      event = show (call);
      if (!has_attribute (&lookup, event))
        continue;
      if (json_array_get_length (events) == (guint)limit)
        {
          g_autofree char *mark = g_strdup_printf ("%" G_GINT64_FORMAT, last);
          g_autofree char *next = slip_marker_encode (mark);

          json_object_set_string_member (output, "NextToken", next);
          break;
        }
      json_array_add_object_element (events, g_steal_pointer (&event));
      last = sequence;
    }
  return slip_json_new_object (output);
}

/* --- Scenario --- */

static gboolean
seed (const SlipSeed *where, GError **error)
{
  static const char *const members[] = {"delay_seconds", NULL};
  gint64 seconds = (gint64)DELAY;
  JsonObject *data;

  if (*where->region != '\0')
    return slip_scenario_error (error, where->path, "belongs under global");
  if (!slip_scenario_check_members (where->section, where->path, members, error)
      || !slip_scenario_get_int (where->section, where->path, "delay_seconds", 0, 86400, &seconds,
                                 error))
    return FALSE;
  data = json_object_new ();
  json_object_set_int_member (data, "delay_seconds", seconds);
  slip_world_put (where->world, "", "", SETTINGS, "settings", data);
  return TRUE;
}

static const SlipServiceOperation operations[] = {{"LookupEvents", lookup_events}, {NULL, NULL}};

const SlipService slip_cloudtrail_service = {
    .name = "cloudtrail",
    .operations = operations,
    .seed = seed,
};
