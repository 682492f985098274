/* SPDX-License-Identifier: MIT */

/* How kinds of lists and of rows look and what they are called: tables, one row for each kind. */

#include "config.h"

#include "slip-resource-look.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-clock.h"
#include "slip-format.h"
#include "slip-json.h"

static const SlipEstateLook looks[SLIP_ESTATE_N_KINDS] = {
    [SLIP_ESTATE_DATABASES] = {"slip-database-symbolic", N_ ("No databases"),
                               N_ ("This account has no database clusters in its regions."), 460},
    [SLIP_ESTATE_SNAPSHOTS] = {"slip-snapshot-symbolic", N_ ("No snapshots"),
                               N_ ("This account has no cluster snapshots in its regions."), 460},
    [SLIP_ESTATE_VAULTS] = {"slip-vault-symbolic", N_ ("No backup vaults"),
                            N_ ("This account has no AWS Backup vaults in its regions."), 340},
    [SLIP_ESTATE_TABLES] = {"slip-table-symbolic", N_ ("No tables"),
                            N_ ("This account has no DynamoDB tables in its regions."), 260},
    [SLIP_ESTATE_TASKS] = {"slip-task-symbolic", N_ ("No tasks"),
                           N_ ("This account has no ECS clusters in its regions."), 380},
    [SLIP_ESTATE_PIPELINES]
    = {"slip-pipeline-symbolic", N_ ("No pipelines"),
       N_ ("This account has no OpenSearch ingestion pipelines in its regions."), 260},
    [SLIP_ESTATE_ALARMS] = {"slip-alarm-symbolic", N_ ("No alarms"),
                            N_ ("This account has no CloudWatch alarms in its regions."), 300},
    [SLIP_ESTATE_TERRAFORM]
    = {"slip-terraform-symbolic", N_ ("No Terraform roots"),
       N_ ("Name the folders of root configurations as “terraform” of this environment in the "
           "workspace file."),
       360},
};

static const struct
{
  const char *icon;
  const char *title;
} rows[SLIP_RESOURCE_N_KINDS] = {
    [SLIP_RESOURCE_GLOBAL_CLUSTER] = {"slip-globe-symbolic", N_ ("Global cluster")},
    [SLIP_RESOURCE_CLUSTER] = {"slip-cluster-symbolic", N_ ("Database cluster")},
    [SLIP_RESOURCE_INSTANCE] = {"slip-database-symbolic", N_ ("Database instance")},
    [SLIP_RESOURCE_SNAPSHOT] = {"slip-snapshot-symbolic", N_ ("Cluster snapshot")},
    [SLIP_RESOURCE_SNAPSHOT_GROUP] = {"slip-cluster-symbolic", N_ ("Snapshots of one cluster")},
    [SLIP_RESOURCE_VAULT] = {"slip-vault-symbolic", N_ ("Backup vault")},
    [SLIP_RESOURCE_RECOVERY_POINT] = {"slip-snapshot-symbolic", N_ ("Recovery point")},
    [SLIP_RESOURCE_COPY] = {"slip-shared-symbolic", N_ ("Copy")},
    [SLIP_RESOURCE_TABLE] = {"slip-table-symbolic", N_ ("DynamoDB table")},
    [SLIP_RESOURCE_REPLICA] = {"slip-globe-symbolic", N_ ("Table replica")},
    [SLIP_RESOURCE_INDEX] = {"slip-key-symbolic", N_ ("Table index")},
    [SLIP_RESOURCE_ECS_CLUSTER] = {"slip-cluster-symbolic", N_ ("ECS cluster")},
    [SLIP_RESOURCE_ECS_SERVICE] = {"slip-pipeline-symbolic", N_ ("ECS service")},
    [SLIP_RESOURCE_ECS_TASK] = {"slip-task-symbolic", N_ ("ECS task")},
    [SLIP_RESOURCE_PIPELINE] = {"slip-pipeline-symbolic", N_ ("Ingestion pipeline")},
    [SLIP_RESOURCE_ALARM] = {"slip-alarm-symbolic", N_ ("CloudWatch alarm")},
    [SLIP_RESOURCE_TERRAFORM_ROOT] = {"slip-terraform-symbolic", N_ ("Terraform root")},
    [SLIP_RESOURCE_TERRAFORM_RESOURCE] = {"slip-cluster-symbolic", N_ ("Terraform resource")},
};

