/* SPDX-License-Identifier: MIT */

/* Application Auto Scaling: what may be scaled between which bounds. It keeps targets and policies and
 * their alarms, as a restore loses them; it does not scale anything by itself. */

#include "slip-autoscaling.h"

#include "slip-dynamodb.h"
#include "slip-json.h"
#include "slip-paging.h"
#include "slip-scenario.h"

#include <string.h>

#define PAGE_SIZE 50

static const char *const dimensions[][2] = {
    {"dynamodb", "dynamodb:table:ReadCapacityUnits"},
    {"dynamodb", "dynamodb:table:WriteCapacityUnits"},
    {"dynamodb", "dynamodb:index:ReadCapacityUnits"},
    {"dynamodb", "dynamodb:index:WriteCapacityUnits"},
    {"ecs", "ecs:service:DesiredCount"},
    {"rds", "rds:cluster:ReadReplicaCount"},
};

char *
slip_autoscaling_id (JsonObject *input)
{
  return g_strjoin ("\t", slip_json_string (input, "ServiceNamespace"),
                    slip_json_string (input, "ResourceId"),
                    slip_json_string (input, "ScalableDimension"), NULL);
}

static gpointer
invalid (GError **error, const char *message)
{
  return slip_service_error (error, 400, "ValidationException", "%s", message);
}

const SlipWorldRecord *
slip_autoscaling_need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *id = slip_autoscaling_id (input);
  const SlipWorldRecord *target
      = slip_world_get (ctx->world, ctx->account, ctx->region, AAS_TARGET, id);

  if (target == NULL)
    return slip_service_error (error, 400, "ObjectNotFoundException",
                               "No scalable target registered for service namespace: %s, resource "
                               "ID: %s, scalable dimension: %s",
                               slip_json_string (input, "ServiceNamespace"),
                               slip_json_string (input, "ResourceId"),
                               slip_json_string (input, "ScalableDimension"));
  return target;
}

static gboolean
check_dimension (JsonObject *input, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (dimensions); i++)
    if (g_strcmp0 (dimensions[i][0], slip_json_string (input, "ServiceNamespace")) == 0
        && g_strcmp0 (dimensions[i][1], slip_json_string (input, "ScalableDimension")) == 0)
      return TRUE;
  invalid (error, "Unsupported service namespace, resource type or scalable dimension");
  return FALSE;
}

/* A table must be there, and its index in it. */
static gboolean
check_table (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *resource = slip_json_string (input, "ResourceId");
  g_auto (GStrv) parts = g_strsplit (resource, "/", -1);
  const SlipWorldRecord *table;

  if (g_strcmp0 (slip_json_string (input, "ServiceNamespace"), "dynamodb") != 0)
    return TRUE;
  table = g_strv_length (parts) >= 2 && g_str_equal (parts[0], "table")
              ? slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, parts[1])
              : NULL;
  if (table != NULL
      && (g_strv_length (parts) == 2
          || (g_strv_length (parts) == 4 && g_str_equal (parts[2], "index")
              && slip_dynamodb_find_index (table->data, parts[3], NULL) != NULL)))
    return TRUE;
  slip_service_error (error, 400, "ValidationException", "DynamoDB table does not exist: %s",
                      resource);
  return FALSE;
}

static JsonObject *
new_target (SlipWorld *world, const char *account, const char *region, JsonObject *input)
{
  JsonObject *data = json_object_new ();
  JsonObject *suspended = json_object_new ();
  const char *namespace_ = slip_json_string (input, "ServiceNamespace");
  const char *role = slip_json_string (input, "RoleARN");
  g_autofree char *tail = slip_random_id (NULL, 32, SLIP_ALPHABET_HEX);
  g_autofree char *arn = g_strdup_printf (
      "arn:aws:application-autoscaling:%s:%s:scalable-target/%s", region, account, tail);
  g_autofree char *linked = g_strdup_printf (
      "arn:aws:iam::%s:role/aws-service-role/%s.application-autoscaling.amazonaws.com/%s", account,
      namespace_,
      g_strcmp0 (namespace_, "ecs") == 0 ? "AWSServiceRoleForApplicationAutoScaling_ECSService"
                                         : "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable");
  g_autofree char *now = slip_world_dup_now (world);
  static const char *const switches[]
      = {"DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"};

  json_object_set_string_member (data, "ServiceNamespace", namespace_);
  json_object_set_string_member (data, "ResourceId", slip_json_string (input, "ResourceId"));
  json_object_set_string_member (data, "ScalableDimension",
                                 slip_json_string (input, "ScalableDimension"));
  json_object_set_string_member (data, "RoleARN", role != NULL ? role : linked);
  json_object_set_string_member (data, "CreationTime", now);
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    json_object_set_boolean_member (suspended, switches[i], FALSE);
  json_object_set_object_member (data, "SuspendedState", suspended);
  json_object_set_string_member (data, "ScalableTargetARN", arn);
  return data;
}

