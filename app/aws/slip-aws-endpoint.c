/* SPDX-License-Identifier: MIT */

/* Where requests go: AWS's own host names by service, region and partition, and everything that may
 * override them. The overrides are read once, when the map is made, so that a run sees one map from
 * its first call to its last. */

#include "slip-aws-endpoint.h"

#include "slip-aws-error.h"

#include <string.h>

#define ALL_SERVICES "*"

struct _SlipAwsEndpoints
{
  gatomicrefcount refs;
  SlipAwsConfig *config; /* owned, or NULL */
  char *profile;         /* or NULL */
  char *fault;           /* why no endpoint can be told, or NULL */
  GHashTable *overrides; /* SERVICE_ID or "*" to URL */
};

typedef struct
{
  const char *prefix;
  const char *suffix;
  const char *global_region;
} Partition;

static const Partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "cn-north-1"},       {"us-gov-", "amazonaws.com", "us-gov-west-1"},
    {"us-isob-", "sc2s.sgov.gov", "us-isob-east-1"}, {"us-iso-", "c2s.ic.gov", "us-iso-east-1"},
    {"eusc-", "amazonaws.eu", "eusc-de-east-1"},     {"", "amazonaws.com", "us-east-1"},
};

/* Endpoints */

void
slip_aws_endpoint_free (SlipAwsEndpoint *endpoint)
{
  if (endpoint == NULL)
    return;
  g_free (endpoint->scheme);
  g_free (endpoint->host);
  g_free (endpoint->path);
  g_free (endpoint->signing_region);
  g_free (endpoint->signing_name);
  g_free (endpoint);
}

static gboolean
has_own_port (const SlipAwsEndpoint *endpoint)
{
  return endpoint->port > 0
         && endpoint->port != (g_str_equal (endpoint->scheme, "https") ? 443 : 80);
}

char *
slip_aws_endpoint_dup_host_header (const SlipAwsEndpoint *endpoint)
{
  gboolean v6 = strchr (endpoint->host, ':') != NULL;
  g_autofree char *host = g_strdup_printf (v6 ? "[%s]" : "%s", endpoint->host);

  return has_own_port (endpoint) ? g_strdup_printf ("%s:%d", host, endpoint->port)
                                 : g_steal_pointer (&host);
}

char *
slip_aws_endpoint_dup_url (const SlipAwsEndpoint *endpoint)
{
  g_autofree char *host = slip_aws_endpoint_dup_host_header (endpoint);

  return g_strdup_printf ("%s://%s%s", endpoint->scheme, host, endpoint->path);
}

