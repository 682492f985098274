/* SPDX-License-Identifier: MIT */

/* What a call is called in policies, and what it is about: IAM's actions and resource ARNs, derived
 * from operation and input. Written from the Service Authorization Reference's tables of the services
 * the rehearsal has; a call that names nothing here is about `*`, which only statements on all
 * resources match. */

#include "slip-call-resources.h"

#include "slip-json.h"

/* A member of a service's inputs and the ARN that its value stands for. A value that is an ARN already
 * stays. Placeholders: {region}, {account}, {value}, and members of the input. */
typedef struct
{
  const char *service;
  const char *member;
  const char *format;
} Rule;

#define RDS "arn:aws:rds:{region}:{account}:"

static const Rule rules[] = {
    {"rds", "DBClusterIdentifier", RDS "cluster:{value}"},
    {"rds", "DbClusterIdentifier", RDS "cluster:{value}"},
    {"rds", "SourceDBClusterIdentifier", RDS "cluster:{value}"},
    {"rds", "TargetDbClusterIdentifier", RDS "cluster:{value}"},
    {"rds", "DBClusterSnapshotIdentifier", RDS "cluster-snapshot:{value}"},
    {"rds", "SourceDBClusterSnapshotIdentifier", RDS "cluster-snapshot:{value}"},
    {"rds", "TargetDBClusterSnapshotIdentifier", RDS "cluster-snapshot:{value}"},
    {"rds", "SnapshotIdentifier", RDS "cluster-snapshot:{value}"},
    {"rds", "DBInstanceIdentifier", RDS "db:{value}"},
    {"rds", "GlobalClusterIdentifier", "arn:aws:rds::{account}:global-cluster:{value}"},
    {"rds", "DBClusterParameterGroupName", RDS "cluster-pg:{value}"},
    {"rds", "DBParameterGroupName", RDS "pg:{value}"},
    {"rds", "DBSubnetGroupName", RDS "subgrp:{value}"},
    {"rds", "ResourceName", "{value}"},
    {"backup", "BackupVaultName", "arn:aws:backup:{region}:{account}:backup-vault:{value}"},
    {"backup", "RecoveryPointArn", "{value}"},
    {"dynamodb", "TableName", "arn:aws:dynamodb:{region}:{account}:table/{value}"},
    {"dynamodb", "TargetTableName", "arn:aws:dynamodb:{region}:{account}:table/{value}"},
    {"dynamodb", "ResourceArn", "{value}"},
    {"ecs", "services", "arn:aws:ecs:{region}:{account}:service/{cluster}/{value}"},
    {"ecs", "service", "arn:aws:ecs:{region}:{account}:service/{cluster}/{value}"},
    {"ecs", "serviceName", "arn:aws:ecs:{region}:{account}:service/{cluster}/{value}"},
    {"ecs", "tasks", "arn:aws:ecs:{region}:{account}:task/{cluster}/{value}"},
    {"ecs", "task", "arn:aws:ecs:{region}:{account}:task/{cluster}/{value}"},
    {"ecs", "clusters", "arn:aws:ecs:{region}:{account}:cluster/{value}"},
    {"ecs", "clusterName", "arn:aws:ecs:{region}:{account}:cluster/{value}"},
    {"ecs", "resourceArn", "{value}"},
    {"ecr", "repositoryName", "arn:aws:ecr:{region}:{account}:repository/{value}"},
    {"ecr", "repositoryNames", "arn:aws:ecr:{region}:{account}:repository/{value}"},
    {"ecr", "resourceArn", "{value}"},
    {"logs", "logGroupName", "arn:aws:logs:{region}:{account}:log-group:{value}"},
    {"logs", "logGroupNames", "arn:aws:logs:{region}:{account}:log-group:{value}"},
    {"elbv2", "LoadBalancerArn", "{value}"},
    {"elbv2", "ListenerArn", "{value}"},
    {"elbv2", "RuleArn", "{value}"},
    {"elbv2", "TargetGroupArn", "{value}"},
    {"codedeploy", "deploymentGroupName",
     "arn:aws:codedeploy:{region}:{account}:deploymentgroup:{applicationName}/{value}"},
    {"codedeploy", "applicationName", "arn:aws:codedeploy:{region}:{account}:application:{value}"},
    {"ssm", "Name", "arn:aws:ssm:{region}:{account}:parameter/{value}"},
    {"ssm", "Names", "arn:aws:ssm:{region}:{account}:parameter/{value}"},
    {"ssm", "Path", "arn:aws:ssm:{region}:{account}:parameter/{value}"},
    {"osis", "PipelineName", "arn:aws:osis:{region}:{account}:pipeline/{value}"},
    {"states", "stateMachineArn", "{value}"},
    {"states", "executionArn", "{value}"},
    {"states", "resourceArn", "{value}"},
    {"states", "name", "arn:aws:states:{region}:{account}:stateMachine:{value}"},
    {"s3", "Bucket", "arn:aws:s3:::{value}"},
    {"iam", "RoleName", "arn:aws:iam::{account}:role/{value}"},
    {"iam", "UserName", "arn:aws:iam::{account}:user/{value}"},
    {"iam", "PolicyArn", "{value}"},
    {"iam", "PolicySourceArn", "{value}"},
    {"sts", "RoleArn", "{value}"},
    {"monitoring", "AlarmNames", "arn:aws:cloudwatch:{region}:{account}:alarm:{value}"},
    {"monitoring", "AlarmName", "arn:aws:cloudwatch:{region}:{account}:alarm:{value}"},
};

