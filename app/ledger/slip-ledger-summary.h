/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipSummaryStep:
 *
 * One step of a run as the change record needs it. Texts are as the entries have them; %NULL when no
 * entry says.
 */
typedef struct
{
  char *id;
  char *title;
  char *region;
  char *operation;
  char *outcome;
  char *request_id;
  char *started;
  char *finished;
  char *detail;
} SlipSummaryStep;

/**
 * SlipSummaryGuard:
 *
 * What was proven, or could not be, before the run.
 */
typedef struct
{
  char *title;
  char *state;
  char *message;
} SlipSummaryGuard;

/**
 * SlipSummaryRun:
 *
 * One run as the change record needs it.
 */
typedef struct
{
  char *id;
  char *title;
  char *environment;
  char *account;
  char *plan_hash;
  char *planned_by;
  GPtrArray *approved; /* element-type utf8; `who, when` */
  GPtrArray *actors;   /* element-type utf8; everybody who acted */
  char *started;
  char *finished;
  char *outcome;
  char *message;
  gboolean overridden; /* whether some calls went to an endpoint that is not AWS's own */
  GPtrArray *guards;   /* element-type SlipSummaryGuard */
  GPtrArray *steps;    /* element-type SlipSummaryStep */
  GHashTable *by_id;
} SlipSummaryRun;

/**
 * SlipSummary:
 *
 * Who did what, when and how it ended, by run; a fold over entries.
 */
typedef struct
{
  GPtrArray *runs; /* element-type SlipSummaryRun; in the order of their first entries */
  GHashTable *by_id;
} SlipSummary;

SlipSummary *slip_summary_new (void);
void slip_summary_free (SlipSummary *summary);

/**
 * slip_summary_add:
 * @entry: the next entry, oldest first
 *
 * Takes an entry in. Members of another type than expected count as absent.
 */
void slip_summary_add (SlipSummary *summary, JsonObject *entry);

/**
 * slip_summary_actor:
 *
 * Returns: (transfer full) (nullable): `user@host as ARN`, as far as the entry says
 */
char *slip_summary_actor (JsonObject *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipSummary, slip_summary_free)

G_END_DECLS
