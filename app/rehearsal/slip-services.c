/* SPDX-License-Identifier: MIT */

/* The list of services this server offers, in the order in which scenarios seed them: a service may
 * refer to what those above it made. A new service is one line here and its own files. */

#include "slip-service.h"

#include "services/slip-services-list.h"

static const SlipService *const services[] = {
    &slip_sts_service,
    &slip_iam_service,
    &slip_logs_service,
    &slip_kms_service,
    &slip_secretsmanager_service,
    &slip_rds_service,
    &slip_monitoring_service,
    &slip_dynamodb_service,
    &slip_autoscaling_service,
    &slip_osis_service,
    &slip_servicequotas_service,
    &slip_backup_service,
    &slip_cloudtrail_service,
    &slip_ecs_service,
    &slip_elbv2_service,
    &slip_ssm_service,
    &slip_s3_service,
    &slip_ecr_service,
    &slip_codedeploy_service,
    &slip_states_service,
    NULL,
};

const SlipService *const *
slip_services_list (void)
{
  return services;
}

const SlipService *
slip_services_find (const char *name)
{
  for (guint i = 0; services[i] != NULL; i++)
    if (g_str_equal (services[i]->name, name))
      return services[i];
  return NULL;
}
