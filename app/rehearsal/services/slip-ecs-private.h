/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* Ids: a cluster's name; FAMILY:REVISION in six digits; CLUSTER/NAME; CLUSTER/FAMILY/TASK, so that a
 * fault can name a family's tasks; CLUSTER/TOKEN; an image's pattern. */
#define ECS_CLUSTER "ecs.cluster"
#define ECS_DEFINITION "ecs.task-definition"
#define ECS_SERVICE "ecs.service"
#define ECS_TASK "ecs.task"
#define ECS_TOKEN "ecs.client-token"
#define ECS_PROGRAM "ecs.program"

typedef JsonNode *SlipEcsFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-ecs.c: what the files share */

/* A page of an array by nextToken and maxResults. Takes @items over. */
JsonNode *slip_ecs_page (JsonObject *input, const char *member, JsonArray *items, GError **error);

/* The last part of a name or an ARN. */
char *slip_ecs_base_name (const char *name_or_arn);

/* The active cluster that a call names ("default" when it names none), or ClusterNotFoundException. */
const SlipWorldRecord *
slip_ecs_need_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error);

void slip_ecs_copy (JsonObject *to, JsonObject *from, const char *const *members);
gboolean slip_ecs_wants (JsonObject *input, const char *what);
JsonObject *slip_ecs_failure (const char *arn, const char *reason);
SlipEcsFunc slip_ecs_tag, slip_ecs_untag, slip_ecs_list_tags;

/* slip-ecs-clusters.c */
SlipEcsFunc slip_ecs_create_cluster, slip_ecs_delete_cluster, slip_ecs_describe_clusters,
    slip_ecs_list_clusters;
void slip_ecs_make_cluster (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonArray *tags);

/* slip-ecs-definitions.c */
SlipEcsFunc slip_ecs_register_definition, slip_ecs_deregister_definition,
    slip_ecs_describe_definition, slip_ecs_list_definitions, slip_ecs_list_families;

/* Finds FAMILY (the newest active revision), FAMILY:REVISION or an ARN. */
const SlipWorldRecord *slip_ecs_find_definition (SlipWorld *world,
                                                 const char *account,
                                                 const char *region,
                                                 const char *name);

/* Makes the next revision of a family. Takes @data (the members of RegisterTaskDefinition) over. */
const SlipWorldRecord *slip_ecs_make_definition (
    SlipWorld *world, const char *account, const char *region, JsonObject *data, const char *by);

/* slip-ecs-tasks.c */
SlipEcsFunc slip_ecs_run_task, slip_ecs_describe_tasks, slip_ecs_list_tasks, slip_ecs_stop_task;

/* Makes a task that is PROVISIONING. @input may be NULL. Returns its id. */
char *slip_ecs_make_task (SlipWorld *world,
                          const SlipWorldRecord *cluster,
                          const SlipWorldRecord *definition,
                          const char *group,
                          const char *started_by,
                          JsonObject *input);

/* The tasks of a cluster, by name or ARN one of them. */
GPtrArray *slip_ecs_list_cluster_tasks (SlipWorld *world, const SlipWorldRecord *cluster);
const SlipWorldRecord *
slip_ecs_find_task (SlipWorld *world, const SlipWorldRecord *cluster, const char *name);

/* slip-ecs-life.c: a task's states */
void slip_ecs_life_attach (SlipWorld *world);

/* Lets a new task begin. */
void slip_ecs_life_begin (SlipWorld *world, const SlipWorldRecord *task);

/* A service's task runs without a program, at once. */
void slip_ecs_life_set_running (SlipWorld *world, const SlipWorldRecord *task);

/* Begins a task's end. */
void slip_ecs_life_stop (SlipWorld *world,
                         const SlipWorldRecord *task,
                         const char *stop_code,
                         const char *reason);

/* Tells @func of each task that stopped, in the transition that stops it. */
void slip_ecs_life_listen (void (*func) (SlipWorld *world, const SlipWorldRecord *task));

/* What became of tasks whose programs ended with an earlier server. */
gboolean slip_ecs_life_start (SlipWorld *world, GError **error);

/* slip-ecs-run.c: containers' programs as processes */

/* Why a task's containers cannot be started (role, secrets, log group), or NULL. */
char *slip_ecs_run_check (SlipWorld *world, const SlipWorldRecord *task);

/* Whether an image has a program. */
gboolean
slip_ecs_run_has_program (SlipWorld *world, const SlipWorldRecord *task, JsonObject *container);

/* Starts the programs of a task as soon as the transaction is over. */
void slip_ecs_run_start (SlipWorld *world, const SlipWorldRecord *task);

/* Ends the programs of a task: politely, or at once. */
void slip_ecs_run_end (const char *task_id, gboolean at_once);
void slip_ecs_run_stop (SlipWorld *world);

/* slip-ecs-services.c, slip-ecs-rollout.c */
SlipEcsFunc slip_ecs_create_service, slip_ecs_update_service, slip_ecs_delete_service,
    slip_ecs_describe_services, slip_ecs_list_services;
void slip_ecs_make_service (SlipWorld *world,
                            const SlipWorldRecord *cluster,
                            const SlipWorldRecord *definition,
                            JsonObject *input,
                            gboolean steady);
void slip_ecs_rollout_attach (SlipWorld *world);

/* Puts a new primary deployment in front, and lets it roll out. */
void slip_ecs_rollout_begin (SlipWorld *world,
                             const SlipWorldRecord *service,
                             JsonObject *data,
                             const char *definition_arn,
                             const char *why);

/* Lets the running tasks follow the counts. */
void slip_ecs_rollout_schedule (
    SlipWorld *world, const char *account, const char *region, const char *id, double seconds);
void slip_ecs_rollout_settle (SlipWorld *world, const SlipWorldRecord *service);
void slip_ecs_rollout_note (SlipWorld *world, JsonObject *service, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* slip-ecs-seed.c */
gboolean slip_ecs_seed (const SlipSeed *seed, GError **error);

G_END_DECLS
