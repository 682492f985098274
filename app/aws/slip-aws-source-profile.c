/* SPDX-License-Identifier: MIT */

/* Decides by a profile's keys where its credentials come from, and follows role chains to their end.
 * The order is that of the AWS SDKs, with aws-vault where it is asked for by name, or where a chain
 * ends in a profile that has nothing of its own: then the keys are in aws-vault's keychain, and it
 * assumes the whole chain itself. */

#include "slip-aws-source.h"

#include "slip-aws-error.h"
#include "slip-clock.h"

#define MAX_CHAIN 10
#define VAULT_TIMEOUT_S 120

typedef enum
{
  KIND_NONE,
  KIND_VAULT,
  KIND_ROLE,
  KIND_WEB_IDENTITY,
  KIND_SSO,
  KIND_STATIC,
  KIND_PROCESS,
} Kind;

static gboolean
has (SlipAwsConfig *config, const char *profile, const char *key)
{
  return slip_aws_config_get (config, profile, key) != NULL;
}

static Kind
kind_of (SlipAwsConfig *config, const char *profile)
{
  const char *chosen = slip_aws_config_get (config, profile, "slipway_credentials");

  if (g_strcmp0 (chosen, "aws-vault") == 0)
    return KIND_VAULT;
  if (has (config, profile, "role_arn")
      && (has (config, profile, "source_profile") || has (config, profile, "credential_source")))
    return KIND_ROLE;
  if (has (config, profile, "role_arn") && has (config, profile, "web_identity_token_file"))
    return KIND_WEB_IDENTITY;
  if (slip_aws_sso_is_configured (config, profile))
    return KIND_SSO;
  if (has (config, profile, "aws_access_key_id"))
    return KIND_STATIC;
  return has (config, profile, "credential_process") ? KIND_PROCESS : KIND_NONE;
}

static gboolean
fail (SlipAwsConfig *config,
      const char *profile,
      const char *key,
      const char *what,
      const char *value,
      GError **error)
{
  g_autofree char *place = slip_aws_config_dup_place (config, profile, key);

  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, "%s: %s%s", place, what, value);
  return FALSE;
}

/* Walks source profiles to the one that has credentials. A profile may be its own source: then its
 * static keys are meant. FALSE for a missing profile or a circle. */
static gboolean
find_end (SlipAwsConfig *config, const char *profile, Kind *end, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  while (TRUE)
    {
      const char *source = slip_aws_config_get (config, profile, "source_profile");

      if (!slip_aws_config_check_profile (config, profile, error))
        return FALSE;
      *end = kind_of (config, profile);
      if (*end != KIND_ROLE || source == NULL)
        return TRUE;
      if (g_str_equal (source, profile))
        {
          *end = has (config, profile, "aws_access_key_id") ? KIND_STATIC : KIND_NONE;
          return TRUE;
        }
      g_hash_table_add (seen, (gpointer)profile);
      if (g_hash_table_contains (seen, source))
        return fail (config, profile, "source_profile",
                     "the source profiles form a circle, back to ", source, error);
      if (g_hash_table_size (seen) > MAX_CHAIN)
        return fail (config, profile, "source_profile", "the chain of source profiles is too long",
                     "", error);
      profile = source;
    }
}

static SlipAwsCredentials *
fetch_static (SlipAwsConfig *config, const char *profile, GError **error)
{
  const char *secret = slip_aws_config_get (config, profile, "aws_secret_access_key");
  /* Programs that write sessions into the file (saml2aws, the rehearsal) say here when they end. */
  const char *expires = slip_aws_config_get (config, profile, "x_security_token_expires");
  g_autofree char *source = g_strdup_printf ("profile %s", profile);
  gint64 end_us = 0;

  if (secret == NULL)
    {
      fail (config, profile, "aws_access_key_id", "aws_secret_access_key is missing beside it", "",
            error);
      return NULL;
    }
  if (expires != NULL && !slip_time_parse (expires, &end_us))
    {
      fail (config, profile, "x_security_token_expires",
            "x_security_token_expires is no time in ISO 8601: ", expires, error);
      return NULL;
    }
  return slip_aws_credentials_new (
      slip_aws_config_get (config, profile, "aws_access_key_id"), secret,
      slip_aws_config_get (config, profile, "aws_session_token"), end_us, source);
}

