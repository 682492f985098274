/* SPDX-License-Identifier: MIT */

/* Keeps credentials and renews them in time. Knows nothing of where they come from: that is a
 * function, one of slip-aws-source.h mostly. Of threads that ask at once one fetches; the others wait
 * and share what it got, also its error, so that a person is asked for one code and not for ten. */

#include "slip-aws-provider.h"

#include "slip-aws-error.h"
#include "slip-aws-source.h"
#include "slip-clock.h"

#include <string.h>

#define RETRY_AFTER_US (60 * G_USEC_PER_SEC)

struct _SlipAwsProvider
{
  gatomicrefcount refs;
  char *title; /* owned */
  SlipAwsFetchFunc func;
  gpointer data; /* owned */
  GDestroyNotify notify;

  GMutex lock; /* of all below */
  GCond changed;
  SlipAwsCredentials *current; /* owned, or NULL */
  GError *error;               /* owned; of the last fetch that failed */
  guint64 fetches;             /* how many have ended */
  gint64 not_before_us;        /* after a failed renewal */
  gboolean fetching;
  gboolean refused; /* AWS's last word on them */
  SlipAwsMfaFunc mfa_func;
  gpointer mfa_data; /* owned */
  GDestroyNotify mfa_notify;
};

SlipAwsProvider *
slip_aws_provider_new_func (const char *title,
                            SlipAwsFetchFunc func,
                            gpointer data,
                            GDestroyNotify notify)
{
  SlipAwsProvider *self = g_new0 (SlipAwsProvider, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->title = g_strdup (title);
  self->func = func;
  self->data = data;
  self->notify = notify;
  return self;
}

SlipAwsProvider *
slip_aws_provider_ref (SlipAwsProvider *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
slip_aws_provider_unref (SlipAwsProvider *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->notify != NULL)
    self->notify (self->data);
  if (self->mfa_notify != NULL)
    self->mfa_notify (self->mfa_data);
  g_clear_pointer (&self->current, slip_aws_credentials_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->title);
  g_free (self);
}

/* Static */

static SlipAwsCredentials *
fetch_static (gpointer data, GCancellable *cancellable, GError **error)
{
  return slip_aws_credentials_ref (data);
}

SlipAwsProvider *
slip_aws_provider_new_static (SlipAwsCredentials *credentials)
{
  g_return_val_if_fail (credentials != NULL, NULL);

  return slip_aws_provider_new_func (credentials->source, fetch_static,
                                     slip_aws_credentials_ref (credentials),
                                     (GDestroyNotify)slip_aws_credentials_unref);
}

/* The SDKs' chain */

typedef struct
{
  SlipAwsProvider *owner; /* not owned: it owns this */
  SlipAwsConfig *config;  /* owned */
  char *profile;          /* owned; NULL for the environment's chain */
} Chain;

static void
chain_free (gpointer data)
{
  Chain *chain = data;

  slip_aws_config_unref (chain->config);
  g_free (chain->profile);
  g_free (chain);
}

static char *
ask_owner (const char *serial, const char *purpose, GCancellable *cancellable, gpointer data)
{
  SlipAwsProvider *owner = data;
  SlipAwsMfaFunc func;
  gpointer func_data;

  g_mutex_lock (&owner->lock);
  func = owner->mfa_func;
  func_data = owner->mfa_data;
  g_mutex_unlock (&owner->lock);
  return func != NULL ? func (serial, purpose, cancellable, func_data) : NULL;
}

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static SlipAwsCredentials *
fetch_web_identity (SlipAwsConfig *config, GCancellable *cancellable, GError **error)
{
  SlipAwsRole role = {
      .profile = "environment",
      .role_arn = variable ("AWS_ROLE_ARN"),
      .session_name = variable ("AWS_ROLE_SESSION_NAME"),
      .region = variable ("AWS_REGION"),
  };

  return slip_aws_web_identity_fetch (config, &role, variable ("AWS_WEB_IDENTITY_TOKEN_FILE"),
                                      cancellable, error);
}

static SlipAwsCredentials *
fetch_chain (gpointer data, GCancellable *cancellable, GError **error)
{
  Chain *chain = data;
  SlipAwsMfa mfa = {ask_owner, chain->owner};
  g_autofree char *profile = slip_aws_config_dup_profile (chain->profile);
  g_autoptr (SlipAwsConfig) config = NULL;

  if (chain->profile == NULL && slip_aws_environment_has_keys ())
    return slip_aws_environment_fetch (error);
  config = slip_aws_config_reload (chain->config, error);
  if (config == NULL)
    return NULL;
  if (chain->profile == NULL && variable ("AWS_ROLE_ARN") != NULL
      && variable ("AWS_WEB_IDENTITY_TOKEN_FILE") != NULL)
    return fetch_web_identity (config, cancellable, error);
  if (chain->profile == NULL && variable ("AWS_PROFILE") == NULL
      && !slip_aws_config_has_profile (config, profile))
    {
      if (slip_aws_container_is_configured ())
        return slip_aws_container_fetch (cancellable, error);
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                   "there are no credentials: neither AWS_ACCESS_KEY_ID nor a profile “default”. "
                   "Name a profile with --profile or AWS_PROFILE.");
      return NULL;
    }
  return slip_aws_profile_fetch (config, profile, &mfa, cancellable, error);
}

