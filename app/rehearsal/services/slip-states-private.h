/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* Ids: a machine's name; MACHINE/EXECUTION; the ECS task's. */
#define STATES_MACHINE "states.state-machine"
#define STATES_EXECUTION "states.execution"
#define STATES_TASK "states.task"

/* So many bytes may an input or output have, and so many events an execution. */
#define STATES_DATA_LIMIT (256 * 1024)
#define STATES_EVENT_LIMIT 25000

typedef JsonNode *SlipStatesFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* Why a state failed: a name that Retry and Catch match, and a sentence. */
typedef struct
{
  char *error;
  char *cause;
} SlipStatesFault;

void slip_states_fault_clear (SlipStatesFault *fault);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipStatesFault, slip_states_fault_clear)

/* Sets @fault; returns NULL, so that whoever fails can return it. */
gpointer slip_states_fail (SlipStatesFault *fault, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* What paths look into: the state's input as `$`, the context object as `$$`. */
typedef struct
{
  JsonNode *input;
  JsonNode *context;
} SlipStatesScope;

/* slip-states.c: what may be made, and making it. */

/* Whether @arn is a role of the account that Step Functions may assume. */
gboolean
slip_states_check_role (SlipWorld *world, const char *account, const char *arn, GError **error);

/* Makes a machine, as CreateStateMachine does; @role is an ARN. In a transaction. */
gboolean slip_states_make_machine (SlipWorld *world,
                                   const char *account,
                                   const char *region,
                                   const char *name,
                                   const char *definition,
                                   const char *role,
                                   GError **error);

/* slip-states-seed.c: the scenario's machines */

gboolean slip_states_seed (const SlipSeed *seed, GError **error);
gboolean slip_states_start (SlipWorld *world, GError **error);

/* slip-states-path.c: reading and writing JSON by paths */

/* The value at `$…` or `$$…`; NULL with @fault called @name when it is not there. */
JsonNode *slip_states_select (const SlipStatesScope *scope,
                              const char *path,
                              const char *name,
                              SlipStatesFault *fault);

/* The same, of what may be absent: NULL then, without a fault. */
JsonNode *slip_states_find (const SlipStatesScope *scope, const char *path);

/* A payload template: members that end in `.$` are paths or intrinsic functions. */
JsonNode *
slip_states_fill (const SlipStatesScope *scope, JsonNode *template, SlipStatesFault *fault);

/* A copy of @raw with @value at a reference path. */
JsonNode *
slip_states_place (JsonNode *raw, const char *path, JsonNode *value, SlipStatesFault *fault);

/* The words of a reference path, `$.a['b'][0]`: names, and numbers with `#` in front. NULL when it is none. */
char **slip_states_reference_split (const char *path);
gboolean slip_states_is_path (const char *text);

/* slip-states-intrinsic.c */

/* The value of `States.…(…)`. */
JsonNode *
slip_states_call (const SlipStatesScope *scope, const char *expression, SlipStatesFault *fault);
gboolean slip_states_is_call (const char *text);

/* slip-states-choice.c */

/* Where a Choice state goes; NULL with @fault. */
const char *
slip_states_choose (const SlipStatesScope *scope, JsonObject *state, SlipStatesFault *fault);
gboolean slip_states_is_comparison (const char *name);

/* slip-states-check.c */

/* All that is wrong with a definition: element-type SlipStatesFinding. */
typedef struct
{
  char *code;
  char *message;
  char *location;
} SlipStatesFinding;

GPtrArray *slip_states_check (const char *definition);
gboolean slip_states_offers (const char *resource);

/* slip-states-check-state.c: one state's own fields */
void slip_states_check_fields (GPtrArray *findings, JsonObject *state, const char *location);
void slip_states_find_fault (GPtrArray *findings,
                             const char *code,
                             const char *location,
                             const char *format,
                             ...) G_GNUC_PRINTF (4, 5);

/* slip-states-run.c: one execution, opened to go on with it */

typedef struct
{
  SlipWorld *world;
  char *account;
  char *region;
  char *id;
  JsonObject *data;     /* owned: a copy that close() puts back */
  JsonNode *definition; /* owned */
} SlipStatesRun;

/* An execution that is RUNNING, or NULL. */
SlipStatesRun *
slip_states_run_open (SlipWorld *world, const char *account, const char *region, const char *id);

/* Puts it back. */
void slip_states_run_close (SlipStatesRun *run);

/* Writes an event; returns its number. @thread may be NULL; @member names @details, which are taken over. */
gint64 slip_states_note (SlipStatesRun *run,
                         JsonObject *thread,
                         const char *type,
                         const char *member,
                         JsonObject *details);
JsonObject *slip_states_thread (SlipStatesRun *run, const char *name);
JsonObject *slip_states_state (SlipStatesRun *run, JsonObject *thread);
JsonObject *slip_states_scope_states (SlipStatesRun *run, JsonObject *thread);
JsonNode *slip_states_context (SlipStatesRun *run, JsonObject *thread);

/* A new thread of states, child of @parent (nullable). @scope is taken over; @input is copied. */
const char *slip_states_add_thread (
    SlipStatesRun *run, JsonObject *parent, guint index, JsonArray *scope, JsonNode *input);
void
slip_states_schedule (SlipStatesRun *run, JsonObject *thread, double seconds, const char *kind);

/* What was scheduled for the thread before counts no more. */
void slip_states_turn (JsonObject *thread);

/* The end: SUCCEEDED with @output, or another status with @fault. */
void slip_states_end (SlipStatesRun *run,
                      const char *status,
                      JsonNode *output,
                      const SlipStatesFault *fault);
char *slip_states_collection (const char *account, const char *region, const char *id);
gint64 slip_states_events (const SlipWorldRecord *execution);

/* slip-states-walk.c: states, one after another */
void slip_states_walk_attach (SlipWorld *world);

/* The state that a thread is in came to its end: with @result, or with @fault. */
void slip_states_succeed (SlipStatesRun *run, JsonObject *thread, JsonNode *result);
void slip_states_break (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault);

/* Lets a thread and its children end without a result, and what they run stop. */
void slip_states_abort (SlipStatesRun *run, JsonObject *thread, const char *why);

/* The state's effective input, which its own fields see. */
JsonNode *slip_states_effective (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault);

/* slip-states-fan.c: Parallel and Map */
void slip_states_fan_enter (SlipStatesRun *run, JsonObject *thread, JsonNode *input);
void slip_states_fan_joined (SlipStatesRun *run, JsonObject *child, JsonNode *result);

/* slip-states-task.c: the work that a Task state has done */
void slip_states_task_attach (SlipWorld *world);
void slip_states_task_enter (SlipStatesRun *run, JsonObject *thread, JsonNode *input);
void slip_states_task_stop (SlipStatesRun *run, JsonObject *thread, const char *why);
SlipStatesFunc slip_states_send_heartbeat, slip_states_send_success, slip_states_send_failure;

/* slip-states-executions.c */
SlipStatesFunc slip_states_start_execution, slip_states_describe_execution,
    slip_states_describe_machine_for_execution, slip_states_list_executions,
    slip_states_stop_execution, slip_states_get_history;

/* slip-states.c */
const SlipWorldRecord *
slip_states_need_machine (SlipServiceContext *ctx, const char *arn, GError **error);

G_END_DECLS
