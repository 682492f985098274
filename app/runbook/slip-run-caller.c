/* SPDX-License-Identifier: MIT */
/* The seam between runs and AWS. The engine knows environments by name and never a client, so that
 * the same engine runs against clients of a workspace and against a scripted service in tests. */

#include "slip-run-caller.h"

struct _SlipRunCaller
{
  gatomicrefcount ref_count;
  const SlipRunCallerVTable *vtable;
  gpointer data;
  GDestroyNotify notify;
};

SlipRunCaller *
slip_run_caller_new (const SlipRunCallerVTable *vtable, gpointer data, GDestroyNotify notify)
{
  SlipRunCaller *self = g_new0 (SlipRunCaller, 1);

  g_return_val_if_fail (vtable != NULL, self);

  g_atomic_ref_count_init (&self->ref_count);
  self->vtable = vtable;
  self->data = data;
  self->notify = notify;
  return self;
}

SlipRunCaller *
slip_run_caller_ref (SlipRunCaller *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
slip_run_caller_unref (SlipRunCaller *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->notify != NULL)
    self->notify (self->data);
  g_free (self);
}

JsonNode *
slip_run_caller_call (SlipRunCaller *self,
                      const char *environment,
                      const SlipAwsCall *call,
                      SlipAwsCallInfo *info,
                      GCancellable *cancellable,
                      GError **error)
{
  return self->vtable->call (self->data, environment, call, info, cancellable, error);
}

SlipAwsIdentity *
slip_run_caller_identity (SlipRunCaller *self,
                          const char *environment,
                          GCancellable *cancellable,
                          GError **error)
{
  return self->vtable->identity (self->data, environment, cancellable, error);
}

gint64
slip_run_caller_expiration (SlipRunCaller *self, const char *environment)
{
  return self->vtable->expiration (self->data, environment);
}

void
slip_run_caller_renew (SlipRunCaller *self, const char *environment)
{
  self->vtable->renew (self->data, environment);
}

char *
slip_run_caller_endpoint (SlipRunCaller *self, const char *environment, GError **error)
{
  return self->vtable->endpoint (self->data, environment, error);
}

gboolean
slip_run_caller_declared (
    SlipRunCaller *self, const char *environment, char **account, char **role, GError **error)
{
  return self->vtable->declared (self->data, environment, account, role, error);
}

void
slip_run_caller_unlock (SlipRunCaller *self, const char *environment, const char *why)
{
  self->vtable->unlock (self->data, environment, why);
}

SlipClock *
slip_run_caller_clock (SlipRunCaller *self, const char *environment)
{
  return self->vtable->clock (self->data, environment);
}

SlipAwsIdentity *
slip_run_caller_verify_proof (SlipRunCaller *self,
                              const char *environment,
                              const char *proof,
                              const char *bound_to,
                              gint64 *made_us,
                              GCancellable *cancellable,
                              GError **error)
{
  return self->vtable->verify_proof (self->data, environment, proof, bound_to, made_us, cancellable,
                                     error);
}

char **
slip_run_caller_lend (SlipRunCaller *self,
                      const char *environment,
                      char **envp,
                      GCancellable *cancellable,
                      GError **error)
{
  return self->vtable->lend (self->data, environment, envp, cancellable, error);
}
