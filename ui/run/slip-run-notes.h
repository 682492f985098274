/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"

G_BEGIN_DECLS

/**
 * slip_run_notes_dup_entry:
 * @entry: (nullable): an entry of the ledger
 *
 * Returns: (transfer full) (nullable): what it says of a missing signature or of another runbook, in
 *   sentences; %NULL when it says nothing of that
 */
char *slip_run_notes_dup_entry (JsonObject *entry);

/**
 * slip_run_notes_dup_text:
 * @run: a run
 *
 * Returns: (transfer full) (nullable): what whoever reads this run's evidence must know, of when it was
 *   last begun; %NULL when there is nothing
 */
char *slip_run_notes_dup_text (SlipRun *run);

/**
 * slip_run_notes_get_end:
 * @run: a run
 *
 * Returns: when it was over for good, in microseconds of real time: what is counted to its end grows no further. 0 while
 *   it may go on, as one that failed may
 */
gint64 slip_run_notes_get_end (SlipRun *run);

/**
 * slip_run_notes_get_first_change:
 * @run: a run
 *
 * Returns: when its first step that changes anything began, in microseconds of real time; 0 while none has. Procedures that
 *   bring data back have it attested before that nobody writes any more: what is lost grows no further from here on
 */
gint64 slip_run_notes_get_first_change (SlipRun *run);

/**
 * slip_run_notes_dup_need:
 * @run: a run
 *
 * Returns: (transfer full) (nullable): what it needs, why it failed, or how it ended; %NULL while it goes on
 *   and nobody asked anything of it
 */
char *slip_run_notes_dup_need (SlipRun *run);

/**
 * slip_run_notes_advise_new_plan:
 * @run: a run
 *
 * Returns: whether it failed, and the step's own advice (`ifItFails`, `hints`) is to plan again and not to
 *   resume; the words are told in data/runbooks/README.md
 */
gboolean slip_run_notes_advise_new_plan (SlipRun *run);

/**
 * slip_run_notes_dup_next:
 * @run: a run
 *
 * Returns: (transfer full): which run it is, how far it is, what it does next, and where its point of no
 *   return is; lines for a person who is asked whether it goes on
 */
char *slip_run_notes_dup_next (SlipRun *run);

/**
 * slip_run_notes_dup_meanwhile:
 * @run: a run that nobody carries out any more
 *
 * Returns: (transfer full): what AWS went on with, as slip_run_get_going_on() tells it, and what is looked up before the
 *   run does anything else
 */
char *slip_run_notes_dup_meanwhile (SlipRun *run);

G_END_DECLS
