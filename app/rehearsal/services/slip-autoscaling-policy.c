/* SPDX-License-Identifier: MIT */

/* Scaling policies. One that tracks a target has alarms of its own in CloudWatch, which go with it. */

#include "slip-autoscaling.h"

#include "slip-json.h"
#include "slip-monitoring.h"

static char *
policy_id (JsonObject *input)
{
  g_autofree char *target = slip_autoscaling_id (input);

  return g_strconcat (target, "\t", slip_json_string (input, "PolicyName"), NULL);
}

static void
add_dimension (JsonArray *dimensions, const char *name, const char *value)
{
  JsonObject *one = json_object_new ();

  json_object_set_string_member (one, "Name", name);
  json_object_set_string_member (one, "Value", value);
  json_array_add_object_element (dimensions, one);
}

/* `table/NAME`, `table/NAME/index/NAME` or `service/CLUSTER/NAME`. */
static JsonArray *
new_dimensions (const char *resource)
{
  g_auto (GStrv) parts = g_strsplit (resource, "/", -1);
  guint length = g_strv_length (parts);
  JsonArray *dimensions = json_array_new ();

  if (length >= 2 && g_str_equal (parts[0], "table"))
    add_dimension (dimensions, "TableName", parts[1]);
  if (length == 4)
    add_dimension (dimensions, "GlobalSecondaryIndexName", parts[3]);
  if (length == 3 && g_str_equal (parts[0], "service"))
    {
      add_dimension (dimensions, "ClusterName", parts[1]);
      add_dimension (dimensions, "ServiceName", parts[2]);
    }
  return dimensions;
}

static const char *
metric_of (JsonObject *tracking)
{
  JsonObject *predefined = slip_json_object (tracking, "PredefinedMetricSpecification");
  const char *type
      = predefined != NULL ? slip_json_string (predefined, "PredefinedMetricType") : "";

  if (g_str_equal (type, "DynamoDBReadCapacityUtilization"))
    return "ConsumedReadCapacityUnits";
  if (g_str_equal (type, "DynamoDBWriteCapacityUtilization"))
    return "ConsumedWriteCapacityUnits";
  return g_str_has_suffix (type, "MemoryUtilization") ? "MemoryUtilization" : "CPUUtilization";
}

/* The alarm of one direction. Returns {AlarmName, AlarmARN}. */
static JsonObject *
make_alarm (SlipWorld *world,
            const char *account,
            const char *region,
            JsonObject *input,
            JsonObject *tracking,
            gboolean high,
            const char *policy_arn)
{
  const char *resource = slip_json_string (input, "ResourceId");
  g_autofree char *tail = g_uuid_string_random ();
  g_autofree char *name
      = g_strdup_printf ("TargetTracking-%s-Alarm%s-%s", resource, high ? "High" : "Low", tail);
  g_autofree char *arn = slip_monitoring_alarm_arn (account, region, name);
  g_autoptr (JsonObject) alarm = json_object_new ();
  JsonArray *actions = json_array_new ();
  JsonObject *shown = json_object_new ();
  gboolean table = g_strcmp0 (slip_json_string (input, "ServiceNamespace"), "dynamodb") == 0;

  json_array_add_string_element (actions, policy_arn);
  json_object_set_string_member (alarm, "AlarmName", name);
  json_object_set_string_member (alarm, "AlarmDescription",
                                 "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy.");
  json_object_set_array_member (alarm, "AlarmActions", actions);
  json_object_set_string_member (alarm, "MetricName", metric_of (tracking));
  json_object_set_string_member (alarm, "Namespace", table ? "AWS/DynamoDB" : "AWS/ECS");
  json_object_set_string_member (alarm, "Statistic", table ? "Sum" : "Average");
  json_object_set_array_member (alarm, "Dimensions", new_dimensions (resource));
  json_object_set_int_member (alarm, "Period", 60);
  json_object_set_int_member (alarm, "EvaluationPeriods", high ? 2 : 15);
  json_object_set_double_member (alarm, "Threshold", slip_json_double (tracking, "TargetValue", 0));
  json_object_set_string_member (alarm, "ComparisonOperator",
                                 high ? "GreaterThanThreshold" : "LessThanThreshold");
  slip_monitoring_make_alarm (world, account, region, alarm);
  json_object_set_string_member (shown, "AlarmName", name);
  json_object_set_string_member (shown, "AlarmARN", arn);
  return shown;
}