const SlipEstateLook *
slip_estate_kind_get_look (SlipEstateKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_ESTATE_N_KINDS, NULL);
  return &looks[kind];
}

const char *
slip_resource_kind_get_icon (SlipResourceKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_RESOURCE_N_KINDS, NULL);
  return rows[kind].icon;
}

const char *
slip_resource_kind_get_title (SlipResourceKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_RESOURCE_N_KINDS, NULL);
  return _ (rows[kind].title);
}

SlipTone
slip_resource_get_tone (SlipResource *resource)
{
  const char *status = slip_resource_get_status (resource);
  const char *detail = slip_resource_get_detail (resource);

  switch (slip_resource_get_kind (resource))
    {
    case SLIP_RESOURCE_VAULT:
      return SLIP_TONE_GOOD; /* Only a locked one has a status. */
    case SLIP_RESOURCE_TERRAFORM_ROOT:
      return g_strcmp0 (status, "locked") == 0 ? SLIP_TONE_WARNING : SLIP_TONE_GOOD;
    case SLIP_RESOURCE_TERRAFORM_RESOURCE:
      return SLIP_TONE_WARNING; /* Only a tainted one has a status. */
    case SLIP_RESOURCE_ECS_TASK:
      if (g_strcmp0 (status, "STOPPED") != 0)
        break;
      return detail != NULL && g_str_has_prefix (detail, "exit 0 ") ? SLIP_TONE_STOPPED
                                                                    : SLIP_TONE_BAD;
    case SLIP_RESOURCE_ALARM:
      if (g_strcmp0 (status, "ALARM") == 0)
        return SLIP_TONE_BAD;
      return g_strcmp0 (status, "OK") == 0 ? SLIP_TONE_GOOD : SLIP_TONE_UNKNOWN;
    default:
      break;
    }
  return slip_tone_of_aws_status (status);
}

char *
slip_resource_dup_lock (SlipResource *resource)
{
  g_autoptr (JsonObject) fields = slip_resource_dup_fields (resource);
  JsonObject *lock = slip_json_object (fields, "Lock");
  const char *who = lock != NULL ? slip_json_string (lock, "Who") : NULL;
  const char *operation = lock != NULL ? slip_json_string (lock, "Operation") : NULL;
  g_autofree char *since = NULL;
  gint64 created = 0;

  if (lock == NULL)
    return NULL;
  if (slip_time_parse (slip_json_string (lock, "Created"), &created))
    since = slip_format_time (created);
  if (operation != NULL && g_str_has_prefix (operation, "OperationType"))
    operation += strlen ("OperationType");
  return g_strdup_printf (_ ("%s, %s, since %s"), who != NULL ? who : _ ("somebody"),
                          operation != NULL ? operation : _ ("unknown operation"),
                          since != NULL ? since : _ ("an unknown time"));
}

char *
slip_resource_dup_loss (SlipResource *resource, gint64 now_us)
{
  SlipResourceKind kind = slip_resource_get_kind (resource);
  gint64 created = slip_resource_get_created (resource);
  g_autofree char *time = slip_format_time (created);
  g_autofree char *lost = NULL;

  if (created == 0 || (kind != SLIP_RESOURCE_SNAPSHOT && kind != SLIP_RESOURCE_RECOVERY_POINT))
    return NULL;
  if (slip_resource_get_tone (resource) != SLIP_TONE_GOOD)
    return g_strdup_printf (_ ("Cannot be restored while it is %s."),
                            slip_resource_get_status (resource));
  lost = slip_format_duration ((double)(now_us - created) / G_USEC_PER_SEC);
  return g_strdup_printf (
      _ ("A restore brings back the data of %s. What was written in the %s since "
         "then is not in it."),
      time, lost);
}
