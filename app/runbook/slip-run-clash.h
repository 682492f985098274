/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/**
 * SlipRunClash:
 * @id: an unfinished run
 * @title: its procedure
 * @state: where it stands
 * @step: (nullable): the title of the step that it does next
 * @actor: (nullable): who planned it
 * @started: when it began, microseconds since 1970
 * @names: (nullable): what both may change: "a, b"
 * @unnamed: (nullable): the title of the step whose names are not known yet: with @unprovable one of
 *   those that ask, and @names is what it may meet; else one of this run
 * @needed: whether @names are what this run made or needs, and those that ask take away
 * @unprovable: whether it could not be told what both change
 * @why: (nullable): why the run cannot be read
 * @call: (nullable): what slip_open_call_describe() says, of a change that belongs to no run; nothing
 *   else counts then
 *
 * Another run that began and neither ended nor was cancelled, and that has something to change yet which
 * is asked about, or needs what those that ask take away. Or a change that belongs to no run, and of which no outcome is known.
 */
typedef struct
{
  char *id;
  char *title;
  SlipRunState state;
  char *step;
  char *actor;
  gint64 started;
  char *names;
  char *unnamed;
  gboolean needed;
  gboolean unprovable;
  char *why;
  char *call;
} SlipRunClash;

void slip_run_clash_free (SlipRunClash *clash);

/**
 * slip_run_clash_describe:
 *
 * Returns: (transfer full): one sentence that names the run, where it stands, and the ways out
 */
char *slip_run_clash_describe (const SlipRunClash *clash);

/**
 * slip_run_list_clashes:
 * @ledger: the ledger
 * @except: (nullable): a run that does not count: the one that asks
 * @steps: (element-type JsonObject): what it wants to do, steps of a plan as JSON
 * @error: return location
 *
 * Blocks for the disk. Any thread.
 *
 * Returns: (transfer full) (element-type SlipRunClash): the runs that @steps must not come between,
 *   newest first; %NULL with %SLIP_RUN_ERROR or %SLIP_LEDGER_ERROR when they cannot be read
 */
GPtrArray *
slip_run_list_clashes (SlipLedger *ledger, const char *except, JsonArray *steps, GError **error);

/**
 * slip_run_list_database_clashes:
 * @ledger: the ledger
 * @environment: an environment's name
 * @error: return location
 *
 * What must not be come between by work on a database of @environment that is in no plan, and of which nothing tells which
 * of them it is: a migration by hand. Blocks for the disk. Any thread.
 *
 * Returns: (transfer full) (element-type SlipRunClash): runs that may still change databases there, newest first; %NULL with
 *   %SLIP_RUN_ERROR or %SLIP_LEDGER_ERROR when they cannot be read
 */
GPtrArray *
slip_run_list_database_clashes (SlipLedger *ledger, const char *environment, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunClash, slip_run_clash_free)

G_END_DECLS
