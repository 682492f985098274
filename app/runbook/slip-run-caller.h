/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-identity.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/**
 * SlipRunCaller:
 *
 * How a run reaches AWS: by environment name, through clients of its own that an approved plan
 * unlocks. Bound to a workspace in the program and to a script in tests. Thread-safe, reference
 * counted.
 */
typedef struct _SlipRunCaller SlipRunCaller;

/**
 * SlipRunCallerVTable:
 * @call: one call, blocking, as slip_aws_client_call()
 * @identity: who AWS says we are there, blocking
 * @expiration: when the session ends, microseconds since 1970, 0 when it does not or is not known;
 *   never blocks
 * @renew: forgets the session, so that the next call fetches another; blocking
 * @endpoint: (transfer full): the endpoint map's fingerprint
 * @declared: what the workspace says of it: its account, and its role (nullable), both (transfer
 *   full) (out); %FALSE with an error when it is not there
 * @unlock: lets changes through for @why, or with %NULL no longer
 * @clock: (transfer full): time there
 * @verify_proof: who made a proof of identity, as slip_aws_proof_verify(), asked where that environment is
 * @lend: adds to an environment for a program what it needs to reach AWS as the environment does:
 *   credentials, endpoint overrides; takes the list and returns it (transfer full), also with @error.
 *   Blocking
 *
 * What a run must be able to do.
 */
typedef struct
{
  JsonNode *(*call) (gpointer data,
                     const char *environment,
                     const SlipAwsCall *call,
                     SlipAwsCallInfo *info,
                     GCancellable *cancellable,
                     GError **error);
  SlipAwsIdentity *(*identity) (gpointer data,
                                const char *environment,
                                GCancellable *cancellable,
                                GError **error);
  gint64 (*expiration) (gpointer data, const char *environment);
  void (*renew) (gpointer data, const char *environment);
  char *(*endpoint) (gpointer data, const char *environment, GError **error);
  gboolean (*declared) (
      gpointer data, const char *environment, char **account, char **role, GError **error);
  void (*unlock) (gpointer data, const char *environment, const char *why);
  SlipClock *(*clock) (gpointer data, const char *environment);
  SlipAwsIdentity *(*verify_proof) (gpointer data,
                                    const char *environment,
                                    const char *proof,
                                    const char *bound_to,
                                    gint64 *made_us,
                                    GCancellable *cancellable,
                                    GError **error);
  char **(*lend) (gpointer data,
                  const char *environment,
                  char **envp,
                  GCancellable *cancellable,
                  GError **error);
} SlipRunCallerVTable;

SlipRunCaller *
slip_run_caller_new (const SlipRunCallerVTable *vtable, gpointer data, GDestroyNotify notify);
SlipRunCaller *slip_run_caller_ref (SlipRunCaller *self);
void slip_run_caller_unref (SlipRunCaller *self);

/**
 * slip_run_caller_new_for_workspace:
 * @workspace: a workspace
 * @run: the run's id; CloudTrail shows it in the user agent
 *
 * Returns: (transfer full): a caller with fresh, locked clients
 */
SlipRunCaller *slip_run_caller_new_for_workspace (SlipWorkspace *workspace, const char *run);

JsonNode *slip_run_caller_call (SlipRunCaller *self,
                                const char *environment,
                                const SlipAwsCall *call,
                                SlipAwsCallInfo *info,
                                GCancellable *cancellable,
                                GError **error);
SlipAwsIdentity *slip_run_caller_identity (SlipRunCaller *self,
                                           const char *environment,
                                           GCancellable *cancellable,
                                           GError **error);
gint64 slip_run_caller_expiration (SlipRunCaller *self, const char *environment);
void slip_run_caller_renew (SlipRunCaller *self, const char *environment);
char *slip_run_caller_endpoint (SlipRunCaller *self, const char *environment, GError **error);
gboolean slip_run_caller_declared (
    SlipRunCaller *self, const char *environment, char **account, char **role, GError **error);
void slip_run_caller_unlock (SlipRunCaller *self, const char *environment, const char *why);
SlipClock *slip_run_caller_clock (SlipRunCaller *self, const char *environment);
SlipAwsIdentity *slip_run_caller_verify_proof (SlipRunCaller *self,
                                               const char *environment,
                                               const char *proof,
                                               const char *bound_to,
                                               gint64 *made_us,
                                               GCancellable *cancellable,
                                               GError **error);
char **slip_run_caller_lend (SlipRunCaller *self,
                             const char *environment,
                             char **envp,
                             GCancellable *cancellable,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunCaller, slip_run_caller_unref)

G_END_DECLS
