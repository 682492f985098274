/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* A target's data is ScalableTarget, a policy's ScalingPolicy, as they are described; `tags` is the
 * target's map. Their ids are namespace, resource and dimension, a policy's also its name. */
#define AAS_TARGET "application-autoscaling.target"
#define AAS_POLICY "application-autoscaling.policy"

/* slip-autoscaling.c */
char *slip_autoscaling_id (JsonObject *input);

/* The target that a request names, or NULL with AWS's error. */
const SlipWorldRecord *
slip_autoscaling_need (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Whether a record is of the request's namespace. */
gboolean slip_autoscaling_is_of (const SlipWorldRecord *record, JsonObject *input);

/* A page of records as they are shown, filtered by the request. */
typedef gboolean (*SlipAutoscalingFilter) (const SlipWorldRecord *record, JsonObject *input);
JsonNode *slip_autoscaling_list (SlipServiceContext *ctx,
                                 JsonObject *input,
                                 const char *type,
                                 const char *member,
                                 SlipAutoscalingFilter filter,
                                 GError **error);

/* slip-autoscaling-policy.c */
JsonNode *slip_autoscaling_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_autoscaling_describe_policies (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_autoscaling_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Removes a policy with its alarms. */
void slip_autoscaling_remove_policy (SlipWorld *world, const SlipWorldRecord *policy);
JsonObject *slip_autoscaling_make_policy (SlipWorld *world,
                                          const char *account,
                                          const char *region,
                                          JsonObject *input);

G_END_DECLS
