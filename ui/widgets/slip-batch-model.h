/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-slot.h"

G_BEGIN_DECLS

#define SLIP_TYPE_BATCH_MODEL (slip_batch_model_get_type ())

/**
 * SlipBatchModel:
 *
 * The first rows of a tree, as a rule all of them, each in a #SlipSlot. Making the widgets of a row is
 * what costs, and a view of this GTK release makes those of two hundred rows whatever its height. So
 * when rows in sight come and go, their places stay and get other rows; rows for which there is no place
 * come a few a frame, with slip_batch_model_grow(). Many changes can be told as one. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipBatchModel, slip_batch_model, SLIP, BATCH_MODEL, GObject)

/**
 * slip_batch_model_new:
 * @model: (transfer full): the rows, a #GtkTreeListModel that is not passthrough
 * @at_once: how many rows to show before slip_batch_model_grow()
 *
 * Returns: (transfer full): a #GListModel of #SlipSlot
 */
SlipBatchModel *slip_batch_model_new (GListModel *model, guint at_once);

/**
 * slip_batch_model_begin:
 *
 * Keeps changes back until slip_batch_model_end(); the main loop must not run between the two.
 */
void slip_batch_model_begin (SlipBatchModel *self);

/**
 * slip_batch_model_end:
 * @self: a model
 * @at_once: how many rows to show at least when rows changed that have widgets or stand above such
 * @in_sight: how many places say at once that they have another row
 *
 * Tells of everything since slip_batch_model_begin() as one change. Behind the rows with widgets it is
 * told as it is.
 *
 * Returns: whether the rows below the change are told anew
 */
gboolean slip_batch_model_end (SlipBatchModel *self, guint at_once, guint in_sight);

/**
 * slip_batch_model_grow:
 * @rows: how many more rows to show, %G_MAXUINT for all
 *
 * To be called once a frame while slip_batch_model_is_growing(). Places that got another row say so
 * first, some in each call.
 */
void slip_batch_model_grow (SlipBatchModel *self, guint rows);

/**
 * slip_batch_model_pin:
 * @slot: (nullable): a place that keeps its row, as the selected one must
 */
void slip_batch_model_pin (SlipBatchModel *self, SlipSlot *slot);

/**
 * slip_batch_model_set_at_top:
 * @is_at_top: whether the view shows the first row, so that nothing in sight has to stay where it is
 *
 * At the top, places keep where they stand and get other rows, of which they say nothing before
 * slip_batch_model_grow(): however often rows come between two frames, they are shown once.
 */
void slip_batch_model_set_at_top (SlipBatchModel *self, gboolean is_at_top);

/**
 * slip_batch_model_get_n_shown:
 *
 * Returns: how many first rows are those of the other model
 */
guint slip_batch_model_get_n_shown (SlipBatchModel *self);

/**
 * slip_batch_model_is_growing:
 *
 * Returns: whether some rows are not shown yet, or some places did not say that they have another
 */
gboolean slip_batch_model_is_growing (SlipBatchModel *self);

G_END_DECLS
