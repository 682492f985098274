/* SPDX-License-Identifier: MIT */

/* Roles: `sts:AssumeRole` with the credentials of a source, and `sts:AssumeRoleWithWebIdentity` with a
 * token file. A one-time code may be used once only, so a code buys a session (`GetSessionToken`) that
 * all roles of the same device then share, for as long as it lives. */

#include "slip-aws-source.h"

#include "slip-aws-client.h"
#include "slip-aws-error.h"
#include "slip-clock.h"
#include "slip-file.h"
#include "slip-json.h"

#include <string.h>

#define MAX_CODES 3
#define SESSION_SECONDS 43200
#define FRESH_US (5 * 60 * G_USEC_PER_SEC)
#define MAX_TOKEN_FILE (64 * 1024)

/* Sessions bought with a code: access key and device to credentials. */
static GHashTable *sessions;
G_LOCK_DEFINE_STATIC (sessions);

/* `slipway-user-1700000000`; AWS allows [\w+=,.@-]{2,64}. */
static char *
default_session_name (void)
{
  char *name = g_strdup_printf ("slipway-%.32s-%" G_GINT64_FORMAT, g_get_user_name (),
                                g_get_real_time () / G_USEC_PER_SEC);

  return g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_+=,.@-", '-');
}

static SlipAwsClient *
make_client (SlipAwsConfig *config, const SlipAwsRole *role, SlipAwsCredentials *credentials)
{
  g_autoptr (SlipAwsProvider) provider = slip_aws_provider_new_static (credentials);
  g_autoptr (SlipAwsEndpoints) endpoints = slip_aws_endpoints_new (config, role->profile, NULL);
  g_autofree char *region = slip_aws_config_dup_region (config, role->profile, TRUE);
  const char *used = role->region != NULL ? role->region : region;
  SlipAwsClient *client
      = slip_aws_client_new (provider, endpoints, used != NULL ? used : "us-east-1");

  /* Signing in changes nothing in the account; without it nothing could be read. */
  slip_aws_client_unlock (client, "sign-in");
  return client;
}

static void
add_text (JsonObject *input, const char *member, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (input, member, value);
}

static SlipAwsCredentials *
call_sts (SlipAwsClient *client,
          const char *operation,
          JsonObject *input,
          const char *source,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall call = {
      .service = "sts", .operation = operation, .input = node, .priority = SLIP_AWS_PRIORITY_RUN};
  g_autoptr (JsonNode) output = slip_aws_client_call (client, &call, NULL, cancellable, error);
  JsonObject *object = slip_json_node_object (output);
  JsonObject *keys = object != NULL ? slip_json_object (object, "Credentials") : NULL;
  SlipAwsCredentials *credentials;

  if (output == NULL)
    return NULL;
  credentials = keys != NULL ? slip_aws_credentials_from_json (
                    keys, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", source)
                             : NULL;
  if (credentials == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                 "sts %s answered without credentials", operation);
  return credentials;
}

/* Everything but a cancelled, expired or unanswered sign-in is a refusal of the source. */
static void
explain (const SlipAwsRole *role, GError *cause, GError **error)
{
  int code = SLIP_AWS_ERROR_CREDENTIALS;

  if (cause->domain == SLIP_AWS_ERROR
      && (cause->code == SLIP_AWS_ERROR_CANCELLED || cause->code == SLIP_AWS_ERROR_EXPIRED
          || cause->code == SLIP_AWS_ERROR_MFA_NEEDED || cause->code == SLIP_AWS_ERROR_CONFIG))
    code = cause->code;
  g_set_error (error, SLIP_AWS_ERROR, code, "profile %s, role %s: %s", role->profile,
               role->role_arn, cause->message);
}

static gboolean
is_wrong_code (const GError *error)
{
  const char *text = slip_aws_error_get_text (error);

  return text != NULL && strstr (text, "MultiFactorAuthentication failed") != NULL;
}

/* Sessions of devices */

static char *
session_key (const SlipAwsCredentials *source, const char *serial)
{
  return g_strdup_printf ("%s\n%s", source->access_key, serial);
}

static SlipAwsCredentials *
find_session (const char *key)
{
  SlipAwsCredentials *session;

  G_LOCK (sessions);
  session = sessions != NULL ? g_hash_table_lookup (sessions, key) : NULL;
  if (session != NULL
      && slip_aws_credentials_needs_refresh (session, slip_clock_now (slip_clock_get_system ())))
    session = NULL;
  if (session != NULL)
    slip_aws_credentials_ref (session);
  G_UNLOCK (sessions);
  return session;
}

static void
keep_session (const char *key, SlipAwsCredentials *session)
{
  G_LOCK (sessions);
  if (sessions == NULL)
    sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify)slip_aws_credentials_unref);
  if (session != NULL)
    g_hash_table_replace (sessions, g_strdup (key), slip_aws_credentials_ref (session));
  else
    g_hash_table_remove (sessions, key);
  G_UNLOCK (sessions);
}

