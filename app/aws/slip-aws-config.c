/* SPDX-License-Identifier: MIT */

/* The shared configuration of AWS tools, read once and then only looked at: which profiles there are,
 * which value wins, and where a value stands for error messages. What the values mean is decided by
 * slip-aws-provider.c and slip-aws-endpoint.c. */

#include "slip-aws-config.h"

#include "slip-aws-config-parser.h"
#include "slip-aws-error.h"
#include "slip-file.h"

#include <string.h>

#define MAX_FILE_BYTES (4 * 1024 * 1024)

struct _SlipAwsConfig
{
  gatomicrefcount refs;
  char *config_path;      /* owned; NULL when made from text */
  char *credentials_path; /* owned; NULL when made from text */
  SlipAwsConfigSections config;
  SlipAwsConfigSections credentials;
};

static SlipAwsConfig *
config_new (void)
{
  SlipAwsConfig *self = g_new0 (SlipAwsConfig, 1);

  g_atomic_ref_count_init (&self->refs);
  slip_aws_config_sections_init (&self->config);
  slip_aws_config_sections_init (&self->credentials);
  return self;
}

SlipAwsConfig *
slip_aws_config_ref (SlipAwsConfig *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
slip_aws_config_unref (SlipAwsConfig *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  slip_aws_config_sections_clear (&self->config);
  slip_aws_config_sections_clear (&self->credentials);
  g_free (self->config_path);
  g_free (self->credentials_path);
  g_free (self);
}

static char *
dup_path (const char *given, const char *variable, const char *name)
{
  const char *value = given != NULL ? given : g_getenv (variable);

  if (value == NULL || *value == '\0')
    return g_build_filename (g_get_home_dir (), ".aws", name, NULL);
  if (g_str_has_prefix (value, "~/"))
    return g_build_filename (g_get_home_dir (), value + 2, NULL);
  return g_strdup (value);
}

static gboolean
load_file (SlipAwsConfigSections *sections,
           SlipAwsConfigKind kind,
           const char *path,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_FILE_BYTES, &local);
  gsize length;
  const char *text;

  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  if (bytes == NULL)
    {
      g_set_error_literal (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, local->message);
      return FALSE;
    }
  text = g_bytes_get_data (bytes, &length);
  return length == 0 || slip_aws_config_parse (sections, kind, text, length, path, error);
}

SlipAwsConfig *
slip_aws_config_load (const char *config_path, const char *credentials_path, GError **error)
{
  g_autoptr (SlipAwsConfig) self = config_new ();
  g_autofree char *config = dup_path (config_path, "AWS_CONFIG_FILE", "config");
  g_autofree char *credentials
      = dup_path (credentials_path, "AWS_SHARED_CREDENTIALS_FILE", "credentials");

  if (!load_file (&self->config, SLIP_AWS_CONFIG_FILE, config, error)
      || !load_file (&self->credentials, SLIP_AWS_CREDENTIALS_FILE, credentials, error))
    return NULL;
  self->config_path = g_steal_pointer (&config);
  self->credentials_path = g_steal_pointer (&credentials);
  return g_steal_pointer (&self);
}

SlipAwsConfig *
slip_aws_config_reload (SlipAwsConfig *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->config_path == NULL)
    return slip_aws_config_ref (self);
  return slip_aws_config_load (self->config_path, self->credentials_path, error);
}

