/* SPDX-License-Identifier: MIT */
/* One AWS account of the workspace. It makes clients for it: one shared, for reading, and one for
 * each run. What the two share (credentials, their renewal, endpoints) is made here, once. */

#include "slip-environment.h"
#include "slip-json.h"

struct _SlipEnvironment
{
  GObject parent_instance;

  /* never change */
  char *name;
  char *title;
  char *account;
  char *alias;
  char **regions;
  char *profile;
  char *role;
  char *endpoint_url;
  char *aws_config;
  char *aws_credentials;
  JsonObject *settings; /* owned */
  GPtrArray *terraform; /* owned, element-type SlipTerraformRoot */
  double speed;
  guint is_protected : 1;
  guint needs_pairing : 1;
  guint is_rehearsal : 1;

  GMutex mutex;
  /* all below under mutex */
  SlipAwsProvider *provider;   /* owned, made on first use */
  SlipAwsEndpoints *endpoints; /* owned, made on first use */
  SlipAwsClient *client;       /* owned, made on first use */
  SlipAwsMfaFunc mfa_callback;
  gpointer mfa_data;
};

G_DEFINE_FINAL_TYPE (SlipEnvironment, slip_environment, G_TYPE_OBJECT)

static void
slip_environment_finalize (GObject *object)
{
  SlipEnvironment *self = SLIP_ENVIRONMENT (object);

  g_clear_object (&self->client);
  g_clear_pointer (&self->provider, slip_aws_provider_unref);
  g_clear_pointer (&self->endpoints, slip_aws_endpoints_unref);
  g_clear_pointer (&self->settings, json_object_unref);
  g_clear_pointer (&self->terraform, g_ptr_array_unref);
  g_clear_pointer (&self->regions, g_strfreev);
  g_free (self->name);
  g_free (self->title);
  g_free (self->account);
  g_free (self->alias);
  g_free (self->profile);
  g_free (self->role);
  g_free (self->endpoint_url);
  g_free (self->aws_config);
  g_free (self->aws_credentials);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (slip_environment_parent_class)->finalize (object);
}

static void
slip_environment_class_init (SlipEnvironmentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_environment_finalize;
}

static void
slip_environment_init (SlipEnvironment *self)
{
  g_mutex_init (&self->mutex);
}

void
slip_terraform_root_free (SlipTerraformRoot *root)
{
  g_free (root->name);
  g_free (root->path);
  g_free (root->workspace);
  g_free (root);
}

GPtrArray *
slip_environment_get_terraform (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->terraform;
}

const SlipTerraformRoot *
slip_environment_find_terraform (SlipEnvironment *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  for (guint i = 0; i < self->terraform->len; i++)
    {
      const SlipTerraformRoot *root = g_ptr_array_index (self->terraform, i);

      if (g_strcmp0 (root->name, name) == 0)
        return root;
    }
  return NULL;
}

SlipEnvironment *
slip_environment_new (const SlipEnvironmentSpec *spec)
{
  SlipEnvironment *self;

  g_return_val_if_fail (spec != NULL && spec->name != NULL && spec->account != NULL, NULL);
  g_return_val_if_fail (spec->regions != NULL && spec->regions[0] != NULL, NULL);

  self = g_object_new (SLIP_TYPE_ENVIRONMENT, NULL);
  self->name = g_strdup (spec->name);
  self->title = g_strdup (spec->title != NULL ? spec->title : spec->name);
  self->account = g_strdup (spec->account);
  self->alias = g_strdup (spec->alias);
  self->regions = g_strdupv ((char **)spec->regions);
  self->profile = g_strdup (spec->profile);
  self->role = g_strdup (spec->role);
  self->endpoint_url = g_strdup (spec->endpoint_url);
  self->aws_config = g_strdup (spec->aws_config);
  self->aws_credentials = g_strdup (spec->aws_credentials);
  self->settings = spec->settings != NULL ? json_object_ref (spec->settings) : json_object_new ();
  self->terraform = spec->terraform != NULL
                        ? g_ptr_array_ref (spec->terraform)
                        : g_ptr_array_new_with_free_func ((GDestroyNotify)slip_terraform_root_free);
  self->speed = spec->speed >= 1 ? spec->speed : 1;
  self->is_protected = !!spec->is_protected;
  self->needs_pairing = !!spec->needs_pairing;
  self->is_rehearsal = !!spec->is_rehearsal;
  return self;
}

