/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-resource.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * SlipResourceLink:
 * @label: for people
 * @page_id: (nullable): where it leads; %NULL when that is outside the workspace
 *
 * A way from one resource to another.
 */
typedef struct
{
  char *label;
  char *page_id;
} SlipResourceLink;

/**
 * slip_resource_list_links:
 * @workbench: where lists come from
 * @resource: where from
 * @lists: (nullable) (element-type SlipEstateList): takes the lists that the links come from; links may
 *   be more when their `state` changes
 *
 * The original of a recovery point and its copies, also in other accounts; the log of a task or service.
 * Asks for the list of the account that a copy comes from, when that was not listed yet.
 *
 * Returns: (transfer full) (element-type SlipResourceLink): the links
 */
GPtrArray *
slip_resource_list_links (SlipWorkbench *workbench, SlipResource *resource, GPtrArray *lists);

/**
 * slip_resource_dup_page_id:
 * @environment: its environment
 * @kind: the kind of list it is in
 * @id: its id
 *
 * Returns: (transfer full): the page that shows it
 */
char *slip_resource_dup_page_id (SlipEnvironment *environment, SlipEstateKind kind, const char *id);

G_END_DECLS
