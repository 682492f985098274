/* SPDX-License-Identifier: MIT */
/* Why a resource came to a failed state, where AWS says so: beside the state in the answer, or, with
 * RDS, in its events. It only adds to a failure that is certain, so what cannot be read is left out. */

#include "slip-run-engine.h"

#include "slip-json.h"

#include <string.h>

#define EVENTS_MINUTES (24 * 60)

/* What AWS calls it: Backup, CodeDeploy, ECS and CloudFormation in turn. */
static const char *const members[]
    = {"StatusMessage",  "statusMessage", "StatusReason",  "FailureReason", "failureReason",
       "FailureMessage", "StateReason",   "stoppedReason", "Cause",         NULL};

static char *
reason_in (JsonNode *node)
{
  JsonObject *object = slip_json_node_object (node);

  for (guint i = 0; object != NULL && members[i] != NULL; i++)
    {
      const char *text = slip_json_string (object, members[i]);

      if (text != NULL && *text != '\0')
        return g_strdup (text);
    }
  return NULL;
}

/* What the state is a member of: `$.Jobs[0]` of `$.Jobs[0].State`. */
static char *
find_beside (JsonNode *response, const char *selector)
{
  const char *dot = selector != NULL ? strrchr (selector, '.') : NULL;
  g_autofree char *parent = dot != NULL ? g_strndup (selector, (gsize)(dot - selector)) : NULL;
  g_autoptr (JsonNode) node = parent != NULL ? slip_json_select (response, parent, NULL) : NULL;
  char *reason = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return node != NULL ? reason_in (node) : NULL;
  for (guint i = 0; reason == NULL && i < json_array_get_length (json_node_get_array (node)); i++)
    reason = reason_in (json_array_get_element (json_node_get_array (node), i));
  return reason;
}

/* ---- RDS */

static const struct
{
  const char *operation;
  const char *member;
  const char *source;
} rds_sources[] = {
    {"DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier", "db-cluster-snapshot"},
    {"DescribeDBClusters", "DBClusterIdentifier", "db-cluster"},
    {"DescribeDBInstances", "DBInstanceIdentifier", "db-instance"},
    {"DescribeDBSnapshots", "DBSnapshotIdentifier", "db-snapshot"},
};

static JsonNode *
events_request (const char *operation, JsonNode *request)
{
  JsonObject *input = slip_json_node_object (request);

  for (gsize i = 0; input != NULL && i < G_N_ELEMENTS (rds_sources); i++)
    {
      const char *id = slip_json_string (input, rds_sources[i].member);
      const char *colon = id != NULL ? strrchr (id, ':') : NULL;
      JsonObject *wanted;

      if (!g_str_equal (operation, rds_sources[i].operation) || id == NULL)
        continue;
      wanted = json_object_new ();
      json_object_set_string_member (wanted, "SourceIdentifier", colon != NULL ? colon + 1 : id);
      json_object_set_string_member (wanted, "SourceType", rds_sources[i].source);
      json_object_set_int_member (wanted, "Duration", EVENTS_MINUTES);
      return slip_json_new_object (wanted);
    }
  return NULL;
}

/* A failover is none: "Completed failover to DB instance: api-1". */
static gboolean
says_failed (const char *message)
{
  g_autofree char *lower = g_utf8_strdown (message, -1);

  for (const char *at = strstr (lower, "fail"); at != NULL; at = strstr (at + 1, "fail"))
    if (!g_str_has_prefix (at, "failover") && !g_str_has_prefix (at, "failed over")
        && !g_str_has_prefix (at, "failing over") && !g_str_has_prefix (at, "fail over"))
      return TRUE;
  return FALSE;
}

static gboolean
tells_failure (JsonObject *event)
{
  JsonArray *categories = slip_json_array (event, "EventCategories");
  const char *message = slip_json_string (event, "Message");

  for (guint i = 0; categories != NULL && i < json_array_get_length (categories); i++)
    if (g_strcmp0 (json_array_get_string_element (categories, i), "failure") == 0)
      return message != NULL;
  return message != NULL && says_failed (message);
}

static char *
find_event (SlipRunContext *context, const SlipRunWaitSpec *spec)
{
  g_autoptr (JsonNode) request = events_request (spec->operation, spec->request);
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) error = NULL;
  char *request_id;
  JsonArray *events;

  if (request == NULL)
    return NULL;
  /* The step's outcome is told by the answer that had the state. */
  request_id = g_steal_pointer (&context->request_id);
  answer = slip_run_engine_read (context, "rds", "DescribeEvents", request, SLIP_AWS_PRIORITY_WAIT,
                                 &error);
  g_free (context->request_id);
  context->request_id = request_id;
  if (answer == NULL)
    {
      g_debug ("why %s failed cannot be read: %s", context->step->id, error->message);
      return NULL;
    }
  events = slip_json_array (slip_json_node_object (answer), "Events");
  /* The oldest come first. */
  for (guint i = events != NULL ? json_array_get_length (events) : 0; i > 0; i--)
    {
      JsonObject *event = slip_json_node_object (json_array_get_element (events, i - 1));

      if (event != NULL && tells_failure (event))
        return g_strdup (slip_json_string (event, "Message"));
    }
  return NULL;
}

char *
slip_run_dup_reason (SlipRunContext *context, const SlipRunWaitSpec *spec)
{
  g_autofree char *reason = NULL;

  /* A judge of its own says itself what is wrong. */
  if (spec->judge != NULL)
    return NULL;
  if (context->answer != NULL)
    reason = find_beside (context->answer, slip_json_string (spec->wait, "selector"));
  if (reason == NULL && g_str_equal (spec->service, "rds"))
    reason = find_event (context, spec);
  if (reason == NULL)
    return NULL;
  g_strdelimit (reason, "\n\r\t", ' ');
  return slip_run_engine_scrub_text (context->engine, reason);
}
