/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * SlipTreeHash:
 *
 * A SHA-256 digest by value.
 */
typedef struct
{
  guint8 bytes[SLIP_LEDGER_HASH_SIZE];
} SlipTreeHash;

/**
 * SLIP_TREE_MAX_LEVELS:
 *
 * A tree has fewer levels than this: sequence numbers are below 2^63.
 */
#define SLIP_TREE_MAX_LEVELS 64

/**
 * SlipTreeFrontier:
 * @size: how many leaves
 * @levels: @levels[L] is the root of a complete subtree of 2^L leaves, for each bit L set in @size
 *
 * What is needed of a tree to append to it and to know its root.
 */
typedef struct
{
  guint64 size;
  SlipTreeHash levels[SLIP_TREE_MAX_LEVELS];
} SlipTreeFrontier;

/**
 * SlipTreeNodeFunc:
 * @level: 0 for leaves
 * @index: the node's place in its level; it covers the leaves from @index × 2^@level
 * @hash: (out): its hash
 *
 * Looks up the root of a complete, aligned subtree.
 *
 * Returns: %FALSE with @error set when it cannot
 */
typedef gboolean (*SlipTreeNodeFunc) (
    guint level, guint64 index, SlipTreeHash *hash, gpointer data, GError **error);

/**
 * slip_tree_leaf:
 *
 * Computes SHA-256 (0x00 ‖ @entry), RFC 6962 §2.1.
 */
void slip_tree_leaf (const void *entry, gsize length, SlipTreeHash *hash);

/**
 * slip_tree_node:
 *
 * Computes SHA-256 (0x01 ‖ @left ‖ @right), RFC 6962 §2.1.
 */
void slip_tree_node (const SlipTreeHash *left, const SlipTreeHash *right, SlipTreeHash *hash);

/**
 * slip_tree_append:
 * @frontier: a tree
 * @leaf: the new leaf's hash
 * @completed: (out): the leaf and then each subtree root that it completes, upwards
 *
 * Returns: how many hashes are in @completed: 1 for every other leaf, about two on average
 */
guint slip_tree_append (SlipTreeFrontier *frontier,
                        const SlipTreeHash *leaf,
                        SlipTreeHash completed[SLIP_TREE_MAX_LEVELS]);

/**
 * slip_tree_completed:
 * @index: a leaf
 *
 * Returns: how many hashes slip_tree_append() gives for it
 */
guint slip_tree_completed (guint64 index);

/**
 * slip_tree_root:
 *
 * Computes the root of @frontier; of no leaves, SHA-256 of nothing.
 */
void slip_tree_root (const SlipTreeFrontier *frontier, SlipTreeHash *root);

/**
 * slip_tree_load:
 * @frontier: (out): the tree of the first @size leaves
 * @size: how many
 * @func: looks nodes up
 *
 * Returns: %FALSE with the error of @func
 */
gboolean slip_tree_load (
    SlipTreeFrontier *frontier, guint64 size, SlipTreeNodeFunc func, gpointer data, GError **error);

/**
 * slip_tree_inclusion:
 * @index: a leaf below @size
 * @size: the tree's size
 *
 * Returns: (transfer full) (nullable): the audit path of RFC 6962 §2.1.1, hashes in a row, or %NULL
 *   with the error of @func
 */
GByteArray *slip_tree_inclusion (
    guint64 index, guint64 size, SlipTreeNodeFunc func, gpointer data, GError **error);

/**
 * slip_tree_consistency:
 * @first: the earlier size, from 1 to @second
 * @second: the later size
 *
 * Returns: (transfer full) (nullable): the proof of RFC 6962 §2.1.2, hashes in a row, or %NULL with
 *   the error of @func
 */
GByteArray *slip_tree_consistency (
    guint64 first, guint64 second, SlipTreeNodeFunc func, gpointer data, GError **error);

G_END_DECLS
