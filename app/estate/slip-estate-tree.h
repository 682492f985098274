/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-record.h"

G_BEGIN_DECLS

/**
 * SlipEstateTree:
 *
 * The rows of one list as a tree that is changed by difference. Main thread.
 */
typedef struct _SlipEstateTree SlipEstateTree;

SlipEstateTree *slip_estate_tree_new (SlipEnvironment *environment);
void slip_estate_tree_free (SlipEstateTree *tree);

/**
 * slip_estate_tree_get_roots:
 *
 * Returns: (transfer none): the rows of the first level, sorted
 */
GListStore *slip_estate_tree_get_roots (SlipEstateTree *tree);

/**
 * slip_estate_tree_merge:
 * @tree: a tree
 * @records: (element-type SlipEstateRecord): what came
 * @part: which listing it came from
 * @generation: which refresh it came in
 *
 * Adds what is new and changes what is known, in the fewest runs of rows. A row whose parent has not
 * come yet is kept back until it does, or until slip_estate_tree_settle().
 */
void
slip_estate_tree_merge (SlipEstateTree *tree, GPtrArray *records, guint part, guint generation);

/**
 * slip_estate_tree_sweep:
 * @tree: a tree
 * @part: a listing that ended in full
 * @generation: its refresh
 *
 * Drops the rows that @part listed before and did not list now.
 */
void slip_estate_tree_sweep (SlipEstateTree *tree, guint part, guint generation);

/**
 * slip_estate_tree_settle:
 *
 * All listings have ended: shows rows whose parent never came on the first level.
 */
void slip_estate_tree_settle (SlipEstateTree *tree);

/**
 * slip_estate_tree_get_copies:
 *
 * Returns: (transfer none) (nullable) (element-type SlipEstateCopy): what slip_estate_list_get_copies()
 *   returns
 */
GPtrArray *slip_estate_tree_get_copies (SlipEstateTree *tree, const char *id);

SlipResource *slip_estate_tree_find (SlipEstateTree *tree, const char *id);

/**
 * slip_estate_tree_count:
 *
 * Returns: how many things there are; groups do not count
 */
guint slip_estate_tree_count (SlipEstateTree *tree);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipEstateTree, slip_estate_tree_free)

G_END_DECLS
