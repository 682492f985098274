/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"

G_BEGIN_DECLS

/**
 * Scripted:
 *
 * A stand-in for AWS that answers what a test wrote down, and notes what it was asked. It begins as a
 * small estate in which the pre-migration snapshot can be planned: `production` (111111111111) with
 * cluster api-production and an older copy, `preproduction` (222222222222).
 */
typedef struct _Scripted Scripted;

Scripted *scripted_new (void);

/* A caller on the script; the script outlives it. */
SlipCaller *scripted_caller (Scripted *script);

/* The answer to `rds:DescribeDBClusters` in @environment from now on; JSON text. A text that begins
 * with `!` is a service error: `!Code message`; `!!` a broken connection. */
void
scripted_answer (Scripted *script, const char *environment, const char *call, const char *answer);

/* Answers only requests whose canonical text holds @part; those are looked at first. */
void scripted_answer_to (Scripted *script,
                         const char *environment,
                         const char *call,
                         const char *part,
                         const char *answer);

/* The environment's facts, to be changed. */
JsonObject *scripted_facts (Scripted *script, const char *environment);

void scripted_set_expiration (Scripted *script, gint64 time_us);
void scripted_set_skew (Scripted *script, gint64 skew_us);

/* How often a call was made, in all environments. */
guint scripted_count (Scripted *script, const char *call);
guint scripted_count_all (Scripted *script);
void scripted_free (Scripted *script);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scripted, scripted_free)

G_END_DECLS