SlipAwsConfig *
slip_aws_config_new_from_text (const char *config,
                               gssize config_length,
                               const char *credentials,
                               gssize credentials_length,
                               GError **error)
{
  g_autoptr (SlipAwsConfig) self = config_new ();

  if (config != NULL
      && !slip_aws_config_parse (&self->config, SLIP_AWS_CONFIG_FILE, config,
                                 config_length < 0 ? strlen (config) : (gsize)config_length,
                                 "config", error))
    return NULL;
  if (credentials != NULL
      && !slip_aws_config_parse (&self->credentials, SLIP_AWS_CREDENTIALS_FILE, credentials,
                                 credentials_length < 0 ? strlen (credentials)
                                                        : (gsize)credentials_length,
                                 "credentials", error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
add_names (GHashTable *table, GHashTable *names)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_hash_table_add (names, name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static char **
dup_sorted_keys (GHashTable *table)
{
  guint length;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (table, &length);
  char **list = g_new0 (char *, length + 1);

  for (guint i = 0; i < length; i++)
    list[i] = g_strdup (keys[i]);
  qsort (list, length, sizeof *list, compare_names);
  return list;
}

char **
slip_aws_config_list_profiles (SlipAwsConfig *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  add_names (self->config.profiles, names);
  add_names (self->credentials.profiles, names);
  return dup_sorted_keys (names);
}

gboolean
slip_aws_config_has_profile (SlipAwsConfig *self, const char *profile)
{
  return g_hash_table_contains (self->config.profiles, profile)
         || g_hash_table_contains (self->credentials.profiles, profile);
}

gboolean
slip_aws_config_check_profile (SlipAwsConfig *self, const char *profile, GError **error)
{
  g_auto (GStrv) known = NULL;
  g_autofree char *names = NULL;

  if (slip_aws_config_has_profile (self, profile))
    return TRUE;
  known = slip_aws_config_list_profiles (self);
  names = g_strjoinv (", ", known);
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG,
               "there is no profile “%s” in the AWS configuration files. %s%s", profile,
               *names != '\0' ? "They have: " : "They name none.", names);
  return FALSE;
}

static SlipAwsConfigEntry *
find_entry (GHashTable *table, const char *name, const char *key)
{
  SlipAwsConfigSection *section = name != NULL ? g_hash_table_lookup (table, name) : NULL;

  return section != NULL ? g_hash_table_lookup (section, key) : NULL;
}

static SlipAwsConfigEntry *
find_profile_entry (SlipAwsConfig *self, const char *profile, const char *key)
{
  SlipAwsConfigEntry *entry = find_entry (self->credentials.profiles, profile, key);

  return entry != NULL ? entry : find_entry (self->config.profiles, profile, key);
}

static const char *
entry_value (const SlipAwsConfigEntry *entry)
{
  return entry != NULL && *entry->value != '\0' ? entry->value : NULL;
}

static const char *
entry_nested (const SlipAwsConfigEntry *entry, const char *subkey)
{
  return entry != NULL && entry->nested != NULL ? g_hash_table_lookup (entry->nested, subkey)
                                                : NULL;
}

const char *
slip_aws_config_get (SlipAwsConfig *self, const char *profile, const char *key)
{
  return entry_value (find_profile_entry (self, profile, key));
}

const char *
slip_aws_config_get_nested (SlipAwsConfig *self,
                            const char *profile,
                            const char *key,
                            const char *subkey)
{
  return entry_nested (find_profile_entry (self, profile, key), subkey);
}

const char *
slip_aws_config_get_sso_session (SlipAwsConfig *self, const char *session, const char *key)
{
  return entry_value (find_entry (self->config.sso_sessions, session, key));
}

gboolean
slip_aws_config_has_sso_session (SlipAwsConfig *self, const char *session)
{
  return g_hash_table_contains (self->config.sso_sessions, session);
}

const char *
slip_aws_config_get_service (SlipAwsConfig *self,
                             const char *services,
                             const char *service,
                             const char *key)
{
  return entry_nested (find_entry (self->config.services, services, service), key);
}

gboolean
slip_aws_config_has_services (SlipAwsConfig *self, const char *services)
{
  return g_hash_table_contains (self->config.services, services);
}

char **
slip_aws_config_list_service_keys (SlipAwsConfig *self, const char *services)
{
  SlipAwsConfigSection *section = g_hash_table_lookup (self->config.services, services);

  return section != NULL ? dup_sorted_keys (section) : g_new0 (char *, 1);
}

char *
slip_aws_config_dup_place (SlipAwsConfig *self, const char *profile, const char *key)
{
  const SlipAwsConfigEntry *entry = find_profile_entry (self, profile, key);

  return entry != NULL ? g_strdup (entry->place) : g_strdup_printf ("profile %s", profile);
}

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

char *
slip_aws_config_dup_profile (const char *explicit_profile)
{
  if (explicit_profile == NULL || *explicit_profile == '\0')
    explicit_profile = variable ("AWS_PROFILE");
  if (explicit_profile == NULL)
    explicit_profile = variable ("AWS_DEFAULT_PROFILE");
  return g_strdup (explicit_profile != NULL ? explicit_profile : "default");
}

char *
slip_aws_config_dup_region (SlipAwsConfig *self, const char *profile, gboolean use_environment)
{
  const char *region = NULL;

  if (use_environment)
    region = variable ("AWS_REGION");
  if (use_environment && region == NULL)
    region = variable ("AWS_DEFAULT_REGION");
  if (region == NULL)
    region = slip_aws_config_get (self, profile, "region");
  return g_strdup (region);
}
