/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* All ids are ARNs. */
#define ELB_BALANCER "elbv2.load-balancer"
#define ELB_LISTENER "elbv2.listener"
#define ELB_RULE "elbv2.rule"
#define ELB_GROUP "elbv2.target-group"

typedef JsonNode *SlipElbFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-elbv2-rules.c */
SlipElbFunc slip_elb_describe_rules, slip_elb_modify_rule;

/* A listener's rules, in the order in which they are asked; the default is last.
 * Returns: (element-type SlipWorldRecord) */
GPtrArray *slip_elb_list_rules (SlipWorld *world,
                                const char *account,
                                const char *region,
                                const char *listener_arn);

/* Completes a condition by the old member Values beside HostHeaderConfig and its like. Returns NULL
 * with an error when the condition makes no sense. */
JsonObject *slip_elb_make_condition (JsonObject *given, GError **error);

/* slip-elbv2-seed.c */
gboolean slip_elb_seed (const SlipSeed *seed, GError **error);

G_END_DECLS
