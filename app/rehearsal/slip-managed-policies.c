/* SPDX-License-Identifier: MIT */

/* The AWS managed policies that the procedures' roles carry, in the small: the same names, and of what
 * they allow the services that this rehearsal has. Written from AWS's managed policy reference. */

#include "slip-managed-policies.h"

#include "slip-json.h"

static const char *const everything[] = {"*", NULL};

static const char *const no_identity[] = {"iam:*", "organizations:*", "account:*", NULL};

/* ReadOnlyAccess shows configuration and objects, but not the value of a secret. */
static const char *const read_only[] = {
    "application-autoscaling:Describe*",
    "application-autoscaling:List*",
    "backup:Describe*",
    "backup:Get*",
    "backup:List*",
    "cloudtrail:Describe*",
    "cloudtrail:Get*",
    "cloudtrail:List*",
    "cloudtrail:LookupEvents",
    "cloudwatch:Describe*",
    "cloudwatch:Get*",
    "cloudwatch:List*",
    "codedeploy:BatchGet*",
    "codedeploy:Get*",
    "codedeploy:List*",
    "dms:Describe*",
    "dms:List*",
    "dms:Test*",
    "dynamodb:BatchGet*",
    "dynamodb:Describe*",
    "dynamodb:Get*",
    "dynamodb:List*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:Describe*",
    "ec2:Get*",
    "ecr:BatchCheck*",
    "ecr:BatchGet*",
    "ecr:Describe*",
    "ecr:Get*",
    "ecr:List*",
    "ecs:Describe*",
    "ecs:Get*",
    "ecs:List*",
    "elasticloadbalancing:Describe*",
    "elasticloadbalancing:Get*",
    "iam:Generate*",
    "iam:Get*",
    "iam:List*",
    "iam:Simulate*",
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "logs:Describe*",
    "logs:FilterLogEvents",
    "logs:Get*",
    "logs:List*",
    "logs:StartQuery",
    "logs:StopQuery",
    "logs:TestMetricFilter",
    "osis:Get*",
    "osis:List*",
    "osis:ValidatePipeline",
    "pricing:DescribeServices",
    "pricing:Get*",
    "rds:Describe*",
    "rds:Download*",
    "rds:List*",
    "s3:DescribeJob",
    "s3:Get*",
    "s3:List*",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:List*",
    "servicequotas:Get*",
    "servicequotas:List*",
    "ssm:Describe*",
    "ssm:Get*",
    "ssm:List*",
    "states:Describe*",
    "states:Get*",
    "states:List*",
    "sts:GetAccessKeyInfo",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
    "tag:Get*",
    NULL,
};

static const char *const view_only[] = {
    "backup:Describe*",
    "backup:List*",
    "cloudtrail:DescribeTrails",
    "cloudtrail:LookupEvents",
    "cloudwatch:Describe*",
    "cloudwatch:Get*",
    "cloudwatch:List*",
    "codedeploy:List*",
    "dynamodb:DescribeBackup",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:ListTables",
    "dynamodb:ListTagsOfResource",
    "ecr:DescribeRepositories",
    "ecr:ListImages",
    "ecs:Describe*",
    "ecs:List*",
    "elasticloadbalancing:Describe*",
    "iam:GetAccountSummary",
    "iam:List*",
    "kms:ListAliases",
    "kms:ListKeys",
    "logs:Describe*",
    "rds:Describe*",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "secretsmanager:ListSecrets",
    "servicequotas:Get*",
    "servicequotas:List*",
    "ssm:DescribeParameters",
    NULL,
};

static const char *const task_execution[] = {
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    NULL,
};

static const char *const backup_backup[] = {
    "backup:*",
    "dynamodb:CreateBackup",
    "dynamodb:DescribeBackup",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:StartAwsBackupJob",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
    "kms:ReEncrypt*",
    "rds:AddTagsToResource",
    "rds:CopyDBClusterSnapshot",
    "rds:CreateDBClusterSnapshot",
    "rds:DeleteDBClusterSnapshot",
    "rds:Describe*",
    "rds:ListTagsForResource",
    "rds:ModifyDBClusterSnapshotAttribute",
    NULL,
};

