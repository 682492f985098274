/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-record.h"

G_BEGIN_DECLS

/**
 * SlipEstateSink:
 * @records: (nullable) (element-type SlipEstateRecord): rows that came; called per page
 * @ended: the listing has ended; with an error it is not complete
 * @finished: all listings have ended
 *
 * What a refresh calls, on the default main context, in order within a part. Not called any more
 * once slip_estate_refresh_disconnect() was.
 */
typedef struct
{
  void (*records) (gpointer list, guint part, GPtrArray *records, gint64 cached_at);
  void (*ended) (gpointer list, guint part, const GError *error);
  void (*finished) (gpointer list);
} SlipEstateSink;

/**
 * SlipEstateRefresh:
 *
 * All listings of one kind of one environment, side by side on worker threads: one for each listing
 * and region. Reference counted.
 */
typedef struct _SlipEstateRefresh SlipEstateRefresh;

/**
 * slip_estate_refresh_new:
 * @environment: where
 * @kind: what
 * @cache_folder: (nullable): where complete listings are kept
 * @sink: (transfer none): static; what is called
 * @list: for @sink
 *
 * Returns: (transfer full): a refresh that has not begun
 */
SlipEstateRefresh *slip_estate_refresh_new (SlipEnvironment *environment,
                                            SlipEstateKind kind,
                                            const char *cache_folder,
                                            const SlipEstateSink *sink,
                                            gpointer list);
SlipEstateRefresh *slip_estate_refresh_ref (SlipEstateRefresh *refresh);
void slip_estate_refresh_unref (SlipEstateRefresh *refresh);

/**
 * slip_estate_refresh_start:
 *
 * Asks AWS.
 *
 * Returns: (transfer full): the job
 */
SlipJob *slip_estate_refresh_start (SlipEstateRefresh *refresh);

/**
 * slip_estate_refresh_start_cached:
 *
 * Reads what earlier refreshes kept; `ended` is not called, and broken files are passed over.
 *
 * Returns: (transfer full): the job
 */
SlipJob *slip_estate_refresh_start_cached (SlipEstateRefresh *refresh);

/**
 * slip_estate_refresh_disconnect:
 *
 * The list goes away: the sink is not called any more. Main thread.
 */
void slip_estate_refresh_disconnect (SlipEstateRefresh *refresh);

/**
 * slip_estate_part_dup_label:
 *
 * Returns: (transfer full): "eu-west-1 manual"
 */
char *slip_estate_part_dup_label (SlipEnvironment *environment, SlipEstateKind kind, guint part);
guint slip_estate_n_parts (SlipEnvironment *environment, SlipEstateKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipEstateRefresh, slip_estate_refresh_unref)

G_END_DECLS