/* What a request leaves out stays as it was. */
static void
change_target (JsonObject *data, JsonObject *input)
{
  static const char *const bounds[] = {"MinCapacity", "MaxCapacity"};
  JsonObject *suspended = slip_json_object (input, "SuspendedState");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    if (json_object_has_member (input, bounds[i]))
      json_object_set_int_member (data, bounds[i], slip_json_int (input, bounds[i], 0));
  if (suspended != NULL)
    {
      json_object_iter_init (&iter, suspended);
      while (json_object_iter_next (&iter, &name, &node))
        json_object_set_member (slip_json_object (data, "SuspendedState"), name,
                                slip_json_copy (node));
    }
  if (slip_json_object (input, "Tags") != NULL)
    json_object_set_object_member (data, "tags",
                                   json_object_ref (slip_json_object (input, "Tags")));
}

static JsonNode *
register_target (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *id = slip_autoscaling_id (input);
  JsonObject *data, *output;
  gboolean known;

  if (!check_dimension (input, error) || !check_table (ctx, input, error))
    return NULL;
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, AAS_TARGET, id);
  known = data != NULL;
  if (!known
      && (!json_object_has_member (input, "MinCapacity")
          || !json_object_has_member (input, "MaxCapacity")))
    return invalid (error, "Min capacity and max capacity must be specified when registering a new "
                           "scalable target");
  if (!known)
    data = new_target (ctx->world, ctx->account, ctx->region, input);
  change_target (data, input);
  if (slip_json_int (data, "MinCapacity", 0) > slip_json_int (data, "MaxCapacity", 0))
    {
      json_object_unref (data);
      return invalid (error, "Maximum capacity cannot be less than minimum capacity");
    }
  output = json_object_new ();
  json_object_set_string_member (output, "ScalableTargetARN",
                                 slip_json_string (data, "ScalableTargetARN"));
  slip_world_put (ctx->world, ctx->account, ctx->region, AAS_TARGET, id, data);
  return slip_json_new_object (output);
}

static JsonNode *
deregister_target (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *target = slip_autoscaling_need (ctx, input, error);
  g_autoptr (GPtrArray) policies = NULL;
  g_autofree char *id = NULL;
  g_autofree char *prefix = NULL;

  if (target == NULL)
    return NULL;
  id = g_strdup (target->id);
  prefix = g_strconcat (id, "\t", NULL);
  policies = slip_world_list (ctx->world, ctx->account, ctx->region, AAS_POLICY);
  for (guint i = 0; i < policies->len; i++)
    if (g_str_has_prefix (((const SlipWorldRecord *)policies->pdata[i])->id, prefix))
      slip_autoscaling_remove_policy (ctx->world, policies->pdata[i]);
  slip_world_remove (ctx->world, ctx->account, ctx->region, AAS_TARGET, id);
  return NULL;
}

gboolean
slip_autoscaling_is_of (const SlipWorldRecord *record, JsonObject *input)
{
  return g_strcmp0 (slip_json_string (record->data, "ServiceNamespace"),
                    slip_json_string (input, "ServiceNamespace"))
         == 0;
}

static JsonObject *
show (const SlipWorldRecord *record, JsonObject *input)
{
  JsonObject *shown = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, record->data);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_ascii_isupper (*name))
      json_object_set_member (shown, name, slip_json_copy (node));
  return shown;
}

JsonNode *
slip_autoscaling_list (SlipServiceContext *ctx,
                       JsonObject *input,
                       const char *type,
                       const char *member,
                       SlipAutoscalingFilter filter,
                       GError **error)
{
  const SlipListing listing = {.type = type, .member = member, .match = filter, .show = show};
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidNextTokenException",
      .message = "The token is invalid",
  };

  return slip_page_records (ctx, input, &listing, &paging, error);
}

static gboolean
is_wanted_target (const SlipWorldRecord *target, JsonObject *input)
{
  JsonArray *resources = slip_json_array (input, "ResourceIds");
  const char *dimension = slip_json_string (input, "ScalableDimension");
  gboolean found = resources == NULL || json_array_get_length (resources) == 0;

  for (guint i = 0; !found && i < json_array_get_length (resources); i++)
    found = g_strcmp0 (json_array_get_string_element (resources, i),
                       slip_json_string (target->data, "ResourceId"))
            == 0;
  return found && slip_autoscaling_is_of (target, input)
         && (dimension == NULL
             || g_strcmp0 (dimension, slip_json_string (target->data, "ScalableDimension")) == 0);
}

static JsonNode *
describe_targets (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_autoscaling_list (ctx, input, AAS_TARGET, "ScalableTargets", is_wanted_target, error);
}

/* --- Tags: a map, unlike elsewhere --- */

static const SlipWorldRecord *
need_arn (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "ResourceARN");
  g_autoptr (GPtrArray) targets
      = slip_world_list (ctx->world, ctx->account, ctx->region, AAS_TARGET);

  for (guint i = 0; i < targets->len; i++)
    {
      const SlipWorldRecord *target = targets->pdata[i];

      if (g_strcmp0 (slip_json_string (target->data, "ScalableTargetARN"), arn) == 0)
        return target;
    }
  return slip_service_error (error, 400, "ResourceNotFoundException",
                             "The resource doesn't exist: %s", arn);
}

