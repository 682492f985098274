/* SPDX-License-Identifier: MIT */

/* Load balancers of a scenario, with listeners, rules and target groups. */

#include "slip-elbv2-private.h"

#include "slip-json.h"
#include "slip-scenario.h"

typedef struct
{
  const SlipSeed *seed;
  const char *name; /* of the load balancer */
  const char *arn;  /* of what the items belong to */
} Owner;

static char *
make_arn (const SlipSeed *seed, const char *path)
{
  return g_strdup_printf ("arn:aws:elasticloadbalancing:%s:%s:%s", seed->region, seed->account,
                          path);
}

static char *
group_arn (const SlipSeed *seed, const char *name)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA1, name, -1);
  g_autofree char *path = g_strdup_printf ("targetgroup/%s/%.16s", name, sum);

  return make_arn (seed, path);
}

static gboolean
seed_target (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"id", "state", NULL};
  const char *id, *state;

  return slip_scenario_check_members (item, path, members, error)
         && slip_scenario_get_string (item, path, "id", TRUE, &id, error)
         && slip_scenario_get_string (item, path, "state", TRUE, &state, error);
}

static gboolean
seed_group (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "port", "body", "targets", NULL};
  const SlipSeed *seed = data;
  const char *name, *body;
  gint64 port = 80;
  g_autofree char *arn = NULL;
  JsonArray *targets;
  JsonObject *group;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "body", FALSE, &body, error)
      || !slip_scenario_get_int (item, path, "port", 1, 65535, &port, error)
      || !slip_scenario_foreach_item (item, path, "targets", seed_target, NULL, error))
    return FALSE;
  arn = group_arn (seed, name);
  targets = slip_json_array (item, "targets");
  group = json_object_new ();
  json_object_set_string_member (group, "TargetGroupArn", arn);
  json_object_set_string_member (group, "TargetGroupName", name);
  json_object_set_string_member (group, "Protocol", "HTTP");
  json_object_set_int_member (group, "Port", port);
  json_object_set_string_member (group, "TargetType", "ip");
  json_object_set_string_member (group, "body", body != NULL ? body : name);
  json_object_set_array_member (group, "targets",
                                targets != NULL ? json_array_ref (targets) : json_array_new ());
  slip_world_put (seed->world, seed->account, seed->region, ELB_GROUP, arn, group);
  return TRUE;
}

/* `forward` names a target group, `fixed` a status and a body. */
static JsonArray *
make_actions (const SlipSeed *seed, JsonObject *item, const char *path, GError **error)
{
  const char *forward = slip_json_string (item, "forward");
  JsonObject *fixed = slip_json_object (item, "fixed");
  g_autofree char *arn = forward != NULL ? group_arn (seed, forward) : NULL;
  JsonObject *action;
  JsonArray *actions;

  if ((forward == NULL) == (fixed == NULL))
    {
      slip_scenario_error (error, path, "needs either forward or fixed");
      return NULL;
    }
  if (arn != NULL
      && slip_world_get (seed->world, seed->account, seed->region, ELB_GROUP, arn) == NULL)
    {
      slip_scenario_error (error, path, "there is no target group %s", forward);
      return NULL;
    }
  action = json_object_new ();
  json_object_set_string_member (action, "Type", arn != NULL ? "forward" : "fixed-response");
  if (arn != NULL)
    json_object_set_string_member (action, "TargetGroupArn", arn);
  else
    {
      JsonObject *response = json_object_new ();
      g_autofree char *code
          = g_strdup_printf ("%" G_GINT64_FORMAT, slip_json_int (fixed, "status", 503));
      const char *body = slip_json_string (fixed, "body");

      json_object_set_string_member (response, "StatusCode", code);
      json_object_set_string_member (response, "ContentType", "text/html");
      json_object_set_string_member (response, "MessageBody", body != NULL ? body : "");
      json_object_set_object_member (action, "FixedResponseConfig", response);
    }
  json_object_set_int_member (action, "Order", 1);
  actions = json_array_new ();
  json_array_add_object_element (actions, action);
  return actions;
}

static gboolean
add_condition (JsonArray *conditions, JsonObject *item, const char *member, const char *field)
{
  JsonArray *values = slip_json_array (item, member);
  g_autoptr (JsonObject) given = json_object_new ();

  if (values == NULL)
    return FALSE;
  json_object_set_string_member (given, "Field", field);
  json_object_set_array_member (given, "Values", json_array_ref (values));
  json_array_add_object_element (conditions, slip_elb_make_condition (given, NULL));
  return TRUE;
}

static void
put_rule (const SlipSeed *seed,
          const char *listener_arn,
          const char *priority,
          JsonArray *conditions,
          JsonArray *actions)
{
  JsonObject *rule = json_object_new ();
  g_autofree char *tail = g_strdup (strstr (listener_arn, ":listener/") + strlen (":listener/"));
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA1, priority, -1);
  g_autofree char *path = g_strdup_printf ("listener-rule/%s/%.16s", tail, sum);
  g_autofree char *arn = make_arn (seed, path);

  json_object_set_string_member (rule, "RuleArn", arn);
  json_object_set_string_member (rule, "listener", listener_arn);
  json_object_set_string_member (rule, "Priority", priority);
  json_object_set_array_member (rule, "Conditions", conditions);
  json_object_set_array_member (rule, "Actions", actions);
  json_object_set_boolean_member (rule, "IsDefault", g_str_equal (priority, "default"));
  slip_world_put (seed->world, seed->account, seed->region, ELB_RULE, arn, rule);
}

