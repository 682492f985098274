/* SPDX-License-Identifier: MIT */

/* Who may call: accounts' roles and users, and the access keys of users and sessions, all of them
 * resources of the world. The gate looks keys up here; STS and the scenario make them. */

#include "slip-principals.h"

#include <openssl/crypto.h>

#include "slip-json.h"
#include "slip-managed-policies.h"
#include "slip-policy.h"

/* Who assumes a role, in its trust policy, when it is a user. */
#define USERNAME "${aws:username}"

#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)

void
slip_session_keys_clear (SlipSessionKeys *keys)
{
  if (keys->secret_key != NULL)
    OPENSSL_cleanse (keys->secret_key, strlen (keys->secret_key));
  g_clear_pointer (&keys->access_key, g_free);
  g_clear_pointer (&keys->secret_key, g_free);
  g_clear_pointer (&keys->token, g_free);
  g_clear_pointer (&keys->expiration, g_free);
  g_clear_pointer (&keys->arn, g_free);
  g_clear_pointer (&keys->user_id, g_free);
}

static void
set_texts (JsonObject *object, const char *member, JsonArray *texts)
{
  json_object_set_array_member (object, member, json_array_ref (texts));
}

/* A statement that lets patterns of ARNs in. AWS takes patterns in conditions only. */
static JsonObject *
trust_people (const char *account, const SlipNewPrincipal *role)
{
  JsonObject *statement = json_object_new ();
  JsonObject *principal = json_object_new ();
  JsonObject *condition = json_object_new ();
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", account);

  json_object_set_string_member (statement, "Effect", "Allow");
  json_object_set_string_member (principal, "AWS", role->trusted != NULL ? "*" : root);
  json_object_set_object_member (statement, "Principal", principal);
  json_object_set_string_member (statement, "Action", "sts:AssumeRole");
  if (role->trusted != NULL)
    {
      JsonObject *like = json_object_new ();

      set_texts (like, "aws:PrincipalArn", role->trusted);
      json_object_set_object_member (condition, "ArnLike", like);
    }
  if (role->named)
    {
      JsonObject *equal = json_object_new ();

      json_object_set_string_member (equal, "sts:RoleSessionName", USERNAME);
      json_object_set_object_member (condition, "StringEquals", equal);
    }
  if (role->mfa)
    {
      JsonObject *shown = json_object_new ();

      json_object_set_string_member (shown, "aws:MultiFactorAuthPresent", "true");
      json_object_set_object_member (condition, "Bool", shown);
    }
  if (json_object_get_size (condition) > 0)
    json_object_set_object_member (statement, "Condition", condition);
  else
    json_object_unref (condition);
  return statement;
}

static JsonObject *
trust_services (JsonArray *services)
{
  JsonObject *statement = json_object_new ();
  JsonObject *principal = json_object_new ();

  json_object_set_string_member (statement, "Effect", "Allow");
  set_texts (principal, "Service", services);
  json_object_set_object_member (statement, "Principal", principal);
  json_object_set_string_member (statement, "Action", "sts:AssumeRole");
  return statement;
}

/* A role for services is not for people unless it says so. */
static char *
build_trust (const char *account, const SlipNewPrincipal *role)
{
  JsonObject *root = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (root);
  JsonArray *statements = json_array_new ();

  json_object_set_string_member (root, "Version", "2012-10-17");
  json_object_set_array_member (root, "Statement", statements);
  if (role->services != NULL)
    json_array_add_object_element (statements, trust_services (role->services));
  if (role->services == NULL || role->trusted != NULL)
    json_array_add_object_element (statements, trust_people (account, role));
  return slip_json_to_text (node, FALSE);
}

static void
set_policies (JsonObject *data, const SlipNewPrincipal *principal)
{
  JsonObject *inline_ = json_object_new ();
  JsonArray *attached = json_array_new ();
  g_autoptr (GList) names
      = principal->policies != NULL ? json_object_get_members (principal->policies) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autofree char *text
          = slip_json_to_text (json_object_get_member (principal->policies, name->data), TRUE);

      json_object_set_string_member (inline_, name->data, text);
    }
  for (guint i = 0; principal->attached != NULL && i < json_array_get_length (principal->attached);
       i++)
    json_array_add_string_element (attached,
                                   json_array_get_string_element (principal->attached, i));
  if (principal->policies == NULL && principal->attached == NULL)
    json_array_add_string_element (attached, SLIP_MANAGED_POLICY_PREFIX "AdministratorAccess");
  json_object_set_object_member (data, "policies", inline_);
  json_object_set_array_member (data, "attached", attached);
}

