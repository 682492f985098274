/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-job.h"
#include "slip-status.h"

G_BEGIN_DECLS

#define SLIP_TYPE_JOB_ROW (slip_job_row_get_type ())

/**
 * SlipJobRow:
 *
 * One job in the activity panel: what it is, how far it is, how fast, how long still, and a button
 * that cancels it.
 */
G_DECLARE_FINAL_TYPE (SlipJobRow, slip_job_row, SLIP, JOB_ROW, GtkListBoxRow)

GtkWidget *slip_job_row_new (SlipJob *job);

/**
 * slip_job_row_dup_title:
 *
 * Returns: (transfer full): what the window calls the job
 */
char *slip_job_row_dup_title (SlipJob *job);

/**
 * slip_job_row_dup_detail:
 *
 * Returns: (transfer full) (nullable): what it does, what came of it, or why it failed
 */
char *slip_job_row_dup_detail (SlipJob *job);

/**
 * slip_job_row_get_tone:
 *
 * Returns: how its state is drawn
 */
SlipTone slip_job_row_get_tone (SlipJob *job);

/**
 * slip_job_row_set_given_up:
 * @job: a job that has failed
 *
 * What the job carried out was cancelled afterwards, which ends the matter: its error needs nobody any
 * more, and rows and the activity line say so. Main thread.
 */
void slip_job_row_set_given_up (SlipJob *job);

G_END_DECLS
