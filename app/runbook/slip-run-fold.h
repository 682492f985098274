/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-entry.h"
#include "slip-run.h"

G_BEGIN_DECLS

/**
 * SlipFoldStep:
 *
 * What the entries so far say of one step. See #SlipRunStep for the meaning of most members.
 */
typedef struct
{
  char *id;
  SlipPlanStep *plan_step; /* owned */
  SlipRunStepState state;
  char *detail;
  double progress;
  gint64 started;
  gint64 finished;
  gint64 deadline;
  gint64 waiting_since;
  gint64 progress_time; /* when @progress last moved */
  JsonNode *request;
  JsonNode *response;
  char *request_sha256;
  char *request_id;
  char *actor;
  JsonObject *outputs;
  char *idempotency;    /* token of the last intent */
  guint sends;          /* intents so far, of this and earlier processes */
  gboolean open;        /* an intent without outcome: unknown, once its process is gone */
  gint64 intent_time;   /* when the oldest open intent was written */
  gboolean changed;     /* it changed something in AWS */
  gboolean carried_out; /* something that it sent had an effect, or may have had one */
  char *decision;       /* `did` or `did-not`, not used yet */
  char *error_code;     /* of the last failure */
  gint64 confirmed;     /* when a typed or simple confirmation was given */
  char *confirmed_as;   /* STS principal of that, NULL when it was not known */
  gint64 attested;      /* when somebody attested */
  char *attested_as;    /* STS principal of that, NULL when it was not known */
  char *asked;         /* digest of what a second person was asked to vouch for; NULL for nothing */
  char *asked_says;    /* the sentence */
  char *asked_after;   /* digest of the run's last entry before it was asked */
  gint64 cosigned;     /* when that was cosigned; 0 for not */
  char *cosigned_by;   /* STS principal of that */
  char *cosigned_with; /* digest of the proof of that */
  gint64 cosigned_seq; /* the entry that says so */
  char *voided;        /* why what was said before counts no more */
  char *voided_text;   /* what names that which is confirmed instead */
  char *voided_for;    /* digest of the difference that voided it, when that was a guard's */
  GHashTable *approvers;  /* utf8 → the entry (GSIZE) that says so: who approved */
  char *rejected_by;      /* who rejected */
  gint64 turn;            /* of a loop: the turn it is in, from 1; 0 before the first */
  JsonNode *turn_value;   /* of a loop: the turn's value */
  JsonArray *turn_values; /* of a loop: all values, frozen with the first turn */
  gboolean released;      /* a person resumed the pause that it is */
  char *handle;           /* names what it started and waits for */
  gboolean has_secrets;   /* it has outputs that are not stored */
  GPtrArray *entries;     /* element-type JsonObject */
} SlipFoldStep;

/**
 * SlipRunFold:
 *
 * A run as its entries tell it. Not thread-safe: the engine and the window each have their own.
 */
typedef struct _SlipRunFold
{
  char *id;
  SlipPlan *plan; /* owned; NULL until run.planned */
  char *plan_hash;
  char *approved_hash;
  char *approved_by;
  char *approved_as;   /* STS principal of that */
  gint64 approved_seq; /* the entry that says so; 0 for none */
  char *cosigned_by;   /* STS principal of the second person, who cosigned this plan */
  char *cosigned_with; /* digest of the proof of that */
  gint64 cosigned_seq; /* the entry that says so; 0 for none */
  char *actor;         /* who planned it */
  SlipRunState state;
  char *message;
  char *need_step;
  char *need_text;
  char *need_guard;        /* the guard that could not be asked, and that a person may vouch for */
  char *need_guard_sha256; /* digest of that guard as it was asked */
  gboolean need_cosign;    /* the second person of the step that it names */
  GHashTable *vouched; /* such a digest → the entry (JsonObject) that says who vouched for it */
  char *cursor;        /* the step to do next; NULL at the end */
  GPtrArray *steps;
  GHashTable *by_id; /* id → SlipFoldStep, borrowed */
  JsonObject *variables;
  JsonObject *endpoints; /* environment → fingerprint, from run.started */
  JsonArray *leftovers;
  GHashTable *approvers; /* set of utf8: who approved the plan */
  gint64 planned;
  gint64 started;
  gint64 finished;
  gint64 changed;
  gint64 last_seq;
  gboolean cancel_requested;
  gboolean pause_requested;
  gboolean resume_requested;
  char *cancelled_by;
  GPtrArray *entries; /* element-type JsonObject */
} SlipRunFold;

SlipRunFold *slip_run_fold_new (const char *run_id);
void slip_run_fold_free (SlipRunFold *fold);

