/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-estate-list.h"
#include "slip-key-kinds.h"

G_BEGIN_DECLS

/**
 * slip_resource_columns_add:
 * @view: a column view whose rows are #SlipSlot over #SlipResource
 * @kind: which list it shows
 * @keys: what is known of encryption keys
 *
 * Adds the columns of a kind of list, at most six, each sortable, and sorts by the one that people
 * look at first. Columns that the settings hide are left out.
 */
void slip_resource_columns_add (GtkColumnView *view, SlipEstateKind kind, SlipKeyKinds *keys);

/**
 * slip_resource_columns_list:
 * @kind: a kind of list
 * @ids: (out) (transfer container) (array zero-terminated=1): the columns' names in the settings
 * @titles: (out) (transfer container) (array zero-terminated=1): their titles, translated
 *
 * What preferences offer to hide: all but the name.
 */
void slip_resource_columns_list (SlipEstateKind kind, const char ***ids, const char ***titles);

/**
 * slip_resource_dup_age:
 *
 * Returns: (transfer full): how long ago @resource was made
 */
char *slip_resource_dup_age (SlipResource *resource);

G_END_DECLS
