/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-error.h"
#include "slip-guard.h"

G_BEGIN_DECLS

/* Of every plan: */
extern const SlipGuard slip_guard_clock;
extern const SlipGuard slip_guard_credentials;
extern const SlipGuard slip_guard_environment;
extern const SlipGuard slip_guard_identity;
extern const SlipGuard slip_guard_permissions;
extern const SlipGuard slip_guard_unfinished_runs;

/* Named by documents: */
extern const SlipGuard slip_guard_as_captured;
extern const SlipGuard slip_guard_change_freeze;
extern const SlipGuard slip_guard_cluster_healthy;
extern const SlipGuard slip_guard_cluster_left_behind;
extern const SlipGuard slip_guard_cluster_name_free;
extern const SlipGuard slip_guard_cluster_quota;
extern const SlipGuard slip_guard_consumer_name;
extern const SlipGuard slip_guard_environment_quiet;
extern const SlipGuard slip_guard_image_tag;
extern const SlipGuard slip_guard_kms_key_shareable;
extern const SlipGuard slip_guard_maintenance_mode;
extern const SlipGuard slip_guard_master_password;
extern const SlipGuard slip_guard_migration_apart;
extern const SlipGuard slip_guard_migration_ready;
extern const SlipGuard slip_guard_not_production;
extern const SlipGuard slip_guard_recovery_point_usable;
extern const SlipGuard slip_guard_restore_possible;
extern const SlipGuard slip_guard_services_run;
extern const SlipGuard slip_guard_snapshot_counted;
extern const SlipGuard slip_guard_snapshot_name_free;
extern const SlipGuard slip_guard_snapshot_quota;
extern const SlipGuard slip_guard_snapshot_replaceable;
extern const SlipGuard slip_guard_snapshot_restorable;
extern const SlipGuard slip_guard_snapshot_usable;
extern const SlipGuard slip_guard_snapshot_waiver;
extern const SlipGuard slip_guard_state_machine_ready;
extern const SlipGuard slip_guard_table_idle;
extern const SlipGuard slip_guard_table_name_free;
extern const SlipGuard slip_guard_table_restorable;
extern const SlipGuard slip_guard_target_account;
extern const SlipGuard slip_guard_task_definition;
extern const SlipGuard slip_guard_tool_version;
extern const SlipGuard slip_guard_unchanged;
extern const SlipGuard slip_guard_vault_allows_restore;

/* What a failed look means: never a pass, and a message that names the call. */
SlipGuardState slip_guard_unprovable (char **message, const char *what, const GError *error);

/* What another hand did to @resource (and @arn, which may be NULL), of which CloudTrail may tell whose that was: blocks. @was and @is are
 * objects with what is compared, by the names that people know it by; @is is NULL when it is gone. Passes when
 * they are the same. */
SlipGuardState slip_guard_judge_drift (SlipGuardContext *context,
                                       const char *resource,
                                       const char *arn,
                                       JsonNode *was,
                                       JsonNode *is,
                                       char **message);

/* ". The last change that CloudTrail knows is ModifyDBCluster by ann at 04:05"; nothing without @resource. */
char *slip_guard_name_actor (SlipGuardContext *context, const char *resource, const char *arn);

/* That of @resource it could not be told: whoever accepts what differs elsewhere accepts that too. */
void slip_guard_note_untold (SlipGuardContext *context, const char *resource, const char *message);

/* Whether a look failed because AWS shows no such thing, which is an answer; that it cannot be asked is none. */
gboolean slip_guard_is_gone (const GError *error);

/* An input as text; NULL when it is absent or empty. */
const char *slip_guard_input (SlipGuardContext *context, const char *name);

/* An input that is a list of strings, or one string, as a list. */
char **slip_guard_input_list (SlipGuardContext *context, const char *name);

/* Whether @name has @longest characters at most and is none of @others, the names of the same kind that the plan
 * gives to something else; else tells. RDS does not distinguish case. */
gboolean slip_guard_name_fits (
    const char *what, const char *name, gsize longest, const char *const *others, char **message);

/* The cluster called @name; NULL without @error when there is none. */
JsonObject *slip_guard_find_cluster (SlipGuardContext *context, const char *name, GError **error);

/* Whether the input `waiver` says that a snapshot is done without; `no`, or none, says that it is not. */
gboolean slip_guard_is_waived (SlipGuardContext *context);

/* The one cluster snapshot called @name (or with that ARN); NULL without @error when there is none. */
JsonObject *slip_guard_find_snapshot (SlipGuardContext *context, const char *name, GError **error);

/* The name of the snapshot that the copy task @task looks for, by its variables; NULL without @error when
 * they do not tell. Looks in the environment that the input `environment` names, if there is one. */
char *slip_guard_dup_copy_name (SlipGuardContext *context, const char *task, GError **error);

/* The snapshot that the copy task @task copies: its ARN when @account, who shares it, is told, else its name. Always
 * sets @error when it returns NULL. */
char *slip_guard_dup_copied (SlipGuardContext *context,
                             const char *task,
                             const char *account,
                             GError **error);

/* The KeyMetadata of a key, owned; NULL with @error unless the answer lacks it. */
JsonObject *slip_guard_describe_key (SlipGuardContext *context, const char *key, GError **error);

/* All manual cluster snapshots, page by page. */
JsonArray *slip_guard_list_snapshots (SlipGuardContext *context, GError **error);

/* A JSON object of this `kind` that a runbook left in Parameter Store under the input `parameter`; blocks
 * without a message when there is none. */
SlipGuardState slip_guard_read_record (SlipGuardContext *context,
                                       const char *kind,
                                       JsonNode **record,
                                       char **message);

/* What CloudWatch is asked for: hour by hour, of so many hours until now. */
typedef struct
{
  const char *name_space;
  const char *metric;
  const char *dimension;
  const char *value;
  const char *statistic;
  gint64 hours;
} SlipGuardMetric;

/* The answer of `GetMetricStatistics`. CloudWatch tells nothing of what nobody uses. */
JsonNode *
slip_guard_ask_metric (SlipGuardContext *context, const SlipGuardMetric *asked, GError **error);

/* "3 days", "2 h 10 min": the time since an ISO 8601 time. */
char *slip_guard_age (SlipGuardContext *context, const char *time);

G_END_DECLS
