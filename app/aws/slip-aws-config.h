/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * SlipAwsConfig:
 *
 * The shared configuration of AWS tools: `~/.aws/config` and `~/.aws/credentials`, read once.
 * Immutable, thread-safe, reference counted.
 */
typedef struct _SlipAwsConfig SlipAwsConfig;

/**
 * slip_aws_config_load:
 * @config_path: (nullable): the config file, or %NULL for `AWS_CONFIG_FILE` or `~/.aws/config`
 * @credentials_path: (nullable): the credentials file, or %NULL for `AWS_SHARED_CREDENTIALS_FILE`
 *   or `~/.aws/credentials`
 * @error: return location
 *
 * Reads both files. A file that does not exist is an empty one.
 *
 * Returns: (transfer full): the configuration, or %NULL with %SLIP_AWS_ERROR_CONFIG and `file:line`
 */
SlipAwsConfig *
slip_aws_config_load (const char *config_path, const char *credentials_path, GError **error);

/**
 * slip_aws_config_new_from_text:
 * @config: (nullable): text of a config file
 * @config_length: its bytes, or -1
 * @credentials: (nullable): text of a credentials file
 * @credentials_length: its bytes, or -1
 * @error: return location
 *
 * Returns: (transfer full): the configuration, or %NULL with %SLIP_AWS_ERROR_CONFIG
 */
SlipAwsConfig *slip_aws_config_new_from_text (const char *config,
                                              gssize config_length,
                                              const char *credentials,
                                              gssize credentials_length,
                                              GError **error);

/**
 * slip_aws_config_reload:
 * @self: a configuration
 * @error: return location
 *
 * Reads the files that @self came from anew: other tools renew sessions by writing them.
 *
 * Returns: (transfer full): the configuration as it is now, @self itself when it came from text, or
 *   %NULL with %SLIP_AWS_ERROR_CONFIG
 */
SlipAwsConfig *slip_aws_config_reload (SlipAwsConfig *self, GError **error);

SlipAwsConfig *slip_aws_config_ref (SlipAwsConfig *self);
void slip_aws_config_unref (SlipAwsConfig *self);

/**
 * slip_aws_config_list_profiles:
 * @self: a configuration
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of all profiles, sorted
 */
char **slip_aws_config_list_profiles (SlipAwsConfig *self);

gboolean slip_aws_config_has_profile (SlipAwsConfig *self, const char *profile);

/**
 * slip_aws_config_check_profile:
 * @self: a configuration
 * @profile: a profile's name
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_CONFIG that names the profiles there are
 */
gboolean
slip_aws_config_check_profile (SlipAwsConfig *self, const char *profile, GError **error);

/**
 * slip_aws_config_get:
 * @self: a configuration
 * @profile: a profile's name
 * @key: a key, lower case
 *
 * Returns: (transfer none) (nullable): the value; that of the credentials file where both have one
 */
const char *slip_aws_config_get (SlipAwsConfig *self, const char *profile, const char *key);

/**
 * slip_aws_config_get_nested:
 * @self: a configuration
 * @profile: a profile's name
 * @key: a key that has indented lines below, such as `s3`
 * @subkey: a key of those lines, such as `addressing_style`
 *
 * Returns: (transfer none) (nullable): the value
 */
const char *slip_aws_config_get_nested (SlipAwsConfig *self,
                                        const char *profile,
                                        const char *key,
                                        const char *subkey);

/**
 * slip_aws_config_get_sso_session:
 * @self: a configuration
 * @session: the name of an `[sso-session …]` section
 * @key: a key
 *
 * Returns: (transfer none) (nullable): the value
 */
const char *
slip_aws_config_get_sso_session (SlipAwsConfig *self, const char *session, const char *key);

gboolean slip_aws_config_has_sso_session (SlipAwsConfig *self, const char *session);

/**
 * slip_aws_config_get_service:
 * @self: a configuration
 * @services: the name of a `[services …]` section
 * @service: a service id in lower case with `_` for spaces, such as `secrets_manager`
 * @key: a key, such as `endpoint_url`
 *
 * Returns: (transfer none) (nullable): the value
 */
const char *slip_aws_config_get_service (SlipAwsConfig *self,
                                         const char *services,
                                         const char *service,
                                         const char *key);

gboolean slip_aws_config_has_services (SlipAwsConfig *self, const char *services);

/**
 * slip_aws_config_list_service_keys:
 * @self: a configuration
 * @services: the name of a `[services …]` section
 *
 * Returns: (transfer full) (array zero-terminated=1): the services that the section names
 */
char **slip_aws_config_list_service_keys (SlipAwsConfig *self, const char *services);

/**
 * slip_aws_config_dup_place:
 * @self: a configuration
 * @profile: a profile's name
 * @key: a key
 *
 * Returns: (transfer full): `file:line` of a value, for error messages; the profile's own name where
 *   there is no such value
 */
char *slip_aws_config_dup_place (SlipAwsConfig *self, const char *profile, const char *key);

/**
 * slip_aws_config_dup_profile:
 * @explicit_profile: (nullable): a profile a person chose
 *
 * Returns: (transfer full): @explicit_profile, or `AWS_PROFILE`, or `default`
 */
char *slip_aws_config_dup_profile (const char *explicit_profile);

/**
 * slip_aws_config_dup_region:
 * @self: a configuration
 * @profile: a profile's name
 * @use_environment: whether `AWS_REGION` and `AWS_DEFAULT_REGION` go before the profile's own
 *
 * Returns: (transfer full) (nullable): the region
 */
char *
slip_aws_config_dup_region (SlipAwsConfig *self, const char *profile, gboolean use_environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsConfig, slip_aws_config_unref)

G_END_DECLS