static const char *const backup_restores[] = {
    "backup:*",
    "dynamodb:*",
    "ec2:Describe*",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
    "kms:ReEncrypt*",
    "rds:AddTagsToResource",
    "rds:CreateDBInstance",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:Describe*",
    "rds:ListTagsForResource",
    "rds:RestoreDBClusterFromSnapshot",
    "rds:RestoreDBClusterToPointInTime",
    NULL,
};

static const SlipManagedPolicy policies[] = {
    {"AWSBackupServiceRolePolicyForBackup", "/service-role/", "ANPAIOOYZSLZZXWFJJ5N2",
     "Provides AWS Backup permission to create backups on your behalf across AWS services.",
     backup_backup, NULL},
    {"AWSBackupServiceRolePolicyForRestores", "/service-role/", "ANPAJZCCL6F2WPVOUXZKI",
     "Provides AWS Backup permission to perform restores on your behalf across AWS services.",
     backup_restores, NULL},
    {"AdministratorAccess", "/", "ANPAIWMBCKSKIEE64ZLYK",
     "Provides full access to AWS services and resources.", everything, NULL},
    {"AmazonECSTaskExecutionRolePolicy", "/service-role/", "ANPAJG4T4G4PV56DE72PY",
     "Provides access to other AWS service resources that are required to run Amazon ECS tasks",
     task_execution, NULL},
    {"PowerUserAccess", "/", "ANPAJYRXTHIB4FOVS3ZXS",
     "Provides full access to AWS services and resources, but does not allow management of Users "
     "and "
     "groups.",
     NULL, no_identity},
    {"ReadOnlyAccess", "/", "ANPAILL3HVNFSB6DCOWYQ",
     "Provides read-only access to AWS services and resources.", read_only, NULL},
    {"ViewOnlyAccess", "/job-function/", "ANPAID22R6XPJATWOFDK6",
     "This policy grants permissions to view resources and basic metadata across all AWS services.",
     view_only, NULL},
};

static JsonNode *documents[G_N_ELEMENTS (policies)];

const SlipManagedPolicy *
slip_managed_policies_get (guint index)
{
  return index < G_N_ELEMENTS (policies) ? &policies[index] : NULL;
}

const SlipManagedPolicy *
slip_managed_policies_find (const char *name_or_arn)
{
  gboolean is_arn = g_str_has_prefix (name_or_arn, "arn:");

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autofree char *arn = is_arn ? slip_managed_policies_dup_arn (&policies[i]) : NULL;

      if (g_str_equal (is_arn ? arn : policies[i].name, name_or_arn))
        return &policies[i];
    }
  return NULL;
}

char *
slip_managed_policies_dup_arn (const SlipManagedPolicy *policy)
{
  return g_strconcat (SLIP_MANAGED_POLICY_PREFIX, policy->path + 1, policy->name, NULL);
}

static JsonArray *
new_list (const char *const *texts)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; texts[i] != NULL; i++)
    json_array_add_string_element (list, texts[i]);
  return list;
}

static JsonNode *
build (const SlipManagedPolicy *policy)
{
  JsonObject *root = json_object_new ();
  JsonObject *statement = json_object_new ();
  JsonArray *statements = json_array_new ();

  json_object_set_string_member (statement, "Effect", "Allow");
  if (policy->except != NULL)
    json_object_set_array_member (statement, "NotAction", new_list (policy->except));
  else
    json_object_set_array_member (statement, "Action", new_list (policy->actions));
  json_object_set_string_member (statement, "Resource", "*");
  json_array_add_object_element (statements, statement);
  json_object_set_string_member (root, "Version", "2012-10-17");
  json_object_set_array_member (root, "Statement", statements);
  return slip_json_new_object (root);
}

JsonNode *
slip_managed_policies_get_document (const SlipManagedPolicy *policy)
{
  guint index = (guint)(policy - policies);

  if (documents[index] == NULL)
    documents[index] = build (policy);
  return documents[index];
}
