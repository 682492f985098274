/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-rds.h"

G_BEGIN_DECLS

/* Every operation that the service offers, and the function that serves it. */
#define SLIP_RDS_OPERATIONS(X)                                                                     \
  X (AddRoleToDBCluster, slip_rds_add_role_to_db_cluster)                                          \
  X (AddTagsToResource, slip_rds_add_tags_to_resource)                                             \
  X (CopyDBClusterSnapshot, slip_rds_copy_db_cluster_snapshot)                                     \
  X (CreateDBCluster, slip_rds_create_db_cluster)                                                  \
  X (CreateDBClusterParameterGroup, slip_rds_create_db_cluster_parameter_group)                    \
  X (CreateDBClusterSnapshot, slip_rds_create_db_cluster_snapshot)                                 \
  X (CreateDBInstance, slip_rds_create_db_instance)                                                \
  X (CreateDBParameterGroup, slip_rds_create_db_parameter_group)                                   \
  X (CreateDBSubnetGroup, slip_rds_create_db_subnet_group)                                         \
  X (CreateGlobalCluster, slip_rds_create_global_cluster)                                          \
  X (DeleteDBCluster, slip_rds_delete_db_cluster)                                                  \
  X (DeleteDBClusterAutomatedBackup, slip_rds_delete_db_cluster_automated_backup)                  \
  X (DeleteDBClusterParameterGroup, slip_rds_delete_db_cluster_parameter_group)                    \
  X (DeleteDBClusterSnapshot, slip_rds_delete_db_cluster_snapshot)                                 \
  X (DeleteDBInstance, slip_rds_delete_db_instance)                                                \
  X (DeleteDBParameterGroup, slip_rds_delete_db_parameter_group)                                   \
  X (DeleteDBSubnetGroup, slip_rds_delete_db_subnet_group)                                         \
  X (DeleteGlobalCluster, slip_rds_delete_global_cluster)                                          \
  X (DescribeAccountAttributes, slip_rds_describe_account_attributes)                              \
  X (DescribeCertificates, slip_rds_describe_certificates)                                         \
  X (DescribeDBClusterAutomatedBackups, slip_rds_describe_db_cluster_automated_backups)            \
  X (DescribeDBClusterEndpoints, slip_rds_describe_db_cluster_endpoints)                           \
  X (DescribeDBClusterParameterGroups, slip_rds_describe_db_cluster_parameter_groups)              \
  X (DescribeDBClusterParameters, slip_rds_describe_db_cluster_parameters)                         \
  X (DescribeDBClusterSnapshotAttributes, slip_rds_describe_db_cluster_snapshot_attributes)        \
  X (DescribeDBClusterSnapshots, slip_rds_describe_db_cluster_snapshots)                           \
  X (DescribeDBClusters, slip_rds_describe_db_clusters)                                            \
  X (DescribeDBEngineVersions, slip_rds_describe_db_engine_versions)                               \
  X (DescribeDBInstances, slip_rds_describe_db_instances)                                          \
  X (DescribeDBParameterGroups, slip_rds_describe_db_parameter_groups)                             \
  X (DescribeDBParameters, slip_rds_describe_db_parameters)                                        \
  X (DescribeDBSubnetGroups, slip_rds_describe_db_subnet_groups)                                   \
  X (DescribeEvents, slip_rds_describe_events)                                                     \
  X (DescribeGlobalClusters, slip_rds_describe_global_clusters)                                    \
  X (DescribeOrderableDBInstanceOptions, slip_rds_describe_orderable_db_instance_options)          \
  X (DescribePendingMaintenanceActions, slip_rds_describe_pending_maintenance_actions)             \
  X (FailoverDBCluster, slip_rds_failover_db_cluster)                                              \
  X (FailoverGlobalCluster, slip_rds_failover_global_cluster)                                      \
  X (ListTagsForResource, slip_rds_list_tags_for_resource)                                         \
  X (ModifyDBCluster, slip_rds_modify_db_cluster)                                                  \
  X (ModifyDBClusterParameterGroup, slip_rds_modify_db_cluster_parameter_group)                    \
  X (ModifyDBClusterSnapshotAttribute, slip_rds_modify_db_cluster_snapshot_attribute)              \
  X (ModifyDBInstance, slip_rds_modify_db_instance)                                                \
  X (ModifyDBParameterGroup, slip_rds_modify_db_parameter_group)                                   \
  X (ModifyDBSubnetGroup, slip_rds_modify_db_subnet_group)                                         \
  X (ModifyGlobalCluster, slip_rds_modify_global_cluster)                                          \
  X (RebootDBInstance, slip_rds_reboot_db_instance)                                                \
  X (RemoveFromGlobalCluster, slip_rds_remove_from_global_cluster)                                 \
  X (RemoveRoleFromDBCluster, slip_rds_remove_role_from_db_cluster)                                \
  X (RemoveTagsFromResource, slip_rds_remove_tags_from_resource)                                   \
  X (ResetDBClusterParameterGroup, slip_rds_reset_db_cluster_parameter_group)                      \
  X (RestoreDBClusterFromSnapshot, slip_rds_restore_db_cluster_from_snapshot)                      \
  X (RestoreDBClusterToPointInTime, slip_rds_restore_db_cluster_to_point_in_time)                  \
  X (StartDBCluster, slip_rds_start_db_cluster)                                                    \
  X (StopDBCluster, slip_rds_stop_db_cluster)                                                      \
  X (SwitchoverGlobalCluster, slip_rds_switchover_global_cluster)

#define SLIP_RDS_DECLARE(name, func)                                                               \
  JsonNode *func (SlipServiceContext *ctx, JsonObject *input, GError **error);
SLIP_RDS_OPERATIONS (SLIP_RDS_DECLARE)
#undef SLIP_RDS_DECLARE

/* Each registers what happens later in its part of the service. */
void slip_rds_cluster_attach (SlipWorld *world);
void slip_rds_cluster_make_attach (SlipWorld *world);
void slip_rds_cluster_change_attach (SlipWorld *world);
void slip_rds_cluster_delete_attach (SlipWorld *world);
void slip_rds_cluster_state_attach (SlipWorld *world);
void slip_rds_cluster_break_attach (SlipWorld *world);
void slip_rds_instance_attach (SlipWorld *world);
void slip_rds_instance_change_attach (SlipWorld *world);
void slip_rds_snapshot_attach (SlipWorld *world);
void slip_rds_global_attach (SlipWorld *world);
void slip_rds_global_change_attach (SlipWorld *world);
void slip_rds_global_members_attach (SlipWorld *world);
void slip_rds_lag_attach (SlipWorld *world);

/* Lets the secondaries' lag be measured, when there is a global cluster. */
gboolean slip_rds_lag_start (SlipWorld *world, GError **error);

/* The scenario's section `rds`. */
gboolean slip_rds_seed (const SlipSeed *seed, GError **error);
void slip_rds_prepare (SlipWorld *world, const char *account, const char *region);

G_END_DECLS
