/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-process.h"
#include "slip-run-engine.h"

G_BEGIN_DECLS

/* What the actions of this machine share: intents and outcomes of work that is no call of AWS, programs,
 * the run's folder, what is lent to programs. */

/**
 * slip_run_local_folder:
 * @context: a step under way
 * @error: return location
 *
 * The run's folder, made with mode 0700 when it is not there: for backups, plans and logs that do not
 * belong into the ledger because of their size or their secrets.
 *
 * Returns: (transfer full): its path beside the ledger's, or %NULL with %SLIP_RUN_ERROR_FAILED
 */
char *slip_run_local_folder (SlipRunContext *context, GError **error);

/**
 * slip_run_local_path:
 * @context: a step under way
 * @what: what the file is, as a prefix of its name, `state-`
 * @suffix: its ending, `.json`
 * @error: return location
 *
 * Returns: (transfer full): the path of the step's own file in the run's folder
 */
char *
slip_run_local_path (SlipRunContext *context, const char *what, const char *suffix, GError **error);

/**
 * slip_run_local_environ:
 * @context: a step under way
 * @own: (nullable): variables of the step, values resolved
 * @passed: (nullable) (array zero-terminated=1): variables of this process to pass on besides
 * @lend: whether to lend it the credentials of the step's environment
 * @error: return location
 *
 * The environment for a program. What is secret in it is taken out of everything that is stored from
 * then on. Pauses for a sign-in where that helps.
 *
 * Returns: (transfer full) (array zero-terminated=1): the variables; free with
 *   slip_aws_environ_free()
 */
char **slip_run_local_environ (SlipRunContext *context,
                               JsonObject *own,
                               const char *const *passed,
                               gboolean lend,
                               GError **error);

/**
 * slip_run_local_hide:
 * @context: a step under way
 * @name: what it is
 * @value: a secret
 *
 * Takes @value out of everything that this process stores for the run from now on.
 */
void slip_run_local_hide (SlipRunContext *context, const char *name, const char *value);

/**
 * slip_run_local_intent:
 * @context: a step under way
 * @operation: (nullable): what is done, `terraform:import`; %NULL for the step's own
 * @request: (transfer full) (nullable): exactly what, without secrets
 * @error: return location
 *
 * Writes that it is about to be done, and on which machine. Nothing may be done when that fails.
 */
gboolean slip_run_local_intent (SlipRunContext *context,
                                const char *operation,
                                JsonObject *request,
                                GError **error);

/**
 * slip_run_local_settle:
 * @context: a step under way
 * @operation: (nullable): as in the intent
 * @outcome: `part` for one of several things done, `absent` for what came to nothing, `unknown`
 * @detail: (nullable): one line for people
 * @data: (transfer full) (nullable): members for the entry's data, without secrets
 * @error: return location
 *
 * Writes what became of an intent, and that the step goes on.
 */
gboolean slip_run_local_settle (SlipRunContext *context,
                                const char *operation,
                                const char *outcome,
                                const char *detail,
                                JsonObject *data,
                                GError **error);

/**
 * slip_run_local_observe:
 * @context: a step under way
 * @detail: one line for people
 * @progress: 0 to 1, or -1
 * @data: (transfer full) (nullable): members for the entry's data
 * @error: return location
 *
 * Writes what is seen meanwhile.
 */
gboolean slip_run_local_observe (
    SlipRunContext *context, const char *detail, double progress, JsonObject *data, GError **error);

/**
 * slip_run_local_find_data:
 * @context: a step under way
 * @name: a member of the data of the step's entries
 *
 * Returns: (transfer none) (nullable): its last value, by this or an earlier process
 */
JsonNode *slip_run_local_find_data (SlipRunContext *context, const char *name);

/**
 * slip_run_local_may_begin:
 * @context: a step under way that changes something
 * @begin: (out): whether to do it; else the step's outcome is set
 * @error: return location
 *
 * Before something is done that cannot look for itself whether it was done: an intent without outcome
 * is judged by the step's resume rule, and where that cannot tell, by a person.
 *
 * Returns: %FALSE when it cannot be judged
 */
gboolean slip_run_local_may_begin (SlipRunContext *context, gboolean *begin, GError **error);

/**
 * slip_run_local_ask:
 * @context: a step under way whose intent is written
 * @failure: (transfer full): how it ended, when nobody can tell what it did
 * @error: return location
 *
 * Leaves it to a person whether a change happened that broke off. What only reads, and what can look for
 * itself (all rules but R4), fails with @failure.
 *
 * Returns: %TRUE when it did happen; the step's outcome is set
 */
gboolean slip_run_local_ask (SlipRunContext *context, GError *failure, GError **error);

/**
 * SLIP_RUN_PROGRAM_SECONDS:
 *
 * How long a program of a step without `timeoutSeconds` may take.
 */
#define SLIP_RUN_PROGRAM_SECONDS (60 * 60)

/**
 * SlipRunProgram:
 * @argv: (array zero-terminated=1): program and arguments; no secrets
 * @envp: (array zero-terminated=1): its environment
 * @folder: (nullable): where it runs
 * @change: whether it changes something: it then outlives this process, is not broken off when the run
 *   is cancelled, and at the deadline is interrupted before it is killed
 * @outlives: whether it outlives this process although it changes nothing, because it must give back
 *   what it holds; it is interrupted before it is killed
 * @data: whether its output is data, not lines for people
 * @drop: whether output beyond @max_bytes is dropped; else too much fails
 * @max_bytes: most of each stream that is kept
 *
 * A program that a step runs. Its deadline is the step's `timeoutSeconds`.
 */
typedef struct
{
  const char *const *argv;
  char **envp;
  const char *folder;
  gboolean change;
  gboolean outlives;
  gboolean data;
  gboolean drop;
  gsize max_bytes;
} SlipRunProgram;

/**
 * slip_run_program:
 * @context: a step under way
 * @program: what to run
 * @result: (out): how it ended, not redacted; to be cleared
 * @error: return location
 *
 * Runs it to its end. Its lines show in the activity and, now and then, in the ledger.
 *
 * Returns: whether it ended by itself, well or not
 */
gboolean slip_run_program (SlipRunContext *context,
                           const SlipRunProgram *program,
                           SlipProcessResult *result,
                           GError **error);

/**
 * slip_run_program_excerpt:
 * @context: a step under way
 * @text: (nullable): output
 * @lines: how many of its last lines
 *
 * Returns: (transfer full): the end of @text, secrets taken out, fit for the ledger
 */
char *slip_run_program_excerpt (SlipRunContext *context, const char *text, guint lines);

/**
 * slip_run_local_sweep:
 * @ledger: the audit log
 * @run: a run
 * @fold: (nullable): what is known of it; the outputs of its open steps stay
 *
 * Removes what programs of a killed process printed, which is raw: of settled steps nobody asks for it.
 */
void slip_run_local_sweep (SlipLedger *ledger, const char *run, SlipRunFold *fold);

/**
 * slip_run_local_sweep_all:
 * @ledger: the audit log
 *
 * The same for all runs that no process executes.
 */
void slip_run_local_sweep_all (SlipLedger *ledger);

G_END_DECLS
