/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_TYPE_BATCH_MODEL (slip_batch_model_get_type ())

/**
 * SlipBatchModel:
 *
 * The first rows of another model, as a rule all of them. Many changes of that model can be told as
 * one, and after a change of what is in sight the view can be given a few rows at once and the others
 * with the next frames: making the widgets of a row is what costs, and a view makes those of two
 * hundred rows whatever its height. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipBatchModel, slip_batch_model, SLIP, BATCH_MODEL, GObject)

/**
 * slip_batch_model_new:
 * @model: (transfer full): the rows
 *
 * Returns: (transfer full): a model that shows all of them
 */
SlipBatchModel *slip_batch_model_new (GListModel *model);

/**
 * slip_batch_model_begin:
 * @self: a model
 * @with_widgets: how many first rows have widgets; of these, the ones below what is seen stay until
 *   slip_batch_model_grow() brings others
 *
 * Keeps changes back until slip_batch_model_end(); the main loop must not run between the two.
 */
void slip_batch_model_begin (SlipBatchModel *self, guint with_widgets);

/**
 * slip_batch_model_end:
 * @self: a model
 * @in_sight: how many first rows have widgets: a change behind them is told as it is
 * @at_once: how many rows to show when a row before @in_sight changed
 *
 * Tells of everything since slip_batch_model_begin() as one change.
 *
 * Returns: whether a row before @in_sight changed
 */
gboolean slip_batch_model_end (SlipBatchModel *self, guint in_sight, guint at_once);

/**
 * slip_batch_model_grow:
 * @rows: how many more rows to show, %G_MAXUINT for all
 */
void slip_batch_model_grow (SlipBatchModel *self, guint rows);

/**
 * slip_batch_model_get_n_shown:
 *
 * Returns: how many first rows are those of the other model
 */
guint slip_batch_model_get_n_shown (SlipBatchModel *self);

/**
 * slip_batch_model_is_growing:
 *
 * Returns: whether some rows are not shown yet, or old ones are still there
 */
gboolean slip_batch_model_is_growing (SlipBatchModel *self);

G_END_DECLS
