/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

extern const SlipService slip_sts_service;
extern const SlipService slip_iam_service;
extern const SlipService slip_logs_service;
extern const SlipService slip_ecs_service;
extern const SlipService slip_elbv2_service;
extern const SlipService slip_ssm_service;
extern const SlipService slip_kms_service;
extern const SlipService slip_secretsmanager_service;
extern const SlipService slip_rds_service;
extern const SlipService slip_monitoring_service;
extern const SlipService slip_dynamodb_service;
extern const SlipService slip_autoscaling_service;
extern const SlipService slip_osis_service;
extern const SlipService slip_servicequotas_service;
extern const SlipService slip_backup_service;
extern const SlipService slip_cloudtrail_service;
extern const SlipService slip_s3_service;
extern const SlipService slip_ecr_service;
extern const SlipService slip_codedeploy_service;
extern const SlipService slip_states_service;

G_END_DECLS
