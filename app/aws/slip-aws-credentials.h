/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SLIP_TYPE_AWS_CREDENTIALS (slip_aws_credentials_get_type ())

/**
 * SlipAwsCredentials:
 * @access_key: the access key id, `AKIA…` or `ASIA…`
 * @secret_key: the secret access key
 * @session_token: (nullable): the session token of temporary credentials
 * @expiration_us: when they end, microseconds since 1970-01-01T00:00:00Z; 0 when not known
 * @obtained_us: when they were obtained, in the same unit; the base of the 20 % rule of renewal
 * @source: where they come from, for people: `environment`, `aws-vault`, `role arn:…`. Never a secret.
 *
 * One set of AWS credentials. Immutable and thread-safe; reference counted. The secret and the token
 * live in memory that is locked where the system allows it, left out of core dumps, and cleared
 * before it is given back.
 */
typedef struct
{
  const char *access_key;
  const char *secret_key;
  const char *session_token;
  gint64 expiration_us;
  gint64 obtained_us;
  const char *source;
} SlipAwsCredentials;

GType slip_aws_credentials_get_type (void);

/**
 * slip_aws_credentials_new:
 * @access_key: the access key id
 * @secret_key: the secret access key
 * @session_token: (nullable): the session token; empty means none
 * @expiration_us: microseconds since the epoch, or 0
 * @source: where they come from, for people
 *
 * Returns: (transfer full): new credentials, obtained now
 */
SlipAwsCredentials *slip_aws_credentials_new (const char *access_key,
                                              const char *secret_key,
                                              const char *session_token,
                                              gint64 expiration_us,
                                              const char *source);

SlipAwsCredentials *slip_aws_credentials_ref (SlipAwsCredentials *self);
void slip_aws_credentials_unref (SlipAwsCredentials *self);

/**
 * slip_aws_credentials_needs_refresh:
 * @self: credentials
 * @now_us: microseconds since the epoch
 *
 * Returns: whether 10 minutes or less, or 20 % or less of their life, remain
 */
gboolean slip_aws_credentials_needs_refresh (const SlipAwsCredentials *self, gint64 now_us);

/**
 * slip_aws_credentials_is_expired:
 * @self: credentials
 * @now_us: microseconds since the epoch
 *
 * Returns: whether their known end has passed
 */
gboolean slip_aws_credentials_is_expired (const SlipAwsCredentials *self, gint64 now_us);

/**
 * slip_aws_credentials_to_environ:
 * @self: credentials
 * @envp: (transfer full) (array zero-terminated=1) (nullable): an environment, or %NULL for this
 *   process's own
 *
 * Puts the credentials into an environment for a child: `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_CREDENTIAL_EXPIRATION`; and takes out what would
 * contradict them (`AWS_PROFILE`, `AWS_VAULT`, …). The only way in which secrets may go to a child:
 * never by its arguments.
 *
 * Returns: (transfer full) (array zero-terminated=1): the environment; free it with
 *   slip_aws_environ_free()
 */
char **slip_aws_credentials_to_environ (const SlipAwsCredentials *self, char **envp);

/**
 * slip_aws_environ_free:
 * @envp: (transfer full) (array zero-terminated=1) (nullable): an environment
 *
 * Clears each string before it frees it.
 */
void slip_aws_environ_free (char **envp);

/**
 * slip_aws_secret_free:
 * @text: (transfer full) (nullable): a string that holds a secret
 *
 * Clears @text before it frees it.
 */
void slip_aws_secret_free (char *text);

/**
 * slip_aws_protect_process:
 *
 * Forbids core dumps and debugger attachment of this process (`PR_SET_DUMPABLE` 0), so that a crash
 * writes no secret to disk. And keeps libcrypto in order until the process is gone: a worker thread may still
 * hash something that nobody waits for when main() returns. What holds credentials of AWS calls it first thing in main().
 */
void slip_aws_protect_process (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsCredentials, slip_aws_credentials_unref)

G_END_DECLS