static JsonObject *
new_principal (SlipWorld *world,
               const char *account,
               const char *kind,
               const SlipNewPrincipal *principal)
{
  JsonObject *data = json_object_new ();
  const char *path = principal->path != NULL ? principal->path : "/";
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:iam::%s:%s%s%s", account, kind, path, principal->name);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "Arn", arn);
  json_object_set_string_member (data, "Path", path);
  json_object_set_string_member (data, "CreateDate", now);
  set_policies (data, principal);
  return data;
}

void
slip_principals_add_role (SlipWorld *world, const char *account, const SlipNewPrincipal *role)
{
  JsonObject *data = new_principal (world, account, "role", role);
  g_autofree char *id = slip_random_id ("AROA", 17, SLIP_ALPHABET_UPPER);
  g_autofree char *trust = build_trust (account, role);

  json_object_set_string_member (data, "RoleName", role->name);
  json_object_set_string_member (data, "RoleId", id);
  json_object_set_int_member (data, "MaxSessionDuration", role->max_seconds);
  json_object_set_string_member (data, "AssumeRolePolicyDocument", trust);
  slip_world_put (world, account, "", SLIP_TYPE_IAM_ROLE, role->name, data);
}

/* A role has no user's name, and what the policy says then matches nothing. */
static char *
fill_in_user (const char *policy, const char *principal_arn)
{
  g_auto (GStrv) parts = g_strsplit (policy, USERNAME, -1);

  return strstr (principal_arn, ":user/") != NULL
             ? g_strjoinv (strrchr (principal_arn, '/') + 1, parts)
             : g_strdup (policy);
}

gboolean
slip_principals_trusts (const SlipWorldRecord *role,
                        const char *account,
                        const char *principal_arn,
                        gboolean mfa,
                        const char *name)
{
  g_autofree char *text
      = fill_in_user (slip_json_string (role->data, "AssumeRolePolicyDocument"), principal_arn);
  g_autoptr (JsonNode) policy = slip_json_parse (text, -1, NULL);
  g_autoptr (JsonObject) context = json_object_new ();
  SlipPolicyRequest request = {.account = account,
                               .principal_arn = principal_arn,
                               .action = "sts:AssumeRole",
                               .context = context};

  json_object_set_string_member (context, "aws:PrincipalArn", principal_arn);
  json_object_set_string_member (context, "aws:PrincipalAccount", account);
  json_object_set_string_member (context, "sts:RoleSessionName", name);
  json_object_set_string_member (context, "aws:MultiFactorAuthPresent", mfa ? "true" : "false");
  return slip_policy_judge_trust (policy, &request) == SLIP_POLICY_ALLOWS;
}

static void
put_key (SlipWorld *world,
         const char *account,
         const SlipSessionKeys *keys,
         gboolean mfa,
         const char *profile)
{
  JsonObject *key = json_object_new ();

  json_object_set_string_member (key, "account", account);
  json_object_set_string_member (key, "secret", keys->secret_key);
  json_object_set_string_member (key, "arn", keys->arn);
  json_object_set_string_member (key, "user_id", keys->user_id);
  json_object_set_boolean_member (key, "mfa", mfa);
  if (keys->token != NULL)
    json_object_set_string_member (key, "token", keys->token);
  if (keys->expiration != NULL)
    json_object_set_string_member (key, "expires", keys->expiration);
  if (profile != NULL)
    json_object_set_string_member (key, "profile", profile);
  slip_world_put (world, "", "", SLIP_TYPE_ACCESS_KEY, keys->access_key, key);
}