const char *
slip_environment_get_name (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->name;
}

const char *
slip_environment_get_title (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->title;
}

const char *
slip_environment_get_account (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->account;
}

const char *
slip_environment_get_alias (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->alias;
}

const char *
slip_environment_get_profile (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->profile;
}

const char *
slip_environment_get_aws_config (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->aws_config;
}

const char *
slip_environment_get_aws_credentials (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->aws_credentials;
}

const char *
slip_environment_get_role (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->role;
}

const char *const *
slip_environment_get_regions (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return (const char *const *)self->regions;
}

gboolean
slip_environment_needs_pairing (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), FALSE);

  return self->needs_pairing;
}

gboolean
slip_environment_is_protected (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), TRUE);

  return self->is_protected;
}

const char *
slip_environment_get_endpoint_url (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->endpoint_url;
}

gboolean
slip_environment_is_rehearsal (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), FALSE);

  return self->is_rehearsal;
}

double
slip_environment_get_speed (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), 1);

  return self->speed;
}

SlipClock *
slip_environment_ref_clock (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  if (self->speed > 1)
    return slip_clock_new_scaled (self->speed);
  return slip_clock_ref (slip_clock_get_system ());
}

JsonObject *
slip_environment_get_settings (SlipEnvironment *self)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  return self->settings;
}

/* Called with the mutex held. */
static gboolean
ensure_chain (SlipEnvironment *self, GError **error)
{
  g_autoptr (SlipAwsConfig) config = NULL;

  if (self->provider != NULL)
    return TRUE;
  config = slip_aws_config_load (self->aws_config, self->aws_credentials, error);
  if (config == NULL)
    {
      g_prefix_error (error, "environment %s: ", self->name);
      return FALSE;
    }
  self->provider = slip_aws_provider_new (config, self->profile);
  self->endpoints = slip_aws_endpoints_new (config, self->profile, self->endpoint_url);
  slip_aws_provider_set_mfa_callback (self->provider, self->mfa_callback, self->mfa_data, NULL);
  return TRUE;
}

/* Called with the mutex held. */
static SlipAwsClient *
make_client (SlipEnvironment *self, GError **error)
{
  g_autoptr (SlipClock) clock = NULL;
  SlipAwsClient *client;

  if (!ensure_chain (self, error))
    return NULL;
  client = slip_aws_client_new (self->provider, self->endpoints, self->regions[0]);
  slip_aws_client_set_account (client, self->account);
  clock = slip_environment_ref_clock (self);
  slip_aws_client_set_clock (client, clock);
  return client;
}

SlipAwsClient *
slip_environment_ref_client (SlipEnvironment *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  locker = g_mutex_locker_new (&self->mutex);
  if (self->client == NULL)
    self->client = make_client (self, error);
  return self->client != NULL ? g_object_ref (self->client) : NULL;
}

SlipAwsClient *
slip_environment_new_client (SlipEnvironment *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  locker = g_mutex_locker_new (&self->mutex);
  return make_client (self, error);
}

SlipAwsClient *
slip_environment_peek_client (SlipEnvironment *self)
{
  SlipAwsClient *client = NULL;

  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (self), NULL);

  /* The maker may be reading files with the lock held; a caller that must not wait goes without. */
  if (!g_mutex_trylock (&self->mutex))
    return NULL;
  if (self->client != NULL)
    client = g_object_ref (self->client);
  g_mutex_unlock (&self->mutex);
  return client;
}

void
slip_environment_set_mfa_callback (SlipEnvironment *self, SlipAwsMfaFunc callback, gpointer data)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SLIP_IS_ENVIRONMENT (self));

  locker = g_mutex_locker_new (&self->mutex);
  self->mfa_callback = callback;
  self->mfa_data = data;
  if (self->provider != NULL)
    slip_aws_provider_set_mfa_callback (self->provider, callback, data, NULL);
}