JsonObject *
slip_autoscaling_make_policy (SlipWorld *world,
                              const char *account,
                              const char *region,
                              JsonObject *input)
{
  static const char *const members[]
      = {"PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension"};
  static const char *const configurations[]
      = {"TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration"};
  g_autofree char *id = policy_id (input);
  g_autofree char *tail = g_uuid_string_random ();
  g_autofree char *now = slip_world_dup_now (world);
  const char *type = slip_json_string (input, "PolicyType");
  const SlipWorldRecord *old = slip_world_get (world, account, region, AAS_POLICY, id);
  g_autofree char *arn
      = old != NULL
            ? g_strdup (slip_json_string (old->data, "PolicyARN"))
            : g_strdup_printf ("arn:aws:autoscaling:%s:%s:scalingPolicy:%s:resource/%s/%s:"
                               "policyName/%s",
                               region, account, tail, slip_json_string (input, "ServiceNamespace"),
                               slip_json_string (input, "ResourceId"),
                               slip_json_string (input, "PolicyName"));
  JsonObject *tracking = slip_json_object (input, configurations[0]);
  JsonObject *data = json_object_new (), *output = json_object_new ();
  JsonArray *alarms = json_array_new ();

  if (old != NULL)
    slip_autoscaling_remove_policy (world, old);
  json_object_set_string_member (data, "PolicyARN", arn);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_string_member (data, members[i], slip_json_string (input, members[i]));
  json_object_set_string_member (data, "PolicyType", type != NULL ? type : "StepScaling");
  for (guint i = 0; i < G_N_ELEMENTS (configurations); i++)
    if (slip_json_object (input, configurations[i]) != NULL)
      json_object_set_member (data, configurations[i],
                              slip_json_copy (json_object_get_member (input, configurations[i])));
  for (guint i = 0; tracking != NULL && i < 2; i++)
    json_array_add_object_element (
        alarms, make_alarm (world, account, region, input, tracking, i == 0, arn));
  json_object_set_array_member (data, "Alarms", alarms);
  json_object_set_string_member (data, "CreationTime", now);
  json_object_set_string_member (output, "PolicyARN", arn);
  json_object_set_array_member (output, "Alarms", json_array_ref (alarms));
  slip_world_put (world, account, region, AAS_POLICY, id, data);
  return output;
}

static gboolean
check_policy (JsonObject *input, GError **error)
{
  const char *type = slip_json_string (input, "PolicyType");
  gboolean tracking = json_object_has_member (input, "TargetTrackingScalingPolicyConfiguration");
  gboolean step = json_object_has_member (input, "StepScalingPolicyConfiguration");
  gboolean dynamodb = g_strcmp0 (slip_json_string (input, "ServiceNamespace"), "dynamodb") == 0;

  if (tracking && g_strcmp0 (type, "TargetTrackingScaling") == 0 && !step)
    return TRUE;
  if (step && !tracking && !dynamodb && (type == NULL || g_str_equal (type, "StepScaling")))
    return TRUE;
  slip_service_error (error, 400, "ValidationException",
                      dynamodb ? "DynamoDB takes policies of type TargetTrackingScaling with their "
                                 "configuration only"
                               : "The policy's type and its configuration do not fit");
  return FALSE;
}

JsonNode *
slip_autoscaling_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  if (slip_autoscaling_need (ctx, input, error) == NULL || !check_policy (input, error))
    return NULL;
  return slip_json_new_object (
      slip_autoscaling_make_policy (ctx->world, ctx->account, ctx->region, input));
}

void
slip_autoscaling_remove_policy (SlipWorld *world, const SlipWorldRecord *policy)
{
  JsonArray *alarms = slip_json_array (policy->data, "Alarms");
  g_autofree char *account = g_strdup (policy->account);
  g_autofree char *region = g_strdup (policy->region);
  g_autofree char *id = g_strdup (policy->id);

  for (guint i = 0; i < json_array_get_length (alarms); i++)
    slip_world_remove (world, account, region, CW_ALARM,
                       slip_json_string (json_array_get_object_element (alarms, i), "AlarmName"));
  slip_world_remove (world, account, region, AAS_POLICY, id);
}

static gboolean
is_wanted (const SlipWorldRecord *policy, JsonObject *input)
{
  JsonArray *names = slip_json_array (input, "PolicyNames");
  const char *resource = slip_json_string (input, "ResourceId");
  const char *dimension = slip_json_string (input, "ScalableDimension");
  gboolean found = names == NULL || json_array_get_length (names) == 0;

  for (guint i = 0; !found && i < json_array_get_length (names); i++)
    found = g_strcmp0 (json_array_get_string_element (names, i),
                       slip_json_string (policy->data, "PolicyName"))
            == 0;
  return found && slip_autoscaling_is_of (policy, input)
         && (resource == NULL
             || g_strcmp0 (resource, slip_json_string (policy->data, "ResourceId")) == 0)
         && (dimension == NULL
             || g_strcmp0 (dimension, slip_json_string (policy->data, "ScalableDimension")) == 0);
}

JsonNode *
slip_autoscaling_describe_policies (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_autoscaling_list (ctx, input, AAS_POLICY, "ScalingPolicies", is_wanted, error);
}

JsonNode *
slip_autoscaling_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *id = policy_id (input);
  const SlipWorldRecord *policy
      = slip_world_get (ctx->world, ctx->account, ctx->region, AAS_POLICY, id);

  if (policy == NULL)
    return slip_service_error (
        error, 400, "ObjectNotFoundException",
        "No scaling policy found for service namespace: %s, resource ID: %s, "
        "scalable dimension: %s, policy name: %s",
        slip_json_string (input, "ServiceNamespace"), slip_json_string (input, "ResourceId"),
        slip_json_string (input, "ScalableDimension"), slip_json_string (input, "PolicyName"));
  slip_autoscaling_remove_policy (ctx->world, policy);
  return NULL;
}
