/* SPDX-License-Identifier: MIT */

/* Rules of listeners: conditions on the host and the path, and what is done with a request that meets
 * them. Maintenance mode is switched by their conditions. */

#include "slip-elbv2-private.h"

#include "slip-json.h"

static gint64
priority (const SlipWorldRecord *rule)
{
  const char *text = slip_json_string (rule->data, "Priority");

  return g_strcmp0 (text, "default") == 0 ? G_MAXINT64 : g_ascii_strtoll (text, NULL, 10);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 first = priority (*(gpointer const *)a), second = priority (*(gpointer const *)b);

  return first < second ? -1 : first > second;
}

GPtrArray *
slip_elb_list_rules (SlipWorld *world,
                     const char *account,
                     const char *region,
                     const char *listener_arn)
{
  GPtrArray *rules = slip_world_list (world, account, region, ELB_RULE);

  for (guint i = rules->len; i > 0; i--)
    if (g_strcmp0 (
            slip_json_string (((const SlipWorldRecord *)rules->pdata[i - 1])->data, "listener"),
            listener_arn)
        != 0)
      g_ptr_array_remove_index (rules, i - 1);
  g_ptr_array_sort (rules, compare);
  return rules;
}

static JsonObject *
show (const SlipWorldRecord *rule)
{
  static const char *const members[]
      = {"RuleArn", "Priority", "Conditions", "Actions", "IsDefault"};
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (rule->data, members[i]))
      json_object_set_member (object, members[i],
                              json_node_copy (json_object_get_member (rule->data, members[i])));
  return object;
}

JsonNode *
slip_elb_describe_rules (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *listener = slip_json_string (input, "ListenerArn");
  JsonArray *arns = slip_json_array (input, "RuleArns");
  g_autoptr (JsonArray) list = json_array_new ();
  g_autoptr (GPtrArray) rules = NULL;
  JsonObject *output;

  if ((listener == NULL) == (arns == NULL))
    return slip_service_error (error, 400, "ValidationError",
                               "You must specify either listener ARN or rule ARNs");
  if (listener != NULL
      && slip_world_get (ctx->world, ctx->account, ctx->region, ELB_LISTENER, listener) == NULL)
    return slip_service_error (error, 400, "ListenerNotFound", "One or more listeners not found");
  if (listener != NULL)
    rules = slip_elb_list_rules (ctx->world, ctx->account, ctx->region, listener);
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    json_array_add_object_element (list, show (rules->pdata[i]));
  for (guint i = 0; arns != NULL && i < json_array_get_length (arns); i++)
    {
      const SlipWorldRecord *rule = slip_world_get (ctx->world, ctx->account, ctx->region, ELB_RULE,
                                                    json_array_get_string_element (arns, i));

      if (rule == NULL)
        return slip_service_error (error, 400, "RuleNotFound", "One or more rules not found");
      json_array_add_object_element (list, show (rule));
    }
  output = json_object_new ();
  json_object_set_array_member (output, "Rules", g_steal_pointer (&list));
  return slip_json_new_object (output);
}

typedef struct
{
  const char *field;
  const char *config;
} Field;

static const Field fields[]
    = {{"host-header", "HostHeaderConfig"}, {"path-pattern", "PathPatternConfig"}};

JsonObject *
slip_elb_make_condition (JsonObject *given, GError **error)
{
  const char *field = slip_json_string (given, "Field");

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      JsonObject *config = slip_json_object (given, fields[i].config);
      JsonArray *values
          = config != NULL ? slip_json_array (config, "Values") : slip_json_array (given, "Values");
      JsonObject *condition, *inner;

      if (g_strcmp0 (field, fields[i].field) != 0)
        continue;
      if (config != NULL && slip_json_array (given, "Values") != NULL)
        return slip_service_error (error, 400, "ValidationError",
                                   "You cannot provide both Values and '%s' for a condition of "
                                   "type '%s'",
                                   fields[i].config, fields[i].field);
      if (values == NULL || json_array_get_length (values) == 0)
        return slip_service_error (error, 400, "ValidationError",
                                   "A condition value must be specified");
      condition = json_object_new ();
      inner = json_object_new ();
      json_object_set_string_member (condition, "Field", field);
      json_object_set_array_member (condition, "Values", json_array_ref (values));
      json_object_set_array_member (inner, "Values", json_array_ref (values));
      json_object_set_object_member (condition, fields[i].config, inner);
      return condition;
    }
  return slip_service_error (error, 400, "ValidationError",
                             "Condition field '%s' is not known to the rehearsal: host-header and "
                             "path-pattern are",
                             field != NULL ? field : "");
}

JsonNode *
slip_elb_modify_rule (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "RuleArn");
  const SlipWorldRecord *rule
      = slip_world_get (ctx->world, ctx->account, ctx->region, ELB_RULE, arn);
  JsonArray *given = slip_json_array (input, "Conditions");
  g_autoptr (JsonArray) conditions = json_array_new ();
  JsonObject *data, *output;
  JsonArray *list;

  if (rule == NULL)
    return slip_service_error (error, 400, "RuleNotFound", "One or more rules not found");
  if (slip_json_bool (rule->data, "IsDefault", FALSE))
    return slip_service_error (error, 400, "OperationNotPermitted",
                               "Default rule '%s' cannot be modified", arn);
  for (guint i = 0; given != NULL && i < json_array_get_length (given); i++)
    {
      JsonObject *condition
          = slip_elb_make_condition (json_array_get_object_element (given, i), error);

      if (condition == NULL)
        return NULL;
      json_array_add_object_element (conditions, condition);
    }
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ELB_RULE, arn);
  if (given != NULL)
    json_object_set_array_member (data, "Conditions", g_steal_pointer (&conditions));
  if (slip_json_array (input, "Actions") != NULL)
    json_object_set_array_member (data, "Actions",
                                  json_array_ref (slip_json_array (input, "Actions")));
  slip_world_put (ctx->world, ctx->account, ctx->region, ELB_RULE, arn, data);
  list = json_array_new ();
  json_array_add_object_element (
      list, show (slip_world_get (ctx->world, ctx->account, ctx->region, ELB_RULE, arn)));
  output = json_object_new ();
  json_object_set_array_member (output, "Rules", list);
  return slip_json_new_object (output);
}
