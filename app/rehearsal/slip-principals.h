/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/* Types of the world. The first belongs to no account or region, the others to an account. */
#define SLIP_TYPE_ACCESS_KEY "access-key"
#define SLIP_TYPE_IAM_ROLE "iam.role"
#define SLIP_TYPE_IAM_USER "iam.user"
#define SLIP_TYPE_IAM_POLICY "iam.policy"
#define SLIP_TYPE_ACCOUNT "account"

/**
 * SlipNewPrincipal:
 * @name: its name
 * @path: (nullable): its path, `/` unless given
 * @policies: (nullable): inline policies by name, each a document
 * @attached: (nullable): ARNs of policies; without this and @policies it may do everything
 *   (AdministratorAccess)
 * @trusted: (nullable): of a role: ARN patterns of who may assume it; %NULL for anybody in its account
 * @services: (nullable): of a role: services that may assume it (`ecs-tasks.amazonaws.com`)
 * @mfa: of a role: whether assuming it needs a second factor
 * @named: of a role: whether a session of it has the name of the user who assumes it
 * @max_seconds: of a role: the longest session
 * @access_key: (nullable): of a user: `AKIA…`
 * @secret_key: (nullable): goes with it
 * @mfa_serial: (nullable): of a user: ARN of a device
 * @mfa_code: (nullable): the six digits it shows, always the same here
 *
 * A role or user to make.
 */
typedef struct
{
  const char *name;
  const char *path;
  JsonObject *policies;
  JsonArray *attached;
  JsonArray *trusted;
  JsonArray *services;
  gboolean mfa;
  gboolean named;
  gint64 max_seconds;
  const char *access_key;
  const char *secret_key;
  const char *mfa_serial;
  const char *mfa_code;
} SlipNewPrincipal;

/**
 * slip_principals_add_role:
 * @world: the world, in a transaction
 * @account: its account
 * @role: what it is
 *
 * Makes an IAM role. Whom it trusts becomes its trust policy.
 */
void slip_principals_add_role (SlipWorld *world, const char *account, const SlipNewPrincipal *role);

/**
 * slip_principals_add_user:
 * @world: the world, in a transaction
 * @account: its account
 * @user: what it is
 *
 * Makes an IAM user and, with @access_key, its long-lived key.
 */
void slip_principals_add_user (SlipWorld *world, const char *account, const SlipNewPrincipal *user);

/**
 * slip_principals_trusts:
 * @role: an `iam.role`
 * @account: who asks
 * @principal_arn: who asks
 * @mfa: whether a second factor was shown
 * @name: what the session shall be called
 *
 * Returns: whether the role's trust policy lets the principal assume it
 */
gboolean slip_principals_trusts (const SlipWorldRecord *role,
                                 const char *account,
                                 const char *principal_arn,
                                 gboolean mfa,
                                 const char *name);

/**
 * SlipSessionKeys:
 *
 * Temporary credentials as they are handed out.
 */
typedef struct
{
  char *access_key;
  char *secret_key;
  char *token;
  char *expiration; /* ISO 8601 */
  char *arn;
  char *user_id;
} SlipSessionKeys;

void slip_session_keys_clear (SlipSessionKeys *keys);

/**
 * slip_principals_new_role_session:
 * @role: an `iam.role`
 * @session_name: such as `ann`
 * @seconds: real seconds that it lasts
 * @mfa: whether a second factor was shown
 * @profile: (nullable): the profile it was made for
 * @keys: (out caller-allocates): the credentials
 *
 * Starts a session of a role and remembers its keys in the world.
 */
void slip_principals_new_role_session (SlipWorld *world,
                                       const SlipWorldRecord *role,
                                       const char *session_name,
                                       gint64 seconds,
                                       gboolean mfa,
                                       const char *profile,
                                       SlipSessionKeys *keys);

/**
 * slip_principals_new_session:
 * @account: the caller's account
 * @arn: whose session
 * @user_id: its unique id
 * @seconds: real seconds that it lasts
 *
 * Starts a session of a user (GetSessionToken, GetFederationToken).
 */
void slip_principals_new_session (SlipWorld *world,
                                  const char *account,
                                  const char *arn,
                                  const char *user_id,
                                  gint64 seconds,
                                  gboolean mfa,
                                  const char *profile,
                                  SlipSessionKeys *keys);

/**
 * slip_principals_find_key:
 *
 * Returns: (transfer none) (nullable): the access key's record: `account`, `secret`, `token`, `arn`,
 *   `user_id`, `expires`, `mfa`, `profile`
 */
const SlipWorldRecord *slip_principals_find_key (SlipWorld *world, const char *access_key);

/**
 * slip_principals_is_expired:
 *
 * Returns: whether the key's session ended before @now_us
 */
gboolean slip_principals_is_expired (const SlipWorldRecord *key, gint64 now_us);

/**
 * slip_principals_expire:
 * @pattern: of a profile's name or a principal's ARN
 *
 * Ends the matching sessions now.
 *
 * Returns: how many
 */
guint slip_principals_expire (SlipWorld *world, const char *pattern);

/**
 * slip_principals_drop_expired:
 *
 * Forgets keys that expired more than a day ago.
 */
void slip_principals_drop_expired (SlipWorld *world);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipSessionKeys, slip_session_keys_clear)

G_END_DECLS
