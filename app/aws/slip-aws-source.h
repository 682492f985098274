/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-aws-provider.h"

G_BEGIN_DECLS

/* Where credentials come from: one file for each kind. All functions block, may run on any worker
 * thread, and give a full reference or NULL with an error of the kinds that slip_aws_provider_get()
 * names. */

/* Who asks a person for a code; func may be NULL. */
typedef struct
{
  SlipAwsMfaFunc func;
  gpointer data;
} SlipAwsMfa;

/* Asks for a code. NULL with SLIP_AWS_ERROR_MFA_NEEDED when nobody is there or has none. */
char *slip_aws_mfa_ask (const SlipAwsMfa *mfa,
                        const char *serial,
                        const char *purpose,
                        GCancellable *cancellable,
                        GError **error);

gboolean slip_aws_environment_has_keys (void);
SlipAwsCredentials *slip_aws_environment_fetch (GError **error);

/* The profile with everything that its role chain needs. */
SlipAwsCredentials *slip_aws_profile_fetch (SlipAwsConfig *config,
                                            const char *profile,
                                            const SlipAwsMfa *mfa,
                                            GCancellable *cancellable,
                                            GError **error);

/* What a role is assumed with. */
typedef struct
{
  const char *profile; /* for messages, and whose endpoints count */
  const char *role_arn;
  const char *session_name; /* or NULL */
  const char *external_id;  /* or NULL */
  const char *mfa_serial;   /* or NULL */
  const char *region;       /* or NULL */
  guint duration_s;         /* or 0 */
} SlipAwsRole;

SlipAwsCredentials *slip_aws_role_fetch (SlipAwsConfig *config,
                                         const SlipAwsRole *role,
                                         SlipAwsCredentials *source,
                                         const SlipAwsMfa *mfa,
                                         GCancellable *cancellable,
                                         GError **error);

SlipAwsCredentials *slip_aws_web_identity_fetch (SlipAwsConfig *config,
                                                 const SlipAwsRole *role,
                                                 const char *token_file,
                                                 GCancellable *cancellable,
                                                 GError **error);

SlipAwsCredentials *slip_aws_process_fetch (const char *command_line,
                                            const char *profile,
                                            GCancellable *cancellable,
                                            GError **error);

/* The document of credential_process and of `aws-vault export --format=json`. */
SlipAwsCredentials *
slip_aws_process_parse (const char *text, gsize length, const char *source, GError **error);

gboolean slip_aws_vault_is_installed (void);
SlipAwsCredentials *slip_aws_vault_fetch (const char *profile,
                                          guint timeout_s,
                                          const SlipAwsMfa *mfa,
                                          GCancellable *cancellable,
                                          GError **error);

gboolean slip_aws_sso_is_configured (SlipAwsConfig *config, const char *profile);
SlipAwsCredentials *slip_aws_sso_fetch (SlipAwsConfig *config,
                                        const char *profile,
                                        GCancellable *cancellable,
                                        GError **error);

gboolean slip_aws_container_is_configured (void);
SlipAwsCredentials *slip_aws_container_fetch (GCancellable *cancellable, GError **error);

/* The members that a credentials document of the container endpoint, SSO and STS share, under the
 * names given; NULL when one is absent. */
SlipAwsCredentials *slip_aws_credentials_from_json (JsonObject *object,
                                                    const char *access_key,
                                                    const char *secret_key,
                                                    const char *token,
                                                    const char *expiration,
                                                    const char *source);

G_END_DECLS
