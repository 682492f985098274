/* SPDX-License-Identifier: MIT */
/* The way to AWS that planner and guards are given, so that they know nothing of clients. */

#include "slip-caller.h"

#include "slip-action.h"

struct _SlipCaller
{
  gatomicrefcount references;
  SlipCaller *under; /* owned, nullable: answers what the table does not */
  SlipCallerVTable vtable;
  gpointer data;
  GDestroyNotify notify;
};

SlipCaller *
slip_caller_new (const SlipCallerVTable *vtable, gpointer data, GDestroyNotify notify)
{
  SlipCaller *caller = g_new0 (SlipCaller, 1);

  g_atomic_ref_count_init (&caller->references);
  caller->vtable = *vtable;
  caller->data = data;
  caller->notify = notify;
  return caller;
}

SlipCaller *
slip_caller_new_over (SlipCaller *under, SlipCallerCall call, gpointer data, GDestroyNotify notify)
{
  const SlipCallerVTable vtable = {.call = call};
  SlipCaller *caller = slip_caller_new (&vtable, data, notify);

  caller->under = slip_caller_ref (under);
  return caller;
}

SlipCaller *
slip_caller_ref (SlipCaller *caller)
{
  g_atomic_ref_count_inc (&caller->references);
  return caller;
}

void
slip_caller_unref (SlipCaller *caller)
{
  if (!g_atomic_ref_count_dec (&caller->references))
    return;
  if (caller->notify != NULL)
    caller->notify (caller->data);
  g_clear_pointer (&caller->under, slip_caller_unref);
  g_free (caller);
}

JsonNode *
slip_caller_call (SlipCaller *caller,
                  const char *environment,
                  const char *region,
                  const char *service,
                  const char *operation,
                  JsonNode *input,
                  GCancellable *cancellable,
                  GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !slip_action_require_read (service, operation, error))
    return NULL;
  return caller->vtable.call (caller->data, environment, region, service, operation, input,
                              cancellable, error);
}

JsonObject *
slip_caller_dup_environment (SlipCaller *caller, const char *name)
{
  if (caller->under != NULL)
    return slip_caller_dup_environment (caller->under, name);
  return caller->vtable.environment (caller->data, name);
}

char **
slip_caller_list_environments (SlipCaller *caller)
{
  if (caller->under != NULL)
    return slip_caller_list_environments (caller->under);
  return caller->vtable.environments (caller->data);
}

gint64
slip_caller_session_expiration (SlipCaller *caller,
                                const char *environment,
                                GCancellable *cancellable,
                                GError **error)
{
  if (caller->under != NULL)
    return slip_caller_session_expiration (caller->under, environment, cancellable, error);
  return caller->vtable.session_expiration (caller->data, environment, cancellable, error);
}

gint64
slip_caller_clock_skew (SlipCaller *caller, const char *environment)
{
  if (caller->under != NULL)
    return slip_caller_clock_skew (caller->under, environment);
  return caller->vtable.clock_skew != NULL ? caller->vtable.clock_skew (caller->data, environment)
                                           : 0;
}
