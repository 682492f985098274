/* SPDX-License-Identifier: MIT */

/* Elastic Load Balancing: application load balancers, listeners and target groups as the scenario made
 * them, health of targets, tags. Rules, which maintenance mode changes, are in slip-elbv2-rules.c, and
 * what a visitor gets of them in slip-site.c. */

#include "slip-elbv2-private.h"

#include "slip-json.h"

static gboolean
holds (JsonArray *names, const char *name)
{
  for (guint i = 0; i < json_array_get_length (names); i++)
    if (g_strcmp0 (json_array_get_string_element (names, i), name) == 0)
      return TRUE;
  return FALSE;
}

/* What a Describe call shows: all but our own members, which begin small. */
static JsonObject *
show (const SlipWorldRecord *record)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (record->data);

  for (GList *member = members; member != NULL; member = member->next)
    if (g_ascii_isupper (*(const char *)member->data))
      json_object_set_member (object, member->data,
                              json_node_copy (json_object_get_member (record->data, member->data)));
  return object;
}

/* Resources whose @name member is among @names and whose ARN is among @arns; NULL is everybody. Each
 * that was asked for must be there. */
static JsonNode *
describe (SlipServiceContext *ctx,
          const char *type,
          const char *list_name,
          const char *name_member,
          JsonArray *names,
          JsonArray *arns,
          const char *code,
          GError **error)
{
  g_autoptr (GPtrArray) records = slip_world_list (ctx->world, ctx->account, ctx->region, type);
  guint asked = (names != NULL ? json_array_get_length (names) : 0)
                + (arns != NULL ? json_array_get_length (arns) : 0);
  g_autoptr (JsonArray) list = json_array_new ();
  JsonObject *output;

  for (guint i = 0; i < records->len; i++)
    {
      const SlipWorldRecord *record = records->pdata[i];

      if ((names == NULL || holds (names, slip_json_string (record->data, name_member)))
          && (arns == NULL || holds (arns, record->id)))
        json_array_add_object_element (list, show (record));
    }
  if (json_array_get_length (list) < asked)
    return slip_service_error (error, 400, code, "One or more %s not found", list_name);
  output = json_object_new ();
  json_object_set_array_member (output, list_name, g_steal_pointer (&list));
  return slip_json_new_object (output);
}

static JsonNode *
describe_balancers (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return describe (ctx, ELB_BALANCER, "LoadBalancers", "LoadBalancerName",
                   slip_json_array (input, "Names"), slip_json_array (input, "LoadBalancerArns"),
                   "LoadBalancerNotFound", error);
}

static JsonNode *
describe_groups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return describe (ctx, ELB_GROUP, "TargetGroups", "TargetGroupName",
                   slip_json_array (input, "Names"), slip_json_array (input, "TargetGroupArns"),
                   "TargetGroupNotFound", error);
}

static JsonNode *
describe_listeners (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *balancer = slip_json_string (input, "LoadBalancerArn");
  g_autoptr (JsonArray) balancers = json_array_new ();

  if (balancer == NULL)
    return describe (ctx, ELB_LISTENER, "Listeners", "LoadBalancerArn", NULL,
                     slip_json_array (input, "ListenerArns"), "ListenerNotFound", error);
  if (slip_world_get (ctx->world, ctx->account, ctx->region, ELB_BALANCER, balancer) == NULL)
    return slip_service_error (error, 400, "LoadBalancerNotFound",
                               "One or more load balancers not found");
  {
    g_autoptr (GPtrArray) records
        = slip_world_list (ctx->world, ctx->account, ctx->region, ELB_LISTENER);
    JsonObject *output = json_object_new ();
    JsonArray *list = json_array_new ();

    for (guint i = 0; i < records->len; i++)
      {
        const SlipWorldRecord *listener = records->pdata[i];

        if (g_str_equal (slip_json_string (listener->data, "LoadBalancerArn"), balancer))
          json_array_add_object_element (list, show (listener));
      }
    json_object_set_array_member (output, "Listeners", list);
    return slip_json_new_object (output);
  }
}

static JsonNode *
describe_health (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_world_get (ctx->world, ctx->account, ctx->region, ELB_GROUP,
                                                 slip_json_string (input, "TargetGroupArn"));
  JsonArray *targets, *list;
  JsonObject *output;

  if (group == NULL)
    return slip_service_error (error, 400, "TargetGroupNotFound",
                               "One or more target groups not found");
  targets = slip_json_array (group->data, "targets");
  list = json_array_new ();
  for (guint i = 0; i < json_array_get_length (targets); i++)
    {
      JsonObject *given = json_array_get_object_element (targets, i);
      JsonObject *item = json_object_new (), *target = json_object_new ();
      JsonObject *health = json_object_new ();

      json_object_set_string_member (target, "Id", slip_json_string (given, "id"));
      json_object_set_int_member (target, "Port", slip_json_int (group->data, "Port", 80));
      json_object_set_string_member (health, "State", slip_json_string (given, "state"));
      json_object_set_object_member (item, "Target", target);
      json_object_set_object_member (item, "TargetHealth", health);
      json_array_add_object_element (list, item);
    }
  output = json_object_new ();
  json_object_set_array_member (output, "TargetHealthDescriptions", list);
  return slip_json_new_object (output);
}

static const SlipServiceOperation operations[] = {
    {"DescribeListeners", describe_listeners},
    {"DescribeLoadBalancers", describe_balancers},
    {"DescribeRules", slip_elb_describe_rules},
    {"DescribeTargetGroups", describe_groups},
    {"DescribeTargetHealth", describe_health},
    {"ModifyRule", slip_elb_modify_rule},
    {NULL, NULL},
};

const SlipService slip_elbv2_service
    = {.name = "elbv2", .operations = operations, .seed = slip_elb_seed};
