/* SPDX-License-Identifier: MIT */

/* AWS Security Token Service: who am I, and sessions of roles and users with the rules for second
 * factors and durations. */

#include "slip-services-list.h"

#include "slip-json.h"
#include "slip-permissions.h"
#include "slip-principals.h"

#define MIN_SECONDS 900
#define MAX_CHAINED_SECONDS 3600
#define MAX_SESSION_SECONDS 129600

static JsonNode *
get_caller_identity (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *output = json_object_new ();

  json_object_set_string_member (output, "UserId", ctx->user_id);
  json_object_set_string_member (output, "Account", ctx->account);
  json_object_set_string_member (output, "Arn", ctx->principal_arn);
  return slip_json_new_object (output);
}

static void
add_credentials (JsonObject *output, const SlipSessionKeys *keys)
{
  JsonObject *credentials = json_object_new ();

  json_object_set_string_member (credentials, "AccessKeyId", keys->access_key);
  json_object_set_string_member (credentials, "SecretAccessKey", keys->secret_key);
  json_object_set_string_member (credentials, "SessionToken", keys->token);
  json_object_set_string_member (credentials, "Expiration", keys->expiration);
  json_object_set_object_member (output, "Credentials", credentials);
}

static const SlipWorldRecord *
find_user (SlipServiceContext *ctx)
{
  const char *name = strstr (ctx->principal_arn, ":user/");

  if (name == NULL)
    return NULL;
  return slip_world_get (ctx->world, ctx->account, "", SLIP_TYPE_IAM_USER,
                         name + strlen (":user/"));
}

static gboolean
deny (GError **error, const char *message)
{
  slip_service_error (error, 403, "AccessDenied", "%s", message);
  return FALSE;
}

