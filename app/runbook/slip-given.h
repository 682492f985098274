/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-plan.h"

G_BEGIN_DECLS

/**
 * slip_given_minutes:
 * @step: a step
 *
 * Returns: how long a word holds that a person says for @step, minutes: as its `confirm` says, or its `resume`,
 *   or 60
 */
gint64 slip_given_minutes (SlipPlanStep *step);

/**
 * SlipGiven:
 *
 * Words that a command line says beforehand. Each answers one question, once: who is asked again, because
 * something was changed or hours went by, has not answered that. Not thread-safe.
 */
typedef struct _SlipGiven SlipGiven;

/**
 * slip_given_new:
 * @said: when the command began, microseconds since 1970: that is when its words were said
 *
 * Returns: (transfer full): a new one
 */
SlipGiven *slip_given_new (gint64 said);
void slip_given_free (SlipGiven *self);

/**
 * slip_given_take:
 * @self: words
 * @list: (nullable) (array zero-terminated=1): `NAME` or `NAME=TEXT` of each; must outlive @self
 * @name: the question
 * @step: the step that asks
 * @now: the time, microseconds since 1970
 *
 * Returns: (transfer none) (nullable): the text of the first word for @name that was not taken yet, `""` when it
 *   has none; %NULL when there is none, or it was said longer ago than a word for @step holds
 */
const char *
slip_given_take (SlipGiven *self, char **list, const char *name, SlipPlanStep *step, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipGiven, slip_given_free)

G_END_DECLS
