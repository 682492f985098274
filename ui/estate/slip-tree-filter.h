/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-resource.h"

G_BEGIN_DECLS

#define SLIP_TYPE_FILTER_STATE (slip_filter_state_get_type ())

/**
 * SlipFilterState:
 *
 * What is looked for in a tree, shared by the filters of all its levels.
 */
G_DECLARE_FINAL_TYPE (SlipFilterState, slip_filter_state, SLIP, FILTER_STATE, GObject)

SlipFilterState *slip_filter_state_new (void);

/**
 * slip_filter_state_set_text:
 * @self: a state
 * @text: words, all of which must occur; ASCII case does not count
 */
void slip_filter_state_set_text (SlipFilterState *self, const char *text);
const char *slip_filter_state_get_text (SlipFilterState *self);
gboolean slip_filter_state_is_empty (SlipFilterState *self);

/**
 * slip_filter_state_set_region:
 * @region: (nullable): only what is there; %NULL for all
 */
void slip_filter_state_set_region (SlipFilterState *self, const char *region);

/**
 * slip_filter_state_tell_below:
 * @self: a state
 * @parent: a row
 *
 * Filters the rows below it. When the text or the region changes only short levels are filtered at once;
 * a long one is when this is called, so that those in sight can come first.
 */
void slip_filter_state_tell_below (SlipFilterState *self, SlipResource *parent);

/**
 * slip_filter_state_tell_all:
 *
 * Filters all long levels that were not yet.
 */
void slip_filter_state_tell_all (SlipFilterState *self);

/**
 * slip_tree_filter_is_long:
 * @parent: a row
 *
 * Returns: whether thousands of rows may stand right below it, none of which has rows of its own
 */
gboolean slip_tree_filter_is_long (SlipResource *parent);

#define SLIP_TYPE_TREE_FILTER (slip_tree_filter_get_type ())

/**
 * SlipTreeFilter:
 *
 * A filter for one level of a tree of #SlipResource. A row stays when it, together with the names of
 * the rows above it, has all words, or when a row below it stays.
 */
G_DECLARE_FINAL_TYPE (SlipTreeFilter, slip_tree_filter, SLIP, TREE_FILTER, GtkFilter)

/**
 * slip_tree_filter_new:
 * @state: what is looked for
 * @parent: (nullable): the row whose children are filtered, %NULL for the first level
 */
SlipTreeFilter *slip_tree_filter_new (SlipFilterState *state, SlipResource *parent);

G_END_DECLS
