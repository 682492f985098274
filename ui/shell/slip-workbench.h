/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"
#include "slip-estate-list.h"
#include "slip-job.h"
#include "slip-ledger.h"
#include "slip-run-list.h"
#include "slip-runbook.h"
#include "slip-runner.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/**
 * SlipWorkbenchState:
 * @SLIP_WORKBENCH_LOADING: the workspace and the ledger are being opened
 * @SLIP_WORKBENCH_READY: both are open
 * @SLIP_WORKBENCH_FAILED: one is not; slip_workbench_get_error() says why
 */
typedef enum
{
  SLIP_WORKBENCH_LOADING,
  SLIP_WORKBENCH_READY,
  SLIP_WORKBENCH_FAILED,
} SlipWorkbenchState;

#define SLIP_TYPE_WORKBENCH (slip_workbench_get_type ())

/**
 * SlipWorkbench:
 *
 * What all pages share: the workspace, the ledger, the jobs that are shown as activity, and the
 * runners of this process. Lives on the main thread. Signals: `state-changed`, `toast` (text),
 * `runs-changed` (the ledger gained entries of a run), `run-ended` (run id, title, state name),
 * `estate-changed` (environment's name, %NULL for all: lists of it may be old).
 */
G_DECLARE_FINAL_TYPE (SlipWorkbench, slip_workbench, SLIP, WORKBENCH, GObject)

/**
 * slip_workbench_new:
 * @workspace_path: a workspace file
 * @state_dir: the folder that holds the ledger
 *
 * Returns: (transfer full): a workbench that begins to load at once
 */
SlipWorkbench *slip_workbench_new (const char *workspace_path, const char *state_dir);

/**
 * slip_workbench_reload:
 * @self: a workbench
 *
 * Opens workspace and ledger again, as after a person has mended the file.
 */
void slip_workbench_reload (SlipWorkbench *self);

SlipWorkbenchState slip_workbench_get_state (SlipWorkbench *self);
const GError *slip_workbench_get_error (SlipWorkbench *self);
const char *slip_workbench_get_workspace_path (SlipWorkbench *self);
const char *slip_workbench_get_state_dir (SlipWorkbench *self);

/* NULL until the state is SLIP_WORKBENCH_READY. */
SlipWorkspace *slip_workbench_get_workspace (SlipWorkbench *self);
SlipLedger *slip_workbench_get_ledger (SlipWorkbench *self);

/**
 * slip_workbench_get_runbooks:
 *
 * Returns: (transfer none) (nullable): a #GListModel of #SlipRunbook, %NULL until the workbench is
 *   ready
 */
GListModel *slip_workbench_get_runbooks (SlipWorkbench *self);

/**
 * slip_workbench_get_runbook_problems:
 *
 * Returns: (transfer none) (nullable) (element-type utf8): `file: fault` for each document that was
 *   left out
 */
GPtrArray *slip_workbench_get_runbook_problems (SlipWorkbench *self);

/**
 * slip_workbench_find_runbook:
 * @name: a runbook's name
 *
 * Returns: (transfer none) (nullable): that runbook
 */
SlipRunbook *slip_workbench_find_runbook (SlipWorkbench *self, const char *name);

/**
 * slip_workbench_find_environment:
 * @name: (nullable): its name in the workspace
 *
 * Returns: (transfer none) (nullable): the environment
 */
SlipEnvironment *slip_workbench_find_environment (SlipWorkbench *self, const char *name);

/**
 * slip_workbench_get_estate:
 * @environment: an environment of the workspace
 * @kind: what to list
 *
 * Gives the one list of that kind, so that pages, pickers and the search share what was fetched. A
 * list made new is filled from the cache of the last start, when there is one, and refreshed.
 *
 * Returns: (transfer none): the list
 */
SlipEstateList *
slip_workbench_get_estate (SlipWorkbench *self, SlipEnvironment *environment, SlipEstateKind kind);

/**
 * slip_workbench_refresh_estate:
 * @list: one of the workbench's lists
 *
 * Lists anew, as a job in the activity panel.
 */
void slip_workbench_refresh_estate (SlipWorkbench *self, SlipEstateList *list);

/**
 * slip_workbench_freshen_estate:
 * @list: one of the workbench's lists
 *
 * Lists anew when a run has changed something in the environment since. For lists that are in sight;
 * others are old until somebody looks at them.
 */
void slip_workbench_freshen_estate (SlipWorkbench *self, SlipEstateList *list);

/**
 * slip_workbench_get_estates:
 *
 * Returns: (transfer container) (element-type SlipEstateList): the lists that were asked for so far
 */
GPtrArray *slip_workbench_get_estates (SlipWorkbench *self);

/**
 * slip_workbench_get_runs:
 *
 * Returns: (transfer none) (nullable): all runs, %NULL until the workbench is ready
 */
SlipRunList *slip_workbench_get_runs (SlipWorkbench *self);

/**
 * slip_workbench_get_jobs:
 *
 * Returns: (transfer none): a #GListModel of #SlipJob, newest first
 */
GListModel *slip_workbench_get_jobs (SlipWorkbench *self);
void slip_workbench_add_job (SlipWorkbench *self, SlipJob *job);

/**
 * slip_workbench_clear_jobs:
 *
 * Drops the jobs that have ended from the list.
 */
void slip_workbench_clear_jobs (SlipWorkbench *self);

/**
 * slip_workbench_ref_runner:
 * @run_id: a run
 *
 * Returns: (transfer full): the one runner this process has for the run, made when there is none
 */
SlipRunner *slip_workbench_ref_runner (SlipWorkbench *self, const char *run_id);

/**
 * slip_workbench_start_run:
 * @run_id: an approved or interrupted run
 * @title: what it is called in the activity panel
 *
 * Starts its runner, shows it as activity, and emits `run-ended` when it has ended.
 */
void slip_workbench_start_run (SlipWorkbench *self, const char *run_id, const char *title);

/**
 * slip_workbench_toast:
 * @text: one short line
 *
 * Shows @text for a moment.
 */
void slip_workbench_toast (SlipWorkbench *self, const char *text);

G_END_DECLS
