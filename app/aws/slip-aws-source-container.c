/* SPDX-License-Identifier: MIT */

/* The container credentials endpoint, which `aws-vault exec --ecs-server` offers too. A full URI is
 * believed only where no network lies between, because the answer is a secret and the question carries
 * one. */

#include "slip-aws-source.h"

#include "slip-aws-error.h"
#include "slip-aws-transport.h"
#include "slip-file.h"
#include "slip-json.h"

#include <string.h>

#define MAX_TOKEN_FILE (64 * 1024)

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

gboolean
slip_aws_container_is_configured (void)
{
  return variable ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != NULL
         || variable ("AWS_CONTAINER_CREDENTIALS_FULL_URI") != NULL;
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "container credentials: %s",
               message);
  return FALSE;
}

/* Loopback, and the two addresses that ECS and EKS give to their own agents. */
static gboolean
is_trusted (const char *scheme, const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (g_str_equal (scheme, "https"))
    return TRUE;
  if (g_str_equal (host, "localhost") || g_str_equal (host, "169.254.170.2")
      || g_str_equal (host, "169.254.170.23"))
    return TRUE;
  return address != NULL && g_inet_address_get_is_loopback (address);
}

static gboolean
find_place (SlipAwsEndpoint *endpoint, SlipAwsRequest *request, GError **error)
{
  const char *relative = variable ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  g_autofree char *url = relative != NULL
                             ? g_strconcat ("http://169.254.170.2", relative, NULL)
                             : g_strdup (variable ("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  g_autoptr (GUri) uri
      = url != NULL ? g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL)
                    : NULL;
  g_autofree char *target = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https")))
    return fail (error, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no http or https URL");
  if (!is_trusted (g_uri_get_scheme (uri), g_uri_get_host (uri)))
    return fail (error, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https or name a loopback "
                        "address");
  endpoint->scheme = g_strdup (g_uri_get_scheme (uri));
  endpoint->host = g_strdup (g_uri_get_host (uri));
  endpoint->port = g_uri_get_port (uri);
  endpoint->path = g_strdup ("");
  target = g_uri_get_query (uri) != NULL
               ? g_strdup_printf ("%s?%s", g_uri_get_path (uri), g_uri_get_query (uri))
               : g_strdup (g_uri_get_path (uri));
  return slip_aws_request_set_target (request, target) || fail (error, "its path is malformed");
}

static gboolean
add_token (SlipAwsRequest *request, GError **error)
{
  const char *file = variable ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const char *token = variable ("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  if (file == NULL)
    {
      if (token != NULL)
        slip_aws_headers_set (request->headers, "Authorization", token);
      return TRUE;
    }
  bytes = slip_file_read (file, MAX_TOKEN_FILE, error);
  if (bytes == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_strstrip (text);
  if (strpbrk (text, "\r\n") == NULL)
    slip_aws_headers_set (request->headers, "Authorization", text);
  slip_aws_secret_free (text);
  return slip_aws_headers_get (request->headers, "Authorization") != NULL
         || fail (error, "the token file has more than one line");
}

SlipAwsCredentials *
slip_aws_container_fetch (GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipAwsEndpoint) endpoint = g_new0 (SlipAwsEndpoint, 1);
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autoptr (SlipAwsResponse) response = NULL;
  g_autoptr (JsonNode) node = NULL;
  SlipAwsExchange exchange = {.endpoint = endpoint,
                              .request = request,
                              .user_agent = "Slipway",
                              .timeout_s = 5,
                              .deadline_s = 60};
  SlipAwsCredentials *credentials = NULL;
  gboolean maybe_sent;
  gboolean timed_out;

  if (!find_place (endpoint, request, error) || !add_token (request, error))
    return NULL;
  response = slip_aws_transport_send (&exchange, &maybe_sent, &timed_out, cancellable, error);
  if (response == NULL)
    {
      g_prefix_error (error, "container credentials: ");
      return NULL;
    }
  if (response->status == 200)
    node = slip_json_parse (g_bytes_get_data (response->body, NULL),
                            (gssize)g_bytes_get_size (response->body), NULL);
  if (slip_json_node_object (node) != NULL)
    credentials
        = slip_aws_credentials_from_json (json_node_get_object (node), "AccessKeyId",
                                          "SecretAccessKey", "Token", "Expiration", "container");
  if (credentials == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                 "container credentials: the endpoint answered HTTP %u without credentials",
                 response->status);
  return credentials;
}
