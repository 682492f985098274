/* SPDX-License-Identifier: MIT */

/* Who may call: accounts' roles and users, and the access keys of users and sessions, all of them
 * resources of the world. The gate looks keys up here; STS and the scenario make them. */

#include "slip-principals.h"

#include <openssl/crypto.h>

#include "slip-json.h"

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

void
slip_principals_add_role (SlipWorld *world,
                          const char *account,
                          const char *name,
                          JsonArray *trusted,
                          gboolean mfa,
                          gint64 max_seconds)
{
  JsonObject *role = json_object_new ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:role/%s", account, name);
  g_autofree char *id = slip_random_id ("AROA", 17, SLIP_ALPHABET_UPPER);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (role, "RoleName", name);
  json_object_set_string_member (role, "RoleId", id);
  json_object_set_string_member (role, "Arn", arn);
  json_object_set_string_member (role, "Path", "/");
  json_object_set_string_member (role, "CreateDate", now);
  json_object_set_int_member (role, "MaxSessionDuration", max_seconds);
  json_object_set_boolean_member (role, "mfa", mfa);
  if (trusted != NULL)
    json_object_set_array_member (role, "trusted", json_array_ref (trusted));
  slip_world_put (world, account, "", SLIP_TYPE_IAM_ROLE, name, role);
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
slip_principals_add_user (SlipWorld *world,
                          const char *account,
                          const char *name,
                          const char *access_key,
                          const char *secret_key,
                          const char *mfa_serial,
                          const char *mfa_code)
{
  JsonObject *user = json_object_new ();
  g_auto (SlipSessionKeys) keys = {NULL};
  g_autofree char *now = slip_world_dup_now (world);

  keys.arn = g_strdup_printf ("arn:aws:iam::%s:user/%s", account, name);
  keys.user_id = slip_random_id ("AIDA", 17, SLIP_ALPHABET_UPPER);
  json_object_set_string_member (user, "UserName", name);
  json_object_set_string_member (user, "UserId", keys.user_id);
  json_object_set_string_member (user, "Arn", keys.arn);
  json_object_set_string_member (user, "Path", "/");
  json_object_set_string_member (user, "CreateDate", now);
  if (mfa_serial != NULL)
    json_object_set_string_member (user, "mfa_serial", mfa_serial);
  if (mfa_code != NULL)
    json_object_set_string_member (user, "mfa_code", mfa_code);
  slip_world_put (world, account, "", SLIP_TYPE_IAM_USER, name, user);
  if (access_key == NULL || secret_key == NULL)
    return;
  keys.access_key = g_strdup (access_key);
  keys.secret_key = g_strdup (secret_key);
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
