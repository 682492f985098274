/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-trace.h"

G_BEGIN_DECLS

#define SLIP_TRACE_MAX_ROWS 50

typedef struct
{
  SlipMigration *migration;
  const SlipSchemas *schemas;
  gint64 run;
  SlipPg *pg;
  SlipPg *target; /* nullable */
  SlipTrace *trace;
  GHashTable *keys; /* table of the transform → its keys of this record, as SQL literals */
  gboolean filtered;
  gboolean integrated; /* whether what stands in the integration schema is this run's */
} SlipTracing;

GPtrArray *slip_trace_new_steps (void);
SlipTraceStep *
slip_trace_add (SlipTrace *trace, const char *stage, const char *table, const char *rule);
gboolean slip_trace_has_table (SlipTracing *tracing, const char *schema, const char *table);

/* From the transform on: keys, the target, the validation. */
gboolean slip_trace_read_keys (SlipTracing *tracing, GError **error);
gboolean slip_trace_read_validation (SlipTracing *tracing, GError **error);

G_END_DECLS