void
slip_principals_add_user (SlipWorld *world, const char *account, const SlipNewPrincipal *user)
{
  JsonObject *data = new_principal (world, account, "user", user);
  g_auto (SlipSessionKeys) keys = {NULL};

  keys.arn = g_strdup (slip_json_string (data, "Arn"));
  keys.user_id = slip_random_id ("AIDA", 17, SLIP_ALPHABET_UPPER);
  json_object_set_string_member (data, "UserName", user->name);
  json_object_set_string_member (data, "UserId", keys.user_id);
  if (user->mfa_serial != NULL)
    json_object_set_string_member (data, "mfa_serial", user->mfa_serial);
  if (user->mfa_code != NULL)
    json_object_set_string_member (data, "mfa_code", user->mfa_code);
  slip_world_put (world, account, "", SLIP_TYPE_IAM_USER, user->name, data);
  if (user->access_key == NULL || user->secret_key == NULL)
    return;
  keys.access_key = g_strdup (user->access_key);
  keys.secret_key = g_strdup (user->secret_key);
  put_key (world, account, &keys, FALSE, NULL);
}

void
slip_principals_new_session (SlipWorld *world,
                             const char *account,
                             const char *arn,
                             const char *user_id,
                             gint64 seconds,
                             gboolean mfa,
                             const char *profile,
                             SlipSessionKeys *keys)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gint64 end = slip_world_now (world) + seconds * G_TIME_SPAN_SECOND;

  keys->access_key = slip_random_id ("ASIA", 16, SLIP_ALPHABET_UPPER);
  keys->secret_key = slip_random_id (NULL, 40, letters);
  keys->token = slip_random_id ("IQoJb3JpZ2lu", 200, letters);
  /* Whole seconds, as STS answers. */
  keys->expiration = slip_time_format (end - end % G_TIME_SPAN_SECOND);
  keys->arn = g_strdup (arn);
  keys->user_id = g_strdup (user_id);
  put_key (world, account, keys, mfa, profile);
}

void
slip_principals_new_role_session (SlipWorld *world,
                                  const SlipWorldRecord *role,
                                  const char *session_name,
                                  gint64 seconds,
                                  gboolean mfa,
                                  const char *profile,
                                  SlipSessionKeys *keys)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:sts::%s:assumed-role/%s/%s", role->account,
                                          role->id, session_name);
  g_autofree char *user_id = g_strdup_printf (
      "%s:%s", json_object_get_string_member (role->data, "RoleId"), session_name);

  slip_principals_new_session (world, role->account, arn, user_id, seconds, mfa, profile, keys);
}

const SlipWorldRecord *
slip_principals_find_key (SlipWorld *world, const char *access_key)
{
  return slip_world_get (world, "", "", SLIP_TYPE_ACCESS_KEY, access_key);
}

static gboolean
expired_before (const SlipWorldRecord *key, gint64 time_us)
{
  const char *text = slip_json_string (key->data, "expires");
  gint64 end = 0;

  return text != NULL && slip_time_parse (text, &end) && end <= time_us;
}

gboolean
slip_principals_is_expired (const SlipWorldRecord *key, gint64 now_us)
{
  return expired_before (key, now_us);
}

static gboolean
key_matches (const SlipWorldRecord *key, const char *pattern)
{
  const char *profile = slip_json_string (key->data, "profile");

  return (profile != NULL && g_pattern_match_simple (pattern, profile))
         || g_pattern_match_simple (pattern, slip_json_string (key->data, "arn"));
}

guint
slip_principals_expire (SlipWorld *world, const char *pattern)
{
  g_autoptr (GPtrArray) keys = slip_world_list (world, "", "", SLIP_TYPE_ACCESS_KEY);
  g_autofree char *now = slip_time_format (slip_world_now (world));
  guint count = 0;

  for (guint i = 0; i < keys->len; i++)
    {
      const SlipWorldRecord *key = keys->pdata[i];
      JsonObject *data;

      if (!json_object_has_member (key->data, "expires") || !key_matches (key, pattern))
        continue;
      data = slip_world_edit (world, "", "", SLIP_TYPE_ACCESS_KEY, key->id);
      json_object_set_string_member (data, "expires", now);
      slip_world_put (world, "", "", SLIP_TYPE_ACCESS_KEY, key->id, data);
      count++;
    }
  return count;
}

void
slip_principals_drop_expired (SlipWorld *world)
{
  g_autoptr (GPtrArray) keys = slip_world_list (world, "", "", SLIP_TYPE_ACCESS_KEY);

  for (guint i = 0; i < keys->len; i++)
    {
      const SlipWorldRecord *key = keys->pdata[i];

      if (expired_before (key, slip_world_now (world) - DAY_US))
        slip_world_remove (world, "", "", SLIP_TYPE_ACCESS_KEY, key->id);
    }
}