/* S3 allows more, but only such a name is covered by the certificate of `*.s3.….amazonaws.com`. */
static gboolean
is_host_label (const char *name, gsize length)
{
  if (length < 3 || length > 63 || name[0] == '-' || name[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (name[i]) && !g_ascii_isdigit (name[i]) && name[i] != '-')
      return FALSE;
  return TRUE;
}

void
slip_aws_endpoint_place_bucket (SlipAwsEndpoint *endpoint,
                                SlipAwsRequest *request,
                                gboolean force_path)
{
  const char *bucket = request->path + 1;
  gsize length = strcspn (bucket, "/");
  char *host;
  char *path;

  if (force_path || !is_host_label (bucket, length))
    return;
  host = g_strdup_printf ("%.*s.%s", (int)length, bucket, endpoint->host);
  path = g_strdup (bucket[length] == '/' ? bucket + length : "/");
  g_free (endpoint->host);
  g_free (request->path);
  endpoint->host = host;
  request->path = path;
}

static const Partition *
partition_of (const char *region)
{
  const Partition *partition = partitions;

  while (!g_str_has_prefix (region, partition->prefix))
    partition++;
  return partition;
}

const char *
slip_aws_partition_dns_suffix (const char *region)
{
  return partition_of (region)->suffix;
}

/* The map */

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* `Secrets Manager` is `SECRETS_MANAGER` in variables, `secrets_manager` in files. */
static char *
service_key (const char *service_id)
{
  char *key = g_ascii_strup (service_id, -1);

  return g_strdelimit (key, " -", '_');
}

static void
add_override (SlipAwsEndpoints *self, const char *service_id, const char *url)
{
  g_autofree char *key = service_key (service_id);

  if (!g_hash_table_contains (self->overrides, key))
    g_hash_table_insert (self->overrides, g_steal_pointer (&key), g_strdup (url));
}

static void
add_variables (SlipAwsEndpoints *self)
{
  g_auto (GStrv) names = g_listenv ();

  for (char **name = names; *name != NULL; name++)
    if (g_str_has_prefix (*name, "AWS_ENDPOINT_URL_") && variable (*name) != NULL)
      add_override (self, *name + strlen ("AWS_ENDPOINT_URL_"), variable (*name));
}

static void
add_services_section (SlipAwsEndpoints *self, const char *services)
{
  g_auto (GStrv) keys = NULL;

  if (!slip_aws_config_has_services (self->config, services))
    {
      g_autofree char *place = slip_aws_config_dup_place (self->config, self->profile, "services");

      self->fault = g_strdup_printf ("%s: there is no section [services %s]", place, services);
      return;
    }
  keys = slip_aws_config_list_service_keys (self->config, services);
  for (char **key = keys; *key != NULL; key++)
    {
      const char *url = slip_aws_config_get_service (self->config, services, *key, "endpoint_url");

      if (url != NULL && *url != '\0')
        add_override (self, *key, url);
    }
}

const char *
slip_aws_endpoints_get_setting (SlipAwsEndpoints *self, const char *key)
{
  if (self->config == NULL || self->profile == NULL)
    return NULL;
  return slip_aws_config_get (self->config, self->profile, key);
}

const char *
slip_aws_endpoints_get_s3_style (SlipAwsEndpoints *self)
{
  if (self->config == NULL || self->profile == NULL)
    return NULL;
  return slip_aws_config_get_nested (self->config, self->profile, "s3", "addressing_style");
}

static gboolean
is_true (const char *value)
{
  return value != NULL && g_ascii_strcasecmp (value, "true") == 0;
}

static void
read_overrides (SlipAwsEndpoints *self, const char *explicit_url)
{
  const char *services;
  const char *url;

  if (explicit_url != NULL && *explicit_url != '\0')
    {
      add_override (self, ALL_SERVICES, explicit_url);
      return;
    }
  if (is_true (variable ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
      || is_true (slip_aws_endpoints_get_setting (self, "ignore_configured_endpoint_urls")))
    return;
  add_variables (self);
  url = variable ("AWS_ENDPOINT_URL");
  if (url != NULL)
    {
      add_override (self, ALL_SERVICES, url);
      return;
    }
  services = slip_aws_endpoints_get_setting (self, "services");
  if (services != NULL)
    add_services_section (self, services);
  url = slip_aws_endpoints_get_setting (self, "endpoint_url");
  if (url != NULL)
    add_override (self, ALL_SERVICES, url);
}

SlipAwsEndpoints *
slip_aws_endpoints_new (SlipAwsConfig *config, const char *profile, const char *explicit_url)
{
  SlipAwsEndpoints *self = g_new0 (SlipAwsEndpoints, 1);

  g_atomic_ref_count_init (&self->refs);
  self->config = config != NULL ? slip_aws_config_ref (config) : NULL;
  self->profile = g_strdup (profile);
  self->overrides = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  read_overrides (self, explicit_url);
  return self;
}

SlipAwsEndpoints *
slip_aws_endpoints_ref (SlipAwsEndpoints *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
slip_aws_endpoints_unref (SlipAwsEndpoints *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->config, slip_aws_config_unref);
  g_free (self->profile);
  g_free (self->fault);
  g_hash_table_unref (self->overrides);
  g_free (self);
}

/* Resolution */

static gboolean
parse_override (SlipAwsEndpoint *endpoint, const char *url, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri
      = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, &local);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (uri == NULL || host == NULL || *host == '\0' || g_uri_get_userinfo (uri) != NULL
      || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL
      || (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https")))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_ENDPOINT,
                   "the endpoint “%s” is no http or https URL of host, port and path%s%s", url,
                   local != NULL ? ": " : "", local != NULL ? local->message : "");
      return FALSE;
    }
  endpoint->scheme = g_strdup (scheme);
  endpoint->host = g_strdup (host);
  endpoint->port = g_uri_get_port (uri);
  endpoint->path = g_strdup (g_uri_get_path (uri));
  while (g_str_has_suffix (endpoint->path, "/"))
    endpoint->path[strlen (endpoint->path) - 1] = '\0';
  endpoint->overridden = TRUE;
  return TRUE;
}

/* STS and S3 have a global host name too, which is only history: all regions have their own. */
static gboolean
is_global (const SlipAwsModel *model)
{
  const char *service = slip_aws_model_get_service (model);

  return slip_aws_model_get_global_endpoint (model) != NULL && g_strcmp0 (service, "sts") != 0
         && !slip_aws_model_is_s3 (model);
}

/* Prices are told in three regions only, for all of them. */
static const char *
pricing_region (const char *region)
{
  if (g_str_has_prefix (region, "eu-"))
    return "eu-central-1";
  return g_str_has_prefix (region, "ap-") ? "ap-south-1" : "us-east-1";
}

static void
fill_own (SlipAwsEndpoint *endpoint, const SlipAwsModel *model, const char *region)
{
  const Partition *partition = partition_of (region);
  const char *prefix = slip_aws_model_get_endpoint_prefix (model);

  endpoint->scheme = g_strdup ("https");
  endpoint->port = -1;
  endpoint->path = g_strdup ("");
  if (!is_global (model))
    endpoint->host
        = g_strdup_printf ("%s.%s.%s", prefix, endpoint->signing_region, partition->suffix);
  else if (*partition->prefix == '\0')
    endpoint->host = g_strdup (slip_aws_model_get_global_endpoint (model));
  else if (g_str_equal (partition->prefix, "us-gov-"))
    endpoint->host = g_strdup_printf ("%s.us-gov.%s", prefix, partition->suffix);
  else
    endpoint->host
        = g_strdup_printf ("%s.%s.%s", prefix, partition->global_region, partition->suffix);
}

static gboolean
check_region (const char *region, GError **error)
{
  gsize length = region != NULL ? strlen (region) : 0;

  if (length == 0)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG,
                   "no region is set. Give one with --region, AWS_REGION or the profile’s region.");
      return FALSE;
    }
  if (!is_host_label (region, length))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_ENDPOINT, "“%s” is no region’s name",
                   region);
      return FALSE;
    }
  return TRUE;
}

