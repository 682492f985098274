/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

#include "slip-aws-config.h"
#include "slip-aws-credentials.h"

G_BEGIN_DECLS

/**
 * SlipAwsProvider:
 *
 * Gives credentials, and renews them in time. Thread-safe, reference counted: of several threads
 * that ask at once, one fetches and the others wait for it.
 */
typedef struct _SlipAwsProvider SlipAwsProvider;

/**
 * SlipAwsMfaFunc:
 * @serial: the device: `arn:aws:iam::…:mfa/name`, or what the tool said of it
 * @purpose: why, for people: `profile production`
 * @cancellable: (nullable): ends the wait
 * @data: as given
 *
 * Asks a person for a one-time code. Called on the worker thread that needs credentials; may block.
 * Each code is used once.
 *
 * Returns: (transfer full) (nullable): the code, or %NULL when the person has none
 */
typedef char *(*SlipAwsMfaFunc) (const char *serial,
                                 const char *purpose,
                                 GCancellable *cancellable,
                                 gpointer data);

/**
 * slip_aws_provider_new:
 * @config: the shared configuration
 * @profile: (nullable): a profile, or %NULL for the environment's chain: variables
 *   `AWS_ACCESS_KEY_ID`…, then the profile of `AWS_PROFILE` or `default`, then web identity and
 *   container variables
 *
 * Makes a provider by the rules of the AWS SDKs. With an explicit @profile the environment's
 * `AWS_ACCESS_KEY_ID` is not looked at, as with the AWS CLI's `--profile`. In a profile, the first of
 * these that it has decides: `slipway_credentials = aws-vault`, role (`role_arn` with
 * `source_profile`, `credential_source` or `web_identity_token_file`), SSO, static keys,
 * `credential_process`. A profile with none of these is asked of aws-vault when that is on `PATH`
 * (a `region`, `mfa_serial` or `include_profile` is all it needs), and is an error otherwise.
 * A `role_arn` or `mfa_serial` next to `slipway_credentials = aws-vault` is aws-vault's business.
 *
 * Nothing is read or started before the first slip_aws_provider_get().
 *
 * Returns: (transfer full): a provider
 */
SlipAwsProvider *slip_aws_provider_new (SlipAwsConfig *config, const char *profile);

/**
 * slip_aws_provider_new_static:
 * @credentials: credentials
 *
 * Returns: (transfer full): a provider that always gives @credentials
 */
SlipAwsProvider *slip_aws_provider_new_static (SlipAwsCredentials *credentials);

/**
 * SlipAwsFetchFunc:
 *
 * Fetches credentials anew; blocking, on a worker thread.
 *
 * Returns: (transfer full): credentials, or %NULL with @error
 */
typedef SlipAwsCredentials *(*SlipAwsFetchFunc) (gpointer data,
                                                 GCancellable *cancellable,
                                                 GError **error);

/**
 * slip_aws_provider_new_func:
 * @title: for people
 * @func: fetches
 * @data: for @func
 * @notify: (nullable): frees @data
 *
 * Returns: (transfer full): a provider with the usual cache and renewal around @func
 */
SlipAwsProvider *slip_aws_provider_new_func (const char *title,
                                             SlipAwsFetchFunc func,
                                             gpointer data,
                                             GDestroyNotify notify);

SlipAwsProvider *slip_aws_provider_ref (SlipAwsProvider *self);
void slip_aws_provider_unref (SlipAwsProvider *self);

/**
 * slip_aws_provider_get:
 * @self: a provider
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Gives credentials that are good for now; fetches when there are none, or when 10 minutes or 20 %
 * of their life remain. Should that renewal fail while the old ones still live, gives the old ones.
 * Blocks; any thread but the main one.
 *
 * Returns: (transfer full): credentials, or %NULL with %SLIP_AWS_ERROR_CREDENTIALS,
 *   %SLIP_AWS_ERROR_MFA_NEEDED, %SLIP_AWS_ERROR_EXPIRED, %SLIP_AWS_ERROR_CONFIG or
 *   %SLIP_AWS_ERROR_CANCELLED
 */
SlipAwsCredentials *
slip_aws_provider_get (SlipAwsProvider *self, GCancellable *cancellable, GError **error);

/**
 * slip_aws_provider_get_expiration:
 * @self: a provider
 *
 * Returns: when the credentials it holds end, microseconds since the epoch; 0 when it holds none or
 *   their end is not known. Never blocks.
 */
gint64 slip_aws_provider_get_expiration (SlipAwsProvider *self);

/**
 * slip_aws_provider_set_refused:
 * @self: a provider
 * @refused: whether AWS refused a call for its credentials, after they were fetched anew; %FALSE when it
 *   answered one
 *
 * Notes AWS's last word, which comes before the end that the credentials themselves tell. Any thread.
 */
void slip_aws_provider_set_refused (SlipAwsProvider *self, gboolean refused);

/**
 * slip_aws_provider_is_refused:
 * @self: a provider
 *
 * Returns: what slip_aws_provider_set_refused() said last. Never blocks.
 */
gboolean slip_aws_provider_is_refused (SlipAwsProvider *self);

/**
 * slip_aws_provider_dup_source:
 * @self: a provider
 *
 * Returns: (transfer full) (nullable): where the credentials it holds come from
 */
char *slip_aws_provider_dup_source (SlipAwsProvider *self);

/**
 * slip_aws_provider_invalidate:
 * @self: a provider
 * @credentials: (nullable): the ones that AWS refused, or %NULL for whatever it holds
 *
 * Forgets credentials, so that the next slip_aws_provider_get() fetches. Does nothing when they were
 * already replaced.
 */
void slip_aws_provider_invalidate (SlipAwsProvider *self, const SlipAwsCredentials *credentials);

/**
 * SlipAwsSlowFunc:
 * @what: the program that prints credentials
 * @timeout_s: how long it is waited for, seconds
 *
 * Tells people what is waited for. Called on any thread.
 */
typedef void (*SlipAwsSlowFunc) (const char *what, guint timeout_s);

/**
 * slip_aws_provider_set_slow_func:
 * @func: (nullable): is told of a program that takes more than a few seconds to print credentials
 *
 * For all providers of this process. To be called before any of them is used.
 */
void slip_aws_provider_set_slow_func (SlipAwsSlowFunc func);

/**
 * slip_aws_provider_set_mfa_callback:
 * @self: a provider
 * @func: (nullable): asks a person; without one a needed code is %SLIP_AWS_ERROR_MFA_NEEDED
 * @data: for @func
 * @notify: (nullable): frees @data
 */
void slip_aws_provider_set_mfa_callback (SlipAwsProvider *self,
                                         SlipAwsMfaFunc func,
                                         gpointer data,
                                         GDestroyNotify notify);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsProvider, slip_aws_provider_unref)

G_END_DECLS
