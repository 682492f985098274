/* SPDX-License-Identifier: MIT */

/* The public site: what a visitor gets from the load balancers, by their rules as they stand now. So a
 * maintenance mode that is switched by a rule can be seen from outside. */

#include "slip-site.h"

#include "slip-elbv2-private.h"
#include "slip-json.h"

#define PREFIX "/_site/"

gboolean
slip_site_is_for (const SlipAwsRequest *request)
{
  return g_str_has_prefix (request->path, PREFIX);
}

static gboolean
meets (JsonObject *condition, const char *host, const char *path)
{
  gboolean by_host = g_str_equal (slip_json_string (condition, "Field"), "host-header");
  JsonArray *values = slip_json_array (condition, "Values");

  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      const char *value = json_array_get_string_element (values, i);
      g_autofree char *pattern = by_host ? g_ascii_strdown (value, -1) : g_strdup (value);

      /* Hosts are told apart without their case, paths with it. */
      if (g_pattern_match_simple (pattern, by_host ? host : path))
        return TRUE;
    }
  return FALSE;
}

static gboolean
applies (const SlipWorldRecord *rule, const char *host, const char *path)
{
  JsonArray *conditions = slip_json_array (rule->data, "Conditions");

  for (guint i = 0; i < json_array_get_length (conditions); i++)
    if (!meets (json_array_get_object_element (conditions, i), host, path))
      return FALSE;
  return TRUE;
}

/* A name means one load balancer in the world's DNS: the one with a rule for it. The default rule of
 * a listener counts only where no other listener has a rule. */
static const SlipWorldRecord *
find_rule (SlipWorld *world, const char *host, const char *path)
{
  g_autoptr (GPtrArray) listeners = slip_world_list (world, NULL, NULL, ELB_LISTENER);
  const SlipWorldRecord *standard = NULL;

  for (guint i = 0; i < listeners->len; i++)
    {
      const SlipWorldRecord *listener = listeners->pdata[i];
      g_autoptr (GPtrArray) rules
          = slip_elb_list_rules (world, listener->account, listener->region, listener->id);

      for (guint r = 0; r < rules->len; r++)
        {
          const SlipWorldRecord *rule = rules->pdata[r];

          if (!applies (rule, host, path))
            continue;
          rule = slip_world_get (world, rule->account, rule->region, ELB_RULE, rule->id);
          if (!slip_json_bool (rule->data, "IsDefault", FALSE))
            return rule;
          standard = standard != NULL ? standard : rule;
        }
    }
  return standard;
}

static gboolean
is_healthy (const SlipWorldRecord *group)
{
  JsonArray *targets = slip_json_array (group->data, "targets");

  for (guint i = 0; i < json_array_get_length (targets); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (targets, i), "state"),
                   "healthy")
        == 0)
      return TRUE;
  return FALSE;
}

static SlipAwsResponse *
respond (guint status, const char *type, const char *body)
{
  SlipAwsResponse *response = slip_aws_response_new (status);

  slip_aws_headers_append (response->headers, "Content-Type", type);
  response->body = g_bytes_new (body, strlen (body));
  return response;
}

static SlipAwsResponse *
act (SlipWorld *world, const SlipWorldRecord *rule)
{
  JsonObject *action = json_array_get_object_element (slip_json_array (rule->data, "Actions"), 0);
  JsonObject *fixed = slip_json_object (action, "FixedResponseConfig");
  const char *group_arn = slip_json_string (action, "TargetGroupArn");
  const SlipWorldRecord *group
      = group_arn != NULL
            ? slip_world_get (world, rule->account, rule->region, ELB_GROUP, group_arn)
            : NULL;

  if (fixed != NULL)
    {
      const char *type = slip_json_string (fixed, "ContentType");
      const char *body = slip_json_string (fixed, "MessageBody");

      return respond ((guint)g_ascii_strtoull (slip_json_string (fixed, "StatusCode"), NULL, 10),
                      type != NULL ? type : "text/plain", body != NULL ? body : "");
    }
  if (group == NULL || !is_healthy (group))
    return respond (503, "text/html", "<h1>503 Service Temporarily Unavailable</h1>");
  return respond (200, "text/html", slip_json_string (group->data, "body"));
}

SlipAwsResponse *
slip_site_run (SlipWorld *world, const SlipAwsRequest *request)
{
  const char *rest = request->path + strlen (PREFIX);
  const char *slash = strchr (rest, '/');
  g_autofree char *name = slash != NULL ? g_strndup (rest, (gsize)(slash - rest)) : g_strdup (rest);
  g_autofree char *host = g_ascii_strdown (name, -1);
  const SlipWorldRecord *rule = find_rule (world, host, slash != NULL ? slash : "/");
  SlipAwsResponse *response;

  if (rule == NULL)
    return respond (404, "text/plain", "There is no load balancer in this rehearsal.\n");
  response = act (world, rule);
  slip_aws_headers_append (response->headers, "X-Slipway-Rule",
                           slip_json_string (rule->data, "Priority"));
  return response;
}