static gboolean
read_role (SlipAwsConfig *config, const char *profile, SlipAwsRole *role, GError **error)
{
  const char *duration = slip_aws_config_get (config, profile, "duration_seconds");
  guint64 seconds = 0;

  if (duration != NULL && !g_ascii_string_to_unsigned (duration, 10, 900, 43200, &seconds, NULL))
    return fail (config, profile, "duration_seconds", "duration_seconds must be 900 to 43200, not ",
                 duration, error);
  *role = (SlipAwsRole){
      .profile = profile,
      .role_arn = slip_aws_config_get (config, profile, "role_arn"),
      .session_name = slip_aws_config_get (config, profile, "role_session_name"),
      .external_id = slip_aws_config_get (config, profile, "external_id"),
      .mfa_serial = slip_aws_config_get (config, profile, "mfa_serial"),
      .region = slip_aws_config_get (config, profile, "region"),
      .duration_s = (guint)seconds,
  };
  return TRUE;
}

static SlipAwsCredentials *
fetch_named_source (SlipAwsConfig *config,
                    const char *profile,
                    const char *source,
                    GCancellable *cancellable,
                    GError **error)
{
  if (g_str_equal (source, "Environment"))
    return slip_aws_environment_fetch (error);
  if (g_str_equal (source, "EcsContainer"))
    return slip_aws_container_fetch (cancellable, error);
  if (g_str_equal (source, "Ec2InstanceMetadata"))
    fail (config, profile, "credential_source",
          "a workstation has no instance metadata; credential_source cannot be ", source, error);
  else
    fail (config, profile, "credential_source",
          "credential_source must be Environment or EcsContainer, not ", source, error);
  return NULL;
}

static SlipAwsCredentials *fetch_own (SlipAwsConfig *config,
                                      const char *profile,
                                      const SlipAwsMfa *mfa,
                                      GCancellable *cancellable,
                                      GError **error);

static SlipAwsCredentials *
fetch_role (SlipAwsConfig *config,
            const char *profile,
            const SlipAwsMfa *mfa,
            GCancellable *cancellable,
            GError **error)
{
  const char *source_profile = slip_aws_config_get (config, profile, "source_profile");
  const char *named = slip_aws_config_get (config, profile, "credential_source");
  g_autoptr (SlipAwsCredentials) source = NULL;
  SlipAwsRole role;

  if (!read_role (config, profile, &role, error))
    return NULL;
  if (source_profile != NULL && named != NULL)
    {
      fail (config, profile, "source_profile",
            "a profile has either source_profile or credential_source, not both", "", error);
      return NULL;
    }
  if (source_profile == NULL)
    source = fetch_named_source (config, profile, named, cancellable, error);
  else if (g_str_equal (source_profile, profile))
    source = fetch_static (config, profile, error);
  else
    source = fetch_own (config, source_profile, mfa, cancellable, error);
  if (source == NULL)
    return NULL;
  return slip_aws_role_fetch (config, &role, source, mfa, cancellable, error);
}

static SlipAwsCredentials *
fetch_web_identity (SlipAwsConfig *config,
                    const char *profile,
                    GCancellable *cancellable,
                    GError **error)
{
  SlipAwsRole role;

  if (!read_role (config, profile, &role, error))
    return NULL;
  return slip_aws_web_identity_fetch (
      config, &role, slip_aws_config_get (config, profile, "web_identity_token_file"), cancellable,
      error);
}

/* The chain is known to end. */
static SlipAwsCredentials *
fetch_own (SlipAwsConfig *config,
           const char *profile,
           const SlipAwsMfa *mfa,
           GCancellable *cancellable,
           GError **error)
{
  switch (kind_of (config, profile))
    {
    case KIND_VAULT:
      return slip_aws_vault_fetch (profile, VAULT_TIMEOUT_S, mfa, cancellable, error);
    case KIND_ROLE:
      return fetch_role (config, profile, mfa, cancellable, error);
    case KIND_WEB_IDENTITY:
      return fetch_web_identity (config, profile, cancellable, error);
    case KIND_SSO:
      return slip_aws_sso_fetch (config, profile, cancellable, error);
    case KIND_STATIC:
      return fetch_static (config, profile, error);
    case KIND_PROCESS:
      return slip_aws_process_fetch (slip_aws_config_get (config, profile, "credential_process"),
                                     profile, cancellable, error);
    case KIND_NONE:
      break;
    }
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
               "profile “%s” has neither keys, role, SSO nor credential_process, and aws-vault is "
               "not on PATH",
               profile);
  return NULL;
}

SlipAwsCredentials *
slip_aws_profile_fetch (SlipAwsConfig *config,
                        const char *profile,
                        const SlipAwsMfa *mfa,
                        GCancellable *cancellable,
                        GError **error)
{
  Kind end;

  if (!find_end (config, profile, &end, error))
    return NULL;
  if (end == KIND_NONE && slip_aws_vault_is_installed ())
    return slip_aws_vault_fetch (profile, VAULT_TIMEOUT_S, mfa, cancellable, error);
  return fetch_own (config, profile, mfa, cancellable, error);
}
