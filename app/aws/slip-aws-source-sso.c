/* SPDX-License-Identifier: MIT */

/* IAM Identity Center: the token that `aws sso login` left in its cache buys a role's credentials with
 * `sso:GetRoleCredentials`. The token is never renewed here, because that needs a browser. */

#include "slip-aws-source.h"

#include "slip-aws-error.h"
#include "slip-aws-transport.h"
#include "slip-clock.h"
#include "slip-file.h"
#include "slip-json.h"

#include <string.h>

#define MAX_CACHE_FILE (256 * 1024)

typedef struct
{
  const char *session; /* or NULL: the older form without a section */
  const char *start_url;
  const char *region;
  const char *account;
  const char *role;
} Sso;

gboolean
slip_aws_sso_is_configured (SlipAwsConfig *config, const char *profile)
{
  return slip_aws_config_get (config, profile, "sso_account_id") != NULL
         && slip_aws_config_get (config, profile, "sso_role_name") != NULL;
}

static gboolean
read_sso (SlipAwsConfig *config, const char *profile, Sso *sso, GError **error)
{
  const char *missing = NULL;

  sso->session = slip_aws_config_get (config, profile, "sso_session");
  sso->account = slip_aws_config_get (config, profile, "sso_account_id");
  sso->role = slip_aws_config_get (config, profile, "sso_role_name");
  if (sso->session != NULL && !slip_aws_config_has_sso_session (config, sso->session))
    {
      g_autofree char *place = slip_aws_config_dup_place (config, profile, "sso_session");

      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG,
                   "%s: there is no section [sso-session %s]", place, sso->session);
      return FALSE;
    }
  if (sso->session != NULL)
    {
      sso->start_url = slip_aws_config_get_sso_session (config, sso->session, "sso_start_url");
      sso->region = slip_aws_config_get_sso_session (config, sso->session, "sso_region");
    }
  else
    {
      sso->start_url = slip_aws_config_get (config, profile, "sso_start_url");
      sso->region = slip_aws_config_get (config, profile, "sso_region");
    }
  if (sso->start_url == NULL)
    missing = "sso_start_url";
  else if (sso->region == NULL)
    missing = "sso_region";
  if (missing == NULL)
    return TRUE;
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG, "profile %s lacks %s", profile,
               missing);
  return FALSE;
}

static gboolean
needs_login (const char *profile, const char *why, GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED,
               "%s for profile %s. Sign in with: aws sso login --profile %s", why, profile,
               profile);
  return FALSE;
}

static char *
read_token (const Sso *sso, const char *profile, GError **error)
{
  const char *name = sso->session != NULL ? sso->session : sso->start_url;
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, name, -1);
  g_autofree char *file = g_strconcat (hash, ".json", NULL);
  g_autofree char *path = g_build_filename (g_get_home_dir (), ".aws", "sso", "cache", file, NULL);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_CACHE_FILE, NULL);
  g_autoptr (JsonNode) node = bytes != NULL
                                  ? slip_json_parse (g_bytes_get_data (bytes, NULL),
                                                     (gssize)g_bytes_get_size (bytes), NULL)
                                  : NULL;
  JsonObject *object = slip_json_node_object (node);
  const char *token = object != NULL ? slip_json_string (object, "accessToken") : NULL;
  const char *end = object != NULL ? slip_json_string (object, "expiresAt") : NULL;
  g_autofree char *zoned = NULL;
  gint64 end_us;

  if (token == NULL || end == NULL)
    {
      needs_login (profile, "there is no single sign-on session", error);
      return NULL;
    }
  /* Old versions of the AWS CLI wrote `2026-01-01T00:00:00UTC`. */
  zoned = g_str_has_suffix (end, "UTC") ? g_strdup_printf ("%.*sZ", (int)(strlen (end) - 3), end)
                                        : g_strdup (end);
  if (!slip_time_parse (zoned, &end_us) || end_us <= slip_clock_now (slip_clock_get_system ()))
    {
      needs_login (profile, "the single sign-on session has expired", error);
      return NULL;
    }
  return g_strdup (token);
}

/* An override is for tests and private networks, as the AWS SDKs have it. */
static SlipAwsEndpoint *
portal (const Sso *sso, GError **error)
{
  const char *override = g_getenv ("AWS_ENDPOINT_URL_SSO");
  SlipAwsEndpoint *endpoint = g_new0 (SlipAwsEndpoint, 1);
  g_autoptr (GUri) uri = override != NULL && *override != '\0'
                             ? g_uri_parse (override, G_URI_FLAGS_NONE, NULL)
                             : NULL;

  endpoint->path = g_strdup ("");
  if (uri != NULL && g_uri_get_host (uri) != NULL)
    {
      endpoint->scheme = g_strdup (g_uri_get_scheme (uri));
      endpoint->host = g_strdup (g_uri_get_host (uri));
      endpoint->port = g_uri_get_port (uri);
      return endpoint;
    }
  endpoint->scheme = g_strdup ("https");
  endpoint->host = g_strdup_printf ("portal.sso.%s.%s", sso->region,
                                    slip_aws_partition_dns_suffix (sso->region));
  endpoint->port = -1;
  return endpoint;
}

static SlipAwsCredentials *
parse_answer (const SlipAwsResponse *response, const Sso *sso, const char *profile, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (g_bytes_get_data (response->body, NULL),
                                               (gssize)g_bytes_get_size (response->body), NULL);
  JsonObject *object = slip_json_node_object (node);
  JsonObject *keys = object != NULL ? slip_json_object (object, "roleCredentials") : NULL;
  const char *message = object != NULL ? slip_json_string (object, "message") : NULL;
  g_autofree char *source
      = g_strdup_printf ("single sign-on role %s of %s", sso->role, sso->account);
  SlipAwsCredentials *credentials = NULL;

  if (response->status == 401)
    {
      needs_login (profile, "the single sign-on session is refused", error);
      return NULL;
    }
  if (response->status == 200 && keys != NULL)
    credentials = slip_aws_credentials_from_json (keys, "accessKeyId", "secretAccessKey",
                                                  "sessionToken", "expiration", source);
  if (credentials == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "%s is refused (HTTP %u)%s%s",
                 source, response->status, message != NULL ? ": " : "",
                 message != NULL ? message : "");
  return credentials;
}

SlipAwsCredentials *
slip_aws_sso_fetch (SlipAwsConfig *config,
                    const char *profile,
                    GCancellable *cancellable,
                    GError **error)
{
  Sso sso = {0};
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/federation/credentials");
  g_autoptr (SlipAwsEndpoint) endpoint = NULL;
  g_autoptr (SlipAwsResponse) response = NULL;
  SlipAwsExchange exchange
      = {.request = request, .user_agent = "Slipway", .timeout_s = 30, .deadline_s = 300};
  gboolean maybe_sent;
  gboolean timed_out;
  char *token;

  if (!read_sso (config, profile, &sso, error))
    return NULL;
  token = read_token (&sso, profile, error);
  if (token == NULL)
    return NULL;
  slip_aws_request_add_query (request, "role_name", sso.role);
  slip_aws_request_add_query (request, "account_id", sso.account);
  slip_aws_headers_set (request->headers, "x-amz-sso_bearer_token", token);
  slip_aws_secret_free (token);
  endpoint = portal (&sso, error);
  exchange.endpoint = endpoint;
  response = slip_aws_transport_send (&exchange, &maybe_sent, &timed_out, cancellable, error);
  if (response == NULL)
    {
      g_prefix_error (error, "single sign-on: ");
      return NULL;
    }
  return parse_answer (response, &sso, profile, error);
}
