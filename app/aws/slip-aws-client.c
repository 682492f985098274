/* SPDX-License-Identifier: MIT */

/* The client as the folders above see it: one identity, one endpoint map, one lock, many threads.
 * What a call does is slip-aws-call.c; lists are slip-aws-list.c. */

#include "slip-aws-client-private.h"

#include "config.h"
#include "slip-json.h"
#include "slip-handoff.h"
#include "slip-pool.h"

#define USER_AGENT "Slipway/" SLIP_VERSION

G_DEFINE_FINAL_TYPE (SlipAwsClient, slip_aws_client, G_TYPE_OBJECT)

void
slip_aws_call_info_clear (SlipAwsCallInfo *info)
{
  g_free (info->request_id);
  g_free (info->endpoint);
  *info = (SlipAwsCallInfo){0};
}

static void
slip_aws_client_finalize (GObject *object)
{
  SlipAwsClient *self = SLIP_AWS_CLIENT (object);

  g_clear_pointer (&self->provider, slip_aws_provider_unref);
  g_clear_pointer (&self->endpoints, slip_aws_endpoints_unref);
  g_clear_pointer (&self->clock, slip_clock_unref);
  slip_aws_retry_quota_clear (&self->quota);
  g_mutex_clear (&self->lock);
  g_free (self->region);
  g_free (self->account);
  g_free (self->user_agent);
  g_free (self->unlocked_for);
  G_OBJECT_CLASS (slip_aws_client_parent_class)->finalize (object);
}

static void
slip_aws_client_class_init (SlipAwsClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_aws_client_finalize;
}

static void
slip_aws_client_init (SlipAwsClient *self)
{
  g_mutex_init (&self->lock);
  slip_aws_retry_quota_init (&self->quota);
  self->clock = slip_clock_ref (slip_clock_get_system ());
  self->user_agent = g_strdup (USER_AGENT);
}

SlipAwsClient *
slip_aws_client_new (SlipAwsProvider *provider,
                     SlipAwsEndpoints *endpoints,
                     const char *default_region)
{
  SlipAwsClient *self;

  g_return_val_if_fail (provider != NULL && endpoints != NULL, NULL);

  self = g_object_new (SLIP_TYPE_AWS_CLIENT, NULL);
  self->provider = slip_aws_provider_ref (provider);
  self->endpoints = slip_aws_endpoints_ref (endpoints);
  self->region = g_strdup (default_region);
  self->max_attempts
      = slip_aws_retry_configured (slip_aws_endpoints_get_setting (endpoints, "max_attempts"),
                                   slip_aws_endpoints_get_setting (endpoints, "retry_mode"));
  return self;
}

SlipAwsClient *
slip_aws_client_new_for_profile (const char *profile,
                                 const char *region,
                                 const char *endpoint_url,
                                 GError **error)
{
  g_autoptr (SlipAwsConfig) config = slip_aws_config_load (NULL, NULL, error);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsEndpoints) endpoints = NULL;
  g_autofree char *name = NULL;
  g_autofree char *own_region = NULL;

  if (config == NULL
      || (profile != NULL && !slip_aws_config_check_profile (config, profile, error)))
    return NULL;
  name = slip_aws_config_dup_profile (profile);
  own_region = region != NULL ? g_strdup (region) : slip_aws_config_dup_region (config, name, TRUE);
  provider = slip_aws_provider_new (config, profile);
  endpoints = slip_aws_endpoints_new (config, name, endpoint_url);
  return slip_aws_client_new (provider, endpoints, own_region);
}

JsonNode *
slip_aws_client_call (SlipAwsClient *self,
                      const SlipAwsCall *call,
                      SlipAwsCallInfo *info,
                      GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (self), NULL);
  g_return_val_if_fail (call != NULL && call->service != NULL && call->operation != NULL, NULL);

  return slip_aws_client_run_call (self, call, NULL, NULL, info, cancellable, error);
}

/* Async */

typedef struct
{
  SlipAwsCall call;
  SlipAwsCallInfo info;
} AsyncCall;

static void
async_call_free (gpointer data)
{
  AsyncCall *async = data;

  g_free ((char *)async->call.service);
  g_free ((char *)async->call.operation);
  g_free ((char *)async->call.region);
  g_clear_pointer (&async->call.input, json_node_unref);
  slip_aws_call_info_clear (&async->info);
  g_free (async);
}

