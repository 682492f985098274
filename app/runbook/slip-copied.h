/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_copied:
 * @item: a snapshot or recovery point, as AWS describes it
 *
 * Whether @item is a copy. A copy's SnapshotCreateTime or CreationDate is when it was copied; AWS does not tell there
 * when the data was saved (DBClusterSnapshot and RecoveryPoint of the API references).
 *
 * Returns: whether AWS names what @item was copied from
 */
gboolean slip_copied (JsonObject *item);

G_END_DECLS