/* Steps are counted (g_rc_box), because a #SlipRunStep outlives its run. */
void slip_fold_step_unref (SlipFoldStep *step);

/**
 * slip_run_fold_apply:
 * @fold: a fold
 * @entry: (transfer none): the run's next entry
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_DAMAGED when @entry cannot follow what is there, for instance
 *   when the plan is not the one its hash names
 */
gboolean slip_run_fold_apply (SlipRunFold *fold, JsonObject *entry, GError **error);

/**
 * slip_run_fold_sync:
 * @fold: a fold
 * @ledger: the ledger
 * @error: return location
 *
 * Applies what the ledger has gained since. Blocks for the disk.
 *
 * Returns: %FALSE when the ledger cannot be read or the run is damaged
 */
gboolean slip_run_fold_sync (SlipRunFold *fold, SlipLedger *ledger, GError **error);

/**
 * slip_run_fold_find:
 *
 * Returns: (transfer none) (nullable): the step; a turn of a loop appears with its first entry
 */
SlipFoldStep *slip_run_fold_find (SlipRunFold *fold, const char *step_id);

/**
 * slip_run_fold_ensure_step:
 * @fold: a fold
 * @step_id: a planned step, or `Loop[3].Step` of a loop that is unrolled while running
 *
 * Returns: (transfer none) (nullable): the step, made when it is a turn that is not there yet; %NULL
 *   when the plan knows no such step
 */
SlipFoldStep *slip_run_fold_ensure_step (SlipRunFold *fold, const char *step_id);

/**
 * slip_run_fold_takes_away:
 * @operation: an operation's name
 *
 * Returns: whether what it acts on is not there afterwards
 */
gboolean slip_run_fold_takes_away (const char *operation);

/**
 * slip_run_fold_lookup:
 *
 * Returns: (transfer full) (nullable): the value of a reference: an output, a variable, a parameter,
 *   a global, `automation:EXECUTION_ID`, `Loop.CurrentIteratorValue`
 */
JsonNode *slip_run_fold_lookup (SlipRunFold *fold, const char *reference);

/**
 * slip_run_fold_dup_need_name:
 *
 * Returns: (transfer full) (nullable): as slip_run_dup_need_name()
 */
char *slip_run_fold_dup_need_name (SlipRunFold *fold);

/**
 * slip_run_fold_find_going_on:
 *
 * Returns: (transfer none) (nullable): as slip_run_get_going_on()
 */
const char *slip_run_fold_find_going_on (SlipRunFold *fold);

/**
 * slip_run_fold_list_leftovers:
 *
 * Returns: (transfer full): objects `{step, title, what, gone?, request?, undo, cost?}` for all that the run
 *   changed, in the order to undo it: the newest first; `gone` is true of what takes something away. Of what
 *   the run knows to be gone, see slip_run_fold_list_lost(), there is `lost`, which says why, and neither
 *   `undo` nor `cost`
 */
JsonArray *slip_run_fold_list_leftovers (SlipRunFold *fold);
/**
 * slip_run_fold_get_progress:
 * @fold: a fold
 * @now: the time, microseconds since 1970
 * @speed: how much faster than AWS the run's environment is, 1 or more
 *
 * What is done of the run, by the forecast of its steps. A wait is done as far as AWS last said
 * (`PercentProgress`) and as its own pace since then makes likely; where AWS says nothing, as far as the
 * forecast makes likely, and never all of it. Does not go back.
 *
 * Returns: 0 to 1
 */
double slip_run_fold_get_progress (SlipRunFold *fold, gint64 now, double speed);

/**
 * slip_run_fold_get_remaining:
 * @fold: a fold
 * @now: the time, microseconds since 1970
 * @speed: how much faster than AWS the run's environment is, 1 or more
 *
 * Returns: forecast seconds, at @speed, of what is still to do; for the step that waits by the pace that
 *   AWS keeps, within a quarter and four times its forecast
 */
double slip_run_fold_get_remaining (SlipRunFold *fold, gint64 now, double speed);

/**
 * slip_run_fold_dup_outcome:
 * @fold: a fold whose run came to its end
 *
 * Returns: (transfer full): how many steps were done and verified, and apart from those how many were skipped, or failed
 *   and held nothing up
 */
char *slip_run_fold_dup_outcome (SlipRunFold *fold);

/**
 * slip_run_lock_folder:
 *
 * Returns: (transfer full): where locks of runs in @ledger are kept
 */
char *slip_run_lock_folder (SlipLedger *ledger);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunFold, slip_run_fold_free)

G_END_DECLS