static gboolean
seed_rule (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"priority", "host", "path", "forward", "fixed", NULL};
  const Owner *owner = data;
  g_autofree char *priority = NULL;
  gint64 number = 0;
  JsonArray *hosts, *paths, *actions, *conditions;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_int (item, path, "priority", 1, 50000, &number, error)
      || !slip_scenario_get_strings (item, path, "host", FALSE, &hosts, error)
      || !slip_scenario_get_strings (item, path, "path", FALSE, &paths, error))
    return FALSE;
  if (number == 0 || (hosts == NULL && paths == NULL))
    return slip_scenario_error (error, path, "needs priority, and host or path");
  actions = make_actions (owner->seed, item, path, error);
  if (actions == NULL)
    return FALSE;
  conditions = json_array_new ();
  add_condition (conditions, item, "host", "host-header");
  add_condition (conditions, item, "path", "path-pattern");
  priority = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  put_rule (owner->seed, owner->arn, priority, conditions, actions);
  return TRUE;
}

static gboolean
seed_listener (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"port", "protocol", "forward", "fixed", "rules", NULL};
  const Owner *balancer = data;
  const SlipSeed *seed = balancer->seed;
  const char *protocol;
  gint64 port = 443;
  g_autofree char *tail = NULL;
  g_autofree char *arn = NULL;
  JsonObject *listener;
  JsonArray *actions;
  Owner owner;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "protocol", FALSE, &protocol, error)
      || !slip_scenario_get_int (item, path, "port", 1, 65535, &port, error))
    return FALSE;
  actions = make_actions (seed, item, path, error);
  if (actions == NULL)
    return FALSE;
  tail = g_strdup_printf ("listener/%s/%016" G_GINT64_MODIFIER "x",
                          strstr (balancer->arn, ":loadbalancer/") + strlen (":loadbalancer/"),
                          port);
  arn = make_arn (seed, tail);
  listener = json_object_new ();
  json_object_set_string_member (listener, "ListenerArn", arn);
  json_object_set_string_member (listener, "LoadBalancerArn", balancer->arn);
  json_object_set_int_member (listener, "Port", port);
  json_object_set_string_member (listener, "Protocol", protocol != NULL ? protocol : "HTTPS");
  json_object_set_array_member (listener, "DefaultActions", json_array_ref (actions));
  slip_world_put (seed->world, seed->account, seed->region, ELB_LISTENER, arn, listener);
  put_rule (seed, arn, "default", json_array_new (), actions);
  owner = (Owner){seed, balancer->name, arn};
  return slip_scenario_foreach_item (item, path, "rules", seed_rule, &owner, error);
}

static gboolean
seed_balancer (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "listeners", NULL};
  const SlipSeed *seed = data;
  const char *name;
  g_autofree char *sum = NULL, *tail = NULL, *arn = NULL, *dns = NULL, *now = NULL;
  JsonObject *balancer, *state;
  Owner owner;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error))
    return FALSE;
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA1, name, -1);
  tail = g_strdup_printf ("loadbalancer/app/%s/%.16s", name, sum);
  arn = make_arn (seed, tail);
  dns = g_strdup_printf ("%s-%.9s.%s.elb.amazonaws.com", name, sum, seed->region);
  now = slip_world_dup_now (seed->world);
  balancer = json_object_new ();
  state = json_object_new ();
  json_object_set_string_member (state, "Code", "active");
  json_object_set_string_member (balancer, "LoadBalancerArn", arn);
  json_object_set_string_member (balancer, "LoadBalancerName", name);
  json_object_set_string_member (balancer, "DNSName", dns);
  json_object_set_string_member (balancer, "CreatedTime", now);
  json_object_set_string_member (balancer, "Scheme", "internet-facing");
  json_object_set_string_member (balancer, "Type", "application");
  json_object_set_string_member (balancer, "IpAddressType", "ipv4");
  json_object_set_object_member (balancer, "State", state);
  slip_world_put (seed->world, seed->account, seed->region, ELB_BALANCER, arn, balancer);
  owner = (Owner){seed, name, arn};
  return slip_scenario_foreach_item (item, path, "listeners", seed_listener, &owner, error);
}

gboolean
slip_elb_seed (const SlipSeed *seed, GError **error)
{
  static const char *const members[] = {"target_groups", "load_balancers", NULL};

  return slip_scenario_check_members (seed->section, seed->path, members, error)
         && slip_scenario_foreach_item (seed->section, seed->path, "target_groups", seed_group,
                                        (gpointer)seed, error)
         && slip_scenario_foreach_item (seed->section, seed->path, "load_balancers", seed_balancer,
                                        (gpointer)seed, error);
}
