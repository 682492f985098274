/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipCaller:
 *
 * How the planner and the guards reach AWS: by environment name, not by client. Bound to a workspace
 * in the program (slip_caller_new_for_workspace()) and to a script in tests. Thread-safe, reference
 * counted.
 */
typedef struct _SlipCaller SlipCaller;

/* One call; see #SlipCallerVTable. */
typedef JsonNode *(*SlipCallerCall) (gpointer data,
                                     const char *environment,
                                     const char *region,
                                     const char *service,
                                     const char *operation,
                                     JsonNode *input,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * SlipCallerVTable:
 * @call: one call, blocking; @input may be %NULL; returns (transfer full) the output, or %NULL with
 *   an error of %SLIP_AWS_ERROR
 * @environment: (transfer full) (nullable): what is known of an environment, or %NULL when there is
 *   none: `{name, title, account, alias, role, protected, regions: [...], settings: {...}, endpoint:
 *   fingerprint of the endpoint map, overridden, accounts: {account: environment of the workspace}}`
 * @environments: (transfer full) (array zero-terminated=1): the names of all environments
 * @session_expiration: when the environment's credentials end, microseconds since 1970; 0 when they
 *   do not end or nothing is known. May fetch credentials; -1 with @error when there are none
 * @clock_skew: (optional): the local clock minus the service's, microseconds, from `Date` headers
 *
 * What a caller must be able to do. All functions may be called on any thread, also at once.
 */
typedef struct
{
  SlipCallerCall call;
  JsonObject *(*environment) (gpointer data, const char *name);
  char **(*environments) (gpointer data);
  gint64 (*session_expiration) (gpointer data,
                                const char *environment,
                                GCancellable *cancellable,
                                GError **error);
  gint64 (*clock_skew) (gpointer data, const char *environment);
} SlipCallerVTable;

SlipCaller *slip_caller_new (const SlipCallerVTable *vtable, gpointer data, GDestroyNotify notify);

/**
 * slip_caller_new_over:
 * @under: a caller
 * @call: makes calls, mostly by calling @under
 * @data: for @call
 * @notify: (nullable): frees @data
 *
 * A caller that makes calls in its own way, and of which all else is @under's.
 *
 * Returns: (transfer full): a caller
 */
SlipCaller *
slip_caller_new_over (SlipCaller *under, SlipCallerCall call, gpointer data, GDestroyNotify notify);
SlipCaller *slip_caller_ref (SlipCaller *caller);
void slip_caller_unref (SlipCaller *caller);

JsonNode *slip_caller_call (SlipCaller *caller,
                            const char *environment,
                            const char *region,
                            const char *service,
                            const char *operation,
                            JsonNode *input,
                            GCancellable *cancellable,
                            GError **error);
JsonObject *slip_caller_dup_environment (SlipCaller *caller, const char *name);
char **slip_caller_list_environments (SlipCaller *caller);
gint64 slip_caller_session_expiration (SlipCaller *caller,
                                       const char *environment,
                                       GCancellable *cancellable,
                                       GError **error);
gint64 slip_caller_clock_skew (SlipCaller *caller, const char *environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCaller, slip_caller_unref)

G_END_DECLS
