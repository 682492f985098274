/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-waterfall.h"

G_BEGIN_DECLS

/* A landed table. */
typedef struct
{
  gint64 landed;
  gint64 kept;    /* what filters leave; -1 when no step makes rows of it */
  gint64 counted; /* kept, once for each table of the target that it feeds */
} SlipFallSource;

typedef struct
{
  SlipPg *pg;
  SlipMigration *migration;
  const SlipRunReport *report;
  SlipWaterfall *waterfall;
  GHashTable *sources; /* owned; name → SlipFallSource, in no order */
  GHashTable *seen;    /* owned; set of "TABLE\nSOURCE" */
} SlipFall;

void slip_fall_add_count (SlipWaterfallTable *table, SlipWaterfallLevel level, gint64 rows);
/* No gap where no rows are. */
void slip_fall_add_gap (SlipFall *fall,
                        SlipWaterfallTable *table,
                        SlipWaterfallLevel level,
                        const char *step,
                        const char *what,
                        const char *kind,
                        gint64 rows,
                        const SlipMeasure *measure);

/* The last level: what the last validation says of what is loaded. */
gboolean slip_fall_read_validation (SlipFall *fall, GError **error);

G_END_DECLS
