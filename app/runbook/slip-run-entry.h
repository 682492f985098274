/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Kinds of entries that a run writes. What a person asks for is an entry too, so that it reaches the
 * run in whatever process. */
#define SLIP_RUN_PLANNED_KIND "run.planned"
#define SLIP_RUN_APPROVED_KIND "run.approved"
#define SLIP_RUN_COSIGNED_KIND "run.cosigned"
#define SLIP_RUN_STARTED_KIND "run.started"
#define SLIP_RUN_IDENTITY_KIND "run.identity"
#define SLIP_RUN_PAUSE_KIND "run.pause"
#define SLIP_RUN_RESUME_KIND "run.resume"
#define SLIP_RUN_CANCEL_KIND "run.cancel"
#define SLIP_RUN_PAUSED_KIND "run.paused"
#define SLIP_RUN_RESUMED_KIND "run.resumed"
#define SLIP_RUN_FINISHED_KIND "run.finished"
#define SLIP_RUN_GUARD_KIND "guard.result"
#define SLIP_STEP_INTENT_KIND "step.intent"
#define SLIP_STEP_OUTCOME_KIND "step.outcome"
#define SLIP_STEP_WAITING_KIND "step.waiting"
#define SLIP_STEP_OBSERVED_KIND "step.observed"
#define SLIP_STEP_OVERDUE_KIND "step.overdue"
#define SLIP_STEP_TURN_KIND "step.turn"
#define SLIP_STEP_DECIDED_KIND "step.decided"
#define SLIP_STEP_CONFIRMED_KIND "step.confirmed"
#define SLIP_STEP_ATTESTED_KIND "step.attested"
#define SLIP_STEP_COSIGNED_KIND "step.cosigned"
#define SLIP_STEP_APPROVED_KIND "step.approved"
#define SLIP_STEP_REJECTED_KIND "step.rejected"

/**
 * slip_run_entry_new:
 * @kind: the entry's kind
 * @run: the run
 * @step: (nullable): the step
 * @principal: (nullable): the STS ARN that acts, when it is known
 *
 * Returns: (transfer full): an entry with `kind`, `run`, `step` and `actor` filled in
 */
JsonObject *
slip_run_entry_new (const char *kind, const char *run, const char *step, const char *principal);

/**
 * slip_run_entry_new_of_call:
 * @kind: the entry's kind
 * @principal: (nullable): the STS ARN that acts, when it is known
 *
 * Returns: (transfer full): an entry of a change that belongs to no run
 */
JsonObject *slip_run_entry_new_of_call (const char *kind, const char *principal);

/**
 * slip_run_entry_data:
 * @entry: an entry
 *
 * Returns: (transfer none): its `data` object, made when absent
 */
JsonObject *slip_run_entry_data (JsonObject *entry);

/**
 * slip_run_entry_set_text:
 * @object: an entry or its data
 * @name: a member
 * @value: (nullable): its value; %NULL leaves the member out
 */
void slip_run_entry_set_text (JsonObject *object, const char *name, const char *value);

/**
 * slip_run_entry_set_error:
 * @entry: an entry
 * @error: why something failed
 *
 * Puts message, and code and request id of a service's error, into `data.error`, secrets redacted.
 */
void slip_run_entry_set_error (JsonObject *entry, const GError *error);

/**
 * slip_run_entry_dup_actor:
 * @entry: an entry
 *
 * Returns: (transfer full) (nullable): `user@host as ARN`
 */
char *slip_run_entry_dup_actor (JsonObject *entry);

/**
 * slip_run_entry_get_time:
 * @entry: an entry as the ledger gives it
 *
 * Returns: its time, microseconds since 1970, 0 when it has none
 */
gint64 slip_run_entry_get_time (JsonObject *entry);

G_END_DECLS