static SlipAwsCredentials *
buy_session (SlipAwsConfig *config,
             const SlipAwsRole *role,
             SlipAwsCredentials *source,
             const SlipAwsMfa *mfa,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (SlipAwsClient) client = make_client (config, role, source);
  g_autofree char *purpose = g_strdup_printf ("profile %s", role->profile);

  for (guint i = 1;; i++)
    {
      char *code = slip_aws_mfa_ask (mfa, role->mfa_serial, purpose, cancellable, error);
      JsonObject *input = NULL;
      g_autoptr (GError) local = NULL;
      SlipAwsCredentials *session;

      if (code == NULL)
        return NULL;
      input = json_object_new ();
      json_object_set_int_member (input, "DurationSeconds", SESSION_SECONDS);
      add_text (input, "SerialNumber", role->mfa_serial);
      add_text (input, "TokenCode", code);
      slip_aws_secret_free (code);
      session = call_sts (client, "GetSessionToken", input, "MFA session", cancellable, &local);
      if (session != NULL)
        return session;
      if (!is_wrong_code (local) || i == MAX_CODES)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

/* AssumeRole */

static SlipAwsCredentials *
assume (SlipAwsConfig *config,
        const SlipAwsRole *role,
        SlipAwsCredentials *source,
        const char *code,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (SlipAwsClient) client = make_client (config, role, source);
  g_autofree char *name
      = role->session_name != NULL ? g_strdup (role->session_name) : default_session_name ();
  g_autofree char *from = g_strdup_printf ("role %s", role->role_arn);
  JsonObject *input = json_object_new ();

  add_text (input, "RoleArn", role->role_arn);
  add_text (input, "RoleSessionName", name);
  add_text (input, "ExternalId", role->external_id);
  if (role->duration_s != 0)
    json_object_set_int_member (input, "DurationSeconds", role->duration_s);
  if (code != NULL)
    {
      add_text (input, "SerialNumber", role->mfa_serial);
      add_text (input, "TokenCode", code);
    }
  return call_sts (client, "AssumeRole", input, from, cancellable, error);
}

/* A trust policy may ask for a young session: then the kept one is refused and a new code helps. */
static SlipAwsCredentials *
assume_with_session (SlipAwsConfig *config,
                     const SlipAwsRole *role,
                     SlipAwsCredentials *source,
                     const SlipAwsMfa *mfa,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *key = session_key (source, role->mfa_serial);
  g_autoptr (SlipAwsCredentials) kept = find_session (key);
  g_autoptr (SlipAwsCredentials) session = NULL;
  g_autoptr (GError) local = NULL;
  SlipAwsCredentials *credentials;

  if (kept != NULL)
    {
      gboolean young = g_get_real_time () - kept->obtained_us < FRESH_US;

      credentials = assume (config, role, kept, NULL, cancellable, &local);
      if (credentials != NULL)
        return credentials;
      if (young || !slip_aws_error_has_code (local, "AccessDenied"))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      keep_session (key, NULL);
    }
  session = buy_session (config, role, source, mfa, cancellable, error);
  if (session == NULL)
    return NULL;
  keep_session (key, session);
  return assume (config, role, session, NULL, cancellable, error);
}

/* Temporary credentials cannot buy a session: the code goes with the role itself. */
static SlipAwsCredentials *
assume_with_code (SlipAwsConfig *config,
                  const SlipAwsRole *role,
                  SlipAwsCredentials *source,
                  const SlipAwsMfa *mfa,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *purpose = g_strdup_printf ("profile %s", role->profile);
  char *code = slip_aws_mfa_ask (mfa, role->mfa_serial, purpose, cancellable, error);
  SlipAwsCredentials *credentials;

  if (code == NULL)
    return NULL;
  credentials = assume (config, role, source, code, cancellable, error);
  slip_aws_secret_free (code);
  return credentials;
}

SlipAwsCredentials *
slip_aws_role_fetch (SlipAwsConfig *config,
                     const SlipAwsRole *role,
                     SlipAwsCredentials *source,
                     const SlipAwsMfa *mfa,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GError) local = NULL;
  SlipAwsCredentials *credentials;

  if (role->mfa_serial == NULL)
    credentials = assume (config, role, source, NULL, cancellable, &local);
  else if (source->session_token == NULL)
    credentials = assume_with_session (config, role, source, mfa, cancellable, &local);
  else
    credentials = assume_with_code (config, role, source, mfa, cancellable, &local);
  if (credentials == NULL)
    explain (role, local, error);
  return credentials;
}

SlipAwsCredentials *
slip_aws_web_identity_fetch (SlipAwsConfig *config,
                             const SlipAwsRole *role,
                             const char *token_file,
                             GCancellable *cancellable,
                             GError **error)
{
  /* The operation is not signed; a client has to be made with some credentials all the same. */
  g_autoptr (SlipAwsCredentials) nobody
      = slip_aws_credentials_new ("unsigned", "unsigned", NULL, 0, "web identity");
  g_autoptr (SlipAwsClient) client = make_client (config, role, nobody);
  g_autofree char *from = g_strdup_printf ("web identity role %s", role->role_arn);
  g_autofree char *name
      = role->session_name != NULL ? g_strdup (role->session_name) : default_session_name ();
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = slip_file_read (token_file, MAX_TOKEN_FILE, &local);
  SlipAwsCredentials *credentials;
  JsonObject *input;
  char *token;

  if (bytes == NULL)
    {
      explain (role, local, error);
      return NULL;
    }
  token = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  input = json_object_new ();
  add_text (input, "RoleArn", role->role_arn);
  add_text (input, "RoleSessionName", name);
  add_text (input, "WebIdentityToken", g_strstrip (token));
  slip_aws_secret_free (token);
  if (role->duration_s != 0)
    json_object_set_int_member (input, "DurationSeconds", role->duration_s);
  credentials = call_sts (client, "AssumeRoleWithWebIdentity", input, from, cancellable, &local);
  if (credentials == NULL)
    explain (role, local, error);
  return credentials;
}
