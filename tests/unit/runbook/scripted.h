/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-guard.h"

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

/* Answers the next @times of that call before anything else does. */
void scripted_answer_times (
    Scripted *script, const char *environment, const char *call, const char *answer, int times);

/* The environment's facts, to be changed. */
JsonObject *scripted_facts (Scripted *script, const char *environment);

/* One more environment; its facts with `name`, JSON text. */
void scripted_add_environment (Scripted *script, const char *facts);

void scripted_set_expiration (Scripted *script, gint64 time_us);
void scripted_set_skew (Scripted *script, gint64 skew_us);

/* How often a call was made, in all environments. */
guint scripted_count (Scripted *script, const char *call);
guint scripted_count_all (Scripted *script);
void scripted_free (Scripted *script);

/* When guards are asked: 2026-11-21T06:30:00Z. */
#define SCRIPTED_NOW (G_GINT64_CONSTANT (1795242600) * G_USEC_PER_SEC)

/**
 * ScriptedGuard:
 * @environment: where it looks, in eu-west-1
 * @guard: its name
 * @inputs: its inputs; JSON text
 * @run: (nullable): the run that asks
 * @ledger: (nullable): the audit log that it looks into
 *
 * A guard as it is asked.
 */
typedef struct
{
  const char *environment;
  const char *guard;
  const char *inputs;
  const char *run;
  SlipLedger *ledger;
} ScriptedGuard;

/* Fails when it comes to another @state, or does not say @words. */
void scripted_assert_guard (Scripted *script,
                            const ScriptedGuard *asked,
                            SlipGuardState state,
                            const char *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scripted, scripted_free)

G_END_DECLS
