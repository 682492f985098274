/* SPDX-License-Identifier: MIT */

/* Credentials in environment variables, as the AWS SDKs and aws-vault exec set them; and the two
 * helpers that several sources share. */

#include "slip-aws-source.h"

#include "slip-aws-error.h"
#include "slip-clock.h"
#include "slip-json.h"

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

gboolean
slip_aws_environment_has_keys (void)
{
  return variable ("AWS_ACCESS_KEY_ID") != NULL;
}

SlipAwsCredentials *
slip_aws_environment_fetch (GError **error)
{
  const char *access_key = variable ("AWS_ACCESS_KEY_ID");
  const char *secret_key = variable ("AWS_SECRET_ACCESS_KEY");
  const char *token = variable ("AWS_SESSION_TOKEN");
  const char *expiration = variable ("AWS_CREDENTIAL_EXPIRATION");
  gint64 expiration_us = 0;

  if (access_key == NULL || secret_key == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                   "the environment variable %s is not set",
                   access_key == NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
      return NULL;
    }
  if (token == NULL)
    token = variable ("AWS_SECURITY_TOKEN");
  if (expiration == NULL)
    expiration = variable ("AWS_SESSION_EXPIRATION");
  if (expiration != NULL && !slip_time_parse (expiration, &expiration_us))
    expiration_us = 0;
  return slip_aws_credentials_new (access_key, secret_key, token, expiration_us, "environment");
}

char *
slip_aws_mfa_ask (const SlipAwsMfa *mfa,
                  const char *serial,
                  const char *purpose,
                  GCancellable *cancellable,
                  GError **error)
{
  char *code = mfa != NULL && mfa->func != NULL
                   ? mfa->func (serial, purpose, cancellable, mfa->data)
                   : NULL;

  if (code != NULL && *g_strstrip (code) != '\0')
    return code;
  slip_aws_secret_free (code);
  if (g_cancellable_is_cancelled (cancellable))
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the sign-in was cancelled");
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MFA_NEEDED, "%s needs a one-time code of %s",
                 purpose, serial);
  return NULL;
}

SlipAwsCredentials *
slip_aws_credentials_from_json (JsonObject *object,
                                const char *access_key,
                                const char *secret_key,
                                const char *token,
                                const char *expiration,
                                const char *source)
{
  const char *access_value = slip_json_string (object, access_key);
  const char *secret_value = slip_json_string (object, secret_key);
  const char *end = slip_json_string (object, expiration);
  gint64 expiration_us = 0;

  if (access_value == NULL || *access_value == '\0' || secret_value == NULL
      || *secret_value == '\0')
    return NULL;
  if (end != NULL && !slip_time_parse (end, &expiration_us))
    return NULL;
  /* SSO counts milliseconds since 1970. */
  if (end == NULL)
    expiration_us = slip_json_int (object, expiration, 0) * 1000;
  return slip_aws_credentials_new (access_value, secret_value, slip_json_string (object, token),
                                   expiration_us, source);
}