static gboolean
run_async_call (SlipJob *job, gpointer data, GError **error)
{
  GTask *task = data;
  AsyncCall *async = g_task_get_task_data (task);
  GError *local = NULL;
  JsonNode *output
      = slip_aws_client_run_call (g_task_get_source_object (task), &async->call, NULL, NULL,
                                  &async->info, g_task_get_cancellable (task), &local);

  /* The error goes to the task's caller; the job is only its vehicle. */
  SLIP_HANDOFF_GIVE (async);
  if (output != NULL)
    g_task_return_pointer (task, output, (GDestroyNotify)json_node_unref);
  else
    g_task_return_error (task, local);
  return TRUE;
}

void
slip_aws_client_call_async (SlipAwsClient *self,
                            const SlipAwsCall *call,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  AsyncCall *async = g_new0 (AsyncCall, 1);
  g_autoptr (SlipJob) job = slip_job_new (call->operation);

  /* A call that was sent is told as it ended, whether cancelled or not. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, slip_aws_client_call_async);
  async->call = *call;
  async->call.service = g_strdup (call->service);
  async->call.operation = g_strdup (call->operation);
  async->call.region = g_strdup (call->region);
  async->call.input = call->input != NULL ? slip_json_copy (call->input) : NULL;
  g_task_set_task_data (task, async, async_call_free);
  slip_pool_run (slip_pool_get_io (), job, run_async_call, task, g_object_unref);
}

JsonNode *
slip_aws_client_call_finish (SlipAwsClient *self,
                             GAsyncResult *result,
                             SlipAwsCallInfo *info,
                             GError **error)
{
  AsyncCall *async;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  async = g_task_get_task_data (G_TASK (result));
  SLIP_HANDOFF_TAKE (async);
  if (info != NULL)
    {
      slip_aws_call_info_clear (info);
      *info = async->info;
      async->info = (SlipAwsCallInfo){0};
    }
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Lock */

void
slip_aws_client_unlock (SlipAwsClient *self, const char *why)
{
  g_return_if_fail (SLIP_IS_AWS_CLIENT (self));
  g_return_if_fail (why != NULL);

  g_mutex_lock (&self->lock);
  g_free (self->unlocked_for);
  self->unlocked_for = g_strdup (why);
  g_mutex_unlock (&self->lock);
}

void
slip_aws_client_lock (SlipAwsClient *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->unlocked_for, g_free);
  g_mutex_unlock (&self->lock);
}

char *
slip_aws_client_dup_unlocked_for (SlipAwsClient *self)
{
  char *why;

  g_mutex_lock (&self->lock);
  why = g_strdup (self->unlocked_for);
  g_mutex_unlock (&self->lock);
  return why;
}

gboolean
slip_aws_client_is_unlocked (SlipAwsClient *self)
{
  g_autofree char *why = slip_aws_client_dup_unlocked_for (self);

  return why != NULL;
}

/* Getters and setters */

SlipAwsProvider *
slip_aws_client_ref_provider (SlipAwsClient *self)
{
  return slip_aws_provider_ref (self->provider);
}

SlipAwsEndpoints *
slip_aws_client_ref_endpoints (SlipAwsClient *self)
{
  return slip_aws_endpoints_ref (self->endpoints);
}

char *
slip_aws_client_dup_region (SlipAwsClient *self)
{
  return g_strdup (self->region);
}

gint64
slip_aws_client_signing_time (SlipAwsClient *self)
{
  gint64 offset;

  g_mutex_lock (&self->lock);
  offset = self->sign_offset_us;
  g_mutex_unlock (&self->lock);
  return slip_clock_now (self->clock) + offset;
}

gint64
slip_aws_client_get_clock_skew (SlipAwsClient *self)
{
  gint64 skew_us;

  g_mutex_lock (&self->lock);
  skew_us = self->skew_us;
  g_mutex_unlock (&self->lock);
  return skew_us;
}

void
slip_aws_client_set_account (SlipAwsClient *self, const char *account)
{
  g_mutex_lock (&self->lock);
  g_free (self->account);
  self->account = g_strdup (account);
  g_mutex_unlock (&self->lock);
}

void
slip_aws_client_set_clock (SlipAwsClient *self, SlipClock *clock)
{
  SlipClock *old = self->clock;

  self->clock = slip_clock_ref (clock);
  slip_clock_unref (old);
}

void
slip_aws_client_set_user_agent_suffix (SlipAwsClient *self, const char *suffix)
{
  g_mutex_lock (&self->lock);
  g_free (self->user_agent);
  self->user_agent
      = suffix != NULL ? g_strdup_printf (USER_AGENT " %s", suffix) : g_strdup (USER_AGENT);
  g_mutex_unlock (&self->lock);
}
