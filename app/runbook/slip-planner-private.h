/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-planner.h"

G_BEGIN_DECLS

/**
 * SlipPlanning:
 * @runbook: the document
 * @options: as the caller gave them
 * @caller: reads AWS; answers are kept for as long as planning takes
 * @made: (nullable): the plan that is made again to be compared: what it holds of answers and files is
 *   taken, and nobody is asked
 * @clock: the time
 * @cancellable: (nullable): ends calls
 * @facts: what is known of the environment
 * @region: its first region
 * @started: the time that derived names take as now, microseconds since 1970
 * @parameters: by name, complete
 * @variables: by name, with the values they have at this point; absent when not known here
 * @first_variables: with the values they begin with
 * @globals: those that were used, by reference
 * @known: `Step.Output` → JsonNode, as read at planning
 * @unfit: the keys of @known whose values hold what would be read as a reference
 * @used: the keys of @known that something which will be done builds on, and those that were asked for
 *   and are not in it
 * @aliases: id of a step that is not in the plan (a loop) → id of what stands for it, "" for the end
 * @steps: the planned steps so far
 * @environments: by name, those that the plan touches
 * @guards: guards to evaluate, as objects for slip_guard_run()
 * @results: guard results of steps that were evaluated
 * @changed: whether a step so far changes something, so that reads mean nothing any more
 * @split: whether what comes depends on what only the run knows
 *
 * A plan in the making.
 */
typedef struct
{
  SlipRunbook *runbook;
  const SlipPlannerOptions *options;
  SlipCaller *caller;
  JsonObject *made;
  SlipClock *clock;
  GCancellable *cancellable;
  JsonObject *facts;
  const char *region;
  gint64 started;
  JsonObject *parameters;
  JsonObject *variables;
  JsonObject *first_variables;
  JsonObject *globals;
  GHashTable *known;
  GHashTable *unfit;
  GHashTable *used;
  GHashTable *aliases;
  JsonArray *steps;
  JsonObject *environments;
  JsonArray *guards;
  JsonArray *results;
  gboolean changed;
  gboolean split;
} SlipPlanning;

/**
 * SlipPlanScope:
 * @loop: (nullable): the name of the loop that the steps stand in
 * @body: (nullable): its steps
 * @prefix: goes before the names of its steps: "", `Loop[2].`, `Loop[*].`
 * @value: (nullable): the iterator's value in this turn
 * @number: the turn, from 1; 0 when turns are not known
 * @on_failure: what a step without its own onFailure does
 *
 * Where steps are planned: among the main steps, or in a turn of a loop.
 */
typedef struct
{
  const char *loop;
  JsonArray *body;
  const char *prefix;
  JsonNode *value;
  gint64 number;
  const char *on_failure;
} SlipPlanScope;

/* What a step yielded when the plan was made, for references to it. */
void
slip_planning_know (SlipPlanning *planning, const char *id, const char *output, JsonNode *value);

/* Resolves references in @node with what is known. With @use, what is looked up becomes part of what
 * the plan relies on. Names collected in @unknown (nullable). */
JsonNode *slip_planning_resolve (SlipPlanning *planning,
                                 const SlipPlanScope *scope,
                                 JsonNode *node,
                                 gboolean use,
                                 GPtrArray *unknown,
                                 GError **error);

/* The same for a string; what is not known stays. */
char *
slip_planning_resolve_text (SlipPlanning *planning, const SlipPlanScope *scope, const char *text);

/* Whether @name is a step of the turn that @scope is of; its id then begins with the scope's prefix. */
gboolean slip_planning_is_of_turn (const SlipPlanScope *scope, const char *name);

/* A value of `slipway:NAME`, NULL when there is none. */
JsonNode *slip_planning_workstation_value (JsonObject *facts, gint64 started, const char *name);

/* Plans one step that is no loop: appends to the steps. Returns the appended object, borrowed. */
JsonObject *slip_planning_add_step (SlipPlanning *planning,
                                    const SlipPlanScope *scope,
                                    JsonObject *step,
                                    gboolean evaluate,
                                    GError **error);

/* Makes the planned form of @step without appending it. */
JsonObject *slip_planning_make_step (SlipPlanning *planning,
                                     const SlipPlanScope *scope,
                                     JsonObject *step,
                                     GError **error);

/* Makes the call of a planned read, fills in `known`, and judges assertions. @failed tells that AWS
 * refused or that an assertion does not hold. FALSE with @error when planning must end. */
gboolean slip_planning_evaluate (SlipPlanning *planning,
                                 JsonObject *planned,
                                 gboolean *failed,
                                 GError **error);

/* Adds to @inputs what the step's `merge` takes from a captured map; what is there already stays. */
gboolean slip_planning_merge (SlipPlanning *planning,
                              const SlipPlanScope *scope,
                              JsonObject *slipway,
                              const char *id,
                              JsonObject *inputs,
                              GError **error);

/* The same with what the plan that is made again holds of the answer, which is not asked for. */
gboolean slip_planning_recall (SlipPlanning *planning,
                               JsonObject *planned,
                               gboolean *failed,
                               GError **error);

/* The step @id of the plan that is made again; NULL when there is no such plan or no such step. */
JsonObject *slip_planning_find_made (SlipPlanning *planning, const char *id);

/* All of planning but the evaluation of guards: the plan as JSON, without `guards` and `hash`. */
JsonNode *slip_planning_make (SlipPlanning *planning, GError **error);

/* Why one person is not enough for what was planned, or NULL. */
const char *slip_planning_second_person (SlipPlanning *planning);

void slip_planning_clear (SlipPlanning *planning);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipPlanning, slip_planning_clear)

/* Whether @planned captures settings, which is a read that planning makes too. */
gboolean slip_planning_is_capture (JsonObject *planned);

/* Makes the reads of a capture; its document becomes known. NULL with @error. */
JsonNode *slip_planning_capture (SlipPlanning *planning, JsonObject *planned, GError **error);

/* Plans all steps of the document. */
gboolean slip_planning_walk (SlipPlanning *planning, GError **error);

/* Names lead to steps of the plan, what may be passed is marked, what is relied on is noted. */
void slip_planning_finish (SlipPlanning *planning);

/* The guards of the document and those of every plan, after the steps are known. */
gboolean slip_planning_add_guards (SlipPlanning *planning, GError **error);

/* The guards of one step: into its `guards`, and among those evaluated at planning. */
gboolean slip_planning_add_step_guards (SlipPlanning *planning,
                                        const SlipPlanScope *scope,
                                        JsonObject *step,
                                        JsonObject *planned,
                                        GError **error);

/* The facts of an environment that the plan touches; remembers it. NULL with @error. */
JsonObject *slip_planning_touch (SlipPlanning *planning, const char *name, GError **error);

/* The region for @environment: @wanted, else the plan's when it has that, else its first. */
const char *slip_planning_region (SlipPlanning *planning, JsonObject *facts, const char *wanted);

/* What is wrong with a request that may still hold references, as text, or NULL. */
char *slip_check_partial_request (const char *service, const char *operation, JsonObject *request);

/* A caller that asks @caller only once for the same thing. */
SlipCaller *slip_caller_new_cached (SlipCaller *caller);

G_END_DECLS
