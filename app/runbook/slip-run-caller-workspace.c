/* SPDX-License-Identifier: MIT */
/* A run's way to AWS through a workspace: one fresh client for each environment it touches, locked
 * until the engine has seen the approval. Browsing never shares these clients. */

#include "slip-run-caller.h"

#include "slip-aws-proof.h"
#include "slip-estate-error.h"

typedef struct
{
  SlipWorkspace *workspace;
  char *run;
  GMutex mutex;
  GHashTable *clients; /* environment → SlipAwsClient; under mutex */
} Clients;

static void
clients_free (gpointer data)
{
  Clients *clients = data;

  g_hash_table_unref (clients->clients);
  g_object_unref (clients->workspace);
  g_free (clients->run);
  g_mutex_clear (&clients->mutex);
  g_free (clients);
}

static SlipEnvironment *
find (Clients *clients, const char *name, GError **error)
{
  SlipEnvironment *environment = slip_workspace_find (clients->workspace, name);

  if (environment == NULL)
    g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
                 "the workspace has no environment %s", name);
  return environment;
}

static SlipAwsClient *
make_client (Clients *clients, const char *name, GError **error)
{
  SlipEnvironment *environment = find (clients, name, error);
  SlipAwsClient *client;
  g_autofree char *suffix = g_strconcat ("run/", clients->run, NULL);

  if (environment == NULL)
    return NULL;
  client = slip_environment_new_client (environment, error);
  if (client != NULL)
    slip_aws_client_set_user_agent_suffix (client, suffix);
  return client;
}

static SlipAwsClient *
ref_client (Clients *clients, const char *name, GError **error)
{
  SlipAwsClient *client;

  g_mutex_lock (&clients->mutex);
  client = g_hash_table_lookup (clients->clients, name);
  if (client == NULL)
    {
      client = make_client (clients, name, error);
      if (client != NULL)
        g_hash_table_insert (clients->clients, g_strdup (name), client);
    }
  if (client != NULL)
    g_object_ref (client);
  g_mutex_unlock (&clients->mutex);
  return client;
}

static JsonNode *
clients_call (gpointer data,
              const char *environment,
              const SlipAwsCall *call,
              SlipAwsCallInfo *info,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, error);

  return client != NULL ? slip_aws_client_call (client, call, info, cancellable, error) : NULL;
}

static SlipAwsIdentity *
clients_identity (gpointer data, const char *environment, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, error);

  return client != NULL ? slip_aws_identity_get (client, cancellable, error) : NULL;
}

static SlipAwsIdentity *
clients_verify_proof (gpointer data,
                      const char *environment,
                      const char *proof,
                      const char *bound_to,
                      gint64 *made_us,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, error);

  return client != NULL
             ? slip_aws_proof_verify (client, proof, bound_to, made_us, cancellable, error)
             : NULL;
}

static gint64
clients_expiration (gpointer data, const char *environment)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, NULL);
  g_autoptr (SlipAwsProvider) provider = NULL;

  if (client == NULL)
    return 0;
  provider = slip_aws_client_ref_provider (client);
  return slip_aws_provider_get_expiration (provider);
}

static void
clients_renew (gpointer data, const char *environment)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, NULL);
  g_autoptr (SlipAwsProvider) provider = NULL;

  if (client == NULL)
    return;
  provider = slip_aws_client_ref_provider (client);
  slip_aws_provider_invalidate (provider, NULL);
}

static char *
clients_endpoint (gpointer data, const char *environment, GError **error)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, error);
  g_autoptr (SlipAwsEndpoints) endpoints = NULL;

  if (client == NULL)
    return NULL;
  endpoints = slip_aws_client_ref_endpoints (client);
  return slip_aws_endpoints_dup_fingerprint (endpoints);
}

static gboolean
clients_declared (
    gpointer data, const char *environment, char **account, char **role, GError **error)
{
  SlipEnvironment *found = find (data, environment, error);

  if (found == NULL)
    return FALSE;
  *account = g_strdup (slip_environment_get_account (found));
  *role = g_strdup (slip_environment_get_role (found));
  return TRUE;
}

static void
clients_unlock (gpointer data, const char *environment, const char *why)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, NULL);

  if (client == NULL)
    return;
  if (why != NULL)
    slip_aws_client_unlock (client, why);
  else
    slip_aws_client_lock (client);
}

static SlipClock *
clients_clock (gpointer data, const char *name)
{
  Clients *clients = data;
  SlipEnvironment *environment = slip_workspace_find (clients->workspace, name);

  return environment != NULL ? slip_environment_ref_clock (environment)
                             : slip_clock_ref (slip_clock_get_system ());
}

static char **
clients_lend (
    gpointer data, const char *environment, char **envp, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipAwsClient) client = ref_client (data, environment, error);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsEndpoints) endpoints = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  if (client == NULL)
    return envp;
  provider = slip_aws_client_ref_provider (client);
  endpoints = slip_aws_client_ref_endpoints (client);
  credentials = slip_aws_provider_get (provider, cancellable, error);
  if (credentials == NULL)
    return envp;
  return slip_aws_endpoints_to_environ (endpoints,
                                        slip_aws_credentials_to_environ (credentials, envp));
}

SlipRunCaller *
slip_run_caller_new_for_workspace (SlipWorkspace *workspace, const char *run)
{
  static const SlipRunCallerVTable vtable = {
      .call = clients_call,
      .identity = clients_identity,
      .expiration = clients_expiration,
      .renew = clients_renew,
      .endpoint = clients_endpoint,
      .declared = clients_declared,
      .unlock = clients_unlock,
      .clock = clients_clock,
      .verify_proof = clients_verify_proof,
      .lend = clients_lend,
  };
  Clients *clients = g_new0 (Clients, 1);

  g_return_val_if_fail (SLIP_IS_WORKSPACE (workspace), NULL);

  clients->workspace = g_object_ref (workspace);
  clients->run = g_strdup (run);
  g_mutex_init (&clients->mutex);
  clients->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return slip_run_caller_new (&vtable, clients, clients_free);
}