static JsonNode *
list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *target = need_arn (ctx, input, error);
  JsonObject *output, *tags;

  if (target == NULL)
    return NULL;
  tags = slip_json_object (target->data, "tags");
  output = json_object_new ();
  json_object_set_object_member (output, "Tags",
                                 tags != NULL ? json_object_ref (tags) : json_object_new ());
  return slip_json_new_object (output);
}

static JsonNode *
change_tags (SlipServiceContext *ctx, JsonObject *input, gboolean remove, GError **error)
{
  const SlipWorldRecord *target = need_arn (ctx, input, error);
  JsonArray *keys = slip_json_array (input, "TagKeys");
  JsonObject *given = slip_json_object (input, "Tags");
  g_autofree char *id = NULL;
  JsonObject *data, *tags;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (target == NULL)
    return NULL;
  id = g_strdup (target->id);
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, AAS_TARGET, id);
  if (!json_object_has_member (data, "tags"))
    json_object_set_object_member (data, "tags", json_object_new ());
  tags = slip_json_object (data, "tags");
  for (guint i = 0; remove && i < json_array_get_length (keys); i++)
    json_object_remove_member (tags, json_array_get_string_element (keys, i));
  if (!remove)
    {
      json_object_iter_init (&iter, given);
      while (json_object_iter_next (&iter, &name, &node))
        json_object_set_member (tags, name, slip_json_copy (node));
    }
  slip_world_put (ctx->world, ctx->account, ctx->region, AAS_TARGET, id, data);
  return NULL;
}

static JsonNode *
tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return change_tags (ctx, input, FALSE, error);
}

static JsonNode *
untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return change_tags (ctx, input, TRUE, error);
}

/* --- Scenarios --- */

/* `{namespace, resource, dimension, min, max, target}`: a target, and with `target` (percent) a policy
 * that tracks the predefined metric of the dimension. */
static gboolean
seed_target (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"namespace", "resource", "dimension", "min", "max", "target", "metric", NULL};
  static const char *const names[][2] = {{"namespace", "ServiceNamespace"},
                                         {"resource", "ResourceId"},
                                         {"dimension", "ScalableDimension"}};
  const SlipSeed *seed = data;
  g_autoptr (JsonObject) input = json_object_new ();
  g_autofree char *id = NULL;
  gint64 low = 1, high = 10, target = 0;
  const char *text, *metric;
  JsonObject *made;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_int (item, path, "min", 0, 1000000, &low, error)
      || !slip_scenario_get_int (item, path, "max", low, 1000000, &high, error)
      || !slip_scenario_get_int (item, path, "target", 1, 100, &target, error)
      || !slip_scenario_get_string (item, path, "metric", target > 0, &metric, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (!slip_scenario_get_string (item, path, names[i][0], TRUE, &text, error))
        return FALSE;
      json_object_set_string_member (input, names[i][1], text);
    }
  if (!check_dimension (input, NULL))
    return slip_scenario_error (error, path, "there is no such namespace and dimension");
  id = slip_autoscaling_id (input);
  json_object_set_int_member (input, "MinCapacity", low);
  json_object_set_int_member (input, "MaxCapacity", high);
  made = new_target (seed->world, seed->account, seed->region, input);
  change_target (made, input);
  slip_world_put (seed->world, seed->account, seed->region, AAS_TARGET, id, made);
  if (target > 0)
    {
      JsonObject *tracking = json_object_new ();
      JsonObject *predefined = json_object_new ();
      g_autofree char *name
          = g_strdup_printf ("%s:%s", metric, slip_json_string (input, "ResourceId"));

      json_object_set_string_member (predefined, "PredefinedMetricType", metric);
      json_object_set_double_member (tracking, "TargetValue", (double)target);
      json_object_set_object_member (tracking, "PredefinedMetricSpecification", predefined);
      json_object_set_string_member (input, "PolicyName", name);
      json_object_set_string_member (input, "PolicyType", "TargetTrackingScaling");
      json_object_set_object_member (input, "TargetTrackingScalingPolicyConfiguration", tracking);
      json_object_unref (
          slip_autoscaling_make_policy (seed->world, seed->account, seed->region, input));
    }
  return TRUE;
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "targets", seed_target, error);
}

static const SlipServiceOperation operations[] = {
    {"DeleteScalingPolicy", slip_autoscaling_delete_policy},
    {"DeregisterScalableTarget", deregister_target},
    {"DescribeScalableTargets", describe_targets},
    {"DescribeScalingPolicies", slip_autoscaling_describe_policies},
    {"ListTagsForResource", list_tags},
    {"PutScalingPolicy", slip_autoscaling_put_policy},
    {"RegisterScalableTarget", register_target},
    {"TagResource", tag},
    {"UntagResource", untag},
    {NULL, NULL},
};

const SlipService slip_autoscaling_service = {
    .name = "application-autoscaling",
    .operations = operations,
    .seed = seed,
};
