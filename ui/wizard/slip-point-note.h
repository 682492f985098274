/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-parameter-form.h"
#include "slip-plan.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_POINT_NOTE (slip_point_note_get_type ())

/**
 * SlipPointNote:
 *
 * What is told beside the field that chooses a snapshot or recovery point, for the value at hand: the
 * age of its data, and how long the procedure takes.
 */
G_DECLARE_FINAL_TYPE (SlipPointNote, slip_point_note, SLIP, POINT_NOTE, GObject)

/**
 * slip_point_note_new:
 * @workbench: whose lists and ledger are used
 * @runbook: what is planned
 * @form: its parameters; outlives the note
 *
 * Returns: (transfer full) (nullable): %NULL when no parameter chooses a point
 */
SlipPointNote *
slip_point_note_new (SlipWorkbench *workbench, SlipRunbook *runbook, SlipParameterForm *form);

/**
 * slip_point_note_stop:
 *
 * Ends the planning that goes on, because the person lets a plan be made now.
 */
void slip_point_note_stop (SlipPointNote *self);

/**
 * slip_point_note_take_plan:
 * @plan: a plan of what the form says now
 *
 * Tells what @plan knows.
 */
void slip_point_note_take_plan (SlipPointNote *self, SlipPlan *plan);

G_END_DECLS