/* Calls whose permission has another name. */
typedef struct
{
  const char *service;
  const char *operation;
  const char *action;
} Alias;

static const Alias aliases[] = {
    {"s3", "ListBuckets", "ListAllMyBuckets"},
    {"s3", "ListObjects", "ListBucket"},
    {"s3", "ListObjectsV2", "ListBucket"},
    {"s3", "ListObjectVersions", "ListBucketVersions"},
    {"s3", "HeadBucket", "ListBucket"},
    {"s3", "HeadObject", "GetObject"},
    {"s3", "DeleteObjects", "DeleteObject"},
    {"s3", "CopyObject", "PutObject"},
    {"s3", "CreateMultipartUpload", "PutObject"},
    {"s3", "UploadPart", "PutObject"},
    {"s3", "CompleteMultipartUpload", "PutObject"},
    {"s3", "ListMultipartUploads", "ListBucketMultipartUploads"},
    {"s3", "ListParts", "ListMultipartUploadParts"},
    {"s3", "GetBucketEncryption", "GetEncryptionConfiguration"},
    {"s3", "PutBucketEncryption", "PutEncryptionConfiguration"},
    {"s3", "GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"},
    {"s3", "PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"},
    {"s3", "GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
    {"s3", "PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
};

/* Of a member that may be an ARN, the last part of its path. */
static char *
dup_input_name (JsonObject *input, const char *member)
{
  const char *value = slip_json_string (input, member);

  if (value == NULL)
    return g_strdup (g_str_equal (member, "cluster") ? "default" : "*");
  return g_path_get_basename (value);
}

static char *
dup_placeholder (SlipServiceContext *ctx, JsonObject *input, const char *name, const char *value)
{
  if (g_str_equal (name, "region"))
    return g_strdup (ctx->region);
  if (g_str_equal (name, "account"))
    return g_strdup (ctx->account);
  if (g_str_equal (name, "value"))
    return g_strdup (*value == '/' ? value + 1 : value);
  return dup_input_name (input, name);
}

static char *
fill (SlipServiceContext *ctx, JsonObject *input, const char *format, const char *value)
{
  GString *text = g_string_new (NULL);

  for (const char *at = format; *at != '\0'; at++)
    {
      const char *end = *at == '{' ? strchr (at, '}') : NULL;
      g_autofree char *name = end != NULL ? g_strndup (at + 1, (gsize)(end - at - 1)) : NULL;
      g_autofree char *part = NULL;

      if (end == NULL)
        {
          g_string_append_c (text, *at);
          continue;
        }
      part = dup_placeholder (ctx, input, name, value);
      g_string_append (text, part);
      at = end;
    }
  return g_string_free (text, FALSE);
}

static void
add (GPtrArray *list,
     SlipServiceContext *ctx,
     JsonObject *input,
     const Rule *rule,
     const char *value)
{
  if (g_str_has_prefix (value, "arn:"))
    g_ptr_array_add (list, g_strdup (value));
  else
    g_ptr_array_add (list, fill (ctx, input, rule->format, value));
}

static void
add_member (GPtrArray *list, SlipServiceContext *ctx, JsonObject *input, const Rule *rule)
{
  JsonNode *node = json_object_get_member (input, rule->member);
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *text = slip_json_string (input, rule->member);

  if (text != NULL)
    add (list, ctx, input, rule, text);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      add (list, ctx, input, rule, json_array_get_string_element (array, i));
}

/* KMS asks for the key that an alias names, not for the alias. */
static void
add_key (GPtrArray *list, SlipServiceContext *ctx, const char *value)
{
  const SlipWorldRecord *alias;
  const char *id = value;

  if (g_str_has_prefix (value, "arn:") && strstr (value, ":alias/") == NULL)
    {
      g_ptr_array_add (list, g_strdup (value));
      return;
    }
  if (g_str_has_prefix (value, "arn:"))
    id = strstr (value, ":alias/") + 1;
  alias = slip_world_get (ctx->world, ctx->account, ctx->region, "kms.alias", id);
  if (alias != NULL)
    id = slip_json_string (alias->data, "TargetKeyId");
  g_ptr_array_add (list, g_strdup_printf ("arn:aws:kms:%s:%s:%s%s", ctx->region, ctx->account,
                                          g_str_has_prefix (id, "alias/") ? "" : "key/", id));
}

static void
add_secret (GPtrArray *list, SlipServiceContext *ctx, const char *value)
{
  const SlipWorldRecord *secret
      = slip_world_get (ctx->world, ctx->account, ctx->region, "secretsmanager.secret", value);

  if (secret != NULL)
    g_ptr_array_add (list, g_strdup (slip_json_string (secret->data, "ARN")));
  else if (g_str_has_prefix (value, "arn:"))
    g_ptr_array_add (list, g_strdup (value));
  else
    g_ptr_array_add (list, g_strdup_printf ("arn:aws:secretsmanager:%s:%s:secret:%s", ctx->region,
                                            ctx->account, value));
}

/* An object is a resource of its own. */
static void
add_object (GPtrArray *list, JsonObject *input)
{
  const char *bucket = slip_json_string (input, "Bucket");
  const char *key = slip_json_string (input, "Key");

  if (bucket != NULL && key != NULL)
    {
      g_ptr_array_set_size (list, 0);
      g_ptr_array_add (list, g_strdup_printf ("arn:aws:s3:::%s/%s", bucket, key));
    }
}

/* RunTask is about the task definition only, whatever the cluster; of other calls that name a cluster
 * and nothing in it, it is the cluster. */
static void
add_ecs (GPtrArray *list, SlipServiceContext *ctx, JsonObject *input)
{
  static const Rule definition
      = {"ecs", "taskDefinition", "arn:aws:ecs:{region}:{account}:task-definition/{value}"};
  static const Rule cluster = {"ecs", "cluster", "arn:aws:ecs:{region}:{account}:cluster/{value}"};

  if (g_str_equal (ctx->operation->name, "RunTask")
      || g_str_equal (ctx->operation->name, "DeregisterTaskDefinition"))
    add_member (list, ctx, input, &definition);
  else if (list->len == 0)
    add_member (list, ctx, input, &cluster);
}

GPtrArray *
slip_call_resources_list (SlipServiceContext *ctx, JsonObject *input)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  const char *service = slip_aws_model_get_service (ctx->model);

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (rules[i].service, service))
      add_member (list, ctx, input, &rules[i]);
  if (g_str_equal (service, "kms") && slip_json_string (input, "KeyId") != NULL)
    add_key (list, ctx, slip_json_string (input, "KeyId"));
  else if (g_str_equal (service, "secretsmanager") && slip_json_string (input, "SecretId") != NULL)
    add_secret (list, ctx, slip_json_string (input, "SecretId"));
  else if (g_str_equal (service, "s3"))
    add_object (list, input);
  else if (g_str_equal (service, "ecs"))
    add_ecs (list, ctx, input);
  return list;
}

char *
slip_call_resources_dup_action (SlipServiceContext *ctx)
{
  const char *service = slip_aws_model_get_service (ctx->model);
  const char *prefix = g_str_equal (service, "monitoring")
                           ? "cloudwatch"
                           : slip_aws_model_get_signing_name (ctx->model);
  const char *name = ctx->operation->name;

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (aliases[i].service, service) && g_str_equal (aliases[i].operation, name))
      name = aliases[i].action;
  return g_strdup_printf ("%s:%s", prefix, name);
}