/* Checks serial number and code when either is given. Sets @shown when the factor was proven. */
static gboolean
check_mfa (SlipServiceContext *ctx, JsonObject *input, gboolean *shown, GError **error)
{
  const char *serial = slip_json_string (input, "SerialNumber");
  const char *code = slip_json_string (input, "TokenCode");
  const SlipWorldRecord *user = find_user (ctx);
  const char *known = user != NULL ? slip_json_string (user->data, "mfa_serial") : NULL;

  *shown = slip_json_bool (ctx->session->data, "mfa", FALSE);
  if (serial == NULL && code == NULL)
    return TRUE;
  if (serial == NULL || code == NULL)
    return deny (error, "MultiFactorAuthentication failed, must provide both MFA serial number and "
                        "one time pass code.");
  if (known == NULL || !g_str_equal (known, serial))
    return deny (error, "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
                        "verify your MFA serial number is valid and associated with this user.");
  if (g_strcmp0 (slip_json_string (user->data, "mfa_code"), code) != 0)
    return deny (error, "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
  *shown = TRUE;
  return TRUE;
}

static const SlipWorldRecord *
find_role (SlipServiceContext *ctx, const char *arn_text)
{
  const SlipWorldRecord *identity = slip_permissions_find_identity (ctx->world, arn_text);

  if (identity == NULL || g_strcmp0 (slip_json_string (identity->data, "Arn"), arn_text) != 0
      || !g_str_equal (identity->type, SLIP_TYPE_IAM_ROLE))
    return NULL;
  return identity;
}

static gboolean
check_duration (gint64 seconds, gint64 maximum, GError **error)
{
  if (seconds < MIN_SECONDS)
    {
      slip_service_error (error, 400, "ValidationError",
                          "1 validation error detected: Value '%" G_GINT64_FORMAT
                          "' at 'durationSeconds' failed to satisfy constraint: Member must have "
                          "value greater than or equal to 900",
                          seconds);
      return FALSE;
    }
  if (seconds > maximum)
    {
      slip_service_error (
          error, 400, "ValidationError",
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_session_name (const char *name, GError **error)
{
  if (g_regex_match_simple ("^[\\w+=,.@-]{2,64}$", name, 0, 0))
    return TRUE;
  slip_service_error (error, 400, "ValidationError",
                      "1 validation error detected: Value '%s' at 'roleSessionName' failed to "
                      "satisfy constraint: Member must satisfy regular expression pattern: "
                      "[\\w+=,.@-]{2,64}",
                      name);
  return FALSE;
}

static JsonNode *
assume_role (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "RoleArn");
  const char *name = slip_json_string (input, "RoleSessionName");
  const SlipWorldRecord *role = find_role (ctx, arn);
  gboolean chained = json_object_has_member (ctx->session->data, "token");
  gint64 maximum
      = role != NULL ? slip_json_int (role->data, "MaxSessionDuration", MAX_CHAINED_SECONDS) : 0;
  gint64 seconds = slip_json_int (input, "DurationSeconds", MAX_CHAINED_SECONDS);
  g_auto (SlipSessionKeys) keys = {NULL};
  gboolean mfa = FALSE;
  JsonObject *output;
  JsonObject *user;

  if (!check_session_name (name, error) || !check_mfa (ctx, input, &mfa, error))
    return NULL;
  if (role == NULL || !slip_principals_trusts (role, ctx->account, ctx->principal_arn, mfa, name))
    return slip_service_error (
        error, 403, "AccessDenied",
        "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", ctx->principal_arn,
        arn);
  if (chained && seconds > MAX_CHAINED_SECONDS)
    return slip_service_error (
        error, 400, "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining");
  if (!check_duration (seconds, maximum, error))
    return NULL;
  slip_principals_new_role_session (ctx->world, role, name, seconds, mfa, NULL, &keys);
  output = json_object_new ();
  add_credentials (output, &keys);
  user = json_object_new ();
  json_object_set_string_member (user, "AssumedRoleId", keys.user_id);
  json_object_set_string_member (user, "Arn", keys.arn);
  json_object_set_object_member (output, "AssumedRoleUser", user);
  if (slip_json_string (input, "SourceIdentity") != NULL)
    json_object_set_string_member (output, "SourceIdentity",
                                   slip_json_string (input, "SourceIdentity"));
  return slip_json_new_object (output);
}

static JsonNode *
get_session_token (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 seconds = slip_json_int (input, "DurationSeconds", 43200);
  g_auto (SlipSessionKeys) keys = {NULL};
  gboolean mfa = FALSE;
  JsonObject *output;

  if (json_object_has_member (ctx->session->data, "token"))
    return slip_service_error (error, 403, "AccessDenied",
                               "Cannot call GetSessionToken with session credentials");
  if (!check_mfa (ctx, input, &mfa, error) || !check_duration (seconds, MAX_SESSION_SECONDS, error))
    return NULL;
  slip_principals_new_session (ctx->world, ctx->account, ctx->principal_arn, ctx->user_id, seconds,
                               mfa, NULL, &keys);
  output = json_object_new ();
  add_credentials (output, &keys);
  return slip_json_new_object (output);
}

static JsonNode *
get_federation_token (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Name");
  gint64 seconds = slip_json_int (input, "DurationSeconds", 43200);
  g_auto (SlipSessionKeys) keys = {NULL};
  g_autofree char *arn = g_strdup_printf ("arn:aws:sts::%s:federated-user/%s", ctx->account, name);
  g_autofree char *user_id = g_strdup_printf ("%s:%s", ctx->account, name);
  JsonObject *output;
  JsonObject *user;

  if (json_object_has_member (ctx->session->data, "token"))
    return slip_service_error (error, 403, "AccessDenied",
                               "Cannot call GetFederationToken with session credentials");
  if (!check_session_name (name, error) || !check_duration (seconds, MAX_SESSION_SECONDS, error))
    return NULL;
  slip_principals_new_session (ctx->world, ctx->account, arn, user_id, seconds, FALSE, NULL, &keys);
  output = json_object_new ();
  add_credentials (output, &keys);
  user = json_object_new ();
  json_object_set_string_member (user, "FederatedUserId", user_id);
  json_object_set_string_member (user, "Arn", arn);
  json_object_set_object_member (output, "FederatedUser", user);
  json_object_set_int_member (output, "PackedPolicySize", 0);
  return slip_json_new_object (output);
}

static JsonNode *
get_access_key_info (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *id = slip_json_string (input, "AccessKeyId");
  const SlipWorldRecord *key = slip_principals_find_key (ctx->world, id);
  JsonObject *output;

  if (key == NULL)
    return slip_service_error (error, 400, "ValidationError", "Access key %s does not exist", id);
  output = json_object_new ();
  json_object_set_string_member (output, "Account", slip_json_string (key->data, "account"));
  return slip_json_new_object (output);
}

static const SlipServiceOperation operations[] = {
    {"AssumeRole", assume_role},
    {"GetAccessKeyInfo", get_access_key_info},
    {"GetCallerIdentity", get_caller_identity},
    {"GetFederationToken", get_federation_token},
    {"GetSessionToken", get_session_token},
    {NULL, NULL},
};

const SlipService slip_sts_service = {.name = "sts", .operations = operations};
