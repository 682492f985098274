/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

#define CODEDEPLOY_APPLICATION "codedeploy.application"
/* `APPLICATION\tGROUP` */
#define CODEDEPLOY_GROUP "codedeploy.group"
#define CODEDEPLOY_DEPLOYMENT "codedeploy.deployment"

typedef JsonNode *SlipCodeDeployFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

char *slip_codedeploy_group_id (const char *application, const char *group);

/* The group of the input's names, or an error for the first that is not there. */
const SlipWorldRecord *
slip_codedeploy_need_group (SlipServiceContext *ctx, JsonObject *input, GError **error);
const SlipWorldRecord *
slip_codedeploy_need_application (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-codedeploy-deployments.c */
SlipCodeDeployFunc slip_codedeploy_create_deployment, slip_codedeploy_get_deployment,
    slip_codedeploy_list_deployments, slip_codedeploy_batch_get, slip_codedeploy_continue,
    slip_codedeploy_stop;
void slip_codedeploy_attach (SlipWorld *world);

G_END_DECLS
