/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-report.h"
#include "slip-status.h"

G_BEGIN_DECLS

/**
 * slip_stage_get_title:
 * @stage: a stage's name
 *
 * Returns: (transfer none): what people call it, translated
 */
const char *slip_stage_get_title (const char *stage);

/**
 * slip_measure_dup_title:
 * @measure: what became of rows
 *
 * Returns: (transfer full): it in words: `title: unknown code (X, Y)`
 */
char *slip_measure_dup_title (const SlipMeasure *measure);

/**
 * slip_stage_tone:
 * @state: (nullable): a stage's state as the migration database has it
 * @word: (out) (optional): it in a word, translated
 *
 * Returns: what it means
 */
SlipTone slip_stage_tone (const char *state, const char **word);

/**
 * slip_run_dup_state:
 * @run: how a run stands
 * @tone: (out) (optional): what it means
 *
 * Returns: (transfer full): its state in words; of one that is done, also the stage that failed since
 */
char *slip_run_dup_state (const SlipMigrationRunStatus *run, SlipTone *tone);

/**
 * slip_measure_get_look_kinds:
 *
 * Returns: (transfer none) (array zero-terminated=1): the kinds of measures whose rows a person should look at
 */
const char *const *slip_measure_get_look_kinds (void);

/**
 * slip_measure_get_kind_title:
 * @kind: one of slip_measure_get_look_kinds()
 *
 * Returns: (transfer none): what many of it are called, translated
 */
const char *slip_measure_get_kind_title (const char *kind);

/**
 * slip_measure_tone:
 * @measure: what became of rows
 * @word: (out): whether a person should look at it, in a word, translated
 *
 * Returns: what it means
 */
SlipTone slip_measure_tone (const SlipMeasure *measure, const char **word);

/**
 * slip_stage_dup_of:
 * @unit: (nullable): what is counted
 *
 * Returns: (transfer full): "1,200 of 48,112", then perhaps what is counted
 */
char *slip_stage_dup_of (guint64 done, guint64 total, const char *unit);

/**
 * slip_stage_dup_rate:
 * @rate: how many in a second; 0 is unknown
 * @unit: (nullable): what; `bytes` are told as a size
 *
 * Returns: (transfer full) (nullable): it, if it is known
 */
char *slip_stage_dup_rate (double rate, const char *unit);

/* Seconds that something took, and that are left; NULL for less than none, which is unknown. */
char *slip_stage_dup_time (double seconds);
char *slip_stage_dup_left (double seconds);

G_END_DECLS