SlipAwsProvider *
slip_aws_provider_new (SlipAwsConfig *config, const char *profile)
{
  Chain *chain;

  g_return_val_if_fail (config != NULL, NULL);

  chain = g_new0 (Chain, 1);
  chain->config = slip_aws_config_ref (config);
  chain->profile = profile != NULL && *profile != '\0' ? g_strdup (profile) : NULL;
  chain->owner = slip_aws_provider_new_func (profile != NULL ? profile : "environment", fetch_chain,
                                             chain, chain_free);
  return chain->owner;
}

/* Getting */

static gint64
now (void)
{
  return slip_clock_now (slip_clock_get_system ());
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  SlipAwsProvider *self = data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Whether what is held will do for now; the lock is held. */
static gboolean
is_good (SlipAwsProvider *self)
{
  gint64 now_us = now ();

  if (self->current == NULL || slip_aws_credentials_is_expired (self->current, now_us))
    return FALSE;
  return !slip_aws_credentials_needs_refresh (self->current, now_us) || self->fetching
         || now_us < self->not_before_us;
}

static gboolean
set_cancelled (GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the call was cancelled");
  return FALSE;
}

/* The lock is held, and let go while it fetches. */
static gboolean
fetch (SlipAwsProvider *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipAwsCredentials) fresh = NULL;
  g_autoptr (GError) local = NULL;

  self->fetching = TRUE;
  g_mutex_unlock (&self->lock);
  fresh = self->func (self->data, cancellable, &local);
  g_mutex_lock (&self->lock);
  self->fetching = FALSE;
  self->fetches++;
  g_cond_broadcast (&self->changed);
  g_clear_error (&self->error);
  if (fresh != NULL && slip_aws_credentials_is_expired (fresh, now ()))
    {
      g_autofree char *end = slip_time_format (fresh->expiration_us);

      g_set_error (&local, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED,
                   "the credentials from %s expired at %s. Sign in again.", fresh->source, end);
      g_clear_pointer (&fresh, slip_aws_credentials_unref);
    }
  if (fresh != NULL)
    {
      g_clear_pointer (&self->current, slip_aws_credentials_unref);
      self->current = g_steal_pointer (&fresh);
      self->not_before_us = 0;
      return TRUE;
    }
  self->error = g_error_copy (local);
  self->not_before_us = now () + RETRY_AFTER_US;
  if (self->current != NULL && !slip_aws_credentials_is_expired (self->current, now ()))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Waits for another thread's fetch; the lock is held. */
static gboolean
wait_for_other (SlipAwsProvider *self, GCancellable *cancellable, GError **error)
{
  guint64 seen = self->fetches;

  while (self->fetching && self->fetches == seen && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    return set_cancelled (error);
  /* Somebody else's change of mind is not ours. */
  if (self->error == NULL || is_good (self)
      || g_error_matches (self->error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED))
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

SlipAwsCredentials *
slip_aws_provider_get (SlipAwsProvider *self, GCancellable *cancellable, GError **error)
{
  SlipAwsCredentials *credentials = NULL;
  gulong handler = 0;
  gboolean ok = TRUE;

  g_return_val_if_fail (self != NULL, NULL);

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_mutex_lock (&self->lock);
  while (ok && !is_good (self))
    {
      if (g_cancellable_is_cancelled (cancellable))
        ok = set_cancelled (error);
      else if (self->fetching)
        ok = wait_for_other (self, cancellable, error);
      else
        {
          ok = fetch (self, cancellable, error);
          break;
        }
    }
  if (ok && self->current != NULL)
    credentials = slip_aws_credentials_ref (self->current);
  g_mutex_unlock (&self->lock);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  return credentials;
}

gint64
slip_aws_provider_get_expiration (SlipAwsProvider *self)
{
  gint64 expiration_us;

  g_mutex_lock (&self->lock);
  expiration_us = self->current != NULL ? self->current->expiration_us : 0;
  g_mutex_unlock (&self->lock);
  return expiration_us;
}

void
slip_aws_provider_set_refused (SlipAwsProvider *self, gboolean refused)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  self->refused = refused;
  g_mutex_unlock (&self->lock);
}

gboolean
slip_aws_provider_is_refused (SlipAwsProvider *self)
{
  gboolean refused;

  g_return_val_if_fail (self != NULL, FALSE);

  g_mutex_lock (&self->lock);
  refused = self->refused;
  g_mutex_unlock (&self->lock);
  return refused;
}

char *
slip_aws_provider_dup_source (SlipAwsProvider *self)
{
  char *source;

  g_mutex_lock (&self->lock);
  source = self->current != NULL ? g_strdup (self->current->source) : NULL;
  g_mutex_unlock (&self->lock);
  return source;
}

void
slip_aws_provider_invalidate (SlipAwsProvider *self, const SlipAwsCredentials *credentials)
{
  g_mutex_lock (&self->lock);
  if (credentials == NULL || credentials == self->current)
    {
      g_clear_pointer (&self->current, slip_aws_credentials_unref);
      self->not_before_us = 0;
    }
  g_mutex_unlock (&self->lock);
}

void
slip_aws_provider_set_mfa_callback (SlipAwsProvider *self,
                                    SlipAwsMfaFunc func,
                                    gpointer data,
                                    GDestroyNotify notify)
{
  GDestroyNotify old_notify;
  gpointer old_data;

  g_mutex_lock (&self->lock);
  old_notify = self->mfa_notify;
  old_data = self->mfa_data;
  self->mfa_func = func;
  self->mfa_data = data;
  self->mfa_notify = notify;
  g_mutex_unlock (&self->lock);
  if (old_notify != NULL)
    old_notify (old_data);
}