SlipAwsEndpoint *
slip_aws_endpoints_resolve (SlipAwsEndpoints *self,
                            const SlipAwsModel *model,
                            const char *region,
                            GError **error)
{
  g_autoptr (SlipAwsEndpoint) endpoint = NULL;
  g_autofree char *key = NULL;
  const char *url;

  g_return_val_if_fail (self != NULL && model != NULL, NULL);

  if (self->fault != NULL)
    {
      g_set_error_literal (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, self->fault);
      return NULL;
    }
  /* A service without regions can be called without one. */
  if (region == NULL && is_global (model))
    region = "us-east-1";
  if (!check_region (region, error))
    return NULL;
  endpoint = g_new0 (SlipAwsEndpoint, 1);
  endpoint->signing_name = g_strdup (slip_aws_model_get_signing_name (model));
  if (is_global (model))
    endpoint->signing_region = g_strdup (partition_of (region)->global_region);
  else if (g_str_equal (endpoint->signing_name, "pricing"))
    endpoint->signing_region = g_strdup (pricing_region (region));
  else
    endpoint->signing_region = g_strdup (region);

  key = service_key (slip_aws_model_get_service_id (model));
  url = g_hash_table_lookup (self->overrides, key);
  if (url == NULL)
    url = g_hash_table_lookup (self->overrides, ALL_SERVICES);
  if (url == NULL)
    fill_own (endpoint, model, region);
  else if (!parse_override (endpoint, url, error))
    return NULL;
  return g_steal_pointer (&endpoint);
}

/* What people and runs are told of it */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static char *
join_overrides (SlipAwsEndpoints *self, const char *all, const char *separator)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (self->overrides), compare_names);
  GString *out = g_string_new (NULL);

  for (GList *key = keys; key != NULL; key = key->next)
    {
      const char *url = g_hash_table_lookup (self->overrides, key->data);
      gboolean is_all = g_str_equal (key->data, ALL_SERVICES);
      gsize length = strlen (url);

      while (length > 0 && url[length - 1] == '/')
        length--;
      g_string_append_printf (out, "%s%s: %.*s", out->len > 0 ? separator : "",
                              is_all ? all : (const char *)key->data, (int)length, url);
    }
  return g_string_free (out, FALSE);
}

gboolean
slip_aws_endpoints_is_overridden (SlipAwsEndpoints *self)
{
  return g_hash_table_size (self->overrides) > 0;
}

char *
slip_aws_endpoints_dup_fingerprint (SlipAwsEndpoints *self)
{
  g_autofree char *text = join_overrides (self, ALL_SERVICES, "\n");

  if (*text == '\0')
    return g_strdup ("aws");
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

char *
slip_aws_endpoints_dup_summary (SlipAwsEndpoints *self)
{
  g_autofree char *text = join_overrides (self, "all", ", ");

  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

char **
slip_aws_endpoints_to_environ (SlipAwsEndpoints *self, char **envp)
{
  g_auto (GStrv) names = g_new0 (char *, g_strv_length (envp) + 1);
  GHashTableIter iter;
  gpointer key;
  gpointer url;

  for (guint i = 0; envp[i] != NULL; i++)
    names[i] = g_strndup (envp[i], strcspn (envp[i], "="));
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], "AWS_ENDPOINT_URL"))
      envp = g_environ_unsetenv (envp, names[i]);
  g_hash_table_iter_init (&iter, self->overrides);
  while (g_hash_table_iter_next (&iter, &key, &url))
    {
      g_autofree char *name = g_str_equal (key, ALL_SERVICES)
                                  ? g_strdup ("AWS_ENDPOINT_URL")
                                  : g_strconcat ("AWS_ENDPOINT_URL_", (const char *)key, NULL);

      envp = g_environ_setenv (envp, name, url, TRUE);
    }
  return envp;
}
