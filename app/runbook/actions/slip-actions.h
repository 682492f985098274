/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-action.h"
#include "slip-migration.h"

G_BEGIN_DECLS

extern const SlipAction slip_action_approve;
extern const SlipAction slip_action_assert_property;
extern const SlipAction slip_action_branch;
extern const SlipAction slip_action_execute_automation;
extern const SlipAction slip_action_execute_aws_api;
extern const SlipAction slip_action_execute_state_machine;
extern const SlipAction slip_action_loop;
extern const SlipAction slip_action_pause;
extern const SlipAction slip_action_sleep;
extern const SlipAction slip_action_update_variable;
extern const SlipAction slip_action_wait_for_property;

/* What only a workstation has. */
extern const SlipAction slip_action_capture;
extern const SlipAction slip_action_command;
extern const SlipAction slip_action_count_items;
extern const SlipAction slip_action_edit_json;
extern const SlipAction slip_action_edit_secret;
extern const SlipAction slip_action_http;
extern const SlipAction slip_action_metric;
extern const SlipAction slip_action_migrate;
extern const SlipAction slip_action_follow_state_machine;
extern const SlipAction slip_action_run_task;
extern const SlipAction slip_action_sql;
extern const SlipAction slip_action_terraform;

/* The migration that `Definitions` and `Sidecar` name; NULL with an error. */
SlipMigration *slip_action_load_migration (JsonObject *inputs, GError **error);

/* A path of this machine, `~/` written out; NULL when there is none. */
char *slip_action_dup_path (JsonObject *inputs, const char *name);

/* Takes `Service`, `Api` and the rest of the inputs as the request of the planned step. */
gboolean slip_action_plan_request (SlipActionPlan *plan, const SlipActionInput *own);

G_END_DECLS
