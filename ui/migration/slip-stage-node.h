/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

#include "slip-run-report.h"
#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipStageNodeText:
 * @title: what it is
 * @tone: what its state means
 * @state: its state in a word, translated
 * @rows: (nullable): how many rows
 * @rate: (nullable): how many in a second
 * @time: (nullable): how long it took, or still takes
 * @note: (nullable): what a person should know
 * @leaf: whether nothing is ever below it
 * @measure: (nullable): the number whose rows can be opened; borrowed from the data that the tree keeps
 *
 * What a node shows. Texts are copied.
 */
typedef struct
{
  const char *title;
  SlipTone tone;
  const char *state;
  const char *rows;
  const char *rate;
  const char *time;
  const char *note;
  gboolean leaf;
  const SlipMeasure *measure;
} SlipStageNodeText;

#define SLIP_TYPE_STAGE_NODE (slip_stage_node_get_type ())

/**
 * SlipStageNode:
 *
 * One line of a run's tree: a stage, an entity or table, a step or rule, or what became of rows. `notify::text` tells
 * that it shows something else. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipStageNode, slip_stage_node, SLIP, STAGE_NODE, GObject)

const SlipStageNodeText *slip_stage_node_get_text (SlipStageNode *self);
const char *slip_stage_node_get_id (SlipStageNode *self);

/**
 * slip_stage_node_get_children:
 *
 * Returns: (transfer none): the nodes below it, which may be none
 */
GListStore *slip_stage_node_get_children (SlipStageNode *self);

/**
 * slip_stage_nodes_put:
 * @nodes: a list of nodes
 * @position: where the node stands
 * @id: what it is known by among them
 * @text: what it shows
 *
 * Lets the node @id stand at @position and show @text: the one that is there, or a new one. What stays keeps its
 * selection and what is open below it.
 *
 * Returns: (transfer none): the node
 */
SlipStageNode *slip_stage_nodes_put (GListStore *nodes,
                                     guint position,
                                     const char *id,
                                     const SlipStageNodeText *text);

/**
 * slip_stage_nodes_cut:
 * @n: how many stay
 *
 * Drops the nodes behind the first @n.
 */
void slip_stage_nodes_cut (GListStore *nodes, guint n);

G_END_DECLS
